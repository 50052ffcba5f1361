//! `pm check`: emits every preset and has three readers of Verilog look at it.

use crate::activity::activity;
use crate::design::Design;
use crate::output::temporary_folder;
use crate::terminal;
use anyhow::{bail, Context, Result};
use clap::{Args, ValueEnum};
use pm_bsp::tools::{Start, Tool, Toolbox};
use pm_interface::Geometry;
use pm_rtl::guard::{axi4::Axi4Options, wishbone::WishboneOptions, ControlBus};
use pm_system::input::UsageError;
use serde::Serialize;
use std::fs;
use std::path::Path;

const EXAMPLE: &str = "\
Example:
  pm check --geometry cu
  pm check --geometry cu --design axi4 --synthesis

With --synthesis the cells of each mapping are printed; memories stay whole among the gates.
Readers: verilator --lint-only -Wall, iverilog -Wall, yosys check -assert. A warning is a failure.
Exit code: 0 all clean, 1 a design was not emitted or a reader complained or is missing (--reader leaves it out), 2 bad arguments.";

/// Emit every preset and lint it
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Only this preset
    #[arg(long, value_name = "NAME")]
    geometry: Option<String>,
    /// Only designs whose name holds this, such as axi4
    #[arg(long, value_name = "PART", default_value = "")]
    design: String,
    /// Only these readers; all three when none is named
    #[arg(long, value_name = "READER", value_delimiter = ',', value_enum)]
    reader: Vec<Reader>,
    /// Have yosys map each design, too: to iCE40, to ECP5, to gates
    #[arg(long)]
    synthesis: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// A program that reads Verilog and complains.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reader {
    Verilator,
    Iverilog,
    Yosys,
}

impl Reader {
    fn tool(self) -> Tool {
        match self {
            Reader::Verilator => Tool::Verilator,
            Reader::Iverilog => Tool::Iverilog,
            Reader::Yosys => Tool::Yosys,
        }
    }
}

#[derive(Serialize)]
struct Row {
    geometry: String,
    design: String,
    reader: String,
    passed: bool,
    /// What the reader said, or why it did not run; the cells, where the design was mapped.
    message: String,
}

/// Whether everything is clean.
pub fn run(arguments: Arguments) -> Result<bool> {
    let names: Vec<&str> = match &arguments.geometry {
        Some(name) => vec![name],
        None => Geometry::PRESETS.to_vec(),
    };
    let chosen = |reader: &&Reader| arguments.reader.is_empty() || arguments.reader.contains(reader);
    let readers: Vec<Tool> = Reader::value_variants().iter().filter(chosen).map(|reader| reader.tool()).collect();
    let synthesis: &[Tool] = if arguments.synthesis { &[Tool::Yosys] } else { &[] };
    let needed: Vec<Tool> = Tool::ALL.into_iter().filter(|tool| readers.contains(tool) || synthesis.contains(tool)).collect();
    let toolbox = Toolbox::discover();
    toolbox.require(&needed)?;
    let folder = temporary_folder("check")?;
    let bar = activity();
    let mut rows = Vec::new();
    for name in names {
        let geometry = terminal::geometry(name)?;
        let title = geometry.title();
        let guard = |data, mmu| Design::Axi4(Axi4Options { data, mmu, ..Axi4Options::default() });
        let mut designs = vec![
            Design::Core,
            Design::Apb,
            Design::Wishbone(WishboneOptions::default()),
            Design::Wishbone(WishboneOptions { mmu: true, control: ControlBus::Apb4, sources: 4 }),
            guard(32, false),
            guard(64, true),
            Design::Board,
        ];
        designs.retain(|design| design.check(&geometry).is_ok());
        designs.retain(|design| design.name().contains(&arguments.design));
        for design in designs {
            bar.set_message(format!("{name}: {}", design.name()));
            let mut row = |reader: String, result: Result<String>| {
                let message = result.as_ref().map_or_else(|error| format!("{error:#}"), String::clone);
                let (geometry, design) = (title.clone(), design.name());
                rows.push(Row { geometry, design, reader, passed: result.is_ok(), message });
            };
            let file = folder.path().join(format!("{}_{}.v", geometry.title(), design.top()));
            let written = design.verilog(&geometry).and_then(|text| Ok(fs::write(&file, text)?));
            let emitted = written.is_ok();
            row("emit".into(), written.map(|()| String::new()));
            for tool in readers.iter().copied() {
                if emitted {
                    row(tool.to_string(), read(&toolbox, tool, &file, design.top()).map(|()| String::new()));
                }
            }
            for target in Target::ALL {
                if emitted && arguments.synthesis {
                    bar.set_message(format!("{name}: {} to {}", design.name(), target.name()));
                    row(format!("synth {}", target.name()), target.map(&toolbox, &file, design.top()));
                }
            }
        }
    }
    bar.finish_and_clear();
    if rows.is_empty() {
        return Err(UsageError(format!(
            "no design has `{}` in its name; pm check without --design lists them",
            arguments.design
        ))
        .into());
    }
    if arguments.json {
        terminal::print_json(&rows)?;
    } else {
        let mut text = String::new();
        let right = rows.iter().filter(|row| row.passed).count();
        let width = rows.iter().map(|row| row.geometry.len() + 2).max().unwrap_or_default().max(8);
        let named = rows.iter().map(|row| row.design.len() + 2).max().unwrap_or(0);
        for row in &rows {
            let verdict = if row.passed { "ok" } else { "FAILED" };
            text.push_str(&format!("{:width$}{:named$}{:14}{verdict}\n", row.geometry, row.design, row.reader));
            for line in row.message.lines() {
                text.push_str(&format!("    {line}\n"));
            }
        }
        let word = if right == rows.len() { "passed" } else { "FAILED" };
        text.push_str(&format!("{word}: {right} of {} checks are clean\n", rows.len()));
        terminal::print(&text)?;
    }
    Ok(rows.iter().all(|row| row.passed))
}

