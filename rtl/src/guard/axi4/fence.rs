//! The fence: no burst that was granted before a change is still under way when the change is acknowledged, or when the scrubber
//! writes.
//!
//! ```text
//!   Resting --command waits, or scrubber waits--> Waiting --all ended--> Open --nobody waits any more--> Resting
//!            '--> snapshot of what is under way
//! ```
//!
//! Traffic goes on in the meantime: a later burst is decided on the new state.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of the fence.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum FenceState {
    Resting,
    Snapshot,
    Waiting,
    Open,
}

block! {
    /// Holds a command's record and the scrubber until earlier bursts have ended.
    pub struct Fence {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the fence rests.
        pub reset: Signal<In, Bit>,
        /// A command waits for the fence before its record is written.
        pub command: Signal<In, Bit>,
        /// The scrubber has a word to write.
        pub scrub: Signal<In, Bit>,
        /// High for one cycle: every burst that is under way now is marked.
        pub snapshot: Signal<Out, Bit>,
        /// A burst that `snapshot` marked is still under way.
        pub pending: Signal<In, Bit>,
        /// High when every marked burst has ended: the command or the scrubber may go on.
        pub open: Signal<Out, Bit>,
        state: Register<FenceState>,
    }
}

kernel! {
    Fence
    #[hdl_gen]
    fn update(&mut self) registers(state) {
        self.snapshot.next = false;
        self.open.next = false;
        match self.state.q.val() {
            FenceState::Snapshot => {
                self.snapshot.next = true;
                self.state.d.next = FenceState::Waiting;
            }
            FenceState::Waiting => {
                if !self.pending.val() {
                    self.state.d.next = FenceState::Open;
                }
            }
            FenceState::Open => {
                self.open.next = true;
                if !self.command.val() & !self.scrub.val() {
                    self.open.next = false;
                    self.state.d.next = FenceState::Resting;
                }
            }
            _ => {
                if self.command.val() | self.scrub.val() {
                    self.state.d.next = FenceState::Snapshot;
                }
            }
        }
    }
}
