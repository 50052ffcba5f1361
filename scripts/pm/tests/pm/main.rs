//! The `pm` command as its users meet it: files, processes, manners, and results that are tied to the work done.

mod engines;
mod files;
mod inputs;
mod manners;
mod processes;
mod verdicts;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run of `pm` gave.
struct Run {
    code: i32,
    output: String,
    errors: String,
}

/// A folder for one test, and `pm` in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("the file can be written");
        path
    }

    fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path(name)).expect("the file can be read")).into_owned()
    }

    /// Every name in the folder, hidden ones too.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("it can be listed");
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pm"));
        command.args(arguments).current_dir(self.0.path()).env("TMPDIR", self.0.path());
        command
    }

    fn pm(&self, arguments: &[&str]) -> Run {
        let Output { status, stdout, stderr } = self.command(arguments).output().expect("pm starts");
        let text = |bytes| String::from_utf8(bytes).expect("pm prints text");
        Run { code: status.code().expect("pm ends by itself"), output: text(stdout), errors: text(stderr) }
    }

    /// Bad input: exit code 2, and an error that says this.
    fn refuses(&self, arguments: &[&str], said: &str) {
        let run = self.pm(arguments);
        assert!(run.code == 2 && run.errors.contains(said), "{arguments:?} ended with {}: {}", run.code, run.errors);
        assert!(run.errors.len() < 2000 && !run.errors.contains("panicked"), "{}", run.errors);
    }

    /// Done, or the test fails.
    fn does(&self, arguments: &[&str]) -> Run {
        let run = self.pm(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.output, run.errors);
        run
    }
}

/// Whether Verilator and the other tools are installed; campaigns cannot run without.
fn tools() -> bool {
    let folder = std::env::var("PM_TOOLS").unwrap_or_else(|_| project(".tools"));
    Path::new(&folder).join("bin/verilator").exists()
}

/// A file of the project.
fn project(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path).to_str().expect("the path is text").into()
}

/// A scenario of one step that passes.
const SCENARIO: &str = "geometry = \"tiny\"\n[[step]]\nregister = { name = \"ID\", value = 0x504D_4752 }\n";

/// A manifest's source.
const SOURCE: &str =
    "geometry = \"cu+boot\"\nversion = 65537\npool_base = 0x8000_0000\npool_size = 0x2000\nwindow_base = 0x1_0000\n";

/// A trace of two accesses.
const TRACE: &str = "==1== lackey\n L 1000,4\n S 1004,4\n";
