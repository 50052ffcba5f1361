//! One line of the allocator's question: does a block that might be taken touch this held block?
//!
//! ```text
//!   first, last --> first <= last_block, last >= first_block, held? --[edge]--> touches
//! ```

use super::LessThan;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Overlap of a candidate with one held block.
    pub struct CandidateEntry<BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the answer is no.
        pub reset: Signal<In, Bit>,
        /// High while the block of this row is taken.
        pub held: Signal<In, Bit>,
        /// First granule of the row's block; valid while `held`.
        pub first_block: Signal<In, Bits<BLOCK>>,
        /// Last granule of the row's block; valid while `held`.
        pub last_block: Signal<In, Bits<BLOCK>>,
        /// First granule of the candidate, valid in every cycle.
        pub first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the candidate, valid in every cycle.
        pub last: Signal<In, Bits<BLOCK>>,
        /// High when the candidate of the cycle before touches the held block.
        pub touches: Signal<Out, Bit>,
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        ends_before: LessThan<BLOCK>,
        starts_after: LessThan<BLOCK>,
        overlap: Register<Bit> where guarded,
    }
}

kernel! {
    CandidateEntry<BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(overlap) {
        self.ends_before.left.next = self.last.val();
        self.ends_before.right.next = self.first_block.val();
        self.starts_after.left.next = self.last_block.val();
        self.starts_after.right.next = self.first.val();
        self.overlap.d.next = self.held.val() & !self.ends_before.holds.val() & !self.starts_after.holds.val();
        self.touches.next = self.overlap.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::Geometry;

    #[test]
    fn a_candidate_touches_a_held_block_that_it_overlaps() {
        // The block is granules 2 to 5 of 8.
        let check = |first: u64, last: u64, overlaps: bool| {
            for held in [true, false] {
                let mut entry = CandidateEntry::<3>::new(&Geometry::preset("tiny").unwrap());
                entry.connect_all();
                entry.held.next = held;
                entry.first_block.next = 2u64.into();
                entry.last_block.next = 5u64.into();
                entry.first.next = first.into();
                entry.last.next = last.into();
                edge!(entry);
                assert_eq!(entry.touches.val(), overlaps & held, "{first} {last} {held}");
            }
        };
        check(0, 1, false);
        check(1, 2, true);
        check(3, 4, true);
        check(5, 6, true);
        check(0, 7, true);
        check(6, 7, false);
    }
}
