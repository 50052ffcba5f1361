//! The allocator: where? First fit over the table itself, with no free list that could be corrupted.
//!
//! ```text
//!   index --[edge]--> row, live, held --+--> same tenant and pages overlap?  --> overlaps, match
//!                                       +--> not held?                       --> free slot
//!                                       +--> last_block + 1 --[edge]--> candidate + span --[edge]-->
//!                                            compared with every block --[edge]--> free? --[edge]--> lowest --> first_block
//! ```
//!
//! The candidates are the pool's first granule and the granule after every held block. If any gap is large enough,
//! one of them begins it: so space is found whenever there is some. One candidate a cycle, slots + 1 of them.
//!
//! With `probe` the only candidate is the one that begins at `probe_first`: may this block grow?

use crate::store::Row;
use pm_interface::Geometry;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// A block that might be taken.
    pub struct Candidate<BLOCK> {
        /// There is one.
        pub valid: Bit,
        /// Its first granule.
        pub first: Bits<BLOCK>,
        /// Its last granule.
        pub last: Bits<BLOCK>,
    }
}

bundle! {
    /// What a scan of the table found.
    pub struct Survey<SLOT, BLOCK> {
        /// A valid row of the tenant overlaps the pages.
        pub overlaps: Bit,
        /// The last such row.
        pub overlapping: Bits<SLOT>,
        /// There is a free slot.
        pub slot_free: Bit,
        /// The lowest.
        pub slot: Bits<SLOT>,
        /// There is a gap that is large enough.
        pub fits: Bit,
        /// First granule of the lowest.
        pub first_block: Bits<BLOCK>,
    }
}

/// Walks the table once.
#[derive(Clone, Debug, LogicBlock)]
pub struct Allocator<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// Begin; ignored while busy.
    pub start: Signal<In, Bit>,
    /// Give up at the next edge.
    pub stop: Signal<In, Bit>,
    /// Whose rows may overlap.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// First page looked for.
    pub first_page: Signal<In, Bits<PAGE>>,
    /// Last page looked for.
    pub last_page: Signal<In, Bits<PAGE>>,
    /// Granules wanted, less one.
    pub span: Signal<In, Bits<PAGE>>,
    /// Nothing but `probe_first` is a candidate; steady while busy.
    pub probe: Signal<In, Bit>,
    /// First granule looked at then; zero, the granule after the frame's last, never fits.
    pub probe_first: Signal<In, Bits<BLOCK>>,
    /// First granule of the pool.
    pub pool_first: Signal<In, Bits<BLOCK>>,
    /// Last granule of the pool.
    pub pool_last: Signal<In, Bits<BLOCK>>,
    /// Row to read.
    pub index: Signal<Out, Bits<SLOT>>,
    /// That row, one edge later.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// It is valid.
    pub live: Signal<In, Bit>,
    /// Its block is taken.
    pub held: Signal<In, Bit>,
    /// The row that was read is of this walk.
    pub sees: Signal<Out, Bit>,
    /// Block to compare with every held block.
    pub candidate: Signal<Out, Candidate<BLOCK>>,
    /// It touches one, one edge later.
    pub blocked: Signal<In, Bit>,
    /// Working.
    pub busy: Signal<Out, Bit>,
    /// What was found, once no longer busy.
    pub survey: Signal<Out, Survey<SLOT, BLOCK>>,
    working: Register<Bit>,
    scanning: Register<Bit>,
    draining: Register<Bits<3>>,
    next_index: Register<Bits<SLOT>>,
    seen: Register<Bit>,
    seen_index: Register<Bits<SLOT>>,
    clash: Register<Bit>,
    clash_index: Register<Bits<SLOT>>,
    start_of: Register<Candidate<BLOCK>>,
    extent_of: Register<Candidate<BLOCK>>,
    judged: Register<Candidate<BLOCK>>,
    in_pool: Register<Bit>,
    approved: Register<Candidate<BLOCK>>,
    result: Register<Survey<SLOT, BLOCK>>,
    after: Signal<Local, Bits<BLOCK>>,
    pages_overlap: Signal<Local, Bit>,
    better: Signal<Local, Bit>,
    last_index: Constant<Bits<SLOT>>,
    beyond_frame: Constant<Bits<PAGE>>,
    /// With `integrity`: no register here has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Allocator<TENANT, SLOT, PAGE, BLOCK> {
    /// For the slots of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            start: Default::default(),
            stop: Default::default(),
            tenant: Default::default(),
            first_page: Default::default(),
            last_page: Default::default(),
            span: Default::default(),
            probe: Default::default(),
            probe_first: Default::default(),
            pool_first: Default::default(),
            pool_last: Default::default(),
            index: Default::default(),
            row: Default::default(),
            live: Default::default(),
            held: Default::default(),
            sees: Default::default(),
            candidate: Default::default(),
            blocked: Default::default(),
            busy: Default::default(),
            survey: Default::default(),
            working: Register::guarded(guards),
            scanning: Register::guarded(guards),
            draining: Register::guarded(guards),
            next_index: Register::guarded(guards),
            seen: Register::guarded(guards),
            seen_index: Register::guarded(guards),
            clash: Register::guarded(guards),
            clash_index: Register::guarded(guards),
            start_of: Register::guarded(guards),
            extent_of: Register::guarded(guards),
            judged: Register::guarded(guards),
            in_pool: Register::guarded(guards),
            approved: Register::guarded(guards),
            result: Register::guarded(guards),
            after: Default::default(),
            pages_overlap: Default::default(),
            better: Default::default(),
            last_index: Constant::new((geometry.slots - 1).to_bits()),
            beyond_frame: Constant::new((((1u64 << PAGE) - 1) >> BLOCK << BLOCK).to_bits()),
            intact: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize> Logic
    for Allocator<TENANT, SLOT, PAGE, BLOCK>
{
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(
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
            for i in 0..self._guards {
                self.intact[i].next = self.working.intact[i].val()
                    & self.scanning.intact[i].val()
                    & self.draining.intact[i].val()
                    & self.next_index.intact[i].val()
                    & self.seen.intact[i].val()
                    & self.seen_index.intact[i].val()
                    & self.clash.intact[i].val()
                    & self.clash_index.intact[i].val()
                    & self.start_of.intact[i].val()
                    & self.extent_of.intact[i].val()
                    & self.judged.intact[i].val()
                    & self.in_pool.intact[i].val()
                    & self.approved.intact[i].val()
                    & self.result.intact[i].val();
            }
        }
    }
}
