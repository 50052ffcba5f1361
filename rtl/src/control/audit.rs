//! The audit log: who was refused, who changed what? It never holds up the data path.
//!
//! ```text
//!   command record --+
//!   boot record -----+                    5 words
//!   translate denial +-- one at a time --> RAM --> AUDIT_DATA
//!   physical denial -+       ^              '--> AuditChain --> digest     with the feature `chain`
//!   loss record -----+       | room kept back: only command and boot records take the last places
//! ```
//!
//! A denial that finds its place taken, or no room, is counted; the count is itself a record once there is room.
//! With a chain a record can be read once the digest has taken it in; writer and room do not wait for that.
//! For all time: denials raised = denials recorded + denials waiting + denials counted.

use super::audit_chain::AuditChain;
use super::register_bank::{BankAnswer, RegisterAccess};
use super::register_port::RegisterForecast;
use crate::constants;
use pm_interface::{registers::offset, Event, Geometry, Reason, AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};
use pm_verilog::{
    bundle,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

/// log2 of the words of the log's memory.
const WORD_BITS: usize = 8;

bundle! {
    /// What a record tells, apart from its number and time.
    pub struct AuditEntry<ADDRESS> {
        /// Code of an `Event`.
        pub event: Bits<4>,
        /// Who.
        pub tenant: Bits<8>,
        /// Which row.
        pub slot: Bits<8>,
        /// Kind of access or code of command.
        pub kind: Bits<4>,
        /// Reason or status.
        pub reason: Bits<4>,
        /// Where.
        pub address: Bits<ADDRESS>,
    }
}

constants! {
    /// Offsets of the audit bank.
    pub struct AuditOffsets: Bits<8> {
        /// `AUDIT_LEVEL`.
        level = offset::AUDIT_LEVEL / 4,
        /// `AUDIT_DATA`.
        data = offset::AUDIT_DATA / 4,
        /// `AUDIT_POP`.
        pop = offset::AUDIT_POP / 4,
        /// `AUDIT_LOST`.
        lost = offset::AUDIT_LOST / 4,
        /// `AUDIT_DIGEST`, the first word of the digest.
        digest_0 = offset::AUDIT_DIGEST / 4,
        /// `AUDIT_DIGEST_1`.
        digest_1 = offset::AUDIT_DIGEST_1 / 4,
        /// `AUDIT_DIGEST_2`.
        digest_2 = offset::AUDIT_DIGEST_2 / 4,
        /// `AUDIT_DIGEST_3`.
        digest_3 = offset::AUDIT_DIGEST_3 / 4,
        /// `AUDIT_CHAINED`.
        chained = offset::AUDIT_CHAINED / 4,
    }
}

constants! {
    /// Sizes of the log, in records, and of a record, in words.
    pub struct AuditSizes: Bits<8> {
        /// Room for commands and boot: all of it.
        all = AUDIT_RECORDS as u8,
        /// Room for boot records: one place is left for a command that has begun.
        boot = (AUDIT_RECORDS - 1) as u8,
        /// Room for denials.
        denials = (AUDIT_RECORDS - AUDIT_RESERVED) as u8,
        /// The last but one word of a record.
        last_but_one = (AUDIT_WORDS - 2) as u8,
    }
}

/// Holds one denial until the writer takes it; a second one meanwhile is dropped.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct DenialSlot<const ADDRESS: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: empty.
    pub reset: Signal<In, Bit>,
    /// A port refused an access in this cycle.
    pub denied: Signal<In, Bit>,
    /// What is told of it.
    pub entry: Signal<In, AuditEntry<ADDRESS>>,
    /// The writer is done with what is held.
    pub taken: Signal<In, Bit>,
    /// A denial waits.
    pub waiting: Signal<Out, Bit>,
    /// It.
    pub held: Signal<Out, AuditEntry<ADDRESS>>,
    /// The denial of this cycle finds no place.
    pub dropped: Signal<Out, Bit>,
    occupied: Register<Bit>,
    denial: Register<AuditEntry<ADDRESS>>,
}

