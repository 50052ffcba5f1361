//! A list of proofs, made side by side, the short ones first; what is known of one is kept when another one errs.

use crate::mapped::MappedBlock;
use crate::rules::Rule;
use crate::{design, ProofFinding, Prover};
use anyhow::{anyhow, Result};
use pm_interface::Geometry;
use pm_properties::{harness, Property, SeededFault, Use};
use pm_sim::campaign::continues;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc::{channel, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A proof to make.
#[derive(Clone, Copy)]
pub enum Task {
    /// An output of a monitor, or with a fault that it notices it.
    Property {
        /// Property or rule that is proven.
        property: &'static Property,
        /// Of which geometry.
        geometry: &'static str,
        /// Fault that is seeded.
        fault: Option<&'static SeededFault>,
    },
    /// A rule of a bus guard.
    Rule {
        /// Property or rule that is proven.
        rule: &'static Rule,
        /// Whether its fault is seeded.
        faulty: bool,
    },
    /// A block's netlist.
    Block {
        /// Module that is compared with its netlist.
        block: &'static MappedBlock,
        /// Of which geometry.
        geometry: &'static str,
        /// Whether its fault is seeded.
        faulty: bool,
    },
}

impl Task {
    /// Name of the property, rule or block.
    pub fn name(&self) -> &'static str {
        match self {
            Task::Property { property, .. } => property.name,
            Task::Rule { rule, .. } => rule.name,
            Task::Block { block, .. } => block.name,
        }
    }

    /// The letter of the claim that it belongs to.
    pub fn claim(&self) -> char {
        match self {
            Task::Property { property, .. } => property.claim,
            Task::Rule { .. } => Rule::CLAIM,
            Task::Block { .. } => MappedBlock::CLAIM,
        }
    }

    /// The geometry; of a bus guard the bus.
    pub fn geometry(&self) -> &'static str {
        match self {
            Task::Property { geometry, .. } | Task::Block { geometry, .. } => geometry,
            Task::Rule { rule, .. } => rule.guard.bus(),
        }
    }

    /// The fault that is seeded, as findings name it.
    fn fault(&self) -> Option<&'static str> {
        match self {
            Task::Property { fault, .. } => fault.map(|fault| fault.name),
            Task::Rule { rule, faulty } => faulty.then_some(rule.fault.name),
            Task::Block { faulty, .. } => faulty.then_some(MappedBlock::FAULT),
        }
    }

    /// Whether a finding is of this task.
    fn is_of(&self, finding: &ProofFinding) -> bool {
        finding.property == self.name() && finding.geometry == self.geometry() && finding.fault.as_deref() == self.fault()
    }

    /// Rises with the time that the proof is likely to take.
    fn length(&self) -> (bool, u64) {
        let size = |geometry: &str| {
            let states = |Geometry { shape, slots, .. }| (slots as u64) << (shape.tenant + shape.page).min(40);
            Geometry::preset(geometry).map_or(u64::MAX, states)
        };
        match self {
            Task::Property { property, geometry, .. } => (!property.quick, size(geometry)),
            Task::Rule { rule, .. } => (!rule.quick, 0),
            Task::Block { block, geometry, .. } => (!block.quick, size(geometry)),
        }
    }

    fn make(&self, prover: &Prover) -> Result<ProofFinding> {
        match self {
            Task::Property { property, geometry, fault } => prover.prove(property, &Geometry::preset(geometry)?, *fault),
            Task::Rule { rule, faulty } => prover.prove_rule(rule, *faulty),
            Task::Block { block, geometry, faulty } => prover.compare(block, &Geometry::preset(geometry)?, *faulty),
        }
    }

    /// Text of claim and design together: it changes with either.
    fn subject(&self, designs: &mut HashMap<(&'static str, &'static str), String>) -> Result<String> {
        let mut cached = |top: &'static str, make: &dyn Fn() -> Result<String>| -> Result<String> {
            Ok(match designs.entry((top, self.geometry())) {
                Entry::Occupied(entry) => entry.get().clone(),
                Entry::Vacant(entry) => entry.insert(make()?).clone(),
            })
        };
        match self {
            Task::Property { property, geometry, fault } => {
                let geometry = Geometry::preset(geometry)?;
                let design = cached(property.top.module(), &|| design(property, &geometry, None))?;
                Ok(harness(property, &geometry, &design, Use::Proof)?.verilog + fault.map_or("", |fault| fault.change))
            }
            Task::Rule { rule, faulty } => {
                let change = if *faulty { rule.fault.change } else { "" };
                Ok(cached(rule.guard.module(), &|| rule.guard.design(&[]))? + &rule.text() + change)
            }
            Task::Block { geometry, .. } => cached("", &|| pm_designs::emit(&Geometry::preset(geometry)?)),
        }
    }
}

/// Plan of the campaign: results of another plan are not continued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofPlan {
    /// Properties by name or by the letter of their claim; all when empty.
    pub names: Vec<String>,
    /// The only geometry.
    pub geometry: Option<String>,
    /// Only those of every test run.
    pub quick: bool,
    /// Faults are seeded.
    pub faults: bool,
    /// Seconds that a step may take.
    pub limit: u64,
    /// From 1.
    pub shard: usize,
    /// How many there are.
    pub shards: usize,
}

