//! Design and monitor in one module.
//!
//! For a prover the monitor's inputs are left open: [`Harness::connects`] says what they are to be connected to once the
//! design is flat, because a prover's reader of Verilog knows no hierarchical names. A simulator knows them.

use crate::{monitor, Property, Top, Wire};
use anyhow::{ensure, Context, Result};
use pm_interface::Geometry;
use pm_verilog::{names, Port};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Words from which on a memory is not looked into: it may hold anything at any time, which allows more than the design does.
const OPAQUE_WORDS: usize = 256;

/// The read of a memory in the emitted Verilog, after the name of what is read, and the write, before the word.
const READ: &str = " <= memory[read_address];";
const WRITE: &str = "if (write_enable) memory[write_address] <= ";

/// Tool that reads the harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A prover: assertions, and constants that may be anything.
    Proof,
    /// A simulator: the monitor's outputs are ports, and so are the constants.
    Simulation,
}

/// Design and monitor.
#[derive(Clone, Debug)]
pub struct Harness {
    /// Verilog of everything; the top is called `proof`.
    pub verilog: String,
    /// Left and right side of what is to be connected in the flat top.
    pub connects: Vec<(String, String)>,
    /// Inputs of the top, the clock apart.
    pub inputs: Vec<Port>,
    /// For a simulator: outputs of the top.
    pub outputs: Vec<Port>,
}

/// A range as it stands in a declaration, with a space after it.
fn range(width: usize) -> String {
    if width == 1 {
        String::new()
    } else {
        format!("[{}:0] ", width - 1)
    }
}

/// True when an input of a monitor is a constant of any value.
fn is_constant(name: &str) -> bool {
    name.starts_with("any_") || name.starts_with("other_")
}

/// The harness of a property around the text of a design.
///
/// # Errors
/// When there is no monitor for the geometry, or it needs what the design does not have.
pub fn harness(property: &Property, geometry: &Geometry, design: &str, reader: Use) -> Result<Harness> {
    let monitor = monitor(property.kind, geometry)?;
    let top = names::of(design, property.top.module());
    let mut body = String::new();
    let mut declared: Vec<String> = vec!["    input  wire clock".into()];
    let mut inputs = Vec::new();
    let mut outputs = Vec::new();
    let mut connects = Vec::new();
    let mut looked: BTreeMap<String, usize> = BTreeMap::new();
    // With two designs the second has its own ports, except for the ports that both share.
    let ports = &twins(&pm_verilog::ports(design, &top), property.top == Top::Twins);
    for port in ports.iter().filter(|port| port.input && port.name != "clock") {
        declared.push(format!("    input  wire {}{}", range(port.width), port.name));
        inputs.push(port.clone());
    }
    let mut instance = |name: &str, prefix: &str| {
        let own: Vec<&Port> = ports.iter().filter(|port| port.input && !port.name.starts_with("twin_")).collect();
        let driven = own.iter().map(|port| {
            let twin = format!("{prefix}{}", port.name);
            let driver = if ports.iter().any(|other| other.name == twin) { &twin } else { &port.name };
            format!("        .{}({driver})", port.name)
        });
        let _ = writeln!(body, "    {top} {name} (\n{}\n    );\n", driven.collect::<Vec<_>>().join(",\n"));
    };
    instance("dut", "");
    if property.top == Top::Twins {
        instance("twin", "twin_");
    }

    let mut pins = vec!["        .clock(clock)".to_string()];
    for port in monitor.ports.iter().filter(|port| port.name != "clock") {
        let (name, bits) = (&port.name, range(port.width));
        let wire = monitor.wires.iter().find(|(input, _)| input == name).map(|(_, wire)| wire);
        pins.push(format!("        .{name}({})", if port.input { format!("probe_{name}") } else { format!("monitor_{name}") }));
        if !port.input {
            let _ = writeln!(body, "    wire {bits}monitor_{name};");
            if name.starts_with("holds") || name == "assumed" {
                outputs.push(Port { name: format!("monitor_{name}"), ..port.clone() });
            }
            continue;
        }
        if is_constant(name) {
            match reader {
                Use::Proof => {
                    let _ = writeln!(body, "    (* anyconst *) reg {bits}probe_{name};");
                }
                Use::Simulation => {
                    declared.push(format!("    input  wire {bits}probe_{name}"));
                    inputs.push(Port { name: format!("probe_{name}"), ..port.clone() });
                }
            }
            continue;
        }
        let _ = writeln!(body, "    wire {bits}probe_{name};");
        let inside = |path: &str| match property.top {
            Top::Core => Ok(format!("dut.{path}")),
            Top::Twins if path.starts_with("twin.") => Ok(path.to_string()),
            Top::DataPath | Top::Twins => path
                .strip_prefix("data_path.")
                .map(|path| format!("dut.{path}"))
                .with_context(|| format!("{path} does not lie in the data path")),
        };
        match (wire, reader) {
            (None, _) if ports.iter().any(|port| port.input && port.name == *name) => {
                let _ = writeln!(body, "    assign probe_{name} = {name};");
            }
            (None, _) => {
                let port = ports.iter().find(|port| port.name == *name);
                ensure!(port.is_some(), "the monitor's input {name} is wired to nothing, and no port has its name");
                let path = match name.strip_prefix("twin_") {
                    Some(name) => format!("twin.{name}"),
                    None => format!("dut.{name}"),
                };
                match reader {
                    Use::Proof => connects.push((format!("probe_{name}"), path)),
                    Use::Simulation => {
                        let _ = writeln!(body, "    assign probe_{name} = {path};");
                    }
                }
            }
            (Some(Wire::Signal(path)), Use::Proof) => connects.push((format!("probe_{name}"), inside(path)?)),
            (Some(Wire::Signal(path)), Use::Simulation) => {
                let _ = writeln!(body, "    assign probe_{name} = {};", inside(path)?);
            }
            (Some(Wire::Word(memory, address)), Use::Proof) => {
                let memory = inside(memory)?;
                let number = *looked.entry(memory.clone()).and_modify(|number| *number += 1).or_insert(0usize);
                connects.push((format!("{memory}.peek_address_{number}"), format!("monitor_{address}")));
                connects.push((format!("probe_{name}"), format!("{memory}.peek_data_{number}")));
            }
            (Some(Wire::Word(memory, address)), Use::Simulation) => {
                let _ = writeln!(body, "    assign probe_{name} = {}.memory[monitor_{address}];", inside(memory)?);
            }
        }
    }
    let _ = writeln!(body, "\n    monitor monitor (\n{}\n    );", pins.join(",\n"));
    match reader {
        Use::Proof => {
            let has = |name: &str| monitor.ports.iter().any(|port| port.name == name);
            let assumed = has("assumed") && !property.assumes.is_empty();
            let begins = if has("begins") { "        if (!started) assume (monitor_begins);\n" } else { "" };
            // A reset comes first, whatever the state at power-up.
            let _ = writeln!(
                body,
                "\n    reg started;\n    initial started = 1'b0;\n    always @(posedge clock) started <= 1'b1;\n    \
                 always @(*) begin\n        if (!started) assume (reset);\n{begins}{}        if (started) assert (monitor_{});\n    end",
                if assumed { "        assume (monitor_assumed);\n" } else { "" },
                property.output
            );
        }
        Use::Simulation => {
            for output in &outputs {
                declared.push(format!("    output wire {}", output.name.replace("monitor_", "shown_")));
                let _ = writeln!(body, "    assign {} = {};", output.name.replace("monitor_", "shown_"), output.name);
            }
            outputs.iter_mut().for_each(|output| output.name = output.name.replace("monitor_", "shown_"));
        }
    }
    let looks = looked.values().max().map_or(0, |last| last + 1);
    let design = match reader {
        Use::Proof => opened(design, looks, property.top != Top::Twins)?,
        Use::Simulation => design.to_string(),
    };
    let verilog = format!(
        "{design}\n{}\n`default_nettype none\nmodule proof (\n{}\n);\n{body}endmodule\n",
        monitor.verilog,
        declared.join(",\n")
    );
    Ok(Harness { verilog, connects, inputs, outputs })
}

