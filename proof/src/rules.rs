//! The rules of AXI4, and what the guard promises, proven of its two directions.
//!
//! ```text
//!   free master, free verdicts --> ReadGuard or WriteGuard --> a memory that keeps to AXI4
//!                                          '--> rules/axi4_*.v: one assertion a rule
//! ```
//!
//! The rules are Verilog-2005 with assertions. Two bursts are followed, any two; the guard has room for two at once.

use crate::{spoilt, Finding, Job, Outcome, Prover};
use anyhow::Result;
use pm_properties::Fault;
use std::time::Instant;

/// A direction of the AXI4 guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Reads.
    Read,
    /// Writes.
    Write,
}

/// One assertion.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name for `pm prove`.
    pub name: &'static str,
    /// Its label in the rules.
    pub label: &'static str,
    /// What of the guard.
    pub direction: Direction,
    /// What is true.
    pub says: &'static str,
    /// Part of every test run.
    pub quick: bool,
    /// What must make it fail.
    pub fault: Fault,
}

macro_rules! rules {
    ($($direction:ident $quick:literal $name:literal $label:literal: $says:literal; $fault:literal: $find:literal => $replace:literal;)*) => {
        &[$(Rule {
            name: $name,
            label: $label,
            direction: Direction::$direction,
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
};

impl Rule {
    /// The claim that it belongs to, beside those of the Partition Manager.
    pub const CLAIM: char = 'x';

    /// What is assumed.
    pub const ASSUMES: &'static str = "an offer of master or memory stays until it is taken; bursts of at most 3 beats, 2 at once; \
                                       the memory answers in order, OKAY, as many beats as it was asked for";

    /// Name of the module.
    pub fn module(&self) -> &'static str {
        match self.direction {
            Direction::Read => "read_guard",
            Direction::Write => "write_guard",
        }
    }

    /// What it is proven of, as Verilog.
    ///
    /// # Errors
    /// When the backend refuses a block.
    pub fn design(&self) -> Result<String> {
        match self.direction {
            Direction::Read => pm_buses::emit_read_guard(),
            Direction::Write => pm_buses::emit_write_guard(),
        }
    }

    /// The rules with no assertion but this.
    pub fn text(&self) -> String {
        let rules = match self.direction {
            Direction::Read => include_str!("../rules/axi4_read.v"),
            Direction::Write => include_str!("../rules/axi4_write.v"),
        };
        let own = format!(" {}: assert (", self.label);
        rules.lines().filter(|line| !line.contains(": assert (") || line.contains(&own)).map(|line| format!("{line}\n")).collect()
    }
}

impl Prover {
    /// Proves a rule, or with its fault shows that the proof can fail.
    ///
    /// # Errors
    /// When a tool is missing or fails, or the fault does not fit.
    pub fn prove_rule(&self, rule: &Rule, faulty: bool) -> Result<Finding> {
        let start = Instant::now();
        let mut design = rule.design()?;
        if faulty {
            design = spoilt(&design, &rule.fault)?;
        }
        let name = format!("{}{}", rule.name, if faulty { "-fault" } else { "" });
        let job = Job { prover: self, name, free: &[] };
        job.write("v", &format!("{design}\n{}", rule.text()))?;
        let outcome: Outcome = job.reachability(&[])?;
        Ok(Finding {
            property: rule.name.into(),
            claim: Rule::CLAIM,
            says: rule.says.into(),
            design: rule.module().into(),
            geometry: "axi4".into(),
            fault: faulty.then(|| rule.fault.name.into()),
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        })
    }
}
