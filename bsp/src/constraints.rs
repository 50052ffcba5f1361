//! Pin and clock constraints for nextpnr, made from the pins that the board's Rust top names.
//!
//! The committed copy is `constraints/alchitry_cu.pcf`; a test fails when it is stale.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{bail, ensure, Result};
use rust_hdl::core::prelude::*;

/// The `.pcf` of `board`: every port's pins, and `clock_mhz` as the target for the port `clock`.
///
/// An error for a port bit without a pin, a pin used twice, or a board without that port.
pub fn pcf(board: &dyn Block, clock: &str, clock_mhz: f64) -> Result<String> {
    let mut ports = Ports::default();
    board.accept("board", &mut ports);
    ensure!(ports.pins.iter().any(|(port, _)| port == clock), "the board has no port called {clock}");
    let mut text = format!(
        "# Pins and clock target of the Alchitry Cu (iCE40 HX8K, cb132), made from the Rust pins: do not edit.\n\
         # `PM_UPDATE=1 cargo test -p pm-bsp --test constraints` makes it anew.\n\
         set_frequency {clock} {clock_mhz}\n"
    );
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (bit, pin) in &ports.pins {
        let Some(pin) = pin else { bail!("the board's port {bit} has no pin") };
        if let Some(other) = taken.insert(pin, bit) {
            bail!("pin {pin} is used by both {other} and {bit}");
        }
        writeln!(text, "set_io {bit} {pin}")?;
    }
    Ok(text)
}

/// Collects every bit of the outermost block's ports, with its pin.
#[derive(Default)]
struct Ports {
    depth: usize,
    around: Vec<String>,
    pins: Vec<(String, Option<String>)>,
}

impl Probe for Ports {
    fn visit_start_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth += 1;
    }

    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth -= 1;
    }

    fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
        self.around.push(name.to_string());
    }

    fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
        self.around.pop();
    }

    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        if self.depth != 1 || !signal.kind().is_parameter() {
            return;
        }
        let name = self.around.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("_");
        let pins = signal.constraints();
        for index in 0..signal.bits() {
            let bit = if signal.bits() == 1 { name.clone() } else { format!("{name}[{index}]") };
            let pin = pins.iter().find_map(|pin| match &pin.constraint {
                Constraint::Location(place) if pin.index == index => Some(place.clone()),
                _ => None,
            });
            self.pins.push((bit, pin));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_hdl_bsp_alchitry_cu::pins;

    #[derive(LogicBlock)]
    struct Blinker {
        clock: Signal<In, Clock>,
        leds: Signal<Out, Bits<8>>,
        spare: Signal<In, Bit>,
        inner: Signal<Local, Bit>,
    }

    impl Logic for Blinker {
        #[hdl_gen]
        fn update(&mut self) {
            self.leds.next = 0.into();
            self.inner.next = self.spare.val();
        }
    }

    fn blinker(spare: Option<&str>) -> Blinker {
        let mut spare_pin = Signal::default();
        if let Some(pin) = spare {
            spare_pin.add_location(0, pin);
        }
        Blinker { clock: pins::clock(), leds: pins::leds(), spare: spare_pin, inner: Default::default() }
    }

    #[test]
    fn every_port_bit_gets_its_pin_and_the_clock_its_target() {
        let text = pcf(&blinker(Some("P8")), "clock", 100.0).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                "set_frequency clock 100",
                "set_io clock P7",
                "set_io leds[0] J11",
                "set_io leds[1] K11",
                "set_io leds[2] K12",
                "set_io leds[3] K14",
                "set_io leds[4] L12",
                "set_io leds[5] L14",
                "set_io leds[6] M12",
                "set_io leds[7] N14",
                "set_io spare P8",
            ]
        );
    }

    #[test]
    fn a_port_without_a_pin_and_a_pin_used_twice_are_errors() {
        let error = pcf(&blinker(None), "clock", 100.0).unwrap_err().to_string();
        assert_eq!(error, "the board's port spare has no pin");
        let error = pcf(&blinker(Some("P7")), "clock", 100.0).unwrap_err().to_string();
        assert_eq!(error, "pin P7 is used by both clock and spare");
        let error = pcf(&blinker(Some("P8")), "clk", 100.0).unwrap_err().to_string();
        assert_eq!(error, "the board has no port called clk");
    }
}
