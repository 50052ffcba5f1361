//! Replay of real traces on the golden model, and that a device that answers wrongly is noticed.

use crate::bench::{Liar, Lie};
use crate::pm::{pm, scratch, Run};
use pm_interface::registers::offset;
use pm_interface::Geometry;
use pm_sim::device::{PhysicalVerdict, Translation};
use pm_sim::replay::ReplayReport;
use pm_sim::{ModelDevice, Replay, ReplayOptions};
use std::path::{Path, PathBuf};

const TRACES: [&str; 3] = ["tests/traces/gzip.lackey.gz", "tests/traces/ls.lackey.gz", "tests/traces/sqlite3.lackey.gz"];

fn replay(arguments: &[&str]) -> Run {
    pm(&[&["replay", "--model"], arguments].concat())
}

fn json(arguments: &[&str]) -> (Run, serde_json::Value) {
    let run = replay(&[arguments, &["--json"]].concat());
    let report = serde_json::from_str(&run.output).unwrap_or_else(|error| panic!("{error}: {}{}", run.output, run.errors));
    (run, report)
}

#[test]
fn three_programs_run_as_three_tenants_without_a_denial() {
    let (run, report) = json(&TRACES);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    assert_eq!(report["passed"], true);
    let tenants = report["tenants"].as_array().unwrap();
    assert_eq!(tenants.len(), 3);
    for tenant in tenants {
        let sum: u64 = ["reads", "writes", "fetches"].iter().map(|key| tenant[key].as_u64().unwrap()).sum();
        assert_eq!(tenant["granted"], sum);
        assert!(sum > 99_981, "modifies are two accesses");
        assert_eq!((&tenant["not_mine"], &tenant["denied"]), (&0.into(), &serde_json::json!({})));
    }
    let (hits, misses) = (report["tlb"]["hits"].as_u64().unwrap(), report["tlb"]["misses"].as_u64().unwrap());
    assert!(hits > misses && misses > 64, "three programs do not fit 64 pages: {misses} misses");
    assert!(hits + misses >= report["accesses"].as_u64().unwrap());
}

#[test]
fn every_access_of_an_intruder_is_denied_and_logged() {
    for intrusion in ["0:1", "2:0"] {
        let (run, report) = json(&[&TRACES[..], &["--intrude", intrusion, "--limit", "20000"]].concat());
        assert_eq!(run.code, 0, "{}", run.output);
        let intruder = intrusion[..1].parse::<usize>().unwrap();
        let number = |value: &serde_json::Value| value.as_u64().unwrap();
        for (index, tenant) in report["tenants"].as_array().unwrap().iter().enumerate() {
            let all = number(&tenant["reads"]) + number(&tenant["writes"]) + number(&tenant["fetches"]);
            let (granted, denied) = if index == intruder { (0, all) } else { (all, 0) };
            assert_eq!(number(&tenant["granted"]), granted);
            assert_eq!(tenant["denied"]["Isolated"].as_u64().unwrap_or(0), denied);
        }
        let audit = &report["audit"];
        assert!(number(&audit["denied"]) >= 20000 && number(&audit["stored"]) > 0);
        assert_eq!(number(&audit["denied"]), number(&audit["stored"]) + number(&audit["lost"]));
        assert_eq!(audit["lost"], audit["told"]);
    }
}

#[test]
fn the_table_says_how_it_went() {
    let run = replay(&[TRACES[0], "--limit", "1000"]);
    assert_eq!(run.code, 0);
    for said in ["replay on the model, geometry soc32", "TLB of 64 entries", "every access granted at its own place"] {
        assert!(run.output.contains(said), "{said}: {}", run.output);
    }
}

#[test]
fn plain_traces_are_read_and_valgrinds_lines_counted() {
    let file = scratch("plain.trace", "==1== hello\nI  1000,4\n L 1ff8,16\n M 1000,2\n\n");
    let (run, report) = json(&[&file]);
    assert_eq!(run.code, 0, "{}", run.output);
    let tenant = &report["tenants"][0];
    let keys = ["events", "skipped_lines", "fetches", "reads", "writes", "partitions", "bytes"];
    assert_eq!(keys.map(|key| tenant[key].as_u64().unwrap()), [3, 2, 1, 2, 1, 1, 0x2000]);
}

