//! The audit log: a bounded FIFO of records, with room that denials never take and a count of what they lost.
//!
//! ```text
//!  level: 0 ........ RECORDS-RESERVED ....... RECORDS
//!         denials, lost records │ commands, boot │ AuditFull
//! ```

use pm_interface::{AuditRecord, Event, Reason, AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};
use std::collections::VecDeque;

/// The log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    records: VecDeque<AuditRecord>,
    sequence: u32,
    word: usize,
    lost: u32,
    untold: u32,
}

impl Log {
    /// Whether a command or an activation may start: its record will have room.
    pub fn has_room(&self) -> bool {
        self.records.len() < AUDIT_RECORDS
    }

    /// Whether a denial will be stored rather than counted.
    pub fn has_room_for_denial(&self) -> bool {
        self.records.len() < AUDIT_RECORDS - AUDIT_RESERVED
    }

    /// Stores the record of a command or an activation that started with room; the sequence number is filled in.
    pub fn store(&mut self, record: AuditRecord) {
        assert!(self.has_room(), "a record was stored without room: the caller checks has_room first");
        self.records.push_back(AuditRecord { sequence: self.sequence, ..record });
        self.sequence = self.sequence.wrapping_add(1);
    }

    /// Stores a denial; without room it is counted, and `false` comes back.
    pub fn store_denial(&mut self, record: AuditRecord) -> bool {
        let room = self.has_room_for_denial();
        if room { self.store(record) } else { self.lose() }
        room
    }

    /// Counts a record that was not stored.
    pub fn lose(&mut self) {
        self.lost = self.lost.saturating_add(1);
        self.untold = self.untold.saturating_add(1);
    }

    /// Writes the record of losses, once there is room again.
    pub fn tell_losses(&mut self, time: u64) {
        if self.untold > 0 && self.has_room_for_denial() {
            let address = u64::from(self.untold);
            self.untold = 0;
            let (event, reason) = (Event::Lost, Reason::None.code());
            self.store(AuditRecord { sequence: 0, time, event, tenant: 0, slot: 0, kind: 0, reason, address });
        }
    }

    /// Records waiting.
    pub fn level(&self) -> usize {
        self.records.len()
    }

    /// Which word of the oldest record is shown.
    pub fn word(&self) -> usize {
        self.word
    }

    /// The word shown; zero when no record waits.
    pub fn data(&self) -> u32 {
        self.records.front().map_or(0, |record| record.words()[self.word])
    }

    /// Moves to the next word; after the last one the record is gone.
    pub fn pop_word(&mut self) {
        if self.records.is_empty() {
            return;
        }
        self.word += 1;
        if self.word == AUDIT_WORDS {
            self.word = 0;
            self.records.pop_front();
        }
    }

    /// Takes the oldest record whole.
    pub fn pop(&mut self) -> Option<AuditRecord> {
        self.word = 0;
        self.records.pop_front()
    }

    /// The records waiting, oldest first.
    pub fn records(&self) -> impl Iterator<Item = &AuditRecord> {
        self.records.iter()
    }

    /// How many were counted instead of stored since reset, saturating.
    pub fn lost(&self) -> u32 {
        self.lost
    }
}
