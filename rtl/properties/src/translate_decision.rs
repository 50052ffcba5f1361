//! Decision, translate port: every answer is the one that the datasheet's table gives for the contents of the tables, for any
//! contents.
//!
//! ```text
//!   request --flight--> tenant, page --> shadow word --> row --> the nine questions --> expected == response?
//!                            '---------> every entry of the CAM ------'
//! ```
//!
//! The monitor computes with byte addresses that cannot wrap, in the order of the datasheet, and shares no block with the design.

use crate::{calm::Calm, flight::Flight, sizes::Sizes};
use pm_rtl::{
    constants::Reasons,
    ports::AccessRequest,
    store::{Row, ShadowEntry},
};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Judges the translate port's answers.
    pub struct TranslateDecision<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// The gate is open.
        pub active: Signal<In, Bit>,
        /// The window is strict.
        pub strict: Signal<In, Bit>,
        /// First byte of the window.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the frame.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// A row is written in this cycle.
        pub table_write_enable: Signal<In, Bit>,
        /// A shadow page table is written in this cycle.
        pub shadow_write_enable: Signal<In, Bit>,
        /// Requests to the translate port.
        pub translate_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the translate port: the other fields are meaningful.
        pub translate_response_valid: Signal<In, Bit>,
        /// Response of the translate port: the access is granted.
        pub translate_response_granted: Signal<In, Bit>,
        /// Response of the translate port: the access is left to the standard MMU.
        pub translate_response_not_mine: Signal<In, Bit>,
        /// Response of the translate port: reason of a refusal.
        pub translate_response_reason: Signal<In, Bits<4>>,
        /// Response of the translate port: number of the row that decided.
        pub translate_response_slot: Signal<In, Bits<8>>,
        /// Response of the translate port: physical address of the first byte.
        pub translate_response_physical: Signal<In, Bits<ADDRESS>>,
        /// For each entry of the CAM: the entry is valid.
        pub valid: Vec<Signal<In, Bit>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: tenant that owns the row.
        pub owner: Vec<Signal<In, Bits<TENANT>>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: complement of the first page.
        pub floor: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// For each entry of the CAM: last page.
        pub last: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); geometry.slots],
        /// Index into the shadow page tables.
        pub shadow_index: Signal<Out, Bits<SHADOW>>,
        /// Shadow entry at `shadow_index`.
        pub shadow: Signal<In, ShadowEntry<SLOT>>,
        /// Index into the data path's copy of the rows.
        pub row_index: Signal<Out, Bits<SLOT>>,
        /// Row at `row_index`, the first page as its complement.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Rights of the row at `row_index`: read, write, execute from bit 0 on.
        pub rights: Signal<In, Bits<3>>,
        /// Window and frame lie where the gate lets them lie.
        pub assumed: Signal<Out, Bit>,
        /// The response is the one that the datasheet gives for the tables.
        pub holds: Signal<Out, Bit>,
        flight: Flight<ADDRESS, LENGTH>,
        calm: Calm<ADDRESS>,
        tenant: Signal<Local, Bits<8>>,
        length: Signal<Local, Bits<WIDE>>,
        address: Signal<Local, Bits<WIDE>>,
        last_byte: Signal<Local, Bits<WIDE>>,
        kind: Signal<Local, Bits<2>>,
        window_first: Signal<Local, Bits<WIDE>>,
        window_last: Signal<Local, Bits<WIDE>>,
        row_last: Signal<Local, Bits<WIDE>>,
        in_window: Signal<Local, Bit>,
        who: Signal<Local, Bits<TENANT>>,
        page: Signal<Local, Bits<PAGE>>,
        first_page: Signal<Local, Bits<PAGE>>,
        block: Signal<Local, Bits<BLOCK>>,
        hit: Signal<Local, Bit>,
        found: Signal<Local, Bit>,
        twice: Signal<Local, Bit>,
        named: Signal<Local, Bit>,
        kind_permitted: Signal<Local, Bit>,
        granted: Signal<Local, Bit>,
        not_mine: Signal<Local, Bit>,
        reason: Signal<Local, Bits<4>>,
        slot: Signal<Local, Bits<8>>,
        physical: Signal<Local, Bits<WIDE>>,
        reasons: Reasons,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    TranslateDecision<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, WIDE>
    #[hdl_gen]
    fn update(&mut self) blocks(flight, calm) {
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.flight.request);
        self.calm.written.next = self.table_write_enable.val() | self.shadow_write_enable.val();
        self.calm.active.next = self.active.val();
        self.calm.strict.next = self.strict.val();
        self.calm.window_base.next = self.window_base.val();
        self.calm.frame_base.next = self.frame_base.val();

        self.tenant.next = self.flight.arrived.val().tenant;
        self.kind.next = self.flight.arrived.val().kind;
        self.address.next = bit_cast::<WIDE, ADDRESS>(self.flight.arrived.val().address);
        self.length.next = bit_cast::<WIDE, LENGTH>(self.flight.arrived.val().length);
        self.last_byte.next = (self.address.val() + self.length.val()) - 1;
        self.window_first.next = bit_cast::<WIDE, ADDRESS>(self.window_base.val());
        self.window_last.next = self.window_first.val() + self.sizes.window_less_one.val();
        self.in_window.next = (self.address.val() >= self.window_first.val()) & (self.address.val() <= self.window_last.val());
        self.who.next = bit_cast::<TENANT, 8>(self.tenant.val());
        self.page.next = bit_cast::<PAGE, WIDE>((self.address.val() - self.window_first.val()) >> self.sizes.granule_bits.val());

        self.shadow_index.next = (bit_cast::<SHADOW, TENANT>(self.who.val()) << self.sizes.page_bits.val())
            | bit_cast::<SHADOW, PAGE>(self.page.val());
        self.row_index.next = self.shadow.val().slot;
        self.found.next = false;
        self.twice.next = false;
        self.named.next = false;
        for i in 0..self.valid.len() {
            self.hit.next = self.valid[i].val()
                & (self.owner[i].val() == self.who.val())
                & (self.page.val() >= !self.floor[i].val())
                & (self.page.val() <= self.last[i].val());
            self.twice.next = self.twice.val() | (self.found.val() & self.hit.val());
            self.found.next = self.found.val() | self.hit.val();
            if self.hit.val() & (self.shadow.val().slot == i.to_bits::<SLOT>()) {
                self.named.next = true;
            }
        }

        self.first_page.next = !self.row.val().first_page;
        self.row_last.next = self.window_first.val()
            + (bit_cast::<WIDE, PAGE>(self.row.val().last_page) << self.sizes.granule_bits.val())
            + self.sizes.granule_less_one.val();
        self.block.next = bit_cast::<BLOCK, PAGE>(self.page.val()) + self.row.val().delta;
        self.kind_permitted.next = false;
        if self.kind.val() == 0 {
            self.kind_permitted.next = self.rights.val().get_bit(0);
        } else if self.kind.val() == 1 {
            self.kind_permitted.next = self.rights.val().get_bit(1);
        } else if self.kind.val() == 2 {
            self.kind_permitted.next = self.rights.val().get_bit(2);
        }

        self.granted.next = false;
        self.not_mine.next = false;
        self.reason.next = self.reasons.none.val();
        self.slot.next = 0.into();
        self.physical.next = 0.into();
        if !self.active.val() {
            self.reason.next = self.reasons.not_active.val();
        } else if self.tenant.val() >= self.sizes.tenants.val() {
            self.reason.next = self.reasons.no_tenant.val();
        } else if (self.length.val() == 0) | (self.length.val() > self.sizes.max_length.val()) {
            self.reason.next = self.reasons.out_of_range.val();
        } else if !self.in_window.val() | (!self.shadow.val().mapped & !self.found.val() & !self.strict.val()) {
            self.not_mine.next = true;
        } else if !self.found.val() {
            self.reason.next = self.reasons.invalid_partition.val();
        } else if !self.shadow.val().mapped | self.twice.val() | !self.named.val() {
            self.reason.next = self.reasons.integrity.val();
        } else {
            self.slot.next = bit_cast::<8, SLOT>(self.shadow.val().slot);
            if (self.row.val().tenant != self.who.val())
                | (self.page.val() < self.first_page.val())
                | (self.page.val() > self.row.val().last_page)
            {
                self.reason.next = self.reasons.integrity.val();
            } else if !self.kind_permitted.val() {
                self.reason.next = self.reasons.permission.val();
            } else if (self.last_byte.val() > self.row_last.val()) | (self.last_byte.val() > self.window_last.val()) {
                self.reason.next = self.reasons.out_of_range.val();
            } else if (self.block.val() < self.row.val().first_block) | (self.block.val() > self.row.val().last_block) {
                self.reason.next = self.reasons.integrity.val();
            } else {
                self.granted.next = true;
                self.physical.next = bit_cast::<WIDE, ADDRESS>(self.frame_base.val())
                    + (bit_cast::<WIDE, BLOCK>(self.block.val()) << self.sizes.granule_bits.val())
                    + (self.address.val() & self.sizes.granule_less_one.val());
            }
        }

        self.holds.next = true;
        if self.calm.settled.val() {
            self.holds.next = self.translate_response_valid.val() == self.flight.arrived.val().valid;
            if self.flight.arrived.val().valid {
                self.holds.next = self.translate_response_valid.val()
                    & (self.translate_response_granted.val() == self.granted.val())
                    & (self.translate_response_not_mine.val() == self.not_mine.val())
                    & (self.translate_response_reason.val() == self.reason.val())
                    & (self.translate_response_slot.val() == self.slot.val())
                    & (bit_cast::<WIDE, ADDRESS>(self.translate_response_physical.val()) == self.physical.val());
            }
        }
        self.assumed.next = ((self.window_first.val() & self.sizes.window_less_one.val()) == 0)
            & ((bit_cast::<WIDE, ADDRESS>(self.frame_base.val()) & self.sizes.frame_less_one.val()) == 0);
    }
}