/// A proof that came to no verdict: a tool failed, or the proof could not be set up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unsettled {
    /// The property.
    pub property: String,
    /// Geometry of the proof.
    pub geometry: String,
    /// The fault that was to be seeded, if any.
    pub fault: Option<String>,
    /// Reason why the proof could not be made.
    pub error: String,
}

/// Findings of the campaign so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProofResults {
    /// What was asked.
    pub plan: ProofPlan,
    /// Hash of the Verilog and of the properties: results of others are not continued.
    pub design: String,
    /// Proofs of this shard.
    pub proofs: usize,
    /// Those with a verdict.
    pub finished: usize,
    /// The verdicts, in the order in which they came.
    pub findings: Vec<ProofFinding>,
    /// Those without; the next run tries them again.
    pub errors: Vec<Unsettled>,
}

impl ProofResults {
    /// Every proof of the plan came to the verdict that it should.
    pub fn passed(&self) -> bool {
        self.proofs > 0 && self.right() == self.proofs && self.errors.is_empty()
    }

    /// The verdicts that are as they should be.
    pub fn right(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_as_it_should_be()).count()
    }

    /// The verdicts in a few words.
    pub fn text(&self) -> String {
        let what = if self.plan.faults { "faults noticed" } else { "proven" };
        let mut text = format!("{} of {} {what}", self.right(), self.proofs);
        if self.finished < self.proofs {
            text += &format!("; {} came to no verdict", self.proofs - self.finished);
        }
        text
    }
}

/// What is told of a proof when its verdict is known.
pub type ProofVerdict<'a> = Result<&'a ProofFinding, &'a Unsettled>;

/// Proofs under way.
pub struct ProofCampaign {
    tasks: Vec<Task>,
    prover: Prover,
    jobs: usize,
    told: Box<dyn Fn(ProofVerdict<'_>)>,
    results: ProofResults,
    arriving: Option<Receiver<(Task, Result<ProofFinding>)>>,
}

impl ProofCampaign {
    /// The shard of `tasks` that the plan asks for, `jobs` at once; `told` hears of each verdict when it is known.
    ///
    /// # Errors
    /// When a design is not emitted.
    pub fn new(
        plan: ProofPlan,
        mut tasks: Vec<Task>,
        prover: Prover,
        jobs: usize,
        told: impl Fn(ProofVerdict<'_>) + 'static,
    ) -> Result<ProofCampaign> {
        tasks.sort_by_key(Task::length);
        let tasks: Vec<Task> = tasks.into_iter().skip(plan.shard - 1).step_by(plan.shards).collect();
        let (mut hasher, mut designs) = (DefaultHasher::new(), HashMap::new());
        for task in &tasks {
            (task.name(), task.geometry(), task.fault(), task.subject(&mut designs)?).hash(&mut hasher);
        }
        let results = ProofResults {
            plan,
            design: format!("{:016x}", hasher.finish()),
            proofs: tasks.len(),
            finished: 0,
            findings: Vec::new(),
            errors: Vec::new(),
        };
        Ok(ProofCampaign { tasks, prover, jobs, told: Box::new(told), results, arriving: None })
    }

    /// Goes on where earlier results ended, and tells of their verdicts. What came to none is tried again.
    ///
    /// # Errors
    /// When they are of another plan or another design.
    pub fn resume(&mut self, earlier: ProofResults) -> Result<()> {
        let ProofResults { plan, design, .. } = &self.results;
        continues((&earlier.plan, &earlier.design), (plan, design), "design")?;
        let of_here = |finding: &ProofFinding| self.tasks.iter().any(|task| task.is_of(finding));
        self.results.findings = earlier.findings.into_iter().filter(of_here).collect();
        self.results.finished = self.results.findings.len();
        self.results.findings.iter().for_each(|finding| (self.told)(Ok(finding)));
        Ok(())
    }

    /// Waits for the next verdict; false when there is none to come.
    ///
    /// # Errors
    /// None: what goes wrong in a proof is a result.
    pub fn step(&mut self) -> Result<bool> {
        if self.arriving.is_none() {
            self.arriving = Some(self.begin());
        }
        let Some(Ok((task, found))) = self.arriving.as_ref().map(Receiver::recv) else { return Ok(false) };
        let results = &mut self.results;
        match found {
            Ok(finding) => {
                (self.told)(Ok(&finding));
                results.findings.push(finding);
                results.finished = results.findings.len();
            }
            Err(error) => {
                let (property, geometry, fault) = (task.name().into(), task.geometry().into(), task.fault().map(String::from));
                let unsettled = Unsettled { property, geometry, fault, error: format!("{error:#}") };
                (self.told)(Err(&unsettled));
                results.errors.push(unsettled);
            }
        }
        Ok(true)
    }

    /// Starts as many workers as there are jobs; each takes the next proof that is not made yet.
    fn begin(&self) -> Receiver<(Task, Result<ProofFinding>)> {
        let is_open = |task: &&Task| !self.results.findings.iter().any(|finding| task.is_of(finding));
        let open: VecDeque<Task> = self.tasks.iter().filter(is_open).copied().collect();
        let open = Arc::new(Mutex::new(open));
        let (sender, receiver) = channel();
        for _ in 0..self.jobs {
            let (open, sender, prover) = (Arc::clone(&open), sender.clone(), self.prover.clone());
            thread::spawn(move || loop {
                let next = open.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some(task) = next else { break };
                let found = catch_unwind(AssertUnwindSafe(|| task.make(&prover)));
                let found = found.unwrap_or_else(|panic| Err(anyhow!("the proof could not be made: {}", said(&*panic))));
                if sender.send((task, found)).is_err() {
                    break;
                }
            });
        }
        receiver
    }

    /// Findings of the campaign so far.
    pub fn results(&self) -> &ProofResults {
        &self.results
    }

    /// Proofs that were tried, of all.
    pub fn progress(&self) -> (usize, usize) {
        (self.results.finished + self.results.errors.len(), self.results.proofs)
    }
}

/// The words of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapped::BLOCKS;
    use crate::rules::RULES;
    use crate::ProofOutcome;
    use pm_properties::PROPERTIES;
    use pm_tools::Toolbox;
    use std::cell::RefCell;
    use std::rc::Rc;
    use std::time::Duration;

