//! Synthesizable blocks of the Partition Manager: hardware that gives every tenant memory partitions of its own.
//!
//! This crate knows no board, no file and no process. [`PartitionManager`] is the top; `pm-designs` makes its shapes.

// `LogicStruct` and `LogicInterface` generate public methods without a doc line; what is written here has them.
#![allow(missing_docs)]
// A hardware enum has codes that no variant names: the `_` arm is for those, though Rust cannot see them.
#![allow(unreachable_patterns)]
// The guard of a match arm is lost in the syntax tree of a kernel, so an `if` stands inside the arm.
#![allow(clippy::collapsible_match)]

#[cfg(test)]
mod bench;
pub mod constants;
pub mod control;
pub mod crypto;
pub mod datapath;
pub mod guard;
mod partition_manager;
pub mod port_docs;
pub mod ports;
pub mod shape;
pub mod store;

pub use partition_manager::PartitionManager;
