//! `pm report`: the figures that the project promises, measured.

mod simulated;

use crate::activity::activity;
use crate::design::{has_board, pins, Design, BOARD_CLOCK_MHZ, FULL_BOARD};
use crate::output::temporary_folder;
use crate::terminal;
use anyhow::Result;
use clap::Args;
use indicatif::ProgressBar;
use pm_bsp::flow::report::{measure, measure_on_pins, FlowReport, FlowRequest};
use pm_bsp::flow::{Flow, DEVICE_CELLS, DEVICE_RAMS};
use pm_interface::{Features, Geometry};
use pm_rtl::datapath::LATENCY;
use pm_sim::{table, UsageError};
use pm_tools::Tool;
use serde::Serialize;
use simulated::{Cycles, Upsets};
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "\
Examples:
  pm report --geometry cu --seeds 5
  pm report --geometry cu --features --seeds 3    what each feature costs
  pm report --verilog lookup.v --top lookup --clock clock
  pm report --geometry cu+boot+chain --cycles     boot and digest, no yosys and no nextpnr
  pm report --geometry cu --upset cu.json         and what pm upset --out cu.json counted

Measured with yosys and nextpnr for the Alchitry Cu's iCE40 HX8K (cb132): packed logic cells, block RAMs, and the highest
clock frequency as the median over the seeds. The data path and the Partition Manager have more ports than the package has
pins: a harness of registers around them is placed too, and its cells are not counted. The board is placed on its pins.

Cycles are counted on the simulated RTL: of a boot with a manifest of so many words, from CONTROL to the first access
decided on the open gate (feature boot); of the audit log's digest, from a denied access to the digest that covers its
record, and for each further record (feature chain). Flips are those of `pm upset`: with --upset FILE as it has counted
them, with --upset alone one of 100 of them, tried now, for which Verilator is needed.
Exit code: 0 measured and no goal missed, 1 a tool is missing or failed, or a goal was missed, 2 bad arguments.";

/// Frequency in MHz that the data path is meant to reach.
const DATA_PATH_MHZ: f64 = 130.0;
/// Logic cells that the data path of `cu` may take.
const DATA_PATH_CELLS: u64 = 2000;
/// Logic cells that the board may take: three quarters of the device.
const BOARD_CELLS: u64 = DEVICE_CELLS * 3 / 4;

/// Logic cells that the board may take with features: 85 % of the device.
const FEATURED_BOARD_CELLS: u64 = DEVICE_CELLS * 85 / 100;

/// Measure size and speed
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Only these presets; without it every one that fits, and the board with every feature
    #[arg(long, value_name = "NAME", conflicts_with = "verilog")]
    geometry: Vec<String>,
    /// Measure the Partition Manager without features, with each alone and with all of them
    #[arg(long, requires = "geometry")]
    features: bool,
    /// Only what is counted in cycles or flips; yosys and nextpnr are not needed
    #[arg(long, conflicts_with_all = ["verilog", "features"])]
    cycles: bool,
    /// What flipped bits led to: results of `pm upset --out FILE`, or a sample tried now
    #[arg(long, value_name = "FILE", num_args = 0.., conflicts_with = "verilog")]
    upset: Option<Vec<PathBuf>>,
    /// How many seeds to place with
    #[arg(long, default_value_t = 5, value_name = "COUNT")]
    seeds: u64,
    /// Levels of blocks to list
    #[arg(long, default_value_t = 2, value_name = "LEVELS")]
    depth: usize,
    /// Measure a module of this Verilog file instead
    #[arg(long, value_name = "FILE", requires = "top")]
    verilog: Option<PathBuf>,
    /// The module to measure
    #[arg(long, value_name = "MODULE", requires = "verilog")]
    top: Option<String>,
    /// Its clock
    #[arg(long, value_name = "PORT", default_value = "clock")]
    clock: String,
    /// Clock target for --verilog
    #[arg(long, value_name = "MHZ", default_value_t = DATA_PATH_MHZ)]
    freq: f64,
    /// Further options of yosys' synth_ice40
    #[arg(long, value_name = "OPTIONS", default_value = "", allow_hyphen_values = true)]
    synthesis: String,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// The figures of one design.
