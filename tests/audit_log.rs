//! `pm audit`: a log that the golden model or the RTL wrote is accepted; each way of tampering with it is named, with its record.

use crate::pm::{pm, scratch};
use pm_interface::{Command, Geometry, Kind, Rights, AUDIT_WORDS};
use pm_model::chain::Digest;
use pm_model::log::{End, LogWriter};
use pm_model::{Access, Model, Operation, Status};
use serde_json::Value;

type Record = [u32; AUDIT_WORDS];

/// Boot, commands of every kind with good and bad outcomes, denials on both ports.
fn records() -> Vec<Record> {
    let mut model = Model::new(&Geometry::preset("cu").unwrap());
    assert_eq!(model.activate(0x4000_0000, 0x1F80, 0x1_0000), Status::BadAlignment);
    assert_eq!(model.activate(0x4000_0000, 0x2000, 0x1_0000), Status::Ok);
    let rights = Rights { read: true, isolated: true, ..Rights::default() };
    let mut records = Vec::new();
    for operation in [
        Operation::create(1, 0x1_0000, 0x400, rights),
        Operation::create(2, 0x1_0000, 0x200, Rights { locked: true, ..rights }),
        Operation::create(1, 0x1_0300, 0x100, rights),
        Operation::create(9, 0x1_0000, 0x100, rights),
        Operation::query(1),
        Operation::find(2, 0x1_0100),
        Operation::protect(0, Rights { write: true, ..rights }),
        Operation::destroy(1),
        Operation::lock(7),
    ] {
        model.command(&operation);
        for access in [Access::new(1, 0x1_0000, 4, Kind::Execute), Access::new(3, 0x1_0000, 4, Kind::Read)] {
            model.translate(&access);
        }
        model.physical(&Access::new(3, 0x4000_0010, 4, Kind::Write));
        records.extend(std::iter::from_fn(|| model.read_audit()).map(|record| record.words()));
    }
    model.command(&Operation::new(Command::Seal));
    model.command(&Operation::destroy(0));
    records.extend(std::iter::from_fn(|| model.read_audit()).map(|record| record.words()));
    assert!(records.len() > 25, "{}", records.len());
    assert!(records.iter().zip(0..).all(|(record, sequence)| record[0] == sequence));
    records
}

/// The lines of an honest log with a digest after every `step`th record, and the last digest.
fn honest(step: usize) -> (Vec<String>, Digest) {
    let mut writer = LogWriter::new(Vec::new());
    let mut digest = Digest::START;
    let records = records();
    for (place, record) in (1..).zip(&records) {
        digest = digest.next(record);
        writer.record(*record, (place % step == 0).then_some(digest)).unwrap();
    }
    let bytes = writer.end(End { digest, records: records.len() as u32 }).unwrap();
    (String::from_utf8(bytes).unwrap().lines().map(String::from).collect(), digest)
}

/// What `pm audit verify` finds: exit code, fault, first and last record, line.
fn verify(name: &str, lines: &[String], more: &[&str]) -> (i32, String, Option<u64>, Option<u64>, u64) {
    let file = scratch(&format!("audit_{name}.log"), lines.join("\n") + "\n");
    let run = pm(&[&["audit", "verify", &file, "--json"], more].concat());
    let report: Value = serde_json::from_str(&run.output).unwrap_or_else(|_| panic!("{}{}", run.output, run.errors));
    assert_eq!(report["passed"], Value::from(run.code == 0), "{}", run.output);
    let finding = &report["finding"];
    let fault = finding["fault"].as_str().unwrap_or("nothing").to_string();
    let line = finding["line"].as_u64().unwrap_or(0);
    (run.code, fault, finding["record"].as_u64(), finding["last"].as_u64(), line)
}

fn found(fault: &str, first: u64, last: u64, line: u64) -> (i32, String, Option<u64>, Option<u64>, u64) {
    (1, fault.into(), Some(first), Some(last), line)
}

/// The line with one bit of one word flipped.
fn flipped(line: &str, word: usize, bit: u32) -> String {
    let mut line: Value = serde_json::from_str(line).unwrap();
    let value = line["words"][word].as_u64().unwrap() ^ 1 << bit;
    line["words"][word] = value.into();
    line.to_string()
}

#[test]
fn an_honest_log_is_accepted() {
    for step in [1, 4, 1000] {
        let (lines, digest) = honest(step);
        let nothing = (0, "nothing".to_string(), None, None, 0);
        assert_eq!(verify("honest", &lines, &[]), nothing);
        assert_eq!(verify("honest", &lines, &["--digest", &digest.to_string()]), nothing);
        assert_eq!(verify("honest", &lines[..lines.len() - 1], &["--digest", &digest.to_string()]), nothing);
    }
}

