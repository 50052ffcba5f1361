//! Runs emitted Verilog: builds a simulator with Verilator or Icarus, once per content, and feeds it a file.

use super::{BlockPort, BlockPorts};
use pm_system::process::Tool;
use rust_hdl::prelude::Block;
use std::collections::hash_map::DefaultHasher;
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Mutex;
use std::time::Duration;
use std::{env, fs, io};

/// What runs the Verilog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Verilator: compiled, two-valued, with all lints.
    Verilator,
    /// Icarus Verilog: interpreted, four-valued.
    Icarus,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Engine::Verilator => "Verilator",
            Engine::Icarus => "Icarus Verilog",
        })
    }
}

impl Engine {
    /// Whether its programs can be run here.
    pub fn is_available(self) -> bool {
        match self {
            Engine::Verilator => pm_tools::require(pm_tools::Tool::SIMULATION).is_ok(),
            Engine::Icarus => pm_tools::require(ICARUS).is_ok(),
        }
    }
}

/// What the engine Icarus starts.
const ICARUS: &[pm_tools::Tool] = &[pm_tools::Tool::Iverilog, pm_tools::Tool::Vvp];

/// A program that is missing or failed.
#[derive(Debug)]
pub struct ToolError {
    what: String,
    output: String,
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        if !self.output.is_empty() {
            write!(f, "\n{}", self.output.trim_end())?;
        }
        Ok(())
    }
}

impl std::error::Error for ToolError {}

pub(super) fn problem(what: impl Into<String>, error: io::Error) -> ToolError {
    ToolError { what: what.into(), output: error.to_string() }
}

impl From<pm_tools::Missing> for ToolError {
    fn from(missing: pm_tools::Missing) -> ToolError {
        ToolError { what: missing.to_string(), output: String::new() }
    }
}

/// A command that runs the tool, or an error that says how to install it.
fn command(tool: pm_tools::Tool) -> Result<Command, ToolError> {
    Ok(Command::new(pm_tools::find(tool)?))
}

/// The compiler, as a part of what tells compiled code apart.
fn compiler() -> Result<String, ToolError> {
    Ok(pm_tools::find(pm_tools::Tool::Cxx)?.to_string_lossy().into_owned())
}

/// Runs a program to its end and gives what it wrote to standard output.
fn call(command: &mut Command) -> Result<String, ToolError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        pm_system::process::output(command).map_err(|error| problem(format!("cannot run {program}: is it installed?"), error))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(40)..].join("\n");
    Err(ToolError { what: format!("{program} failed ({})", output.status), output: last })
}

/// Where simulators are kept: beside what cargo builds, so that `cargo clean` removes them; for an installed program in the
/// user's own cache, where nobody else can put a program.
fn store() -> PathBuf {
    let inside = env::current_exe().ok().and_then(|exe| {
        let profile = exe.ancestors().find(|path| path.ends_with("debug") || path.ends_with("release"));
        profile.and_then(Path::parent).map(Path::to_path_buf)
    });
    let set = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache =
        || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache"))).map(|cache| cache.join("partition-manager"));
    inside.or_else(cache).unwrap_or_else(|| PathBuf::from("build")).join("cosim")
}

/// A name for these texts.
pub fn hash(parts: &[&str]) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Makes `path` with `fill`, which works in a folder of its own: whoever is first wins, and no one sees half of it.
fn once(path: &Path, fill: impl FnOnce(&Path) -> Result<(), ToolError>) -> Result<(), ToolError> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    if path.is_dir() {
        return Ok(());
    }
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let workshop = path.with_extension(format!("{}.{number}", std::process::id()));
    pm_system::process::remove_at_the_end(&workshop).map_err(|error| problem("cannot watch over the work", error))?;
    fs::create_dir_all(&workshop).map_err(|error| problem(format!("cannot make {}", workshop.display()), error))?;
    let done = fill(&workshop).and_then(|()| match fs::rename(&workshop, path) {
        Err(error) if !path.is_dir() => Err(problem(format!("cannot make {}", path.display()), error)),
        _ => Ok(()),
    });
    // Left only when the work failed or another was first.
    let _ = fs::remove_dir_all(&workshop);
    done
}

