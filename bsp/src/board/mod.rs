//! The blocks of the Alchitry Cu design.

mod alchitry_cu_top;
mod crc;
mod frame_receiver;
mod frame_transmitter;
mod host_next_state;
mod host_outcome;
mod host_port;
mod host_side;
mod host_state;
mod leds;
mod memory;
mod opcode_decoder;
mod payload_place;
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
pub use host_next_state::HostNextState;
pub use host_outcome::HostOutcome;
pub use host_port::HostPort;
pub use host_side::{BoardMmu, HostSide};
pub use host_state::HostState;
pub use leds::Leds;
pub use memory::BoardMemory;
pub use opcode_decoder::OpcodeDecoder;
pub use payload_place::PayloadPlace;
pub use ports::*;
pub use reset::ResetSynchroniser;
pub use uart_receiver::UartReceiver;
pub use uart_transmitter::UartTransmitter;

use anyhow::{bail, Result};
use pm_interface::Geometry;
use rust_hdl::prelude::Block;

/// The presets that the board is built for, with any features.
pub const GEOMETRIES: [&str; 2] = ["cu", "mcu"];

/// The board as it is built, in the shape of a geometry, connected and ready to be emitted. Both shapes are compiled here, once,
/// without optimisation; a simulation compiles its own.
///
/// # Errors
/// When no board has this geometry.
pub fn block(geometry: &Geometry) -> Result<Box<dyn Block>> {
    match geometry.preset_name() {
        "cu" => Ok(Box::new(<AlchitryCuTop>::board(geometry))),
        "mcu" => Ok(Box::new(<McuTop>::board(geometry))),
        _ => bail!("the board is built for the geometries {}, not {}", GEOMETRIES.join(" and "), geometry.name),
    }
}