impl<const ADDRESS: usize> Logic for DenialSlot<ADDRESS> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(occupied, denial) {
            if self.taken.val() {
                self.occupied.d.next = false;
            }
            // Until there is one, whatever passes is taken down: only `occupied` waits for the denial.
            if !self.occupied.q.val() {
                self.denial.d.next = self.entry.val();
                self.occupied.d.next = self.denied.val();
            }
            self.dropped.next = self.denied.val() & self.occupied.q.val();
            self.waiting.next = self.occupied.q.val();
            self.held.next = self.denial.q.val();
        }
    }
}

/// Counts what could not be recorded. The counts run since reset and saturate: none ever becomes small again.
#[derive(Clone, Debug, LogicBlock)]
pub struct LossTally {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: zero.
    pub reset: Signal<In, Bit>,
    /// The translate port's denial was dropped.
    pub translate_dropped: Signal<In, Bit>,
    /// The physical port's denial was dropped.
    pub physical_dropped: Signal<In, Bit>,
    /// A command was refused for want of room.
    pub command_refused: Signal<In, Bit>,
    /// The counts are being written to the log.
    pub recorded: Signal<In, Bit>,
    /// Denials lost since reset; it stops at 2^32 - 2.
    pub denials: Signal<Out, Bits<32>>,
    /// Commands refused since reset.
    pub commands: Signal<Out, Bits<16>>,
    /// The log does not know yet of all of them.
    pub pending: Signal<Out, Bit>,
    lost: Register<Bits<32>>,
    refused: Register<Bits<16>>,
    dropped: Register<Bits<2>>,
    unrecorded: Register<Bit>,
    one: Constant<Bits<32>>,
}

impl Default for LossTally {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            translate_dropped: Default::default(),
            physical_dropped: Default::default(),
            command_refused: Default::default(),
            recorded: Default::default(),
            denials: Default::default(),
            commands: Default::default(),
            pending: Default::default(),
            lost: Default::default(),
            refused: Default::default(),
            dropped: Default::default(),
            unrecorded: Default::default(),
            one: Constant::new(1u64.to_bits()),
        }
    }
}

impl Logic for LossTally {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(lost, refused, dropped, unrecorded) {
            self.dropped.d.next = bit_cast::<2, 1>(self.translate_dropped.val().into())
                + bit_cast::<2, 1>(self.physical_dropped.val().into());
            // Two more may come at once: the last but one value is where it stops.
            if !(self.lost.q.val() | self.one.val()).all() {
                self.lost.d.next = self.lost.q.val() + bit_cast::<32, 2>(self.dropped.q.val());
            }
            if self.command_refused.val() & !self.refused.q.val().all() {
                self.refused.d.next = self.refused.q.val() + 1;
            }
            if self.recorded.val() {
                self.unrecorded.d.next = false;
            }
            if self.dropped.q.val().any() | self.command_refused.val() {
                self.unrecorded.d.next = true;
            }
            self.denials.next = self.lost.q.val();
            self.commands.next = self.refused.q.val();
            self.pending.next = self.unrecorded.q.val();
        }
    }
}

/// Whose record is being written.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum Source {
    /// Nobody's.
    Idle,
    /// The command engine's.
    Command,
    /// The boot gate's.
    Boot,
    /// A denial of the translate port.
    Translate,
    /// A denial of the physical port.
    Physical,
    /// The count of lost denials.
    Lost,
}

