//! Extent: where does the access begin and end, seen from the window?
//!
//! ```text
//!             +-- in window? ------------------+
//!   admitted -+-- low bits + (length - 1) -----+--[edge]--> examined
//!             +-- tenant and length exist? ----+
//! ```
//!
//! The sum is taken over the window's low bits only: its carry says that the access leaves the window, and nothing wraps.

use super::admit::Access;
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// An access as the window sees it.
    pub struct Examined<ADDRESS, TENANT, PAGE> {
        /// High: an access is offered; the other fields are valid.
        pub valid: Bit,
        /// High: the tenant's number exists.
        pub known: Bit,
        /// High: the length is at least 1 and not too large.
        pub sized: Bit,
        /// High: the first byte lies in the window.
        pub in_window: Bit,
        /// High: the last byte lies beyond the window; valid with `in_window` and `sized`.
        pub leaves_window: Bit,
        /// Tenant that makes the access; valid with `known`.
        pub tenant: Bits<TENANT>,
        /// Page of the first byte.
        pub page: Bits<PAGE>,
        /// Page of the last byte.
        pub last_page: Bits<PAGE>,
        /// Kind of access: 0 read, 1 write, 2 execute.
        pub kind: Bits<2>,
        /// The first byte's place in its granule; the bits above are zero.
        pub offset: Bits<ADDRESS>,
    }
}

block! {
    /// Measures an access against the window.
    pub struct Extent<ADDRESS, LENGTH, TENANT, PAGE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the access is dropped.
        pub reset: Signal<In, Bit>,
        /// Access that is examined, in every cycle.
        pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// First byte of the window, a multiple of the window's size.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// Tenant of `admitted` for the lookup, in the same cycle.
        pub tenant: Signal<Out, Bits<TENANT>>,
        /// Page of the first byte of `admitted` for the lookup, in the same cycle.
        pub page: Signal<Out, Bits<PAGE>>,
        /// Findings about the access, one edge later.
        pub examined: Signal<Out, Examined<ADDRESS, TENANT, PAGE>>,
        address: Signal<Local, Bits<ADDRESS>>,
        length: Signal<Local, Bits<LENGTH>>,
        length_less_one: Signal<Local, Bits<LENGTH>>,
        first_byte: Signal<Local, Bits<ADDRESS>>,
        last_byte: Signal<Local, Bits<ADDRESS>>,
        outcome: Register<Examined<ADDRESS, TENANT, PAGE>> where guarded,
        granule_bits: Constant<Bits<6>> = Constant::new(geometry.granule_bits.to_bits()),
        window_bits: Constant<Bits<6>> = Constant::new((geometry.granule_bits + PAGE).to_bits()),
        granule_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.granule() - 1).to_bits()),
        window_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.window() - 1).to_bits()),
        tenants: Constant<Bits<8>> = Constant::new(geometry.tenants.to_bits()),
        max_length: Constant<Bits<LENGTH>> = Constant::new(geometry.max_length().to_bits()),
        /// High while `examined` has lost no bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Extent<ADDRESS, LENGTH, TENANT, PAGE>
    #[hdl_gen]
    fn update(&mut self) guarded(outcome) {
        self.address.next = self.admitted.val().address;
        self.length.next = self.admitted.val().length;
        self.tenant.next = bit_cast::<TENANT, 8>(self.admitted.val().tenant);
        self.page.next = self.address.val().get_bits::<PAGE>(self.granule_bits.val().index());

        self.length_less_one.next = self.length.val() - 1;
        self.first_byte.next = self.address.val() & self.window_mask.val();
        self.last_byte.next =
            self.first_byte.val() + bit_cast::<ADDRESS, LENGTH>(self.length_less_one.val());

        self.outcome.d.next.valid = self.admitted.val().valid;
        self.outcome.d.next.known = self.admitted.val().tenant < self.tenants.val();
        self.outcome.d.next.sized =
            (self.length.val() != 0) & (self.length.val() <= self.max_length.val());
        self.outcome.d.next.in_window =
            ((self.address.val() ^ self.window_base.val()) & !self.window_mask.val()) == 0;
        self.outcome.d.next.leaves_window = self.last_byte.val().get_bit(self.window_bits.val().index());
        self.outcome.d.next.tenant = self.tenant.val();
        self.outcome.d.next.page = self.page.val();
        self.outcome.d.next.last_page =
            self.last_byte.val().get_bits::<PAGE>(self.granule_bits.val().index());

        self.outcome.d.next.kind = self.admitted.val().kind;
        self.outcome.d.next.offset = self.address.val() & self.granule_mask.val();

        self.examined.next = self.outcome.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::Geometry;

    /// Expected result for an access of an existing tenant: where the access begins and ends, and whether it lies in the window.
    #[derive(Debug, PartialEq)]
    enum Seen {
        /// Page of the first byte, of the last byte, and the first byte's place in its granule.
        Inside(u64, u64, u64),
        /// The access begins in the window and ends beyond.
        Leaves,
        /// The access begins outside the window.
        Outside,
        BadLength,
    }

    fn examined(tenant: u64, address: u64, length: u64) -> Examined<5, 1, 1> {
        // Two tenants, granules of 4 bytes, a window of 8, accesses of up to 4.
        let mut extent = Extent::<5, 3, 1, 1>::new(&Geometry::preset("tiny").unwrap());
        extent.connect_all();
        extent.window_base.next = 8u64.into();
        extent.admitted.next =
            Access { valid: true, tenant: tenant.into(), address: address.into(), length: length.into(), kind: 1u64.into() };
        edge!(extent);
        extent.examined.val()
    }

    #[test]
    fn an_access_is_measured_against_the_window() {
        let check = |address: u64, length: u64, expected: Seen| {
            let seen = examined(1, address, length);
            assert!(seen.valid & seen.known, "{address} {length}");
            let said = match (seen.sized, seen.in_window, seen.leaves_window) {
                (false, ..) => Seen::BadLength,
                (true, false, _) => Seen::Outside,
                (true, true, true) => Seen::Leaves,
                (true, true, false) => {
                    let number = |bits: u128| u64::try_from(bits).unwrap();
                    Seen::Inside(number(seen.page.to_u128()), number(seen.last_page.to_u128()), number(seen.offset.to_u128()))
                }
            };
            assert_eq!(said, expected, "{address} {length}");
        };
        check(8, 1, Seen::Inside(0, 0, 0));
        check(8, 4, Seen::Inside(0, 0, 0));
        check(11, 1, Seen::Inside(0, 0, 3));
        check(11, 2, Seen::Inside(0, 1, 3));
        check(15, 1, Seen::Inside(1, 1, 3));
        check(15, 2, Seen::Leaves);
        check(13, 4, Seen::Leaves);
        check(7, 1, Seen::Outside);
        // The last byte lies in the window, the first does not.
        check(7, 4, Seen::Outside);
        check(16, 1, Seen::Outside);
        check(31, 4, Seen::Outside);
        check(8, 0, Seen::BadLength);
        check(8, 5, Seen::BadLength);
        check(8, 7, Seen::BadLength);
    }

    #[test]
    fn a_tenant_that_does_not_exist_is_not_known() {
        let check = |tenant: u64, known: bool| assert_eq!(examined(tenant, 8, 1).known, known, "{tenant}");
        check(0, true);
        check(1, true);
        check(2, false);
        check(3, false);
        check(128, false);
        check(255, false);
    }
}
