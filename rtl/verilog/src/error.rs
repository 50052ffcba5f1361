//! Why a block was not translated: where, what, and what to do about it.

use std::fmt;

/// A refusal to emit. Nothing is ever emitted beside it: a partly right netlist is a wrong one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmitError {
    /// Path of the block, as written in Rust: `partition_manager.table.entries[3]`.
    pub block: String,
    /// The statement, expression or field at fault, as close to its Rust text as the syntax tree allows.
    pub at: String,
    /// What is wrong with it.
    pub what: String,
    /// What to write instead.
    pub advice: String,
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.block)?;
        if !self.at.is_empty() {
            write!(f, "`{}`: ", self.at)?;
        }
        write!(f, "{}; {}", self.what, self.advice)
    }
}

impl std::error::Error for EmitError {}

/// An error that does not know yet in which block and statement it happened.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub what: String,
    pub advice: String,
}

pub(crate) fn fault(what: impl Into<String>, advice: impl Into<String>) -> Fault {
    Fault { what: what.into(), advice: advice.into() }
}

impl Fault {
    /// Places the fault.
    pub fn at(self, block: &str, at: impl Into<String>) -> EmitError {
        EmitError { block: block.into(), at: at.into(), what: self.what, advice: self.advice }
    }
}
