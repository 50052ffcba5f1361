//! The allocator: where? First fit over the table itself, with no free list that could be corrupted.
//!
//! ```text
//!   index --[edge]--> row, live, held --+--> same tenant and pages overlap?  --> overlaps, match
//!                                       +--> not held?                       --> free slot
//!                                       +--> last_block + 1 --[edge]--> candidate + span --[edge]-->
//!                                            compared with every block --[edge]--> free? --[edge]--> lowest --> first_block
//! ```
//!
//! The candidates are the pool's first granule and the granule after every held block. If any gap is large enough, the gap begins
//! at a candidate, so the allocator finds space whenever space exists. The allocator examines one candidate in each cycle, slots
//! + 1 in all.
//!
//! With `probe` the only candidate begins at `probe_first`: may this block grow?

use crate::store::Row;
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// A block that might be taken.
    pub struct Candidate<BLOCK> {
        /// The candidate belongs to this walk, and its granules exist.
        pub valid: Bit,
        /// First granule of the candidate.
        pub first: Bits<BLOCK>,
        /// Last granule of the candidate.
        pub last: Bits<BLOCK>,
    }
}

bundle! {
    /// Findings of a walk over the table.
    pub struct Survey<SLOT, BLOCK> {
        /// A valid row of the tenant overlaps the pages.
        pub overlaps: Bit,
        /// Slot of the last row that overlaps the pages; valid with `overlaps`.
        pub overlapping: Bits<SLOT>,
        /// At least one slot is free.
        pub slot_free: Bit,
        /// Number of the lowest free slot; valid with `slot_free`.
        pub slot: Bits<SLOT>,
        /// At least one gap is large enough.
        pub fits: Bit,
        /// First granule of the lowest gap that is large enough; valid with `fits`.
        pub first_block: Bits<BLOCK>,
    }
}

