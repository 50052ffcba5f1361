//! The backend against the RustHDL simulation: emitted text is run by Icarus Verilog over every input.

#[macro_use]
mod support;

mod codes;
mod miscompiles;
mod names;
mod nodes;
mod refusals;
mod structure;
