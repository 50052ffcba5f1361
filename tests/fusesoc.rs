//! The FuseSoC core: it lints, its testbench passes, and another core that depends on its generator gets a guard of its own,
//! with every option of `pm verilog`, wherever the folders lie.

use crate::pm::{binary, pm, scratch};
use crate::tidy::project;
use pm_tools::Tool;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// FuseSoC, if it could be installed.
fn fusesoc() -> Option<PathBuf> {
    pm_tools::find(Tool::Fusesoc).map_err(|missing| eprintln!("fusesoc: skipped: {missing}")).ok()
}

/// An empty folder whose name has a blank.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fusesoc {name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

/// The folder of the example, copied to a path with a blank.
fn library(within: &Path) -> PathBuf {
    let library = within.join("a library");
    fs::create_dir_all(&library).expect("the folder can be made");
    for entry in fs::read_dir(project("examples/fusesoc")).expect("the example is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_file() {
            fs::copy(&path, library.join(path.file_name().expect("it has a name"))).expect("it can be copied");
        }
    }
    library
}

/// `pm` at a path with a blank.
fn program(within: &Path) -> PathBuf {
    let path = within.join("a pm");
    fs::copy(binary(), &path).expect("it can be copied");
    path
}

/// Runs FuseSoC in a folder: what it says, after it went well.
fn run(fusesoc: &Path, folder: &Path, program: &Path, arguments: &[&str]) -> String {
    let mut run = Command::new(fusesoc);
    run.args(arguments).env("PM", program).env("PATH", pm_tools::search_path()).current_dir(folder);
    // FuseSoC's own configuration is the user's: the test has none but what it adds.
    run.env("XDG_CONFIG_HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CACHE_HOME", folder);
    let output = run.output().expect("fusesoc starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

#[test]
fn fusesoc_builds_lints_and_simulates_the_core() {
    let Some(fusesoc) = fusesoc() else { return };
    let folder = folder("core");
    let (library, program) = (library(&folder), program(&folder));
    for (target, expected) in [("lint", ""), ("sim", "PASS: ")] {
        if target == "sim" && pm_tools::require(&[Tool::Iverilog, Tool::Vvp]).is_err() {
            eprintln!("fusesoc: the testbench is left out: no Icarus Verilog");
            continue;
        }
        let build = folder.join(format!("build {target}"));
        let arguments =
            ["--cores-root", text(&library), "run", "--build-root", text(&build), "--target", target, "partition_manager"];
        let said = run(&fusesoc, &folder, &program, &arguments);
        assert!(said.contains(expected) && !said.contains("FAIL"), "{target}: {said}");
    }
}

#[test]
fn another_core_depends_on_the_generator_and_has_its_own_guard() {
    let Some(fusesoc) = fusesoc() else { return };
    let folder = folder("user");
    let (library, program) = (library(&folder), program(&folder));
    let user = folder.join("a user");
    fs::create_dir_all(&user).expect("the folder can be made");
    // As in README.md.
    let readme = fs::read_to_string(project("examples/fusesoc/README.md")).expect("the page is there");
    let (_, rest) = readme.split_once("```yaml\n").expect("there is an example");
    let (core, _) = rest.split_once("```").expect("it ends");
    fs::write(user.join("my_soc.core"), core).expect("it can be written");
    fs::write(user.join("my_soc.v"), "module my_soc;\n    partition_manager guard ();\nendmodule\n").expect("it can be written");
    let said = run(&fusesoc, &folder, &program, &["library", "add", "partition_manager", text(&library)]);
    assert!(!said.contains("WARNING"), "{said}");
    run(&fusesoc, &folder, &program, &["library", "add", "user", text(&user)]);
    run(&fusesoc, &folder, &program, &["run", "--target", "lint", "my_soc"]);
    let made = find(&folder.join("build"), "partition_manager.v");
    let emitted = fs::read_to_string(&made).expect("it can be read");
    let arguments = ["verilog", "--geometry", "soc32", "--interface", "axi4", "--data", "64", "--bursts", "4", "--mmu"];
    assert!(emitted == pm(&arguments).output, "{} is not what pm verilog writes", made.display());
}

/// The file of this name below a folder.
fn find(folder: &Path, name: &str) -> PathBuf {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|found| found == name) {
                return path;
            }
        }
    }
    panic!("no {name} below {}", folder.display());
}

/// Options that the help of `pm verilog` lists.
fn listed() -> Vec<(String, bool)> {
    let help = pm(&["verilog", "--help"]).output;
    let options = help.lines().filter_map(|line| {
        let (_, rest) = line.split_once("--").filter(|(before, _)| before.trim().is_empty() || before.trim().ends_with(','))?;
        let name = rest.split([' ', '=']).next()?;
        Some((name.to_string(), rest[name.len()..].starts_with(" <")))
    });
    options.filter(|(name, _)| !["out", "help"].contains(&name.as_str())).collect()
}

/// The generator alone, with a program that tells what it is called with.
#[cfg(unix)]
#[test]
fn the_generator_takes_every_option() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("options");
    let program = scratch("tells arguments", "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\n' \"$word\"; done >arguments\n");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it can be made a program");
    fs::write(folder.join("my geometry.toml"), "").expect("it can be written");
    let options = listed();
    assert!(options.len() >= 6, "{options:?}");
    let mut order = format!("files_root: {}\ngapi: '1.0'\nparameters:\n", folder.display());
    let mut expected = vec!["verilog".to_string()];
    for (name, valued) in &options {
        let value = if *valued { format!("some {name}") } else { "true".into() };
        order.push_str(&format!("  {}: {value}\n", name.replace('-', "_")));
        expected.push(if *valued { format!("--{name}={value}") } else { format!("--{name}") });
    }
    order.push_str("  off: false\n  quoted: '- it''s'\n  file: my geometry.toml\nvlnv: ::a-b:1.0.0\n");
    expected.extend(["--quoted=- it's".to_string(), format!("--file={}", folder.join("my geometry.toml").display())]);
    expected.extend(["--out", "partition_manager.v"].map(String::from));
    let order = scratch("order.yml", order);
    let run = |order: &str| {
        let mut run = Command::new("python3");
        run.arg(project("examples/fusesoc/emit.py")).arg(order).env("PM", &program).current_dir(&folder);
        run.output().expect("python starts")
    };
    let output = run(&order);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let arguments = fs::read_to_string(folder.join("arguments")).expect("the program was called");
    assert_eq!(arguments.lines().collect::<Vec<_>>(), expected);
    assert!(folder.join("a-b.core").is_file());
    // Where the file lies is FuseSoC's to say.
    let output = run(&scratch("order_out.yml", "files_root: .\nparameters:\n  out: elsewhere.v\nvlnv: ::a-b:1.0.0\n"));
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("parameter out"), "{output:?}");
}
