//! What the outside connects to.

pub mod axi4;
mod axi_lite_control;
mod ports;

pub use axi_lite_control::{AxiLiteControl, AxiLiteSlave};
pub use ports::{
    AccessRequest, BridgeSink, BridgeSource, MemoryWrite, PhysicalResponse, RegisterRequest, RegisterResponse, RegisterSink, RegisterSource,
    TranslateResponse,
};
