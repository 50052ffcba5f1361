//! The answer check: does the twin, a cycle later, answer both ports as the first data path did?
//!
//! ```text
//!   answers of the first --[edge]--+
//!                                  +--> differ? --[edge]--> tripped --[edge]--> closes     until reset
//!   answers of the twin -----------+
//! ```
//!
//! A wrong answer is reported two cycles after the port gave the answer. An answer with the reason `Integrity` is not compared,
//! because the answer refuses and raises an alert itself. `not_mine` and `InvalidPartition` do not count as different: a shadow
//! entry that is read while it is written may be anything in either copy, and no row matches then.

use super::physical_respond::PhysicalVerdict;
use crate::constants::Reasons;
use crate::ports::{PhysicalSink, TranslateSink};
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// Response of the translate port.
    pub struct Answer<ADDRESS> {
        /// High: the port answers; the other fields are valid.
        pub valid: Bit,
        /// High: the access may proceed.
        pub granted: Bit,
        /// High: the access belongs to the standard MMU.
        pub not_mine: Bit,
        /// Reason of the refusal.
        pub reason: Bits<4>,
        /// Slot of the row that decided.
        pub slot: Bits<8>,
        /// Physical address of the first byte.
        pub physical: Bits<ADDRESS>,
    }
}

/// Differences between two answers of a port.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Difference {
    /// High: only one of the two is an answer.
    pub presence: Bit,
    /// High: the verdicts differ.
    pub verdict: Bit,
    /// High: the physical addresses differ.
    pub place: Bit,
    /// High: the rows differ.
    pub row: Bit,
    /// High: the first answer refuses with an alert of its own.
    pub told: Bit,
}

block! {
    /// Compares the answers of two data paths.
    pub struct AnswerCheck<ADDRESS> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: `tripped` and `closes` fall.
        pub reset: Signal<In, Bit>,
        /// Response that leaves the translate port.
        pub translate: TranslateSink<ADDRESS>,
        /// Response of the twin's port, to the request of one cycle before.
        pub twin_translate: TranslateSink<ADDRESS>,
        /// Response that leaves the physical port.
        pub physical: PhysicalSink,
        /// Response of the twin's port, to the request of one cycle before.
        pub twin_physical: PhysicalSink,
        /// High from two cycles after the first answer that was not the twin's, until reset.
        pub tripped: Signal<Out, Bit>,
        /// `tripped` one edge later: both ports refuse every access.
        pub closes: Signal<Out, Bit>,
        answer: Register<Answer<ADDRESS>>,
        physical_answer: Register<PhysicalVerdict>,
        keeper: Register<Bits<8>>,
        difference: Register<Difference>,
        physical_difference: Register<Difference>,
        broken: Register<Bit>,
        // High in the cycle after a reset, in which the registers without a reset hold what was there before.
        restart: Register<Bit>,
        unlike: Signal<Local, Bit>,
        open: Signal<Local, Bit>,
        twin_open: Signal<Local, Bit>,
        differs: Signal<Local, Bit>,
        physical_differs: Signal<Local, Bit>,
        reasons: Reasons,
    }
}

