//! `pm fault`: inverts every gate and flip-flop of the mapped data path, one at a time, and tells what it led to.

use crate::{kept, terminal};
use anyhow::Result;
use clap::Args;
use pm_proof::fault::{Campaign, Plan};
use pm_sim::UsageError;
use std::path::PathBuf;
use std::time::Instant;

const EXAMPLE: &str = "\
Example:
  pm fault --geometry tiny+integrity
  pm fault --geometry tiny+lockstep --flat
  pm fault --geometry cu --shard 1/4 --out cu.1.json

yosys maps the data path to gates, flip-flops and memories, block by block, or with --flat as one design. Each output of one is
inverted for good, 63 copies at once beside a sound one, while rows come, go and change and both ports are busy. A fault is one of:

  harmless   no answer differs
  refused    answers differ, and none is a grant that should not be
  alerted    a grant that is not due, or leads elsewhere, with an alert within 2 cycles each time
  SILENT     such a grant without an alert

With --out the result is kept in a file, finished faults included: the same command line goes on where it was stopped.
Exit code: 0 no silent grant, 1 there is one or the work failed, 2 an argument or the file cannot be used.";

/// Invert every gate and flip-flop of the data path and see what it leads to
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Preset, with its features
    #[arg(long, value_name = "NAME", default_value = "tiny")]
    geometry: String,
    /// Optimise across blocks, as synthesis does: what is alike is merged, and gates have no block's name
    #[arg(long)]
    flat: bool,
    /// Only part K of N of the faults
    #[arg(long, value_name = "K/N", default_value = "1/1", value_parser = kept::shard)]
    shard: (usize, usize),
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Keep the result in a file, and go on where it ends
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Cycles of traffic that each fault meets
    #[arg(long, value_name = "N", default_value_t = 6000, value_parser = clap::value_parser!(u32).range(200..=1_000_000))]
    cycles: u32,
    /// Seed of the traffic
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Folder for the netlist
    #[arg(long, value_name = "FOLDER", default_value = "build/faults")]
    netlist: PathBuf,
}

/// Whether no fault led to a silent grant.
pub fn run(arguments: Arguments) -> Result<bool> {
    let plan = Plan {
        geometry: terminal::geometry(&arguments.geometry)?.name,
        flat: arguments.flat,
        cycles: arguments.cycles as usize,
        seed: arguments.seed,
        shard: arguments.shard.0,
        shards: arguments.shard.1,
    };
    let earlier = arguments.out.as_deref().map(|path| kept::read(path, "pm fault")).transpose()?.flatten();
    let bar = terminal::progress(0);
    bar.set_message("mapping");
    // Shards may run side by side.
    let folder = arguments.netlist.join(format!("{}-{}", plan.geometry, plan.shard));
    let mut campaign = Campaign::new(&plan, &folder)?;
    if let (Some(earlier), Some(path)) = (earlier, &arguments.out) {
        campaign.resume(earlier).map_err(|error| {
            UsageError(format!("{}: {error}; name another file, or remove this one", path.display()))
        })?;
    }
    bar.set_message("inverting");
    bar.set_length(campaign.results().faults as u64);
    let mut saved = Instant::now();
    while campaign.step() {
        bar.set_position(campaign.results().finished as u64);
        if let Some(path) = arguments.out.as_deref().filter(|_| saved.elapsed() > kept::SAVE_EVERY) {
            kept::write(path, campaign.results())?;
            saved = Instant::now();
        }
    }
    bar.finish_and_clear();
    let results = campaign.results();
    if let Some(path) = &arguments.out {
        kept::write(path, results)?;
    }
    if arguments.json {
        terminal::print_json(results)?;
    } else {
        terminal::print(&results.text())?;
    }
    Ok(results.passed())
}
