//! Co-simulation: the same random stimulus through a block in RustHDL and through its emitted Verilog.
//!
//! ```text
//!                 +--> RustHDL stepper ----> outputs --+
//!   stimulus -----+                                    +--> equal, every output, every cycle?
//!                 +--> emit --> Verilator --> outputs -+
//! ```
//!
//! A cycle is: drive the inputs, settle, sample the outputs, clock high, settle, clock low, settle. Verilator runs with
//! all its lints on, so that a warning fails too; without Verilator, Icarus Verilog takes its place.
//!
//! ```ignore
//! let mut options = Options::new(inputs!(Lookup: clock, reset, request.valid, request.page));
//! let report = cosimulate("lookup", Lookup::default, 10_000, 1, options)?;
//! ```

mod engine;
mod flipper;
mod ports;
mod stimulus;

pub use engine::{hash as fingerprint, Engine, Live, Program, ToolError};
pub use flipper::{Flipped, Flipper, StateBit};
pub use pm_verilog::cells::Pack;
pub use ports::{BlockPort, BlockPorts};
pub use stimulus::{Random, Stimulus};

use pm_verilog::{emit, EmitError, EmitOptions, Flaw};
use rust_hdl::core::atom::{Atom, AtomKind};
use rust_hdl::prelude::{simulate, Block, Probe};
use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// How often the simulation may run over the design before it must be quiet.
const SETTLE_ROUNDS: usize = 1000;

/// Drives one input of a block with the low bits of a number.
type Setter<B> = Box<dyn Fn(&mut B, u128)>;

/// An input of a block and how to set it.
pub struct Input<B> {
    path: String,
    set: Setter<B>,
}

impl<B> Input<B> {
    /// The input at `path` (`request.valid`), which `set` drives with the low bits of a number.
    pub fn new(path: impl Into<String>, set: impl Fn(&mut B, u128) + 'static) -> Self {
        Self { path: path.into(), set: Box::new(set) }
    }
}

/// The inputs of a block, by path: `inputs!(Lookup: clock, reset, request.valid)`.
#[macro_export]
macro_rules! inputs {
    ($block:ty: $($first:ident $(. $rest:ident)*),* $(,)?) => {
        vec![$($crate::Input::<$block>::new(
            concat!(stringify!($first) $(, ".", stringify!($rest))*),
            |block: &mut $block, value: u128| block.$first$(.$rest)*.next = $crate::Pack::unpack(value),
        )),*]
    };
}

/// Changes the stimulus of a cycle after its random values are drawn.
pub type Hook<'a> = Box<dyn FnMut(&mut Stimulus<'_>) + 'a>;

/// What to drive and with what.
pub struct Options<'a, B> {
    /// Every input of the block; one left out is an error.
    pub inputs: Vec<Input<B>>,
    /// Biases the stimulus, for example towards legal sequences of commands.
    pub hook: Option<Hook<'a>>,
    /// Which simulator; `None` takes Verilator if it is there, else Icarus.
    pub engine: Option<Engine>,
    /// A deliberate mistake of the emitter.
    #[doc(hidden)]
    pub flaw: Option<Flaw>,
}

impl<'a, B> Options<'a, B> {
    /// Random stimulus for `inputs`.
    pub fn new(inputs: Vec<Input<B>>) -> Self {
        Self { inputs, hook: None, engine: None, flaw: None }
    }

    /// With a hook that biases the stimulus.
    pub fn with_hook(mut self, hook: impl FnMut(&mut Stimulus<'_>) + 'a) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// With one simulator and no other.
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.engine = Some(engine);
        self
    }
}

/// A run without differences.
#[derive(Clone, Debug)]
pub struct CosimReport {
    /// Name of the block.
    pub name: String,
    /// Seed of the stimulus.
    pub seed: u64,
    /// Cycles compared.
    pub cycles: u64,
    /// Inputs driven, the clock apart.
    pub inputs: usize,
    /// Outputs compared.
    pub outputs: usize,
    /// What ran the Verilog.
    pub engine: Engine,
    /// Outputs that never changed: a stimulus that leaves many of them proves little.
    pub constant_outputs: Vec<String>,
}

impl fmt::Display for CosimReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CosimReport { name, seed, cycles, inputs, outputs, engine, constant_outputs } = self;
        write!(f, "{name}: {cycles} cycles equal ({inputs} inputs, {outputs} outputs, seed {seed}, {engine})")?;
        if !constant_outputs.is_empty() {
            write!(f, "; never changed: {}", constant_outputs.join(", "))?;
        }
        Ok(())
    }
}

