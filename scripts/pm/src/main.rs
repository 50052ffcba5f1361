//! The `pm` command line.
fn main() {}
