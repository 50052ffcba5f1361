//! The Ascon permutation of NIST SP 800-232, over a state of ten 32-bit words.
//!
//! ```text
//!   word <--+-- S_0 lower <- upper <-- S_1 lower <- upper <-- ... <-- S_4 lower <- upper <-- (+) <--+
//!           |                                                                                 |    |
//!           +---------------------------------------------------------------------------------|----+
//!                                                                                data | FF | -+
//! ```
//!
//! The caller sees a ring that it turns. With each `shift` the word in front leaves, and returns behind with `data` added; ten
//! shifts meet S_0 lower half, S_0 upper half, S_1 lower half, ... S_4 upper half, and leave each where it was. `step` counts the
//! shifts. If `run` is high in the tenth shift, the permutation follows: Ascon-p[12] or, with `eight_rounds`, Ascon-p[8].
//!
//! Three cycles a round: Ascon-p[12] takes 36, Ascon-p[8] 24. A word takes two cycles, one in which the word is taken and one in
//! which the word moves, so that no logic of the caller stands before the state: a turn takes 20 cycles, and `busy` is high in
//! every second one. The state is zero after `clear` and `reset`. The block must never take a word while `busy`.

use super::{StateWord, Substitution};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Port of one user of the permutation.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct PermutationDrive {
    /// High while the user wants the permutation or works with it.
    pub request: Signal<Out, Bit>,
    /// High while the permutation works for this user; without `granted` the other signals of this bundle have no effect.
    pub granted: Signal<In, Bit>,
    /// High: the state becomes zero.
    pub clear: Signal<Out, Bit>,
    /// High: the ring turns by one word.
    pub shift: Signal<Out, Bit>,
    /// Word that is added to the word in front as it leaves; zero unless shifting.
    pub data: Signal<Out, Bits<32>>,
    /// High: the permutation runs after the tenth word.
    pub run: Signal<Out, Bit>,
    /// High: the permutation has eight rounds; low: twelve.
    pub eight_rounds: Signal<Out, Bit>,
    /// High while a word moves or the permutation runs.
    pub busy: Signal<In, Bit>,
    /// Number of the word in front; valid unless busy.
    pub step: Signal<In, Bits<4>>,
    /// Word in front; valid unless busy.
    pub word: Signal<In, Bits<32>>,
}

/// The permutation's side of [`PermutationDrive`].
#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "PermutationDrive"]
pub struct PermutationUser {
    /// High while the user wants the permutation or works with it.
    pub request: Signal<In, Bit>,
    /// High while the permutation works for this user.
    pub granted: Signal<Out, Bit>,
    /// High: the state becomes zero.
    pub clear: Signal<In, Bit>,
    /// High: the ring turns by one word.
    pub shift: Signal<In, Bit>,
    /// Word that is added to the word in front as it leaves; zero unless shifting.
    pub data: Signal<In, Bits<32>>,
    /// High: the permutation runs after the tenth word.
    pub run: Signal<In, Bit>,
    /// High: the permutation has eight rounds; low: twelve.
    pub eight_rounds: Signal<In, Bit>,
    /// High while a word moves or the permutation runs.
    pub busy: Signal<Out, Bit>,
    /// Number of the word in front; valid unless busy.
    pub step: Signal<Out, Bits<4>>,
    /// Word in front; valid unless busy.
    pub word: Signal<Out, Bits<32>>,
}

