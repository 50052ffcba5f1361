//! The loss tally: how much could not be recorded, and does the log say so already?
//!
//! ```text
//!   dropped denials --[edge]--> +0..2 --> denials --+--> the loss record
//!   refused commands ---------> +1 -----> commands -'    pending while one has moved since it was written
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
        /// High: the writer writes `denials` into a record in this cycle.
        pub denials_told: Signal<In, Bit>,
        /// High: the writer writes `commands` into a record in this cycle.
        pub commands_told: Signal<In, Bit>,
        /// Number of denials lost since reset; the count stops at 2^32 - 2.
        pub denials: Signal<Out, Bits<32>>,
        /// Number of commands refused since reset.
        pub commands: Signal<Out, Bits<16>>,
        /// High while a count has moved since it was written into a record.
        pub pending: Signal<Out, Bit>,
        lost: Register<Bits<32>>,
        refused: Register<Bits<16>>,
        dropped: Register<Bits<2>>,
        denials_moved: Register<Bit>,
        commands_moved: Register<Bit>,
        one: Constant<Bits<32>> = Constant::new(1u64.to_bits()),
    }
}

kernel! {
    LossTally
    #[hdl_gen]
    fn update(&mut self) registers(lost, refused, dropped, denials_moved, commands_moved) {
        self.dropped.d.next = bit_cast::<2, 1>(self.translate_dropped.val().into())
            + bit_cast::<2, 1>(self.physical_dropped.val().into());
        // Two more may come at once: the last but one value is where it stops.
        if !(self.lost.q.val() | self.one.val()).all() {
            self.lost.d.next = self.lost.q.val() + bit_cast::<32, 2>(self.dropped.q.val());
        }
        if self.command_refused.val() & !self.refused.q.val().all() {
            self.refused.d.next = self.refused.q.val() + 1;
        }
        // A count that moves in the very cycle in which it is written is written as it was.
        if self.denials_told.val() {
            self.denials_moved.d.next = false;
        }
        if self.dropped.q.val().any() {
            self.denials_moved.d.next = true;
        }
        if self.commands_told.val() {
            self.commands_moved.d.next = false;
        }
        if self.command_refused.val() {
            self.commands_moved.d.next = true;
        }
        self.denials.next = self.lost.q.val();
        self.commands.next = self.refused.q.val();
        self.pending.next = self.denials_moved.q.val() | self.commands_moved.q.val();
    }
}
