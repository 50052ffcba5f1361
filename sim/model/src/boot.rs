//! Authenticated boot, with the feature `boot`: which manifest does the device open with, and what does it do first?
//!
//! ```text
//!  BOOT_DATA ► words ─CONTROL=1─► tag ► version, header ► pool and window ► pool zeroed ► CREATE ... ► SEAL ► record ► Active
//!                                  '─────────'──────────────'───────────────────────────────'─► Failed, record, alert
//! ```
//! A word that comes after the end of the manifest, whatever it says, ends in Failed as well.

use crate::manifest::authentic;
use crate::Model;
use pm_interface::manifest::{Manifest, DEVELOPMENT_VERSION, FORMAT, HEADER_WORDS, MAGIC, MAX_WORDS, TAG_WORDS};
use pm_interface::registers::{irq, offset};
use pm_interface::{BootState, Command, Event, Status, WORD_BYTES};

/// A manifest that was found right, as far as it has been carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Booting {
    manifest: Manifest,
    /// Words of the pool yet to be zeroed, as byte addresses.
    scrub_next: u64,
    scrub_end: u64,
    /// The next partition; the operand registers hold it.
    next: usize,
    loaded: bool,
    sealed: bool,
    /// A command was started whose end has not been looked at.
    runs: bool,
}

impl Model {
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

    /// A word of the manifest, or one too many; `None` where it is refused.
    pub(crate) fn write_boot_data(&mut self, word: u32) -> Option<()> {
        if !self.geometry().features.boot {
            return None;
        }
        match self.boot {
            BootState::Clearing | BootState::Refused | BootState::Failed => return None,
            BootState::Closed if self.words.len() < MAX_WORDS + TAG_WORDS => self.words.push(word),
            BootState::Closed => self.fail(Status::BadSize),
            BootState::Checking | BootState::Active => self.fail(Status::Locked),
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
            Ok(manifest) => {
                let scrub_next = manifest.pool_base;
                let scrub_end = manifest.pool_base + manifest.pool_size;
                self.booting =
                    Some(Booting { manifest, scrub_next, scrub_end, next: 0, loaded: false, sealed: false, runs: false });
            }
            Err(status) => self.fail(status),
        }
        Some(())
    }

    /// Verifies the manifest, then takes pool and window from it.
    fn accept(&mut self) -> Result<Manifest, Status> {
        let words = self.words.clone();
        let manifest = self.authenticate(&words)?;
        for (index, word) in words[..HEADER_WORDS].iter().enumerate().take(10).skip(4) {
            let register = offset::POOL_BASE_LO + 4 * (index - 4) as u8;
            self.write_plain(register, *word).ok_or(Status::BadAlignment)?;
        }
        match crate::model::configuration_status(&self.tables) {
            Status::Ok => {
                self.tables.quotas.clone_from(&manifest.quotas);
                Ok(manifest)
            }
            status => Err(status),
        }
    }

    /// What the words say, if the device's key vouches for them and they are new enough. Nothing but the tag is looked at
    /// before it is found right.
    fn authenticate(&self, words: &[u32]) -> Result<Manifest, Status> {
        let ensure = |holds: bool, otherwise| if holds { Ok(()) } else { Err(otherwise) };
        ensure(words.len() >= HEADER_WORDS + TAG_WORDS, Status::BadSize)?;
        let (body, tag) = words.split_at(words.len() - TAG_WORDS);
        let tag = tag.try_into().map_err(|_| Status::BadSize)?;
        ensure(authentic(body, tag, &self.key), Status::Integrity)?;
        ensure(body[0] == MAGIC && body[1] == FORMAT | (body.len() as u32) << 16, Status::BadSize)?;
        ensure(body[2] >= DEVELOPMENT_VERSION, Status::OldVersion)?;
        ensure(body[3] <= 1 && body[10] >> 16 == 0, Status::BadSize)?;
        let quotas = body[10] as usize & 0xFF;
        ensure(quotas == 0 || quotas == self.geometry().tenants, Status::BadSize)?;
        Manifest::from_words(body).map_err(|_| Status::BadSize)
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

    /// Writes the record of a boot that has ended, once there is room; only then the gate opens.
    pub(crate) fn tell_boot(&mut self) {
        if !self.untold || !self.log.has_room_for_boot() {
            return;
        }
        self.untold = false;
        if self.boot_status == Status::Ok {
            self.boot = BootState::Active;
        }
        let address = self.tables.configuration.pool_base;
        self.log.store(self.record(Event::Boot, 0, self.boot_status.code(), address));
    }

    /// Zeroes at most so many words of the pool; how many.
    pub(crate) fn scrub_pool(&mut self, cycles: u64) -> u64 {
        let Some(booting) = &mut self.booting else { return 0 };
        let words = ((booting.scrub_end - booting.scrub_next) / WORD_BYTES).min(cycles);
        let end = booting.scrub_next + words * WORD_BYTES;
        self.memory.scrub(booting.scrub_next, end);
        booting.scrub_next = end;
        words
    }

    /// Goes on with a boot as far as that takes no time: until the pool is to be zeroed, a command runs or the log is full.
    pub(crate) fn continue_boot(&mut self) {
        while self.pending.is_none() {
            let Some(booting) = &mut self.booting else { return };
            if booting.scrub_next < booting.scrub_end {
                return;
            }
            if std::mem::take(&mut booting.runs) && self.result.status != Status::Ok {
                let status = self.result.status;
                return self.fail(status);
            }
            let partition = booting.manifest.partitions.get(booting.next).copied();
            let seals = booting.manifest.seal && !booting.sealed;
            if let Some(partition) = partition.filter(|_| !std::mem::replace(&mut booting.loaded, true)) {
                let words = partition.words();
                let registers = [
                    (offset::CMD_TENANT, words[0] & 0xFF),
                    (offset::CMD_RIGHTS, words[0] >> 8),
                    (offset::CMD_LOGICAL_LO, words[1]),
                    (offset::CMD_LOGICAL_HI, words[2]),
                    (offset::CMD_SIZE_LO, words[3]),
                    (offset::CMD_SIZE_HI, words[4]),
                ];
                if !registers.into_iter().all(|(register, value)| self.write_plain(register, value).is_some()) {
                    return self.fail(Status::BadAlignment);
                }
            }
            if partition.is_none() && !seals {
                self.booting = None;
                return self.end_boot(Status::Ok);
            }
            if !self.log.has_room_for_boot() {
                return;
            }
            let booting = self.booting.as_mut().expect("it was there");
            booting.runs = true;
            booting.loaded = false;
            if partition.is_some() {
                booting.next += 1;
                self.start_command(Command::Create);
            } else {
                booting.sealed = true;
                self.start_command(Command::Seal);
            }
        }
    }
}
