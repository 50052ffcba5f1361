//! Starts the programs that [`pm_tools`] finds.

mod runner;

use anyhow::Result;

pub use pm_tools::{Tool, Toolbox};
pub use runner::{Ended, Finished, Run};

/// Runs of what a toolbox finds.
pub trait Start {
    /// A run of `tool`.
    ///
    /// # Errors
    /// When it is missing.
    fn run(&self, tool: Tool) -> Result<Run>;
}

impl Start for Toolbox {
    fn run(&self, tool: Tool) -> Result<Run> {
        Ok(Run::new(self.find(tool)?))
    }
}
