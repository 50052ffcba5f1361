//! The answer check: does the twin, a cycle later, answer both ports as the first data path did?
//!
//! ```text
//!   answers of the first --[edge]--+
//!                                  +--> differ? --[edge]--> tripped --[edge]--> closes     until reset
//!   answers of the twin -----------+
//! ```
//!
//! A wrong answer is told two cycles after it was given. An answer that says `Integrity` needs no second opinion: it
//! refuses, and is an alert by itself. Nor do not mine and `InvalidPartition` count as different: a shadow entry that is
//! read while it is written may be anything in either copy, and no row matches then.

use super::{isolation::PhysicalVerdict, PhysicalSink, TranslateSink};
use crate::constants::Reasons;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// What the translate port answered.
    pub struct Answer<ADDRESS> {
        /// There is an answer.
        pub valid: Bit,
        /// The access may proceed.
        pub granted: Bit,
        /// The access belongs to the standard MMU.
        pub not_mine: Bit,
        /// Why not.
        pub reason: Bits<4>,
        /// The row that decided.
        pub slot: Bits<8>,
        /// Where it may proceed.
        pub physical: Bits<ADDRESS>,
    }
}

/// Where two answers of a port differ.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Difference {
    /// One of them is no answer.
    pub presence: Bit,
    /// What they say.
    pub verdict: Bit,
    /// Where to.
    pub place: Bit,
    /// Whose row.
    pub row: Bit,
    /// The first refuses with an alert of its own.
    pub told: Bit,
}

/// Compares the answers of two data paths.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct AnswerCheck<const ADDRESS: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: forgets.
    pub reset: Signal<In, Bit>,
    /// What the translate port gives out.
    pub translate: TranslateSink<ADDRESS>,
    /// What it should have given out in the cycle before.
    pub twin_translate: TranslateSink<ADDRESS>,
    /// What the physical port gives out.
    pub physical: PhysicalSink,
    /// What it should have given out in the cycle before.
    pub twin_physical: PhysicalSink,
    /// An answer of two cycles ago was not the twin's, or one before that; until reset.
    pub tripped: Signal<Out, Bit>,
    /// The same, one edge later: both ports refuse everything.
    pub closes: Signal<Out, Bit>,
    answer: Register<Answer<ADDRESS>>,
    physical_answer: Register<PhysicalVerdict>,
    difference: Register<Difference>,
    physical_difference: Register<Difference>,
    broken: Register<Bit>,
    unlike: Signal<Local, Bit>,
    open: Signal<Local, Bit>,
    twin_open: Signal<Local, Bit>,
    differs: Signal<Local, Bit>,
    physical_differs: Signal<Local, Bit>,
    reasons: Reasons,
}

impl<const ADDRESS: usize> Logic for AnswerCheck<ADDRESS> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(answer, physical_answer, difference, physical_difference, broken) {
            self.answer.d.next.valid = self.translate.valid.val();
            self.answer.d.next.granted = self.translate.granted.val();
            self.answer.d.next.not_mine = self.translate.not_mine.val();
            self.answer.d.next.reason = self.translate.reason.val();
            self.answer.d.next.slot = self.translate.slot.val();
            self.answer.d.next.physical = self.translate.physical.val();
            self.physical_answer.d.next.valid = self.physical.valid.val();
            self.physical_answer.d.next.allowed = self.physical.allowed.val();
            self.physical_answer.d.next.reason = self.physical.reason.val();
            self.physical_answer.d.next.slot = self.physical.slot.val();

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
            self.physical_difference.d.next.row = self.physical_answer.q.val().slot != self.twin_physical.slot.val();
            self.physical_difference.d.next.told = (self.physical_answer.q.val().reason
                == self.reasons.integrity.val())
                & !self.physical_answer.q.val().allowed;

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
}
