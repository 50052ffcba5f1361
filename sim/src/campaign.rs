//! What campaigns that are kept in a file have in common.

use anyhow::{ensure, Result};
use std::fmt::Debug;

/// Results are continued only by the plan that they are of, over the design that they are of: plan and hash of both.
///
/// # Errors
/// When they are of another plan, or another `of`: a text, a netlist.
pub fn continues<P: PartialEq + Debug>(earlier: (&P, &str), asked: (&P, &str), of: &str) -> Result<()> {
    ensure!(earlier.0 == asked.0, "these results are of another campaign: {:?}", earlier.0);
    ensure!(earlier.1 == asked.1, "these results are of another {of}; the design has changed since");
    Ok(())
}
