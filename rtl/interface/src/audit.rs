//! An audit record as words and as fields.

use crate::{Event, AUDIT_WORDS};
#[cfg(feature = "std")]
use serde::{Deserialize, Serialize};

/// One record of the audit log.
///
/// | word | bits | field |
/// |---|---|---|
/// | 0 | 31:0 | sequence number |
/// | 1 | 31:0 | cycle time, bits 31:0 |
/// | 2 | 7:0 | tenant |
/// | 2 | 15:8 | slot |
/// | 2 | 23:20 | kind of the access, or code of the command |
/// | 2 | 27:24 | reason of the denial, or status of the command |
/// | 2 | 31:28 | event |
/// | 3 | 31:0 | address, bits 31:0 |
/// | 4 | 15:0 | address, bits 47:32 |
/// | 4 | 31:16 | cycle time, bits 47:32 |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "std", derive(Serialize, Deserialize))]
pub struct AuditRecord {
    /// Counts every record since reset.
    pub sequence: u32,
    /// Clock cycles since reset when the record was written.
    pub time: u64,
    /// What happened.
    pub event: Event,
    /// Who asked.
    pub tenant: u8,
    /// Which row: of the command, or that refused the access; zero where there is none.
    pub slot: u8,
    /// Kind of the access, code of the command, or of the [`crate::Upset`].
    pub kind: u8,
    /// Code of the [`crate::Reason`] of a denial, of the [`crate::Status`] of a command or activation.
    pub reason: u8,
    /// Address of the access or of the command. For [`Event::Lost`], what has been counted since reset: denials lost in
    /// bits 31:0, commands refused for want of room in bits 47:32.
    pub address: u64,
}

impl AuditRecord {
    /// The words as `AUDIT_DATA` shows them.
    pub fn words(&self) -> [u32; AUDIT_WORDS] {
        [
            self.sequence,
            self.time as u32,
            u32::from(self.tenant)
                | u32::from(self.slot) << 8
                | u32::from(self.kind & 15) << 20
                | u32::from(self.reason & 15) << 24
                | u32::from(self.event.code()) << 28,
            self.address as u32,
            (self.address >> 32) as u32 & 0xFFFF | ((self.time >> 32) as u32) << 16,
        ]
    }

    /// The inverse of [`AuditRecord::words`]; `None` when the event is unknown.
    pub fn from_words(words: [u32; AUDIT_WORDS]) -> Option<AuditRecord> {
        Some(AuditRecord {
            sequence: words[0],
            time: u64::from(words[1]) | u64::from(words[4] >> 16) << 32,
            event: Event::from_code((words[2] >> 28) as u8)?,
            tenant: words[2] as u8,
            slot: (words[2] >> 8) as u8,
            kind: (words[2] >> 20 & 15) as u8,
            reason: (words[2] >> 24 & 15) as u8,
            address: u64::from(words[3]) | u64::from(words[4] & 0xFFFF) << 32,
        })
    }
}
