//! An emitted file beside others in one design: names of modules, the time scale, and parameters that are out of range. Icarus
//! Verilog, Verilator and yosys elaborate each design.

use crate::pm::{pm, scratch};
use pm_bsp::tools::{Run, Start, Tool, Toolbox};
use pm_verilog::names::modules;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// The readers that are installed; says which are not.
fn readers() -> Vec<Tool> {
    let toolbox = Toolbox::discover();
    let (found, missing): (Vec<Tool>, Vec<Tool>) =
        [Tool::Iverilog, Tool::Verilator, Tool::Yosys].into_iter().partition(|tool| toolbox.find(*tool).is_ok());
    if !missing.is_empty() {
        let missing: Vec<String> = missing.iter().map(Tool::to_string).collect();
        eprintln!("skipped: these readers are not installed: {}", missing.join(", "));
    }
    found
}

/// Elaborates `top` out of these files, with values for its parameters: what the reader said, or why it stopped. A warning of Verilator
/// stops it, too.
fn elaborate(tool: Tool, files: &[&str], top: &str, parameters: &[(&str, i64)]) -> Result<String, String> {
    let run = Toolbox::discover().run(tool).map_err(|error| error.to_string())?;
    let run = match tool {
        Tool::Iverilog => {
            let values = parameters.iter().map(|(name, value)| format!("-P{top}.{name}={value}"));
            run.args(["-g2005", "-t", "null", "-s", top]).args(values.collect::<Vec<_>>()).args(files)
        }
        Tool::Verilator => {
            let values = parameters.iter().map(|(name, value)| format!("-G{name}={value}"));
            run.args(["--lint-only", "-Wall", "--top-module", top]).args(values.collect::<Vec<_>>()).args(files)
        }
        _ => {
            let reads: String = files.iter().map(|file| format!("read_verilog \"{file}\"; ")).collect();
            let sets: String = parameters.iter().map(|(name, value)| format!("chparam -set {name} {value} {top}; ")).collect();
            run.args(["-q", "-p", &format!("{reads}{sets}hierarchy -check -top {top}; proc")])
        }
    };
    ended(run)
}

/// What a program said that ended with code 0, or that did not.
fn ended(run: Run) -> Result<String, String> {
    let ended = run.attempt(Duration::from_secs(300)).map_err(|error| format!("{error:#}"))?;
    if ended.code == Some(0) {
        Ok(ended.text)
    } else {
        Err(ended.text)
    }
}

/// The file that `pm verilog` writes with these arguments.
fn emitted(name: &str, arguments: &str) -> String {
    let file = scratch(name, "");
    std::fs::remove_file(&file).expect("it was just written");
    let arguments: Vec<&str> = arguments.split(' ').chain(["--out", &file]).collect();
    let run = pm(&[&["verilog"], &arguments[..]].concat());
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.errors);
    file
}

fn read(file: &str) -> String {
    std::fs::read_to_string(file).expect("it was written")
}

/// A system with one instance of each module; nothing is connected.
fn system(name: &str, inner: &[&str]) -> String {
    let instances: String = inner.iter().map(|module| format!("    {module} the_{module} ();\n")).collect();
    let waivers =
        "/* verilator lint_off PINMISSING */\n/* verilator lint_off DECLFILENAME */\n/* verilator lint_off TIMESCALEMOD */\n";
    scratch(name, format!("{waivers}module soc;\n{instances}endmodule\n"))
}

#[test]
fn two_geometries_elaborate_together() {
    for (name, one, other) in [
        // Other names of modules follow the top.
        ("by-top", "--geometry cu --top left", "--geometry mcu --top pm_right"),
        ("by-prefix", "--geometry cu --top left --prefix a_", "--geometry mcu --top right --prefix b_"),
        ("one-as-usual", "--geometry tiny+boot", "--geometry tiny+alerts --top right"),
        ("buses", "--geometry cu --interface wishbone --top left", "--geometry cu --interface axi4 --top right"),
    ] {
        let files = [emitted(&format!("together-{name}-1.v"), one), emitted(&format!("together-{name}-2.v"), other)];
        let texts = files.each_ref().map(|file| read(file));
        let names = texts.each_ref().map(|text| modules(text).collect::<BTreeSet<_>>());
        assert!(names[0].len() > 50 && names[1].len() > 50 && names[0].is_disjoint(&names[1]), "{names:?}");
        let tops = texts.each_ref().map(|text| modules(text).last().expect("a top comes last"));
        let soc = system(&format!("together-{name}.v"), &tops);
        let orders = [[&files[0], &files[1], &soc], [&files[1], &files[0], &soc]];
        for (tool, files) in readers().into_iter().zip(orders.into_iter().cycle()) {
            let said = elaborate(tool, &files.map(String::as_str), "soc", &[]);
            assert!(said.is_ok(), "{name}, {tool}: {}", said.unwrap_err());
        }
    }
}

