//! `pm sim`: runs a scenario and prints what was expected and what came.

use crate::engine::{Choice, Needs, Timed};
use crate::output::{Files, Kind, Replace};
use crate::terminal;
use clap::Args;
use pm_sim::speed::Stopwatch;
use pm_sim::Scenario;
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

A run of half a million cycles or more is done on the emitted Verilog in Verilator, if that is installed, unless --vcd or a
step `corrupt` needs the inside of the RTL. --engine chooses.

Exit code: 0 all as expected, 1 an expectation failed, 2 the scenario cannot be used (with file, line and what to do).";

/// Run a scenario and compare every step with what it expects
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Scenario file
    #[arg(value_name = "SCENARIO.toml")]
    scenario: PathBuf,
    #[command(flatten)]
    choice: Choice,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Write every signal to this VCD file (RTL in RustHDL only)
    #[arg(long, value_name = "FILE", conflicts_with = "model")]
    vcd: Option<PathBuf>,
    /// Write the audit log since the last reset to this file, for pm audit; what the steps leave in it is taken too
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,
    #[command(flatten)]
    replace: Replace,
}

/// Whether every step was as expected.
pub fn run(arguments: Arguments) -> anyhow::Result<bool> {
    // First of all: the scenario may name a file of geometries, which is an input, too.
    let scenario = Scenario::load(&arguments.scenario)?;
    let mut files = Files::new(arguments.replace).input(&arguments.scenario, "the scenario");
    let vcd = arguments.vcd.as_deref().map(|path| files.output(path, Kind::Waves)).transpose()?;
    let log = arguments.audit_log.as_deref().map(|path| files.output(path, Kind::Log)).transpose()?;
    let inside = match scenario.first_upset() {
        _ if vcd.is_some() => Some("--vcd".into()),
        line => line.map(|line| format!("{}:{line}: the step", scenario.file)),
    };
    let mut device = arguments.choice.device(&scenario.geometry, || Needs { cycles: scenario.expected_cycles(), inside })?;
    let vcd_sink = vcd.as_ref().map(|vcd| vcd.open()).transpose()?;
    if let Some(sink) = &vcd_sink {
        device.record_vcd(Box::new(sink.clone()))?;
    }
    let bar = terminal::progress(scenario.steps.len() as u64);
    bar.set_message("steps");
    let mut progress = |step| bar.set_position(step as u64);
    let stopwatch = Stopwatch::start(device.as_ref());
    let (report, records) = match &log {
        None => (scenario.run(device.as_mut(), &mut progress), Vec::new()),
        Some(_) => {
            let (report, trail) = scenario.run_logged(device.as_mut(), &mut progress)?;
            let mut records = Vec::new();
            trail.write(&mut records)?;
            (report, records)
        }
    };
    let speed = stopwatch.stop(device.as_ref());
    bar.finish_and_clear();
    let text = match arguments.json {
        true => serde_json::to_string_pretty(&Timed { report: &report, speed })? + "\n",
        false => report.text(Some(&speed)),
    };
    let standard = [&vcd, &log].into_iter().flatten().any(|output| output.is_standard());
    if standard {
        terminal::tell(&text);
    } else {
        terminal::print(&text)?;
    }
    if let Some(log) = &log {
        log.write(records)?;
    }
    device.finish_vcd()?;
    vcd_sink.map_or(Ok(()), |sink| sink.finish())?;
    Ok(report.passed && report.steps.len() == scenario.steps.len())
}
