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
//! One entry of the CAM, any entry, is followed (`holds_entry`). `holds` states the other parts, as long as all entries were the
//! same.

use crate::sizes::Sizes;
use pm_rtl::{
    datapath::{Access, Claim, Examined, Finding, Permit},
    ports::AccessRequest,
    store::{Row, ShadowEntry},
};
use pm_verilog::{block, cells::Register, kernel};
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
        lives: Signal<Local, Bit>,
        twin_lives: Signal<Local, Bit>,
        live: Signal<Local, Bit>,
        twin_live: Signal<Local, Bit>,
        overwrites: Signal<Local, Bit>,
        twin_overwrites: Signal<Local, Bit>,
        writes: Signal<Local, Bit>,
        twin_writes: Signal<Local, Bit>,
        same_write: Signal<Local, Bit>,
        in_order: Signal<Local, Bit>,
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
        same_admitted: Signal<Local, Bit>,
        same_word: Signal<Local, Bit>,
        same_examined: Signal<Local, Bit>,
        same_read: Signal<Local, Bit>,
        same_finding: Signal<Local, Bit>,
        found: Signal<Local, Bit>,
        same_permit: Signal<Local, Bit>,
        same_stages: Signal<Local, Bit>,
        same_answer: Signal<Local, Bit>,
        hits: Signal<Local, Bit>,
        row_is_same: Signal<Local, Bit>,
        slot_was: Register<Bits<SLOT>>,
        twin_slot_was: Register<Bits<SLOT>>,
        since: Vec<Register<Bits<3>>> = vec![Default::default(); geometry.slots],
        twin_since: Vec<Register<Bits<3>>> = vec![Default::default(); geometry.slots],
        idle: Vec<Register<Bits<3>>> = vec![Default::default(); geometry.slots],
        twin_idle: Vec<Register<Bits<3>>> = vec![Default::default(); geometry.slots],
        rests: Signal<Local, Bit>,
        twin_rests: Signal<Local, Bit>,
        fills: Signal<Local, Bit>,
        twin_fills: Signal<Local, Bit>,
        stands: Signal<Local, Bit>,
        twin_stands: Signal<Local, Bit>,
        stood: Signal<Local, Bit>,
        twin_stood: Signal<Local, Bit>,
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
    fn update(&mut self) registers(slot_was, twin_slot_was, ours, first, second, third, fourth) clocked(was_reset, agreed) {
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
        self.overwrites.next = false;
        self.twin_overwrites.next = false;
        self.lives.next = false;
        self.twin_lives.next = false;
        self.stood.next = false;
        self.twin_stood.next = false;
        self.rests.next = false;
        self.twin_rests.next = false;
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
                & (self.chosen[i].val() == (!self.was_reset.q.val() & (self.slot_was.q.val() == i.to_bits::<SLOT>())))
                & (self.twin_chosen[i].val()
                    == (!self.was_reset.q.val() & (self.twin_slot_was.q.val() == i.to_bits::<SLOT>())));
            // A row becomes valid as it has stood for a flight.
            self.stands.next = (self.table_write_row.val().tenant == self.owner[i].val())
                & (self.table_write_row.val().first_page == !self.floor[i].val())
                & (self.table_write_row.val().last_page == self.last_page[i].val());
            self.since[i].clock.next = self.clock.val();
            self.since[i].reset.next = self.reset.val();
            self.since[i].d.next = self.since[i].q.val();
            if !self.since[i].q.val().all() {
                self.since[i].d.next = self.since[i].q.val() + 1;
            }
            // A row changes when it has not been valid for a flight.
            self.idle[i].clock.next = self.clock.val();
            self.idle[i].reset.next = self.reset.val();
            self.idle[i].d.next = self.idle[i].q.val();
            if !self.idle[i].q.val().all() {
                self.idle[i].d.next = self.idle[i].q.val() + 1;
            }
            if self.valid[i].val() {
                self.idle[i].d.next = 0.into();
            }
            if self.table_write_slot.val() == i.to_bits::<SLOT>() {
                self.overwrites.next = self.live.val();
                self.rests.next = self.stands.val() | (self.idle[i].q.val() >= 4);
                self.stood.next = self.stands.val() & (self.since[i].q.val() >= 4);
                if self.table_write_enable.val() & !self.stands.val() {
                    self.since[i].d.next = 0.into();
                }
            }
            // A row becomes valid as it has stood for a flight.
            self.twin_stands.next = (self.twin_table_write_row.val().tenant == self.twin_owner[i].val())
                & (self.twin_table_write_row.val().first_page == !self.twin_floor[i].val())
                & (self.twin_table_write_row.val().last_page == self.twin_last_page[i].val());
            self.twin_since[i].clock.next = self.clock.val();
            self.twin_since[i].reset.next = self.reset.val();
            self.twin_since[i].d.next = self.twin_since[i].q.val();
            if !self.twin_since[i].q.val().all() {
                self.twin_since[i].d.next = self.twin_since[i].q.val() + 1;
            }
            // A row changes when it has not been valid for a flight.
            self.twin_idle[i].clock.next = self.clock.val();
            self.twin_idle[i].reset.next = self.reset.val();
            self.twin_idle[i].d.next = self.twin_idle[i].q.val();
            if !self.twin_idle[i].q.val().all() {
                self.twin_idle[i].d.next = self.twin_idle[i].q.val() + 1;
            }
            if self.twin_valid[i].val() {
                self.twin_idle[i].d.next = 0.into();
            }
            if self.twin_table_write_slot.val() == i.to_bits::<SLOT>() {
                self.twin_overwrites.next = self.twin_live.val();
                self.twin_rests.next = self.twin_stands.val() | (self.twin_idle[i].q.val() >= 4);
                self.twin_stood.next = self.twin_stands.val() & (self.twin_since[i].q.val() >= 4);
                if self.twin_table_write_enable.val() & !self.twin_stands.val() {
                    self.twin_since[i].d.next = 0.into();
                }
            }
            if self.any_slot.val() == i.to_bits::<SLOT>() {
                self.lives.next = self.live.val();
                self.twin_lives.next = self.twin_live.val();
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

        // Writes of its rows: for it, or over a row of it.
        self.writes.next = self.table_write_enable.val()
            & ((self.table_write_row.val().tenant == self.any_tenant.val()) | self.overwrites.val());
        self.twin_writes.next = self.twin_table_write_enable.val()
            & ((self.twin_table_write_row.val().tenant == self.any_tenant.val()) | self.twin_overwrites.val());
        self.same_write.next = (self.writes.val() == self.twin_writes.val())
            & (!self.writes.val()
                | ((self.table_write_slot.val() == self.twin_table_write_slot.val())
                    & (self.table_write_row.val() == self.twin_table_write_row.val())
                    & (self.table_write_valid.val() == self.twin_table_write_valid.val())));
        self.slot_was.d.next = self.table_write_slot.val();
        self.twin_slot_was.d.next = self.twin_table_write_slot.val();
        // `ours`: the slot was last written for the tenant, in both.
        self.hits.next = (self.table_write_enable.val() & (self.table_write_slot.val() == self.any_slot.val()))
            | (self.twin_table_write_enable.val() & (self.twin_table_write_slot.val() == self.any_slot.val()));
        if self.hits.val() {
            self.ours.d.next = self.writes.val()
                & self.twin_writes.val()
                & (self.table_write_row.val().tenant == self.any_tenant.val());
        }
        // As rows_in_order and copies_agree state: a row that becomes valid is in the table already.
        self.fills.next = (self.table_write_slot.val() != self.any_slot.val())
            | self.lives.val()
            | ((self.table_write_row.val().tenant == self.row.val().tenant)
                & (self.table_write_row.val().first_page == !self.row.val().first_page)
                & (self.table_write_row.val().last_page == self.row.val().last_page)
                & (self.table_write_row.val().first_block == self.row.val().first_block)
                & (self.table_write_row.val().last_block == self.row.val().last_block)
                & (self.table_write_row.val().delta == self.row.val().delta)
                & (self.table_write_row.val().read == self.rights.val().get_bit(0))
                & (self.table_write_row.val().write == self.rights.val().get_bit(1))
                & (self.table_write_row.val().execute == self.rights.val().get_bit(2)));
        self.twin_fills.next = (self.twin_table_write_slot.val() != self.any_slot.val())
            | self.twin_lives.val()
            | ((self.twin_table_write_row.val().tenant == self.twin_row.val().tenant)
                & (self.twin_table_write_row.val().first_page == !self.twin_row.val().first_page)
                & (self.twin_table_write_row.val().last_page == self.twin_row.val().last_page)
                & (self.twin_table_write_row.val().first_block == self.twin_row.val().first_block)
                & (self.twin_table_write_row.val().last_block == self.twin_row.val().last_block)
                & (self.twin_table_write_row.val().delta == self.twin_row.val().delta)
                & (self.twin_table_write_row.val().read == self.twin_rights.val().get_bit(0))
                & (self.twin_table_write_row.val().write == self.twin_rights.val().get_bit(1))
                & (self.twin_table_write_row.val().execute == self.twin_rights.val().get_bit(2)));
        self.in_order.next = (!self.table_write_enable.val()
            | ((self.table_write_slot.val() == self.slot_was.q.val())
                & self.rests.val()
                & (!self.table_write_valid.val() | (self.stood.val() & self.fills.val()))))
            & (!self.twin_table_write_enable.val()
                | ((self.twin_table_write_slot.val() == self.twin_slot_was.q.val())
                    & self.twin_rests.val()
                    & (!self.twin_table_write_valid.val() | (self.twin_stood.val() & self.twin_fills.val()))));

        // Writes of its pages.
        self.maps.next = self.shadow_write_enable.val() & (self.shadow_write_tenant.val() == self.any_tenant.val());
        self.twin_maps.next =
            self.twin_shadow_write_enable.val() & (self.twin_shadow_write_tenant.val() == self.any_tenant.val());
        self.same_page.next = (self.maps.val() == self.twin_maps.val())
            & (!self.maps.val()
                | ((self.shadow_write_page.val() == self.twin_shadow_write_page.val())
                    & (self.shadow_write_entry.val() == self.twin_shadow_write_entry.val())));
        self.assumed.next =
            self.same_request.val() & self.same_write.val() & self.in_order.val() & self.same_page.val();

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
        self.same_admitted.next = !self.first.q.val()
            | (self.stages.admitted.val().valid
                & (self.stages.admitted.val().tenant == bit_cast::<8, TENANT>(self.any_tenant.val()))
                & (self.stages.admitted.val() == self.twin_stages.admitted.val()));
        self.same_word.next = !self.first.q.val()
            | ((self.stages.entry.val().slot == self.any_slot.val())
                & (self.stages.entry.val() == self.twin_stages.entry.val()));
        self.same_examined.next = !self.second.q.val()
            | ((self.stages.examined.val() == self.twin_stages.examined.val())
                & (self.stages.expected.val().slot == self.any_slot.val())
                & (self.stages.expected.val() == self.twin_stages.expected.val())
                & self.same_named.val());
        self.same_read.next = !self.second.q.val()
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
        self.same_finding.next = !self.third.q.val()
            | ((self.stages.claim.val() == self.twin_stages.claim.val())
                & (self.stages.finding.val() == self.twin_stages.finding.val()));
        self.found.next = self.stages.finding.val().mapped
            & self.stages.finding.val().found
            & self.stages.finding.val().agreed;
        self.same_permit.next = !self.third.q.val()
            | !self.found.val()
            | ((self.stages.permit.val() == self.twin_stages.permit.val())
                & (self.stages.block.val() == self.twin_stages.block.val())
                & (self.stages.first_block.val() == self.twin_stages.first_block.val())
                & (self.stages.last_block.val() == self.twin_stages.last_block.val()));
        self.same_stages.next = self.same_word.val()
            & self.same_examined.val()
            & self.same_read.val()
            & self.same_finding.val()
            & self.same_permit.val();

        self.holds_entry.next = self.in_turn.val() & self.same_admitted.val() & self.same_entry.val();
        self.holds.next = !self.agreed.q.val()
            | !self.same_entries.val()
            | (self.in_turn.val()
                & self.same_admitted.val()
                & (self.shadow.val() == self.twin_shadow.val())
                & (!self.ours.q.val() | self.row_is_same.val())
                & (!self.lives.val() | self.ours.q.val())
                & self.same_stages.val()
                & (!self.fourth.q.val() | self.same_answer.val()));
    }
}
