//! `pm verilog`: writes a design's Verilog.

use crate::{design::Design, terminal};
use anyhow::Context;
use clap::Args;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Example:
  pm verilog --geometry soc32 --out partition_manager.v

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
    /// File to write; standard output without it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes the text; there is no way to fail without an error.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    let text = arguments.design.verilog(&terminal::geometry(&arguments.geometry)?)?;
    match &arguments.out {
        None => terminal::print(&text)?,
        Some(path) => std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?,
    }
    Ok(true)
}
