//! The pins of the Alchitry Cu (iCE40 HX8K, cb132) that this design uses.
//!
//! Clock and LEDs come from `rust-hdl-bsp-alchitry-cu`; what that crate lacks is here, from the Alchitry Cu's schematic.

use rust_hdl::prelude::*;
pub use rust_hdl_bsp_alchitry_cu::pins::{clock, leds, CLOCK_SPEED_100MHZ};

/// Reset button, low while pressed.
pub const RESET_BUTTON: &str = "P8";
/// Serial data from the FTDI bridge.
pub const UART_RX: &str = "P14";
/// Serial data to the FTDI bridge.
pub const UART_TX: &str = "M9";

/// The reset button: low while pressed.
pub fn button_n() -> Signal<In, Bit> {
    let mut pin = Signal::<In, Bit>::default();
    pin.add_location(0, RESET_BUTTON);
    pin.connect();
    pin
}

/// The serial line from the host; high when idle.
pub fn uart_rx() -> Signal<In, Bit> {
    let mut pin = Signal::<In, Bit>::default();
    pin.add_location(0, UART_RX);
    pin.connect();
    pin
}

/// The serial line to the host; high when idle.
pub fn uart_tx() -> Signal<Out, Bit> {
    let mut pin = Signal::<Out, Bit>::default();
    pin.add_location(0, UART_TX);
    pin
}
