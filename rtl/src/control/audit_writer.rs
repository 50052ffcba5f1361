//! The writer of the log: which word is written in this cycle?
//!
//! ```text
//!   chosen --[edge]--> writing: word 0 (the source is free again) --> ... --> word 4 (stored) --> idle
//! ```

use super::{
    audit_entry::{AuditEntry, Source},
    record_format::RecordFormat,
};
use pm_interface::{Event, Reason, AUDIT_WORDS};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Numbers the record of the chosen source and writes it, a word a cycle.
    pub struct AuditWriter<ADDRESS> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the next record has number zero.
        pub reset: Signal<In, Bit>,
        /// Source of the next record; sampled with `begun`.
        pub chosen: Signal<In, Source>,
        /// Record of the command engine, held until it is stored.
        pub command: Signal<In, AuditEntry<ADDRESS>>,
        /// Record of the boot gate, the manifest loader or the patrol, held until it is stored.
        pub boot: Signal<In, AuditEntry<ADDRESS>>,
        /// Denial of the translate port, held until it is copied.
        pub translate: Signal<In, AuditEntry<ADDRESS>>,
        /// Denial of the physical port, held until it is copied.
        pub physical: Signal<In, AuditEntry<ADDRESS>>,
        /// Number of denials lost since reset.
        pub lost_denials: Signal<In, Bits<32>>,
        /// Number of commands refused for want of room since reset.
        pub lost_commands: Signal<In, Bits<16>>,
        /// High: a record begins in this cycle, and its place is taken.
        pub begun: Signal<Out, Bit>,
        /// High: the last word of the record is written in this cycle.
        pub stored: Signal<Out, Bit>,
        /// Source whose entry is copied in this cycle; `Idle` when no entry is copied.
        pub copied: Signal<Out, Source>,
        /// Source whose record is being written; `Idle` between records.
        pub writing: Signal<Out, Source>,
        /// Code of the `Event` of the record that is being written; valid with `stored`.
        pub told_event: Signal<Out, Bits<4>>,
        /// Kind of that record; valid with `stored`.
        pub told_kind: Signal<Out, Bits<4>>,
        /// High: `lost_denials` is written in this cycle.
        pub denials_told: Signal<Out, Bit>,
        /// High: `lost_commands` is written in this cycle.
        pub commands_told: Signal<Out, Bit>,
        /// High: `word` is written in this cycle.
        pub word_valid: Signal<Out, Bit>,
        /// Word for the memory of the log.
        pub word: Signal<Out, Bits<32>>,
        current: Register<Source>,
        index: Register<Bits<3>>,
        sequence: Register<Bits<32>>,
        time_low: Register<Bits<32>>,
        time_high: Register<Bits<16>>,
        stamp_high: Register<Bits<16>>,
        open: Register<AuditEntry<ADDRESS>>,
        format: RecordFormat<ADDRESS>,
        lost_event: Constant<Bits<4>> = Constant::new(Event::Lost.code().to_bits()),
        none: Constant<Bits<4>> = Constant::new(Reason::None.code().to_bits()),
        last_word: Constant<Bits<3>> = Constant::new((AUDIT_WORDS - 1).to_bits()),
    }
}

kernel! {
    AuditWriter<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(current, index, sequence, time_low, time_high, stamp_high, open) {
        self.time_low.d.next = self.time_low.q.val() + 1;
        if self.time_low.q.val().all() {
            self.time_high.d.next = self.time_high.q.val() + 1;
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
        // The high half of the time is that of the cycle in which the low half is written.
        if self.index.q.val() == 1 {
            self.stamp_high.d.next = self.time_high.q.val();
        }

        self.denials_told.next = (self.current.q.val() == Source::Lost) & (self.index.q.val() == 3);
        self.commands_told.next = (self.current.q.val() == Source::Lost) & (self.index.q.val() == 4);
        self.told_event.next = self.open.q.val().event;
        self.told_kind.next = self.open.q.val().kind;

        self.format.index.next = self.index.q.val();
        self.format.number.next = self.sequence.q.val();
        self.format.time_low.next = self.time_low.q.val();
        self.format.time_high.next = self.stamp_high.q.val();
        self.format.entry.next = self.open.q.val();
        self.format.loss.next = self.current.q.val() == Source::Lost;
        self.format.lost_denials.next = self.lost_denials.val();
        self.format.lost_commands.next = self.lost_commands.val();
        self.word.next = self.format.word.val();
    }
}
