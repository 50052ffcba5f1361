//! A row of the Partition Table, and the port through which rows are written.

use pm_verilog::bundle;
use rust_hdl::prelude::*;

bundle! {
    /// A partition. Ranges are inclusive, so nothing that is compared with them can overflow.
    pub struct Row<TENANT, PAGE, BLOCK> {
        /// Tenant that owns the partition.
        pub tenant: Bits<TENANT>,
        /// First granule in the tenant's window.
        pub first_page: Bits<PAGE>,
        /// Last granule in the tenant's window.
        pub last_page: Bits<PAGE>,
        /// First granule in the pool's frame.
        pub first_block: Bits<BLOCK>,
        /// Last granule in the pool's frame.
        pub last_block: Bits<BLOCK>,
        /// Offset from page to block, added to a page modulo 2^BLOCK.
        pub delta: Bits<BLOCK>,
        /// Data may be read.
        pub read: Bit,
        /// Data may be written.
        pub write: Bit,
        /// Instructions may be fetched.
        pub execute: Bit,
        /// No physical access reaches the block.
        pub isolated: Bit,
        /// The row cannot change until reset.
        pub locked: Bit,
    }
}

/// The only way into the store: replaces everything that is known of one slot, in one cycle.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct TableWrite<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// High: the row is replaced at the next edge.
    pub enable: Signal<In, Bit>,
    /// Slot of the row; steady since the cycle before `enable`, so that its decoding costs no time in the cycle of the write.
    pub slot: Signal<In, Bits<SLOT>>,
    /// New contents of the row; valid with `enable`.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// High: accesses may be granted through the row; valid with `enable`.
    pub valid: Signal<In, Bit>,
    /// High: the block of the row is taken, and no other row may get it; valid with `enable`.
    pub held: Signal<In, Bit>,
    /// High: no physical access may reach the block of the row, because the row says so or because the scrubber clears the block;
    /// valid with `enable`.
    pub guarded: Signal<In, Bit>,
}
