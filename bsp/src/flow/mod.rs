//! From Verilog to a bitstream, one step a function; every step's files stay in the flow's folder.
//!
//! ```text
//! design.v ─► synthesize ─► netlist.json ─► place_and_route ─► seedN.asc ─► pack ─► .bin
//!               (yosys)      hierarchy.json    (nextpnr)        seedN.timing.json  └► timing (icetime)
//!                                                               seedN.placed.json ─► netlist::by_block
//! ```
//!
//! A step never judges timing: [`PlacedDesign`] tells what was reached, [`report`] and the callers compare it with the target.

pub mod harness;
pub mod netlist;
pub mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;

use anyhow::{anyhow, ensure, Context, Result};
use serde::de::DeserializeOwned;

use crate::tools::{Run, Start, Tool, Toolbox};
use netlist::TimingReport;

/// The FPGA of the Alchitry Cu.
pub const DEVICE: &str = "hx8k";
/// Its package.
pub const PACKAGE: &str = "cb132";
/// Logic cells of the HX8K.
pub const DEVICE_CELLS: u64 = 7680;
/// Block RAMs of the HX8K, 4 kbit each.
pub const DEVICE_RAMS: u64 = 32;
/// Registers that must share a clock enable for it to be used.
const MIN_CLOCK_ENABLE_USE: u64 = 5;

/// A folder in which the tools of a toolbox work.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Where the programs are.
    pub toolbox: Toolbox,
    /// Where their files go; made when missing.
    pub folder: PathBuf,
}

/// What synthesis left.
#[derive(Clone, Debug)]
pub struct Netlist {
    /// The mapped netlist for nextpnr.
    pub json: PathBuf,
    /// The modules before flattening: instances and port directions, for attributing cells to blocks.
    pub hierarchy: PathBuf,
    /// The top module.
    pub top: String,
}

/// What to ask of place and route.
#[derive(Clone, Debug)]
pub struct Placement {
    /// Start of nextpnr's random numbers.
    pub seed: u64,
    /// Clock target in MHz.
    pub frequency: f64,
    /// Pin constraints; without them the pins go anywhere, which only a measurement may do.
    pub pins: Option<PathBuf>,
}

/// What place and route left.
#[derive(Clone, Debug)]
pub struct PlacedDesign {
    /// The seed it was run with.
    pub seed: u64,
    /// Configuration as text, for [`Flow::pack`].
    pub asc: PathBuf,
    /// The packed and placed cells.
    pub cells: PathBuf,
    /// Use, clocks and critical paths.
    pub report: TimingReport,
}

impl PlacedDesign {
    /// The slowest clock's frequency in MHz; `None` for a design without a register-to-register path.
    pub fn fmax(&self) -> Option<f64> {
        self.report.fmax.values().map(|clock| clock.achieved).min_by(f64::total_cmp)
    }
}

