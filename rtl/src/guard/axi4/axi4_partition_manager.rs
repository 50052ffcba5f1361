//! The Partition Manager as an AXI4 guard: `s_axi` from the masters, `m_axi` to the memory, `s_axil` for control.
//!
//! ```text
//!   s_axi AW, W --> WriteLimiter --> WriteGuard ------------------------> m_axi AW, W
//!         B <------------'               |  '--asks--+            B ----> WriteGuard
//!                                        |           v
//!                                        |        Decider <--> translate, physical --+
//!                                        |           ^                               |
//!   s_axi AR -----> ReadGuard -----------|---asks----'                               |
//!         R <-----------'  '-------------|-----------------------------> m_axi AR, R |
//!                          '-- Fence ----+-- memory_write, guard ---- PartitionManager
//!                                                                                    |
//!   s_axil -------> AxiLiteControl ---------- registers ------------------------------'
//!   or s_apb -----> ApbControl
//! ```
//!
//! Latency: the address of a granted burst is offered to the memory [`AXI4_LATENCY`] cycles after it was taken, four more when
//! the translate port calls the burst not mine; data take an edge more each way. One beat a cycle in each direction.
//!
//! A master that does not go on is not waited for: the limiter stands before the writes, timers watch both directions and the memory.
//!
//! Two things must never happen on `m_axi`: an address or a beat of a burst that was not granted as a whole, and a beat that a
//! change of the Partition Manager forbids after that change was acknowledged.

use super::{
    burst_queue::MAX_BURSTS,
    decider::Decider,
    fence::Fence,
    options::Axi4Options,
    ports::{Axi4Master, Axi4Slave},
    read_guard::ReadGuard,
    stall_report::StallReport,
    write_guard::WriteGuard,
    write_limiter::WriteLimiter,
};
use crate::{
    guard::bridge::{MmuSink, MmuSource},
    guard::{ApbControl, ApbSlave, AxiLiteControl, AxiLiteSlave, ControlBus, MemoryWatch, SourceMap, StallTimer},
    ports::{AccessSource, PhysicalSink, RegisterSink, RegisterSource, TranslateSink},
    PartitionManager,
};
use pm_interface::Geometry;
use pm_verilog::{block, cells::Optional, kernel};
use rust_hdl::prelude::*;

/// Bits of an identifier; the emitted Verilog may be given fewer.
pub const AXI4_ID: usize = 16;
/// Bits of a user signal; the emitted Verilog may be given fewer, at least the tenant's 8.
pub const AXI4_USER: usize = 32;
/// Bits of a source: the user signal, and above it the identifier.
pub const AXI4_SOURCE: usize = AXI4_USER + AXI4_ID;
/// From the edge that takes an address to the edge that offers it to the memory.
pub const AXI4_LATENCY: usize = 6;

