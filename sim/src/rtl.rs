//! The RTL as a [`Device`]: its ports, driven cycle by cycle.

use crate::Device;
use anyhow::{bail, Result};
use pm_interface::Geometry;

/// The RTL for this geometry, reset and ready to be activated.
pub fn rtl_device(geometry: &Geometry) -> Result<Box<dyn Device>> {
    bail!("the RTL cannot be driven in this version (geometry {:?}); use the golden model with --model", geometry.name)
}
