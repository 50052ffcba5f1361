//! The RTL against the golden model: the same random steps on both (`pm_sim::cosim`). A disagreement shrinks to the few
//! steps that show it; those are printed with their seed, and kept in `kept` under a name.

use crate::bench::{open_model, open_rtl, open_verilated, preset, Liar, Lie};
use pm_interface::registers::{irq, offset};
use pm_interface::{Command, Geometry, Reason, AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};
use pm_sim::cosim::{compare, explore, Explored, RandomStep, SeedCampaign, SeedPlan, Subject};
use pm_sim::device::{Access, Operation};
use pm_sim::{rtl_device, Device, Pins, Scenario};
use std::path::Path;
use std::time::Instant;

#[test]
fn every_scenario_passes_on_the_rtl() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let scenario = Scenario::load(&path).unwrap();
        let mut device = rtl_device(&scenario.geometry).unwrap();
        let report = scenario.run(device.as_mut(), &mut |_| ());
        assert_eq!(report.failures(), 0, "{}:\n{}", path.display(), report.text(None));
        seen += 1;
    }
    assert!(seen >= 3);
}

/// What was found once: name, geometry, steps.
fn kept() -> Vec<(&'static str, &'static str, Vec<RandomStep>)> {
    use RandomStep::{Drain, Physical, Read, Run, Translate, Write};
    let denied = Access { tenant: u8::MAX, address: 0, length: 1, kind: 0 };
    let full = |last: RandomStep| [vec![Run(Operation::query(0)); AUDIT_RECORDS - AUDIT_RESERVED - 1], vec![last]].concat();
    let both = [Translate(denied), Physical(denied), Translate(denied), Physical(denied), Drain(AUDIT_WORDS as u8)];
    vec![
        ("after a translate denial the physical port has its turn", "tiny", [&full(Translate(denied)), &both[..]].concat()),
        ("after a physical denial the translate port has its turn", "tiny", [&full(Physical(denied)), &both[..]].concat()),
        ("a command that finds the log full is refused", "tiny", vec![Run(Operation::query(0)); AUDIT_RECORDS + 2]),
        (
            "an acknowledged fault is no fault",
            "tiny",
            vec![
                Physical(Access { address: 5, ..denied }),
                Write(offset::IRQ_STATUS, irq::DENIAL),
                Read(offset::FAULT_INFO),
                Read(offset::FAULT_ADDRESS_LO),
                Physical(denied),
            ],
        ),
    ]
}

/// What was found once, on devices that `open` opens.
pub fn replay_kept<D: Into<Subject>>(open: impl Fn(&Geometry) -> D) {
    for (name, geometry, steps) in kept() {
        let outcome = compare(&mut open(&preset(geometry)).into(), &steps);
        assert!(outcome.is_ok(), "{name}: {}", outcome.unwrap_err());
    }
}

#[test]
fn what_was_found_once_agrees() {
    replay_kept(open_rtl);
}

/// Explores an implementation; a disagreement is told so that it can be kept.
fn agree(name: &str, open: fn(&Geometry) -> Box<dyn Pins>, cases: u32, longest: usize, seed: u64) -> usize {
    let geometry = preset(name);
    let start = Instant::now();
    let Explored { steps, failure } = explore(&geometry, cases, longest, seed, || open(&geometry));
    if let Some((list, reason)) = failure {
        let lines: Vec<String> = list.iter().map(|step| format!("    {step:?},")).collect();
        panic!("{name}, seed {seed}, after {steps} steps: {reason}; keep this in `kept`:\n{}", lines.join("\n"));
    }
    eprintln!("{name}, seed {seed}: {steps} steps agree, {:.1} s", start.elapsed().as_secs_f64());
    steps
}

/// What random lists of steps find wrong with a device, if anything.
pub fn disagreement<D: Into<Subject>>(geometry: &Geometry, cases: u32, open: impl Fn() -> D) -> Option<String> {
    explore(geometry, cases, 60, 5, open).failure.map(|(steps, reason)| format!("{} steps: {reason}", steps.len()))
}

#[test]
fn random_steps_agree_on_tiny() {
    agree("tiny", open_rtl, 40, 100, 1);
}

#[test]
fn random_steps_agree_on_cu() {
    agree("cu", open_rtl, 4, 100, 2);
}

#[test]
fn random_steps_agree_on_tiny_with_alerts() {
    agree("tiny+alerts", open_rtl, 40, 100, 13);
}

/// A record takes 401 cycles here: most of it is done in the emitted Verilog.
#[test]
fn random_steps_agree_on_tiny_with_a_chain() {
    agree("tiny+chain", open_rtl, 4, 40, 8);
    agree("tiny+chain", open_verilated, 60, 100, 9);
}

#[test]
fn random_steps_agree_on_tiny_with_resize_and_share() {
    agree("tiny+dynamic", open_rtl, 40, 100, 11);
}

#[test]
fn random_steps_agree_on_cu_with_resize_and_share() {
    agree("cu+dynamic", open_rtl, 4, 100, 12);
}

/// Manifests of every kind, right and wrong, and what goes on after them.
#[test]
fn random_steps_agree_on_tiny_with_authenticated_boot() {
    agree("tiny+boot", open_rtl, 12, 100, 21);
    agree("tiny+boot", open_verilated, 200, 100, 22);
}

#[test]
fn random_steps_agree_on_cu_with_authenticated_boot() {
    agree("cu+boot", open_rtl, 2, 40, 23);
    agree("cu+boot", open_verilated, 40, 100, 24);
}

