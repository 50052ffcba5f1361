//! The figures of one design, as data, JSON and text.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use serde::Serialize;

use super::netlist::{by_block, Cells, Modules, PACKER};
use super::{harness, read_json, Flow, Netlist, PlacedDesign, Placement, DEVICE_CELLS, DEVICE_RAMS};

/// The figures of a placed and routed design.
#[derive(Clone, Debug, Serialize)]
pub struct FlowReport {
    /// The top module that was measured.
    pub top: String,
    /// Packed logic cells (`ICESTORM_LC`), without the harness.
    pub logic_cells: u64,
    /// Logic cells on the device.
    pub device_logic_cells: u64,
    /// Block RAMs, 4 kbit each.
    pub block_rams: u64,
    /// Block RAMs on the device.
    pub device_block_rams: u64,
    /// Logic cells of the measurement harness, counted apart; 0 for a design that is placed as it is.
    pub harness_logic_cells: u64,
    /// Clock target in MHz that place and route worked towards.
    pub target_mhz: f64,
    /// Highest clock frequency in MHz with `seed`; absent without a register-to-register path.
    pub fmax_mhz: Option<f64>,
    /// The highest clock frequency with each seed.
    pub seeds: Vec<SeedFmax>,
    /// Cells by block, with those of the blocks in it. The top is the empty path.
    pub blocks: Vec<Block>,
    /// The seed that frequency, blocks and critical path are of: the median's in a measurement, the one that was
    /// packed in a build.
    pub seed: u64,
    /// Highest clock frequency in MHz with `seed` by icetime, where that is installed and was asked.
    pub icetime_mhz: Option<f64>,
    /// The slowest register-to-register path with `seed`.
    pub critical_path: String,
}

/// What one seed reached.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SeedFmax {
    /// The seed.
    pub seed: u64,
    /// Highest clock frequency in MHz.
    pub fmax_mhz: Option<f64>,
}

/// Cells of a block and of the blocks in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Path of the instance.
    pub path: String,
    /// Logic cells in total.
    pub logic_cells: u64,
    /// Logic cells of the block itself.
    pub own_logic_cells: u64,
    /// Block RAMs in total.
    pub block_rams: u64,
}

/// What to measure.
#[derive(Clone, Debug)]
pub struct FlowRequest {
    /// Verilog files.
    pub sources: Vec<PathBuf>,
    /// The module to measure.
    pub top: String,
    /// Its clock.
    pub clock: String,
    /// Clock target in MHz.
    pub frequency: f64,
    /// Seeds to place with.
    pub seeds: Vec<u64>,
    /// Further options of yosys' `synth_ice40`.
    pub synthesis: String,
}

/// Measures a module inside the harness. `progress` is told what goes on.
pub fn measure(flow: &Flow, request: &FlowRequest, progress: &(dyn Fn(&str) + Sync)) -> Result<FlowReport> {
    progress("reading the design");
    let modules = flow.elaborate(&request.sources, &request.top)?;
    let wrapper = harness::wrap(&request.top, modules.get(&request.top)?, &request.clock)?;
    let mut sources = request.sources.clone();
    sources.push(flow.write("harness.v", &wrapper)?);
    progress("synthesizing");
    let netlist = flow.synthesize(&sources, harness::TOP, &request.synthesis)?;
    let placement = Placement { seed: 0, frequency: request.frequency, pins: None };
    fits(&netlist)?;
    progress("placing and routing");
    let placed = flow.place_and_route_each(&netlist, &placement, &request.seeds, &|placed| progress(&reached(placed)))?;
    let shown = median(&placed).context("no seed to measure with")?;
    let mut report = FlowReport::new(&netlist, &placed, shown, request.frequency, Some(harness::INSTANCE))?;
    report.top = request.top.clone();
    Ok(report)
}

/// Measures a design on its pins, without a harness: `pins` is its `.pcf`.
pub fn measure_on_pins(flow: &Flow, request: &FlowRequest, pins: &Path, progress: &(dyn Fn(&str) + Sync)) -> Result<FlowReport> {
    progress("synthesizing");
    let netlist = flow.synthesize(&request.sources, &request.top, &request.synthesis)?;
    fits(&netlist)?;
    let placement = Placement { seed: 0, frequency: request.frequency, pins: Some(pins.to_owned()) };
    progress("placing and routing");
    let placed = flow.place_and_route_each(&netlist, &placement, &request.seeds, &|placed| progress(&reached(placed)))?;
    let shown = median(&placed).context("no seed to measure with")?;
    FlowReport::new(&netlist, &placed, shown, request.frequency, None)
}

