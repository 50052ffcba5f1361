//! `pm prove`: proves what the datasheet claims, on the emitted Verilog.

use crate::kept::{self, Campaign};
use crate::output::{check_work_folder, work_folder, Replace, STANDARD};
use crate::terminal;
use anyhow::Result;
use clap::Args;
use pm_proof::campaign::{ProofCampaign, ProofPlan, ProofResults, Task, Unsettled};
use pm_proof::mapped::{MappedBlock, BLOCKS};
use pm_proof::rules::{Rule, RULES};
use pm_proof::{ProofFinding, ProofOutcome, Prover};
use pm_properties::{Property, PROPERTIES};
use pm_sim::{table, UsageError};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

const EXAMPLE: &str = "\
Example:
  pm prove --list
  pm prove isolation_physical blocks_disjoint
  pm prove --quick --faults

A property is an output of a monitor, a block of RustHDL that is emitted with the design. Each is proven for all time, by
induction (yosys-smtbmc, yices) or by reachability (abc), or it is bounded: no counterexample is shorter than what was
reached in the time. A counterexample is printed as a table; its waveforms are a VCD in the folder of --work.
Short proofs come first, and each verdict is printed when it is known. With --out it is kept in a file: the same command line
goes on where it was stopped, and tries again what came to no verdict because a tool failed.
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
    /// Keep the verdicts in a file, each when it is known, and go on where it ends
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
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
    work: PathBuf,
    #[command(flatten)]
    replace: Replace,
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

impl Campaign for ProofCampaign {
    type Results = ProofResults;
    // A proof may take an hour: what it found is written before the next one ends.
    const SAVE_EVERY: Duration = Duration::ZERO;
    const WORK: &'static str = "proofs";
    fn resume(&mut self, earlier: ProofResults) -> Result<()> {
        self.resume(earlier)
    }
    fn step(&mut self) -> Result<bool> {
        self.step()
    }
    fn results(&self) -> &ProofResults {
        self.results()
    }
    fn progress(&self) -> (usize, usize) {
        self.progress()
    }
    fn text(&self) -> String {
        // Each verdict was printed when it was known.
        String::new()
    }
    fn passed(&self) -> bool {
        self.results().passed()
    }
    fn found(&self) -> String {
        self.results().text()
    }
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
    let tasks = chosen.tasks(&arguments);
    if tasks.is_empty() {
        return Err(UsageError("no property is proven for that geometry; `pm prove --list` says which are".into()).into());
    }
    // A name that leads to no proof would be a success over nothing.
    let leads = |word: &&String| tasks.iter().any(|task| is(word, task.name(), task.claim()));
    if let Some(word) = arguments.names.iter().find(|word| !leads(word)) {
        let what =
            format!("{word:?} leads to no proof with these options; `pm prove --list` says of which geometries it is proven");
        return Err(UsageError(what).into());
    }
    if tasks.len() < shard {
        let what = format!("there are {} proofs, so part {shard} of {shards} has none; ask for fewer parts", tasks.len());
        return Err(UsageError(what).into());
    }
    check_work_folder(&arguments.work, arguments.replace)?;
    pm_proof::ready()?;
    let Arguments { names, geometry, quick, faults, timeout: limit, json, jobs, work, out, replace, .. } = arguments;
    let plan = ProofPlan { names, geometry, quick, faults, limit, shard, shards };
    let quiet = json || out.as_deref() == Some(Path::new(STANDARD));
    let kept = kept::Options { geometry: String::new(), shard: (shard, shards), json, out, replace };
    let _folder = work_folder(&work, replace)?;
    kept.carry_out("pm prove", "proving", |bar| {
        bar.set_message("emitting");
        let prover = Prover::new(&work, Duration::from_secs(limit))?;
        let bar = bar.clone();
        ProofCampaign::new(plan, tasks, prover, jobs as usize, move |verdict| {
            let text = verdict.map_or_else(unsettled, text);
            // Where standard output has JSON it has nothing else.
            bar.suspend(|| if quiet { eprint!("{text}") } else { terminal::print(&text).unwrap_or(()) });
        })
    })
}

/// Whether a word of the command line means this property.
fn is(word: &str, name: &str, claim: char) -> bool {
    word == name || word == claim.to_string()
}

/// What there is to prove, as asked for by names and letters.
struct Chosen {
    properties: Vec<&'static Property>,
    rules: Vec<&'static Rule>,
    blocks: Vec<&'static MappedBlock>,
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
        let everything = || {
            let properties = PROPERTIES.iter().map(|property| (property.name, property.claim));
            let rules = RULES.iter().map(|rule| (rule.name, Rule::CLAIM));
            properties.chain(rules).chain(BLOCKS.iter().map(|block| (block.name, MappedBlock::CLAIM)))
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
            blocks: BLOCKS.iter().filter(|block| asked(block.name, MappedBlock::CLAIM, block.quick)).collect(),
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
        claim: MappedBlock::CLAIM,
        says: MappedBlock::SAYS,
        design: block.module,
        geometries: block.geometries.to_vec(),
        assumes: MappedBlock::ASSUMES,
        free: &[],
        faults: vec![MappedBlock::FAULT],
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

/// A proof that came to no verdict.
fn unsettled(Unsettled { property, geometry, error, .. }: &Unsettled) -> String {
    format!("    {property:<24} {geometry:<20} NO VERDICT: {error}\n")
}

fn text(finding: &ProofFinding) -> String {
    let ProofFinding { property, claim, geometry, fault, outcome, seconds, .. } = finding;
    let verdict = match outcome {
        ProofOutcome::Proven { method, depth } => format!("proven, {method}, depth {depth}"),
        ProofOutcome::Bounded { cycles, because } => format!("BOUNDED to {cycles} cycles: {because}"),
        ProofOutcome::Failed { cycle, .. } => format!("FAILED in cycle {cycle}"),
    };
    let fault = fault.as_ref().map(|fault| format!("; seeded: {fault}")).unwrap_or_default();
    let mut out = format!("({claim}) {property:<24} {geometry:<20} {seconds:7.1} s  {verdict}{fault}\n");
    if let (ProofOutcome::Failed { vcd, table, .. }, None) = (outcome, &finding.fault) {
        out.push_str(&format!("{table}waveforms: {}\n", vcd.display()));
    }
    out
}
