//! The upset campaign: every state bit of the emitted Verilog, flipped one at a time under random traffic.
//!
//! ```text
//!   traffic ---> verilated design ---> what it answers without a flip, kept with its state, cycle by cycle
//!                      |
//!   bit, moment --> replay from the kept state, one bit wrong --> what differs --> judge --> outcome
//! ```
//!
//! The judge knows what software knows: the commands it wrote and the results it read. A grant is unauthorised when no
//! table that these commands can have built permits it, or when it leads to another physical address.

mod judge;
mod traffic;

pub use judge::{Grant, UpsetOutcome};

use crate::block_cosim::{self, Flipper, Random, StateBit};
use crate::verilated::{Order, Places};
use crate::{table, UsageError};
use anyhow::{ensure, Context, Result};
use judge::Judge;
use pm_designs::Design;
use pm_interface::Command;
use pm_verilog::StateElement;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use traffic::{Traffic, TOLD_WITHIN};

/// What to flip, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpsetPlan {
    /// The geometry's name.
    pub geometry: String,
    /// Moments at which each bit is flipped.
    pub moments: usize,
    /// Of the traffic and the moments.
    pub seed: u64,
    /// Which part of the flips, from 1.
    pub shard: usize,
    /// Of how many parts.
    pub shards: usize,
    /// Only registers and memories whose instance path holds this; empty: all.
    #[serde(default)]
    pub only: String,
}

/// How often each [`UpsetOutcome`] came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpsetCounts {
    /// Nobody sees it.
    pub harmless: u64,
    /// Nothing but an alert, or the interrupt for a repair; what reads differently has been told of.
    pub corrected: u64,
    /// A register, a reason or a slot reads differently; every verdict is as it was.
    pub misreported: u64,
    /// The scrubber writes elsewhere, or not at all.
    pub stray_scrub: u64,
    /// Something is refused, and the alert raised.
    pub denied_with_alert: u64,
    /// Something is refused, and nobody told.
    pub denied_silently: u64,
    /// An answer or the end of a command does not come, and nobody is told.
    pub hang: u64,
    /// A grant that no command gave.
    pub unauthorised: u64,
}

impl UpsetCounts {
    /// What stands over [`UpsetCounts::row`].
    pub const HEADS: [&str; 8] = ["harmless", "corrected", "misread", "scrub", "denied+", "denied-", "hang", "GRANT"];

    fn add(&mut self, outcome: UpsetOutcome) {
        let count = match outcome {
            UpsetOutcome::Harmless => &mut self.harmless,
            UpsetOutcome::Corrected => &mut self.corrected,
            UpsetOutcome::Misreported => &mut self.misreported,
            UpsetOutcome::StrayScrub => &mut self.stray_scrub,
            UpsetOutcome::DeniedWithAlert => &mut self.denied_with_alert,
            UpsetOutcome::DeniedSilently => &mut self.denied_silently,
            UpsetOutcome::Hang => &mut self.hang,
            UpsetOutcome::Unauthorised => &mut self.unauthorised,
        };
        *count += 1;
    }

    /// From harmless to worst.
    pub fn row(self) -> [u64; 8] {
        [
            self.harmless,
            self.corrected,
            self.misreported,
            self.stray_scrub,
            self.denied_with_alert,
            self.denied_silently,
            self.hang,
            self.unauthorised,
        ]
    }
}

/// A flip that led to an unauthorised grant: enough to see it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpsetFinding {
    /// The instance of the register or memory.
    pub register: String,
    /// Word of a memory; zero of a register.
    pub word: usize,
    /// Bit of the word.
    pub bit: usize,
    /// Cycle after whose clock edge it was flipped.
    pub moment: usize,
    /// Seed of the traffic.
    pub seed: u64,
    /// The first grant.
    pub grant: Grant,
}

