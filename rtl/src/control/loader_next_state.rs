//! The next state of the manifest loader.
//!
//! ```text
//!   state, over --+--> following: at the next edge
//!   late ---------'    resume: after Turn
//! ```
//!
//! A late word leads to Failing from every state, and so does a code without a state.

use super::loader_state::LoaderState;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Draws the arrows of the picture in `loader_steps.rs`; combinational.
    pub struct LoaderNextState {
        /// State of the loader.
        pub state: Signal<In, LoaderState>,
        /// High: the state ends in this cycle.
        pub over: Signal<In, Bit>,
        /// High: the tag was compared in the cycle before, and the loader waited for it.
        pub tag_compared: Signal<In, Bit>,
        /// State that the plan of orders has for after an answer.
        pub planned: Signal<In, LoaderState>,
        /// State after Turn.
        pub turned: Signal<In, LoaderState>,
        /// High: a word arrived after the host had ended the manifest or when the buffer was full.
        pub late: Signal<In, Bit>,
        /// State to which Turn went on before this cycle.
        pub resume_held: Signal<In, LoaderState>,
        /// State after the next edge.
        pub following: Signal<Out, LoaderState>,
        /// State to which Turn goes on when the loader is not done with the word.
        pub resume: Signal<Out, LoaderState>,
    }
}

kernel! {
    LoaderNextState
    #[hdl_gen]
    fn update(&mut self) {
        self.following.next = self.state.val();
        self.resume.next = self.resume_held.val();
        if self.over.val() {
            match self.state.val() {
                LoaderState::Waiting => {
                    self.following.next = LoaderState::Turn;
                    self.resume.next = LoaderState::Nonce;
                }
                LoaderState::Nonce => { self.following.next = LoaderState::Feed; }
                LoaderState::Feed => { self.following.next = LoaderState::Offer; }
                LoaderState::Offer => { self.following.next = LoaderState::Feed; }
                LoaderState::Fetch => { self.following.next = LoaderState::Look; }
                LoaderState::Look => { self.following.next = LoaderState::Judge; }
                LoaderState::Judge => {
                    self.following.next = LoaderState::Turn;
                    self.resume.next = LoaderState::Write;
                }
                LoaderState::Turn => { self.following.next = self.turned.val(); }
                LoaderState::Write => { self.following.next = LoaderState::Answer; }
                LoaderState::Answer => {
                    self.following.next = LoaderState::Turn;
                    self.resume.next = self.planned.val();
                }
                LoaderState::Configure => {
                    self.following.next = LoaderState::Turn;
                    self.resume.next = LoaderState::Scrub;
                }
                LoaderState::Scrub => { self.following.next = LoaderState::Turn; }
                LoaderState::Room => { self.following.next = LoaderState::Write; }
                LoaderState::Command => { self.following.next = LoaderState::Turn; }
                LoaderState::Record => { self.following.next = LoaderState::Open; }
                LoaderState::Failing => { self.following.next = LoaderState::Failed; }
                _ => { self.following.next = LoaderState::Failing; }
            }
        }
        if self.tag_compared.val() {
            self.following.next = LoaderState::Turn;
            self.resume.next = LoaderState::Fetch;
        }
        if self.late.val() {
            self.following.next = LoaderState::Failing;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;
    use LoaderState::*;

    /// The state after the next edge, and to which state Turn then goes on; the plan says Command, and Turn leads to Room.
    #[track_caller]
    fn check(state: LoaderState, drive: impl Fn(&mut LoaderNextState), expected: (LoaderState, LoaderState)) {
        let mut next = LoaderNextState::default();
        next.connect_all();
        (next.state.next, next.planned.next, next.turned.next, next.resume_held.next) = (state, Command, Room, Look);
        drive(&mut next);
        settle(&mut next);
        assert_eq!((next.following.val(), next.resume.val()), expected, "{state:?}");
    }

    const STATES: [LoaderState; 18] = [
        Waiting, Nonce, Feed, Offer, Fetch, Look, Judge, Turn, Write, Answer, Configure, Scrub, Room, Command, Record, Open,
        Failing, Failed,
    ];

    #[test]
    fn each_state_has_one_that_follows() {
        let rows = [
            (Waiting, Turn, Nonce),
            (Nonce, Feed, Look),
            (Feed, Offer, Look),
            (Offer, Feed, Look),
            (Fetch, Look, Look),
            (Look, Judge, Look),
            (Judge, Turn, Write),
            (Turn, Room, Look),
            (Write, Answer, Look),
            (Answer, Turn, Command),
            (Configure, Turn, Scrub),
            (Scrub, Turn, Look),
            (Room, Write, Look),
            (Command, Turn, Look),
            (Record, Open, Look),
            (Failing, Failed, Look),
        ];
        for (state, following, resume) in rows {
            check(state, |next| next.over.next = true, (following, resume));
        }
    }

    #[test]
    fn a_state_that_is_not_over_stays() {
        for state in STATES {
            check(state, |_| {}, (state, Look));
        }
    }

    #[test]
    fn a_compared_tag_ends_the_first_pass_and_a_late_word_the_boot() {
        for over in [false, true] {
            check(Feed, |next| (next.over.next, next.tag_compared.next) = (over, true), (Turn, Fetch));
            check(Offer, |next| (next.over.next, next.tag_compared.next) = (over, true), (Turn, Fetch));
        }
        for state in STATES {
            check(state, |next| next.late.next = true, (Failing, Look));
        }
        check(Offer, |next| (next.late.next, next.tag_compared.next) = (true, true), (Failing, Fetch));
    }
}
