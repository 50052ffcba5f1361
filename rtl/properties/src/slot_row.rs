//! The row of one slot, as the comparators hold the row.
//!
//! ```text
//!   entry 0 ... entry n of the CAM, and of isolation --slot--> valid, held, guarded, owner, floor, end, first, last
//! ```

use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Selects an entry of all comparators; combinational.
    pub struct SlotRow<TENANT, SLOT, PAGE, BLOCK> with slots: usize {
        /// Slot of the row.
        pub slot: Signal<In, Bits<SLOT>>,
        /// For each entry of the CAM: the entry is valid.
        pub all_valid: Vec<Signal<In, Bit>> = vec![Default::default(); slots],
        /// For each entry of the CAM: tenant that owns the row.
        pub all_owner: Vec<Signal<In, Bits<TENANT>>> = vec![Default::default(); slots],
        /// For each entry of the CAM: complement of the first page.
        pub all_floor: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); slots],
        /// For each entry of the CAM: last page.
        pub all_end: Vec<Signal<In, Bits<PAGE>>> = vec![Default::default(); slots],
        /// For each row: the block of the row is taken.
        pub all_held: Vec<Signal<In, Bit>> = vec![Default::default(); slots],
        /// For each row: no physical access may reach the block of the row.
        pub all_guarded: Vec<Signal<In, Bit>> = vec![Default::default(); slots],
        /// For each row: first granule of the block.
        pub all_first: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); slots],
        /// For each row: last granule of the block.
        pub all_last: Vec<Signal<In, Bits<BLOCK>>> = vec![Default::default(); slots],
        /// The row is valid.
        pub valid: Signal<Out, Bit>,
        /// Tenant that owns the row.
        pub owner: Signal<Out, Bits<TENANT>>,
        /// Complement of the row's first page.
        pub floor: Signal<Out, Bits<PAGE>>,
        /// Last page of the row.
        pub end: Signal<Out, Bits<PAGE>>,
        /// The block of the row is taken.
        pub held: Signal<Out, Bit>,
        /// No physical access may reach the block of the row.
        pub guarded: Signal<Out, Bit>,
        /// First granule of the block.
        pub first: Signal<Out, Bits<BLOCK>>,
        /// Last granule of the block.
        pub last: Signal<Out, Bits<BLOCK>>,
    }
}

kernel! {
    SlotRow<TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) {
        self.valid.next = false;
        self.owner.next = 0.into();
        self.floor.next = 0.into();
        self.end.next = 0.into();
        self.held.next = false;
        self.guarded.next = false;
        self.first.next = 0.into();
        self.last.next = 0.into();
        for i in 0..self.all_valid.len() {
            if self.slot.val() == i.to_bits::<SLOT>() {
                self.valid.next = self.all_valid[i].val();
                self.owner.next = self.all_owner[i].val();
                self.floor.next = self.all_floor[i].val();
                self.end.next = self.all_end[i].val();
                self.held.next = self.all_held[i].val();
                self.guarded.next = self.all_guarded[i].val();
                self.first.next = self.all_first[i].val();
                self.last.next = self.all_last[i].val();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_shows_its_own_row() {
        let check = |slot: u64, flags: [bool; 3], expected: [u64; 5]| {
            let mut row = SlotRow::<3, 2, 3, 3>::new(3);
            row.connect_all();
            for entry in 0..3 {
                let number = entry as u64;
                (row.all_valid[entry].next, row.all_held[entry].next, row.all_guarded[entry].next) =
                    (entry == 0, entry == 1, entry == 2);
                (row.all_owner[entry].next, row.all_floor[entry].next) = ((number + 1).into(), (number + 2).into());
                (row.all_end[entry].next, row.all_first[entry].next) = ((number + 3).into(), (number + 4).into());
                row.all_last[entry].next = (number + 5).into();
            }
            row.slot.next = slot.into();
            assert!(simulate(&mut row, 100));
            assert_eq!([row.valid.val(), row.held.val(), row.guarded.val()], flags, "slot {slot}");
            let found = [
                row.owner.val().to_u64(),
                row.floor.val().to_u64(),
                row.end.val().to_u64(),
                row.first.val().to_u64(),
                row.last.val().to_u64(),
            ];
            assert_eq!(found, expected, "slot {slot}");
        };
        check(0, [true, false, false], [1, 2, 3, 4, 5]);
        check(1, [false, true, false], [2, 3, 4, 5, 6]);
        check(2, [false, false, true], [3, 4, 5, 6, 7]);
        // There are three slots: the fourth is none.
        check(3, [false, false, false], [0, 0, 0, 0, 0]);
    }
}
