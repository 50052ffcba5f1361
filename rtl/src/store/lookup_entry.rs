//! One line of the lookup CAM: is this page of this tenant mine?
//!
//! ```text
//!   tenant, page --> = owner, >= first, <= last --[edge]--> AND valid --> matched --+
//!   named -----------------------------------------[edge]--------------------------+--> XOR --> differs
//! ```
//!
//! `matched` is one cycle behind `tenant` and `page`; `valid` is not delayed, so a revoked row stops matching at once.
//!
//! The lower bound is stored as its complement, the form that the comparison uses, so that no entry needs an inverter.

use super::LessThan;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Range match on {valid, tenant, first page, last page}. With `integrity` its flags have a parity; the tenant and the
    /// pages that it matches have a second witness in the shadow page tables.
    pub struct LookupEntry<TENANT, PAGE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the entry is not valid, and no page matches.
        pub reset: Signal<In, Bit>,
        /// High: a `write` in the next cycle is for this entry.
        pub addressed: Signal<In, Bit>,
        /// High: an entry that was `addressed` in the cycle before takes the new contents at the next edge.
        pub write: Signal<In, Bit>,
        /// New contents: whether the row may match at all; valid with `write`.
        pub new_valid: Signal<In, Bit>,
        /// New contents: the tenant that owns the row; valid with `write`.
        pub new_tenant: Signal<In, Bits<TENANT>>,
        /// New contents: first page of the row; valid with `write`.
        pub new_first: Signal<In, Bits<PAGE>>,
        /// New contents: last page of the row; valid with `write`.
        pub new_last: Signal<In, Bits<PAGE>>,
        /// Tenant whose page is looked for, in every cycle.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// Page that is looked for, in every cycle.
        pub page: Signal<In, Bits<PAGE>>,
        /// High when the shadow page table names this row for the page.
        pub named: Signal<In, Bit>,
        /// High when the page of the cycle before belongs to this row.
        pub matched: Signal<Out, Bit>,
        /// High when `matched` is not what the shadow page table said of the same page.
        pub differs: Signal<Out, Bit>,
        /// High while the row is valid.
        pub live: Signal<Out, Bit>,
        chosen: Register<Bit> where guarded,
        valid: Register<Bit> where guarded,
        owner: Register<Bits<TENANT>>,
        floor: Register<Bits<PAGE>>,
        last: Register<Bits<PAGE>>,
        owner_matches: Register<Bit>,
        starts_after: LessThan<PAGE>,
        ends_before: LessThan<PAGE>,
        below: Register<Bit>,
        above: Register<Bit>,
        expected: Register<Bit>,
        hit: Signal<Local, Bit>,
        /// High while neither the valid bit nor the choice for a write has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    LookupEntry<TENANT, PAGE>
    #[hdl_gen]
    fn update(&mut self) guarded(chosen, valid) registers(owner, floor, last, owner_matches, below, above, expected) {
        self.chosen.d.next = self.addressed.val();
        if self.write.val() & self.chosen.q.val() {
            self.valid.d.next = self.new_valid.val();
            self.owner.d.next = self.new_tenant.val();
            self.floor.d.next = !self.new_first.val();
            self.last.d.next = self.new_last.val();
        }
        self.owner_matches.d.next = self.tenant.val() == self.owner.q.val();
        self.starts_after.left.next = self.page.val();
        self.starts_after.right.next = !self.floor.q.val();
        self.below.d.next = self.starts_after.holds.val();
        self.ends_before.left.next = self.last.q.val();
        self.ends_before.right.next = self.page.val();
        self.above.d.next = self.ends_before.holds.val();
        self.expected.d.next = self.named.val();
        self.hit.next = self.valid.q.val()
            & self.owner_matches.q.val()
            & !self.below.q.val()
            & !self.above.q.val();
        self.matched.next = self.hit.val();
        self.differs.next = self.hit.val() ^ self.expected.q.val();
        self.live.next = self.valid.q.val();
    }
}

impl<const TENANT: usize, const PAGE: usize> LookupEntry<TENANT, PAGE> {
    /// Overwrites what the entry matches: fault injection.
    pub fn poke(&mut self, valid: bool, tenant: Bits<TENANT>, first: Bits<PAGE>, last: Bits<PAGE>) {
        self.valid.q.next = valid;
        self.owner.q.next = tenant;
        self.floor.q.next = !first;
        self.last.q.next = last;
        pm_verilog::cells::wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::Geometry;

    /// An entry that holds pages 2 to 5 of tenant 1, or nothing valid.
    fn entry(valid: bool) -> LookupEntry<2, 3> {
        let mut entry = LookupEntry::new(&Geometry::preset("tiny").unwrap());
        entry.connect_all();
        write(&mut entry, true, valid);
        entry
    }

    fn write(entry: &mut LookupEntry<2, 3>, addressed: bool, valid: bool) {
        entry.addressed.next = addressed;
        edge!(*entry);
        entry.write.next = true;
        entry.new_valid.next = valid;
        entry.new_tenant.next = 1u64.into();
        entry.new_first.next = 2u64.into();
        entry.new_last.next = 5u64.into();
        edge!(*entry);
        entry.write.next = false;
        entry.addressed.next = false;
    }

    fn asked(entry: &mut LookupEntry<2, 3>, tenant: u64, page: u64, named: bool) -> (bool, bool) {
        entry.tenant.next = tenant.into();
        entry.page.next = page.into();
        entry.named.next = named;
        edge!(*entry);
        (entry.matched.val(), entry.differs.val())
    }

    #[test]
    fn a_page_matches_within_the_range_of_its_owner() {
        let check = |tenant: u64, page: u64, matches: bool| {
            for named in [false, true] {
                let said = asked(&mut entry(true), tenant, page, named);
                assert_eq!(said, (matches, matches != named), "{tenant} {page} {named}");
                assert_eq!(asked(&mut entry(false), tenant, page, named), (false, named), "{tenant} {page} {named}");
            }
        };
        check(1, 2, true);
        check(1, 4, true);
        check(1, 5, true);
        check(1, 1, false);
        check(1, 6, false);
        check(1, 0, false);
        check(1, 7, false);
        check(0, 3, false);
        check(2, 3, false);
        check(3, 3, false);
    }

    #[test]
    fn a_revoked_row_stops_matching_in_the_cycle_of_the_write() {
        let mut entry = entry(true);
        assert_eq!(asked(&mut entry, 1, 3, true), (true, false));
        write(&mut entry, true, false);
        assert_eq!((entry.matched.val(), entry.live.val()), (false, false));
    }

    #[test]
    fn a_write_to_another_entry_changes_nothing() {
        let mut entry = entry(true);
        write(&mut entry, false, false);
        assert_eq!(asked(&mut entry, 1, 3, true), (true, false));
    }
}
