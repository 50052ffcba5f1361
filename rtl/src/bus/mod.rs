//! What the outside connects to.

pub mod axi4;
mod axi_lite_control;
mod ports;
mod wishbone;
mod wishbone_control;
mod wishbone_guard;
mod wishbone_merge;
mod wishbone_partition_manager;

pub use axi_lite_control::{AxiLiteControl, AxiLiteSlave};
pub use ports::{
    AccessRequest, BridgeSink, BridgeSource, MemoryWrite, PhysicalResponse, RegisterRequest, RegisterResponse, RegisterSink,
    RegisterSource, ScrubSink, TranslateResponse,
};
pub use wishbone::{BeatSink, BeatSource, WishboneControlSlave, WishboneMaster, WishboneSlave};
pub use wishbone_control::WishboneControl;
pub use wishbone_guard::WishboneGuard;
pub use wishbone_merge::WishboneMerge;
pub use wishbone_partition_manager::WishbonePartitionManager;