kernel! {
    AnswerCheck<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(answer, physical_answer, keeper, difference, physical_difference, broken, restart) {
        // The compared values are exactly the values that left the ports: a reset would put a gate in between.
        self.answer.reset.next = false;
        self.physical_answer.reset.next = false;
        self.keeper.reset.next = false;
        self.restart.reset.next = false;
        self.restart.d.next = self.reset.val();
        self.answer.d.next.valid = self.translate.valid.val();
        self.answer.d.next.granted = self.translate.granted.val();
        self.answer.d.next.not_mine = self.translate.not_mine.val();
        self.answer.d.next.reason = self.translate.reason.val();
        self.answer.d.next.slot = self.translate.slot.val();
        self.answer.d.next.physical = self.translate.physical.val();
        self.physical_answer.d.next.valid = self.physical.valid.val();
        self.physical_answer.d.next.allowed = self.physical.allowed.val();
        self.physical_answer.d.next.reason = self.physical.reason.val();
        self.keeper.d.next = self.physical.slot.val();

        self.open.next =
            self.answer.q.val().not_mine | (self.answer.q.val().reason == self.reasons.invalid_partition.val());
        self.twin_open.next = self.twin_translate.not_mine.val()
            | (self.twin_translate.reason.val() == self.reasons.invalid_partition.val());
        self.unlike.next = (self.answer.q.val().not_mine ^ self.twin_translate.not_mine.val())
            | (self.answer.q.val().reason != self.twin_translate.reason.val());
        // SEC_CM: LOCKSTEP.COMPARE
        self.difference.d.next.presence = self.answer.q.val().valid ^ self.twin_translate.valid.val();
        self.difference.d.next.verdict = (self.answer.q.val().granted ^ self.twin_translate.granted.val())
            | (self.unlike.val() & !(self.open.val() & self.twin_open.val()));
        self.difference.d.next.place = self.answer.q.val().physical != self.twin_translate.physical.val();
        self.difference.d.next.row = self.answer.q.val().slot != self.twin_translate.slot.val();
        self.difference.d.next.told = (self.answer.q.val().reason == self.reasons.integrity.val())
            & !self.answer.q.val().granted
            & !self.answer.q.val().not_mine;
        self.physical_difference.d.next.presence =
            self.physical_answer.q.val().valid ^ self.twin_physical.valid.val();
        self.physical_difference.d.next.verdict = (self.physical_answer.q.val().allowed
            ^ self.twin_physical.allowed.val())
            | (self.physical_answer.q.val().reason != self.twin_physical.reason.val());
        self.physical_difference.d.next.place = false;
        self.physical_difference.d.next.row = self.keeper.q.val() != self.twin_physical.slot.val();
        self.physical_difference.d.next.told = (self.physical_answer.q.val().reason
            == self.reasons.integrity.val())
            & !self.physical_answer.q.val().allowed;

        if self.restart.q.val() {
            self.difference.d.next.presence = false;
            self.difference.d.next.verdict = false;
            self.difference.d.next.place = false;
            self.difference.d.next.row = false;
            self.physical_difference.d.next.presence = false;
            self.physical_difference.d.next.verdict = false;
            self.physical_difference.d.next.row = false;
        }

        self.differs.next = !self.difference.q.val().told
            & (self.difference.q.val().presence
                | self.difference.q.val().verdict
                | self.difference.q.val().place
                | self.difference.q.val().row);
        self.physical_differs.next = !self.physical_difference.q.val().told
            & (self.physical_difference.q.val().presence
                | self.physical_difference.q.val().verdict
                | self.physical_difference.q.val().row);
        self.tripped.next = self.differs.val() | self.physical_differs.val() | self.broken.q.val();
        self.broken.d.next = self.tripped.val();
        self.closes.next = self.broken.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Reason;

    /// Valid, granted, not mine, reason, slot, physical.
    type Told = (bool, bool, bool, Reason, u64, u64);
    /// Valid, allowed, reason, slot.
    type ToldPhysically = (bool, bool, Reason, u64);

    const NOTHING: Told = (false, false, false, Reason::NotActive, 0, 0);
    const GRANT: Told = (true, true, false, Reason::None, 1, 0x40);
    const NOT_MINE: Told = (true, false, true, Reason::None, 0, 0);
    const NOBODY: ToldPhysically = (false, false, Reason::NotActive, 0);
    const ALLOWED: ToldPhysically = (true, true, Reason::None, 0);
    const ISOLATED: ToldPhysically = (true, false, Reason::Isolated, 3);

    fn refusal(reason: Reason) -> Told {
        (true, false, false, reason, 0, 0)
    }

    fn drive(sink: &mut TranslateSink<8>, told: Told) {
        sink.valid.next = told.0;
        sink.granted.next = told.1;
        sink.not_mine.next = told.2;
        sink.reason.next = u64::from(told.3.code()).into();
        sink.slot.next = told.4.into();
        sink.physical.next = told.5.into();
    }

    fn drive_physical(sink: &mut PhysicalSink, told: ToldPhysically) {
        sink.valid.next = told.0;
        sink.allowed.next = told.1;
        sink.reason.next = u64::from(told.2.code()).into();
        sink.slot.next = told.3.into();
    }

    /// In which of eight cycles `tripped` and `closes` are high; in cycle 0 the first answers, in cycle 1 the twin.
    fn trips(first: (Told, ToldPhysically), twin: (Told, ToldPhysically)) -> [Vec<usize>; 2] {
        let mut check = AnswerCheck::<8>::default();
        check.connect_all();
        let mut high = [Vec::new(), Vec::new()];
        for cycle in 0..8 {
            let (translate, physical) = if cycle == 0 { first } else { (NOTHING, NOBODY) };
            let (twin_translate, twin_physical) = if cycle == 1 { twin } else { (NOTHING, NOBODY) };
            drive(&mut check.translate, translate);
            drive_physical(&mut check.physical, physical);
            drive(&mut check.twin_translate, twin_translate);
            drive_physical(&mut check.twin_physical, twin_physical);
            simulate(&mut check, 100);
            high[0].extend(check.tripped.val().then_some(cycle));
            high[1].extend(check.closes.val().then_some(cycle));
            for level in [true, false] {
                check.clock.next = level.into();
                simulate(&mut check, 100);
            }
        }
        high
    }

    #[test]
    fn what_differs_is_told_two_cycles_after_it_was_given_and_for_good() {
        let told = [(2..8).collect(), (3..8).collect()];
        let never = [vec![], vec![]];
        let check = |first: Told, twin: Told, expected: &[Vec<usize>; 2]| {
            assert_eq!(trips((first, ALLOWED), (twin, ALLOWED)), *expected, "{first:?} {twin:?}");
        };
        for answer in [NOTHING, GRANT, NOT_MINE, refusal(Reason::Permission), refusal(Reason::Integrity)] {
            check(answer, answer, &never);
        }
        check(GRANT, refusal(Reason::Permission), &told);
        check(GRANT, refusal(Reason::Integrity), &told);
        check(GRANT, NOTHING, &told);
        check(GRANT, NOT_MINE, &told);
        check(NOT_MINE, GRANT, &told);
        check(NOT_MINE, refusal(Reason::Permission), &told);
        check(NOTHING, GRANT, &told);
        check((true, true, false, Reason::None, 1, 0x41), GRANT, &told);
        check((true, true, false, Reason::None, 2, 0x40), GRANT, &told);
        check(refusal(Reason::Permission), GRANT, &told);
        check(refusal(Reason::OutOfRange), refusal(Reason::Permission), &told);
        // A refusal of the first data path with its own alert is no difference; a grant with that reason is.
        check(refusal(Reason::Integrity), GRANT, &never);
        check((true, true, false, Reason::Integrity, 1, 0x40), GRANT, &told);
        // A shadow entry that was read while it was written.
        check(NOT_MINE, refusal(Reason::InvalidPartition), &never);
        check(refusal(Reason::InvalidPartition), NOT_MINE, &never);
        check(refusal(Reason::InvalidPartition), GRANT, &told);
        check(GRANT, refusal(Reason::InvalidPartition), &told);

        let check = |first: ToldPhysically, twin: ToldPhysically, expected: &[Vec<usize>; 2]| {
            assert_eq!(trips((GRANT, first), (GRANT, twin)), *expected, "{first:?} {twin:?}");
        };
        check(ISOLATED, ISOLATED, &never);
        check(ALLOWED, ISOLATED, &told);
        check(ISOLATED, ALLOWED, &told);
        check(ALLOWED, NOBODY, &told);
        check((true, false, Reason::Isolated, 2), ISOLATED, &told);
        check((true, false, Reason::OutOfRange, 3), ISOLATED, &told);
        check((true, false, Reason::Integrity, 0), ALLOWED, &never);
    }
}
