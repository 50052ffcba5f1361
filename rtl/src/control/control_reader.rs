//! The control side's reads of the store: which row is read, and which block is compared with those of all rows?
//!
//! ```text
//!   allocator, while it works ----> its row, its candidate
//!   command engine, else ---------> its row; with `dynamic` the block of that row: does another row share it?
//!   patrol, while both rest ------> its row                                              with `integrity`
//! ```

use super::allocator::Candidate;
use crate::store::Row;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// The patrol's wish to read a row.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct PatrolAsk<const SLOT: usize> {
    /// High while the patrol has the store.
    pub asks: Signal<In, Bit>,
    /// Row that the patrol reads.
    pub slot: Signal<In, Bits<SLOT>>,
}

block! {
    /// Chooses the row that the control side reads, and the block that the comparators look for; combinational.
    pub struct ControlReader<TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Row that the command engine reads.
        pub engine_slot: Signal<In, Bits<SLOT>>,
        /// High while the allocator works.
        pub scanning: Signal<In, Bit>,
        /// Row that the allocator reads.
        pub scanned: Signal<In, Bits<SLOT>>,
        /// Block that the allocator might take.
        pub candidate: Signal<In, Candidate<BLOCK>>,
        /// Row that was read in the cycle before.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Row to read.
        pub slot: Signal<Out, Bits<SLOT>>,
        /// First granule of the block to look for.
        pub first: Signal<Out, Bits<BLOCK>>,
        /// Last granule of the block to look for.
        pub last: Signal<Out, Bits<BLOCK>>,
        dynamic: Constant<Bit> = Constant::new(geometry.features.dynamic),
        /// The patrol's wish.
        pub patrol: PatrolAsk<SLOT> where integrity,
    }
}

kernel! {
    ControlReader<TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) {
        self.slot.next = self.engine_slot.val();
        if self.scanning.val() {
            self.slot.next = self.scanned.val();
        }
        self.first.next = self.candidate.val().first;
        self.last.next = self.candidate.val().last;
        if self.dynamic.val() & !self.scanning.val() {
            self.first.next = self.row.val().first_block;
            self.last.next = self.row.val().last_block;
        }
    }
    when(patrol) {
        if self.patrol[0].asks.val() {
            self.slot.next = self.patrol[0].slot.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    /// Slot, first and last for a scan, and for the patrol's wish.
    fn read(geometry: &str, scanning: bool, asks: bool) -> (u64, u64, u64) {
        let mut reader = ControlReader::<1, 3, 3, 3>::new(&Geometry::preset(geometry).unwrap());
        reader.connect_all();
        reader.engine_slot.next = 1u64.to_bits();
        reader.scanning.next = scanning;
        reader.scanned.next = 2u64.to_bits();
        reader.candidate.next = Candidate { valid: true, first: 3u64.to_bits(), last: 4u64.to_bits() };
        reader.row.next = Row { first_block: 5u64.to_bits(), last_block: 6u64.to_bits(), ..Row::default() };
        for patrol in &mut reader.patrol {
            patrol.asks.next = asks;
            patrol.slot.next = 7u64.to_bits();
        }
        simulate(&mut reader, 100);
        (reader.slot.val().to_u64(), reader.first.val().to_u64(), reader.last.val().to_u64())
    }

    #[test]
    fn the_allocator_is_before_the_engine_and_the_patrol_before_both() {
        let check = |geometry: &str, scanning: bool, asks: bool, expected: (u64, u64, u64)| {
            assert_eq!(read(geometry, scanning, asks), expected, "{geometry} {scanning} {asks}");
        };
        check("tiny", false, true, (1, 3, 4));
        check("tiny", true, true, (2, 3, 4));
        check("tiny+dynamic", false, true, (1, 5, 6));
        check("tiny+dynamic", true, true, (2, 3, 4));
        check("tiny+integrity", false, false, (1, 3, 4));
        check("tiny+integrity", false, true, (7, 3, 4));
        check("tiny+dynamic+integrity", true, false, (2, 3, 4));
    }
}
