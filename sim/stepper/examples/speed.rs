//! Cycles a second of a design in RustHDL's own passes, and as it is stepped here:
//! `cargo run -p pm-stepper --example speed -- [GEOMETRY [SECONDS]]`.

use pm_interface::Geometry;
use pm_model::Access;
use pm_stepper::{stepper, Offered, Shown, Stepper};
use pm_verilog::cells::plainly;
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "tiny".into());
    let seconds: f64 = arguments.next().map_or(1.0, |text| text.parse().expect("SECONDS is a number"));
    let geometry = Geometry::preset(&name).unwrap_or_else(|error| panic!("{error}"));
    let (old_answers, old) = plainly(|| {
        run(&geometry, seconds, |design| {
            // The falling edge settles with the next cycle's inputs.
            design.settle();
            design.clock(true);
            design.settle();
            design.clock(false);
        })
    });
    let (answers, new) = run(&geometry, seconds, |design| {
        design.settle();
        design.tick();
    });
    // Answers have no `PartialEq`.
    let same = old_answers.iter().zip(&answers).all(|(old, new)| format!("{old:?}") == format!("{new:?}"));
    assert!(same, "{name}: the answers differ");
    let compared = old_answers.len().min(answers.len());
    println!(
        "{name}: {old:.0} cycles/s in RustHDL's own passes, {new:.0} here, {:.1} times as many; same answers in {compared} cycles",
        new / old
    );
}

/// What the ports show in each cycle for so many seconds, and cycles a second.
fn run(geometry: &Geometry, seconds: f64, cycle: impl Fn(&mut dyn Stepper)) -> (Vec<Shown>, f64) {
    let mut design = stepper(geometry).expect("a preset's widths are in every program");
    let (start, limit) = (Instant::now(), Duration::from_secs_f64(seconds));
    let mut answers = Vec::new();
    while start.elapsed() < limit {
        // Two ports at full load: the addresses differ from cycle to cycle.
        let place = answers.len() as u64;
        let access = Access { tenant: (place % 2) as u8, address: place % 32, length: 1, kind: 0 };
        design.drive(&Offered { translate: Some(access), physical: Some(access), register: None });
        cycle(design.as_mut());
        answers.push(design.shown());
    }
    let speed = answers.len() as f64 / start.elapsed().as_secs_f64();
    (answers, speed)
}
