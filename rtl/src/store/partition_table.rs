//! The Partition Table: every row, readable by the data path and by the control side in the same cycle.
//!
//! ```text
//!                 +-- copy for the data path --+
//!   table_write --+                             +--> row     (lookup_slot, one edge later)
//!                 +-- rights, ends -------------+
//!                 +-- copy for control --------> control_row  (control_slot, one edge later)
//! ```
//!
//! The valid bits of the rows are in the lookup and isolation entries, which a reset clears.
//!
//! The data path may read a row in the cycle in which the row is written, and must then see either the old or the new row. Where
//! a row is valid, or becomes valid by the write, the write changes only the rights and, with RESIZE, the end: the command engine
//! writes the whole row when it reserves the block, before the shadow page tables name the row. So the rights are in a memory
//! that answers with the old word, with RESIZE the ends as well ([`EndTable`]), and the other fields in a memory that need not.
//! The first page is stored as its complement, the form that the comparisons use.

use super::{EndTable, Row, TableWrite};
use pm_interface::Geometry;
use pm_verilog::{
    block, bundle,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

bundle! {
    /// Rights of a tenant in a row.
    pub struct Rights<> {
        /// Data may be read.
        pub read: Bit,
        /// Data may be written.
        pub write: Bit,
        /// Instructions may be fetched.
        pub execute: Bit,
    }
}

block! {
    /// Two copies of the rows in block RAM, always written together. Without `dynamic` a row's end is where the rest of the row is.
    pub struct PartitionTable<TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge writes and reads the memories.
        pub clock: Signal<In, Clock>,
        /// Write port of the table: the row, at the next edge.
        pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
        /// Slot of the row that the data path reads.
        pub lookup_slot: Signal<In, Bits<SLOT>>,
        /// Row `lookup_slot`, one edge later.
        pub row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
        /// Slot of the row that the control side reads.
        pub control_slot: Signal<In, Bits<SLOT>>,
        /// Row `control_slot`, one edge later.
        pub control_row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
        // See above: what the data path uses of a row does not change in such a cycle.
        lookup_copy: BlockRam<Row<TENANT, PAGE, BLOCK>, SLOT> = BlockRam::without_collisions()
            .keeping(kept::<TENANT, PAGE, BLOCK>(geometry))
            .coded(usize::from(geometry.features.integrity)),
        rights: BlockRam<Rights, SLOT> = BlockRam::default().coded(usize::from(geometry.features.integrity)),
        // Command engine and allocator use no row that was read in the cycle of a write.
        control_copy: BlockRam<Row<TENANT, PAGE, BLOCK>, SLOT> =
            BlockRam::without_collisions().repairing(usize::from(geometry.features.integrity)),
        ends: EndTable<SLOT, PAGE, BLOCK> where dynamic = EndTable::new(geometry),
        /// High when `row` has the code with which it was written.
        pub row_intact: Signal<Out, Bit> where integrity,
        /// High when the `control_row` of the cycle before has the code with which it was written.
        pub control_intact: Signal<Out, Bit> where integrity,
        /// `control_row` with one wrong bit put right; valid when the same row has been read for two cycles.
        pub control_repaired: Signal<Out, Row<TENANT, PAGE, BLOCK>> where integrity,
        /// High when exactly one bit of the row of `control_intact` is wrong.
        pub control_single: Signal<Out, Bit> where integrity,
        written: Register<Bit> where integrity,
        written_before: Register<Bit> where integrity,
    }
}

/// The bits of a row that the data path's copy holds. With a code, only the bits that are not in the other memories, so that the
/// copy keeps a valid code while it is read and written, and stays small.
fn kept<const TENANT: usize, const PAGE: usize, const BLOCK: usize>(geometry: &Geometry) -> u128 {
    let elsewhere = ["isolated", "locked", "read", "write", "execute", "last_page", "last_block"];
    let elsewhere = &elsewhere[..if geometry.features.dynamic { 7 } else { 5 }];
    if geometry.features.integrity {
        !Row::<TENANT, PAGE, BLOCK>::bits_of(elsewhere)
    } else {
        u128::MAX
    }
}

