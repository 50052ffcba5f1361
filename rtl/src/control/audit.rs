//! The audit log: which access was refused, and who changed what? The log never holds up the data path.
//!
//! ```text
//!   command record ------------------+                   5 words
//!   boot record ---------------------+-- AuditArbiter --> AuditWriter --> RAM --> AuditReader --> AUDIT_DATA
//!   translate denial --> DenialSlot -+       ^                             '--> AuditChain --> digest    with the feature `chain`
//!   physical denial --> DenialSlot --+       |
//!   losses --> LossTally ------------+   AuditPlaces: only command and boot records take the last places
//! ```
//!
//! A denial that finds its slot taken, or no room, is counted; the count is itself a record once there is room.
//! With a chain a record can be read once the digest has taken it in; writer and room do not wait for that.
//! For all time: denials raised = denials recorded + denials waiting + denials counted.

use super::{
    audit_arbiter::AuditArbiter,
    audit_chain::AuditChain,
    audit_entry::Source,
    audit_places::AuditPlaces,
    audit_reader::AuditReader,
    audit_writer::AuditWriter,
    denial_slot::DenialSlot,
    loss_tally::LossTally,
    port_witness::Denial,
    record_announcer::Readable,
    register_bank::{BankAnswer, RegisterAccess},
    register_port::RegisterForecast,
};
use pm_interface::Event;
use pm_verilog::{
    block,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

pub(super) use super::audit_entry::AuditEntry;

/// log2 of the words of the log's memory.
const WORD_BITS: usize = 8;

/// The log's side of the digest over its records.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct DigestDrive {
    /// High: the digest takes in a further record; see [`crate::crypto::ChainDigest::start`].
    pub start: Signal<Out, Bit>,
    /// High while `word` is offered; it stays until taken.
    pub valid: Signal<Out, Bit>,
    /// Word of the record.
    pub word: Signal<Out, Bits<32>>,
    /// High: the digest takes the word in this cycle.
    pub ready: Signal<In, Bit>,
    /// High while the digest is at work; see [`crate::crypto::ChainDigest::busy`].
    pub busy: Signal<In, Bit>,
    /// High for one cycle: the record is in the digest; see [`crate::crypto::ChainDigest::done`].
    pub done: Signal<In, Bit>,
    /// Word of the digest that the forecast of the cycle before named.
    pub shown: Signal<In, Bits<32>>,
}

