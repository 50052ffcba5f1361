//! The data path: two ports, four clock edges each, one access a cycle, whatever the control side is doing.
//!
//! ```text
//!               edge 1           edge 2              edge 3               edge 4
//!                 |                |                   |                    |
//!  translate --> Admit ---------> Extent ------------+--> Permission ----+--> Respond --> response
//!   request  \    |                |                 |                   |
//!             \   +-- tenant, page --> Lookup ---- entries ---- agree? --+
//!              \                   |                 |                   |
//!               > ShadowTable -----+-- slot --> PartitionTable --> Translate
//!
//!  physical ---> Admit ---------> Isolation: place --> compare ------------> response
//! ```
//!
//! With `integrity` a [`FaultTrail`] runs beside each port: what a stage finds wrong with its own register, or a memory with
//! the word it gave, arrives with the answer. With `lockstep` a second data path looks over its shoulder ([`Lockstep`]).

use super::{Access, Admit, Extent, FaultTrail, Isolation, Lockstep, Lookup, Permission, Respond, Translate};
use crate::{
    ports::{AccessRequest, PhysicalResponse, PhysicalSink, TranslateResponse, TranslateSink},
    store::{OwnedGranule, OwnershipMap, PartitionTable, Row, ShadowTable, ShadowWrite, TableWrite},
};
use pm_interface::Geometry;
use pm_verilog::cells::Register;
use rust_hdl::prelude::*;

/// Clock edges from a request to its response, on both ports.
pub const LATENCY: usize = 4;

