//! `pm mutate`: makes the emitted Verilog wrong, one small mistake at a time, and tells who notices.

use crate::kept::{self, campaign};
use crate::output::{check_work_folder, work_folder};
use crate::terminal;
use anyhow::Result;
use clap::Args;
use pm_proof::mutation::{MutationCampaign, MutationPlan, MutationResults};
use pm_sim::UsageError;
use pm_tools::Tool;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Example:
  pm mutate --geometry tiny
  pm mutate --geometry tiny --sample 400 --shard 1/2 --out mutants.1.json

An operator, a condition, a number or an assignment of the emitted Verilog is changed. A mutant is one of:

  model       it answers otherwise than the golden model, or hangs: killed
  load        with both ports busy while commands run it answers what no moment of the command explains: killed
  proof       a proof fails: killed
  equivalent  it answers as the sound design does, always, which is proven: it is no mistake
  SURVIVED    nobody notices

With --out the result is kept in a file, finished mutants included: the same command line goes on where it was stopped.
`./scripts/setup prove` and Verilator are needed.
Exit code: 0 at least 95 % are killed of those that are no equivalents, 1 fewer or the work failed, 2 an argument or the file
cannot be used.";

/// Change the emitted Verilog, one mistake at a time, and see who notices
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    #[command(flatten)]
    kept: kept::Options,
    /// Only so many of all mutants, drawn; 0: all of them
    #[arg(long, value_name = "N", default_value_t = 0)]
    sample: usize,
    /// Steps of each mutant beside the golden model
    #[arg(long, value_name = "N", default_value_t = 3000)]
    steps: usize,
    /// Seed of the sample and of the steps
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Seconds that a step of a proof may take; 0: no proofs
    #[arg(long, value_name = "S", default_value_t = 60)]
    timeout: u64,
    /// Folder for Verilog and logs
    #[arg(long, value_name = "FOLDER", default_value = "build/mutants")]
    work: PathBuf,
}

campaign!(MutationCampaign, MutationResults, mutants, MutationCampaign::step);

/// Whether enough mutants are killed.
pub fn run(arguments: Arguments) -> Result<bool> {
    let (shard, shards) = arguments.kept.shard;
    let geometry = terminal::geometry(&arguments.kept.geometry)?;
    if !geometry.features.names().is_empty() {
        return Err(
            UsageError(format!("mutants are made of designs without features, such as {}", geometry.preset_name())).into()
        );
    }
    // Shards may run side by side.
    let folder = arguments.work.join(format!("{}-{shard}of{shards}", geometry.title()));
    let plan = MutationPlan {
        geometry: geometry.name,
        sample: arguments.sample,
        seed: arguments.seed,
        steps: arguments.steps,
        limit: arguments.timeout,
        shard,
        shards,
    };
    check_work_folder(&folder, arguments.kept.replace)?;
    let proofs = if arguments.timeout > 0 { Tool::PROOF } else { &[] };
    pm_tools::require(&[Tool::SIMULATION, proofs].concat())?;
    let _folder = work_folder(&folder, arguments.kept.replace)?;
    // A mutant that hangs ends in a panic, which is what was looked for.
    std::panic::set_hook(Box::new(|_| {}));
    arguments.kept.carry_out("pm mutate", "mutating", |bar| {
        bar.set_message("compiling");
        MutationCampaign::new(&plan, &folder)
    })
}
