//! The Partition Table: every row, readable by the data path and by the control side in the same cycle.
//!
//! ```text
//!                 +-- copy for the data path --> row          (lookup_slot, one edge later)
//!   table_write --+
//!                 +-- copy for control --------> control_row  (control_slot, one edge later)
//! ```
//!
//! Whether a row is valid is not here but in the lookup and isolation entries, which a reset clears.

use super::{Row, TableWrite};
use pm_verilog::cells::BlockRam;
use rust_hdl::prelude::*;

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
    control_copy: BlockRam<Row<TENANT, PAGE, BLOCK>, SLOT>,
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Default
    for PartitionTable<TENANT, SLOT, PAGE, BLOCK>
{
    fn default() -> Self {
        Self {
            clock: Default::default(),
            table_write: Default::default(),
            lookup_slot: Default::default(),
            row: Default::default(),
            control_slot: Default::default(),
            control_row: Default::default(),
            lookup_copy: BlockRam::default(),
            // The command engine is the only writer and the only reader, and does one at a time.
            control_copy: BlockRam::without_collisions(),
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
        self.lookup_copy.read_address.next = self.lookup_slot.val();
        self.row.next = self.lookup_copy.read_data.val();
        self.control_copy.clock.next = self.clock.val();
        self.control_copy.write_enable.next = self.table_write.enable.val();
        self.control_copy.write_address.next = self.table_write.slot.val();
        self.control_copy.write_data.next = self.table_write.row.val();
        self.control_copy.read_address.next = self.control_slot.val();
        self.control_row.next = self.control_copy.read_data.val();
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize>
    PartitionTable<TENANT, SLOT, PAGE, BLOCK>
{
    /// Overwrites the data path's copy of a row: fault injection.
    pub fn poke_lookup_copy(&mut self, slot: usize, row: Row<TENANT, PAGE, BLOCK>) {
        self.lookup_copy.poke(slot, row);
    }

    /// The data path's copy of a row.
    pub fn peek_lookup_copy(&self, slot: usize) -> Row<TENANT, PAGE, BLOCK> {
        self.lookup_copy.peek(slot)
    }
}
