//! The integrity guard: has a register of the control side lost a bit? If so, no access is granted until reset.
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

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Collects the parity checks of the blocks, and decides what stops.
    pub struct IntegrityGuard {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no bit has been lost.
        pub reset: Signal<In, Bit>,
        /// High while no register has lost a bit on which an answer, or a word on its way to the memory, rests at once.
        pub answers_intact: Signal<In, Bit>,
        /// High while no register has lost a bit that software, or the manifest, wrote.
        pub operands_intact: Signal<In, Bit>,
        /// High while no register of the command engine, the allocator, the shadow writer, the audit log, the ownership map or the
        /// patrol has lost a bit.
        pub commands_intact: Signal<In, Bit>,
        /// High: the patrol found a valid row that cannot be known any more; with `lockstep`, or a report differs from its twin's.
        pub lost: Signal<In, Bit>,
        /// High while a command runs.
        pub busy: Signal<In, Bit>,
        /// High while the ownership map is being written.
        pub map_busy: Signal<In, Bit>,
        /// High for one cycle: a command is to begin.
        pub start: Signal<In, Bit>,
        /// High for one cycle: the command begins; the patrol has given way, and the ownership map has caught up with the command
        /// before.
        pub go: Signal<Out, Bit>,
        /// High once a bit was lost: no answer of this cycle may grant.
        pub closes: Signal<Out, Bit>,
        /// High once a bit was lost, a cycle before `closes` for commands and operands: the scrubber writes no word in this cycle.
        pub halts: Signal<Out, Bit>,
        /// Value of `closes` one edge earlier, for blocks that need not stop at once.
        pub tripped: Signal<Out, Bit>,
        /// High when, for five cycles up to the one before, no command had been running and the ownership map was up to date. A
        /// command changes nothing in its first cycles, so that is soon enough.
        pub quiet: Signal<Out, Bit>,
        operands_broken: Register<Bit>,
        commands_broken: Register<Bit>,
        broken: Register<Bit>,
        broken_before: Register<Bit>,
        // With a bit lost, a command would begin before its row has been read.
        busy_before: Register<Bits<4>> = Register::guarded(1),
        // With a bit lost, a command would begin without a request.
        waiting: Register<Bit> = Register::guarded(1),
        at_rest: Register<Bit>,
        at_work: Signal<Local, Bit>,
    }
}

kernel! {
    IntegrityGuard
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
        // The patrol ends its work in the cycle of `start`; the engine reads its row two cycles before the command begins.
        self.go.next = self.waiting.q.val() & self.busy_before.q.val().get_bit(1) & !self.map_busy.val();
        self.waiting.d.next = (self.start.val() | self.waiting.q.val()) & !self.go.val();
        self.at_work.next = self.busy.val() | self.map_busy.val();
        self.busy_before.d.next = (self.busy_before.q.val() << 1) | bit_cast::<4, 1>(self.at_work.val().into());
        self.at_rest.d.next = !self.busy_before.q.val().any() & !self.at_work.val();
        self.quiet.next = self.at_rest.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERS: u32 = 1;
    const OPERANDS: u32 = 2;
    const COMMANDS: u32 = 4;
    const LOST: u32 = 8;
    const BUSY: u32 = 16;
    const MAP: u32 = 32;
    const START: u32 = 64;

    /// In which of twelve cycles an output is high when these events come, each in one cycle.
    fn high(events: &[(u32, usize)], output: impl Fn(&IntegrityGuard) -> bool) -> Vec<usize> {
        let mut guard = IntegrityGuard::default();
        guard.connect_all();
        let mut high = Vec::new();
        for cycle in 0..12 {
            let now = events.iter().filter(|(_, at)| *at == cycle).fold(0, |now, (event, _)| now | event);
            guard.answers_intact.next = now & ANSWERS == 0;
            guard.operands_intact.next = now & OPERANDS == 0;
            guard.commands_intact.next = now & COMMANDS == 0;
            guard.lost.next = now & LOST != 0;
            guard.busy.next = now & BUSY != 0;
            guard.map_busy.next = now & MAP != 0;
            guard.start.next = now & START != 0;
            // The guarded registers have their parity from the first reset on.
            guard.reset.next = cycle == 0;
            simulate(&mut guard, 100);
            high.extend(output(&guard).then_some(cycle));
            for level in [true, false] {
                guard.clock.next = level.into();
                simulate(&mut guard, 100);
            }
        }
        high
    }

    #[test]
    fn a_lost_bit_closes_for_good() {
        let check = |event: u32, halts: usize, closes: usize| {
            let events = [(event, 3)];
            let from = |cycle: usize| (cycle..12).collect::<Vec<_>>();
            assert_eq!(high(&events, |guard| guard.halts.val()), from(halts), "{event}");
            assert_eq!(high(&events, |guard| guard.closes.val()), from(closes), "{event}");
            assert_eq!(high(&events, |guard| guard.tripped.val()), from(closes + 1), "{event}");
        };
        check(ANSWERS, 4, 4);
        check(OPERANDS, 4, 5);
        check(COMMANDS, 4, 5);
        check(LOST, 4, 5);
        assert_eq!(high(&[(BUSY | MAP | START, 3)], |guard| guard.halts.val()), []);
    }

    #[test]
    fn a_command_begins_two_cycles_after_its_start_and_after_the_map() {
        let check = |events: &[(u32, usize)], expected: &[usize]| {
            assert_eq!(high(events, |guard| guard.go.val()), expected, "{events:?}");
        };
        let running = |from: usize| (from..12).map(|cycle| (BUSY, cycle));
        let command: Vec<_> = [(START, 3)].into_iter().chain(running(4)).collect();
        check(&command, &[6]);
        // The map of the command before is still being written.
        let late: Vec<_> = command.iter().copied().chain([(MAP, 5), (MAP, 6), (MAP, 7)]).collect();
        check(&late, &[8]);
        check(&running(4).collect::<Vec<_>>(), &[]);
        check(&[], &[]);
    }

    #[test]
    fn quiet_begins_five_cycles_after_the_last_work() {
        let check = |events: &[(u32, usize)], expected: &[usize]| {
            assert_eq!(high(events, |guard| guard.quiet.val()), expected, "{events:?}");
        };
        check(&[(BUSY, 1)], &[7, 8, 9, 10, 11]);
        check(&[(MAP, 2)], &[2, 8, 9, 10, 11]);
        check(&[(BUSY, 1), (MAP, 3)], &[9, 10, 11]);
    }
}
