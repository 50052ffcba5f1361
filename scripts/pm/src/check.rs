//! `pm check`: emits every preset and has three readers of Verilog look at it.

use crate::activity::activity;
use crate::design::{has_board, Design};
use crate::terminal;
use anyhow::{bail, Context, Result};
use clap::Args;
use pm_bsp::tools::{Tool, Toolbox};
use pm_interface::Geometry;
use serde::Serialize;
use std::fs;
use std::path::Path;

const EXAMPLE: &str = "\
Example:
  pm check --geometry cu

Readers: verilator --lint-only -Wall, iverilog -Wall, yosys check -assert. A warning is a failure.
Exit code: 0 all clean, 1 a design was not emitted or a reader complained or is missing, 2 bad arguments.";

/// Emit every preset and lint it
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Only this preset
    #[arg(long, value_name = "NAME")]
    geometry: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    geometry: String,
    design: &'static str,
    reader: String,
    passed: bool,
    /// What the reader said, or why it did not run.
    message: String,
}

/// Whether everything is clean.
pub fn run(arguments: Arguments) -> Result<bool> {
    let names: Vec<&str> = match &arguments.geometry {
        Some(name) => vec![name],
        None => Geometry::PRESETS.to_vec(),
    };
    let folder = std::env::temp_dir().join(format!("pm-check-{}", std::process::id()));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let bar = activity();
    let toolbox = Toolbox::discover();
    let mut rows = Vec::new();
    for name in names {
        let geometry = terminal::geometry(name)?;
        let mut designs = vec![Design::Core, Design::Wishbone, Design::WishboneMmu];
        designs.extend(has_board(&geometry).then_some(Design::Board));
        for design in designs {
            bar.set_message(format!("{name}: {}", design.name()));
            let mut row = |reader: String, result: Result<()>| {
                let message = result.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default();
                let (geometry, design) = (name.to_string(), design.name());
                rows.push(Row { geometry, design, reader, passed: result.is_ok(), message });
            };
            let file = folder.join(format!("{name}_{}.v", design.top()));
            let written = design.verilog(&geometry).and_then(|text| Ok(fs::write(&file, text)?));
            let emitted = written.is_ok();
            row("emit".into(), written);
            for tool in [Tool::Verilator, Tool::Iverilog, Tool::Yosys] {
                if emitted {
                    row(tool.to_string(), read(&toolbox, tool, &file, design.top()));
                }
            }
        }
    }
    bar.finish_and_clear();
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    if arguments.json {
        terminal::print_json(&rows)?;
    } else {
        let mut text = String::new();
        for row in &rows {
            let verdict = if row.passed { "ok" } else { "FAILED" };
            text.push_str(&format!("{:8}{:20}{:12}{verdict}\n", row.geometry, row.design, row.reader));
            for line in row.message.lines() {
                text.push_str(&format!("    {line}\n"));
            }
        }
        terminal::print(&text)?;
    }
    Ok(rows.iter().all(|row| row.passed))
}

/// Has `tool` read `file`; anything it complains about is an error.
fn read(toolbox: &Toolbox, tool: Tool, file: &Path, top: &str) -> Result<()> {
    let run = toolbox.run(tool)?;
    let (run, silent) = match tool {
        Tool::Verilator => (run.args(["--lint-only", "-Wall", "--top-module", top]).arg(file), false),
        Tool::Iverilog => (run.args(["-g2005", "-Wall", "-t", "null", "-s", top]).arg(file), true),
        _ => {
            let script = format!(
                "read_verilog \"{}\"; hierarchy -check -top {top}; proc; check -assert",
                file.display()
            );
            (run.args(["-q", "-p", &script]), false)
        }
    };
    let text = run.finish()?.text;
    if silent && !text.trim().is_empty() {
        bail!("{tool} warns:\n{}", text.trim_end());
    }
    Ok(())
}
