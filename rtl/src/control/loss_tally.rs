//! The loss tally: how much could not be recorded, and does the log say so already?
//!
//! ```text
//!   dropped denials --[edge]--> +0..2 --> denials --+--> the loss record
//!   refused commands ---------> +1 -----> commands -'    pending until it is written
//! ```

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Counts what could not be recorded. The counts run since reset and saturate: a count never becomes small again.
    pub struct LossTally {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the counts are zero.
        pub reset: Signal<In, Bit>,
        /// High: the denial slot of the translate port drops a denial.
        pub translate_dropped: Signal<In, Bit>,
        /// High: the denial slot of the physical port drops a denial.
        pub physical_dropped: Signal<In, Bit>,
        /// High: the command engine refuses a command for want of room.
        pub command_refused: Signal<In, Bit>,
        /// High: the writer begins the record of the counts in this cycle.
        pub recorded: Signal<In, Bit>,
        /// Number of denials lost since reset; the count stops at 2^32 - 2.
        pub denials: Signal<Out, Bits<32>>,
        /// Number of commands refused since reset.
        pub commands: Signal<Out, Bits<16>>,
        /// High while the log has no record of the last loss.
        pub pending: Signal<Out, Bit>,
        lost: Register<Bits<32>>,
        refused: Register<Bits<16>>,
        dropped: Register<Bits<2>>,
        unrecorded: Register<Bit>,
        one: Constant<Bits<32>> = Constant::new(1u64.to_bits()),
    }
}

kernel! {
    LossTally
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
