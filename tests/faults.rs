//! Faults seeded into the design, one after the other: every one must be noticed.
//!
//! ```text
//!   design --change--> emit --> Verilog --Verilator--> lockstep, load, every request, upsets --> a check objects
//!                                   '--- cocotb, proofs of the bus rules ----------------------> a check objects
//! ```
//!
//! A fault is a change of the syntax tree ([`table`]): nothing is copied and nothing is compiled again. Faults of what a feature adds
//! are emitted with it. `PM_FAULTS=digest` runs those with the word in their name, or in the name of what they are emitted for;
//! `PM_FAULTS==tiny` those that are emitted for just that.
//!
//! A quick test makes sure that each fault still fits its design. The suite itself is slow; it prints which check noticed what.

mod table;

use crate::bench::{open, preset};
use crate::boot::meddling;
use crate::chain::holds;
use crate::cocotb;
use crate::conformance::{disagreement, replay_kept};
use crate::exhaustive::{ask, some_contents};
use crate::scrub::scrub;
use crate::tidy::{project, sources};
use anyhow::Result;
use pm_designs::{changed, Design};
use pm_interface::{Geometry, Kind, Reason, Rights, Status};
use pm_proof::rules::{Guard, RULES};
use pm_proof::{ready, ProofOutcome, Prover};
use pm_rtl::guard::axi4::Axi4Options;
use pm_rtl::guard::wishbone::WishboneOptions;
use pm_sim::device::{Access, Operation};
use pm_sim::load::{load, resizing_load};
use pm_sim::upset::{UpsetCampaign, UpsetCounts, UpsetPlan};
use pm_sim::{Device, Pins, Scenario, Verilated};
use pm_verilog::Change;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::time::{Duration, Instant};
use table::{Fault, FAULTS};

/// Cycles that a device gets; one that hangs gets no further.
const LIMIT: u64 = 1 << 20;

/// The Verilog of a design with these changes.
fn emit(design: &str, changes: &[Change]) -> Result<String> {
    let (name, interface) = design.split_once(' ').unwrap_or((design, "core"));
    let kind = match (name, interface) {
        ("axi_lite", _) => return changed::axi_lite_control(changes),
        ("apb", _) => return changed::apb_control(changes),
        (_, "core") => Design::Core,
        (_, "wishbone") => Design::Wishbone(WishboneOptions::default()),
        (_, "axi4") => Design::Axi4(Axi4Options::default()),
        (_, "axi4_sources") => Design::Axi4(Axi4Options { sources: 4, ..Axi4Options::default() }),
        (_, "wishbone_sources") => Design::Wishbone(WishboneOptions { sources: 4, ..WishboneOptions::default() }),
        _ => panic!("{design} is no design"),
    };
    kind.emit_changed(&preset(name), changes)
}

/// The Verilog of a fault's design with the fault in it.
fn spoilt(fault: &Fault) -> Result<String> {
    emit(fault.design, &Change::parse(fault.name, fault.change)?)
}

/// The designs of some faults, without any fault.
fn sound<'a>(faults: impl Iterator<Item = &'a Fault>) -> BTreeMap<&'static str, String> {
    let designs: BTreeSet<&str> = faults.map(|fault| fault.design).collect();
    designs.into_iter().map(|design| (design, emit(design, &[]).unwrap_or_else(|error| panic!("{design}: {error:#}")))).collect()
}

#[test]
fn every_fault_fits_its_design() {
    let sound = sound(FAULTS.iter());
    let mut wrong = Vec::new();
    for fault in FAULTS {
        match spoilt(fault) {
            Ok(text) if text == sound[fault.design] => wrong.push(format!("{}: it changes nothing", fault.name)),
            Ok(_) => {}
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} faults do not fit:\n{}", wrong.len(), FAULTS.len(), wrong.join("\n"));
    let names: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.name).collect();
    assert!(names.len() == FAULTS.len() && FAULTS.len() >= 141);
}

