//! The denial slot of a port: which denial waits for the log?
//!
//! ```text
//!   denial --[edge, while empty]--> held --taken--> empty again
//!      '--(occupied)--> dropped: LossTally counts it
//! ```

use super::{audit_entry::AuditEntry, port_witness::Denial};
use pm_interface::Event;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Holds one denial until the writer takes it; a second one meanwhile is dropped. `told` is the event of the record.
    pub struct DenialSlot<ADDRESS> for geometry, told: Event {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no denial waits.
        pub reset: Signal<In, Bit>,
        /// Outcome of the port in this cycle.
        pub denial: Signal<In, Denial<ADDRESS>>,
        /// High: the writer copies `held` in this cycle.
        pub taken: Signal<In, Bit>,
        /// High while a denial waits in `held`.
        pub waiting: Signal<Out, Bit>,
        /// Record of the denial that waits.
        pub held: Signal<Out, AuditEntry<ADDRESS>>,
        /// High: the denial of this cycle finds no place.
        pub dropped: Signal<Out, Bit>,
        denied: Signal<Local, Bit>,
        occupied: Register<Bit>,
        entry: Register<AuditEntry<ADDRESS>>,
        event: Constant<Bits<4>> = Constant::new(told.code().to_bits()),
    }
}

kernel! {
    DenialSlot<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(occupied, entry) {
        self.denied.next = self.denial.val().denied;
        if self.taken.val() {
            self.occupied.d.next = false;
        }
        // While no denial is held, the slot loads every access that passes: only `occupied` waits for a denial.
        if !self.occupied.q.val() {
            self.entry.d.next.event = self.event.val();
            self.entry.d.next.tenant = self.denial.val().tenant;
            self.entry.d.next.slot = self.denial.val().slot;
            self.entry.d.next.kind = bit_cast::<4, 2>(self.denial.val().kind);
            self.entry.d.next.reason = self.denial.val().reason;
            self.entry.d.next.address = self.denial.val().address;
            self.occupied.d.next = self.denied.val();
        }
        self.dropped.next = self.denied.val() & self.occupied.q.val();
        self.waiting.next = self.occupied.q.val();
        self.held.next = self.entry.q.val();
    }
}