/// Of two tops of one name no reader takes one in silence: each stops and names the module.
#[test]
fn two_designs_of_one_name_are_refused_by_every_reader() {
    for (name, other, twice) in
        [("tops", "--geometry mcu", "partition_manager"), ("prefixes", "--geometry mcu --top right --prefix pm_", "pm_audit")]
    {
        let files = [emitted(&format!("clash-{name}-1.v"), "--geometry tiny"), emitted(&format!("clash-{name}-2.v"), other)];
        for tool in readers() {
            let said = elaborate(tool, &[&files[0], &files[1]], "partition_manager", &[]).expect_err("a module is defined twice");
            // yosys stops at the first.
            assert!(said.contains(twice) || tool == Tool::Yosys && said.contains("pm_"), "{name}, {tool}: {said}");
        }
    }
}

#[test]
fn every_module_but_the_top_has_the_prefix() {
    for (arguments, top, prefix) in [
        ("--geometry tiny", "partition_manager", "pm_"),
        ("--geometry tiny --top partition_manager", "partition_manager", "pm_"),
        ("--geometry tiny --prefix x_", "partition_manager", "x_"),
        ("--geometry tiny --top guard", "guard", "pm_guard_"),
        ("--geometry tiny --top guard --prefix pm_", "guard", "pm_"),
        ("--geometry tiny --interface wishbone --mmu --top pm_a", "pm_a", "pm_a_"),
        ("--geometry tiny --design data-path --prefix y", "data_path", "y"),
        ("--geometry cu --interface axi4", "partition_manager", "pm_"),
        ("--geometry cu --interface axi4 --top pm_axi4_guard --prefix pm_", "pm_axi4_guard", "pm_"),
        ("--geometry cu --design board --top board", "board", "pm_board_"),
    ] {
        let run = pm(&[&["verilog"], &arguments.split(' ').collect::<Vec<_>>()[..]].concat());
        assert_eq!(run.code, 0, "{arguments}: {}", run.errors);
        let names: Vec<&str> = modules(&run.output).collect();
        let (last, inner) = names.split_last().expect("there are modules");
        assert_eq!(*last, top, "{arguments}");
        assert!(inner.len() > 20 && inner.iter().all(|name| name.starts_with(prefix)), "{arguments}: {names:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{arguments}: {names:?}");
    }
}

#[test]
fn what_is_no_name_and_no_time_scale_is_refused() {
    let file = scratch("refused-names.v", "");
    for (option, word) in [
        ("--top", "module"),
        ("--top", ""),
        ("--top", "7up"),
        ("--top", "a b"),
        ("--top", "a.b"),
        ("--prefix", ""),
        ("--prefix", "a-"),
        ("--prefix", "7_"),
        ("--prefix", "logic"),
        ("--prefix", "ä_"),
        ("--prefix", "a;b"),
        ("--timescale", "1ns"),
        ("--timescale", "1ps/1ns"),
        ("--timescale", "3ns/1ps"),
    ] {
        std::fs::remove_file(&file).ok();
        let run = pm(&["verilog", "--geometry", "tiny", &format!("{option}={word}"), "--out", &file]);
        assert_eq!(run.code, 2, "{option} {word:?}: {}", run.errors);
        assert!(run.errors.contains(option) && run.output.is_empty(), "{option} {word:?}: {}", run.errors);
        assert!(!Path::new(&file).exists(), "{option} {word:?} left a file");
    }
}

#[test]
fn the_document_says_how_to_make_the_file_again() {
    let file = emitted("named-document.v", "--geometry tiny --interface wishbone --top guard --prefix g_ --timescale 1ns/1ps");
    let document = read(&file.replace(".v", ".md"));
    let command =
        "pm verilog --geometry tiny --interface wishbone --top guard --prefix g_ --timescale 1ns/1ps --out named-document.v";
    assert!(
        document.contains(command) && document.contains("Top module `guard`") && document.contains("\nguard guard ("),
        "{document}"
    );
}

