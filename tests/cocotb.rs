//! Bus suites written in Python, in `tests/cocotb`: others' drivers and checkers (cocotbext-apb, cocotbext-axi, cocotbext-wishbone) against the emitted
//! Verilog, on Verilator and on Icarus Verilog.

use crate::pm::{pm, scratch};
use crate::tidy::project;
use pm_designs::changed;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Python with cocotb, if it could be installed.
fn python() -> Option<PathBuf> {
    let python = pm_tools::private_folder().join("venv/bin/python");
    let there = Command::new(&python)
        .args(["-c", "import cocotb, cocotbext.apb, cocotbext.axi, cocotbext.wishbone"])
        .stderr(Stdio::null())
        .status();
    there.is_ok_and(|status| status.success()).then_some(python)
}

/// A folder with what every suite needs, in the sizes of a geometry; `wide` are the options of the guard of the suite `axi4_64`.
fn emitted(name: &str, geometry: &str, wide: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let write = |file: &str, text: String| {
        let path = folder.join(file);
        // An equal file keeps its time, so that nothing is built anew.
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(path, text).expect("it can be written");
        }
    };
    write("axi_lite_control.v", changed::axi_lite_control(&[]).expect("it is emitted"));
    write("apb_control.v", changed::apb_control(&[]).expect("it is emitted"));
    let verilog = |interface: &[&str]| {
        let run = pm(&[&["verilog", "--geometry", geometry, "--interface"], interface].concat());
        assert_eq!(run.code, 0, "{}", run.errors);
        run.output
    };
    write("apb.v", verilog(&["core", "--control", "apb4"]));
    write("wishbone.v", verilog(&["wishbone"]));
    write("wishbone_apb.v", verilog(&["wishbone", "--control", "apb4"]));
    write("axi4.v", verilog(&["axi4"]));
    write("axi4_apb.v", verilog(&["axi4", "--control", "apb4"]));
    write("axi4_64.v", verilog(&[&["axi4"], wide].concat()));
    write("axi4_mmu.v", verilog(&["axi4", "--mmu"]));
    write("axi4_sources.v", verilog(&["axi4", "--sources", "4"]));
    write("wishbone_sources.v", verilog(&["wishbone", "--sources", "4"]));
    write("registers.json", pm(&["registers", "--format", "json"]).output);
    folder
}

/// The suites over what was emitted into a folder.
fn suites(python: &Path, folder: &Path, arguments: &[&str]) -> Output {
    let mut run = Command::new(python);
    run.env("PATH", pm_tools::search_path())
        .arg(project("tests/cocotb/run.py"))
        .arg(folder)
        .args(arguments)
        .output()
        .expect("python starts")
}

/// Runs the suites; panics when one fails. What they print.
fn run(name: &str, geometry: &str, arguments: &[&str]) -> Option<String> {
    let Some(python) = python() else {
        eprintln!("cocotb: skipped: it could not be installed; try ./scripts/setup cocotb");
        return None;
    };
    judge(suites(&python, &emitted(name, geometry, &["--data", "64"]), arguments))
}

/// What suites printed; panics when one failed.
fn judge(output: Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{text}");
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    Some(text)
}

/// The number before this word, of the last line that has it.
fn count(text: &str, word: &str) -> u64 {
    let line = text.lines().rfind(|line| line.starts_with("cocotb: ") && line.contains(word)).expect("there is such a line");
    let before = line.split(word).next().expect("there is something before it");
    before.split_whitespace().last().and_then(|number| number.parse().ok()).expect("it is a number")
}

/// Whether a suite finds a fault in this Verilog, which stands for the suite's own.
pub fn objects(suite: &str, verilog: &str) -> bool {
    let python = python().expect("cocotb is installed: ./scripts/setup cocotb");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cocotb_faults");
    fs::create_dir_all(&folder).expect("the folder can be made");
    fs::write(folder.join(format!("{suite}.v")), verilog).expect("it can be written");
    fs::write(folder.join("registers.json"), pm(&["registers", "--format", "json"]).output).expect("it can be written");
    let output = suites(&python, &folder, &["--suite", suite, "--simulator", "icarus", "--transactions", "160"]);
    // A suite that did not come to its end has found nothing: `count` objects to that.
    count(&String::from_utf8_lossy(&output.stdout), " failures") > 0
}

