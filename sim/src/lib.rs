//! Everything that drives a Partition Manager: one [`Device`] over model and RTL, scenarios, trace replay.

pub mod boot;
pub mod campaign;
pub mod cosim;
pub mod device;
pub mod figures;
pub mod footprint;
pub mod load;
pub mod pace;
pub mod replay;
mod rtl;
pub mod scenario;
pub mod speed;
pub mod tlb;
pub mod trace;
pub mod upset;
pub mod vcd;
mod verilated;

pub use device::{Device, DeviceError, ModelDevice, Ports};
pub use pm_block_cosim as block_cosim;
pub use pm_block_cosim::inputs;
pub use pm_system::input::{InputError, UsageError};
pub use pm_system::{input, table};
pub use replay::{Replay, ReplayOptions};
pub use rtl::{rtl_device, rtl_pins, Offered, Pins, Shown};
pub use scenario::Scenario;
pub use verilated::Verilated;
