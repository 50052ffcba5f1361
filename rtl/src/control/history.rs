//! The history: whose response is this? Tenant, address and kind of an access travel beside the data path, for the log.
//!
//! ```text
//!   admitted --[edge]--[edge]--[edge]--> origin    arrives with the response
//! ```
//!
//! Without `integrity` the history is in registers. With `integrity` the history is in block RAM, where it takes no logic cells:
//! written at one place in each cycle and read at the place of two cycles before.

use crate::datapath::Access;
use pm_verilog::{
    block, bundle,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

bundle! {
    /// Facts about an access for the log.
    pub struct Origin<ADDRESS> {
        /// Tenant that made the access.
        pub tenant: Bits<8>,
        /// First byte of the access.
        pub address: Bits<ADDRESS>,
        /// Read, write or execute.
        pub kind: Bits<2>,
    }
}

block! {
    /// Delays an access by the three edges between its admission and its response.
    pub struct History<ADDRESS, LENGTH> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the accesses under way are forgotten.
        pub reset: Signal<In, Bit>,
        /// Access that was offered one edge before.
        pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Origin of the access whose response is due now; no meaning when no response is due.
        pub origin: Signal<Out, Origin<ADDRESS>>,
        admitted_origin: Signal<Local, Origin<ADDRESS>>,
        second: Register<Origin<ADDRESS>> where unguarded,
        third: Register<Origin<ADDRESS>> where unguarded,
        fourth: Register<Origin<ADDRESS>> where unguarded,
        // The word that is read was written two cycles before.
        memory: BlockRam<Origin<ADDRESS>, 2> where integrity = BlockRam::without_collisions(),
        place: Register<Bits<2>> where integrity,
    }
}

kernel! {
    History<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) {
        self.admitted_origin.next.tenant = self.admitted.val().tenant;
        self.admitted_origin.next.address = self.admitted.val().address;
        self.admitted_origin.next.kind = self.admitted.val().kind;
        self.origin.next = self.admitted_origin.val();
    }
    when(fourth) blocks(second, third, fourth) {
        self.second[0].d.next = self.admitted_origin.val();
        self.third[0].d.next = self.second[0].q.val();
        self.fourth[0].d.next = self.third[0].q.val();
        self.origin.next = self.fourth[0].q.val();
    }
    when(memory) clocked(memory) blocks(place) {
        self.place[0].d.next = self.place[0].q.val() + 1;
        self.memory[0].write_enable.next = true;
        self.memory[0].write_address.next = self.place[0].q.val();
        self.memory[0].write_data.next = self.admitted_origin.val();
        self.memory[0].read_address.next = self.place[0].q.val() ^ 2;
        self.origin.next = self.memory[0].read_data.val();
    }
}
