//! Audit: raised = stored + drained + counted as lost, for all time; and no row changes without a record.

use pm_rtl::control::Source;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Keeps the log's books a second time.
    pub struct Accounts {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// The translate port refused an access.
        pub translate_denied: Signal<In, Bit>,
        /// The physical port refused an access.
        pub physical_denied: Signal<In, Bit>,
        /// A denial of the translate port waits to be written.
        pub translate_waits: Signal<In, Bit>,
        /// A denial of the physical port waits to be written.
        pub physical_waits: Signal<In, Bit>,
        /// Source whose record is being written.
        pub writing: Signal<In, Source>,
        /// Source whose entry is being copied.
        pub copied: Signal<In, Source>,
        /// A record is begun.
        pub begun: Signal<In, Bit>,
        /// A record's last word is written.
        pub stored: Signal<In, Bit>,
        /// The oldest record's last word is taken.
        pub freed: Signal<In, Bit>,
        /// Number of denials that were counted instead of recorded.
        pub lost: Signal<In, Bits<32>>,
        /// Number of denials that are being counted in this cycle.
        pub dropped: Signal<In, Bits<2>>,
        /// Number of records that can be read.
        pub level: Signal<In, Bits<8>>,
        /// The command's record is written.
        pub command_taken: Signal<In, Bit>,
        /// The rows are written.
        pub table_write_enable: Signal<In, Bit>,
        /// A command begins.
        pub start: Signal<In, Bit>,
        /// A command runs.
        pub busy: Signal<In, Bit>,
        /// Denials raised = recorded + waiting + counted, until the count of lost denials saturates.
        pub holds_denials: Signal<Out, Bit>,
        /// Records written = records taken + records in the log.
        pub holds_records: Signal<Out, Bit>,
        /// No row changes without a record of a command.
        pub holds_command: Signal<Out, Bit>,
        raised: Signal<Local, Bits<8>>,
        held: Signal<Local, Bits<8>>,
        saturated: Signal<Local, Bit>,
        recorded: Signal<Local, Bit>,
        denials: Register<Bits<8>>,
        records: Register<Bits<8>>,
        owed: Register<Bit>,
    }
}

kernel! {
    Accounts
    #[hdl_gen]
    fn update(&mut self) registers(denials, records, owed) {
        // Counted modulo 256: a difference of one is a difference.
        self.recorded.next = self.stored.val()
            & ((self.writing.val() == Source::Translate) | (self.writing.val() == Source::Physical));
        self.raised.next = bit_cast::<8, 1>(self.translate_denied.val().into())
            + bit_cast::<8, 1>(self.physical_denied.val().into());
        self.denials.d.next =
            (self.denials.q.val() + self.raised.val()) - bit_cast::<8, 1>(self.recorded.val().into());
        self.held.next = bit_cast::<8, 1>(self.translate_waits.val().into())
            + bit_cast::<8, 1>(self.physical_waits.val().into())
            + bit_cast::<8, 2>(self.dropped.val())
            + bit_cast::<8, 32>(self.lost.val());
        // Being written, and no longer where it waited.
        if ((self.writing.val() == Source::Translate) | (self.writing.val() == Source::Physical))
            & (self.copied.val() == Source::Idle)
        {
            self.held.next = bit_cast::<8, 1>(self.translate_waits.val().into())
                + bit_cast::<8, 1>(self.physical_waits.val().into())
                + bit_cast::<8, 2>(self.dropped.val())
                + bit_cast::<8, 32>(self.lost.val())
                + 1;
        }
        self.saturated.next = (self.lost.val() | 1).all();
        self.holds_denials.next = self.saturated.val() | (self.denials.q.val() == self.held.val());

        self.records.d.next = (self.records.q.val() + bit_cast::<8, 1>(self.stored.val().into()))
            - bit_cast::<8, 1>(self.freed.val().into());
        self.holds_records.next = self.records.q.val() == self.level.val();

        if self.command_taken.val() {
            self.owed.d.next = false;
        }
        if self.table_write_enable.val() {
            self.owed.d.next = true;
        }
        self.holds_command.next = (!self.owed.q.val() | self.busy.val())
            & !(self.owed.q.val() & self.start.val())
            & (!self.table_write_enable.val() | self.busy.val());
    }
}