/// Why there is no [`CosimReport`].
#[derive(Debug)]
pub enum CosimError {
    /// The block was not translated.
    Emit(EmitError),
    /// The inputs listed are not the block's inputs.
    Inputs(String),
    /// The RustHDL simulation panicked or did not settle.
    Simulation {
        /// The block.
        name: String,
        /// Seed of the stimulus.
        seed: u64,
        /// Cycle, from 0.
        cycle: u64,
        /// What happened.
        what: String,
        /// Inputs of that cycle.
        inputs: Vec<(String, u128)>,
    },
    /// A simulator is missing or failed.
    Tool(ToolError),
    /// The two disagree.
    Difference(Box<CosimDifference>),
}

/// The first disagreement.
#[derive(Clone, Debug)]
pub struct CosimDifference {
    /// The block.
    pub name: String,
    /// Seed of the stimulus.
    pub seed: u64,
    /// Cycle, from 0.
    pub cycle: u64,
    /// Path of the output.
    pub signal: String,
    /// What RustHDL says.
    pub rust: u128,
    /// What the Verilog says: hexadecimal digits, `x` where it does not know.
    pub verilog: String,
    /// Inputs of that cycle.
    pub inputs: Vec<(String, u128)>,
}

fn listed(inputs: &[(String, u128)]) -> String {
    inputs.iter().map(|(path, value)| format!("{path}={value:#x}")).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for CosimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CosimError::Emit(error) => write!(f, "{error}"),
            CosimError::Inputs(what) => write!(f, "{what}"),
            CosimError::Simulation { name, seed, cycle, what, inputs } => {
                write!(f, "{name}: seed {seed}, cycle {cycle}: {what}; inputs {}", listed(inputs))
            }
            CosimError::Tool(error) => write!(f, "{error}"),
            CosimError::Difference(d) => write!(
                f,
                "{}: seed {}, cycle {}: {} is {:#x} in RustHDL and 0x{} in Verilog; inputs {}",
                d.name,
                d.seed,
                d.cycle,
                d.signal,
                d.rust,
                d.verilog,
                listed(&d.inputs)
            ),
        }
    }
}

impl std::error::Error for CosimError {}

impl From<ToolError> for CosimError {
    fn from(error: ToolError) -> Self {
        CosimError::Tool(error)
    }
}

/// Drives `make()` for `cycles` cycles in both simulators and compares every output in every cycle.
///
/// # Errors
/// A [`CosimError`]; of differences the first, with the seed that shows it again.
pub fn cosimulate<B: Block>(
    name: &str,
    make: impl Fn() -> B,
    cycles: u64,
    seed: u64,
    mut options: Options<'_, B>,
) -> Result<CosimReport, CosimError> {
    let mut block = make();
    block.connect_all();
    let emit_options = EmitOptions { top: name.into(), flaw: options.flaw, ..EmitOptions::default() };
    let verilog = emit(&block, &emit_options).map_err(CosimError::Emit)?;
    let ports = BlockPorts::of(&block);
    let driver = Driver::new(name, &ports, &options.inputs)?;
    let simulator = engine::Simulator::build(name, &verilog, &ports, options.engine, options.flaw.is_none())?;

    let run = driver.run(&mut block, cycles, seed, options.hook.as_mut())?;
    let observed = simulator.run(&run.stimulus, cycles)?;

    let outputs = ports.outputs.len();
    for (position, expected) in run.outputs.iter().enumerate() {
        let seen = observed.value(position);
        if seen.as_ref() == Ok(expected) {
            continue;
        }
        let cycle = position / outputs;
        return Err(CosimError::Difference(Box::new(CosimDifference {
            name: name.into(),
            seed,
            cycle: cycle as u64,
            signal: ports.outputs[position % outputs].path.clone(),
            rust: *expected,
            verilog: seen.map_or_else(|text| text, |value| format!("{value:x}")),
            inputs: run.inputs_of(cycle, &ports),
        })));
    }
    let constant_outputs = (0..outputs)
        .filter(|output| run.outputs.iter().skip(*output).step_by(outputs).all(|value| Some(value) == run.outputs.get(*output)))
        .map(|output| ports.outputs[output].path.clone())
        .collect();
    Ok(CosimReport {
        name: name.into(),
        seed,
        cycles,
        inputs: ports.inputs.len(),
        outputs,
        engine: simulator.engine(),
        constant_outputs,
    })
}

/// Reads the outputs of the top, in the order of [`BlockPorts::outputs`].
struct Sampler<'a> {
    depth: usize,
    values: &'a mut Vec<u128>,
}

