//! The data path: two ports, four clock edges each, one access a cycle, also while the control side works.
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
//! the word it gave, arrives with the answer.

use super::{Access, Admit, Extent, FaultTrail, Isolation, Lookup, MapPort, Permission, Respond, TrailSink, Translate};
use crate::{
    ports::{AccessRequest, PhysicalResponse, TranslateResponse},
    store::{OwnershipMap, PartitionTable, Row, ShadowTable, ShadowWrite, TableWrite},
};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Clock edges from a request to its response, on both ports.
pub const LATENCY: usize = 4;

/// Ports that the feature `integrity` adds to a data path, except those of the ownership map.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct DataPathGuard<const TENANT: usize, const PAGE: usize, const BLOCK: usize> {
    /// High: every access is refused.
    pub closed: Signal<In, Bit>,
    /// High while no command has been at work for some cycles.
    pub quiet: Signal<In, Bit>,
    /// High while no comparator has lost a bit.
    pub intact: Signal<Out, Bit>,
    /// High when the `control_row` of the cycle before has the code with which it was written.
    pub control_intact: Signal<Out, Bit>,
    /// `control_row` with one wrong bit put right; valid when the same row has been read for two cycles.
    pub control_repaired: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
    /// High when exactly one bit of the row of `control_intact` is wrong.
    pub control_single: Signal<Out, Bit>,
    /// High: the patrol writes the shadow page tables, and repeats the stored entry.
    pub renews_place: Signal<In, Bit>,
}

block! {
    /// Store and decisions: everything that an access meets.
    pub struct DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no row is valid, no access is under way.
        pub reset: Signal<In, Bit>,
        /// High while the boot gate is open.
        pub active: Signal<In, Bit>,
        /// High: an address in the window that no partition has is refused; steady while `active`.
        pub strict: Signal<In, Bit>,
        /// First byte of every tenant's window, a multiple of the window's size.
        pub window_base: Signal<In, Bits<ADDRESS>>,
        /// First byte of the pool's frame, a multiple of the frame's size, set at least one cycle before `active`.
        pub frame_base: Signal<In, Bits<ADDRESS>>,
        /// Write port of the rows and their comparators.
        pub table_write: TableWrite<TENANT, SLOT, PAGE, BLOCK>,
        /// Write port of the shadow page tables.
        pub shadow_write: ShadowWrite<TENANT, SLOT, PAGE>,
        /// Slot of the row that the control side reads.
        pub control_slot: Signal<In, Bits<SLOT>>,
        /// Row `control_slot`, one edge later.
        pub control_row: Signal<Out, Row<TENANT, PAGE, BLOCK>>,
        /// High when row `control_slot` is valid, one edge later.
        pub control_live: Signal<Out, Bit>,
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
        /// Request of the translate port: one access a cycle.
        pub translate_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the translate port, four edges after the request.
        pub translate_response: TranslateResponse<ADDRESS>,
        /// Request of the translate port one edge later, for the log.
        pub translate_admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
        /// Request of the physical port: one access a cycle.
        pub physical_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response of the physical port, four edges after the request.
        pub physical_response: PhysicalResponse,
        /// Request of the physical port one edge later, for the log.
        pub physical_admitted: Signal<Out, Access<ADDRESS, LENGTH>>,
        admit: Admit<ADDRESS, LENGTH> = Admit::new(geometry),
        extent: Extent<ADDRESS, LENGTH, TENANT, PAGE> = Extent::new(geometry),
        shadow_table: ShadowTable<TENANT, SLOT, PAGE, SHADOW> = ShadowTable::new(geometry),
        lookup: Lookup<TENANT, SLOT, PAGE, BLOCK> = Lookup::new(geometry),
        partition_table: PartitionTable<TENANT, SLOT, PAGE, BLOCK> = PartitionTable::new(geometry),
        permission: Permission<ADDRESS, TENANT, PAGE, BLOCK> = Permission::new(geometry),
        translate: Translate<ADDRESS, TENANT, PAGE, BLOCK> = Translate::new(geometry),
        respond: Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = Respond::new(geometry),
        physical_admit: Admit<ADDRESS, LENGTH> = Admit::new(geometry),
        isolation: Isolation<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK> = Isolation::new(geometry),
        granule_bits: Constant<Bits<6>> = Constant::new(geometry.granule_bits.to_bits()),
        /// Optional interface of the feature `integrity`.
        pub guard: DataPathGuard<TENANT, PAGE, BLOCK> where integrity,
        /// Port of the ownership map for the control side.
        pub map: MapPort<SLOT, BLOCK> where integrity,
        trail: FaultTrail where integrity,
        row_fault: Register<Bit> where integrity,
    }
}