kernel! {
    PartitionTable<TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) clocked(lookup_copy, rights, control_copy) {
        self.lookup_copy.write_enable.next = self.table_write.enable.val();
        self.lookup_copy.write_address.next = self.table_write.slot.val();
        self.lookup_copy.write_data.next = self.table_write.row.val();
        self.lookup_copy.write_data.next.first_page = !self.table_write.row.val().first_page;
        self.lookup_copy.read_address.next = self.lookup_slot.val();
        self.rights.write_enable.next = self.table_write.enable.val();
        self.rights.write_address.next = self.table_write.slot.val();
        self.rights.write_data.next.read = self.table_write.row.val().read;
        self.rights.write_data.next.write = self.table_write.row.val().write;
        self.rights.write_data.next.execute = self.table_write.row.val().execute;
        self.rights.read_address.next = self.lookup_slot.val();
        self.row.next = self.lookup_copy.read_data.val();
        self.row.next.first_page = !self.lookup_copy.read_data.val().first_page;
        self.row.next.read = self.rights.read_data.val().read;
        self.row.next.write = self.rights.read_data.val().write;
        self.row.next.execute = self.rights.read_data.val().execute;
        self.control_copy.write_enable.next = self.table_write.enable.val();
        self.control_copy.write_address.next = self.table_write.slot.val();
        self.control_copy.write_data.next = self.table_write.row.val();
        self.control_copy.read_address.next = self.control_slot.val();
        self.control_row.next = self.control_copy.read_data.val();
    }
    when(ends) clocked(ends) {
        self.ends[0].write.next = self.table_write.enable.val();
        self.ends[0].write_slot.next = self.table_write.slot.val();
        self.ends[0].new_page.next = self.table_write.row.val().last_page;
        self.ends[0].new_block.next = self.table_write.row.val().last_block;
        self.ends[0].slot.next = self.lookup_slot.val();
        self.row.next.last_page = self.ends[0].last_page.val();
        self.row.next.last_block = self.ends[0].last_block.val();
    }
    when(row_intact) clocked(written, written_before) {
        self.row_intact[0].next = self.lookup_copy.intact[0].val() & self.rights.intact[0].val();
        for i in 0..self.ends.len() {
            self.row_intact[0].next = self.row_intact[0].val() & self.ends[i].intact[0].val();
        }
        // The two registers describe a memory, which has no reset; so they have no reset either.
        self.written[0].reset.next = false;
        self.written[0].d.next = self.table_write.enable.val();
        self.written_before[0].reset.next = false;
        self.written_before[0].d.next = self.written[0].q.val();
        self.control_intact[0].next = self.control_copy.intact[0].val() | self.written_before[0].q.val();
        self.control_repaired[0].next = self.control_copy.repaired[0].val();
        self.control_single[0].next = self.control_copy.single[0].val();
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> PartitionTable<TENANT, SLOT, PAGE, BLOCK> {
    /// Overwrites the data path's copy of a row: fault injection.
    pub fn poke_lookup_copy(&mut self, slot: usize, row: Row<TENANT, PAGE, BLOCK>) {
        self.lookup_copy.poke(slot, Row { first_page: !row.first_page, ..row });
        self.rights.poke(slot, Rights { read: row.read, write: row.write, execute: row.execute });
        for ends in &mut self.ends {
            ends.poke(slot, row.last_page, row.last_block);
        }
    }

    /// Flips a bit of the control side's copy of a row, code included: fault injection.
    pub fn flip_control_copy(&mut self, slot: usize, bit: usize) {
        self.control_copy.flip(slot, bit);
    }

    /// Flips a bit of the data path's copy of a row, code included, rights and end apart: fault injection.
    pub fn flip_lookup_copy(&mut self, slot: usize, bit: usize) {
        self.lookup_copy.flip(slot, bit);
    }

    /// The data path's copy of a row.
    pub fn peek_lookup_copy(&self, slot: usize) -> Row<TENANT, PAGE, BLOCK> {
        let row = self.lookup_copy.peek(slot);
        Row { first_page: !row.first_page, ..row }
    }
}