/// Store and decisions: everything that an access meets.
#[derive(Clone, Debug, LogicBlock)]
pub struct DataPath<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: nothing is valid, nothing is in flight.
    pub reset: Signal<In, Bit>,
    /// The boot gate is open.
    pub active: Signal<In, Bit>,
    /// First byte of every tenant's window.
    pub window_base: Signal<In, Bits<ADDRESS>>,
    /// First byte of the pool's frame.
    pub frame_base: Signal<In, Bits<ADDRESS>>,
    /// Writes a row.
    pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
    /// Writes a shadow entry.
    pub shadow_write: ShadowWrite<TENANT, SLOT, PAGE>,
    /// Row that the control side reads.
    pub control_slot: Signal<In, Bits<SLOT>>,
    /// That row, one edge later.
    pub control_row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
    /// It is valid.
    pub control_live: Signal<Out, Bit>,
    /// Its block is taken.
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
    /// The translate port.
    pub translate_request: AccessRequest<ADDRESS, LENGTH>,
    /// Its answer, four edges later.
    pub translate_response: TranslateResponse<ADDRESS>,
    /// The access that was offered, one edge later, for the log.
    pub translate_admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
    /// The physical port.
    pub physical_request: AccessRequest<ADDRESS, LENGTH>,
    /// Its answer, four edges later.
    pub physical_response: PhysicalResponse,
    /// The access that was offered, one edge later, for the log.
    pub physical_admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
    admit: Admit<ADDRESS, LENGTH>,
    extent: Extent<ADDRESS, LENGTH, TENANT, PAGE>,
    shadow_table: ShadowTable<TENANT, SLOT, PAGE, SHADOW>,
    lookup: Lookup<TENANT, SLOT, PAGE, BLOCK>,
    partition_table: PartitionTable<TENANT, SLOT, PAGE, BLOCK>,
    permission: Permission<ADDRESS, TENANT, PAGE, BLOCK>,
    translate: Translate<ADDRESS, TENANT, PAGE, BLOCK>,
    respond: Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK>,
    physical_admit: Admit<ADDRESS, LENGTH>,
    isolation: Isolation<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK>,
    granule_bits: Constant<Bits<6>>,
    /// With `integrity`: refuse everything.
    pub closed: Vec<Signal<In, Bit>>,
    /// With `integrity`: no command has been at work for some cycles.
    pub quiet: Vec<Signal<In, Bit>>,
    /// With `integrity`: nothing that stands in comparators has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: what `control_row` was a cycle before had the code with which it was written.
    pub control_intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: `control_row`, once it has been read for two cycles, with one wrong bit put right.
    pub control_repaired: Vec<Signal<Out, Row<TENANT, PAGE, BLOCK>>>,
    /// With `integrity`: one bit of the row of `control_intact` was wrong.
    pub control_single: Vec<Signal<Out, Bit>>,
    /// With `integrity`: a write to the table that is not the patrol's.
    pub changes_row: Vec<Signal<In, Bit>>,
    /// With `integrity`: the write to the shadow page tables does, and the ownership map's granule is written too.
    pub renews_place: Vec<Signal<In, Bit>>,
    /// With `integrity`: this granule.
    pub granule: Vec<Signal<In, Bits<BLOCK>>>,
    /// With `integrity`: who guards it.
    pub granule_owner: Vec<Signal<In, OwnedGranule<SLOT>>>,
    /// With `integrity`: clear the ownership map; held until `map_cleared`.
    pub map_clear: Vec<Signal<In, Bit>>,
    /// With `integrity`: it has been cleared since reset.
    pub map_cleared: Vec<Signal<Out, Bit>>,
    /// With `integrity`: it is being written.
    pub map_busy: Vec<Signal<Out, Bit>>,
    /// With `integrity`: it knows whether it is.
    pub map_intact: Vec<Signal<Out, Bit>>,
    trails: Vec<FaultTrail>,
    physical_trails: Vec<FaultTrail>,
    row_faults: Vec<Register<Bit>>,
    _guards: usize,
    /// With `lockstep`: an answer was wrong, two cycles ago or earlier; until reset. One edge later both ports refuse.
    pub tripped: Vec<Signal<Out, Bit>>,
    /// With `integrity` and `lockstep`: the twin's `translate_admitted`, a cycle behind.
    pub twin_translate_admitted: Vec<Signal<Out, Access<ADDRESS, LENGTH>>>,
    /// With `integrity` and `lockstep`: the twin's `physical_admitted`, a cycle behind.
    pub twin_physical_admitted: Vec<Signal<Out, Access<ADDRESS, LENGTH>>>,
    lockstep: Vec<Lockstep<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>>,
    _locksteps: usize,
    _reports: usize,
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    /// For the sizes of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let locksteps = usize::from(geometry.features.lockstep);
        let reports = usize::from(geometry.features.reports_twice());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            active: Default::default(),
            window_base: Default::default(),
            frame_base: Default::default(),
            table_write: Default::default(),
            shadow_write: Default::default(),
            control_slot: Default::default(),
            control_row: Default::default(),
            control_live: Default::default(),
            control_held: Default::default(),
            candidate_first: Default::default(),
            candidate_last: Default::default(),
            candidate_blocked: Default::default(),
            candidate_shared: Default::default(),
            tail_guarded: Default::default(),
            tail_slot: Default::default(),
            tail_first: Default::default(),
            tail_last: Default::default(),
            translate_request: Default::default(),
            translate_response: Default::default(),
            translate_admitted: Default::default(),
            physical_request: Default::default(),
            physical_response: Default::default(),
            physical_admitted: Default::default(),
            admit: Admit::guarded(guards),
            extent: Extent::new(geometry),
            shadow_table: ShadowTable::new(geometry),
            lookup: Lookup::new(geometry),
            partition_table: PartitionTable::new(geometry),
            permission: Permission::guarded(guards),
            translate: Translate::guarded(guards),
            respond: Respond::new(geometry),
            physical_admit: Admit::guarded(guards),
            isolation: Isolation::new(geometry),
            granule_bits: Constant::new(geometry.granule_bits.to_bits()),
            closed: vec![Default::default(); guards],
            quiet: vec![Default::default(); guards],
            intact: vec![Default::default(); guards],
            control_intact: vec![Default::default(); guards],
            control_repaired: vec![Default::default(); guards],
            control_single: vec![Default::default(); guards],
            changes_row: vec![Default::default(); guards],
            renews_place: vec![Default::default(); guards],
            granule: vec![Default::default(); guards],
            granule_owner: vec![Default::default(); guards],
            map_clear: vec![Default::default(); guards],
            map_cleared: vec![Default::default(); guards],
            map_busy: vec![Default::default(); guards],
            map_intact: vec![Default::default(); guards],
            trails: vec![Default::default(); guards],
            physical_trails: vec![Default::default(); guards],
            row_faults: vec![Default::default(); guards],
            _guards: guards,
            tripped: vec![Default::default(); locksteps],
            twin_translate_admitted: vec![Default::default(); reports],
            twin_physical_admitted: vec![Default::default(); reports],
            lockstep: (0..locksteps).map(|_| Lockstep::new(geometry)).collect(),
            _locksteps: locksteps,
            _reports: reports,
        }
    }

    /// The shadow page tables: fault injection and inspection.
    pub fn shadow_table(&mut self) -> &mut ShadowTable<TENANT, SLOT, PAGE, SHADOW> {
        &mut self.shadow_table
    }

    /// With `integrity` the ownership map: fault injection.
    pub fn ownership_map(&mut self) -> Option<&mut OwnershipMap<SLOT, BLOCK>> {
        self.isolation.ownership_map()
    }

    /// The CAM: fault injection.
    pub fn lookup(&mut self) -> &mut Lookup<TENANT, SLOT, PAGE, BLOCK> {
        &mut self.lookup
    }

    /// The rows: fault injection and inspection.
    pub fn partition_table(&mut self) -> &mut PartitionTable<TENANT, SLOT, PAGE, BLOCK> {
        &mut self.partition_table
    }
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > Logic for DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    #[hdl_gen]
    fn update(&mut self) {
        self.admit.clock.next = self.clock.val();
        self.admit.reset.next = self.reset.val();
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.admit.request);

        self.extent.clock.next = self.clock.val();
        self.extent.reset.next = self.reset.val();
        self.extent.admitted.next = self.admit.admitted.val();
        self.extent.window_base.next = self.window_base.val();

        self.shadow_table.clock.next = self.clock.val();
        self.shadow_table.tenant.next = bit_cast::<TENANT, 8>(self.translate_request.tenant.val());
        self.shadow_table.page.next = self.translate_request.address.val().get_bits::<PAGE>(self.granule_bits.val().index());
        ShadowWrite::<TENANT, SLOT, PAGE>::link(&mut self.shadow_write, &mut self.shadow_table.shadow_write);

        self.lookup.clock.next = self.clock.val();
        self.lookup.reset.next = self.reset.val();
        self.lookup.tenant.next = self.extent.tenant.val();
        self.lookup.page.next = self.extent.page.val();
        self.lookup.shadow.next = self.shadow_table.entry.val();
        self.lookup.control_slot.next = self.control_slot.val();
        self.control_live.next = self.lookup.control_live.val();
        TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.lookup.table_write);

        self.partition_table.clock.next = self.clock.val();
        self.partition_table.lookup_slot.next = self.shadow_table.entry.val().slot;
        self.partition_table.control_slot.next = self.control_slot.val();
        self.control_row.next = self.partition_table.control_row.val();
        TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.partition_table.table_write);

        self.permission.clock.next = self.clock.val();
        self.permission.reset.next = self.reset.val();
        self.permission.row.next = self.partition_table.row.val();
        self.permission.examined.next = self.extent.examined.val();

        self.translate.clock.next = self.clock.val();
        self.translate.reset.next = self.reset.val();
        self.translate.row.next = self.partition_table.row.val();
        self.translate.examined.next = self.extent.examined.val();

        self.respond.clock.next = self.clock.val();
        self.respond.reset.next = self.reset.val();
        self.respond.active.next = self.active.val();
        self.respond.frame_base.next = self.frame_base.val();
        self.respond.examined.next = self.extent.examined.val();
        self.respond.finding.next = self.lookup.finding.val();
        self.respond.permit.next = self.permission.permit.val();
        self.respond.block.next = self.translate.block.val();
        self.respond.confirmed.next = self.translate.confirmed.val();
        TranslateResponse::<ADDRESS>::link(&mut self.translate_response, &mut self.respond.response);
        self.translate_admitted.next = self.admit.admitted.val();

        self.physical_admit.clock.next = self.clock.val();
        self.physical_admit.reset.next = self.reset.val();
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.physical_admit.request);

        self.isolation.clock.next = self.clock.val();
        self.isolation.reset.next = self.reset.val();
        self.isolation.active.next = self.active.val();
        self.isolation.frame_base.next = self.frame_base.val();
        self.isolation.admitted.next = self.physical_admit.admitted.val();
        self.isolation.control_slot.next = self.control_slot.val();
        self.isolation.candidate_first.next = self.candidate_first.val();
        self.isolation.candidate_last.next = self.candidate_last.val();
        self.control_held.next = self.isolation.control_held.val();
        self.candidate_blocked.next = self.isolation.candidate_blocked.val();
        self.candidate_shared.next = self.isolation.candidate_shared.val();
        self.isolation.tail_guarded.next = self.tail_guarded.val();
        self.isolation.tail_slot.next = self.tail_slot.val();
        self.isolation.tail_first.next = self.tail_first.val();
        self.isolation.tail_last.next = self.tail_last.val();
        TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.isolation.table_write);
        PhysicalResponse::link(&mut self.physical_response, &mut self.isolation.response);
        self.physical_admitted.next = self.physical_admit.admitted.val();

        for i in 0..self._guards {
            self.trails[i].clock.next = self.clock.val();
            self.trails[i].reset.next = self.reset.val();
            self.trails[i].arrives.next = self.translate_request.valid.val();
            self.trails[i].first.next = !self.admit.intact[i].val() | (self.active.val() & !self.shadow_table.intact[i].val());
            self.trails[i].second.next = !self.extent.intact[i].val() | !self.lookup.shadow_intact[i].val();
            // Where no row is named, what was read of the table concerns nobody.
            self.row_faults[i].clock.next = self.clock.val();
            self.row_faults[i].reset.next = self.reset.val();
            // SEC_CM: ROW.PARITY
            self.row_faults[i].d.next = !self.partition_table.row_intact[i].val();
            self.trails[i].third.next = !self.lookup.finding_intact[i].val()
                | !self.permission.intact[i].val()
                | !self.translate.intact[i].val()
                | !self.respond.intact[i].val()
                | (self.row_faults[i].q.val() & self.lookup.finding.val().mapped);
            self.trails[i].closed.next = self.closed[i].val();
            self.respond.poisoned[i].next = self.trails[i].poisoned.val();
            self.respond.due[i].next = self.trails[i].due.val();
            self.respond.quiet[i].next = self.quiet[i].val();

            self.physical_trails[i].clock.next = self.clock.val();
            self.physical_trails[i].reset.next = self.reset.val();
            self.physical_trails[i].arrives.next = self.physical_request.valid.val();
            self.physical_trails[i].first.next = !self.physical_admit.intact[i].val() | !self.isolation.frame_intact[i].val();
            self.physical_trails[i].second.next = !self.isolation.place_intact[i].val();
            self.physical_trails[i].third.next = !self.isolation.compared_intact[i].val() | !self.isolation.agreed[i].val();
            self.physical_trails[i].closed.next = self.closed[i].val();
            self.isolation.poisoned[i].next = self.physical_trails[i].poisoned.val();
            self.isolation.due[i].next = self.physical_trails[i].due.val();
            self.isolation.quiet[i].next = self.quiet[i].val();
            self.isolation.map_clear[i].next = self.map_clear[i].val();
            self.map_cleared[i].next = self.isolation.map_cleared[i].val();
            self.map_busy[i].next = self.isolation.map_busy[i].val();
            self.map_intact[i].next = self.isolation.map_intact[i].val();

            self.intact[i].next = self.lookup.intact[i].val() & self.isolation.intact[i].val();
            self.control_intact[i].next = self.partition_table.control_intact[i].val();
            self.control_repaired[i].next = self.partition_table.control_repaired[i].val();
            self.control_single[i].next = self.partition_table.control_single[i].val();
            self.shadow_table.renews[i].next = self.renews_place[i].val();
            self.shadow_table.asked[i].next = self.translate_request.valid.val();
            self.isolation.changes_row[i].next = self.changes_row[i].val();
            self.isolation.renews_granule[i].next = self.renews_place[i].val();
            self.isolation.granule[i].next = self.granule[i].val();
            self.isolation.granule_owner[i].next = self.granule_owner[i].val();
        }

        for i in 0..self._locksteps {
            self.lockstep[i].clock.next = self.clock.val();
            self.lockstep[i].reset.next = self.reset.val();
            self.lockstep[i].active.next = self.active.val();
            self.lockstep[i].window_base.next = self.window_base.val();
            self.lockstep[i].frame_base.next = self.frame_base.val();
            TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.lockstep[i].table_write);
            ShadowWrite::<TENANT, SLOT, PAGE>::link(&mut self.shadow_write, &mut self.lockstep[i].shadow_write);
            self.lockstep[i].tail_guarded.next = self.tail_guarded.val();
            self.lockstep[i].tail_slot.next = self.tail_slot.val();
            self.lockstep[i].tail_first.next = self.tail_first.val();
            self.lockstep[i].tail_last.next = self.tail_last.val();
            AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.lockstep[i].translate_request);
            AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.lockstep[i].physical_request);
            TranslateSink::<ADDRESS>::join(&mut self.lockstep[i].translate_response, &mut self.respond.response);
            PhysicalSink::join(&mut self.lockstep[i].physical_response, &mut self.isolation.response);
            self.respond.closed[i].next = self.lockstep[i].closes.val();
            self.isolation.closed[i].next = self.lockstep[i].closes.val();
            self.tripped[i].next = self.lockstep[i].tripped.val();
            for j in 0..self._reports {
                self.twin_translate_admitted[j].next = self.lockstep[i].translate_admitted[j].val();
                self.twin_physical_admitted[j].next = self.lockstep[i].physical_admitted[j].val();
            }
            for j in 0..self._guards {
                self.intact[j].next =
                    self.lookup.intact[j].val() & self.isolation.intact[j].val() & !self.lockstep[i].tripped.val();
                // What repeats an entry stays away from the twin's while accesses come: one may read it.
                if self.renews_place[j].val() & self.translate_request.valid.val() {
                    self.lockstep[i].shadow_write.enable.next = false;
                }
            }
        }
    }
}