kernel! {
    DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
    #[hdl_gen]
    fn update(&mut self)
        blocks(admit, extent, lookup, permission, translate, respond, physical_admit, isolation)
        clocked(shadow_table, partition_table)
    {
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.admit.request);

        self.extent.admitted.next = self.admit.admitted.val();
        self.extent.window_base.next = self.window_base.val();

        self.shadow_table.tenant.next = bit_cast::<TENANT, 8>(self.translate_request.tenant.val());
        self.shadow_table.page.next = self.translate_request.address.val().get_bits::<PAGE>(self.granule_bits.val().index());
        ShadowWrite::<TENANT, SLOT, PAGE>::link(&mut self.shadow_write, &mut self.shadow_table.shadow_write);

        self.lookup.tenant.next = self.extent.tenant.val();
        self.lookup.page.next = self.extent.page.val();
        self.lookup.shadow.next = self.shadow_table.entry.val();
        self.lookup.control_slot.next = self.control_slot.val();
        self.control_live.next = self.lookup.control_live.val();
        TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.lookup.table_write);

        self.partition_table.lookup_slot.next = self.shadow_table.entry.val().slot;
        self.partition_table.control_slot.next = self.control_slot.val();
        self.control_row.next = self.partition_table.control_row.val();
        TableWrite::<TENANT, SLOT, PAGE, BLOCK>::link(&mut self.table_write, &mut self.partition_table.table_write);

        self.permission.row.next = self.partition_table.row.val();
        self.permission.examined.next = self.extent.examined.val();

        self.translate.row.next = self.partition_table.row.val();
        self.translate.examined.next = self.extent.examined.val();

        self.respond.active.next = self.active.val();
        self.respond.strict.next = self.strict.val();
        self.respond.frame_base.next = self.frame_base.val();
        self.respond.examined.next = self.extent.examined.val();
        self.respond.finding.next = self.lookup.finding.val();
        self.respond.permit.next = self.permission.permit.val();
        self.respond.block.next = self.translate.block.val();
        self.respond.confirmed.next = self.translate.confirmed.val();
        TranslateResponse::<ADDRESS>::link(&mut self.translate_response, &mut self.respond.response);
        self.translate_admitted.next = self.admit.admitted.val();

        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.physical_admit.request);

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
    }
    when(trail) blocks(trail) registers(row_fault) {
        self.trail[0].arrives.next = self.translate_request.valid.val();
        self.trail[0].first.next =
            !self.admit.intact[0].val() | (self.active.val() & !self.shadow_table.intact[0].val());
        self.trail[0].second.next = !self.extent.intact[0].val() | !self.lookup.shadow_intact[0].val();
        // Behind a closed gate no row has been written yet: after power-up any row may stand there, with any code.
        // SEC_CM: ROW.PARITY
        self.row_fault[0].d.next = self.active.val() & !self.partition_table.row_intact[0].val();
        // Where no row is named, a fault in the row that was read concerns no access.
        self.trail[0].third.next = !self.lookup.finding_intact[0].val()
            | !self.permission.intact[0].val()
            | !self.translate.intact[0].val()
            | !self.respond.intact[0].val()
            | (self.row_fault[0].q.val() & self.lookup.finding.val().mapped);
        self.trail[0].closed.next = self.guard[0].closed.val();
        TrailSink::join(&mut self.respond.trail[0], &mut self.trail[0].verdict);
        self.respond.quiet[0].next = self.guard[0].quiet.val();
    }
    when(guard) {
        self.shadow_table.renews[0].next = self.guard[0].renews_place.val();
        self.shadow_table.asked[0].next = self.translate_request.valid.val();
        self.guard[0].control_intact.next = self.partition_table.control_intact[0].val();
        self.guard[0].control_repaired.next = self.partition_table.control_repaired[0].val();
        self.guard[0].control_single.next = self.partition_table.control_single[0].val();
        self.isolation.guard[0].arrives.next = self.physical_request.valid.val();
        self.isolation.guard[0].admitted_intact.next = self.physical_admit.intact[0].val();
        self.isolation.guard[0].closed.next = self.guard[0].closed.val();
        self.isolation.guard[0].quiet.next = self.guard[0].quiet.val();
        self.guard[0].intact.next = self.lookup.intact[0].val() & self.isolation.guard[0].intact.val();
        MapPort::<SLOT, BLOCK>::link(&mut self.map[0], &mut self.isolation.map[0]);
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
    > DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
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
