//! Golden model of the Partition Manager: the behaviour in plain Rust, knowing no RTL.
//!
//! ```text
//!  Access ──► translate::verdict ─┐                       ┌─► audit::Log ──► AuditRecord
//!  Access ──► physical::verdict ──┼──► Model (counts, ────┼─► IRQ_STATUS, FAULT_*, COUNT_*
//!  Operation ► commands::check ───┘    logs, remembers)   └─► Tables, Memory
//! ```
//!
//! Every decision is a pure function over [`Tables`] that starts from deny; [`Model`] does what was decided and
//! remembers it. Partition Table, CAM and shadow page tables are separate state, as in hardware, so that one can be
//! corrupted ([`Fault`]) and the others must notice.
//!
//! The model is not cycle accurate: it is told the time ([`Model::set_time`], [`Model::advance`]).

pub mod audit;
mod boot;
pub mod chain;
pub mod commands;
mod invariants;
mod loader;
pub mod log;
pub mod manifest;
mod memory;
mod model;
mod operate;
pub mod physical;
mod registers;
mod tables;
#[cfg(test)]
mod tests;
pub mod translate;
mod types;

pub use memory::Memory;
pub use model::{AccessPort, Model};
pub use pm_interface::{AuditRecord, BootState, Command, Event, Geometry, Kind, Reason, Rights, Status};
pub use tables::{CamRow, Configuration, Fault, ShadowEntry, Slot, Tables, Tail, Word};
pub use types::{Access, BusError, Operation, Outcome, PhysicalVerdict, Row, Translation};