#[derive(Serialize)]
struct Figures {
    geometry: String,
    design: &'static str,
    /// From a request to its response.
    latency_cycles: Option<usize>,
    /// The same at the frequency that was measured.
    latency_ns: Option<f64>,
    goals: Vec<Goal>,
    report: FlowReport,
}

/// A promise and what was measured.
#[derive(Serialize)]
struct Goal {
    what: &'static str,
    goal: f64,
    measured: f64,
    met: bool,
}

/// A preset that is not measured.
#[derive(Serialize)]
struct Left {
    geometry: String,
    kind: Kind,
    reason: String,
}

/// What kept it from being measured.
#[derive(PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// It was not tried: it cannot fit the device.
    TooLarge,
    /// It was tried.
    Failed,
}

#[derive(Default, Serialize)]
struct Everything {
    figures: Vec<Figures>,
    not_measured: Vec<Left>,
    cycles: Vec<Cycles>,
    upsets: Vec<Upsets>,
}

impl Everything {
    fn leave(&mut self, geometry: &str, kind: Kind, reason: String) {
        self.not_measured.push(Left { geometry: geometry.into(), kind, reason });
    }

    /// Nothing failed, and no goal was missed.
    fn met(&self) -> bool {
        self.not_measured.iter().all(|left| left.kind != Kind::Failed)
            && self.figures.iter().flat_map(|figures| &figures.goals).all(|goal| goal.met)
            && self.upsets.iter().all(Upsets::met)
    }
}

/// What places and routes a design.
const PLACING: [Tool; 2] = [Tool::Yosys, Tool::Nextpnr];

/// Whether every goal is met.
pub fn run(arguments: Arguments) -> Result<bool> {
    if arguments.seeds == 0 {
        return Err(UsageError("--seeds must be at least 1".into()).into());
    }
    match (&arguments.verilog, &arguments.top) {
        (Some(file), Some(top)) => one_module(&arguments, file, top),
        _ => presets(&arguments),
    }
}

fn request(arguments: &Arguments, source: PathBuf, top: &str, clock: &str, frequency: f64) -> FlowRequest {
    FlowRequest {
        sources: vec![source],
        top: top.into(),
        clock: clock.into(),
        frequency,
        seeds: (1..=arguments.seeds).collect(),
        synthesis: arguments.synthesis.clone(),
    }
}

fn one_module(arguments: &Arguments, file: &Path, top: &str) -> Result<bool> {
    if !file.is_file() {
        return Err(UsageError(format!("there is no file {}", file.display())).into());
    }
    pm_tools::require(&PLACING)?;
    let folder = temporary_folder("report")?;
    let folder = folder.path();
    let bar = activity();
    let request = request(arguments, file.to_owned(), top, &arguments.clock, arguments.freq);
    let report = measure(&Flow::new(folder), &request, &|what| bar.set_message(what.to_string()))?;
    bar.finish_and_clear();
    if arguments.json {
        terminal::print_json(&report)?;
    } else {
        terminal::print(&report.text(arguments.depth))?;
    }
    Ok(true)
}

/// A geometry without features, with each of them alone, and with all; its counts stay.
fn switched(name: &str) -> Vec<String> {
    let counts = Geometry::said(name).filter(|part| !Features::NAMES.contains(part)).map(|part| format!("+{part}"));
    let plain = Geometry::base(name).to_string() + &counts.collect::<String>();
    let each = Features::NAMES.map(|feature| format!("{plain}+{feature}"));
    let all = format!("{plain}+{}", Features::NAMES.join("+"));
    [vec![plain], each.to_vec(), vec![all]].concat()
}

