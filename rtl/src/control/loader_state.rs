//! The state of the manifest loader.

use rust_hdl::prelude::*;

/// State of the loader.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum LoaderState {
    /// Waits for words, and for their end.
    Waiting,
    /// The tag takes the security version for its nonce.
    Nonce,
    /// A word for the tag is being read.
    Feed,
    /// The word is offered to the tag.
    Offer,
    /// A word is being read.
    Fetch,
    /// The word is being examined.
    Look,
    /// The word is judged.
    Judge,
    /// The findings of the state before take effect.
    Turn,
    /// A register waits for a cycle that the host leaves free.
    Write,
    /// Waits for the register's answer.
    Answer,
    /// Waits for the gate's verdict on pool and window.
    Configure,
    /// The pool is being zeroed.
    Scrub,
    /// Waits for room in the log.
    Room,
    /// Waits for the end of a command.
    Command,
    /// The record is on its way to the log.
    Record,
    /// The device is open.
    Open,
    /// The device is closed; waits for room in the log, and for the record.
    Failing,
    /// The device is closed until reset.
    Failed,
}
