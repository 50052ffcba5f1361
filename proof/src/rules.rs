//! The rules of AXI4 and of Wishbone, and what the guards promise, proven of the AXI4 guard's two directions and of the Wishbone guard.
//!
//! ```text
//!   free master, free verdicts --> ReadGuard or WriteGuard --> a memory that keeps to AXI4
//!                                          '--> rules/axi4_*.v: one assertion a rule
//!   free masters, free verdicts --> WishboneGuard --> WishboneMerge <-- free scrubber, --> free memory
//!                                          '------------'--> rules/wishbone.v
//! ```
//!
//! The rules are Verilog-2005 with assertions. Of AXI4 two bursts are followed, any two; the guard has room for two at once.

use crate::{spoilt, Finding, Job, Outcome, Prover};
use anyhow::Result;
use pm_properties::Fault;
use std::time::Instant;

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The AXI4 guard's reads.
    Read,
    /// Its writes.
    Write,
    /// The Wishbone guard.
    Wishbone,
}

impl Guard {
    /// Name of the bus.
    pub fn bus(self) -> &'static str {
        match self {
            Guard::Read | Guard::Write => "axi4",
            Guard::Wishbone => "wishbone",
        }
    }

    /// Name of the module.
    pub fn module(self) -> &'static str {
        match self {
            Guard::Read => "read_guard",
            Guard::Write => "write_guard",
            Guard::Wishbone => "wishbone_guard",
        }
    }

    /// What is assumed.
    pub fn assumes(self) -> &'static str {
        match self {
            Guard::Read | Guard::Write => {
                "an offer of master or memory stays until it is taken; bursts of at most 3 beats, 2 at once; the memory answers in \
                 order, OKAY, as many beats as it was asked for"
            }
            Guard::Wishbone => "a translation keeps the place in a granule",
        }
    }

    /// It, as Verilog.
    ///
    /// # Errors
    /// When the backend refuses a block.
    pub fn design(self) -> Result<String> {
        match self {
            Guard::Read => pm_designs::emit_read_guard(),
            Guard::Write => pm_designs::emit_write_guard(),
            Guard::Wishbone => pm_designs::emit_wishbone_guard(),
        }
    }

    fn rules(self) -> &'static str {
        match self {
            Guard::Read => include_str!("../rules/axi4_read.v"),
            Guard::Write => include_str!("../rules/axi4_write.v"),
            Guard::Wishbone => include_str!("../rules/wishbone.v"),
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
    pub fault: Fault,
}

macro_rules! rules {
    ($($guard:ident $quick:literal $name:literal $label:literal: $says:literal; $fault:literal: $find:literal => $replace:literal;)*) => {
        &[$(Rule {
            name: $name,
            label: $label,
            guard: Guard::$guard,
            says: $says,
            quick: $quick,
            fault: Fault { name: $fault, find: $find, replace: $replace },
        }),*]
    };
}

