//! Less than: is one number smaller than another? Written so that it is small and fast in a device with carry chains.
//!
//! ```text
//!   short:  from the lowest bit up, where the two differ the right one's bit decides; the highest difference wins
//!   long:   left - right, one bit wider; the bit above says that it borrowed
//! ```
//!
//! Up to [`SHORT_BITS`] bits plain logic is smaller than a carry chain and joins with the logic behind it. Above, the
//! borrow is the last bit of the difference: on the iCE40 the register behind it then shares its cell, where the carry
//! itself, which is what a comparison operator yields, would need a cell to leave the chain and another for the register.
//! The chain takes the complement of `right`: a block that compares many numbers with one stores them as complements.

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// The longest numbers that are compared without a carry chain.
pub const SHORT_BITS: usize = 6;

block! {
    /// `left < right`, unsigned, in the same cycle; up to 31 bits.
    pub struct LessThan<BITS> {
        /// First number, valid in every cycle.
        pub left: Signal<In, Bits<BITS>>,
        /// Second number, valid in every cycle.
        pub right: Signal<In, Bits<BITS>>,
        /// High when `left` is smaller than `right`.
        pub holds: Signal<Out, Bit>,
        difference: Signal<Local, Bits<32>>,
        short: Constant<Bit> = Constant::new(BITS <= SHORT_BITS),
        borrow: Constant<Bits<6>> = Constant::new(BITS.to_bits()),
        _bits: usize = BITS,
    }
}

kernel! {
    LessThan<BITS>
    #[hdl_gen]
    fn update(&mut self) {
        self.difference.next = bit_cast::<32, BITS>(self.left.val()) - bit_cast::<32, BITS>(self.right.val());
        self.holds.next = self.difference.val().get_bit(self.borrow.val().index());
        if self.short.val() {
            self.holds.next = false;
            for i in 0..self._bits {
                if self.left.val().get_bit(i) & !self.right.val().get_bit(i) {
                    self.holds.next = false;
                }
                if !self.left.val().get_bit(i) & self.right.val().get_bit(i) {
                    self.holds.next = true;
                }
            }
        }
    }
}
