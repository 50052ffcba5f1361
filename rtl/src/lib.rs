//! Synthesizable blocks of the Partition Manager.
#![allow(missing_docs)]

pub mod bus;
pub mod datapath;
