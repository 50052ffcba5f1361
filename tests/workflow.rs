//! The workflow of campaigns: that snakemake understands it, and that its merger loses nothing.

use crate::pm::scratch;
use crate::tidy::project;
use pm_bsp::tools::{Tool, Toolbox};
use serde_json::{json, Value};
use std::process::Command;

#[test]
fn snakemake_plans_every_shard() {
    let snakemake = match Toolbox::discover().find(Tool::Snakemake) {
        Ok(snakemake) => snakemake,
        Err(error) => return println!("skipped: {error:#}"),
    };
    let mut plan = Command::new(snakemake);
    plan.args(["-s", "workflow/Snakefile", "--configfile", "workflow/small.yaml", "--dry-run", "--forceall", "--cores", "1"]);
    let planned = plan.current_dir(project("")).output().unwrap();
    let text = String::from_utf8_lossy(&planned.stdout).into_owned() + &String::from_utf8_lossy(&planned.stderr);
    assert!(planned.status.success(), "{text}");
    for rule in ["upset", "fault", "mutate", "prove"] {
        for part in 1..=2 {
            assert!(text.contains(&format!("/{rule}/tiny.{part}of2.json")), "{rule} {part}: {text}");
        }
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
