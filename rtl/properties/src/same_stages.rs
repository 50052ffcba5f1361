//! The stages of two data paths: is the tenant's request the same in both, at each edge?
//!
//! ```text
//!   edge 1     admitted, the page's word
//!   edge 2     examined, which entries of the CAM match; the row, where its own entry matches
//!   edge 3     the claim, the finding; the permit and the block, where the finding is for the tenant
//! ```

use pm_rtl::{
    datapath::{Access, Claim, Examined, Finding, Permit},
    store::{Row, ShadowEntry},
};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Contents of the stages of a data path.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct Stages<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
> {
    /// After edge 1: the admitted request.
    pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
    /// After edge 1: shadow entry of the request's page.
    pub entry: Signal<In, ShadowEntry<SLOT>>,
    /// After edge 2: the examined request.
    pub examined: Signal<In, Examined<ADDRESS, TENANT, PAGE>>,
    /// After edge 2: shadow entry of the request's page.
    pub expected: Signal<In, ShadowEntry<SLOT>>,
    /// After edge 2: row that the shadow entry names.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// After edge 3: claim of the request.
    pub claim: Signal<In, Claim<ADDRESS>>,
    /// After edge 3: finding of CAM and shadow page table.
    pub finding: Signal<In, Finding<SLOT>>,
    /// After edge 3: rights that the row gives.
    pub permit: Signal<In, Permit>,
    /// After edge 3: granule of the request's first byte.
    pub block: Signal<In, Bits<BLOCK>>,
    /// After edge 3: first granule of the row.
    pub first_block: Signal<In, Bits<BLOCK>>,
    /// After edge 3: last granule of the row.
    pub last_block: Signal<In, Bits<BLOCK>>,
}

block! {
    /// Compares the stages of two data paths; combinational.
    pub struct SameStages<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK> {
        /// Tenant whose requests are compared.
        pub any_tenant: Signal<In, Bits<TENANT>>,
        /// Slot that the requests' page is mapped to.
        pub any_slot: Signal<In, Bits<SLOT>>,
        /// A request that is compared was taken one edge ago.
        pub first: Signal<In, Bit>,
        /// A request that is compared was taken two edges ago.
        pub second: Signal<In, Bit>,
        /// A request that is compared was taken three edges ago.
        pub third: Signal<In, Bit>,
        /// The entry of the CAM at `any_slot` matches the request of two edges ago.
        pub slot_hits: Signal<In, Bit>,
        /// The same entries of the CAM are named for the request of two edges ago.
        pub same_named: Signal<In, Bit>,
        /// Stages of the first data path.
        pub stages: Stages<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>,
        /// Stages of the second data path.
        pub twin_stages: Stages<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>,
        /// The admitted request is the same, and the tenant's.
        pub same_admitted: Signal<Out, Bit>,
        /// The other stages are the same, and those of a request to `any_slot`.
        pub same: Signal<Out, Bit>,
        same_word: Signal<Local, Bit>,
        same_examined: Signal<Local, Bit>,
        same_row: Signal<Local, Bit>,
        same_finding: Signal<Local, Bit>,
        found: Signal<Local, Bit>,
        same_permit: Signal<Local, Bit>,
    }
}

