//! Cycles a second of RustHDL's simulator: `cargo run -p pm-stepper --example speed -- [GEOMETRY [SECONDS]]`.

use pm_interface::Geometry;
use pm_model::Access;
use pm_stepper::{stepper, Offered};
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "tiny".into());
    let seconds: f64 = arguments.next().map_or(1.0, |text| text.parse().expect("SECONDS is a number"));
    let geometry = Geometry::preset(&name).unwrap_or_else(|error| panic!("{error}"));
    let mut design = stepper(&geometry).unwrap();
    let (start, limit) = (Instant::now(), Duration::from_secs_f64(seconds));
    let mut cycles = 0u64;
    while start.elapsed() < limit {
        // Two ports at full load: the addresses differ from cycle to cycle.
        let access = Access { tenant: (cycles % 2) as u8, address: cycles % 32, length: 1, kind: 0 };
        design.drive(&Offered { translate: Some(access), physical: Some(access), register: None });
        design.settle();
        design.tick();
        cycles += 1;
    }
    println!("{name}: {:.0} cycles/s", cycles as f64 / start.elapsed().as_secs_f64());
}