impl Flow {
    /// A flow that works in `folder` with the tools of this machine.
    pub fn new(folder: impl Into<PathBuf>) -> Flow {
        Flow { toolbox: Toolbox::discover(), folder: folder.into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn prepare(&self) -> Result<()> {
        fs::create_dir_all(&self.folder).with_context(|| format!("cannot make the folder {}", self.folder.display()))
    }

    /// Writes `text` as `name` in the folder.
    pub fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        self.prepare()?;
        let path = self.path(name);
        pm_system::file::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// A run of `tool` in the folder. All files are named relative to it: the WebAssembly tools see little else.
    fn run(&self, tool: Tool) -> Result<Run> {
        Ok(self.toolbox.run(tool)?.folder(&self.folder))
    }

    /// The name in the folder under which the tools find `file`, which is copied there unless it is there already.
    fn local(&self, file: &Path) -> Result<String> {
        self.prepare()?;
        ensure!(file.is_file(), "there is no file {}", file.display());
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        ensure!(
            !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "\";'#".contains(c)),
            "the tools cannot take the file name {name:?}; use one without blanks, quotes, semicolons and number signs"
        );
        let (from, to) = (file.canonicalize()?, self.path(name));
        if to.canonicalize().map_or(true, |to| to != from) {
            fs::copy(&from, &to).with_context(|| format!("cannot copy {} to {}", file.display(), to.display()))?;
        }
        Ok(name.to_string())
    }

    /// The part of a yosys script that reads `sources` and fixes the hierarchy below `top`.
    fn elaboration(&self, sources: &[PathBuf], top: &str) -> Result<String> {
        ensure!(
            !top.is_empty() && top.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
            "{top:?} is not the name of a module"
        );
        let files = sources.iter().map(|source| self.local(source)).collect::<Result<Vec<String>>>()?;
        Ok(format!("read_verilog {}; hierarchy -check -top {top}; proc", files.join(" ")))
    }

    /// Reads the Verilog `sources` and writes their modules, processes lowered, as `hierarchy.json`.
    pub fn elaborate(&self, sources: &[PathBuf], top: &str) -> Result<netlist::Modules> {
        let script = format!("{}; write_json hierarchy.json", self.elaboration(sources, top)?);
        self.run(Tool::Yosys)?.args(["-q", "-l", "elaborate.log", "-p", &script]).finish()?;
        read_json(&self.path("hierarchy.json"))
    }

    /// Maps the Verilog `sources` to the HX8K's cells. `options` are further options of yosys' `synth_ice40`.
    pub fn synthesize(&self, sources: &[PathBuf], top: &str, options: &str) -> Result<Netlist> {
        // Scope marks of newer yosys versions are no cells: nextpnr 0.4 would try to place them.
        let script = format!(
            "{}; write_json hierarchy.json; {}; check -assert; delete t:$scopeinfo; write_json netlist.json",
            self.elaboration(sources, top)?,
            mapping(top, options)
        );
        self.run(Tool::Yosys)?.args(["-q", "-l", "yosys.log", "-p", &script]).finish()?;
        Ok(Netlist { json: self.path("netlist.json"), hierarchy: self.path("hierarchy.json"), top: top.to_string() })
    }

    /// Places and routes `netlist`. A design that misses the clock target is placed all the same: see [`PlacedDesign::fmax`].
    pub fn place_and_route(&self, netlist: &Netlist, placement: &Placement) -> Result<PlacedDesign> {
        let seed = placement.seed;
        let [asc, cells, timing] = ["asc", "placed.json", "timing.json"].map(|kind| format!("seed{seed}.{kind}"));
        let mut run = self
            .run(Tool::Nextpnr)?
            .arg(format!("--{DEVICE}"))
            .args(["--package", PACKAGE, "--top", &netlist.top, "--timing-allow-fail"])
            .args(["--json", &self.local(&netlist.json)?, "--asc", &asc, "--write", &cells, "--report", &timing])
            .args(["--seed", &seed.to_string(), "--freq", &placement.frequency.to_string()]);
        run = match &placement.pins {
            Some(pins) => run.args(["--pcf", &self.local(pins)?]),
            None => run.arg("--pcf-allow-unconstrained"),
        };
        run.log(self.path(&format!("seed{seed}.nextpnr.log"))).finish()?;
        Ok(PlacedDesign { seed, asc: self.path(&asc), cells: self.path(&cells), report: read_json(&self.path(&timing))? })
    }

    /// Places and routes with each of `seeds`, a few at a time, and returns the results in the order of the seeds.
    /// `done` is called after each with its result; the first failure stops the rest.
    pub fn place_and_route_each(
        &self,
        netlist: &Netlist,
        placement: &Placement,
        seeds: &[u64],
        done: &(dyn Fn(&PlacedDesign) + Sync),
    ) -> Result<Vec<PlacedDesign>> {
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<(usize, Result<PlacedDesign>)>> = Mutex::new(Vec::new());
        let work = || {
            while let Some((index, &seed)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, seeds.get(i)?))) {
                let placed = self.place_and_route(netlist, &Placement { seed, ..placement.clone() });
                match &placed {
                    Ok(placed) => done(placed),
                    Err(_) => next.store(seeds.len(), Ordering::Relaxed),
                }
                if let Ok(mut results) = results.lock() {
                    results.push((index, placed));
                }
            }
        };
        let workers = thread::available_parallelism().map_or(1, usize::from).min(seeds.len());
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(work);
            }
        });
        let mut results = results.into_inner().map_err(|_| anyhow!("a place-and-route worker died"))?;
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, placed)| placed).collect()
    }

    /// Packs the configuration of `placed` into the bitstream `bin`.
    pub fn pack(&self, placed: &PlacedDesign, bin: &Path) -> Result<()> {
        let packed = self.path("packed.bin");
        self.run(Tool::Icepack)?.args([&self.local(&placed.asc)?, "packed.bin"]).finish()?;
        let size = fs::metadata(&packed).with_context(|| format!("icepack left no {}", packed.display()))?.len();
        ensure!(size > 0, "icepack left an empty {}", packed.display());
        pm_system::file::copy(&packed, bin).with_context(|| format!("cannot copy {} to {}", packed.display(), bin.display()))?;
        Ok(())
    }

    /// The bitstream `bin` as Verilog, read out of its bits: a module called `top` with the ports that `pins` names, of gates,
    /// flip-flops and memories.
    pub fn read_back(&self, bin: &Path, pins: &Path, top: &str) -> Result<String> {
        let (bin, pins) = (self.local(bin)?, self.local(pins)?);
        self.run(Tool::Iceunpack)?.args([&bin, "unpacked.asc"]).finish()?;
        let cells =
            self.run(Tool::IceboxVlog)?.args(["-s", "-c", "-d", PACKAGE, "-n", top, "-p", &pins, "unpacked.asc"]).finish()?.text;
        self.write("unpacked.v", &cells)?;
        let script = format!(
            "read_verilog -defer -D NO_ICE40_DEFAULT_ASSIGNMENTS +/ice40/cells_sim.v; read_verilog unpacked.v; hierarchy -check -top {top}; \
             proc; flatten; opt_expr; opt_clean; memory_share; opt_clean; check -assert; write_verilog -noattr read_back.v"
        );
        self.run(Tool::Yosys)?.args(["-q", "-l", "read_back.log", "-p", &script]).finish()?;
        let path = self.path("read_back.v");
        fs::read_to_string(&path).with_context(|| format!("yosys left no {}", path.display()))
    }

    /// The frequency in MHz that icetime, independent of nextpnr, computes for `placed`; `None` where there is no
    /// icetime, as among the WebAssembly tools.
    pub fn timing(&self, placed: &PlacedDesign, pins: Option<&Path>) -> Result<Option<f64>> {
        if self.toolbox.find(Tool::Icetime).is_err() {
            return Ok(None);
        }
        let mut run = self.run(Tool::Icetime)?.args(["-m", "-t", "-d", DEVICE, "-P", PACKAGE]);
        if let Some(pins) = pins {
            run = run.args(["-p", &self.local(pins)?]);
        }
        let text = run.arg(self.local(&placed.asc)?).log(self.path("icetime.log")).finish()?.text;
        netlist::icetime_frequency(&text).map(Some)
    }
}

/// The command of yosys that maps module `top` to the HX8K's cells.
///
/// Clock enables are used from [`MIN_CLOCK_ENABLE_USE`] registers on: a small state machine's enable is as long a path
/// as its next state, and then has the wire to the enable before it too.
pub fn mapping(top: &str, options: &str) -> String {
    format!("synth_ice40 -top {top} -dffe_min_ce_use {MIN_CLOCK_ENABLE_USE} {options}")
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read(path).with_context(|| format!("a tool left no {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("cannot understand {}", path.display()))
}
