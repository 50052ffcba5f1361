//! The turn of the manifest loader: what comes after the findings of a state?
//!
//! ```text
//!   outcome --+-- fails -------------------------------> Failing
//!             +-- advances, ends --first turn----------> Fetch, from the pool's word on, in the second turn
//!             |                  --second turn, sealing-> Room, for SEAL
//!             |                  --second turn---------> Record
//!             +-- advances ----------------------------> Fetch, the next word
//!             '-- otherwise ---------------------------> resume
//! ```

use super::{loader_findings::LoaderOutcome, loader_state::LoaderState};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Chooses the state after Turn, and moves on in the manifest; combinational.
    pub struct LoaderTurn {
        /// Findings of the state before Turn.
        pub outcome: Signal<In, LoaderOutcome>,
        /// State that follows when the loader is not done with the word.
        pub resume: Signal<In, LoaderState>,
        /// High in the second turn over the words, which writes the words to registers.
        pub loads: Signal<In, Bit>,
        /// High: the manifest asks for SEAL, and SEAL has not been ordered.
        pub sealing: Signal<In, Bit>,
        /// State after Turn.
        pub following: Signal<Out, LoaderState>,
        /// High: on to the next word.
        pub onward: Signal<Out, Bit>,
        /// High: a word of a partition is done with.
        pub steps: Signal<Out, Bit>,
        /// High: back to the pool's word, for the second turn.
        pub again: Signal<Out, Bit>,
        /// High: SEAL is ordered.
        pub seals: Signal<Out, Bit>,
    }
}

kernel! {
    LoaderTurn
    #[hdl_gen]
    fn update(&mut self) {
        self.following.next = self.resume.val();
        self.onward.next = false;
        self.steps.next = false;
        self.again.next = false;
        self.seals.next = false;
        if self.outcome.val().advances {
            self.following.next = LoaderState::Fetch;
            self.onward.next = true;
            self.steps.next = self.outcome.val().steps;
            if self.outcome.val().ends {
                if !self.loads.val() {
                    self.again.next = true;
                } else if self.sealing.val() {
                    self.onward.next = false;
                    self.seals.next = true;
                    self.following.next = LoaderState::Room;
                } else {
                    self.following.next = LoaderState::Record;
                }
            }
        }
        if self.outcome.val().fails {
            self.following.next = LoaderState::Failing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;
    use LoaderState::*;

    #[test]
    fn a_turn_resumes_goes_on_or_ends() {
        // Stimulus: the outcome, `loads` and `sealing`. Expected: the state, then `onward`, `steps`, `again` and `seals`.
        let check = |outcome: LoaderOutcome, [loads, sealing]: [bool; 2], expected: (LoaderState, [bool; 4])| {
            let mut turn = LoaderTurn::default();
            turn.connect_all();
            (turn.outcome.next, turn.resume.next, turn.loads.next, turn.sealing.next) = (outcome, Write, loads, sealing);
            settle(&mut turn);
            let orders = [turn.onward.val(), turn.steps.val(), turn.again.val(), turn.seals.val()];
            assert_eq!((turn.following.val(), orders), expected, "{outcome:?}, loads {loads}, sealing {sealing}");
        };
        let none = LoaderOutcome::default();
        let advances = LoaderOutcome { advances: true, ..none };
        let partition = LoaderOutcome { steps: true, ..advances };
        let ends = LoaderOutcome { ends: true, ..advances };
        for second in [[false, false], [false, true], [true, false], [true, true]] {
            check(none, second, (Write, [false; 4]));
            check(LoaderOutcome { steps: true, ends: true, ..none }, second, (Write, [false; 4]));
            check(advances, second, (Fetch, [true, false, false, false]));
            check(partition, second, (Fetch, [true, true, false, false]));
        }
        check(ends, [false, false], (Fetch, [true, false, true, false]));
        check(ends, [false, true], (Fetch, [true, false, true, false]));
        check(ends, [true, true], (Room, [false, false, false, true]));
        check(ends, [true, false], (Record, [true, false, false, false]));
        check(LoaderOutcome { fails: true, ..none }, [false, false], (Failing, [false; 4]));
        check(LoaderOutcome { fails: true, ..advances }, [false, false], (Failing, [true, false, false, false]));
        check(LoaderOutcome { fails: true, ..ends }, [true, false], (Failing, [true, false, false, false]));
        check(LoaderOutcome { fails: true, ..ends }, [true, true], (Failing, [false, false, false, true]));
    }
}
