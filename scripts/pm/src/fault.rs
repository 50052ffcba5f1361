//! `pm fault`: inverts every gate and flip-flop of the mapped data path, one at a time, and tells what it led to.

use crate::kept::{self, campaign};
use crate::output::{check_work_folder, work_folder};
use crate::terminal;
use anyhow::Result;
use clap::Args;
use pm_proof::fault::{FaultCampaign, FaultPlan, FaultResults};
use pm_tools::Tool;
use std::path::PathBuf;

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
    #[command(flatten)]
    kept: kept::Options,
    /// Optimise across blocks, as synthesis does: what is alike is merged, and gates have no block's name
    #[arg(long)]
    flat: bool,
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

campaign!(FaultCampaign, FaultResults, faults, |campaign: &mut FaultCampaign| Ok(campaign.step()));

/// Whether no fault led to a silent grant.
pub fn run(arguments: Arguments) -> Result<bool> {
    let (shard, shards) = arguments.kept.shard;
    let geometry = terminal::geometry(&arguments.kept.geometry)?;
    // Shards may run side by side, and both ways to map.
    let way = if arguments.flat { "-flat" } else { "" };
    let folder = arguments.netlist.join(format!("{}{way}-{shard}of{shards}", geometry.title()));
    let plan = FaultPlan {
        geometry: geometry.name,
        flat: arguments.flat,
        cycles: arguments.cycles as usize,
        seed: arguments.seed,
        shard,
        shards,
    };
    check_work_folder(&folder, arguments.kept.replace)?;
    pm_tools::require(&[Tool::Yosys])?;
    let _folder = work_folder(&folder, arguments.kept.replace)?;
    arguments.kept.carry_out("pm fault", "inverting", |bar| {
        bar.set_message("mapping");
        FaultCampaign::new(&plan, &folder)
    })
}
