//! Every test that spans crates, in one binary.

mod pm;
mod replay;
mod scenario;
