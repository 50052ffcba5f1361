//! The rules of AXI4, Wishbone and APB4, and what the guards promise, proven of the AXI4 guard's two directions, of the Wishbone guard
//! and of the APB4 control.
//!
//! ```text
//!   free master, free verdicts --> ReadGuard or WriteGuard --> a memory that keeps to AXI4
//!                                          '--> rules/axi4_*.v: one assertion a rule
//!   free masters, free verdicts --> WishboneGuard --> WishboneMerge <-- free scrubber, --> free memory
//!                                          '------------'--> rules/wishbone.v
//!   free master --> ApbControl --> a register port that answers what it was asked
//!                       '--> rules/apb.v
//! ```
//!
//! The rules are Verilog-2005 with assertions. Of AXI4 two bursts are followed, any two; the guard has room for two at once.

use crate::{Job, ProofFinding, ProofOutcome, Prover};
use anyhow::Result;
use pm_designs::changed;
use pm_properties::SeededFault;
use pm_verilog::Change;
use std::time::Instant;

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The AXI4 guard's reads.
    Read,
    /// Its writes.
    Write,
    /// The limiter before its writes.
    Limiter,
    /// The Wishbone guard.
    Wishbone,
    /// The APB4 control.
    Apb,
}

impl Guard {
    /// Name of the bus.
    pub fn bus(self) -> &'static str {
        match self {
            Guard::Read | Guard::Write | Guard::Limiter => "axi4",
            Guard::Wishbone => "wishbone",
            Guard::Apb => "apb4",
        }
    }

    /// Name of the module.
    pub fn module(self) -> &'static str {
        match self {
            Guard::Read => "read_guard",
            Guard::Write => "write_guard",
            Guard::Limiter => "write_limiter",
            Guard::Wishbone => "wishbone_guard",
            Guard::Apb => "apb_control",
        }
    }

    /// What is assumed.
    pub fn assumes(self) -> &'static str {
        match self {
            Guard::Read | Guard::Write => {
                "an offer of master or memory stays until it is taken; bursts of at most 3 beats, 2 at once; the memory answers in \
                 order, OKAY, as many beats as it was asked for"
            }
            Guard::Limiter => {
                "a beat stays until it is taken; bursts of at most 2 beats, 2 at once; the guard answers what it has got whole"
            }
            Guard::Wishbone => "a translation keeps the place in a granule",
            Guard::Apb => "the register port answers what it was asked, once",
        }
    }

    /// It, as Verilog, with these changes.
    ///
    /// # Errors
    /// When the backend refuses a block, or a change does not fit.
    pub fn design(self, changes: &[Change]) -> Result<String> {
        match self {
            Guard::Read => changed::read_guard(changes),
            Guard::Write => changed::write_guard(changes),
            Guard::Limiter => changed::write_limiter(changes),
            Guard::Wishbone => changed::wishbone_guard(changes),
            Guard::Apb => changed::apb_control(changes),
        }
    }

    fn rules(self) -> &'static str {
        match self {
            Guard::Read => include_str!("../rules/axi4_read.v"),
            Guard::Write => include_str!("../rules/axi4_write.v"),
            Guard::Limiter => include_str!("../rules/axi4_limiter.v"),
            Guard::Wishbone => include_str!("../rules/wishbone.v"),
            Guard::Apb => include_str!("../rules/apb.v"),
        }
    }
}

/// One assertion.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name for `pm prove`.
    pub name: &'static str,
    /// Its label in the rules.
    pub label: &'static str,
    /// Of what.
    pub guard: Guard,
    /// What is true.
    pub says: &'static str,
    /// Part of every test run.
    pub quick: bool,
    /// What must make it fail.
    pub fault: SeededFault,
}

macro_rules! rules {
    ($($guard:ident $quick:literal $name:literal $label:literal: $says:literal; $fault:literal: $change:literal;)*) => {
        &[$(Rule {
            name: $name,
            label: $label,
            guard: Guard::$guard,
            says: $says,
            quick: $quick,
            fault: SeededFault { name: $fault, change: $change },
        }),*]
    };
}