/// What a design is mapped to.
#[derive(Clone, Copy)]
enum Target {
    Ice40,
    Ecp5,
    Gates,
}

impl Target {
    const ALL: [Target; 3] = [Target::Ice40, Target::Ecp5, Target::Gates];

    fn name(self) -> &'static str {
        match self {
            Target::Ice40 => "ice40",
            Target::Ecp5 => "ecp5",
            Target::Gates => "gates",
        }
    }

    /// The cells of the mapped design.
    fn map(self, toolbox: &Toolbox, file: &Path, top: &str) -> Result<String> {
        let cells = file.with_extension(format!("{}.json", self.name()));
        let synthesis = match self {
            Target::Ice40 => format!("synth_ice40 -top {top}"),
            Target::Ecp5 => format!("synth_ecp5 -top {top}"),
            Target::Gates => format!(
                "synth -flatten -top {top} -run begin:fine; opt -fast -full; techmap; opt -fast; abc -g simple; delete t:$scopeinfo; opt_clean"
            ),
        };
        let script = format!(
            "read_verilog \"{}\"; {synthesis}; check -assert; tee -q -o \"{}\" stat -json",
            file.display(),
            cells.display()
        );
        toolbox.run(Tool::Yosys)?.args(["-q", "-p", &script]).finish()?;
        let text = fs::read_to_string(&cells).with_context(|| format!("yosys left no {}", cells.display()))?;
        let counts: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("reading {}", cells.display()))?;
        let types = counts["design"]["num_cells_by_type"].as_object().context("yosys counted no cells")?;
        let count = |begins: &[&str]| {
            let named = types.iter().filter(|(name, _)| begins.iter().any(|begin| name.starts_with(begin)));
            named.filter_map(|(_, number)| number.as_u64()).sum::<u64>()
        };
        let (logic, registers, memories) = match self {
            Target::Ice40 => (count(&["SB_LUT4"]), count(&["SB_DFF"]), count(&["SB_RAM40"])),
            Target::Ecp5 => (count(&["LUT4"]), count(&["TRELLIS_FF"]), count(&["DP16KD", "TRELLIS_DPR16X4"])),
            Target::Gates => {
                let (registers, memories) = (count(&["$_DFF", "$_SDFF", "$_DFFE", "$_SDFFE", "$_SDFFCE"]), count(&["$mem"]));
                (count(&[""]) - registers - memories, registers, memories)
            }
        };
        let carries = match self {
            Target::Ice40 => format!(", {} carries", count(&["SB_CARRY"])),
            Target::Ecp5 => format!(", {} carry pairs", count(&["CCU2C"])),
            Target::Gates => String::new(),
        };
        let unit = if matches!(self, Target::Gates) { "gates" } else { "LUT4" };
        Ok(format!("{logic} {unit}, {registers} flip-flops{carries}, {memories} memories"))
    }
}

/// Has `tool` read `file`; anything it complains about is an error.
fn read(toolbox: &Toolbox, tool: Tool, file: &Path, top: &str) -> Result<()> {
    let run = toolbox.run(tool)?;
    let (run, silent) = match tool {
        Tool::Verilator => (run.args(["--lint-only", "-Wall", "--top-module", top]).arg(file), false),
        Tool::Iverilog => (run.args(["-g2005", "-Wall", "-t", "null", "-s", top]).arg(file), true),
        _ => {
            let script = format!("read_verilog \"{}\"; hierarchy -check -top {top}; proc; check -assert", file.display());
            (run.args(["-q", "-p", &script]), false)
        }
    };
    let text = run.finish()?.text;
    if silent && !text.trim().is_empty() {
        bail!("{tool} warns:\n{}", text.trim_end());
    }
    Ok(())
}