/// The ports, and with a second design its own.
fn twins(ports: &[Port], second: bool) -> Vec<Port> {
    let shared =
        |port: &Port| matches!(port.name.as_str(), "clock" | "reset" | "active" | "strict" | "window_base" | "frame_base");
    let twin = |port: &Port| Port { name: format!("twin_{}", port.name), ..port.clone() };
    let others = ports.iter().filter(|port| second && !shared(port)).map(twin);
    ports.iter().cloned().chain(others).collect()
}

/// A memory's body in which a bit that is read while it is written may already be the new one.
fn mixed(body: &str) -> Option<String> {
    let word = body.split_once(WRITE)?.1.split_once(';')?.0;
    let new = format!(
        " <= write_enable & (write_address == read_address) ? (memory[read_address] & kept) | ({word} & ~kept) : memory[read_address];"
    );
    (body.matches(READ).count() == 1 && body.matches(WRITE).count() == 1).then(|| body.replace(READ, &new))
}

/// The design for a prover. Small memories get ports that show their words, large memories hold any contents. No memory begins
/// with zeros, because a reset does not clear a memory. Where the design does not use a word that is read while it is written,
/// each bit of the word is the old or the new one (`collisions`), or the old one.
fn opened(design: &str, looks: usize, collisions: bool) -> Result<String> {
    let mut out = String::new();
    let mut lines = design.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        if names::begun(line).and_then(names::memory_words).is_none() {
            continue;
        }
        let (mut address, mut body, mut inside) = (String::new(), String::new(), false);
        let (mut data, mut words) = (String::new(), 0);
        for line in lines.by_ref() {
            let word = |text: &str| text.split(['[', ']']).nth(1).map(|range| format!("[{range}] ")).unwrap_or_default();
            if line.contains(" read_address,") {
                address = word(line);
            }
            if let Some((declared, depth)) = line.trim().strip_prefix("reg ").and_then(|line| line.split_once("memory [0:")) {
                data = word(declared);
                words = depth.trim_end_matches("];").parse::<usize>().map_or(0, |last| last + 1);
            }
            if line == "endmodule" {
                break;
            }
            if inside {
                body.push_str(line)
            } else {
                out.push_str(line)
            }
            if inside {
                body.push('\n')
            } else {
                out.push('\n')
            }
            inside |= line == ");";
        }
        if words < OPAQUE_WORDS || data.is_empty() || !address.contains("[7:0]") {
            let mut free = body.replace(", no_rw_check *)", " *)");
            if collisions && free != body {
                let _ = writeln!(out, "    (* anyseq *) reg {data}kept;");
                free = mixed(&free).context("a memory reads or writes otherwise than this crate knows; correct harness.rs")?;
            }
            out.push_str(&free);
            for look in 0..looks {
                let _ = writeln!(out, "    wire {address}peek_address_{look};");
                let _ = writeln!(out, "    wire {data}peek_data_{look} = memory[peek_address_{look}];");
            }
        }
        out.push_str("endmodule\n");
    }
    Ok(out)
}