#[test]
fn what_was_proved_is_said_and_no_more() {
    let (lines, digest) = honest(1);
    let file = scratch("audit_worth.log", lines.join("\n"));
    let run = pm(&["audit", "verify", &file]);
    assert!(run.code == 0 && run.output.contains("proves nothing against whoever can write the file"), "{}", run.output);
    assert!(run.output.contains(&digest.to_string()), "{}", run.output);
    let run = pm(&["audit", "verify", &file, "--digest", &digest.to_string()]);
    assert!(run.code == 0 && run.output.contains("ends with the digest given"), "{}", run.output);
    let (sparse, _) = honest(1000);
    let run = pm(&["audit", "verify", &scratch("audit_worth.log", sparse[..sparse.len() - 1].join("\n"))]);
    assert!(run.code == 0 && run.output.contains("nothing but the sequence numbers was checked"), "{}", run.output);
    let help = pm(&["audit", "verify", "--help"]);
    assert!(help.output.contains("the chain has no key") && help.output.contains("Example:"), "{}", help.output);
}

#[test]
fn an_altered_record_is_named() {
    let (lines, _) = honest(1);
    for record in 0..lines.len() - 1 {
        // Each record in another bit; word 0 is the sequence number.
        let (word, bit) = (record % AUDIT_WORDS, (record * 7 % 32) as u32);
        let mut altered = lines.clone();
        altered[record] = flipped(&lines[record], word, bit);
        let at = record as u64;
        assert_eq!(verify("altered", &altered, &[]), found("altered", at, at, at + 1), "word {word} bit {bit}");
    }
    let mut altered = lines.clone();
    altered[3] = flipped(&lines[3], 2, 0);
    let run = pm(&["audit", "verify", &scratch("audit_altered.log", altered.join("\n"))]);
    let said = "record 3: altered, line 4 (TranslateDenied tenant 0 slot 0 execute";
    assert!(run.code == 1 && run.output.contains(said), "{}", run.output);
    assert!(run.output.contains("the first 3 are confirmed"), "{}", run.output);
}

#[test]
fn an_altered_record_between_digests_is_among_those_named() {
    let (lines, digest) = honest(4);
    let mut altered = lines.clone();
    altered[5] = flipped(&lines[5], 3, 8);
    assert_eq!(verify("between", &altered, &[]), found("altered", 4, 7, 8));
    let (lines, _) = honest(1000);
    let last = lines.len() as u64 - 2;
    let mut altered = lines.clone();
    altered[5] = flipped(&lines[5], 3, 8);
    assert_eq!(verify("between", &altered, &[]), found("altered", 0, last, last + 2));
    let bare = &altered[..altered.len() - 1];
    assert_eq!(verify("between", bare, &["--digest", &digest.to_string()]), found("altered", 0, last, last + 1));
}

#[test]
fn an_altered_digest_is_told_from_an_altered_record() {
    let (lines, _) = honest(1);
    for record in [0, 9, lines.len() - 2] {
        let mut altered = lines.clone();
        let mut line: Value = serde_json::from_str(&lines[record]).unwrap();
        line["digest"] = "00".repeat(16).into();
        altered[record] = line.to_string();
        let run = pm(&["audit", "verify", &scratch("audit_digest.log", altered.join("\n"))]);
        assert_eq!(run.code, 1);
        assert!(run.output.contains(&format!("record {record}: altered")), "{}", run.output);
        assert!(run.output.contains("the digest was altered, not the record"), "{}", run.output);
    }
}

#[test]
fn removed_records_are_named() {
    let (lines, _) = honest(1);
    let last = lines.len() - 2;
    for record in 1..last {
        let mut removed = lines.clone();
        removed.remove(record);
        let at = record as u64;
        assert_eq!(verify("removed", &removed, &[]), found("removed", at, at, at + 1));
    }
    let removed = [&lines[..4], &lines[9..]].concat();
    assert_eq!(verify("removed", &removed, &[]), found("removed", 4, 8, 5));
}

