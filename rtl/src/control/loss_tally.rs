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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};

    /// Inputs of one cycle.
    #[derive(Clone, Copy, Debug, Default)]
    struct Cycle {
        translate: bool,
        physical: bool,
        refused: bool,
        denials_told: bool,
        commands_told: bool,
    }

    #[test]
    fn a_record_is_due_whenever_a_count_has_moved_since_it_was_written() {
        let mut tally = LossTally::default();
        tally.connect_all();
        settle(&mut tally);
        // Expected after the edge: denials, commands, pending. Denials count an edge after they were dropped.
        let mut check = |cycle: Cycle, denials: u64, commands: u64, pending: bool| {
            tally.translate_dropped.next = cycle.translate;
            tally.physical_dropped.next = cycle.physical;
            tally.command_refused.next = cycle.refused;
            tally.denials_told.next = cycle.denials_told;
            tally.commands_told.next = cycle.commands_told;
            edge!(tally);
            let seen = (tally.denials.val().to_u64(), tally.commands.val().to_u64(), tally.pending.val());
            assert_eq!(seen, (denials, commands, pending), "{cycle:?}");
        };
        let none = Cycle::default();
        let told = Cycle { denials_told: true, commands_told: true, ..none };
        check(Cycle { translate: true, physical: true, ..none }, 0, 0, false);
        check(none, 2, 0, true);
        check(told, 2, 0, false);
        check(Cycle { refused: true, ..none }, 2, 1, true);
        // Only the count that was written is done with.
        check(Cycle { denials_told: true, ..none }, 2, 1, true);
        check(Cycle { commands_told: true, ..none }, 2, 1, false);
        // A count that moves in the cycle in which it is written is not in the record.
        check(Cycle { physical: true, ..none }, 2, 1, false);
        check(told, 3, 1, true);
        check(Cycle { denials_told: true, ..none }, 3, 1, false);
        check(Cycle { refused: true, commands_told: true, ..none }, 3, 2, true);
        check(told, 3, 2, false);
        check(none, 3, 2, false);
    }

    #[test]
    fn the_counts_stop_at_their_ends() {
        let mut tally = LossTally::default();
        tally.connect_all();
        tally.lost.q.next = (u64::from(u32::MAX) - 2).to_bits();
        tally.refused.q.next = u64::from(u16::MAX).to_bits();
        settle(&mut tally);
        tally.translate_dropped.next = true;
        tally.physical_dropped.next = true;
        tally.command_refused.next = true;
        for _ in 0..4 {
            edge!(tally);
            assert!(tally.denials.val().to_u64() >= u64::from(u32::MAX) - 2, "{:?}", tally.denials.val());
            assert_eq!(tally.commands.val().to_u64(), u64::from(u16::MAX));
        }
        assert!(tally.pending.val());
    }
}