/// Refuses a netlist that needs more of the device than there is, before nextpnr searches for a place for it.
fn fits(netlist: &Netlist) -> Result<()> {
    let modules: Modules = read_json(&netlist.json)?;
    let cells = &modules.get(&netlist.top)?.cells;
    let used = |kind: &str| cells.values().filter(|cell| cell.kind.starts_with(kind)).count() as u64;
    // A register shares its logic cell with at most one LUT, so the larger number is a lower bound.
    let (logic, rams) = (used("SB_LUT4").max(used("SB_DFF")), used("SB_RAM"));
    ensure!(
        logic <= DEVICE_CELLS && rams <= DEVICE_RAMS,
        "it does not fit the device: at least {logic} of {DEVICE_CELLS} logic cells, {rams} of {DEVICE_RAMS} block RAMs"
    );
    Ok(())
}

/// One line about what a seed reached.
pub fn reached(placed: &PlacedDesign) -> String {
    match placed.fmax() {
        Some(fmax) => format!("seed {}: {fmax:.1} MHz", placed.seed),
        None => format!("seed {}: no path between registers", placed.seed),
    }
}

impl FlowReport {
    /// The report on `shown`, one of the results `placed` of one netlist with several seeds. With `instance`, only that
    /// instance is reported on: everything else is a harness.
    pub fn new(
        netlist: &Netlist,
        placed: &[PlacedDesign],
        shown: &PlacedDesign,
        target_mhz: f64,
        instance: Option<&str>,
    ) -> Result<FlowReport> {
        let hierarchy: Modules = read_json(&netlist.hierarchy)?;
        let mapped: Modules = read_json(&netlist.json)?;
        let cells = by_block(&hierarchy, &mapped, &read_json(&shown.cells)?, &netlist.top, instance)?;
        let harness = cells.iter().filter(|(path, _)| instance.is_some() && !is_below(path, instance) && *path != PACKER);
        let harness_logic_cells = harness.map(|(_, cells)| cells.logic).sum();
        Ok(FlowReport {
            top: netlist.top.clone(),
            logic_cells: shown.report.used("ICESTORM_LC") - harness_logic_cells,
            device_logic_cells: DEVICE_CELLS,
            block_rams: shown.report.used("ICESTORM_RAM"),
            device_block_rams: DEVICE_RAMS,
            harness_logic_cells,
            target_mhz,
            fmax_mhz: shown.fmax(),
            seeds: placed.iter().map(|placed| SeedFmax { seed: placed.seed, fmax_mhz: placed.fmax() }).collect(),
            blocks: summed(&cells, instance),
            seed: shown.seed,
            icetime_mhz: None,
            critical_path: shown.report.critical_path(),
        })
    }

    /// The report for people. Blocks are listed down to `depth` levels.
    pub fn text(&self, depth: usize) -> String {
        let share = |used: u64, available: u64| format!("{used} of {available} ({:.1} %)", percent(used, available));
        let mut text = String::new();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "{name:<14}{value}");
        };
        line("design", self.top.clone());
        line("logic cells", share(self.logic_cells, self.device_logic_cells));
        if self.harness_logic_cells > 0 {
            line("", format!("and {} of the measurement harness, not counted", self.harness_logic_cells));
        }
        line("block RAMs", share(self.block_rams, self.device_block_rams));
        let seeds: Vec<String> = self
            .seeds
            .iter()
            .map(|seed| format!("{}: {}", seed.seed, seed.fmax_mhz.map_or("-".into(), |fmax| format!("{fmax:.1}"))))
            .collect();
        let fmax = self.fmax_mhz.map_or("none: no path between registers".into(), |fmax| format!("{fmax:.1} MHz"));
        line("fmax", format!("{fmax} (seed {}), target {} MHz; by seed {}", self.seed, self.target_mhz, seeds.join(", ")));
        if let Some(icetime) = self.icetime_mhz {
            line("", format!("{icetime:.1} MHz by icetime"));
        }
        let _ = writeln!(text, "\n{:>8}{:>8}{:>6}  block", "cells", "own", "RAMs");
        for (path, (count, block)) in rows_folded(&self.blocks) {
            let level = if path.is_empty() { 0 } else { 1 + path.matches('.').count() };
            if level <= depth && (block.logic_cells > 0 || block.block_rams > 0) {
                let name = if level == 0 { &self.top } else { path.rsplit('.').next().unwrap_or_default() };
                let times = if count > 1 { format!("  ({count})") } else { String::new() };
                let _ = writeln!(
                    text,
                    "{:>8}{:>8}{:>6}  {}{name}{times}",
                    block.logic_cells,
                    block.own_logic_cells,
                    block.block_rams,
                    "  ".repeat(level)
                );
            }
        }
        if !self.critical_path.is_empty() {
            let _ = writeln!(text, "\ncritical path with seed {}, delays in ns, clock {}", self.seed, self.critical_path);
        }
        text
    }

    /// Whether the clock target was reached; a design without a path between registers reaches any.
    pub fn meets_target(&self) -> bool {
        self.fmax_mhz.is_none_or(|fmax| fmax >= self.target_mhz)
    }
}

