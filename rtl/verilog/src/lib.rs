//! A width-exact Verilog-2005 backend for rust-hdl blocks, and the cells that it knows.

pub mod cells;

pub use pastey;
