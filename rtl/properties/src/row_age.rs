//! The age of a row: has a slot held its row for a flight, and has the row been valid in that time?
//!
//! ```text
//!   another row is written --> since: cycles since then --> stood
//!   the row is valid --------> idle: cycles since then ---> rests
//! ```

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Two counters that stop at 7.
    pub struct RowAge {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// A row is written to the slot in this cycle.
        pub written: Signal<In, Bit>,
        /// The row at the write port is the one that the slot holds.
        pub stands: Signal<In, Bit>,
        /// The slot's row is valid.
        pub valid: Signal<In, Bit>,
        /// The row at the write port is the one that the slot holds, and the slot has held the row for a flight.
        pub stood: Signal<Out, Bit>,
        /// The row at the write port is the one that the slot holds, or the slot's row has not been valid for a flight.
        pub rests: Signal<Out, Bit>,
        since: Register<Bits<3>>,
        idle: Register<Bits<3>>,
    }
}

kernel! {
    RowAge
    #[hdl_gen]
    fn update(&mut self) registers(since, idle) {
        if !self.since.q.val().all() {
            self.since.d.next = self.since.q.val() + 1;
        }
        if self.written.val() & !self.stands.val() {
            self.since.d.next = 0.into();
        }
        if !self.idle.q.val().all() {
            self.idle.d.next = self.idle.q.val() + 1;
        }
        if self.valid.val() {
            self.idle.d.next = 0.into();
        }
        self.stood.next = self.stands.val() & (self.since.q.val() >= 4);
        self.rests.next = self.stands.val() | (self.idle.q.val() >= 4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_has_four_cycles() {
        let mut age = RowAge::default();
        age.connect_all();
        // Stimulus: written, stands, valid. Expected in that cycle: stood, rests. Then the clock rises.
        let mut check = |[written, stands, valid]: [bool; 3], expected: [bool; 2]| {
            (age.written.next, age.stands.next, age.valid.next) = (written, stands, valid);
            assert!(simulate(&mut age, 100));
            assert_eq!([age.stood.val(), age.rests.val()], expected, "written {written}, stands {stands}, valid {valid}");
            for level in [true, false] {
                age.clock.next = level.into();
                assert!(simulate(&mut age, 100));
            }
        };
        // Another row is written; four cycles later the row has stood, and has not been valid.
        check([true, false, false], [false, false]);
        for _ in 0..4 {
            check([false, true, false], [false, true]);
        }
        check([false, true, false], [true, true]);
        check([false, false, false], [false, true]);
        // The same row is written and becomes valid: it goes on standing.
        check([true, true, false], [true, true]);
        check([false, true, true], [true, true]);
        // No other row may be written until the row has been invalid for four cycles.
        for _ in 0..4 {
            check([false, false, false], [false, false]);
        }
        check([false, false, false], [false, true]);
        // Counters stop at their end.
        for _ in 0..20 {
            check([false, true, false], [true, true]);
        }
        check([true, false, true], [false, true]);
        check([false, true, true], [false, true]);
        check([false, false, true], [false, false]);
    }
}