/// Every rule.
pub const RULES: &[Rule] = rules! {
    Read true "axi4_read_address_stays" "stays_forward":
        "an address that is offered to the memory stays as it is until it is taken";
        "an offer is taken back": "queue.entries: head_granted is it & !translated";
    Read false "axi4_read_data_stay" "stays_beat":
        "a beat that is offered to the master stays as it is until it is taken";
        "a beat is taken back": "read_guard: passes is it & !offered";
    Read false "axi4_read_granted" "was_granted":
        "an address that the memory sees was granted, is seen once, and in order";
        "what is refused is offered, too": "queue.entries: head_granted is is_head & ((state.q == BurstState::Granted) | (state.q == BurstState::Refused))";
    Read false "axi4_read_as_asked" "as_asked":
        "it is the address that was granted, with the attributes that came";
        "the first byte's place in its container is lost": "queue.entries: place.d from translated_physical is translated_physical";
    Read false "axi4_read_asked" "was_asked":
        "no beat comes for which nobody has asked, or before it is decided";
        "a denial is given again and again": "read_guard: queue.denial_given under denying.q is false";
    Read false "axi4_read_counted" "counted":
        "the last beat is the one that was asked for, of denied bursts and granted ones";
        "a denied burst has a beat too many": "read_guard: beat.last from given.q is given.q == (queue.denied.len + 1)";
    Read false "axi4_read_told" "told":
        "SLVERR comes exactly where it was refused, or was given up after a stall, in the order of the bursts";
        "a denial says OKAY": "read_guard: beat.response from error is 0";
    Read false "axi4_read_empty" "empty":
        "the data of an error are zero";
        "the last data are shown": "read_guard: beat.data under denying.q is arrivals.sink_payload.data";
    Read false "axi4_read_released" "released":
        "while the master leaves a beat for too long, the memory is rid of every beat that it offers";
        "what is given up waits for the master": "read_guard: arrivals.sink_ready drops queue.drops";
    Write true "axi4_write_address_stays" "stays_forward":
        "an address that is offered to the memory stays as it is until it is taken";
        "an offer is taken back": "queue.entries: head_granted is it & !translated";
    Write false "axi4_write_data_stay" "stays_beat":
        "a beat that is offered to the memory stays as it is until it is taken";
        "a beat is taken back": "write_guard: memory_valid from data.sink_valid is it & !offered";
    Write true "axi4_write_answer_stays" "stays_answer":
        "an answer that is offered to the master stays as it is until it is taken";
        "an answer changes": "write_guard: answer.id is !departures.sink_payload.id when offered";
    Write false "axi4_write_granted" "was_granted":
        "an address that the memory sees was granted, is seen once, and in order";
        "what is refused is offered, too": "queue.entries: head_granted is is_head & ((state.q == BurstState::Granted) | (state.q == BurstState::Refused))";
    Write false "axi4_write_as_asked" "as_asked":
        "it is the address that was granted, with the attributes that came";
        "the first byte's place in its container is lost": "queue.entries: place.d from translated_physical is translated_physical";
    Write false "axi4_write_announced" "was_announced":
        "no beat comes to the memory before its address is offered, wherever `wlast` comes";
        "data pass before the verdict": "queue.entries: data_passes is it | (state.q == BurstState::Asked)";
    Write false "axi4_write_counted" "counted":
        "the memory gets as many beats as it was promised, wherever `wlast` comes";
        "the master's wlast is passed on": "write_guard: memory_beat.last is data.sink_payload.last";
    Write false "axi4_write_asked" "was_asked":
        "no answer comes for which there is no burst";
        "a denial is given again and again": "write_guard: queue.denial_given from denies is false";
    Write false "axi4_write_told" "told":
        "what was refused is answered SLVERR, in the order of the bursts";
        "a denial says OKAY": "write_guard: departures.source_payload.response is 0 when denies";
    Limiter false "axi4_limiter_answer_stays" "stays_answer":
        "an answer that is offered to the master stays as it is until it is taken";
        "an answer shows the next one": "write_limiter: answers.pop is valid";
    Limiter false "axi4_limiter_after_data" "after_data":
        "a burst is answered after its last beat, whoever made up the beats for the guard";
        "a burst that was ended is answered at once": "write_limiter: answers.push from response_valid drops state.q";
    Limiter false "axi4_limiter_told" "told":
        "a burst whose data were made up is answered SLVERR, in the order of its identifier";
        "a burst that was ended says OKAY": "write_limiter: answers.payload.response is 0 when drops";
    Limiter false "axi4_limiter_taken" "was_taken":
        "no answer comes for which there is no burst";
        "an answer is given twice": "write_limiter: answers.pop is gives & !drops";
    Limiter false "axi4_limiter_late" "late":
        "what a master sends of a burst that was ended does not reach the guard";
        "late data pass": "write_limiter: guard_valid is it | drops";
    Limiter false "axi4_limiter_made_up" "made_up":
        "a beat that is made up has no strobe set";
        "made up beats keep the strobes": "write_limiter: guard_beat.strobe is data_beat.strobe";
    Limiter false "axi4_limiter_announced" "was_announced":
        "the guard gets no beat without a burst";
        "data pass before their address": "write_limiter: guard_valid drops waiting";
    Limiter false "axi4_limiter_fills" "fills":
        "once bursts are ended, the guard gets the missing beats without a pause, whatever the master does";
        "made up beats wait for the master": "write_limiter: guard_valid is it & data_valid";
    Wishbone true "wishbone_within_cycle" "within_cycle":
        "the memory sees `stb` only within a cycle";
        "the bus is let go with a beat on it": "guard: beat.open is it & !held.q";
    Wishbone true "wishbone_stays" "stays":
        "a beat that the memory has not answered stays as it is, whatever the masters do";
        "a beat is taken back with its master's strobe": "guard: offered is passes | (held.q & presents)";
    Wishbone true "wishbone_only_scrubs" "only_scrubs":
        "what the memory sees beside granted beats are zeros for the block that is cleared";
        "the scrubber's word goes elsewhere": "merge: wbm.adr_o from address.q is beat.address";
    Wishbone true "wishbone_shown" "shown":
        "a granted beat is on the bus as it was granted";
        "the scrubber's word goes over a beat": "merge: beat.may_open drops scrubbing.q";
    Wishbone true "wishbone_lands" "lands":
        "a scrub word is called landed when the memory has taken it, not before";
        "a failed write counts as landed": "merge: landed is scrubbing.q & (wbm.ack_i | wbm.err_i)";
    Wishbone true "wishbone_granted" "was_granted":
        "a beat that the memory sees was granted: its place, its direction, and well formed";
        "the verdict is not waited for": "guard: passes is (state.q != GuardState::Idle) & !held.q & matching.announced & !closing";
    Wishbone true "wishbone_offered" "was_offered":
        "a beat with bytes comes from the tenant that was granted, which offers it, in the place that was asked about";
        "any beat after a grant passes": "guard: passes reads presents for matching.announced";
    Wishbone true "wishbone_counted" "counted":
        "a grant is for 16 beats of a burst at most, for one beat otherwise";
        "a burst goes on for ever": "guard: last from beats.q is !runs | wbs.cti_i.all()";
    Wishbone true "wishbone_unit" "unit_ends":
        "no beat is announced to the memory beyond the bytes that the burst was asked for";
        "a burst goes on behind its unit": "guard: last from step.leaves drops step.leaves";
    Wishbone true "wishbone_closes" "closes":
        "a burst that the memory sees ends with `cti` 7, whatever the masters, the fence and the memory do";
        "the fence ends a burst without its last beat": "guard: if owes.q is false";
    Wishbone true "wishbone_fills" "fills":
        "a beat of no bytes only ends a burst";
        "the beat that ends a burst has the master's data": "guard: beat.data under ending is wbs.dat_i";
    Wishbone true "wishbone_fenced" "fenced":
        "after a command was told that everything asked before has ended, none of it reaches the memory";
        "the fence does not wait": "guard: clear.d from state.q is fence";
    Wishbone true "wishbone_asked" "was_asked":
        "an answer comes only while a beat is offered, and is one of ack and err";
        "a failure is an ack, too": "guard: wbs.ack_o drops beat.failed";
    Wishbone true "wishbone_own" "own":
        "an ack goes to the tenant that asked, for what was asked";
        "a beat is answered to whoever is there": "guard: speaks is presents";
    Wishbone true "wishbone_empty" "empty":
        "data are zero but with the ack of a read";
        "a failed read shows its data": "guard: if answered, speaks drops beat.failed";
    Apb true "apb_in_access" "in_access":
        "`pready` is high in an access phase only";
        "the setup phase is answered": "apb_control: bus.pready is it | bus.psel";
    Apb true "apb_ends" "ends":
        "a transfer ends in the cycle after the register port has answered, and in its first access phase where nothing is asked";
        "no transfer ends": "apb_control: state.d in Waiting is ApbState::Waiting";
    Apb true "apb_once" "once":
        "a transfer asks the register port once, in the cycle after its setup phase";
        "a transfer asks in every cycle": "apb_control: state.d in Strobe is ApbState::Strobe";
    Apb true "apb_in_whole" "in_whole":
        "a write without all its strobes asks for nothing";
        "strobes are not looked at": "apb_control: whole is true";
    Apb true "apb_as_asked" "as_asked":
        "the register port is asked for the direction, the address and the data of the transfer";
        "a read writes": "apb_control: request.write in Strobe is true";
    Apb true "apb_told" "told":
        "`pslverr` comes exactly where the register port refused, or where some strobes were set; the data are the port's";
        "a refusal is no error": "apb_control: failed.d from response.error is false";
    Apb true "apb_quiet" "quiet":
        "`pslverr` is high with `pready` only";
        "an error is shown early": "apb_control: bus.pslverr is failed.q";
    Apb true "apb_empty" "empty":
        "data are zero but with the end of a read that went well";
        "a refused read shows its data": "apb_control: if response.error drops response.error";
    Apb true "apb_alone" "alone":
        "the register port is asked one thing at a time, whatever the master does";
        "the answer is not waited for": "apb_control: state.d in Strobe is ApbState::Idle";
    Apb true "apb_theirs" "theirs":
        "what is withdrawn is answered to no transfer that follows";
        "whoever is there is answered": "apb_control: speaks drops abandoned.q";
};

