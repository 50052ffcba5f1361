//! The command lines of proofs and of the netlist's faults.

use crate::pm::{pm, scratch};
use pm_bsp::tools::{Tool, Toolbox};
use pm_proof::mapped::BLOCKS;
use pm_proof::rules::RULES;
use pm_properties::PROPERTIES;
use std::path::Path;

#[test]
fn verdicts_are_kept_and_not_found_again() {
    if let Err(error) = pm_proof::ready() {
        eprintln!("skipped: {error:#}");
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kept_proofs");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let (out, work) = (folder.join("proofs.json"), folder.join("work"));
    let arguments = [
        "prove",
        "boot_closed",
        "wishbone_within_cycle",
        "--quick",
        "--out",
        out.to_str().unwrap(),
        "--work",
        work.to_str().unwrap(),
    ];
    let first = pm(&arguments);
    assert_eq!(first.code, 0, "{}{}", first.output, first.errors);
    let kept = std::fs::read_to_string(&out).unwrap();
    let results: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!((&results["finished"], results["errors"].as_array().map(Vec::len)), (&results["proofs"], Some(0)), "{kept}");
    // The second run starts no tool: its folder stays as it is without one.
    std::fs::remove_dir_all(&work).unwrap();
    let second = pm(&arguments);
    assert_eq!((second.code, &second.output), (0, &first.output));
    let left = std::fs::read_dir(&work).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(left.filter(|path| path.extension().is_some_and(|kind| kind == "v")).count(), 0);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), kept);
    // On standard output the JSON is alone.
    let place = arguments.iter().position(|word| *word == out.to_str().unwrap()).unwrap();
    let mut standard = arguments;
    standard[place] = "-";
    let printed = pm(&standard);
    let found: serde_json::Value =
        serde_json::from_str(&printed.output).unwrap_or_else(|error| panic!("{error}: {}", printed.output));
    assert_eq!((printed.code, &found["finished"]), (0, &found["proofs"]));
    // Another question is not answered with it.
    let other = pm(&[&arguments[..], &["--faults"]].concat());
    assert!(other.code == 2 && other.errors.contains("name another file"), "{}", other.errors);
}

#[test]
fn the_command_line_lists_refuses_and_shows() {
    let listed = pm(&["prove", "--list", "--json"]);
    assert_eq!(listed.code, 0, "{}", listed.errors);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listed.output).unwrap();
    assert_eq!(rows.len(), PROPERTIES.len() + RULES.len() + BLOCKS.len());
    let unknown = pm(&["prove", "no_such_property"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.errors.contains("no_such_property") && unknown.errors.contains("--list"), "{}", unknown.errors);
    let nothing = pm(&["prove", "wishbone_stays", "boot_closed", "--geometry", "tiny"]);
    assert!(nothing.code == 2 && nothing.errors.contains("\"wishbone_stays\" leads to no proof"), "{}", nothing.errors);
    if let Err(error) = pm_proof::ready() {
        eprintln!("skipped: {error:#}");
        return;
    }
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shown");
    let noticed = pm(&["prove", "boot_closed", "--faults", "--json", "--work", out.to_str().unwrap()]);
    assert_eq!(noticed.code, 0, "{}{}", noticed.output, noticed.errors);
    let results: serde_json::Value = serde_json::from_str(&noticed.output).unwrap();
    let found = &results["findings"];
    assert_eq!(found[0]["outcome"], "failed");
    assert!(Path::new(found[0]["vcd"].as_str().unwrap()).is_file());
}

#[test]
fn a_campaign_of_faults_goes_on_where_it_stopped_and_refuses_other_files() {
    if let Err(error) = Toolbox::discover().find(Tool::Yosys) {
        eprintln!("skipped: {error:#}");
        return;
    }
    let out = scratch("faults.json", "no JSON");
    let refused = pm(&["fault", "--cycles", "400", "--out", &out]);
    assert_eq!(refused.code, 2);
    assert!(refused.errors.contains("faults.json") && refused.errors.contains("pm fault"), "{}", refused.errors);
    std::fs::remove_file(&out).unwrap();
    let arguments = ["fault", "--cycles", "400", "--shard", "1/4", "--json", "--out", &out];
    let first = pm(&arguments);
    assert_eq!(first.code, 1, "the plain design has silent grants: {}", first.errors);
    assert_eq!(pm(&arguments).output, first.output);
    let other = pm(&["fault", "--cycles", "401", "--shard", "1/4", "--out", &out]);
    assert_eq!(other.code, 2);
    assert!(other.errors.contains("another campaign"), "{}", other.errors);
}