impl Probe for Sampler<'_> {
    fn visit_start_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth += 1;
    }
    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth -= 1;
    }
    fn visit_atom(&mut self, _name: &str, signal: &dyn Atom) {
        if self.depth == 1 && signal.kind() == AtomKind::OutputParameter {
            let text = format!("{:x}", signal.verilog());
            let digits = text.split_once("'h").map_or("", |(_, digits)| digits);
            // A negative number prints a sign: keep its low bits.
            let value = match digits.strip_prefix('-') {
                Some(digits) => u128::from_str_radix(digits, 16).unwrap_or(0).wrapping_neg(),
                None => u128::from_str_radix(digits, 16).unwrap_or(0),
            };
            self.values.push(value & (u128::MAX >> (128 - signal.bits().clamp(1, 128))));
        }
    }
}

/// The RustHDL side.
struct Driver<'a, B> {
    name: &'a str,
    ports: &'a BlockPorts,
    clock: Option<&'a Input<B>>,
    /// In the order of [`BlockPorts::inputs`].
    inputs: Vec<&'a Input<B>>,
}

/// What went in and what came out, cycle after cycle.
struct Run {
    stimulus: Vec<u128>,
    outputs: Vec<u128>,
}

impl Run {
    fn inputs_of(&self, cycle: usize, ports: &BlockPorts) -> Vec<(String, u128)> {
        let start = cycle * ports.inputs.len();
        ports.inputs.iter().zip(&self.stimulus[start..]).map(|(port, value)| (port.path.clone(), *value)).collect()
    }
}

impl<'a, B: Block> Driver<'a, B> {
    fn new(name: &'a str, ports: &'a BlockPorts, inputs: &'a [Input<B>]) -> Result<Self, CosimError> {
        let problem = |what: String| Err(CosimError::Inputs(format!("{name}: {what}")));
        if let Some(what) = &ports.problem {
            return problem(what.clone());
        }
        if ports.outputs.is_empty() {
            return problem("no outputs to compare".into());
        }
        let listed = |port: &BlockPort| inputs.iter().find(|input| input.path == port.path);
        let mut found = Vec::new();
        for port in &ports.inputs {
            match listed(port) {
                Some(input) => found.push(input),
                None => return problem(format!("input `{}` is not in the list of inputs", port.path)),
            }
        }
        let clock = match &ports.clock {
            Some(port) => match listed(port) {
                Some(input) => Some(input),
                None => return problem(format!("clock `{}` is not in the list of inputs", port.path)),
            },
            None => None,
        };
        if inputs.len() != found.len() + usize::from(clock.is_some()) {
            return problem("the list of inputs names something twice, or something that is no input".into());
        }
        Ok(Self { name, ports, clock, inputs: found })
    }

    fn run(&self, block: &mut B, cycles: u64, seed: u64, mut hook: Option<&mut Hook<'_>>) -> Result<Run, CosimError> {
        let mut random = Random::new(seed);
        let mut source = stimulus::Source::new(&self.ports.inputs);
        let mut run = Run { stimulus: Vec::new(), outputs: Vec::new() };
        let mut previous: Vec<u128> = Vec::new();
        for cycle in 0..cycles {
            source.draw(cycle, &mut random);
            if let Some(hook) = hook.as_mut() {
                let mut stimulus = Stimulus::new(cycle, self.ports, source.values_mut(), &previous, &mut random);
                hook(&mut stimulus);
                stimulus.finish().map_err(|what| CosimError::Inputs(format!("{}: {what}", self.name)))?;
            }
            run.stimulus.extend_from_slice(source.values());
            let stepped = catch_unwind(AssertUnwindSafe(|| self.step(block, source.values(), &mut previous)));
            let what = match stepped {
                Ok(Ok(())) => None,
                Ok(Err(what)) => Some(what.to_string()),
                Err(panic) => Some(format!("the simulation panicked: {}", panic_text(panic.as_ref()))),
            };
            if let Some(what) = what {
                return Err(CosimError::Simulation {
                    name: self.name.into(),
                    seed,
                    cycle,
                    what,
                    inputs: run.inputs_of(cycle as usize, self.ports),
                });
            }
            run.outputs.extend_from_slice(&previous);
        }
        Ok(run)
    }

    /// One cycle; leaves the outputs before the edge in `outputs`.
    fn step(&self, block: &mut B, values: &[u128], outputs: &mut Vec<u128>) -> Result<(), &'static str> {
        for (input, value) in self.inputs.iter().zip(values) {
            (input.set)(block, *value);
        }
        settle(block)?;
        outputs.clear();
        block.accept("top", &mut Sampler { depth: 0, values: outputs });
        if let Some(clock) = self.clock {
            (clock.set)(block, 1);
            settle(block)?;
            (clock.set)(block, 0);
            settle(block)?;
        }
        Ok(())
    }
}

fn settle<B: Block>(block: &mut B) -> Result<(), &'static str> {
    if simulate(block, SETTLE_ROUNDS) {
        Ok(())
    } else {
        Err("the simulation does not settle: a combinational loop")
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text.to_string(),
        (_, Some(text)) => text.clone(),
        _ => "no message".into(),
    }
}
