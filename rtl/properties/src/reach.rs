//! Isolation: no granted or allowed access touches a guarded block, unless it came through that block's own row.
//!
//! The property holds for any row, and for every flight during which the row's block was guarded from request to answer, whatever
//! is written to other rows in the meantime. [`BlockReach`] says whether an access touches the block, and whether the access came
//! through the row.

use crate::{block_reach::BlockReach, flight::Flight, row_age::RowAge, sizes::Sizes, slot_row::SlotRow, written_row::WrittenRow};
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
        watched: SlotRow<TENANT, SLOT, PAGE, BLOCK> = SlotRow::new(geometry.slots),
        through: SlotRow<TENANT, SLOT, PAGE, BLOCK> = SlotRow::new(geometry.slots),
        age: RowAge,
        written_row: WrittenRow<TENANT, PAGE, BLOCK>,
        reach: BlockReach<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE> = BlockReach::new(geometry),
        span: Signal<Local, Bits<PAGE>>,
        block_span: Signal<Local, Bits<BLOCK>>,
        delta: Signal<Local, Bits<BLOCK>>,
        apart: Signal<Local, Bit>,
        alike: Signal<Local, Bit>,
        fits: Signal<Local, Bit>,
        still: Signal<Local, Bit>,
        aligned: Signal<Local, Bit>,
        stands: Signal<Local, Bit>,
        is_guarded: Signal<Local, Bit>,
        moved: Signal<Local, Bit>,
        steady: Signal<Local, Bit>,
        running: Register<Bit>,
        slot_was: Register<Bits<SLOT>>,
        window_was: Register<Bits<ADDRESS>>,
        frame_was: Register<Bits<ADDRESS>>,
        owner_was: Register<Bits<TENANT>>,
        floor_was: Register<Bits<PAGE>>,
        end_was: Register<Bits<PAGE>>,
        first_was: Register<Bits<BLOCK>>,
        last_was: Register<Bits<BLOCK>>,
        cycles: Register<Bits<3>>,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    Reach<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE>
    #[hdl_gen]
    fn update(&mut self) registers(first_was, last_was, cycles, running, slot_was, window_was, frame_was, owner_was, floor_was, end_was) blocks(translate_flight, physical_flight, age) {
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.translate_flight.request);
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.physical_flight.request);

        self.watched.slot.next = self.any_slot.val();
        self.through.slot.next = self.other_slot.val();
        for i in 0..self.valid.len() {
            self.watched.all_valid[i].next = self.valid[i].val();
            self.watched.all_owner[i].next = self.owner[i].val();
            self.watched.all_floor[i].next = self.floor[i].val();
            self.watched.all_end[i].next = self.last_page[i].val();
            self.watched.all_held[i].next = self.held[i].val();
            self.watched.all_guarded[i].next = self.guarded[i].val();
            self.watched.all_first[i].next = self.first[i].val();
            self.watched.all_last[i].next = self.last[i].val();
            self.through.all_valid[i].next = self.valid[i].val();
            self.through.all_owner[i].next = self.owner[i].val();
            self.through.all_floor[i].next = self.floor[i].val();
            self.through.all_end[i].next = self.last_page[i].val();
            self.through.all_held[i].next = self.held[i].val();
            self.through.all_guarded[i].next = self.guarded[i].val();
            self.through.all_first[i].next = self.first[i].val();
            self.through.all_last[i].next = self.last[i].val();
        }
        // The properties of the tables, for these two rows.
        self.is_guarded.next = self.watched.guarded.val() & self.watched.held.val();
        self.apart.next = (self.any_slot.val() == self.other_slot.val())
            | !(self.is_guarded.val() & self.through.held.val())
            | (self.through.first.val() > self.watched.last.val())
            | (self.watched.first.val() > self.through.last.val());
        self.span.next = self.through.end.val() - !self.through.floor.val();
        self.block_span.next = self.through.last.val() - self.through.first.val();
        self.fits.next = (!self.through.valid.val() | self.through.held.val())
            & (!self.through.held.val()
                | ((self.through.first.val() <= self.through.last.val())
                    & (!self.through.floor.val() <= self.through.end.val())
                    & (bit_cast::<16, PAGE>(self.span.val()) == bit_cast::<16, BLOCK>(self.block_span.val()))));
        self.delta.next = self.through.first.val() - bit_cast::<BLOCK, PAGE>(!self.through.floor.val());
        self.row_index.next = self.other_slot.val();
        self.alike.next = !self.through.valid.val()
            | ((self.row.val().tenant == self.through.owner.val())
                & (self.row.val().first_page == self.through.floor.val())
                & (self.row.val().last_page == self.through.end.val())
                & (self.row.val().first_block == self.through.first.val())
                & (self.row.val().last_block == self.through.last.val())
                & (self.row.val().delta == self.delta.val()));
        self.running.d.next = true;
        self.window_was.d.next = self.window_base.val();
        self.frame_was.d.next = self.frame_base.val();
        self.aligned.next = (bit_cast::<WIDE, ADDRESS>(self.window_base.val()) & self.sizes.window_less_one.val()) == 0;
        self.still.next = !self.running.q.val()
            | ((self.window_base.val() == self.window_was.q.val()) & (self.frame_base.val() == self.frame_was.q.val()));
        // A row becomes valid as it stands: it was written whole when its block was reserved, longer ago than a flight.
        self.stands.next = (self.table_write_row.val().tenant == self.through.owner.val())
            & (self.table_write_row.val().first_page == !self.through.floor.val())
            & (self.table_write_row.val().last_page == self.through.end.val())
            & (self.table_write_row.val().first_block == self.through.first.val())
            & (self.table_write_row.val().last_block == self.through.last.val())
            & (self.table_write_row.val().delta == self.delta.val());
        self.slot_was.d.next = self.table_write_slot.val();
        self.age.written.next =
            self.table_write_enable.val() & (self.table_write_slot.val() == self.other_slot.val());
        self.age.stands.next = self.stands.val();
        self.age.valid.next = self.through.valid.val();
        // A row that becomes valid is in the data path's copy already.
        self.written_row.written.next = self.table_write_row.val();
        self.written_row.stored.next = self.row.val();
        self.written_row.rights.next = self.rights.val();
        self.holds_order.next = !self.table_write_enable.val()
            | ((self.table_write_slot.val() == self.slot_was.q.val())
                & ((self.table_write_slot.val() != self.other_slot.val())
                    | ((!self.table_write_valid.val()
                        | (self.through.held.val()
                            & self.age.stood.val()
                            & (self.through.valid.val() | self.written_row.same.val())))
                        & self.age.rests.val())));
        self.assumed.next = self.apart.val()
            & self.fits.val()
            & self.alike.val()
            & self.still.val()
            & self.aligned.val()
            & self.holds_order.val();

        // A flight's worth of cycles in which the block was guarded and its row was as it is now.
        self.first_was.d.next = self.watched.first.val();
        self.last_was.d.next = self.watched.last.val();
        self.owner_was.d.next = self.watched.owner.val();
        self.floor_was.d.next = self.watched.floor.val();
        self.end_was.d.next = self.watched.end.val();
        if !self.cycles.q.val().all() {
            self.cycles.d.next = self.cycles.q.val() + 1;
        }
        self.moved.next = (self.watched.first.val() != self.first_was.q.val())
            | (self.watched.last.val() != self.last_was.q.val())
            | (self.frame_base.val() != self.frame_was.q.val())
            | (self.watched.owner.val() != self.owner_was.q.val())
            | (self.watched.floor.val() != self.floor_was.q.val())
            | (self.watched.end.val() != self.end_was.q.val());
        if !self.is_guarded.val() | self.moved.val() {
            self.cycles.d.next = 0.into();
        }
        self.steady.next = self.is_guarded.val()
            & !self.moved.val()
            & (self.cycles.q.val() >= 5)
            & ((bit_cast::<WIDE, ADDRESS>(self.frame_base.val()) & self.sizes.frame_less_one.val()) == 0);

        self.reach.slot.next = self.any_slot.val();
        self.reach.owner.next = self.watched.owner.val();
        self.reach.floor.next = self.watched.floor.val();
        self.reach.end.next = self.watched.end.val();
        self.reach.first.next = self.watched.first.val();
        self.reach.last.next = self.watched.last.val();
        self.reach.window_base.next = self.window_base.val();
        self.reach.frame_base.next = self.frame_base.val();
        self.reach.physical.next = self.physical_flight.arrived.val();
        self.reach.translate.next = self.translate_flight.arrived.val();
        self.reach.translate_slot.next = self.translate_response_slot.val();
        self.reach.translate_physical.next = self.translate_response_physical.val();
        self.holds_physical.next =
            !(self.steady.val() & self.physical_response_allowed.val() & self.reach.physical_touches.val());
        // Through the row's own logical range, by its own tenant, and to the same place in the block.
        self.holds_translate.next = !(self.steady.val()
            & self.translate_response_granted.val()
            & (bit_cast::<SLOT, 8>(self.translate_response_slot.val()) == self.other_slot.val())
            & self.reach.translate_touches.val())
            | self.reach.own.val();
    }
}
