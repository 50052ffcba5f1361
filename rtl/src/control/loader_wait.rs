//! The wait of the manifest loader: is the loader's state over?
//!
//! ```text
//!   state --+--> which signal ends this state? --> over
//!   events -'
//! ```
//!
//! A state that waits for nothing is over in its first cycle, and so is a code without a state. Open and Failed are never over.

use super::loader_state::LoaderState;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Looks at the signal that the state waits for; combinational.
    pub struct LoaderWait {
        /// State of the loader.
        pub state: Signal<In, LoaderState>,
        /// High: the host ends the manifest; ends Waiting.
        pub asks: Signal<In, Bit>,
        /// High: the tag takes the word in this cycle; ends Nonce and Offer.
        pub tag_ready: Signal<In, Bit>,
        /// High: the write of a register was taken at the last edge; ends Write.
        pub write_ready: Signal<In, Bit>,
        /// High: the answer to the write comes in this cycle; ends Answer.
        pub answered: Signal<In, Bit>,
        /// High for one cycle: the gate has judged pool and window; ends Configure.
        pub configured: Signal<In, Bit>,
        /// High: the scrubber has begun and has ended; ends Scrub.
        pub scrubbed: Signal<In, Bit>,
        /// High when the log has room for a record, and a place is left beside it; ends Room.
        pub audit_room: Signal<In, Bit>,
        /// High while a command runs; its end ends Command.
        pub command_busy: Signal<In, Bit>,
        /// High: the record is in the log; ends Record and Failing.
        pub record_taken: Signal<In, Bit>,
        /// High: the loader leaves the state at the next edge.
        pub over: Signal<Out, Bit>,
    }
}

kernel! {
    LoaderWait
    #[hdl_gen]
    fn update(&mut self) {
        self.over.next = false;
        match self.state.val() {
            LoaderState::Waiting => { self.over.next = self.asks.val(); }
            LoaderState::Nonce => { self.over.next = self.tag_ready.val(); }
            LoaderState::Feed => { self.over.next = true; }
            LoaderState::Offer => { self.over.next = self.tag_ready.val(); }
            LoaderState::Fetch => { self.over.next = true; }
            LoaderState::Look => { self.over.next = true; }
            LoaderState::Judge => { self.over.next = true; }
            LoaderState::Turn => { self.over.next = true; }
            LoaderState::Write => { self.over.next = self.write_ready.val(); }
            LoaderState::Answer => { self.over.next = self.answered.val(); }
            LoaderState::Configure => { self.over.next = self.configured.val(); }
            LoaderState::Scrub => { self.over.next = self.scrubbed.val(); }
            LoaderState::Room => { self.over.next = self.audit_room.val(); }
            LoaderState::Command => { self.over.next = !self.command_busy.val(); }
            LoaderState::Record => { self.over.next = self.record_taken.val(); }
            LoaderState::Open => {}
            LoaderState::Failing => { self.over.next = self.record_taken.val(); }
            LoaderState::Failed => {}
            _ => { self.over.next = true; }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;
    use LoaderState::*;

    /// Drives inputs.
    type Drive = fn(&mut LoaderWait);

    /// A cycle in which no partner answers and a command runs.
    fn idle(wait: &mut LoaderWait) {
        wait.command_busy.next = true;
    }

    /// Everything happens at once, but for the end of the command.
    fn everything(wait: &mut LoaderWait) {
        (wait.asks.next, wait.tag_ready.next, wait.write_ready.next, wait.answered.next) = (true, true, true, true);
        (wait.configured.next, wait.scrubbed.next, wait.audit_room.next, wait.record_taken.next) = (true, true, true, true);
    }

    #[test]
    fn each_state_waits_for_its_own_signal() {
        let check = |state: LoaderState, drive: &[Drive], expected: bool| {
            let mut wait = LoaderWait::default();
            wait.connect_all();
            wait.state.next = state;
            idle(&mut wait);
            drive.iter().for_each(|drive| drive(&mut wait));
            settle(&mut wait);
            assert_eq!(wait.over.val(), expected, "{state:?}");
        };
        for state in [Feed, Fetch, Look, Judge, Turn] {
            check(state, &[], true);
        }
        for state in [Open, Failed] {
            check(state, &[everything, |wait| wait.command_busy.next = false], false);
        }
        // A state, the signal that ends it, and the other level of that signal.
        let rows: [(LoaderState, Drive, Drive); 11] = [
            (Waiting, |wait| wait.asks.next = true, |wait| wait.asks.next = false),
            (Nonce, |wait| wait.tag_ready.next = true, |wait| wait.tag_ready.next = false),
            (Offer, |wait| wait.tag_ready.next = true, |wait| wait.tag_ready.next = false),
            (Write, |wait| wait.write_ready.next = true, |wait| wait.write_ready.next = false),
            (Answer, |wait| wait.answered.next = true, |wait| wait.answered.next = false),
            (Configure, |wait| wait.configured.next = true, |wait| wait.configured.next = false),
            (Scrub, |wait| wait.scrubbed.next = true, |wait| wait.scrubbed.next = false),
            (Room, |wait| wait.audit_room.next = true, |wait| wait.audit_room.next = false),
            (Command, |wait| wait.command_busy.next = false, |wait| wait.command_busy.next = true),
            (Record, |wait| wait.record_taken.next = true, |wait| wait.record_taken.next = false),
            (Failing, |wait| wait.record_taken.next = true, |wait| wait.record_taken.next = false),
        ];
        for (state, ends, waits) in rows {
            check(state, &[ends], true);
            check(state, &[], false);
            check(state, &[everything, waits], false);
        }
    }
}
