//! The Partition Table: every row, readable by the data path and by the control side in the same cycle.
//!
//! ```text
//!                 +-- copy for the data path --+
//!   table_write --+                             +--> row     (lookup_slot, one edge later)
//!                 +-- rights, ends -------------+
//!                 +-- copy for control --------> control_row  (control_slot, one edge later)
//! ```
//!
//! Whether a row is valid is not here but in the lookup and isolation entries, which a reset clears.
//!
//! The data path may read a row in the very cycle in which it is written, and then it must see the old or the new one.
//! A row that is valid, or becomes valid by that write, has only rights to change, and with RESIZE its end: the command
//! engine writes all of it when it reserves the block, and that row is in the table before the shadow page tables name
//! it. So the rights lie in a memory that answers with the old word, with RESIZE the ends too ([`EndTable`]), and the rest
//! in one that need not. The first page is stored as its complement, as the comparisons behind it want it.

use super::{EndTable, Row, TableWrite};
use pm_interface::Geometry;
use pm_verilog::{
    bundle,
    cells::{BlockRam, Register},
};
use rust_hdl::prelude::*;

bundle! {
    /// What a tenant may do.
    pub struct Rights<> {
        /// Data may be read.
        pub read: Bit,
        /// Data may be written.
        pub write: Bit,
        /// Instructions may be fetched.
        pub execute: Bit,
    }
}

/// Two copies of the rows in block RAM, always written together.
#[derive(Clone, Debug, LogicBlock)]
pub struct PartitionTable<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// The write port.
    pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
    /// Row that the data path reads.
    pub lookup_slot: Signal<In, Bits<SLOT>>,
    /// That row, one edge later.
    pub row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
    /// Row that the control side reads.
    pub control_slot: Signal<In, Bits<SLOT>>,
    /// That row, one edge later.
    pub control_row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
    lookup_copy: BlockRam<Row<TENANT, PAGE, BLOCK>, SLOT>,
    rights: BlockRam<Rights, SLOT>,
    ends: Vec<EndTable<SLOT, PAGE, BLOCK>>,
    control_copy: BlockRam<Row<TENANT, PAGE, BLOCK>, SLOT>,
    _end_tables: usize,
    /// With `integrity`: `row` has the code with which it was written.
    pub row_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: what `control_row` was a cycle before had, too.
    pub control_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: `control_row`, once it has been read for two cycles, with one wrong bit put right.
    pub control_repaired: Vec<Signal<Out, Row<TENANT, PAGE, BLOCK>>>,
    /// With `integrity`: one bit of the row of `control_intact` was wrong.
    pub control_single: Vec<Signal<Out, Bit>>,
    written: Vec<Register<Bit>>,
    written_before: Vec<Register<Bit>>,
    _guards: usize,
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> PartitionTable<TENANT, SLOT, PAGE, BLOCK> {
    /// For the features of `geometry`: without `dynamic` a row's end is where the rest of it is.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        // With a code, only what is not in the other memories: it keeps its code while it is read and written, and is small.
        let elsewhere = ["isolated", "locked", "read", "write", "execute", "last_page", "last_block"];
        let elsewhere = &elsewhere[..if geometry.features.dynamic { 7 } else { 5 }];
        let kept = if guards > 0 { !Row::<TENANT, PAGE, BLOCK>::bits_of(elsewhere) } else { u128::MAX };
        Self {
            clock: Default::default(),
            table_write: Default::default(),
            lookup_slot: Default::default(),
            row: Default::default(),
            control_slot: Default::default(),
            control_row: Default::default(),
            // See above: what the data path looks at does not change in such a cycle.
            lookup_copy: BlockRam::without_collisions().keeping(kept).coded(guards),
            rights: BlockRam::default().coded(guards),
            ends: vec![EndTable::guarded(guards); geometry.features.dynamic.into()],
            // Command engine and allocator use no row that was read in the cycle of a write.
            control_copy: BlockRam::without_collisions().repairing(guards),
            _end_tables: geometry.features.dynamic.into(),
            row_intact: vec![Default::default(); guards],
            control_intact: vec![Default::default(); guards],
            control_repaired: vec![Default::default(); guards],
            control_single: vec![Default::default(); guards],
            written: vec![Default::default(); guards],
            written_before: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Logic
    for PartitionTable<TENANT, SLOT, PAGE, BLOCK>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.lookup_copy.clock.next = self.clock.val();
        self.lookup_copy.write_enable.next = self.table_write.enable.val();
        self.lookup_copy.write_address.next = self.table_write.slot.val();
        self.lookup_copy.write_data.next = self.table_write.row.val();
        self.lookup_copy.write_data.next.first_page = !self.table_write.row.val().first_page;
        self.lookup_copy.read_address.next = self.lookup_slot.val();
        self.rights.clock.next = self.clock.val();
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
        for i in 0..self._end_tables {
            self.ends[i].clock.next = self.clock.val();
            self.ends[i].write.next = self.table_write.enable.val();
            self.ends[i].write_slot.next = self.table_write.slot.val();
            self.ends[i].new_page.next = self.table_write.row.val().last_page;
            self.ends[i].new_block.next = self.table_write.row.val().last_block;
            self.ends[i].slot.next = self.lookup_slot.val();
            self.row.next.last_page = self.ends[i].last_page.val();
            self.row.next.last_block = self.ends[i].last_block.val();
        }
        self.control_copy.clock.next = self.clock.val();
        self.control_copy.write_enable.next = self.table_write.enable.val();
        self.control_copy.write_address.next = self.table_write.slot.val();
        self.control_copy.write_data.next = self.table_write.row.val();
        self.control_copy.read_address.next = self.control_slot.val();
        self.control_row.next = self.control_copy.read_data.val();
        for i in 0..self._guards {
            self.row_intact[i].next = self.lookup_copy.intact[i].val() & self.rights.intact[i].val();
            for j in 0..self._end_tables {
                self.row_intact[i].next = self.row_intact[i].val() & self.ends[j].intact[i].val();
            }
            self.written[i].clock.next = self.clock.val();
            self.written[i].reset.next = false;
            self.written[i].d.next = self.table_write.enable.val();
            self.written_before[i].clock.next = self.clock.val();
            self.written_before[i].reset.next = false;
            self.written_before[i].d.next = self.written[i].q.val();
            self.control_intact[i].next = self.control_copy.intact[i].val() | self.written_before[i].q.val();
            self.control_repaired[i].next = self.control_copy.repaired[i].val();
            self.control_single[i].next = self.control_copy.single[i].val();
        }
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
