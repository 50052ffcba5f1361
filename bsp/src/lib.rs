//! The Alchitry Cu: board top and pins, and the flow from Verilog to a bitstream.

pub mod bitstream;
pub mod board;
pub mod constraints;
pub mod flow;
pub mod host;
pub mod pins;
pub mod protocol;
pub mod tools;
