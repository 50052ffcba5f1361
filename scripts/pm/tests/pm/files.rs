//! No input and no foreign file is written over; what is written is whole or not there; two runs do not mix.

use super::{tools, Place, SCENARIO, SOURCE};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// Every command that writes a file, with the option that names it last.
const WRITERS: [&[&str]; 5] = [
    &["verilog", "--geometry", "tiny", "--out"],
    &["sim", "s.toml", "--model", "--audit-log"],
    &["sim", "s.toml", "--vcd"],
    &["manifest", "build", "m.toml", "-o"],
    &["manifest", "build", "m.toml", "--key", "key", "-o"],
];

fn place() -> Place {
    let place = Place::new();
    place.write("s.toml", SCENARIO);
    place.write("m.toml", SOURCE);
    let key = place.write("key", "000102030405060708090a0b0c0d0e0f\n");
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
    place
}

fn with<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

#[test]
fn no_input_is_written_over_by_whatever_name_it_goes() {
    let place = place();
    std::os::unix::fs::symlink("s.toml", place.path("s.link")).unwrap();
    std::os::unix::fs::symlink("key", place.path("key.link")).unwrap();
    std::fs::hard_link(place.path("key"), place.path("key.hard")).unwrap();
    std::fs::hard_link(place.path("m.toml"), place.path("m.hard")).unwrap();
    let build = ["manifest", "build", "m.toml", "--key", "key", "-o"];
    let mut tried = 0;
    for (arguments, inputs) in [
        (&["sim", "s.toml", "--model", "--audit-log"][..], &["s.toml", "./s.toml", "s.link"][..]),
        (&["sim", "s.toml", "--vcd"], &["s.toml", "s.link"]),
        (&build, &["key", "./key", "key.link", "key.hard", "m.toml", "m.hard"]),
        (&["manifest", "sign", "key", "--key"], &["key", "key.link"]),
    ] {
        for input in inputs {
            let force: &[&str] = if arguments.contains(&"sign") { &[] } else { &["--force"] };
            place.refuses(&with(arguments, &[input]), "itself, which is read");
            place.refuses(&with(arguments, &[&[*input], force].concat()), "itself, which is read");
            tried += 1;
        }
    }
    assert_eq!(tried, 13);
    assert_eq!((place.read("s.toml"), place.read("m.toml")), (SCENARIO.into(), SOURCE.into()));
    assert_eq!(place.read("key"), "000102030405060708090a0b0c0d0e0f\n");
}

/// A file of geometries is read by every command that takes `--geometry`, and by scenarios and manifests that name it.
#[test]
fn no_file_of_geometries_is_written_over() {
    let place = place();
    let own = "address_bits = 5\ngranule = \"4 B\"\nwindow = \"8 B\"\npool = \"16 B\"\ntenants = 2\nslots = 2\nlongest_access = \"4 B\"\n";
    place.write("my.toml", own);
    let table = format!("[mine]\n{own}");
    place.write("all.toml", &table);
    place.write("sm.toml", SCENARIO.replace("tiny", "my.toml"));
    place.write(
        "mm.toml",
        "geometry = \"my.toml+boot\"\nversion = 65537\npool_base = 0x10\npool_size = 0x10\nwindow_base = 0x18\n",
    );
    std::os::unix::fs::symlink("my.toml", place.path("my.link")).unwrap();
    let campaigns = ["cosim", "upset", "mutate", "fault", "prove"];
    let mut tried = 0;
    for command in campaigns.into_iter().chain(["verilog"]) {
        for out in ["my.toml", "my.link"] {
            if command != "prove" {
                place.refuses(&[command, "--geometry", "my.toml", "--out", out, "--force"], "itself, which is read");
            }
        }
        place.refuses(&[command, "--geometries", "all.toml", "--out", "all.toml", "--force"], "itself, which is read");
        tried += 1;
    }
    for arguments in [
        &["sim", "sm.toml", "--vcd", "my.toml", "--force"][..],
        &["sim", "sm.toml", "--model", "--audit-log", "my.toml", "--force"],
        &["manifest", "build", "mm.toml", "-o", "my.toml", "--force"],
    ] {
        place.refuses(arguments, "itself, which is read");
        tried += 1;
    }
    let run = place.command(&["verilog", "--out", "all.toml", "--force"]).env("PM_GEOMETRIES", "all.toml").output().unwrap();
    assert_eq!(run.status.code(), Some(2), "{}", String::from_utf8_lossy(&run.stderr));
    assert_eq!((tried, place.read("my.toml"), place.read("all.toml")), (9, own.into(), table));
}

#[test]
fn a_key_is_never_written_over() {
    for writer in WRITERS {
        let place = place();
        place.write("out", "000102030405060708090a0b0c0d0e0f\n");
        place.refuses(&with(writer, &["out", "--force"]), "a key");
        assert_eq!(place.read("out"), "000102030405060708090a0b0c0d0e0f\n");
    }
}

