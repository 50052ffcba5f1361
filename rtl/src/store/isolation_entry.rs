//! One isolation comparator: does a physical range touch this row's block?
//!
//! ```text
//!   asked, first, last --> first <= last_block, last >= first_block, guarded? --[edge]--> touched
//! ```

use super::LessThan;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Overlap of two inclusive ranges of granules, and the block itself for the allocator.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct IsolationEntry<const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: holds no block.
    pub reset: Signal<In, Bit>,
    /// A write in the next cycle is for this entry.
    pub addressed: Signal<In, Bit>,
    /// Take the new contents at the next edge, if the entry was addressed in the cycle before.
    pub write: Signal<In, Bit>,
    /// New contents: whether the block is taken.
    pub new_held: Signal<In, Bit>,
    /// New contents: whether physical accesses are kept out.
    pub new_guarded: Signal<In, Bit>,
    /// New contents: the block's first granule.
    pub new_first: Signal<In, Bits<BLOCK>>,
    /// New contents: the block's last granule.
    pub new_last: Signal<In, Bits<BLOCK>>,
    /// There is an access, and it comes into the frame.
    pub asked: Signal<In, Bit>,
    /// First granule of the access, in the frame.
    pub first: Signal<In, Bits<BLOCK>>,
    /// Last granule of the access, in the frame.
    pub last: Signal<In, Bits<BLOCK>>,
    /// The access touches this block, and the block is guarded.
    pub overlaps: Signal<Out, Bit>,
    /// The same of the access of the cycle before.
    pub touched: Signal<Out, Bit>,
    /// The block is taken.
    pub held: Signal<Out, Bit>,
    /// First granule of the block.
    pub first_block: Signal<Out, Bits<BLOCK>>,
    /// Last granule of the block.
    pub last_block: Signal<Out, Bits<BLOCK>>,
    chosen: Register<Bit>,
    held_now: Register<Bit>,
    guarded: Register<Bit>,
    bounds_first: Register<Bits<BLOCK>>,
    bounds_last: Register<Bits<BLOCK>>,
    ends_before: LessThan<BLOCK>,
    starts_after: LessThan<BLOCK>,
    overlap: Register<Bit>,
    /// With `integrity`: no part of the entry has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    check: Vec<Register<Bit>>,
    _guards: usize,
}

impl<const BLOCK: usize> IsolationEntry<BLOCK> {
    /// With all that it holds guarded, or not.
    pub fn guarded(guards: usize) -> Self {
        Self {
            chosen: Register::guarded(guards),
            check: vec![Default::default(); guards],
            intact: vec![Default::default(); guards],
            _guards: guards,
            ..Default::default()
        }
    }
}

impl<const BLOCK: usize> Logic for IsolationEntry<BLOCK> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(chosen, held_now, guarded, bounds_first, bounds_last, overlap) {
            self.chosen.d.next = self.addressed.val();
            if self.write.val() & self.chosen.q.val() {
                self.held_now.d.next = self.new_held.val();
                self.guarded.d.next = self.new_guarded.val();
                self.bounds_first.d.next = self.new_first.val();
                self.bounds_last.d.next = self.new_last.val();
            }
            self.ends_before.left.next = self.last.val();
            self.ends_before.right.next = self.bounds_first.q.val();
            self.starts_after.left.next = self.bounds_last.q.val();
            self.starts_after.right.next = self.first.val();
            self.overlaps.next = self.asked.val()
                & self.guarded.q.val()
                & !self.ends_before.holds.val()
                & !self.starts_after.holds.val();
            self.overlap.d.next = self.overlaps.val();
            self.touched.next = self.overlap.q.val();
            self.held.next = self.held_now.q.val();
            self.first_block.next = self.bounds_first.q.val();
            self.last_block.next = self.bounds_last.q.val();
            // Written with the contents, whose parity is the same for every entry: so it is made only once.
            for i in 0..self._guards {
                self.check[i].clock.next = self.clock.val();
                self.check[i].reset.next = self.reset.val();
                self.check[i].d.next = self.check[i].q.val();
                if self.write.val() & self.chosen.q.val() {
                    self.check[i].d.next = self.new_held.val()
                        ^ self.new_guarded.val()
                        ^ self.new_first.val().xor()
                        ^ self.new_last.val().xor();
                }
                self.intact[i].next = self.chosen.intact[i].val()
                    & !(self.check[i].q.val()
                        ^ self.held_now.q.val()
                        ^ self.guarded.q.val()
                        ^ self.bounds_first.q.val().xor()
                        ^ self.bounds_last.q.val().xor());
            }
        }
    }
}
