//! Authenticated boot on the model, with the feature `boot`: takes the words, and does what the manifest says.
//!
//! ```text
//!   BOOT_DATA ► words ─CONTROL=1─► Checking ► pool zeroed ► CREATE ... ► SEAL ► record ► Active
//!                                     '─────────'─────────────'───────────'─► Failed, record, alert
//! ```
//! A word that comes after the end of the manifest, whatever it says, ends in Failed as well.

use crate::boot::{authenticate, Booting, Next};
use crate::model::configuration_status;
use crate::Model;
use pm_interface::manifest::{Manifest, HEADER_WORDS, MAX_WORDS, TAG_WORDS};
use pm_interface::registers::{irq, offset};
use pm_interface::{BootState, Status, WORD_BYTES};

impl Model {
    /// A word of the manifest; `None` where it is refused. One after the manifest's end, or too many, also closes the device.
    pub(crate) fn write_boot_data(&mut self, word: u32) -> Option<()> {
        if !self.geometry().features.boot {
            return None;
        }
        match self.boot {
            BootState::Clearing | BootState::Refused | BootState::Failed => return None,
            BootState::Closed if self.words.len() < MAX_WORDS + TAG_WORDS => self.words.push(word),
            BootState::Closed => {
                self.fail(Status::BadSize);
                return None;
            }
            BootState::Checking | BootState::Active => {
                self.fail(Status::Locked);
                return None;
            }
        }
        Some(())
    }

    /// The manifest is whole: boot with it. `None` where there is none.
    pub(crate) fn end_manifest(&mut self) -> Option<()> {
        if self.boot != BootState::Closed || self.words.is_empty() {
            return None;
        }
        self.boot = BootState::Checking;
        match self.accept() {
            Ok(manifest) => self.booting = Some(Booting::of(manifest)),
            Err(status) => self.fail(status),
        }
        Some(())
    }

    /// Verifies the manifest, then takes pool and window from it.
    fn accept(&mut self) -> Result<Manifest, Status> {
        let words = self.words.clone();
        let manifest = authenticate(&words, &self.key, self.geometry())?;
        for (index, word) in words[..HEADER_WORDS].iter().enumerate().take(10).skip(4) {
            let register = offset::POOL_BASE_LO + 4 * (index - 4) as u8;
            self.write_plain(register, *word).ok_or(Status::BadAlignment)?;
        }
        self.tables.configuration.strict = manifest.strict.unwrap_or(false);
        match configuration_status(&self.tables) {
            Status::Ok => {
                self.tables.quotas.clone_from(&manifest.quotas);
                Ok(manifest)
            }
            status => Err(status),
        }
    }

    /// Closed until reset.
    fn fail(&mut self, status: Status) {
        self.boot = BootState::Failed;
        self.booting = None;
        self.irq_status |= irq::ALERT;
        self.end_boot(status);
    }

    fn end_boot(&mut self, status: Status) {
        self.boot_status = status;
        self.untold = true;
        self.tell_boot();
    }

    /// Zeroes at most so many words of the pool; how many.
    pub(crate) fn scrub_pool(&mut self, cycles: u64) -> u64 {
        let Some(booting) = &mut self.booting else { return 0 };
        let bytes = booting.scrub(cycles);
        self.memory.scrub(bytes.start, bytes.end);
        (bytes.end - bytes.start) / WORD_BYTES
    }

    /// Goes on with a boot as far as that takes no time: until the pool is to be zeroed, a command runs or the log is full.
    pub(crate) fn continue_boot(&mut self) {
        while self.pending.is_none() {
            let room = self.log.has_room_for_boot();
            let Some(booting) = &mut self.booting else { return };
            match booting.next(self.result.status, room) {
                Next::Wait => return,
                Next::Load(registers) => {
                    if !registers.into_iter().all(|(register, value)| self.write_plain(register, value).is_some()) {
                        return self.fail(Status::BadAlignment);
                    }
                }
                Next::Start(command) => self.start_command(command),
                Next::Fail(status) => return self.fail(status),
                Next::End => {
                    self.booting = None;
                    return self.end_boot(Status::Ok);
                }
            }
        }
    }
}
