//! Quotas: does the tenant own too much already? Counted over the table itself, with no count that could be corrupted.
//!
//! ```text
//!   the allocator's walk --> row --[edge]--> the tenant's? --> granules, slots --[edge]--> more than the limits? --> exceeded
//!   manifest's words ------> the tenant's quota ------------------------------------------'
//! ```
//!
//! With the feature `boot`: quotas come from the manifest alone, and are read where it is kept.
//!
//! Latency: `exceeded` holds three edges after the last row was seen, two before the walk ends. It must never be low at the
//! end of a walk over more than the quota, once `limited`.

use crate::store::Row;
use pm_interface::{manifest::HEADER_WORDS, Geometry};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Adds up what a tenant owns and asks for, and compares it with its quota.
#[derive(Clone, Debug, LogicBlock)]
pub struct QuotaGate<const TENANT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// There are quotas.
    pub limited: Signal<In, Bit>,
    /// A walk begins; what it is for holds from the next cycle on.
    pub start: Signal<In, Bit>,
    /// Who asks.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// Granules asked for, less one.
    pub span: Signal<In, Bits<PAGE>>,
    /// No slot is asked for.
    pub grows: Signal<In, Bit>,
    /// A row of the walk is there.
    pub sees: Signal<In, Bit>,
    /// It.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// It is valid.
    pub live: Signal<In, Bit>,
    /// The manifest's word with the tenant's quota.
    pub address: Signal<Out, Bits<8>>,
    /// It, one edge later.
    pub word: Signal<In, Bits<32>>,
    /// It would be too much.
    pub exceeded: Signal<Out, Bit>,
    begun: Register<Bit>,
    counted: Register<Bit>,
    size: Register<Bits<PAGE>>,
    granules: Register<Bits<16>>,
    slots: Register<Bits<8>>,
    unlimited: Register<Bit>,
    many_granules: Register<Bit>,
    many_slots: Register<Bit>,
    too_much: Register<Bit>,
    first_word: Constant<Bits<8>>,
    most_granules: Constant<Bits<16>>,
    most_slots: Constant<Bits<8>>,
    /// With `integrity`: what was counted is what is compared.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const TENANT: usize, const PAGE: usize, const BLOCK: usize> QuotaGate<TENANT, PAGE, BLOCK> {
    /// For the counts of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        // All that a tenant owns and as much again must fit the sum.
        const { assert!(PAGE + 2 <= 16) };
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            limited: Default::default(),
            start: Default::default(),
            tenant: Default::default(),
            span: Default::default(),
            grows: Default::default(),
            sees: Default::default(),
            row: Default::default(),
            live: Default::default(),
            address: Default::default(),
            word: Default::default(),
            exceeded: Default::default(),
            begun: Default::default(),
            counted: Default::default(),
            size: Default::default(),
            granules: Register::guarded(guards),
            slots: Register::guarded(guards),
            unlimited: Register::guarded(guards),
            many_granules: Register::guarded(guards),
            many_slots: Register::guarded(guards),
            too_much: Register::guarded(guards),
            first_word: Constant::new(HEADER_WORDS.to_bits()),
            // Sums have no more bits than they need.
            most_granules: Constant::new(((1u64 << (PAGE + 2)) - 1).to_bits()),
            most_slots: Constant::new(((2 * geometry.slots).next_power_of_two() - 1).to_bits()),
            intact: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const TENANT: usize, const PAGE: usize, const BLOCK: usize> Logic for QuotaGate<TENANT, PAGE, BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(begun, counted, size, granules, slots, unlimited, many_granules, many_slots, too_much) {
            self.begun.d.next = self.start.val();
            self.counted.d.next = self.sees.val() & self.live.val() & (self.row.val().tenant == self.tenant.val());
            self.size.d.next = self.row.val().last_page - self.row.val().first_page;
            if self.begun.q.val() {
                self.granules.d.next = bit_cast::<16, PAGE>(self.span.val()) + 1;
                self.slots.d.next = bit_cast::<8, 1>((!self.grows.val()).into());
            } else if self.counted.q.val() {
                self.granules.d.next =
                    (self.granules.q.val() + bit_cast::<16, PAGE>(self.size.q.val()) + 1) & self.most_granules.val();
                self.slots.d.next = (self.slots.q.val() + 1) & self.most_slots.val();
            }

            // Granules in bits 23:0, slots in bits 31:24; all ones, no limit, is more than there ever is.
            self.address.next = self.first_word.val() + bit_cast::<8, TENANT>(self.tenant.val());
            // SEC_CM: QUOTA.LIMIT
            self.unlimited.d.next = self.word.val().get_bits::<8>(16) != 0;
            self.many_granules.d.next = self.granules.q.val() > self.word.val().get_bits::<16>(0);
            self.many_slots.d.next = self.slots.q.val() > self.word.val().get_bits::<8>(24);
            self.too_much.d.next = self.limited.val()
                & ((self.many_granules.q.val() & !self.unlimited.q.val()) | self.many_slots.q.val());
            self.exceeded.next = self.too_much.q.val();
            for i in 0..self._guards {
                self.intact[i].next = self.granules.intact[i].val()
                    & self.slots.intact[i].val()
                    & self.unlimited.intact[i].val()
                    & self.many_granules.intact[i].val()
                    & self.many_slots.intact[i].val()
                    & self.too_much.intact[i].val();
            }
        }
    }
}