    fn plan() -> ProofPlan {
        ProofPlan { names: vec![], geometry: None, quick: false, faults: false, limit: 1, shard: 1, shards: 1 }
    }

    /// A prover without tools: every proof errs.
    fn powerless() -> Prover {
        let folder = std::env::temp_dir().join(format!("pm-campaign-{}", std::process::id()));
        Prover { toolbox: Toolbox::only_in(Vec::new()), folder, limit: Duration::from_secs(1) }
    }

    fn tasks() -> Vec<Task> {
        let blocks = BLOCKS.iter().take(3).map(|block| Task::Block { block, geometry: "tiny", faulty: false });
        blocks.chain(RULES.iter().take(2).map(|rule| Task::Rule { rule, faulty: false })).collect()
    }

    fn finding(task: &Task) -> ProofFinding {
        ProofFinding {
            property: task.name().into(),
            claim: 'x',
            says: String::new(),
            design: String::new(),
            geometry: task.geometry().into(),
            fault: None,
            outcome: ProofOutcome::Proven { method: "induction".into(), depth: 1 },
            seconds: 0.0,
        }
    }

    #[test]
    fn what_errs_is_told_and_loses_nothing_and_is_tried_again() {
        std::fs::create_dir_all(powerless().folder).unwrap();
        let told = Rc::new(RefCell::new(Vec::new()));
        let campaign = |told: &Rc<RefCell<Vec<bool>>>| {
            let told = Rc::clone(told);
            ProofCampaign::new(plan(), tasks(), powerless(), 2, move |verdict| told.borrow_mut().push(verdict.is_ok())).unwrap()
        };
        let mut first = campaign(&told);
        first.results.findings.push(finding(&tasks()[1]));
        first.results.finished = 1;
        let kept = first.results().clone();

        let mut second = campaign(&told);
        second.resume(kept).unwrap();
        assert_eq!(*told.borrow(), [true], "what was kept is told at once");
        while second.step().unwrap() {}
        let results = second.results();
        assert_eq!((results.proofs, results.finished, results.errors.len()), (5, 1, 4));
        assert_eq!(told.borrow().len(), 5);
        assert!(results.errors.iter().all(|unsettled| unsettled.error.contains("is missing")), "{results:?}");
        assert!(!results.passed() && results.text() == "1 of 5 proven; 4 came to no verdict", "{}", results.text());

        let mut third = campaign(&told);
        third.resume(results.clone()).unwrap();
        assert_eq!((third.results().findings.len(), third.results().errors.len()), (1, 0), "what erred is open again");
        let mut other = results.clone();
        other.plan.limit += 1;
        assert!(campaign(&told).resume(other).is_err());
        let mut other = results.clone();
        other.design = "0".into();
        assert!(campaign(&told).resume(other).is_err());
        std::fs::remove_dir_all(powerless().folder).unwrap();
    }

    #[test]
    fn nothing_proven_is_no_success() {
        let none = ProofCampaign::new(plan(), Vec::new(), powerless(), 1, |_| {}).unwrap();
        assert!(!none.results().passed());
    }

    #[test]
    fn short_proofs_come_first() {
        let (quick, slow) = (|property: &&Property| property.quick, |property: &&Property| !property.quick);
        let quick = PROPERTIES.iter().find(quick).unwrap();
        let slow = PROPERTIES.iter().find(slow).unwrap();
        let task = |property, geometry| Task::Property { property, geometry, fault: None };
        let lengths = [task(quick, "tiny"), task(quick, "cu"), task(slow, "tiny"), task(slow, "cu")].map(|task| task.length());
        assert!(lengths.windows(2).all(|pair| pair[0] < pair[1]), "{lengths:?}");
    }
}
