//! `pm prove`: proves what the datasheet claims, on the emitted Verilog.

use crate::terminal;
use anyhow::Result;
use clap::Args;
use pm_proof::mapped::{Block, BLOCKS};
use pm_proof::rules::{Rule, RULES};
use pm_proof::{Finding, Outcome, Prover};
use pm_properties::{Fault, Property, PROPERTIES};
use pm_sim::{table, UsageError};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

const EXAMPLE: &str = "\
Example:
  pm prove --list
  pm prove isolation_physical blocks_disjoint
  pm prove --quick --faults

A property is an output of a monitor, a block of RustHDL that is emitted with the design. Each is proven for all time, by
induction (yosys-smtbmc, yices) or by reachability (abc), or it is bounded: no counterexample is shorter than what was
reached in the time. A counterexample is printed as a table; its waveforms are a VCD in the folder of --out.
Claim m compares each block's netlist of iCE40 cells with its Verilog.
With --faults mistakes are seeded into the Verilog (m: the netlist) instead: every proof must fail.
`./scripts/setup prove` installs the tools.
Exit code: 0 all proven (with --faults: every fault noticed), 1 not so or the work failed, 2 bad arguments.";

/// Prove the claims on the emitted Verilog
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// Properties, or claims by their letter; all of them when none is named
    names: Vec<String>,
    /// Only for this preset
    #[arg(long, value_name = "NAME")]
    geometry: Option<String>,
    /// Only those that are part of every test run
    #[arg(long)]
    quick: bool,
    /// Seed the faults that each property must notice
    #[arg(long)]
    faults: bool,
    /// Print what there is to prove, and stop
    #[arg(long)]
    list: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Seconds that a step of a proof may take
    #[arg(long, value_name = "S", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Proofs at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    jobs: u64,
    /// Only part K of N of the proofs
    #[arg(long, value_name = "K/N", default_value = "1/1", value_parser = crate::kept::shard)]
    shard: (usize, usize),
    /// Folder for Verilog, logs and waveforms
    #[arg(long, value_name = "FOLDER", default_value = "build/proofs")]
    out: PathBuf,
}

/// A proof to make.
enum Task {
    Property { property: &'static Property, geometry: &'static str, fault: Option<&'static Fault> },
    Rule { rule: &'static Rule, faulty: bool },
    Block { block: &'static Block, geometry: &'static str, faulty: bool },
}

impl Task {
    fn name(&self) -> &'static str {
        match self {
            Task::Property { property, .. } => property.name,
            Task::Rule { rule, .. } => rule.name,
            Task::Block { block, .. } => block.name,
        }
    }

    fn make(&self, prover: &Prover) -> Result<Finding> {
        match self {
            Task::Property { property, geometry, fault } => prover.prove(property, &terminal::geometry(geometry)?, *fault),
            Task::Rule { rule, faulty } => prover.prove_rule(rule, *faulty),
            Task::Block { block, geometry, faulty } => prover.compare(block, &terminal::geometry(geometry)?, *faulty),
        }
    }
}

#[derive(Serialize)]
struct Listed {
    property: &'static str,
    claim: char,
    says: &'static str,
    design: &'static str,
    geometries: Vec<&'static str>,
    assumes: &'static str,
    free: &'static [&'static str],
    faults: Vec<&'static str>,
}

/// Whether everything is proven, or with faults noticed.
pub fn run(arguments: Arguments) -> Result<bool> {
    let mut chosen = Chosen::of(&arguments)?;
    if let Some(name) = &arguments.geometry {
        terminal::geometry(name)?;
    }
    if arguments.list {
        if let Some(name) = arguments.geometry.as_deref() {
            chosen.only(name)?;
        }
        return list(&chosen, arguments.json);
    }
    let (shard, shards) = arguments.shard;
    let tasks: Vec<Task> = chosen.tasks(&arguments).into_iter().skip(shard - 1).step_by(shards).collect();
    if tasks.is_empty() {
        return Err(UsageError("no property is proven for that geometry; `pm prove --list` says which are".into()).into());
    }
    let prover = Prover::new(&arguments.out, Duration::from_secs(arguments.timeout))?;
    let findings = prove(&prover, &tasks, arguments.jobs as usize)?;
    if arguments.json {
        terminal::print_json(&findings)?;
    } else {
        findings.iter().try_for_each(|finding| terminal::print(&text(finding)))?;
        let right = findings.iter().filter(|finding| finding.is_as_it_should_be()).count();
        let what = if arguments.faults { "faults noticed" } else { "proven" };
        terminal::print(&format!("\n{right} of {} {what}\n", findings.len()))?;
    }
    Ok(findings.iter().all(Finding::is_as_it_should_be))
}

/// What there is to prove, as asked for by names and letters.
struct Chosen {
    properties: Vec<&'static Property>,
    rules: Vec<&'static Rule>,
    blocks: Vec<&'static Block>,
}

impl Chosen {
    /// Leaves what is proven for a geometry.
    fn only(&mut self, name: &str) -> Result<()> {
        self.properties.retain(|property| property.geometries.contains(&name));
        self.rules.clear();
        self.blocks.retain(|block| block.geometries.contains(&name));
        if self.properties.is_empty() && self.blocks.is_empty() {
            let what = format!("no property is proven for {name}; `pm prove --list` says which are proven for what");
            return Err(UsageError(what).into());
        }
        Ok(())
    }