/// Suites of every test run: the guards with APB4 for control are slow to compile, and differ in little.
const QUICK: [&str; 9] =
    ["apb", "apb_control", "axi4", "axi4_64", "axi4_mmu", "axi4_sources", "axi_lite_control", "wishbone", "wishbone_sources"];

#[test]
fn others_drivers_find_no_fault() {
    let chosen = QUICK.iter().flat_map(|suite| ["--suite", suite]);
    let arguments: Vec<&str> = ["--simulator", "verilator", "--transactions", "120"].into_iter().chain(chosen).collect();
    if let Some(text) = run("cocotb", "cu", &arguments) {
        assert!(count(&text, " transactions, ") > 1000, "{text}");
    }
}

/// Another simulator, another opinion: it is slow, so a short run of what the first one has not run, and of each suite some.
#[test]
fn others_drivers_find_no_fault_on_icarus() {
    let short = [
        ["--simulator", "icarus", "--transactions", "30"],
        ["--suite", "apb_control", "--suite", "axi_lite_control"],
        ["--suite", "apb", "--suite", "wishbone"],
    ]
    .concat();
    let guard =
        ["--simulator", "icarus", "--transactions", "30", "--suite", "axi4", "--test", "malformed|order|hold_up|limit|wrap"];
    for arguments in [&short[..], &guard[..]] {
        if let Some(text) = run("cocotb_icarus", "cu", arguments) {
            assert!(count(&text, " transactions, ") > 50, "{text}");
        }
    }
}

/// Wide buses, wide addresses, few and many bursts, and features behind the bus.
#[test]
#[ignore = "slow: every suite of the AXI4 guard at other widths"]
fn others_drivers_find_no_fault_at_other_widths() {
    let Some(python) = python() else { return };
    let file = scratch("cocotb_wide.toml", crate::sizes::MINE);
    for (name, geometry, wide) in [
        ("cocotb_128", file.clone(), ["--data", "128", "--bursts", "2"]),
        ("cocotb_512", file.clone(), ["--data", "512", "--bursts", "16"]),
        ("cocotb_256", file + "+dynamic+chain+alerts+integrity", ["--data", "256", "--bursts", "4"]),
        ("cocotb_soc64", "soc64+slots=16+tenants=4".into(), ["--data", "512", "--bursts", "8"]),
    ] {
        let folder = emitted(name, &geometry, &wide);
        let arguments = ["--suite", "axi4_64", "--suite", "axi4_mmu", "--simulator", "verilator", "--transactions", "60"];
        let text = judge(suites(&python, &folder, &arguments)).expect("it is printed");
        assert!(count(&text, " transactions, ") > 1000, "{geometry}: {text}");
    }
}

/// The guards with their registers behind APB4.
#[test]
#[ignore = "slow: two guards"]
fn others_drivers_find_no_fault_of_guards_behind_apb() {
    let arguments = ["--simulator", "verilator", "--transactions", "120", "--suite", "axi4_apb", "--suite", "wishbone_apb"];
    if let Some(text) = run("cocotb_apb", "cu", &arguments) {
        assert!(count(&text, " transactions, ") > 200, "{text}");
    }
}

/// The buses of a geometry that is no preset.
#[test]
#[ignore = "slow: every suite once more"]
fn others_drivers_find_no_fault_in_a_geometry_of_a_file() {
    let file = scratch("cocotb_mine.toml", crate::sizes::MINE);
    for geometry in [file.clone(), file + "+dynamic+chain+integrity"] {
        if let Some(text) = run("cocotb_mine", &geometry, &["--simulator", "verilator", "--transactions", "120"]) {
            assert!(count(&text, " transactions, ") > 300, "{text}");
        }
    }
}

#[test]
#[ignore = "slow: a hundred thousand transactions"]
fn others_drivers_find_no_fault_in_long_runs() {
    let mut transactions = 0;
    for (simulator, each, seed) in [("verilator", "2700", "2"), ("verilator", "2700", "3"), ("icarus", "400", "4")] {
        match run("cocotb_long", "cu", &["--simulator", simulator, "--transactions", each, "--seed", seed]) {
            Some(text) => transactions += count(&text, " transactions, "),
            None => return,
        }
    }
    assert!(transactions >= 100_000, "{transactions} transactions");
}
