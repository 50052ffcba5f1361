//! One isolation comparator: does a physical range touch this row's block?
//!
//! ```text
//!   first, last --> first <= last_block, last >= first_block --[edge]--> AND guarded --> touched
//! ```
//!
//! `touched` is one cycle behind the range; `guarded` is not delayed. The lower bound is stored as its complement,
//! as in the lookup entry.

use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Overlap of two inclusive ranges of granules, and the block itself for the allocator.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct IsolationEntry<const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: holds no block.
    pub reset: Signal<In, Bit>,
    /// Take the new contents at the next edge.
    pub write: Signal<In, Bit>,
    /// New contents: whether the block is taken.
    pub new_held: Signal<In, Bit>,
    /// New contents: whether physical accesses are kept out.
    pub new_guarded: Signal<In, Bit>,
    /// New contents: the block's first granule.
    pub new_first: Signal<In, Bits<BLOCK>>,
    /// New contents: the block's last granule.
    pub new_last: Signal<In, Bits<BLOCK>>,
    /// First granule of the access, in the frame.
    pub first: Signal<In, Bits<BLOCK>>,
    /// Last granule of the access, in the frame.
    pub last: Signal<In, Bits<BLOCK>>,
    /// The range of the cycle before touches this block, and the block is guarded.
    pub touched: Signal<Out, Bit>,
    /// The block is taken.
    pub held: Signal<Out, Bit>,
    /// First granule of the block.
    pub first_block: Signal<Out, Bits<BLOCK>>,
    /// Last granule of the block.
    pub last_block: Signal<Out, Bits<BLOCK>>,
    held_now: Register<Bit>,
    guarded: Register<Bit>,
    block_floor: Register<Bits<BLOCK>>,
    block_last: Register<Bits<BLOCK>>,
    starts_before_end: Register<Bit>,
    ends_after_start: Register<Bit>,
}

impl<const BLOCK: usize> Logic for IsolationEntry<BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self)
            registers(held_now, guarded, block_floor, block_last, starts_before_end, ends_after_start)
        {
            if self.write.val() {
                self.held_now.d.next = self.new_held.val();
                self.guarded.d.next = self.new_guarded.val();
                self.block_floor.d.next = !self.new_first.val();
                self.block_last.d.next = self.new_last.val();
            }
            self.starts_before_end.d.next = self.block_last.q.val() >= self.first.val();
            self.ends_after_start.d.next = self.last.val() >= !self.block_floor.q.val();
            self.touched.next =
                self.guarded.q.val() & self.starts_before_end.q.val() & self.ends_after_start.q.val();
            self.held.next = self.held_now.q.val();
            self.first_block.next = !self.block_floor.q.val();
            self.last_block.next = self.block_last.q.val();
        }
    }
}
