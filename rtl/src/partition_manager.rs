//! The Partition Manager.
//!
//! ```text
//!   translate_request --+                                              +--> translate_response
//!   physical_request ---+--> DataPath: store, lookup, isolation -------+--> physical_response
//!                               ^   ^         |                |
//!                 table_write --+   |         | control_row    | responses
//!                 shadow_write -----+         v                v
//!   register_request --> RegisterPort     Allocator         EventBank --> irq, alert
//!                          |                  ^                |
//!                          |   CommandBank    |                v
//!                          +-> BootGate ----> CommandEngine -> Audit
//!                          |   Audit          |                  `--> CryptoCore, with the feature `chain`
//!                          +-> EventBank      +--> Scrubber ------> memory_write
//!                              IdentityBank   +--> ShadowWriter
//! ```
//!
//! With the feature `boot` the manifest loader stands beside the gate: it opens, and drives gate and commands until then.
//! ```text
//!   register_request --> RegisterMerge --> RegisterPort --BOOT_DATA--> ManifestBuffer --> ManifestLoader --> active
//!                          ^                                          |                     |
//!                          |              device_key --> CryptoCore <---+                     |
//!                          '--- pool, window, commands ---------------------------------------'
//! ```
//!
//! With the feature `integrity` every block says whether a register of its own has lost a bit; the `IntegrityGuard` then closes
//! the data path until reset. Such ports and registers are vectors of one or of none: without the feature nothing is left.
//! With the feature `lockstep` the data path does the same when its twin would have answered otherwise; with both, `ReportLockstep`
//! tells the guard when a second register port, log and event bank would have told otherwise.
//!
//! What may never happen: a grant or an `allowed` before the boot gate is open; a write to the store that does not come
//! from the command engine; a command without a record, or without a count where the log was full.

use crate::{
    constants::Reasons,
    control::{
        Allocator, Audit, BootGate, CommandBank, CommandEngine, EventBank, History, IdentityBank, IntegrityGuard, ManifestBuffer,
        ManifestLoader, Patrol, QuotaGate, RegisterMerge, RegisterPort, ReportLockstep, Scrubber, ShadowDrive, ShadowWriter,
        TableDrive,
    },
    crypto::CryptoCore,
    datapath::DataPath,
    ports::{AccessRequest, MemoryWrite, PhysicalResponse, RegisterRequest, RegisterResponse, TranslateResponse},
};
use pm_interface::{registers::offset, Event, Geometry};
use rust_hdl::prelude::*;

// Where the digest's words stand tells which one is asked, a cycle ahead.
const _: () = {
    assert!(matches!(offset::AUDIT_DIGEST / 4 % 4, 3) && matches!(offset::AUDIT_DIGEST_1 / 4 % 4, 0));
    assert!(matches!(offset::AUDIT_DIGEST_2 / 4 % 4, 1) && matches!(offset::AUDIT_DIGEST_3 / 4 % 4, 2));
};

