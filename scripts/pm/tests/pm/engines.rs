//! A run is stepped in RustHDL or in Verilator: by its length, or as its flags say. The verdicts are the same.

use super::{project, tools, Place, Run, SCENARIO};
use serde_json::Value;

/// Variables that make Verilator missing.
const NOWHERE: (&str, &str) = ("PM_VERILATOR", "/nowhere/verilator");

/// A scenario of about this many cycles: a read of a register takes four.
fn scenario_of(cycles: u32) -> String {
    SCENARIO.replace("register =", &format!("repeat = {}\nregister =", cycles / 4))
}

/// A trace of this many accesses within the window of `tiny`.
fn trace_of(events: usize) -> String {
    (0..events).map(|event| format!(" {} {:x},1\n", if event % 3 == 0 { 'S' } else { 'L' }, event % 8)).collect()
}

/// The report of a run that went well, without what differs between the engines, and that: the device's name.
fn report(run: &Run) -> (Value, String) {
    assert_eq!(run.code, 0, "{}{}", run.output, run.errors);
    let mut report: Value = serde_json::from_str(&run.output).expect("it is JSON");
    let speed = report["speed"].take();
    assert_eq!(speed["cycles"], report["cycles"], "the speed is that of the run");
    let (seconds, rate) = (speed["cpu_seconds"].as_f64(), speed["cycles_per_second"].as_f64());
    assert_eq!(seconds.is_some(), rate.is_some(), "{speed}");
    if let (Some(seconds), Some(rate)) = (seconds, rate) {
        let cycles = report["cycles"].as_f64().expect("a number");
        assert!((rate - cycles / seconds).abs() <= 1.0, "{speed}");
    }
    let device = report["device"].take();
    (report, device.as_str().expect("a name").into())
}

#[test]
fn a_long_run_takes_verilator_and_says_so() {
    if !tools() {
        eprintln!("skipped: ./scripts/setup test installs Verilator");
        return;
    }
    let place = Place::new();
    place.write("long.toml", scenario_of(504_000));
    place.write("long.trace", trace_of(500_000));
    for (arguments, about) in [(&["sim", "long.toml"][..], "504037"), (&["replay", "long.trace", "--geometry", "tiny"], "500002")]
    {
        let run = place.pm(&[arguments, &["--json"]].concat());
        let said =
            format!("pm: a long run, about {about} cycles: it is done in Verilator; --engine rusthdl keeps it in RustHDL\n");
        assert_eq!(run.errors, said);
        let (told, device) = report(&run);
        assert_eq!((device.as_str(), &told["passed"]), ("verilog", &true.into()));
        // Who asks for an engine gets it, and hears nothing.
        let model = place.pm(&[arguments, &["--json", "--model"]].concat());
        assert_eq!((report(&model).1.as_str(), model.errors.as_str()), ("model", ""));
    }
}

#[test]
fn a_short_run_stays_in_rust_hdl_and_both_engines_say_the_same() {
    if !tools() {
        eprintln!("skipped: ./scripts/setup test installs Verilator");
        return;
    }
    let place = Place::new();
    let (ls, gzip) = (project("tests/traces/ls.lackey.gz"), project("tests/traces/gzip.lackey.gz"));
    let (extents, tiny) = (project("tests/scenarios/extents.toml"), project("tests/scenarios/tiny.toml"));
    place.write("short.trace", trace_of(3_000));
    for arguments in [
        &["sim", &extents][..],
        &["sim", &tiny],
        &["replay", "short.trace", "--geometry", "tiny"],
        &["replay", &ls, &gzip, "--geometry", "soc32", "--limit", "1000", "--intrude", "0:1"],
    ] {
        let [by_length, rust_hdl, verilator] = [&[][..], &["--engine", "rusthdl"], &["--engine", "verilator"]]
            .map(|engine| place.pm(&[arguments, &["--json"], engine].concat()));
        for run in [&by_length, &rust_hdl, &verilator] {
            assert_eq!(run.errors, "", "{arguments:?}");
        }
        let (same, device) = report(&by_length);
        assert_eq!(device, "rtl");
        assert_eq!(report(&rust_hdl), (same.clone(), "rtl".into()));
        assert_eq!(report(&verilator), (same, "verilog".into()));
    }
}

#[test]
fn cycles_a_second_stand_above_the_verdict() {
    let place = Place::new();
    place.write("s.toml", SCENARIO);
    place.write("t.trace", trace_of(100));
    for (arguments, verdict) in
        [(&["sim", "s.toml"][..], "all 1 steps as expected"), (&["replay", "t.trace", "--geometry", "tiny"], "passed: ")]
    {
        let text = place.does(arguments).output;
        let speed = text.lines().find(|line| line.starts_with("speed: ")).expect("it says how fast it was");
        assert!(speed.contains(" s of CPU time, ") && speed.ends_with(" cycles/s"), "{speed}");
        assert!(text.lines().last().is_some_and(|last| last.starts_with(verdict)), "{text}");
    }
}

#[test]
fn without_verilator_a_short_run_is_quiet_and_who_asks_for_it_is_told() {
    let place = Place::new();
    place.write("s.toml", SCENARIO);
    let run = |arguments: &[&str]| {
        let output = place.command(arguments).env(NOWHERE.0, NOWHERE.1).output().expect("pm starts");
        (output.status.code(), String::from_utf8(output.stderr).expect("pm prints text"))
    };
    assert_eq!(run(&["sim", "s.toml"]), (Some(0), String::new()));
    let (code, errors) = run(&["sim", "s.toml", "--engine", "verilator"]);
    assert!(code == Some(1) && errors.contains("PM_VERILATOR says /nowhere/verilator"), "{code:?} {errors}");
}

#[test]
fn what_needs_the_inside_of_the_rtl_is_not_done_in_verilator() {
    let place = Place::new();
    let upset = "[[step]]\ncorrupt = { shadow = { tenant = 1, address = 0x10 } }\n";
    place.write("upset.toml", format!("{SCENARIO}{upset}"));
    place.write("s.toml", SCENARIO);
    place.refuses(&["sim", "upset.toml", "--engine", "verilator"], "upset.toml:4: the step needs the inside of the RTL");
    place.refuses(&["sim", "s.toml", "--engine", "verilator", "--vcd", "x"], "--vcd needs the inside of the RTL");
    place.refuses(&["sim", "s.toml", "--engine", "verilator", "--model"], "cannot be used with");
    assert_eq!(place.names(), ["s.toml", "upset.toml"]);
}
