//! An event counter: how many accesses of both ports ended alike?
//!
//! ```text
//!   first, second --[edge]--> increment --[edge]--> count
//! ```

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Adds up two events a cycle. An event is in `count` two edges later.
    pub struct EventCounter {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the count is zero.
        pub reset: Signal<In, Bit>,
        /// High: one event of the first port.
        pub first: Signal<In, Bit>,
        /// High: one event of the second port.
        pub second: Signal<In, Bit>,
        /// Number of events since reset, wrapping.
        pub count: Signal<Out, Bits<32>>,
        increment: Register<Bits<2>>,
        total: Register<Bits<32>>,
    }
}

kernel! {
    EventCounter
    #[hdl_gen]
    fn update(&mut self) registers(increment, total) {
        self.increment.d.next =
            bit_cast::<2, 1>(self.first.val().into()) + bit_cast::<2, 1>(self.second.val().into());
        self.total.d.next = self.total.q.val() + bit_cast::<32, 2>(self.increment.q.val());
        self.count.next = self.total.q.val();
    }
}
