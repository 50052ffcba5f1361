//! Every test that spans crates, in one binary.

mod conformance;
mod emitted;
mod pm;
mod replay;
mod scenario;
