//! The Partition Manager behind a Wishbone B4 bus: the masters on one side, the memory on the other.
//!
//! ```text
//!   wbs --> WishboneGuard --> MmuBridge --> translate, physical port: PartitionManager
//!                |                '------> identity, or StandardMmu <-- mmu_fill
//!                '--> WishboneMerge --> wbm
//!   wbc --> WishboneControl --> register port     ^---- scrubber
//! ```
//!
//! Wires only: there is no decision in this block.

use super::ports::{BeatSource, WishboneControlSlave, WishboneMaster, WishboneSlave};
use super::{WishboneControl, WishboneGuard, WishboneMerge};
use crate::guard::bridge::{BridgeSink, BridgeSource, MmuBridge, MmuFill, StandardMmu};
use crate::ports::{AccessSource, PhysicalSink, RegisterSink, RegisterSource, ScrubSink, TranslateSink};
use crate::PartitionManager;
use pm_interface::Geometry;
use rust_hdl::prelude::*;

/// The whole of it.
#[derive(Clone, Debug, LogicBlock)]
pub struct WishbonePartitionManager<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
> {
    /// Rising edge.
    pub clk_i: Signal<In, Clock>,
    /// Synchronous, high: closed.
    pub rst_i: Signal<In, Bit>,
    /// The masters.
    pub wbs: WishboneSlave<ADDRESS>,
    /// The memory.
    pub wbm: WishboneMaster<ADDRESS>,
    /// The control master.
    pub wbc: WishboneControlSlave,
    /// With the standard MMU, one: its page tables.
    pub mmu_fill: Vec<MmuFill<PAGE, BLOCK>>,
    /// With the feature `boot`: the words of the device's key.
    pub device_key: Vec<Signal<In, Bits<32>>>,
    /// With the feature `boot`, one: the oldest security version that is taken.
    pub minimum_version: Vec<Signal<In, Bits<32>>>,
    /// The interrupt request.
    pub irq: Signal<Out, Bit>,
    /// An isolation or integrity denial has not been acknowledged.
    pub alert: Signal<Out, Bit>,
    core: PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>,
    bridge: MmuBridge<ADDRESS, LENGTH>,
    mmu: Vec<StandardMmu<ADDRESS, LENGTH, TENANT, PAGE, SHADOW, BLOCK>>,
    guard: WishboneGuard<ADDRESS, LENGTH>,
    merge: WishboneMerge<ADDRESS>,
    control: WishboneControl,
    _mmus: usize,
    _loaders: usize,
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
    /// For the sizes of `geometry`; what is not managed keeps its address.
    pub fn new(geometry: &Geometry) -> Self {
        Self::with_mmus(geometry, 0)
    }

    /// The same; what is not managed is translated by a standard MMU with pages of a granule.
    pub fn with_mmu(geometry: &Geometry) -> Self {
        Self::with_mmus(geometry, 1)
    }

    fn with_mmus(geometry: &Geometry, mmus: usize) -> Self {
        let loaders = usize::from(geometry.features.boot);
        Self {
            clk_i: Default::default(),
            rst_i: Default::default(),
            wbs: Default::default(),
            wbm: Default::default(),
            wbc: Default::default(),
            mmu_fill: vec![Default::default(); mmus],
            device_key: vec![Default::default(); 4 * loaders],
            minimum_version: vec![Default::default(); loaders],
            irq: Default::default(),
            alert: Default::default(),
            core: PartitionManager::fenced(geometry),
            bridge: Default::default(),
            mmu: vec![StandardMmu::new(geometry.tenants, geometry.granule_bits); mmus],
            guard: WishboneGuard::new(geometry),
            merge: Default::default(),
            control: Default::default(),
            _mmus: mmus,
            _loaders: loaders,
        }
    }

    /// [`Self::new`] with inputs that count as driven, ready to be simulated or emitted.
    pub fn connected(geometry: &Geometry) -> Self {
        Self::new(geometry).driven()
    }

    /// [`Self::with_mmu`] with inputs that count as driven.
    pub fn connected_with_mmu(geometry: &Geometry) -> Self {
        Self::with_mmu(geometry).driven()
    }

    fn driven(mut self) -> Self {
        self.clk_i.connect();
        self.rst_i.connect();
        self.wbs.link_connect_dest();
        self.wbm.link_connect_dest();
        self.wbc.link_connect_dest();
        self.mmu_fill.iter_mut().for_each(|fill| fill.link_connect_dest());
        self.device_key.iter_mut().chain(&mut self.minimum_version).for_each(Block::connect_all);
        self.connect_all();
        self
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
    > Logic for WishbonePartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
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
        self.control.clock.next = self.clk_i.val();
        self.control.reset.next = self.rst_i.val();

        WishboneSlave::<ADDRESS>::link(&mut self.wbs, &mut self.guard.wbs);
        BridgeSource::<ADDRESS, LENGTH>::join(&mut self.guard.request, &mut self.bridge.request);
        BridgeSink::<ADDRESS>::join(&mut self.guard.response, &mut self.bridge.response);
        AccessSource::<ADDRESS, LENGTH>::join(&mut self.bridge.translate_request, &mut self.core.translate_request);
        TranslateSink::<ADDRESS>::join(&mut self.bridge.translate_response, &mut self.core.translate_response);
        AccessSource::<ADDRESS, LENGTH>::join(&mut self.bridge.physical_request, &mut self.core.physical_request);
        PhysicalSink::join(&mut self.bridge.physical_response, &mut self.core.physical_response);

        WishboneControlSlave::link(&mut self.wbc, &mut self.control.wbc);
        RegisterSource::join(&mut self.control.request, &mut self.core.register_request);
        RegisterSink::join(&mut self.control.response, &mut self.core.register_response);

        BeatSource::<ADDRESS>::join(&mut self.guard.beat, &mut self.merge.beat);
        ScrubSink::<ADDRESS>::join(&mut self.merge.scrub, &mut self.core.memory_write);
        WishboneMaster::<ADDRESS>::link(&mut self.wbm, &mut self.merge.wbm);
        self.guard.fence.next = self.core.fence[0].val();
        self.core.settled[0].next = self.guard.settled.val();
        self.core.landing[0].next = self.merge.landing.val();

        // What is not managed keeps its address, unless there is an MMU.
        self.bridge.mmu_request.ready.next = true;
        self.bridge.mmu_response.valid.next = true;
        self.bridge.mmu_response.fault.next = false;
        self.bridge.mmu_response.physical.next = self.bridge.mmu_request.address.val();
        for i in 0..self._mmus {
            self.mmu[i].clock.next = self.clk_i.val();
            self.mmu[i].reset.next = self.rst_i.val();
            self.mmu[i].fill.valid.next = self.mmu_fill[i].valid.val();
            self.mmu[i].fill.tenant.next = self.mmu_fill[i].tenant.val();
            self.mmu[i].fill.index.next = self.mmu_fill[i].index.val();
            self.mmu[i].fill.rights.next = self.mmu_fill[i].rights.val();
            self.mmu[i].fill.frame.next = self.mmu_fill[i].frame.val();
            self.mmu_fill[i].ready.next = self.mmu[i].fill.ready.val();
            self.mmu_fill[i].refused.next = self.mmu[i].fill.refused.val();
            self.mmu[i].request.valid.next = self.bridge.mmu_request.valid.val();
            self.mmu[i].request.tenant.next = self.bridge.mmu_request.tenant.val();
            self.mmu[i].request.address.next = self.bridge.mmu_request.address.val();
            self.mmu[i].request.length.next = self.bridge.mmu_request.length.val();
            self.mmu[i].request.kind.next = self.bridge.mmu_request.kind.val();
            self.bridge.mmu_request.ready.next = self.mmu[i].request.ready.val();
            self.bridge.mmu_response.valid.next = self.mmu[i].response.valid.val();
            self.bridge.mmu_response.fault.next = self.mmu[i].response.fault.val();
            self.bridge.mmu_response.physical.next = self.mmu[i].response.physical.val();
            self.mmu[i].response.ready.next = self.bridge.mmu_response.ready.val();
        }
        for i in 0..self._loaders {
            self.core.minimum_version[i].next = self.minimum_version[i].val();
            self.core.device_key[0].next = self.device_key[0].val();
            self.core.device_key[1].next = self.device_key[1].val();
            self.core.device_key[2].next = self.device_key[2].val();
            self.core.device_key[3].next = self.device_key[3].val();
        }
        self.irq.next = self.core.irq.val();
        self.alert.next = self.core.alert.val();
    }
}