/// Chooses a source, numbers its record and writes it, a word a cycle.
#[derive(Clone, Debug, LogicBlock)]
pub struct AuditWriter<const ADDRESS: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// There is room for a denial or a loss record.
    pub denial_room: Signal<In, Bit>,
    /// The command engine has a record; it has had its place since the command began.
    pub command_valid: Signal<In, Bit>,
    /// That record.
    pub command: Signal<In, AuditEntry<ADDRESS>>,
    /// The boot gate has a record; likewise.
    pub boot_valid: Signal<In, Bit>,
    /// That record.
    pub boot: Signal<In, AuditEntry<ADDRESS>>,
    /// A denial of the translate port waits.
    pub translate_valid: Signal<In, Bit>,
    /// It.
    pub translate: Signal<In, AuditEntry<ADDRESS>>,
    /// A denial of the physical port waits.
    pub physical_valid: Signal<In, Bit>,
    /// It.
    pub physical: Signal<In, AuditEntry<ADDRESS>>,
    /// There are losses to record.
    pub loss_valid: Signal<In, Bit>,
    /// Denials lost.
    pub lost_denials: Signal<In, Bits<32>>,
    /// Commands refused.
    pub lost_commands: Signal<In, Bits<16>>,
    /// A record is begun: its place is taken.
    pub begun: Signal<Out, Bit>,
    /// The record's last word is written in this cycle.
    pub stored: Signal<Out, Bit>,
    /// Whose entry is copied in this cycle.
    pub copied: Signal<Out, Source>,
    /// Whose record is being written.
    pub writing: Signal<Out, Source>,
    /// A word is written.
    pub word_valid: Signal<Out, Bit>,
    /// The word.
    pub word: Signal<Out, Bits<32>>,
    current: Register<Source>,
    index: Register<Bits<3>>,
    sequence: Register<Bits<32>>,
    time_low: Register<Bits<32>>,
    time_high: Register<Bits<16>>,
    stamp_high: Register<Bits<16>>,
    open: Register<AuditEntry<ADDRESS>>,
    prefers_physical: Register<Bit>,
    address_low: Signal<Local, Bits<32>>,
    address_high: Signal<Local, Bits<16>>,
    chosen: Signal<Local, Source>,
    lost_event: Constant<Bits<4>>,
    none: Constant<Bits<4>>,
    last_word: Constant<Bits<3>>,
    high_shift: Constant<Bits<6>>,
    high_mask: Constant<Bits<16>>,
}

impl<const ADDRESS: usize> Default for AuditWriter<ADDRESS> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            denial_room: Default::default(),
            command_valid: Default::default(),
            command: Default::default(),
            boot_valid: Default::default(),
            boot: Default::default(),
            translate_valid: Default::default(),
            translate: Default::default(),
            physical_valid: Default::default(),
            physical: Default::default(),
            loss_valid: Default::default(),
            lost_denials: Default::default(),
            lost_commands: Default::default(),
            begun: Default::default(),
            stored: Default::default(),
            copied: Default::default(),
            writing: Default::default(),
            word_valid: Default::default(),
            word: Default::default(),
            current: Default::default(),
            index: Default::default(),
            sequence: Default::default(),
            time_low: Default::default(),
            time_high: Default::default(),
            stamp_high: Default::default(),
            open: Default::default(),
            prefers_physical: Default::default(),
            address_low: Default::default(),
            address_high: Default::default(),
            chosen: Default::default(),
            lost_event: Constant::new(Event::Lost.code().to_bits()),
            none: Constant::new(Reason::None.code().to_bits()),
            last_word: Constant::new((AUDIT_WORDS - 1).to_bits()),
            high_shift: Constant::new(if ADDRESS > 32 { 32 } else { 0u64 }.to_bits()),
            high_mask: Constant::new(if ADDRESS > 32 { (1 << (ADDRESS - 32)) - 1 } else { 0u64 }.to_bits()),
        }
    }
}

