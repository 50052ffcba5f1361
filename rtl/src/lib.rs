//! Synthesizable blocks of the Partition Manager.
#![allow(missing_docs)]

pub mod bus;
pub mod constants;
pub mod datapath;
pub mod store;
