//! The watch over a memory: has it moved while it owed something?
//!
//! ```text
//!   offers, answers of one direction --> owed bursts --> does the memory keep the guard waiting? --> StallTimer --> expired
//! ```
//!
//! The memory keeps the guard waiting when it takes no offered address or beat, or owes an answer and offers none. A cycle in which
//! the memory moves at all, in that direction, begins the time anew: a memory that loses one answer while it goes on with others
//! is not found here.
//!
//! Latency: a cycle from the limit to `expired`.

use super::stall_timer::StallTimer;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Watches one direction of a memory's AXI4 port.
    pub struct MemoryWatch {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the memory owes nothing.
        pub reset: Signal<In, Bit>,
        /// Limit in cycles; 0: no limit.
        pub limit: Signal<In, Bits<16>>,
        /// An address is offered to the memory, and nothing of the master's is missing.
        pub address_valid: Signal<In, Bit>,
        /// The memory takes the address.
        pub address_ready: Signal<In, Bit>,
        /// A beat of data is offered to the memory.
        pub data_valid: Signal<In, Bit>,
        /// The memory takes the beat.
        pub data_ready: Signal<In, Bit>,
        /// High for one cycle: from now on the memory owes one answer more.
        pub owes: Signal<In, Bit>,
        /// The memory offers an answer.
        pub answer_valid: Signal<In, Bit>,
        /// The last beat of an answer is taken.
        pub answered: Signal<In, Bit>,
        /// High while the memory has kept the guard waiting for the limit, a cycle later.
        pub expired: Signal<Out, Bit>,
        owed: Register<Bits<6>>,
        late: Register<Bit>,
        timer: StallTimer,
    }
}

kernel! {
    MemoryWatch
    #[hdl_gen]
    fn update(&mut self) registers(owed, late) blocks(timer) {
        if self.owes.val() & !self.answered.val() {
            self.owed.d.next = self.owed.q.val() + 1;
        } else if self.answered.val() & !self.owes.val() & (self.owed.q.val() != 0) {
            self.owed.d.next = self.owed.q.val() - 1;
        }
        self.timer.limit.next = self.limit.val();
        self.timer.holds.next = false;
        self.timer.waits.next = !self.answer_valid.val()
            & !(self.address_valid.val() & self.address_ready.val())
            & !(self.data_valid.val() & self.data_ready.val())
            & (self.address_valid.val() | self.data_valid.val() | (self.owed.q.val() != 0));
        self.late.d.next = self.timer.expired.val();
        self.expired.next = self.late.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};

    /// Address valid and ready, data valid and ready, owes, answer valid, answered.
    type Cycle = [bool; 7];

    const OWES: Cycle = [false, false, false, false, true, false, false];
    const NOTHING: Cycle = [false; 7];
    const ANSWERED: Cycle = [false, false, false, false, false, true, true];

    /// Whether the watch, with a limit of two cycles, has expired after these and in the last of them.
    #[track_caller]
    fn check(cycles: &[Cycle], expected: bool) {
        let mut watch = MemoryWatch::default();
        watch.connect_all();
        watch.limit.next = 2.into();
        for (place, cycle) in cycles.iter().enumerate() {
            let [address, address_ready, data, data_ready, owes, answer, answered] = *cycle;
            (watch.address_valid.next, watch.address_ready.next) = (address, address_ready);
            (watch.data_valid.next, watch.data_ready.next) = (data, data_ready);
            (watch.owes.next, watch.answer_valid.next, watch.answered.next) = (owes, answer, answered);
            settle(&mut watch);
            if place + 1 == cycles.len() {
                assert_eq!(watch.expired.val(), expected, "{cycles:?}");
            }
            edge!(watch);
        }
    }

    #[test]
    fn a_memory_that_owes_and_does_not_move_expires() {
        check(&[OWES, NOTHING, NOTHING, NOTHING, NOTHING], true);
        check(&[OWES, NOTHING, NOTHING, NOTHING], false);
        check(&[OWES, NOTHING, ANSWERED, NOTHING, NOTHING, NOTHING, NOTHING], false);
        check(&[OWES, OWES, ANSWERED, NOTHING, NOTHING, NOTHING, NOTHING], true);
        check(&[OWES, NOTHING, NOTHING, NOTHING, ANSWERED, NOTHING], false);
        check(&[NOTHING; 6], false);
    }

    #[test]
    fn an_offer_that_is_not_taken_expires_and_any_move_begins_anew() {
        let address = |ready| [true, ready, false, false, false, false, false];
        let data = |ready| [false, false, true, ready, false, false, false];
        check(&[address(false); 4], true);
        check(&[data(false); 4], true);
        check(&[address(false); 3], false);
        check(&[address(false), address(true), address(false), address(false), address(false)], false);
        check(&[data(false), data(true), data(false), data(false), data(false)], false);
        // The answer waits for the guard, not the guard for the answer.
        let mut offered = OWES;
        offered[5] = true;
        check(&[offered; 5], false);
    }
}
