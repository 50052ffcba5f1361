//! Proofs: the quick ones in every run, all of them in the slow one; and each must fail where a fault is seeded.

use pm_bsp::tools::{Tool, Toolbox};
use pm_designs::Design;
use pm_interface::Geometry;
use pm_proof::fault::{self, FaultCampaign, FaultPlan};
use pm_proof::mapped::BLOCKS;
use pm_proof::mutants::{blocks, mutants, mutated, Mutant};
use pm_proof::mutation;
use pm_proof::rules::RULES;
use pm_proof::simulate::simulate;
use pm_proof::{design, ready, ProofFinding, ProofOutcome, Prover};
use pm_properties::{Property, SeededFault, Top, PROPERTIES};
use pm_verilog::{names, Change};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

fn prover(name: &str, seconds: u64) -> Option<Prover> {
    if let Err(error) = ready() {
        eprintln!("skipped: {error:#}");
        return None;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    Some(Prover::new(folder, Duration::from_secs(seconds)).expect("the folder can be made"))
}

fn prove(prover: &Prover, property: &Property, geometry: &str, fault: Option<&SeededFault>) -> ProofFinding {
    let geometry = Geometry::preset(geometry).expect("it is a geometry");
    let found = prover.prove(property, &geometry, fault).unwrap_or_else(|error| panic!("{}: {error:#}", property.name));
    let what = fault.map_or("", |fault| fault.name);
    eprintln!("{:<24} {:<5} {:6.1} s {what}", property.name, geometry.name, found.seconds);
    found
}

/// `PM_PROOFS=boot` runs those with the word in their name.
fn wanted() -> impl Iterator<Item = &'static Property> {
    let word = std::env::var("PM_PROOFS").unwrap_or_default();
    PROPERTIES.iter().filter(move |property| property.name.contains(&word))
}

fn quick() -> impl Iterator<Item = &'static Property> {
    wanted().filter(|property| property.quick)
}

#[test]
fn properties_have_names_of_their_own_and_faults() {
    let names: BTreeSet<&str> = PROPERTIES.iter().map(|property| property.name).collect();
    assert_eq!(names.len(), PROPERTIES.len());
    let claims: BTreeSet<char> = PROPERTIES.iter().map(|property| property.claim).collect();
    assert_eq!(claims.into_iter().collect::<String>(), "abcdefgh");
    for property in PROPERTIES {
        assert!(!property.faults.is_empty(), "{}: what cannot fail proves nothing", property.name);
        let geometry = Geometry::preset(property.geometries[0]).unwrap();
        let emitted = |fault| design(property, &geometry, fault).unwrap_or_else(|error| panic!("{}: {error:#}", property.name));
        let sound = emitted(None);
        for fault in property.faults {
            assert_ne!(emitted(Some(fault)), sound, "{}: {}", property.name, fault.name);
        }
    }
}

#[test]
fn the_quick_properties_hold() {
    let Some(prover) = prover("proofs", 300) else { return };
    for property in quick() {
        let found = prove(&prover, property, property.geometries[0], None);
        assert!(matches!(found.outcome, ProofOutcome::Proven { .. }), "{}: {:?}", property.name, found.outcome);
    }
}

#[test]
fn a_seeded_fault_makes_each_quick_proof_fail() {
    let Some(prover) = prover("spoilt", 300) else { return };
    for property in quick() {
        // The first is enough here; the slow test asks for each.
        let found = prove(&prover, property, property.geometries[0], Some(&property.faults[0]));
        let ProofOutcome::Failed { cycle, vcd, table } = found.outcome else { panic!("{}: {:?}", property.name, found.outcome) };
        assert!(cycle > 0 && vcd.is_file(), "{}", property.name);
        let verdict = table.lines().rev().find(|line| line.starts_with(property.output)).expect("the verdict is in the table");
        // A point stands for what was in the cycle before.
        assert!(verdict.trim_end_matches([' ', '.']).ends_with('0'), "{}: {verdict}", property.name);
    }
}

