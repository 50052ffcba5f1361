//! The findings of the manifest loader: what has a state found out about its word, and is it a reason to fail?
//!
//! ```text
//!   state, over --+--> whose result counts? --> found: advances, ends, steps, fails --[edge, in LoaderSteps]--> LoaderTurn
//!   results ------'                             reason ------------------------------[edge, in LoaderSteps]--> status
//! ```
//!
//! The findings of a cycle in which the state goes on waiting are: nothing found.

use super::{loader_state::LoaderState, manifest_place::ManifestPosition, word_judge::WordVerdict};
use crate::constants;
use pm_interface::Status;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Statuses with which a step fails.
    pub struct StepStatuses: Bits<4> {
        /// `Ok`: of the gate, or of a command.
        ok = Status::Ok.code(),
        /// `BadAlignment`: a register does not have the bits.
        bad_alignment = Status::BadAlignment.code(),
        /// `BadSize`: there are too few words.
        bad_size = Status::BadSize.code(),
        /// `Integrity`: the tag is wrong.
        integrity = Status::Integrity.code(),
    }
}

/// Findings of a state.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct LoaderOutcome {
    /// High: the loader is done with this word.
    pub advances: Bit,
    /// High: the word was the manifest's last.
    pub ends: Bit,
    /// High: the word was one of a partition.
    pub steps: Bit,
    /// High: the boot fails.
    pub fails: Bit,
}

block! {
    /// Collects what the state's partners say; combinational.
    pub struct LoaderFindings {
        /// State of the loader.
        pub state: Signal<In, LoaderState>,
        /// High: the state ends in this cycle.
        pub over: Signal<In, Bit>,
        /// High when the manifest buffer holds at least the words of a header and a tag; counts in Waiting.
        pub enough: Signal<In, Bit>,
        /// High: the tag was compared in the cycle before, and the loader waited for it.
        pub tag_compared: Signal<In, Bit>,
        /// High with `tag_compared`: the tag is right.
        pub genuine: Signal<In, Bit>,
        /// Place of the word that is looked at.
        pub position: Signal<In, ManifestPosition>,
        /// High: the word is the last before the tag; counts in Command.
        pub last: Signal<In, Bit>,
        /// Judgement of the word; counts in Judge.
        pub verdict: Signal<In, WordVerdict>,
        /// Status with which the boot fails, if `verdict` fails.
        pub word_reason: Signal<In, Bits<4>>,
        /// High: no other register is written for this word; counts in Answer.
        pub written: Signal<In, Bit>,
        /// High: the write was refused; counts in Answer.
        pub answer_error: Signal<In, Bit>,
        /// Status of the gate's judgement; counts in Configure.
        pub gate_status: Signal<In, Bits<4>>,
        /// Status of the last command; counts in Command.
        pub command_status: Signal<In, Bits<4>>,
        /// Findings of this cycle.
        pub found: Signal<Out, LoaderOutcome>,
        /// Status with which the boot fails; valid with `found.fails`.
        pub reason: Signal<Out, Bits<4>>,
        statuses: StepStatuses,
    }
}