/// The first column of the datasheet's table of defences.
fn datasheet() -> BTreeSet<String> {
    let text = fs::read_to_string(project("rtl/README.md")).expect("the datasheet is there");
    let chapter = text.split("\n## Defences\n").nth(1).expect("it has a chapter of defences");
    let table = chapter.lines().skip_while(|line| !line.starts_with("| tag")).take_while(|line| line.starts_with('|'));
    table.filter_map(|row| row.strip_prefix("| `")?.split('`').next().map(String::from)).collect()
}

/// The signals that the changes of a fault drive, without what stands around them.
fn driven(fault: &Fault) -> BTreeSet<String> {
    let changes = Change::parse(fault.name, fault.change).unwrap_or_else(|error| panic!("{error}"));
    changes.iter().flat_map(Change::names).filter_map(|name| name.split('.').next().map(String::from)).collect()
}

#[test]
fn every_defence_is_in_the_datasheet_and_has_its_fault() {
    let mut tags = BTreeSet::new();
    for (path, text) in sources("rtl/src") {
        for tag in text.lines().filter_map(|line| line.trim().strip_prefix("// SEC_CM: ")) {
            // The fault changes something that this file has.
            let fits = |fault: &&Fault| {
                fault.tag == Some(tag) && driven(fault).iter().any(|name| text.contains(&format!("self.{name}")))
            };
            assert!(FAULTS.iter().any(|fault| fits(&fault)), "{}: no fault removes {tag}", path.display());
            tags.insert(tag.to_string());
        }
    }
    for fault in FAULTS {
        assert!(fault.tag.is_none_or(|tag| tags.contains(tag)), "{}: no such tag", fault.name);
    }
    assert_eq!(tags, datasheet(), "tags in the RTL, and defences in rtl/README.md");
}

/// Makes devices of this text, each open.
fn opener(geometry: &Geometry, verilog: &str) -> impl Fn() -> Box<dyn Pins> {
    let fresh = Verilated::of(geometry, verilog).expect("Verilator compiles it");
    move || {
        let mut device = fresh.again().expect("it starts again").limited(LIMIT);
        device.reset().expect("it resets");
        open(&mut device);
        Box::new(device)
    }
}

/// A check that objects by a panic has returned: nothing to object to.
fn held<T>(check: impl FnOnce() -> T) -> bool {
    check();
    false
}

/// A check objects by returning true, or by a panic.
type Check<'a> = (&'a str, Box<dyn Fn() -> bool + 'a>);

/// Whether the gate stays closed for a pool of no bytes, which random steps may not ask for.
fn refuses_an_empty_pool(device: &mut dyn Device) -> bool {
    let (pool_base, _, window_base) = device.geometry().default_setup();
    device.reset().is_ok() && device.activate(pool_base, 0, window_base) == Ok(Status::BadSize)
}

/// Whether an access is answered otherwise than it must be when the CAM does not agree with the page table. A CAM that is stuck stands
/// for upsets in it: where it finds nothing the page counts as revoked, and where it finds another row nobody gets anything.
fn trusts_one_witness(name: &str, changes: &[Change]) -> bool {
    [("hit is false", Reason::InvalidPartition), ("differs is true", Reason::Integrity)].into_iter().any(|(stuck, expected)| {
        let mut all = Change::parse("a CAM that is stuck", &format!("lookup.entries: {stuck}")).expect("it is a change");
        all.extend_from_slice(changes);
        let verilog = emit(name, &all).unwrap_or_else(|error| panic!("{error:#}"));
        let geometry = preset(name);
        let (_, _, window_base) = geometry.default_setup();
        let mut device = opener(&geometry, &verilog)();
        let rights = Rights { read: true, ..Rights::default() };
        let created = device.command(&Operation::create(0, window_base, geometry.granule(), rights)).expect("it is answered");
        assert_eq!(created.status, Status::Ok);
        let answer = device.translate(&[Access::new(0, window_base, 1, Kind::Read)])[0];
        (answer.granted, answer.reason) != (false, expected)
    })
}

/// How single upsets end, by block: see [`UpsetCounts`].
fn ends(name: &str, verilog: &str) -> BTreeMap<String, UpsetCounts> {
    let plan = UpsetPlan { geometry: name.into(), moments: 4, seed: 1, shard: 1, shards: 1, only: String::new() };
    let mut campaign = UpsetCampaign::of(&plan, verilog).expect("the run without an upset is as it should be");
    while campaign.step().expect("the simulator runs on") {}
    campaign.results().blocks.clone()
}