#[test]
fn random_steps_agree_on_tiny_with_every_feature() {
    agree("tiny+dynamic+chain+boot+alerts+integrity", open_verilated, 40, 100, 25);
}

#[test]
fn random_steps_agree_on_the_board_with_every_feature() {
    agree("mcu+dynamic+chain+boot+alerts+integrity", open_verilated, 30, 100, 27);
}

/// The guards cost RustHDL's simulator much time: most of it is done in the emitted Verilog.
#[test]
fn random_steps_agree_on_tiny_with_integrity() {
    agree("tiny+integrity", open_rtl, 4, 60, 13);
    agree("tiny+integrity", open_verilated, 100, 100, 14);
    agree("tiny+dynamic+integrity", open_verilated, 100, 100, 15);
}

#[test]
fn random_steps_agree_on_cu_with_integrity() {
    agree("cu+integrity", open_verilated, 40, 100, 16);
    agree("cu+dynamic+integrity", open_verilated, 40, 100, 17);
}

#[test]
fn random_steps_agree_on_soc32() {
    agree("soc32", open_rtl, 1, 100, 3);
}

/// RESIZE and SHARE in the emitted Verilog.
#[test]
#[ignore = "slow: 2 * 10^5 steps"]
fn many_random_steps_agree_with_resize_and_share() {
    let steps = agree("cu+dynamic", open_verilated, 150, 800, 112) + agree("tiny+dynamic", open_verilated, 1500, 200, 111);
    assert!(steps >= 200_000);
}

/// The emitted Verilog: RustHDL's simulator would need hours.
#[test]
#[ignore = "slow: 10^6 steps"]
fn a_million_random_steps_agree() {
    let start = Instant::now();
    let steps = agree("soc32", open_verilated, 6, 1000, 103)
        + agree("cu", open_verilated, 400, 800, 102)
        + agree("tiny", open_verilated, 9500, 200, 101);
    eprintln!("{steps} steps agree, {} s", start.elapsed().as_secs());
    assert!(steps >= 1_000_000);
}

#[test]
fn a_device_that_grants_too_much_is_found_and_shrunk() {
    let geometry = preset("tiny");
    let lies: [(&str, Lie); 4] = [
        ("a kind that is not permitted is granted", |liar| {
            liar.translation = |verdict| verdict.granted |= verdict.reason == Reason::Permission;
        }),
        ("the end of a partition is not looked at", |liar| {
            liar.translation = |verdict| verdict.granted |= verdict.reason == Reason::OutOfRange && verdict.slot == 1;
        }),
        ("an isolated block is allowed", |liar| {
            liar.physical = |verdict| verdict.allowed |= verdict.reason == Reason::Isolated;
        }),
        ("SEAL is ignored", |liar| {
            liar.swallow = |register, value| register == offset::CMD && value == u32::from(Command::Seal.code())
        }),
    ];
    for (lie, tell) in lies {
        let explored = explore(&geometry, 400, 60, 4, || -> Box<dyn Device> {
            let mut liar = Box::new(Liar::honest(open_model(&geometry)));
            tell(&mut liar);
            liar
        });
        let (steps, reason) = explored.failure.unwrap_or_else(|| panic!("unnoticed in {} steps: {lie}", explored.steps));
        assert!(steps.len() <= 6, "{lie}: {} steps are not short: {steps:?}", steps.len());
        eprintln!("{lie}: {} steps show it: {reason}", steps.len());
    }
}

/// The campaign over a text of `tiny` with so many seeds.
fn seeds(seeds: usize, text: &str) -> SeedCampaign {
    let plan = SeedPlan { geometry: "tiny".into(), seeds, first: 1, steps: 60, shard: 1, shards: 1 };
    SeedCampaign::of(&plan, text).unwrap()
}

#[test]
fn seeds_of_a_sound_design_go_on_where_they_stopped() {
    let text = pm_designs::emit(&preset("tiny")).unwrap();
    let (mut whole, mut begun) = (seeds(4, &text), seeds(4, &text));
    while whole.step().unwrap() {}
    assert!(whole.results().passed() && whole.results().total.seeds == 4 && whole.results().total.steps > 0);
    assert!(begun.step().unwrap() && begun.step().unwrap());
    let mut resumed = seeds(4, &text);
    resumed.resume(begun.results().clone()).unwrap();
    while resumed.step().unwrap() {}
    assert_eq!(resumed.results(), whole.results());
    let error = seeds(5, &text).resume(begun.results().clone()).unwrap_err().to_string();
    assert!(error.contains("of another campaign"), "{error}");
    let error = seeds(4, &format!("{text}\n")).resume(begun.results().clone()).unwrap_err().to_string();
    assert!(error.contains("of another text"), "{error}");
}

#[test]
fn a_wrong_design_is_named_with_its_seed() {
    let changes = pm_verilog::Change::parse("rights are inverted", "permission: outcome.d.permitted is !it").unwrap();
    let wrong = pm_designs::Design::Core.emit_changed(&preset("tiny"), &changes).unwrap();
    let mut campaign = seeds(8, &wrong);
    while campaign.step().unwrap() {}
    let results = campaign.results();
    assert!(!results.passed() && results.total.differences as usize == results.differing.len(), "{}", results.text());
    let finding = &results.differing[0];
    assert!((1..=8).contains(&finding.seed) && !finding.steps.is_empty(), "{}", results.text());
    assert!(results.text().contains(&format!("seed {}: ", finding.seed)), "{}", results.text());
}
