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
use pm_interface::Geometry;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// An access as the window sees it.
    pub struct Examined<ADDRESS, TENANT, PAGE> {
        /// There is one.
        pub valid: Bit,
        /// The tenant's number exists.
        pub known: Bit,
        /// The length is at least 1 and not too large.
        pub sized: Bit,
        /// The first byte lies in the window.
        pub in_window: Bit,
        /// The last byte lies beyond the window.
        pub leaves_window: Bit,
        /// Who asks.
        pub tenant: Bits<TENANT>,
        /// Page of the first byte.
        pub page: Bits<PAGE>,
        /// Page of the last byte.
        pub last_page: Bits<PAGE>,
        /// Read, write or execute.
        pub kind: Bits<2>,
        /// The first byte's place in its granule; the bits above are zero.
        pub offset: Bits<ADDRESS>,
    }
}

/// Measures an access against the window.
#[derive(Clone, Debug, LogicBlock)]
pub struct Extent<const ADDRESS: usize, const LENGTH: usize, const TENANT: usize, const PAGE: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: forgets the access.
    pub reset: Signal<In, Bit>,
    /// The access.
    pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
    /// First byte of the window, a multiple of the window's size.
    pub window_base: Signal<In, Bits<ADDRESS>>,
    /// The tenant, at once, for the lookup.
    pub tenant: Signal<Out, Bits<TENANT>>,
    /// Page of the first byte, at once, for the lookup.
    pub page: Signal<Out, Bits<PAGE>>,
    /// The verdicts, one edge later.
    pub examined: Signal<Out, Examined<ADDRESS, TENANT, PAGE>>,
    /// With `integrity`: `examined` is what was found.
    pub intact: Vec<Signal<Out, Bit>>,
    address: Signal<Local, Bits<ADDRESS>>,
    length: Signal<Local, Bits<LENGTH>>,
    length_less_one: Signal<Local, Bits<LENGTH>>,
    first_byte: Signal<Local, Bits<ADDRESS>>,
    last_byte: Signal<Local, Bits<ADDRESS>>,
    outcome: Register<Examined<ADDRESS, TENANT, PAGE>>,
    granule_bits: Constant<Bits<6>>,
    window_bits: Constant<Bits<6>>,
    granule_mask: Constant<Bits<ADDRESS>>,
    window_mask: Constant<Bits<ADDRESS>>,
    tenants: Constant<Bits<8>>,
    max_length: Constant<Bits<LENGTH>>,
    _guards: usize,
}

impl<const ADDRESS: usize, const LENGTH: usize, const TENANT: usize, const PAGE: usize> Extent<ADDRESS, LENGTH, TENANT, PAGE> {
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            admitted: Default::default(),
            window_base: Default::default(),
            tenant: Default::default(),
            page: Default::default(),
            examined: Default::default(),
            intact: vec![Default::default(); guards],
            address: Default::default(),
            length: Default::default(),
            length_less_one: Default::default(),
            first_byte: Default::default(),
            last_byte: Default::default(),
            outcome: Register::guarded(guards),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
            window_bits: Constant::new((geometry.granule_bits + PAGE).to_bits()),
            granule_mask: Constant::new((geometry.granule() - 1).to_bits()),
            window_mask: Constant::new((geometry.window() - 1).to_bits()),
            tenants: Constant::new(geometry.tenants.to_bits()),
            max_length: Constant::new(geometry.max_length().to_bits()),
            _guards: guards,
        }
    }
}

impl<const ADDRESS: usize, const LENGTH: usize, const TENANT: usize, const PAGE: usize> Logic
    for Extent<ADDRESS, LENGTH, TENANT, PAGE>
{
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(outcome) {
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
            for i in 0..self._guards {
                self.intact[i].next = self.outcome.intact[i].val();
            }
        }
    }
}
