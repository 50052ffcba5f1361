//! One line of the allocator's question: does a block that might be taken touch this held block?
//!
//! ```text
//!   first, last --> first <= last_block, last >= first_block, held? --[edge]--> touches
//! ```

use super::LessThan;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Overlap of a candidate with one held block.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct CandidateEntry<const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// The block is taken.
    pub held: Signal<In, Bit>,
    /// First granule of the block.
    pub first_block: Signal<In, Bits<BLOCK>>,
    /// Last granule of the block.
    pub last_block: Signal<In, Bits<BLOCK>>,
    /// First granule of the candidate.
    pub first: Signal<In, Bits<BLOCK>>,
    /// Last granule of the candidate.
    pub last: Signal<In, Bits<BLOCK>>,
    /// The candidate of the cycle before touches the block.
    pub touches: Signal<Out, Bit>,
    ends_before: LessThan<BLOCK>,
    starts_after: LessThan<BLOCK>,
    overlap: Register<Bit>,
    /// With `integrity`: `touches` is what was found.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const BLOCK: usize> CandidateEntry<BLOCK> {
    /// With its register guarded, or not.
    pub fn guarded(guards: usize) -> Self {
        let overlap = Register::guarded(guards);
        Self { overlap, intact: vec![Default::default(); guards], _guards: guards, ..Default::default() }
    }
}

impl<const BLOCK: usize> Logic for CandidateEntry<BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(overlap) {
            self.ends_before.left.next = self.last.val();
            self.ends_before.right.next = self.first_block.val();
            self.starts_after.left.next = self.last_block.val();
            self.starts_after.right.next = self.first.val();
            self.overlap.d.next = self.held.val() & !self.ends_before.holds.val() & !self.starts_after.holds.val();
            self.touches.next = self.overlap.q.val();
            for i in 0..self._guards {
                self.intact[i].next = self.overlap.intact[i].val();
            }
        }
    }
}
