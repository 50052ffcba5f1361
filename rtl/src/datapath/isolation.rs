//! Isolation: does the physical range touch an isolated block? Asked of every address that the translate port did not make.
//!
//! ```text
//!   admitted --> Place --[edge]--> first, last --> Comparators --[edge]--> reached, slot --> PhysicalRespond --[edge]--> response
//!                                        |               |                      |
//!                                        |               '--> held blocks --> Candidates --> blocked, shared
//!                                        '-- with `integrity` --> Witness --> differs? --> FaultTrail
//! ```

use super::{Access, Candidates, Comparators, FaultTrail, MapPort, PhysicalRespond, Place, TrailSink, Witness};
use crate::{
    ports::PhysicalResponse,
    store::{OwnershipMap, TableWrite},
};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Ports that the feature `integrity` adds to the isolation.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct IsolationGuard {
    /// High: an access is offered to the port, one cycle before `admitted`.
    pub arrives: Signal<In, Bit>,
    /// High while `admitted` has lost no bit.
    pub admitted_intact: Signal<In, Bit>,
    /// High: every access is refused.
    pub closed: Signal<In, Bit>,
    /// High while no command is at work and the ownership map is up to date.
    pub quiet: Signal<In, Bit>,
    /// High while no comparator and no register of the control side's answers has lost a bit.
    pub intact: Signal<Out, Bit>,
}

block! {
    /// The physical port's decision, and the control side's questions about held blocks.
    pub struct Isolation<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no block is held, no access is under way.
        pub reset: Signal<In, Bit>,
        /// High while the boot gate is open.
        pub active: Signal<In, Bit>,
        /// First byte of the pool's frame, a multiple of the frame's size, set at least one cycle before `active`.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Write port of the store.
        pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
        /// Access that is decided, in every cycle.
        pub admitted: Signal<In, Access<ADDRESS, LENGTH>>,
        /// Response of the physical port, three edges after `admitted`.
        pub response: PhysicalResponse,
        /// Slot of the row that the control side reads.
        pub control_slot: Signal<In, Bits<SLOT>>,
        /// High when the block of row `control_slot` is taken, one edge later.
        pub control_held: Signal<Out, Bit>,
        /// First granule of a block that the allocator might take, in every cycle.
        pub candidate_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of that block, in every cycle.
        pub candidate_last: Signal<In, Bits<BLOCK>>,
        /// High when the candidate touches a held block, one edge later.
        pub candidate_blocked: Signal<Out, Bit>,
        /// High when the candidate touches the block of another row than `control_slot`, two edges later.
        pub candidate_shared: Signal<Out, Bit>,
        /// High: the granules from `tail_first` to `tail_last` are guarded from the next edge on, whatever the rows say.
        pub tail_guarded: Signal<In, Bit>,
        /// Row that the tail belongs to; valid with `tail_guarded`.
        pub tail_slot: Signal<In, Bits<SLOT>>,
        /// First granule of the tail; valid with `tail_guarded`.
        pub tail_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the tail; valid with `tail_guarded`.
        pub tail_last: Signal<In, Bits<BLOCK>>,
        place: Place<ADDRESS, LENGTH, BLOCK> = Place::new(geometry),
        comparators: Comparators<TENANT, SLOT, PAGE, BLOCK> = Comparators::new(geometry),
        candidates: Candidates<SLOT, BLOCK> = Candidates::new(geometry),
        physical_respond: PhysicalRespond<BLOCK> = PhysicalRespond::new(geometry),
        asked: Signal<Local, Bit>,
        /// Optional interface of the feature `integrity`.
        pub guard: IsolationGuard where integrity,
        /// The ownership map's way to the control side.
        pub map: MapPort<SLOT, BLOCK> where integrity,
        witness: Witness<SLOT, BLOCK> where integrity = Witness::new(geometry),
        trail: FaultTrail where integrity,
    }
}