block! {
    /// The state and its permutation.
    pub struct Permutation {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the state is zero.
        pub reset: Signal<In, Bit>,
        /// High: the state and `step` become zero, even when busy.
        pub clear: Signal<In, Bit>,
        /// High: the ring turns by one word; ignored while busy.
        pub shift: Signal<In, Bit>,
        /// Word that is added to the word in front as it leaves; valid with `shift`.
        pub data: Signal<In, Bits<32>>,
        /// High: the permutation runs after the tenth shift; read in that shift only.
        pub run: Signal<In, Bit>,
        /// High: the permutation has eight rounds; low: twelve.
        pub eight_rounds: Signal<In, Bit>,
        /// High while a word moves or the permutation runs.
        pub busy: Signal<Out, Bit>,
        /// Number of the word in front, 0 to 9: word `step % 2` of S_(step / 2). In the last cycle of `busy` the number that
        /// follows; in the cycles of `busy` before, no meaning.
        pub step: Signal<Out, Bits<4>>,
        /// Word in front; no meaning while busy.
        pub word: Signal<Out, Bits<32>>,
        turning: Register<Bit>,
        addend: Register<Bits<32>>,
        running: Register<Bit>,
        second: Register<Bit>,
        third: Register<Bit>,
        count: Register<Bits<4>>,
        // SP 800-232, 3.4.
        state: [StateWord; 5] = [(19, 28), (61, 39), (1, 6), (10, 17), (7, 41)].map(|(near, far)| StateWord::new(near, far)),
        layer: Substitution,
        wipe: Signal<Local, Bit>,
        advance: Signal<Local, Bit>,
        inverse: Signal<Local, Bits<4>>,
        last_word: Constant<Bits<4>> = Constant::new(9u64.into()),
        last_round: Constant<Bits<4>> = Constant::new(11u64.into()),
        late_round: Constant<Bits<4>> = Constant::new(4u64.into()),
    }
}

kernel! {
    Permutation
    #[hdl_gen]
    fn update(&mut self) registers(turning, addend, running, second, third, count) {
        self.wipe.next = self.reset.val() | self.clear.val();
        self.advance.next = self.turning.q.val() | self.running.q.val();

        self.layer.clock.next = self.clock.val();
        self.layer.reset.next = self.reset.val();
        self.layer.substitute.next = !self.turning.q.val();
        self.layer.data.next = self.addend.q.val();
        // The constant of round r, where r counts from 0 to 11 and the last eight are those of Ascon-p[8]: 15 - r above r. The
        // constant is added to bits of the lower half, which goes first.
        self.inverse.next = !self.count.q.val();
        self.layer.constant.next = 0.into();
        if !self.second.q.val() {
            self.layer.constant.next =
                bit_cast::<8, 4>(self.count.q.val()) | (bit_cast::<8, 4>(self.inverse.val()) << 4);
        }
        for i in 0..5 {
            self.state[i].clock.next = self.clock.val();
            self.state[i].reset.next = self.wipe.val();
            self.state[i].advance.next = self.advance.val();
            self.state[i].diffuse.next = self.third.q.val();
            self.layer.word[i].next = self.state[i].word.val();
            self.state[i].entering.next = self.layer.entering[i].val();
        }

        // One counter counts words while the ring turns, and rounds while it permutes.
        self.turning.d.next = false;
        self.addend.d.next = self.data.val();
        if self.turning.q.val() {
            self.turning.d.next = false;
        } else if self.running.q.val() {
            // The constant is needed in the first step only; so `step` says 0 in the last cycle already.
            self.second.d.next = (!self.second.q.val()) & (!self.third.q.val());
            self.third.d.next = self.second.q.val();
            if self.second.q.val() {
                self.count.d.next = self.count.q.val() + 1;
                if self.count.q.val() == self.last_round.val() {
                    self.count.d.next = 0.into();
                }
            }
            if self.third.q.val() & (self.count.q.val() == 0) {
                self.running.d.next = false;
            }
        } else if self.shift.val() {
            self.turning.d.next = true;
            self.count.d.next = self.count.q.val() + 1;
            if self.count.q.val() == self.last_word.val() {
                self.count.d.next = 0.into();
                if self.run.val() {
                    self.running.d.next = true;
                    if self.eight_rounds.val() {
                        self.count.d.next = self.late_round.val();
                    }
                }
            }
        }
        if self.clear.val() {
            self.turning.d.next = false;
            self.running.d.next = false;
            self.second.d.next = false;
            self.third.d.next = false;
            self.count.d.next = 0.into();
        }
        self.busy.next = self.advance.val();
        self.step.next = self.count.q.val();
        self.word.next = self.state[0].word.val();
    }
}
