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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};
    use pm_interface::Geometry;

    /// A denial of a tenant, or an access of it that passes.
    fn outcome(tenant: u64, denied: bool) -> Denial<5> {
        Denial { denied, passed: !denied, tenant: tenant.to_bits(), address: tenant.to_bits(), ..Denial::default() }
    }

    #[test]
    fn one_denial_waits_until_it_is_taken_and_others_are_dropped() {
        let mut slot = DenialSlot::<5>::new(&Geometry::preset("tiny").unwrap(), Event::TranslateDenied);
        slot.connect_all();
        settle(&mut slot);
        // Stimulus: tenant, denied, taken. Expected in that cycle: dropped; after it: the tenant that waits.
        let mut check = |(tenant, denied, taken): (u64, bool, bool), dropped: bool, waits: Option<u64>| {
            slot.denial.next = outcome(tenant, denied);
            slot.taken.next = taken;
            settle(&mut slot);
            assert_eq!(slot.dropped.val(), dropped, "tenant {tenant}, denied {denied}, taken {taken}");
            edge!(slot);
            assert_eq!(slot.waiting.val(), waits.is_some(), "tenant {tenant}, denied {denied}, taken {taken}");
            let held = slot.held.val();
            if let Some(waits) = waits {
                let expected = (waits, waits, u64::from(Event::TranslateDenied.code()));
                assert_eq!((held.tenant.to_u64(), held.address.to_u64(), held.event.to_u64()), expected);
            }
        };
        check((1, false, false), false, None);
        check((2, true, false), false, Some(2));
        check((3, false, false), false, Some(2));
        check((4, true, false), true, Some(2));
        // The slot is empty one cycle after it was taken: a denial of the same cycle is lost.
        check((5, true, true), true, None);
        check((6, true, false), false, Some(6));
        check((7, false, true), false, None);
    }
}
