//! The fence: no burst that was granted before a change is still under way when the change is acknowledged, or when the scrubber
//! writes.
//!
//! ```text
//!   Resting --command waits, or scrubber waits--> Waiting --all ended--> Open --nobody waits any more--> Resting
//!            '--> snapshot of what is under way
//! ```
//!
//! Traffic goes on in the meantime: a later burst is decided on the new state. A command whose last change was before the fence
//! was open does not wait a second time: DESTROY waits before it scrubs, and not again before it is acknowledged.

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
        /// High for one cycle: a row of the table changes.
        pub changed: Signal<In, Bit>,
        /// High for one cycle: every burst that is under way now is marked.
        pub snapshot: Signal<Out, Bit>,
        /// A burst that `snapshot` marked is still under way.
        pub pending: Signal<In, Bit>,
        /// High when every marked burst has ended: the command or the scrubber may go on.
        pub open: Signal<Out, Bit>,
        state: Register<FenceState>,
        /// High: the fence has been open since the last change.
        fresh: Register<Bit>,
    }
}

kernel! {
    Fence
    #[hdl_gen]
    fn update(&mut self) registers(state, fresh) {
        self.snapshot.next = false;
        self.open.next = false;
        match self.state.q.val() {
            FenceState::Snapshot => {
                self.snapshot.next = true;
                self.state.d.next = FenceState::Waiting;
            }
            FenceState::Waiting => {
                if !self.pending.val() {
                    self.fresh.d.next = true;
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
                if self.command.val() & self.fresh.q.val() & !self.scrub.val() {
                    self.state.d.next = FenceState::Open;
                } else if self.command.val() | self.scrub.val() {
                    self.state.d.next = FenceState::Snapshot;
                }
            }
        }
        if self.changed.val() {
            self.fresh.d.next = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};

    /// Command, scrub, pending, changed.
    type Cycle = [bool; 4];

    const COMMAND: Cycle = [true, false, false, false];
    const WAITS: Cycle = [true, false, true, false];
    const SCRUB: Cycle = [false, true, false, false];
    const CHANGE: Cycle = [false, false, false, true];
    const REST: Cycle = [false; 4];

    /// In which cycles the fence marks what is under way (m) and is open (o).
    #[track_caller]
    fn check(cycles: &[Cycle], expected: &str) {
        let mut fence = Fence::default();
        fence.connect_all();
        let mut found = String::new();
        for [command, scrub, pending, changed] in cycles {
            (fence.command.next, fence.scrub.next) = (*command, *scrub);
            (fence.pending.next, fence.changed.next) = (*pending, *changed);
            settle(&mut fence);
            found.push(if fence.snapshot.val() {
                'm'
            } else if fence.open.val() {
                'o'
            } else {
                '.'
            });
            edge!(fence);
        }
        assert_eq!(found, expected, "{cycles:?}");
    }

    #[test]
    fn what_is_under_way_is_marked_and_waited_for() {
        check(&[COMMAND; 5], ".m.oo");
        check(&[SCRUB; 5], ".m.oo");
        check(&[COMMAND, WAITS, WAITS, WAITS, COMMAND, COMMAND], ".m...o");
        check(&[REST; 3], "...");
    }

    #[test]
    fn a_command_waits_again_only_after_a_change() {
        check(&[SCRUB, SCRUB, SCRUB, SCRUB, REST, COMMAND, COMMAND], ".m.o..o");
        check(&[SCRUB, SCRUB, SCRUB, SCRUB, REST, CHANGE, COMMAND, COMMAND, COMMAND, COMMAND], ".m.o...m.o");
        // A change while the fence is open counts, too; a scrub always waits.
        check(&[COMMAND, COMMAND, COMMAND, [true, false, false, true], REST, COMMAND, COMMAND], ".m.o..m");
        check(&[COMMAND, COMMAND, COMMAND, COMMAND, REST, SCRUB, SCRUB], ".m.o..m");
    }
}