/// Whether upsets end worse than in the sound design, in some block: more often in a grant, or less often in a denial and an alert.
/// Without parity some upsets are grants in the sound design, too.
fn upsets_end_worse(name: &str, verilog: &str, sound: &str) -> bool {
    let (sound, found) = (ends(name, sound), ends(name, verilog));
    found.iter().any(|(block, found)| {
        let sound = sound.get(block).copied().unwrap_or_default();
        found.unauthorised > sound.unauthorised || found.denied_with_alert < sound.denied_with_alert
    })
}

/// What fails first on this text of a preset: the checks of its features, or those of the plain design; `sound` is the text without
/// a fault.
fn objection(name: &str, verilog: &str, sound: &str, changes: &[Change]) -> Option<String> {
    let geometry = preset(name);
    let opened = opener(&geometry, verilog);
    let (geometry, opened) = (&geometry, &opened);
    let checks: Vec<Check> = if geometry.features.integrity {
        let campaign = move |seed| {
            let plan = UpsetPlan { geometry: name.into(), moments: 4, seed, shard: 1, shards: 1, only: String::new() };
            let mut campaign = UpsetCampaign::of(&plan, verilog).expect("the run without a flip is as it should be");
            while campaign.step().expect("the simulator runs on") {}
            campaign.results().shortcomings().iter().for_each(|what| eprintln!("    {what}"));
            !campaign.results().shortcomings().is_empty()
        };
        vec![
            ("lockstep", Box::new(move || disagreement(geometry, 25, opened).is_some())),
            ("campaign", Box::new(move || campaign(1))),
            // At the moments of one seed alone no grant may be in a register.
            ("another campaign", Box::new(move || campaign(3))),
            ("a third campaign", Box::new(move || campaign(4))),
        ]
    } else if geometry.features.dynamic {
        let scenario = Scenario::load(&project("tests/scenarios/dynamic.toml")).expect("it is a scenario");
        vec![
            ("scrubbing", Box::new(move || held(|| scrub(opened().as_mut())))),
            ("scenario", Box::new(move || !scenario.run(opened().as_mut(), &mut |_| ()).passed)),
            ("load", Box::new(move || held(|| drop(resizing_load(opened(), 12))))),
            ("lockstep", Box::new(move || disagreement(geometry, 60, opened).is_some())),
        ]
    } else if geometry.features.boot {
        let scenario = |name| Scenario::load(&project(name)).expect("it is a scenario");
        let (boot, quota) = (scenario("tests/scenarios/boot.toml"), scenario("tests/scenarios/quota.toml"));
        vec![
            ("boot", Box::new(move || !boot.run(opened().as_mut(), &mut |_| ()).passed)),
            ("quota", Box::new(move || !quota.run(opened().as_mut(), &mut |_| ()).passed)),
            ("meddling", Box::new(move || held(|| meddling(opened().as_mut())))),
            ("lockstep", Box::new(move || disagreement(geometry, 60, opened).is_some())),
        ]
    } else if geometry.features.chain {
        vec![
            ("chain", Box::new(move || held(|| holds(opened().as_mut())))),
            // What a record costs elsewhere, a chain pays 401 cycles for.
            ("lockstep", Box::new(move || disagreement(geometry, 25, opened).is_some())),
            ("load", Box::new(move || held(|| drop(load(opened(), 40))))),
        ]
    } else {
        let scenario = Scenario::load(&project("tests/scenarios/alerts.toml")).expect("it is a scenario");
        let alerts = geometry.features.alerts;
        vec![
            ("scenario", Box::new(move || alerts && !scenario.run(opened().as_mut(), &mut |_| ()).passed)),
            ("gate", Box::new(move || !refuses_an_empty_pool(opened().as_mut()))),
            ("lockstep", Box::new(move || disagreement(geometry, 250, opened).is_some())),
            ("found once", Box::new(move || held(|| replay_kept(|_| opened())))),
            ("load", Box::new(move || held(|| drop(load(opened(), 40))))),
            ("every request", Box::new(move || held(|| ask(opened().as_mut(), &some_contents(geometry, 20, 1))))),
            ("one witness", Box::new(move || trusts_one_witness(name, changes))),
            ("upsets", Box::new(move || upsets_end_worse(name, verilog, sound))),
        ]
    };
    let fails = |check: &dyn Fn() -> bool| catch_unwind(AssertUnwindSafe(check)).unwrap_or(true);
    checks.iter().find(|(_, check)| fails(check)).map(|(name, _)| name.to_string())
}

