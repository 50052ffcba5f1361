//! The Ascon permutation of NIST SP 800-232, over a state of ten 32-bit words.
//!
//! ```text
//!   word <--+-- S_0 lower <- upper <-- S_1 lower <- upper <-- ... <-- S_4 lower <- upper <-- (+) <--+
//!           |                                                                                 |    |
//!           +---------------------------------------------------------------------------------|----+
//!                                                                                data | FF | -+
//! ```
//!
//! The caller sees a ring that it turns. With each `shift` the word in front leaves, and returns behind with `data` added;
//! ten shifts meet S_0 lower half, S_0 upper half, S_1 lower half, ... S_4 upper half, and leave each where it was. `step`
//! counts them. If `run` is high in the tenth, the permutation follows: Ascon-p[12] or, with `eight_rounds`, Ascon-p[8].
//!
//! Three cycles a round: Ascon-p[12] takes 36, Ascon-p[8] 24. Two cycles a word, one in which it is taken and one in which
//! it moves, so that nothing of the caller's stands before the state: a turn takes 20, and `busy` is high in every other.
//! The state is zero after `clear` and `reset`. It must never take a word while it is busy.

use super::{StateWord, Substitution};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// What one user of the permutation wants of it.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct PermutationDrive {
    /// The permutation is wanted, or in use; it stays until the user is done.
    pub request: Signal<Out, Bit>,
    /// The permutation is this user's; without it the rest of this bundle does nothing.
    pub granted: Signal<In, Bit>,
    /// Set the state to zero.
    pub clear: Signal<Out, Bit>,
    /// Turn by one word.
    pub shift: Signal<Out, Bit>,
    /// What is added to the word in front as it leaves; zero unless shifting.
    pub data: Signal<Out, Bits<32>>,
    /// Permute after the tenth word.
    pub run: Signal<Out, Bit>,
    /// With eight rounds instead of twelve.
    pub eight_rounds: Signal<Out, Bit>,
    /// A word moves, or it permutes.
    pub busy: Signal<In, Bit>,
    /// Which word is in front.
    pub step: Signal<In, Bits<4>>,
    /// The word in front.
    pub word: Signal<In, Bits<32>>,
}

/// The state and its permutation.
#[derive(Clone, Debug, LogicBlock)]
pub struct Permutation {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: the state is zero.
    pub reset: Signal<In, Bit>,
    /// Sets the state to zero and `step` to 0, even when busy.
    pub clear: Signal<In, Bit>,
    /// Turns by one word; ignored while busy.
    pub shift: Signal<In, Bit>,
    /// What is added to the word in front as it leaves.
    pub data: Signal<In, Bits<32>>,
    /// Permute after this shift, if it is the tenth.
    pub run: Signal<In, Bit>,
    /// With eight rounds instead of twelve.
    pub eight_rounds: Signal<In, Bit>,
    /// A word moves, or it permutes.
    pub busy: Signal<Out, Bit>,
    /// Which word is in front, 0 to 9: word `step % 2` of S_(step / 2). In the last cycle of `busy` what it
    /// will be afterwards; before, no meaning.
    pub step: Signal<Out, Bits<4>>,
    /// The word in front. No meaning while busy.
    pub word: Signal<Out, Bits<32>>,
    turning: Register<Bit>,
    addend: Register<Bits<32>>,
    running: Register<Bit>,
    second: Register<Bit>,
    third: Register<Bit>,
    count: Register<Bits<4>>,
    state: [StateWord; 5],
    layer: Substitution,
    wipe: Signal<Local, Bit>,
    advance: Signal<Local, Bit>,
    inverse: Signal<Local, Bits<4>>,
    last_word: Constant<Bits<4>>,
    last_round: Constant<Bits<4>>,
    late_round: Constant<Bits<4>>,
}

impl Default for Permutation {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            clear: Default::default(),
            shift: Default::default(),
            data: Default::default(),
            run: Default::default(),
            eight_rounds: Default::default(),
            busy: Default::default(),
            step: Default::default(),
            word: Default::default(),
            turning: Default::default(),
            addend: Default::default(),
            running: Default::default(),
            second: Default::default(),
            third: Default::default(),
            count: Default::default(),
            // SP 800-232, 3.4.
            state: [(19, 28), (61, 39), (1, 6), (10, 17), (7, 41)].map(|(near, far)| StateWord::new(near, far)),
            layer: Default::default(),
            wipe: Default::default(),
            advance: Default::default(),
            inverse: Default::default(),
            last_word: Constant::new(9u64.into()),
            last_round: Constant::new(11u64.into()),
            late_round: Constant::new(4u64.into()),
        }
    }
}

impl Logic for Permutation {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(turning, addend, running, second, third, count) {
            self.wipe.next = self.reset.val() | self.clear.val();
            self.advance.next = self.turning.q.val() | self.running.q.val();

            self.layer.clock.next = self.clock.val();
            self.layer.reset.next = self.reset.val();
            self.layer.substitute.next = !self.turning.q.val();
            self.layer.data.next = self.addend.q.val();
            // The constant of round r, where r counts from 0 to 11 and the last eight are those of Ascon-p[8]: 15 - r above
            // r. It is added to bits of the lower half, which goes first.
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

            // One counter: of words while the ring turns, of rounds while it permutes.
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
}
