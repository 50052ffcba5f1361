//! Where each row ends: the one part of a valid row, besides its rights, that RESIZE changes.
//!
//! ```text
//!   table_write --> block RAM --> last_page, last_block   (slot, one edge later; the old ones while they are written)
//! ```
//!
//! The CAM's end of a row is a register: an access that was compared in the cycle of the write saw the old end. A memory that
//! answers with the old word keeps both witnesses of an access on the same side of the change.

use pm_verilog::{block, bundle, cells::BlockRam, kernel};
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

block! {
    /// The ends of all rows, for the data path.
    pub struct EndTable<SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge writes and reads the memory.
        pub clock: Signal<In, Clock>,
        /// High: the end of row `write_slot` is replaced at the next edge.
        pub write: Signal<In, Bit>,
        /// Row whose end is replaced; valid with `write`.
        pub write_slot: Signal<In, Bits<SLOT>>,
        /// New last page of row `write_slot`; valid with `write`.
        pub new_page: Signal<In, Bits<PAGE>>,
        /// New last block of row `write_slot`; valid with `write`.
        pub new_block: Signal<In, Bits<BLOCK>>,
        /// Row whose end is read, in every cycle.
        pub slot: Signal<In, Bits<SLOT>>,
        /// Last page of row `slot`, one edge later.
        pub last_page: Signal<Out, Bits<PAGE>>,
        /// Last block of row `slot`, one edge later.
        pub last_block: Signal<Out, Bits<BLOCK>>,
        memory: BlockRam<RowEnd<PAGE, BLOCK>, SLOT> = BlockRam::default().coded(usize::from(geometry.features.integrity)),
        /// High when the end that is read has the code with which it was written.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    EndTable<SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) clocked(memory) {
        self.memory.write_enable.next = self.write.val();
        self.memory.write_address.next = self.write_slot.val();
        self.memory.write_data.next.last_page = self.new_page.val();
        self.memory.write_data.next.last_block = self.new_block.val();
        self.memory.read_address.next = self.slot.val();
        self.last_page.next = self.memory.read_data.val().last_page;
        self.last_block.next = self.memory.read_data.val().last_block;
    }
    when(intact) {
        self.intact[0].next = self.memory.intact[0].val();
    }
}

impl<const SLOT: usize, const PAGE: usize, const BLOCK: usize> EndTable<SLOT, PAGE, BLOCK> {
    /// Overwrites the end of a row: fault injection.
    pub fn poke(&mut self, slot: usize, last_page: Bits<PAGE>, last_block: Bits<BLOCK>) {
        self.memory.poke(slot, RowEnd { last_page, last_block });
    }

    /// The end of a row.
    pub fn peek(&self, slot: usize) -> RowEnd<PAGE, BLOCK> {
        self.memory.peek(slot)
    }
}
