//! Scenarios on the golden model: the files in `tests/scenarios` pass, cover what they claim, and each expectation bites.

use crate::pm::{pm, scratch};
use pm_interface::{Reason, Status};
use pm_sim::{ModelDevice, Scenario};
use std::collections::BTreeSet;
use std::path::Path;

const AGREEMENT: &str = "tests/scenarios/agreement.toml";

const DYNAMIC: &str = "tests/scenarios/dynamic.toml";
const BOOT: &str = "tests/scenarios/boot.toml";

const QUOTA: &str = "tests/scenarios/quota.toml";

fn agreement() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(AGREEMENT)).unwrap()
}

#[test]
fn every_scenario_passes_on_the_model() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let run = pm(&["sim", "--model", "--json", path.to_str().unwrap()]);
        let report: serde_json::Value = serde_json::from_str(&run.output).unwrap();
        assert_eq!((run.code, &report["passed"]), (0, &true.into()), "{}: {}{}", path.display(), run.output, run.errors);
        assert!(run.errors.is_empty(), "quiet in a pipe, but: {}", run.errors);
        seen += 1;
    }
    assert!(seen >= 3);
}

#[test]
fn agreement_expects_every_status_and_reason_in_reach() {
    let scenario = Scenario::parse(AGREEMENT, &agreement()).unwrap();
    let mut statuses = Vec::new();
    let mut reasons = Vec::new();
    for (_, step) in &scenario.steps {
        statuses.extend(step.create.as_ref().map(|s| s.expect.unwrap_or(Status::Ok)));
        statuses.extend(step.activate.as_ref().map(|s| s.expect.unwrap_or(Status::Ok)));
        statuses.extend(step.destroy.as_ref().map(|s| s.expect.unwrap_or(Status::Ok)));
        statuses.extend(step.query.as_ref().map(|s| s.expect.unwrap_or(Status::Ok)));
        statuses.extend(step.seal.as_ref().map(|s| s.expect.unwrap_or(Status::Ok)));
        reasons.extend(step.access.as_ref().and_then(|s| s.reason));
    }
    for status in Status::ALL {
        let out_of_reach = matches!(status, Status::QuotaExceeded | Status::Integrity | Status::OldVersion);
        assert_eq!(statuses.contains(status), !out_of_reach, "{status}");
    }
    for reason in Reason::ALL {
        let out_of_reach = matches!(reason, Reason::MmuFault | Reason::None | Reason::Stalled);
        assert_eq!(reasons.contains(reason), !out_of_reach, "{reason}");
    }
}

#[test]
fn dynamic_expects_every_status_of_resize_and_share() {
    let scenario = Scenario::load(Path::new(DYNAMIC)).unwrap();
    let expected = |status: Option<Status>| status.unwrap_or(Status::Ok);
    let resized: BTreeSet<&str> =
        scenario.steps.iter().filter_map(|(_, step)| Some(expected(step.resize.as_ref()?.expect).name())).collect();
    let shared: BTreeSet<&str> =
        scenario.steps.iter().filter_map(|(_, step)| Some(expected(step.share.as_ref()?.expect).name())).collect();
    let both = BTreeSet::from([
        "AuditFull",
        "NotActive",
        "Sealed",
        "BadSlot",
        "Locked",
        "BadAlignment",
        "OutsideWindow",
        "Overlap",
        "Ok",
    ]);
    assert_eq!(resized, &both | &BTreeSet::from(["BadSize", "NoSpace"]));
    assert_eq!(shared, &both | &BTreeSet::from(["BadTenant", "TableFull"]));
}

