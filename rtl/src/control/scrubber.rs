//! The scrubber: zeros a block, one word a cycle while the memory takes them.
//!
//! ```text
//!   start, first, last --> address, +4 while ready, ... , last word --> done
//! ```

use crate::ports::MemoryWrite;
use pm_interface::WORD_BYTES;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Writes zeros from the first word of `first_block` to the last word of `last_block`.
    pub struct Scrubber<ADDRESS, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: ends a scrub at once.
        pub reset: Signal<In, Bit>,
        /// Begins a scrub; ignored while `busy`.
        pub start: Signal<In, Bit>,
        /// First byte of the pool's frame, a multiple of the frame's size; steady while `busy`.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// First granule of the block to scrub; sampled with `start`.
        pub first_block: Signal<In, Bits<BLOCK>>,
        /// Last granule of the block to scrub; sampled with `start`.
        pub last_block: Signal<In, Bits<BLOCK>>,
        /// High while words remain; low again only after the memory took the last word.
        pub busy: Signal<Out, Bit>,
        /// Words of zeros for the memory.
        pub memory_write: MemoryWrite<ADDRESS>,
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        /// High: the scrubber offers no further word and ends.
        pub halt: Signal<In, Bit> where integrity,
        running: Register<Bit> where guarded,
        place: Register<Bits<ADDRESS>> where guarded,
        last_place: Register<Bits<ADDRESS>> where guarded,
        granule_bits: Constant<Bits<6>> = Constant::new(geometry.granule_bits.to_bits()),
        frame_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.frame() - 1).to_bits()),
        last_word: Constant<Bits<ADDRESS>> = Constant::new((geometry.granule() - WORD_BYTES).to_bits()),
        word_bytes: Constant<Bits<ADDRESS>> = Constant::new(WORD_BYTES.to_bits()),
    }
}

kernel! {
    Scrubber<ADDRESS, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(running, place, last_place) {
        if self.running.q.val() {
            if self.memory_write.ready.val() {
                self.place.d.next = (self.place.q.val() + self.word_bytes.val()) & self.frame_mask.val();
                if self.place.q.val() == self.last_place.q.val() {
                    self.running.d.next = false;
                }
            }
        } else if self.start.val() {
            self.running.d.next = true;
            self.place.d.next = bit_cast::<ADDRESS, BLOCK>(self.first_block.val()) << self.granule_bits.val();
            self.last_place.d.next = (bit_cast::<ADDRESS, BLOCK>(self.last_block.val()) << self.granule_bits.val())
                | self.last_word.val();
        }
        self.busy.next = self.running.q.val();
        self.memory_write.valid.next = self.running.q.val();
        self.memory_write.address.next = (self.frame_base.val() & !self.frame_mask.val()) | self.place.q.val();
        self.memory_write.data.next = 0.into();
    }
    // SEC_CM: SCRUB.HALT
    when(halt) {
        if self.halt[0].val() {
            self.running.d.next = false;
        }
        self.memory_write.valid.next = self.running.q.val() & !self.halt[0].val() & self.intact[0].val();
    }
}
