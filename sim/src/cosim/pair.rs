//! A device and the model beside it: the same is done to both, and what they answer must be the same.

use super::{PoolAndWindow, Subject};
use crate::load::open_model;
use crate::{Device, ModelDevice, Offered, Ports, Shown};
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{AuditRecord, Command, Status, AUDIT_WORDS, WORD_BYTES};
use pm_model::chain::Digest;
use pm_model::{Access, Operation};
use std::fmt::Debug;

/// Cycles after which the log is quiet again, whatever was waiting for a place in it.
pub(super) const QUIET: u64 = 24;
/// Records in the log from which on denials may be waiting for a place.
pub(super) const CROWDED: usize = 40;
/// Words of the largest pool whose content is copied to the model when a reset has cut off a scrub.
pub(super) const COPIED: u64 = 1 << 16;
/// Both devices, and what is known of their memories.
pub(super) struct Pair<'a> {
    pub(super) device: &'a mut Subject,
    pub(super) model: ModelDevice,
    /// Pool and window in force, or those that were before the gate closed.
    pub(super) setup: PoolAndWindow,
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
pub(super) fn same<A: PartialEq + Debug>(what: impl Debug, got: A, expected: A) -> Result<A, String> {
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
    pub(super) fn of(device: &mut Subject) -> Pair<'_> {
        let geometry = device.device().geometry().clone();
        let model = open_model(&geometry);
        let start = device.device().read_digest().expect("it can be read").map_or(Digest::START, |(digest, _)| digest);
        let witness = Witness { start, ..Witness::default() };
        let setup = PoolAndWindow { apart: 0, ..PoolAndWindow::of(&geometry) };
        Pair { device, model, setup, filled: Vec::new(), cut: false, witness }
    }

    /// The same on both.
    pub(super) fn both<A: PartialEq + Debug>(
        &mut self,
        what: impl Debug,
        act: impl Fn(&mut dyn Device) -> A,
    ) -> Result<A, String> {
        same(what, act(self.device.device()), act(&mut self.model))
    }

    /// The same, where the answer itself does not matter any more.
    pub(super) fn agree<A: PartialEq + Debug>(
        &mut self,
        what: impl Debug,
        act: impl Fn(&mut dyn Device) -> A,
    ) -> Result<(), String> {
        self.both(what, act).map(drop)
    }

    /// Lets cycles pass on both; nothing may be answered meanwhile.
    pub(super) fn idle(&mut self, cycles: u64) -> Result<(), String> {
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
    pub(super) fn catch_up(&mut self) -> Result<(), String> {
        self.device.device().catch_up().map_err(|error| error.to_string())
    }

    /// Notes the device's digest.
    pub(super) fn claim(&mut self) -> Result<(), String> {
        let read = self.device.device().read_digest().map_err(|error| error.to_string())?;
        self.witness.claims.extend(read.map(|(digest, count)| (count, digest)));
        Ok(())
    }

    /// Notes the word that is about to be popped.
    pub(super) fn note(&mut self) {
        if self.model.model().audit().level() > 0 {
            self.witness.words.extend(self.device.device().read_register(offset::AUDIT_DATA));
        }
    }

    /// A command whose window address moves with the window.
    pub(super) fn moved(&self, operation: Operation) -> Operation {
        Operation { logical: operation.logical.wrapping_add(self.window_moved(operation.tenant)), ..operation }
    }

    /// An access to the window, wherever it is.
    pub(super) fn logical(&self, access: Access) -> Access {
        self.shifted(access, self.window_moved(access.tenant))
    }

    /// By how much the window of a tenant is not where it is by default.
    fn window_moved(&self, tenant: u8) -> u64 {
        let (_, _, window_base) = self.model.geometry().default_setup();
        self.setup.window(self.model.geometry(), tenant).wrapping_sub(window_base)
    }

    /// An access to the pool, wherever it is.
    pub(super) fn physical(&self, access: Access) -> Access {
        self.shifted(access, self.pool_moved())
    }

    pub(super) fn shifted(&self, access: Access, by: u64) -> Access {
        Access { address: access.address.wrapping_add(by) & self.model.geometry().last_address(), ..access }
    }

    /// By how much the pool is not where it is by default.
    pub(super) fn pool_moved(&self) -> u64 {
        let (pool_base, ..) = self.model.geometry().default_setup();
        let now = self.setup.pool_base;
        now.wrapping_sub(pool_base)
    }

    pub(super) fn run(&mut self, what: impl Debug + Copy, operation: &Operation) -> Result<(), String> {
        self.agree(what, |device| device.command(operation))
    }

    /// An access on the translate port. Denials are written one after the other: between two of them the log gets the time
    /// it needs.
    pub(super) fn translate(&mut self, what: impl Debug + Copy, access: Access) -> Result<(), String> {
        let verdict = self.both(what, |device| device.translate(&[access])[0])?;
        self.idle(if verdict.is_denied() { QUIET } else { 0 })
    }

    /// An access on the physical port, as on the translate port.
    pub(super) fn ask_physical(&mut self, what: impl Debug + Copy, access: Access) -> Result<(), String> {
        let verdict = self.both(what, |device| device.physical(&[access])[0])?;
        self.idle(if verdict.allowed { 0 } else { QUIET })
    }

    pub(super) fn write(&mut self, what: impl Debug + Copy, register: u8, value: u32) -> Result<(), String> {
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

    pub(super) fn pop(&mut self) -> Result<(), String> {
        self.read(offset::AUDIT_DATA)?;
        self.note();
        self.agree("AUDIT_POP", |device| device.write_register(offset::AUDIT_POP, 1))
    }

    pub(super) fn drain(&mut self, words: u8) -> Result<(), String> {
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
    pub(super) fn records(&mut self) -> Result<(), String> {
        while self.model.model().audit().level() > 0 || !self.model.model().audit().word().is_multiple_of(AUDIT_WORDS) {
            self.pop()?;
            self.idle(QUIET)?;
            self.catch_up()?;
        }
        self.read(offset::AUDIT_LEVEL)
    }

    pub(super) fn registers(&mut self) -> Result<(), String> {
        REGISTERS.iter().try_for_each(|register| self.read(register.offset))
    }

    pub(super) fn fill(&mut self, address: u64, word: u32) {
        let address = address.wrapping_add(self.pool_moved());
        self.filled.push(address);
        self.device.device().write_memory(address, word);
        self.model.write_memory(address, word);
    }

    /// A word of the pool is what was put there, or what the scrubber left.
    pub(super) fn look(&mut self, address: u64) -> Result<(), String> {
        let address = address.wrapping_add(self.pool_moved());
        if self.cut && !self.filled.contains(&address) {
            return Ok(());
        }
        self.agree(format!("memory at {address:#x}"), |device| device.read_memory(address))
    }

    /// How far the scrubber came before a reset is its own affair: the model takes over what it left.
    pub(super) fn take_over(&mut self) {
        self.filled.clear();
        let PoolAndWindow { pool_base, pool_size, .. } = self.setup;
        if pool_size / WORD_BYTES > COPIED {
            self.cut = true;
            return;
        }
        for address in (pool_base..pool_base + pool_size).step_by(WORD_BYTES as usize) {
            let word = self.device.device().read_memory(address);
            self.model.write_memory(address, word);
        }
    }

    pub(super) fn activate(&mut self, what: impl Debug + Copy, setup: PoolAndWindow) -> Result<(), String> {
        let PoolAndWindow { pool_base, pool_size, strict, .. } = setup;
        let windows = setup.windows(self.model.geometry());
        let status = self.both(what, |device| device.activate_as(pool_base, pool_size, &windows, strict))?;
        if status == Ok(Status::Ok) {
            self.setup = setup;
        }
        self.idle(QUIET)
    }

    pub(super) fn reset(&mut self, what: impl Debug + Copy) -> Result<(), String> {
        self.agree(what, |device| device.reset())?;
        self.witness = Witness::default();
        Ok(())
    }

    /// A register of both; of an audit record everything but its time.
    pub(super) fn read(&mut self, register: u8) -> Result<(), String> {
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
    pub(super) fn finish(&mut self) -> Result<(), String> {
        self.registers()?;
        for address in std::mem::take(&mut self.filled) {
            self.both(format!("memory at {address:#x}"), |device| device.read_memory(address))?;
        }
        // To the end of the record that is half read, and then record by record.
        for _ in self.model.model().audit().word()..AUDIT_WORDS {
            self.drain(1)?;
            self.catch_up()?;
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
