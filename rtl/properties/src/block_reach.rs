//! The reach of an access: does the access touch the block of a row, and did it come through the row?
//!
//! ```text
//!   frame, first, last granule --> block_begin, block_end --+--> physical_touches, translate_touches
//!   window, floor, end page -----> row_begin, row_end ------+--> own: tenant, slot, range and place are the row's
//! ```
//!
//! Bytes are counted in words so wide that no sum here can wrap.

use crate::sizes::Sizes;
use pm_rtl::datapath::Access;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Compares the accesses of both ports with a row and its block; combinational.
    pub struct BlockReach<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE> for geometry {
        /// Slot of the row.
        pub slot: Signal<In, Bits<SLOT>>,
        /// Tenant that owns the row.
        pub owner: Signal<In, Bits<TENANT>>,
        /// Complement of the row's first page.
        pub floor: Signal<In, Bits<PAGE>>,
        /// Last page of the row.
        pub end: Signal<In, Bits<PAGE>>,
        /// First granule of the block.
        pub first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the block.
        pub last: Signal<In, Bits<BLOCK>>,
        /// First byte of the window.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the frame.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Access of the physical port.
        pub physical: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Access of the translate port.
        pub translate: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Number of the row that decided about the access of the translate port.
        pub translate_slot: Signal<In, Bits<8>>,
        /// Physical address of the first byte of the access of the translate port.
        pub translate_physical: Signal<In, Bits<ADDRESS>>,
        /// The access of the physical port touches the block.
        pub physical_touches: Signal<Out, Bit>,
        /// The access of the translate port touches the block.
        pub translate_touches: Signal<Out, Bit>,
        /// The access of the translate port came through the row's own logical range, by its own tenant, and to the same place in
        /// the block.
        pub own: Signal<Out, Bit>,
        block_begin: Signal<Local, Bits<WIDE>>,
        block_end: Signal<Local, Bits<WIDE>>,
        frame: Signal<Local, Bits<WIDE>>,
        window: Signal<Local, Bits<WIDE>>,
        row_begin: Signal<Local, Bits<WIDE>>,
        row_end: Signal<Local, Bits<WIDE>>,
        address: Signal<Local, Bits<WIDE>>,
        final_byte: Signal<Local, Bits<WIDE>>,
        logical: Signal<Local, Bits<WIDE>>,
        logical_end: Signal<Local, Bits<WIDE>>,
        place: Signal<Local, Bits<WIDE>>,
        place_end: Signal<Local, Bits<WIDE>>,
        sizes: Sizes<WIDE> = Sizes::of(geometry),
    }
}