fn presets(arguments: &Arguments) -> Result<bool> {
    let names: Vec<String> = match arguments.geometry.is_empty() {
        true => Geometry::PRESETS.into_iter().chain([FULL_BOARD]).map(String::from).collect(),
        false if arguments.features => arguments.geometry.iter().flat_map(|name| switched(name)).collect(),
        false => arguments.geometry.clone(),
    };
    let geometries = names.iter().map(|name| terminal::geometry(name)).collect::<Result<Vec<Geometry>>>()?;
    let mut everything = Everything::default();
    // What a file holds is read before hours of work, not after.
    for file in arguments.upset.iter().flatten() {
        everything.upsets.push(Upsets::read(file)?);
    }
    let sample = arguments.upset.as_ref().is_some_and(Vec::is_empty);
    let placing: &[Tool] = if arguments.cycles { &[] } else { &PLACING };
    pm_tools::require(&[placing, if sample { Tool::SIMULATION } else { &[] }].concat())?;
    let folder = temporary_folder("report")?;
    let folder = folder.path();
    let bar = activity();
    for geometry in &geometries {
        let name = &geometry.name;
        let say = |what: &str| bar.set_message(format!("{name}: {what}"));
        say("counting cycles");
        match Cycles::measure(geometry) {
            Ok(cycles) => everything.cycles.push(cycles),
            Err(error) => everything.leave(name, Kind::Failed, format!("{error:#}")),
        }
        if sample {
            everything.upsets.push(Upsets::sample(geometry, &say)?);
        }
        if !arguments.cycles {
            place(arguments, geometry, folder, &bar, &mut everything)?;
        }
    }
    bar.finish_and_clear();
    if arguments.json {
        terminal::print_json(&everything)?;
    } else {
        terminal::print(&text(&everything, arguments.depth))?;
    }
    Ok(everything.met())
}

