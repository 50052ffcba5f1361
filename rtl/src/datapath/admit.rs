//! Admit: who asks, and for what? The first register of both ports.
//!
//! ```text
//!   request --[edge]--> admitted
//! ```
//!
//! The tenant comes from the port's sideband number only. A number that does not exist stays unchanged, so that no later block
//! can mistake the number for another tenant.

use crate::ports::AccessRequest;
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// An access as it was offered.
    pub struct Access<ADDRESS, LENGTH> {
        /// High: an access was offered; the other fields are valid.
        pub valid: Bit,
        /// Tenant that makes the access.
        pub tenant: Bits<8>,
        /// Address of the first byte.
        pub address: Bits<ADDRESS>,
        /// Number of bytes.
        pub length: Bits<LENGTH>,
        /// Kind of access: 0 read, 1 write, 2 execute.
        pub kind: Bits<2>,
    }
}

block! {
    /// Registers a request.
    pub struct Admit<ADDRESS, LENGTH> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the access is dropped.
        pub reset: Signal<In, Bit>,
        /// Request port: one access a cycle.
        pub request: AccessRequest<ADDRESS, LENGTH>,
        /// Access of the request port, one edge later.
        pub admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
        access: Register<Access<ADDRESS, LENGTH>> where guarded,
        /// High while `admitted` has lost no bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Admit<ADDRESS, LENGTH>
    #[hdl_gen]
    fn update(&mut self) guarded(access) {
        self.access.d.next.valid = self.request.valid.val();
        self.access.d.next.tenant = self.request.tenant.val();
        self.access.d.next.address = self.request.address.val();
        self.access.d.next.length = self.request.length.val();
        self.access.d.next.kind = self.request.kind.val();
        self.admitted.next = self.access.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::Geometry;

    #[test]
    fn the_tenant_is_the_ports_number_and_nothing_else() {
        let check = |valid: bool, tenant: u64, kind: u64| {
            let mut admit = Admit::<5, 3>::new(&Geometry::preset("tiny").unwrap());
            admit.connect_all();
            admit.request.valid.next = valid;
            admit.request.tenant.next = tenant.into();
            admit.request.address.next = 0x15u64.into();
            admit.request.length.next = 2u64.into();
            admit.request.kind.next = kind.into();
            edge!(admit);
            let expected =
                Access { valid, tenant: tenant.into(), address: 0x15u64.into(), length: 2u64.into(), kind: kind.into() };
            assert_eq!(admit.admitted.val(), expected);
        };
        check(true, 0, 0);
        check(true, 1, 2);
        // Numbers that do not exist stay as they came: 2 is not tenant 0.
        check(true, 2, 3);
        check(true, 255, 1);
        check(false, 1, 0);
    }

    #[test]
    fn nothing_is_admitted_before_an_edge_nor_after_a_reset() {
        let mut admit = Admit::<5, 3>::new(&Geometry::preset("tiny").unwrap());
        admit.connect_all();
        admit.request.valid.next = true;
        crate::bench::settle(&mut admit);
        assert_eq!(admit.admitted.val(), Access::default());
        edge!(admit);
        admit.reset.next = true;
        edge!(admit);
        assert_eq!(admit.admitted.val(), Access::default());
    }
}