#[test]
fn rules_of_the_bus_have_names_and_faults_of_their_own() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    for rule in RULES {
        let changes = rule.fault.changes().unwrap();
        let text = rule.guard.design(&changes).unwrap_or_else(|error| panic!("{}: {error:#}", rule.name));
        assert_ne!(text, rule.guard.design(&[]).unwrap(), "{}", rule.name);
        // One assertion, and no other.
        assert_eq!(rule.text().matches(": assert (").count(), 1, "{}", rule.name);
    }
}

#[test]
fn the_quick_rules_of_the_bus_hold_and_can_fail() {
    let Some(prover) = prover("rules", 300) else { return };
    for rule in RULES.iter().filter(|rule| rule.quick) {
        let found = prover.prove_rule(rule, false).unwrap_or_else(|error| panic!("{}: {error:#}", rule.name));
        assert!(matches!(found.outcome, ProofOutcome::Proven { .. }), "{}: {:?}", rule.name, found.outcome);
        let found = prover.prove_rule(rule, true).unwrap_or_else(|error| panic!("{}: {error:#}", rule.name));
        assert!(matches!(found.outcome, ProofOutcome::Failed { .. }), "{}: {:?}", rule.name, found.outcome);
    }
}

#[test]
#[ignore = "slow: every proof, and every fault"]
fn every_property_holds_and_every_seeded_fault_is_noticed() {
    let prover = prover("proofs-all", 1800).expect("the tools are there");
    let mut wrong = Vec::new();
    for property in wanted() {
        for geometry in property.geometries {
            wrong.push(prove(&prover, property, geometry, None));
        }
        for fault in property.faults {
            wrong.push(prove(&prover, property, property.geometries[0], Some(fault)));
        }
    }
    wrong.retain(|found| !found.is_as_it_should_be());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn plan(geometry: &str, cycles: usize, flat: bool) -> FaultPlan {
    FaultPlan { geometry: geometry.into(), flat, cycles, seed: 1, shard: 1, shards: 1 }
}

fn campaign(geometry: &str, cycles: usize, folder: &str) -> FaultCampaign {
    campaign_of(&plan(geometry, cycles, false), folder)
}

fn campaign_of(plan: &FaultPlan, folder: &str) -> FaultCampaign {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    FaultCampaign::new(plan, &folder).expect("yosys maps it")
}

#[test]
fn faults_of_the_netlist_are_found_and_counted_once() {
    if prover("netlists", 1).is_none() {
        return;
    }
    let mut plain = campaign("tiny", 3000, "netlists");
    let (given, refused, _) = plain.sound();
    assert!(given > 300 && refused > 300, "traffic that shows something: {given} given, {refused} refused");
    plain.step();
    let half = plain.results().clone();
    while plain.step() {}
    let results = plain.results().clone();
    let counts = results.total;
    assert_eq!(counts.harmless + counts.refused + counts.alerted + counts.silent, results.sites as u64);
    assert_eq!(counts.silent as usize, results.survivors.len());
    // Without parity one wrong gate can grant: a campaign that finds nothing here looks at nothing.
    assert!(results.survivors.iter().any(|survivor| survivor.block.starts_with("respond")), "{}", results.text());
    let mut again = campaign("tiny", 3000, "netlists");
    again.resume(half).expect("it is the same campaign");
    while again.step() {}
    assert_eq!(*again.results(), results, "resumed or not");
    let mut other = campaign("tiny", 2000, "netlists");
    assert!(other.resume(results).is_err(), "of another plan");
}

/// The geometry of the hardened design, with what is known to get through.
#[test]
fn parity_leaves_fewer_silent_grants() {
    if prover("netlists", 1).is_none() {
        return;
    }
    let share = |geometry: &str| {
        let mut campaign = campaign(geometry, 2000, "netlists");
        while campaign.step() {}
        let results = campaign.results();
        eprintln!("{}", results.text());
        results.total.silent as f64 / results.sites as f64
    };
    let (plain, guarded) = (share("tiny"), share("tiny+integrity"));
    assert!(guarded < plain / 2.0, "{guarded} of the gates with parity, {plain} without");
}

/// A twin a cycle behind: nothing gets through, not even of what synthesis makes of both data paths as one design. It is the
/// comparison that does it: where that says nothing, much gets through.
#[test]
fn a_twin_leaves_no_silent_grant() {
    if prover("netlists", 1).is_none() {
        return;
    }
    for (geometry, flat) in [("tiny+lockstep", false), ("tiny+lockstep", true), ("tiny+integrity+lockstep", true)] {
        let folder = if flat { "flat" } else { "netlists" };
        let mut campaign = campaign_of(&plan(geometry, 3000, flat), folder);
        let (given, _, objects) = campaign.sound();
        assert!(given > 300 && objects == 0, "{geometry}: {given} given, {objects} objections without a fault");
        while campaign.step() {}
        let results = campaign.results();
        assert!(results.passed() && results.total.alerted > 20, "{}", results.text());
    }
    let geometry = Geometry::preset("tiny+lockstep").unwrap();
    let changes = Change::parse("the twin is not heard", "check: tripped is broken.q").unwrap();
    let spoilt = Design::DataPath.emit_changed(&geometry, &changes).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("spoilt");
    let netlist = fault::map_verilog(&spoilt, "spoilt", false, &folder).expect("yosys maps it");
    let mut campaign = FaultCampaign::of(&plan("tiny+lockstep", 3000, false), netlist).unwrap();
    while campaign.step() {}
    assert!(campaign.results().total.silent > 300, "{}", campaign.results().text());
}

/// Monitors whose assumptions random traffic keeps.
#[test]
fn monitors_hold_in_simulation_and_notice_faults_there() {
    if let Err(error) = Toolbox::discover().find(Tool::Iverilog) {
        eprintln!("skipped: {error:#}");
        return;
    }
    let tiny = Geometry::preset("tiny").unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("simulated");
    let decisions = |property: &&Property| property.claim == 'a';
    let others = |property: &&Property| property.top == Top::Core && property.assumes.is_empty();
    // Of each monitor one; its other properties are read in the same cycles, but each run looks at one.
    let chosen = ["copies_agree", "rows_in_order", "boot_closed", "command_ends", "allocator_slot", "audit_denials"];
    let some = |property: &&Property| others(property) && chosen.contains(&property.name);
    for property in PROPERTIES.iter().filter(|property| decisions(property) || some(property)) {
        let told = simulate(property, &tiny, None, 8_000, 1, &folder).unwrap_or_else(|error| panic!("{error:#}"));
        eprintln!("{:<24} {told:?}", property.name);
        assert_eq!((told.failures, told.cycles), (0, 7_998), "{}", property.name);
        assert!(told.granted > 100, "{}: traffic that shows something: {told:?}", property.name);
    }
    for property in PROPERTIES.iter().filter(decisions) {
        // Random traffic meets what the fault changes in one of these seeds.
        let told = |seed| simulate(property, &tiny, Some(&property.faults[0]), 8_000, seed, &folder).unwrap();
        let noticed = (1..=8).map(told).find(|told| told.failures > 0);
        assert!(noticed.is_some_and(|told| told.granted > 0), "{}: no seed from 1 to 8 notices it", property.name);
    }
}

/// A netlist is mapped the same each time: names and nets are the campaign's keys.
#[test]
fn mapping_is_deterministic() {
    if prover("netlists", 1).is_none() {
        return;
    }
    let geometry = Geometry::preset("tiny").unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mapped");
    let sites = || fault::map(&geometry, false, &folder).expect("yosys maps it").sites;
    assert_eq!(sites(), sites());
}

/// What is not compared: the whole, which is too large, and what is wires only.
const NOT_COMPARED: [&str; 5] = ["partition_manager", "view", "reporting", "command_fence", "protection"];

#[test]
fn every_block_is_compared_with_its_netlist() {
    let text = pm_designs::emit(&Geometry::preset("tiny").unwrap()).unwrap();
    let blocks: BTreeSet<&str> = blocks(&text).into_iter().map(names::role).filter(|name| !NOT_COMPARED.contains(name)).collect();
    assert_eq!(BLOCKS.iter().map(|block| block.module).collect::<BTreeSet<_>>(), blocks);
    let names: BTreeSet<&str> = BLOCKS.iter().map(|block| block.name).collect();
    assert_eq!(names.len(), BLOCKS.len());
}

#[test]
fn netlists_are_the_text_and_a_wrong_one_is_not() {
    let Some(prover) = prover("netlists-compared", 300) else { return };
    let tiny = Geometry::preset("tiny").unwrap();
    for block in BLOCKS.iter().filter(|block| block.quick) {
        let compared = |faulty| prover.compare(block, &tiny, faulty).unwrap_or_else(|error| panic!("{}: {error:#}", block.name));
        let sound = compared(false);
        assert!(matches!(sound.outcome, ProofOutcome::Proven { .. }), "{}: {:?}", block.name, sound.outcome);
        let ProofOutcome::Failed { table, vcd, .. } = compared(true).outcome else {
            panic!("{}: an inverted cell is not noticed", block.name)
        };
        assert!(vcd.is_file() && table.contains("gate_") && table.contains("gold_"), "{}: {table}", block.name);
    }
}

/// The Verilog of `tiny`, with a change.
fn tiny_with(change: &str) -> String {
    let changes = if change.is_empty() { Vec::new() } else { Change::parse("a test", change).unwrap() };
    Design::Core.emit_changed(&Geometry::preset("tiny").unwrap(), &changes).unwrap_or_else(|error| panic!("{error:#}"))
}

#[test]
fn a_change_that_changes_nothing_is_no_mutant() {
    let Some(prover) = prover("alike", 120) else { return };
    let text = tiny_with("");
    let turned = tiny_with("extent: outcome.d.sized is (length <= max_length) & (length != 0)");
    assert_ne!(turned, text);
    assert_eq!(prover.alike("turned", [&text, &turned], "extent").unwrap(), Some(true));
    let spoilt = tiny_with("extent: outcome.d.sized takes == for !=");
    assert!(mutants(&text).iter().any(|mutant| mutated(&text, mutant) == spoilt), "it is one of the mutants");
    assert_eq!(prover.alike("spoilt", [&text, &spoilt], "extent").unwrap(), Some(false));
}

/// Of the whole the log's memory lies outside: what is written to it, and where, is compared all the same.
#[test]
fn what_only_other_commands_reach_is_no_mutant_of_the_whole() {
    let Some(prover) = prover("alike-whole", 120) else { return };
    let text = tiny_with("");
    let compared = |name, change| {
        let changed = tiny_with(change);
        assert_ne!(changed, text, "{change}");
        prover.alike(name, [&text, &changed], "partition_manager").unwrap()
    };
    assert_eq!(compared("unreached", "decoder: kind.resize is false"), Some(true));
    assert_eq!(compared("misplaced", "audit: memory.write_address is !it"), Some(false));
}

#[test]
fn mutants_are_judged_once_and_nearly_all_are_killed() {
    if Toolbox::discover().find(Tool::Verilator).is_err() {
        eprintln!("skipped: Verilator is not installed");
        return;
    }
    let plan = mutation::MutationPlan { geometry: "tiny".into(), sample: 24, seed: 1, steps: 300, limit: 0, shard: 1, shards: 1 };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants");
    let campaign = |plan: &mutation::MutationPlan| {
        mutation::MutationCampaign::new(plan, &folder).unwrap_or_else(|error| panic!("{error:#}"))
    };
    let mut whole = campaign(&plan);
    whole.step().unwrap();
    let begun = whole.results().clone();
    while whole.step().unwrap() {}
    let results = whole.results().clone();
    let counts = results.total;
    eprintln!("{}", results.text());
    assert_eq!(counts.model + counts.load + counts.survived, 24);
    // A survivor whose block answers as the sound one does, such as another held value of a register that is written in every
    // cycle, can be noticed by nobody.
    if let Some(prover) = prover("survivors", 120) {
        let text = tiny_with("");
        let is_alike = |mutant: &&Mutant| {
            let spoilt = mutated(&text, mutant);
            prover.alike(&format!("survivor-{}", mutant.number), [&text, &spoilt], &mutant.module).unwrap() == Some(true)
        };
        let alike = results.survivors.iter().filter(is_alike).count() as u64;
        assert!(counts.model + alike >= 18, "without proofs most are noticed all the same: {alike} are alike, {counts:?}");
    }
    let mut again = campaign(&plan);
    again.resume(begun).unwrap();
    while again.step().unwrap() {}
    assert_eq!(*again.results(), results, "resumed or not");
    let mut other = campaign(&mutation::MutationPlan { seed: 2, ..plan });
    assert!(other.resume(results).is_err(), "of another plan");
}
