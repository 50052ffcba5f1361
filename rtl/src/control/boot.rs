//! The boot: what opens the device? The gate alone, or with the feature `boot` an authenticated manifest.
//!
//! ```text
//!   registers --> BootGate ------------------------------------------> active, runs, window, pool
//!
//!   with `boot`:
//!   host --> RegisterMerge --> register port --BOOT_DATA--> ManifestBuffer --> ManifestLoader --> active, runs
//!              ^                                                 |               |     '--> BootGate
//!              '----------- pool, window, commands --------------|---------------'
//!                                  allocator's walk --> QuotaGate --> over_quota
//! ```
//!
//! The ports are the same either way. No access may be granted, and no command may run, before the block opens the device.

use super::{
    audit_entry::AuditEntry,
    boot_gate::BootGate,
    manifest_buffer::ManifestBuffer,
    manifest_loader::ManifestLoader,
    quota_gate::QuotaGate,
    register_bank::{BankAnswer, RegisterAccess},
    register_merge::RegisterMerge,
    tenant_windows::WindowPort,
};
use crate::{
    ports::{RegisterRequest, RegisterResponse, RegisterSink, RegisterSource},
    store::Row,
};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Ports that an authenticated boot needs: the tag, the commands, and the allocator's walk.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ManifestPort<const TENANT: usize, const PAGE: usize, const BLOCK: usize> {
    /// Oldest security version that is taken. Steady from reset on.
    pub minimum_version: Signal<In, Bits<32>>,
    /// High: the tag begins; see [`crate::crypto::ManifestTag::start`].
    pub tag_start: Signal<Out, Bit>,
    /// High: the tag forgets its words; see [`crate::crypto::ManifestTag::cancel`].
    pub tag_cancel: Signal<Out, Bit>,
    /// High while `word` is offered to the tag; it stays until taken.
    pub tag_valid: Signal<Out, Bit>,
    /// High when the word is the last one before the tag's own.
    pub tag_last: Signal<Out, Bit>,
    /// Word of the manifest: for the tag, and with `tag_start` the security version.
    pub word: Signal<Out, Bits<32>>,
    /// High: the tag takes the word in this cycle.
    pub tag_ready: Signal<In, Bit>,
    /// High for one cycle: the tag has been compared.
    pub tag_done: Signal<In, Bit>,
    /// High with `tag_done`: the tag is right.
    pub tag_matches: Signal<In, Bit>,
    /// High while words of the scrubber are not in the memory.
    pub scrub_busy: Signal<In, Bit>,
    /// High while a command runs.
    pub command_busy: Signal<In, Bit>,
    /// Status of the last command.
    pub command_status: Signal<In, Bits<4>>,
    /// High: the allocator's walk begins.
    pub walk_start: Signal<In, Bit>,
    /// High while the allocator works.
    pub walking: Signal<In, Bit>,
    /// Tenant that the command is for.
    pub tenant: Signal<In, Bits<TENANT>>,
    /// Number of granules asked for, less one.
    pub span: Signal<In, Bits<PAGE>>,
    /// High when the command asks for no slot.
    pub grows: Signal<In, Bit>,
    /// High: a row of the walk is there.
    pub sees: Signal<In, Bit>,
    /// Row of the walk.
    pub row: Signal<In, Row<TENANT, PAGE, BLOCK>>,
    /// High when that row is valid.
    pub live: Signal<In, Bit>,
}

