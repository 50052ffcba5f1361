//! The row view: how do software and the log see a row?
//!
//! ```text
//!   row, slot, span, window, frame --> tenant, slot, logical address, size, rights; physical address
//! ```
//!
//! Combinational: pages and blocks become bytes.

use super::command_bank::Operands;
use crate::store::Row;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// A row in bytes.
    pub struct RowView<ADDRESS, TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// First byte of the window.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the pool's frame.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Row to show.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// Slot of the row.
        pub slot: Signal<In, Bits<SLOT>>,
        /// Granules of the row, less one.
        pub span: Signal<In, Bits<PAGE>>,
        /// Row as the operand registers show it.
        pub shown: Signal<Out, Operands<ADDRESS>>,
        /// First physical byte of the row.
        pub physical: Signal<Out, Bits<ADDRESS>>,
        granules: Signal<Local, Bits<ADDRESS>>,
        granule_bits: Constant<Bits<6>> = Constant::new(geometry.granule_bits.to_bits()),
    }
}

kernel! {
    RowView<ADDRESS, TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) {
        self.granules.next = bit_cast::<ADDRESS, PAGE>(self.span.val());
        self.shown.next.tenant = bit_cast::<8, TENANT>(self.row.val().tenant);
        self.shown.next.slot = bit_cast::<8, SLOT>(self.slot.val());
        self.shown.next.logical = self.window_base.val()
            | (bit_cast::<ADDRESS, PAGE>(self.row.val().first_page) << self.granule_bits.val());
        self.shown.next.size = (self.granules.val() + 1) << self.granule_bits.val();
        self.shown.next.rights = bit_cast::<5, 1>(self.row.val().read.into())
            | (bit_cast::<5, 1>(self.row.val().write.into()) << 1)
            | (bit_cast::<5, 1>(self.row.val().execute.into()) << 2)
            | (bit_cast::<5, 1>(self.row.val().isolated.into()) << 3)
            | (bit_cast::<5, 1>(self.row.val().locked.into()) << 4);
        self.physical.next = self.frame_base.val()
            | (bit_cast::<ADDRESS, BLOCK>(self.row.val().first_block) << self.granule_bits.val());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    type Small = RowView<16, 2, 2, 4, 4>;

    #[test]
    fn a_row_in_bytes() {
        // Granules of 4 bytes. Tenant, slot, logical, size, rights, physical.
        let check = |row: Row<2, 4, 4>, slot: u64, span: u64, expected: [u64; 6]| {
            let mut view = Small::new(&Geometry::preset("tiny").unwrap());
            view.connect_all();
            view.window_base.next = 0x0100.into();
            view.frame_base.next = 0x0200.into();
            view.row.next = row;
            view.slot.next = slot.into();
            view.span.next = span.into();
            simulate(&mut view, 100);
            let shown = view.shown.val();
            let found = [
                shown.tenant.to_u64(),
                shown.slot.to_u64(),
                shown.logical.to_u64(),
                shown.size.to_u64(),
                shown.rights.to_u64(),
                view.physical.val().to_u64(),
            ];
            assert_eq!(found, expected, "{row:?}");
        };
        let row = Row { tenant: 2.into(), first_page: 3.into(), first_block: 5.into(), ..Row::default() };
        check(Row::default(), 0, 0, [0, 0, 0x0100, 4, 0, 0x0200]);
        check(row, 3, 1, [2, 3, 0x010C, 8, 0, 0x0214]);
        check(row, 3, 15, [2, 3, 0x010C, 64, 0, 0x0214]);
        check(Row { read: true, ..row }, 3, 0, [2, 3, 0x010C, 4, 1, 0x0214]);
        check(Row { write: true, ..row }, 3, 0, [2, 3, 0x010C, 4, 2, 0x0214]);
        check(Row { execute: true, ..row }, 3, 0, [2, 3, 0x010C, 4, 4, 0x0214]);
        check(Row { isolated: true, ..row }, 3, 0, [2, 3, 0x010C, 4, 8, 0x0214]);
        check(Row { locked: true, ..row }, 3, 0, [2, 3, 0x010C, 4, 16, 0x0214]);
    }
}
