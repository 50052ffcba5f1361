//! The upset campaign, and whether it notices what it is for.

use pm_designs::Design;
use pm_interface::{Command, Geometry};
use pm_sim::upset::{UpsetCampaign, UpsetCounts, UpsetPlan, UpsetResults};
use pm_sim::UsageError;
use pm_verilog::Change;

fn plan(geometry: &str, shard: usize, shards: usize) -> UpsetPlan {
    UpsetPlan { geometry: geometry.into(), moments: 4, seed: 1, shard, shards, only: String::new() }
}

fn finish(mut campaign: UpsetCampaign) -> UpsetResults {
    while campaign.step().unwrap() {}
    campaign.results().clone()
}

/// All flips in the part of the design whose instance path holds `part`.
fn of_block<'a>(results: &'a UpsetResults, part: &'a str) -> impl Iterator<Item = u64> + 'a {
    let blocks = results.blocks.iter().filter(move |(block, _)| block.contains(part));
    blocks.map(|(_, counts)| counts.unauthorised)
}

#[test]
fn a_shard_of_tiny_runs_and_resumes() {
    let plan = plan("tiny", 3, 200);
    let whole = finish(UpsetCampaign::new(&plan).unwrap());
    assert_eq!(whole.finished, whole.flips);
    let flips = whole.bits * 4;
    assert!((flips / 200..=flips / 200 + 1).contains(&whole.flips), "{} of {flips}", whole.flips);
    let counted: u64 = whole.blocks.values().map(|counts| counts.harmless + counts.misreported).sum();
    assert!(counted > 0 && counted < whole.flips as u64, "some flips are seen and some are not: {whole:?}");

    let mut begun = UpsetCampaign::new(&plan).unwrap();
    for _ in 0..20 {
        assert!(begun.step().unwrap());
    }
    let kept = serde_json::to_string(begun.results()).unwrap();
    let mut resumed = UpsetCampaign::new(&plan).unwrap();
    resumed.resume(serde_json::from_str(&kept).unwrap()).unwrap();
    assert_eq!(finish(resumed), whole);
    let mut other = UpsetCampaign::new(&UpsetPlan { seed: 2, ..plan }).unwrap();
    assert!(other.resume(whole).unwrap_err().to_string().contains("another campaign"));
}

/// The cells that hold state are those that the emitted text clocks, found by a second reader, line by line.
#[test]
fn the_state_is_what_the_text_declares() {
    let geometry = Geometry::preset("tiny").unwrap();
    let text = pm_designs::emit(&geometry).unwrap();
    let state = pm_designs::state(&geometry).unwrap();
    let cells: std::collections::BTreeSet<&str> = state.iter().map(|element| element.cell.as_str()).collect();
    // A variable that changes with the clock is assigned with `<=` behind `always @(posedge`.
    let mut module = "";
    let mut clocked = std::collections::BTreeSet::new();
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("module ") {
            module = name.trim_end_matches([' ', '(']);
        }
        if line.starts_with("always @(posedge") {
            clocked.insert(module);
        }
    }
    assert_eq!(clocked, cells);
    let instances = |cell: &str| text.matches(&format!("\n    {cell} ")).count();
    assert!(cells.iter().all(|cell| instances(cell) > 0));
}

/// Without the comparison of CAM and shadow page table, one wrong bit in either is enough.
#[test]
fn a_design_without_the_agreement_is_found_out() {
    let geometry = Geometry::preset("tiny").unwrap();
    let sound = pm_designs::emit(&geometry).unwrap();
    let changes = Change::parse("one witness is enough", "respond: mine is finding.mapped").unwrap();
    let spoilt = Design::Core.emit_changed(&geometry, &changes).unwrap();
    let plan = UpsetPlan { moments: 8, ..plan("tiny", 1, 1) };
    let results = finish(UpsetCampaign::of(&plan, &spoilt).unwrap());
    assert!(of_block(&results, "shadow_table").sum::<u64>() > 0, "{}", results.text());
    let results = finish(UpsetCampaign::of(&plan, &sound).unwrap());
    assert_eq!(of_block(&results, "shadow_table").sum::<u64>() + of_block(&results, "lookup").sum::<u64>(), 0);
}

/// With the feature `integrity` no single upset is a grant, and what decides is never wrong in silence.
#[test]
fn every_bit_of_tiny_with_integrity() {
    let results = finish(UpsetCampaign::new(&plan("tiny+integrity", 1, 1)).unwrap());
    assert_eq!(results.shortcomings(), [""; 0], "{}", results.text());
    assert!(results.passed() && results.total.denied_with_alert > 1000);
}

