//! The integrity guard: once anything on the control side has lost a bit, nothing is granted until reset.
//!
//! ```text
//!   every block's parity --> any wrong? --[edge]--> tripped (until reset) --> the ports refuse, the alert stays,
//!                                                                             commands are refused, the scrubber halts
//!   busy --[5 edges]--> quiet: no command has been at work for as long as an access takes
//!   start --(until the ownership map has caught up)--> go
//! ```
//!
//! With its parity every state machine has an encoding of distance two: a state that one flipped bit makes is illegal.

use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Collects what the blocks say of themselves.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct IntegrityGuard {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: forgets.
    pub reset: Signal<In, Bit>,
    /// Nothing on the control side has lost a bit.
    pub intact: Signal<In, Bit>,
    /// The row that control reads is what was written.
    pub row_intact: Signal<In, Bit>,
    /// A command is running.
    pub busy: Signal<In, Bit>,
    /// The ownership map is being written.
    pub map_busy: Signal<In, Bit>,
    /// A command is to begin.
    pub start: Signal<In, Bit>,
    /// It may: the ownership map has caught up with the one before.
    pub go: Signal<Out, Bit>,
    /// Something has.
    pub tripped: Signal<Out, Bit>,
    /// For five cycles no command had been running a cycle ago, and the ownership map was up to date. A command changes nothing
    /// in its first cycles, so that is soon enough.
    pub quiet: Signal<Out, Bit>,
    broken: Register<Bit>,
    busy_before: Register<Bits<4>>,
    waiting: Register<Bit>,
    at_rest: Register<Bit>,
    at_work: Signal<Local, Bit>,
}

impl Logic for IntegrityGuard {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(broken, busy_before, waiting, at_rest) {
            // SEC_CM: CONTROL.CLOSE
            if !self.intact.val() | (self.busy.val() & !self.row_intact.val()) {
                self.broken.d.next = true;
            }
            self.tripped.next = self.broken.q.val();
            self.go.next = (self.start.val() | self.waiting.q.val()) & !self.map_busy.val();
            self.waiting.d.next = (self.start.val() | self.waiting.q.val()) & self.map_busy.val();
            self.at_work.next = self.busy.val() | self.map_busy.val();
            self.busy_before.d.next = (self.busy_before.q.val() << 1) | bit_cast::<4, 1>(self.at_work.val().into());
            self.at_rest.d.next = !self.busy_before.q.val().any() & !self.at_work.val();
            self.quiet.next = self.at_rest.q.val();
        }
    }
}