/// The whole block: two ports that decide, one that controls, one that scrubs.
#[derive(Clone, Debug, LogicBlock)]
pub struct PartitionManager<
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
    /// Synchronous, high: closed.
    pub reset: Signal<In, Bit>,
    /// Logical accesses.
    pub translate_request: AccessRequest<ADDRESS, LENGTH>,
    /// Their answers, four edges later.
    pub translate_response: TranslateResponse<ADDRESS>,
    /// Physical accesses that the translate port did not make.
    pub physical_request: AccessRequest<ADDRESS, LENGTH>,
    /// Their answers, four edges later.
    pub physical_response: PhysicalResponse,
    /// Control register accesses.
    pub register_request: RegisterRequest,
    /// Their answers, four edges later.
    pub register_response: RegisterResponse,
    /// The scrubber's way into memory.
    pub memory_write: MemoryWrite<ADDRESS>,
    /// The interrupt request.
    pub irq: Signal<Out, Bit>,
    /// An isolation or integrity denial has not been acknowledged.
    pub alert: Signal<Out, Bit>,
    /// The boot gate is open.
    pub active: Signal<Out, Bit>,
    /// Nothing may change any more.
    pub sealed: Signal<Out, Bit>,
    /// With the feature `boot`: the words of the device's key, bytes 3:0 first. Steady; nothing reads it back.
    pub device_key: Vec<Signal<In, Bits<32>>>,
    /// With the feature `boot`, one: the oldest security version that is taken. Steady from reset on.
    pub minimum_version: Vec<Signal<In, Bits<32>>>,
    /// Behind a bus guard, one: a command waits to be recorded until `settled`; its changes bind whoever asks from now on.
    pub fence: Vec<Signal<Out, Bit>>,
    /// Behind a bus guard, one: with `fence`, all that was asked before it has ended at the memory.
    pub settled: Vec<Signal<In, Bit>>,
    /// Behind a bus guard, one: words that `memory_write` took are not in the memory yet.
    pub landing: Vec<Signal<In, Bit>>,
    data_path: DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>,
    register_port: RegisterPort,
    register_merge: Vec<RegisterMerge>,
    manifest_buffer: Vec<ManifestBuffer>,
    manifest_loader: Vec<ManifestLoader<ADDRESS>>,
    quota_gate: Vec<QuotaGate<TENANT, PAGE, BLOCK>>,
    identity_bank: IdentityBank,
    boot_gate: BootGate<ADDRESS, BLOCK>,
    command_bank: CommandBank<ADDRESS>,
    command_engine: CommandEngine<ADDRESS, TENANT, SLOT, PAGE, BLOCK>,
    allocator: Allocator<TENANT, SLOT, PAGE, BLOCK>,
    scrubber: Scrubber<ADDRESS, BLOCK>,
    shadow_writer: ShadowWriter<TENANT, SLOT, PAGE>,
    audit: Audit<ADDRESS>,
    crypto: Vec<CryptoCore>,
    event_bank: EventBank<ADDRESS>,
    translate_history: History<ADDRESS, LENGTH>,
    physical_history: History<ADDRESS, LENGTH>,
    reasons: Reasons,
    translate_event: Constant<Bits<4>>,
    physical_event: Constant<Bits<4>>,
    translate_denied: Signal<Local, Bit>,
    physical_denied: Signal<Local, Bit>,
    translate_reason: Signal<Local, Bits<4>>,
    physical_reason: Signal<Local, Bits<4>>,
    opens: Signal<Local, Bit>,
    runs: Signal<Local, Bit>,
    boot_intact: Vec<Signal<Local, Bit>>,
    _cryptos: usize,
    _loaders: usize,
    dynamic: Constant<Bit>,
    integrity: Vec<IntegrityGuard>,
    patrol: Vec<Patrol<TENANT, SLOT, PAGE, BLOCK>>,
    integrity_event: Vec<Constant<Bits<4>>>,
    boot_record: Vec<Signal<Local, Bit>>,
    _guards: usize,
    _fences: usize,
    _locksteps: usize,
    report_lockstep: Vec<ReportLockstep<ADDRESS, LENGTH>>,
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
    > PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    /// For the sizes of `geometry`, whose widths must be those of the type.
    pub fn new(geometry: &Geometry) -> Self {
        Self::with_fences(geometry, 0)
    }

    /// The same for behind a bus guard, which knows what is on its way to the memory.
    pub fn fenced(geometry: &Geometry) -> Self {
        Self::with_fences(geometry, 1)
    }

    fn with_fences(geometry: &Geometry, fences: usize) -> Self {
        let shape = geometry.shape;
        assert_eq!(
            [shape.address, shape.length, shape.tenant, shape.slot, shape.page, shape.block],
            [ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK],
            "the geometry's widths are not the type's"
        );
        let loaders = usize::from(geometry.features.boot);
        let cryptos = usize::from(geometry.features.chain || geometry.features.boot);
        let guards = usize::from(geometry.features.integrity);
        let reports = usize::from(geometry.features.reports_twice());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            translate_request: Default::default(),
            translate_response: Default::default(),
            physical_request: Default::default(),
            physical_response: Default::default(),
            register_request: Default::default(),
            register_response: Default::default(),
            memory_write: Default::default(),
            irq: Default::default(),
            alert: Default::default(),
            active: Default::default(),
            sealed: Default::default(),
            device_key: vec![Default::default(); 4 * loaders],
            minimum_version: vec![Default::default(); loaders],
            fence: vec![Default::default(); fences],
            settled: vec![Default::default(); fences],
            landing: vec![Default::default(); fences],
            data_path: DataPath::new(geometry),
            register_port: RegisterPort::new(geometry),
            register_merge: vec![RegisterMerge::new(geometry); loaders],
            manifest_buffer: vec![ManifestBuffer::new(geometry); loaders],
            manifest_loader: vec![ManifestLoader::new(geometry); loaders],
            quota_gate: vec![QuotaGate::new(geometry); loaders],
            identity_bank: IdentityBank::new(geometry),
            boot_gate: BootGate::new(geometry),
            command_bank: CommandBank::new(geometry),
            command_engine: CommandEngine::new(geometry),
            allocator: Allocator::new(geometry),
            scrubber: Scrubber::new(geometry),
            shadow_writer: ShadowWriter::new(geometry),
            audit: Audit::new(geometry),
            crypto: vec![CryptoCore::new(geometry.features); cryptos],
            event_bank: EventBank::new(geometry),
            translate_history: History::new(geometry),
            physical_history: History::new(geometry),
            reasons: Default::default(),
            translate_event: Constant::new(Event::TranslateDenied.code().to_bits()),
            physical_event: Constant::new(Event::PhysicalDenied.code().to_bits()),
            translate_denied: Default::default(),
            physical_denied: Default::default(),
            translate_reason: Default::default(),
            physical_reason: Default::default(),
            opens: Default::default(),
            runs: Default::default(),
            boot_intact: vec![Default::default(); guards],
            _cryptos: cryptos,
            _loaders: loaders,
            dynamic: Constant::new(geometry.features.dynamic),
            integrity: vec![Default::default(); guards],
            patrol: vec![Patrol::new(geometry); guards],
            integrity_event: vec![Constant::new(Event::Integrity.code().to_bits()); guards],
            boot_record: vec![Default::default(); guards],
            _guards: guards,
            _fences: fences,
            _locksteps: geometry.features.lockstep.into(),
            report_lockstep: vec![ReportLockstep::new(geometry); reports],
            _reports: reports,
        }
    }

    /// A new instance whose inputs count as driven, ready to be simulated or emitted.
    pub fn connected(geometry: &Geometry) -> Self {
        let mut design = Self::new(geometry);
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

    /// The data path: fault injection and inspection.
    pub fn data_path(&mut self) -> &mut DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> {
        &mut self.data_path
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
    > Logic for PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    #[hdl_gen]
    fn update(&mut self) {
        // Registers.
        self.register_port.clock.next = self.clock.val();
        self.register_port.reset.next = self.reset.val();
        RegisterRequest::link(&mut self.register_request, &mut self.register_port.request);
        RegisterResponse::link(&mut self.register_response, &mut self.register_port.response);
        self.register_port.identity.next = self.identity_bank.answer.val();
        self.register_port.boot.next = self.boot_gate.answer.val();
        self.register_port.command.next = self.command_bank.answer.val();
        self.register_port.audit.next = self.audit.answer.val();
        self.register_port.events.next = self.event_bank.answer.val();

        self.identity_bank.access.next = self.register_port.access.val();
        self.identity_bank.sealed.next = self.command_engine.sealed.val();
        self.identity_bank.busy.next = self.command_bank.busy.val();
        self.identity_bank.alert.next = self.event_bank.alert.val();
        self.identity_bank.irq.next = self.event_bank.irq.val();

        self.boot_gate.clock.next = self.clock.val();
        self.boot_gate.reset.next = self.reset.val();
        self.boot_gate.access.next = self.register_port.access.val();
        self.boot_gate.cleared.next = self.shadow_writer.cleared.val();
        self.boot_gate.audit_room.next = self.audit.boot_room.val();
        self.boot_gate.record_taken.next = self.audit.boot_taken.val();

        self.command_bank.clock.next = self.clock.val();
        self.command_bank.reset.next = self.reset.val();
        self.command_bank.access.next = self.register_port.access.val();
        self.command_bank.done.next = self.command_engine.done.val();
        self.command_bank.load.next = self.command_engine.show.val();
        self.command_bank.row.next = self.command_engine.shown_row.val();
        self.command_bank.result.next = self.command_engine.result.val();

        // Commands.
        self.command_engine.clock.next = self.clock.val();
        self.command_engine.reset.next = self.reset.val();
        self.command_engine.window_base.next = self.boot_gate.window_base.val();
        self.command_engine.frame_base.next = self.boot_gate.frame_base.val();
        self.command_engine.start.next = self.command_bank.start.val();
        self.command_engine.code.next = self.command_bank.code.val();
        self.command_engine.operands.next = self.command_bank.operands.val();
        self.command_engine.row.next = self.data_path.control_row.val();
        self.command_engine.live.next = self.data_path.control_live.val();
        self.command_engine.shared.next = self.data_path.candidate_shared.val();
        self.command_engine.scan_busy.next = self.allocator.busy.val();
        self.command_engine.survey.next = self.allocator.survey.val();
        self.command_engine.over_quota.next = false;
        self.command_engine.scrub_busy.next = self.scrubber.busy.val();
        self.command_engine.shadow_busy.next = self.shadow_writer.busy.val();
        self.command_engine.audit_room.next = self.audit.command_room.val();
        self.command_engine.record_taken.next = self.audit.command_taken.val();

        self.allocator.clock.next = self.clock.val();
        self.allocator.reset.next = self.reset.val();
        self.allocator.start.next = self.command_engine.scan_start.val();
        self.allocator.stop.next = self.command_engine.scan_stop.val();
        self.allocator.tenant.next = self.command_engine.wanted_tenant.val();
        self.allocator.first_page.next = self.command_engine.first_page.val();
        self.allocator.last_page.next = self.command_engine.last_page.val();
        self.allocator.span.next = self.command_engine.span.val();
        self.allocator.probe.next = self.command_engine.probe.val();
        self.allocator.probe_first.next = self.command_engine.tail.val().first_block;
        self.allocator.pool_first.next = self.boot_gate.pool_first.val();
        self.allocator.pool_last.next = self.boot_gate.pool_last.val();
        self.allocator.row.next = self.data_path.control_row.val();
        self.allocator.live.next = self.data_path.control_live.val();
        self.allocator.held.next = self.data_path.control_held.val();
        self.allocator.blocked.next = self.data_path.candidate_blocked.val();

        self.scrubber.clock.next = self.clock.val();
        self.scrubber.reset.next = self.reset.val();
        self.scrubber.start.next = self.command_engine.scrub_start.val();
        self.scrubber.frame_base.next = self.boot_gate.frame_base.val();
        self.scrubber.first_block.next = self.command_engine.current.val().first_block;
        self.scrubber.last_block.next = self.command_engine.current.val().last_block;
        MemoryWrite::<ADDRESS>::link(&mut self.memory_write, &mut self.scrubber.memory_write);

        self.shadow_writer.clock.next = self.clock.val();
        self.shadow_writer.reset.next = self.reset.val();
        self.shadow_writer.clear_all.next = self.boot_gate.clearing.val();
        self.shadow_writer.start.next = self.command_engine.shadow_start.val();
        self.shadow_writer.tenant.next = self.command_engine.current.val().tenant;
        self.shadow_writer.first_page.next = self.command_engine.current.val().first_page;
        self.shadow_writer.last_page.next = self.command_engine.current.val().last_page;
        self.shadow_writer.entry.next = self.command_engine.shadow_entry.val();

        // The data path.
        self.data_path.clock.next = self.clock.val();
        self.data_path.reset.next = self.reset.val();
        self.data_path.window_base.next = self.boot_gate.window_base.val();
        self.data_path.frame_base.next = self.boot_gate.frame_base.val();
        // While the allocator rests, the row that control reads is compared instead: does another row share its block?
        self.data_path.candidate_first.next = self.allocator.candidate.val().first;
        self.data_path.candidate_last.next = self.allocator.candidate.val().last;
        if self.dynamic.val() & !self.allocator.busy.val() {
            self.data_path.candidate_first.next = self.data_path.control_row.val().first_block;
            self.data_path.candidate_last.next = self.data_path.control_row.val().last_block;
        }
        self.data_path.control_slot.next = self.command_engine.slot.val();
        if self.allocator.busy.val() {
            self.data_path.control_slot.next = self.allocator.index.val();
        }
        self.data_path.tail_guarded.next = self.command_engine.tail_guarded.val();
        self.data_path.tail_slot.next = self.command_engine.tail_slot.val();
        self.data_path.tail_first.next = self.command_engine.tail.val().first_block;
        self.data_path.tail_last.next = self.command_engine.tail.val().last_block;
        TableDrive::<TENANT, SLOT, PAGE, BLOCK>::join(&mut self.command_engine.table_write, &mut self.data_path.table_write);
        ShadowDrive::<TENANT, SLOT, PAGE>::join(&mut self.shadow_writer.shadow_write, &mut self.data_path.shadow_write);
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.data_path.translate_request);
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.data_path.physical_request);
        TranslateResponse::<ADDRESS>::link(&mut self.translate_response, &mut self.data_path.translate_response);
        PhysicalResponse::link(&mut self.physical_response, &mut self.data_path.physical_response);

        // What happened, and to whom.
        self.translate_history.clock.next = self.clock.val();
        self.translate_history.reset.next = self.reset.val();
        self.translate_history.admitted.next = self.data_path.translate_admitted.val();
        self.physical_history.clock.next = self.clock.val();
        self.physical_history.reset.next = self.reset.val();
        self.physical_history.admitted.next = self.data_path.physical_admitted.val();
        self.translate_reason.next = self.data_path.translate_response.reason.val();
        self.translate_denied.next = self.data_path.translate_response.valid.val()
            & !self.data_path.translate_response.granted.val()
            & !self.data_path.translate_response.not_mine.val();
        self.physical_reason.next = self.data_path.physical_response.reason.val();
        self.physical_denied.next =
            self.data_path.physical_response.valid.val() & !self.data_path.physical_response.allowed.val();

        self.audit.clock.next = self.clock.val();
        self.audit.reset.next = self.reset.val();
        self.audit.access.next = self.register_port.access.val();
        self.audit.command_refused.next = self.command_engine.audit_refused.val();
        self.audit.command_valid.next = self.command_engine.record_valid.val();
        self.audit.command.next = self.command_engine.record.val();
        self.audit.boot_valid.next = self.boot_gate.record_valid.val();
        self.audit.boot.next = self.boot_gate.record.val();
        self.audit.translate_denied.next = self.translate_denied.val();
        self.audit.translate.next.event = self.translate_event.val();
        self.audit.translate.next.tenant = self.translate_history.origin.val().tenant;
        self.audit.translate.next.slot = self.data_path.translate_response.slot.val();
        self.audit.translate.next.kind = bit_cast::<4, 2>(self.translate_history.origin.val().kind);
        self.audit.translate.next.reason = self.translate_reason.val();
        self.audit.translate.next.address = self.translate_history.origin.val().address;
        self.audit.physical_denied.next = self.physical_denied.val();
        self.audit.physical.next.event = self.physical_event.val();
        self.audit.physical.next.tenant = self.physical_history.origin.val().tenant;
        self.audit.physical.next.slot = self.data_path.physical_response.slot.val();
        self.audit.physical.next.kind = bit_cast::<4, 2>(self.physical_history.origin.val().kind);
        self.audit.physical.next.reason = self.physical_reason.val();
        self.audit.physical.next.address = self.physical_history.origin.val().address;

        // The chain over the log. Nothing asks for a manifest's tag.
        self.audit.forecast.next = self.register_port.forecast.val();
        self.audit.record_ready.next = false;
        self.audit.digest_busy.next = false;
        self.audit.digest_done.next = false;
        self.audit.digest.next = 0.into();
        for i in 0..self._cryptos {
            self.crypto[i].clock.next = self.clock.val();
            self.crypto[i].reset.next = self.reset.val();
            self.crypto[i].digest_start.next = self.audit.digest_start.val();
            self.crypto[i].record.valid.next = self.audit.record_valid.val();
            self.crypto[i].record.payload.next = self.audit.record_word.val();
            self.crypto[i].digest_asked.next = self.register_port.forecast.val().read;
            // AUDIT_DIGEST is at place 3, AUDIT_DIGEST_1 at place 0.
            self.crypto[i].digest_index.next = self.register_port.forecast.val().place + 1;
            self.crypto[i].manifest_start.next = false;
            self.crypto[i].manifest_cancel.next = false;
            self.crypto[i].version.next = 0.into();
            self.crypto[i].key.word_0.next = 0.into();
            self.crypto[i].key.word_1.next = 0.into();
            self.crypto[i].key.word_2.next = 0.into();
            self.crypto[i].key.word_3.next = 0.into();
            self.crypto[i].manifest.valid.next = false;
            self.crypto[i].manifest.payload.next = 0.into();
            self.crypto[i].manifest.last.next = false;
            self.audit.record_ready.next = self.crypto[i].record.ready.val();
            self.audit.digest_busy.next = self.crypto[i].digest_busy.val();
            self.audit.digest_done.next = self.crypto[i].digest_done.val();
            self.audit.digest.next = self.crypto[i].digest.val();
        }

        self.event_bank.clock.next = self.clock.val();
        self.event_bank.reset.next = self.reset.val();
        self.event_bank.access.next = self.register_port.access.val();
        self.event_bank.command_done.next = self.command_engine.done.val();
        self.event_bank.sealed.next = self.command_engine.sealed.val();
        self.event_bank.lost.next = self.audit.lost.val();
        self.event_bank.translate.next.passed = self.data_path.translate_response.granted.val();
        self.event_bank.translate.next.not_mine = self.data_path.translate_response.not_mine.val();
        self.event_bank.translate.next.denied = self.translate_denied.val();
        self.event_bank.translate.next.alarming =
            self.translate_denied.val() & (self.translate_reason.val() == self.reasons.integrity.val());
        self.event_bank.translate.next.reason = self.translate_reason.val();
        self.event_bank.translate.next.slot = self.data_path.translate_response.slot.val();
        self.event_bank.translate_origin.next = self.translate_history.origin.val();
        self.event_bank.physical.next.passed = self.data_path.physical_response.allowed.val();
        self.event_bank.physical.next.not_mine = false;
        self.event_bank.physical.next.denied = self.physical_denied.val();
        self.event_bank.physical.next.alarming =
            self.physical_denied.val() & (self.physical_reason.val() == self.reasons.isolated.val());
        self.event_bank.physical.next.reason = self.physical_reason.val();
        self.event_bank.physical.next.slot = self.data_path.physical_response.slot.val();
        self.event_bank.physical_origin.next = self.physical_history.origin.val();

        self.irq.next = self.event_bank.irq.val();
        self.alert.next = self.event_bank.alert.val();
        self.sealed.next = self.command_engine.sealed.val();

        // May the ports grant, and commands run? The gate says so, or the manifest loader.
        self.opens.next = self.boot_gate.active.val();
        self.runs.next = self.boot_gate.active.val();

        // Authenticated boot takes the place of some of these wires.
        for i in 0..self._loaders {
            self.register_merge[i].clock.next = self.clock.val();
            self.register_merge[i].reset.next = self.reset.val();
            self.register_merge[i].host_read.next = self.register_request.read.val();
            self.register_merge[i].host_write.next = self.register_request.write.val();
            self.register_merge[i].host_address.next = self.register_request.address.val();
            self.register_merge[i].host_data.next = self.register_request.write_data.val();
            self.register_merge[i].inner_write.next = self.manifest_loader[i].write.val();
            self.register_merge[i].inner_place.next = self.manifest_loader[i].write_place.val();
            self.register_merge[i].inner_data.next = self.manifest_loader[i].write_data.val();
            self.register_port.request.read.next = self.register_merge[i].read.val();
            self.register_port.request.write.next = self.register_merge[i].write.val();
            self.register_port.request.address.next = self.register_merge[i].address.val();
            self.register_port.request.write_data.next = self.register_merge[i].data.val();
            self.register_response.valid.next =
                self.register_port.response.valid.val() & !self.register_merge[i].inner_answer.val();
            self.register_response.error.next =
                self.register_port.response.error.val() & !self.register_merge[i].inner_answer.val();
            self.register_port.boot.next = self.manifest_loader[i].answer.val();
            self.boot_gate.access.next = self.manifest_loader[i].gate_access.val();
            self.boot_gate.audit_room.next = true;
            self.boot_gate.record_taken.next = self.manifest_loader[i].hears_verdict.val();
            self.command_bank.access.next = self.manifest_loader[i].command_access.val();

            self.manifest_buffer[i].clock.next = self.clock.val();
            self.manifest_buffer[i].reset.next = self.reset.val();
            self.manifest_buffer[i].push.next = self.manifest_loader[i].push.val();
            self.manifest_buffer[i].data.next = self.register_port.access.val().data;
            self.manifest_buffer[i].minimum_version.next = self.minimum_version[0].val();
            self.manifest_buffer[i].address.next = self.manifest_loader[i].address.val();

            self.manifest_loader[i].clock.next = self.clock.val();
            self.manifest_loader[i].reset.next = self.reset.val();
            self.manifest_loader[i].access.next = self.register_port.access.val();
            self.manifest_loader[i].inner_access.next = self.register_merge[i].inner_access.val();
            self.manifest_loader[i].gate_answer.next = self.boot_gate.answer.val();
            self.manifest_loader[i].some.next = self.manifest_buffer[i].some.val();
            self.manifest_loader[i].enough.next = self.manifest_buffer[i].enough.val();
            self.manifest_loader[i].full.next = self.manifest_buffer[i].full.val();
            self.manifest_loader[i].word.next = self.manifest_buffer[i].word.val();
            self.manifest_loader[i].facts.next = self.manifest_buffer[i].facts.val();
            self.manifest_loader[i].tag_ready.next = self.crypto[i].manifest.ready.val();
            self.manifest_loader[i].tag_done.next = self.crypto[i].manifest_done.val();
            self.manifest_loader[i].tag_matches.next = self.crypto[i].tag_matches.val();
            self.manifest_loader[i].write_ready.next = self.register_merge[i].inner_ready.val();
            self.manifest_loader[i].answered.next = self.register_merge[i].inner_answer.val();
            self.manifest_loader[i].answer_error.next = self.register_port.response.error.val();
            self.manifest_loader[i].clearing.next = self.boot_gate.clearing.val();
            self.manifest_loader[i].configured.next = self.boot_gate.record_valid.val();
            self.manifest_loader[i].gate_status.next = self.boot_gate.record.val().reason;
            self.manifest_loader[i].gate_active.next = self.boot_gate.active.val();
            self.manifest_loader[i].pool_base.next = self.boot_gate.record.val().address;
            self.manifest_loader[i].scrub_busy.next = self.scrubber.busy.val();
            self.manifest_loader[i].command_busy.next = self.command_bank.busy.val();
            self.manifest_loader[i].command_status.next = self.command_engine.result.val().status;
            self.manifest_loader[i].audit_room.next = self.audit.boot_room.val();
            self.manifest_loader[i].record_taken.next = self.audit.boot_taken.val();

            self.crypto[i].manifest_start.next = self.manifest_loader[i].tag_start.val();
            self.crypto[i].manifest_cancel.next = self.manifest_loader[i].tag_cancel.val();
            self.crypto[i].version.next = self.manifest_buffer[i].word.val();
            self.crypto[i].key.word_0.next = self.device_key[0].val();
            self.crypto[i].key.word_1.next = self.device_key[1].val();
            self.crypto[i].key.word_2.next = self.device_key[2].val();
            self.crypto[i].key.word_3.next = self.device_key[3].val();
            self.crypto[i].manifest.valid.next = self.manifest_loader[i].tag_valid.val();
            self.crypto[i].manifest.payload.next = self.manifest_buffer[i].word.val();
            self.crypto[i].manifest.last.next = self.manifest_loader[i].tag_last.val();

            self.audit.boot_valid.next = self.manifest_loader[i].record_valid.val();
            self.audit.boot.next = self.manifest_loader[i].record.val();
            self.event_bank.translate.next.alarming = (self.translate_denied.val()
                & (self.translate_reason.val() == self.reasons.integrity.val()))
                | self.manifest_loader[i].alarm.val();

            // Quotas, from the manifest's words.
            self.quota_gate[i].clock.next = self.clock.val();
            self.quota_gate[i].reset.next = self.reset.val();
            self.quota_gate[i].limited.next = self.manifest_loader[i].limited.val();
            self.quota_gate[i].start.next = self.command_engine.scan_start.val();
            self.quota_gate[i].tenant.next = self.command_engine.wanted_tenant.val();
            self.quota_gate[i].span.next = self.command_engine.span.val();
            self.quota_gate[i].grows.next = self.command_engine.probe.val();
            self.quota_gate[i].sees.next = self.allocator.sees.val();
            self.quota_gate[i].row.next = self.data_path.control_row.val();
            self.quota_gate[i].live.next = self.data_path.control_live.val();
            self.quota_gate[i].word.next = self.manifest_buffer[i].word.val();
            self.command_engine.over_quota.next = self.quota_gate[i].exceeded.val();
            if self.allocator.busy.val() {
                self.manifest_buffer[i].address.next = self.quota_gate[i].address.val();
            }

            // The pool is zeroed before anything else can be.
            if self.manifest_loader[i].scrub_start.val() {
                self.scrubber.start.next = true;
            }
            if self.manifest_loader[i].scrubs_pool.val() {
                self.scrubber.first_block.next = self.boot_gate.pool_first.val();
                self.scrubber.last_block.next = self.boot_gate.pool_last.val();
            }

            self.runs.next = self.manifest_loader[i].commands_run.val();
            self.opens.next = self.manifest_loader[i].active.val();
        }

        self.command_engine.active.next = self.runs.val();
        self.identity_bank.active.next = self.opens.val();
        self.data_path.active.next = self.opens.val();
        self.active.next = self.opens.val();

        // Behind a bus guard a change is acknowledged when nothing that it forbids is under way any more, and a scrub ends
        // when its words are in the memory.
        // SEC_CM: BUS.FENCE
        for i in 0..self._fences {
            self.fence[i].next = self.command_engine.record_valid.val();
            self.audit.command_valid.next = self.command_engine.record_valid.val() & self.settled[i].val();
            self.command_engine.scrub_busy.next = self.scrubber.busy.val() | self.landing[i].val();
            for j in 0..self._loaders {
                self.manifest_loader[j].scrub_busy.next = self.scrubber.busy.val() | self.landing[i].val();
            }
        }

        // What has lost a bit closes everything.
        for i in 0..self._guards {
            self.integrity[i].clock.next = self.clock.val();
            self.integrity[i].reset.next = self.reset.val();
            self.boot_intact[i].next = true;
            for j in 0..self._loaders {
                self.boot_intact[i].next = self.manifest_loader[j].intact[i].val()
                    & self.manifest_buffer[j].intact[i].val()
                    & self.quota_gate[j].intact[i].val()
                    & self.crypto[j].intact[i].val();
                for k in 0..self._reports {
                    self.boot_intact[i].next = self.boot_intact[i].val() & self.register_merge[j].intact[k].val();
                }
            }
            self.register_port.request_odd[i].next = (self.register_request.read.val() & !self.register_request.write.val())
                ^ self.register_request.write.val()
                ^ self.register_request.address.val().xor()
                ^ self.register_request.write_data.val().xor();
            for j in 0..self._loaders {
                self.manifest_loader[j].word_odd[i].next = self.manifest_buffer[j].word_odd[i].val();
                self.manifest_loader[j].rights_odd[i].next = self.manifest_buffer[j].rights_odd[i].val();
                self.register_merge[j].inner_odd[i].next = self.manifest_loader[j].write_odd[i].val();
                self.register_port.request_odd[i].next = self.register_merge[j].odd[i].val();
            }
            self.integrity[i].answers_intact.next =
                self.data_path.intact[i].val() & self.boot_gate.intact[i].val() & self.scrubber.intact[i].val();
            self.integrity[i].operands_intact.next =
                self.register_port.intact[i].val() & self.boot_intact[i].val() & self.command_bank.intact[i].val();
            self.integrity[i].commands_intact.next = self.command_engine.intact[i].val()
                & self.allocator.intact[i].val()
                & self.shadow_writer.intact[i].val()
                & self.audit.intact[i].val()
                & self.data_path.map_intact[i].val()
                & self.patrol[i].intact.val();
            self.integrity[i].lost.next = self.patrol[i].lost.val();
            self.integrity[i].busy.next = self.command_bank.busy.val();
            self.integrity[i].map_busy.next = self.data_path.map_busy[i].val();
            self.integrity[i].start.next = self.command_bank.start.val();
            self.command_engine.start.next = self.integrity[i].go.val();
            self.data_path.map_clear[i].next = self.boot_gate.clearing.val();
            self.boot_gate.cleared.next = self.shadow_writer.cleared.val() & self.data_path.map_cleared[i].val();
            self.data_path.closed[i].next = self.integrity[i].closes.val();
            self.data_path.quiet[i].next = self.integrity[i].quiet.val();
            // A word would go elsewhere in the very cycle in which the frame lost a bit.
            self.scrubber.halt[i].next = self.integrity[i].halts.val() | !self.boot_gate.frame_intact[i].val();
            self.command_engine.active.next = self.runs.val() & !self.integrity[i].tripped.val();
            self.identity_bank.active.next = self.opens.val() & !self.integrity[i].tripped.val();
            self.active.next = self.opens.val() & !self.integrity[i].tripped.val();
            self.command_engine.tripped[i].next = self.integrity[i].tripped.val();
            self.command_engine.row_intact[i].next = self.data_path.control_intact[i].val();
            self.command_engine.row_held[i].next = self.data_path.control_held.val();

            // The patrol has the store while no command is at work, and the log's way of the boot gate while that rests.
            self.patrol[i].clock.next = self.clock.val();
            self.patrol[i].reset.next = self.reset.val();
            self.patrol[i].run.next = self.opens.val()
                & !self.integrity[i].tripped.val()
                & self.integrity[i].quiet.val()
                & !self.command_bank.busy.val();
            self.patrol[i].row.next = self.data_path.control_repaired[i].val();
            self.patrol[i].sound.next = self.data_path.control_intact[i].val();
            self.patrol[i].single.next = self.data_path.control_single[i].val();
            self.patrol[i].live.next = self.data_path.control_live.val();
            self.patrol[i].tripped.next = self.integrity[i].tripped.val();
            self.patrol[i].record_taken.next = self.audit.boot_taken.val();
            self.event_bank.repaired[i].next = self.patrol[i].repaired.val();
            if self.integrity[i].quiet.val() & !self.command_bank.busy.val() {
                self.data_path.control_slot.next = self.patrol[i].slot.val();
            }
            if self.patrol[i].holds.val() {
                self.data_path.table_write.enable.next = self.patrol[i].table_write.enable.val();
                self.data_path.table_write.slot.next = self.patrol[i].table_write.slot.val();
                self.data_path.table_write.row.next = self.patrol[i].table_write.row.val();
                self.data_path.table_write.valid.next = self.patrol[i].table_write.valid.val();
                self.data_path.table_write.held.next = self.patrol[i].table_write.held.val();
                self.data_path.table_write.guarded.next = self.patrol[i].table_write.guarded.val();
            }
            if self.patrol[i].places.val() {
                self.data_path.shadow_write.enable.next = self.patrol[i].shadow_write.enable.val();
                self.data_path.shadow_write.tenant.next = self.patrol[i].shadow_write.tenant.val();
                self.data_path.shadow_write.page.next = self.patrol[i].shadow_write.page.val();
                self.data_path.shadow_write.entry.next = self.patrol[i].shadow_write.entry.val();
            }
            self.boot_record[i].next = self.boot_gate.record_valid.val();
            for j in 0..self._loaders {
                self.boot_record[i].next = self.manifest_loader[j].record_valid.val();
            }
            self.patrol[i].room.next = self.audit.boot_room.val() & !self.boot_record[i].val();
            if self.patrol[i].record_valid.val() {
                self.boot_gate.record_taken.next = false;
                for j in 0..self._loaders {
                    self.manifest_loader[j].record_taken.next = false;
                }
                self.audit.boot_valid.next = true;
                self.audit.boot.next.event = self.integrity_event[i].val();
                self.audit.boot.next.slot = self.patrol[i].record_slot.val();
                self.audit.boot.next.kind = self.patrol[i].record_kind.val();
                self.audit.boot.next.reason = self.reasons.none.val();
            }
            self.data_path.changes_row[i].next = self.command_engine.table_write.enable.val();
            self.data_path.renews_place[i].next = self.patrol[i].places.val();
            self.data_path.granule[i].next = self.patrol[i].granule.val();
            self.data_path.granule_owner[i].next = self.patrol[i].owner.val();
            self.event_bank.physical.next.alarming = self.integrity[i].tripped.val()
                | (self.physical_denied.val()
                    & ((self.physical_reason.val() == self.reasons.isolated.val())
                        | (self.physical_reason.val() == self.reasons.integrity.val())));
        }

        // So does an answer that the twin would not have given.
        for i in 0..self._locksteps {
            if self.data_path.tripped[i].val() {
                self.command_engine.active.next = false;
                self.identity_bank.active.next = false;
                self.active.next = false;
                self.event_bank.physical.next.alarming = true;
                self.alert.next = true;
            }
        }

        // With both, what software is told has a twin as well.
        for i in 0..self._reports {
            self.report_lockstep[i].clock.next = self.clock.val();
            self.report_lockstep[i].reset.next = self.reset.val();
            self.report_lockstep[i].request.read.next = self.register_port.request.read.val();
            self.report_lockstep[i].request.write.next = self.register_port.request.write.val();
            self.report_lockstep[i].request.address.next = self.register_port.request.address.val();
            self.report_lockstep[i].request.write_data.next = self.register_port.request.write_data.val();
            self.report_lockstep[i].identity.next = self.register_port.identity.val();
            self.report_lockstep[i].boot.next = self.register_port.boot.val();
            self.report_lockstep[i].command.next = self.register_port.command.val();
            self.report_lockstep[i].events.command_refused.next = self.audit.command_refused.val();
            self.report_lockstep[i].events.command_valid.next = self.audit.command_valid.val();
            self.report_lockstep[i].events.boot_valid.next = self.audit.boot_valid.val();
            self.report_lockstep[i].events.command_done.next = self.event_bank.command_done.val();
            self.report_lockstep[i].events.sealed.next = self.event_bank.sealed.val();
            self.report_lockstep[i].events.repaired.next = self.event_bank.repaired[0].val();
            self.report_lockstep[i].events.record_ready.next = self.audit.record_ready.val();
            self.report_lockstep[i].events.digest_busy.next = self.audit.digest_busy.val();
            self.report_lockstep[i].events.digest_done.next = self.audit.digest_done.val();
            self.report_lockstep[i].command_entry.next = self.audit.command.val();
            self.report_lockstep[i].boot_entry.next = self.audit.boot.val();
            self.report_lockstep[i].digest.next = self.audit.digest.val();
            self.report_lockstep[i].translate_admitted.next = self.data_path.twin_translate_admitted[i].val();
            self.report_lockstep[i].physical_admitted.next = self.data_path.twin_physical_admitted[i].val();
            self.report_lockstep[i].translate.next = self.event_bank.translate.val();
            self.report_lockstep[i].physical.next = self.event_bank.physical.val();
            self.report_lockstep[i].outputs.valid.next = self.register_port.response.valid.val();
            self.report_lockstep[i].outputs.error.next = self.register_port.response.error.val();
            self.report_lockstep[i].outputs.data.next = self.register_port.response.read_data.val();
            self.report_lockstep[i].outputs.irq.next = self.event_bank.irq.val();
            self.report_lockstep[i].outputs.alert.next = self.event_bank.alert.val();
            self.report_lockstep[i].outputs.command_room.next = self.audit.command_room.val();
            self.report_lockstep[i].outputs.boot_room.next = self.audit.boot_room.val();
            self.report_lockstep[i].outputs.command_taken.next = self.audit.command_taken.val();
            self.report_lockstep[i].outputs.boot_taken.next = self.audit.boot_taken.val();
            self.report_lockstep[i].outputs.digest_start.next = self.audit.digest_start.val();
            self.report_lockstep[i].outputs.record_valid.next = self.audit.record_valid.val();
            self.report_lockstep[i].outputs.record_word.next = self.audit.record_word.val();
            for j in 0..self._guards {
                self.integrity[j].lost.next = self.patrol[j].lost.val() | !self.report_lockstep[i].intact.val();
            }
        }
    }
}