impl<const ADDRESS: usize> Logic for AuditWriter<ADDRESS> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(
            current, index, sequence, time_low, time_high, stamp_high, open, prefers_physical
        ) {
            self.time_low.d.next = self.time_low.q.val() + 1;
            if self.time_low.q.val().all() {
                self.time_high.d.next = self.time_high.q.val() + 1;
            }

            self.chosen.next = Source::Idle;
            if self.command_valid.val() {
                self.chosen.next = Source::Command;
            } else if self.boot_valid.val() {
                self.chosen.next = Source::Boot;
            } else if self.denial_room.val() {
                if self.translate_valid.val() & !(self.physical_valid.val() & self.prefers_physical.q.val()) {
                    self.chosen.next = Source::Translate;
                } else if self.physical_valid.val() {
                    self.chosen.next = Source::Physical;
                } else if self.loss_valid.val() {
                    self.chosen.next = Source::Lost;
                }
            }

            self.address_low.next = bit_cast::<32, ADDRESS>(self.open.q.val().address);
            self.address_high.next =
                bit_cast::<16, ADDRESS>(self.open.q.val().address >> self.high_shift.val()) & self.high_mask.val();
            if self.current.q.val() == Source::Lost {
                self.address_low.next = self.lost_denials.val();
                self.address_high.next = self.lost_commands.val();
            }

            self.begun.next = false;
            self.stored.next = false;
            self.copied.next = Source::Idle;
            self.writing.next = self.current.q.val();
            self.word_valid.next = false;
            if self.current.q.val() == Source::Idle {
                if self.chosen.val() != Source::Idle {
                    self.begun.next = true;
                    self.current.d.next = self.chosen.val();
                    self.index.d.next = 0.into();
                    self.prefers_physical.d.next = self.chosen.val() == Source::Translate;
                }
            } else {
                self.word_valid.next = true;
                if self.index.q.val() == 0 {
                    self.copied.next = self.current.q.val();
                }
                self.index.d.next = self.index.q.val() + 1;
                if self.index.q.val() == self.last_word.val() {
                    self.stored.next = true;
                    self.sequence.d.next = self.sequence.q.val() + 1;
                    self.current.d.next = Source::Idle;
                }
            }

            // The entry is copied while word 0, the sequence number, is written: then its source is free again.
            match self.copied.val() {
                Source::Command => { self.open.d.next = self.command.val(); }
                Source::Boot => { self.open.d.next = self.boot.val(); }
                Source::Translate => { self.open.d.next = self.translate.val(); }
                Source::Physical => { self.open.d.next = self.physical.val(); }
                Source::Lost => {
                    self.open.d.next.event = self.lost_event.val();
                    self.open.d.next.tenant = 0.into();
                    self.open.d.next.slot = 0.into();
                    self.open.d.next.kind = 0.into();
                    self.open.d.next.reason = self.none.val();
                }
                _ => {}
            }

            self.word.next = self.sequence.q.val();
            if self.index.q.val() == 1 {
                self.word.next = self.time_low.q.val();
                self.stamp_high.d.next = self.time_high.q.val();
            } else if self.index.q.val() == 2 {
                self.word.next = bit_cast::<32, 8>(self.open.q.val().tenant)
                    | (bit_cast::<32, 8>(self.open.q.val().slot) << 8)
                    | (bit_cast::<32, 4>(self.open.q.val().kind) << 20)
                    | (bit_cast::<32, 4>(self.open.q.val().reason) << 24)
                    | (bit_cast::<32, 4>(self.open.q.val().event) << 28);
            } else if self.index.q.val() == 3 {
                self.word.next = self.address_low.val();
            } else if self.index.q.val() == 4 {
                self.word.next = bit_cast::<32, 16>(self.address_high.val())
                    | (bit_cast::<32, 16>(self.stamp_high.q.val()) << 16);
            }
        }
    }
}

/// Who may begin a record.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Room {
    /// A command.
    pub command: Bit,
    /// The boot gate.
    pub boot: Bit,
    /// A denial, or the count of those lost.
    pub denial: Bit,
}

