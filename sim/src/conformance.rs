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
//! The same engine serves the conformance tests ([`explore`]), the seeds ([`Campaign`]) and the mutants ([`difference`]).

mod seeds;
mod steps;
mod subject;
mod timed;

pub use seeds::{Campaign, Counts, Finding, Plan, Results};
pub use steps::{Attempt, Setup, Step};
pub use subject::Subject;

use crate::load::open_model;
use crate::scenario::default_setup;
use crate::{Device, ModelDevice, Offered, Ports, Shown};
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{AuditRecord, Command, Geometry, Status, AUDIT_WORDS, WORD_BYTES};
use pm_model::chain::Digest;
use pm_model::{Access, Operation};
use proptest::collection::vec;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use std::cell::Cell;
use std::fmt::Debug;

/// Cycles after which the log is quiet again, whatever was waiting for a place in it.
const QUIET: u64 = 24;
/// Records in the log from which on denials may be waiting for a place.
const CROWDED: usize = 40;
/// Words of the largest pool whose content is copied to the model when a reset has cut off a scrub.
const COPIED: u64 = 1 << 16;
/// Steps of a list where many lists are drawn one after the other.
const LIST: usize = 100;

/// Both devices, and what is known of their memories.
struct Pair<'a> {
    device: &'a mut Subject,
    model: ModelDevice,
    /// Pool and window in force, or those that were before the gate closed.
    setup: Setup,
    /// Words that both were given.
    filled: Vec<u64>,
    /// A scrub was cut off in a pool too large to copy: only words in `filled` are known.
    cut: bool,
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

