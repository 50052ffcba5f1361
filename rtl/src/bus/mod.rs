//! What the outside connects to.

mod ports;

pub use ports::{
    AccessRequest, MemoryWrite, PhysicalResponse, RegisterRequest, RegisterResponse, TranslateResponse,
};
