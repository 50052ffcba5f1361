//! A campaign ends with one line that compares the work done with the work given, and fails where there was none.

use super::{tools, Place};
use serde_json::Value;

#[test]
fn the_last_line_of_a_campaign_is_its_verdict() {
    if !tools() {
        eprintln!("skipped: ./scripts/setup test installs Verilator and yosys");
        return;
    }
    let place = Place::new();
    let upset = ["upset", "--geometry", "tiny+integrity", "--only", "boot_gate", "--moments", "1", "--out", "results"];
    let run = place.does(&upset);
    let kept: Value = serde_json::from_str(&place.read("results")).unwrap();
    let flips = kept["flips"].as_u64().unwrap();
    let last = run.output.lines().last().unwrap();
    assert_eq!(last, format!("passed: {flips} of {flips} flips done; 0 unauthorised grants"));
    assert!(place.names() == ["results"], "{:?}", place.names());
    // The same in JSON, and on standard output.
    let json = place.does(&[&upset[..7], &["--out", "-"]].concat()).output;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["passed"], json["verdict"].as_str()), (&true.into(), Some(last)));
    // Results that count otherwise than they say are refused.
    for (key, value) in [("finished", flips - 1), ("finished", flips + 1)] {
        let mut false_results = kept.clone();
        false_results[key] = value.into();
        place.write("results", false_results.to_string());
        place.refuses(&upset, "are said to be done");
    }
    // Nothing to do is no success.
    let nothing = place.pm(&["cosim", "--geometry", "tiny", "--seeds", "2", "--shard", "3/3"]);
    assert_eq!(nothing.code, 1, "{}", nothing.errors);
    assert!(
        nothing.output.lines().last().unwrap().starts_with("FAILED: there was nothing to do: part 3 of 3"),
        "{}",
        nothing.output
    );
    let seeds = place.does(&["cosim", "--geometry", "tiny", "--seeds", "2"]);
    assert!(seeds.output.lines().last().unwrap().starts_with("passed: 2 of 2 seeds done; "), "{}", seeds.output);
}

/// Shards side by side in one folder keep their results apart, whatever they are called.
#[test]
fn shards_side_by_side_keep_their_results_apart() {
    if !tools() {
        eprintln!("skipped: ./scripts/setup test installs Verilator");
        return;
    }
    let place = Place::new();
    let shard = |part: usize| {
        let (shard, out) = (format!("{part}/300"), format!("r.{part}"));
        place.command(&["upset", "--geometry", "tiny", "--moments", "1", "--shard", &shard, "--out", &out]).spawn().unwrap()
    };
    let children: Vec<_> = (1..=3).map(shard).collect();
    for mut child in children {
        assert!(child.wait().unwrap().code().is_some());
    }
    for part in 1..=3 {
        let kept: Value = serde_json::from_str(&place.read(&format!("r.{part}"))).unwrap();
        assert_eq!(kept["plan"]["shard"], part);
    }
    assert_eq!(place.names(), ["r.1", "r.2", "r.3"]);
}
