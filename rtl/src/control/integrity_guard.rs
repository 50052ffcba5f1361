//! The integrity guard: once anything on the control side has lost a bit, nothing is granted until reset.
//!
//! ```text
//!   parity of operands, boot ---[edge]--.
//!   parity of commands, patrol -[edge]--+--> halts: the scrubber
//!   parity of what answers rest on -----+--[edge]--> closes (until reset) --> the ports refuse, the scrubber halts
//!                                                          '--[edge]--> tripped --> the alert stays, commands are refused
//!   busy --[5 edges]--> quiet: no command has been at work for as long as an access takes
//!   start --(2 edges, and until the ownership map has caught up)--> go
//! ```
//!
//! With its parity every state machine has an encoding of distance two: a state that one flipped bit makes is illegal.

use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Collects what the blocks say of themselves.
#[derive(Clone, Debug, LogicBlock)]
pub struct IntegrityGuard {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: forgets.
    pub reset: Signal<In, Bit>,
    /// Nothing that an answer or a word on its way to the memory rests on at once has lost a bit.
    pub answers_intact: Signal<In, Bit>,
    /// Nothing that software, or the manifest, has written has.
    pub operands_intact: Signal<In, Bit>,
    /// Nothing that commands and the patrol work with has.
    pub commands_intact: Signal<In, Bit>,
    /// The patrol found a valid row that cannot be known any more; with `lockstep`, or a report was not its twin's.
    pub lost: Signal<In, Bit>,
    /// A command is running.
    pub busy: Signal<In, Bit>,
    /// The ownership map is being written.
    pub map_busy: Signal<In, Bit>,
    /// A command is to begin.
    pub start: Signal<In, Bit>,
    /// It may: the patrol has given way, and the ownership map has caught up with the command before.
    pub go: Signal<Out, Bit>,
    /// Something has: no answer of this cycle may grant.
    pub closes: Signal<Out, Bit>,
    /// Something has, whatever it is: the scrubber writes no word in this cycle.
    pub halts: Signal<Out, Bit>,
    /// What `closes` says, an edge later, for all that need not stop at once.
    pub tripped: Signal<Out, Bit>,
    /// For five cycles no command had been running a cycle ago, and the ownership map was up to date. A command changes nothing
    /// in its first cycles, so that is soon enough.
    pub quiet: Signal<Out, Bit>,
    operands_broken: Register<Bit>,
    commands_broken: Register<Bit>,
    broken: Register<Bit>,
    broken_before: Register<Bit>,
    busy_before: Register<Bits<4>>,
    waiting: Register<Bit>,
    at_rest: Register<Bit>,
    at_work: Signal<Local, Bit>,
}

impl Default for IntegrityGuard {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            answers_intact: Default::default(),
            operands_intact: Default::default(),
            commands_intact: Default::default(),
            lost: Default::default(),
            busy: Default::default(),
            map_busy: Default::default(),
            start: Default::default(),
            go: Default::default(),
            closes: Default::default(),
            halts: Default::default(),
            tripped: Default::default(),
            quiet: Default::default(),
            operands_broken: Default::default(),
            commands_broken: Default::default(),
            broken: Default::default(),
            broken_before: Default::default(),
            // And one begin before its row has been read.
            busy_before: Register::guarded(1),
            // A command that nobody asked for would begin.
            waiting: Register::guarded(1),
            at_rest: Default::default(),
            at_work: Default::default(),
        }
    }
}

impl Logic for IntegrityGuard {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(operands_broken, commands_broken, broken, broken_before, busy_before, waiting, at_rest) {
            // SEC_CM: CONTROL.CLOSE
            self.operands_broken.d.next = !self.operands_intact.val();
            self.commands_broken.d.next = !self.commands_intact.val()
                | self.lost.val()
                | !self.waiting.intact[0].val()
                | !self.busy_before.intact[0].val()
                | (self.broken_before.q.val() & !self.broken.q.val());
            if !self.answers_intact.val() | self.operands_broken.q.val() | self.commands_broken.q.val() {
                self.broken.d.next = true;
            }
            self.broken_before.d.next = self.broken.q.val();
            self.closes.next = self.broken.q.val();
            self.halts.next = self.broken.q.val() | self.operands_broken.q.val() | self.commands_broken.q.val();
            self.tripped.next = self.broken_before.q.val();
            // The patrol ends what it does in the cycle of `start`, and two cycles before it begins the engine reads its row.
            self.go.next = self.waiting.q.val() & self.busy_before.q.val().get_bit(1) & !self.map_busy.val();
            self.waiting.d.next = (self.start.val() | self.waiting.q.val()) & !self.go.val();
            self.at_work.next = self.busy.val() | self.map_busy.val();
            self.busy_before.d.next = (self.busy_before.q.val() << 1) | bit_cast::<4, 1>(self.at_work.val().into());
            self.at_rest.d.next = !self.busy_before.q.val().any() & !self.at_work.val();
            self.quiet.next = self.at_rest.q.val();
        }
    }
}
