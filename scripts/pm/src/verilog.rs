//! `pm verilog`: writes a design's Verilog.

use crate::interface::Interface;
use crate::{design::Design, terminal};
use anyhow::{bail, Context};
use clap::Args;
use pm_rtl::guard::axi4::Axi4Options;
use pm_sim::UsageError;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Example:
  pm verilog --geometry soc32 --out partition_manager.v
  pm verilog --geometry cu --interface wishbone --out partition_manager.v
  pm verilog --geometry soc32 --interface axi4 --data 64 --bursts 16 --out partition_manager.v

With --out and --interface, FILE.md beside FILE.v lists the ports, the latency, and a template to instantiate.
Exit code: 0 done, 1 the design cannot be emitted or written, 2 bad arguments.";

/// Write the Verilog of a geometry
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Preset
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
    /// Data bits of the interface axi4
    #[arg(long, default_value_t = 32, value_name = "32|64")]
    data: usize,
    /// Bursts under way in each direction of the interface axi4, at most
    #[arg(long, default_value_t = 8, value_name = "2..16")]
    bursts: usize,
    /// File to write; standard output without it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes the text; there is no way to fail without an error.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    let geometry = terminal::geometry(&arguments.geometry)?;
    let options = Axi4Options { data: arguments.data, bursts: arguments.bursts, mmu: arguments.mmu };
    let design = match arguments.interface.map(|interface| interface.design(options)) {
        None => arguments.design,
        Some(Some(design)) => design,
        Some(None) => bail!(UsageError("the core has no MMU beside it: choose another interface, or leave out --mmu".into())),
    };
    let text = design.verilog(&geometry)?;
    let Some(path) = &arguments.out else {
        terminal::print(&text)?;
        return Ok(true);
    };
    std::fs::write(path, &text).with_context(|| format!("cannot write {}", path.display()))?;
    if let Some(interface) = arguments.interface {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{interface:?}").to_lowercase();
        let mmu = if arguments.mmu { " --mmu" } else { "" };
        let mmu = match arguments.interface {
            Some(Interface::Axi4) => format!("{mmu} --data {} --bursts {}", options.data, options.bursts),
            _ => mmu.into(),
        };
        let command = format!("pm verilog --geometry {} --interface {name}{mmu} --out {file}", arguments.geometry);
        let beside = path.with_extension("md");
        std::fs::write(&beside, interface.document(&text, design.top(), &file, &command))
            .with_context(|| format!("cannot write {}", beside.display()))?;
    }
    Ok(true)
}
