//! Runs the `pm` command, built for the same profile as these tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// What a run of `pm` gave.
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
}

/// Runs `pm` in the root of the project.
pub fn pm(arguments: &[&str]) -> Run {
    let Output { status, stdout, stderr } =
        Command::new(binary()).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("pm starts");
    Run {
        code: status.code().expect("pm ends by itself"),
        output: String::from_utf8(stdout).expect("pm prints text"),
        errors: String::from_utf8(stderr).expect("pm prints text"),
    }
}

/// Runs the lines in bash, in the root of the project, up to the first that fails. `./pm` is the program that the tests use.
pub fn shell(lines: &str) -> Output {
    let (folder, profile) = target();
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", lines]).current_dir(env!("CARGO_MANIFEST_DIR"));
    shell.env("CARGO_TARGET_DIR", folder).env("PM_PROFILE", profile).output().expect("bash starts")
}

/// A file of this name with this content, for one test; the test's name is part of the file's.
pub fn scratch(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("the scratch file can be written");
    path.to_str().expect("the path is text").into()
}

/// The target folder that these tests were built in, and the name of their profile.
pub fn target() -> (PathBuf, &'static str) {
    let tests = std::env::current_exe().expect("this program has a path");
    let profile = tests.ancestors().nth(2).expect("tests lie in PROFILE/deps");
    let target = profile.parent().expect("PROFILE lies in the target directory");
    (target.into(), if profile.ends_with("release") { "release" } else { "dev" })
}

/// The program, built if it is not.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let (target, name) = target();
        let profile = target.join(if name == "dev" { "debug" } else { name });
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "-p", "pm", "--bin", "pm", "--target-dir"]).arg(&target);
        if name == "release" {
            build.arg("--release");
        }
        let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo starts");
        assert!(status.success(), "pm could not be built");
        profile.join(format!("pm{}", std::env::consts::EXE_SUFFIX))
    })
}