/// Verilator wants a time scale in every file or in none, and counts what files before one say. A file that has no delay is clean beside
/// both, in any order.
#[test]
fn files_with_and_without_a_time_scale_stand_beside_it() {
    let file = emitted("timescale.v", "--geometry tiny");
    let module = "module other (\n    input  wire a,\n    output wire b\n);\n    assign b = a;\nendmodule\n";
    let waiver = "/* verilator lint_off DECLFILENAME */\n";
    let others = [
        scratch("timescale-with.v", format!("{waiver}`timescale 1ns/1ps\n{module}")),
        scratch("timescale-without.v", format!("{waiver}{module}")),
    ];
    let toolbox = Toolbox::discover();
    let lint = |files: &[&str], every: &[&str]| {
        let run = toolbox.run(Tool::Verilator).expect("it is installed");
        ended(run.args(["--lint-only", "--top-module", "partition_manager"]).args(every).args(files))
    };
    if readers().contains(&Tool::Verilator) {
        for other in &others {
            for files in [[file.as_str(), other], [other, file.as_str()]] {
                for every in [&["-Wall"][..], &[]] {
                    let said = lint(&files, every);
                    assert!(said.is_ok(), "{files:?} {every:?}: {}", said.unwrap_err());
                }
            }
        }
        // The check can fail.
        let bare = scratch("timescale-bare.v", read(&file).replace("/* verilator lint_off TIMESCALEMOD */\n", ""));
        let said = lint(&[&bare, &others[0]], &[]).expect_err("the waiver is needed");
        assert!(said.contains("TIMESCALEMOD"), "{said}");
    }
    // Icarus Verilog warns of every module that has no time scale of its own when others have one: what --timescale is for.
    let scaled = emitted("timescale-own.v", "--geometry tiny --timescale 1ns/1ps");
    if readers().contains(&Tool::Iverilog) {
        for files in [[scaled.as_str(), &others[0]], [&others[0], scaled.as_str()]] {
            let run = toolbox.run(Tool::Iverilog).expect("it is installed");
            let said = ended(run.args(["-g2005", "-Wall", "-t", "null", "-s", "partition_manager"]).args(files));
            assert_eq!(said.as_deref().map(str::trim), Ok(""), "{files:?}");
        }
    }
}

#[test]
fn parameters_out_of_range_stop_elaboration() {
    let file = emitted("parameters.v", "--geometry cu --interface axi4");
    for (parameter, least, most) in [("ID_WIDTH", 1, 16), ("USER_WIDTH", 8, 32)] {
        for tool in readers() {
            let set = |value| elaborate(tool, &[&file], "partition_manager", &[(parameter, value)]);
            for value in [least, most] {
                let said = set(value);
                assert!(said.is_ok(), "{tool}: {parameter}={value}: {}", said.unwrap_err());
            }
            for value in [least - 1, most + 1, 1000] {
                let said = set(value).expect_err("it is out of range");
                let message = format!("{parameter}_must_be_{least}_to_{most}");
                assert!(said.contains(&message), "{tool}: {parameter}={value}: {said}");
            }
            // A width below zero stops every reader, with or without the message.
            assert!(set(-1).is_err(), "{tool}: {parameter}=-1");
        }
    }
}

/// `scripts/same-verilog` with these options and files.
fn compared(arguments: &[&str]) -> (Option<i32>, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/same-verilog");
    let run = std::process::Command::new("python3").arg(script).args(arguments).output().expect("Python 3 is installed");
    (run.status.code(), String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned())
}

/// The comparison that a refactoring is checked with sees through names, and through nothing else.
#[test]
fn texts_of_other_names_are_the_same_and_texts_of_other_content_are_not() {
    let one = emitted("same-one.v", "--geometry tiny");
    let other = emitted("same-other.v", "--geometry tiny --top guard --prefix x_");
    for option in ["--exact", "--any-order"] {
        let (code, said) = compared(&[option, &one, &other]);
        assert!(code == Some(0) && said.contains("0 local names differ"), "{said}");
    }
    let text = read(&other);
    let changed = |name: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from} has moved; find it in the emitted text");
        scratch(name, text.replacen(from, to, 1))
    };
    let renamed = scratch("same-renamed.v", text.replace("first_byte", "byte_one"));
    assert_eq!(compared(&[&one, &renamed]).0, Some(0));
    assert_eq!(compared(&["--exact", &one, &renamed]).0, Some(1));
    let operator = changed("same-operator.v", "first_byte = address & ", "first_byte = address | ");
    let swapped = changed("same-swapped.v", "reset(reset),\n        .d(access_d),", "reset(access_d),\n        .d(reset),");
    let literal = changed("same-literal.v", "initial q = 19'h0", "initial q = 19'h1");
    let instance = changed("same-instance.v", "    x_register_15 outcome (", "    x_register_19 outcome (");
    for file in [operator, swapped, literal, instance] {
        for option in ["--exact", "--any-order"] {
            let (code, said) = compared(&[option, &one, &file]);
            assert!(code == Some(1) && said.starts_with("module "), "{file}: {said}");
        }
    }
    for broken in [scratch("same-empty.v", ""), scratch("same-text.v", "module a (\n"), "no-such-file.v".into()] {
        let (code, said) = compared(&[&one, &broken]);
        assert!(code == Some(2) && said.contains(&broken), "{said}");
    }
}