/// The log and its registers.
#[derive(Clone, Debug, LogicBlock)]
pub struct Audit<const ADDRESS: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: empties the log.
    pub reset: Signal<In, Bit>,
    /// A register access.
    pub access: Signal<In, RegisterAccess>,
    /// Its answer.
    pub answer: Signal<Out, BankAnswer>,
    /// A command may begin: its record has a place.
    pub command_room: Signal<Out, Bit>,
    /// A command was refused for want of room.
    pub command_refused: Signal<In, Bit>,
    /// The command engine has a record; held until taken.
    pub command_valid: Signal<In, Bit>,
    /// That record.
    pub command: Signal<In, AuditEntry<ADDRESS>>,
    /// Its last word is written in this cycle.
    pub command_taken: Signal<Out, Bit>,
    /// An activation may be recorded.
    pub boot_room: Signal<Out, Bit>,
    /// The boot gate has a record; held until taken.
    pub boot_valid: Signal<In, Bit>,
    /// That record.
    pub boot: Signal<In, AuditEntry<ADDRESS>>,
    /// Its last word is written in this cycle.
    pub boot_taken: Signal<Out, Bit>,
    /// The translate port refused an access.
    pub translate_denied: Signal<In, Bit>,
    /// What is told of it.
    pub translate: Signal<In, AuditEntry<ADDRESS>>,
    /// The physical port refused an access.
    pub physical_denied: Signal<In, Bit>,
    /// What is told of it.
    pub physical: Signal<In, AuditEntry<ADDRESS>>,
    /// A denial is counted instead of recorded.
    pub lost: Signal<Out, Bit>,
    /// The register access of the next cycle.
    pub forecast: Signal<In, RegisterForecast>,
    /// See [`crate::crypto::ChainDigest::start`]; without the feature `chain` never.
    pub digest_start: Signal<Out, Bit>,
    /// A record's word for the digest; it stays until taken.
    pub record_valid: Signal<Out, Bit>,
    /// The digest takes it.
    pub record_ready: Signal<In, Bit>,
    /// It.
    pub record_word: Signal<Out, Bits<32>>,
    /// See [`crate::crypto::ChainDigest::busy`].
    pub digest_busy: Signal<In, Bit>,
    /// See [`crate::crypto::ChainDigest::done`].
    pub digest_done: Signal<In, Bit>,
    /// The word of the digest that the forecast named.
    pub digest: Signal<In, Bits<32>>,
    translate_slot: DenialSlot<ADDRESS>,
    physical_slot: DenialSlot<ADDRESS>,
    tally: LossTally,
    writer: AuditWriter<ADDRESS>,
    memory: BlockRam<Bits<32>, WORD_BITS>,
    chain: Vec<AuditChain<WORD_BITS>>,
    write_pointer: Register<Bits<WORD_BITS>>,
    read_pointer: Register<Bits<WORD_BITS>>,
    level: Register<Bits<8>>,
    claimed: Register<Bits<8>>,
    word_index: Register<Bits<3>>,
    some: Register<Bit>,
    at_last: Register<Bit>,
    begun: Register<Bit>,
    freed: Register<Bit>,
    room: Register<Room>,
    selected: Signal<Local, Bits<64>>,
    pops: Signal<Local, Bit>,
    frees: Signal<Local, Bit>,
    readable: Signal<Local, Bit>,
    unchained: Signal<Local, Bits<6>>,
    digest_shown: Signal<Local, Bit>,
    offsets: AuditOffsets,
    sizes: AuditSizes,
    _chains: usize,
    /// With `integrity`: the places that are taken are counted right.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const ADDRESS: usize> Audit<ADDRESS> {
    /// With or without a chain, as the geometry says.
    pub fn new(geometry: &Geometry) -> Self {
        let chains = usize::from(geometry.features.chain);
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            access: Default::default(),
            answer: Default::default(),
            command_room: Default::default(),
            command_refused: Default::default(),
            command_valid: Default::default(),
            command: Default::default(),
            command_taken: Default::default(),
            boot_room: Default::default(),
            boot_valid: Default::default(),
            boot: Default::default(),
            boot_taken: Default::default(),
            translate_denied: Default::default(),
            translate: Default::default(),
            physical_denied: Default::default(),
            physical: Default::default(),
            lost: Default::default(),
            forecast: Default::default(),
            digest_start: Default::default(),
            record_valid: Default::default(),
            record_ready: Default::default(),
            record_word: Default::default(),
            digest_busy: Default::default(),
            digest_done: Default::default(),
            digest: Default::default(),
            translate_slot: Default::default(),
            physical_slot: Default::default(),
            tally: Default::default(),
            writer: Default::default(),
            // A word is written where it is read only while the log is empty, and then it is not shown.
            memory: BlockRam::without_collisions(),
            chain: vec![AuditChain::default(); chains],
            write_pointer: Default::default(),
            read_pointer: Default::default(),
            level: Default::default(),
            claimed: Register::guarded(guards),
            word_index: Default::default(),
            some: Default::default(),
            at_last: Default::default(),
            begun: Default::default(),
            freed: Default::default(),
            room: Default::default(),
            selected: Default::default(),
            pops: Default::default(),
            frees: Default::default(),
            readable: Default::default(),
            unchained: Default::default(),
            digest_shown: Default::default(),
            offsets: Default::default(),
            sizes: Default::default(),
            _chains: chains,
            intact: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const ADDRESS: usize> Logic for Audit<ADDRESS> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(write_pointer, read_pointer, level, claimed, word_index, some, at_last, begun, freed, room) {
            self.translate_slot.clock.next = self.clock.val();
            self.translate_slot.reset.next = self.reset.val();
            self.translate_slot.denied.next = self.translate_denied.val();
            self.translate_slot.entry.next = self.translate.val();
            self.translate_slot.taken.next = self.writer.copied.val() == Source::Translate;
            self.physical_slot.clock.next = self.clock.val();
            self.physical_slot.reset.next = self.reset.val();
            self.physical_slot.denied.next = self.physical_denied.val();
            self.physical_slot.entry.next = self.physical.val();
            self.physical_slot.taken.next = self.writer.copied.val() == Source::Physical;

            self.tally.clock.next = self.clock.val();
            self.tally.reset.next = self.reset.val();
            self.tally.translate_dropped.next = self.translate_slot.dropped.val();
            self.tally.physical_dropped.next = self.physical_slot.dropped.val();
            self.tally.command_refused.next = self.command_refused.val();
            self.tally.recorded.next = self.writer.copied.val() == Source::Lost;
            self.lost.next = self.translate_slot.dropped.val() | self.physical_slot.dropped.val();

            self.writer.clock.next = self.clock.val();
            self.writer.reset.next = self.reset.val();
            self.writer.denial_room.next = self.room.q.val().denial;
            self.writer.command_valid.next = self.command_valid.val();
            self.writer.command.next = self.command.val();
            self.writer.boot_valid.next = self.boot_valid.val();
            self.writer.boot.next = self.boot.val();
            self.writer.translate_valid.next = self.translate_slot.waiting.val();
            self.writer.translate.next = self.translate_slot.held.val();
            self.writer.physical_valid.next = self.physical_slot.waiting.val();
            self.writer.physical.next = self.physical_slot.held.val();
            self.writer.loss_valid.next = self.tally.pending.val();
            self.writer.lost_denials.next = self.tally.denials.val();
            self.writer.lost_commands.next = self.tally.commands.val();
            self.command_taken.next = self.writer.stored.val() & (self.writer.writing.val() == Source::Command);
            self.boot_taken.next = self.writer.stored.val() & (self.writer.writing.val() == Source::Boot);

            self.memory.clock.next = self.clock.val();
            self.memory.write_enable.next = self.writer.word_valid.val();
            self.memory.write_data.next = self.writer.word.val();
            self.memory.write_address.next = self.write_pointer.q.val();
            if self.writer.word_valid.val() {
                self.write_pointer.d.next = self.write_pointer.q.val() + 1;
            }

            // Places: claimed when a record is begun, readable when it is whole and chained, free when its last word is popped.
            self.selected.next = self.access.val().selected;
            self.pops.next = self.selected.val().get_bit(self.offsets.pop.val().index())
                & self.access.val().writes_one
                & self.some.q.val();
            self.frees.next = self.pops.val() & self.at_last.q.val();
            if self.pops.val() {
                self.read_pointer.d.next = self.read_pointer.q.val() + 1;
                self.word_index.d.next = self.word_index.q.val() + 1;
                self.at_last.d.next = bit_cast::<8, 3>(self.word_index.q.val()) == self.sizes.last_but_one.val();
            }
            if self.frees.val() {
                self.word_index.d.next = 0.into();
            }
            self.memory.read_address.next = self.read_pointer.q.val();
            if self.pops.val() {
                self.memory.read_address.next = self.read_pointer.q.val() + 1;
            }

            // The reader has the memory before a read, whatever it reads; the chain otherwise.
            self.readable.next = self.writer.stored.val();
            self.unchained.next = 0.into();
            self.digest_start.next = false;
            self.record_valid.next = false;
            self.record_word.next = 0.into();
            for i in 0..self._chains {
                self.chain[i].clock.next = self.clock.val();
                self.chain[i].reset.next = self.reset.val();
                self.chain[i].stored.next = self.writer.stored.val();
                self.chain[i].taken.next = self.forecast.val().read;
                self.chain[i].read_data.next = self.memory.read_data.val();
                self.chain[i].word_ready.next = self.record_ready.val();
                self.chain[i].digest_busy.next = self.digest_busy.val();
                self.chain[i].digest_done.next = self.digest_done.val();
                self.unchained.next = self.chain[i].waiting.val();
                self.digest_start.next = self.chain[i].start.val();
                self.record_valid.next = self.chain[i].word_valid.val();
                self.record_word.next = self.chain[i].word.val();
                self.readable.next = self.chain[i].chained.val();
                if !self.forecast.val().read {
                    self.memory.read_address.next = self.chain[i].address.val();
                }
            }
            if self.readable.val() & !self.frees.val() {
                self.level.d.next = self.level.q.val() + 1;
                self.some.d.next = true;
            } else if self.frees.val() & !self.readable.val() {
                self.level.d.next = self.level.q.val() - 1;
                self.some.d.next = self.level.q.val() != 1;
            }
            self.begun.d.next = self.writer.begun.val();
            self.freed.d.next = self.frees.val();
            if self.begun.q.val() & !self.freed.q.val() {
                self.claimed.d.next = self.claimed.q.val() + 1;
            } else if self.freed.q.val() & !self.begun.q.val() {
                self.claimed.d.next = self.claimed.q.val() - 1;
            }
            // Two cycles late, which costs no place: a record takes longer than that to write, and each of the three who ask
            // leaves room for what one of the others may begin meanwhile.
            self.room.d.next.command = self.claimed.q.val() < self.sizes.all.val();
            self.room.d.next.boot = self.claimed.q.val() < self.sizes.boot.val();
            self.room.d.next.denial = self.claimed.q.val() < self.sizes.denials.val();
            for i in 0..self._guards {
                self.intact[i].next = self.claimed.intact[i].val();
            }
            self.command_room.next = self.room.q.val().command;
            self.boot_room.next = self.room.q.val().boot;

            self.answer.next.accepted = false;
            self.answer.next.data = 0.into();
            self.digest_shown.next = false;
            if self.access.val().read {
                if self.selected.val().get_bit(self.offsets.level.val().index()) {
                    self.answer.next.accepted = true;
                    self.answer.next.data = bit_cast::<32, 8>(self.level.q.val())
                        | (bit_cast::<32, 3>(self.word_index.q.val()) << 16)
                        | (bit_cast::<32, 6>(self.unchained.val()) << 24);
                } else if self.selected.val().get_bit(self.offsets.data.val().index()) {
                    self.answer.next.accepted = true;
                    if self.some.q.val() {
                        self.answer.next.data = self.memory.read_data.val();
                    }
                } else if self.selected.val().get_bit(self.offsets.lost.val().index()) {
                    self.answer.next.accepted = true;
                    self.answer.next.data = self.tally.denials.val();
                }
                for i in 0..self._chains {
                    self.digest_shown.next = self.selected.val().get_bit(self.offsets.digest_0.val().index())
                        | self.selected.val().get_bit(self.offsets.digest_1.val().index())
                        | self.selected.val().get_bit(self.offsets.digest_2.val().index())
                        | self.selected.val().get_bit(self.offsets.digest_3.val().index());
                    if self.digest_shown.val() {
                        self.answer.next.accepted = true;
                        if self.chain[i].begun.val() {
                            self.answer.next.data = self.digest.val();
                        }
                    }
                    if self.selected.val().get_bit(self.offsets.chained.val().index()) {
                        self.answer.next.accepted = true;
                        self.answer.next.data = self.chain[i].count.val();
                    }
                }
            } else {
                self.answer.next.accepted =
                    self.selected.val().get_bit(self.offsets.pop.val().index()) & self.access.val().writes_one;
            }
        }
    }
}
