//! `pm check`: others' readers find nothing to complain about in what is emitted, and yosys maps it.

use crate::pm::pm;
use pm_bsp::tools::{Tool, Toolbox};
use serde_json::Value;
use std::io::Write;

/// Rows of `pm check`, of readers that are installed.
fn rows(arguments: &[&str]) -> Vec<Value> {
    let toolbox = Toolbox::discover();
    let here = [Tool::Verilator, Tool::Iverilog, Tool::Yosys].into_iter().filter(|tool| toolbox.find(*tool).is_ok());
    let readers: Vec<String> = here.map(|tool| tool.to_string()).collect();
    let run = pm(&[&["check", "--json", "--reader", &readers.join(",")], arguments].concat());
    serde_json::from_str(&run.output).unwrap_or_else(|error| panic!("{error}: {}", run.errors))
}

fn all_passed(rows: &[Value]) {
    let failed: Vec<&Value> = rows.iter().filter(|row| row["passed"] != true).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_design_of_cu_is_clean() {
    let rows = rows(&["--geometry", "cu"]);
    all_passed(&rows);
    let designs = rows.iter().filter(|row| row["reader"] == "emit").count();
    assert_eq!(designs, 7, "{rows:#?}");
}

#[test]
fn designs_are_mapped_to_ice40_ecp5_and_gates() {
    // The guard of AXI4 is not for tiny.
    let mut rows = rows(&["--geometry", "tiny", "--synthesis"]);
    rows.extend(self::rows(&["--geometry", "cu", "--design", "axi4, 32", "--synthesis"]));
    all_passed(&rows);
    let mapped: Vec<&Value> =
        rows.iter().filter(|row| row["reader"].as_str().is_some_and(|reader| reader.starts_with("synth "))).collect();
    assert_eq!(mapped.len() % 3, 0, "{rows:#?}");
    for row in mapped {
        let message = row["message"].as_str().expect("a mapping counts cells");
        // Past what the harness keeps to itself: who runs the tests sees how large the designs are.
        let name = |key: &str| row[key].as_str().expect("it is a name");
        let _ = writeln!(std::io::stdout(), "mapped {} {} {}: {message}", name("geometry"), name("design"), name("reader"));
        let logic: u64 = message.split(' ').next().and_then(|count| count.parse().ok()).expect("logic cells come first");
        assert!(logic > 500, "{message}");
    }
}

#[test]
fn a_design_that_is_none_is_refused() {
    let run = pm(&["check", "--geometry", "tiny", "--design", "axi4"]);
    assert!(run.code == 2 && run.errors.contains("`axi4`"), "{}", run.errors);
}
