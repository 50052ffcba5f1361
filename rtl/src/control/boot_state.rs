//! The state of the boot gate.

use rust_hdl::prelude::*;

/// Mirrors `pm_interface::BootState`.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum BootState {
    /// The shadow page tables are being cleared.
    Clearing,
    /// The gate waits for an activation.
    Closed,
    /// The gate examines the configuration.
    Checking,
    /// The configuration was refused.
    Refused,
    /// The gate is open until reset.
    Active,
}
