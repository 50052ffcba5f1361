//! Beat step: where does the next beat of a burst lie, and does the burst leave the range of the question?
//!
//! ```text
//!   cti 1: the same word    cti 2, bte 0: the next word    bte 1, 2: the next of 4, 8 words    bte 3: of 16 words
//! ```
//!
//! Combinational. The range of a question is the aligned 64 bytes around a burst's first word.

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Steps from a beat of a burst to the beat after it.
    pub struct BeatStep<ADDRESS> {
        /// Logical byte address of the beat.
        pub address: Signal<In, Bits<ADDRESS>>,
        /// Wishbone's `cti` of the burst.
        pub cycle_type: Signal<In, Bits<3>>,
        /// Wishbone's `bte` of the burst.
        pub burst_type: Signal<In, Bits<2>>,
        /// Byte offset of the next beat within the aligned 64 bytes.
        pub next_offset: Signal<Out, Bits<ADDRESS>>,
        /// High when the next beat of a linear burst lies beyond the aligned 64 bytes.
        pub leaves: Signal<Out, Bit>,
        index: Signal<Local, Bits<4>>,
        next_index: Signal<Local, Bits<4>>,
    }
}

kernel! {
    BeatStep<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) {
        self.index.next = self.address.val().get_bits::<4>(2);
        self.leaves.next = (self.cycle_type.val() == 2) & (self.burst_type.val() == 0) & self.index.val().all();
        self.next_index.next = self.index.val() + 1;
        self.next_offset.next = bit_cast::<ADDRESS, 4>(self.next_index.val()) << 2;
        if self.burst_type.val() == 1 {
            self.next_offset.next = (bit_cast::<ADDRESS, 4>(self.index.val() & 12) << 2)
                | (bit_cast::<ADDRESS, 4>(self.next_index.val() & 3) << 2);
        } else if self.burst_type.val() == 2 {
            self.next_offset.next = (bit_cast::<ADDRESS, 4>(self.index.val() & 8) << 2)
                | (bit_cast::<ADDRESS, 4>(self.next_index.val() & 7) << 2);
        }
        if self.cycle_type.val() == 1 {
            self.next_offset.next = bit_cast::<ADDRESS, 4>(self.index.val()) << 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_every_burst() {
        let mut block = BeatStep::<16>::default();
        block.connect_all();
        let mut check = |index: u64, cycle: u64, burst: u64, next: u64, leaves: bool| {
            block.address.next = (0xAB00 + 4 * index).into();
            block.cycle_type.next = cycle.into();
            block.burst_type.next = burst.into();
            assert!(simulate(&mut block, 10));
            let seen = (block.next_offset.val().to_u64(), block.leaves.val());
            assert_eq!(seen, (4 * next, leaves), "word {index}, cti {cycle}, bte {burst}");
        };
        for index in 0..16 {
            for burst in 0..4 {
                check(index, 1, burst, index, false);
                let beats = [16, 4, 8, 16][burst as usize];
                let next = index / beats * beats + (index + 1) % beats;
                check(index, 2, burst, next, burst == 0 && index == 15);
            }
        }
    }
}
