//! Small blocks in few lines, and their Verilog compared with their simulation over all inputs.

use pm_verilog::{emit, EmitError, EmitOptions};
use rust_hdl::core::atom::{Atom, AtomKind};
use rust_hdl::prelude::*;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

/// Declares a block: its signals, and its kernel as it would be written by hand.
macro_rules! block {
    ($name:ident { $($field:ident: $type:ty),* $(,)? }
     $pound:tt $attribute:tt fn update(&mut $self:ident) $body:tt) => {
        #[derive(::rust_hdl::prelude::LogicBlock, Default)]
        struct $name { $($field: $type),* }
        impl ::rust_hdl::prelude::Logic for $name {
            $pound $attribute
            fn update(&mut $self) $body
        }
    };
}

/// The inputs of a block: `inputs!(Block: a, b)`.
macro_rules! inputs {
    ($block:ty: $($input:ident),* $(,)?) => {
        vec![$((stringify!($input), (|block: &mut $block, value: u128| {
            block.$input.next = ::pm_verilog::cells::Pack::unpack(value)
        }) as fn(&mut $block, u128))),*]
    };
}

/// Name of an input and how to set it.
pub type Inputs<B> = Vec<(&'static str, fn(&mut B, u128))>;

/// Input bits beyond which trying everything takes too long.
const MOST_BITS: usize = 16;

struct Port {
    name: String,
    width: usize,
    value: String,
    is_input: bool,
}

#[derive(Default)]
struct Top {
    depth: usize,
    ports: Vec<Port>,
}

impl Probe for Top {
    fn visit_start_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth += 1;
    }
    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth -= 1;
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let is_input = match signal.kind() {
            AtomKind::InputParameter => true,
            AtomKind::OutputParameter => false,
            _ => return,
        };
        if self.depth == 1 {
            let text = format!("{:x}", signal.verilog());
            let value = text.split_once("'h").map_or("", |(_, digits)| digits);
            self.ports.push(Port { name: name.into(), width: signal.bits(), value: value.into(), is_input });
        }
    }
}

fn ports(block: &dyn Block) -> Vec<Port> {
    let mut top = Top::default();
    block.accept("top", &mut top);
    top.ports
}

/// The block's Verilog.
pub fn emitted<B: Block + Default>() -> String {
    emit(&connected::<B>(), &EmitOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

pub fn connected<B: Block + Default>() -> B {
    let mut block = B::default();
    block.connect_all();
    block
}

/// Why the block is refused.
pub fn refusal<B: Block + Default>() -> EmitError {
    match emit(&connected::<B>(), &EmitOptions::default()) {
        Err(error) => error,
        Ok(text) => panic!("emitted, but should have been refused:\n{text}"),
    }
}

/// The first input for which `verilog`, whose top is `top`, is not what the simulation says; also when it does not compile.
pub fn difference<B: Block + Default>(inputs: &Inputs<B>, verilog: &str, top: &str) -> Option<String> {
    let mut block = connected::<B>();
    let found = ports(&block);
    let width_of = |name: &str| found.iter().find(|port| port.name == name).map(|port| port.width).expect("an input");
    let total: usize = inputs.iter().map(|(name, _)| width_of(name)).sum();
    assert_eq!(inputs.len(), found.iter().filter(|port| port.is_input).count(), "every input must be driven");
    assert!(total <= MOST_BITS, "{total} bits of input are too many to try all");

    let mut wires = String::new();
    let mut offset = 0;
    let mut wired = Vec::new();
    for (name, _) in inputs {
        wired.push(format!(".{name}(all[{offset} +: {}])", width_of(name)));
        offset += width_of(name);
    }
    let (mut formats, mut values) = (Vec::new(), Vec::new());
    for port in found.iter().filter(|port| !port.is_input) {
        wires += &format!("wire [{}:0] out_{};\n", port.width - 1, port.name);
        wired.push(format!(".{0}(out_{0})", port.name));
        formats.push("%h");
        values.push(format!("out_{}", port.name));
    }
    let bench = format!(
        "module bench;\nreg [{MOST_BITS}:0] all;\n{wires}{top} dut ({});\ninitial begin\n\
         for (all = 0; all < (1 << {total}); all = all + 1) begin\n#1 $display(\"{}\", {});\nend\n$finish;\nend\nendmodule\n",
        wired.join(", "),
        formats.join(" "),
        values.join(", ")
    );
    let output = match icarus(&format!("{verilog}\n{bench}")) {
        Ok(output) => output,
        Err(message) => return Some(message),
    };
    let mut lines = output.lines();
    for all in 0..1u128 << total {
        let (mut offset, mut shown) = (0, Vec::new());
        for (name, set) in inputs {
            set(&mut block, all >> offset);
            shown.push(format!("{name}={:x}", (all >> offset) & ((1 << width_of(name)) - 1)));
            offset += width_of(name);
        }
        assert!(simulate(&mut block, 100), "the simulation does not settle");
        let expected: Vec<u128> = ports(&block)
            .iter()
            .filter(|port| !port.is_input)
            .map(|port| u128::from_str_radix(&port.value, 16).expect("hexadecimal"))
            .collect();
        let line = lines.next().unwrap_or("");
        let got: Vec<_> = line.split_whitespace().map(|word| u128::from_str_radix(word, 16).ok()).collect();
        if got != expected.iter().copied().map(Some).collect::<Vec<_>>() {
            return Some(format!("{}: simulation {expected:x?}, Verilog {line}", shown.join(" ")));
        }
    }
    None
}

/// What a Verilog program prints.
pub fn icarus(text: &str) -> Result<String, String> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let base = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("emitted-{}-{number}", std::process::id()));
    let (source, program) = (base.with_extension("v"), base.with_extension("vvp"));
    std::fs::write(&source, text).expect("the target folder is writable");
    let compiled = Command::new("iverilog").args(["-g2005", "-s", "bench", "-o"]).arg(&program).arg(&source).output();
    let compiled = compiled.expect("iverilog runs");
    let result = if compiled.status.success() {
        let run = Command::new("vvp").arg("-n").arg(&program).output().expect("vvp runs");
        Ok(String::from_utf8_lossy(&run.stdout).into_owned())
    } else {
        Err(format!("iverilog: {}", String::from_utf8_lossy(&compiled.stderr)))
    };
    let _ = std::fs::remove_file(source);
    let _ = std::fs::remove_file(program);
    result
}

/// Whether Icarus Verilog is here; says so when not.
pub fn have_icarus() -> bool {
    let have = Command::new("iverilog").arg("-V").output().is_ok();
    if !have {
        eprintln!("skipped: this test runs emitted Verilog with Icarus Verilog, and iverilog is not installed");
    }
    have
}

/// Our Verilog agrees with the simulation for every input.
#[track_caller]
pub fn exact<B: Block + Default>(inputs: Inputs<B>) {
    let text = emitted::<B>();
    if have_icarus() {
        if let Some(difference) = difference(&inputs, &text, "partition_manager") {
            panic!("{difference}\n{text}");
        }
    }
}

/// As [`exact`]; and rust-hdl's own Verilog does not agree, which is why this crate exists.
#[track_caller]
pub fn exact_where_rust_hdl_is_not<B: Block + Default>(inputs: Inputs<B>) {
    if have_icarus() {
        let theirs = rust_hdl::core::module_defines::generate_verilog(&connected::<B>());
        assert!(difference(&inputs, &theirs, "top").is_some(), "rust-hdl's own Verilog is right here:\n{theirs}");
    }
    exact(inputs);
}