kernel! {
    Isolation<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) blocks(place, comparators, candidates, physical_respond) {
        self.place.frame_base.next = self.frame_base.val();
        self.place.admitted.next = self.admitted.val();
        self.asked.next =
            self.place.placed.val().asked & self.place.placed.val().sized & self.place.placed.val().inside;

        self.comparators.asked.next = self.asked.val();
        self.comparators.first.next = self.place.placed.val().first;
        self.comparators.last.next = self.place.placed.val().last;
        TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.comparators.table_write);
        self.comparators.tail_guarded.next = self.tail_guarded.val();
        self.comparators.tail_slot.next = self.tail_slot.val();
        self.comparators.tail_first.next = self.tail_first.val();
        self.comparators.tail_last.next = self.tail_last.val();

        for i in 0..self.comparators.held.len() {
            self.candidates.held[i].next = self.comparators.held[i].val();
            self.candidates.first_block[i].next = self.comparators.first_block[i].val();
            self.candidates.last_block[i].next = self.comparators.last_block[i].val();
        }
        self.candidates.control_slot.next = self.control_slot.val();
        self.candidates.first.next = self.candidate_first.val();
        self.candidates.last.next = self.candidate_last.val();
        self.control_held.next = self.candidates.control_held.val();
        self.candidate_blocked.next = self.candidates.blocked.val();
        self.candidate_shared.next = self.candidates.shared.val();

        self.physical_respond.active.next = self.active.val();
        self.physical_respond.placed.next = self.place.placed.val();
        self.physical_respond.reached.next = self.comparators.reached.val();
        self.physical_respond.slot.next = self.comparators.slot.val();
        PhysicalResponse::link(&mut self.response, &mut self.physical_respond.response);
    }
    when(witness) blocks(witness) {
        MapPort::<SLOT, BLOCK>::link(&mut self.map[0], &mut self.witness[0].map);
        self.witness[0].slot.next = self.table_write.slot.val();
        self.witness[0].guarded.next = self.table_write.guarded.val();
        self.witness[0].new_first.next = self.table_write.row.val().first_block;
        self.witness[0].new_last.next = self.table_write.row.val().last_block;
        self.witness[0].tail_guarded.next = self.tail_guarded.val();
        self.witness[0].tail_first.next = self.tail_first.val();
        self.witness[0].tail_last.next = self.tail_last.val();
        self.witness[0].asked.next = self.asked.val();
        self.witness[0].first.next = self.place.placed.val().first;
        self.witness[0].last.next = self.place.placed.val().last;
        self.witness[0].reached.next = self.comparators.reached.val();
        self.witness[0].quiet.next = self.guard[0].quiet.val();
        if self.witness[0].differs.val() & !self.comparators.reached.val() {
            self.physical_respond.slot.next = self.witness[0].owner.val();
        }
    }
    when(trail) blocks(trail) {
        self.trail[0].arrives.next = self.guard[0].arrives.val();
        self.trail[0].first.next = !self.guard[0].admitted_intact.val() | !self.place.frame_intact[0].val();
        self.trail[0].second.next = !self.place.intact[0].val();
        // SEC_CM: PHYSICAL.WITNESS
        self.trail[0].third.next = !self.physical_respond.intact[0].val()
            | !self.comparators.reached_intact[0].val()
            | !self.witness[0].intact[0].val()
            | self.witness[0].differs.val();
        self.trail[0].closed.next = self.guard[0].closed.val();
        TrailSink::join(&mut self.physical_respond.trail[0], &mut self.trail[0].verdict);
        self.guard[0].intact.next = self.comparators.intact[0].val() & self.candidates.intact[0].val();
    }
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
    /// With `integrity` the ownership map: fault injection.
    pub fn ownership_map(&mut self) -> Option<&mut OwnershipMap<SLOT, BLOCK>> {
        self.witness.first_mut().map(Witness::ownership_map)
    }
}
