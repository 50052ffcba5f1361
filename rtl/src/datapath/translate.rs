//! Translate: which physical block? The sum of page and delta is checked again: does the block belong to the row?
//!
//! ```text
//!   page + delta --[edge]--> block --> first_block <= block <= last_block? --> confirmed
//! ```

use super::extent::Examined;
use crate::store::Row;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Adds the row's delta and rechecks the sum against the row's own block. Only the sum is guarded: a wrong end of the block
    /// denies, or does nothing.
    pub struct Translate<ADDRESS, TENANT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the sum is zero.
        pub reset: Signal<In, Bit>,
        /// Row that the shadow page table named, in every cycle.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Access that is translated, in the same cycle as `row`.
        pub examined: Signal<In, Examined<ADDRESS, TENANT, PAGE>>,
        /// Granule of the frame that holds the first byte, one edge later.
        pub block: Signal<Out, Bits<BLOCK>>,
        /// High when `block` lies in the row's block, with `block`.
        pub confirmed: Signal<Out, Bit>,
        sum: Register<Bits<BLOCK>> where guarded,
        first_block: Register<Bits<BLOCK>>,
        last_block: Register<Bits<BLOCK>>,
        /// High while `block` has lost no bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Translate<ADDRESS, TENANT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(sum) registers(first_block, last_block) {
        self.sum.d.next = bit_cast::<BLOCK, PAGE>(self.examined.val().page) + self.row.val().delta;
        self.first_block.d.next = self.row.val().first_block;
        self.last_block.d.next = self.row.val().last_block;
        self.block.next = self.sum.q.val();
        // SEC_CM: TRANSLATE.RECHECK
        self.confirmed.next =
            (self.sum.q.val() >= self.first_block.q.val()) & (self.sum.q.val() <= self.last_block.q.val());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::edge;
    use pm_interface::Geometry;

    /// Block and `confirmed` for a page of a row that has pages 2 to 3 at `blocks`.
    fn translated(page: u64, delta: u64, blocks: (u64, u64)) -> (u128, bool) {
        let mut translate = Translate::<8, 1, 2, 3>::new(&Geometry::preset("tiny").unwrap());
        translate.connect_all();
        translate.row.next = Row {
            first_page: 2u64.into(),
            last_page: 3u64.into(),
            first_block: blocks.0.into(),
            last_block: blocks.1.into(),
            delta: delta.into(),
            ..Row::default()
        };
        translate.examined.next = Examined { valid: true, page: page.into(), ..Examined::default() };
        edge!(translate);
        (translate.block.val().to_u128(), translate.confirmed.val())
    }

    #[test]
    fn a_sum_outside_the_rows_own_block_is_not_confirmed() {
        let check = |page: u64, delta: u64, blocks: (u64, u64), expected: (u128, bool)| {
            assert_eq!(translated(page, delta, blocks), expected, "{page} {delta} {blocks:?}");
        };
        check(2, 2, (4, 5), (4, true));
        check(3, 2, (4, 5), (5, true));
        // The sum wraps: pages 2 and 3 at blocks 0 and 1.
        check(2, 6, (0, 1), (0, true));
        check(3, 6, (0, 1), (1, true));
        // A delta that lost a bit, and pages that are not the row's.
        check(2, 0, (4, 5), (2, false));
        check(3, 3, (4, 5), (6, false));
        check(1, 2, (4, 5), (3, false));
        check(0, 2, (4, 5), (2, false));
    }
}