block! {
    /// The whole guard.
    pub struct Axi4PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, DATA, STROBE, ID, USER> for geometry, options: Axi4Options {
        /// Rising edge samples every register of the guard.
        pub aclk: Signal<In, Clock>,
        /// Synchronous, low: the boot gate is closed and no burst is under way.
        pub aresetn: Signal<In, Bit>,
        /// AXI4 bus of the interconnect: accesses of the tenants.
        pub s_axi: Axi4Slave<ADDRESS, DATA, STROBE, ID, USER>,
        /// AXI4 bus of the memory: granted accesses and words of the scrubber.
        pub m_axi: Axi4Master<ADDRESS, DATA, STROBE, ID, USER>,
        /// AXI4-Lite bus of the control master, with [`ControlBus::Own`].
        pub s_axil: Optional<AxiLiteSlave> = Optional::when(options.control == ControlBus::Own),
        /// APB4 bus of the control master, with [`ControlBus::Apb4`].
        pub s_apb: Optional<ApbSlave> = Optional::when(options.control == ControlBus::Apb4),
        /// Requests to the standard MMU: one port with `mmu`, else no port.
        pub mmu_request: Vec<MmuSource<ADDRESS, LENGTH>> = vec![Default::default(); usize::from(options.mmu)],
        /// Responses of the standard MMU: one port with `mmu`, else no port.
        pub mmu_response: Vec<MmuSink<ADDRESS>> = vec![Default::default(); usize::from(options.mmu)],
        /// High while an interrupt is requested.
        pub irq: Signal<Out, Bit>,
        /// An isolation or integrity denial has not been acknowledged.
        pub alert: Signal<Out, Bit>,
        /// The boot gate is open.
        pub active: Signal<Out, Bit>,
        /// High from SEAL to reset: no command may change the configuration any more.
        pub sealed: Signal<Out, Bit>,
        /// With the feature `boot`: the words of the device's key.
        pub device_key: Vec<Signal<In, Bits<32>>> = vec![Default::default(); 4 * usize::from(geometry.features.boot)],
        /// With the feature `boot`, one: the oldest security version that is taken.
        pub minimum_version: Signal<In, Bits<32>> where boot,
        core: PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = PartitionManager::fenced(geometry, options.mmu),
        control: Optional<AxiLiteControl> = Optional::when(options.control == ControlBus::Own),
        apb_control: Optional<ApbControl> = Optional::when(options.control == ControlBus::Apb4),
        decider: Decider<ADDRESS, LENGTH> = Decider::new(geometry, options.mmu),
        write_guard: WriteGuard<ADDRESS, DATA, STROBE, ID, USER> = WriteGuard::new(options.bursts),
        read_guard: ReadGuard<ADDRESS, DATA, ID, USER> = ReadGuard::new(options.bursts),
        fence: Fence,
        write_limiter: WriteLimiter<DATA, STROBE, ID> = WriteLimiter::new(limited(options.bursts)),
        write_timer: StallTimer,
        write_report: StallReport<ADDRESS> = StallReport::new(1),
        write_watch: MemoryWatch,
        read_timer: StallTimer,
        read_report: StallReport<ADDRESS> = StallReport::new(0),
        read_watch: MemoryWatch,
        memory_stalled: Signal<Local, Bit>,
        user_bits: Constant<Bits<6>> = Constant::new(AXI4_USER.to_bits()),
        source_map: Vec<SourceMap<AXI4_SOURCE, USER>> = vec![SourceMap::new(options.sources, true); usize::from(options.sources > 0)],
    }
}