/// Adds up the blocks whose paths differ only in the numbers that the elements of an array end with (`row_0`, `row_1`,
/// ..), under the path with `*` for the number, with how many they are.
fn rows_folded(blocks: &[Block]) -> BTreeMap<String, (usize, Block)> {
    let starred = |part: &str| match part.rsplit_once('_') {
        Some((name, number)) if !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) => format!("{name}_*"),
        _ => part.to_string(),
    };
    let mut folded: BTreeMap<String, (usize, Block)> = BTreeMap::new();
    for block in blocks {
        let path = block.path.split('.').map(starred).collect::<Vec<_>>().join(".");
        let (count, sum) =
            folded.entry(path.clone()).or_insert_with(|| (0, Block { path, logic_cells: 0, own_logic_cells: 0, block_rams: 0 }));
        *count += 1;
        sum.logic_cells += block.logic_cells;
        sum.own_logic_cells += block.own_logic_cells;
        sum.block_rams += block.block_rams;
    }
    folded
}

fn percent(used: u64, available: u64) -> f64 {
    100.0 * used as f64 / available as f64
}

/// The result whose frequency is the median; of an even number, the slower of the two in the middle.
pub fn median(placed: &[PlacedDesign]) -> Option<&PlacedDesign> {
    let mut sorted: Vec<&PlacedDesign> = placed.iter().collect();
    sorted.sort_by(|a, b| a.fmax().unwrap_or(0.0).total_cmp(&b.fmax().unwrap_or(0.0)));
    sorted.get(sorted.len().checked_sub(1)? / 2).copied()
}

fn is_below(path: &str, instance: Option<&str>) -> bool {
    instance.is_none_or(|instance| path == instance || path.starts_with(&format!("{instance}.")))
}

/// Adds every block's cells to the blocks around it, and makes paths relative to `instance`.
fn summed(cells: &BTreeMap<String, Cells>, instance: Option<&str>) -> Vec<Block> {
    let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
    for (path, own) in cells.iter().filter(|(path, _)| is_below(path, instance) || *path == PACKER) {
        let path = match instance {
            Some(instance) if path != PACKER => path[instance.len()..].trim_start_matches('.'),
            _ => path.as_str(),
        };
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        let around = [""].into_iter().chain(ends.map(|at| &path[..at]).filter(|around| !around.is_empty()));
        for around in around {
            let block = blocks.entry(around.to_string()).or_insert_with(|| Block {
                path: around.to_string(),
                logic_cells: 0,
                own_logic_cells: 0,
                block_rams: 0,
            });
            block.logic_cells += own.logic;
            block.block_rams += own.rams;
            if around == path {
                block.own_logic_cells += own.logic;
            }
        }
    }
    blocks.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(list: &[(&str, u64, u64)]) -> BTreeMap<String, Cells> {
        list.iter().map(|&(path, logic, rams)| (path.to_string(), Cells { logic, rams })).collect()
    }

    fn rows(blocks: &[Block]) -> Vec<(&str, u64, u64, u64)> {
        blocks.iter().map(|b| (b.path.as_str(), b.logic_cells, b.own_logic_cells, b.block_rams)).collect()
    }

    #[test]
    fn blocks_hold_what_is_in_them_and_the_harness_is_left_out() {
        let counted = cells(&[("", 90, 0), ("device", 1, 0), ("device.a", 2, 1), ("device.a.b", 4, 2), (PACKER, 1, 0)]);
        assert_eq!(rows(&summed(&counted, Some("device"))), [("", 8, 1, 3), (PACKER, 1, 1, 0), ("a", 6, 2, 3), ("a.b", 4, 4, 2)]);
        let whole = summed(&cells(&[("", 90, 0), ("a", 2, 1)]), None);
        assert_eq!(rows(&whole), [("", 92, 90, 1), ("a", 2, 2, 1)]);
    }

    #[test]
    fn elements_of_an_array_are_one_row() {
        let counted = cells(&[("row_0", 3, 0), ("row_1.hit", 5, 0), ("row_0.hit", 1, 0), ("row_end", 7, 0)]);
        let folded = rows_folded(&summed(&counted, None));
        let rows: Vec<_> = folded.iter().map(|(path, (count, b))| (path.as_str(), *count, b.logic_cells)).collect();
        assert_eq!(rows, [("", 1, 16), ("row_*", 2, 9), ("row_*.hit", 2, 6), ("row_end", 1, 7)]);
    }
}