block! {
    /// The gate, and with the feature `boot` the manifest in front of it.
    pub struct Boot<ADDRESS, TENANT, PAGE, BLOCK> for geometry, built_strict: bool {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: closed.
        pub reset: Signal<In, Bit>,
        /// Register access of the host.
        pub host_request: RegisterRequest,
        /// Response to the host.
        pub host_response: RegisterResponse,
        /// Register access for the register port.
        pub request: RegisterSource,
        /// Response of the register port.
        pub response: RegisterSink,
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// Access as the command registers may see it.
        pub command_access: Signal<Out, RegisterAccess>,
        /// High once the tables are clear.
        pub cleared: Signal<In, Bit>,
        /// High while the tables are to be cleared.
        pub clearing: Signal<Out, Bit>,
        /// High while the ports may grant.
        pub active: Signal<Out, Bit>,
        /// High while commands may run.
        pub runs: Signal<Out, Bit>,
        /// High for one cycle: the boot failed, and the device is closed until reset.
        pub alarm: Signal<Out, Bit>,
        /// High at the end of the allocator's walk: the tenant's quota would be exceeded.
        pub over_quota: Signal<Out, Bit>,
        /// High: the window is strict; steady while `active`.
        pub strict: Signal<Out, Bit>,
        /// First byte of every tenant's window.
        pub window_base: Signal<Out, Bits<ADDRESS>>,
        /// First byte of the pool's frame.
        pub frame_base: Signal<Out, Bits<ADDRESS>>,
        /// First granule of the pool in its frame.
        pub pool_first: Signal<Out, Bits<BLOCK>>,
        /// Last granule of the pool in its frame.
        pub pool_last: Signal<Out, Bits<BLOCK>>,
        /// High: the command engine begins a scrub.
        pub scrub_asked: Signal<In, Bit>,
        /// First granule of the command engine's scrub.
        pub asked_first: Signal<In, Bits<BLOCK>>,
        /// Last granule of the command engine's scrub.
        pub asked_last: Signal<In, Bits<BLOCK>>,
        /// High: the scrubber begins.
        pub scrub_start: Signal<Out, Bit>,
        /// First granule to scrub.
        pub scrub_first: Signal<Out, Bits<BLOCK>>,
        /// Last granule to scrub.
        pub scrub_last: Signal<Out, Bits<BLOCK>>,
        /// High when the log has room for a record of the boot.
        pub audit_room: Signal<In, Bit>,
        /// High while a record of the boot is offered; stays high until taken.
        pub record_valid: Signal<Out, Bit>,
        /// Record of the boot.
        pub record: Signal<Out, AuditEntry<ADDRESS>>,
        /// High: the record is in the log.
        pub record_taken: Signal<In, Bit>,
        boot_gate: BootGate<ADDRESS, BLOCK> = BootGate::new(geometry, built_strict),
        /// Surroundings of an authenticated boot.
        pub manifest: ManifestPort<TENANT, PAGE, BLOCK> where boot,
        merge: RegisterMerge where boot = RegisterMerge::new(geometry),
        buffer: ManifestBuffer where boot = ManifestBuffer::new(geometry),
        loader: ManifestLoader<ADDRESS> where boot = ManifestLoader::new(geometry),
        quotas: QuotaGate<TENANT, PAGE, BLOCK> where boot = QuotaGate::new(geometry),
        /// High while no register has lost a bit on which an answer, or a word for the memory, depends directly.
        pub intact: Signal<Out, Bit> where integrity,
        /// High while no register of the pool's frame has lost a bit.
        pub frame_intact: Signal<Out, Bit> where integrity,
        /// High while no register of manifest loader, buffer, quota gate and tag has lost a bit.
        pub manifest_intact: Signal<Out, Bit> where integrity,
        /// Parity of the request for the register port.
        pub request_odd: Signal<Out, Bit> where integrity,
        /// High while a record of the patrol uses the log's input; the record of the boot gate waits.
        pub log_taken: Signal<In, Bit> where integrity,
        /// With windows per tenant: the tenants' windows.
        pub windows: WindowPort<ADDRESS> where per_tenant,
        /// Base of the window that the second data path is to compare with, an edge before that data path admits the access.
        pub twin_base: Vec<Signal<Out, Bits<ADDRESS>>> = vec![Default::default(); geometry.twin_windows()],
        merge_intact: Signal<Local, Bit> where reports,
        /// High while no register that the tag's verdict rests on has lost a bit.
        pub tag_intact: Vec<Signal<In, Bit>> =
            vec![Default::default(); usize::from(geometry.features.boot && geometry.features.integrity)],
    }
}

