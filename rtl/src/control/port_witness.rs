//! The witness of a port: what did the port do with an access, and which tenant made the access? The result serves the log, the
//! event bank and the report twin.
//!
//! ```text
//!   response --> PortVerdict --> outcome --+
//!                                          +--> PortWitness --> denial --> Audit, EventBank
//!   admitted access ----------> History ---+
//! ```

use super::{history::History, port_verdict::PortOutcome};
use crate::datapath::Access;
use pm_verilog::{block, bundle, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// Outcome of one access of a port, with the origin of that access. The fields from `reason` on have a meaning while `denied`
    /// is high.
    pub struct Denial<ADDRESS> {
        /// High when the port granted or allowed the access.
        pub passed: Bit,
        /// High when the port left the access to the standard MMU.
        pub not_mine: Bit,
        /// High when the port refused the access.
        pub denied: Bit,
        /// High when the outcome raises the critical alert.
        pub alarming: Bit,
        /// Code of the `Reason` of the refusal.
        pub reason: Bits<4>,
        /// Row that the refusal names.
        pub slot: Bits<8>,
        /// Tenant that asked.
        pub tenant: Bits<8>,
        /// Kind of the access: 0 read, 1 write, 2 execute.
        pub kind: Bits<2>,
        /// First byte of the access.
        pub address: Bits<ADDRESS>,
    }
}

block! {
    /// Joins the outcome of an access with its origin, for one port.
    pub struct PortWitness<ADDRESS, LENGTH> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no access is known.
        pub reset: Signal<In, Bit>,
        /// Access of the port, one edge after it was offered.
        pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Outcome of the access whose response is due in this cycle.
        pub outcome: Signal<In, PortOutcome>,
        /// Outcome and origin of that access.
        pub denial: Signal<Out, Denial<ADDRESS>>,
        history: History<ADDRESS, LENGTH> = History::new(geometry),
    }
}

kernel! {
    PortWitness<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) blocks(history) {
        self.history.admitted.next = self.admitted.val();
        self.denial.next.passed = self.outcome.val().passed;
        self.denial.next.not_mine = self.outcome.val().not_mine;
        self.denial.next.denied = self.outcome.val().denied;
        self.denial.next.alarming = self.outcome.val().alarming;
        self.denial.next.reason = self.outcome.val().reason;
        self.denial.next.slot = self.outcome.val().slot;
        self.denial.next.tenant = self.history.origin.val().tenant;
        self.denial.next.kind = self.history.origin.val().kind;
        self.denial.next.address = self.history.origin.val().address;
    }
}
