//! Mutation: which checkers notice that the design is wrong.
//!
//! ```text
//!   mutant --beside the golden model--> differs: killed
//!     |--both ports in every cycle while commands run--> an answer of no time: killed
//!     |--all of it compared with the sound design--> answers alike, always: no mutant
//!     '--proofs--> a counterexample: killed; else it survives
//! ```

use crate::mutants::{mutants, mutated, schema, Mutant};
use crate::{ProofOutcome, Prover};
use anyhow::{ensure, Context, Result};
use pm_interface::Geometry;
use pm_properties::{Property, Top, PROPERTIES};
use pm_sim::block_cosim::Random;
use pm_sim::cosim::{difference, Subject};
use pm_sim::{campaign, load, table, Device, Verilated};
use pm_verilog::names;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::time::Duration;

/// What is mutated, and compared as a whole.
const TOP: &str = "partition_manager";
/// Times the sound design's cycles after which a mutant counts as hanging.
const PATIENCE: u64 = 4;
/// Rounds of commands under full load, and cycles after which a mutant hangs in them.
const ROUNDS: u64 = 24;
const LOADED: u64 = 1 << 20;
/// The part of the mutants that has to be killed.
const GOAL: f64 = 0.95;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutationPlan {
    /// The geometry's name.
    pub geometry: String,
    /// So many of all mutants, drawn; 0: all of them.
    pub sample: usize,
    /// Of the sample and of the steps.
    pub seed: u64,
    /// Steps beside the golden model.
    pub steps: usize,
    /// Seconds that a step of a proof may take; 0: nothing is proven, and what the model does not notice survives.
    pub limit: u64,
    /// Which part of the mutants, from 1.
    pub shard: usize,
    /// Of how many parts.
    pub shards: usize,
}

/// What became of mutants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutationCounts {
    /// It answers otherwise than the golden model, or hangs.
    pub model: u64,
    /// Its answers while a command runs are those of no time before, in or after it.
    pub load: u64,
    /// A proof fails.
    pub proof: u64,
    /// It answers as the sound design does, always: nobody can notice.
    pub equivalent: u64,
    /// Nobody notices.
    pub survived: u64,
}

impl MutationCounts {
    fn add(&mut self, other: MutationCounts) {
        self.model += other.model;
        self.load += other.load;
        self.proof += other.proof;
        self.equivalent += other.equivalent;
        self.survived += other.survived;
    }

    /// The part of those that are no equivalents that is killed.
    pub fn score(&self) -> f64 {
        let killed = (self.model + self.load + self.proof) as f64;
        if self.survived == 0 {
            1.0
        } else {
            killed / (killed + self.survived as f64)
        }
    }
}

/// Findings of the campaign so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MutationResults {
    /// What was asked.
    pub plan: MutationPlan,
    /// Hash of the text: results of another are not continued.
    pub design: String,
    /// Mutants of the whole text.
    pub all: usize,
    /// Mutants of this shard.
    pub mutants: usize,
    /// Finished ones.
    pub finished: usize,
    /// Of all.
    pub total: MutationCounts,
    /// By module.
    pub blocks: BTreeMap<String, MutationCounts>,
    /// By property, the mutants that its proof killed.
    pub proofs: BTreeMap<String, u64>,
    /// Those that nobody notices.
    pub survivors: Vec<Mutant>,
}

impl MutationResults {
    /// So many are killed as have to be, of at least one that can be.
    pub fn passed(&self) -> bool {
        self.counted() as u64 > self.total.equivalent && self.total.score() >= GOAL
    }

    /// How many outcomes were counted.
    pub fn counted(&self) -> usize {
        let MutationCounts { model, load, proof, equivalent, survived } = self.total;
        (model + load + proof + equivalent + survived) as usize
    }

    /// What was found, in a few words.
    pub fn found(&self) -> String {
        let MutationCounts { model, load, proof, equivalent, survived } = self.total;
        let killed = model + load + proof;
        format!(
            "{killed} of {} killed that are no equivalents, {:.1} % (goal {:.0} %); {equivalent} are equivalent",
            killed + survived,
            100.0 * self.total.score(),
            100.0 * GOAL
        )
    }