block! {
    /// Walks the table once.
    pub struct Allocator<TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: ends a walk at once.
        pub reset: Signal<In, Bit>,
        /// Begins a walk; ignored while `busy`.
        pub start: Signal<In, Bit>,
        /// Ends the walk at the next edge.
        pub stop: Signal<In, Bit>,
        /// Tenant whose rows may overlap; steady while `busy`.
        pub tenant: Signal<In, Bits<TENANT>>,
        /// First page that a row may overlap; steady while `busy`.
        pub first_page: Signal<In, Bits<PAGE>>,
        /// Last page that a row may overlap; steady while `busy`.
        pub last_page: Signal<In, Bits<PAGE>>,
        /// Granules wanted, less one; steady while `busy`.
        pub span: Signal<In, Bits<PAGE>>,
        /// High: `probe_first` is the only candidate; steady while `busy`.
        pub probe: Signal<In, Bit>,
        /// First granule of that candidate; zero, the granule after the frame's last, never fits.
        pub probe_first: Signal<In, Bits<BLOCK>>,
        /// First granule of the pool, steady while the gate is open.
        pub pool_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the pool, steady while the gate is open.
        pub pool_last: Signal<In, Bits<BLOCK>>,
        /// Slot of the row to read.
        pub index: Signal<Out, Bits<SLOT>>,
        /// Row that `index` named one edge before.
        pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
        /// High: accesses may be granted through that row.
        pub live: Signal<In, Bit>,
        /// High: the block of that row is taken.
        pub held: Signal<In, Bit>,
        /// High: that row is one of this walk.
        pub sees: Signal<Out, Bit>,
        /// Block to compare with every held block; each cycle another.
        pub candidate: Signal<Out, Candidate<BLOCK>>,
        /// High: the candidate of one edge before touches a held block.
        pub blocked: Signal<In, Bit>,
        /// High while the walk goes on.
        pub busy: Signal<Out, Bit>,
        /// Findings of the walk; valid from the end of `busy` to the next `start`.
        pub survey: Signal<Out, Survey<SLOT, BLOCK>>,
        working: Register<Bit> where guarded,
        scanning: Register<Bit> where guarded,
        draining: Register<Bits<3>> where guarded,
        next_index: Register<Bits<SLOT>> where guarded,
        seen: Register<Bit> where guarded,
        seen_index: Register<Bits<SLOT>> where guarded,
        clash: Register<Bit> where guarded,
        clash_index: Register<Bits<SLOT>> where guarded,
        start_of: Register<Candidate<BLOCK>> where guarded,
        extent_of: Register<Candidate<BLOCK>> where guarded,
        judged: Register<Candidate<BLOCK>> where guarded,
        in_pool: Register<Bit> where guarded,
        approved: Register<Candidate<BLOCK>> where guarded,
        result: Register<Survey<SLOT, BLOCK>> where guarded,
        after: Signal<Local, Bits<BLOCK>>,
        pages_overlap: Signal<Local, Bit>,
        better: Signal<Local, Bit>,
        last_index: Constant<Bits<SLOT>> = Constant::new((geometry.slots - 1).to_bits()),
        beyond_frame: Constant<Bits<PAGE>> = Constant::new((((1u64 << PAGE) - 1) >> BLOCK << BLOCK).to_bits()),
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    Allocator<TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) guarded(
        working, scanning, draining, next_index, seen, seen_index, clash, clash_index, start_of, extent_of, judged, in_pool,
        approved, result
    ) {
        // The walk: an index a cycle, then as many cycles as the last candidate needs to be judged.
        self.seen.d.next = self.scanning.q.val();
        self.seen_index.d.next = self.next_index.q.val();
        if self.scanning.q.val() {
            self.next_index.d.next = self.next_index.q.val() + 1;
            if self.next_index.q.val() == self.last_index.val() {
                self.scanning.d.next = false;
                self.draining.d.next = 5.into();
            }
        } else if self.draining.q.val() != 0 {
            self.draining.d.next = self.draining.q.val() - 1;
            self.working.d.next = self.draining.q.val() != 1;
        }

        // The row that was read: whose pages, and is the slot free?
        self.pages_overlap.next = (self.row.val().tenant == self.tenant.val())
            & (self.row.val().first_page <= self.last_page.val())
            & (self.row.val().last_page >= self.first_page.val());
        self.clash.d.next = self.seen.q.val() & self.live.val() & self.pages_overlap.val();
        self.clash_index.d.next = self.seen_index.q.val();
        if self.clash.q.val() {
            self.result.d.next.overlaps = true;
            self.result.d.next.overlapping = self.clash_index.q.val();
        }
        if self.seen.q.val() & !self.held.val() & !self.live.val() & !self.result.q.val().slot_free {
            self.result.d.next.slot_free = true;
            self.result.d.next.slot = self.seen_index.q.val();
        }

        // The granule after its block is a candidate, unless the frame ends there.
        self.after.next = self.row.val().last_block + 1;
        self.start_of.d.next.valid =
            self.seen.q.val() & self.held.val() & (self.after.val() != 0) & !self.probe.val();
        self.start_of.d.next.first = self.after.val();
        self.extent_of.d.next.valid = self.start_of.q.val().valid;
        self.extent_of.d.next.first = self.start_of.q.val().first;
        self.extent_of.d.next.last = self.start_of.q.val().first + bit_cast::<BLOCK, PAGE>(self.span.val());

        // Judged against the pool here and against every block in the store.
        self.candidate.next = self.extent_of.q.val();
        self.judged.d.next = self.extent_of.q.val();
        self.in_pool.d.next = ((self.span.val() & self.beyond_frame.val()) == 0)
            & (self.extent_of.q.val().last >= self.extent_of.q.val().first)
            & (self.extent_of.q.val().last <= self.pool_last.val());
        self.approved.d.next = self.judged.q.val();
        self.approved.d.next.valid = self.judged.q.val().valid & self.in_pool.q.val() & !self.blocked.val();
        self.better.next =
            !self.result.q.val().fits | (self.approved.q.val().first < self.result.q.val().first_block);
        if self.approved.q.val().valid & self.better.val() {
            self.result.d.next.fits = true;
            self.result.d.next.first_block = self.approved.q.val().first;
        }

        if self.start.val() & !self.working.q.val() {
            self.working.d.next = true;
            self.scanning.d.next = true;
            self.next_index.d.next = 0.into();
            self.result.d.next.overlaps = false;
            self.result.d.next.slot_free = false;
            self.result.d.next.fits = false;
            self.start_of.d.next.valid = true;
            self.start_of.d.next.first = self.pool_first.val();
            if self.probe.val() {
                self.start_of.d.next.valid = self.probe_first.val() != 0;
                self.start_of.d.next.first = self.probe_first.val();
            }
        }
        if self.stop.val() {
            self.working.d.next = false;
            self.scanning.d.next = false;
            self.draining.d.next = 0.into();
            self.seen.d.next = false;
            self.start_of.d.next.valid = false;
        }
        self.sees.next = self.seen.q.val();
        self.index.next = self.next_index.q.val();
        self.busy.next = self.working.q.val();
        self.survey.next = self.result.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    /// 2 slots.
    type Small = Allocator<1, 1, 4, 4>;

    /// A row in the store.
    #[derive(Clone, Copy, Debug)]
    struct Kept {
        live: bool,
        held: bool,
        tenant: u64,
        pages: [u64; 2],
        blocks: [u64; 2],
    }

    const FREE: Kept = Kept { live: false, held: false, tenant: 0, pages: [0, 0], blocks: [0, 0] };

    fn row(tenant: u64, pages: [u64; 2], blocks: [u64; 2]) -> Kept {
        Kept { live: true, held: true, tenant, pages, blocks }
    }

    /// Overlaps, a slot is free, fits; which row overlaps, which slot, which block (of those that there are).
    type Found = (Option<u64>, Option<u64>, Option<u64>);

    /// Checks the findings for tenant 1 and pages 4 to 5 in this table, with a pool of blocks 2 to 12.
    #[track_caller]
    fn check(table: [Kept; 2], stimulus: fn(&mut Small), expected: Found) {
        let mut allocator = Small::new(&Geometry::preset("tiny+dynamic").unwrap());
        allocator.connect_all();
        allocator.tenant.next = 1.into();
        allocator.first_page.next = 4.into();
        allocator.last_page.next = 5.into();
        allocator.span.next = 1.into();
        allocator.pool_first.next = 2.into();
        allocator.pool_last.next = 12.into();
        stimulus(&mut allocator);
        allocator.start.next = true;
        for cycle in 0..20 {
            simulate(&mut allocator, 100);
            // The row of the index and the comparison of the candidate, both an edge later.
            let kept = table[allocator.index.val().to_u64() as usize];
            let candidate = allocator.candidate.val();
            let (first, last) = (candidate.first.to_u64(), candidate.last.to_u64());
            let touched = |kept: &Kept| kept.held && kept.blocks[0] <= last && kept.blocks[1] >= first;
            let blocked = table.iter().any(touched);
            tick!(allocator);
            allocator.row.next = Row {
                tenant: kept.tenant.into(),
                first_page: kept.pages[0].into(),
                last_page: kept.pages[1].into(),
                first_block: kept.blocks[0].into(),
                last_block: kept.blocks[1].into(),
                ..Row::default()
            };
            allocator.live.next = kept.live;
            allocator.held.next = kept.held;
            allocator.blocked.next = blocked;
            allocator.start.next = false;
            simulate(&mut allocator, 100);
            if cycle > 0 && !allocator.busy.val() {
                break;
            }
        }
        assert!(!allocator.busy.val(), "the walk does not end");
        let survey = allocator.survey.val();
        let found = (
            survey.overlaps.then_some(survey.overlapping.to_u64()),
            survey.slot_free.then_some(survey.slot.to_u64()),
            survey.fits.then_some(survey.first_block.to_u64()),
        );
        assert_eq!(found, expected, "{table:?}");
    }

    #[test]
    fn what_a_walk_finds() {
        let fine = |_: &mut Small| {};
        check([FREE, FREE], fine, (None, Some(0), Some(2)));
        check([row(0, [4, 5], [2, 3]), FREE], fine, (None, Some(1), Some(4)));
        check([FREE, row(0, [4, 5], [4, 5])], fine, (None, Some(0), Some(2)));
        // A gap of one granule is too small for two.
        check([FREE, row(0, [4, 5], [3, 9])], fine, (None, Some(0), Some(10)));
        check([FREE, row(0, [4, 5], [3, 11])], fine, (None, Some(0), None));
        check([row(0, [0, 1], [2, 6]), row(0, [4, 5], [7, 9])], fine, (None, None, Some(10)));
        check([row(0, [0, 1], [2, 6]), row(0, [4, 5], [7, 12])], fine, (None, None, None));
        // A block that is held though its row is not valid is taken, and so is its slot.
        let scrubbed = Kept { live: false, ..row(1, [4, 5], [2, 3]) };
        check([scrubbed, FREE], fine, (None, Some(1), Some(4)));
    }

    #[test]
    fn which_rows_overlap() {
        let fine = |_: &mut Small| {};
        for (pages, overlaps) in
            [([0, 3], false), ([0, 4], true), ([4, 5], true), ([5, 9], true), ([6, 9], false), ([0, 15], true)]
        {
            let found = if overlaps { Some(0) } else { None };
            check([row(1, pages, [2, 3]), FREE], fine, (found, Some(1), Some(4)));
            check([row(0, pages, [2, 3]), FREE], fine, (None, Some(1), Some(4)));
        }
    }

    #[test]
    fn a_probe_looks_at_one_block() {
        fn probe(allocator: &mut Small) {
            allocator.probe.next = true;
            allocator.probe_first.next = 4.into();
        }
        check([row(0, [0, 1], [2, 3]), FREE], probe, (None, Some(1), Some(4)));
        check([row(0, [0, 1], [2, 3]), row(0, [2, 3], [5, 5])], probe, (None, None, None));
        // The granule after the frame's last.
        fn past(allocator: &mut Small) {
            allocator.probe.next = true;
        }
        check([FREE, FREE], past, (None, Some(0), None));
    }
}