impl Pair<'_> {
    /// A device that is open and a model like it.
    fn of(device: &mut Subject) -> Pair<'_> {
        let geometry = device.device().geometry().clone();
        let model = open_model(&geometry);
        let start = device.device().read_digest().expect("it can be read").map_or(Digest::START, |(digest, _)| digest);
        let witness = Witness { start, ..Witness::default() };
        Pair { device, model, setup: default_setup(&geometry), filled: Vec::new(), cut: false, witness }
    }

    fn steps(&mut self, steps: &[Step]) -> Result<(), String> {
        let mut steps = steps.iter().enumerate();
        steps.try_for_each(|(index, step)| self.step(step).map_err(|error| format!("step {index}, {step:?}: {error}")))
    }

    /// The same on both.
    fn both<A: PartialEq + Debug>(&mut self, what: impl Debug, act: impl Fn(&mut dyn Device) -> A) -> Result<A, String> {
        same(what, act(self.device.device()), act(&mut self.model))
    }

    /// The same, where the answer itself does not matter any more.
    fn agree<A: PartialEq + Debug>(&mut self, what: impl Debug, act: impl Fn(&mut dyn Device) -> A) -> Result<(), String> {
        self.both(what, act).map(drop)
    }

    /// Lets cycles pass on both; nothing may be answered meanwhile.
    fn idle(&mut self, cycles: u64) -> Result<(), String> {
        self.model.idle(cycles);
        let Some(pins) = self.device.pins() else {
            self.device.device().idle(cycles);
            return Ok(());
        };
        let shown = pins.run(&vec![Offered::default(); cycles as usize]);
        let unasked = |shown: &&Shown| shown.translate.is_some() || shown.physical.is_some() || shown.register.is_some();
        shown.iter().find(unasked).map_or(Ok(()), |shown| Err(format!("an answer that nobody asked for: {shown:?}")))
    }

    /// Until every record that was stored can be read.
    fn catch_up(&mut self) -> Result<(), String> {
        self.device.device().catch_up().map_err(|error| error.to_string())
    }

    /// Notes the device's digest.
    fn claim(&mut self) -> Result<(), String> {
        let read = self.device.device().read_digest().map_err(|error| error.to_string())?;
        self.witness.claims.extend(read.map(|(digest, count)| (count, digest)));
        Ok(())
    }

    /// Notes the word that is about to be popped.
    fn note(&mut self) {
        if self.model.model().audit().level() > 0 {
            self.witness.words.extend(self.device.device().read_register(offset::AUDIT_DATA));
        }
    }

    /// A command whose window address moves with the window.
    fn moved(&self, operation: Operation) -> Operation {
        let (_, _, window_base) = default_setup(self.model.geometry());
        let (_, _, now) = self.setup;
        Operation { logical: operation.logical.wrapping_add(now.wrapping_sub(window_base)), ..operation }
    }

    /// An access to the window, wherever it is.
    fn logical(&self, access: Access) -> Access {
        let (_, _, window_base) = default_setup(self.model.geometry());
        let (_, _, now) = self.setup;
        self.shifted(access, now.wrapping_sub(window_base))
    }

    /// An access to the pool, wherever it is.
    fn physical(&self, access: Access) -> Access {
        self.shifted(access, self.pool_moved())
    }

    fn shifted(&self, access: Access, by: u64) -> Access {
        Access { address: access.address.wrapping_add(by) & self.model.geometry().last_address(), ..access }
    }

    /// By how much the pool is not where it is by default.
    fn pool_moved(&self) -> u64 {
        let (pool_base, ..) = default_setup(self.model.geometry());
        let (now, ..) = self.setup;
        now.wrapping_sub(pool_base)
    }

    fn run(&mut self, what: &Step, operation: &Operation) -> Result<(), String> {
        self.agree(what, |device| device.command(operation))
    }

    /// An access on the translate port. Denials are written one after the other: between two of them the log gets the time
    /// it needs.
    fn translate(&mut self, what: &Step, access: Access) -> Result<(), String> {
        let verdict = self.both(what, |device| device.translate(&[access])[0])?;
        self.idle(if verdict.is_denied() { QUIET } else { 0 })
    }

    /// An access on the physical port, as on the translate port.
    fn ask_physical(&mut self, what: &Step, access: Access) -> Result<(), String> {
        let verdict = self.both(what, |device| device.physical(&[access])[0])?;
        self.idle(if verdict.allowed { 0 } else { QUIET })
    }

    fn write(&mut self, what: &Step, register: u8, value: u32) -> Result<(), String> {
        if (register, value) == (offset::AUDIT_POP, 1) {
            self.note();
        }
        let written = self.both(what, |device| device.write_register(register, value))?;
        let command = (register == offset::CMD).then(|| Command::from_code(value as u8)).flatten();
        if let (Ok(()), Some(command)) = (written, command) {
            self.agree(what, |device| device.finish(command))?;
        }
        self.idle(QUIET)
    }

    fn pop(&mut self) -> Result<(), String> {
        self.read(offset::AUDIT_DATA)?;
        self.note();
        self.agree("AUDIT_POP", |device| device.write_register(offset::AUDIT_POP, 1))
    }

    fn drain(&mut self, words: u8) -> Result<(), String> {
        let crowded = self.model.model().audit().level() >= CROWDED;
        for _ in 0..words {
            self.pop()?;
            // What waited for the place of a record gets it.
            let freed = self.model.model().audit().word() == 0;
            if crowded && freed {
                self.idle(QUIET)?;
                self.catch_up()?;
            }
        }
        self.read(offset::AUDIT_LEVEL)
    }

    /// Every record, word by word, from where the one that may be half read stands.
    fn records(&mut self) -> Result<(), String> {
        while self.model.model().audit().level() > 0 || !self.model.model().audit().word().is_multiple_of(AUDIT_WORDS) {
            self.pop()?;
            self.idle(QUIET)?;
            self.catch_up()?;
        }
        self.read(offset::AUDIT_LEVEL)
    }

    fn registers(&mut self) -> Result<(), String> {
        REGISTERS.iter().try_for_each(|register| self.read(register.offset))
    }

    fn fill(&mut self, address: u64, word: u32) {
        let address = address.wrapping_add(self.pool_moved());
        self.filled.push(address);
        self.device.device().write_memory(address, word);
        self.model.write_memory(address, word);
    }

    /// A word of the pool is what was put there, or what the scrubber left.
    fn look(&mut self, address: u64) -> Result<(), String> {
        let address = address.wrapping_add(self.pool_moved());
        if self.cut && !self.filled.contains(&address) {
            return Ok(());
        }
        self.agree(format!("memory at {address:#x}"), |device| device.read_memory(address))
    }

    /// How far the scrubber came before a reset is its own affair: the model takes over what it left.
    fn take_over(&mut self) {
        self.filled.clear();
        let (pool_base, pool_size, _) = self.setup;
        if pool_size / WORD_BYTES > COPIED {
            self.cut = true;
            return;
        }
        for address in (pool_base..pool_base + pool_size).step_by(WORD_BYTES as usize) {
            let word = self.device.device().read_memory(address);
            self.model.write_memory(address, word);
        }
    }

    fn activate(&mut self, what: &Step, setup: Setup) -> Result<(), String> {
        let (pool_base, pool_size, window_base) = setup;
        let status = self.both(what, |device| device.activate(pool_base, pool_size, window_base))?;
        if status == Ok(Status::Ok) {
            self.setup = setup;
        }
        self.idle(QUIET)
    }

    fn reset(&mut self, what: &Step) -> Result<(), String> {
        self.agree(what, |device| device.reset())?;
        self.witness = Witness::default();
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match *step {
            Step::Run(operation) => self.run(step, &self.moved(operation))?,
            Step::Paced(operation) => self.paced(step, &self.moved(operation))?,
            Step::Eager(operation) => self.eager(step, &self.moved(operation))?,
            Step::Load(seed) => self.load(seed)?,
            Step::Flood(seed) => self.flood(seed)?,
            Step::Translate(access) => self.translate(step, self.logical(access))?,
            Step::Physical(access) => self.ask_physical(step, self.physical(access))?,
            Step::Read(register) => self.read(register)?,
            Step::ReadAll => self.registers()?,
            Step::Write(register, value) => self.write(step, register, value)?,
            Step::Drain(words) => self.drain(words)?,
            Step::DrainAll => self.records()?,
            Step::Fill(address, word) => self.fill(address, word),
            Step::Look(address) => self.look(address)?,
            Step::Activate(setup) => self.activate(step, setup)?,
            Step::Reset(setup) => {
                self.reset(step)?;
                self.activate(step, setup)?;
            }
            Step::Boot(attempt) => {
                self.reset(step)?;
                let status = self.both(step, |device| device.boot(&attempt.words()))?;
                if status == Ok(Status::Ok) {
                    self.setup = attempt.setup();
                }
                self.idle(QUIET)?;
            }
            Step::Abandon(operation, cycles, setup) => {
                let operation = self.moved(operation);
                self.agree(step, |device| device.start(&operation))?;
                self.idle(cycles)?;
                self.reset(step)?;
                self.take_over();
                self.activate(step, setup)?;
            }
            Step::Closed(operation, setup) => {
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
        self.registers()?;
        for address in std::mem::take(&mut self.filled) {
            self.both(format!("memory at {address:#x}"), |device| device.read_memory(address))?;
        }
        // To the end of the record that is half read, and then record by record.
        for _ in self.model.model().audit().word()..AUDIT_WORDS {
            self.step(&Step::Drain(1))?;
        }
        loop {
            let (got, expected) = (self.device.device().read_audit(), self.model.read_audit());
            self.witness.words.extend(got.iter().flatten().flat_map(|record| record.words()));
            if same("audit record", got.map(untimed), expected.map(untimed))?.is_ok_and(|record| record.is_none()) {
                break;
            }
            self.idle(QUIET)?;
        }
        self.claim()?;
        self.witness.check()
    }
}

/// Does the steps on a device that is open, its log empty and its memory unused, and on the model; what was answered
/// differently first.
pub fn compare(device: &mut Subject, steps: &[Step]) -> Result<(), String> {
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
        let mut list = vec![Step::Reset(default_setup(&geometry))];
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
    pub failure: Option<(Vec<Step>, String)>,
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
