//! The committed copies are what the source says, and tools take them. `PM_UPDATE=1 cargo test -p pm-registers --test generated`
//! renews them.

use pm_registers::{datasheet, header, rdl};
use pm_tools::Tool;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const BEGIN: &str = "<!-- registers: made by `./pm registers --format markdown` -->\n";
const END: &str = "<!-- registers end -->\n";

fn rtl(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Compares, or renews where asked to.
fn check(path: &str, committed: &str, expected: &str) {
    if std::env::var_os("PM_UPDATE").is_some() {
        fs::write(rtl(path), expected).expect("it can be written");
        return;
    }
    assert!(committed == expected, "rtl/{path} is stale: run PM_UPDATE=1 cargo test -p pm-registers --test generated");
}

fn run(tool: Tool, arguments: &[&str]) -> Option<Output> {
    let program = match pm_tools::find(tool) {
        Ok(program) => program,
        Err(missing) => {
            eprintln!("not checked: {missing}");
            return None;
        }
    };
    Some(Command::new(program).args(arguments).current_dir(rtl("generated")).output().expect("it starts"))
}

fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_committed_copies_are_fresh() {
    for (path, expected) in [("generated/partition_manager.rdl", rdl()), ("generated/partition_manager.h", header())] {
        check(path, &fs::read_to_string(rtl(path)).unwrap_or_default(), &expected);
    }
}

#[test]
fn the_datasheet_is_fresh() {
    let text = fs::read_to_string(rtl("README.md")).expect("the datasheet is there");
    let (before, rest) = text.split_once(BEGIN).expect("the datasheet marks where the tables begin");
    let (_, after) = rest.split_once(END).expect("the datasheet marks where the tables end");
    check("README.md", &text, &format!("{before}{BEGIN}\n{}\n{END}{after}", datasheet()));
}

#[test]
fn the_header_is_c99() {
    let arguments = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-x", "c", "partition_manager.h"];
    succeeds(&run(Tool::Cc, &arguments).expect("a C compiler is here"));
}

/// SystemRDL's own compiler reads it, where `./scripts/setup registers` could install it.
#[test]
fn the_rdl_compiles() {
    let Some(output) = run(Tool::Peakrdl, &["dump", "partition_manager.rdl"]) else { return };
    succeeds(&output);
    let text = String::from_utf8_lossy(&output.stdout);
    for register in pm_interface::registers::REGISTERS {
        let expected = format!("0x{:02x}-0x{:02x}: partition_manager.{}", register.offset, register.offset + 3, register.name);
        assert!(text.lines().any(|line| line.to_lowercase().trim() == expected.to_lowercase()), "{expected}\n{text}");
    }
}
