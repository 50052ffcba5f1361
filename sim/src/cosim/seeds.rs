//! The campaign of seeds: for each of them random steps on the emitted Verilog, beside the golden model.

use super::{explore, Explored, Subject};
use crate::{block_cosim, campaign, load, Device, Verilated};
use anyhow::{ensure, Result};
use pm_interface::{Geometry, WORD_BYTES};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Cycles after which a device counts as hanging, and those for each of its steps, beside what it takes to clear its shadow
/// tables and to scrub its pool: many times what a sound one needs.
const PATIENCE: u64 = 1 << 20;
const PATIENCE_OF_A_STEP: u64 = 1 << 13;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedPlan {
    /// The geometry's name.
    pub geometry: String,
    /// How many seeds.
    pub seeds: usize,
    /// The first of them.
    pub first: u64,
    /// Steps of each of them at most: how many is drawn too.
    pub steps: usize,
    /// Which part of the seeds, from 1.
    pub shard: usize,
    /// Of how many parts.
    pub shards: usize,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedCounts {
    /// Seeds.
    pub seeds: u64,
    /// Their steps; where they differ, those of the search for the shortest too.
    pub steps: u64,
    /// Seeds whose steps are answered otherwise than by the model, or not at all.
    pub differences: u64,
}

/// A seed that shows a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedFinding {
    /// The seed.
    pub seed: u64,
    /// What is answered differently.
    pub what: String,
    /// The shortest steps that show it, as `RandomStep`s of Rust.
    pub steps: Vec<String>,
}

/// Findings of the campaign so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedResults {
    /// What was asked.
    pub plan: SeedPlan,
    /// Hash of the text: results of another are not continued.
    pub design: String,
    /// Seeds of this shard.
    pub seeds: usize,
    /// Finished ones.
    pub finished: usize,
    /// Of all.
    pub total: SeedCounts,
    /// Every seed that shows a difference.
    pub differing: Vec<SeedFinding>,
}

impl SeedResults {
    /// No seed shows a difference.
    pub fn passed(&self) -> bool {
        self.total.differences == 0
    }

    /// How many outcomes were counted.
    pub fn counted(&self) -> usize {
        self.total.seeds as usize
    }

    /// What was found, in a few words.
    pub fn found(&self) -> String {
        format!("{} steps, {} seeds differ", self.total.steps, self.total.differences)
    }

    /// For people.
    pub fn text(&self) -> String {
        let SeedPlan { geometry, seeds, first, steps, shard, shards } = &self.plan;
        let mut out = format!(
            "{geometry}: {seeds} seeds from {first}, at most {steps} steps each, shard {shard}/{shards}: {} of {} seeds\n\
             {} steps, {} seeds differ\n",
            self.finished, self.seeds, self.total.steps, self.total.differences
        );
        for SeedFinding { seed, what, steps } in &self.differing {
            let _ = writeln!(out, "\nseed {seed}: {what}");
            for step in steps {
                let _ = writeln!(out, "    {step},");
            }
        }
        out
    }
}

/// A campaign under way.
pub struct SeedCampaign {
    geometry: Geometry,
    compiled: Verilated,
    results: SeedResults,
}

impl SeedCampaign {
    /// The campaign over the design that is emitted for the plan's geometry.
    ///
    /// # Errors
    /// When the geometry is not supported, or Verilator is missing.
    pub fn new(plan: &SeedPlan) -> Result<SeedCampaign> {
        SeedCampaign::of(plan, &pm_designs::emit(&pm_system::geometry::named(&plan.geometry)?)?)
    }

    /// The campaign over another text of the same design.
    ///
    /// # Errors
    /// As [`SeedCampaign::new`].
    pub fn of(plan: &SeedPlan, verilog: &str) -> Result<SeedCampaign> {
        ensure!((1..=plan.shards).contains(&plan.shard), "there is no shard {}/{}; count from 1", plan.shard, plan.shards);
        let geometry = pm_system::geometry::named(&plan.geometry)?;
        let compiled = Verilated::of(&geometry, verilog)?;
        let results = SeedResults {
            plan: plan.clone(),
            design: block_cosim::fingerprint(&[verilog]),
            seeds: plan.seeds.saturating_sub(plan.shard - 1).div_ceil(plan.shards),
            finished: 0,
            total: SeedCounts::default(),
            differing: Vec::new(),
        };
        Ok(SeedCampaign { geometry, compiled, results })
    }

    /// Goes on where earlier results ended.
    ///
    /// # Errors
    /// When they are of another plan or another text.
    pub fn resume(&mut self, earlier: SeedResults) -> Result<()> {
        let SeedResults { plan, design, .. } = &self.results;
        campaign::continues((&earlier.plan, &earlier.design), (plan, design), "text")?;
        self.results = earlier;
        Ok(())
    }

    /// Findings of the campaign so far.
    pub fn results(&self) -> &SeedResults {
        &self.results
    }

    /// The next seed; false when all are done.
    ///
    /// # Errors
    /// When the simulator does not start.
    pub fn step(&mut self) -> Result<bool> {
        let SeedPlan { first, steps, shard, shards, .. } = self.results.plan;
        if self.results.finished == self.results.seeds {
            return Ok(false);
        }
        let seed = first.wrapping_add((self.results.finished * shards + shard - 1) as u64);
        // That it starts at all is no matter of the seed.
        self.compiled.again()?;
        let entries = 1u64 << (self.geometry.shape.tenant + self.geometry.shape.page);
        let words = self.geometry.largest_pool() / WORD_BYTES + self.geometry.pool as u64;
        let patience = PATIENCE + (PATIENCE_OF_A_STEP + entries + 2 * words) * steps as u64;
        let Explored { steps, failure } = explore(&self.geometry, 1, steps, seed, || {
            let mut device = self.compiled.again().expect("it started before").limited(patience);
            device.reset().expect("it resets");
            load::open(&mut device);
            Subject::Pins(Box::new(device))
        });
        let total = &mut self.results.total;
        total.seeds += 1;
        total.steps += steps as u64;
        if let Some((steps, what)) = failure {
            total.differences += 1;
            let steps = steps.iter().map(|step| format!("{step:?}")).collect();
            self.results.differing.push(SeedFinding { seed, what, steps });
        }
        self.results.finished += 1;
        Ok(true)
    }
}