kernel! {
    SameStages<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) {
        self.same_admitted.next = !self.first.val()
            | (self.stages.admitted.val().valid
                & (self.stages.admitted.val().tenant == bit_cast::<8, TENANT>(self.any_tenant.val()))
                & (self.stages.admitted.val() == self.twin_stages.admitted.val()));
        self.same_word.next = !self.first.val()
            | ((self.stages.entry.val().slot == self.any_slot.val())
                & (self.stages.entry.val() == self.twin_stages.entry.val()));
        self.same_examined.next = !self.second.val()
            | ((self.stages.examined.val() == self.twin_stages.examined.val())
                & (self.stages.expected.val().slot == self.any_slot.val())
                & (self.stages.expected.val() == self.twin_stages.expected.val())
                & self.same_named.val());
        self.same_row.next = !self.second.val()
            | !self.slot_hits.val()
            | ((self.stages.row.val().tenant == self.twin_stages.row.val().tenant)
                & (self.stages.row.val().first_page == self.twin_stages.row.val().first_page)
                & (self.stages.row.val().last_page == self.twin_stages.row.val().last_page)
                & (self.stages.row.val().first_block == self.twin_stages.row.val().first_block)
                & (self.stages.row.val().last_block == self.twin_stages.row.val().last_block)
                & (self.stages.row.val().delta == self.twin_stages.row.val().delta)
                & (self.stages.row.val().read == self.twin_stages.row.val().read)
                & (self.stages.row.val().write == self.twin_stages.row.val().write)
                & (self.stages.row.val().execute == self.twin_stages.row.val().execute));
        self.same_finding.next = !self.third.val()
            | ((self.stages.claim.val() == self.twin_stages.claim.val())
                & (self.stages.finding.val() == self.twin_stages.finding.val()));
        self.found.next = self.stages.finding.val().mapped
            & self.stages.finding.val().found
            & self.stages.finding.val().agreed;
        self.same_permit.next = !self.third.val()
            | !self.found.val()
            | ((self.stages.permit.val() == self.twin_stages.permit.val())
                & (self.stages.block.val() == self.twin_stages.block.val())
                & (self.stages.first_block.val() == self.twin_stages.first_block.val())
                & (self.stages.last_block.val() == self.twin_stages.last_block.val()));
        self.same.next = self.same_word.val()
            & self.same_examined.val()
            & self.same_row.val()
            & self.same_finding.val()
            & self.same_permit.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = SameStages<5, 3, 2, 1, 1, 2>;
    type Both = Stages<5, 3, 2, 1, 1, 2>;

    /// Both data paths with the same request of tenant 1 to slot 1 in all stages, but for what `drive` changes; `same_admitted`,
    /// `same`.
    fn compared(drive: impl Fn(&mut Small)) -> [bool; 2] {
        let mut compared = Small::default();
        compared.connect_all();
        (compared.any_tenant.next, compared.any_slot.next) = (1.into(), 1.into());
        (compared.first.next, compared.second.next, compared.third.next) = (true, true, true);
        (compared.slot_hits.next, compared.same_named.next) = (true, true);
        for stages in [&mut compared.stages, &mut compared.twin_stages] {
            stages.admitted.next = Access { valid: true, tenant: 1.into(), ..Access::default() };
            let entry = ShadowEntry { mapped: true, slot: 1.into() };
            (stages.entry.next, stages.expected.next) = (entry, entry);
            stages.finding.next = Finding { mapped: true, found: true, agreed: true, ..Finding::default() };
        }
        drive(&mut compared);
        assert!(simulate(&mut compared, 100));
        [compared.same_admitted.val(), compared.same.val()]
    }

    #[test]
    fn a_difference_counts_where_a_request_is() {
        // A change of the second data path, the edge at which it counts, and what is found then.
        let check = |name: &str, change: fn(&mut Both), edge: usize, expected: [bool; 2]| {
            assert_eq!(compared(|compared| change(&mut compared.twin_stages)), expected, "{name}");
            let away = compared(|compared| {
                change(&mut compared.twin_stages);
                let flags = [1, 2, 3].map(|other| other != edge);
                (compared.first.next, compared.second.next, compared.third.next) = (flags[0], flags[1], flags[2]);
            });
            assert_eq!(away, [true, true], "{name}: no request is there");
        };
        assert_eq!(compared(|_| {}), [true, true]);
        check("tenant", |twin| twin.admitted.next = Access { valid: true, ..Access::default() }, 1, [false, true]);
        check("word", |twin| twin.entry.next = ShadowEntry { slot: 1.into(), ..ShadowEntry::default() }, 1, [true, false]);
        check("examined", |twin| twin.examined.next = Examined { page: 1.into(), ..Examined::default() }, 2, [true, false]);
        check("expected", |twin| twin.expected.next = ShadowEntry { slot: 1.into(), ..ShadowEntry::default() }, 2, [true, false]);
        check("row", |twin| twin.row.next = Row { delta: 1.into(), ..Row::default() }, 2, [true, false]);
        check("claim", |twin| twin.claim.next = Claim { valid: true, ..Claim::default() }, 3, [true, false]);
        check("finding", |twin| twin.finding.next = Finding::default(), 3, [true, false]);
        check("permit", |twin| twin.permit.next = Permit { owned: true, ..Permit::default() }, 3, [true, false]);
        check("block", |twin| twin.block.next = 1.into(), 3, [true, false]);
        check("first block", |twin| twin.first_block.next = 1.into(), 3, [true, false]);
        check("last block", |twin| twin.last_block.next = 1.into(), 3, [true, false]);
    }

    #[test]
    fn a_row_without_a_hit_may_differ() {
        let row = |compared: &mut Small| compared.twin_stages.row.next = Row { delta: 1.into(), ..Row::default() };
        assert_eq!(compared(|compared| (row(compared), compared.slot_hits.next = false).1), [true, true]);
        // Isolation and lock are not the translate port's.
        assert_eq!(compared(|compared| compared.twin_stages.row.next = Row { locked: true, ..Row::default() }), [true, true]);
        let not_found = |compared: &mut Small| {
            for stages in [&mut compared.stages, &mut compared.twin_stages] {
                stages.finding.next = Finding { mapped: true, ..Finding::default() };
            }
            compared.twin_stages.block.next = 1.into();
        };
        assert_eq!(compared(not_found), [true, true]);
        assert_eq!(compared(|compared| compared.same_named.next = false), [true, false]);
        assert_eq!(compared(|compared| compared.any_tenant.next = 2.into()), [false, true]);
        assert_eq!(compared(|compared| compared.any_slot.next = 0.into()), [true, false]);
    }
}