/// Bursts that a master may have written before it takes an answer: those of the guard, and as many as are on their way to it and
/// back.
fn limited(bursts: usize) -> usize {
    (bursts + 4).min(MAX_BURSTS)
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
        const DATA: usize,
        const STROBE: usize,
        const ID: usize,
        const USER: usize,
    > Axi4PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, DATA, STROBE, ID, USER>
{
    /// The same, with its inputs counted as driven: ready to be simulated or emitted.
    pub fn connected(geometry: &Geometry, options: Axi4Options) -> Self {
        let mut design = Self::new(geometry, options);
        design.aclk.connect();
        design.aresetn.connect();
        design.s_axi.link_connect_dest();
        design.m_axi.link_connect_dest();
        design.s_axil.get_mut().into_iter().for_each(|bus| bus.link_connect_dest());
        design.s_apb.get_mut().into_iter().for_each(|bus| bus.link_connect_dest());
        design.mmu_request.iter_mut().for_each(|port| port.link_connect_dest());
        design.mmu_response.iter_mut().for_each(|port| port.link_connect_dest());
        design.device_key.iter_mut().chain(&mut design.minimum_version).for_each(Block::connect_all);
        design.connect_all();
        design
    }
}

kernel! {
    Axi4PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW, DATA, STROBE, ID, USER>
    #[hdl_gen]
    fn update(&mut self) {
        self.core.clock.next = self.aclk.val();
        for _present in 0..self.control.len() {
            self.control.clock.next = self.aclk.val();
        }
        for _present in 0..self.apb_control.len() {
            self.apb_control.clock.next = self.aclk.val();
        }
        self.decider.clock.next = self.aclk.val();
        self.write_guard.clock.next = self.aclk.val();
        self.read_guard.clock.next = self.aclk.val();
        self.fence.clock.next = self.aclk.val();
        self.read_watch.clock.next = self.aclk.val();
        self.read_report.clock.next = self.aclk.val();
        self.read_timer.clock.next = self.aclk.val();
        self.write_watch.clock.next = self.aclk.val();
        self.write_report.clock.next = self.aclk.val();
        self.write_timer.clock.next = self.aclk.val();
        self.write_limiter.clock.next = self.aclk.val();
        self.core.reset.next = !self.aresetn.val();
        for _present in 0..self.control.len() {
            self.control.reset.next = !self.aresetn.val();
        }
        for _present in 0..self.apb_control.len() {
            self.apb_control.reset.next = !self.aresetn.val();
        }
        self.decider.reset.next = !self.aresetn.val();
        self.write_guard.reset.next = !self.aresetn.val();
        self.read_guard.reset.next = !self.aresetn.val();
        self.fence.reset.next = !self.aresetn.val();
        self.read_watch.reset.next = !self.aresetn.val();
        self.read_report.reset.next = !self.aresetn.val();
        self.read_timer.reset.next = !self.aresetn.val();
        self.write_watch.reset.next = !self.aresetn.val();
        self.write_report.reset.next = !self.aresetn.val();
        self.write_timer.reset.next = !self.aresetn.val();
        self.write_limiter.reset.next = !self.aresetn.val();

        // Control.
        for _present in 0..self.control.len() {
            self.control.bus.awaddr.next = self.s_axil.awaddr.val();
            self.control.bus.awprot.next = self.s_axil.awprot.val();
            self.control.bus.awvalid.next = self.s_axil.awvalid.val();
            self.s_axil.awready.next = self.control.bus.awready.val();
            self.control.bus.wdata.next = self.s_axil.wdata.val();
            self.control.bus.wstrb.next = self.s_axil.wstrb.val();
            self.control.bus.wvalid.next = self.s_axil.wvalid.val();
            self.s_axil.wready.next = self.control.bus.wready.val();
            self.s_axil.bresp.next = self.control.bus.bresp.val();
            self.s_axil.bvalid.next = self.control.bus.bvalid.val();
            self.control.bus.bready.next = self.s_axil.bready.val();
            self.control.bus.araddr.next = self.s_axil.araddr.val();
            self.control.bus.arprot.next = self.s_axil.arprot.val();
            self.control.bus.arvalid.next = self.s_axil.arvalid.val();
            self.s_axil.arready.next = self.control.bus.arready.val();
            self.s_axil.rdata.next = self.control.bus.rdata.val();
            self.s_axil.rresp.next = self.control.bus.rresp.val();
            self.s_axil.rvalid.next = self.control.bus.rvalid.val();
            self.control.bus.rready.next = self.s_axil.rready.val();
            RegisterSource::join(&mut self.control.request, &mut self.core.register_request);
            RegisterSink::join(&mut self.control.response, &mut self.core.register_response);
        }
        for _present in 0..self.apb_control.len() {
            self.apb_control.bus.paddr.next = self.s_apb.paddr.val();
            self.apb_control.bus.pprot.next = self.s_apb.pprot.val();
            self.apb_control.bus.psel.next = self.s_apb.psel.val();
            self.apb_control.bus.penable.next = self.s_apb.penable.val();
            self.apb_control.bus.pwrite.next = self.s_apb.pwrite.val();
            self.apb_control.bus.pwdata.next = self.s_apb.pwdata.val();
            self.apb_control.bus.pstrb.next = self.s_apb.pstrb.val();
            self.s_apb.pready.next = self.apb_control.bus.pready.val();
            self.s_apb.prdata.next = self.apb_control.bus.prdata.val();
            self.s_apb.pslverr.next = self.apb_control.bus.pslverr.val();
            RegisterSource::join(&mut self.apb_control.request, &mut self.core.register_request);
            RegisterSink::join(&mut self.apb_control.response, &mut self.core.register_response);
        }
        self.irq.next = self.core.irq.val();
        self.alert.next = self.core.alert.val();
        self.active.next = self.core.active.val();
        self.sealed.next = self.core.sealed.val();

        // Decisions. While the memory does not move, no burst is asked about.
        self.memory_stalled.next = self.write_watch.expired.val() | self.read_watch.expired.val();
        AccessSource::<ADDRESS, LENGTH>::join(&mut self.decider.translate_request, &mut self.core.translate_request);
        TranslateSink::<ADDRESS>::join(&mut self.decider.translate_response, &mut self.core.translate_response);
        AccessSource::<ADDRESS, LENGTH>::join(&mut self.decider.physical_request, &mut self.core.physical_request);
        PhysicalSink::join(&mut self.decider.physical_response, &mut self.core.physical_response);
        self.decider.write_asks.next = self.write_guard.asks.val() & !self.memory_stalled.val();
        self.decider.write_question.next = self.write_guard.question.val();
        self.decider.write_asker.next = self.write_guard.asker.val();
        self.write_guard.asked.next = self.decider.write_asked.val();
        self.write_report.own.next = self.write_guard.reports.val();
        self.write_report.own_report.next = self.write_guard.report.val();
        self.write_guard.reported.next = self.write_report.own_reported.val();
        self.decider.write_reports.next = self.write_report.reports.val();
        self.decider.write_report.next = self.write_report.report.val();
        self.write_report.reported.next = self.decider.write_reported.val();
        self.write_guard.translated.next = self.decider.write_translated.val();
        self.write_guard.checked.next = self.decider.write_checked.val();
        self.decider.read_asks.next = self.read_guard.asks.val() & !self.memory_stalled.val();
        self.decider.read_question.next = self.read_guard.question.val();
        self.decider.read_asker.next = self.read_guard.asker.val();
        self.read_guard.asked.next = self.decider.read_asked.val();
        self.read_report.own.next = self.read_guard.reports.val();
        self.read_report.own_report.next = self.read_guard.report.val();
        self.read_guard.reported.next = self.read_report.own_reported.val();
        self.decider.read_reports.next = self.read_report.reports.val();
        self.decider.read_report.next = self.read_report.report.val();
        self.read_report.reported.next = self.decider.read_reported.val();
        self.read_guard.translated.next = self.decider.read_translated.val();
        self.read_guard.checked.next = self.decider.read_checked.val();

        // Changes and the scrubber wait for the bursts under way.
        self.fence.command.next = self.core.guard[0].fence.val();
        self.fence.changed.next = self.core.guard[0].changed.val();
        self.fence.scrub.next = self.core.memory_write.valid.val();
        self.fence.pending.next = self.write_guard.fenced.val() | self.read_guard.fenced.val();
        self.write_guard.fence.next = self.fence.snapshot.val();
        self.read_guard.fence.next = self.fence.snapshot.val();
        self.core.guard[0].settled.next = self.fence.open.val();
        self.core.guard[0].landing.next = self.write_guard.scrubbing.val();
        self.write_guard.scrub.next = self.core.memory_write.valid.val() & self.fence.open.val();
        self.write_guard.scrub_address.next = self.core.memory_write.address.val();
        self.core.memory_write.ready.next = self.write_guard.scrub_taken.val();

        // No master holds up a change: an access that its master does not go on with is ended, and logged.
        self.write_timer.limit.next = self.core.guard[0].stall_limit.val();
        self.write_timer.waits.next = self.write_guard.starved.val();
        self.write_timer.holds.next = self.write_guard.data_caught.val();
        self.write_limiter.expired.next = self.write_timer.expired.val();
        self.write_report.stalls.next = self.write_limiter.stalls.val();
        self.write_report.tenant.next = self.write_guard.starved_tenant.val();
        self.write_report.address.next = self.write_guard.starved_address.val();
        self.write_report.misled.next = self.write_limiter.misled.val();
        self.write_guard.misled.next = self.write_limiter.misled.val();
        self.read_timer.limit.next = self.core.guard[0].stall_limit.val();
        self.read_timer.waits.next = self.read_guard.waits.val();
        self.read_timer.holds.next = self.read_guard.fenced.val();
        self.read_guard.expired.next = self.read_timer.expired.val();
        self.read_report.stalls.next = self.read_guard.stalls.val();
        self.read_report.tenant.next = self.read_guard.stalled_tenant.val();
        self.read_report.address.next = 0.into();
        self.read_report.misled.next = false;
        self.core.guard[0].stalled.next = self.decider.stalled.val();

        // A memory that does not move is told from a master that does not.
        self.write_watch.limit.next = self.core.guard[0].stall_limit.val();
        self.write_watch.address_valid.next = self.write_guard.forwards.val() & !self.write_guard.starved.val();
        self.write_watch.address_ready.next = self.m_axi.awready.val();
        self.write_watch.data_valid.next = self.write_guard.memory_valid.val();
        self.write_watch.data_ready.next = self.m_axi.wready.val();
        self.write_watch.owes.next = self.write_guard.memory_valid.val()
            & self.write_guard.memory_beat.val().last
            & self.m_axi.wready.val();
        self.write_watch.answer_valid.next = self.m_axi.bvalid.val();
        self.write_watch.answered.next = self.m_axi.bvalid.val() & self.write_guard.response_ready.val();
        self.read_watch.limit.next = self.core.guard[0].stall_limit.val();
        self.read_watch.address_valid.next = self.read_guard.forwards.val();
        self.read_watch.address_ready.next = self.m_axi.arready.val();
        self.read_watch.data_valid.next = false;
        self.read_watch.data_ready.next = false;
        self.read_watch.owes.next = self.read_guard.forwards.val() & self.m_axi.arready.val();
        self.read_watch.answer_valid.next = self.m_axi.rvalid.val();
        self.read_watch.answered.next =
            self.m_axi.rvalid.val() & self.m_axi.rlast.val() & self.read_guard.memory_ready.val();
        self.core.guard[0].memory_stalled.next = self.memory_stalled.val();
        self.core.guard[0].answer.next.accepted = false;
        self.core.guard[0].answer.next.data = 0.into();

        // Writes.
        self.write_limiter.offered.next = self.s_axi.awvalid.val();
        self.write_limiter.id.next = self.s_axi.awid.val();
        self.write_limiter.len.next = self.s_axi.awlen.val();
        self.write_limiter.guard_ready.next = self.write_guard.ready.val();
        self.write_guard.offered.next = self.write_limiter.guard_offered.val();
        self.write_guard.address.next = self.s_axi.awaddr.val();
        self.write_guard.attributes.next.id = self.s_axi.awid.val();
        self.write_guard.attributes.next.len = self.s_axi.awlen.val();
        self.write_guard.attributes.next.size = self.s_axi.awsize.val();
        self.write_guard.attributes.next.burst = self.s_axi.awburst.val();
        self.write_guard.attributes.next.lock = self.s_axi.awlock.val();
        self.write_guard.attributes.next.cache = self.s_axi.awcache.val();
        self.write_guard.attributes.next.prot = self.s_axi.awprot.val();
        self.write_guard.attributes.next.qos = self.s_axi.awqos.val();
        self.write_guard.attributes.next.region = self.s_axi.awregion.val();
        self.write_guard.attributes.next.user = self.s_axi.awuser.val();
        self.s_axi.awready.next = self.write_limiter.ready.val();
        self.m_axi.awvalid.next = self.write_guard.forwards.val();
        self.m_axi.awaddr.next = self.write_guard.physical.val();
        self.m_axi.awid.next = self.write_guard.forwarded.val().id;
        self.m_axi.awlen.next = self.write_guard.forwarded.val().len;
        self.m_axi.awsize.next = self.write_guard.forwarded.val().size;
        self.m_axi.awburst.next = self.write_guard.forwarded.val().burst;
        self.m_axi.awlock.next = self.write_guard.forwarded.val().lock;
        self.m_axi.awcache.next = self.write_guard.forwarded.val().cache;
        self.m_axi.awprot.next = self.write_guard.forwarded.val().prot;
        self.m_axi.awqos.next = self.write_guard.forwarded.val().qos;
        self.m_axi.awregion.next = self.write_guard.forwarded.val().region;
        self.m_axi.awuser.next = self.write_guard.forwarded.val().user;
        self.write_guard.taken.next = self.m_axi.awready.val();
        self.write_limiter.data_valid.next = self.s_axi.wvalid.val();
        self.write_limiter.data_beat.next.data = self.s_axi.wdata.val();
        self.write_limiter.data_beat.next.strobe = self.s_axi.wstrb.val();
        self.write_limiter.data_beat.next.last = self.s_axi.wlast.val();
        self.s_axi.wready.next = self.write_limiter.data_ready.val();
        self.write_guard.data_valid.next = self.write_limiter.guard_valid.val();
        self.write_guard.data_beat.next = self.write_limiter.guard_beat.val();
        self.write_limiter.guard_data_ready.next = self.write_guard.data_ready.val();
        self.m_axi.wvalid.next = self.write_guard.memory_valid.val();
        self.m_axi.wdata.next = self.write_guard.memory_beat.val().data;
        self.m_axi.wstrb.next = self.write_guard.memory_beat.val().strobe;
        self.m_axi.wlast.next = self.write_guard.memory_beat.val().last;
        self.write_guard.memory_ready.next = self.m_axi.wready.val();
        self.write_guard.response_valid.next = self.m_axi.bvalid.val();
        self.write_guard.response.next.id = self.m_axi.bid.val();
        self.write_guard.response.next.response = self.m_axi.bresp.val();
        self.m_axi.bready.next = self.write_guard.response_ready.val();
        self.write_limiter.response_valid.next = self.write_guard.valid.val();
        self.write_limiter.response.next = self.write_guard.answer.val();
        self.write_guard.taker_ready.next = true;
        self.s_axi.bvalid.next = self.write_limiter.valid.val();
        self.s_axi.bid.next = self.write_limiter.answer.val().id;
        self.s_axi.bresp.next = self.write_limiter.answer.val().response;
        self.write_limiter.taker_ready.next = self.s_axi.bready.val();

        // Reads.
        self.read_guard.offered.next = self.s_axi.arvalid.val();
        self.read_guard.address.next = self.s_axi.araddr.val();
        self.read_guard.attributes.next.id = self.s_axi.arid.val();
        self.read_guard.attributes.next.len = self.s_axi.arlen.val();
        self.read_guard.attributes.next.size = self.s_axi.arsize.val();
        self.read_guard.attributes.next.burst = self.s_axi.arburst.val();
        self.read_guard.attributes.next.lock = self.s_axi.arlock.val();
        self.read_guard.attributes.next.cache = self.s_axi.arcache.val();
        self.read_guard.attributes.next.prot = self.s_axi.arprot.val();
        self.read_guard.attributes.next.qos = self.s_axi.arqos.val();
        self.read_guard.attributes.next.region = self.s_axi.arregion.val();
        self.read_guard.attributes.next.user = self.s_axi.aruser.val();
        self.s_axi.arready.next = self.read_guard.ready.val();
        self.m_axi.arvalid.next = self.read_guard.forwards.val();
        self.m_axi.araddr.next = self.read_guard.physical.val();
        self.m_axi.arid.next = self.read_guard.forwarded.val().id;
        self.m_axi.arlen.next = self.read_guard.forwarded.val().len;
        self.m_axi.arsize.next = self.read_guard.forwarded.val().size;
        self.m_axi.arburst.next = self.read_guard.forwarded.val().burst;
        self.m_axi.arlock.next = self.read_guard.forwarded.val().lock;
        self.m_axi.arcache.next = self.read_guard.forwarded.val().cache;
        self.m_axi.arprot.next = self.read_guard.forwarded.val().prot;
        self.m_axi.arqos.next = self.read_guard.forwarded.val().qos;
        self.m_axi.arregion.next = self.read_guard.forwarded.val().region;
        self.m_axi.aruser.next = self.read_guard.forwarded.val().user;
        self.read_guard.taken.next = self.m_axi.arready.val();
        self.read_guard.memory_valid.next = self.m_axi.rvalid.val();
        self.read_guard.memory_beat.next.id = self.m_axi.rid.val();
        self.read_guard.memory_beat.next.data = self.m_axi.rdata.val();
        self.read_guard.memory_beat.next.response = self.m_axi.rresp.val();
        self.read_guard.memory_beat.next.last = self.m_axi.rlast.val();
        self.m_axi.rready.next = self.read_guard.memory_ready.val();
        self.s_axi.rvalid.next = self.read_guard.valid.val();
        self.s_axi.rid.next = self.read_guard.beat.val().id;
        self.s_axi.rdata.next = self.read_guard.beat.val().data;
        self.s_axi.rresp.next = self.read_guard.beat.val().response;
        self.s_axi.rlast.next = self.read_guard.beat.val().last;
        self.read_guard.taker_ready.next = self.s_axi.rready.val();
    }
    // The map's tenant stands in the sideband's place, in the guard and at the memory.
    when(source_map) {
        self.source_map[0].clock.next = self.aclk.val();
        self.source_map[0].reset.next = !self.aresetn.val();
        self.source_map[0].access.next = self.core.guard[0].access.val();
        self.source_map[0].sealed.next = self.core.guard[0].sealed.val();
        self.core.guard[0].answer.next = self.source_map[0].answer.val();
        self.source_map[0].source.next = bit_cast::<AXI4_SOURCE, USER>(self.s_axi.awuser.val())
            | (bit_cast::<AXI4_SOURCE, ID>(self.s_axi.awid.val()) << self.user_bits.val());
        self.source_map[0].second_source[0].next = bit_cast::<AXI4_SOURCE, USER>(self.s_axi.aruser.val())
            | (bit_cast::<AXI4_SOURCE, ID>(self.s_axi.arid.val()) << self.user_bits.val());
        self.write_guard.attributes.next.user = self.source_map[0].sideband.val();
        self.read_guard.attributes.next.user = self.source_map[0].second_sideband[0].val();
    }
    when(minimum_version) {
        self.core.device_key[0].next = self.device_key[0].val();
        self.core.device_key[1].next = self.device_key[1].val();
        self.core.device_key[2].next = self.device_key[2].val();
        self.core.device_key[3].next = self.device_key[3].val();
        self.core.minimum_version[0].next = self.minimum_version[0].val();
    }
    when(mmu_request) {
        MmuSource::<ADDRESS, LENGTH>::link(&mut self.mmu_request[0], &mut self.decider.mmu_request[0]);
        MmuSink::<ADDRESS>::link(&mut self.mmu_response[0], &mut self.decider.mmu_response[0]);
    }
}