block! {
    /// The log and its registers.
    pub struct Audit<ADDRESS> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: empties the log.
        pub reset: Signal<In, Bit>,
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// Register access of the next cycle.
        pub forecast: Signal<In, RegisterForecast>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// High: a command may begin, and its record has a place.
        pub command_room: Signal<Out, Bit>,
        /// High: the command engine refuses a command for want of room.
        pub command_refused: Signal<In, Bit>,
        /// High while the command engine has a record; held until taken.
        pub command_valid: Signal<In, Bit>,
        /// Record of the command engine.
        pub command: Signal<In, AuditEntry<ADDRESS>>,
        /// High: the last word of the command's record is written in this cycle.
        pub command_taken: Signal<Out, Bit>,
        /// High: a record of the boot or of the patrol may begin.
        pub boot_room: Signal<Out, Bit>,
        /// High while the boot gate, the manifest loader or the patrol has a record; held until taken.
        pub boot_valid: Signal<In, Bit>,
        /// Record of the boot gate, the manifest loader or the patrol.
        pub boot: Signal<In, AuditEntry<ADDRESS>>,
        /// High: the last word of that record is written in this cycle.
        pub boot_taken: Signal<Out, Bit>,
        /// Outcome of the translate port in this cycle.
        pub translate: Signal<In, Denial<ADDRESS>>,
        /// Outcome of the physical port in this cycle.
        pub physical: Signal<In, Denial<ADDRESS>>,
        /// High: a denial is counted in place of being recorded.
        pub lost: Signal<Out, Bit>,
        /// Arrival and departure of records that can be read, in this cycle.
        pub readable: Signal<Out, Readable>,
        translate_slot: DenialSlot<ADDRESS> = DenialSlot::new(geometry, Event::TranslateDenied),
        physical_slot: DenialSlot<ADDRESS> = DenialSlot::new(geometry, Event::PhysicalDenied),
        tally: LossTally,
        arbiter: AuditArbiter,
        writer: AuditWriter<ADDRESS>,
        // A word is written where it is read only while the log is empty, and then it is not shown.
        memory: BlockRam<Bits<32>, WORD_BITS> = BlockRam::without_collisions(),
        places: AuditPlaces = AuditPlaces::new(geometry),
        reader: AuditReader<WORD_BITS> = AuditReader::new(geometry),
        write_pointer: Register<Bits<WORD_BITS>>,
        /// The digest over the records.
        pub digest: DigestDrive where chain,
        chain: AuditChain<WORD_BITS> where chain,
        /// High while the number of places that are taken has lost no bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Audit<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(write_pointer) clocked(memory) intact(places)
        blocks(translate_slot, physical_slot, tally, arbiter, writer, places, reader)
    {
        self.translate_slot.denial.next = self.translate.val();
        self.translate_slot.taken.next = self.writer.copied.val() == Source::Translate;
        self.physical_slot.denial.next = self.physical.val();
        self.physical_slot.taken.next = self.writer.copied.val() == Source::Physical;

        self.tally.translate_dropped.next = self.translate_slot.dropped.val();
        self.tally.physical_dropped.next = self.physical_slot.dropped.val();
        self.tally.command_refused.next = self.command_refused.val();
        self.tally.denials_told.next = self.writer.denials_told.val();
        self.tally.commands_told.next = self.writer.commands_told.val();
        self.lost.next = self.translate_slot.dropped.val() | self.physical_slot.dropped.val();

        self.arbiter.denial_room.next = self.places.room.val().denial;
        self.arbiter.command_valid.next = self.command_valid.val();
        self.arbiter.boot_valid.next = self.boot_valid.val();
        self.arbiter.translate_valid.next = self.translate_slot.waiting.val();
        self.arbiter.physical_valid.next = self.physical_slot.waiting.val();
        self.arbiter.loss_valid.next = self.tally.pending.val();
        self.arbiter.begun.next = self.writer.begun.val();

        self.writer.chosen.next = self.arbiter.chosen.val();
        self.writer.command.next = self.command.val();
        self.writer.boot.next = self.boot.val();
        self.writer.translate.next = self.translate_slot.held.val();
        self.writer.physical.next = self.physical_slot.held.val();
        self.writer.lost_denials.next = self.tally.denials.val();
        self.writer.lost_commands.next = self.tally.commands.val();
        self.command_taken.next = self.writer.stored.val() & (self.writer.writing.val() == Source::Command);
        self.boot_taken.next = self.writer.stored.val() & (self.writer.writing.val() == Source::Boot);

        self.memory.write_enable.next = self.writer.word_valid.val();
        self.memory.write_data.next = self.writer.word.val();
        self.memory.write_address.next = self.write_pointer.q.val();
        self.memory.read_address.next = self.reader.read_address.val();
        if self.writer.word_valid.val() {
            self.write_pointer.d.next = self.write_pointer.q.val() + 1;
        }

        self.places.begun.next = self.writer.begun.val();
        self.places.readable.next = self.writer.stored.val();
        self.places.freed.next = self.reader.frees.val();
        self.readable.next.arrives = self.writer.stored.val();
        self.readable.next.event = self.writer.told_event.val();
        self.readable.next.kind = self.writer.told_kind.val();
        self.readable.next.leaves = self.reader.frees.val();
        self.readable.next.level = self.places.level.val();
        self.command_room.next = self.places.room.val().command;
        self.boot_room.next = self.places.room.val().boot;

        self.reader.access.next = self.access.val();
        self.reader.level.next = self.places.level.val();
        self.reader.some.next = self.places.some.val();
        self.reader.lost.next = self.tally.denials.val();
        self.reader.read_data.next = self.memory.read_data.val();
        self.answer.next = self.reader.answer.val();
    }
    when(chain) blocks(chain) {
        self.chain[0].stored.next = self.writer.stored.val();
        self.chain[0].taken.next = self.forecast.val().read;
        self.chain[0].read_data.next = self.memory.read_data.val();
        self.chain[0].word_ready.next = self.digest[0].ready.val();
        self.chain[0].digest_busy.next = self.digest[0].busy.val();
        self.chain[0].digest_done.next = self.digest[0].done.val();
        self.digest[0].start.next = self.chain[0].start.val();
        self.digest[0].valid.next = self.chain[0].word_valid.val();
        self.digest[0].word.next = self.chain[0].word.val();
        self.places.readable.next = self.chain[0].chained.val();
        self.readable.next.arrives = self.chain[0].chained.val();
        self.readable.next.event = self.chain[0].told_event.val();
        self.readable.next.kind = self.chain[0].told_kind.val();
        self.reader.chain[0].waiting.next = self.chain[0].waiting.val();
        self.reader.chain[0].count.next = self.chain[0].count.val();
        self.reader.chain[0].begun.next = self.chain[0].begun.val();
        self.reader.chain[0].digest.next = self.digest[0].shown.val();
        // The reader has the memory in the cycle before a read of any register; the chain has the memory in all other cycles.
        if !self.forecast.val().read {
            self.memory.read_address.next = self.chain[0].address.val();
        }
    }
}
