//! `pm sim`: runs a scenario and prints what was expected and what came.

use crate::terminal;
use anyhow::Context;
use clap::Args;
use pm_sim::Scenario;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

const EXAMPLE: &str = "\
Example:
  pm sim tests/scenarios/agreement.toml --model
  pm sim tests/scenarios/chain.toml --audit-log device.log && pm audit verify device.log

A scenario is a geometry and steps, each a command or an access with what is expected of it:
  geometry = \"cu\"
  [[step]]
  create = { tenant = 1, base = 0x0001_0000, size = 0x1000, rights = \"rw\", isolated = true, name = \"heap\" }
  [[step]]
  access = { tenant = 1, address = 0x0001_0010, kind = \"read\", expect = \"granted\", at = \"heap+0x10\" }
  [[step]]
  access = { tenant = 2, physical = \"heap+0x10\", kind = \"read\", expect = \"denied\", reason = \"Isolated\" }

Exit code: 0 all as expected, 1 an expectation failed, 2 the scenario cannot be used (with file, line and what to do).";

/// Run a scenario and compare every step with what it expects
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Scenario file
    #[arg(value_name = "SCENARIO.toml")]
    scenario: PathBuf,
    /// Run on the golden model instead of the RTL
    #[arg(long)]
    model: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Write every signal to this VCD file (RTL only)
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    vcd: Option<PathBuf>,
    /// Write the audit log since the last reset to this file, for pm audit; what the steps leave in it is taken too
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
}

/// Whether every step was as expected.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    let scenario = Scenario::load(&arguments.scenario)?;
    let mut device = terminal::device(&scenario.geometry, arguments.model)?;
    if let Some(path) = &arguments.vcd {
        device.record_vcd(path)?;
    }
    let bar = terminal::progress(scenario.steps.len() as u64);
    bar.set_message("steps");
    let mut progress = |step| bar.set_position(step as u64);
    let report = match &arguments.audit_log {
        None => scenario.run(device.as_mut(), &mut progress),
        Some(path) => {
            let (report, trail) = scenario.run_logged(device.as_mut(), &mut progress)?;
            let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            let mut file = BufWriter::new(file);
            trail.write(&mut file).and_then(|()| file.flush()).with_context(|| format!("cannot write {}", path.display()))?;
            report
        }
    };
    bar.finish_and_clear();
    device.finish_vcd()?;
    if arguments.json {
        terminal::print_json(&report)?;
    } else {
        terminal::print(&report.text())?;
    }
    Ok(report.passed)
}
