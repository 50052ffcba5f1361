//! The steps of the manifest loader: which step comes next?
//!
//! ```text
//!   Waiting --asks--> Nonce --> Feed <--> Offer      the words go to the tag; no word has been looked at
//!                                  |tag right
//!                                  v
//!                       Fetch --> Look --> Judge     once over all words: is it a manifest, and new enough?
//!                         ^                  |       then again, from the pool on: each word is
//!                         |                  v
//!                         +--- Answer <-- Write      written to the register that it is for
//!                         |      |'--> Configure --> Scrub        after the window: checked, the pool zeroed
//!                         +------|---- Command <-- Write <-- Room after a partition: CREATE
//!                                v                           at the end, if asked for: SEAL
//!                             Record --> Open        whatever goes wrong: Failing --> Failed, until reset
//! ```
//!
//! A state's findings take effect in Turn, an edge later. [`LoaderWait`] says whether a state is over, [`LoaderFindings`] what the
//! state has found, [`LoaderNextState`] and [`LoaderTurn`] which state comes next. This block holds the registers and gives the
//! orders.

use super::{
    loader_findings::{LoaderFindings, LoaderOutcome},
    loader_next_state::LoaderNextState,
    loader_state::LoaderState,
    loader_turn::LoaderTurn,
    loader_wait::LoaderWait,
    manifest_place::{ManifestPosition, PlaceOrder},
    order_plan::OrderPlan,
    word_examiner::WordFacts,
    word_judge::{LoaderOrder, WordJudge},
};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Sequencer of an authenticated boot.
    pub struct LoaderSteps for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: waits for a manifest.
        pub reset: Signal<In, Bit>,
        /// State of the loader.
        pub state: Signal<Out, LoaderState>,
        /// High: the host ends the manifest.
        pub asks: Signal<In, Bit>,
        /// High when the manifest buffer holds at least the words of a header and a tag.
        pub enough: Signal<In, Bit>,
        /// Place of the word that is looked at.
        pub position: Signal<In, ManifestPosition>,
        /// Orders for the place.
        pub moves: Signal<Out, PlaceOrder>,
        /// Word that is looked at.
        pub word: Signal<In, Bits<32>>,
        /// Properties of the word.
        pub facts: Signal<In, WordFacts>,
        /// High: the tag begins, with the word for its nonce.
        pub tag_start: Signal<Out, Bit>,
        /// High while the word is offered to the tag.
        pub tag_valid: Signal<Out, Bit>,
        /// High: the tag takes the word in this cycle.
        pub tag_ready: Signal<In, Bit>,
        /// High: the tag was compared in the cycle before.
        pub judged: Signal<In, Bit>,
        /// High with `judged`: the tag is right.
        pub genuine: Signal<In, Bit>,
        /// High while a register is to be written; it stays until taken.
        pub write: Signal<Out, Bit>,
        /// Register to write, and with what.
        pub order: Signal<Out, LoaderOrder>,
        /// High: the write was taken at the last edge.
        pub write_ready: Signal<In, Bit>,
        /// High: the answer to the write comes in this cycle.
        pub answered: Signal<In, Bit>,
        /// High with `answered`: the write was refused.
        pub answer_error: Signal<In, Bit>,
        /// High for one cycle: the gate has judged pool and window.
        pub configured: Signal<In, Bit>,
        /// Status of the gate's judgement.
        pub gate_status: Signal<In, Bits<4>>,
        /// High: the loader takes the gate's judgement in this cycle.
        pub hears_verdict: Signal<Out, Bit>,
        /// High for one cycle: the scrubber begins, with the whole pool.
        pub scrub_start: Signal<Out, Bit>,
        /// High while the scrubber's blocks are the pool.
        pub scrubs_pool: Signal<Out, Bit>,
        /// High while the scrubber works.
        pub scrub_busy: Signal<In, Bit>,
        /// High while a command runs.
        pub command_busy: Signal<In, Bit>,
        /// Status of the last command.
        pub command_status: Signal<In, Bits<4>>,
        /// High when the log has room for a record, and a place is left beside it.
        pub audit_room: Signal<In, Bit>,
        /// High while a record of the boot is offered; stays high until taken.
        pub record_valid: Signal<Out, Bit>,
        /// High: the record is in the log.
        pub record_taken: Signal<In, Bit>,
        /// High: a word arrived after the host had ended the manifest or when the buffer was full.
        pub late: Signal<In, Bit>,
        /// High: the boot fails in this cycle.
        pub gives_up: Signal<In, Bit>,
        /// High: the state before found a reason to fail.
        pub fails: Signal<Out, Bit>,
        /// Status with which the boot fails, with `fails`.
        pub why: Signal<Out, Bits<4>>,
        /// High while the loader boots.
        pub booting: Signal<Out, Bit>,
        /// High once the manifest has set quotas.
        pub limited: Signal<Out, Bit>,
        state_held: Register<LoaderState> where guarded,
        resume: Register<LoaderState> where guarded,
        outcome: Register<LoaderOutcome> where guarded,
        order_held: Register<LoaderOrder> where guarded,
        seals: Register<Bit> where guarded,
        strictness: Register<Bits<2>> where guarded,
        limits: Register<Bit> where guarded,
        booting_held: Register<Bit> where guarded,
        recording: Register<Bit> where reported,
        // Registers without parity: the reason only reports a failure, and a scrub that begins twice, or ends the boot, does not
        // open the device.
        reason_held: Register<Bits<4>>,
        scrubs: Register<Bit>,
        scrubbing: Register<Bit>,
        state_wait: LoaderWait,
        judge: WordJudge,
        plan: OrderPlan,
        findings: LoaderFindings,
        turn: LoaderTurn,
        next_state: LoaderNextState,
        tag_compared: Signal<Local, Bit>,
        now: Signal<Local, LoaderState>,
        /// High while no register that a grant rests on has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    LoaderSteps
    #[hdl_gen]
    fn update(&mut self) guarded(state_held, resume, outcome, order_held, seals, strictness, limits, booting_held) reported(recording)
        registers(reason_held, scrubs, scrubbing)
    {
        self.now.next = self.state_held.q.val();
        self.judge.position.next = self.position.val();
        self.judge.facts.next = self.facts.val();
        self.plan.order.next = self.order_held.q.val();
        self.plan.position.next = self.position.val();
        self.plan.strictness.next = self.strictness.q.val();
        self.tag_compared.next = self.judged.val()
            & ((self.now.val() == LoaderState::Feed) | (self.now.val() == LoaderState::Offer));

        self.state_wait.state.next = self.now.val();
        self.state_wait.asks.next = self.asks.val();
        self.state_wait.tag_ready.next = self.tag_ready.val();
        self.state_wait.write_ready.next = self.write_ready.val();
        self.state_wait.answered.next = self.answered.val();
        self.state_wait.configured.next = self.configured.val();
        self.state_wait.scrubbed.next = self.scrubbing.q.val() & !self.scrubs.q.val() & !self.scrub_busy.val();
        self.state_wait.audit_room.next = self.audit_room.val();
        self.state_wait.command_busy.next = self.command_busy.val();
        self.state_wait.record_taken.next = self.record_taken.val();

        self.findings.state.next = self.now.val();
        self.findings.over.next = self.state_wait.over.val();
        self.findings.enough.next = self.enough.val();
        self.findings.tag_compared.next = self.tag_compared.val();
        self.findings.genuine.next = self.genuine.val();
        self.findings.position.next = self.position.val();
        self.findings.last.next = self.facts.val().last;
        self.findings.verdict.next = self.judge.verdict.val();
        self.findings.word_reason.next = self.judge.reason.val();
        self.findings.written.next = self.plan.advances.val();
        self.findings.answer_error.next = self.answer_error.val();
        self.findings.gate_status.next = self.gate_status.val();
        self.findings.command_status.next = self.command_status.val();
        self.outcome.d.next = self.findings.found.val();
        self.reason_held.d.next = self.findings.reason.val();

        self.turn.outcome.next = self.outcome.q.val();
        self.turn.resume.next = self.resume.q.val();
        self.turn.loads.next = self.position.val().loads;
        self.turn.sealing.next = self.seals.q.val();
        self.next_state.state.next = self.now.val();
        self.next_state.over.next = self.state_wait.over.val();
        self.next_state.tag_compared.next = self.tag_compared.val();
        self.next_state.planned.next = self.plan.resume.val();
        self.next_state.turned.next = self.turn.following.val();
        self.next_state.late.next = self.late.val();
        self.next_state.resume_held.next = self.resume.q.val();
        self.state_held.d.next = self.next_state.following.val();
        self.resume.d.next = self.next_state.resume.val();

        // Each order defaults to none; a state gives the orders.
        self.moves.next.to_version = self.now.val() == LoaderState::Waiting;
        self.moves.next.to_first = (self.now.val() == LoaderState::Nonce) & self.state_wait.over.val();
        self.moves.next.begins = self.tag_compared.val();
        self.moves.next.onward = (self.now.val() == LoaderState::Offer) & self.state_wait.over.val();
        self.moves.next.steps = false;
        self.moves.next.again = false;
        self.moves.next.skips = false;
        self.moves.next.counts = false;
        self.recording.d.next = false;
        self.scrubs.d.next = false;
        self.scrubbing.d.next = false;
        match self.now.val() {
            LoaderState::Waiting => {
                if self.state_wait.over.val() {
                    self.booting_held.d.next = true;
                }
            }
            LoaderState::Judge => {
                self.order_held.d.next = self.judge.order.val();
                self.moves.next.skips = self.judge.verdict.val().skips;
                self.moves.next.counts = self.judge.verdict.val().counts;
                if self.judge.verdict.val().counts {
                    self.limits.d.next = !self.facts.val().no_quotas;
                }
                if self.judge.verdict.val().flags {
                    self.seals.d.next = self.word.val().get_bit(0);
                    self.strictness.d.next = self.word.val().get_bits::<2>(1);
                }
            }
            LoaderState::Answer => {
                if self.state_wait.over.val() {
                    self.order_held.d.next = self.plan.following.val();
                }
            }
            LoaderState::Scrub => {
                self.scrubbing.d.next = true;
                self.scrubs.d.next = !self.scrubbing.q.val();
            }
            LoaderState::Record => {
                self.recording.d.next = (self.recording.q.val() | self.audit_room.val()) & !self.state_wait.over.val();
                if self.state_wait.over.val() {
                    self.booting_held.d.next = false;
                }
            }
            LoaderState::Turn => {
                self.moves.next.onward = self.turn.onward.val();
                self.moves.next.steps = self.turn.steps.val();
                self.moves.next.again = self.turn.again.val();
                if self.turn.seals.val() {
                    self.seals.d.next = false;
                    self.order_held.d.next = self.plan.seal.val();
                }
            }
            LoaderState::Failing => {
                self.recording.d.next = (self.recording.q.val() | self.audit_room.val()) & !self.state_wait.over.val();
            }
            _ => {}
        }
        if self.gives_up.val() {
            self.booting_held.d.next = false;
            self.scrubs.d.next = false;
        }

        self.tag_start.next = self.now.val() == LoaderState::Nonce;
        self.tag_valid.next = self.now.val() == LoaderState::Offer;
        self.write.next = self.now.val() == LoaderState::Write;
        self.hears_verdict.next = self.now.val() == LoaderState::Configure;
        self.scrubs_pool.next = self.now.val() == LoaderState::Scrub;
        self.scrub_start.next = self.scrubs.q.val() & (self.now.val() == LoaderState::Scrub);
        self.state.next = self.now.val();
        self.order.next = self.order_held.q.val();
        self.fails.next = self.outcome.q.val().fails;
        self.why.next = self.reason_held.q.val();
        self.booting.next = self.booting_held.q.val();
        self.limited.next = self.limits.q.val();
        self.record_valid.next = self.recording.q.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};
    use pm_interface::{Geometry, Status};
    use pm_verilog::cells::wake;
    use LoaderState::*;

    /// The sequencer in this state, nothing offered.
    fn steps(state: LoaderState) -> LoaderSteps {
        let mut steps = LoaderSteps::new(&Geometry::preset("tiny+boot").unwrap());
        steps.connect_all();
        settle(&mut steps);
        steps.state_held.q.next = state;
        wake();
        settle(&mut steps);
        steps
    }

    /// The state after a cycle, and whether the step found a reason to fail.
    fn after(state: LoaderState, drive: impl Fn(&mut LoaderSteps)) -> (LoaderState, bool) {
        let mut steps = steps(state);
        drive(&mut steps);
        edge!(steps);
        (steps.state.val(), steps.fails.val())
    }

    fn ok() -> Bits<4> {
        Status::Ok.code().to_bits()
    }

    #[test]
    fn each_state_waits_goes_on_or_fails() {
        let check = |state: LoaderState, drive: &dyn Fn(&mut LoaderSteps), next: LoaderState, fails: bool| {
            assert_eq!(after(state, drive), (next, fails), "{state:?}");
        };
        check(Waiting, &|_| {}, Waiting, false);
        check(Waiting, &|s| (s.asks.next, s.enough.next) = (true, true), Turn, false);
        check(Waiting, &|s| s.asks.next = true, Turn, true);
        check(Nonce, &|_| {}, Nonce, false);
        check(Nonce, &|s| s.tag_ready.next = true, Feed, false);
        check(Feed, &|_| {}, Offer, false);
        check(Offer, &|_| {}, Offer, false);
        check(Offer, &|s| s.tag_ready.next = true, Feed, false);
        for state in [Feed, Offer] {
            check(state, &|s| (s.judged.next, s.genuine.next) = (true, true), Turn, false);
            check(state, &|s| s.judged.next = true, Turn, true);
        }
        check(Fetch, &|_| {}, Look, false);
        check(Look, &|_| {}, Judge, false);
        check(Write, &|_| {}, Write, false);
        check(Write, &|s| s.write_ready.next = true, Answer, false);
        check(Answer, &|_| {}, Answer, false);
        check(Answer, &|s| s.answered.next = true, Turn, false);
        check(Answer, &|s| (s.answered.next, s.answer_error.next) = (true, true), Turn, true);
        check(Configure, &|_| {}, Configure, false);
        check(Configure, &|s| (s.configured.next, s.gate_status.next) = (true, ok()), Turn, false);
        check(Configure, &|s| s.configured.next = true, Turn, true);
        check(Room, &|_| {}, Room, false);
        check(Room, &|s| s.audit_room.next = true, Write, false);
        check(Command, &|s| s.command_busy.next = true, Command, false);
        check(Command, &|s| s.command_status.next = ok(), Turn, false);
        check(Command, &|_| {}, Turn, true);
        check(Record, &|_| {}, Record, false);
        check(Record, &|s| s.record_taken.next = true, Open, false);
        check(Open, &|_| {}, Open, false);
        check(Failing, &|_| {}, Failing, false);
        check(Failing, &|s| s.record_taken.next = true, Failed, false);
        check(Failed, &|_| {}, Failed, false);
    }

    #[test]
    fn a_late_word_fails_every_state() {
        for state in
            [Waiting, Nonce, Feed, Offer, Fetch, Look, Judge, Turn, Write, Answer, Configure, Scrub, Room, Command, Record, Open]
        {
            assert_eq!(after(state, |s| s.late.next = true).0, Failing, "{state:?}");
        }
    }

    #[test]
    fn a_turn_resumes_goes_on_or_ends() {
        // Stimulus: the outcome of the state before, whether it is the second turn, and whether SEAL is to follow.
        let check = |outcome: LoaderOutcome, loads: bool, seals: bool, next: LoaderState| {
            let mut steps = steps(Turn);
            steps.outcome.q.next = outcome;
            steps.resume.q.next = Write;
            steps.seals.q.next = seals;
            wake();
            steps.position.next = ManifestPosition { loads, ..ManifestPosition::default() };
            edge!(steps);
            assert_eq!(steps.state.val(), next, "{outcome:?}, loads {loads}, seals {seals}");
            assert!(!(steps.seals.q.val() && outcome.ends && loads), "SEAL is ordered once");
        };
        let none = LoaderOutcome::default();
        let advances = LoaderOutcome { advances: true, ..none };
        let ends = LoaderOutcome { ends: true, ..advances };
        check(none, false, false, Write);
        check(advances, false, false, Fetch);
        check(ends, false, true, Fetch);
        check(ends, true, true, Room);
        check(ends, true, false, Record);
        check(LoaderOutcome { fails: true, ..none }, false, false, Failing);
        check(LoaderOutcome { fails: true, ..ends }, true, false, Failing);
    }

    #[test]
    fn the_pool_is_scrubbed_before_the_loader_goes_on() {
        let mut steps = steps(Scrub);
        edge!(steps);
        assert!(steps.scrub_start.val() && steps.scrubs_pool.val());
        steps.scrub_busy.next = true;
        for _ in 0..5 {
            edge!(steps);
            assert!(!steps.scrub_start.val() && steps.state.val() == Scrub, "it began once, and is waited for");
        }
        steps.scrub_busy.next = false;
        edge!(steps);
        assert_eq!(steps.state.val(), Turn);
    }
}
