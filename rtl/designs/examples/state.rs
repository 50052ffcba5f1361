//! Prints registers' bits and memories of a geometry.
fn main() {
    for name in std::env::args().skip(1) {
        let g = pm_interface::Geometry::named(&name).unwrap();
        let state = pm_designs::state(&g).unwrap();
        let bits: usize = state.iter().filter(|e| e.words == 1).map(|e| e.width).sum();
        println!("{name} registers {bits}");
        for e in state.iter().filter(|e| e.words > 1) {
            println!("   {} {}x{} {}", e.path.join("."), e.words, e.width, e.cell);
        }
    }
}
