//! The scrubber: zeros a block, one word a cycle while the memory takes them.
//!
//! ```text
//!   start, first, last --> address, +4 while ready, ... , last word --> done
//! ```

use crate::ports::MemoryWrite;
use pm_interface::{Geometry, WORD_BYTES};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Writes zeros from the first word of `first_block` to the last word of `last_block`.
#[derive(Clone, Debug, LogicBlock)]
pub struct Scrubber<const ADDRESS: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: stops at once.
    pub reset: Signal<In, Bit>,
    /// Begin; ignored while busy.
    pub start: Signal<In, Bit>,
    /// First byte of the pool's frame, a multiple of the frame's size; steady while busy.
    pub frame_base: Signal<In, Bits<ADDRESS>>,
    /// First granule.
    pub first_block: Signal<In, Bits<BLOCK>>,
    /// Last granule.
    pub last_block: Signal<In, Bits<BLOCK>>,
    /// Working; low again only after the last word was taken.
    pub busy: Signal<Out, Bit>,
    /// The memory.
    pub memory_write: MemoryWrite<ADDRESS>,
    running: Register<Bit>,
    place: Register<Bits<ADDRESS>>,
    last_place: Register<Bits<ADDRESS>>,
    granule_bits: Constant<Bits<6>>,
    frame_mask: Constant<Bits<ADDRESS>>,
    last_word: Constant<Bits<ADDRESS>>,
    word_bytes: Constant<Bits<ADDRESS>>,
    /// With `integrity`: no register here has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: stop at once.
    pub halt: Vec<Signal<In, Bit>>,
    _guards: usize,
}

impl<const ADDRESS: usize, const BLOCK: usize> Scrubber<ADDRESS, BLOCK> {
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            frame_base: Default::default(),
            first_block: Default::default(),
            last_block: Default::default(),
            busy: Default::default(),
            memory_write: Default::default(),
            running: Register::guarded(guards),
            place: Register::guarded(guards),
            last_place: Register::guarded(guards),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
            frame_mask: Constant::new((geometry.frame() - 1).to_bits()),
            last_word: Constant::new((geometry.granule() - WORD_BYTES).to_bits()),
            word_bytes: Constant::new(WORD_BYTES.to_bits()),
            intact: vec![Default::default(); guards],
            halt: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const ADDRESS: usize, const BLOCK: usize> Logic for Scrubber<ADDRESS, BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(running, place, last_place) {
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
            // SEC_CM: SCRUB.HALT
            for i in 0..self._guards {
                if self.halt[i].val() {
                    self.running.d.next = false;
                }
                self.memory_write.valid.next = self.running.q.val()
                    & !self.halt[i].val()
                    & self.running.intact[i].val()
                    & self.place.intact[i].val()
                    & self.last_place.intact[i].val();
                self.intact[i].next = self.running.intact[i].val()
                    & self.place.intact[i].val()
                    & self.last_place.intact[i].val();
            }
        }
    }
}
