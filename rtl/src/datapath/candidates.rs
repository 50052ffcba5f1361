//! The candidates: does a block that the control side has in mind touch a held block?
//!
//! ```text
//!   first, last ------------------+
//!   held, first_block, last_block +--> entry 0 ... entry n --[edge]--> any? ----------------> blocked
//!   control_slot -----------------+                                    any other row? [edge] -> shared
//! ```

use crate::store::CandidateEntry;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Compares a block that might be taken with the held blocks of all rows.
    pub struct Candidates<SLOT, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: every answer is no.
        pub reset: Signal<In, Bit>,
        /// Slot of the row that the control side reads.
        pub control_slot: Signal<In, Bits<SLOT>>,
        /// High when the block of row `control_slot` is taken, one edge later.
        pub control_held: Signal<Out, Bit>,
        /// First granule of the candidate, in every cycle.
        pub first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the candidate, in every cycle.
        pub last: Signal<In, Bits<BLOCK>>,
        /// High when the candidate touches a held block, one edge later.
        pub blocked: Signal<Out, Bit>,
        /// High when the candidate touches the block of another row than `control_slot`, two edges later.
        pub shared: Signal<Out, Bit>,
        /// High while the block of each row is taken.
        pub held: Vec<Signal<In, Bit>> = vec![Signal::default(); geometry.slots],
        /// First granule of each row's block; valid while the block is held.
        pub first_block: Vec<Signal<In, Bits<BLOCK>>> = vec![Signal::default(); geometry.slots],
        /// Last granule of each row's block; valid while the block is held.
        pub last_block: Vec<Signal<In, Bits<BLOCK>>> = vec![Signal::default(); geometry.slots],
        entries: Vec<CandidateEntry<BLOCK>> = vec![CandidateEntry::new(geometry); geometry.slots],
        read_held: Register<Bit> where guarded,
        others_touched: Register<Bit> where guarded,
        touched: Signal<Local, Bit>,
        others: Signal<Local, Bit>,
        /// High while no register of this block and of its entries has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Candidates<SLOT, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(read_held, others_touched) each(entries) each_intact(entries) {
        self.touched.next = false;
        self.others.next = false;
        self.read_held.d.next = false;
        for i in 0..self.entries.len() {
            self.entries[i].held.next = self.held[i].val();
            self.entries[i].first_block.next = self.first_block[i].val();
            self.entries[i].last_block.next = self.last_block[i].val();
            self.entries[i].first.next = self.first.val();
            self.entries[i].last.next = self.last.val();
            self.touched.next = self.touched.val() | self.entries[i].touches.val();
            if self.control_slot.val() == i.to_bits::<SLOT>() {
                self.read_held.d.next = self.held[i].val();
            } else {
                self.others.next = self.others.val() | self.entries[i].touches.val();
            }
        }
        self.others_touched.d.next = self.others.val();
        self.blocked.next = self.touched.val();
        self.shared.next = self.others_touched.q.val();
        self.control_held.next = self.read_held.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::Geometry;

    #[test]
    fn a_candidate_is_compared_with_the_held_blocks() {
        // Blocks by their first and last granule of four; then `blocked`, `shared` and `control_held` with `control_slot` 0.
        let check = |blocks: [Option<(u64, u64)>; 2], asked: (u64, u64), expected: (bool, bool, bool)| {
            let mut candidates = Candidates::<1, 2>::new(&Geometry::preset("tiny").unwrap());
            candidates.connect_all();
            for (slot, block) in blocks.into_iter().enumerate() {
                candidates.held[slot].next = block.is_some();
                candidates.first_block[slot].next = block.map_or(0, |block| block.0).into();
                candidates.last_block[slot].next = block.map_or(0, |block| block.1).into();
            }
            candidates.first.next = asked.0.into();
            candidates.last.next = asked.1.into();
            edge!(candidates);
            let (blocked, held) = (candidates.blocked.val(), candidates.control_held.val());
            edge!(candidates);
            assert_eq!((blocked, candidates.shared.val(), held), expected, "{blocks:?} {asked:?}");
        };
        let (low, high) = (Some((0, 1)), Some((2, 3)));
        check([None, None], (0, 3), (false, false, false));
        check([low, None], (0, 0), (true, false, true));
        check([low, None], (2, 3), (false, false, true));
        check([low, None], (1, 2), (true, false, true));
        check([None, low], (0, 0), (true, true, false));
        check([low, high], (2, 2), (true, true, true));
        check([low, high], (1, 1), (true, false, true));
        // Two rows on one block.
        check([low, low], (0, 1), (true, true, true));
    }
}
