//! One line of the allocator's question: does a block that might be taken touch this held block?
//!
//! ```text
//!   first, last --> first <= last_block, last >= first_block --[edge]--> AND held --> touches
//! ```

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
    starts_before_end: Register<Bit>,
    ends_after_start: Register<Bit>,
}

impl<const BLOCK: usize> Logic for CandidateEntry<BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(starts_before_end, ends_after_start) {
            self.starts_before_end.d.next = self.last_block.val() >= self.first.val();
            self.ends_after_start.d.next = self.last.val() >= self.first_block.val();
            self.touches.next =
                self.held.val() & self.starts_before_end.q.val() & self.ends_after_start.q.val();
        }
    }
}