fn write(path: &Path, text: &str) -> Result<(), ToolError> {
    fs::write(path, text).map_err(|error| problem(format!("cannot write {}", path.display()), error))
}

/// The emitted Verilog of one block, ready to run.
pub(crate) struct Simulator {
    engine: Engine,
    folder: PathBuf,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
}

impl Simulator {
    /// Builds it, or finds it built. With `lint`, a warning of Verilator is an error.
    pub fn build(name: &str, verilog: &str, ports: &BlockPorts, engine: Option<Engine>, lint: bool) -> Result<Self, ToolError> {
        let engine = match engine {
            Some(engine) => engine,
            None if Engine::Verilator.is_available() => Engine::Verilator,
            None if Engine::Icarus.is_available() => Engine::Icarus,
            None => {
                let all = [pm_tools::Tool::SIMULATION, ICARUS].concat();
                let missing = pm_tools::require(&all).err().map(|missing| missing.to_string()).unwrap_or_default();
                let what = format!("neither Verilator with a C++ compiler nor Icarus Verilog is there\n{missing}");
                return Err(ToolError { what, output: String::new() });
            }
        };
        let widths = |ports: &[BlockPort]| ports.iter().map(|port| port.width).collect();
        let folder = match engine {
            Engine::Verilator => verilate(name, verilog, ports, lint)?,
            Engine::Icarus => icarus(name, verilog, ports)?,
        };
        Ok(Self { engine, folder, inputs: widths(&ports.inputs), outputs: widths(&ports.outputs) })
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Runs the stimulus, all inputs of one cycle after the other.
    pub fn run(&self, stimulus: &[u128], cycles: u64) -> Result<Observed, ToolError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let file = |kind: &str| self.folder.join(format!("{}.{number}.{kind}", std::process::id()));
        let (input, output) = (file("in"), file("out"));
        let result = self.run_files(stimulus, cycles, &input, &output);
        let _ = fs::remove_file(&input);
        let _ = fs::remove_file(&output);
        result
    }

    fn run_files(&self, stimulus: &[u128], cycles: u64, input: &Path, output: &Path) -> Result<Observed, ToolError> {
        let mut bytes = Vec::new();
        for (position, value) in stimulus.iter().enumerate() {
            match self.engine {
                Engine::Verilator => {
                    let words = self.inputs[position % self.inputs.len()].div_ceil(32);
                    bytes.extend_from_slice(&value.to_le_bytes()[..4 * words]);
                }
                Engine::Icarus => bytes.extend_from_slice(format!("{value:x}\n").as_bytes()),
            }
        }
        fs::write(input, bytes).map_err(|error| problem(format!("cannot write {}", input.display()), error))?;
        match self.engine {
            Engine::Verilator => {
                call(Command::new(self.folder.join("simulator")).arg(input).arg(output).arg(cycles.to_string()))?
            }
            Engine::Icarus => call(
                command(pm_tools::Tool::Vvp)?
                    .arg("-n")
                    .arg(self.folder.join("simulator.vvp"))
                    .arg(format!("+in={}", input.display()))
                    .arg(format!("+out={}", output.display()))
                    .arg(format!("+cycles={cycles}")),
            )?,
        };
        let read = fs::read(output).map_err(|error| problem(format!("cannot read {}", output.display()), error))?;
        let values = match self.engine {
            Engine::Verilator => {
                let mut values = Vec::new();
                let mut rest = read.as_slice();
                'all: loop {
                    for width in &self.outputs {
                        let size = 4 * width.div_ceil(32);
                        if rest.len() < size {
                            break 'all;
                        }
                        let mut word = [0; 16];
                        word[..size].copy_from_slice(&rest[..size]);
                        values.push(Ok(u128::from_le_bytes(word)));
                        rest = &rest[size..];
                    }
                }
                values
            }
            Engine::Icarus => {
                let text = String::from_utf8_lossy(&read);
                text.lines().map(|line| u128::from_str_radix(line.trim(), 16).map_err(|_| line.trim().to_string())).collect()
            }
        };
        let expected = cycles as usize * self.outputs.len();
        if values.len() != expected {
            let what = format!("the {} simulation ended early: {} of {expected} values", self.engine, values.len());
            return Err(ToolError { what, output: String::new() });
        }
        Ok(Observed { values })
    }
}

