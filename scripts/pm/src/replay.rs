//! `pm replay`: runs memory traces of real programs as tenants.

use crate::engine::{Choice, Needs, Timed};
use crate::terminal;
use clap::Args;
use pm_sim::replay::{Replay, ReplayOptions, ReplayProgress};
use pm_sim::speed::Stopwatch;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Example:
  valgrind --tool=lackey --trace-mem=yes --log-file=ls.trace ls /usr
  pm replay ls.trace
  pm replay tests/traces/*.gz --model
  pm replay tests/traces/*.gz --model --intrude 0:1

Each trace is a tenant, the first one tenant 0; plain, gzip and zstd files are read. The granules that a program touches
become isolated partitions, packed into the tenant's window as an OS's page tables would; neighbours share a partition
when there are more of them than slots. Accesses are replayed in turn, one event of each trace. A line that is neither an
access nor valgrind's own is refused: nothing of a trace is left out. With --intrude a denial is logged where the log has
room, and counted where it has none; both numbers are printed. The same accesses go through a TLB (fully associative, LRU, 4 KiB pages, tagged with the tenant) for comparison.
A run of half a million cycles or more is done on the emitted Verilog in Verilator, if that is installed. --engine chooses.

Exit code: 0 all as it should be, 1 an access was answered wrongly or a denial not logged, 2 a trace or an argument
cannot be used (with file, line and what to do).";

/// Replay memory traces of real programs as tenants
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Output of `valgrind --tool=lackey --trace-mem=yes`, one file a tenant
    #[arg(value_name = "TRACE", required = true)]
    traces: Vec<PathBuf>,
    /// Sizes of the Partition Manager: tiny, cu, soc32 or soc64
    #[arg(long, value_name = "NAME", default_value = "soc32")]
    geometry: String,
    #[command(flatten)]
    choice: Choice,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Replay at most N events of each trace
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Shift trace A into the partitions of trace B (the first trace is 0): every access must be denied, and logged or counted
    #[arg(long, value_name = "A:B", value_parser = intrusion)]
    intrude: Option<(usize, usize)>,
    /// Entries of the TLB compared with
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65536))]
    tlb_entries: u32,
    /// Cycles that a page walk of that TLB takes
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32))]
    tlb_miss_cycles: u32,
}

fn intrusion(text: &str) -> Result<(usize, usize), String> {
    let pair = text.split_once(':').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    pair.ok_or_else(|| "use two trace numbers with a colon, such as 0:1".into())
}

/// Whether everything was granted, denied and logged as it should be.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    let options = ReplayOptions {
        limit: arguments.limit,
        intrude: arguments.intrude,
        tlb_entries: arguments.tlb_entries as usize,
        tlb_miss_cycles: u64::from(arguments.tlb_miss_cycles),
        ..ReplayOptions::new(terminal::geometry(&arguments.geometry)?)
    };
    let geometry = options.geometry.clone();
    let bar = terminal::progress(0);
    let mut progress = |progress: ReplayProgress| {
        let (message, done, total) = match progress {
            ReplayProgress::Reading(events) => ("reading", events, events),
            ReplayProgress::Creating(done, total) => ("creating partitions", done, total),
            ReplayProgress::Replaying(done, total) => ("replaying", done, total),
        };
        bar.set_message(message);
        bar.set_length(total);
        bar.set_position(done);
    };
    let replay = Replay::prepare(&arguments.traces, options, &mut progress)?;
    let needs = || Needs { cycles: replay.expected_cycles(), inside: None };
    let mut device = arguments.choice.device(&geometry, needs)?;
    let stopwatch = Stopwatch::start(device.as_ref());
    let report = replay.run(device.as_mut(), &mut progress)?;
    let speed = stopwatch.stop(device.as_ref());
    bar.finish_and_clear();
    if arguments.json {
        terminal::print_json(&Timed { report: &report, speed })?;
    } else {
        terminal::print(&report.text(Some(&speed)))?;
    }
    Ok(report.passed)
}