#[test]
fn swapped_and_moved_records_are_named() {
    let (lines, _) = honest(1);
    let last = lines.len() - 2;
    for (first, second) in [(0, 1), (0, last), (3, 4), (5, 12), (last - 1, last)] {
        let mut swapped = lines.clone();
        swapped.swap(first, second);
        let (first, second) = (first as u64, second as u64);
        assert_eq!(verify("swapped", &swapped, &[]), found("reordered", second, second, first + 1));
    }
    let mut moved = lines.clone();
    let record = moved.remove(4);
    moved.insert(10, record);
    assert_eq!(verify("moved", &moved, &[]), found("reordered", 4, 4, 11));
    let run = pm(&["audit", "verify", &scratch("audit_moved.log", moved.join("\n"))]);
    assert!(run.output.contains("expected it on line 5, before record 5, found it after record 10"), "{}", run.output);
}

#[test]
fn duplicated_records_are_named() {
    let (lines, _) = honest(1);
    for (record, place) in [(0, 1), (0, 8), (6, 7), (6, 2), (6, 20)] {
        let mut doubled = lines.clone();
        doubled.insert(place, lines[record].clone());
        let at = record as u64;
        assert_eq!(verify("doubled", &doubled, &[]), found("duplicated", at, at, place as u64 + 1), "{record} at {place}");
    }
}

#[test]
fn a_truncated_log_is_named() {
    let (lines, digest) = honest(1);
    let records = lines.len() as u64 - 1;
    for left in [0, 1, 9, records - 1] {
        let cut = [&lines[..left as usize], &lines[records as usize..]].concat();
        assert_eq!(verify("cut", &cut, &[]), found("truncated", left, records - 1, left + 1), "{left}");
    }
    // Cut with its end: only the device's digest tells.
    let cut = &lines[..9];
    assert_eq!(verify("cut", cut, &[]).0, 0);
    assert_eq!(verify("cut", cut, &["--digest", &digest.to_string()]), found("truncated", 9, 9, 9));
}

/// Whoever writes the file can compute the chain anew; the device's digest is what gives it away.
#[test]
fn a_forged_log_is_refused_by_the_devices_digest_alone() {
    let (_, digest) = honest(1);
    let mut records = records();
    records[6][2] ^= 1;
    let mut writer = LogWriter::new(Vec::new());
    let mut forged = Digest::START;
    for record in &records {
        forged = forged.next(record);
        writer.record(*record, Some(forged)).unwrap();
    }
    let bytes = writer.end(End { digest: forged, records: records.len() as u32 }).unwrap();
    let lines: Vec<String> = String::from_utf8(bytes).unwrap().lines().map(String::from).collect();
    assert_eq!(verify("forged", &lines, &[]).0, 0);
    let (code, fault, record, ..) = verify("forged", &lines, &["--digest", &digest.to_string()]);
    assert_eq!((code, fault.as_str(), record), (1, "forged", None));
}

#[test]
fn a_log_that_begins_later_needs_the_digest_before_it() {
    let (lines, digest) = honest(1);
    let later = &lines[5..];
    let file = scratch("audit_later.log", later.join("\n"));
    let run = pm(&["audit", "verify", &file]);
    assert_eq!(run.code, 2, "{}", run.output);
    assert!(run.errors.contains(&format!("{file}:1: the log begins with record 5, not with record 0")), "{}", run.errors);
    assert!(run.errors.contains("give the digest after record 4 as --from"), "{}", run.errors);
    let before: Value = serde_json::from_str(&lines[4]).unwrap();
    let from = before["digest"].as_str().unwrap();
    assert_eq!(verify("later", later, &["--from", from, "--digest", &digest.to_string()]).0, 0);
    assert_eq!(verify("later", later, &["--from", &"00".repeat(16)]), found("altered", 5, 5, 1));
    // The device's digest is that of every record since reset: what is not there was removed.
    let digest = digest.to_string();
    assert_eq!(verify("later", later, &["--digest", &digest]), found("removed", 0, 4, 1));
    assert_eq!(verify("without the first", &lines[1..], &["--digest", &digest]), found("removed", 0, 0, 1));
}