/// Bytes sent or awaited at once at most: a pipe that is full would stop both sides. Pipes hold 64 KiB.
const AT_ONCE: usize = 48 << 10;

/// A verilated block that runs on, some cycles at a time.
pub struct Live {
    process: Tool,
    inputs: ChildStdin,
    outputs: BufReader<ChildStdout>,
    program: Program,
}

/// Verilated code, compiled, and the words that each of its inputs and outputs takes.
#[derive(Clone)]
pub struct Program {
    path: PathBuf,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
}

impl Program {
    /// Compiles it, or finds it compiled.
    pub fn build(name: &str, verilog: &str, ports: &BlockPorts) -> Result<Program, ToolError> {
        let words = |ports: &[BlockPort]| ports.iter().map(|port| port.width.div_ceil(32)).collect();
        let path = verilate(name, verilog, ports, false)?.join("simulator");
        Ok(Program { path, inputs: words(&ports.inputs), outputs: words(&ports.outputs) })
    }
}

impl Live {
    /// Compiles a text whose top, called `name`, has the ports of `block`, and starts it as after power-up.
    ///
    /// # Errors
    /// When Verilator is missing or refuses the text.
    pub fn of(name: &str, verilog: &str, block: &dyn Block) -> Result<Live, ToolError> {
        Live::start(&Program::build(name, verilog, &BlockPorts::of(block))?, &[])
    }

    /// Starts one as after power-up, with arguments that the text asks for by `$value$plusargs`.
    pub fn start(program: &Program, arguments: &[String]) -> Result<Live, ToolError> {
        let mut command = Command::new(&program.path);
        let process = Tool::start(command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()));
        let mut process = process.map_err(|error| problem("cannot start the verilated block", error))?;
        let (inputs, outputs) = (process.stdin.take(), process.stdout.take());
        let (Some(inputs), Some(outputs)) = (inputs, outputs) else { unreachable!("both are piped") };
        Ok(Live { process, inputs, outputs: BufReader::new(outputs), program: program.clone() })
    }

    /// CPU time that the program has taken so far; `None` where the system does not say.
    pub fn cpu_time(&self) -> Option<Duration> {
        self.process.cpu_time()
    }

    /// Lets cycles pass: all inputs of one cycle after the other, but the clock, in the order of their declaration; back come
    /// all outputs after each clock edge.
    ///
    /// # Panics
    /// When the program is gone.
    pub fn cycles(&mut self, stimulus: &[u64]) -> Vec<u64> {
        let words = |sizes: &[usize]| sizes.iter().sum::<usize>();
        let cycles = AT_ONCE / (4 * words(&self.program.inputs).max(words(&self.program.outputs)));
        stimulus.chunks(cycles * self.program.inputs.len()).flat_map(|some| self.some_cycles(some)).collect()
    }

    fn some_cycles(&mut self, stimulus: &[u64]) -> Vec<u64> {
        let Program { inputs, outputs, .. } = &self.program;
        let cycles = stimulus.len() / inputs.len();
        let mut bytes = (cycles as u32).to_le_bytes().to_vec();
        for (value, words) in stimulus.iter().zip(inputs.iter().cycle()) {
            bytes.extend_from_slice(&value.to_le_bytes()[..4 * words]);
        }
        self.inputs.write_all(&bytes).and_then(|()| self.inputs.flush()).expect("the verilated block reads on");
        let mut values = Vec::with_capacity(cycles * outputs.len());
        for words in (0..cycles).flat_map(|_| outputs) {
            let mut bytes = [0; 8];
            self.outputs.read_exact(&mut bytes[..4 * words]).expect("the verilated block answers");
            values.push(u64::from_le_bytes(bytes));
        }
        values
    }
}