/// What a campaign found so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpsetResults {
    /// What was asked.
    pub plan: UpsetPlan,
    /// State bits of the design.
    pub bits: usize,
    /// Hash of the emitted text and its state: results of another design are not continued.
    pub design: String,
    /// Flips of this shard.
    pub flips: usize,
    /// Indices of the flips that are finished: of this shard the first so many.
    pub finished: usize,
    /// Of all of them.
    pub total: UpsetCounts,
    /// By block, the instance around the register.
    pub blocks: BTreeMap<String, UpsetCounts>,
    /// By register and memory.
    pub registers: BTreeMap<String, UpsetCounts>,
    /// Every flip that led to an unauthorised grant.
    pub unauthorised: Vec<UpsetFinding>,
}

impl UpsetResults {
    /// How many outcomes were counted.
    pub fn counted(&self) -> usize {
        self.total.row().iter().sum::<u64>() as usize
    }

    /// What was found, in a few words.
    pub fn found(&self) -> String {
        let grants = self.total.unauthorised;
        format!("{grants} unauthorised grant{}", if grants == 1 { "" } else { "s" })
    }

    /// For people: a line for each block, then the unauthorised grants.
    pub fn text(&self) -> String {
        let UpsetPlan { geometry, moments, seed, shard, shards, only } = &self.plan;
        let only = if only.is_empty() { String::new() } else { format!(" of `{only}`") };
        let mut out = format!(
            "{geometry}: {} state bits{only} at {moments} moments, seed {seed}, shard {shard}/{shards}: {} of {} flips\n\n",
            self.bits, self.finished, self.flips
        );
        let row = |name: &str, cells: [String; 8]| [vec![name.to_string()], cells.to_vec()].concat();
        let mut rows = vec![row("block", UpsetCounts::HEADS.map(String::from))];
        let blocks = self.blocks.iter().map(|(block, counts)| (block.as_str(), counts)).chain([("all", &self.total)]);
        rows.extend(blocks.map(|(block, counts)| row(block, counts.row().map(|count| count.to_string()))));
        out.push_str(&table::render_numbers(&rows));
        if !self.unauthorised.is_empty() {
            out.push_str("\nUnauthorised grants, register by register: flips, and the first of them\n");
            let mut registers: BTreeMap<&str, (u64, &UpsetFinding)> = BTreeMap::new();
            for finding in &self.unauthorised {
                registers.entry(&finding.register).or_insert((0, finding)).0 += 1;
            }
            for (register, (count, UpsetFinding { word, bit, moment, grant, .. })) in registers {
                let _ = writeln!(out, "  {register}: {count}; word {word} bit {bit} at {moment}: {grant}");
            }
        }
        out
    }

    /// What a whole campaign over a design with the feature `integrity` must not find, and did: a grant or a scrub that
    /// was not due; a denial or a silence without an alert where a grant is decided or its tables are written; a
    /// memory whose flips nobody ever noticed. With `lockstep` as well, anything at all that is wrong in silence.
    pub fn shortcomings(&self) -> Vec<String> {
        let mut found = Vec::new();
        let twins = pm_system::geometry::named(&self.plan.geometry).is_ok_and(|geometry| geometry.features.lockstep);
        let watched = ["data_path", "boot.boot_gate", "command_", "allocator", "scrubber", "shadow_writer"];
        for (register, counts) in &self.registers {
            let decides = watched.iter().any(|part| register.starts_with(&format!("partition_manager.{part}")));
            if counts.unauthorised + counts.stray_scrub > 0 {
                found.push(format!("{register}: {} grants, {} scrubs not due", counts.unauthorised, counts.stray_scrub));
            }
            // A comparison may flip while its row is written: the access is refused as if the row were revoked.
            let known = u64::from(!twins && register.ends_with(".owner_matches"));
            if (decides || twins) && counts.denied_silently.saturating_sub(known) + counts.hang > 0 {
                found.push(format!("{register}: {} denials, {} silences without an alert", counts.denied_silently, counts.hang));
            }
        }
        if twins && self.total.misreported > 0 {
            let misread = self.registers.iter().filter(|(_, counts)| counts.misreported > 0);
            found.extend(misread.map(|(register, counts)| format!("{register}: {} misread and nobody told", counts.misreported)));
        }
        let memories = ["shadow_table.memory", "lookup_copy", "rights", "control_copy", "first_copy", "last_copy"];
        for memory in memories {
            let heard = self.registers.iter().filter(|(register, _)| register.ends_with(memory));
            if heard.map(|(_, counts)| counts.denied_with_alert).sum::<u64>() == 0 {
                found.push(format!("{memory}: no flip was ever denied with an alert"));
            }
        }
        found
    }

