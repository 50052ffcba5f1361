//! The Alchitry Cu: board top and pins, and the flow from Verilog to a bitstream.

pub mod flow;
pub mod tools;