#[test]
fn a_foreign_file_is_written_over_only_when_that_is_asked_for() {
    for writer in WRITERS {
        let place = place();
        place.write("out", "somebody's work\n");
        place.refuses(&with(writer, &["out"]), "--force");
        assert_eq!(place.read("out"), "somebody's work\n");
        place.does(&with(writer, &["out", "--force"]));
        let made = place.read("out");
        assert_ne!(made, "somebody's work\n");
        // Its own file is replaced, but a log, which may be evidence.
        let again = place.pm(&with(writer, &["out"]));
        assert_eq!(again.code, if writer.contains(&"--audit-log") { 2 } else { 0 }, "{writer:?}: {}", again.errors);
        assert_eq!(place.read("out"), made);
        place.write("empty", "");
        place.does(&with(writer, &["empty"]));
        place.refuses(&with(writer, &["nowhere/out"]), "there is no folder nowhere");
        std::fs::create_dir(place.path("folder")).unwrap();
        place.refuses(&with(writer, &["folder"]), "this is a folder");
    }
    let place = place();
    place.write("out.md", "# My notes\n");
    place.refuses(&["verilog", "--geometry", "tiny", "--interface", "core", "--out", "out.v"], "is not its documentation");
    assert_eq!(place.names(), ["key", "m.toml", "out.md", "s.toml"], "neither file was written");
}

#[test]
fn results_and_work_folders_of_others_are_left_alone() {
    let place = place();
    place.write("results", "somebody's work\n");
    std::fs::create_dir(place.path("folder")).unwrap();
    place.write("folder/notes", "somebody's work\n");
    for campaign in ["upset", "cosim", "fault"].into_iter().filter(|_| tools()) {
        place.refuses(&[campaign, "--geometry", "tiny", "--out", "results"], "results:1: no results of `pm ");
    }
    place.refuses(&["bitstream", "--out", "folder"], "files that pm did not make");
    place.refuses(&["bitstream", "--out", "results"], "this is a file; name a folder");
    place.refuses(&["bitstream", "--out", "-"], "name a folder");
    assert_eq!((place.read("results"), place.read("folder/notes")), ("somebody's work\n".into(), "somebody's work\n".into()));
}

#[test]
fn two_outputs_are_two_files() {
    let place = place();
    place.refuses(&["verilog", "--geometry", "tiny", "--interface", "core", "--out", "guard.md"], "would be the same file");
    place.refuses(&["sim", "s.toml", "--vcd", "x", "--audit-log", "./x"], "would be the same file");
    place.refuses(&["sim", "s.toml", "--vcd", "-", "--audit-log", "-"], "cannot both be standard output");
    assert_eq!(place.names(), ["key", "m.toml", "s.toml"]);
}

#[test]
fn a_dash_is_standard_output_and_nothing_else_is_printed_there() {
    let place = place();
    let text = place.does(&["verilog", "--geometry", "tiny", "--out", "-"]).output;
    assert_eq!(text, place.does(&["verilog", "--geometry", "tiny"]).output);
    place.does(&["verilog", "--geometry", "tiny", "--out", "file.v"]);
    assert_eq!(text, place.read("file.v"));
    let vcd = place.does(&["sim", "s.toml", "--vcd", "-"]);
    assert!(vcd.output.starts_with("$version") && vcd.errors.contains("all 1 steps as expected"), "{}", vcd.errors);
    place.does(&["sim", "s.toml", "--vcd", "file.vcd"]);
    assert_eq!(vcd.output, place.read("file.vcd"));
    let log = place.does(&["sim", "s.toml", "--model", "--audit-log", "-"]);
    assert!(log.output.lines().all(|line| line.starts_with('{')), "{}", log.output);
    let manifest = place.command(&["manifest", "build", "m.toml", "-o", "-"]).output().unwrap();
    assert!(manifest.status.success() && manifest.stdout.starts_with(b"PMBM"));
    assert!(String::from_utf8_lossy(&manifest.stderr).contains("wrote standard output: 11 words"));
    place.refuses(&["manifest", "key", "-"], "a key is never printed");
    assert!(!place.names().contains(&"-".to_string()));
}

/// No room: the limit on a file's size gives the same errors as a full disk, wherever it strikes.
/// A device or a pipe has no earlier results, and no lock beside it; it is written once, at the end.
#[test]
fn results_may_go_to_what_is_no_file() {
    if !tools() {
        eprintln!("skipped: ./scripts/setup test installs Verilator and yosys");
        return;
    }
    let place = place();
    let campaigns: [&[&str]; 3] = [
        &["cosim", "--seeds", "2"],
        &["upset", "--only", "boot_gate", "--moments", "1"],
        &["fault", "--cycles", "400", "--shard", "1/40"],
    ];
    for campaign in campaigns {
        let full = place.pm(&with(campaign, &["--out", "/dev/full"]));
        assert!(full.code == 1 && full.errors.contains("cannot write /dev/full"), "{campaign:?}: {} {}", full.code, full.errors);
        let alone = place.pm(campaign);
        let none = place.pm(&with(campaign, &["--out", "/dev/null"]));
        assert_eq!((none.code, &none.output), (alone.code, &alone.output), "{campaign:?}: {}", none.errors);
        let standard = place.pm(&with(campaign, &["--out", "/dev/stderr"]));
        assert!(serde_json::from_str::<serde_json::Value>(&standard.errors).is_ok(), "{campaign:?}: {}", standard.errors);
    }
    assert!(!std::path::Path::new("/dev/.null.lock").exists());
}