#[test]
fn accesses_longer_than_the_port_are_sent_in_pieces() {
    let file = scratch("long.trace", " L 0,8\n S 8,6\n");
    let (run, report) = json(&[&file, "--geometry", "tiny", "--limit", "1"]);
    assert_eq!(run.code, 0, "{}", run.output);
    assert_eq!((&report["tenants"][0]["reads"], &report["tenants"][0]["split"]), (&2.into(), &1.into()));
}

#[test]
fn unusable_traces_and_arguments_end_with_2() {
    let bad = scratch("bad.trace", "I  1000,4\n L 1000;4\n");
    let empty = scratch("empty.trace", "==1== nothing\n");
    let wide = scratch("wide.trace", " L 0,4\n L 4,4\n L 8,4\n");
    let xz = scratch("trace.xz", b"\xFD7zXZ\0 and so on");
    let cut = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(TRACES[0])).unwrap();
    let cut = scratch("cut.gz", &cut[..5000]);
    for (arguments, said) in [
        (&[&bad][..], format!("{bad}:2: no comma in \" L 1000;4\"")),
        (&[&empty], format!("{empty}: there is no memory access in it")),
        (&[&xz], format!("{xz}: this compression is not supported")),
        (&[&cut], format!("{cut}:")),
        (&[&"nowhere.trace".to_string()], "nowhere.trace: cannot read the trace".into()),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(|text| text.as_str()).collect();
        let run = replay(&arguments);
        assert!(run.code == 2 && run.errors.contains(&said), "{arguments:?} ended with {}: {}", run.code, run.errors);
    }
    for (arguments, said) in [
        (&[TRACES[0], "--geometry", "huge"][..], "no geometry is called \"huge\""),
        (&[TRACES[0], "--intrude", "0:1"], "trace 0 cannot intrude upon trace 1"),
        (&[TRACES[0], "--intrude", "0-1"], "use two trace numbers with a colon"),
        (&[TRACES[0], TRACES[0], TRACES[0], "--geometry", "tiny"], "3 traces are more than the 2 tenants of geometry \"tiny\""),
        (&[&wide, "--geometry", "tiny"], "tenant 0 touches 3 granules of 4 bytes, but the window of geometry \"tiny\" holds 2"),
        (&[TRACES[0], "--limit", "0"], "0 is not in 1.."),
        (&[], "required arguments were not provided"),
    ] {
        let run = replay(arguments);
        assert!(run.code == 2 && run.errors.contains(said), "{arguments:?} ended with {}: {}", run.code, run.errors);
    }
    let help = pm(&["replay", "--help"]);
    assert!(help.code == 0 && help.output.contains("Example:"));
}

fn replay_on(change: Lie) -> anyhow::Result<ReplayReport> {
    let geometry = Geometry::preset("soc32")?;
    let paths: Vec<PathBuf> = TRACES.iter().map(|trace| Path::new(env!("CARGO_MANIFEST_DIR")).join(trace)).collect();
    let options = ReplayOptions { limit: Some(500), intrude: Some((0, 1)), ..ReplayOptions::new(geometry.clone()) };
    let replay = Replay::prepare(&paths, options, &mut |_| {})?;
    let mut device = Liar::honest(ModelDevice::new(&geometry));
    change(&mut device);
    replay.run(&mut device, &mut |_| {})
}

#[test]
fn a_device_that_answers_wrongly_is_noticed() {
    assert!(replay_on(|_| {}).unwrap().passed);
    let changes: [(&str, Lie); 5] = [
        ("an intruder is granted", |liar| liar.translation = |verdict| *verdict = Translation::granted(0, 0x8000_0000)),
        ("an intruder is allowed", |liar| liar.physical = |verdict| *verdict = PhysicalVerdict::allowed()),
        ("a wrong reason", |liar| liar.physical = |verdict| verdict.reason = pm_interface::Reason::NoTenant),
        ("a wrong slot", |liar| liar.physical = |verdict| verdict.slot = 31),
        ("a record is stolen", |liar| liar.steal = 1),
    ];
    for (name, change) in changes {
        let report = replay_on(change).unwrap();
        assert!(!report.passed && !report.failures.is_empty(), "{name} went unnoticed");
    }
    let swallowed = replay_on(|liar| liar.swallow = |register, _| register == offset::CMD_SIZE_LO);
    assert!(swallowed.unwrap_err().to_string().contains("was refused: BadSize"));
}
