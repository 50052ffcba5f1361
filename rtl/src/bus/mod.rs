//! What the outside connects to.

mod axi_lite_control;
mod ports;

pub use axi_lite_control::{AxiLiteControl, AxiLiteSlave};
pub use ports::{
    AccessRequest, MemoryWrite, PhysicalResponse, RegisterRequest, RegisterResponse, RegisterSink,
    RegisterSource, TranslateResponse,
};
