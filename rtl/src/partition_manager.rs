//! The Partition Manager: a drawing of its blocks.
//!
//! ```text
//!   translate_request --+                                                +--> translate_response --> PortVerdict --.
//!   physical_request ---+--> DataPath: store, lookup, isolation ---------+--> physical_response ---> PortVerdict --|
//!                               ^   ^          ^               |                                                   v
//!                 table_write --+   |          | slot          | row      register_response <-- Boot <-- LockstepReporting
//!                 shadow_write -----+   ControlReader <--+     v          register_request ---> Boot --> |   '--> irq, alert
//!                               |   |                    |  Allocator                            |       | access
//!                           Protection <-- ShadowWriter  |     ^                                 |       v
//!                               ^                        |     |                                 |   CommandBank, IdentityBank
//!                               '--------------------- CommandEngine <-- start, operands --------|-------'
//!                                                        |     '-- CommandFence --> record       | active, window, pool
//!                                                        '--> Boot --> Scrubber --> memory_write '--> DataPath, ...
//! ```
//!
//! Optional features are in blocks that only pass signals on without their feature: `Boot` holds the manifest loader with the
//! feature `boot`, `Protection` the integrity guard and the patrol with `integrity`, `LockstepReporting` a second log, event bank
//! and register port with `integrity` and `lockstep`. `CryptoUsers` exists with `chain` or `boot`.
//!
//! Three things must never happen: a grant or an `allowed` before the boot is over; a write to the store that neither comes from
//! the command engine nor repeats a word that the engine wrote; a command without a record, or without a count where the log was
//! full.

use crate::{
    control::{
        Allocator, Boot, CommandBank, CommandEngine, CommandFence, ControlReader, CryptoUsers, DigestSink, GuardBank,
        IdentityBank, LockstepReporting, PortVerdict, Protection, Scrubber, ShadowDrive, ShadowWriter, TableDrive,
    },
    datapath::{DataPath, LockstepDataPath},
    ports::{
        AccessRequest, GuardPort, MemoryWrite, PhysicalResponse, RegisterRequest, RegisterResponse, RegisterSink, RegisterSource,
        TranslateResponse,
    },
};
use pm_interface::{Geometry, Reason};
use pm_verilog::{
    block,
    cells::{Shell, Shelled},
    kernel,
};
use rust_hdl::prelude::*;

