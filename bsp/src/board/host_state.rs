//! The state of the host port.

use rust_hdl::prelude::*;

/// State of the host port.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
pub enum HostState {
    /// Waits for a request.
    Idle,
    /// The register port is given a strobe.
    Register,
    /// Waits for the register port's answer.
    RegisterWait,
    /// An entry of the standard MMU is offered.
    Fill,
    /// An access is offered to the bridge.
    Ask,
    /// Waits for the bridge's verdict.
    Verdict,
    /// A granted access is offered to the memory.
    Memory,
    /// Waits for the memory's answer.
    MemoryWait,
    /// `AUDIT_LEVEL` is read.
    Level,
    /// Waits for the level of the log.
    LevelWait,
    /// A word of the record is read.
    Word,
    /// Waits for the word.
    WordWait,
    /// The word that was sent is popped.
    Pop,
    /// Waits for the end of the pop.
    PopWait,
    /// The response is being sent.
    Reply,
}
