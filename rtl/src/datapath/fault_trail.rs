//! The fault trail: a fault that an access meets on its way is carried beside it, to its answer.
//!
//! ```text
//!   arrives --[edge]--[edge]--[edge]--[edge]--> due
//!   first -------------[edge]--+
//!   second --------------------+--[edge]--+
//!   third --------------------------------+--[edge]--+
//!   closed ------------------------------------------+--> poisoned
//! ```
//!
//! A bit that flips in the trail denies one access too many. `due` makes sure that every access has an answer.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Faults of the access that is answered in this cycle.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct TrailVerdict {
    /// High: the access that is answered in this cycle met a fault, or every answer is refused.
    pub poisoned: Signal<Out, Bit>,
    /// High: an answer is due in this cycle.
    pub due: Signal<Out, Bit>,
}

/// The receiving side of a fault trail's verdict.
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "TrailVerdict"]
pub struct TrailSink {
    /// High: the access that is answered in this cycle met a fault, or every answer is refused.
    pub poisoned: Signal<In, Bit>,
    /// High: an answer is due in this cycle.
    pub due: Signal<In, Bit>,
}

block! {
    /// Faults and arrivals of one port.
    pub struct FaultTrail {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no access is under way.
        pub reset: Signal<In, Bit>,
        /// High: an access is offered to the port.
        pub arrives: Signal<In, Bit>,
        /// High: the access that was offered one cycle before meets a fault.
        pub first: Signal<In, Bit>,
        /// High: the access that was offered two cycles before meets a fault.
        pub second: Signal<In, Bit>,
        /// High: the access that was offered three cycles before meets a fault.
        pub third: Signal<In, Bit>,
        /// High: every answer is poisoned, in the same cycle.
        pub closed: Signal<In, Bit>,
        /// Faults of the access, for the block that answers the access.
        pub verdict: TrailVerdict,
        on_second: Register<Bit>,
        on_third: Register<Bit>,
        on_fourth: Register<Bit>,
        arrived: Register<Bit>,
        passed_second: Register<Bit>,
        passed_third: Register<Bit>,
        passed_fourth: Register<Bit>,
    }
}

kernel! {
    FaultTrail
    #[hdl_gen]
    fn update(&mut self) registers(
        on_second, on_third, on_fourth, arrived, passed_second, passed_third, passed_fourth,
    ) {
        self.arrived.d.next = self.arrives.val();
        self.passed_second.d.next = self.arrived.q.val();
        self.passed_third.d.next = self.passed_second.q.val();
        self.passed_fourth.d.next = self.passed_third.q.val();
        self.verdict.due.next = self.passed_fourth.q.val();
        self.on_second.d.next = self.first.val();
        self.on_third.d.next = self.on_second.q.val() | self.second.val();
        self.on_fourth.d.next = self.on_third.q.val() | self.third.val();
        self.verdict.poisoned.next = self.on_fourth.q.val() | self.closed.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};

    #[test]
    fn a_fault_arrives_with_the_answer_of_the_access_that_met_it() {
        // An access is offered in cycle 0; a fault is met in one cycle; in which cycle is what poisoned, and what due?
        let check = |stage: &str, at: usize, expected: &[usize]| {
            let mut trail = FaultTrail::default();
            trail.connect_all();
            let (mut poisoned, mut due) = (Vec::new(), Vec::new());
            for cycle in 0..8 {
                trail.arrives.next = cycle == 0;
                trail.first.next = stage == "first" && cycle == at;
                trail.second.next = stage == "second" && cycle == at;
                trail.third.next = stage == "third" && cycle == at;
                trail.closed.next = stage == "closed" && cycle == at;
                settle(&mut trail);
                poisoned.extend(trail.verdict.poisoned.val().then_some(cycle));
                due.extend(trail.verdict.due.val().then_some(cycle));
                edge!(trail);
            }
            assert_eq!((&poisoned[..], &due[..]), (expected, &[4][..]), "{stage} in cycle {at}");
        };
        check("first", 1, &[4]);
        check("second", 2, &[4]);
        check("third", 3, &[4]);
        check("closed", 4, &[4]);
        // A fault that another access met stays with that access.
        check("first", 0, &[3]);
        check("third", 4, &[5]);
        check("nothing", 0, &[]);
    }
}
