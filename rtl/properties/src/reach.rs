//! Isolation: no granted or allowed access touches a guarded block, unless it came through that block's own row.
//!
//! The property holds for any row, and for every flight during which the row's block was guarded from request to answer, whatever
//! is written to other rows in the meantime.

use crate::{flight::Flight, sizes::Sizes};
use pm_rtl::{ports::AccessRequest, store::Row};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Watches one row's block on both ports.
    pub struct Reach<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// Row whose block is watched: any row, steady.
        pub any_slot: Signal<In, Bits<SLOT>>,
        /// Row through which a grant may come: any row, steady.
        pub other_slot: Signal<In, Bits<SLOT>>,
        /// First byte of the window.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the frame.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Requests to the translate port.
        pub translate_request: AccessRequest<ADDRESS, LENGTH>,
        /// Requests to the physical port.
        pub physical_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the translate port: the access is granted.
        pub translate_response_granted: Signal<In, Bit>,
        /// Response of the translate port: number of the row that decided.
        pub translate_response_slot: Signal<In, Bits<8>>,
        /// Response of the translate port: physical address of the first byte.
        pub translate_response_physical: Signal<In, Bits<ADDRESS>>,
        /// Response of the physical port: the access is allowed.
        pub physical_response_allowed: Signal<In, Bit>,
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
        /// A row is written in this cycle.
        pub table_write_enable: Signal<In, Bit>,
        /// Slot of the row that is written.
        pub table_write_slot: Signal<In, Bits<SLOT>>,
        /// New contents of the row; valid with `table_write_enable`.
        pub table_write_row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// The written row becomes valid; valid with `table_write_enable`.
        pub table_write_valid: Signal<In, Bit>,
        /// Index into the data path's copy of the rows.
        pub row_index: Signal<Out, Bits<SLOT>>,
        /// Row at `row_index` in the data path's copy, the first page as its complement.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Rights of the row at `row_index`.
        pub rights: Signal<In, Bits<3>>,
        /// The tables agree with each other, bases stand still, and rows are written in order.
        pub assumed: Signal<Out, Bit>,
        /// Rows are written in order. A row becomes valid with the contents that it has had for a flight, in the slot that was
        /// addressed before. A row changes, except for its rights, only when it has not been valid for a flight.
        pub holds_order: Signal<Out, Bit>,
        /// A grant that touches the block came through the row, from its tenant.
        pub holds_translate: Signal<Out, Bit>,
        /// No access that touches the block is allowed.
        pub holds_physical: Signal<Out, Bit>,
        translate_flight: Flight<ADDRESS, LENGTH>,
        physical_flight: Flight<ADDRESS, LENGTH>,
        other_held: Signal<Local, Bit>,
        other_valid: Signal<Local, Bit>,
        other_first: Signal<Local, Bits<BLOCK>>,
        other_last: Signal<Local, Bits<BLOCK>>,
        other_owner: Signal<Local, Bits<TENANT>>,
        other_floor: Signal<Local, Bits<PAGE>>,
        other_end: Signal<Local, Bits<PAGE>>,
        span: Signal<Local, Bits<PAGE>>,
        block_span: Signal<Local, Bits<BLOCK>>,
        delta: Signal<Local, Bits<BLOCK>>,
        apart: Signal<Local, Bit>,
        alike: Signal<Local, Bit>,
        fits: Signal<Local, Bit>,
        still: Signal<Local, Bit>,
        aligned: Signal<Local, Bit>,
        stands: Signal<Local, Bit>,
        running: Register<Bit>,
        slot_was: Register<Bits<SLOT>>,
        window_was: Register<Bits<ADDRESS>>,
        frame_was: Register<Bits<ADDRESS>>,
        since: Register<Bits<3>>,
        idle: Register<Bits<3>>,
        fills: Signal<Local, Bit>,
        owner_was: Register<Bits<TENANT>>,
        floor_was: Register<Bits<PAGE>>,
        end_was: Register<Bits<PAGE>>,
        is_guarded: Signal<Local, Bit>,
        first_block: Signal<Local, Bits<BLOCK>>,
        last_block: Signal<Local, Bits<BLOCK>>,
        row_owner: Signal<Local, Bits<TENANT>>,
        row_floor: Signal<Local, Bits<PAGE>>,
        row_last: Signal<Local, Bits<PAGE>>,
        block_begin: Signal<Local, Bits<WIDE>>,
        block_end: Signal<Local, Bits<WIDE>>,
        frame: Signal<Local, Bits<WIDE>>,
        window: Signal<Local, Bits<WIDE>>,
        row_begin: Signal<Local, Bits<WIDE>>,
        row_end: Signal<Local, Bits<WIDE>>,
        address: Signal<Local, Bits<WIDE>>,
        final_byte: Signal<Local, Bits<WIDE>>,
        logical: Signal<Local, Bits<WIDE>>,
        logical_end: Signal<Local, Bits<WIDE>>,
        place: Signal<Local, Bits<WIDE>>,
        place_end: Signal<Local, Bits<WIDE>>,
        own: Signal<Local, Bit>,
        steady: Signal<Local, Bit>,
        first_was: Register<Bits<BLOCK>>,
        last_was: Register<Bits<BLOCK>>,
        cycles: Register<Bits<3>>,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    Reach<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE>
    #[hdl_gen]
    fn update(&mut self) registers(first_was, last_was, cycles, running, slot_was, window_was, frame_was, since, idle, owner_was, floor_was, end_was) blocks(translate_flight, physical_flight) {
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.translate_flight.request);
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.physical_flight.request);

        self.is_guarded.next = false;
        self.first_block.next = 0.into();
        self.last_block.next = 0.into();
        self.row_owner.next = 0.into();
        self.row_floor.next = 0.into();
        self.row_last.next = 0.into();
        for i in 0..self.valid.len() {
            if self.any_slot.val() == i.to_bits::<SLOT>() {
                self.is_guarded.next = self.guarded[i].val() & self.held[i].val();
                self.first_block.next = self.first[i].val();
                self.last_block.next = self.last[i].val();
                self.row_owner.next = self.owner[i].val();
                self.row_floor.next = self.floor[i].val();
                self.row_last.next = self.last_page[i].val();
            }
        }
        self.other_held.next = false;
        self.other_valid.next = false;
        self.other_first.next = 0.into();
        self.other_last.next = 0.into();
        self.other_owner.next = 0.into();
        self.other_floor.next = 0.into();
        self.other_end.next = 0.into();
        for i in 0..self.valid.len() {
            if self.other_slot.val() == i.to_bits::<SLOT>() {
                self.other_held.next = self.held[i].val();
                self.other_valid.next = self.valid[i].val();
                self.other_first.next = self.first[i].val();
                self.other_last.next = self.last[i].val();
                self.other_owner.next = self.owner[i].val();
                self.other_floor.next = self.floor[i].val();
                self.other_end.next = self.last_page[i].val();
            }
        }
        // The properties of the tables, for these two rows.
        self.apart.next = (self.any_slot.val() == self.other_slot.val())
            | !(self.is_guarded.val() & self.other_held.val())
            | (self.other_first.val() > self.last_block.val())
            | (self.first_block.val() > self.other_last.val());
        self.span.next = self.other_end.val() - !self.other_floor.val();
        self.block_span.next = self.other_last.val() - self.other_first.val();
        self.fits.next = (!self.other_valid.val() | self.other_held.val())
            & (!self.other_held.val()
                | ((self.other_first.val() <= self.other_last.val())
                    & (!self.other_floor.val() <= self.other_end.val())
                    & (bit_cast::<16, PAGE>(self.span.val()) == bit_cast::<16, BLOCK>(self.block_span.val()))));
        self.delta.next = self.other_first.val() - bit_cast::<BLOCK, PAGE>(!self.other_floor.val());
        self.row_index.next = self.other_slot.val();
        self.alike.next = !self.other_valid.val()
            | ((self.row.val().tenant == self.other_owner.val())
                & (self.row.val().first_page == self.other_floor.val())
                & (self.row.val().last_page == self.other_end.val())
                & (self.row.val().first_block == self.other_first.val())
                & (self.row.val().last_block == self.other_last.val())
                & (self.row.val().delta == self.delta.val()));
        self.running.d.next = true;
        self.window_was.d.next = self.window_base.val();
        self.frame_was.d.next = self.frame_base.val();
        self.aligned.next = (bit_cast::<WIDE, ADDRESS>(self.window_base.val()) & self.sizes.window_less_one.val()) == 0;
        self.still.next = !self.running.q.val()
            | ((self.window_base.val() == self.window_was.q.val()) & (self.frame_base.val() == self.frame_was.q.val()));
        // A row becomes valid as it stands: it was written whole when its block was reserved, longer ago than a flight.
        self.stands.next = (self.table_write_row.val().tenant == self.other_owner.val())
            & (self.table_write_row.val().first_page == !self.other_floor.val())
            & (self.table_write_row.val().last_page == self.other_end.val())
            & (self.table_write_row.val().first_block == self.other_first.val())
            & (self.table_write_row.val().last_block == self.other_last.val())
            & (self.table_write_row.val().delta == self.delta.val());
        self.slot_was.d.next = self.table_write_slot.val();
        if !self.since.q.val().all() {
            self.since.d.next = self.since.q.val() + 1;
        }
        if self.table_write_enable.val() & (self.table_write_slot.val() == self.other_slot.val()) & !self.stands.val() {
            self.since.d.next = 0.into();
        }
        if !self.idle.q.val().all() {
            self.idle.d.next = self.idle.q.val() + 1;
        }
        if self.other_valid.val() {
            self.idle.d.next = 0.into();
        }
        // A row that becomes valid is in the data path's copy already.
        self.fills.next = (self.table_write_row.val().tenant == self.row.val().tenant)
            & (self.table_write_row.val().first_page == !self.row.val().first_page)
            & (self.table_write_row.val().last_page == self.row.val().last_page)
            & (self.table_write_row.val().first_block == self.row.val().first_block)
            & (self.table_write_row.val().last_block == self.row.val().last_block)
            & (self.table_write_row.val().delta == self.row.val().delta)
            & (self.table_write_row.val().read == self.rights.val().get_bit(0))
            & (self.table_write_row.val().write == self.rights.val().get_bit(1))
            & (self.table_write_row.val().execute == self.rights.val().get_bit(2));
        self.holds_order.next = !self.table_write_enable.val()
            | ((self.table_write_slot.val() == self.slot_was.q.val())
                & ((self.table_write_slot.val() != self.other_slot.val())
                    | ((!self.table_write_valid.val()
                        | (self.other_held.val()
                            & self.stands.val()
                            & (self.since.q.val() >= 4)
                            & (self.other_valid.val() | self.fills.val())))
                        & (self.stands.val() | (self.idle.q.val() >= 4)))));
        self.assumed.next = self.apart.val()
            & self.fits.val()
            & self.alike.val()
            & self.still.val()
            & self.aligned.val()
            & self.holds_order.val();

        // A flight's worth of cycles in which the block was guarded and its row was as it is now.
        self.first_was.d.next = self.first_block.val();
        self.last_was.d.next = self.last_block.val();
        self.owner_was.d.next = self.row_owner.val();
        self.floor_was.d.next = self.row_floor.val();
        self.end_was.d.next = self.row_last.val();
        if !self.cycles.q.val().all() {
            self.cycles.d.next = self.cycles.q.val() + 1;
        }
        if !self.is_guarded.val()
            | (self.first_block.val() != self.first_was.q.val())
            | (self.last_block.val() != self.last_was.q.val())
            | (self.frame_base.val() != self.frame_was.q.val())
            | (self.row_owner.val() != self.owner_was.q.val())
            | (self.row_floor.val() != self.floor_was.q.val())
            | (self.row_last.val() != self.end_was.q.val())
        {
            self.cycles.d.next = 0.into();
        }
        self.steady.next = self.is_guarded.val()
            & (self.cycles.q.val() >= 5)
            & (self.frame_base.val() == self.frame_was.q.val())
            & (self.row_owner.val() == self.owner_was.q.val())
            & (self.row_floor.val() == self.floor_was.q.val())
            & (self.row_last.val() == self.end_was.q.val())
            & ((bit_cast::<WIDE, ADDRESS>(self.frame_base.val()) & self.sizes.frame_less_one.val()) == 0)
            & (self.first_block.val() == self.first_was.q.val())
            & (self.last_block.val() == self.last_was.q.val());

        self.frame.next = bit_cast::<WIDE, ADDRESS>(self.frame_base.val());
        self.window.next = bit_cast::<WIDE, ADDRESS>(self.window_base.val());
        self.block_begin.next = self.frame.val()
            + (bit_cast::<WIDE, BLOCK>(self.first_block.val()) << self.sizes.granule_bits.val());
        self.block_end.next = self.frame.val()
            + (bit_cast::<WIDE, BLOCK>(self.last_block.val()) << self.sizes.granule_bits.val())
            + self.sizes.granule_less_one.val();
        self.row_begin.next = self.window.val()
            + (bit_cast::<WIDE, PAGE>(!self.row_floor.val()) << self.sizes.granule_bits.val());
        self.row_end.next = self.window.val()
            + (bit_cast::<WIDE, PAGE>(self.row_last.val()) << self.sizes.granule_bits.val())
            + self.sizes.granule_less_one.val();

        self.address.next = bit_cast::<WIDE, ADDRESS>(self.physical_flight.arrived.val().address);
        self.final_byte.next =
            (self.address.val() + bit_cast::<WIDE, LENGTH>(self.physical_flight.arrived.val().length)) - 1;
        self.holds_physical.next = !(self.steady.val()
            & self.physical_response_allowed.val()
            & (self.address.val() <= self.block_end.val())
            & (self.final_byte.val() >= self.block_begin.val()));

        self.logical.next = bit_cast::<WIDE, ADDRESS>(self.translate_flight.arrived.val().address);
        self.logical_end.next =
            (self.logical.val() + bit_cast::<WIDE, LENGTH>(self.translate_flight.arrived.val().length)) - 1;
        self.place.next = bit_cast::<WIDE, ADDRESS>(self.translate_response_physical.val());
        self.place_end.next =
            (self.place.val() + bit_cast::<WIDE, LENGTH>(self.translate_flight.arrived.val().length)) - 1;
        // Through the row's own logical range, by its own tenant, and to the same place in the block.
        self.own.next = (bit_cast::<SLOT, 8>(self.translate_response_slot.val()) == self.any_slot.val())
            & (self.translate_flight.arrived.val().tenant == bit_cast::<8, TENANT>(self.row_owner.val()))
            & (self.logical.val() >= self.row_begin.val())
            & (self.logical_end.val() <= self.row_end.val())
            & ((self.logical.val() - self.row_begin.val()) == (self.place.val() - self.block_begin.val()))
            & (self.place_end.val() <= self.block_end.val());
        self.holds_translate.next = !(self.steady.val()
            & self.translate_response_granted.val()
            & (bit_cast::<SLOT, 8>(self.translate_response_slot.val()) == self.other_slot.val())
            & (self.place.val() <= self.block_end.val())
            & (self.place_end.val() >= self.block_begin.val()))
            | self.own.val();
    }
}
