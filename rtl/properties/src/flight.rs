//! Flight: the request of the access whose response is due.
//!
//! ```text
//!   request --[edge]--[edge]--[edge]--[edge]--> arrived
//! ```

use pm_rtl::datapath::Access;
use pm_rtl::ports::AccessRequest;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Four registers.
    pub struct Flight<ADDRESS, LENGTH> {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no access is on its way.
        pub reset: Signal<In, Bit>,
        /// Requests of the watched port.
        pub request: AccessRequest<ADDRESS, LENGTH>,
        /// Access whose response is due in this cycle.
        pub arrived: Signal<Out, Access<ADDRESS, LENGTH>>,
        first: Register<Access<ADDRESS, LENGTH>>,
        second: Register<Access<ADDRESS, LENGTH>>,
        third: Register<Access<ADDRESS, LENGTH>>,
        fourth: Register<Access<ADDRESS, LENGTH>>,
    }
}

kernel! {
    Flight<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) registers(first, second, third, fourth) {
        self.first.d.next.valid = self.request.valid.val();
        self.first.d.next.tenant = self.request.tenant.val();
        self.first.d.next.address = self.request.address.val();
        self.first.d.next.length = self.request.length.val();
        self.first.d.next.kind = self.request.kind.val();
        self.second.d.next = self.first.q.val();
        self.third.d.next = self.second.q.val();
        self.fourth.d.next = self.third.q.val();
        self.arrived.next = self.fourth.q.val();
    }
}
