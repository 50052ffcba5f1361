//! The trust of an authenticated boot: may commands run, may the device open, and if not, why?
//!
//! ```text
//!   tag right ----------> verified -+--------------> commands_run, with `accepted`
//!   gate's verdict right -> accepted +--Record taken--> opened --> active, while the gate says so too
//!   a refusal, a word too many ------> gives_up --[edge]--> alarm; all three are taken back in the closed states
//! ```
//!
//! The device must never open before the tag of all words has been verified, nor after anything was refused.

use super::loader_state::LoaderState;
use crate::constants;
use pm_interface::Status;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Statuses of a boot that ended.
    pub struct TrustStatuses: Bits<4> {
        /// `Ok`.
        ok = Status::Ok.code(),
        /// `BadSize`: there are too many words.
        bad_size = Status::BadSize.code(),
        /// `Locked`: there was a manifest already.
        locked = Status::Locked.code(),
    }
}

block! {
    /// Decides whether the device may open.
    pub struct BootTrust for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no manifest is verified, and the device is closed.
        pub reset: Signal<In, Bit>,
        /// State of the loader.
        pub state: Signal<In, LoaderState>,
        /// High: a word of the host arrives, either of the manifest or too late to belong to the manifest.
        pub words: Signal<In, Bit>,
        /// High when the manifest buffer has no room for a further word.
        pub full: Signal<In, Bit>,
        /// High when the boot had begun a cycle ago.
        pub begun: Signal<In, Bit>,
        /// High: the loader found a reason to fail, in the cycle before.
        pub fails: Signal<In, Bit>,
        /// Status with which the boot fails.
        pub why: Signal<In, Bits<4>>,
        /// High for one cycle: the tag has been compared.
        pub tag_done: Signal<In, Bit>,
        /// High with `tag_done`: the tag is right.
        pub tag_matches: Signal<In, Bit>,
        /// High for one cycle: the gate has judged pool and window.
        pub configured: Signal<In, Bit>,
        /// Status of the gate's judgement.
        pub gate_status: Signal<In, Bits<4>>,
        /// High while the gate holds pool and window for right.
        pub gate_active: Signal<In, Bit>,
        /// High: the record of the boot is in the log.
        pub record_taken: Signal<In, Bit>,
        /// High: the tag was compared in the cycle before.
        pub judged: Signal<Out, Bit>,
        /// High with `judged`: the tag is right.
        pub genuine: Signal<Out, Bit>,
        /// High: a word arrived in the cycle before, after the host had ended the manifest or when the buffer was full.
        pub late: Signal<Out, Bit>,
        /// High: the boot fails in this cycle.
        pub gives_up: Signal<Out, Bit>,
        /// Status of the boot, as `BOOT_STATE` and the record show it.
        pub status: Signal<Out, Bits<4>>,
        /// High for one cycle: the device is closed until reset.
        pub alarm: Signal<Out, Bit>,
        /// High while commands may run: the loader's own, or all once the device is open.
        pub commands_run: Signal<Out, Bit>,
        /// High while the device is open.
        pub active: Signal<Out, Bit>,
        status_held: Register<Bits<4>> where reported,
        judged_held: Register<Bit> where guarded,
        genuine_held: Register<Bit> where guarded,
        verified: Register<Bit> where guarded,
        accepted: Register<Bit> where guarded,
        opened: Register<Bit> where guarded,
        late_held: Register<Bit> where guarded,
        // The alarm only reports a failure: no grant depends on the register, so the register has no parity.
        alarming: Register<Bit>,
        closed: Signal<Local, Bit>,
        statuses: TrustStatuses,
        /// High while no register that a grant rests on has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    BootTrust
    #[hdl_gen]
    fn update(&mut self) guarded(judged_held, genuine_held, verified, accepted, opened, late_held)
        reported(status_held) registers(alarming)
    {
        self.closed.next = (self.state.val() == LoaderState::Failing) | (self.state.val() == LoaderState::Failed);
        self.judged_held.d.next = self.tag_done.val();
        self.genuine_held.d.next = self.tag_done.val() & self.tag_matches.val();
        // SEC_CM: BOOT.TAG
        if self.judged_held.q.val() & ((self.state.val() == LoaderState::Feed) | (self.state.val() == LoaderState::Offer)) {
            self.verified.d.next = self.genuine_held.q.val();
        }
        if (self.state.val() == LoaderState::Configure) & self.configured.val() {
            self.accepted.d.next = self.gate_status.val() == self.statuses.ok.val();
        }
        if self.state.val() == LoaderState::Record {
            self.status_held.d.next = self.statuses.ok.val();
            if self.record_taken.val() {
                self.opened.d.next = self.verified.q.val() & self.accepted.q.val();
            }
        }

        // SEC_CM: BOOT.ONCE
        self.late_held.d.next = self.words.val() & ((self.state.val() != LoaderState::Waiting) | self.full.val());
        self.gives_up.next = (self.fails.val() | self.late_held.q.val()) & !self.closed.val();
        self.alarming.d.next = self.gives_up.val();
        if self.gives_up.val() {
            self.status_held.d.next = self.why.val();
            if self.late_held.q.val() {
                // A word that no longer fits, or one after the end.
                self.status_held.d.next = self.statuses.bad_size.val();
                if self.begun.val() {
                    self.status_held.d.next = self.statuses.locked.val();
                }
            }
        }
        // The registers close an edge after `closed`, so that no slow logic stands before the registers.
        if self.closed.val() {
            self.verified.d.next = false;
            self.accepted.d.next = false;
            self.opened.d.next = false;
        }

        self.judged.next = self.judged_held.q.val();
        self.genuine.next = self.genuine_held.q.val();
        self.late.next = self.late_held.q.val();
        self.status.next = self.status_held.q.val();
        self.alarm.next = self.alarming.q.val();
        self.commands_run.next = self.accepted.q.val() & self.verified.q.val();
        self.active.next = self.opened.q.val() & self.verified.q.val() & self.gate_active.val();
    }
    // A lost bit must not open the device, not even for one cycle.
    when(intact) {
        self.active.next = self.active.val() & self.opened.intact[0].val() & self.verified.intact[0].val();
        self.commands_run.next =
            self.commands_run.val() & self.accepted.intact[0].val() & self.verified.intact[0].val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    /// Inputs of one cycle of a boot.
    #[derive(Clone, Copy, Debug, Default)]
    struct Cycle {
        state: Option<LoaderState>,
        tag: Option<bool>,
        gate: Option<Status>,
        word: bool,
        refused: Option<Status>,
        taken: bool,
    }

    /// A boot that goes well, a cycle a state.
    fn good() -> Vec<Cycle> {
        let state = |state| Cycle { state: Some(state), ..Cycle::default() };
        vec![
            state(LoaderState::Waiting),
            Cycle { tag: Some(true), ..state(LoaderState::Feed) },
            state(LoaderState::Offer),
            state(LoaderState::Judge),
            Cycle { gate: Some(Status::Ok), ..state(LoaderState::Configure) },
            state(LoaderState::Command),
            Cycle { taken: true, ..state(LoaderState::Record) },
            state(LoaderState::Open),
            state(LoaderState::Open),
        ]
    }

    /// From which cycle on commands run, from which on the device is open, and the status at the end.
    fn trust(cycles: &[Cycle]) -> (Option<usize>, Option<usize>, u64) {
        let mut trust = BootTrust::new(&Geometry::preset("tiny").unwrap());
        trust.connect_all();
        trust.gate_active.next = true;
        let (mut runs, mut opens) = (None, None);
        for (at, cycle) in cycles.iter().enumerate() {
            trust.state.next = cycle.state.unwrap_or(LoaderState::Failed);
            trust.begun.next = at > 1;
            trust.tag_done.next = cycle.tag.is_some();
            trust.tag_matches.next = cycle.tag == Some(true);
            trust.configured.next = cycle.gate.is_some();
            trust.gate_status.next = u64::from(cycle.gate.unwrap_or(Status::BadSize).code()).to_bits();
            trust.words.next = cycle.word;
            trust.fails.next = cycle.refused.is_some();
            trust.why.next = u64::from(cycle.refused.unwrap_or(Status::Ok).code()).to_bits();
            trust.record_taken.next = cycle.taken;
            simulate(&mut trust, 100);
            runs = trust.commands_run.val().then_some(runs.unwrap_or(at));
            opens = trust.active.val().then_some(opens.unwrap_or(at));
            for level in [true, false] {
                trust.clock.next = level.into();
                simulate(&mut trust, 100);
            }
        }
        (runs, opens, trust.status.val().to_u64())
    }

    #[test]
    fn the_device_opens_after_tag_gate_and_record() {
        let check = |change: fn(&mut Vec<Cycle>), runs: Option<usize>, opens: Option<usize>, status: Status| {
            let mut cycles = good();
            change(&mut cycles);
            assert_eq!(trust(&cycles), (runs, opens, u64::from(status.code())), "{cycles:?}");
        };
        check(|_| {}, Some(5), Some(7), Status::Ok);
        check(|cycles| cycles[1].tag = Some(false), None, None, Status::Ok);
        check(|cycles| cycles[1].tag = None, None, None, Status::Ok);
        // A verdict outside of Feed and Offer is not the manifest's.
        check(|cycles| cycles[3].tag = cycles[1].tag.take(), None, None, Status::Ok);
        check(|cycles| cycles[4].gate = Some(Status::BadSize), None, None, Status::Ok);
        check(|cycles| cycles[4].gate = None, None, None, Status::Ok);
        check(|cycles| cycles[6].taken = false, Some(5), None, Status::Ok);
        // A word too many, and a refusal, close: the loader goes to its closed states.
        let word = |cycles: &mut Vec<Cycle>| {
            cycles[7].word = true;
            cycles.push(Cycle { state: Some(LoaderState::Failing), ..Cycle::default() });
            cycles.push(Cycle { state: Some(LoaderState::Failed), ..Cycle::default() });
        };
        check(word, None, None, Status::Locked);
        let refusal = |cycles: &mut Vec<Cycle>| {
            cycles[5].refused = Some(Status::Overlap);
            cycles.truncate(6);
            cycles.push(Cycle { state: Some(LoaderState::Failing), ..Cycle::default() });
            cycles.push(Cycle { state: Some(LoaderState::Failed), taken: true, ..Cycle::default() });
        };
        check(refusal, None, None, Status::Overlap);
    }
}
