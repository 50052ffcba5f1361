//! `pm upset`: flips every state bit of a design, one at a time, and tells what it led to.

use crate::kept::{self, campaign};
use crate::terminal;
use anyhow::Result;
use clap::Args;
use pm_sim::upset::{UpsetCampaign, UpsetPlan, UpsetResults};
use pm_tools::Tool;
use std::path::Path;

const EXAMPLE: &str = "\
Example:
  pm upset --geometry tiny --out tiny.json
  pm upset --geometry cu+integrity --shard 1/8 --moments 2 --out cu.1.json

Every register bit and every memory bit of the emitted Verilog is flipped at several moments, while both ports are busy:
one of four while the gate is opened, with boot by a signed manifest, the others while commands run. The design is
simulated by Verilator. A flip ends in one of:

  harmless   nobody sees it                       denied+  something is refused, and the alert is raised
  corrected  nothing but an alert is seen         denied-  something is refused, and nobody is told
  misread    a register, reason or slot differs   hang     an answer or a command's end does not come
  scrub      the scrubber writes elsewhere        GRANT    a grant that no command gave, or at another address

With --out the result is kept in a file, finished flips included: the same command line goes on where it was stopped.
Exit code: 0 no unauthorised grant, 1 there is one or the work failed, 2 an argument or the file cannot be used.";

/// Flip every state bit and see what it leads to
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    #[command(flatten)]
    kept: kept::Options,
    /// Moments at which each bit is flipped
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    moments: u32,
    /// Seed of the traffic and of the moments
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Only registers and memories whose instance path holds this
    #[arg(long, value_name = "PART", default_value = "")]
    only: String,
}

campaign!(UpsetCampaign, UpsetResults, flips, UpsetCampaign::step);

/// Whether no flip led to an unauthorised grant.
pub fn run(arguments: Arguments) -> Result<bool> {
    let (shard, shards) = arguments.kept.shard;
    let plan = UpsetPlan {
        geometry: terminal::geometry(&arguments.kept.geometry)?.name,
        moments: arguments.moments as usize,
        seed: arguments.seed,
        shard,
        shards,
        only: arguments.only,
    };
    pm_tools::require(Tool::SIMULATION)?;
    arguments.kept.carry_out("pm upset", "flipping", |bar| {
        bar.set_message("compiling");
        UpsetCampaign::new(&plan)
    })
}

/// The results in a file, if there is one.
pub fn read(path: &Path) -> Result<Option<UpsetResults>> {
    kept::read(path, "pm upset")
}
