//! What the two directions ask about a burst, and what they are told.

use pm_verilog::bundle;
use rust_hdl::prelude::*;

bundle! {
    /// Whose access is at this place of the data path.
    pub struct Asker<> {
        /// There is one, and its verdict matters.
        pub valid: Bit,
        /// A write's; else a read's.
        pub writes: Bit,
        /// Which entry.
        pub index: Bits<4>,
    }
}

bundle! {
    /// An access as the Partition Manager is asked about it.
    pub struct Question<ADDRESS> {
        /// Who.
        pub tenant: Bits<8>,
        /// The lowest byte.
        pub address: Bits<ADDRESS>,
        /// Bytes; 0 for what is only to be logged.
        pub length: Bits<13>,
        /// Read, write, execute; 3 for a malformed transaction.
        pub kind: Bits<2>,
    }
}

bundle! {
    /// What the Partition Manager said about a burst.
    pub struct Decision<ADDRESS> {
        /// The rest is meaningful.
        pub valid: Bit,
        /// Which entry.
        pub index: Bits<4>,
        /// Granted, or allowed.
        pub granted: Bit,
        /// Something else decides: the standard MMU, the physical port.
        pub elsewhere: Bit,
        /// Granted, but across a boundary of 4 KiB in memory.
        pub crosses: Bit,
        /// Physical address of the lowest byte.
        pub physical: Bits<ADDRESS>,
    }
}
