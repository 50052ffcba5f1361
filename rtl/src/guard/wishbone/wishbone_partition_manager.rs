//! The Partition Manager behind a Wishbone B4 bus: the masters on one side, the memory on the other.
//!
//! ```text
//!   wbs --> WishboneGuard --> MmuBridge --> translate, physical port: PartitionManager
//!                |                '------> identity, or StandardMmu <-- mmu_fill
//!                '--> WishboneMerge --> wbm
//!   wbc --> WishboneControl --> register port     ^---- scrubber
//!   or s_apb --> ApbControl
//! ```
//!
//! Wires only: there is no decision in this block.

use super::ports::{BeatSource, WishboneControlSlave, WishboneMaster, WishboneSlave};
use super::{WishboneControl, WishboneGuard, WishboneMerge};
use crate::guard::bridge::{BridgeSink, BridgeSource, MmuBridge, MmuFill, StandardMmu};
use crate::guard::{ApbControl, ApbSlave, ControlBus, SourceMap, StallTimer};
use crate::ports::{AccessSource, PhysicalSink, RegisterSink, RegisterSource, ScrubSink, TranslateSink};
use crate::PartitionManager;
use pm_interface::Geometry;
use pm_verilog::{block, cells::Optional, kernel};
use rust_hdl::prelude::*;

block! {
    /// The guard, the bridge, the Partition Manager and the merge behind one set of Wishbone ports.
    pub struct WishbonePartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> for geometry, options: WishboneOptions {
        /// Rising edge samples every register.
        pub clk_i: Signal<In, Clock>,
        /// Synchronous, high: the boot gate is closed and no beat is under way.
        pub rst_i: Signal<In, Bit>,
        /// Wishbone bus of the masters.
        pub wbs: WishboneSlave<ADDRESS>,
        /// Wishbone bus of the memory.
        pub wbm: WishboneMaster<ADDRESS>,
        /// Wishbone bus of the control master, with [`ControlBus::Own`].
        pub wbc: Optional<WishboneControlSlave> = Optional::when(options.control == ControlBus::Own),
        /// APB4 bus of the control master, with [`ControlBus::Apb4`].
        pub s_apb: Optional<ApbSlave> = Optional::when(options.control == ControlBus::Apb4),
        /// Page table entries for the standard MMU: one port with `mmu`, else no port.
        pub mmu_fill: Vec<MmuFill<PAGE, BLOCK>> = vec![Default::default(); usize::from(options.mmu)],
        /// With the feature `boot`: the words of the device's key.
        pub device_key: Vec<Signal<In, Bits<32>>> = vec![Default::default(); 4 * usize::from(geometry.features.boot)],
        /// With the feature `boot`, one: the oldest security version that is taken.
        pub minimum_version: Signal<In, Bits<32>> where boot,
        /// High while an interrupt is requested.
        pub irq: Signal<Out, Bit>,
        /// An isolation or integrity denial has not been acknowledged.
        pub alert: Signal<Out, Bit>,
        core: PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = PartitionManager::fenced(geometry, options.mmu),
        bridge: MmuBridge<ADDRESS, LENGTH>,
        mmu: Vec<StandardMmu<ADDRESS, LENGTH, TENANT, PAGE, SHADOW, BLOCK>> = vec![StandardMmu::new(geometry.tenants, geometry.granule_bits); usize::from(options.mmu)],
        guard: WishboneGuard<ADDRESS, LENGTH> = WishboneGuard::new(geometry),
        merge: WishboneMerge<ADDRESS>,
        timer: StallTimer,
        control: Optional<WishboneControl> = Optional::when(options.control == ControlBus::Own),
        apb_control: Optional<ApbControl> = Optional::when(options.control == ControlBus::Apb4),
        source_map: Vec<SourceMap<8, 8>> = vec![SourceMap::new(options.sources, false); usize::from(options.sources > 0)],
    }
}

/// Options of the Wishbone guard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WishboneOptions {
    /// With a standard MMU that translates what is not mine; without, its address is its own translation.
    pub mmu: bool,
    /// Bus of the control registers.
    pub control: ControlBus,
    /// Entries of the source map, at most [`MAX_SOURCES`](crate::guard::MAX_SOURCES); 0: no map, and `tga` is the tenant.
    pub sources: usize,
}

impl<
        const ADDRESS: usize,
        const LENGTH: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
    > WishbonePartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    /// [`Self::new`] with inputs that count as driven, ready to be simulated or emitted.
    pub fn connected(geometry: &Geometry, options: WishboneOptions) -> Self {
        let mut design = Self::new(geometry, options);
        design.clk_i.connect();
        design.rst_i.connect();
        design.wbs.link_connect_dest();
        design.wbm.link_connect_dest();
        design.wbc.get_mut().into_iter().for_each(|bus| bus.link_connect_dest());
        design.s_apb.get_mut().into_iter().for_each(|bus| bus.link_connect_dest());
        design.mmu_fill.iter_mut().for_each(|fill| fill.link_connect_dest());
        design.device_key.iter_mut().chain(&mut design.minimum_version).for_each(Block::connect_all);
        design.connect_all();
        design
    }
}

