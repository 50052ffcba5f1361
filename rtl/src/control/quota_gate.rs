//! Quotas: does the tenant own too much already? Each walk counts the table itself, so no stored count can be corrupted.
//!
//! ```text
//!   the allocator's walk --> row --[edge]--> the tenant's? --> granules, slots --[edge]--> more than the limits? --> exceeded
//!   manifest's words ------> the tenant's quota ------------------------------------------'
//! ```
//!
//! With the feature `boot`: quotas come from the manifest alone, and are read from the manifest buffer.
//!
//! Latency: `exceeded` holds three edges after the last row was seen, two before the walk ends. `exceeded` must never be low at
//! the end of a walk over more than the quota, once `limited`.

use crate::store::Row;
use pm_interface::manifest::HEADER_WORDS;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// The largest sum of granules, with no more bits than it needs.
const fn most_granules(page_bits: usize) -> u64 {
    // All that a tenant owns and as much again must fit the sum.
    assert!(page_bits + 2 <= 24);
    (1 << (page_bits + 2)) - 1
}

block! {
    /// Adds up what a tenant owns and asks for, and compares it with its quota.
    pub struct QuotaGate<TENANT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: every sum is zero.
        pub reset: Signal<In, Bit>,
        /// High: the manifest has quotas.
        pub limited: Signal<In, Bit>,
        /// Begins a walk; `tenant`, `span` and `grows` hold from the next cycle on.
        pub start: Signal<In, Bit>,
        /// Tenant that asks for granules.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// Granules asked for, less one.
        pub span: Signal<In, Bits<PAGE>>,
        /// High: a row grows, and no slot is asked for.
        pub grows: Signal<In, Bit>,
        /// High: `row` is a row of the walk.
        pub sees: Signal<In, Bit>,
        /// Row of the walk; valid with `sees`.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// High: accesses may be granted through that row; valid with `sees`.
        pub live: Signal<In, Bit>,
        /// Place of the tenant's quota among the manifest's words.
        pub address: Signal<Out, Bits<8>>,
        /// Word at that place, one edge later.
        pub word: Signal<In, Bits<32>>,
        /// High: the tenant would own more than its quota.
        pub exceeded: Signal<Out, Bit>,
        begun: Register<Bit>,
        counted: Register<Bit>,
        size: Register<Bits<PAGE>>,
        granules: Register<Bits<24>> where guarded,
        slots: Register<Bits<9>> where guarded,
        many_granules: Register<Bit> where guarded,
        many_slots: Register<Bit> where guarded,
        too_much: Register<Bit> where guarded,
        first_word: Constant<Bits<8>> = Constant::new(HEADER_WORDS.to_bits()),
        most_granules: Constant<Bits<24>> = Constant::new(most_granules(PAGE).to_bits()),
        most_slots: Constant<Bits<9>> = Constant::new(((2 * geometry.slots).next_power_of_two() - 1).to_bits()),
        /// High while no sum and no comparison of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    QuotaGate<TENANT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) registers(begun, counted, size)
        guarded(granules, slots, many_granules, many_slots, too_much)
    {
        self.begun.d.next = self.start.val();
        self.counted.d.next = self.sees.val() & self.live.val() & (self.row.val().tenant == self.tenant.val());
        self.size.d.next = self.row.val().last_page - self.row.val().first_page;
        if self.begun.q.val() {
            self.granules.d.next = bit_cast::<24, PAGE>(self.span.val()) + 1;
            self.slots.d.next = bit_cast::<9, 1>((!self.grows.val()).into());
        } else if self.counted.q.val() {
            self.granules.d.next =
                (self.granules.q.val() + bit_cast::<24, PAGE>(self.size.q.val()) + 1) & self.most_granules.val();
            self.slots.d.next = (self.slots.q.val() + 1) & self.most_slots.val();
        }

        // Granules in bits 23:0, slots in bits 31:24. All ones is no limit: more granules than there ever are, but not more slots.
        self.address.next = self.first_word.val() + bit_cast::<8, TENANT>(self.tenant.val());
        // SEC_CM: QUOTA.LIMIT
        self.many_granules.d.next = self.granules.q.val() > self.word.val().get_bits::<24>(0);
        self.many_slots.d.next = (self.slots.q.val() > bit_cast::<9, 8>(self.word.val().get_bits::<8>(24)))
            & !self.word.val().get_bits::<8>(24).all();
        self.too_much.d.next = self.limited.val()
            & (self.many_granules.q.val() | self.many_slots.q.val());
        self.exceeded.next = self.too_much.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    type Small = QuotaGate<1, 4, 4>;

    /// True when a walk over these rows (tenant, granules, live), with the wish of tenant 1, exceeds a quota.
    #[track_caller]
    fn check(stimulus: fn(&mut Small), asked: u64, rows: &[(u64, u64, bool)], quota: u64, expected: bool) {
        let mut gate = Small::new(&Geometry::preset("tiny+boot").unwrap());
        gate.connect_all();
        gate.limited.next = true;
        gate.tenant.next = 1.into();
        gate.span.next = (asked - 1).into();
        gate.word.next = quota.into();
        gate.start.next = true;
        stimulus(&mut gate);
        tick!(gate);
        gate.start.next = false;
        tick!(gate);
        for (tenant, granules, live) in rows {
            gate.sees.next = true;
            gate.row.next =
                Row { tenant: (*tenant).into(), first_page: 1.into(), last_page: (*granules).into(), ..Row::default() };
            gate.live.next = *live;
            tick!(gate);
        }
        gate.sees.next = false;
        for _ in 0..4 {
            tick!(gate);
        }
        assert_eq!(gate.exceeded.val(), expected, "{asked} granules beside {rows:?} of a quota of {quota:#x}");
        assert_eq!(gate.address.val().to_u64(), HEADER_WORDS as u64 + 1);
    }

    #[test]
    fn which_walk_exceeds_a_quota() {
        let fine = |_: &mut Small| {};
        let rows = [(1, 3, true), (0, 7, true), (1, 5, false), (1, 2, true)];
        // Tenant 1 owns five granules in two slots; what is another tenant's or not valid does not count.
        check(fine, 1, &rows, 3 << 24 | 6, false);
        check(fine, 1, &rows, 3 << 24 | 5, true);
        check(fine, 2, &rows, 3 << 24 | 6, true);
        check(fine, 4, &rows, 3 << 24 | 9, false);
        check(fine, 1, &rows, 2 << 24 | 100, true);
        check(fine, 1, &[], 1 << 24 | 1, false);
        check(fine, 1, &[], 1, true);
        check(fine, 1, &[], 1 << 24, true);
        check(fine, 16, &[], 1 << 24 | 0xFF_FFFF, false);
        check(fine, 16, &[], 1 << 24 | 0x01_0000, false);
        check(fine, 1, &[], 0xFF << 24 | 1, false);
        // A row that grows asks for no slot.
        check(|gate| gate.grows.next = true, 1, &rows, 2 << 24 | 6, false);
        check(|gate| gate.grows.next = true, 2, &rows, 2 << 24 | 6, true);
        // Without quotas nothing is too much.
        check(|gate| gate.limited.next = false, 2, &rows, 0, false);
    }
    /// The sums hold what the largest window and the most slots come to.
    #[test]
    fn a_tenant_owns_a_whole_window_and_every_slot() {
        let geometry = Geometry { slots: 256, ..Geometry::preset("tiny+boot").unwrap() };
        // Stimulus: rows of this size, and the quota.
        let check = |rows: u64, pages: u64, quota: u64, expected: bool| {
            let mut gate = QuotaGate::<1, 20, 20>::new(&geometry);
            gate.connect_all();
            gate.limited.next = true;
            gate.tenant.next = 1.into();
            gate.word.next = quota.into();
            gate.start.next = true;
            tick!(gate);
            gate.start.next = false;
            tick!(gate);
            gate.sees.next = true;
            gate.live.next = true;
            gate.row.next = Row { tenant: 1.into(), first_page: 0.into(), last_page: (pages - 1).into(), ..Row::default() };
            for _ in 0..rows {
                tick!(gate);
            }
            gate.sees.next = false;
            for _ in 0..4 {
                tick!(gate);
            }
            assert_eq!(gate.exceeded.val(), expected, "{rows} rows of {pages} pages, {quota:#x}");
        };
        let any_slots = 0xFF << 24;
        check(255, 4096, any_slots | 0xFF_FFFF, false);
        check(255, 4096, any_slots | (255 * 4096 + 1), false);
        check(255, 4096, any_slots | (255 * 4096), true);
        check(253, 1, 0xFE << 24 | 0xFF_FFFF, false);
        check(255, 1, 0xFE << 24 | 0xFF_FFFF, true);
    }
}
