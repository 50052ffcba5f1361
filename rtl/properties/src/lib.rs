//! Properties of the Partition Manager that are proven, written as hardware.
//!
//! ```text
//!   free inputs --> design ----probes----> monitor --holds--> assert
//!                     any row, any page ----^   '--assumed--> assume
//! ```
//!
//! A monitor is a RustHDL block that is emitted like the design; a [`Property`] is one output of one monitor. [`harness`] puts
//! design and monitor into one module: for the provers, with assertions, or for a simulator, with the monitor's outputs as ports.
//! A monitor reads the design's ports and, by name, the signals inside, and computes the expected outputs from them a second
//! time.
//!
//! This crate knows no file and no process.

// `LogicStruct` and `LogicInterface` generate public methods without a doc line; every item written here has a doc line.
#![allow(missing_docs)]

pub mod accounts;
pub mod allocation;
pub mod block_reach;
pub mod boot;
pub mod calm;
pub mod flight;
pub mod harness;
pub mod interference;
mod monitor;
pub mod physical_decision;
pub mod progress;
mod properties;
pub mod reach;
pub mod row_age;
pub mod row_writes;
pub mod same_stages;
pub mod sizes;
pub mod slot_row;
pub mod tables;
pub mod translate_decision;
pub mod wakeup;
pub mod written_row;

pub use harness::{harness, Harness, Use};
pub use monitor::{monitor, Monitor, MonitorKind, Wire};
pub use properties::{Method, Property, SeededFault, Top, PROPERTIES};
