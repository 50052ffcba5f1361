//! `pm bitstream`: from the Rust sources to a bitstream that meets its timing.

use crate::design::{pins, Design, BOARD_CLOCK_MHZ, BOARD_TOP};
use crate::output::{check_work_folder, work_folder, Replace};
use crate::steps::Steps;
use crate::terminal;
use clap::Args;
use pm_bsp::bitstream::{build, BoardDesign as Build, BuildProgress, NEEDS, REPORT_DEPTH};
use pm_bsp::flow::report::reached;
use pm_bsp::flow::Flow;
use pm_system::input::UsageError;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Examples:
  pm bitstream --out build/cu
  pm bitstream --geometry mcu+dynamic+chain+boot+alerts+integrity --freq 90 --out build/full    every feature

Writes partition_manager.v, .json (netlist), .asc and .bin, alchitry_cu.pcf, report.json and report.txt.
Exit code: 0 the bitstream meets its timing, 1 a tool is missing or failed, or timing was missed (then there is no .bin),
2 bad arguments.";

/// Build the Alchitry Cu's bitstream
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Preset with its features; the board takes cu and mcu, and cu+... where it fits
    #[arg(long, default_value = "cu", value_name = "NAME")]
    geometry: String,
    /// Folder to write to
    #[arg(long, default_value = "build/cu", value_name = "FOLDER")]
    out: PathBuf,
    /// Place with this seed only
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Place with the seeds 1, 2, .. until one meets the target, at most so many
    #[arg(long, default_value_t = 8, value_name = "COUNT", conflicts_with = "seed")]
    seeds: u64,
    /// Clock target
    #[arg(long, default_value_t = BOARD_CLOCK_MHZ, value_name = "MHZ")]
    freq: f64,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    replace: Replace,
}

/// Builds; whatever is missed is an error.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    let geometry = terminal::geometry(&arguments.geometry)?;
    let bad = |what: &str| Err(UsageError(what.to_string()).into());
    if !(arguments.freq.is_finite() && arguments.freq > 0.0) {
        return bad("--freq must be above 0 MHz");
    }
    if arguments.seeds == 0 {
        return bad("--seeds must be at least 1");
    }
    check_work_folder(&arguments.out, arguments.replace)?;
    pm_tools::require(&NEEDS)?;
    let _folder = work_folder(&arguments.out, arguments.replace)?;
    let steps = Steps::new("bitstream");
    steps.begin("emit Verilog");
    let design = Build {
        verilog: Design::Board.verilog(&geometry)?,
        top: BOARD_TOP.into(),
        pcf: pins(arguments.freq)?,
        frequency: arguments.freq,
        seeds: arguments.seed.map_or((1..=arguments.seeds).collect(), |seed| vec![seed]),
    };
    let built = build(&Flow::new(&arguments.out), &design, &|progress| match progress {
        BuildProgress::Step(what) => steps.begin(what),
        BuildProgress::Placed(placed) => steps.note(&reached(placed)),
    })?;
    steps.finish();
    if arguments.json {
        terminal::print_json(&built.report)?;
    } else {
        terminal::print(&format!("{}\nwrote {}\n", built.report.text(REPORT_DEPTH), built.bin.display()))?;
    }
    Ok(true)
}