/// Which rule of the Wishbone guard fails with these changes, if they are about the guard.
fn broken_rule(changes: &[Change]) -> Option<&'static str> {
    let is_guard = |change: &Change| ["guard", "merge"].contains(&change.block().split('.').next().unwrap_or_default());
    if changes.is_empty() || !changes.iter().all(is_guard) {
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fault_rules");
    let verilog = changed::wishbone_guard(changes).unwrap_or_else(|error| panic!("{error:#}"));
    ready().expect("the provers are installed: ./scripts/setup test");
    let prover = Prover::new(folder, Duration::from_secs(120)).expect("the folder can be made");
    let fails = |rule: &&pm_proof::rules::Rule| {
        let outcome = prover.prove_rule_of(rule, &verilog, false).unwrap_or_else(|error| panic!("{}: {error:#}", rule.name));
        matches!(outcome, ProofOutcome::Failed { .. })
    };
    RULES.iter().filter(|rule| rule.guard == Guard::Wishbone).find(fails).map(|rule| rule.name)
}

/// What objects to a design behind a bus: a proof of a rule of the bus, or the drivers of cocotb's buses.
fn bus_objection(design: &str, verilog: &str, changes: &[Change]) -> Option<String> {
    let suite = match design.split_once(' ') {
        Some((_, interface)) => interface,
        None if design == "apb" => "apb_control",
        None => "axi_lite_control",
    };
    let rule = if suite == "wishbone" { broken_rule(changes) } else { None };
    rule.map(String::from).or_else(|| cocotb::objects(suite, verilog).then(|| format!("cocotb {suite}")))
}

/// A design with an interface, or an interface alone.
fn is_bus(design: &str) -> bool {
    design.contains(' ') || ["axi_lite", "apb"].contains(&design)
}

#[test]
#[ignore = "slow: Verilator compiles each fault"]
fn every_seeded_fault_is_noticed() {
    let start = Instant::now();
    let wanted = std::env::var("PM_FAULTS").unwrap_or_default();
    let is_chosen = |fault: &&Fault| match wanted.strip_prefix('=') {
        Some(design) => fault.design == design,
        None => fault.name.contains(&wanted) || fault.design.contains(&wanted),
    };
    let chosen: Vec<&Fault> = FAULTS.iter().filter(is_chosen).collect();
    assert!(!chosen.is_empty(), "no fault has `{wanted}` in its name or design");
    let sound = sound(chosen.iter().copied());
    let by = |design: &str, verilog: &str, changes: &[Change]| match is_bus(design) {
        true => bus_objection(design, verilog, changes),
        false => objection(design, verilog, &sound[design], changes),
    };
    for (design, verilog) in &sound {
        assert_eq!(by(design, verilog, &[]), None, "without any fault, {design}");
    }
    let mut unnoticed = Vec::new();
    for fault in &chosen {
        let changes = Change::parse(fault.name, fault.change).unwrap_or_else(|error| panic!("{error}"));
        let verilog = emit(fault.design, &changes).unwrap_or_else(|error| panic!("{error:#}"));
        assert_ne!(verilog, sound[fault.design], "{} changes nothing", fault.name);
        let noticed = by(fault.design, &verilog, &changes);
        eprintln!(
            "{:<56} {:<12} {:<18} {}",
            fault.name,
            fault.design,
            fault.tag.unwrap_or(""),
            noticed.as_deref().unwrap_or("NOT NOTICED")
        );
        unnoticed.extend(noticed.is_none().then_some(fault.name));
    }
    eprintln!("{} faults, {} s", chosen.len(), start.elapsed().as_secs());
    assert_eq!(unnoticed, [""; 0]);
}