/// Places and routes a geometry's designs.
fn place(
    arguments: &Arguments,
    geometry: &Geometry,
    folder: &Path,
    bar: &ProgressBar,
    everything: &mut Everything,
) -> Result<()> {
    let name = &geometry.name;
    if let Some(reason) = too_large(geometry) {
        everything.leave(name, Kind::TooLarge, reason);
        return Ok(());
    }
    let mut designs = if arguments.features { vec![Design::Core] } else { vec![Design::DataPath, Design::Core] };
    if !arguments.features && has_board(geometry) {
        designs.push(Design::Board);
    }
    for design in designs {
        let say = |what: &str| bar.set_message(format!("{name} {}: {what}", design.top()));
        match figures(arguments, geometry, design, &folder.join(geometry.title()).join(design.top()), &say) {
            Ok(figures) => everything.figures.push(figures),
            // One that does not fit leaves the others their figures.
            Err(error) if arguments.features => everything.leave(name, Kind::Failed, error.to_string()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Why a geometry cannot fit the device, from the size of its shadow page tables alone.
fn too_large(geometry: &Geometry) -> Option<String> {
    let shape = geometry.shape;
    let bits = (1u64 << (shape.tenant + shape.page)) * (shape.slot as u64 + 1);
    let device = DEVICE_RAMS * 4096;
    (bits > device)
        .then(|| format!("its shadow page tables take {} kbit, the device has {} kbit of block RAM", bits / 1024, device / 1024))
}

fn figures(
    arguments: &Arguments,
    geometry: &Geometry,
    design: Design,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Figures> {
    say("emitting Verilog");
    let flow = Flow::new(folder);
    let source = flow.write("source.v", &design.verilog(geometry)?)?;
    let on_board = design == Design::Board;
    let frequency = if on_board { BOARD_CLOCK_MHZ } else { DATA_PATH_MHZ };
    let request = request(arguments, source, design.top(), "clock", frequency);
    let report = if on_board {
        let file = flow.write("pins.pcf", &pins(frequency)?)?;
        measure_on_pins(&flow, &request, &file, say)?
    } else {
        measure(&flow, &request, say)?
    };
    let latency_cycles = (!on_board).then_some(LATENCY);
    let latency_ns = latency_cycles.zip(report.fmax_mhz).map(|(cycles, fmax)| cycles as f64 * 1000.0 / fmax);
    let goals = if has_board(geometry) { goals(geometry, design, &report) } else { Vec::new() };
    Ok(Figures { geometry: geometry.name.clone(), design: design.top(), latency_cycles, latency_ns, goals, report })
}

fn goals(geometry: &Geometry, design: Design, report: &FlowReport) -> Vec<Goal> {
    let (cells, frequency) = match design {
        Design::DataPath if geometry.preset_name() == "cu" => (DATA_PATH_CELLS, DATA_PATH_MHZ),
        Design::Board if geometry.features == Features::default() => (BOARD_CELLS, BOARD_CLOCK_MHZ),
        Design::Board => (FEATURED_BOARD_CELLS, BOARD_CLOCK_MHZ),
        _ => return Vec::new(),
    };
    let fmax = report.fmax_mhz.unwrap_or(0.0);
    vec![
        Goal {
            what: "logic cells, at most",
            goal: cells as f64,
            measured: report.logic_cells as f64,
            met: report.logic_cells <= cells,
        },
        Goal { what: "MHz, at least", goal: frequency, measured: fmax, met: fmax >= frequency },
    ]
}

fn text(everything: &Everything, depth: usize) -> String {
    let mut text = String::new();
    let heads = ["geometry", "design", "cells", "% of HX8K", "RAMs", "MHz", "latency", "latency ns"].map(String::from);
    let mut rows = vec![heads.to_vec()];
    for Figures { geometry, design, latency_cycles, latency_ns, report, .. } in &everything.figures {
        let number = |number: Option<f64>| number.map_or("-".into(), |number| format!("{number:.1}"));
        rows.push(vec![
            geometry.clone(),
            design.to_string(),
            report.logic_cells.to_string(),
            format!("{:.1}", 100.0 * report.logic_cells as f64 / DEVICE_CELLS as f64),
            report.block_rams.to_string(),
            number(report.fmax_mhz),
            latency_cycles.map_or("-".into(), |cycles| cycles.to_string()),
            number(*latency_ns),
        ]);
    }
    if rows.len() > 1 {
        text.push_str(&table::render(&rows));
    }
    for left in &everything.not_measured {
        text.push_str(&format!("{}: not measured: {}\n", left.geometry, left.reason));
    }
    for figures in &everything.figures {
        for goal in &figures.goals {
            let verdict = match goal.met {
                true => "met".to_string(),
                false => format!("MISSED by {:.1}", (goal.goal - goal.measured).abs()),
            };
            text.push_str(&format!(
                "goal: {} {}: {} {:.0}, measured {:.1}: {verdict}\n",
                figures.geometry, figures.design, goal.what, goal.goal, goal.measured
            ));
        }
    }
    let simulated = simulated::text(&everything.cycles, &everything.upsets);
    if !text.is_empty() && !simulated.is_empty() {
        text.push('\n');
    }
    text.push_str(&simulated);
    for figures in &everything.figures {
        text.push_str(&format!("\n{} {}\n{}", figures.geometry, figures.design, figures.report.text(depth)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_switched_one_by_one_and_counts_stay() {
        let names = switched("cu+chain+slots=8");
        assert_eq!(names.len(), Features::NAMES.len() + 2);
        assert_eq!((names[0].as_str(), names[1].as_str()), ("cu+slots=8", "cu+slots=8+dynamic"));
        let all = Geometry::preset(names.last().unwrap()).unwrap();
        assert_eq!((all.slots, all.features.names().len()), (8, Features::NAMES.len()));
    }
}
