//! Builds a bitstream that meets its clock target, or says why there is none.
//!
//! ```text
//! Verilog ─► synthesize ─► place and route with seed 1, 2, .. until one meets the target ─► pack ─► reports
//! ```
//!
//! A folder holds a `.bin` only if that `.bin` meets the target: a stale one is removed before the work starts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};

use crate::flow::report::{reached, FlowReport};
use crate::flow::{Flow, PlacedDesign, Placement};
use crate::tools::Tool;

/// What to build.
#[derive(Clone, Debug)]
pub struct BoardDesign {
    /// The whole Verilog text.
    pub verilog: String,
    /// Its top module.
    pub top: String,
    /// Pin and clock constraints.
    pub pcf: String,
    /// Clock target in MHz; the same as in `pcf`.
    pub frequency: f64,
    /// Seeds to try, in this order.
    pub seeds: Vec<u64>,
}

/// What a build left in the output folder.
#[derive(Clone, Debug)]
pub struct Built {
    /// The bitstream.
    pub bin: PathBuf,
    /// What is in `report.json` and `report.txt`.
    pub report: FlowReport,
}

/// The tools that [`build`] starts.
pub const NEEDS: [Tool; 3] = [Tool::Yosys, Tool::Nextpnr, Tool::Icepack];

/// Progress of a build, as `build` reports it.
#[derive(Clone, Copy, Debug)]
pub enum BuildProgress<'a> {
    /// A step begins; the one before has ended.
    Step(&'a str),
    /// Within the step, a placement has been routed.
    Placed(&'a PlacedDesign),
}

/// Levels of blocks that `report.txt` lists.
pub const REPORT_DEPTH: usize = 3;

/// Writes `partition_manager.{v,json,asc,bin}`, `alchitry_cu.pcf` and `report.{json,txt}` to `flow.folder`; what the
/// tools leave on the way is in its folder `work`. When no seed meets the target, everything but the `.bin` is written
/// and the error holds the frequencies and the critical path of the best seed.
pub fn build(flow: &Flow, design: &BoardDesign, progress: &(dyn Fn(BuildProgress<'_>) + Sync)) -> Result<Built> {
    // Every tool is looked for before the first one runs, so that a missing one costs no minutes and no earlier bitstream.
    flow.toolbox.require(&NEEDS)?;
    let bin = flow.folder.join("partition_manager.bin");
    match fs::remove_file(&bin) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", bin.display()));
        }
        _ => {}
    }
    let work = Flow { folder: flow.folder.join("work"), ..flow.clone() };
    let verilog = flow.write("partition_manager.v", &design.verilog)?;
    let pins = flow.write("alchitry_cu.pcf", &design.pcf)?;
    progress(BuildProgress::Step("synthesize with yosys"));
    let netlist = work.synthesize(&[verilog], &design.top, "")?;
    copy(&netlist.json, &flow.folder.join("partition_manager.json"))?;

    let placement = Placement { seed: 0, frequency: design.frequency, pins: Some(pins.clone()) };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut tried: Vec<PlacedDesign> = Vec::new();
    for seeds in design.seeds.chunks(workers) {
        progress(BuildProgress::Step("place and route with nextpnr"));
        tried.extend(work.place_and_route_each(&netlist, &placement, seeds, &|placed| progress(BuildProgress::Placed(placed)))?);
        if tried.iter().any(|placed| placed.fmax().is_none_or(|fmax| fmax >= design.frequency)) {
            break;
        }
    }
    let speed = |placed: &&PlacedDesign| placed.fmax().unwrap_or(f64::INFINITY);
    let best = tried.iter().max_by(|a, b| speed(a).total_cmp(&speed(b))).context("no seed to place with")?;
    let mut report = FlowReport::new(&netlist, &tried, best, design.frequency, None)?;
    report.icetime_mhz = work.timing(best, Some(&pins))?;
    copy(&best.asc, &flow.folder.join("partition_manager.asc"))?;
    flow.write("report.json", &format!("{}\n", serde_json::to_string_pretty(&report)?))?;
    flow.write("report.txt", &report.text(REPORT_DEPTH))?;
    if !report.meets_target() {
        let reached: Vec<String> = tried.iter().map(reached).collect();
        bail!(
            "timing missed: {:.1} MHz is the best of {} seeds, the target is {} MHz ({}); no bitstream is left. \
             Try more seeds with --seeds or a lower --freq.\ncritical path with seed {}, delays in ns, clock {}",
            report.fmax_mhz.unwrap_or(0.0),
            tried.len(),
            design.frequency,
            reached.join(", "),
            report.seed,
            report.critical_path.trim_end()
        );
    }
    progress(BuildProgress::Step("pack"));
    work.pack(best, &bin)?;
    Ok(Built { bin, report })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    pm_system::file::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
