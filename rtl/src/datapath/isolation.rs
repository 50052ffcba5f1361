//! Isolation: does the physical range touch an isolated block? Asked of every address that the translate port did not make.
//!
//! ```text
//!   admitted --> place in the frame --[edge]--> first, last --> entry 0 ... entry n --[edge]--> any touched?
//!                                                                                                  |
//!   response <--[edge]-----------------------------------------------------------------------------+
//! ```
//!
//! The pool lies in one naturally aligned frame, no smaller than the longest access. So a range touches the frame when its
//! first byte lies in it, or when its first byte lies in the frame before and the sum of offset and length carries.
//! What lies outside is clamped to the frame's ends; the comparators then need the frame's bits only.

use super::admit::Access;
use crate::{
    constants::Reasons,
    ports::PhysicalResponse,
    store::{CandidateEntry, IsolationEntry, OwnedGranule, OwnershipMap, TableWrite},
};
use pm_interface::Geometry;
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// A physical access as the frame sees it.
    pub struct Placed<BLOCK> {
        /// There is one.
        pub valid: Bit,
        /// The tenant's number exists.
        pub known: Bit,
        /// There is one, of a tenant that exists.
        pub asked: Bit,
        /// The length is right and the last byte lies in the address space.
        pub sized: Bit,
        /// Some byte lies in the frame.
        pub inside: Bit,
        /// First granule in the frame.
        pub first: Bits<BLOCK>,
        /// Last granule in the frame.
        pub last: Bits<BLOCK>,
    }
}

/// What can be said of an access before the comparators have answered.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Claim {
    /// There is one.
    pub valid: Bit,
    /// Tenant, length and last byte exist.
    pub proper: Bit,
    /// Why not.
    pub reason: Bits<4>,
}

/// The response as registered.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct PhysicalVerdict {
    /// There is one.
    pub valid: Bit,
    /// The access may proceed.
    pub allowed: Bit,
    /// Why not.
    pub reason: Bits<4>,
}