/// `pm sim --audit-log` on the RTL, and on the model: the log is accepted with the device's own digest, and no change is.
#[test]
fn a_log_from_the_device_is_accepted_and_each_change_is_named() {
    // Up to its reset, with which the log would begin anew.
    let scenario = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/chain.toml")).unwrap();
    let scenario = scratch("audit_device.toml", scenario.split("# A reset").next().unwrap());
    let mut counts = Vec::new();
    for (device, more) in [("rtl", &[][..]), ("model", &["--model"])] {
        let file = scratch(&format!("audit_device_{device}.log"), "");
        let run = pm(&[&["sim", &scenario, "--audit-log", &file], more].concat());
        assert_eq!(run.code, 0, "{}{}", run.output, run.errors);
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<String> = text.lines().map(String::from).collect();
        let end: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
        let digest = end["end"]["digest"].as_str().unwrap();
        assert_eq!(end["end"]["records"], lines.len() - 1);
        assert_eq!(verify("device", &lines, &["--digest", digest]), (0, "nothing".into(), None, None, 0));
        for record in 0..lines.len() - 1 {
            for (word, bit) in [(1, 0), (2, 9), (3, 31), (4, 20)] {
                let mut altered = lines.clone();
                altered[record] = flipped(&lines[record], word, bit);
                let (code, fault, ..) = verify("device", &altered, &["--digest", digest]);
                assert_eq!((code, fault.as_str()), (1, "altered"), "record {record} word {word} bit {bit}");
            }
        }
        // Cut behind a record whose digest was read: what is missing is known to be all that is wrong.
        let known =
            lines[..lines.len() - 2].iter().rposition(|line| line.contains("digest")).expect("digests are read on the way");
        assert_eq!(verify("device", &lines[..=known], &["--digest", digest]).1, "truncated");
        counts.push(lines.len());
    }
    assert_eq!(counts, [45, 45], "as many records on the RTL as on the model");
    let plain = scratch("audit_plain.log", "");
    let run = pm(&["sim", "tests/scenarios/tiny.toml", "--audit-log", &plain, "--model"]);
    assert_eq!(run.code, 0, "{}{}", run.output, run.errors);
    assert_eq!(pm(&["audit", "verify", &plain]).code, 0, "without a chain there are records and no end");
}

#[test]
fn records_are_printed_for_people_and_for_programs() {
    let (lines, _) = honest(1);
    let file = scratch("audit_print.log", lines.join("\n"));
    let run = pm(&["audit", "print", &file]);
    assert_eq!((run.code, run.output.lines().count()), (0, lines.len()), "a head and a line a record: {}", run.output);
    let columns = |line: &str| line.split_whitespace().map(String::from).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = run.output.lines().map(columns).collect();
    assert_eq!(rows[0], ["record", "time", "event", "tenant", "slot", "kind", "outcome", "address"]);
    assert_eq!(rows[1][2..], ["Boot", "-", "-", "-", "BadAlignment", "0x40000000"]);
    assert_eq!(rows[3][2..], ["Command", "1", "0", "Create", "Ok", "0x10000"]);
    assert_eq!(rows[4][2..], ["TranslateDenied", "1", "0", "execute", "Permission", "0x10000"]);

    let run = pm(&["audit", "print", &file, "--json"]);
    let records: Vec<Value> = run.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), lines.len() - 1);
    assert_eq!((&records[0]["event"], &records[0]["status"]), (&"Boot".into(), &"BadAlignment".into()));
    assert_eq!(records[0]["tenant"], Value::Null);
    let isolated = records.iter().find(|record| record["reason"] == "Isolated").expect("a denial on the physical port");
    assert_eq!((&isolated["event"], &isolated["kind"]), (&"PhysicalDenied".into(), &"write".into()));
    assert_eq!((&isolated["tenant"], &isolated["address"]), (&3.into(), &0x4000_0010.into()));
}

#[test]
fn unusable_logs_end_with_2_and_say_where() {
    let (lines, _) = honest(1);
    for (name, text, said) in [
        ("empty", String::new(), ": there is no record and no end"),
        ("half", lines[0].clone() + "\n" + &lines[1][..30], ":2: the line is not whole"),
        ("key", "{\"wrods\":[0,0,0,0,0]}".into(), ":1: unknown field `wrods`"),
        ("words", "{\"words\":[0,0,0,0]}".into(), ":1: invalid length 4"),
        ("digest", "{\"words\":[0,0,0,0,0],\"digest\":\"12\"}".into(), ":1: a digest is 32 hex digits, but this has 2 of them"),
        ("after", lines.join("\n") + "\n" + &lines[0], "a line follows the end"),
    ] {
        let file = scratch(&format!("audit_unusable_{name}.log"), text);
        let run = pm(&["audit", "verify", &file]);
        assert_eq!(run.code, 2, "{name}: {}{}", run.output, run.errors);
        assert!(run.errors.contains(&file) && run.errors.contains(said), "{name}: {}", run.errors);
    }
    for arguments in [&["audit", "verify", "nowhere.log"][..], &["audit", "print", "nowhere.log"], &["audit", "verify"]] {
        assert_eq!(pm(arguments).code, 2, "{arguments:?}");
    }
    let run = pm(&["audit", "verify", "nowhere.log", "--digest", "12"]);
    assert!(run.code == 2 && run.errors.contains("32 hex digits"), "{}", run.errors);
}
