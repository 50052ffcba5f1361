//! The parts of an audit record that blocks hand to each other.

use pm_verilog::bundle;
use rust_hdl::prelude::*;

bundle! {
    /// Content of a record, apart from its number and its time.
    pub struct AuditEntry<ADDRESS> {
        /// Code of an `Event`.
        pub event: Bits<4>,
        /// Tenant that the record is about.
        pub tenant: Bits<8>,
        /// Row that the record is about.
        pub slot: Bits<8>,
        /// Kind of access, or code of command.
        pub kind: Bits<4>,
        /// Code of a reason, or of a status.
        pub reason: Bits<4>,
        /// Address that the record is about.
        pub address: Bits<ADDRESS>,
    }
}

/// Source of the record that is being written.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum Source {
    /// No record is being written.
    Idle,
    /// The command engine.
    Command,
    /// The boot gate, the manifest loader or the patrol.
    Boot,
    /// A denial of the translate port.
    Translate,
    /// A denial of the physical port.
    Physical,
    /// The count of lost denials.
    Lost,
}