/// With `lockstep` as well nothing is wrong in silence: what is read, counted or logged neither. Every flip ends harmless,
/// corrected, or denied with an alert.
#[test]
fn every_bit_of_tiny_with_integrity_in_lockstep() {
    let results = finish(UpsetCampaign::new(&plan("tiny+integrity+lockstep", 1, 1)).unwrap());
    assert_eq!(results.shortcomings(), [""; 0], "{}", results.text());
    let UpsetCounts { harmless, corrected, denied_with_alert, .. } = results.total;
    assert_eq!(harmless + corrected + denied_with_alert, results.flips as u64, "{}", results.text());
    let log = results.registers["partition_manager.reporting.first.audit.memory"];
    assert!(log.denied_with_alert > 1000, "{}", results.text());
}

/// The traffic asks for every command that changes something, and each goes well at least once.
#[test]
fn every_command_that_changes_something_goes_well() {
    use Command::{Create, Destroy, Protect, Resize, Seal, Share};
    for (geometry, commands) in [("tiny+integrity", 4), ("tiny+boot+integrity", 4), ("tiny+dynamic+integrity", 6)] {
        let campaign = UpsetCampaign::new(&plan(geometry, 1, 1)).unwrap();
        let done = campaign.done();
        for command in &[Create, Destroy, Protect, Seal, Resize, Share][..commands] {
            assert!(done.contains_key(command), "{geometry}: {command:?} never goes well: {done:?}");
        }
    }
}

/// What the gate computes of pool and window may be wrong for a cycle, in any cycle in which it looks: it asks again.
#[test]
fn every_cycle_of_the_boot_gate() {
    for geometry in ["tiny+integrity", "tiny+boot+integrity"] {
        let plan = UpsetPlan { moments: 160, only: "boot_gate".into(), ..plan(geometry, 1, 1) };
        let results = finish(UpsetCampaign::new(&plan).unwrap());
        // Who asks again opens three cycles later, before software knows that it is open.
        assert_eq!(results.total.unauthorised + results.total.hang + results.total.denied_silently, 0, "{}", results.text());
    }
    let nothing = UpsetPlan { only: "nowhere".into(), ..plan("tiny", 1, 1) };
    let refusal = UpsetCampaign::new(&nothing).err().unwrap();
    assert!(refusal.is::<UsageError>() && refusal.to_string().contains("`nowhere`"), "{refusal}");
}

/// As above, with commands that let blocks grow, shrink and be shared.
#[test]
fn every_bit_of_tiny_with_dynamic_and_integrity() {
    let results = finish(UpsetCampaign::new(&plan("tiny+dynamic+integrity", 1, 1)).unwrap());
    assert_eq!(results.shortcomings(), [""; 0], "{}", results.text());
    assert!(results.passed() && results.total.denied_with_alert > 1000);
}

/// As above, opened by a signed manifest with a partition and quotas; part of the flips hit its loader at work.
#[test]
fn a_part_of_tiny_with_boot_and_integrity() {
    let results = finish(UpsetCampaign::new(&plan("tiny+boot+integrity", 1, 4)).unwrap());
    assert!(results.passed(), "{}", results.text());
    // A tag that was wrong is told.
    let buffer = results.registers.get("partition_manager.boot.buffer_0.memory").expect("it keeps the words");
    assert!(buffer.denied_with_alert > 10, "{}", results.text());
}

/// With `lockstep` a bit that flips in the twin, or in what compares, closes both ports with an alert, or nobody sees it.
#[test]
fn a_part_of_tiny_in_lockstep() {
    let results = finish(UpsetCampaign::new(&plan("tiny+lockstep", 1, 8)).unwrap());
    let mut closed = 0;
    let compares =
        |block: &str| ["twin", "check_0"].iter().any(|part| block.starts_with(&format!("partition_manager.data_path.{part}")));
    for (block, counts) in results.blocks.iter().filter(|(block, _)| compares(block)) {
        let row = counts.row().iter().sum::<u64>();
        assert_eq!(counts.harmless + counts.corrected + counts.denied_with_alert, row, "{block}: {}", results.text());
        closed += counts.denied_with_alert;
    }
    assert!(closed > 50, "{}", results.text());
}