#[test]
fn boot_expects_every_status_that_a_manifest_can_end_with() {
    let scenarios = [BOOT, QUOTA].map(|file| Scenario::load(Path::new(file)).unwrap());
    let boots = scenarios.iter().flat_map(|scenario| &scenario.steps).filter_map(|(_, step)| step.boot.as_ref());
    let expected: BTreeSet<&str> = boots.map(|boot| boot.expect.unwrap_or(Status::Ok).name()).collect();
    let all = [
        "Ok",
        "Integrity",
        "OldVersion",
        "BadSize",
        "BadAlignment",
        "QuotaExceeded",
        "Locked",
        "BadTenant",
        "NoSpace",
        "Overlap",
    ];
    assert_eq!(expected, BTreeSet::from(all));
}

/// Replaces one expectation after the other by something that does not happen: each time the scenario must fail, there.
#[test]
fn every_expectation_of_agreement_bites() {
    let text = agreement();
    let lines: Vec<&str> = text.lines().collect();
    let mut edited = 0;
    for (index, line) in lines.iter().enumerate() {
        let Some(line) = edit(line) else { continue };
        let mut text = lines.clone();
        text[index] = &line;
        let scenario = Scenario::parse("edited", &text.join("\n")).unwrap_or_else(|error| panic!("{error}"));
        let report = scenario.run(&mut ModelDevice::new(&scenario.geometry), &mut |_| {});
        assert!(!report.passed, "line {} may say anything: {line}", index + 1);
        edited += 1;
    }
    assert!(edited > 95, "only {edited} expectations were edited");
}

/// The line with another expectation; `None` where it holds none that can be another one.
fn edit(line: &str) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    // The slot of these is what they are about, not what is expected.
    let operand = line.starts_with("destroy") || line.starts_with("query");
    let numbers = [("level = ", "999"), ("lost = ", "999"), ("slot = ", "63"), (" at = ", "0x3")];
    replaced(line, "reason = ", |_| "\"MmuFault\"")
        .or_else(|| replaced(line, "status = ", |_| "\"QuotaExceeded\""))
        .or_else(|| numbers.iter().filter(|_| !operand).find_map(|(key, other)| replaced(line, key, |_| other)))
        .or_else(|| {
            replaced(line, "expect = ", |old| match old {
                "\"granted\"" | "\"allowed\"" | "\"not_mine\"" => "\"denied\"",
                _ => "\"QuotaExceeded\"",
            })
        })
        .or_else(|| replaced(line, "alert = ", |old| if old == "true" { "false" } else { "true" }))
        .or_else(|| replaced(line, "word = ", |_| "0x77"))
}

/// The line with another value of a key, where it has the key.
fn replaced(line: &str, key: &str, other: impl Fn(&str) -> &'static str) -> Option<String> {
    let start = line.find(key)? + key.len();
    let end = line[start..].find([',', ' ', '}']).map_or(line.len(), |length| start + length);
    Some(format!("{}{}{}", &line[..start], other(&line[start..end]), &line[end..]))
}

#[test]
fn a_failed_expectation_is_shown_and_ends_with_1() {
    let edited = agreement().replace("\"TableFull\"", "\"NoSpace\"");
    let steps = Scenario::parse("edited", &edited).unwrap().steps.len();
    let file = scratch("failed_expectation.toml", edited);
    let run = pm(&["sim", "--model", &file]);
    assert_eq!(run.code, 1);
    let failed: Vec<&str> = run.output.lines().filter(|line| line.ends_with("FAILED")).collect();
    let [line] = failed[..] else { panic!("{}", run.output) };
    assert!(line.contains("NoSpace") && line.contains("TableFull"), "{line}");
    assert!(run.output.contains(&format!("1 of {steps} steps FAILED")), "{}", run.output);
}

