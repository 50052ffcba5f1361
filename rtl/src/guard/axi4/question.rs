//! The question about a burst and its answer, for reads and for writes.

use pm_verilog::bundle;
use rust_hdl::prelude::*;

bundle! {
    /// Owner of the access at a place of the data path.
    pub struct Asker<> {
        /// An access is at this place, and its verdict matters.
        pub valid: Bit,
        /// The access is a write; else a read.
        pub writes: Bit,
        /// Number of the entry that asks; valid with `valid`.
        pub index: Bits<4>,
    }
}

bundle! {
    /// An access as the Partition Manager is asked about it.
    pub struct Question<ADDRESS> {
        /// Tenant that asks.
        pub tenant: Bits<8>,
        /// Address of the lowest byte.
        pub address: Bits<ADDRESS>,
        /// Number of bytes; 0 for an access that is only logged.
        pub length: Bits<13>,
        /// Kind of access: read, write, execute; 3 for a malformed transaction.
        pub kind: Bits<2>,
        /// High for an access that the guard had begun and had to end: the access is only logged.
        pub stalled: Bit,
    }
}

bundle! {
    /// Verdict of the Partition Manager on a burst.
    pub struct Decision<ADDRESS> {
        /// High: the other fields are meaningful in this cycle.
        pub valid: Bit,
        /// Number of the entry that was decided about.
        pub index: Bits<4>,
        /// The port granted or allowed the burst.
        pub granted: Bit,
        /// The translate port called the burst not mine: the standard MMU and the physical port decide.
        pub elsewhere: Bit,
        /// The burst is granted, but crosses a boundary of 4 KiB in memory.
        pub crosses: Bit,
        /// Physical address of the lowest byte.
        pub physical: Bits<ADDRESS>,
    }
}
