//! A device with any features beside the golden model: random lists of steps on both, and the shortest that tells them apart.
//!
//! ```text
//!   seed --> steps --> device --+
//!                 \              +--> the same answers, registers, records, memory, digests? --> if not, shrink
//!                  +-> model ---+
//! ```
//!
//! Every record is compared but for its time, which the model does not know to the cycle. The digests of the log's chain
//! are held against the records that were read.

mod seeds;
mod steps;

pub use seeds::{Campaign, Counts, Finding, Plan, Results};
pub use steps::{Attempt, Setup, Step};

use crate::load::open_model;
use crate::lockstep::{CROWDED, QUIET};
use crate::{Device, ModelDevice, Ports};
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{AuditRecord, Command, Geometry, AUDIT_WORDS};
use pm_model::chain::Digest;
use proptest::collection::vec;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use std::cell::Cell;
use std::fmt::Debug;

/// Both devices, and what is known of their memories.
struct Lockstep<'a> {
    device: &'a mut dyn Device,
    model: ModelDevice,
    filled: Vec<u64>,
    witness: Witness,
}

/// What the RTL says of its chain, to be held against its records once they have been read.
#[derive(Default)]
struct Witness {
    /// The digest before the first record that is read.
    start: Digest,
    /// The words taken since.
    words: Vec<u32>,
    /// How many records a digest covers, and the digest.
    claims: Vec<(u32, Digest)>,
}

impl Witness {
    fn check(&self) -> Result<(), String> {
        let mut digests = vec![];
        let mut digest = self.start;
        for record in self.words.chunks_exact(AUDIT_WORDS) {
            digests.push((record[0], digest));
            digest = digest.next(record.try_into().expect("so many words"));
        }
        let last = digests.last().map(|(sequence, _)| (sequence + 1, digest));
        digests.extend(last);
        for claim in self.claims.iter().filter(|_| !digests.is_empty()) {
            if !digests.contains(claim) {
                return Err(format!("the digest {claim:?} is not in the chain {digests:?}"));
            }
        }
        Ok(())
    }
}

/// What both answered, if it was the same.
fn same<A: PartialEq + Debug>(what: impl Debug, got: A, expected: A) -> Result<A, String> {
    if got == expected {
        return Ok(got);
    }
    Err(format!("{what:?} answered {got:?}, the model says {expected:?}"))
}

/// A record without its time.
fn untimed(record: Option<AuditRecord>) -> Option<AuditRecord> {
    record.map(|record| AuditRecord { time: 0, ..record })
}

