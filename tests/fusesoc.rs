//! The FuseSoC core: it lints, and its testbench passes.

use crate::pm;
use crate::tidy::project;
use std::path::{Path, PathBuf};
use std::process::Command;

/// FuseSoC, if it could be installed.
fn fusesoc() -> Option<PathBuf> {
    let tools = std::env::var_os("PM_TOOLS").map_or_else(|| project(".tools"), PathBuf::from);
    Some(tools.join("venv/bin/fusesoc")).filter(|program| program.exists())
}

#[test]
fn fusesoc_builds_lints_and_simulates_the_core() {
    let Some(program) = fusesoc() else {
        eprintln!("fusesoc: skipped: it could not be installed; try ./scripts/setup fusesoc");
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fusesoc");
    for (target, expected) in [("lint", ""), ("sim", "PASS: ")] {
        let mut run = Command::new(&program);
        run.arg("--cores-root").arg(project("examples/fusesoc")).args(["run", "--build-root"]).arg(folder.join(target));
        run.args(["--target", target, "partition_manager"]).env("PM", pm::binary()).current_dir(env!("CARGO_TARGET_TMPDIR"));
        let output = run.output().expect("fusesoc starts");
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains(expected) && !text.contains("FAIL"), "{target}: {text}");
    }
}
