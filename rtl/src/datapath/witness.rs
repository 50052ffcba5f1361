//! The witness: does the ownership map say of a physical access what the comparators say?
//!
//! ```text
//!   first, last --> OwnershipMap --[edge]--> mapped --+
//!   reached (the comparators, one edge later) --------+--> differ, while no command is at work? --> differs, owner
//! ```
//!
//! For an access of one or two granules the map has an entry for each. In a longer access the granules between the two ends rest
//! on the comparators and their parity.

use crate::store::{OwnedGranule, OwnershipMap};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// The ownership map's way to the control side: when to clear it, and what the patrol writes again.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct MapPort<const SLOT: usize, const BLOCK: usize> {
    /// High: the map is cleared; held until `cleared`.
    pub clear: Signal<In, Bit>,
    /// High when the map has been cleared since reset.
    pub cleared: Signal<Out, Bit>,
    /// High while a granule has yet to be written.
    pub busy: Signal<Out, Bit>,
    /// High while the registers behind `busy` and `cleared` have lost no bit.
    pub intact: Signal<Out, Bit>,
    /// High: the table is written, and not by the patrol.
    pub changes_row: Signal<In, Bit>,
    /// High: the patrol writes `granule` of the map again.
    pub renews: Signal<In, Bit>,
    /// Granule that the patrol writes; valid with `renews`.
    pub granule: Signal<In, Bits<BLOCK>>,
    /// Word that the patrol writes; valid with `renews`.
    pub owner: Signal<In, OwnedGranule<SLOT>>,
}

block! {
    /// The ownership map, asked beside the comparators.
    pub struct Witness<SLOT, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no access is under way, and the map has to be cleared again.
        pub reset: Signal<In, Bit>,
        /// Way to the control side.
        pub map: MapPort<SLOT, BLOCK>,
        /// Row that is written; valid with `map.changes_row`.
        pub slot: Signal<In, Bits<SLOT>>,
        /// High: the block of the row is guarded from now on; valid with `map.changes_row`.
        pub guarded: Signal<In, Bit>,
        /// First granule of the row's block; valid with `map.changes_row`.
        pub new_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the row's block; valid with `map.changes_row`.
        pub new_last: Signal<In, Bits<BLOCK>>,
        /// High while RESIZE works on a tail.
        pub tail_guarded: Signal<In, Bit>,
        /// First granule of the tail; valid with `tail_guarded` and one cycle longer.
        pub tail_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the tail; valid with `tail_guarded` and one cycle longer.
        pub tail_last: Signal<In, Bits<BLOCK>>,
        /// High: an access of a tenant that exists touches the frame.
        pub asked: Signal<In, Bit>,
        /// First granule of the access in the frame; valid with `asked`.
        pub first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the access in the frame; valid with `asked`.
        pub last: Signal<In, Bits<BLOCK>>,
        /// High when the comparators say that the access touches a guarded block, one edge after `asked`.
        pub reached: Signal<In, Bit>,
        /// High while no command is at work and the map is up to date.
        pub quiet: Signal<In, Bit>,
        /// High when the map and the comparators disagree, with `reached`.
        pub differs: Signal<Out, Bit>,
        /// Row that guards a granule of the access, by the map; valid with `differs` unless `reached`.
        pub owner: Signal<Out, Bits<8>>,
        ownership: OwnershipMap<SLOT, BLOCK> = OwnershipMap::new(geometry),
        looked_up: Register<Bit> where guarded,
        covered: Register<Bit> where guarded,
        after_first: Signal<Local, Bits<BLOCK>>,
        mapped: Signal<Local, Bit>,
        /// High while the two registers of this block have lost no bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Witness<SLOT, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(looked_up, covered) blocks(ownership) {
        self.ownership.clear_all.next = self.map.clear.val();
        self.map.cleared.next = self.ownership.cleared.val();
        self.map.busy.next = self.ownership.busy.val();
        self.map.intact.next = self.ownership.intact.val();
        self.ownership.write.next = self.map.changes_row.val();
        self.ownership.renews.next = self.map.renews.val();
        self.ownership.renewed.next = self.map.granule.val();
        self.ownership.renewed_word.next = self.map.owner.val();
        self.ownership.slot.next = self.slot.val();
        self.ownership.guarded.next = self.guarded.val();
        self.ownership.new_first.next = self.new_first.val();
        self.ownership.new_last.next = self.new_last.val();
        self.ownership.tail_guarded.next = self.tail_guarded.val();
        self.ownership.tail_first.next = self.tail_first.val();
        self.ownership.tail_last.next = self.tail_last.val();
        self.ownership.asked.next = self.asked.val();
        self.ownership.first.next = self.first.val();
        self.ownership.last.next = self.last.val();

        self.looked_up.d.next = self.asked.val();
        self.after_first.next = self.first.val() + 1;
        self.covered.d.next = (self.first.val() == self.last.val()) | (self.after_first.val() == self.last.val());
        self.mapped.next = self.looked_up.q.val() & self.ownership.touched.val();
        self.differs.next = self.quiet.val()
            & ((self.mapped.val() & !self.reached.val())
                | (!self.mapped.val() & self.reached.val() & self.covered.q.val())
                | (self.looked_up.q.val() & !self.ownership.read_intact.val()));
        self.owner.next = self.ownership.owner.val();
    }
}