impl Rule {
    /// The claim that it belongs to, beside those of the Partition Manager.
    pub const CLAIM: char = 'x';

    /// The rules with no assertion but this.
    pub fn text(&self) -> String {
        let own = format!(" {}: assert (", self.label);
        self.guard
            .rules()
            .lines()
            .filter(|line| !line.contains(": assert (") || line.contains(&own))
            .map(|line| format!("{line}\n"))
            .collect()
    }
}

impl Prover {
    /// Proves a rule of this text of its guard; of one that is suspect a counterexample is looked for first.
    ///
    /// # Errors
    /// When a tool is missing or fails.
    pub fn prove_rule_of(&self, rule: &Rule, design: &str, suspect: bool) -> Result<ProofOutcome> {
        let name = format!("{}{}", rule.name, if suspect { "-fault" } else { "" });
        let job = Job { prover: self, name, free: &[] };
        job.write("v", &format!("{design}\n{}", rule.text()))?;
        job.reachability(&[], suspect)
    }

    /// Proves a rule, or with its fault shows that the proof can fail.
    ///
    /// # Errors
    /// When a tool is missing or fails, or the fault does not fit.
    pub fn prove_rule(&self, rule: &Rule, faulty: bool) -> Result<ProofFinding> {
        let start = Instant::now();
        let changes = if faulty { rule.fault.changes()? } else { Vec::new() };
        let outcome = self.prove_rule_of(rule, &rule.guard.design(&changes)?, faulty)?;
        Ok(ProofFinding {
            property: rule.name.into(),
            claim: Rule::CLAIM,
            says: rule.says.into(),
            design: rule.guard.module().into(),
            geometry: rule.guard.bus().into(),
            fault: faulty.then(|| rule.fault.name.into()),
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        })
    }
}