    /// They are of the design that is emitted for their geometry now.
    ///
    /// # Errors
    /// When the geometry is not supported.
    pub fn is_current(&self) -> Result<bool> {
        let geometry = pm_system::geometry::named(&self.plan.geometry)?;
        Ok(self.design == fingerprint(&pm_designs::emit(&geometry)?, &pm_designs::state(&geometry)?))
    }

    /// No flip led to an unauthorised grant.
    pub fn passed(&self) -> bool {
        self.total.unauthorised == 0
    }
}

/// Tells one design from another: results of one say nothing of the other.
fn fingerprint(verilog: &str, state: &[StateElement]) -> String {
    block_cosim::fingerprint(&[verilog, &format!("{state:?}")])
}

/// A campaign under way.
pub struct UpsetCampaign {
    flipper: Flipper,
    judge: Judge,
    state: Vec<StateElement>,
    /// Those elements whose bits are flipped.
    chosen: Vec<usize>,
    /// The first bit of each of them among all bits, and how many there are.
    starts: Vec<usize>,
    results: UpsetResults,
}

impl UpsetCampaign {
    /// The campaign over the design that is emitted for the plan's geometry.
    ///
    /// # Errors
    /// When the geometry is not supported, Verilator is missing, or the judge refuses the run without a flip.
    pub fn new(plan: &UpsetPlan) -> Result<UpsetCampaign> {
        let geometry = pm_system::geometry::named(&plan.geometry)?;
        UpsetCampaign::of(plan, &pm_designs::emit(&geometry)?)
    }

    /// The campaign over another text of the same design.
    ///
    /// # Errors
    /// As [`UpsetCampaign::new`].
    pub fn of(plan: &UpsetPlan, verilog: &str) -> Result<UpsetCampaign> {
        ensure!(plan.shard >= 1 && plan.shard <= plan.shards, "there is no shard {}/{}; count from 1", plan.shard, plan.shards);
        ensure!(plan.moments > 0, "a bit that is flipped at no moment tells nothing; ask for at least 1");
        let geometry = pm_system::geometry::named(&plan.geometry)?;
        let state = pm_designs::state(&geometry)?;
        let ports = block_cosim::BlockPorts::of(Design::Core.block(&geometry)?.as_ref());
        let order = Order::of(&ports).context("the top has an input that is not driven")?;
        let places = Places::of(&ports).context("the top lacks an output")?;
        let mut flipper = Flipper::start("partition_manager", verilog, &ports, &state)?;
        let traffic = Traffic::new(&geometry, plan.seed)?;
        let mut stimulus = Vec::new();
        for (cycle, offered) in traffic.offered.iter().enumerate() {
            order.offer(cycle < traffic.resets, offered, &mut stimulus);
        }
        let kept = flipper.keep(&stimulus)?;
        let judge = Judge::new(geometry, traffic, places, kept)?;
        let holds = |element: &StateElement| element.path.join(".").contains(&plan.only);
        let chosen: Vec<usize> = (0..state.len()).filter(|place| holds(&state[*place])).collect();
        if chosen.is_empty() {
            let UpsetPlan { geometry, only, .. } = plan;
            return Err(UsageError(format!(
                "no register and no memory of {geometry} has `{only}` in its path; a run without --only lists them by block"
            ))
            .into());
        }
        let mut starts = vec![0];
        for place in &chosen {
            starts.push(starts[starts.len() - 1] + state[*place].width * state[*place].words);
        }
        let bits = starts[starts.len() - 1];
        let design = fingerprint(verilog, &state);
        let flips = (bits * plan.moments).saturating_sub(plan.shard - 1).div_ceil(plan.shards);
        let results = UpsetResults {
            plan: plan.clone(),
            bits,
            design,
            flips,
            finished: 0,
            total: UpsetCounts::default(),
            blocks: BTreeMap::new(),
            registers: BTreeMap::new(),
            unauthorised: Vec::new(),
        };
        Ok(UpsetCampaign { flipper, judge, state, chosen, starts, results })
    }

