//! Does a record of one kind wait to be read?
//!
//! ```text
//!   level     1   2   3   3   2   1   0          records that can be read
//!   arrives   .   ^                              a record of the kind
//!   newest        2   2   2   1   0              its place from the front: it waits while that is not 0
//! ```
//!
//! Only the newest record of the kind is followed: while it waits, one waits.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Follows the newest record of a kind through the log.
    pub struct RecordWatch {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no record waits.
        pub reset: Signal<In, Bit>,
        /// High: from the next cycle on one more record of this kind can be read.
        pub arrives: Signal<In, Bit>,
        /// High: the last word of the oldest record, whatever its kind, is popped in this cycle.
        pub leaves: Signal<In, Bit>,
        /// Number of records of all kinds that can be read in this cycle.
        pub level: Signal<In, Bits<8>>,
        /// High: a record of this kind can be read in the next cycle.
        pub waits: Signal<Out, Bit>,
        some: Register<Bit>,
        last: Register<Bit>,
        newest: Register<Bits<8>>,
    }
}

kernel! {
    RecordWatch
    #[hdl_gen]
    fn update(&mut self) registers(some, last, newest) {
        self.waits.next = self.some.q.val();
        if self.arrives.val() {
            self.waits.next = true;
            self.newest.d.next = self.level.val() + 1;
            self.last.d.next = self.level.val() == 0;
            if self.leaves.val() {
                self.newest.d.next = self.level.val();
                self.last.d.next = self.level.val() == 1;
            }
        } else if self.leaves.val() & self.some.q.val() {
            self.waits.next = !self.last.q.val();
            self.newest.d.next = self.newest.q.val() - 1;
            self.last.d.next = self.newest.q.val() == 2;
        }
        self.some.d.next = self.waits.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    #[test]
    fn it_waits_exactly_while_a_record_of_the_kind_is_in_the_log() {
        // Every sequence of seven cycles: nothing, another kind, this kind arrives; each with and without a pop.
        for sequence in 0..6u32.pow(7) {
            let mut watch = RecordWatch::default();
            watch.connect_all();
            let mut log = VecDeque::new();
            let mut rest = sequence;
            for cycle in 0..7 {
                let (arrival, pops) = (rest % 3, rest / 3 % 2 == 1 && !log.is_empty());
                rest /= 6;
                watch.level.next = (log.len() as u64).to_bits();
                watch.arrives.next = arrival == 2;
                watch.leaves.next = pops;
                simulate(&mut watch, 100);
                if pops {
                    log.pop_front();
                }
                if arrival != 0 {
                    log.push_back(arrival == 2);
                }
                assert_eq!(watch.waits.val(), log.contains(&true), "sequence {sequence}, cycle {cycle}");
                for level in [true, false] {
                    watch.clock.next = level.into();
                    simulate(&mut watch, 100);
                }
            }
        }
    }
}
