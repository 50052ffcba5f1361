//! The workflow of campaigns: that snakemake understands it, and that its merger loses nothing.

use crate::pm::scratch;
use crate::tidy::project;
use pm_bsp::tools::{Tool, Toolbox};
use serde_json::{json, Value};
use std::process::Command;

/// Runs snakemake with a configuration, if it is here: whether all went well, and what it said.
fn snakemake(configuration: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let snakemake = match Toolbox::discover().find(Tool::Snakemake) {
        Ok(snakemake) => snakemake,
        Err(error) => {
            println!("skipped: {error:#}");
            return None;
        }
    };
    let mut command = Command::new(snakemake);
    command.args(["-s", "workflow/Snakefile", "--cores", "1", "--nolock", "--configfile", configuration]).args(arguments);
    let ended = command.current_dir(project("")).output().unwrap();
    let text = String::from_utf8_lossy(&ended.stdout).into_owned() + &String::from_utf8_lossy(&ended.stderr);
    Some((ended.status.success(), text))
}

#[test]
fn snakemake_plans_every_shard() {
    let Some((planned, text)) = snakemake("workflow/small.yaml", &["--dry-run", "--forceall"]) else { return };
    assert!(planned, "{text}");
    for rule in ["upset", "fault", "mutate", "prove", "cosim"] {
        for part in 1..=2 {
            assert!(text.contains(&format!("/{rule}/tiny.{part}of2.json")), "{rule} {part}: {text}");
        }
    }
    assert!(text.contains("/cosim/tiny+boot.1of1.json") && text.contains("/size/tiny.1of1.json"), "{text}");
}

#[test]
#[cfg(unix)]
fn a_shard_that_is_refused_is_no_result_and_one_that_found_something_is() {
    use std::os::unix::fs::PermissionsExt;
    for (code, rule_fails, said) in [(2, true, "Error in rule cosim"), (1, false, "tiny.1of1.json: seed 1: otherwise")] {
        // In place of `pm`: leaves a finished result, and ends with this code.
        let found = seeds(1, 1, "a", json!([{"seed": 1, "what": "otherwise", "steps": []}]));
        let text = format!("#!/bin/sh\nwhile [ \"$1\" != --out ]; do shift; done\necho '{found}' >\"$2\"\nexit {code}\n");
        let program = scratch(&format!("refuses-{code}"), text);
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let folder = format!("{}/refused-{code}", env!("CARGO_TARGET_TMPDIR"));
        let _ = std::fs::remove_dir_all(&folder);
        let cosim = json!({"seeds": 4, "steps": 4, "geometries": {"tiny": 1}});
        let configuration =
            scratch(&format!("refused-{code}.yaml"), json!({"pm": program, "folder": folder, "cosim": cosim}).to_string());
        let Some((passed, text)) = snakemake(&configuration, &[]) else { return };
        assert!(!passed && text.contains(said), "{text}");
        assert_eq!(text.contains("Error in rule cosim"), rule_fails, "{text}");
    }
}

/// What the merger makes of shards: exit code, merged JSON, standard error.
fn merged(name: &str, shards: &[Value]) -> (Value, String) {
    let [result, page] = ["json", "md"].map(|kind| scratch(&format!("merged-{name}.{kind}"), ""));
    let files = shards.iter().enumerate().map(|(place, shard)| scratch(&format!("shard-{name}-{place}.json"), shard.to_string()));
    let mut merge = Command::new("python3");
    merge.arg(project("workflow/merge.py")).args([&result, &page]).args(files);
    let ended = merge.output().expect("python3 starts");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let merged = serde_json::from_str(&std::fs::read_to_string(result).unwrap()).unwrap();
    (merged, String::from_utf8(ended.stderr).unwrap())
}

fn mutants(shard: usize, finished: u64, survived: u64) -> Value {
    let counts = json!({"model": 37, "load": 1, "proof": 0, "equivalent": 1, "survived": survived});
    let plan = json!({"geometry": "tiny", "shard": shard, "shards": 2});
    json!({"plan": plan, "mutants": 40, "finished": finished, "total": counts, "blocks": {"admit": counts}, "survivors": []})
}

