//! Invariants of the tables, on which every grant rests.
//!
//! The invariants hold for any two rows, and for any page of any tenant. No invariant needs a register, because each is about the
//! present cycle.

use crate::sizes::Sizes;
use pm_rtl::{
    control::CommandState,
    store::{Row, ShadowEntry},
};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Watches the rows, their copies and the shadow page tables.
    pub struct Tables<TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE> for geometry {
        /// Clock of the design; this monitor has no register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design restarts.
        pub reset: Signal<In, Bit>,
        /// Row that is watched: any row, steady.
        pub any_slot: Signal<In, Bits<SLOT>>,
        /// Second row that is watched: any row, steady; equal rows are not compared.
        pub other_slot: Signal<In, Bits<SLOT>>,
        /// Tenant that is watched: any tenant, steady.
        pub any_tenant: Signal<In, Bits<TENANT>>,
        /// Page that is watched: any page, steady.
        pub any_page: Signal<In, Bits<PAGE>>,
        /// The gate is open.
        pub active: Signal<In, Bit>,
        /// Step that the command is at.
        pub state: Signal<In, CommandState>,
        /// Order of the writes under way: bit 0 is high while a row is being written.
        pub order: Signal<In, Bits<4>>,
        /// First block of the pool.
        pub pool_first: Signal<In, Bits<BLOCK>>,
        /// Last block of the pool.
        pub pool_last: Signal<In, Bits<BLOCK>>,
        /// For each entry of the CAM: the entry is valid.
        pub valid: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: tenant that owns the row.
        pub owner: Vec<Signal<In, Bits<TENANT>>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: complement of the first page.
        pub floor: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: last page.
        pub last_page: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// For each row: the block of the row is taken.
        pub held: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each row: no physical access may reach the block of the row.
        pub guarded: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each row: first granule of the block.
        pub first: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); geometry.slots],
        /// For each row: last granule of the block.
        pub last: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); geometry.slots],
        /// Index into the data path's and the control side's copy of the rows.
        pub row_index: Signal<Out, Bits<SLOT>>,
        /// Row at `row_index` in the data path's copy, the first page as its complement.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Rights of the row at `row_index` in the data path's copy.
        pub rights: Signal<In, Bits<3>>,
        /// Row at `row_index` in the control side's copy.
        pub control_row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Index into the shadow page tables.
        pub shadow_index: Signal<Out, Bits<SHADOW>>,
        /// Shadow entry at `shadow_index`.
        pub shadow: Signal<In, ShadowEntry<SLOT>>,
        /// Two held blocks have no granule in common.
        pub holds_blocks: Signal<Out, Bit>,
        /// Two valid rows of one tenant have no page in common.
        pub holds_pages: Signal<Out, Bit>,
        /// A held block lies in the pool, and is as large as its row.
        pub holds_pool: Signal<Out, Bit>,
        /// The comparators and both copies of the rows agree about a valid row.
        pub holds_copies: Signal<Out, Bit>,
        /// Between commands a page is mapped to the valid row that contains the page, or is not mapped.
        pub holds_shadow: Signal<Out, Bit>,
        valid_one: Signal<Local, Bit>,
        valid_two: Signal<Local, Bit>,
        owner_one: Signal<Local, Bits<TENANT>>,
        owner_two: Signal<Local, Bits<TENANT>>,
        first_page_one: Signal<Local, Bits<PAGE>>,
        first_page_two: Signal<Local, Bits<PAGE>>,
        last_page_one: Signal<Local, Bits<PAGE>>,
        last_page_two: Signal<Local, Bits<PAGE>>,
        held_one: Signal<Local, Bit>,
        held_two: Signal<Local, Bit>,
        guarded_one: Signal<Local, Bit>,
        first_one: Signal<Local, Bits<BLOCK>>,
        first_two: Signal<Local, Bits<BLOCK>>,
        last_one: Signal<Local, Bits<BLOCK>>,
        last_two: Signal<Local, Bits<BLOCK>>,
        mapped: Signal<Local, Bit>,
        right: Signal<Local, Bit>,
        has: Signal<Local, Bit>,
        span: Signal<Local, Bits<PAGE>>,
        block_span: Signal<Local, Bits<BLOCK>>,
        delta: Signal<Local, Bits<BLOCK>>,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    Tables<TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE>
    #[hdl_gen]
    fn update(&mut self) {
        self.row_index.next = self.any_slot.val();
        self.shadow_index.next = (bit_cast::<SHADOW, TENANT>(self.any_tenant.val()) << self.sizes.page_bits.val())
            | bit_cast::<SHADOW, PAGE>(self.any_page.val());
        self.valid_one.next = false;
        self.valid_two.next = false;
        self.owner_one.next = 0.into();
        self.owner_two.next = 0.into();
        self.first_page_one.next = 0.into();
        self.first_page_two.next = 0.into();
        self.last_page_one.next = 0.into();
        self.last_page_two.next = 0.into();
        self.held_one.next = false;
        self.held_two.next = false;
        self.first_one.next = 0.into();
        self.first_two.next = 0.into();
        self.last_one.next = 0.into();
        self.last_two.next = 0.into();
        self.guarded_one.next = false;
        self.mapped.next = false;
        self.right.next = false;
        for i in 0..self.valid.len() {
            if self.any_slot.val() == i.to_bits::<SLOT>() {
                self.valid_one.next = self.valid[i].val();
                self.owner_one.next = self.owner[i].val();
                self.first_page_one.next = !self.floor[i].val();
                self.last_page_one.next = self.last_page[i].val();
                self.held_one.next = self.held[i].val();
                self.first_one.next = self.first[i].val();
                self.last_one.next = self.last[i].val();
                self.guarded_one.next = self.guarded[i].val();
            }
            if self.other_slot.val() == i.to_bits::<SLOT>() {
                self.valid_two.next = self.valid[i].val();
                self.owner_two.next = self.owner[i].val();
                self.first_page_two.next = !self.floor[i].val();
                self.last_page_two.next = self.last_page[i].val();
                self.held_two.next = self.held[i].val();
                self.first_two.next = self.first[i].val();
                self.last_two.next = self.last[i].val();
            }
            self.has.next = self.valid[i].val()
                & (self.owner[i].val() == self.any_tenant.val())
                & (self.any_page.val() >= !self.floor[i].val())
                & (self.any_page.val() <= self.last_page[i].val());
            self.mapped.next = self.mapped.val() | self.has.val();
            if self.shadow.val().slot == i.to_bits::<SLOT>() {
                self.right.next = self.has.val();
            }
        }
        self.holds_blocks.next = !((self.any_slot.val() != self.other_slot.val())
            & self.held_one.val()
            & self.held_two.val()
            & (self.first_one.val() <= self.last_two.val())
            & (self.first_two.val() <= self.last_one.val()));
        self.holds_pages.next = !((self.any_slot.val() != self.other_slot.val())
            & self.valid_one.val()
            & self.valid_two.val()
            & (self.owner_one.val() == self.owner_two.val())
            & (self.first_page_one.val() <= self.last_page_two.val())
            & (self.first_page_two.val() <= self.last_page_one.val()));
        self.span.next = self.last_page_one.val() - self.first_page_one.val();
        self.block_span.next = self.last_one.val() - self.first_one.val();
        self.holds_pool.next = (!self.held_one.val()
            | ((self.first_one.val() >= self.pool_first.val())
                & (self.first_one.val() <= self.last_one.val())
                & (self.last_one.val() <= self.pool_last.val())
                & (self.first_page_one.val() <= self.last_page_one.val())
                & (bit_cast::<16, PAGE>(self.span.val()) == bit_cast::<16, BLOCK>(self.block_span.val()))))
            & (!self.valid_one.val() | self.held_one.val());
        self.delta.next = self.first_one.val() - bit_cast::<BLOCK, PAGE>(self.first_page_one.val());
        self.holds_copies.next = !self.valid_one.val()
            | ((self.row.val().tenant == self.owner_one.val())
                & (self.row.val().first_page == !self.first_page_one.val())
                & (self.row.val().last_page == self.last_page_one.val())
                & (self.row.val().first_block == self.first_one.val())
                & (self.row.val().last_block == self.last_one.val())
                & (self.row.val().delta == self.delta.val())
                & (self.control_row.val().tenant == self.owner_one.val())
                & (self.control_row.val().first_page == self.first_page_one.val())
                & (self.control_row.val().last_page == self.last_page_one.val())
                & (self.control_row.val().first_block == self.first_one.val())
                & (self.control_row.val().last_block == self.last_one.val())
                & (self.control_row.val().delta == self.delta.val())
                & (self.control_row.val().isolated == self.guarded_one.val())
                & (self.control_row.val().read == self.rights.val().get_bit(0))
                & (self.control_row.val().write == self.rights.val().get_bit(1))
                & (self.control_row.val().execute == self.rights.val().get_bit(2)));
        self.holds_shadow.next = true;
        if self.active.val() & (self.state.val() == CommandState::Idle) & !self.order.val().get_bit(0) {
            self.holds_shadow.next = (self.shadow.val().mapped == self.mapped.val())
                & (!self.shadow.val().mapped | self.right.val());
        }
    }
}
