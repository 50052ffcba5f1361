//! What the cycles of a run are stepped in: the golden model, the RTL in RustHDL's simulator, or the emitted Verilog in Verilator.
//!
//! ```text
//!   --model | --engine NAME -----------------------------------> that one
//!   neither:  a short run, or one that looks inside -----------> RustHDL
//!             a long run:  Verilator is there  --> says so ----> Verilator
//!                          it is missing ------> says so ------> RustHDL
//! ```

use crate::{shapes, terminal};
use anyhow::Result;
use clap::{Args, ValueEnum};
use pm_interface::Geometry;
use pm_sim::speed::Speed;
use pm_sim::{rtl_device, Device, ModelDevice, UsageError, Verilated};
use pm_tools::{Tool, Toolbox};
use serde::Serialize;

/// Cycles from which on a run is long: about ten seconds in RustHDL. To emit the Verilog and to compile it takes three to eight
/// seconds the first time, after which a cycle takes a half to an eighth of the time that it takes in RustHDL: such a run gains even then.
const LONG_RUN: u64 = 500_000;

/// What steps the RTL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    /// The RTL itself, in RustHDL's simulator
    Rusthdl,
    /// The Verilog that is emitted for it, compiled by Verilator
    Verilator,
}

/// What a run needs of the device that it runs on.
pub struct Needs {
    /// About how many cycles it will take.
    pub cycles: u64,
    /// What looks or reaches into the RTL, which compiled Verilog does not allow, by its name in messages.
    pub inside: Option<String>,
}

/// Flags that choose.
#[derive(Args)]
pub struct Choice {
    /// Run on the golden model instead of the RTL
    #[arg(long)]
    model: bool,
    /// Simulator of the RTL; without this flag a run of half a million cycles or more takes Verilator, if it is installed
    #[arg(long, value_name = "NAME", value_enum, conflicts_with = "model")]
    engine: Option<Engine>,
}

impl Choice {
    /// The device; `needs` is asked for only where it counts.
    pub fn device(&self, geometry: &Geometry, needs: impl FnOnce() -> Needs) -> Result<Box<dyn Device>> {
        if self.model {
            return Ok(Box::new(ModelDevice::new(geometry)));
        }
        shapes::ensure_built(geometry)?;
        let engine = match self.engine {
            Some(Engine::Rusthdl) => Engine::Rusthdl,
            Some(Engine::Verilator) => {
                if let Some(inside) = needs().inside {
                    let what = format!(
                        "{inside} needs the inside of the RTL, which compiled Verilog does not show: use --engine rusthdl"
                    );
                    return Err(UsageError(what).into());
                }
                pm_tools::require(Tool::SIMULATION)?;
                Engine::Verilator
            }
            None => {
                let (engine, said) = chosen(&needs(), &Toolbox::discover());
                said.iter().for_each(|line| terminal::tell(line));
                engine
            }
        };
        match engine {
            Engine::Rusthdl => rtl_device(geometry),
            Engine::Verilator => Ok(Box::new(Verilated::new(geometry)?)),
        }
    }
}

/// The engine for these needs, and what is to be said: where it is not RustHDL, or where it is for want of tools.
fn chosen(needs: &Needs, toolbox: &Toolbox) -> (Engine, Option<String>) {
    if needs.cycles < LONG_RUN || needs.inside.is_some() {
        return (Engine::Rusthdl, None);
    }
    let run = format!("pm: a long run, about {} cycles", needs.cycles);
    match toolbox.require(Tool::SIMULATION) {
        Ok(()) => (Engine::Verilator, Some(format!("{run}: it is done in Verilator; --engine rusthdl keeps it in RustHDL\n"))),
        Err(missing) => {
            let missing = missing.to_string();
            let first = missing.lines().next().unwrap_or_default();
            (Engine::Rusthdl, Some(format!("{run}: in Verilator it would take a fraction of the time, but {first}\n")))
        }
    }
}

/// A report and how fast the run was, as JSON.
#[derive(Serialize)]
pub struct Timed<'a, R> {
    /// The report.
    #[serde(flatten)]
    pub report: &'a R,
    /// The speed.
    pub speed: Speed,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A toolbox in which every program of a simulation is this test's.
    fn stocked() -> Toolbox {
        let program = std::env::current_exe().expect("this program has a path");
        Tool::SIMULATION.iter().fold(Toolbox::only_in(Vec::new()), |toolbox, tool| toolbox.with(*tool, &program))
    }

    #[test]
    fn a_long_run_takes_verilator_where_it_is_there_and_may() {
        let (here, nowhere) = (stocked(), Toolbox::only_in(Vec::new()));
        for (cycles, inside, toolbox, engine, said) in [
            (LONG_RUN, false, &here, Engine::Verilator, "about 500000 cycles: it is done in Verilator; --engine rusthdl"),
            (LONG_RUN - 1, false, &here, Engine::Rusthdl, ""),
            (LONG_RUN, true, &here, Engine::Rusthdl, ""),
            (LONG_RUN, false, &nowhere, Engine::Rusthdl, "but verilator is missing (looked for verilator): run ./scripts/setup"),
            (LONG_RUN - 1, false, &nowhere, Engine::Rusthdl, ""),
            (LONG_RUN, true, &nowhere, Engine::Rusthdl, ""),
        ] {
            let needs = Needs { cycles, inside: inside.then(|| "--vcd".into()) };
            let (chosen, told) = chosen(&needs, toolbox);
            let told = told.unwrap_or_default();
            assert_eq!((chosen, told.is_empty()), (engine, said.is_empty()), "{cycles} cycles, inside {inside}: {told}");
            assert!(told.contains(said), "{told}");
            assert!(told.is_empty() || (told.ends_with('\n') && told.lines().count() == 1), "one line: {told}");
        }
    }
}
