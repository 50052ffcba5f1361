//! One 64-bit word of the state, in two halves, with its linear diffusion layer.
//!
//! ```text
//!              +----------------------------------------+
//!   entering --+--> | upper |--+--> | lower |--+--> word |
//!              |               |               (moves on: upper <- entering, lower <- upper)
//!              +--> diffuse <--+
//!                      |  S ^ (S >>> near) ^ (S >>> far), where S = {entering, upper}
//!                      +--> upper, lower
//! ```
//!
//! Three steps make a round, for the S-box takes one. The lower half goes there and the upper half takes its place; that
//! goes there too, while the first comes back into `upper`; the second comes back, and the word that both make is diffused
//! as it is stored. In every step a bit is what moves on, with or without the sum of two others: one LUT and one flip-flop.
//! One edge. It must never show a word of before a reset.

use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// A 64-bit word, rotated to the right by a constant.
#[derive(Clone, Debug, LogicBlock)]
pub struct RotateRight {
    /// Bits 0 to 31.
    pub lower: Signal<In, Bits<32>>,
    /// Bits 32 to 63.
    pub upper: Signal<In, Bits<32>>,
    /// Bits 0 to 31 of the result.
    pub rotated_lower: Signal<Out, Bits<32>>,
    /// Bits 32 to 63 of the result.
    pub rotated_upper: Signal<Out, Bits<32>>,
    right: Constant<Bits<6>>,
    left: Constant<Bits<6>>,
    halves_change: Constant<Bit>,
}

impl RotateRight {
    /// By `amount`, from 1 to 63 and not 32.
    pub fn new(amount: u64) -> Self {
        let right = amount % 32;
        assert!(amount < 64 && right != 0, "a rotation by {amount} bits is not one of this kind");
        Self {
            lower: Default::default(),
            upper: Default::default(),
            rotated_lower: Default::default(),
            rotated_upper: Default::default(),
            right: Constant::new(right.to_bits()),
            left: Constant::new((32 - right).to_bits()),
            halves_change: Constant::new(amount > 32),
        }
    }
}

impl Logic for RotateRight {
    #[hdl_gen]
    fn update(&mut self) {
        if self.halves_change.val() {
            self.rotated_lower.next = (self.upper.val() >> self.right.val()) | (self.lower.val() << self.left.val());
            self.rotated_upper.next = (self.lower.val() >> self.right.val()) | (self.upper.val() << self.left.val());
        } else {
            self.rotated_lower.next = (self.lower.val() >> self.right.val()) | (self.upper.val() << self.left.val());
            self.rotated_upper.next = (self.upper.val() >> self.right.val()) | (self.lower.val() << self.left.val());
        }
    }
}

/// A word of the state; zero at power-up and after reset.
#[derive(Clone, Debug, LogicBlock)]
pub struct StateWord {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: zero.
    pub reset: Signal<In, Bit>,
    /// Moves on at the next edge; else it holds.
    pub advance: Signal<In, Bit>,
    /// Is diffused as it moves on.
    pub diffuse: Signal<In, Bit>,
    /// What moves into the upper half.
    pub entering: Signal<In, Bits<32>>,
    /// The lower half.
    pub word: Signal<Out, Bits<32>>,
    lower: Register<Bits<32>>,
    upper: Register<Bits<32>>,
    near: RotateRight,
    far: RotateRight,
}

impl StateWord {
    /// With a linear diffusion layer of these two rotations.
    pub fn new(near: u64, far: u64) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            advance: Default::default(),
            diffuse: Default::default(),
            entering: Default::default(),
            word: Default::default(),
            lower: Default::default(),
            upper: Default::default(),
            near: RotateRight::new(near),
            far: RotateRight::new(far),
        }
    }
}

impl Logic for StateWord {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(lower, upper) {
            // In the third step the half that went through the S-box first stands in `upper`.
            self.near.lower.next = self.upper.q.val();
            self.near.upper.next = self.entering.val();
            self.far.lower.next = self.upper.q.val();
            self.far.upper.next = self.entering.val();
            if self.advance.val() {
                self.lower.d.next = self.upper.q.val();
                self.upper.d.next = self.entering.val();
                if self.diffuse.val() {
                    self.lower.d.next =
                        self.upper.q.val() ^ (self.near.rotated_lower.val() ^ self.far.rotated_lower.val());
                    self.upper.d.next =
                        self.entering.val() ^ (self.near.rotated_upper.val() ^ self.far.rotated_upper.val());
                }
            }
            self.word.next = self.lower.q.val();
        }
    }
}
