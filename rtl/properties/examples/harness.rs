//! Prints the harness of a property: `cargo run -p pm-properties --example harness -- blocks_disjoint tiny FOLDER`.
use anyhow::{Context, Result};
use pm_interface::Geometry;
use pm_properties::{harness, Top, Use, PROPERTIES};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let geometry = Geometry::preset(&args[2])?;
    for property in PROPERTIES.iter().filter(|p| args[1] == "all" || p.name == args[1]) {
        let (design, ports) = match property.top {
            Top::Core => (pm_rtl::emit(&geometry)?, pm_rtl::with_shape!(&geometry, design => pm_verilog::ports_of(&design))),
            Top::DataPath | Top::Twins => (pm_rtl::shape::emit_data_path(&geometry)?, pm_rtl::with_shape!(&geometry, design => pm_verilog::ports_of(design.data_path()))),
        };
        let h = harness(property, &geometry, &design, &ports, Use::Proof).context(property.name)?;
        std::fs::write(format!("{}/{}_{}.v", args[3], property.name, args[2]), &h.verilog)?;
        let c: String = h.connects.iter().map(|(a, b)| format!("connect -set {a} {b}\n")).collect();
        std::fs::write(format!("{}/{}_{}.conn", args[3], property.name, args[2]), c)?;
    }
    Ok(())
}
