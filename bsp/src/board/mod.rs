//! The blocks of the Alchitry Cu design.

mod alchitry_cu_top;
mod crc;
mod frame_receiver;
mod frame_transmitter;
mod host_port;
mod host_side;
mod leds;
mod memory;
mod ports;
mod reset;
#[cfg(test)]
mod testing;
mod uart_receiver;
mod uart_transmitter;

pub use alchitry_cu_top::{AlchitryCuTop, BoardTiming, McuTop};
pub use crc::Crc16;
pub use frame_receiver::FrameReceiver;
pub use frame_transmitter::FrameTransmitter;
pub use host_port::HostPort;
pub use host_side::{BoardMmu, HostSide};
pub use leds::Leds;
pub use memory::BoardMemory;
pub use ports::*;
pub use reset::ResetSynchroniser;
pub use uart_receiver::UartReceiver;
pub use uart_transmitter::UartTransmitter;
