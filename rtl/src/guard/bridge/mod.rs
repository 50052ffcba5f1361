//! Translate port, standard MMU and physical port as one in-order stream, and a standard MMU.

mod mmu_bridge;
mod ports;
mod standard_mmu;

pub use mmu_bridge::MmuBridge;
pub use ports::{BridgeRequest, BridgeResponse, BridgeSink, BridgeSource, MmuFill, MmuRequest, MmuResponse, MmuSink, MmuSource};
pub use standard_mmu::{MmuEntry, StandardMmu};
