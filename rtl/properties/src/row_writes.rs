//! The writes of rows in one data path: do the writes come in order, and is a row of the tenant written?
//!
//! ```text
//!   write, entries of the CAM --> ages of the rows --> in_order
//!                             '-----------------------> writes: for the tenant, or over a row of the tenant
//! ```
//!
//! In order: a row becomes valid with the contents that the row has had for a flight, in the slot that was addressed before. A row
//! changes only when it has not been valid for a flight.

use crate::{row_age::RowAge, written_row::WrittenRow};
use pm_rtl::store::Row;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Watches the write port of the rows.
    pub struct RowWrites<TENANT, SLOT, PAGE, BLOCK> with slots: usize {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the design and this monitor restart.
        pub reset: Signal<In, Bit>,
        /// Tenant whose rows are watched.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// Slot whose row the data path's copy shows.
        pub shown_slot: Signal<In, Bits<SLOT>>,
        /// A row is written in this cycle.
        pub enable: Signal<In, Bit>,
        /// Slot of the row that is written; a cycle ahead of `enable`.
        pub slot: Signal<In, Bits<SLOT>>,
        /// New contents of the row; valid with `enable`.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// The written row becomes valid; valid with `enable`.
        pub row_valid: Signal<In, Bit>,
        /// For each entry of the CAM: the entry is valid.
        pub valid: Vec<Signal<In, Bit>> = vec![Default::default(); slots],
        /// For each entry of the CAM: tenant that owns the row.
        pub owner: Vec<Signal<In, Bits<TENANT>>> = vec![Default::default(); slots],
        /// For each entry of the CAM: complement of the first page.
        pub floor: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); slots],
        /// For each entry of the CAM: last page.
        pub last_page: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); slots],
        /// Row of `shown_slot` in the data path's copy, the first page as its complement.
        pub stored: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Rights of that row.
        pub rights: Signal<In, Bits<3>>,
        /// The row of `shown_slot` is valid, and the tenant's.
        pub lives: Signal<Out, Bit>,
        /// A row of the tenant is written: for the tenant, or over a row of the tenant.
        pub writes: Signal<Out, Bit>,
        /// The write of this cycle, if there is one, is in order.
        pub in_order: Signal<Out, Bit>,
        /// Slot that was addressed a cycle ago.
        pub slot_was: Signal<Out, Bits<SLOT>>,
        ages: Vec<RowAge> = vec![Default::default(); slots],
        written_row: WrittenRow<TENANT, PAGE, BLOCK>,
        slot_was_held: Register<Bits<SLOT>>,
        overwrites: Signal<Local, Bit>,
        rests: Signal<Local, Bit>,
        stood: Signal<Local, Bit>,
        fills: Signal<Local, Bit>,
    }
}

