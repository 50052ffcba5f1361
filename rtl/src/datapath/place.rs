//! Place: which granules of the pool's frame does a physical access touch?
//!
//! ```text
//!   admitted --> frame of the first byte = the pool's?  -----------+
//!           \                          = the one before, carry? ---+--[edge]--> placed: inside, first, last
//!            +-- low bits + (length - 1) --------------------------+
//! ```
//!
//! The pool lies in one naturally aligned frame, no smaller than the longest access. So a range touches the frame when the first
//! byte of the range lies in the frame, or when the first byte lies in the frame before and the sum of offset and length carries.
//! The part outside the frame is clamped to the frame's ends; the comparators then need the frame's bits only.

use super::admit::Access;
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// A physical access as the frame sees it.
    pub struct Placed<BLOCK> {
        /// High: an access is offered; the other fields are valid.
        pub valid: Bit,
        /// High: the tenant exists.
        pub known: Bit,
        /// High: an access is offered, and its tenant exists.
        pub asked: Bit,
        /// High: the length is right and the last byte lies in the address space.
        pub sized: Bit,
        /// High: at least one byte lies in the frame.
        pub inside: Bit,
        /// First granule of the access in the frame; valid with `inside`.
        pub first: Bits<BLOCK>,
        /// Last granule of the access in the frame; valid with `inside`.
        pub last: Bits<BLOCK>,
    }
}

