//! The isolation comparators: does a physical access touch a guarded block, and the block of which row?
//!
//! ```text
//!   asked, first, last --> entry 0 ... entry n, tail --[edge]--> any touched? --> reached
//!   table_write, tail ---> entry 0 ... entry n, tail             lowest that is touched --> slot
//!                              '--> held, first_block, last_block of each row, for the control side
//! ```

use crate::store::{IsolationEntry, TableWrite};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Has a comparator for each slot, and with `dynamic` one for the tail that RESIZE works on.
    pub struct Comparators<TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no block is held, no access is under way.
        pub reset: Signal<In, Bit>,
        /// Write port of the store.
        pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
        /// High: the granules from `tail_first` to `tail_last` are guarded from the next edge on, whatever the rows say.
        pub tail_guarded: Signal<In, Bit>,
        /// Row that the tail belongs to; valid with `tail_guarded`.
        pub tail_slot: Signal<In, Bits<SLOT>>,
        /// First granule of the tail; valid with `tail_guarded`.
        pub tail_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the tail; valid with `tail_guarded`.
        pub tail_last: Signal<In, Bits<BLOCK>>,
        /// High: an access of a tenant that exists touches the frame.
        pub asked: Signal<In, Bit>,
        /// First granule of the access in the frame; valid with `asked`.
        pub first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the access in the frame; valid with `asked`.
        pub last: Signal<In, Bits<BLOCK>>,
        /// High when the access touches a guarded block, one edge later.
        pub reached: Signal<Out, Bit>,
        /// Lowest row whose guarded block is touched, one edge later; else zero.
        pub slot: Signal<Out, Bits<8>>,
        /// High while the block of each row is taken.
        pub held: Vec<Signal<Out, Bit>> = vec![Signal::default(); geometry.slots],
        /// First granule of each row's block; valid while the block is held.
        pub first_block: Vec<Signal<Out, Bits<BLOCK>>> = vec![Signal::default(); geometry.slots],
        /// Last granule of each row's block; valid while the block is held.
        pub last_block: Vec<Signal<Out, Bits<BLOCK>>> = vec![Signal::default(); geometry.slots],
        entries: Vec<IsolationEntry<BLOCK>> = vec![IsolationEntry::new(geometry); geometry.slots],
        touched: Signal<Local, Bit>,
        lane: Signal<Local, Bits<8>>,
        lanes: Signal<Local, Bits<4>>,
        touched_lanes: Register<Bits<4>> where guarded,
        first_lane: Constant<Bits<4>> = Constant::new(1u64.to_bits()),
        lane_mask: Constant<Bits<8>> = Constant::new(3u64.to_bits()),
        tail: IsolationEntry<BLOCK> where dynamic = IsolationEntry::new(geometry),
        /// High while `reached` has lost no bit.
        pub reached_intact: Signal<Out, Bit> where integrity,
        /// High while no entry has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Comparators<TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) registers(touched_lanes) each(entries) each_intact(entries) {
        self.touched.next = false;
        self.lanes.next = 0.into();
        self.slot.next = 0.into();
        for i in 0..self.entries.len() {
            self.entries[i].addressed.next = self.table_write.slot.val() == i.to_bits::<SLOT>();
            self.entries[i].write.next = self.table_write.enable.val();
            self.entries[i].new_held.next = self.table_write.held.val();
            self.entries[i].new_guarded.next = self.table_write.guarded.val();
            self.entries[i].new_first.next = self.table_write.row.val().first_block;
            self.entries[i].new_last.next = self.table_write.row.val().last_block;
            self.entries[i].asked.next = self.asked.val();
            self.entries[i].first.next = self.first.val();
            self.entries[i].last.next = self.last.val();
            self.held[i].next = self.entries[i].held.val();
            self.first_block[i].next = self.entries[i].first_block.val();
            self.last_block[i].next = self.entries[i].last_block.val();
            if self.entries[i].touched.val() & !self.touched.val() {
                self.slot.next = self.slot.val() | i.to_bits::<8>();
            }
            self.touched.next = self.touched.val() | self.entries[i].touched.val();
            self.lane.next = i.to_bits::<8>() & self.lane_mask.val();
            if self.entries[i].overlaps.val() {
                self.lanes.next = self.lanes.val() | (self.first_lane.val() << self.lane.val());
            }
        }
        // The verdict does not wait for the lowest that is touched: whether any is touched, is asked beside it.
        self.touched_lanes.d.next = self.lanes.val();
        self.reached.next = self.touched_lanes.q.val().any();
    }
    // The tail follows the command engine: no granule is left to write when a command ends.
    when(tail) blocks(tail) {
        self.tail[0].addressed.next = true;
        self.tail[0].write.next = true;
        self.tail[0].new_held.next = self.tail_guarded.val();
        self.tail[0].new_guarded.next = self.tail_guarded.val();
        self.tail[0].new_first.next = self.tail_first.val();
        self.tail[0].new_last.next = self.tail_last.val();
        self.tail[0].asked.next = self.asked.val();
        self.tail[0].first.next = self.first.val();
        self.tail[0].last.next = self.last.val();
        if self.tail[0].touched.val() & !self.touched.val() {
            self.slot.next = bit_cast::<8, SLOT>(self.tail_slot.val());
        }
        if self.tail[0].overlaps.val() {
            self.touched_lanes.d.next = self.lanes.val() | self.first_lane.val();
        }
    }
    when(intact) {
        self.reached_intact[0].next = self.touched_lanes.intact[0].val();
        for i in 0..self.tail.len() {
            self.intact[0].next = self.intact[0].val() & self.tail[i].intact[0].val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bench::edge, store::Row};
    use pm_interface::Geometry;

    /// A block from a first to a last granule of four, guarded or not.
    type Held = Option<(bool, u64, u64)>;

    /// `reached` and the row, for an access from a first to a last granule.
    fn asked(rows: [Held; 2], tail: Option<(u64, u64)>, access: (u64, u64)) -> (bool, u128) {
        let mut comparators = Comparators::<1, 1, 1, 2>::new(&Geometry::preset("tiny+dynamic").unwrap());
        comparators.connect_all();
        for (slot, row) in (0u64..).zip(rows) {
            let Some((guarded, first, last)) = row else { continue };
            comparators.table_write.slot.next = slot.into();
            edge!(comparators);
            comparators.table_write.enable.next = true;
            comparators.table_write.held.next = true;
            comparators.table_write.guarded.next = guarded;
            comparators.table_write.row.next = Row { first_block: first.into(), last_block: last.into(), ..Row::default() };
            edge!(comparators);
            comparators.table_write.enable.next = false;
        }
        if let Some((first, last)) = tail {
            comparators.tail_guarded.next = true;
            comparators.tail_slot.next = 1u64.into();
            comparators.tail_first.next = first.into();
            comparators.tail_last.next = last.into();
            edge!(comparators);
            edge!(comparators);
        }
        comparators.asked.next = true;
        comparators.first.next = access.0.into();
        comparators.last.next = access.1.into();
        edge!(comparators);
        (comparators.reached.val(), comparators.slot.val().to_u128())
    }

    #[test]
    fn the_lowest_guarded_row_that_is_touched_is_told() {
        let check = |name: &str, rows: [Held; 2], tail: Option<(u64, u64)>, access: (u64, u64), expected: (bool, u128)| {
            assert_eq!(asked(rows, tail, access), expected, "{name}");
        };
        let (low, high) = (Some((true, 0, 1)), Some((true, 2, 3)));
        let nothing = (false, 0);
        check("no rows", [None, None], None, (0, 3), nothing);
        check("row 0", [low, None], None, (1, 2), (true, 0));
        check("beside row 0", [low, None], None, (2, 3), nothing);
        check("row 1", [low, high], None, (2, 2), (true, 1));
        check("both rows", [high, low], None, (1, 2), (true, 0));
        check("a row that may be reached", [Some((false, 0, 1)), None], None, (0, 0), nothing);
        check("the guarded one of two that share", [Some((false, 0, 1)), low], None, (0, 0), (true, 1));
        check("a tail", [None, None], Some((2, 3)), (3, 3), (true, 1));
        check("beside a tail", [None, None], Some((2, 3)), (0, 1), nothing);
        check("a row before its tail", [low, None], Some((2, 3)), (1, 2), (true, 0));
    }
}
