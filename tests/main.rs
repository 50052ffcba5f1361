//! Every test that spans crates, in one binary.
