//! Proofs over the emitted Verilog.
//!
//! ```text
//!   design, monitor --yosys--> AIGER --abc pdr-----------> proven for all time, or a counterexample
//!                       |        '--abc ind---------> induction on bits   | witness
//!                       '-----> SMT-LIB --yosys-smtbmc, yices--> induction, or bounded --> VCD --> table
//! ```
//!
//! A proof that does not come to an end in its time is bounded: no counterexample is shorter than what was reached.

pub mod campaign;
pub mod fault;
pub mod mapped;
pub mod mutants;
pub mod mutation;
pub mod netlist;
pub mod rules;
pub mod simulate;
mod trace;

pub use trace::{table, Trace};

use anyhow::{bail, ensure, Context, Result};
use pm_bsp::tools::{Start, Tool, Toolbox};
use pm_designs::Design;
use pm_interface::Geometry;
use pm_properties::{harness, Method, Property, SeededFault, Top, Use};
use pm_verilog::names;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Cycles that are searched for a counterexample when an induction fails.
const SEARCHED: usize = 24;
/// How long a counterexample is looked for where there should be one, before anything else is tried.
const SUSPECTED: Duration = Duration::from_secs(30);

/// What became of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum ProofOutcome {
    /// It holds for all time.
    Proven {
        /// How.
        method: String,
        /// Cycles of the induction, or frames that reachability needed.
        depth: usize,
    },
    /// No counterexample is shorter; whether there is a longer one is not known.
    Bounded {
        /// Cycles.
        cycles: usize,
        /// Why it went no further.
        because: String,
    },
    /// There is a counterexample.
    Failed {
        /// The cycle in which it fails, from 0, the reset.
        cycle: usize,
        /// Waveforms.
        vcd: PathBuf,
        /// The steps, for people.
        table: String,
    },
}

/// One proof.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProofFinding {
    /// The property.
    pub property: String,
    /// Its claim.
    pub claim: char,
    /// What it says.
    pub says: String,
    /// What of the design.
    pub design: String,
    /// Geometry of the finding.
    pub geometry: String,
    /// The fault that was seeded, if any.
    pub fault: Option<String>,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: ProofOutcome,
    /// How long it took.
    pub seconds: f64,
}

impl ProofFinding {
    /// Proven; or, with a fault, failed.
    pub fn is_as_it_should_be(&self) -> bool {
        match self.fault {
            None => matches!(self.outcome, ProofOutcome::Proven { .. }),
            Some(_) => matches!(self.outcome, ProofOutcome::Failed { .. }),
        }
    }
}

/// Runs proofs in a folder of its own.
#[derive(Clone, Debug)]
pub struct Prover {
    toolbox: Toolbox,
    folder: PathBuf,
    limit: Duration,
}

/// Whether every tool that a prover starts is there.
///
/// # Errors
/// When one is not: says which, and how it is installed.
pub fn ready() -> Result<()> {
    Ok(pm_tools::require(Tool::PROOF)?)
}

/// What of the design a property is about, with a fault or without.
///
/// # Errors
/// When the geometry is not supported, the backend refuses a block, or the fault does not fit the design.
pub fn design(property: &Property, geometry: &Geometry, fault: Option<&SeededFault>) -> Result<String> {
    let changes = fault.map_or(Ok(Vec::new()), SeededFault::changes)?;
    match property.top {
        Top::Core => Design::Core.emit_changed(geometry, &changes),
        Top::DataPath | Top::Twins => Design::DataPath.emit_changed(geometry, &changes),
    }
}

