//! Everything that drives a Partition Manager: one [`Device`] over model and RTL, scenarios, trace replay.

pub mod cosim;
pub mod device;
mod rtl;

pub use device::{Device, DeviceError, ModelDevice, Ports};
pub use rtl::rtl_device;
