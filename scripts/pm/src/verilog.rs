//! `pm verilog`: writes a design's Verilog.

use crate::design::{Design, Level};
use crate::interface::{Control, Interface};
use crate::output::{Files, Kind, Replace};
use crate::terminal;
use anyhow::bail;
use clap::{Args, ValueEnum};
use pm_rtl::guard::axi4::Axi4Options;
use pm_system::input::UsageError;
use pm_verilog::{names, EmitOptions};
use std::path::PathBuf;

const EXAMPLE: &str = "\
Example:
  pm verilog --geometry soc32 --out partition_manager.v
  pm verilog --geometry cu --interface wishbone --out partition_manager.v
  pm verilog --geometry soc32 --interface axi4 --data 64 --bursts 16 --out partition_manager.v
  pm verilog --geometry cu --interface wishbone --control apb4 --out partition_manager.v
  pm verilog --geometry mcu --top sensor_guard --out sensor_guard.v

Two designs elaborate together when each has a --top of its own: the names of all other modules follow it, unless --prefix is given.
With --out and --interface, FILE.md beside FILE.v lists the ports, the latency, and a template to instantiate.
Exit code: 0 done, 1 the design cannot be emitted or written, 2 bad arguments.";

/// Write the Verilog of a geometry
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Preset or FILE.toml, with its features
    #[arg(long, default_value = "cu", value_name = "NAME")]
    geometry: String,
    /// What to emit
    #[arg(long, value_enum, default_value = "core")]
    design: Design,
    /// What it connects to: an interface of the design `core`
    #[arg(long, value_enum, conflicts_with = "design")]
    interface: Option<Interface>,
    /// Translate what is not managed by a standard MMU; without it, it keeps its address
    #[arg(long, requires = "interface")]
    mmu: bool,
    /// Data bits of the interface axi4; 32 without it
    #[arg(long, value_name = "32|64|128|256|512", requires = "interface")]
    data: Option<usize>,
    /// Bursts under way in each direction of the interface axi4, at most; 8 without it
    #[arg(long, value_name = "2..16", requires = "interface")]
    bursts: Option<usize>,
    /// Bus of the control registers; without it registers for core, and that of the interface for wishbone and axi4
    #[arg(long, value_enum, requires = "interface")]
    control: Option<Control>,
    /// Entries of a source map, which names the tenant of each source; 0: the sideband is the tenant. For wishbone and axi4
    #[arg(long, value_name = "0..16", requires = "interface", default_value_t = 0, hide_default_value = true)]
    sources: usize,
    /// Level at which the reset acts; without it high, and low for the interface axi4
    #[arg(long, value_enum)]
    reset: Option<Level>,
    /// Name of the top module; without it the design's own, `partition_manager` of a core or an interface
    #[arg(long, value_name = "NAME")]
    top: Option<String>,
    /// First characters of the name of every other module; without it `pm_`, and with --top NAME `pm_NAME_`
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// Write a `timescale directive, such as 1ns/1ps, for tools that want one in every file; no module has a delay
    #[arg(long, value_name = "UNIT/PRECISION")]
    timescale: Option<String>,
    /// File to write; standard output without it, and for -
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    out: PathBuf,
    #[command(flatten)]
    replace: Replace,
}

impl Arguments {
    /// The names that the modules get.
    fn names(&self, design: Design) -> anyhow::Result<EmitOptions> {
        for (option, word) in [("--top", &self.top), ("--prefix", &self.prefix)] {
            if let Some(word) = word.as_ref().filter(|word| !names::is_name(word)) {
                bail!(UsageError(format!(
                    "{option}: {word:?} cannot begin the name of a module; use letters, digits and underscores, no digit first, and no \
                     keyword of Verilog or SystemVerilog"
                )));
            }
        }
        let usual = EmitOptions { top: design.top().into(), ..EmitOptions::default() };
        let prefix = match (&self.prefix, &self.top) {
            (Some(prefix), _) => prefix.clone(),
            (None, Some(top)) if *top != usual.top => names::prefix_of(top),
            _ => usual.prefix,
        };
        let top = self.top.clone().unwrap_or(usual.top);
        let names = EmitOptions { top, prefix, timescale: self.timescale.clone(), ..EmitOptions::default() };
        names.check().map_err(|error| UsageError(format!("--timescale: {error}")))?;
        Ok(names)
    }

    /// The options that change names, as they were given.
    fn given(&self) -> String {
        let options = [("--top", &self.top), ("--prefix", &self.prefix), ("--timescale", &self.timescale)];
        let given = options.into_iter().filter_map(|(option, word)| word.as_ref().map(|word| format!(" {option} {word}")));
        let level = self.reset.map(|level| format!(" --reset {}", format!("{level:?}").to_lowercase()));
        let control = self.control.and_then(|control| control.to_possible_value());
        let control = control.map(|control| format!(" --control {}", control.get_name()));
        let sources = (self.sources > 0).then(|| format!(" --sources {}", self.sources));
        given.chain(level).chain(control).chain(sources).collect()
    }
}

/// Writes the text; there is no way to fail without an error.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    let geometry = terminal::geometry(&arguments.geometry)?;
    if arguments.interface != Some(Interface::Axi4) {
        for (given, name) in [(arguments.data.is_some(), "--data"), (arguments.bursts.is_some(), "--bursts")] {
            if given {
                let what = format!("{name} is an option of the interface axi4; give --interface axi4, or leave out {name}");
                return Err(UsageError(what).into());
            }
        }
    }
    if arguments.sources > 0 && !matches!(arguments.interface, Some(Interface::Axi4 | Interface::Wishbone)) {
        let what =
            "--sources is an option of the interfaces axi4 and wishbone: the core takes the tenant itself; leave out --sources";
        return Err(UsageError(what.into()).into());
    }
    let usual = Axi4Options::default();
    let options = Axi4Options {
        data: arguments.data.unwrap_or(usual.data),
        bursts: arguments.bursts.unwrap_or(usual.bursts),
        mmu: arguments.mmu,
        sources: arguments.sources,
        control: arguments.interface.map_or(Ok(usual.control), |interface| interface.control(arguments.control))?,
    };
    let design = match arguments.interface.map(|interface| interface.design(options)) {
        None => arguments.design,
        Some(Some(design)) => design,
        Some(None) => bail!(UsageError("the core has no MMU beside it: choose another interface, or leave out --mmu".into())),
    };
    let names = arguments.names(design)?;
    let path = &arguments.out;
    let mut files = Files::new(arguments.replace);
    let out = files.output(path, Kind::Verilog)?;
    let beside = arguments.interface.filter(|_| !out.is_standard());
    let document = beside.map(|interface| Ok((interface, files.output(&path.with_extension("md"), Kind::Document)?)));
    let document = document.transpose().map_err(|error: anyhow::Error| error.context("the documentation beside --out"))?;
    let text = design.verilog_at(&geometry, &names, arguments.reset)?;
    if let Some((interface, document)) = &document {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{interface:?}").to_lowercase();
        let mmu = if arguments.mmu { " --mmu" } else { "" };
        let mmu = match interface {
            Interface::Axi4 => format!("{mmu} --data {} --bursts {}", options.data, options.bursts),
            _ => mmu.into(),
        };
        let given = arguments.given();
        let command = format!("pm verilog --geometry {} --interface {name}{mmu}{given} --out {file}", arguments.geometry);
        let other_reset = design.turns(arguments.reset);
        document.write(interface.document(&text, &names, other_reset, &file, &command))?;
    }
    out.write(&text)?;
    Ok(true)
}