kernel! {
    LoaderFindings
    #[hdl_gen]
    fn update(&mut self) {
        self.found.next.advances = false;
        self.found.next.ends = false;
        self.found.next.steps = !self.position.val().header & (self.position.val().skip == 0);
        self.found.next.fails = false;
        self.reason.next = self.statuses.bad_size.val();
        if self.over.val() {
            match self.state.val() {
                LoaderState::Waiting => {
                    self.found.next.fails = !self.enough.val();
                }
                LoaderState::Judge => {
                    self.reason.next = self.word_reason.val();
                    self.found.next.fails = self.verdict.val().fails;
                    self.found.next.advances = self.verdict.val().advances;
                    self.found.next.ends = self.verdict.val().ends;
                }
                LoaderState::Answer => {
                    self.reason.next = self.statuses.bad_alignment.val();
                    self.found.next.fails = self.answer_error.val();
                    self.found.next.advances = self.written.val();
                }
                LoaderState::Configure => {
                    self.reason.next = self.gate_status.val();
                    self.found.next.fails = self.gate_status.val() != self.statuses.ok.val();
                }
                LoaderState::Scrub => {
                    self.found.next.advances = true;
                }
                LoaderState::Command => {
                    self.reason.next = self.command_status.val();
                    self.found.next.fails = self.command_status.val() != self.statuses.ok.val();
                    self.found.next.advances = true;
                    self.found.next.ends = self.last.val();
                }
                _ => {}
            }
        }
        if self.tag_compared.val() {
            self.reason.next = self.statuses.integrity.val();
            self.found.next.fails = !self.genuine.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;
    use LoaderState::*;

    /// Every partner is content, and the word is one of the header.
    fn findings(state: LoaderState) -> LoaderFindings {
        let mut findings = LoaderFindings::default();
        findings.connect_all();
        let ok = Status::Ok.code().to_bits();
        (findings.state.next, findings.over.next, findings.enough.next, findings.genuine.next) = (state, true, true, true);
        (findings.gate_status.next, findings.command_status.next) = (ok, ok);
        findings.position.next = ManifestPosition { header: true, ..Default::default() };
        findings
    }

    /// Findings of a state: `advances`, `ends`, and why the load fails.
    #[track_caller]
    fn check(state: LoaderState, drive: impl Fn(&mut LoaderFindings), expected: (bool, bool, Option<Status>)) {
        let mut findings = findings(state);
        drive(&mut findings);
        settle(&mut findings);
        let found = findings.found.val();
        let reason = findings.reason.val().to_u64();
        let why = expected.2.map(|status| u64::from(status.code()));
        assert_eq!((found.advances, found.ends, found.fails.then_some(reason)), (expected.0, expected.1, why), "{state:?}");
    }

    const NOTHING: (bool, bool, Option<Status>) = (false, false, None);

    #[test]
    fn a_state_fails_for_its_own_reason() {
        let no_space = || Status::NoSpace.code().to_bits();
        check(Waiting, |_| {}, NOTHING);
        check(Waiting, |f| f.enough.next = false, (false, false, Some(Status::BadSize)));
        for (advances, ends) in [(false, false), (true, false), (true, true)] {
            let verdict = WordVerdict { advances, ends, ..Default::default() };
            check(Judge, |f| f.verdict.next = verdict, (advances, ends, None));
        }
        let wrong = |f: &mut LoaderFindings| {
            f.verdict.next = WordVerdict { fails: true, ..Default::default() };
            f.word_reason.next = Status::OldVersion.code().to_bits();
        };
        check(Judge, wrong, (false, false, Some(Status::OldVersion)));
        check(Answer, |_| {}, NOTHING);
        check(Answer, |f| f.written.next = true, (true, false, None));
        check(Answer, |f| f.answer_error.next = true, (false, false, Some(Status::BadAlignment)));
        check(Configure, |_| {}, NOTHING);
        check(Configure, |f| f.gate_status.next = no_space(), (false, false, Some(Status::NoSpace)));
        check(Scrub, |_| {}, (true, false, None));
        check(Command, |_| {}, (true, false, None));
        check(Command, |f| f.last.next = true, (true, true, None));
        check(Command, |f| f.command_status.next = no_space(), (true, false, Some(Status::NoSpace)));
        for state in [Feed, Offer] {
            check(state, |f| f.tag_compared.next = true, NOTHING);
            check(state, |f| (f.tag_compared.next, f.genuine.next) = (true, false), (false, false, Some(Status::Integrity)));
        }
    }

    #[test]
    fn a_state_that_waits_has_found_nothing() {
        let all_wrong = |f: &mut LoaderFindings| {
            (f.over.next, f.enough.next, f.genuine.next, f.last.next) = (false, false, false, true);
            (f.written.next, f.answer_error.next) = (true, true);
            f.verdict.next = WordVerdict { fails: true, advances: true, ends: true, ..Default::default() };
            (f.gate_status.next, f.command_status.next) = (0u64.to_bits(), 0u64.to_bits());
        };
        for state in [Waiting, Nonce, Feed, Offer, Judge, Write, Answer, Configure, Scrub, Room, Command, Record, Failing] {
            check(state, all_wrong, NOTHING);
        }
        for state in [Nonce, Feed, Offer, Fetch, Look, Turn, Write, Room, Record, Open, Failing, Failed] {
            check(state, |f| (all_wrong(f), f.over.next = true).1, NOTHING);
        }
    }

    #[test]
    fn the_words_after_header_and_quotas_are_those_of_partitions() {
        let check = |header: bool, skip: u64, expected: bool| {
            let mut findings = findings(Judge);
            findings.position.next = ManifestPosition { header, skip: skip.to_bits(), ..Default::default() };
            settle(&mut findings);
            assert_eq!(findings.found.val().steps, expected, "header {header}, {skip} quotas to come");
        };
        check(true, 0, false);
        check(true, 2, false);
        check(false, 2, false);
        check(false, 1, false);
        check(false, 0, true);
    }
}
