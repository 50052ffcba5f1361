//! `pm upset`: flips every state bit of a design, one at a time, and tells what it led to.

use crate::{kept, terminal};
use anyhow::Result;
use clap::Args;
use pm_sim::upset::{Campaign, Plan, Results};
use pm_sim::UsageError;
use std::path::{Path, PathBuf};
use std::time::Instant;

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
    /// Preset, with its features
    #[arg(long, value_name = "NAME", default_value = "tiny")]
    geometry: String,
    /// Only part K of N of the flips
    #[arg(long, value_name = "K/N", default_value = "1/1", value_parser = kept::shard)]
    shard: (usize, usize),
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Keep the result in a file, and go on where it ends
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Moments at which each bit is flipped
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
    moments: u32,
    /// Seed of the traffic and of the moments
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

/// Whether no flip led to an unauthorised grant.
pub fn run(arguments: Arguments) -> Result<bool> {
    let plan = Plan {
        geometry: terminal::geometry(&arguments.geometry)?.name,
        moments: arguments.moments as usize,
        seed: arguments.seed,
        shard: arguments.shard.0,
        shards: arguments.shard.1,
    };
    let earlier = arguments.out.as_deref().map(read).transpose()?.flatten();
    let bar = terminal::progress(0);
    bar.set_message("compiling");
    let mut campaign = Campaign::new(&plan)?;
    if let (Some(earlier), Some(path)) = (earlier, &arguments.out) {
        campaign.resume(earlier).map_err(|error| {
            UsageError(format!("{}: {error}; name another file, or remove this one", path.display()))
        })?;
    }
    bar.set_message("flipping");
    bar.set_length(campaign.results().flips as u64);
    let mut saved = Instant::now();
    while campaign.step()? {
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

/// The results in a file, if there is one.
pub fn read(path: &Path) -> Result<Option<Results>> {
    kept::read(path, "pm upset")
}
