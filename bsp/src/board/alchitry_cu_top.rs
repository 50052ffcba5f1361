//! The Alchitry Cu: the Partition Manager of the `cu` preset, or of `mcu`, and what the board puts around it.
//!
//! ```text
//!   button_n --> reset synchroniser --> reset of everything
//!   uart_rx ---> +-----------+ --translate, physical, registers--> +-----------+ --active, sealed, alert--> leds
//!   uart_tx <--- | host side | <------------ scrubber ------------ |    PM     |                             |
//!                +-----------+ <------------------------------------------------------- tick ----------------'
//! ```

use super::{HostSide, Leds, ResetSynchroniser};
use crate::pins;
use pm_interface::manifest::{DEVELOPMENT_KEY, DEVELOPMENT_VERSION};
use pm_interface::{words_of, Geometry};
use pm_rtl::ports::{AccessSource, PhysicalSink, RegisterSink, RegisterSource, ScrubSink, TranslateSink};
use pm_rtl::PartitionManager;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// The board with the preset `mcu`.
pub type McuTop<const STRETCH: usize = 16, const BEAT: usize = 26> = AlchitryCuTop<STRETCH, BEAT, 12, 1, 2, 3, 3, 4, 2, 2, 5, 5>;

/// Times that a simulation shortens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardTiming {
    /// Clock cycles of a bit on the serial line.
    pub divider: u64,
    /// A tick comes every `2^tick_bits` cycles; one to two ticks without a byte end a frame.
    pub tick_bits: usize,
}

impl BoardTiming {
    /// The board: 1 Mbaud and a tick every 10.5 ms, from 100 MHz.
    pub const BOARD: BoardTiming = BoardTiming { divider: pins::CLOCK_SPEED_100MHZ / 1_000_000, tick_bits: 20 };
    /// Times for a simulation, as short as the design allows.
    pub const SIMULATION: BoardTiming = BoardTiming { divider: 4, tick_bits: 7 };
}

block! {
    /// The whole board. `STRETCH` and `BEAT` are the bits of the reset's and the heartbeat's counters; the others are the widths
    /// of the Partition Manager, of `cu` unless others are named, and of the standard MMU's physical and logical page numbers and
    /// its entries' places.
    pub struct AlchitryCuTop<STRETCH = 16, BEAT = 26, ADDRESS = 32, TENANT = 3, SLOT = 4, PAGE = 8, BLOCK = 5, SHADOW = 11, FRAME = 12, INDEX = 5, ENTRIES = 8, LENGTH = 13> for geometry, timing: BoardTiming {
        /// Clock of the board, 100 MHz; the rising edge samples every register.
        pub clock: Signal<In, Clock> = pins::clock(),
        /// Reset button, asynchronous, low while pressed.
        pub button_n: Signal<In, Bit> = pins::button_n(),
        /// Serial data from the host.
        pub uart_rx: Signal<In, Bit> = pins::uart_rx(),
        /// Serial data to the host.
        pub uart_tx: Signal<Out, Bit> = pins::uart_tx(),
        /// LEDs of the board; their meaning is in [`Leds`].
        pub leds: Signal<Out, Bits<8>> = pins::leds(),
        reset_synchroniser: ResetSynchroniser<STRETCH>,
        lights: Leds<BEAT> = Leds::new(timing.tick_bits),
        /// Serial line, protocol, standard MMU, bridge and memory.
        pub host_side: HostSide<ADDRESS, FRAME, INDEX, ENTRIES, LENGTH> = HostSide::new(geometry, timing.divider),
        /// The Partition Manager.
        pub partition_manager: PartitionManager<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = PartitionManager::new(geometry, 0, false),
        development_key_0: Constant<Bits<32>> = key_word(0),
        development_key_1: Constant<Bits<32>> = key_word(1),
        development_key_2: Constant<Bits<32>> = key_word(2),
        development_key_3: Constant<Bits<32>> = key_word(3),
        development_version: Constant<Bits<32>> = Constant::new(u64::from(DEVELOPMENT_VERSION).into()),
    }
}

/// A word of the development key.
fn key_word(index: usize) -> Constant<Bits<32>> {
    Constant::new(u64::from(words_of(DEVELOPMENT_KEY)[index]).into())
}

impl<
        const STRETCH: usize,
        const BEAT: usize,
        const ADDRESS: usize,
        const TENANT: usize,
        const SLOT: usize,
        const PAGE: usize,
        const BLOCK: usize,
        const SHADOW: usize,
        const FRAME: usize,
        const INDEX: usize,
        const ENTRIES: usize,
        const LENGTH: usize,
    > AlchitryCuTop<STRETCH, BEAT, ADDRESS, TENANT, SLOT, PAGE, BLOCK, SHADOW, FRAME, INDEX, ENTRIES, LENGTH>
{
    /// The board as it is built, connected and ready to be emitted.
    ///
    /// # Panics
    /// When the geometry's widths are not the type's.
    pub fn board(geometry: &Geometry) -> Self {
        let mut top = Self::new(geometry, BoardTiming::BOARD);
        top.connect_all();
        top
    }
}

kernel! {
    AlchitryCuTop<STRETCH, BEAT, ADDRESS, TENANT, SLOT, PAGE, BLOCK, SHADOW, FRAME, INDEX, ENTRIES, LENGTH>
    #[hdl_gen]
    fn update(&mut self) clocked(reset_synchroniser, lights, host_side, partition_manager) {
        self.reset_synchroniser.button_n.next = self.button_n.val();
        self.lights.reset.next = self.reset_synchroniser.reset.val();
        self.host_side.reset.next = self.reset_synchroniser.reset.val();
        self.partition_manager.reset.next = self.reset_synchroniser.reset.val();

        self.host_side.uart_rx.next = self.uart_rx.val();
        self.uart_tx.next = self.host_side.uart_tx.val();
        self.host_side.tick.next = self.lights.tick.val();

        AccessSource::<ADDRESS, LENGTH>::join(
            &mut self.host_side.translate_request,
            &mut self.partition_manager.translate_request,
        );
        TranslateSink::<ADDRESS>::join(&mut self.host_side.translate_response, &mut self.partition_manager.translate_response);
        AccessSource::<ADDRESS, LENGTH>::join(&mut self.host_side.physical_request, &mut self.partition_manager.physical_request);
        PhysicalSink::join(&mut self.host_side.physical_response, &mut self.partition_manager.physical_response);
        RegisterSource::join(&mut self.host_side.register_request, &mut self.partition_manager.register_request);
        RegisterSink::join(&mut self.host_side.register_response, &mut self.partition_manager.register_response);
        ScrubSink::<ADDRESS>::join(&mut self.host_side.scrub, &mut self.partition_manager.memory_write);

        self.lights.active.next = self.partition_manager.active.val();
        self.lights.sealed.next = self.partition_manager.sealed.val();
        self.lights.alert.next = self.partition_manager.alert.val();
        self.leds.next = self.lights.leds.val();
        // With authenticated boot: the key that everybody knows. A product has its own, from fuses or the like.
        for _i in 0..self.partition_manager.minimum_version.len() {
            self.partition_manager.device_key[0].next = self.development_key_0.val();
            self.partition_manager.device_key[1].next = self.development_key_1.val();
            self.partition_manager.device_key[2].next = self.development_key_2.val();
            self.partition_manager.device_key[3].next = self.development_key_3.val();
            self.partition_manager.minimum_version[0].next = self.development_version.val();
        }
    }
}
