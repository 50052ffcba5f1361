//! What one row of the Partition Table holds, and the port through which it is written.

use pm_verilog::bundle;
use rust_hdl::prelude::*;

bundle! {
    /// A partition. Ranges are inclusive, so nothing that is compared with them can overflow.
    pub struct Row<TENANT, PAGE, BLOCK> {
        /// Who owns it.
        pub tenant: Bits<TENANT>,
        /// First granule in the tenant's window.
        pub first_page: Bits<PAGE>,
        /// Last granule in the tenant's window.
        pub last_page: Bits<PAGE>,
        /// First granule in the pool's frame.
        pub first_block: Bits<BLOCK>,
        /// Last granule in the pool's frame.
        pub last_block: Bits<BLOCK>,
        /// What to add to a page to get its block, modulo 2^BLOCK.
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
    /// Write at the next edge.
    pub enable: Signal<In, Bit>,
    /// Which row; steady since the cycle before `enable`, so that its decoding costs no time in the cycle of the write.
    pub slot: Signal<In, Bits<SLOT>>,
    /// Its new contents.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// Accesses may be granted through it.
    pub valid: Signal<In, Bit>,
    /// Its block is taken: no other row may get it.
    pub held: Signal<In, Bit>,
    /// No physical access may reach its block: what the row says, or always while the block is being scrubbed.
    pub guarded: Signal<In, Bit>,
}