kernel! {
    Boot<ADDRESS, TENANT, PAGE, BLOCK>
    #[hdl_gen]
    fn update(&mut self) blocks(boot_gate) {
        self.request.read.next = self.host_request.read.val();
        self.request.write.next = self.host_request.write.val();
        self.request.address.next = self.host_request.address.val();
        self.request.write_data.next = self.host_request.write_data.val();
        self.host_response.valid.next = self.response.valid.val();
        self.host_response.error.next = self.response.error.val();
        self.host_response.read_data.next = self.response.read_data.val();

        self.boot_gate.access.next = self.access.val();
        self.boot_gate.cleared.next = self.cleared.val();
        self.boot_gate.audit_room.next = self.audit_room.val();
        self.boot_gate.record_taken.next = self.record_taken.val();
        self.answer.next = self.boot_gate.answer.val();
        self.command_access.next = self.access.val();
        self.clearing.next = self.boot_gate.clearing.val();
        self.active.next = self.boot_gate.active.val();
        self.runs.next = self.boot_gate.active.val();
        self.alarm.next = false;
        self.over_quota.next = false;
        self.strict.next = self.boot_gate.strict.val();
        self.window_base.next = self.boot_gate.window_base.val();
        self.frame_base.next = self.boot_gate.frame_base.val();
        self.pool_first.next = self.boot_gate.pool_first.val();
        self.pool_last.next = self.boot_gate.pool_last.val();
        self.scrub_start.next = self.scrub_asked.val();
        self.scrub_first.next = self.asked_first.val();
        self.scrub_last.next = self.asked_last.val();
        self.record_valid.next = self.boot_gate.record_valid.val();
        self.record.next = self.boot_gate.record.val();
    }
    when(merge) blocks(merge) {
        self.merge[0].host_read.next = self.host_request.read.val();
        self.merge[0].host_write.next = self.host_request.write.val();
        self.merge[0].host_address.next = self.host_request.address.val();
        self.merge[0].host_data.next = self.host_request.write_data.val();
        self.merge[0].inner_write.next = self.loader[0].write.val();
        self.merge[0].inner_place.next = self.loader[0].write_place.val();
        self.merge[0].inner_data.next = self.loader[0].write_data.val();
        self.request.read.next = self.merge[0].read.val();
        self.request.write.next = self.merge[0].write.val();
        self.request.address.next = self.merge[0].address.val();
        self.request.write_data.next = self.merge[0].data.val();
        self.host_response.valid.next = self.response.valid.val() & !self.merge[0].inner_answer.val();
        self.host_response.error.next = self.response.error.val() & !self.merge[0].inner_answer.val();
    }
    when(loader) blocks(loader) {
        self.loader[0].access.next = self.access.val();
        self.loader[0].inner_access.next = self.merge[0].inner_access.val();
        self.loader[0].gate_answer.next = self.boot_gate.answer.val();
        self.answer.next = self.loader[0].answer.val();
        self.boot_gate.access.next = self.loader[0].gate_access.val();
        self.command_access.next = self.loader[0].command_access.val();
        self.loader[0].some.next = self.buffer[0].some.val();
        self.loader[0].enough.next = self.buffer[0].enough.val();
        self.loader[0].full.next = self.buffer[0].full.val();
        self.loader[0].word.next = self.buffer[0].word.val();
        self.loader[0].facts.next = self.buffer[0].facts.val();
        self.loader[0].tag_ready.next = self.manifest[0].tag_ready.val();
        self.loader[0].tag_done.next = self.manifest[0].tag_done.val();
        self.loader[0].tag_matches.next = self.manifest[0].tag_matches.val();
        self.manifest[0].tag_start.next = self.loader[0].tag_start.val();
        self.manifest[0].tag_cancel.next = self.loader[0].tag_cancel.val();
        self.manifest[0].tag_valid.next = self.loader[0].tag_valid.val();
        self.manifest[0].tag_last.next = self.loader[0].tag_last.val();
        self.loader[0].write_ready.next = self.merge[0].inner_ready.val();
        self.loader[0].answered.next = self.merge[0].inner_answer.val();
        self.loader[0].answer_error.next = self.response.error.val();
        self.loader[0].scrub_busy.next = self.manifest[0].scrub_busy.val();
        self.loader[0].command_busy.next = self.manifest[0].command_busy.val();
        self.loader[0].command_status.next = self.manifest[0].command_status.val();
        self.active.next = self.loader[0].active.val();
        self.runs.next = self.loader[0].commands_run.val();
        self.alarm.next = self.loader[0].alarm.val();
        // The gate's record is the loader's verdict on pool and window; the loader has a record of its own.
        self.loader[0].clearing.next = self.boot_gate.clearing.val();
        self.loader[0].configured.next = self.boot_gate.record_valid.val();
        self.loader[0].gate_status.next = self.boot_gate.record.val().reason;
        self.loader[0].gate_active.next = self.boot_gate.active.val();
        self.loader[0].pool_base.next = self.boot_gate.record.val().address;
        self.boot_gate.audit_room.next = true;
        self.boot_gate.record_taken.next = self.loader[0].hears_verdict.val();
        self.loader[0].audit_room.next = self.audit_room.val();
        self.loader[0].record_taken.next = self.record_taken.val();
        self.record_valid.next = self.loader[0].record_valid.val();
        self.record.next = self.loader[0].record.val();
        // The pool is zeroed before anything else can be.
        if self.loader[0].scrub_start.val() {
            self.scrub_start.next = true;
        }
        if self.loader[0].scrubs_pool.val() {
            self.scrub_first.next = self.boot_gate.pool_first.val();
            self.scrub_last.next = self.boot_gate.pool_last.val();
        }
    }
    when(buffer) blocks(buffer, quotas) {
        self.buffer[0].push.next = self.loader[0].push.val();
        self.buffer[0].data.next = self.access.val().data;
        self.buffer[0].minimum_version.next = self.manifest[0].minimum_version.val();
        self.buffer[0].address.next = self.loader[0].address.val();
        self.manifest[0].word.next = self.buffer[0].word.val();
        // Quotas stay where they came, and are read while the allocator walks.
        self.quotas[0].limited.next = self.loader[0].limited.val();
        self.quotas[0].start.next = self.manifest[0].walk_start.val();
        self.quotas[0].tenant.next = self.manifest[0].tenant.val();
        self.quotas[0].span.next = self.manifest[0].span.val();
        self.quotas[0].grows.next = self.manifest[0].grows.val();
        self.quotas[0].sees.next = self.manifest[0].sees.val();
        self.quotas[0].row.next = self.manifest[0].row.val();
        self.quotas[0].live.next = self.manifest[0].live.val();
        self.quotas[0].word.next = self.buffer[0].word.val();
        self.over_quota.next = self.quotas[0].exceeded.val();
        if self.manifest[0].walking.val() {
            self.buffer[0].address.next = self.quotas[0].address.val();
        }
    }
    when(windows) {
        WindowPort::<ADDRESS>::link(&mut self.windows[0], &mut self.boot_gate.windows[0]);
    }
    when(twin_base) {
        self.twin_base[0].next = self.boot_gate.twin_base[0].val();
    }
    when(intact) {
        self.intact[0].next = self.boot_gate.intact[0].val();
        self.frame_intact[0].next = self.boot_gate.frame_intact[0].val();
        self.manifest_intact[0].next = true;
        self.request_odd[0].next = (self.host_request.read.val() & !self.host_request.write.val())
            ^ self.host_request.write.val()
            ^ self.host_request.address.val().xor()
            ^ self.host_request.write_data.val().xor();
        for i in 0..self.loader.len() {
            self.loader[i].word_odd[0].next = self.buffer[i].word_odd[0].val();
            self.loader[i].rights_odd[0].next = self.buffer[i].rights_odd[0].val();
            self.merge[i].inner_odd[0].next = self.loader[i].write_odd[0].val();
            self.request_odd[0].next = self.merge[i].odd[0].val();
            self.manifest_intact[0].next =
                self.loader[i].intact[0].val() & self.buffer[i].intact[0].val() & self.quotas[i].intact[0].val();
        }
    }
    when(log_taken) {
        if self.log_taken[0].val() {
            self.boot_gate.record_taken.next = false;
        }
    }
    when(tag_intact) {
        self.manifest_intact[0].next = self.manifest_intact[0].val() & self.tag_intact[0].val();
    }
    when(merge_intact) {
        self.merge_intact[0].next = true;
        for i in 0..self.merge.len() {
            self.merge_intact[0].next = self.merge[i].intact[0].val();
        }
        self.manifest_intact[0].next = self.manifest_intact[0].val() & self.merge_intact[0].val();
    }
}