    /// For people: a line for each module, then the survivors.
    pub fn text(&self) -> String {
        let MutationPlan { geometry, steps, seed, shard, shards, .. } = &self.plan;
        let mut out = format!(
            "{geometry}: {} mutants, {steps} steps, seed {seed}, shard {shard}/{shards}: {} of {}\n\n",
            self.all, self.finished, self.mutants
        );
        let line = |name: &str, cells: [String; 6]| [vec![name.to_string()], cells.to_vec()].concat();
        let heads = ["model", "load", "proof", "equivalent", "SURVIVED", "killed %"];
        let mut rows = vec![line("module", heads.map(String::from))];
        for (name, counts) in self.blocks.iter().map(|(name, counts)| (name.as_str(), counts)).chain([("all", &self.total)]) {
            let MutationCounts { model, load, proof, equivalent, survived } = *counts;
            let [model, load, proof, equivalent, survived] =
                [model, load, proof, equivalent, survived].map(|count| count.to_string());
            rows.push(line(name, [model, load, proof, equivalent, survived, format!("{:.1}", 100.0 * counts.score())]));
        }
        out.push_str(&table::render_numbers(&rows));
        for (name, count) in &self.proofs {
            let _ = writeln!(out, "killed by {name}: {count}");
        }
        for Mutant { number, module, line, change: [before, after] } in &self.survivors {
            let _ = writeln!(out, "\n{number}, {module}, line {line}\n  {before}\n  {after}");
        }
        out
    }
}

/// A campaign under way.
pub struct MutationCampaign {
    geometry: Geometry,
    text: String,
    /// Of the data path alone: what its properties are about.
    data_path: String,
    chosen: Vec<Mutant>,
    compiled: Verilated,
    prover: Prover,
    /// Cycles after which a mutant counts as hanging.
    patience: u64,
    results: MutationResults,
}

impl MutationCampaign {
    /// The campaign over the plan's geometry; what the tools write lies in `folder`.
    ///
    /// # Errors
    /// When the geometry has features, a tool is missing, or the sound design is noticed.
    pub fn new(plan: &MutationPlan, folder: &Path) -> Result<MutationCampaign> {
        let geometry = pm_system::geometry::named(&plan.geometry)?;
        MutationCampaign::of(plan, pm_designs::emit(&geometry)?, folder)
    }

    /// The campaign over this text of the geometry.
    ///
    /// # Errors
    /// As [`MutationCampaign::new`].
    pub fn of(plan: &MutationPlan, text: String, folder: &Path) -> Result<MutationCampaign> {
        ensure!((1..=plan.shards).contains(&plan.shard), "there is no shard {}/{}; count from 1", plan.shard, plan.shards);
        let geometry = pm_system::geometry::named(&plan.geometry)?;
        ensure!(
            geometry.features.names().is_empty(),
            "mutants are made of designs without features, such as {}",
            geometry.preset_name()
        );
        let all = mutants(&text);
        let mut drawn = all.clone();
        if plan.sample > 0 && plan.sample < all.len() {
            let mut random = Random::new(plan.seed);
            (0..plan.sample).for_each(|place| drawn.swap(place, place + random.below((all.len() - place) as u64) as usize));
            drawn.truncate(plan.sample);
            drawn.sort_by_key(|mutant| mutant.number);
        }
        let chosen: Vec<Mutant> = drawn.into_iter().skip(plan.shard - 1).step_by(plan.shards).collect();
        let compiled = Verilated::of(&geometry, &schema(&text, &all, TOP))?;
        let mut sound = Subject::Pins(opened(compiled.again()?));
        let noticed = difference(&mut sound, plan.seed, plan.steps);
        ensure!(noticed.is_none(), "the sound design differs from the model: {}", noticed.unwrap_or_default());
        ensure!(withstands_load(|| compiled.again())?, "the sound design fails under load");
        let patience = PATIENCE * sound.device().cycles();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let results = MutationResults {
            plan: plan.clone(),
            design: format!("{:016x}", hasher.finish()),
            all: all.len(),
            mutants: chosen.len(),
            finished: 0,
            total: MutationCounts::default(),
            blocks: BTreeMap::new(),
            proofs: BTreeMap::new(),
            survivors: Vec::new(),
        };
        let prover = Prover::new(folder, Duration::from_secs(plan.limit))?;
        let data_path = pm_designs::emit_data_path(&geometry)?;
        Ok(MutationCampaign { geometry, text, data_path, chosen, compiled, prover, patience, results })
    }

