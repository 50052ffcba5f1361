//! The answers of a queue of bursts: which burst is answered by the memory, and which is answered with an error?
//!
//! ```text
//!   answers, broken, scrub of each entry --> the one whose answer this is ---+--> ends: whose last answer is taken
//!   deniable of each entry --> denying, index --[edge]--> denied, till given-'
//! ```
//!
//! One burst is denied at a time. At most one entry answers: those of one identifier answer in order.

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Chooses the burst that is answered; combinational.
    pub struct AnswerSelect with bursts: usize {
        /// For each entry: the answer that the memory offers belongs to this burst and may be given now.
        pub answers: Vec<Signal<In, Bit>> = vec![Default::default(); bursts],
        /// For each entry: the data of the burst were not those that its address announced.
        pub broken: Vec<Signal<In, Bit>> = vec![Default::default(); bursts],
        /// For each entry: the burst is a word of the scrubber.
        pub scrub: Vec<Signal<In, Bit>> = vec![Default::default(); bursts],
        /// For each entry: the burst may be answered with an error now.
        pub deniable: Vec<Signal<In, Bit>> = vec![Default::default(); bursts],
        /// High: the last beat of the memory's answer is taken in this cycle.
        pub answered: Signal<In, Bit>,
        /// High: the last beat of the error answer is taken in this cycle.
        pub denial_given: Signal<In, Bit>,
        /// High while a burst is answered with an error.
        pub denying_held: Signal<In, Bit>,
        /// Number of the entry of that burst.
        pub index_held: Signal<In, Bits<4>>,
        /// High: the memory's answer may be given to its burst now.
        pub answerable: Signal<Out, Bit>,
        /// High: the answered burst had other data than its address said; valid with `answerable`.
        pub answers_broken: Signal<Out, Bit>,
        /// High: the answered burst is a word of the scrubber; valid with `answerable`.
        pub answers_scrub: Signal<Out, Bit>,
        /// Mask of the entries whose last answer is taken in this cycle.
        pub ends: Signal<Out, Bits<16>>,
        /// High: a burst is answered with an error from the next edge on.
        pub denying: Signal<Out, Bit>,
        /// Number of the entry of that burst, from the next edge on.
        pub index: Signal<Out, Bits<4>>,
        marks: Vec<Constant<Bits<16>>> = (0..bursts).map(|burst| Constant::new((1usize << burst).to_bits())).collect(),
    }
}

kernel! {
    AnswerSelect
    #[hdl_gen]
    fn update(&mut self) {
        self.answerable.next = false;
        self.answers_broken.next = false;
        self.answers_scrub.next = false;
        self.ends.next = 0.into();
        self.denying.next = self.denying_held.val();
        self.index.next = self.index_held.val();
        for i in 0..self.answers.len() {
            if self.answers[i].val() {
                self.answerable.next = true;
                self.answers_broken.next = self.broken[i].val();
                self.answers_scrub.next = self.scrub[i].val();
                if self.answered.val() {
                    self.ends.next = self.ends.val() | self.marks[i].val();
                }
            }
            if self.deniable[i].val() & !self.denying_held.val() {
                self.denying.next = true;
                self.index.next = i.to_bits::<4>();
            }
            if (self.index_held.val() == i.to_bits::<4>()) & self.denial_given.val() & self.denying_held.val() {
                self.ends.next = self.ends.val() | self.marks[i].val();
            }
        }
        if self.denial_given.val() {
            self.denying.next = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;

    /// Three entries; entry 1 has broken data, entry 2 is a word of the scrubber.
    fn select(answers: [bool; 3], deniable: [bool; 3], drive: impl Fn(&mut AnswerSelect)) -> AnswerSelect {
        let mut select = AnswerSelect::new(3);
        select.connect_all();
        for entry in 0..3 {
            (select.answers[entry].next, select.deniable[entry].next) = (answers[entry], deniable[entry]);
            (select.broken[entry].next, select.scrub[entry].next) = (entry == 1, entry == 2);
        }
        drive(&mut select);
        settle(&mut select);
        select
    }

    const NONE: [bool; 3] = [false; 3];
    const ONE: [[bool; 3]; 3] = [[true, false, false], [false, true, false], [false, false, true]];

    #[test]
    fn an_answer_ends_its_burst_when_its_last_beat_is_taken() {
        // Expected: answerable, broken, scrub; and the mask of what ends.
        let check = |answers: [bool; 3], answered: bool, expected: ([bool; 3], u64)| {
            let select = select(answers, NONE, |s| s.answered.next = answered);
            let found = [select.answerable.val(), select.answers_broken.val(), select.answers_scrub.val()];
            assert_eq!((found, select.ends.val().to_u64()), expected, "{answers:?}, answered {answered}");
            assert!(!select.denying.val());
        };
        check(NONE, false, ([false, false, false], 0));
        check(NONE, true, ([false, false, false], 0));
        for answered in [false, true] {
            let ends = u64::from(answered);
            check(ONE[0], answered, ([true, false, false], ends));
            check(ONE[1], answered, ([true, true, false], ends << 1));
            check(ONE[2], answered, ([true, false, true], ends << 2));
        }
    }

    #[test]
    fn one_burst_is_denied_until_its_answer_is_given() {
        // Stimulus: who may be denied, who is being denied, and whether that answer is given. Expected: who is denied next, and what ends.
        let check = |deniable: [bool; 3], held: Option<u64>, given: bool, expected: (Option<u64>, u64)| {
            let select = select(NONE, deniable, |s| {
                (s.denying_held.next, s.index_held.next) = (held.is_some(), held.unwrap_or(0).to_bits());
                s.denial_given.next = given;
            });
            let found = select.denying.val().then(|| select.index.val().to_u64());
            assert_eq!((found, select.ends.val().to_u64()), expected, "{deniable:?}, held {held:?}, given {given}");
        };
        check(NONE, None, false, (None, 0));
        for (entry, only) in (0..).zip(ONE) {
            check(only, None, false, (Some(entry), 0));
            // Whoever else may be denied waits.
            check([true; 3], Some(entry), false, (Some(entry), 0));
            check([true; 3], Some(entry), true, (None, 1 << entry));
        }
        check([true; 3], None, false, (Some(2), 0));
        // Without a denial under way, an answer that is given ends no burst.
        check(NONE, None, true, (None, 0));
    }

    #[test]
    fn an_answer_and_a_denial_end_in_one_cycle() {
        let select = select(ONE[0], NONE, |s| {
            (s.answered.next, s.denial_given.next) = (true, true);
            (s.denying_held.next, s.index_held.next) = (true, 1.into());
        });
        assert_eq!(select.ends.val().to_u64(), 0b11);
    }
}