/// All outputs of one cycle after the other.
pub(crate) struct Observed {
    values: Vec<Result<u128, String>>,
}

impl Observed {
    /// A value, or its digits when some bits are unknown.
    pub fn value(&self, position: usize) -> Result<u128, String> {
        self.values[position].clone()
    }
}

/// Verilated code leaves double underscores to itself.
pub(super) fn member(port: &BlockPort) -> String {
    port.name().replace("__", "___05F")
}

/// Statements between the words `in` and `out` and the ports of `block`.
pub(super) struct Wiring {
    /// Drives every input.
    pub drive: String,
    /// Samples every output.
    pub sample: String,
    /// Words of all inputs.
    pub inputs: usize,
    /// Words of all outputs.
    pub outputs: usize,
}

impl Wiring {
    pub fn of(ports: &BlockPorts) -> Wiring {
        let count = |ports: &[BlockPort]| ports.iter().map(|port| port.width.div_ceil(32)).sum::<usize>();
        let (mut drive, mut sample) = (String::new(), String::new());
        let mut word = 0;
        for port in &ports.inputs {
            let (name, words) = (member(port), port.width.div_ceil(32));
            let _ = match words {
                1 => writeln!(drive, "        block.{name} = in[{word}];"),
                2 => writeln!(drive, "        block.{name} = in[{word}] | (uint64_t)in[{}] << 32;", word + 1),
                _ => (0..words).try_for_each(|i| writeln!(drive, "        block.{name}[{i}] = in[{}];", word + i)),
            };
            word += words;
        }
        word = 0;
        for port in &ports.outputs {
            let (name, words) = (member(port), port.width.div_ceil(32));
            let _ = match words {
                1 => writeln!(sample, "        out[{word}] = block.{name};"),
                2 => writeln!(sample, "        out[{word}] = block.{name}; out[{}] = block.{name} >> 32;", word + 1),
                _ => (0..words).try_for_each(|i| writeln!(sample, "        out[{}] = block.{name}[{i}];", word + i)),
            };
            word += words;
        }
        let (inputs, outputs) = (count(&ports.inputs), count(&ports.outputs));
        Wiring { drive, sample, inputs, outputs }
    }
}

/// The program around verilated code: reads words, drives, evaluates, writes words. From file to file it samples the
/// outputs before each clock edge; live, between pipes, after it, and a number of cycles comes before their words.
fn main_program(ports: &BlockPorts) -> String {
    let Wiring { drive, sample, inputs, outputs } = Wiring::of(ports);
    let (low, pulse) = match ports.clock.as_ref().map(member) {
        Some(clock) => (
            format!("    block.{clock} = 0;\n"),
            format!("        block.{clock} = 1;\n        block.eval();\n        block.{clock} = 0;\n        block.eval();\n"),
        ),
        None => (String::new(), String::new()),
    };
    format!(
        "#include \"Vblock.h\"\n#include <cstdint>\n#include <cstdio>\n#include <cstdlib>\n\n\
         int main(int count, char** arguments) {{\n    VerilatedContext context;\n    context.commandArgs(count, arguments);\n    Vblock block{{&context}};\n    \
         const bool live = count < 4;\n    \
         std::FILE* source = live ? stdin : std::fopen(arguments[1], \"rb\");\n    \
         std::FILE* sink = live ? stdout : std::fopen(arguments[2], \"wb\");\n    \
         if (!source || !sink) return 2;\n    uint32_t in[{inputs} + 1];\n    uint32_t out[{outputs} + 1];\n{low}    \
         uint32_t cycles = live ? 0 : std::strtoul(arguments[3], nullptr, 10);\n    do {{\n        \
         if (live && std::fread(&cycles, 4, 1, source) != 1) return 0;\n        \
         for (; cycles > 0; --cycles) {{\n        \
         if (std::fread(in, 4, {inputs}, source) != {inputs}) return 3;\n{drive}        block.eval();\n        \
         if (live) {{\n{pulse}        }}\n{sample}        \
         if (std::fwrite(out, 4, {outputs}, sink) != {outputs}) return 4;\n        \
         if (!live) {{\n{pulse}        }}\n        }}\n        std::fflush(sink);\n    }} while (live);\n    \
         return std::fclose(sink) == 0 ? 0 : 5;\n}}\n"
    )
}

