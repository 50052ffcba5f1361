//! `pm report` without the tools: figures in cycles, and what flipped bits led to.

use crate::pm::{pm, scratch};
use serde_json::Value;

#[test]
fn cycles_are_counted_without_the_tools() {
    let run = pm(&["report", "--geometry", "tiny+boot", "--geometry", "tiny+chain", "--geometry", "tiny", "--cycles", "--json"]);
    assert_eq!(run.code, 0, "{}", run.errors);
    let report: Value = serde_json::from_str(&run.output).expect("it is JSON");
    let rows = report["cycles"].as_array().expect("there are some");
    let boot: Vec<(u64, u64)> = rows[0]["boot"]
        .as_array()
        .expect("a boot each")
        .iter()
        .map(|boot| (boot["words"].as_u64().unwrap(), boot["cycles"].as_u64().unwrap()))
        .collect();
    assert_eq!(boot.iter().map(|boot| boot.0).collect::<Vec<_>>(), [11, 16, 21, 11]);
    assert!(boot[0].1 < boot[1].1 && boot[1].1 < boot[2].1, "{boot:?}");
    assert_eq!((&rows[1]["digest"]["further"], &rows[1]["boot"]), (&401.into(), &Value::Array(vec![])));
    assert_eq!((&rows[2]["digest"], &rows[2]["latency_cycles"]), (&Value::Null, &4.into()));
    assert_eq!(report["figures"], Value::Array(vec![]), "nothing was placed");
}

#[test]
fn flips_are_read_from_the_campaign_that_counted_them() {
    let file = scratch("report_flips.json", "");
    std::fs::remove_file(&file).expect("it was there");
    let run = pm(&["report", "--geometry", "tiny", "--cycles", "--upset", &file]);
    assert_eq!(run.code, 2, "{}", run.output);
    assert!(run.errors.contains("there is no such file; pm upset --out makes it"), "{}", run.errors);
    let shard = ["upset", "--geometry", "tiny+integrity", "--shard", "1/500", "--out", &file];
    assert_eq!(pm(&shard).code, 0);
    let run = pm(&["report", "--geometry", "tiny", "--cycles", "--upset", &file]);
    assert_eq!(run.code, 0, "{}", run.errors);
    let line = run.output.lines().last().expect("the last line is the campaign");
    assert!(line.starts_with("tiny+integrity") && !line.contains("MISSED") && !line.contains("changed"), "{}", run.output);
    let json = pm(&["report", "--geometry", "tiny", "--cycles", "--json", "--upset", &file]);
    let report: Value = serde_json::from_str(&json.output).expect("it is JSON");
    let upsets = &report["upsets"][0];
    assert_eq!((&upsets["current"], &upsets["unauthorised"], &upsets["met"]), (&true.into(), &0.into(), &true.into()));
    assert!(upsets["finished"].as_u64() < upsets["flips"].as_u64());
}

#[test]
fn a_file_of_something_else_is_named() {
    let file = scratch("report_no_flips.json", "{}");
    let run = pm(&["report", "--geometry", "tiny", "--cycles", "--upset", &file]);
    assert_eq!(run.code, 2, "{}", run.output);
    assert!(run.errors.contains("no results of `pm upset`"), "{}", run.errors);
}