    fn of(arguments: &Arguments) -> Result<Chosen> {
        let is = |word: &String, name: &str, claim: char| word == name || *word == claim.to_string();
        let everything = || {
            let properties = PROPERTIES.iter().map(|property| (property.name, property.claim));
            let rules = RULES.iter().map(|rule| (rule.name, Rule::CLAIM));
            properties.chain(rules).chain(BLOCKS.iter().map(|block| (block.name, Block::CLAIM)))
        };
        if let Some(name) = arguments.names.iter().find(|word| !everything().any(|(name, claim)| is(word, name, claim))) {
            return Err(UsageError(format!("no property is called {name:?}; `pm prove --list` names all of them")).into());
        }
        let asked = |name: &str, claim: char, quick: bool| {
            let named = arguments.names.is_empty() || arguments.names.iter().any(|word| is(word, name, claim));
            named && (quick || !arguments.quick)
        };
        Ok(Chosen {
            properties: PROPERTIES.iter().filter(|property| asked(property.name, property.claim, property.quick)).collect(),
            rules: RULES.iter().filter(|rule| asked(rule.name, Rule::CLAIM, rule.quick)).collect(),
            blocks: BLOCKS.iter().filter(|block| asked(block.name, Block::CLAIM, block.quick)).collect(),
        })
    }

    fn tasks(&self, arguments: &Arguments) -> Vec<Task> {
        let faulty = arguments.faults;
        // A fault is looked for where the search is shortest.
        let wanted = |geometry: &str, first: &str| {
            arguments.geometry.as_deref().is_none_or(|only| only == geometry) && (!faulty || geometry == first)
        };
        let mut tasks = Vec::new();
        for property in self.properties.iter().copied() {
            for geometry in property.geometries.iter().filter(|geometry| wanted(geometry, property.geometries[0])) {
                match faulty {
                    false => tasks.push(Task::Property { property, geometry, fault: None }),
                    true => tasks.extend(property.faults.iter().map(|fault| Task::Property {
                        property,
                        geometry,
                        fault: Some(fault),
                    })),
                }
            }
        }
        if arguments.geometry.is_none() {
            tasks.extend(self.rules.iter().copied().map(|rule| Task::Rule { rule, faulty }));
        }
        for block in self.blocks.iter().copied() {
            let geometries = block.geometries.iter().filter(|geometry| wanted(geometry, block.geometries[0]));
            tasks.extend(geometries.map(|geometry| Task::Block { block, geometry, faulty }));
        }
        tasks
    }
}

fn list(chosen: &Chosen, json: bool) -> Result<bool> {
    let properties = chosen.properties.iter().map(|property| Listed {
        property: property.name,
        claim: property.claim,
        says: property.says,
        design: property.top.module(),
        geometries: property.geometries.to_vec(),
        assumes: property.assumes,
        free: property.free,
        faults: property.faults.iter().map(|fault| fault.name).collect(),
    });
    let rules = chosen.rules.iter().map(|rule| Listed {
        property: rule.name,
        claim: Rule::CLAIM,
        says: rule.says,
        design: rule.guard.module(),
        geometries: vec![rule.guard.bus()],
        assumes: rule.guard.assumes(),
        free: &[],
        faults: vec![rule.fault.name],
    });
    let blocks = chosen.blocks.iter().map(|block| Listed {
        property: block.name,
        claim: Block::CLAIM,
        says: Block::SAYS,
        design: block.module,
        geometries: block.geometries.to_vec(),
        assumes: Block::ASSUMES,
        free: &[],
        faults: vec![Block::FAULT],
    });
    let rows: Vec<Listed> = properties.chain(rules).chain(blocks).collect();
    if json {
        terminal::print_json(&rows)?;
    } else {
        let head = ["claim", "property", "design", "geometries", "says"].map(String::from).to_vec();
        let rows = rows.iter().map(|row| {
            let (claim, geometries) = (format!("({})", row.claim), row.geometries.join(", "));
            vec![claim, row.property.into(), row.design.into(), geometries, row.says.into()]
        });
        terminal::print(&table::render(&std::iter::once(head).chain(rows).collect::<Vec<_>>()))?;
    }
    Ok(true)
}

fn prove(prover: &Prover, tasks: &[Task], jobs: usize) -> Result<Vec<Finding>> {
    let bar = terminal::progress(tasks.len() as u64);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<Finding>)>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(task) = tasks.get(index) else { break };
                bar.set_message(task.name());
                let found = task.make(prover);
                done.lock().expect("nobody panics with it").push((index, found));
                bar.inc(1);
            });
        }
    });
    bar.finish_and_clear();
    let mut done = done.into_inner().expect("nobody panics with it");
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, found)| found).collect()
}

fn text(finding: &Finding) -> String {
    let Finding { property, claim, geometry, fault, outcome, seconds, .. } = finding;
    let verdict = match outcome {
        Outcome::Proven { method, depth } => format!("proven, {method}, depth {depth}"),
        Outcome::Bounded { cycles, because } => format!("BOUNDED to {cycles} cycles: {because}"),
        Outcome::Failed { cycle, .. } => format!("FAILED in cycle {cycle}"),
    };
    let fault = fault.as_ref().map(|fault| format!("; seeded: {fault}")).unwrap_or_default();
    let mut out = format!("({claim}) {property:<24} {geometry:<6} {seconds:7.1} s  {verdict}{fault}\n");
    if let (Outcome::Failed { vcd, table, .. }, None) = (outcome, &finding.fault) {
        out.push_str(&format!("{table}waveforms: {}\n", vcd.display()));
    }
    out
}
