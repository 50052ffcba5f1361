//! Guards: the Partition Manager between the masters of a bus and its memory, above the core.

mod apb_control;
mod apb_partition_manager;
mod axi_lite_control;
mod control_bus;
mod memory_watch;
mod source_bank;
mod source_map;
mod source_match;
mod stall_timer;

pub mod axi4;
pub mod bridge;
pub mod wishbone;

pub use apb_control::{ApbControl, ApbSlave};
pub use apb_partition_manager::ApbPartitionManager;
pub use axi_lite_control::{AxiLiteControl, AxiLiteSlave};
pub use control_bus::ControlBus;
pub use memory_watch::MemoryWatch;
pub use source_bank::{check_sources, SourceBank, SourceEntry, MAX_SOURCES};
pub use source_map::SourceMap;
pub use source_match::SourceMatch;
pub use stall_timer::StallTimer;
