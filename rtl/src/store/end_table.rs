//! Where each row ends: the one part of a valid row, besides its rights, that RESIZE changes.
//!
//! ```text
//!   table_write --> block RAM --> last_page, last_block   (slot, one edge later; the old ones while they are written)
//! ```
//!
//! The CAM's end of a row is a register: an access that was compared in the cycle of the write saw the old one. A memory
//! that answers with the old word keeps both witnesses of an access on the same side of the change.

use pm_verilog::{bundle, cells::BlockRam};
use rust_hdl::prelude::*;

bundle! {
    /// The end of a row.
    pub struct RowEnd<PAGE, BLOCK> {
        /// Last granule in the tenant's window.
        pub last_page: Bits<PAGE>,
        /// Last granule in the pool's frame.
        pub last_block: Bits<BLOCK>,
    }
}

/// The ends of all rows, for the data path.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct EndTable<const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Write at the next edge.
    pub write: Signal<In, Bit>,
    /// Which row.
    pub write_slot: Signal<In, Bits<SLOT>>,
    /// Its last page from now on.
    pub new_page: Signal<In, Bits<PAGE>>,
    /// Its last block from now on.
    pub new_block: Signal<In, Bits<BLOCK>>,
    /// Row that is read.
    pub slot: Signal<In, Bits<SLOT>>,
    /// Its last page, one edge later.
    pub last_page: Signal<Out, Bits<PAGE>>,
    /// Its last block, one edge later.
    pub last_block: Signal<Out, Bits<BLOCK>>,
    memory: BlockRam<RowEnd<PAGE, BLOCK>, SLOT>,
    /// With `integrity`: the end has the code with which it was written.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const SLOT: usize, const PAGE: usize, const BLOCK: usize> Logic for EndTable<SLOT, PAGE, BLOCK> {
    #[hdl_gen]
    fn update(&mut self) {
        self.memory.clock.next = self.clock.val();
        self.memory.write_enable.next = self.write.val();
        self.memory.write_address.next = self.write_slot.val();
        self.memory.write_data.next.last_page = self.new_page.val();
        self.memory.write_data.next.last_block = self.new_block.val();
        self.memory.read_address.next = self.slot.val();
        self.last_page.next = self.memory.read_data.val().last_page;
        self.last_block.next = self.memory.read_data.val().last_block;
        for i in 0..self._guards {
            self.intact[i].next = self.memory.intact[i].val();
        }
    }
}

impl<const SLOT: usize, const PAGE: usize, const BLOCK: usize> EndTable<SLOT, PAGE, BLOCK> {
    /// With a code beside each end, or none.
    pub fn guarded(guards: usize) -> Self {
        let memory = BlockRam::default().coded(guards);
        Self { memory, intact: vec![Default::default(); guards], _guards: guards, ..Default::default() }
    }

    /// Overwrites the end of a row: fault injection.
    pub fn poke(&mut self, slot: usize, last_page: Bits<PAGE>, last_block: Bits<BLOCK>) {
        self.memory.poke(slot, RowEnd { last_page, last_block });
    }

    /// The end of a row.
    pub fn peek(&self, slot: usize) -> RowEnd<PAGE, BLOCK> {
        self.memory.peek(slot)
    }
}