impl Prover {
    /// Keeps what it makes in `folder`; no step of a proof takes longer than `limit`.
    pub fn new(folder: impl Into<PathBuf>, limit: Duration) -> Result<Prover> {
        let folder = std::path::absolute(folder.into()).context("no current folder")?;
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Prover { toolbox: Toolbox::discover(), folder, limit })
    }

    /// Proves one property, or shows that a fault makes the proof fail.
    ///
    /// # Errors
    /// When a tool is missing or stops, or the fault does not fit the design.
    pub fn prove(&self, property: &Property, geometry: &Geometry, fault: Option<&SeededFault>) -> Result<ProofFinding> {
        let start = Instant::now();
        let design = design(property, geometry, fault)?;
        let name = match fault {
            None => format!("{}-{}", property.name, geometry.name),
            Some(fault) => {
                let at = property.faults.iter().position(|other| other.name == fault.name).unwrap_or_default();
                format!("{}-{}-fault{}", property.name, geometry.name, at + 1)
            }
        };
        let outcome = self.prove_of(property, geometry, &design, name, fault.is_some())?;
        Ok(ProofFinding {
            property: property.name.into(),
            claim: property.claim,
            says: property.says.into(),
            design: property.top.module().into(),
            geometry: geometry.name.clone(),
            fault: fault.map(|fault| fault.name.into()),
            outcome,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// Proves a property of this text of the design; of one that is suspect a counterexample is looked for first.
    fn prove_of(
        &self,
        property: &Property,
        geometry: &Geometry,
        design: &str,
        name: String,
        suspect: bool,
    ) -> Result<ProofOutcome> {
        let harness = harness(property, geometry, design, Use::Proof)?;
        // A design without a feature lacks its modules.
        let free: Vec<String> =
            property.free.iter().map(|role| names::inner(role)).filter(|module| names::defines(design, module)).collect();
        let job = Job { prover: self, name, free: &free };
        job.write("v", &harness.verilog)?;
        match property.method {
            Method::Reachability => job.reachability(&harness.connects, suspect),
            Method::Induction(cycles) => job.induction(&harness.connects, cycles),
            Method::BitInduction(cycles) => job.bit_induction(&harness.connects, cycles),
        }
    }
}

/// One proof under way: its files share a name.
struct Job<'a> {
    prover: &'a Prover,
    name: String,
    free: &'a [String],
}

impl Job<'_> {
    fn path(&self, extension: &str) -> PathBuf {
        self.prover.folder.join(format!("{}.{extension}", self.name))
    }

    fn write(&self, extension: &str, text: &str) -> Result<()> {
        let path = self.path(extension);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Commands of yosys that make the harness one flat module.
    fn flat(&self, connects: &[(String, String)]) -> String {
        let mut script = format!("read_verilog -formal -DSYNTHESIS {}.v\nhierarchy -check -top proof\n", self.name);
        for module in self.free {
            script += &format!("blackbox {module}\n");
        }
        // Nothing is known of a register or memory before the reset.
        script += "proc\ndelete */t:$meminit*\nsetattr -unset init */w:*\nsetattr -set init 1'b0 proof/w:started\nflatten\n";
        for (left, right) in connects {
            script += &format!("connect -nounset -set {left} {right}\n");
        }
        script + "cutpoint -blackbox\nsetundef -undriven -anyseq\nopt_clean\nmemory_collect\nmemory_dff\nopt_clean\n"
    }

    fn yosys(&self, script: &str) -> Result<()> {
        self.write("ys", script)?;
        let commands = script.lines().collect::<Vec<_>>().join("; ");
        let run = self.prover.toolbox.run(Tool::Yosys)?.folder(&self.prover.folder);
        run.args(["-q", "-l", &format!("{}.log", self.name), "-p", &commands]).finish()?;
        Ok(())
    }

    /// One bit a net: for abc, and the same for the solver that shows its counterexample.
    fn map_bits(&self, connects: &[(String, String)]) -> Result<()> {
        let name = &self.name;
        self.yosys(&format!(
            "{}memory_map\nasync2sync\nformalff -clk2ff -ff2anyinit\ndffunmap\nopt -full -fine\nwrite_smt2 -wires {name}.smt2\n\
             techmap\nopt -fast\naigmap\nopt_clean\nwrite_aiger -I -B -zinit -ywmap {name}.ywa {name}.aig",
            self.flat(connects)
        ))
    }

    fn abc(&self, commands: &str) -> Result<String> {
        let _ = fs::remove_file(self.path("aiw"));
        let run = self.prover.toolbox.run(Tool::Abc)?.folder(&self.prover.folder);
        let name = &self.name;
        let commands = format!("read_aiger {name}.aig; fold; strash; {commands}; print_status; write_cex -a {name}.aiw");
        let ended = run.args(["-c", &commands]).attempt(self.prover.limit + Duration::from_secs(30))?;
        Ok(ended.text)
    }

    fn reachability(&self, connects: &[(String, String)], suspect: bool) -> Result<ProofOutcome> {
        self.map_bits(connects)?;
        // Reachability takes long for what shows after many cycles.
        if suspect && is_failed(&self.abc(&format!("bmc3 -T {}", SUSPECTED.min(self.prover.limit).as_secs()))?) {
            return self.shown();
        }
        let search = format!("pdr -T {}", self.prover.limit.as_secs());
        let proven = |text: &str| text.contains("Property proved");
        let mut text = self.abc(&search)?;
        if is_failed(&text) {
            return self.shown();
        }
        if !proven(&text) {
            // Registers of the monitor that always equal the design's are merged: an invariant may come within reach.
            let swept = self.abc(&format!("zero; scorr; dc2; scorr -F 3; dc2; {search}"))?;
            if proven(&swept) {
                text = swept;
            }
        }
        if proven(&text) {
            let frames = number_after(&text, "Invariant F[").unwrap_or_default();
            return Ok(ProofOutcome::Proven { method: "reachability".into(), depth: frames });
        }
        let because = format!("not finished in {} s", self.prover.limit.as_secs());
        let cycles = number_after(&text, "in frame ").or_else(|| number_after(&text, "Frames = ")).unwrap_or_default();
        ensure!(text.contains("imeout") || cycles > 0, "abc says nothing of {}:\n{}", self.name, last_lines(&text));
        Ok(ProofOutcome::Bounded { cycles, because })
    }

    fn induction(&self, connects: &[(String, String)], cycles: usize) -> Result<ProofOutcome> {
        let name = &self.name;
        self.yosys(&format!(
            "{}memory_nordff\nasync2sync\nformalff -clk2ff -ff2anyinit\ndffunmap\nopt -fast\nopt_clean\nwrite_smt2 -wires {name}.smt2",
            self.flat(connects)
        ))?;
        let deep = cycles.to_string();
        let step = self.smtbmc(&["-i", "-t", &deep])?;
        if step.as_deref().is_some_and(|text| text.contains("Status: PASSED")) {
            return match self.smtbmc(&["-t", &deep, "--dump-vcd", &format!("{name}.vcd")])? {
                Some(text) if text.contains("Status: PASSED") => {
                    Ok(ProofOutcome::Proven { method: "induction".into(), depth: cycles })
                }
                Some(text) if text.contains("Status: FAILED") => self.failed(),
                Some(text) => bail!("yosys-smtbmc says nothing of {name}:\n{}", last_lines(&text)),
                None => Ok(ProofOutcome::Bounded { cycles: 0, because: "the first cycles are not finished".into() }),
            };
        }
        let because = match step {
            Some(_) => format!("the induction over {cycles} cycles fails"),
            None => format!("the induction is not finished in {} s", self.prover.limit.as_secs()),
        };
        self.map_bits(connects)?;
        self.search(because)
    }

    fn bit_induction(&self, connects: &[(String, String)], cycles: usize) -> Result<ProofOutcome> {
        self.map_bits(connects)?;
        let step = self.abc(&format!("ind -F {cycles} -T {}", self.prover.limit.as_secs()))?;
        let because = format!("the induction over {cycles} cycles does not end");
        match self.search(because)? {
            ProofOutcome::Bounded { cycles: first, .. } if first >= cycles && step.contains("Networks are equivalent") => {
                Ok(ProofOutcome::Proven { method: "induction on bits".into(), depth: cycles })
            }
            outcome => Ok(outcome),
        }
    }

    /// Is it the property that fails, or only the induction?
    fn search(&self, because: String) -> Result<ProofOutcome> {
        let text = self.abc(&format!("bmc3 -F {SEARCHED} -T {}", self.prover.limit.as_secs()))?;
        if is_failed(&text) {
            return self.shown();
        }
        let cycles = number_after(&text, "No output failed in ").or_else(|| number_after(&text, "Frames = ")).unwrap_or_default();
        Ok(ProofOutcome::Bounded { cycles, because })
    }

    /// What yosys-smtbmc printed; nothing when it took too long.
    fn smtbmc(&self, arguments: &[&str]) -> Result<Option<String>> {
        let toolbox = &self.prover.toolbox;
        let run = toolbox.run(Tool::Smtbmc)?.folder(&self.prover.folder);
        let yices = toolbox.find(Tool::Yices)?;
        let folder = yices.parent().unwrap_or(Path::new(""));
        let mut path = folder.as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let run = run.variable("PATH", path).args(["-s", "yices", "--noprogress"]).args(arguments);
        let ended = run.arg(format!("{}.smt2", self.name)).attempt(self.prover.limit)?;
        Ok(ended.code.map(|_| ended.text))
    }

    /// Puts an empty line of state at the head of the counterexample of a design without registers: abc leaves the line out, and
    /// yosys-witness would take the inputs of the first cycle for it.
    fn state_line(&self) -> Result<()> {
        let (design, witness) = (self.path("aig"), self.path("aiw"));
        let mut head = String::new();
        let read = fs::File::open(&design).and_then(|file| BufReader::new(file).read_line(&mut head));
        read.with_context(|| format!("cannot read {}", design.display()))?;
        let latches = head.split(' ').nth(3).with_context(|| format!("{} begins with `{head}`", design.display()))?;
        if latches == "0" {
            let text = fs::read_to_string(&witness).with_context(|| format!("cannot read {}", witness.display()))?;
            fs::write(&witness, format!("\n{text}")).with_context(|| format!("cannot write {}", witness.display()))?;
        }
        Ok(())
    }

    /// The counterexample that abc found, as waveforms.
    fn shown(&self) -> Result<ProofOutcome> {
        let name = &self.name;
        self.state_line()?;
        let run = self.prover.toolbox.run(Tool::Witness)?.folder(&self.prover.folder);
        run.args(["aiw2yw", &format!("{name}.aiw"), &format!("{name}.ywa"), &format!("{name}.yw")]).finish()?;
        let text = self.smtbmc(&["--yw", &format!("{name}.yw"), "-t", "4096", "--dump-vcd", &format!("{name}.vcd")])?;
        let text = text.with_context(|| format!("the counterexample of {name} could not be shown in time"))?;
        ensure!(
            text.contains("Status: FAILED"),
            "abc's counterexample of {name} is none for yosys-smtbmc:\n{}",
            last_lines(&text)
        );
        self.failed()
    }

    fn failed(&self) -> Result<ProofOutcome> {
        let vcd = self.path("vcd");
        let text = fs::read_to_string(&vcd).with_context(|| format!("cannot read {}", vcd.display()))?;
        let trace = Trace::parse(&text);
        ensure!(trace.steps > 0, "{} holds no steps", vcd.display());
        Ok(ProofOutcome::Failed { cycle: trace.steps - 1, vcd, table: table(&trace) })
    }
}

/// Whether abc says that it has a counterexample.
fn is_failed(text: &str) -> bool {
    text.contains("was asserted in frame")
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

fn number_after(text: &str, words: &str) -> Option<usize> {
    let after = &text[text.rfind(words)? + words.len()..];
    after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}