/// Verilates and compiles; gives the folder with the program `simulator`.
fn verilate(name: &str, verilog: &str, ports: &BlockPorts, lint: bool) -> Result<PathBuf, ToolError> {
    verilate_around(name, verilog, &main_program(ports), lint, None)
}

/// The same around another program; with `control`, a configuration of Verilator's that opens variables to it, the design
/// is flattened and optimised.
pub(super) fn verilate_around(
    name: &str,
    verilog: &str,
    program: &str,
    lint: bool,
    control: Option<&str>,
) -> Result<PathBuf, ToolError> {
    pm_tools::require(pm_tools::Tool::SIMULATION)?;
    let version = call(command(pm_tools::Tool::Verilator)?.arg("--version"))?;
    let lint_text = lint.to_string();
    let compiler_text = compiler()?;
    let mut parts = vec![verilog, program, &version, &compiler_text, &lint_text];
    parts.extend(control);
    let folder = store().join(format!("{name}-{}", hash(&parts)));
    once(&folder, |workshop| {
        write(&workshop.join("block.v"), verilog)?;
        write(&workshop.join("main.cpp"), program)?;
        let warnings: &[&str] = if lint { &["-Wall"] } else { &["-Wno-lint", "-Wno-fatal"] };
        let mut verilate = command(pm_tools::Tool::Verilator)?;
        verilate
            .current_dir(workshop)
            .args(["--cc", "--prefix", "Vblock", "--top-module", name, "--Mdir", "code"])
            .args(warnings);
        if let Some(control) = control {
            write(&workshop.join("control.vlt"), control)?;
            verilate.args(["--flatten", "control.vlt"]);
        }
        call(verilate.arg("block.v"))?;
        // One unit: the headers cost more to read than the code of a block to compile.
        let mut unit = String::new();
        let code = workshop.join("code");
        let entries = fs::read_dir(&code).map_err(|error| problem(format!("cannot read {}", code.display()), error))?;
        let mut sources: Vec<String> = entries
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|file| file.ends_with(".cpp"))
            .collect();
        sources.sort();
        for source in &sources {
            let _ = writeln!(unit, "#include \"code/{source}\"");
        }
        unit.push_str("#include \"main.cpp\"\n");
        write(&workshop.join("unit.cpp"), &unit)?;
        let runtime = runtime(&version)?;
        compile(workshop, "unit.cpp", if control.is_some() { "-O1" } else { "-O0" })?;
        call(
            command(pm_tools::Tool::Cxx)?
                .current_dir(workshop)
                .args(["-o", "simulator", "unit.o"])
                .arg(runtime.join("verilated.o"))
                .arg(runtime.join("verilated_threads.o"))
                .arg("-pthread"),
        )?;
        let _ = fs::remove_dir_all(&code);
        let _ = fs::remove_file(workshop.join("unit.o"));
        Ok(())
    })?;
    Ok(folder)
}

/// Verilator's own library, compiled once.
fn runtime(version: &str) -> Result<PathBuf, ToolError> {
    // Threads of one test run would all do the same work.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let include = include()?;
    let folder = store().join(format!("runtime-{}", hash(&[version, &include.to_string_lossy(), &compiler()?])));
    once(&folder, |workshop| {
        for unit in ["verilated", "verilated_threads"] {
            let source = include.join(format!("{unit}.cpp"));
            compile(workshop, &source.to_string_lossy(), "-O1")?;
        }
        Ok(())
    })?;
    Ok(folder)
}

