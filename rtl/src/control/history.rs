//! The history: whose response is this? What the log tells of an access, carried beside the data path.
//!
//! ```text
//!   admitted --[edge]--[edge]--[edge]--> origin    arrives with the response
//! ```

use crate::datapath::Access;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// What the log tells of an access.
    pub struct Origin<ADDRESS> {
        /// Who asked.
        pub tenant: Bits<8>,
        /// First byte.
        pub address: Bits<ADDRESS>,
        /// Read, write or execute.
        pub kind: Bits<2>,
    }
}

/// Delays an access by the three edges between its admission and its response.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct History<const ADDRESS: usize, const LENGTH: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// The access, one edge after it was offered.
    pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
    /// The access whose response is due now.
    pub origin: Signal<Out, Origin<ADDRESS>>,
    second: Register<Origin<ADDRESS>>,
    third: Register<Origin<ADDRESS>>,
    fourth: Register<Origin<ADDRESS>>,
}

impl<const ADDRESS: usize, const LENGTH: usize> Logic for History<ADDRESS, LENGTH> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(second, third, fourth) {
            self.second.d.next.tenant = self.admitted.val().tenant;
            self.second.d.next.address = self.admitted.val().address;
            self.second.d.next.kind = self.admitted.val().kind;
            self.third.d.next = self.second.q.val();
            self.fourth.d.next = self.third.q.val();
            self.origin.next = self.fourth.q.val();
        }
    }
}
