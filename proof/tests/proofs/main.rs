//! Proofs, faults and known mistakes, in one binary. What the command line makes of them is tested in the root package.

mod museum;
mod proofs;