kernel! {
    RowWrites<TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) registers(slot_was_held) each(ages) {
        self.lives.next = false;
        self.overwrites.next = false;
        self.stood.next = false;
        self.rests.next = false;
        for i in 0..self.valid.len() {
            self.ages[i].written.next = self.enable.val() & (self.slot.val() == i.to_bits::<SLOT>());
            self.ages[i].stands.next = (self.row.val().tenant == self.owner[i].val())
                & (self.row.val().first_page == !self.floor[i].val())
                & (self.row.val().last_page == self.last_page[i].val());
            self.ages[i].valid.next = self.valid[i].val();
            if self.slot.val() == i.to_bits::<SLOT>() {
                self.overwrites.next = self.valid[i].val() & (self.owner[i].val() == self.tenant.val());
                self.stood.next = self.ages[i].stood.val();
                self.rests.next = self.ages[i].rests.val();
            }
            if self.shown_slot.val() == i.to_bits::<SLOT>() {
                self.lives.next = self.valid[i].val() & (self.owner[i].val() == self.tenant.val());
            }
        }
        self.writes.next =
            self.enable.val() & ((self.row.val().tenant == self.tenant.val()) | self.overwrites.val());

        // As rows_in_order and copies_agree state: a row that becomes valid is in the table already.
        self.written_row.written.next = self.row.val();
        self.written_row.stored.next = self.stored.val();
        self.written_row.rights.next = self.rights.val();
        self.fills.next =
            (self.slot.val() != self.shown_slot.val()) | self.lives.val() | self.written_row.same.val();
        self.slot_was_held.d.next = self.slot.val();
        self.slot_was.next = self.slot_was_held.q.val();
        self.in_order.next = !self.enable.val()
            | ((self.slot.val() == self.slot_was_held.q.val())
                & self.rests.val()
                & (!self.row_valid.val() | (self.stood.val() & self.fills.val())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Small = RowWrites<2, 1, 1, 2>;

    /// Tenant 1 is watched, and slot 0 is shown. Slot 0 holds a valid row of tenant 1, slot 1 a row of tenant 2 that is not valid;
    /// both have stood for a flight.
    fn writes() -> Small {
        let mut writes = Small::new(2);
        writes.connect_all();
        (writes.tenant.next, writes.slot.next) = (1.into(), 1.into());
        (writes.valid[0].next, writes.owner[0].next, writes.owner[1].next) = (true, 1.into(), 2.into());
        for slot in 0..2 {
            (writes.floor[slot].next, writes.last_page[slot].next) = (1.into(), 1.into());
        }
        writes.row.next = row(2);
        for _ in 0..6 {
            edge(&mut writes);
        }
        writes
    }

    fn edge(writes: &mut Small) {
        for level in [false, true, false] {
            writes.clock.next = level.into();
            assert!(simulate(writes, 100));
        }
    }

    fn row(tenant: u64) -> Row<2, 1, 2> {
        Row { tenant: tenant.into(), last_page: 1.into(), ..Row::default() }
    }

    /// A write after `writes`: `writes`, `in_order`.
    #[track_caller]
    fn check(slot: u64, row: Row<2, 1, 2>, valid: bool, expected: [bool; 2]) {
        let mut writes = writes();
        writes.slot.next = slot.into();
        edge(&mut writes);
        (writes.enable.next, writes.row.next, writes.row_valid.next) = (true, row, valid);
        assert!(simulate(&mut writes, 100));
        assert_eq!([writes.writes.val(), writes.in_order.val()], expected, "slot {slot}, {row:?}, valid {valid}");
        assert!(writes.lives.val());
        assert_eq!(writes.slot_was.val().to_u64(), slot);
    }

    #[test]
    fn a_row_changes_only_when_it_has_not_been_valid_for_a_flight() {
        check(1, row(2), true, [false, true]);
        check(1, row(3), false, [false, true]);
        check(1, row(3), true, [false, false]);
        check(1, row(1), false, [true, true]);
        // A row of the tenant stays as it is, or becomes invalid.
        check(0, row(1), true, [true, true]);
        check(0, row(1), false, [true, true]);
        check(0, row(2), false, [true, false]);
    }

    #[test]
    fn a_write_comes_a_cycle_after_its_slot_and_after_the_row_has_stood() {
        let mut writes = writes();
        (writes.enable.next, writes.slot.next, writes.row.next) = (true, 0.into(), row(1));
        assert!(simulate(&mut writes, 100));
        assert!(!writes.in_order.val(), "the other slot was addressed");
        let mut writes = self::writes();
        (writes.enable.next, writes.row.next) = (true, row(3));
        edge(&mut writes);
        (writes.owner[1].next, writes.row_valid.next) = (3.into(), true);
        writes.enable.next = false;
        for cycle in 0..4 {
            writes.enable.next = true;
            assert!(simulate(&mut writes, 100));
            assert!(!writes.in_order.val(), "cycle {cycle}");
            writes.enable.next = false;
            edge(&mut writes);
        }
        writes.enable.next = true;
        assert!(simulate(&mut writes, 100));
        assert!(writes.in_order.val());
    }
}