fn include() -> Result<PathBuf, ToolError> {
    let root = call(command(pm_tools::Tool::Verilator)?.args(["--getenv", "VERILATOR_ROOT"]))?;
    Ok(Path::new(root.trim()).join("include"))
}

fn compile(folder: &Path, source: &str, level: &str) -> Result<(), ToolError> {
    let include = include()?;
    let off = ["COVERAGE", "SC", "TIMING", "TRACE", "TRACE_FST", "TRACE_VCD", "TRACE_SAIF"].map(|what| format!("-DVM_{what}=0"));
    call(
        command(pm_tools::Tool::Cxx)?
            .current_dir(folder)
            .args(["-std=gnu++20", "-w", "-c", level, "-I.", "-Icode"])
            .arg(format!("-I{}", include.display()))
            .arg(format!("-I{}", include.join("vltstd").display()))
            .args(off)
            .arg(source),
    )?;
    Ok(())
}

/// The testbench for Icarus: numbers in hexadecimal, one a line.
fn testbench(name: &str, ports: &BlockPorts) -> String {
    let (mut declared, mut wired, mut reads, mut writes) = (String::new(), Vec::new(), String::new(), String::new());
    let range = |width: usize| if width == 1 { String::new() } else { format!("[{}:0] ", width - 1) };
    for (kind, list) in [("reg", &ports.inputs), ("wire", &ports.outputs)] {
        for port in list {
            let _ = writeln!(declared, "    {kind} {}port_{};", range(port.width), port.name());
            wired.push(format!(".{0}(port_{0})", port.name()));
        }
    }
    for port in &ports.inputs {
        let _ = writeln!(reads, "            got = $fscanf(source, \"%h\", port_{});", port.name());
    }
    for port in &ports.outputs {
        let _ = writeln!(writes, "            $fwrite(sink, \"%h\\n\", port_{});", port.name());
    }
    let (low, pulse) = match &ports.clock {
        Some(clock) => {
            wired.push(format!(".{}(pulse)", clock.name()));
            ("        pulse = 1'b0;\n", "            pulse = 1'b1;\n            #1 pulse = 1'b0;\n            #1;\n")
        }
        None => ("", ""),
    };
    format!(
        "module testbench;\n{declared}    reg pulse;\n    integer source, sink, cycles, got;\n    \
         reg [8*1024-1:0] path;\n    {name} dut ({});\n    initial begin\n        \
         got = $value$plusargs(\"in=%s\", path);\n        source = $fopen(path, \"r\");\n        \
         got = $value$plusargs(\"out=%s\", path);\n        sink = $fopen(path, \"w\");\n        \
         got = $value$plusargs(\"cycles=%d\", cycles);\n{low}        #1;\n        \
         while (cycles > 0) begin\n{reads}            #1;\n{writes}{pulse}            cycles = cycles - 1;\n        end\n        \
         $fclose(sink);\n        $finish;\n    end\nendmodule\n",
        wired.join(", ")
    )
}

/// Compiles for Icarus; gives the folder with `simulator.vvp`.
fn icarus(name: &str, verilog: &str, ports: &BlockPorts) -> Result<PathBuf, ToolError> {
    let bench = testbench(name, ports);
    let folder = store().join(format!("{name}-{}", hash(&["icarus", verilog, &bench])));
    once(&folder, |workshop| {
        write(&workshop.join("block.v"), verilog)?;
        write(&workshop.join("testbench.v"), &bench)?;
        call(command(pm_tools::Tool::Iverilog)?.current_dir(workshop).args([
            "-g2005",
            "-s",
            "testbench",
            "-o",
            "simulator.vvp",
            "block.v",
            "testbench.v",
        ]))?;
        Ok(())
    })?;
    Ok(folder)
}