block! {
    /// The whole block: two ports that decide, one that controls, one that scrubs. With one of `guards` it stands behind a bus
    /// guard, which knows what is on its way to the memory. Its window is strict where it was `built_strict`, unless the
    /// configuration says otherwise.
    pub struct PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> for geometry, guards: usize, built_strict: bool {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the device is closed and every register takes its start value.
        pub reset: Signal<In, Bit>,
        /// Logical accesses, one in each cycle at most.
        pub translate_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response to a logical access, four edges later.
        pub translate_response: TranslateResponse<ADDRESS>,
        /// Physical accesses that the translate port did not make, one in each cycle at most.
        pub physical_request: AccessRequest<ADDRESS, LENGTH>,
        /// Response to a physical access, four edges later.
        pub physical_response: PhysicalResponse,
        /// Access to a control register.
        pub register_request: RegisterRequest,
        /// Response to an access to a control register, four edges later.
        pub register_response: RegisterResponse,
        /// Words of zeros from the scrubber to the memory.
        pub memory_write: MemoryWrite<ADDRESS>,
        /// Interrupt request: high while a cause that is enabled waits.
        pub irq: Signal<Out, Bit>,
        /// High while an isolation or integrity denial has not been acknowledged.
        pub alert: Signal<Out, Bit>,
        /// High while the device is open.
        pub active: Signal<Out, Bit>,
        /// High from SEAL to reset: no command may change the configuration any more.
        pub sealed: Signal<Out, Bit>,
        /// Words of the device's key, bytes 3:0 first, with the feature `boot`. Steady; no register shows the key.
        pub device_key: Vec<Signal<In, Bits<32>>> = vec![Default::default(); 4 * usize::from(geometry.features.boot)],
        /// Oldest security version that is taken. Steady from reset on.
        pub minimum_version: Signal<In, Bits<32>> where boot,
        /// Interface of the bus guard; absent where no bus guard stands before the block.
        pub guard: Vec<GuardPort> = vec![Default::default(); guards],
        data_path: Shelled<LockstepDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>> =
            Shelled::new(LockstepDataPath::new(of_widths(geometry, [ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK]))),
        boot: Boot<ADDRESS, TENANT, PAGE, BLOCK> = Boot::new(geometry, built_strict),
        reporting: LockstepReporting<ADDRESS, LENGTH> = LockstepReporting::new(geometry),
        translate_verdict: PortVerdict = PortVerdict::new(geometry, Reason::Integrity, guards),
        physical_verdict: PortVerdict = PortVerdict::new(geometry, Reason::Isolated, 0),
        identity_bank: IdentityBank = IdentityBank::new(geometry),
        command_bank: CommandBank<ADDRESS> = CommandBank::new(geometry),
        command_engine: CommandEngine<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = CommandEngine::new(geometry),
        command_fence: CommandFence = CommandFence::new(geometry, guards),
        allocator: Allocator<TENANT, SLOT, PAGE, BLOCK> = Allocator::new(geometry),
        control_reader: ControlReader<TENANT, SLOT, PAGE, BLOCK> = ControlReader::new(geometry),
        scrubber: Scrubber<ADDRESS, BLOCK> = Scrubber::new(geometry),
        shadow_writer: ShadowWriter<TENANT, SLOT, PAGE> = ShadowWriter::new(geometry),
        protection: Protection<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = Protection::new(geometry),
        guard_bank: Vec<GuardBank> = vec![Default::default(); guards],
        crypto: CryptoUsers where crypto = CryptoUsers::new(geometry),
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
    > PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    /// For behind a bus guard, which knows what is on its way to the memory. Without a standard MMU nobody could say more of an
    /// address in the window that no partition has: the window is strict.
    pub fn fenced(geometry: &Geometry, standard_mmu: bool) -> Self {
        Self::new(geometry, 1, !standard_mmu)
    }

    /// A new instance whose inputs count as driven, ready to be simulated or emitted.
    pub fn connected(geometry: &Geometry) -> Self {
        let mut design = Self::new(geometry, 0, false);
        design.clock.connect();
        design.reset.connect();
        design.translate_request.link_connect_dest();
        design.physical_request.link_connect_dest();
        design.register_request.link_connect_dest();
        design.memory_write.ready.connect();
        design.device_key.iter_mut().chain(&mut design.minimum_version).for_each(Block::connect_all);
        design.connect_all();
        design
    }

    /// The data path as it is built: with `lockstep`, two of them and their check.
    pub fn built_data_path(&self) -> &(impl Block + Clone) {
        &self.data_path
    }

    /// The first data path: fault injection and inspection.
    pub fn data_path(&mut self) -> &mut DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> {
        self.data_path.core()
    }
}

/// The geometry, whose widths must be those of the type.
fn of_widths(geometry: &Geometry, widths: [usize; 6]) -> &Geometry {
    let shape = geometry.shape;
    let own = [shape.address, shape.length, shape.tenant, shape.slot, shape.page, shape.block];
    assert_eq!(own, widths, "the geometry's widths are not the type's");
    geometry
}

kernel! {
    PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
    #[hdl_gen]
    fn update(&mut self) blocks(
        data_path, boot, reporting, command_bank, command_engine, allocator, scrubber, shadow_writer, protection
    ) {
        // The ports.
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.data_path.translate_request);
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.data_path.physical_request);
        TranslateResponse::<ADDRESS>::link(&mut self.translate_response, &mut self.data_path.translate_response);
        PhysicalResponse::link(&mut self.physical_response, &mut self.data_path.physical_response);
        RegisterRequest::link(&mut self.register_request, &mut self.boot.host_request);
        RegisterResponse::link(&mut self.register_response, &mut self.boot.host_response);
        MemoryWrite::<ADDRESS>::link(&mut self.memory_write, &mut self.scrubber.memory_write);
        self.irq.next = self.reporting.irq.val();
        self.alert.next = self.protection.alert.val();
        self.active.next = self.protection.active.val();
        self.sealed.next = self.command_engine.sealed.val();

        // Registers.
        RegisterSource::join(&mut self.boot.request, &mut self.reporting.request);
        RegisterSink::join(&mut self.boot.response, &mut self.reporting.response);
        self.reporting.identity.next = self.identity_bank.answer.val();
        self.reporting.boot.next = self.boot.answer.val();
        self.reporting.command.next = self.command_bank.answer.val();
        self.identity_bank.access.next = self.reporting.access.val();
        self.identity_bank.active.next = self.protection.active.val();
        self.identity_bank.sealed.next = self.command_engine.sealed.val();
        self.identity_bank.busy.next = self.command_bank.busy.val();
        self.identity_bank.alert.next = self.reporting.alert.val();
        self.identity_bank.irq.next = self.reporting.irq.val();
        self.command_bank.access.next = self.boot.command_access.val();
        self.command_bank.done.next = self.command_engine.done.val();
        self.command_bank.load.next = self.command_engine.show.val();
        self.command_bank.row.next = self.command_engine.shown_row.val();
        self.command_bank.result.next = self.command_engine.result.val();

        // The boot.
        self.boot.access.next = self.reporting.access.val();
        self.boot.cleared.next = self.protection.cleared.val();
        self.boot.scrub_asked.next = self.command_engine.scrub_start.val();
        self.boot.asked_first.next = self.command_engine.current.val().first_block;
        self.boot.asked_last.next = self.command_engine.current.val().last_block;
        self.boot.audit_room.next = self.reporting.boot_room.val();
        self.boot.record_taken.next = self.protection.boot_taken.val();

        // Commands.
        self.command_engine.active.next = self.protection.runs.val();
        self.command_engine.window_base.next = self.boot.window_base.val();
        self.command_engine.frame_base.next = self.boot.frame_base.val();
        self.command_engine.start.next = self.protection.go.val();
        self.command_engine.code.next = self.command_bank.code.val();
        self.command_engine.operands.next = self.command_bank.operands.val();
        self.command_engine.row.next = self.data_path.control_row.val();
        self.command_engine.live.next = self.data_path.control_live.val();
        self.command_engine.shared.next = self.data_path.candidate_shared.val();
        self.command_engine.scan_busy.next = self.allocator.busy.val();
        self.command_engine.survey.next = self.allocator.survey.val();
        self.command_engine.over_quota.next = self.boot.over_quota.val();
        self.command_engine.scrub_busy.next = self.command_fence.scrub_busy.val();
        self.command_engine.shadow_busy.next = self.shadow_writer.busy.val();
        self.command_engine.audit_room.next = self.reporting.command_room.val();
        self.command_engine.record_taken.next = self.reporting.command_taken.val();
        self.command_fence.record_valid.next = self.command_engine.record_valid.val();
        self.command_fence.scrubbing.next = self.scrubber.busy.val();

        self.allocator.start.next = self.command_engine.scan_start.val();
        self.allocator.stop.next = self.command_engine.scan_stop.val();
        self.allocator.tenant.next = self.command_engine.wanted_tenant.val();
        self.allocator.first_page.next = self.command_engine.first_page.val();
        self.allocator.last_page.next = self.command_engine.last_page.val();
        self.allocator.span.next = self.command_engine.span.val();
        self.allocator.probe.next = self.command_engine.probe.val();
        self.allocator.probe_first.next = self.command_engine.tail.val().first_block;
        self.allocator.pool_first.next = self.boot.pool_first.val();
        self.allocator.pool_last.next = self.boot.pool_last.val();
        self.allocator.row.next = self.data_path.control_row.val();
        self.allocator.live.next = self.data_path.control_live.val();
        self.allocator.held.next = self.data_path.control_held.val();
        self.allocator.blocked.next = self.data_path.candidate_blocked.val();

        self.control_reader.engine_slot.next = self.command_engine.slot.val();
        self.control_reader.scanning.next = self.allocator.busy.val();
        self.control_reader.scanned.next = self.allocator.index.val();
        self.control_reader.candidate.next = self.allocator.candidate.val();
        self.control_reader.row.next = self.data_path.control_row.val();

        self.scrubber.start.next = self.boot.scrub_start.val();
        self.scrubber.frame_base.next = self.boot.frame_base.val();
        self.scrubber.first_block.next = self.boot.scrub_first.val();
        self.scrubber.last_block.next = self.boot.scrub_last.val();

        self.shadow_writer.clear_all.next = self.boot.clearing.val();
        self.shadow_writer.start.next = self.command_engine.shadow_start.val();
        self.shadow_writer.tenant.next = self.command_engine.current.val().tenant;
        self.shadow_writer.first_page.next = self.command_engine.current.val().first_page;
        self.shadow_writer.last_page.next = self.command_engine.current.val().last_page;
        self.shadow_writer.entry.next = self.command_engine.shadow_entry.val();

        // Between those who decide and those who act.
        self.protection.boot_active.next = self.boot.active.val();
        self.protection.boot_runs.next = self.boot.runs.val();
        self.protection.start.next = self.command_bank.start.val();
        self.protection.alert_raised.next = self.reporting.alert.val();
        TableDrive::<TENANT, SLOT, PAGE, BLOCK>::join(&mut self.command_engine.table_write, &mut self.protection.order);
        ShadowDrive::<TENANT, SLOT, PAGE>::join(&mut self.shadow_writer.shadow_write, &mut self.protection.page);
        self.protection.swept.next = self.shadow_writer.cleared.val();
        self.protection.boot_valid.next = self.boot.record_valid.val();
        self.protection.boot_record.next = self.boot.record.val();
        self.protection.record_taken.next = self.reporting.boot_taken.val();

        // The data path.
        TableDrive::<TENANT, SLOT, PAGE, BLOCK>::join(&mut self.protection.table_write, &mut self.data_path.table_write);
        ShadowDrive::<TENANT, SLOT, PAGE>::join(&mut self.protection.shadow_write, &mut self.data_path.shadow_write);
        self.data_path.active.next = self.boot.active.val();
        self.data_path.strict.next = self.boot.strict.val();
        self.data_path.window_base.next = self.boot.window_base.val();
        self.data_path.frame_base.next = self.boot.frame_base.val();
        self.data_path.control_slot.next = self.control_reader.slot.val();
        self.data_path.candidate_first.next = self.control_reader.first.val();
        self.data_path.candidate_last.next = self.control_reader.last.val();
        self.data_path.tail_guarded.next = self.command_engine.tail_guarded.val();
        self.data_path.tail_slot.next = self.command_engine.tail_slot.val();
        self.data_path.tail_first.next = self.command_engine.tail.val().first_block;
        self.data_path.tail_last.next = self.command_engine.tail.val().last_block;

        // Outcome of each port in this cycle, and the tenant of the access.
        self.translate_verdict.valid.next = self.data_path.translate_response.valid.val();
        self.translate_verdict.passed.next = self.data_path.translate_response.granted.val();
        self.translate_verdict.not_mine.next = self.data_path.translate_response.not_mine.val();
        self.translate_verdict.reason.next = self.data_path.translate_response.reason.val();
        self.translate_verdict.slot.next = self.data_path.translate_response.slot.val();
        self.translate_verdict.alarm.next = self.boot.alarm.val();
        self.physical_verdict.valid.next = self.data_path.physical_response.valid.val();
        self.physical_verdict.passed.next = self.data_path.physical_response.allowed.val();
        self.physical_verdict.not_mine.next = false;
        self.physical_verdict.reason.next = self.data_path.physical_response.reason.val();
        self.physical_verdict.slot.next = self.data_path.physical_response.slot.val();
        self.physical_verdict.alarm.next = self.protection.alarm.val();
        self.reporting.translate_admitted.next = self.data_path.translate_admitted.val();
        self.reporting.translate.next = self.translate_verdict.outcome.val();
        self.reporting.physical_admitted.next = self.data_path.physical_admitted.val();
        self.reporting.physical.next = self.physical_verdict.outcome.val();
        self.reporting.command_refused.next = self.command_engine.audit_refused.val();
        self.reporting.command_valid.next = self.command_fence.record_settled.val();
        self.reporting.command_entry.next = self.command_engine.record.val();
        self.reporting.boot_valid.next = self.protection.record_valid.val();
        self.reporting.boot_entry.next = self.protection.record.val();
        self.reporting.command_done.next = self.command_engine.done.val();
        self.reporting.sealed.next = self.command_engine.sealed.val();
    }
    when(guard) blocks(guard_bank) {
        self.guard[0].fence.next = self.command_fence.guard[0].fence.val();
        self.guard[0].changed.next = self.command_engine.table_write.enable.val();
        self.command_fence.guard[0].settled.next = self.guard[0].settled.val();
        self.command_fence.guard[0].landing.next = self.guard[0].landing.val();
        self.guard[0].stall_limit.next = self.guard_bank[0].limit.val();
        self.guard_bank[0].access.next = self.reporting.access.val();
        self.guard_bank[0].identity.next = self.identity_bank.answer.val();
        self.guard_bank[0].own.next = self.guard[0].answer.val();
        self.guard[0].access.next = self.reporting.access.val();
        self.guard[0].sealed.next = self.command_engine.sealed.val();
        self.guard_bank[0].sealed.next = self.command_engine.sealed.val();
        self.guard_bank[0].memory_stalled.next = self.guard[0].memory_stalled.val();
        self.reporting.identity.next = self.guard_bank[0].answer.val();
        self.translate_verdict.stalled[0].next = self.guard[0].stalled.val();
        self.physical_verdict.alarm.next = self.protection.alarm.val() | self.guard[0].memory_stalled.val();
    }
    when(crypto) blocks(crypto) {
        self.crypto[0].forecast.next = self.reporting.forecast.val();
    }
    when(reporting.digest) {
        DigestSink::join(&mut self.crypto[0].digest[0], &mut self.reporting.digest[0]);
    }
    when(boot.manifest) {
        self.crypto[0].tag[0].start.next = self.boot.manifest[0].tag_start.val();
        self.crypto[0].tag[0].cancel.next = self.boot.manifest[0].tag_cancel.val();
        self.crypto[0].tag[0].valid.next = self.boot.manifest[0].tag_valid.val();
        self.crypto[0].tag[0].last.next = self.boot.manifest[0].tag_last.val();
        self.crypto[0].tag[0].word.next = self.boot.manifest[0].word.val();
        self.crypto[0].tag[0].key_0.next = self.device_key[0].val();
        self.crypto[0].tag[0].key_1.next = self.device_key[1].val();
        self.crypto[0].tag[0].key_2.next = self.device_key[2].val();
        self.crypto[0].tag[0].key_3.next = self.device_key[3].val();
        self.boot.manifest[0].minimum_version.next = self.minimum_version[0].val();
        self.boot.manifest[0].tag_ready.next = self.crypto[0].tag[0].ready.val();
        self.boot.manifest[0].tag_done.next = self.crypto[0].tag[0].done.val();
        self.boot.manifest[0].tag_matches.next = self.crypto[0].tag[0].matches.val();
        self.boot.manifest[0].scrub_busy.next = self.command_fence.scrub_busy.val();
        self.boot.manifest[0].command_busy.next = self.command_bank.busy.val();
        self.boot.manifest[0].command_status.next = self.command_engine.result.val().status;
        self.boot.manifest[0].walk_start.next = self.command_engine.scan_start.val();
        self.boot.manifest[0].walking.next = self.allocator.busy.val();
        self.boot.manifest[0].tenant.next = self.command_engine.wanted_tenant.val();
        self.boot.manifest[0].span.next = self.command_engine.span.val();
        self.boot.manifest[0].grows.next = self.command_engine.probe.val();
        self.boot.manifest[0].sees.next = self.allocator.sees.val();
        self.boot.manifest[0].row.next = self.data_path.control_row.val();
        self.boot.manifest[0].live.next = self.data_path.control_live.val();
    }
    when(boot.tag_intact) {
        self.boot.tag_intact[0].next = self.crypto[0].intact[0].val();
    }
    when(protection.health) {
        self.protection.health[0].data_path.next = self.data_path.guard[0].intact.val();
        self.protection.health[0].gate.next = self.boot.intact[0].val();
        self.protection.health[0].frame.next = self.boot.frame_intact[0].val();
        self.protection.health[0].manifest.next = self.boot.manifest_intact[0].val();
        self.protection.health[0].scrubber.next = self.scrubber.intact[0].val();
        self.protection.health[0].register_port.next = self.reporting.parity[0].port_intact.val();
        self.protection.health[0].operands.next = self.command_bank.intact[0].val();
        self.protection.health[0].engine.next = self.command_engine.intact[0].val();
        self.protection.health[0].allocator.next = self.allocator.intact[0].val();
        self.protection.health[0].shadow_writer.next = self.shadow_writer.intact[0].val();
        self.protection.health[0].audit.next = self.reporting.parity[0].audit_intact.val();
        self.protection.health[0].map.next = self.data_path.map[0].intact.val();
        self.protection.health[0].busy.next = self.command_bank.busy.val();
        self.protection.health[0].room.next = self.reporting.boot_room.val();
        self.scrubber.halt[0].next = self.protection.health[0].halt.val();
        self.command_engine.tripped[0].next = self.protection.health[0].tripped.val();
        self.command_engine.row_intact[0].next = self.data_path.guard[0].control_intact.val();
        self.command_engine.row_held[0].next = self.data_path.control_held.val();
        self.reporting.repaired[0].next = self.protection.health[0].repaired.val();
        self.boot.log_taken[0].next = self.protection.health[0].records.val();
        self.reporting.parity[0].request_odd.next = self.boot.request_odd[0].val();
    }
    when(protection.store) {
        self.control_reader.patrol[0].asks.next = self.protection.store[0].asks.val();
        self.control_reader.patrol[0].slot.next = self.protection.store[0].slot.val();
        self.protection.store[0].row.next = self.data_path.guard[0].control_repaired.val();
        self.protection.store[0].sound.next = self.data_path.guard[0].control_intact.val();
        self.protection.store[0].single.next = self.data_path.guard[0].control_single.val();
        self.protection.store[0].live.next = self.data_path.control_live.val();
        self.protection.store[0].map_busy.next = self.data_path.map[0].busy.val();
        self.protection.store[0].map_cleared.next = self.data_path.map[0].cleared.val();
        self.data_path.guard[0].closed.next = self.protection.store[0].closed.val();
        self.data_path.guard[0].quiet.next = self.protection.store[0].quiet.val();
        self.data_path.map[0].clear.next = self.boot.clearing.val();
        self.data_path.map[0].changes_row.next = self.command_engine.table_write.enable.val();
        self.data_path.guard[0].renews_place.next = self.protection.store[0].renews.val();
        self.data_path.map[0].renews.next = self.protection.store[0].renews.val();
        self.data_path.map[0].granule.next = self.protection.store[0].granule.val();
        self.data_path.map[0].owner.next = self.protection.store[0].owner.val();
    }
    when(boot.windows) {
        self.boot.windows[0].arriving.next = self.translate_request.tenant.val();
        self.boot.windows[0].operand.next = self.command_bank.operands.val().tenant;
        self.boot.windows[0].row.next = bit_cast::<8, TENANT>(self.command_engine.current.val().tenant);
        self.command_engine.window_base.next = self.boot.windows[0].operand_base.val();
        self.command_engine.row_window[0].next = self.boot.windows[0].row_base.val();
        self.data_path.window_base.next = self.boot.windows[0].access_base.val();
    }
    when(boot.twin_base) {
        self.data_path.twin_window[0].next = self.boot.twin_base[0].val();
    }
    when(protection.differs) {
        self.protection.differs[0].next = self.data_path.tripped[0].val();
    }
    when(reporting.twins) {
        self.reporting.twins[0].translate.next = self.data_path.twin_translate_admitted[0].val();
        self.reporting.twins[0].physical.next = self.data_path.twin_physical_admitted[0].val();
        self.protection.reports[0].next = self.reporting.twins[0].intact.val();
    }
}