kernel! {
    BlockReach<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, WIDE>
    #[hdl_gen]
    fn update(&mut self) {
        self.frame.next = bit_cast::<WIDE, ADDRESS>(self.frame_base.val());
        self.window.next = bit_cast::<WIDE, ADDRESS>(self.window_base.val());
        self.block_begin.next =
            self.frame.val() + (bit_cast::<WIDE, BLOCK>(self.first.val()) << self.sizes.granule_bits.val());
        self.block_end.next = self.frame.val()
            + (bit_cast::<WIDE, BLOCK>(self.last.val()) << self.sizes.granule_bits.val())
            + self.sizes.granule_less_one.val();
        self.row_begin.next =
            self.window.val() + (bit_cast::<WIDE, PAGE>(!self.floor.val()) << self.sizes.granule_bits.val());
        self.row_end.next = self.window.val()
            + (bit_cast::<WIDE, PAGE>(self.end.val()) << self.sizes.granule_bits.val())
            + self.sizes.granule_less_one.val();

        self.address.next = bit_cast::<WIDE, ADDRESS>(self.physical.val().address);
        self.final_byte.next = (self.address.val() + bit_cast::<WIDE, LENGTH>(self.physical.val().length)) - 1;
        self.physical_touches.next =
            (self.address.val() <= self.block_end.val()) & (self.final_byte.val() >= self.block_begin.val());

        self.logical.next = bit_cast::<WIDE, ADDRESS>(self.translate.val().address);
        self.logical_end.next = (self.logical.val() + bit_cast::<WIDE, LENGTH>(self.translate.val().length)) - 1;
        self.place.next = bit_cast::<WIDE, ADDRESS>(self.translate_physical.val());
        self.place_end.next = (self.place.val() + bit_cast::<WIDE, LENGTH>(self.translate.val().length)) - 1;
        self.translate_touches.next =
            (self.place.val() <= self.block_end.val()) & (self.place_end.val() >= self.block_begin.val());
        self.own.next = (bit_cast::<SLOT, 8>(self.translate_slot.val()) == self.slot.val())
            & (self.translate.val().tenant == bit_cast::<8, TENANT>(self.owner.val()))
            & (self.logical.val() >= self.row_begin.val())
            & (self.logical_end.val() <= self.row_end.val())
            & ((self.logical.val() - self.row_begin.val()) == (self.place.val() - self.block_begin.val()))
            & (self.place_end.val() <= self.block_end.val());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    type Small = BlockReach<5, 3, 1, 1, 1, 2, 8>;

    /// Granules of 4 bytes. Slot 1 is tenant 1's row: page 1 of the window at 8, so bytes 12 to 15; granule 2 of the frame at 16, so
    /// bytes 24 to 27.
    fn reach(drive: impl Fn(&mut Small)) -> Small {
        let mut reach = Small::new(&Geometry::preset("tiny").unwrap());
        reach.connect_all();
        (reach.slot.next, reach.owner.next, reach.floor.next, reach.end.next) = (1.into(), 1.into(), 0.into(), 1.into());
        (reach.first.next, reach.last.next) = (2.into(), 2.into());
        (reach.window_base.next, reach.frame_base.next) = (8.into(), 16.into());
        drive(&mut reach);
        assert!(simulate(&mut reach, 100));
        reach
    }

    fn access(tenant: u64, address: u64, length: u64) -> Access<5, 3> {
        Access { tenant: tenant.into(), address: address.into(), length: length.into(), ..Access::default() }
    }

    #[test]
    fn an_access_touches_the_block_with_one_byte() {
        let check = |address: u64, length: u64, expected: bool| {
            let physical = reach(|reach| reach.physical.next = access(0, address, length));
            assert_eq!(physical.physical_touches.val(), expected, "{length} bytes at {address}");
            let translate = reach(|reach| {
                reach.translate.next = access(0, 0, length);
                reach.translate_physical.next = address.into();
            });
            assert_eq!(translate.translate_touches.val(), expected, "{length} bytes to {address}");
        };
        check(23, 1, false);
        check(20, 4, false);
        check(23, 2, true);
        check(24, 1, true);
        check(27, 1, true);
        check(27, 4, true);
        check(28, 1, false);
        check(31, 4, false);
    }

    #[test]
    fn an_access_is_the_rows_own_in_its_range_by_its_tenant_to_its_place() {
        let check = |slot: u64, asked: Access<5, 3>, place: u64, expected: bool| {
            let reach = reach(|reach| {
                (reach.translate_slot.next, reach.translate.next, reach.translate_physical.next) =
                    (slot.into(), asked, place.into());
            });
            assert_eq!(reach.own.val(), expected, "slot {slot}, {asked:?} to {place}");
        };
        check(1, access(1, 12, 4), 24, true);
        check(1, access(1, 15, 1), 27, true);
        check(0, access(1, 12, 4), 24, false);
        check(1, access(0, 12, 4), 24, false);
        check(1, access(1, 11, 1), 23, false);
        check(1, access(1, 11, 2), 23, false);
        check(1, access(1, 15, 2), 27, false);
        check(1, access(1, 12, 1), 25, false);
        check(1, access(1, 13, 1), 24, false);
    }
}
