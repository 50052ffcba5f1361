//! A boot manifest as the device reads it: is it genuine, and what is to be done next? Nothing here changes the model.
//!
//! ```text
//!   words ► tag ► version, header ► manifest ► pool zeroed ► operands, CREATE ... ► SEAL ► end
//! ```

use crate::manifest::{authentic, DeviceKey};
use pm_interface::manifest::{Manifest, DEVELOPMENT_VERSION, FORMAT, HEADER_WORDS, MAGIC, TAG_WORDS};
use pm_interface::registers::offset;
use pm_interface::{Command, Geometry, Status, WORD_BYTES};
use std::ops::Range;

/// What the words say, if the device's key vouches for them and they are new enough. Nothing but the tag is looked at
/// before it is found right.
pub(crate) fn authenticate(words: &[u32], key: &DeviceKey, geometry: &Geometry) -> Result<Manifest, Status> {
    let ensure = |holds: bool, otherwise| if holds { Ok(()) } else { Err(otherwise) };
    ensure(words.len() >= HEADER_WORDS + TAG_WORDS, Status::BadSize)?;
    let (body, tag) = words.split_at(words.len() - TAG_WORDS);
    let tag = tag.try_into().map_err(|_| Status::BadSize)?;
    ensure(authentic(body, tag, key), Status::Integrity)?;
    ensure(body[0] == MAGIC && body[1] == FORMAT | (body.len() as u32) << 16, Status::BadSize)?;
    ensure(body[2] >= DEVELOPMENT_VERSION, Status::OldVersion)?;
    ensure(body[3] <= 5 && body[10] >> 16 == 0, Status::BadSize)?;
    let quotas = body[10] as usize & 0xFF;
    ensure(quotas == 0 || quotas == geometry.tenants, Status::BadSize)?;
    Manifest::from_words(body).map_err(|_| Status::BadSize)
}

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

/// The next thing that a boot does.
pub(crate) enum Next {
    /// Nothing, until words of the pool are zeroed or the log has room.
    Wait,
    /// Writes operand registers.
    Load([(u8, u32); 6]),
    /// Starts a command on them.
    Start(Command),
    /// Ends the boot for good, with the status of the command that failed.
    Fail(Status),
    /// Ends the boot: all is done.
    End,
}

impl Booting {
    /// At the beginning.
    pub(crate) fn of(manifest: Manifest) -> Booting {
        let (scrub_next, scrub_end) = (manifest.pool_base, manifest.pool_base + manifest.pool_size);
        Booting { manifest, scrub_next, scrub_end, next: 0, loaded: false, sealed: false, runs: false }
    }

    /// Takes at most so many words of the pool to be zeroed: the bytes from the first to the end of the last.
    pub(crate) fn scrub(&mut self, words: u64) -> Range<u64> {
        let words = ((self.scrub_end - self.scrub_next) / WORD_BYTES).min(words);
        let first = self.scrub_next;
        self.scrub_next += words * WORD_BYTES;
        first..self.scrub_next
    }

    /// What comes next when no command runs. `last`: the status of the command before; `room`: the log has room for a record.
    pub(crate) fn next(&mut self, last: Status, room: bool) -> Next {
        if self.scrub_next < self.scrub_end {
            return Next::Wait;
        }
        if std::mem::take(&mut self.runs) && last != Status::Ok {
            return Next::Fail(last);
        }
        let partition = self.manifest.partitions.get(self.next).copied();
        let seals = self.manifest.seal && !self.sealed;
        if let Some(partition) = partition.filter(|_| !std::mem::replace(&mut self.loaded, true)) {
            let words = partition.words();
            return Next::Load([
                (offset::CMD_TENANT, words[0] & 0xFF),
                (offset::CMD_RIGHTS, words[0] >> 8),
                (offset::CMD_LOGICAL_LO, words[1]),
                (offset::CMD_LOGICAL_HI, words[2]),
                (offset::CMD_SIZE_LO, words[3]),
                (offset::CMD_SIZE_HI, words[4]),
            ]);
        }
        if partition.is_none() && !seals {
            return Next::End;
        }
        if !room {
            return Next::Wait;
        }
        self.runs = true;
        self.loaded = false;
        if partition.is_some() {
            self.next += 1;
            Next::Start(Command::Create)
        } else {
            self.sealed = true;
            Next::Start(Command::Seal)
        }
    }
}
