//! Non-interference: two data paths that differ in what other tenants do answer one tenant alike, in the same cycles.
//!
//! ```text
//!   the tenant's requests, its rows, its pages: the same -----> data path ---+
//!   everything else: as it likes ------------------------------^             +--> the tenant's answers: the same?
//!                                 ---------------------------> data path ---+
//! ```
//!
//! The property holds for any tenant, and for requests to any page of the tenant that is mapped to any slot. The property
//! includes the tenant's part of both tables: the valid rows and the shadow entry of the tenant are the same in both data paths.
//! The property also includes the stages of the request at each edge, so that each cycle follows from the cycle before, whatever
//! the widths:
//!
//! ```text
//!   edge 1     admitted, the page's word
//!   edge 2     examined, which entries of the CAM match; the row, where its own entry matches
//!   edge 3     the claim, the finding; the permit and the block, where the finding is for the tenant
//!   edge 4     the answer
//! ```
//!
//! [`SameStages`] compares the stages, [`RowWrites`] watches the writes of each data path.
//!
//! One entry of the CAM, any entry, is followed (`holds_entry`). `holds` states the other parts, as long as all entries were the
//! same.

use crate::{
    row_writes::RowWrites,
    same_stages::{SameStages, Stages},
    sizes::Sizes,
};
use pm_rtl::{
    ports::AccessRequest,
    store::{Row, ShadowEntry},
};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Compares two data paths.
    pub struct Interference<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// Tenant whose answers are compared: any tenant, steady.
        pub any_tenant: Signal<In, Bits<TENANT>>,
        /// Page whose requests are compared: any page, steady.
        pub any_page: Signal<In, Bits<PAGE>>,
        /// Slot that the page is mapped to: any slot, steady.
        pub any_slot: Signal<In, Bits<SLOT>>,
        /// Entry of the CAM that is followed: any entry, steady.
        pub any_entry: Signal<In, Bits<SLOT>>,
        /// Requests to the translate port of the first data path.
        pub translate_request: AccessRequest<ADDRESS, LENGTH>,
        /// Requests to the translate port of the second data path.
        pub twin_translate_request: AccessRequest<ADDRESS, LENGTH>,
        /// First data path. A row is written in this cycle.
        pub table_write_enable: Signal<In, Bit>,
        /// First data path. Slot of the row that is written.
        pub table_write_slot: Signal<In, Bits<SLOT>>,
        /// First data path. New contents of the row; valid with `table_write_enable`.
        pub table_write_row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// First data path. The written row becomes valid; valid with `table_write_enable`.
        pub table_write_valid: Signal<In, Bit>,
        /// First data path. A shadow page table is written in this cycle.
        pub shadow_write_enable: Signal<In, Bit>,
        /// First data path. Tenant whose shadow page table is written.
        pub shadow_write_tenant: Signal<In, Bits<TENANT>>,
        /// First data path. Page whose shadow entry is written.
        pub shadow_write_page: Signal<In, Bits<PAGE>>,
        /// First data path. New shadow entry; valid with `shadow_write_enable`.
        pub shadow_write_entry: Signal<In, ShadowEntry<SLOT>>,
        /// First data path. Response of the translate port: the other fields are meaningful.
        pub translate_response_valid: Signal<In, Bit>,
        /// First data path. Response of the translate port: the access is granted.
        pub translate_response_granted: Signal<In, Bit>,
        /// First data path. Response of the translate port: the access is left to the standard MMU.
        pub translate_response_not_mine: Signal<In, Bit>,
        /// First data path. Response of the translate port: reason of a refusal.
        pub translate_response_reason: Signal<In, Bits<4>>,
        /// First data path. Response of the translate port: number of the row that decided.
        pub translate_response_slot: Signal<In, Bits<8>>,
        /// First data path. Response of the translate port: physical address of the first byte.
        pub translate_response_physical: Signal<In, Bits<ADDRESS>>,
        /// First data path. Contents of the pipeline stages.
        pub stages: Stages<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>,
        /// First data path. Shadow entry at `shadow_index`.
        pub shadow: Signal<In, ShadowEntry<SLOT>>,
        /// First data path. Row at `row_index`.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// First data path. Rights of the row at `row_index`.
        pub rights: Signal<In, Bits<3>>,
        /// First data path. For each entry of the CAM: the entry is valid.
        pub valid: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// First data path. For each entry of the CAM: tenant that owns the row.
        pub owner: Vec<Signal<In, Bits<TENANT>>> = vec![Default::default(); geometry.slots],
        /// First data path. For each entry of the CAM: complement of the first page.
        pub floor: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// First data path. For each entry of the CAM: last page.
        pub last_page: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// First data path. For each entry of the CAM: the entry was addressed a cycle ago.
        pub chosen: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// First data path. For each entry of the CAM: the entry matches the request of two edges ago.
        pub hit: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// First data path. For each entry of the CAM: the shadow page table names the entry for that request.
        pub named: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// Second data path. A row is written in this cycle.
        pub twin_table_write_enable: Signal<In, Bit>,
        /// Second data path. Slot of the row that is written.
        pub twin_table_write_slot: Signal<In, Bits<SLOT>>,
        /// Second data path. New contents of the row; valid with `twin_table_write_enable`.
        pub twin_table_write_row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Second data path. The written row becomes valid; valid with `twin_table_write_enable`.
        pub twin_table_write_valid: Signal<In, Bit>,
        /// Second data path. A shadow page table is written in this cycle.
        pub twin_shadow_write_enable: Signal<In, Bit>,
        /// Second data path. Tenant whose shadow page table is written.
        pub twin_shadow_write_tenant: Signal<In, Bits<TENANT>>,
        /// Second data path. Page whose shadow entry is written.
        pub twin_shadow_write_page: Signal<In, Bits<PAGE>>,
        /// Second data path. New shadow entry; valid with `twin_shadow_write_enable`.
        pub twin_shadow_write_entry: Signal<In, ShadowEntry<SLOT>>,
        /// Second data path. Response of the translate port: the other fields are meaningful.
        pub twin_translate_response_valid: Signal<In, Bit>,
        /// Second data path. Response of the translate port: the access is granted.
        pub twin_translate_response_granted: Signal<In, Bit>,
        /// Second data path. Response of the translate port: the access is left to the standard MMU.
        pub twin_translate_response_not_mine: Signal<In, Bit>,
        /// Second data path. Response of the translate port: reason of a refusal.
        pub twin_translate_response_reason: Signal<In, Bits<4>>,
        /// Second data path. Response of the translate port: number of the row that decided.
        pub twin_translate_response_slot: Signal<In, Bits<8>>,
        /// Second data path. Response of the translate port: physical address of the first byte.
        pub twin_translate_response_physical: Signal<In, Bits<ADDRESS>>,
        /// Second data path. Contents of the pipeline stages.
        pub twin_stages: Stages<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>,
        /// Second data path. Shadow entry at `shadow_index`.
        pub twin_shadow: Signal<In, ShadowEntry<SLOT>>,
        /// Second data path. Row at `row_index`.
        pub twin_row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Second data path. Rights of the row at `row_index`.
        pub twin_rights: Signal<In, Bits<3>>,
        /// Second data path. For each entry of the CAM: the entry is valid.
        pub twin_valid: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// Second data path. For each entry of the CAM: tenant that owns the row.
        pub twin_owner: Vec<Signal<In, Bits<TENANT>>> = vec![Default::default(); geometry.slots],
        /// Second data path. For each entry of the CAM: complement of the first page.
        pub twin_floor: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// Second data path. For each entry of the CAM: last page.
        pub twin_last_page: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// Second data path. For each entry of the CAM: the entry was addressed a cycle ago.
        pub twin_chosen: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// Second data path. For each entry of the CAM: the entry matches the request of two edges ago.
        pub twin_hit: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// Second data path. For each entry of the CAM: the shadow page table names the entry for that request.
        pub twin_named: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// Index of the word of the shadow page tables that both data paths show.
        pub shadow_index: Signal<Out, Bits<SHADOW>>,
        /// Index of the row that both data paths show.
        pub row_index: Signal<Out, Bits<SLOT>>,
        /// The tenant's requests and the writes to the tenant's rows and pages are the same in both data paths.
        pub assumed: Signal<Out, Bit>,
        /// The tenant's page starts with the same contents in both data paths.
        pub begins: Signal<Out, Bit>,
        /// The followed entry is the same in both data paths where the tenant owns the row, and matches the tenant's request in
        /// both or in neither.
        pub holds_entry: Signal<Out, Bit>,
        /// The tenant's answers, rows and shadow entry are the same in both data paths, as long as all entries of the CAM were
        /// the same.
        pub holds: Signal<Out, Bit>,
        asks: Signal<Local, Bit>,
        twin_asks: Signal<Local, Bit>,
        page: Signal<Local, Bits<PAGE>>,
        same_request: Signal<Local, Bit>,
        live: Signal<Local, Bit>,
        twin_live: Signal<Local, Bit>,
        same_write: Signal<Local, Bit>,
        maps: Signal<Local, Bit>,
        twin_maps: Signal<Local, Bit>,
        same_page: Signal<Local, Bit>,
        same_row: Signal<Local, Bit>,
        same_hit: Signal<Local, Bit>,
        same_entries: Signal<Local, Bit>,
        same_entry: Signal<Local, Bit>,
        same_named: Signal<Local, Bit>,
        in_turn: Signal<Local, Bit>,
        slot_hits: Signal<Local, Bit>,
        same_answer: Signal<Local, Bit>,
        hits: Signal<Local, Bit>,
        row_is_same: Signal<Local, Bit>,
        order: RowWrites<TENANT, SLOT, PAGE, BLOCK> = RowWrites::new(geometry.slots),
        twin_order: RowWrites<TENANT, SLOT, PAGE, BLOCK> = RowWrites::new(geometry.slots),
        compared: SameStages<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>,
        ours: Register<Bit>,
        first: Register<Bit>,
        second: Register<Bit>,
        third: Register<Bit>,
        fourth: Register<Bit>,
        was_reset: Register<Bit>,
        agreed: Register<Bit>,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    Interference<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE>
    #[hdl_gen]
    fn update(&mut self) registers(ours, first, second, third, fourth) clocked(was_reset, agreed) blocks(order, twin_order) {
        // The tenant's requests.
        self.asks.next = self.translate_request.valid.val()
            & (self.translate_request.tenant.val() == bit_cast::<8, TENANT>(self.any_tenant.val()));
        self.twin_asks.next = self.twin_translate_request.valid.val()
            & (self.twin_translate_request.tenant.val() == bit_cast::<8, TENANT>(self.any_tenant.val()));
        self.same_request.next = (self.asks.val() == self.twin_asks.val())
            & (!self.asks.val()
                | ((self.translate_request.address.val() == self.twin_translate_request.address.val())
                    & (self.translate_request.length.val() == self.twin_translate_request.length.val())
                    & (self.translate_request.kind.val() == self.twin_translate_request.kind.val())));

        // The tenant's contents of the tables.
        self.same_entries.next = true;
        self.same_entry.next = true;
        self.same_named.next = true;
        self.in_turn.next = true;
        self.slot_hits.next = false;
        for i in 0..self.valid.len() {
            self.live.next = self.valid[i].val() & (self.owner[i].val() == self.any_tenant.val());
            self.twin_live.next = self.twin_valid[i].val() & (self.twin_owner[i].val() == self.any_tenant.val());
            self.same_row.next = (self.live.val() == self.twin_live.val())
                & (!self.live.val()
                    | ((self.floor[i].val() == self.twin_floor[i].val())
                        & (self.last_page[i].val() == self.twin_last_page[i].val())));
            self.same_hit.next = !self.second.q.val() | (self.hit[i].val() == self.twin_hit[i].val());
            self.same_entries.next = self.same_entries.val() & self.same_row.val() & self.same_hit.val();
            if self.any_entry.val() == i.to_bits::<SLOT>() {
                self.same_entry.next = self.same_row.val() & self.same_hit.val();
            }
            self.same_named.next = self.same_named.val()
                & (self.named[i].val() == self.twin_named[i].val())
                & (self.named[i].val()
                    == (self.stages.expected.val().mapped & (self.stages.expected.val().slot == i.to_bits::<SLOT>())));
            // An entry is written as the row is: the address comes a cycle ahead. After a reset no row is valid.
            self.in_turn.next = self.in_turn.val()
                & (!self.was_reset.q.val() | (!self.valid[i].val() & !self.twin_valid[i].val()))
                & (self.chosen[i].val() == (!self.was_reset.q.val() & (self.order.slot_was.val() == i.to_bits::<SLOT>())))
                & (self.twin_chosen[i].val()
                    == (!self.was_reset.q.val() & (self.twin_order.slot_was.val() == i.to_bits::<SLOT>())));
            self.order.valid[i].next = self.valid[i].val();
            self.order.owner[i].next = self.owner[i].val();
            self.order.floor[i].next = self.floor[i].val();
            self.order.last_page[i].next = self.last_page[i].val();
            self.twin_order.valid[i].next = self.twin_valid[i].val();
            self.twin_order.owner[i].next = self.twin_owner[i].val();
            self.twin_order.floor[i].next = self.twin_floor[i].val();
            self.twin_order.last_page[i].next = self.twin_last_page[i].val();
            if self.any_slot.val() == i.to_bits::<SLOT>() {
                self.slot_hits.next = self.hit[i].val();
            }
        }
        self.shadow_index.next = (bit_cast::<SHADOW, TENANT>(self.any_tenant.val()) << self.sizes.page_bits.val())
            | bit_cast::<SHADOW, PAGE>(self.any_page.val());
        self.row_index.next = self.any_slot.val();
        self.was_reset.reset.next = false;
        self.was_reset.d.next = self.reset.val();
        self.agreed.reset.next = false;
        self.agreed.d.next = self.agreed.q.val() & self.same_entries.val();
        self.begins.next = (self.shadow.val() == self.twin_shadow.val()) & self.agreed.q.val();
        self.row_is_same.next = (self.row.val() == self.twin_row.val()) & (self.rights.val() == self.twin_rights.val());

        // Writes of the tenant's rows.
        self.order.tenant.next = self.any_tenant.val();
        self.order.shown_slot.next = self.any_slot.val();
        self.order.enable.next = self.table_write_enable.val();
        self.order.slot.next = self.table_write_slot.val();
        self.order.row.next = self.table_write_row.val();
        self.order.row_valid.next = self.table_write_valid.val();
        self.order.stored.next = self.row.val();
        self.order.rights.next = self.rights.val();
        self.twin_order.tenant.next = self.any_tenant.val();
        self.twin_order.shown_slot.next = self.any_slot.val();
        self.twin_order.enable.next = self.twin_table_write_enable.val();
        self.twin_order.slot.next = self.twin_table_write_slot.val();
        self.twin_order.row.next = self.twin_table_write_row.val();
        self.twin_order.row_valid.next = self.twin_table_write_valid.val();
        self.twin_order.stored.next = self.twin_row.val();
        self.twin_order.rights.next = self.twin_rights.val();
        self.same_write.next = (self.order.writes.val() == self.twin_order.writes.val())
            & (!self.order.writes.val()
                | ((self.table_write_slot.val() == self.twin_table_write_slot.val())
                    & (self.table_write_row.val() == self.twin_table_write_row.val())
                    & (self.table_write_valid.val() == self.twin_table_write_valid.val())));
        // `ours`: the slot was last written for the tenant, in both.
        self.hits.next = (self.table_write_enable.val() & (self.table_write_slot.val() == self.any_slot.val()))
            | (self.twin_table_write_enable.val() & (self.twin_table_write_slot.val() == self.any_slot.val()));
        if self.hits.val() {
            self.ours.d.next = self.order.writes.val()
                & self.twin_order.writes.val()
                & (self.table_write_row.val().tenant == self.any_tenant.val());
        }
        // Writes of its pages.
        self.maps.next = self.shadow_write_enable.val() & (self.shadow_write_tenant.val() == self.any_tenant.val());
        self.twin_maps.next =
            self.twin_shadow_write_enable.val() & (self.twin_shadow_write_tenant.val() == self.any_tenant.val());
        self.same_page.next = (self.maps.val() == self.twin_maps.val())
            & (!self.maps.val()
                | ((self.shadow_write_page.val() == self.twin_shadow_write_page.val())
                    & (self.shadow_write_entry.val() == self.twin_shadow_write_entry.val())));
        self.assumed.next =
            self.same_request.val() & self.same_write.val() & self.order.in_order.val() & self.twin_order.in_order.val() & self.same_page.val();

        // The tenant's answers, where the page was mapped to the slot at the time of the request.
        self.page.next =
            bit_cast::<PAGE, ADDRESS>(self.translate_request.address.val() >> self.sizes.granule_bits.val());
        self.first.d.next = self.asks.val()
            & (self.page.val() == self.any_page.val())
            & (self.shadow.val().slot == self.any_slot.val());
        self.second.d.next = self.first.q.val();
        self.third.d.next = self.second.q.val();
        self.fourth.d.next = self.third.q.val();
        self.same_answer.next = (self.translate_response_valid.val() == self.twin_translate_response_valid.val())
            & (self.translate_response_granted.val() == self.twin_translate_response_granted.val())
            & (self.translate_response_not_mine.val() == self.twin_translate_response_not_mine.val())
            & (self.translate_response_reason.val() == self.twin_translate_response_reason.val())
            & (self.translate_response_slot.val() == self.twin_translate_response_slot.val())
            & (self.translate_response_physical.val() == self.twin_translate_response_physical.val());

        // The requests on their way.
        Stages::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>::link(&mut self.stages, &mut self.compared.stages);
        Stages::<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>::link(
            &mut self.twin_stages,
            &mut self.compared.twin_stages,
        );
        self.compared.any_tenant.next = self.any_tenant.val();
        self.compared.any_slot.next = self.any_slot.val();
        self.compared.first.next = self.first.q.val();
        self.compared.second.next = self.second.q.val();
        self.compared.third.next = self.third.q.val();
        self.compared.slot_hits.next = self.slot_hits.val();
        self.compared.same_named.next = self.same_named.val();

        self.holds_entry.next = self.in_turn.val() & self.compared.same_admitted.val() & self.same_entry.val();
        self.holds.next = !self.agreed.q.val()
            | !self.same_entries.val()
            | (self.in_turn.val()
                & self.compared.same_admitted.val()
                & (self.shadow.val() == self.twin_shadow.val())
                & (!self.ours.q.val() | self.row_is_same.val())
                & (!self.order.lives.val() | self.ours.q.val())
                & self.compared.same.val()
                & (!self.fourth.q.val() | self.same_answer.val()));
    }
}