/// Every rule.
pub const RULES: &[Rule] = rules! {
    Read true "axi4_read_address_stays" "stays_forward":
        "an address that is offered to the memory stays as it is until it is taken";
        "an offer is taken back": "head_granted = is_head & (state_q == BurstState_Granted);"
            => "head_granted = (is_head & (state_q == BurstState_Granted)) & (~translated);";
    Read false "axi4_read_data_stay" "stays_beat":
        "a beat that is offered to the master stays as it is until it is taken";
        "a beat is taken back": "passes = (arrivals_sink_valid & queue_answerable) & (~denying_q);"
            => "passes = ((arrivals_sink_valid & queue_answerable) & (~denying_q)) & (~offered);";
    Read false "axi4_read_granted" "was_granted":
        "an address that the memory sees was granted, is seen once, and in order";
        "what is refused is offered, too": "head_granted = is_head & (state_q == BurstState_Granted);"
            => "head_granted = is_head & ((state_q == BurstState_Granted) | (state_q == BurstState_Refused));";
    Read false "axi4_read_as_asked" "as_asked":
        "it is the address that was granted, with the attributes that came";
        "the first byte's place in its container is lost": "place_d = (translated_physical & (~low)) | (place_q & low);"
            => "place_d = translated_physical;";
    Read false "axi4_read_asked" "was_asked":
        "no beat comes for which nobody has asked, or before it is decided";
        "a denial is given again and again": "queue_denial_given = 1'h1;" => "queue_denial_given = 1'h0;";
    Read false "axi4_read_counted" "counted":
        "the last beat is the one that was asked for, of denied bursts and granted ones";
        "a denied burst has a beat too many": "beat[35] = given_q == queue_denied[8:1];"
            => "beat[35] = given_q == (queue_denied[8:1] + 8'h1);";
    Read false "axi4_read_told" "told":
        "SLVERR comes exactly where it was refused, in the order of the bursts";
        "a denial says OKAY": "beat[34:33] = error;" => "beat[34:33] = 2'h0;";
    Read false "axi4_read_empty" "empty":
        "a refused burst's data are zero";
        "the last data are shown": "beat[32:1] = 32'h0;" => "beat[32:1] = arrivals_sink_payload[32:1];";
    Write true "axi4_write_address_stays" "stays_forward":
        "an address that is offered to the memory stays as it is until it is taken";
        "an offer is taken back": "head_granted = is_head & (state_q == BurstState_Granted);"
            => "head_granted = (is_head & (state_q == BurstState_Granted)) & (~translated);";
    Write false "axi4_write_data_stay" "stays_beat":
        "a beat that is offered to the memory stays as it is until it is taken";
        "a beat is taken back": "memory_valid = data_sink_valid;" => "memory_valid = data_sink_valid & (~offered);";
    Write true "axi4_write_answer_stays" "stays_answer":
        "an answer that is offered to the master stays as it is until it is taken";
        "an answer changes": "answer = departures_sink_payload;" => "answer = departures_sink_payload ^ {2'h0, offered};";
    Write false "axi4_write_granted" "was_granted":
        "an address that the memory sees was granted, is seen once, and in order";
        "what is refused is offered, too": "head_granted = is_head & (state_q == BurstState_Granted);"
            => "head_granted = is_head & ((state_q == BurstState_Granted) | (state_q == BurstState_Refused));";
    Write false "axi4_write_as_asked" "as_asked":
        "it is the address that was granted, with the attributes that came";
        "the first byte's place in its container is lost": "place_d = (translated_physical & (~low)) | (place_q & low);"
            => "place_d = translated_physical;";
    Write false "axi4_write_announced" "was_announced":
        "no beat comes to the memory before its address is offered, wherever `wlast` comes";
        "data pass before the verdict": "((state_q == BurstState_Forwarded) | head_granted)"
            => "(((state_q == BurstState_Forwarded) | head_granted) | (state_q == BurstState_Asked))";
    Write false "axi4_write_counted" "counted":
        "the memory gets as many beats as it was promised, wherever `wlast` comes";
        "the master's wlast is passed on": "memory_beat[36] = last_beat;" => "memory_beat[36] = data_sink_payload[36];";
    Write false "axi4_write_asked" "was_asked":
        "no answer comes for which there is no burst";
        "a denial is given again and again": "queue_denial_given = denies & departures_source_ready;"
            => "queue_denial_given = 1'h0;";
    Write false "axi4_write_told" "told":
        "what was refused is answered SLVERR, in the order of the bursts";
        "a denial says OKAY": "departures_source_payload[2:1] = error;" => "departures_source_payload[2:1] = 2'h0;";
    Wishbone true "wishbone_within_cycle" "within_cycle":
        "the memory sees `stb` only within a cycle";
        "the bus is let go with a beat on it": "beat_open = state_q == GuardState_Open;"
            => "beat_open = (state_q == GuardState_Open) & (~held_q);";
    Wishbone true "wishbone_stays" "stays":
        "a beat that the memory has not answered stays as it is, whatever the masters do";
        "a beat is taken back with its master's strobe": "offered = held_q | passes;" => "offered = passes | (held_q & presents);";
    Wishbone true "wishbone_only_scrubs" "only_scrubs":
        "what the memory sees beside granted beats are zeros for the block that is cleared";
        "the scrubber's word goes elsewhere": "wbm_adr_o = address_q;"
            => "wbm_adr_o = beat_address;";
    Wishbone true "wishbone_shown" "shown":
        "a granted beat is on the bus as it was granted";
        "the scrubber's word goes over a beat": "beat_may_open = (~scrubbing_q) & (~(pending_q & scrub_turn_q));"
            => "beat_may_open = ~(pending_q & scrub_turn_q);";
    Wishbone true "wishbone_lands" "lands":
        "a scrub word is called landed when the memory has taken it, not before";
        "a failed write counts as landed": "landed = (scrubbing_q & wbm_ack_i) & (~wbm_err_i);"
            => "landed = scrubbing_q & (wbm_ack_i | wbm_err_i);";
    Wishbone true "wishbone_granted" "was_granted":
        "a beat that the memory sees was granted: its place, its direction, and well formed";
        "the verdict is not waited for": "(state_q == GuardState_Open) & (~held_q)" => "(state_q != GuardState_Idle) & (~held_q)";
    Wishbone true "wishbone_offered" "was_offered":
        "it comes from the tenant that was granted, which offers it, in the place that was asked about";
        "any beat after a grant passes": "& announced) & (~closing)" => "& presents) & (~closing)";
    Wishbone true "wishbone_counted" "counted":
        "a grant is for 16 beats of a burst at most, for one beat otherwise";
        "a burst goes on for ever": "| (&beats_q)) | (((cycle_type_q == 3'h2) & (burst_type_q == 2'h0)) & (&index))"
            => "| ((cycle_type_q == 3'h7) & (&index)))";
    Wishbone true "wishbone_fenced" "fenced":
        "after a command was told that everything asked before has ended, none of it reaches the memory";
        "the fence does not wait": "clear_d = fence & (clear_q | (state_q == GuardState_Idle));"
            => "clear_d = fence;";
    Wishbone true "wishbone_asked" "was_asked":
        "an answer comes only while a beat is offered, and is one of ack and err";
        "a failure is an ack, too": "wbs_ack_o = (answered & (~beat_failed)) & speaks;"
            => "wbs_ack_o = answered & speaks;";
    Wishbone true "wishbone_own" "own":
        "an ack goes to the tenant that asked, for what was asked";
        "a beat is answered to whoever is there": "speaks = same & (~abandoned_q);" => "speaks = presents;";
    Wishbone true "wishbone_empty" "empty":
        "data are zero but with the ack of a read";
        "a failed read shows its data": "if (((answered & (~beat_failed)) & speaks) & (~write_q))"
            => "if ((answered & speaks) & (~write_q))";
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
    /// Proves a rule, or with its fault shows that the proof can fail.
    ///
    /// # Errors
    /// When a tool is missing or fails, or the fault does not fit.
    pub fn prove_rule(&self, rule: &Rule, faulty: bool) -> Result<Finding> {
        let start = Instant::now();
        let mut design = rule.guard.design()?;
        if faulty {
            design = spoilt(&design, &rule.fault)?;
        }
        let name = format!("{}{}", rule.name, if faulty { "-fault" } else { "" });
        let job = Job { prover: self, name, free: &[] };
        job.write("v", &format!("{design}\n{}", rule.text()))?;
        let outcome: Outcome = job.reachability(&[], faulty)?;
        Ok(Finding {
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