kernel! {
    WishbonePartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
    #[hdl_gen]
    fn update(&mut self) {
        self.core.clock.next = self.clk_i.val();
        self.core.reset.next = self.rst_i.val();
        self.bridge.clock.next = self.clk_i.val();
        self.bridge.reset.next = self.rst_i.val();
        self.guard.clock.next = self.clk_i.val();
        self.guard.reset.next = self.rst_i.val();
        self.merge.clock.next = self.clk_i.val();
        self.merge.reset.next = self.rst_i.val();
        self.timer.clock.next = self.clk_i.val();
        self.timer.reset.next = self.rst_i.val();
        for _present in 0..self.control.len() {
            self.control.clock.next = self.clk_i.val();
            self.control.reset.next = self.rst_i.val();
        }
        for _present in 0..self.apb_control.len() {
            self.apb_control.clock.next = self.clk_i.val();
            self.apb_control.reset.next = self.rst_i.val();
        }

        WishboneSlave::<ADDRESS>::link(&mut self.wbs, &mut self.guard.wbs);
        BridgeSource::<ADDRESS, LENGTH>::join(&mut self.guard.request, &mut self.bridge.request);
        BridgeSink::<ADDRESS>::join(&mut self.guard.response, &mut self.bridge.response);
        AccessSource::<ADDRESS, LENGTH>::join(&mut self.bridge.translate_request, &mut self.core.translate_request);
        TranslateSink::<ADDRESS>::join(&mut self.bridge.translate_response, &mut self.core.translate_response);
        AccessSource::<ADDRESS, LENGTH>::join(&mut self.bridge.physical_request, &mut self.core.physical_request);
        PhysicalSink::join(&mut self.bridge.physical_response, &mut self.core.physical_response);

        for _present in 0..self.control.len() {
            self.control.wbc.cyc_i.next = self.wbc.cyc_i.val();
            self.control.wbc.stb_i.next = self.wbc.stb_i.val();
            self.control.wbc.we_i.next = self.wbc.we_i.val();
            self.control.wbc.adr_i.next = self.wbc.adr_i.val();
            self.control.wbc.dat_i.next = self.wbc.dat_i.val();
            self.control.wbc.sel_i.next = self.wbc.sel_i.val();
            self.wbc.dat_o.next = self.control.wbc.dat_o.val();
            self.wbc.ack_o.next = self.control.wbc.ack_o.val();
            self.wbc.err_o.next = self.control.wbc.err_o.val();
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

        BeatSource::<ADDRESS>::join(&mut self.guard.beat, &mut self.merge.beat);
        ScrubSink::<ADDRESS>::join(&mut self.merge.scrub, &mut self.core.memory_write);
        WishboneMaster::<ADDRESS>::link(&mut self.wbm, &mut self.merge.wbm);
        self.guard.fence.next = self.core.guard[0].fence.val();
        self.core.guard[0].settled.next = self.guard.settled.val();
        self.core.guard[0].landing.next = self.merge.landing.val();
        self.core.guard[0].stalled.next = false;
        self.timer.limit.next = self.core.guard[0].stall_limit.val();
        self.timer.waits.next = self.merge.waits.val();
        self.timer.holds.next = false;
        self.core.guard[0].memory_stalled.next = self.timer.expired.val();
        self.core.guard[0].answer.next.accepted = false;
        self.core.guard[0].answer.next.data = 0.into();
        self.irq.next = self.core.irq.val();
        self.alert.next = self.core.alert.val();

        // An access that the translate port calls not mine keeps its address, unless an MMU translates.
        self.bridge.mmu_request.ready.next = true;
        self.bridge.mmu_response.valid.next = true;
        self.bridge.mmu_response.fault.next = false;
        self.bridge.mmu_response.physical.next = self.bridge.mmu_request.address.val();
    }
    // The map's tenant stands in the tag's place.
    when(source_map) {
        self.source_map[0].clock.next = self.clk_i.val();
        self.source_map[0].reset.next = self.rst_i.val();
        self.source_map[0].access.next = self.core.guard[0].access.val();
        self.source_map[0].sealed.next = self.core.guard[0].sealed.val();
        self.core.guard[0].answer.next = self.source_map[0].answer.val();
        self.source_map[0].source.next = self.wbs.tga_i.val();
        self.guard.wbs.tga_i.next = self.source_map[0].sideband.val();
    }
    when(mmu) {
        self.mmu[0].clock.next = self.clk_i.val();
        self.mmu[0].reset.next = self.rst_i.val();
        self.mmu[0].fill.valid.next = self.mmu_fill[0].valid.val();
        self.mmu[0].fill.tenant.next = self.mmu_fill[0].tenant.val();
        self.mmu[0].fill.index.next = self.mmu_fill[0].index.val();
        self.mmu[0].fill.rights.next = self.mmu_fill[0].rights.val();
        self.mmu[0].fill.frame.next = self.mmu_fill[0].frame.val();
        self.mmu_fill[0].ready.next = self.mmu[0].fill.ready.val();
        self.mmu_fill[0].refused.next = self.mmu[0].fill.refused.val();
        self.mmu[0].request.valid.next = self.bridge.mmu_request.valid.val();
        self.mmu[0].request.tenant.next = self.bridge.mmu_request.tenant.val();
        self.mmu[0].request.address.next = self.bridge.mmu_request.address.val();
        self.mmu[0].request.length.next = self.bridge.mmu_request.length.val();
        self.mmu[0].request.kind.next = self.bridge.mmu_request.kind.val();
        self.bridge.mmu_request.ready.next = self.mmu[0].request.ready.val();
        self.bridge.mmu_response.valid.next = self.mmu[0].response.valid.val();
        self.bridge.mmu_response.fault.next = self.mmu[0].response.fault.val();
        self.bridge.mmu_response.physical.next = self.mmu[0].response.physical.val();
        self.mmu[0].response.ready.next = self.bridge.mmu_response.ready.val();
    }
    when(minimum_version) {
        self.core.minimum_version[0].next = self.minimum_version[0].val();
        self.core.device_key[0].next = self.device_key[0].val();
        self.core.device_key[1].next = self.device_key[1].val();
        self.core.device_key[2].next = self.device_key[2].val();
        self.core.device_key[3].next = self.device_key[3].val();
    }
}
