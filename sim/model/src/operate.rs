//! What the user of the model does: lets time pass, writes registers, gives commands, boots and opens the device.
//!
//! ```text
//!   reset ─► Clearing ─► Closed ─► manifest or CONTROL=1 ─► Active ─► commands
//! ```
//! [`Model::settle`] ends what is under way, [`Model::advance`] lets a number of cycles pass.

use crate::manifest::sign;
use crate::registers::register;
use crate::{BusError, Configuration, Model, Operation, Outcome};
use pm_interface::manifest::Manifest;
use pm_interface::registers::{offset, RegisterMode};
use pm_interface::{AuditRecord, BootState, Status};

impl Model {
    /// Lets cycles pass: clearing, scrubbing and shadow writes move on, one entry or word a cycle.
    pub fn advance(&mut self, cycles: u64) {
        let end = self.time.saturating_add(cycles);
        while self.time < end {
            let done = self.work(end - self.time);
            if done == 0 {
                self.walk(end - self.time);
                self.time = end;
            }
        }
    }

    /// Ends whatever is under way; the time moves by the cycles that it took.
    pub fn settle(&mut self) {
        while self.work(u64::MAX) > 0 {}
    }

    /// Does at most `cycles` of the next stretch of work and says how many it took; zero when there is none.
    fn work(&mut self, cycles: u64) -> u64 {
        if self.boot == BootState::Clearing {
            let done = self.clearing.min(cycles);
            self.clearing -= done;
            self.time += done;
            if self.clearing == 0 {
                self.boot = BootState::Closed;
            }
            return done;
        }
        self.continue_boot();
        if let Some(pending) = self.pending {
            return self.work_on_command(pending, cycles);
        }
        let done = self.scrub_pool(cycles);
        self.time += done;
        done
    }

    /// Waits out the clearing, writes pool and window and activates; with authenticated boot, by a manifest that is right.
    pub fn activate(&mut self, pool_base: u64, pool_size: u64, window_base: u64) -> Status {
        self.activate_as(pool_base, pool_size, &[window_base], None)
    }

    /// The same, and whether the window is strict; `None`: as it was built, not strict. With windows per tenant there is a base for
    /// each, and the last one is also that of the tenants beyond.
    pub fn activate_as(&mut self, pool_base: u64, pool_size: u64, window_bases: &[u64], strict: Option<bool>) -> Status {
        self.settle();
        if self.geometry().features.boot {
            let manifest = Manifest { strict, ..Manifest::development(pool_base, pool_size, window_bases[0]) };
            return self.boot(&sign(&manifest, &self.key));
        }
        if matches!(self.boot, BootState::Closed | BootState::Refused) {
            let strict = strict.unwrap_or(false);
            let last = window_bases.len() - 1;
            let window_bases = (0..self.geometry().window_bases()).map(|place| window_bases[place.min(last)]).collect();
            self.tables.configuration = Configuration { pool_base, pool_size, window_bases, strict };
            self.check_configuration();
        }
        self.boot_status
    }

    /// Offers a manifest with its tag, word by word, and waits for what comes of it. More words than a device takes are not
    /// offered beyond the first that it refuses.
    pub fn boot(&mut self, words: &[u32]) -> Status {
        self.settle();
        if words.iter().all(|word| self.write_boot_data(*word).is_some()) {
            let _ = self.end_manifest();
        }
        self.settle();
        self.boot_status
    }

    /// Whole command: operands, start, work, end. A command that this geometry does not have changes nothing.
    pub fn command(&mut self, operation: &Operation) -> Outcome {
        self.settle();
        self.start(operation);
        self.settle();
        self.result
    }

    /// Writes a register. An error, and nothing changes, for offsets that are unknown, unaligned, read-only or reserved,
    /// for frozen registers, and for values with bits that the register does not have.
    pub fn write_register(&mut self, at: u8, value: u32) -> Result<(), BusError> {
        self.write(at, value).ok_or(BusError { offset: at, written: Some(value) })
    }

    fn write(&mut self, at: u8, value: u32) -> Option<()> {
        let register = register(at)?;
        if at == offset::BOOT_DATA {
            return self.write_boot_data(value);
        }
        let frozen = self.active() && !register.writable_when_active || self.sealed() && !register.writable_when_sealed;
        if register.access == RegisterMode::ReadOnly || frozen {
            return None;
        }
        match at {
            offset::CONTROL if self.geometry().features.boot => (value == 1).then(|| self.end_manifest())?,
            offset::POOL_BASE_LO..=offset::WINDOW_BASE_HI if self.geometry().features.boot => None,
            offset::CMD..=offset::CMD_RIGHTS if self.boot == BootState::Checking => None,
            _ => self.write_plain(at, value),
        }
    }

    /// Takes the oldest audit record.
    pub fn read_audit(&mut self) -> Option<AuditRecord> {
        let record = self.log.pop();
        self.tell_boot();
        self.tell_upsets();
        self.log.settle(self.time);
        record
    }
}
