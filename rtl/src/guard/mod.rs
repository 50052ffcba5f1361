//! Guards: the Partition Manager between the masters of a bus and its memory, above the core.

mod axi_lite_control;
mod memory_watch;
mod stall_timer;

pub mod axi4;
pub mod bridge;
pub mod wishbone;

pub use axi_lite_control::{AxiLiteControl, AxiLiteSlave};
pub use memory_watch::MemoryWatch;
pub use stall_timer::StallTimer;
