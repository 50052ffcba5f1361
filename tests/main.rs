//! Every test that spans crates, in one binary.

mod alerts;
mod audit_log;
mod bench;
mod boot;
mod chain;
mod check;
mod cocotb;
mod conformance;
mod crypto;
mod datapath;
mod emitted;
mod exhaustive;
mod faults;
mod fusesoc;
mod manifest;
mod pm;
mod proofs;
mod replay;
mod report;
mod scenario;
mod scrub;
mod tidy;
mod timing;
mod together;
mod tools;
mod workflow;