block! {
    /// Measures a physical access against the pool's frame.
    pub struct Place<ADDRESS, LENGTH, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the access is dropped.
        pub reset: Signal<In, Bit>,
        /// First byte of the pool's frame, a multiple of the frame's size, set at least one cycle before the gate opens.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Access that is measured, in every cycle.
        pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Findings about the physical place of the access, one edge later.
        pub placed: Signal<Out, Placed<BLOCK>>,
        frame_before: Register<Bits<ADDRESS>> where guarded,
        outcome: Register<Placed<BLOCK>> where guarded,
        address: Signal<Local, Bits<ADDRESS>>,
        length: Signal<Local, Bits<LENGTH>>,
        length_less_one: Signal<Local, Bits<LENGTH>>,
        first_byte: Signal<Local, Bits<ADDRESS>>,
        last_byte: Signal<Local, Bits<ADDRESS>>,
        carries: Signal<Local, Bit>,
        frame: Signal<Local, Bits<ADDRESS>>,
        keep_first: Signal<Local, Bits<BLOCK>>,
        fill_last: Signal<Local, Bits<BLOCK>>,
        pool_frame: Signal<Local, Bits<ADDRESS>>,
        starts_in_frame: Signal<Local, Bit>,
        starts_before_frame: Signal<Local, Bit>,
        granule_bits: Constant<Bits<6>> = Constant::new(geometry.granule_bits.to_bits()),
        frame_bits: Constant<Bits<6>> = Constant::new((geometry.granule_bits + BLOCK).to_bits()),
        frame_mask: Constant<Bits<ADDRESS>> = Constant::new((geometry.frame() - 1).to_bits()),
        frame_size: Constant<Bits<ADDRESS>> = Constant::new(geometry.frame().to_bits()),
        tenants: Constant<Bits<8>> = Constant::new(geometry.tenants.to_bits()),
        max_length: Constant<Bits<LENGTH>> = Constant::new(geometry.max_length().to_bits()),
        /// High while the frame before the pool's has lost no bit, in the cycle of `admitted`.
        pub frame_intact: Signal<Out, Bit> where integrity,
        /// High while `placed` has lost no bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Place<ADDRESS, LENGTH, BLOCK>
    #[hdl_gen]
    fn update(&mut self) registers(frame_before) guarded(outcome) {
        self.address.next = self.admitted.val().address;
        self.length.next = self.admitted.val().length;
        self.length_less_one.next = self.length.val() - 1;
        self.first_byte.next = self.address.val() & self.frame_mask.val();
        self.last_byte.next = self.first_byte.val() + bit_cast::<ADDRESS, LENGTH>(self.length_less_one.val());
        self.carries.next = self.last_byte.val().get_bit(self.frame_bits.val().index());
        self.frame.next = self.address.val() & !self.frame_mask.val();
        self.pool_frame.next = self.frame_base.val() & !self.frame_mask.val();
        self.frame_before.d.next = self.pool_frame.val() - self.frame_size.val();
        self.starts_in_frame.next = self.frame.val() == self.pool_frame.val();
        self.starts_before_frame.next = self.frame.val() == self.frame_before.q.val();

        self.outcome.d.next.valid = self.admitted.val().valid;
        self.outcome.d.next.known = self.admitted.val().tenant < self.tenants.val();
        self.outcome.d.next.asked = self.admitted.val().valid & (self.admitted.val().tenant < self.tenants.val());
        self.outcome.d.next.sized = (self.length.val() != 0)
            & (self.length.val() <= self.max_length.val())
            & !((self.frame.val() == !self.frame_mask.val()) & self.carries.val());
        self.outcome.d.next.inside = self.starts_in_frame.val() | (self.starts_before_frame.val() & self.carries.val());
        // Masks and no choices: synthesis would turn a choice of zero into a slow synchronous clear.
        self.keep_first.next = 0.into();
        self.fill_last.next = 0.into();
        if self.starts_in_frame.val() {
            self.keep_first.next = !bits::<BLOCK>(0);
            if self.carries.val() {
                self.fill_last.next = !bits::<BLOCK>(0);
            }
        }
        self.outcome.d.next.first =
            self.first_byte.val().get_bits::<BLOCK>(self.granule_bits.val().index()) & self.keep_first.val();
        self.outcome.d.next.last =
            self.last_byte.val().get_bits::<BLOCK>(self.granule_bits.val().index()) | self.fill_last.val();
        self.placed.next = self.outcome.q.val();
    }
    when(frame_intact) {
        self.frame_intact[0].next = self.frame_before.intact[0].val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::Geometry;

    /// Expected place of an access of an existing tenant.
    #[derive(Debug, PartialEq)]
    enum Lies {
        /// First and last granule.
        Inside(u128, u128),
        Outside,
        BadLength,
    }

    fn placed(frame: u64, tenant: u64, address: u64, length: u64) -> Placed<2> {
        // A frame of four granules of 4 bytes in an address space of 32 bytes; accesses of up to 4.
        let mut place = Place::<5, 3, 2>::new(&Geometry::preset("tiny").unwrap());
        place.connect_all();
        place.frame_base.next = frame.into();
        edge!(place);
        place.admitted.next =
            Access { valid: true, tenant: tenant.into(), address: address.into(), length: length.into(), kind: 0u64.into() };
        edge!(place);
        place.placed.val()
    }

    #[test]
    fn an_access_is_measured_against_the_frame() {
        let check = |frame: u64, address: u64, length: u64, expected: Lies| {
            let found = placed(frame, 1, address, length);
            assert!(found.valid & found.known & found.asked, "{address} {length}");
            let lies = match (found.sized, found.inside) {
                (false, _) => Lies::BadLength,
                (true, true) => Lies::Inside(found.first.to_u128(), found.last.to_u128()),
                (true, false) => Lies::Outside,
            };
            assert_eq!(lies, expected, "frame {frame}: {address} {length}");
        };
        check(16, 16, 1, Lies::Inside(0, 0));
        check(16, 19, 2, Lies::Inside(0, 1));
        check(16, 28, 4, Lies::Inside(3, 3));
        check(16, 15, 1, Lies::Outside);
        // The first byte lies in the frame before, the last in the pool's.
        check(16, 15, 2, Lies::Inside(0, 0));
        check(16, 13, 4, Lies::Inside(0, 0));
        check(16, 0, 4, Lies::Outside);
        // The last byte lies beyond the pool's frame.
        check(0, 15, 1, Lies::Inside(3, 3));
        check(0, 15, 2, Lies::Inside(3, 3));
        check(0, 10, 4, Lies::Inside(2, 3));
        check(0, 16, 1, Lies::Outside);
        // The last byte lies beyond the address space, or the length is not one.
        check(16, 31, 1, Lies::Inside(3, 3));
        check(16, 31, 2, Lies::BadLength);
        check(0, 31, 2, Lies::BadLength);
        check(16, 16, 0, Lies::BadLength);
        check(16, 16, 5, Lies::BadLength);
    }

    #[test]
    fn a_tenant_that_does_not_exist_asks_nothing() {
        let check = |tenant: u64, known: bool| {
            let found = placed(16, tenant, 16, 1);
            assert_eq!((found.valid, found.known, found.asked), (true, known, known), "{tenant}");
        };
        check(0, true);
        check(1, true);
        check(2, false);
        check(255, false);
    }
}
