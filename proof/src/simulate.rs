//! The monitors in simulation: the same harness, for Icarus Verilog, under random traffic.
//!
//! Only where nothing but aligned bases is assumed: random traffic keeps no other promise.

use crate::design;
use anyhow::{bail, Context, Result};
use pm_bsp::tools::{Run, Start, Tool, Toolbox};
use pm_interface::{registers::offset, Geometry};
use pm_properties::{harness, Property, SeededFault, Use};
use pm_verilog::Port;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// What a monitor said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// Cycles that were judged.
    pub cycles: u64,
    /// Cycles in which the property did not hold.
    pub failures: u64,
    /// Cycles in which something was granted or allowed, to tell traffic from silence.
    pub granted: u64,
}

/// Runs the monitor of a property in `folder`, with a fault or without.
///
/// # Errors
/// When Icarus Verilog is missing or refuses the text, or the fault does not fit it.
pub fn simulate(
    property: &Property,
    geometry: &Geometry,
    fault: Option<&SeededFault>,
    cycles: u64,
    seed: u32,
    folder: &Path,
) -> Result<Simulated> {
    let text = design(property, geometry, fault)?;
    let harness = harness(property, geometry, &text, Use::Simulation)?;
    let folder = std::path::absolute(folder)?;
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let name = format!("{}-{}-{seed}{}", property.name, geometry.name, if fault.is_some() { "-fault" } else { "" });
    let (source, program) = (folder.join(format!("{name}.v")), folder.join(&name));
    let bench = bench(property, geometry, &harness.inputs, &harness.outputs, cycles, seed);
    fs::write(&source, harness.verilog + &bench).with_context(|| format!("cannot write {}", source.display()))?;
    let compile = Toolbox::discover().run(Tool::Iverilog)?.args(["-g2005", "-s", "testbench", "-o"]);
    compile.arg(&program).arg(&source).finish()?;
    let said = Run::new(&program).finish()?.text;
    let line = said.lines().find_map(|line| line.strip_prefix("judged "));
    let numbers: Vec<u64> = line.unwrap_or_default().split(' ').filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [cycles, failures, granted] => Ok(Simulated { cycles, failures, granted }),
        _ => bail!("{name} said nothing that can be read:\n{said}"),
    }
}

/// What drives an input in a cycle; nothing for what stays as it began.
fn driver(port: &Port, geometry: &Geometry) -> Option<String> {
    let name = port.name.as_str();
    let any = if port.width > 32 { "{$random(seed), $random(seed)}" } else { "$random(seed)" };
    Some(match name {
        "reset" => "cycle < 2".into(),
        "active" => "cycle > 40".into(),
        _ if name.starts_with("probe_") || name.ends_with("_base") => return None,
        "register_request_read" => "1'b0".into(),
        // The gate is opened over the largest pool; then commands and their operands come as they like.
        "register_request_write" => "cycle == 60 | cycle == 66 | (cycle > 100 & ($random(seed) & 3) == 0)".into(),
        "register_request_address" => format!(
            "cycle == 60 ? {} : cycle == 66 ? {} : (dice & 3) == 0 ? {} : {} + (($random(seed) & 7) << 2)",
            offset::POOL_SIZE_LO,
            offset::CONTROL,
            offset::CMD,
            offset::CMD
        ),
        // Not SEAL, or nothing happens any more: of the codes CREATE and DESTROY are written most.
        "register_request_write_data" => format!(
            "cycle == 60 ? {} : cycle == 66 ? 1 : (dice & 3) == 0 ? 1 + (($random(seed) & 7) == 0) : \
             (dice & 4) == 0 ? ($random(seed) & 3) << {} : $random(seed) & 1",
            geometry.largest_pool(),
            geometry.granule_bits
        ),
        "memory_write_ready" => "($random(seed) & 7) != 0".into(),
        "table_write_enable" | "shadow_write_enable" => "($random(seed) & 15) == 0".into(),
        "table_write_slot" => format!("(dice & 7) == 0 ? $random(seed) : {name}"),
        _ if name.ends_with("_request_valid") => "($random(seed) & 3) != 0".into(),
        _ if name.ends_with("_request_tenant") => "(dice & 31) == 31 ? $random(seed) : $random(seed) & 1".into(),
        _ => any.into(),
    })
}

fn bench(property: &Property, geometry: &Geometry, inputs: &[Port], outputs: &[Port], cycles: u64, seed: u32) -> String {
    let mut out = String::from("\n`default_nettype none\n`timescale 1ns/1ns\nmodule testbench;\n    reg clock;\n");
    let range = |port: &Port| if port.width == 1 { String::new() } else { format!("[{}:0] ", port.width - 1) };
    for port in inputs {
        let _ = writeln!(out, "    reg {}{};", range(port), port.name);
    }
    for port in outputs {
        let _ = writeln!(out, "    wire {}{};", range(port), port.name);
    }
    let pins = inputs.iter().chain(outputs).map(|port| format!(".{0}({0})", port.name)).collect::<Vec<_>>().join(", ");
    let _ = writeln!(
        out,
        "    proof proof (.clock(clock), {pins});\n    integer seed, cycle, dice, judged, failures, granted;\n    initial begin"
    );
    let _ = writeln!(out, "        seed = {seed}; clock = 0; judged = 0; failures = 0; granted = 0;");
    for port in inputs {
        let value = match port.name.as_str() {
            name if name.starts_with("probe_") => "$random(seed)".to_string(),
            // Bases that are ports; those of the whole design are registers.
            "window_base" => format!("$random(seed) & ~{}", geometry.window() - 1),
            "frame_base" => format!("$random(seed) & ~{}", geometry.frame() - 1),
            _ => "0".into(),
        };
        let _ = writeln!(out, "        {} = {value};", port.name);
    }
    let _ =
        writeln!(out, "        for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin\n            dice = $random(seed);");
    for port in inputs {
        if let Some(value) = driver(port, geometry) {
            let _ = writeln!(out, "            {} = {value};", port.name);
        }
    }
    let verdict = format!("shown_{}", property.output);
    let _ = writeln!(
        out,
        "            #1;\n            if (cycle > 1) begin\n                judged = judged + 1;\n                \
         if ({verdict} !== 1'b1) failures = failures + 1;\n                \
         if (proof.dut.translate_response_granted | proof.dut.physical_response_allowed) granted = granted + 1;\n            end\n            \
         clock = 1;\n            #1 clock = 0;\n        end\n        $display(\"judged %0d %0d %0d\", judged, failures, granted);\n        \
         $finish;\n    end\nendmodule\n"
    );
    out
}