#[test]
fn shards_are_summed_and_what_is_wrong_is_named() {
    let (sum, errors) = merged("sound", &[mutants(1, 40, 1), mutants(2, 40, 1)]);
    assert_eq!((&sum["problems"], errors.as_str()), (&json!([]), ""));
    assert_eq!(sum["campaigns"]["mutate tiny"]["total"]["model"], 74);
    assert_eq!(sum["campaigns"]["mutate tiny"]["blocks"]["admit"]["survived"], 2);
    let (_, errors) = merged("cut", &[mutants(1, 39, 1)]);
    assert!(errors.contains("shard-cut-0.json: 39 of 40 finished") && errors.contains("1 of 2 shards"), "{errors}");
    let (_, errors) = merged("weak", &[mutants(1, 40, 1), mutants(2, 40, 9)]);
    assert!(errors.contains("76 killed, 10 survived"), "{errors}");
    let (_, errors) = merged("odd", &[json!({"plan": {}})]);
    assert!(errors.contains("shard-odd-0.json"), "{errors}");
}

fn seeds(shard: usize, shards: usize, design: &str, differing: Value) -> Value {
    let differences = differing.as_array().unwrap().len();
    let plan = json!({"geometry": "tiny", "shard": shard, "shards": shards});
    let total = json!({"seeds": 4, "steps": 100, "differences": differences});
    json!({"plan": plan, "design": design, "seeds": 4, "finished": 4, "total": total, "differing": differing})
}

#[test]
fn seeds_that_differ_and_shards_of_another_design_are_named() {
    let (sum, errors) = merged("equal", &[seeds(1, 2, "a", json!([])), seeds(2, 2, "a", json!([]))]);
    assert_eq!((&sum["campaigns"]["cosim tiny"]["total"]["steps"], errors.as_str()), (&json!(200), ""));
    let found = json!([{"seed": 6, "what": "step 0: otherwise\nthan it should", "steps": ["Read(0)"]}]);
    let (sum, errors) = merged("differing", &[seeds(1, 2, "a", json!([])), seeds(2, 2, "a", found.clone())]);
    assert!(errors.contains("shard-differing-1.json: seed 6: step 0: otherwise than it should"), "{errors}");
    assert_eq!(sum["campaigns"]["cosim tiny"]["found"], found);
    let (_, errors) = merged("designs", &[seeds(1, 2, "a", json!([])), seeds(2, 2, "b", json!([]))]);
    assert!(errors.contains("shard-designs-1.json: of another design than the shards before it"), "{errors}");
}

#[test]
fn proofs_are_kept_and_what_is_not_proven_or_not_done_is_named() {
    let shard = |shard: u32, outcome: &str, errors: serde_json::Value| {
        let finished = 2 - errors.as_array().map_or(0, Vec::len);
        let finding = json!({"property": "closed", "geometry": "tiny", "claim": "f", "outcome": outcome, "seconds": 1.5});
        let plan = json!({"names": ["f"], "geometry": null, "limit": 600, "shard": shard, "shards": 2});
        let findings = vec![finding; finished];
        json!({"plan": plan, "design": "a", "proofs": 2, "finished": finished, "findings": findings, "errors": errors})
    };
    let (sum, errors) = merged("proven", &[shard(1, "proven", json!([])), shard(2, "proven", json!([]))]);
    assert_eq!((sum["proofs"].as_array().map(Vec::len), errors.as_str()), (Some(4), ""));
    let (_, errors) = merged("bounded", &[shard(1, "proven", json!([])), shard(2, "bounded", json!([]))]);
    assert!(errors.contains("shard-bounded-1.json: closed on tiny: bounded"), "{errors}");
    let unsettled = json!([{"property": "open", "geometry": "cu", "fault": null, "error": "yosys failed"}]);
    let (_, errors) = merged("unsettled", &[shard(1, "proven", json!([])), shard(2, "proven", unsettled)]);
    assert!(errors.contains("1 of 2 finished") && errors.contains("open on cu: yosys failed"), "{errors}");
    let (_, errors) = merged("unproven", &[shard(1, "proven", json!([]))]);
    assert!(errors.contains("proofs: 1 of 2 shards"), "{errors}");
}

#[test]
fn sizes_are_kept_and_a_goal_that_is_missed_is_named() {
    let goal = |met: bool| json!({"what": "logic cells, at most", "goal": 2000.0, "measured": 2001.0, "met": met});
    let size = |met: bool| {
        let report = json!({"logic_cells": 2001, "block_rams": 10, "fmax_mhz": null});
        let figures = json!([{"geometry": "cu", "design": "data_path", "goals": [goal(met)], "report": report}]);
        let left = json!([{"geometry": "cu", "kind": "too_large", "reason": "it is"}]);
        json!({"figures": figures, "not_measured": left})
    };
    let (sum, errors) = merged("size", &[size(true)]);
    assert_eq!((&sum["sizes"], errors.as_str()), (&json!([size(true)]), ""));
    let (_, errors) = merged("large", &[size(false)]);
    assert!(errors.contains("shard-large-0.json: cu data_path: logic cells, at most 2000, measured 2001.0"), "{errors}");
}
