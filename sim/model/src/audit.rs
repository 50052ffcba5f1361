//! The audit log: a bounded FIFO of records, with room that denials never take and a count of what they lost.
//!
//! ```text
//!  level: 0 ........ RECORDS-RESERVED ....... RECORDS
//!         denials, lost records │ commands, boot │ AuditFull
//! ```
//! With a chain, every record goes into the digest as it is stored, and can be read at once: the device takes its time for both.

use crate::chain::Digest;
use pm_interface::registers::irq;
use pm_interface::{AuditRecord, Event, Reason, Upset, AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};
use std::collections::VecDeque;

/// The bits of an address that a record has room for.
const RECORDED: u64 = (1 << 48) - 1;

/// The cause of `IRQ_STATUS` that announces a record; zero where none does.
fn announced_by(record: &AuditRecord) -> u32 {
    match record.event {
        Event::TranslateDenied | Event::PhysicalDenied => irq::DENIAL,
        Event::Lost => irq::LOST,
        Event::Integrity if record.kind == Upset::RowRepaired.code() => irq::REPAIRED,
        _ => 0,
    }
}

/// The log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    records: VecDeque<AuditRecord>,
    sequence: u32,
    word: usize,
    lost: u32,
    refused: u16,
    untold: bool,
    waiting: [Option<AuditRecord>; 2],
    /// The last denial recorded was one of the translate port: the physical port's turn, if both wait.
    physical_next: bool,
    /// The chain's value after the last record stored, where there is a chain.
    digest: Option<Digest>,
    /// Causes that records have raised since they were acknowledged: bits of `IRQ_STATUS`.
    raised: u32,
}

impl Log {
    /// An empty log, with a chain or without.
    pub fn new(chain: bool) -> Log {
        Log { digest: chain.then_some(Digest::START), ..Log::default() }
    }

    /// The chain's value after the last record stored, where there is a chain.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Sequence number of the next record.
    pub fn sequence(&self) -> u32 {
        self.sequence
    }

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
        let record = AuditRecord { sequence: self.sequence, address: record.address & RECORDED, ..record };
        self.digest = self.digest.map(|digest| digest.next(&record.words()));
        self.raised |= announced_by(&record);
        self.records.push_back(record);
        match record.event {
            Event::TranslateDenied => self.physical_next = true,
            Event::PhysicalDenied => self.physical_next = false,
            _ => {}
        }
        self.sequence = self.sequence.wrapping_add(1);
    }

    /// Whether an activation may start: one place stays for a command that has begun.
    pub fn has_room_for_boot(&self) -> bool {
        self.records.len() < AUDIT_RECORDS - 1
    }

    /// Stores a denial. Without room one denial of each port waits; a further one is counted, and `false` comes back.
    pub fn store_denial(&mut self, record: AuditRecord) -> bool {
        let place = &mut self.waiting[usize::from(record.event == Event::PhysicalDenied)];
        if place.is_some() {
            self.lose();
            return false;
        }
        *place = Some(record);
        self.settle(record.time);
        true
    }

    /// Counts a denial that was not stored. The count stops at the last but one value, as in hardware.
    pub fn lose(&mut self) {
        self.lost = self.lost.saturating_add(1).min(u32::MAX - 1);
        self.untold = true;
    }

    /// Counts a command that was refused for want of room.
    pub fn refuse(&mut self) {
        self.refused = self.refused.saturating_add(1);
        self.untold = true;
    }

    /// Writes what waits, denials first, by turns, then the record of losses: as far as there is room.
    pub fn settle(&mut self, time: u64) {
        while self.has_room_for_denial() {
            let first = usize::from(self.physical_next);
            let Some(record) = self.waiting[first].take().or_else(|| self.waiting[1 - first].take()) else { break };
            self.store(record);
        }
        if self.untold && self.has_room_for_denial() {
            self.untold = false;
            let address = u64::from(self.lost) | u64::from(self.refused) << 32;
            let (event, reason) = (Event::Lost, Reason::None.code());
            self.store(AuditRecord { sequence: 0, time, event, tenant: 0, slot: 0, kind: 0, reason, address });
        }
    }

    /// Causes that records have raised, bits of `IRQ_STATUS`: those of records that wait, and those not yet acknowledged.
    pub fn raised(&self) -> u32 {
        self.raised
    }

    /// Clears causes. A cause of which a record waits is raised again.
    pub(crate) fn acknowledge(&mut self, causes: u32) {
        self.raised &= !causes;
        self.raised |= self.records.iter().map(announced_by).fold(0, |causes, cause| causes | cause);
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