impl<const SLOT: usize, const BLOCK: usize> Witness<SLOT, BLOCK> {
    /// The ownership map: fault injection.
    pub fn ownership_map(&mut self) -> &mut OwnershipMap<SLOT, BLOCK> {
        &mut self.ownership
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};
    use pm_interface::Geometry;

    /// A map of four granules that says: row 1 guards granules 1 and 2.
    fn witness() -> Witness<1, 2> {
        let mut witness = Witness::new(&Geometry::preset("tiny+integrity").unwrap());
        witness.connect_all();
        witness.map.clear.next = true;
        for _ in 0..6 {
            edge!(witness);
        }
        assert!(witness.map.cleared.val());
        witness.map.clear.next = false;
        witness.map.changes_row.next = true;
        witness.slot.next = 1u64.into();
        witness.guarded.next = true;
        witness.new_first.next = 1u64.into();
        witness.new_last.next = 2u64.into();
        edge!(witness);
        witness.map.changes_row.next = false;
        settle(&mut witness);
        while witness.map.busy.val() {
            edge!(witness);
        }
        witness
    }

    #[test]
    fn the_map_and_the_comparators_must_agree_while_no_command_is_at_work() {
        let clean = witness();
        let check = |name: &str, access: Option<(u64, u64)>, reached: bool, differs: bool| {
            for quiet in [true, false] {
                let mut witness = clean.clone();
                witness.asked.next = access.is_some();
                witness.first.next = access.map_or(0, |access| access.0).into();
                witness.last.next = access.map_or(0, |access| access.1).into();
                edge!(witness);
                witness.asked.next = false;
                witness.reached.next = reached;
                witness.quiet.next = quiet;
                settle(&mut witness);
                assert_eq!(witness.differs.val(), differs & quiet, "{name}, quiet: {quiet}");
                if differs & !reached {
                    assert_eq!(witness.owner.val().to_u128(), 1, "{name}");
                }
            }
        };
        check("both keep it out", Some((1, 1)), true, false);
        check("both keep its last granule out", Some((0, 1)), true, false);
        check("both let it through", Some((0, 0)), false, false);
        check("no access", None, false, false);
        check("the comparators miss it", Some((1, 1)), false, true);
        check("the comparators miss its last granule", Some((0, 1)), false, true);
        check("the comparators keep out what no row guards", Some((3, 3)), true, true);
        // For an access of three granules or more the map is asked about the two ends only.
        check("a longer access between whose ends a block lies", Some((0, 3)), true, false);
    }
}
