//! The Partition Manager with its registers behind APB4: every other port is the core's own.
//!
//! ```text
//!   translate, physical ports <------------------> PartitionManager --> memory_write
//!   s_apb --> ApbControl --> register port ----------------^
//! ```
//!
//! Wires only: there is no decision in this block.

use super::{ApbControl, ApbSlave};
use crate::ports::{AccessRequest, MemoryWrite, PhysicalResponse, RegisterSink, RegisterSource, TranslateResponse};
use crate::PartitionManager;
use pm_interface::Geometry;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// The core and the APB4 completer of its registers behind one set of ports.
    pub struct ApbPartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> for geometry {
        /// Rising edge samples every register; `PCLK` of the control master.
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
        /// APB4 bus of the control master.
        pub s_apb: ApbSlave,
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
        core: PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = PartitionManager::new(geometry, 0, false),
        control: ApbControl,
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
    > ApbPartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
{
    /// [`Self::new`] with inputs that count as driven, ready to be simulated or emitted.
    pub fn connected(geometry: &Geometry) -> Self {
        let mut design = Self::new(geometry);
        design.clock.connect();
        design.reset.connect();
        design.translate_request.link_connect_dest();
        design.physical_request.link_connect_dest();
        design.s_apb.link_connect_dest();
        design.memory_write.ready.connect();
        design.device_key.iter_mut().chain(&mut design.minimum_version).for_each(Block::connect_all);
        design.connect_all();
        design
    }
}

kernel! {
    ApbPartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW>
    #[hdl_gen]
    fn update(&mut self) blocks(core, control) {
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.core.translate_request);
        TranslateResponse::<ADDRESS>::link(&mut self.translate_response, &mut self.core.translate_response);
        AccessRequest::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.core.physical_request);
        PhysicalResponse::link(&mut self.physical_response, &mut self.core.physical_response);
        ApbSlave::link(&mut self.s_apb, &mut self.control.bus);
        RegisterSource::join(&mut self.control.request, &mut self.core.register_request);
        RegisterSink::join(&mut self.control.response, &mut self.core.register_response);
        MemoryWrite::<ADDRESS>::link(&mut self.memory_write, &mut self.core.memory_write);
        self.irq.next = self.core.irq.val();
        self.alert.next = self.core.alert.val();
        self.active.next = self.core.active.val();
        self.sealed.next = self.core.sealed.val();
    }
    when(minimum_version) {
        self.core.minimum_version[0].next = self.minimum_version[0].val();
        self.core.device_key[0].next = self.device_key[0].val();
        self.core.device_key[1].next = self.device_key[1].val();
        self.core.device_key[2].next = self.device_key[2].val();
        self.core.device_key[3].next = self.device_key[3].val();
    }
}
