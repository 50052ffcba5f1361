//! The scrubber: zeros a block, one word a cycle while the memory takes them.
//!
//! ```text
//!   start, first, last --> address, +4 while ready, ... , last word --> done
//! ```

use crate::bus::MemoryWrite;
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
    /// First byte of the pool's frame.
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
    address: Register<Bits<ADDRESS>>,
    last_address: Register<Bits<ADDRESS>>,
    granule_bits: Constant<Bits<6>>,
    last_word: Constant<Bits<ADDRESS>>,
    word_bytes: Constant<Bits<ADDRESS>>,
}

impl<const ADDRESS: usize, const BLOCK: usize> Scrubber<ADDRESS, BLOCK> {
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            frame_base: Default::default(),
            first_block: Default::default(),
            last_block: Default::default(),
            busy: Default::default(),
            memory_write: Default::default(),
            running: Default::default(),
            address: Default::default(),
            last_address: Default::default(),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
            last_word: Constant::new((geometry.granule() - WORD_BYTES).to_bits()),
            word_bytes: Constant::new(WORD_BYTES.to_bits()),
        }
    }
}

impl<const ADDRESS: usize, const BLOCK: usize> Logic for Scrubber<ADDRESS, BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(running, address, last_address) {
            if self.running.q.val() {
                if self.memory_write.ready.val() {
                    self.address.d.next = self.address.q.val() + self.word_bytes.val();
                    if self.address.q.val() == self.last_address.q.val() {
                        self.running.d.next = false;
                    }
                }
            } else if self.start.val() {
                self.running.d.next = true;
                self.address.d.next = self.frame_base.val()
                    | (bit_cast::<ADDRESS, BLOCK>(self.first_block.val()) << self.granule_bits.val());
                self.last_address.d.next = self.frame_base.val()
                    | (bit_cast::<ADDRESS, BLOCK>(self.last_block.val()) << self.granule_bits.val())
                    | self.last_word.val();
            }
            self.busy.next = self.running.q.val();
            self.memory_write.valid.next = self.running.q.val();
            self.memory_write.address.next = self.address.q.val();
            self.memory_write.data.next = 0.into();
        }
    }
}