    /// Goes on where earlier results ended.
    ///
    /// # Errors
    /// When they are of another plan or another design.
    pub fn resume(&mut self, earlier: UpsetResults) -> Result<()> {
        let (plan, bits) = (&self.results.plan, self.results.bits);
        ensure!(earlier.plan == *plan, "these results are of another campaign: {:?}", earlier.plan);
        ensure!(
            earlier.design == self.results.design && earlier.bits == bits && earlier.flips == self.results.flips,
            "these results are of another design, of {} state bits; it has changed since",
            earlier.bits
        );
        self.results = earlier;
        Ok(())
    }

    /// Findings of the campaign so far.
    pub fn results(&self) -> &UpsetResults {
        &self.results
    }

    /// How often each command goes well in the run without a flip.
    pub fn done(&self) -> BTreeMap<Command, usize> {
        self.judge.done()
    }

    /// Every register and memory, with its bits.
    pub fn state(&self) -> &[StateElement] {
        &self.state
    }

    /// The next flip; false when all are done.
    ///
    /// # Errors
    /// When the simulator is gone.
    pub fn step(&mut self) -> Result<bool> {
        let UpsetPlan { moments, seed, shard, shards, .. } = self.results.plan;
        if self.results.finished == self.results.flips {
            return Ok(false);
        }
        let index = self.results.finished * shards + shard - 1;
        let bit = self.bit(index / moments);
        // Each flip has its own moment, in its own part of the run.
        let mut random = Random::new(seed ^ (index as u64).wrapping_mul(0x9e37_79b9));
        // Of several moments every fourth, at least one, comes before the gate is open; which flip of a bit has which moment
        // is scattered, so that a shard has all of them.
        let scattered = Random::new((index / moments) as u64).below(moments as u64) as usize;
        let (place, closed) = ((index + scattered) % moments, if moments > 1 { moments.div_ceil(4) } else { 0 });
        let traffic = self.judge.traffic();
        let (range, place, parts) = match place < closed {
            true => (traffic.closed(), place, closed),
            false => (traffic.open(), place - closed, moments - closed),
        };
        // With more moments than cycles some are the same.
        let part = (range.len() / parts).max(1);
        let moment = range.start + (place * part + random.below(part as u64) as usize) % range.len();
        let flipped = self.flipper.flip(bit, moment, traffic.last(moment) + TOLD_WITHIN)?;
        let (outcome, grant) = self.judge.judge(moment, &flipped);
        self.results.total.add(outcome);
        let path = &self.state[bit.element].path;
        let block = path[..path.len() - 1].join(".");
        let register = path.join(".");
        self.results.blocks.entry(block).or_default().add(outcome);
        self.results.registers.entry(register.clone()).or_default().add(outcome);
        if let Some(grant) = grant {
            self.results.unauthorised.push(UpsetFinding { register, word: bit.word, bit: bit.bit, moment, seed, grant });
        }
        self.results.finished += 1;
        Ok(true)
    }

    fn bit(&self, index: usize) -> StateBit {
        let number = self.starts.partition_point(|start| *start <= index) - 1;
        let (element, place) = (self.chosen[number], index - self.starts[number]);
        let width = self.state[element].width;
        StateBit { element, word: place / width, bit: place % width }
    }
}
