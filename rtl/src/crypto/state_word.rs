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
//! Three steps make a round, because the S-box takes one edge. First the lower half goes to the S-box and the upper half takes
//! its place. Then the upper half goes to the S-box, while the new lower half comes back into `upper`. Last the new upper half
//! comes back, and the word of both halves is diffused as it is stored. In every step a bit takes the bit that moves on, with or
//! without the sum of two more bits: one LUT and one flip-flop. Latency: one edge. The block must never show a word from before a
//! reset.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// A 64-bit word, rotated to the right by `amount`, from 1 to 63 and not 32.
    pub struct RotateRight with amount: u64 {
        /// Bits 0 to 31 of the word.
        pub lower: Signal<In, Bits<32>>,
        /// Bits 32 to 63 of the word.
        pub upper: Signal<In, Bits<32>>,
        /// Bits 0 to 31 of the result.
        pub rotated_lower: Signal<Out, Bits<32>>,
        /// Bits 32 to 63 of the result.
        pub rotated_upper: Signal<Out, Bits<32>>,
        right: Constant<Bits<6>> = Constant::new((amount % 32).to_bits()),
        left: Constant<Bits<6>> = Constant::new((32 - amount % 32).to_bits()),
        halves_change: Constant<Bit> = Constant::new(amount > 32),
    }
    requires { assert!(amount < 64 && !amount.is_multiple_of(32), "a rotation by {amount} bits is not one of this kind"); }
}

kernel! {
    RotateRight
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

block! {
    /// A word of the state, with a linear diffusion layer of two rotations; zero at power-up and after reset.
    pub struct StateWord with near: u64, far: u64 {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the word is zero.
        pub reset: Signal<In, Bit>,
        /// High: the word moves on at the next edge; low: the word holds.
        pub advance: Signal<In, Bit>,
        /// High: the word is diffused as it moves on; valid with `advance`.
        pub diffuse: Signal<In, Bit>,
        /// Half that moves into the upper half.
        pub entering: Signal<In, Bits<32>>,
        /// Lower half of the word, in every cycle.
        pub word: Signal<Out, Bits<32>>,
        lower: Register<Bits<32>>,
        upper: Register<Bits<32>>,
        near: RotateRight = RotateRight::new(near),
        far: RotateRight = RotateRight::new(far),
    }
}

kernel! {
    StateWord
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
