//! `pm cosim`: random steps on the emitted Verilog beside the golden model, seed after seed.

use crate::kept::{self, campaign};
use crate::terminal;
use anyhow::Result;
use clap::Args;
use pm_sim::cosim::{SeedCampaign, SeedPlan, SeedResults};
use pm_tools::Tool;

const EXAMPLE: &str = "\
Example:
  pm cosim --geometry tiny --seeds 1000
  pm cosim --geometry cu+boot+chain --first 5000 --seeds 400 --shard 1/4 --out cu.1.json
  pm cosim --geometry tiny --first 17 --seeds 1           one seed again

Every seed draws a list of steps: commands, accesses on both ports, registers, the log, memory, resets, boot manifests. They
are done on the emitted Verilog, simulated by Verilator, and on the golden model, and every answer is compared. A seed whose
answers differ is listed with the shortest steps that show it. Any feature may follow the preset.

With --out the result is kept in a file, finished seeds included: the same command line goes on where it was stopped.
Exit code: 0 nothing differs, 1 a seed shows a difference or the work failed, 2 an argument or the file cannot be used.";

/// Do random steps on the emitted Verilog and on the golden model
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    #[command(flatten)]
    kept: kept::Options,
    /// How many seeds
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,
    /// The first of them
    #[arg(long, value_name = "S", default_value_t = 1)]
    first: u64,
    /// Steps of each seed at most: how many is drawn too
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    steps: u32,
}

campaign!(SeedCampaign, SeedResults, seeds, SeedCampaign::step);

/// Whether no seed shows a difference.
pub fn run(arguments: Arguments) -> Result<bool> {
    let (shard, shards) = arguments.kept.shard;
    let plan = SeedPlan {
        geometry: terminal::geometry(&arguments.kept.geometry)?.name,
        seeds: arguments.seeds as usize,
        first: arguments.first,
        steps: arguments.steps as usize,
        shard,
        shards,
    };
    // A device that hangs ends in a panic, which is a difference.
    std::panic::set_hook(Box::new(|_| {}));
    pm_tools::require(Tool::SIMULATION)?;
    arguments.kept.carry_out("pm cosim", "comparing", |bar| {
        bar.set_message("compiling");
        SeedCampaign::new(&plan)
    })
}
