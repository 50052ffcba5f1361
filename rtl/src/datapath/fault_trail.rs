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
//! A bit that flips in here denies one access too many. That an access has no answer at all is prevented by `due`.

use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Faults and arrivals of one port.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct FaultTrail {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: nothing is under way.
    pub reset: Signal<In, Bit>,
    /// An access is offered.
    pub arrives: Signal<In, Bit>,
    /// A fault met by the access that was offered in the cycle before.
    pub first: Signal<In, Bit>,
    /// A fault met by the access of two cycles before.
    pub second: Signal<In, Bit>,
    /// A fault met by the access of three cycles before.
    pub third: Signal<In, Bit>,
    /// A fault that concerns every answer, at once.
    pub closed: Signal<In, Bit>,
    /// What is answered now met a fault.
    pub poisoned: Signal<Out, Bit>,
    /// An answer is due now.
    pub due: Signal<Out, Bit>,
    on_second: Register<Bit>,
    on_third: Register<Bit>,
    on_fourth: Register<Bit>,
    arrived: Register<Bit>,
    passed_second: Register<Bit>,
    passed_third: Register<Bit>,
    passed_fourth: Register<Bit>,
}

impl Logic for FaultTrail {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(
            on_second, on_third, on_fourth, arrived, passed_second, passed_third, passed_fourth
        ) {
            self.arrived.d.next = self.arrives.val();
            self.passed_second.d.next = self.arrived.q.val();
            self.passed_third.d.next = self.passed_second.q.val();
            self.passed_fourth.d.next = self.passed_third.q.val();
            self.due.next = self.passed_fourth.q.val();
            self.on_second.d.next = self.first.val();
            self.on_third.d.next = self.on_second.q.val() | self.second.val();
            self.on_fourth.d.next = self.on_third.q.val() | self.third.val();
            self.poisoned.next = self.on_fourth.q.val() | self.closed.val();
        }
    }
}
