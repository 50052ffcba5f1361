//! One isolation comparator: does a physical range touch this row's block?
//!
//! ```text
//!   asked, first, last --> first <= last_block, last >= first_block, guarded? --[edge]--> touched
//! ```

use super::LessThan;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Overlap of two inclusive ranges of granules, and the block itself for the allocator.
    pub struct IsolationEntry<BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: holds no block.
        pub reset: Signal<In, Bit>,
        /// High: a `write` in the next cycle is for this entry.
        pub addressed: Signal<In, Bit>,
        /// High: an entry that was `addressed` in the cycle before takes the new contents at the next edge.
        pub write: Signal<In, Bit>,
        /// New contents: whether the block is taken; valid with `write`.
        pub new_held: Signal<In, Bit>,
        /// New contents: whether physical accesses are kept out; valid with `write`.
        pub new_guarded: Signal<In, Bit>,
        /// New contents: the block's first granule; valid with `write`.
        pub new_first: Signal<In, Bits<BLOCK>>,
        /// New contents: the block's last granule; valid with `write`.
        pub new_last: Signal<In, Bits<BLOCK>>,
        /// High: an access that touches the frame is compared.
        pub asked: Signal<In, Bit>,
        /// First granule of the access in the frame; valid with `asked`.
        pub first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the access in the frame; valid with `asked`.
        pub last: Signal<In, Bits<BLOCK>>,
        /// High with `asked` when the access touches this block and the block is guarded.
        pub overlaps: Signal<Out, Bit>,
        /// `overlaps` of the access of the cycle before.
        pub touched: Signal<Out, Bit>,
        /// High while the block is taken.
        pub held: Signal<Out, Bit>,
        /// First granule of the block; valid while `held`.
        pub first_block: Signal<Out, Bits<BLOCK>>,
        /// Last granule of the block; valid while `held`.
        pub last_block: Signal<Out, Bits<BLOCK>>,
        chosen: Register<Bit> where guarded,
        held_now: Register<Bit>,
        guarded: Register<Bit>,
        bounds_first: Register<Bits<BLOCK>>,
        bounds_last: Register<Bits<BLOCK>>,
        ends_before: LessThan<BLOCK>,
        starts_after: LessThan<BLOCK>,
        overlap: Register<Bit>,
        /// High while no register of this entry has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        check: Register<Bit> where integrity,
    }
}

kernel! {
    IsolationEntry<BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(chosen) registers(held_now, guarded, bounds_first, bounds_last, overlap) {
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
    }
    // The parity is written with the contents, and the new parity is the same for every entry: it is made only once.
    when(check) registers(check) {
        if self.write.val() & self.chosen.q.val() {
            self.check[0].d.next =
                self.new_held.val() ^ self.new_guarded.val() ^ self.new_first.val().xor() ^ self.new_last.val().xor();
        }
        self.intact[0].next = self.intact[0].val()
            & !(self.check[0].q.val()
                ^ self.held_now.q.val()
                ^ self.guarded.q.val()
                ^ self.bounds_first.q.val().xor()
                ^ self.bounds_last.q.val().xor());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};
    use pm_interface::Geometry;

    #[test]
    fn an_access_touches_a_guarded_block_that_it_overlaps() {
        // The block is granules 2 to 5 of 8.
        let check = |first: u64, last: u64, overlaps: bool| {
            for (asked, guarded) in [(true, true), (true, false), (false, true)] {
                let mut entry = IsolationEntry::<3>::new(&Geometry::preset("tiny").unwrap());
                entry.connect_all();
                entry.addressed.next = true;
                edge!(entry);
                entry.write.next = true;
                entry.new_held.next = true;
                entry.new_guarded.next = guarded;
                entry.new_first.next = 2u64.into();
                entry.new_last.next = 5u64.into();
                edge!(entry);
                entry.write.next = false;
                entry.asked.next = asked;
                entry.first.next = first.into();
                entry.last.next = last.into();
                settle(&mut entry);
                let expected = overlaps & asked & guarded;
                assert_eq!(entry.overlaps.val(), expected, "{first} {last} {asked} {guarded}");
                edge!(entry);
                assert_eq!((entry.touched.val(), entry.held.val()), (expected, true), "{first} {last} {asked} {guarded}");
            }
        };
        check(0, 1, false);
        check(0, 2, true);
        check(2, 2, true);
        check(3, 4, true);
        check(5, 5, true);
        check(5, 7, true);
        check(0, 7, true);
        check(6, 6, false);
        check(6, 7, false);
    }
}
