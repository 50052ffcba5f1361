//! What this program started ends with it, whatever ends it. The test starts itself again as the program that is killed.

use pm_system::process::{remove_at_the_end, Tool};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Set for the program that is killed: the folder that it works in.
const FOLDER: &str = "PM_PROCESS_TEST_FOLDER";

/// A tool, a solver in the tool's group, and one that has left group and session.
const TOOL: &str = "sleep 600 & echo $! >> pids; setsid sleep 600 & echo $! >> pids; echo $$ >> pids; wait";

fn started(folder: &Path) -> Child {
    let me = std::env::current_exe().unwrap();
    let mut command = Command::new(me);
    command.args(["--exact", "the_program_that_is_killed", "--nocapture", "--ignored"]).env(FOLDER, folder);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("tools run")), "the program came so far");
    child
}

fn pids(folder: &Path) -> Vec<u32> {
    let text = std::fs::read_to_string(folder.join("pids")).unwrap_or_default();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

fn lives(pid: u32) -> bool {
    // A zombie has no command line.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

fn gone(folder: &Path) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(20) {
        if !pids(folder).into_iter().any(lives) && !folder.join("draft").exists() {
            return true;
        }
        sleep(Duration::from_millis(20));
    }
    false
}

#[test]
#[ignore = "not a test: the others start it"]
fn the_program_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    std::fs::create_dir(folder.join("draft")).unwrap();
    std::fs::write(folder.join("draft/part"), "half of it").unwrap();
    remove_at_the_end(&folder.join("draft")).unwrap();
    let tool = Tool::start(Command::new("sh").args(["-c", TOOL]).current_dir(&folder)).unwrap();
    while pids(&folder).len() < 3 {
        sleep(Duration::from_millis(10));
    }
    println!("tools run");
    if folder.ends_with("panic") {
        panic!("as asked");
    }
    sleep(Duration::from_secs(600));
    drop(tool);
}

#[cfg(target_os = "linux")]
#[test]
fn tools_and_drafts_end_with_the_program_however_it_ends() {
    for end in ["INT", "TERM", "HUP", "KILL", "panic"] {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(end);
        std::fs::create_dir(&folder).unwrap();
        let mut program = started(&folder);
        if end != "panic" {
            let begun = Instant::now();
            while !pids(&folder).into_iter().all(lives) {
                assert!(begun.elapsed() < Duration::from_secs(20), "{end}: {:?}", pids(&folder));
                sleep(Duration::from_millis(10));
            }
            assert!(folder.join("draft/part").exists(), "{end}");
            assert!(Command::new("kill").args([&format!("-{end}"), &program.id().to_string()]).status().unwrap().success());
        }
        assert!(!program.wait().unwrap().success());
        assert!(gone(&folder), "after {end} there are {:?}", pids(&folder));
    }
}

#[test]
fn a_tool_takes_what_it_started_with_it_at_its_end_and_at_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    for (script, limit) in [("sleep 600 & echo $! >> pids; exit 3", None), (TOOL, Some(Duration::from_millis(500)))] {
        let mut tool = Tool::start(Command::new("sh").args(["-c", script]).current_dir(&folder)).unwrap();
        let status = tool.wait(limit).unwrap();
        assert_eq!(status.code(), if limit.is_some() { None } else { Some(3) });
        // What has left the group ends with the program.
        let left = usize::from(limit.is_some());
        let begun = Instant::now();
        while pids(folder.path()).into_iter().filter(|pid| lives(*pid)).count() > left {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", pids(folder.path()));
            sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn both_streams_of_a_tool_are_kept() {
    let output = pm_system::process::output(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 2"])).unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.stderr.as_slice(), output.status.code()),
        (&b"out\n"[..], &b"err\n"[..], Some(2))
    );
    assert!(pm_system::process::output(&mut Command::new("/nowhere/tool")).is_err());
}
