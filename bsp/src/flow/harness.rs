//! A wrapper that lets a module with more ports than pins be placed, and timed by its own paths alone.
//!
//! ```text
//! serial_in ─►[ ][ ][ ]..[ ]     a register for each input bit, the xor of the two before it
//!              │  │  │    │
//!            ┌─┴──┴──┴────┴─┐
//!            │    device    │    the module that is measured
//!            └─┬──┬──┬────┬─┘
//!             [ ][ ][ ]..[ ]     a register for each output bit
//!              └ xor of 4 ┘─►[ ]..─► serial_out     a tree, a register at each level
//! ```
//!
//! Every path is from register to register, and the wrapper's own have one cell of logic at most. Its cells lie outside
//! of the instance [`INSTANCE`] and are counted apart. A plain shift register would not do: the module's own register
//! behind an input would equal the chain's next one, and yosys would merge the two.

use std::fmt::Write;

use anyhow::{ensure, Result};

use super::netlist::{Direction, Module};

/// Name of the wrapper module.
pub const TOP: &str = "pm_measure";
/// Name of the measured module's instance in it.
pub const INSTANCE: &str = "device";

/// Verilog of the wrapper for `module`, called `name`, whose only clock is the port `clock`.
pub fn wrap(name: &str, module: &Module, clock: &str) -> Result<String> {
    let mut inputs = Vec::new();
    let mut outputs = Vec::new();
    let mut has_clock = false;
    for (port, facts) in &module.ports {
        let width = facts.bits.len();
        match facts.direction {
            Direction::Input if port == clock => {
                ensure!(width == 1, "{name}: the clock {clock} has {width} bits");
                has_clock = true;
            }
            Direction::Input => inputs.push((port, width)),
            Direction::Output => outputs.push((port, width)),
            Direction::Inout => anyhow::bail!("{name}: the harness cannot drive the inout port {port}"),
        }
    }
    let ports: Vec<&str> = module.ports.keys().map(String::as_str).collect();
    ensure!(has_clock, "{name} has no input called {clock}; its ports are {}", ports.join(", "));
    ensure!(!outputs.is_empty(), "{name} has no output, so all of it would be removed");
    let input_bits: usize = inputs.iter().map(|(_, width)| width).sum();
    let output_bits: usize = outputs.iter().map(|(_, width)| width).sum();

    let mut text = format!("module {TOP}(input clock, input serial_in, output serial_out);\n");
    let mut connections = vec![format!(".{clock}(clock)")];
    if input_bits > 0 {
        writeln!(text, "reg [{}:0] feed;", input_bits - 1)?;
        writeln!(text, "always @(posedge clock) feed <= {{feed, serial_in}} ^ {{feed, serial_in, 1'b0}};")?;
        let mut first = 0;
        for (port, width) in inputs {
            connections.push(format!(".{port}(feed[{}:{first}])", first + width - 1));
            first += width;
        }
    }
    writeln!(text, "wire [{}:0] result;", output_bits - 1)?;
    let mut first = 0;
    for (port, width) in outputs {
        connections.push(format!(".{port}(result[{}:{first}])", first + width - 1));
        first += width;
    }
    writeln!(text, "{name} {INSTANCE}({});", connections.join(", "))?;

    let (mut level, mut width) = (0, output_bits);
    writeln!(text, "reg [{}:0] level_0;\nalways @(posedge clock) level_0 <= result;", width - 1)?;
    while width > 1 {
        let folded = width.div_ceil(4);
        writeln!(text, "reg [{}:0] level_{};\nalways @(posedge clock) begin", folded - 1, level + 1)?;
        for bit in 0..folded {
            let last = (4 * bit + 3).min(width - 1);
            writeln!(text, "  level_{}[{bit}] <= ^level_{level}[{last}:{}];", level + 1, 4 * bit)?;
        }
        writeln!(text, "end")?;
        (level, width) = (level + 1, folded);
    }
    writeln!(text, "assign serial_out = level_{level}[0];\nendmodule")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(ports: &str) -> Module {
        serde_json::from_str(&format!("{{\"ports\": {ports}}}")).unwrap()
    }

    #[test]
    fn every_input_bit_is_fed_and_every_output_bit_is_folded_into_the_pin() {
        let adder = module(
            r#"{"a": {"direction": "input", "bits": [2, 3, 4]}, "clock": {"direction": "input", "bits": [5]},
                "y": {"direction": "output", "bits": [6, 7, 8, 9]}, "z": {"direction": "output", "bits": [10]}}"#,
        );
        let expected = "\
module pm_measure(input clock, input serial_in, output serial_out);
reg [2:0] feed;
always @(posedge clock) feed <= {feed, serial_in} ^ {feed, serial_in, 1'b0};
wire [4:0] result;
adder device(.clock(clock), .a(feed[2:0]), .y(result[3:0]), .z(result[4:4]));
reg [4:0] level_0;
always @(posedge clock) level_0 <= result;
reg [1:0] level_1;
always @(posedge clock) begin
  level_1[0] <= ^level_0[3:0];
  level_1[1] <= ^level_0[4:4];
end
reg [0:0] level_2;
always @(posedge clock) begin
  level_2[0] <= ^level_1[1:0];
end
assign serial_out = level_2[0];
endmodule
";
        assert_eq!(wrap("adder", &adder, "clock").unwrap(), expected);
    }

    #[test]
    fn what_cannot_be_wrapped_is_an_error_that_names_the_port() {
        let check = |ports: &str, says: &str| {
            let error = wrap("odd", &module(ports), "clock").unwrap_err().to_string();
            assert!(error.contains(says), "{error:?} does not say {says:?}");
        };
        check(r#"{"clk": {"direction": "input", "bits": [2]}}"#, "no input called clock; its ports are clk");
        check(r#"{"clock": {"direction": "input", "bits": [2, 3]}}"#, "the clock clock has 2 bits");
        check(r#"{"clock": {"direction": "input", "bits": [2]}}"#, "no output");
        check(r#"{"bus": {"direction": "inout", "bits": [2]}}"#, "inout port bus");
    }
}