impl Lockstep<'_> {
    /// The same on both.
    fn both<A: PartialEq + Debug>(&mut self, what: impl Debug, act: impl Fn(&mut dyn Device) -> A) -> Result<A, String> {
        same(what, act(self.device), act(&mut self.model))
    }

    /// The same, where the answer itself does not matter any more.
    fn agree<A: PartialEq + Debug>(&mut self, what: impl Debug, act: impl Fn(&mut dyn Device) -> A) -> Result<(), String> {
        self.both(what, act).map(drop)
    }

    fn idle(&mut self, cycles: u64) {
        self.device.idle(cycles);
        self.model.idle(cycles);
    }

    /// Until every record that was stored can be read.
    fn catch_up(&mut self) -> Result<(), String> {
        self.device.catch_up().map_err(|error| error.to_string())
    }

    /// Notes the device's digest.
    fn claim(&mut self) -> Result<(), String> {
        let read = self.device.read_digest().map_err(|error| error.to_string())?;
        self.witness.claims.extend(read.map(|(digest, count)| (count, digest)));
        Ok(())
    }

    /// Notes the word that is about to be popped.
    fn note(&mut self) {
        if self.model.model().audit().level() > 0 {
            self.witness.words.extend(self.device.read_register(offset::AUDIT_DATA));
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let crowded = self.model.model().audit().level() >= CROWDED;
        match *step {
            Step::Run(operation) => {
                self.agree(step, |device| device.command(&operation))?;
            }
            // Denials are written one after the other: between two of them the log gets the time it needs.
            Step::Translate(access) => {
                let verdict = self.both(step, |device| device.translate(&[access])[0])?;
                self.idle(if verdict.is_denied() { QUIET } else { 0 });
            }
            Step::Physical(access) => {
                let verdict = self.both(step, |device| device.physical(&[access])[0])?;
                self.idle(if verdict.allowed { 0 } else { QUIET });
            }
            Step::Read(register) => self.read(register)?,
            Step::Write(register, value) => {
                if (register, value) == (offset::AUDIT_POP, 1) {
                    self.note();
                }
                let written = self.both(step, |device| device.write_register(register, value))?;
                let command = (register == offset::CMD).then(|| Command::from_code(value as u8)).flatten();
                if let (Ok(()), Some(command)) = (written, command) {
                    self.agree(step, |device| device.finish(command))?;
                }
                self.idle(QUIET);
            }
            Step::Drain(words) => {
                for _ in 0..words {
                    self.read(offset::AUDIT_DATA)?;
                    self.note();
                    self.agree("AUDIT_POP", |device| device.write_register(offset::AUDIT_POP, 1))?;
                    // What waited for the place of a record gets it.
                    let freed = self.model.model().audit().word() == 0;
                    if crowded && freed {
                        self.idle(QUIET);
                        self.catch_up()?;
                    }
                }
                self.read(offset::AUDIT_LEVEL)?;
            }
            Step::Fill(address, word) => {
                self.filled.push(address);
                self.device.write_memory(address, word);
                self.model.write_memory(address, word);
            }
            Step::Activate((pool_base, pool_size, window_base)) => {
                self.agree(step, |device| device.activate(pool_base, pool_size, window_base))?;
                self.idle(QUIET);
            }
            Step::Reset(setup) => {
                self.agree(step, |device| device.reset())?;
                self.witness = Witness::default();
                self.step(&Step::Activate(setup))?;
            }
            Step::Boot(attempt) => {
                self.agree(step, |device| device.reset())?;
                self.witness = Witness::default();
                self.agree(step, |device| device.boot(&attempt.words()))?;
                self.idle(QUIET);
            }
            Step::Abandon(operation, cycles, setup) => {
                self.agree(step, |device| device.start(&operation))?;
                self.idle(cycles);
                // How far the scrubber came is its own affair.
                self.filled.clear();
                self.step(&Step::Reset(setup))?;
            }
        }
        self.catch_up()?;
        same("alert", self.device.alert(), self.model.alert())?;
        same("irq", self.device.irq(), self.model.irq())?;
        Ok(())
    }

    /// A register of both; of an audit record everything but its time.
    fn read(&mut self, register: u8) -> Result<(), String> {
        let word = self.model.model().audit().word();
        let known = match register {
            offset::AUDIT_DIGEST | offset::AUDIT_DIGEST_1 | offset::AUDIT_DIGEST_2 | offset::AUDIT_DIGEST_3 => {
                self.claim()?;
                0
            }
            _ => self.model.known(register),
        };
        let name = REGISTERS.iter().find(|entry| entry.offset == register).map_or("no register", |entry| entry.name);
        self.agree(format!("{name}, word {word}"), |device| device.read_register(register).map(|value| value & known))
    }

    /// Everything that can be seen at the end.
    fn finish(&mut self) -> Result<(), String> {
        for register in REGISTERS {
            self.read(register.offset)?;
        }
        for address in std::mem::take(&mut self.filled) {
            self.both(format!("memory at {address:#x}"), |device| device.read_memory(address))?;
        }
        // To the end of the record that is half read, and then record by record.
        for _ in self.model.model().audit().word()..AUDIT_WORDS {
            self.step(&Step::Drain(1))?;
        }
        loop {
            let (got, expected) = (self.device.read_audit(), self.model.read_audit());
            self.witness.words.extend(got.iter().flatten().flat_map(|record| record.words()));
            if same("audit record", got.map(untimed), expected.map(untimed))?.is_ok_and(|record| record.is_none()) {
                break;
            }
            self.idle(QUIET);
        }
        self.claim()?;
        self.witness.check()
    }
}

/// Does the steps on a device that is open and on the model; what was answered differently first.
pub fn lockstep(device: &mut dyn Device, steps: &[Step]) -> Result<(), String> {
    let model = open_model(device.geometry());
    let start = device.read_digest().expect("it can be read").map_or(Digest::START, |(digest, _)| digest);
    let witness = Witness { start, ..Witness::default() };
    let mut both = Lockstep { device, model, filled: Vec::new(), witness };
    for (index, step) in steps.iter().enumerate() {
        both.step(step).map_err(|error| format!("step {index}: {error}"))?;
    }
    both.finish()
}

/// What a run of random lists came to.
#[derive(Debug)]
pub struct Explored {
    /// Steps that were done.
    pub steps: usize,
    /// The shortest list that shows a disagreement, and what it is.
    pub failure: Option<(Vec<Step>, String)>,
}

/// Runs `cases` random lists of at most `longest` steps on devices that `open` opens. A device that panics disagrees.
pub fn explore(geometry: &Geometry, cases: u32, longest: usize, seed: u64, open: impl Fn() -> Box<dyn Device>) -> Explored {
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
        lockstep(open().as_mut(), &steps).map_err(TestCaseError::fail)
    });
    let failure = match outcome {
        Ok(()) => None,
        Err(TestError::Fail(reason, steps)) => Some((steps, reason.to_string())),
        Err(TestError::Abort(reason)) => panic!("no steps could be drawn: {reason}"),
    };
    Explored { steps: done.get(), failure }
}
