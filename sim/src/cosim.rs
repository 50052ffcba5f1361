//! A device with any features beside the golden model: random lists of steps on both, and the shortest that tells them apart.
//!
//! ```text
//!   seed --> steps --> device --+
//!                 \              +--> the same answers, registers, records, memory, digests? --> if not, shrink
//!                  +-> model ---+
//! ```
//!
//! Every record is compared but for its time, which the model does not know to the cycle. The digests of the log's chain
//! are held against the records that were read. Where a device shows its pins, nothing may be answered that was not asked;
//! designs without features also do steps of timing: how long a command is busy is what the datasheet says ([`pace`]), both
//! ports answer in every cycle, a command is accepted in the first cycle that can take it.
//!
//! The same engine serves the conformance tests ([`explore`]), the seeds ([`SeedCampaign`]) and the mutants ([`difference`]).

mod pair;
mod seeds;
mod steps;
mod subject;
mod timed;

pub use seeds::{SeedCampaign, SeedCounts, SeedFinding, SeedPlan, SeedResults};
pub use steps::{Attempt, PoolAndWindow, RandomStep};
pub use subject::Subject;

use crate::Ports;
use pair::{same, Pair, QUIET};
use pm_interface::{Geometry, Status};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use std::cell::Cell;

/// Steps of a list where many lists are drawn one after the other.
const LIST: usize = 100;

impl Pair<'_> {
    fn steps(&mut self, steps: &[RandomStep]) -> Result<(), String> {
        let mut steps = steps.iter().enumerate();
        steps.try_for_each(|(index, step)| self.step(step).map_err(|error| format!("step {index}, {step:?}: {error}")))
    }

    fn step(&mut self, step: &RandomStep) -> Result<(), String> {
        match *step {
            RandomStep::Run(operation) => self.run(step, &self.moved(operation))?,
            RandomStep::Paced(operation) => self.paced(step, &self.moved(operation))?,
            RandomStep::Eager(operation) => self.eager(step, &self.moved(operation))?,
            RandomStep::Load(seed) => self.load(seed)?,
            RandomStep::Flood(seed) => {
                self.calm()?;
                self.steps(&steps::flood(self.model.geometry(), seed))?;
            }
            RandomStep::Translate(access) => self.translate(step, self.logical(access))?,
            RandomStep::Physical(access) => self.ask_physical(step, self.physical(access))?,
            RandomStep::Read(register) => self.read(register)?,
            RandomStep::ReadAll => self.registers()?,
            RandomStep::Write(register, value) => self.write(step, register, value)?,
            RandomStep::Drain(words) => self.drain(words)?,
            RandomStep::DrainAll => self.records()?,
            RandomStep::Fill(address, word) => self.fill(address, word),
            RandomStep::Look(address) => self.look(address)?,
            RandomStep::Activate(setup) => self.activate(step, setup)?,
            RandomStep::Reset(setup) => {
                self.reset(step)?;
                self.activate(step, setup)?;
            }
            RandomStep::Boot(attempt) => {
                self.reset(step)?;
                let status = self.both(step, |device| device.boot(&attempt.words()))?;
                if status == Ok(Status::Ok) {
                    self.setup = attempt.setup();
                }
                self.idle(QUIET)?;
            }
            RandomStep::Abandon(operation, cycles, setup) => {
                let operation = self.moved(operation);
                self.agree(step, |device| device.start(&operation))?;
                self.idle(cycles)?;
                self.reset(step)?;
                self.take_over();
                self.activate(step, setup)?;
            }
            RandomStep::Closed(operation, setup) => {
                // A closed gate refuses every command.
                self.reset(step)?;
                self.run(step, &self.moved(operation))?;
                self.idle(QUIET)?;
                self.activate(step, setup)?;
            }
        }
        self.catch_up()?;
        same("alert", self.device.device().alert(), self.model.alert())?;
        same("irq", self.device.device().irq(), self.model.irq())?;
        Ok(())
    }
}

/// Does the steps on a device that is open, its log empty and its memory unused, and on the model; what was answered
/// differently first.
pub fn compare(device: &mut Subject, steps: &[RandomStep]) -> Result<(), String> {
    let mut pair = Pair::of(device);
    pair.steps(steps)?;
    pair.finish()
}

/// Does so many random steps on one device that is open, in lists that each begin with a reset; what was answered differently
/// first.
pub fn difference(device: &mut Subject, seed: u64, steps: usize) -> Option<String> {
    let mut pair = Pair::of(device);
    let geometry = pair.model.geometry().clone();
    let any = steps::steps(&geometry);
    let mut runner = steps::runner(seed);
    let mut left = steps;
    while left > 0 {
        let length = left.min(LIST);
        left -= length;
        let mut list = vec![RandomStep::Reset(PoolAndWindow::of(&geometry))];
        list.extend((0..length).map(|_| steps::drawn(&mut runner, &any)));
        if let Err(what) = pair.steps(&list).and_then(|()| pair.finish()) {
            return Some(what);
        }
    }
    None
}

/// What a run of random lists came to.
#[derive(Debug)]
pub struct Explored {
    /// Steps that were done.
    pub steps: usize,
    /// The shortest list that shows a disagreement, and what it is.
    pub failure: Option<(Vec<RandomStep>, String)>,
}

/// Runs `cases` random lists of at most `longest` steps on devices that `open` opens. A device that panics disagrees.
pub fn explore<D: Into<Subject>>(geometry: &Geometry, cases: u32, longest: usize, seed: u64, open: impl Fn() -> D) -> Explored {
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_iters: 4000,
        max_shrink_time: 120_000,
        // Regressions are kept here, by name.
        failure_persistence: None,
        ..Config::default()
    };
    let done = Cell::new(0);
    let outcome = TestRunner::new(config).run(&vec(steps::steps(geometry), 0..=longest), |steps| {
        done.set(done.get() + steps.len());
        compare(&mut open().into(), &steps).map_err(TestCaseError::fail)
    });
    let failure = match outcome {
        Ok(()) => None,
        Err(TestError::Fail(reason, steps)) => Some((steps, reason.to_string())),
        Err(TestError::Abort(reason)) => panic!("no steps could be drawn: {reason}"),
    };
    Explored { steps: done.get(), failure }
}