/// The isolation comparators and the physical port's answer.
#[derive(Clone, Debug, LogicBlock)]
pub struct Isolation<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: no block is held, no access is in flight.
    pub reset: Signal<In, Bit>,
    /// The boot gate is open.
    pub active: Signal<In, Bit>,
    /// First byte of the pool's frame, a multiple of the frame's size, set at least one cycle before `active`.
    pub frame_base: Signal<In, Bits<ADDRESS>>,
    /// The store's write port.
    pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
    /// The access.
    pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
    /// The answer, three edges later.
    pub response: PhysicalResponse,
    /// Row that the control side reads.
    pub control_slot: Signal<In, Bits<SLOT>>,
    /// Its block is taken, one edge later.
    pub control_held: Signal<Out, Bit>,
    /// First granule of a block that the allocator might take.
    pub candidate_first: Signal<In, Bits<BLOCK>>,
    /// Last granule of that block.
    pub candidate_last: Signal<In, Bits<BLOCK>>,
    /// It touches a held block, one edge later.
    pub candidate_blocked: Signal<Out, Bit>,
    /// It touches the block of another row than `control_slot`, two edges later.
    pub candidate_shared: Signal<Out, Bit>,
    /// The blocks from `tail_first` to `tail_last` are guarded at the next edge, whatever the rows say.
    pub tail_guarded: Signal<In, Bit>,
    /// Row that the tail belongs to.
    pub tail_slot: Signal<In, Bits<SLOT>>,
    /// First granule of the tail.
    pub tail_first: Signal<In, Bits<BLOCK>>,
    /// Last granule of the tail.
    pub tail_last: Signal<In, Bits<BLOCK>>,
    entries: Vec<IsolationEntry<BLOCK>>,
    candidates: Vec<CandidateEntry<BLOCK>>,
    tails: Vec<IsolationEntry<BLOCK>>,
    shared: Register<Bit>,
    others: Signal<Local, Bit>,
    read_held: Register<Bit>,
    blocked: Signal<Local, Bit>,
    address: Signal<Local, Bits<ADDRESS>>,
    length: Signal<Local, Bits<LENGTH>>,
    length_less_one: Signal<Local, Bits<LENGTH>>,
    first_byte: Signal<Local, Bits<ADDRESS>>,
    last_byte: Signal<Local, Bits<ADDRESS>>,
    carries: Signal<Local, Bit>,
    frame: Signal<Local, Bits<ADDRESS>>,
    keep_first: Signal<Local, Bits<BLOCK>>,
    fill_last: Signal<Local, Bits<BLOCK>>,
    pool_frame: Signal<Local, Bits<ADDRESS>>,
    frame_before: Register<Bits<ADDRESS>>,
    starts_in_frame: Signal<Local, Bit>,
    starts_before_frame: Signal<Local, Bit>,
    placed: Register<Placed<BLOCK>>,
    claim: Register<Claim>,
    verdict: Register<PhysicalVerdict>,
    /// Which row kept an access out. It is told and decides nothing, so it has no parity.
    keeper: Register<Bits<8>>,
    proper: Signal<Local, Bit>,
    touched: Signal<Local, Bit>,
    lane: Signal<Local, Bits<8>>,
    lanes: Signal<Local, Bits<4>>,
    touched_lanes: Register<Bits<4>>,
    reached: Signal<Local, Bit>,
    slot: Signal<Local, Bits<8>>,
    reason: Signal<Local, Bits<4>>,
    open: Signal<Local, Bits<4>>,
    allowed: Signal<Local, Bit>,
    reasons: Reasons,
    first_lane: Constant<Bits<4>>,
    lane_mask: Constant<Bits<8>>,
    granule_bits: Constant<Bits<6>>,
    frame_bits: Constant<Bits<6>>,
    frame_mask: Constant<Bits<ADDRESS>>,
    frame_size: Constant<Bits<ADDRESS>>,
    tenants: Constant<Bits<8>>,
    max_length: Constant<Bits<LENGTH>>,
    _slots: usize,
    _tails: usize,
    _closings: usize,
    /// With `integrity`: the frame before the pool's is what it was, in the cycle of `admitted`.
    pub frame_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: the place of the access is what it was, an edge after `admitted`.
    pub place_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: what the comparators said is what they said, two edges after `admitted`.
    pub compared_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: the ownership map says of the access that is compared what the comparators say.
    pub agreed: Vec<Signal<Out, Bit>>,
    /// With `integrity`: no entry has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: the access that is answered now met a fault, or everything is refused.
    pub poisoned: Vec<Signal<In, Bit>>,
    /// With `integrity`: an answer is due now.
    pub due: Vec<Signal<In, Bit>>,
    /// With `integrity`: no command has been at work, and the ownership map is up to date.
    pub quiet: Vec<Signal<In, Bit>>,
    /// With `integrity`: clear the ownership map; held until `map_cleared`.
    pub map_clear: Vec<Signal<In, Bit>>,
    /// With `integrity`: it has been cleared since reset.
    pub map_cleared: Vec<Signal<Out, Bit>>,
    /// With `integrity`: it is being written.
    pub map_busy: Vec<Signal<Out, Bit>>,
    /// With `integrity`: it knows whether it is.
    pub map_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: a write to the table that is not the patrol's.
    pub changes_row: Vec<Signal<In, Bit>>,
    /// With `integrity`: the patrol writes a granule of the ownership map.
    pub renews_granule: Vec<Signal<In, Bit>>,
    /// With `integrity`: this one.
    pub granule: Vec<Signal<In, Bits<BLOCK>>>,
    /// With `integrity`: who guards it.
    pub granule_owner: Vec<Signal<In, OwnedGranule<SLOT>>>,
    maps: Vec<OwnershipMap<SLOT, BLOCK>>,
    after_first: Vec<Signal<Local, Bits<BLOCK>>>,
    looked_up: Vec<Register<Bit>>,
    covered: Vec<Register<Bit>>,
    mapped: Vec<Signal<Local, Bit>>,
    differs: Vec<Signal<Local, Bit>>,
    _guards: usize,
    /// With `lockstep`: refuse everything.
    pub closed: Vec<Signal<In, Bit>>,
    _locksteps: usize,
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
    > Isolation<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>
{
    /// One comparator a slot of `geometry`, and with `dynamic` one for the tail that RESIZE works on.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let locksteps = usize::from(geometry.features.lockstep);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            active: Default::default(),
            frame_base: Default::default(),
            table_write: Default::default(),
            admitted: Default::default(),
            response: Default::default(),
            control_slot: Default::default(),
            control_held: Default::default(),
            candidate_first: Default::default(),
            candidate_last: Default::default(),
            candidate_blocked: Default::default(),
            candidate_shared: Default::default(),
            tail_guarded: Default::default(),
            tail_slot: Default::default(),
            tail_first: Default::default(),
            tail_last: Default::default(),
            entries: vec![IsolationEntry::guarded(guards); geometry.slots],
            candidates: vec![CandidateEntry::guarded(guards); geometry.slots],
            tails: vec![IsolationEntry::guarded(guards); geometry.features.dynamic.into()],
            shared: Register::guarded(guards),
            others: Default::default(),
            read_held: Register::guarded(guards),
            blocked: Default::default(),
            address: Default::default(),
            length: Default::default(),
            length_less_one: Default::default(),
            first_byte: Default::default(),
            last_byte: Default::default(),
            carries: Default::default(),
            frame: Default::default(),
            keep_first: Default::default(),
            fill_last: Default::default(),
            pool_frame: Default::default(),
            frame_before: Register::guarded(guards),
            starts_in_frame: Default::default(),
            starts_before_frame: Default::default(),
            placed: Register::guarded(guards),
            claim: Register::guarded(guards),
            verdict: Register::guarded(guards),
            keeper: Default::default(),
            proper: Default::default(),
            touched: Default::default(),
            lane: Default::default(),
            lanes: Default::default(),
            touched_lanes: Register::guarded(guards),
            reached: Default::default(),
            slot: Default::default(),
            reason: Default::default(),
            open: Default::default(),
            allowed: Default::default(),
            reasons: Default::default(),
            first_lane: Constant::new(1u64.to_bits()),
            lane_mask: Constant::new(3u64.to_bits()),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
            frame_bits: Constant::new((geometry.granule_bits + BLOCK).to_bits()),
            frame_mask: Constant::new((geometry.frame() - 1).to_bits()),
            frame_size: Constant::new(geometry.frame().to_bits()),
            tenants: Constant::new(geometry.tenants.to_bits()),
            max_length: Constant::new(geometry.max_length().to_bits()),
            _slots: geometry.slots,
            _tails: geometry.features.dynamic.into(),
            _closings: geometry.features.boot.into(),
            frame_intact: vec![Default::default(); guards],
            place_intact: vec![Default::default(); guards],
            compared_intact: vec![Default::default(); guards],
            agreed: vec![Default::default(); guards],
            intact: vec![Default::default(); guards],
            poisoned: vec![Default::default(); guards],
            due: vec![Default::default(); guards],
            quiet: vec![Default::default(); guards],
            map_clear: vec![Default::default(); guards],
            map_cleared: vec![Default::default(); guards],
            map_busy: vec![Default::default(); guards],
            map_intact: vec![Default::default(); guards],
            changes_row: vec![Default::default(); guards],
            renews_granule: vec![Default::default(); guards],
            granule: vec![Default::default(); guards],
            granule_owner: vec![Default::default(); guards],
            maps: vec![OwnershipMap::new(geometry); guards],
            after_first: vec![Default::default(); guards],
            looked_up: vec![Register::guarded(guards); guards],
            covered: vec![Register::guarded(guards); guards],
            mapped: vec![Default::default(); guards],
            differs: vec![Default::default(); guards],
            _guards: guards,
            closed: vec![Default::default(); locksteps],
            _locksteps: locksteps,
        }
    }

    /// With `integrity` the ownership map: fault injection.
    pub fn ownership_map(&mut self) -> Option<&mut OwnershipMap<SLOT, BLOCK>> {
        self.maps.first_mut()
    }
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
    > Logic for Isolation<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>
{
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(frame_before, placed, claim, verdict, keeper, read_held, shared, touched_lanes) {
            self.address.next = self.admitted.val().address;
            self.length.next = self.admitted.val().length;
            self.length_less_one.next = self.length.val() - 1;
            self.first_byte.next = self.address.val() & self.frame_mask.val();
            self.last_byte.next =
                self.first_byte.val() + bit_cast::<ADDRESS, LENGTH>(self.length_less_one.val());
            self.carries.next = self.last_byte.val().get_bit(self.frame_bits.val().index());
            self.frame.next = self.address.val() & !self.frame_mask.val();
            self.pool_frame.next = self.frame_base.val() & !self.frame_mask.val();
            self.frame_before.d.next = self.pool_frame.val() - self.frame_size.val();
            self.starts_in_frame.next = self.frame.val() == self.pool_frame.val();
            self.starts_before_frame.next = self.frame.val() == self.frame_before.q.val();

            self.placed.d.next.valid = self.admitted.val().valid;
            self.placed.d.next.known = self.admitted.val().tenant < self.tenants.val();
            self.placed.d.next.asked = self.admitted.val().valid & (self.admitted.val().tenant < self.tenants.val());
            self.placed.d.next.sized = (self.length.val() != 0)
                & (self.length.val() <= self.max_length.val())
                & !((self.frame.val() == !self.frame_mask.val()) & self.carries.val());
            self.placed.d.next.inside =
                self.starts_in_frame.val() | (self.starts_before_frame.val() & self.carries.val());
            // As masks and not as choices: synthesis would turn a choice of zero into a slow synchronous clear.
            self.keep_first.next = 0.into();
            self.fill_last.next = 0.into();
            if self.starts_in_frame.val() {
                self.keep_first.next = !bits::<BLOCK>(0);
                if self.carries.val() {
                    self.fill_last.next = !bits::<BLOCK>(0);
                }
            }
            self.placed.d.next.first =
                self.first_byte.val().get_bits::<BLOCK>(self.granule_bits.val().index()) & self.keep_first.val();
            self.placed.d.next.last =
                self.last_byte.val().get_bits::<BLOCK>(self.granule_bits.val().index()) | self.fill_last.val();
            self.proper.next = self.placed.q.val().known & self.placed.q.val().sized;
            self.claim.d.next.valid = self.placed.q.val().valid;
            self.claim.d.next.proper = self.proper.val();
            self.claim.d.next.reason = self.reasons.no_tenant.val();
            if self.placed.q.val().known {
                self.claim.d.next.reason = self.reasons.out_of_range.val();
            }

            self.touched.next = false;
            self.lanes.next = 0.into();
            self.slot.next = 0.into();
            self.blocked.next = false;
            self.others.next = false;
            self.read_held.d.next = false;
            for i in 0..self._slots {
                self.entries[i].clock.next = self.clock.val();
                self.entries[i].reset.next = self.reset.val();
                self.entries[i].addressed.next = self.table_write.slot.val() == i.to_bits::<SLOT>();
                self.entries[i].write.next = self.table_write.enable.val();
                self.entries[i].new_held.next = self.table_write.held.val();
                self.entries[i].new_guarded.next = self.table_write.guarded.val();
                self.entries[i].new_first.next = self.table_write.row.val().first_block;
                self.entries[i].new_last.next = self.table_write.row.val().last_block;
                self.entries[i].asked.next =
                    self.placed.q.val().asked & self.placed.q.val().sized & self.placed.q.val().inside;
                self.entries[i].first.next = self.placed.q.val().first;
                self.entries[i].last.next = self.placed.q.val().last;
                if self.entries[i].touched.val() & !self.touched.val() {
                    self.slot.next = self.slot.val() | i.to_bits::<8>();
                }
                self.touched.next = self.touched.val() | self.entries[i].touched.val();
                self.lane.next = i.to_bits::<8>() & self.lane_mask.val();
                if self.entries[i].overlaps.val() {
                    self.lanes.next = self.lanes.val() | (self.first_lane.val() << self.lane.val());
                }

                self.candidates[i].clock.next = self.clock.val();
                self.candidates[i].reset.next = self.reset.val();
                self.candidates[i].held.next = self.entries[i].held.val();
                self.candidates[i].first_block.next = self.entries[i].first_block.val();
                self.candidates[i].last_block.next = self.entries[i].last_block.val();
                self.candidates[i].first.next = self.candidate_first.val();
                self.candidates[i].last.next = self.candidate_last.val();
                self.blocked.next = self.blocked.val() | self.candidates[i].touches.val();
                if self.control_slot.val() == i.to_bits::<SLOT>() {
                    self.read_held.d.next = self.entries[i].held.val();
                } else {
                    self.others.next = self.others.val() | self.candidates[i].touches.val();
                }
            }
            // The tail follows the command engine: nothing is left to write when a command ends.
            for i in 0..self._tails {
                self.tails[i].clock.next = self.clock.val();
                self.tails[i].reset.next = self.reset.val();
                self.tails[i].addressed.next = true;
                self.tails[i].write.next = true;
                self.tails[i].new_held.next = self.tail_guarded.val();
                self.tails[i].new_guarded.next = self.tail_guarded.val();
                self.tails[i].new_first.next = self.tail_first.val();
                self.tails[i].new_last.next = self.tail_last.val();
                self.tails[i].asked.next =
                    self.placed.q.val().asked & self.placed.q.val().sized & self.placed.q.val().inside;
                self.tails[i].first.next = self.placed.q.val().first;
                self.tails[i].last.next = self.placed.q.val().last;
                if self.tails[i].touched.val() & !self.touched.val() {
                    self.slot.next = bit_cast::<8, SLOT>(self.tail_slot.val());
                }
                if self.tails[i].overlaps.val() {
                    self.lanes.next = self.lanes.val() | self.first_lane.val();
                }
            }
            self.shared.d.next = self.others.val();
            self.candidate_shared.next = self.shared.q.val();
            // The verdict does not wait for the first that is touched to be found: whether any is, is asked beside it.
            self.touched_lanes.d.next = self.lanes.val();
            self.reached.next = self.touched_lanes.q.val().any();
            self.candidate_blocked.next = self.blocked.val();
            self.control_held.next = self.read_held.q.val();

            self.allowed.next = self.active.val()
                & self.claim.q.val().valid
                & self.claim.q.val().proper
                & !self.reached.val();
            for i in 0..self._guards {
                self.maps[i].clock.next = self.clock.val();
                self.maps[i].reset.next = self.reset.val();
                self.maps[i].clear_all.next = self.map_clear[i].val();
                self.map_cleared[i].next = self.maps[i].cleared.val();
                self.map_busy[i].next = self.maps[i].busy.val();
                self.map_intact[i].next = self.maps[i].intact.val();
                self.maps[i].write.next = self.changes_row[i].val();
                self.maps[i].renews.next = self.renews_granule[i].val();
                self.maps[i].renewed.next = self.granule[i].val();
                self.maps[i].renewed_word.next = self.granule_owner[i].val();
                self.maps[i].asked.next =
                    self.placed.q.val().asked & self.placed.q.val().sized & self.placed.q.val().inside;
                self.maps[i].slot.next = self.table_write.slot.val();
                self.maps[i].guarded.next = self.table_write.guarded.val();
                self.maps[i].new_first.next = self.table_write.row.val().first_block;
                self.maps[i].new_last.next = self.table_write.row.val().last_block;
                self.maps[i].tail_guarded.next = self.tail_guarded.val();
                self.maps[i].tail_first.next = self.tail_first.val();
                self.maps[i].tail_last.next = self.tail_last.val();
                self.maps[i].first.next = self.placed.q.val().first;
                self.maps[i].last.next = self.placed.q.val().last;
                self.looked_up[i].clock.next = self.clock.val();
                self.looked_up[i].reset.next = self.reset.val();
                self.looked_up[i].d.next =
                    self.placed.q.val().asked & self.placed.q.val().sized & self.placed.q.val().inside;
                // Of one or two granules the map knows all.
                self.after_first[i].next = self.placed.q.val().first + 1;
                self.covered[i].clock.next = self.clock.val();
                self.covered[i].reset.next = self.reset.val();
                self.covered[i].d.next = (self.placed.q.val().first == self.placed.q.val().last)
                    | (self.after_first[i].val() == self.placed.q.val().last);
                self.mapped[i].next = self.looked_up[i].q.val() & self.maps[i].touched.val();
                self.differs[i].next = self.quiet[i].val()
                    & ((self.mapped[i].val() & !self.reached.val())
                        | (!self.mapped[i].val() & self.reached.val() & self.covered[i].q.val())
                        | (self.looked_up[i].q.val() & !self.maps[i].read_intact.val()));
                if self.differs[i].val() & !self.reached.val() {
                    self.slot.next = self.maps[i].owner.val();
                }
            }
            self.verdict.d.next.valid = self.claim.q.val().valid;
            self.verdict.d.next.allowed = self.allowed.val();
            self.keeper.d.next = self.slot.val();
            // Only a gate that can close again has rows behind it while it is closed.
            for _i in 0..self._closings {
                if !self.active.val() {
                    self.keeper.d.next = 0.into();
                }
            }
            self.reason.next = self.reasons.none.val();
            if !self.claim.q.val().proper {
                self.reason.next = self.claim.q.val().reason;
            } else if self.reached.val() {
                self.reason.next = self.reasons.isolated.val();
            }
            // `NotActive` is zero.
            self.open.next = 0.into();
            if self.active.val() & self.claim.q.val().valid {
                self.open.next = !bits::<4>(0);
            }
            self.verdict.d.next.reason = self.reason.val() & self.open.val();

            self.response.valid.next = self.verdict.q.val().valid;
            self.response.allowed.next = self.verdict.q.val().allowed;
            self.response.reason.next = self.verdict.q.val().reason;
            self.response.slot.next = self.keeper.q.val();
            for i in 0..self._guards {
                self.frame_intact[i].next = self.frame_before.intact[i].val();
                self.place_intact[i].next = self.placed.intact[i].val();
                self.compared_intact[i].next = self.claim.intact[i].val()
                    & self.touched_lanes.intact[i].val()
                    & self.looked_up[i].intact[i].val()
                    & self.covered[i].intact[i].val();
                // SEC_CM: PHYSICAL.WITNESS
                self.agreed[i].next = !self.differs[i].val();
                self.intact[i].next =
                    self.read_held.intact[i].val() & self.shared.intact[i].val();
                for j in 0..self._slots {
                    self.intact[i].next = self.intact[i].val()
                        & self.entries[j].intact[i].val()
                        & self.candidates[j].intact[i].val();
                }
                for j in 0..self._tails {
                    self.intact[i].next = self.intact[i].val() & self.tails[j].intact[i].val();
                }
                // SEC_CM: DATA.PARITY
                self.response.valid.next = self.verdict.q.val().valid | self.due[i].val();
                if self.poisoned[i].val()
                    | !self.verdict.intact[i].val()
                    | (self.due[i].val() & !self.verdict.q.val().valid)
                {
                    self.response.allowed.next = false;
                    self.response.reason.next = self.reasons.integrity.val();
                }
            }
            // SEC_CM: LOCKSTEP.CLOSE
            for i in 0..self._locksteps {
                if self.closed[i].val() {
                    self.response.allowed.next = false;
                    self.response.reason.next = self.reasons.integrity.val();
                }
            }
        }
    }
}
