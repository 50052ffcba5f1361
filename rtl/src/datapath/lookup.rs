//! Lookup: which row? Two witnesses, the CAM and the shadow page table, must name the same one.
//!
//! ```text
//!   tenant, page --> entry 0 ... entry n --[edge]--> matches? --------+
//!                       ^            ^               differs anywhere? --+--[edge]--> finding
//!   shadow entry -------+-- names ---+
//! ```
//!
//! The shadow entry names one slot, so "the same" means that the CAM matches that slot and no other: two matches are a
//! fault, never a priority.

use crate::store::{LookupEntry, ShadowEntry, TableWrite};
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// Result of the two witnesses, CAM and shadow page table.
    pub struct Finding<SLOT> {
        /// High: the shadow page table maps the page.
        pub mapped: Bit,
        /// High: at least one row matches.
        pub found: Bit,
        /// High: the rows that match are exactly those that the shadow page table names: one or none.
        pub agreed: Bit,
        /// Slot that the shadow page table names; valid with `mapped`.
        pub slot: Bits<SLOT>,
    }
}

block! {
    /// The CAM and its comparison with the shadow page table.
    pub struct Lookup<TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no row is valid.
        pub reset: Signal<In, Bit>,
        /// Write port of the store.
        pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
        /// Tenant whose page is looked up, in every cycle.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// Page that is looked up, in every cycle.
        pub page: Signal<In, Bits<PAGE>>,
        /// Entry of the shadow page table for the page, in the same cycle.
        pub shadow: Signal<In, ShadowEntry<SLOT>>,
        /// Comparison of the two witnesses, two edges later.
        pub finding: Signal<Out, Finding<SLOT>>,
        /// Slot of the row that the control side reads.
        pub control_slot: Signal<In, Bits<SLOT>>,
        /// High when row `control_slot` is valid, one edge later.
        pub control_live: Signal<Out, Bit>,
        entries: Vec<LookupEntry<TENANT, PAGE>> = vec![LookupEntry::new(geometry); geometry.slots],
        expected: Register<ShadowEntry<SLOT>> where guarded,
        outcome: Register<Finding<SLOT>> where guarded,
        read_live: Register<Bit> where guarded,
        found: Signal<Local, Bit>,
        differs: Signal<Local, Bit>,
        /// High while what was read of the shadow page table has lost no bit, one edge after `shadow`.
        pub shadow_intact: Signal<Out, Bit> where integrity,
        /// High while `finding` has lost no bit.
        pub finding_intact: Signal<Out, Bit> where integrity,
        /// High while neither an entry nor `control_live` has lost a flag.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Lookup<TENANT, SLOT, PAGE, BLOCK> {
    /// Overwrites what an entry matches: fault injection.
    pub fn poke(&mut self, slot: usize, valid: bool, tenant: Bits<TENANT>, first: Bits<PAGE>, last: Bits<PAGE>) {
        self.entries[slot].poke(valid, tenant, first, last);
    }
}

kernel! {
    Lookup<TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) registers(expected, outcome) guarded(read_live) each(entries) each_intact(entries) {
        self.expected.d.next = self.shadow.val();
        self.found.next = false;
        self.differs.next = false;
        self.read_live.d.next = false;
        for i in 0..self.entries.len() {
            self.entries[i].addressed.next = self.table_write.slot.val() == i.to_bits::<SLOT>();
            self.entries[i].write.next = self.table_write.enable.val();
            self.entries[i].new_valid.next = self.table_write.valid.val();
            self.entries[i].new_tenant.next = self.table_write.row.val().tenant;
            self.entries[i].new_first.next = self.table_write.row.val().first_page;
            self.entries[i].new_last.next = self.table_write.row.val().last_page;
            self.entries[i].tenant.next = self.tenant.val();
            self.entries[i].page.next = self.page.val();
            self.entries[i].named.next =
                self.shadow.val().mapped & (self.shadow.val().slot == i.to_bits::<SLOT>());
            if self.control_slot.val() == i.to_bits::<SLOT>() {
                self.read_live.d.next = self.entries[i].live.val();
            }
            self.found.next = self.found.val() | self.entries[i].matched.val();
            self.differs.next = self.differs.val() | self.entries[i].differs.val();
        }
        self.outcome.d.next.mapped = self.expected.q.val().mapped;
        self.outcome.d.next.found = self.found.val();
        self.outcome.d.next.agreed = !self.differs.val();
        self.outcome.d.next.slot = self.expected.q.val().slot;
        self.finding.next = self.outcome.q.val();
        self.control_live.next = self.read_live.q.val();
    }
    when(intact) {
        self.shadow_intact[0].next = self.expected.intact[0].val();
        self.finding_intact[0].next = self.outcome.intact[0].val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bench::edge, store::Row};
    use pm_interface::Geometry;

    /// Finding for page 1 of tenant 1: `rows` are the slots with a row that has it, `shadow` is the slot that is mapped.
    fn finding(rows: &[u64], shadow: Option<u64>) -> Finding<1> {
        let mut lookup = Lookup::<1, 1, 1, 2>::new(&Geometry::preset("tiny").unwrap());
        lookup.connect_all();
        for slot in rows {
            lookup.table_write.slot.next = (*slot).into();
            edge!(lookup);
            lookup.table_write.enable.next = true;
            lookup.table_write.valid.next = true;
            lookup.table_write.row.next =
                Row { tenant: 1u64.into(), first_page: 1u64.into(), last_page: 1u64.into(), ..Row::default() };
            edge!(lookup);
            lookup.table_write.enable.next = false;
        }
        lookup.tenant.next = 1u64.into();
        lookup.page.next = 1u64.into();
        lookup.shadow.next = ShadowEntry { mapped: shadow.is_some(), slot: shadow.unwrap_or(0).into() };
        edge!(lookup);
        // The access after it is another's.
        lookup.tenant.next = 0u64.into();
        lookup.shadow.next = ShadowEntry::default();
        edge!(lookup);
        lookup.finding.val()
    }

    /// The agreement table, as the two witnesses see it.
    #[test]
    fn the_witnesses_agree_on_one_row_or_on_none() {
        let check = |rows: &[u64], shadow: Option<u64>, found: bool, agreed: bool| {
            let slot = shadow.unwrap_or(0).into();
            let expected = Finding { mapped: shadow.is_some(), found, agreed, slot };
            assert_eq!(finding(rows, shadow), expected, "{rows:?} {shadow:?}");
        };
        check(&[], None, false, true);
        check(&[0], Some(0), true, true);
        check(&[1], Some(1), true, true);
        // Mapped to a row that is not valid.
        check(&[], Some(0), false, false);
        check(&[], Some(1), false, false);
        // Another slot than the one that matches, or none.
        check(&[0], Some(1), true, false);
        check(&[1], Some(0), true, false);
        check(&[0], None, true, false);
        check(&[1], None, true, false);
        // Two matches are a fault, never a priority.
        check(&[0, 1], None, true, false);
        check(&[0, 1], Some(0), true, false);
        check(&[0, 1], Some(1), true, false);
    }
}