    /// Goes on where earlier results ended.
    ///
    /// # Errors
    /// When they are of another plan or another text.
    pub fn resume(&mut self, earlier: MutationResults) -> Result<()> {
        let MutationResults { plan, design, .. } = &self.results;
        campaign::continues((&earlier.plan, &earlier.design), (plan, design), "text")?;
        self.results = earlier;
        Ok(())
    }

    /// Findings of the campaign so far.
    pub fn results(&self) -> &MutationResults {
        &self.results
    }

    /// The next mutant; false when all are done.
    ///
    /// # Errors
    /// When a tool fails.
    pub fn step(&mut self) -> Result<bool> {
        let Some(mutant) = self.chosen.get(self.results.finished).cloned() else { return Ok(false) };
        let mut counts = MutationCounts::default();
        if self.differs(&mutant)? {
            counts.model = 1;
        } else if !withstands_load(|| self.with(&mutant))? {
            counts.load = 1;
        } else if self.results.plan.limit > 0 && self.is_equivalent(&mutant)? {
            counts.equivalent = 1;
        } else if let Some(property) = self.disproven(&mutant)? {
            counts.proof = 1;
            *self.results.proofs.entry(property.name.into()).or_default() += 1;
        } else {
            counts.survived = 1;
            self.results.survivors.push(mutant.clone());
        }
        self.results.total.add(counts);
        self.results.blocks.entry(mutant.module).or_default().add(counts);
        self.results.finished += 1;
        Ok(true)
    }

    fn with(&self, mutant: &Mutant) -> Result<Verilated> {
        self.compiled.with_arguments(&[format!("+mutant={}", mutant.number)])
    }

    /// Whether it answers otherwise than the golden model, or not at all.
    fn differs(&self, mutant: &Mutant) -> Result<bool> {
        let MutationPlan { seed, steps, .. } = self.results.plan;
        let device = self.with(mutant)?.limited(self.patience);
        // A device that hangs, or that does not settle, panics.
        let said = catch_unwind(AssertUnwindSafe(|| difference(&mut Subject::Pins(opened(device)), seed, steps)));
        Ok(said.map_or(true, |said| said.is_some()))
    }

    fn is_equivalent(&self, mutant: &Mutant) -> Result<bool> {
        let name = format!("alike-{}", mutant.number);
        let alike = self.prover.alike(&name, [&self.text, &mutated(&self.text, mutant)], TOP);
        Ok(alike.with_context(|| format!("mutant {}", mutant.number))? == Some(true))
    }

    /// The first property whose proof fails, of the quick ones before the others.
    fn disproven(&self, mutant: &Mutant) -> Result<Option<&'static Property>> {
        if self.results.plan.limit == 0 {
            return Ok(None);
        }
        let concerned = names::modules(&self.data_path).any(|module| names::role(module) == mutant.module);
        let text = mutated(&self.text, mutant);
        let asked = PROPERTIES.iter().filter(|property| {
            property.geometries.contains(&self.geometry.name.as_str()) && (concerned || property.top == Top::Core)
        });
        let (quick, slow): (Vec<&Property>, Vec<&Property>) = asked.partition(|property| property.quick);
        for property in quick.into_iter().chain(slow) {
            let name = format!("{}-mutant", property.name);
            let outcome = self.prover.prove_of(property, &self.geometry, &text, name, false);
            if let ProofOutcome::Failed { .. } =
                outcome.with_context(|| format!("mutant {}, {}", mutant.number, property.name))?
            {
                return Ok(Some(property));
            }
        }
        Ok(None)
    }
}

/// A device after reset, its gate open. A mutant whose gate does not open panics.
fn opened(mut device: Verilated) -> Box<Verilated> {
    device.reset().expect("it resets");
    load::open(&mut device);
    Box::new(device)
}

/// Whether every answer is right with both ports busy in every cycle, while commands run and when they are refused.
fn withstands_load(device: impl Fn() -> Result<Verilated>) -> Result<bool> {
    let devices = (device()?.limited(LOADED), device()?.limited(LOADED));
    let withstands = || {
        load::load(opened(devices.0), ROUNDS);
        load::sealed_load(opened(devices.1));
    };
    Ok(catch_unwind(AssertUnwindSafe(withstands)).is_ok())
}