/// A dash is no name of a folder.
#[test]
fn a_dash_is_refused_where_a_folder_is_meant() {
    let place = place();
    for arguments in [
        &["bitstream", "--out", "-"][..],
        &["fault", "--netlist", "-"],
        &["mutate", "--sample", "1", "--work", "-"],
        &["prove", "boot_closed", "--work", "-"],
    ] {
        place.refuses(arguments, "-: this command writes several files; name a folder for them");
        assert!(!place.path("-").exists(), "{arguments:?}");
    }
}

#[test]
fn help_that_cannot_be_printed_is_an_error() {
    for arguments in [&["--help"][..], &["--version"], &["sim", "--help"], &["help", "prove"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = place().command(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let errors = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.code() == Some(1) && errors.contains("cannot write to standard output"), "{arguments:?}: {errors}");
    }
}

#[test]
fn on_a_full_disk_there_is_an_error_and_no_file() {
    for (limit, arguments) in [
        (0, &["verilog", "--geometry", "tiny", "--out", "out"][..]),
        (8, &["verilog", "--geometry", "tiny", "--out", "out"]),
        (0, &["verilog", "--geometry", "tiny", "--interface", "core", "--out", "out.v"]),
        (8, &["verilog", "--geometry", "tiny", "--interface", "core", "--out", "out.v"]),
        (0, &["sim", "s.toml", "--vcd", "out"]),
        (8, &["sim", "s.toml", "--vcd", "out"]),
        (0, &["sim", "s.toml", "--model", "--audit-log", "out"]),
        (0, &["manifest", "build", "m.toml", "-o", "out"]),
        (0, &["manifest", "build", "m.toml", "-o", "out", "--key", "key"]),
        (0, &["manifest", "key", "out"]),
    ] {
        let place = place();
        let mut shell = Command::new("sh");
        let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_pm")]).args(arguments).current_dir(place.0.path());
        let output = shell.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{limit} {arguments:?}: {errors}");
        assert!(errors.contains("cannot write") && !errors.contains("panicked") && !errors.contains("fault of pm"), "{errors}");
        assert!(place.names().iter().all(|name| ["key", "m.toml", "s.toml"].contains(&name.as_str())), "{:?}", place.names());
    }
    let place = place();
    for arguments in [&["sim", "s.toml", "--vcd", "/dev/full"][..], &["verilog", "--geometry", "tiny", "--out", "/dev/full"]] {
        let run = place.pm(arguments);
        assert!(run.code == 1 && run.errors.contains("cannot write"), "{} {}", run.code, run.errors);
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ended = place.command(&["registers"]).stdout(full).status().unwrap();
    assert_eq!(ended.code(), Some(1));
}

#[test]
fn a_run_that_fails_leaves_what_was_there() {
    let place = place();
    place.does(&["verilog", "--geometry", "tiny", "--out", "out.v"]);
    let before = place.read("out.v");
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_pm")]);
    let status = shell.args(["verilog", "--geometry", "mcu", "--out", "out.v"]).current_dir(place.0.path()).status().unwrap();
    assert_eq!((status.code(), place.read("out.v")), (Some(1), before));
}

/// While one run has a file or a folder, another is told which process that is; a third goes on when it has ended.
#[test]
fn the_second_run_is_told_who_has_a_file_or_folder() {
    if !tools() {
        eprintln!("skipped: ./scripts/setup installs the tools");
        return;
    }
    let place = place();
    place.write("lock.sh", "exec 9<>\"$1\"; flock 9; echo 'process 17: pm upset' >&9; echo held; read line");
    std::fs::create_dir(place.path("work")).unwrap();
    for (lock, arguments) in [
        (".results.lock", &["upset", "--geometry", "tiny", "--out", "results"][..]),
        (".results.lock", &["cosim", "--geometry", "tiny", "--out", "./results"]),
        (".work.lock", &["bitstream", "--out", "work"]),
    ] {
        let mut holder = Command::new("sh");
        holder.arg(place.path("lock.sh")).arg(place.path(lock)).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut holder = holder.spawn().unwrap();
        let mut held = [0; 5];
        std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut held).unwrap();
        place.refuses(arguments, "in use by process 17: pm upset");
        drop(holder.stdin.take());
        holder.wait().unwrap();
    }
    assert!(!place.path("results").exists());
}
