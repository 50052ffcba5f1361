//! Host side: all blocks on the board except the Partition Manager: serial line, protocol, standard MMU, bridge and memory.
//!
//! ```text
//!   uart_rx --> receiver --> frame --> host port --> registers -----------> PM
//!   uart_tx <-- transmitter <-- reply <--'  |  |'--> bridge --> translate ---> PM
//!                                           |  |       |'-----> physical ----> PM
//!                                           |  |       '--> standard MMU
//!                                           |  '--> standard MMU (fill)
//!                                           '--> memory <-- scrubber <-------- PM
//! ```
//!
//! Wires only: there is no decision in this block.

use super::ports::{FillSource, FrameSink, MemorySink, MemorySource, ReplySource};
use super::{BoardMemory, FrameReceiver, FrameTransmitter, HostPort, UartReceiver, UartTransmitter};
use crate::protocol::PAGE_BITS;
use pm_rtl::guard::bridge::{BridgeSink, BridgeSource, MmuBridge, MmuSink, MmuSource, StandardMmu};
use pm_rtl::ports::{AccessSource, PhysicalSink, RegisterSink, RegisterSource, ScrubSink, TranslateSink};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// The standard MMU of the board: up to 8 tenants, `2^INDEX` pages of 1 KiB each, physical page numbers of `FRAME` bits;
/// `ENTRIES` is `INDEX` and 3.
pub type BoardMmu<
    const ADDRESS: usize = 32,
    const FRAME: usize = 12,
    const INDEX: usize = 5,
    const ENTRIES: usize = 8,
    const LENGTH: usize = 13,
> = StandardMmu<ADDRESS, LENGTH, 3, INDEX, ENTRIES, FRAME>;

block! {
    /// Connects the Partition Manager with the host, the standard MMU and the memory.
    pub struct HostSide<ADDRESS = 32, FRAME = 12, INDEX = 5, ENTRIES = 8, LENGTH = 13> for geometry, divider: u64 {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: every block restarts, and the memory is cleared.
        pub reset: Signal<In, Bit>,
        /// Slow tick, for time-outs.
        pub tick: Signal<In, Bit>,
        /// Serial data from the host.
        pub uart_rx: Signal<In, Bit>,
        /// Serial data to the host.
        pub uart_tx: Signal<Out, Bit>,
        /// Requests to the translate port of the Partition Manager.
        pub translate_request: AccessSource<ADDRESS, LENGTH>,
        /// Responses of the translate port.
        pub translate_response: TranslateSink<ADDRESS>,
        /// Requests to the physical port of the Partition Manager.
        pub physical_request: AccessSource<ADDRESS, LENGTH>,
        /// Responses of the physical port.
        pub physical_response: PhysicalSink,
        /// Strobes to the register port of the Partition Manager.
        pub register_request: RegisterSource,
        /// Answers of the register port to the strobes.
        pub register_response: RegisterSink,
        /// Words of zeros from the scrubber.
        pub scrub: ScrubSink<ADDRESS>,
        receiver: UartReceiver<7> = UartReceiver::new(divider),
        transmitter: UartTransmitter<7> = UartTransmitter::new(divider),
        frame_receiver: FrameReceiver,
        frame_transmitter: FrameTransmitter,
        host_port: HostPort<ADDRESS, FRAME, INDEX, LENGTH> = HostPort::new(geometry.largest_pool()),
        bridge: MmuBridge<ADDRESS, LENGTH>,
        mmu: BoardMmu<ADDRESS, FRAME, INDEX, ENTRIES, LENGTH> = BoardMmu::new(geometry.tenants, PAGE_BITS),
        /// Memory of the board, in block RAM.
        pub memory: BoardMemory = BoardMemory::new(geometry.largest_pool()),
    }
}

kernel! {
    HostSide<ADDRESS, FRAME, INDEX, ENTRIES, LENGTH>
    #[hdl_gen]
    fn update(&mut self) blocks(receiver, transmitter, frame_receiver, frame_transmitter, host_port, bridge, mmu, memory) {
        self.receiver.line.next = self.uart_rx.val();
        self.frame_receiver.received.next = self.receiver.received.val();
        self.frame_receiver.valid.next = self.receiver.valid.val();
        self.frame_receiver.framing_error.next = self.receiver.framing_error.val();
        self.frame_receiver.tick.next = self.tick.val();
        FrameSink::join(&mut self.host_port.frame, &mut self.frame_receiver.frame);

        ReplySource::join(&mut self.host_port.reply, &mut self.frame_transmitter.reply);
        self.transmitter.character.next = self.frame_transmitter.character.val();
        self.transmitter.valid.next = self.frame_transmitter.valid.val();
        self.frame_transmitter.ready.next = self.transmitter.ready.val();
        self.uart_tx.next = self.transmitter.line.val();

        RegisterSource::link(&mut self.register_request, &mut self.host_port.register_request);
        RegisterSink::link(&mut self.register_response, &mut self.host_port.register_response);
        FillSource::<INDEX, FRAME>::join(&mut self.host_port.fill, &mut self.mmu.fill);
        BridgeSource::<ADDRESS, LENGTH>::join(&mut self.host_port.bridge_request, &mut self.bridge.request);
        BridgeSink::<ADDRESS>::join(&mut self.host_port.bridge_response, &mut self.bridge.response);
        MemorySource::join(&mut self.host_port.memory_request, &mut self.memory.request);
        MemorySink::join(&mut self.host_port.memory_response, &mut self.memory.response);

        AccessSource::<ADDRESS, LENGTH>::link(&mut self.translate_request, &mut self.bridge.translate_request);
        TranslateSink::<ADDRESS>::link(&mut self.translate_response, &mut self.bridge.translate_response);
        AccessSource::<ADDRESS, LENGTH>::link(&mut self.physical_request, &mut self.bridge.physical_request);
        PhysicalSink::link(&mut self.physical_response, &mut self.bridge.physical_response);
        MmuSource::<ADDRESS, LENGTH>::join(&mut self.bridge.mmu_request, &mut self.mmu.request);
        MmuSink::<ADDRESS>::join(&mut self.bridge.mmu_response, &mut self.mmu.response);
        self.memory.scrub.valid.next = self.scrub.valid.val();
        self.memory.scrub.address.next = bit_cast::<32, ADDRESS>(self.scrub.address.val());
        self.memory.scrub.data.next = self.scrub.data.val();
        self.scrub.ready.next = self.memory.scrub.ready.val();
    }
}