#[test]
fn unusable_scenarios_end_with_2_and_say_where() {
    let step = |step: &str| format!("geometry = \"cu\"\n\n[[step]]\n{step}\n");
    for (name, text, said) in [
        ("syntax", "geometry = \"cu\"\n[[step]\n".to_string(), ":2: "),
        (
            "preset",
            "\ngeometry = \"cuu\"\n[[step]]\nseal = {}\n".into(),
            ":2: no geometry is called \"cuu\"; choose one of tiny, mcu, cu",
        ),
        (
            "slots",
            "geometry = { preset = \"cu\", slots = 99 }\n[[step]]\nseal = {}\n".into(),
            ":1: geometry \"cu\": 99 slots do not fit",
        ),
        ("empty", "geometry = \"cu\"\n".into(), "there is no step"),
        ("unknown", step("sael = {}"), "unknown field `sael`"),
        ("key", step("seal = { expct = \"Ok\" }"), ":4: unknown field `expct`"),
        ("status", step("seal = { expect = \"Fine\" }"), ":4: unknown variant `Fine`"),
        ("two", step("seal = {}\nalert = true"), "this step has both seal and alert"),
        ("none", step("repeat = 3"), "this step does nothing"),
        ("name", step("destroy = { name = \"heap\" }"), "no earlier step creates a partition named \"heap\""),
        ("target", step("destroy = {}"), "neither name nor slot is there"),
        ("resize", step("resize = { slot = 1, size = 4 }"), "geometry \"cu\" has no resize; choose one with the feature dynamic"),
        (
            "share",
            step("share = { slot = 1, tenant = 1, base = 0 }"),
            "geometry \"cu\" has no share; choose one with the feature",
        ),
        ("shared", step("share = { slot = 1 }"), ":4: missing field `tenant`"),
        (
            "resized",
            step("resize = { name = \"heap\", size = 4 }").replace("cu", "cu+dynamic"),
            "no earlier step creates a partition named \"heap\"",
        ),
        (
            "new name",
            step("share = { slot = 1, tenant = 1, base = 0, as = \"1st\" }").replace("cu", "cu+dynamic"),
            "the name \"1st\" cannot be told from an address",
        ),
        ("no boot", step("boot = {}"), "geometry \"cu\" has no authenticated boot; use \"cu+boot\""),
        ("boot table", "geometry = \"cu\"\n[boot]\nseal = true\n[[step]]\nseal = {}\n".into(), "[boot] is for another device"),
        (
            "tampering",
            step("boot = { truncate = 3, other_key = true }").replace("cu", "cu+boot"),
            "a manifest is tampered with in one way at a time",
        ),
        (
            "rights",
            step("create = { tenant = 1, base = 0, size = 0, rights = \"rq\" }"),
            ":4: rights \"rq\" are not letters of \"rwx\"",
        ),
        ("ports", step("access = { tenant = 1, kind = \"read\", expect = \"denied\" }"), "neither address nor physical is there"),
        (
            "verdict",
            step("access = { tenant = 1, physical = 0, kind = \"read\", expect = \"granted\" }"),
            "the physical port answers allowed or denied",
        ),
        (
            "wide",
            step("access = { tenant = 1, address = 0x1_0000_0000, kind = \"read\", expect = \"denied\" }"),
            "address 0x100000000 does not fit the 32 address bits",
        ),
        (
            "place",
            step("access = { tenant = 1, physical = \"+4\", kind = \"read\", expect = \"denied\" }"),
            ":4: invalid value: string \"+4\", expected an address",
        ),
        ("register", step("register = { name = \"CMDD\" }"), "no register is called \"CMDD\""),
    ] {
        let file = scratch(&format!("unusable_{name}.toml"), text);
        let run = pm(&["sim", "--model", &file]);
        assert_eq!(run.code, 2, "{name}: {}{}", run.output, run.errors);
        assert!(run.errors.contains(said) && run.errors.contains(&file), "{name}: {}", run.errors);
        assert!(run.output.is_empty(), "{name}: {}", run.output);
    }
}

#[test]
fn bad_arguments_end_with_2() {
    for arguments in [&["sim"][..], &["sim", "nowhere.toml", "--model"], &["sim", AGREEMENT, "--model", "--vcd", "x"], &["smi"]] {
        assert_eq!(pm(arguments).code, 2, "{arguments:?}");
    }
    let help = pm(&["sim", "--help"]);
    assert!(help.code == 0 && help.output.contains("Example:"));
}
