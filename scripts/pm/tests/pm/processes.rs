//! What `pm` starts ends with `pm`, however it ends, and nothing is left in the temporary folder.

use super::Place;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A tool that makes a temporary folder, as yosys does, starts another tool, tells both process numbers, and does not end.
const TOOL: &str =
    "#!/bin/sh\nmktemp -d -t tool-XXXXXX >/dev/null || exit 1\nsleep 600 &\necho $! >>\"$PIDS\"\nsetsid sleep 600 &\necho $! >>\"$PIDS\"\necho $$ >>\"$PIDS\"\nwait\n";

fn lives(pid: &str) -> bool {
    // A zombie has no command line.
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn tools_end_with_pm_however_it_ends() {
    for signal in ["INT", "TERM", "HUP", "KILL"] {
        for arguments in [&["bitstream", "--out", "work"][..], &["check", "--geometry", "tiny", "--design", "partition_manager"]]
        {
            let place = Place::new();
            let tool = place.write("tool", TOOL);
            std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
            let mut command = place.command(arguments);
            for variable in ["PM_YOSYS", "PM_NEXTPNR", "PM_ICEPACK", "PM_VERILATOR", "PM_IVERILOG"] {
                command.env(variable, &tool);
            }
            command.env("PIDS", place.path("pids")).stdout(Stdio::null()).stderr(Stdio::null());
            let mut pm = command.spawn().unwrap();
            let pids = || std::fs::read_to_string(place.path("pids")).unwrap_or_default();
            wait_until("the tool starts", || pids().lines().count() == 3);
            // Between fork and exec a process has no command line.
            wait_until("the tool and what it started run", || pids().lines().all(lives));
            assert!(Command::new("kill").args([&format!("-{signal}"), &pm.id().to_string()]).status().unwrap().success());
            pm.wait().unwrap();
            wait_until("the tool ends", || !pids().lines().any(lives));
            wait_until("drafts and what the tool left are removed", || {
                place.names().iter().all(|name| ["tool", "pids", "work"].contains(&name.as_str()))
            });
        }
    }
}

/// A tool that ends by itself, or is killed because its time is up, leaves nothing either.
#[test]
fn what_a_tool_leaves_in_the_temporary_folder_is_removed() {
    let place = Place::new();
    let tool = place.write("tool", "#!/bin/sh\nmktemp -d -t tool-XXXXXX >/dev/null\nmktemp -t file-XXXXXX >/dev/null\nexit 1\n");
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = place.command(&["check", "--geometry", "tiny", "--design", "partition_manager"]);
    for variable in ["PM_YOSYS", "PM_VERILATOR", "PM_IVERILOG"] {
        command.env(variable, &tool);
    }
    let run = command.output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!(place.names(), ["tool"]);
}

#[test]
fn a_stopped_run_leaves_no_half_of_a_file() {
    for signal in ["INT", "KILL"] {
        let place = Place::new();
        let steps = "[[step]]\nrepeat = 1000000\nregister = { name = \"ID\" }\n";
        place.write("s.toml", format!("geometry = \"tiny\"\n{steps}"));
        let mut command = place.command(&["sim", "s.toml", "--vcd", "out.vcd"]);
        let mut pm = command.stdout(Stdio::null()).spawn().unwrap();
        wait_until("the VCD is begun", || place.names().iter().any(|name| name.ends_with(".part")));
        assert!(Command::new("kill").args([&format!("-{signal}"), &pm.id().to_string()]).status().unwrap().success());
        // Where these tests were started with SIGINT ignored, as a shell starts its background jobs, `pm` ignores it as well.
        wait_until("pm ends", || pm.try_wait().unwrap().is_some());
        wait_until("the draft is removed", || place.names() == ["s.toml"]);
    }
}
