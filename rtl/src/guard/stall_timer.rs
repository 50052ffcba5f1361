//! The timer of a stall: has the other side kept an access waiting for longer than it may?
//!
//! ```text
//!   waits --> count --(limit reached?)--> expired
//!   holds ----^ the count goes on from where it was
//! ```
//!
//! Latency: `expired` is high from the cycle on in which the other side has kept the access waiting `limit` cycles before. With
//! `holds` the cycles of several waits are summed, so that a side that moves now and then gains no time.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Counts the cycles in which an access waits.
    pub struct StallTimer {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the count is zero.
        pub reset: Signal<In, Bit>,
        /// Limit in cycles; 0: no limit.
        pub limit: Signal<In, Bits<16>>,
        /// High while the access waits for the other side.
        pub waits: Signal<In, Bit>,
        /// High while the count keeps its value when nothing waits.
        pub holds: Signal<In, Bit>,
        /// High while the access waits and the limit is reached.
        pub expired: Signal<Out, Bit>,
        count: Register<Bits<16>>,
    }
}

kernel! {
    StallTimer
    #[hdl_gen]
    fn update(&mut self) registers(count) {
        self.expired.next =
            self.waits.val() & (self.limit.val() != 0) & (self.count.q.val() >= self.limit.val());
        if self.waits.val() & !self.count.q.val().all() {
            self.count.d.next = self.count.q.val() + 1;
        } else if !self.waits.val() & !self.holds.val() {
            self.count.d.next = 0.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};

    /// Whether the timer has expired in each cycle, for what waits and holds in it.
    #[track_caller]
    fn check(limit: u64, stimulus: &[(bool, bool)], expected: &[bool]) {
        let mut timer = StallTimer::default();
        timer.connect_all();
        timer.limit.next = limit.to_bits();
        let mut found = Vec::new();
        for (waits, holds) in stimulus {
            (timer.waits.next, timer.holds.next) = (*waits, *holds);
            settle(&mut timer);
            found.push(timer.expired.val());
            edge!(timer);
        }
        assert_eq!(found, expected, "limit {limit}, {stimulus:?}");
    }

    const WAITS: (bool, bool) = (true, false);
    const MOVES: (bool, bool) = (false, false);

    #[test]
    fn a_wait_expires_after_its_limit_and_a_move_ends_it() {
        check(2, &[WAITS; 4], &[false, false, true, true]);
        check(2, &[WAITS, WAITS, MOVES, WAITS, WAITS, WAITS], &[false, false, false, false, false, true]);
        check(1, &[MOVES, WAITS, WAITS, MOVES, WAITS], &[false, false, true, false, false]);
    }

    #[test]
    fn waits_are_summed_while_the_count_holds() {
        check(2, &[(true, true), (false, true), (true, true), (false, true), (true, true)], &[false, false, false, false, true]);
        check(2, &[(true, true), (false, true), (true, true), MOVES, (true, true)], &[false; 5]);
    }

    #[test]
    fn without_a_limit_nothing_expires() {
        check(0, &[WAITS; 70], &[false; 70]);
    }
}
