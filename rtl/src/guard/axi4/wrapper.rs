//! The Verilog that gives the AXI4 guard parameters.
//!
//! The widths of identifiers and user signals are types in RustHDL and parameters in Verilog: the guard is emitted with the
//! widest, and a wrapper leaves bits unused that a system does not have. Synthesis then leaves out what held them.

use super::{AXI4_ID, AXI4_USER};
use anyhow::{ensure, Result};
use pm_verilog::{EmitOptions, Port};

/// Name of the emitted module inside the wrapper, where `names` are those of the whole.
pub fn inner(names: &EmitOptions) -> String {
    let name = format!("{}axi4_guard", names.prefix);
    if name == names.top {
        name + "_inner"
    } else {
        name
    }
}

/// The parameter of the wrapper that is the width of this port of the guard.
pub fn parameter(port: &Port) -> Option<&'static str> {
    let bus = port.name.starts_with("s_axi_") || port.name.starts_with("m_axi_");
    if bus && port.name.ends_with("id") && port.width == AXI4_ID {
        Some("ID_WIDTH")
    } else if bus && port.name.ends_with("user") && port.width == AXI4_USER {
        Some("USER_WIDTH")
    } else {
        None
    }
}

/// The top module, with parameters, around the emitted guard.
///
/// # Errors
/// When the text has no such guard: it was not emitted by this version.
pub fn parametrised(text: &str, names: &EmitOptions) -> Result<String> {
    let inner = inner(names);
    let ports = pm_verilog::ports(text, &inner);
    ensure!(ports.iter().any(|port| parameter(port).is_some()), "module {inner} has no identifier to give a width");
    let mut out = format!(
        "// The guard with the identifiers and user signals of a system: bits that it does not have are zero inside.\n\
         // ID_WIDTH: 1 to {AXI4_ID}. USER_WIDTH: 8 to {AXI4_USER}; bits 7:0 of awuser and aruser are the tenant, unless the guard has a source map.\n\
         module {} #(\n    parameter ID_WIDTH = 4,\n    parameter USER_WIDTH = 8\n) (\n",
        names.top
    );
    let last = ports.len() - 1;
    for (place, port) in ports.iter().enumerate() {
        let direction = if port.input { "input  wire" } else { "output wire" };
        let range = match (parameter(port), port.width) {
            (Some(width), _) => format!("[{width}-1:0] "),
            (None, 1) => String::new(),
            (None, width) => format!("[{}:0] ", width - 1),
        };
        out += &format!("    {direction} {range}{}{}\n", port.name, if place == last { "" } else { "," });
    }
    out += ");\n\n";
    out += &check("ID_WIDTH", 1, AXI4_ID);
    out += &check("USER_WIDTH", 8, AXI4_USER);
    // A zero more than is needed: no replication is ever empty.
    for port in &ports {
        let Some(bits) = parameter(port) else { continue };
        let (name, width) = (&port.name, port.width);
        out += "    /* verilator lint_off UNUSEDSIGNAL */\n";
        if port.input {
            out += &format!("    wire [{width}:0] wide_{name} = {{{{({} - {bits}){{1'b0}}}}, {name}}};\n", width + 1);
        } else {
            out += &format!("    wire [{}:0] wide_{name};\n", width - 1);
        }
        out += "    /* verilator lint_on UNUSEDSIGNAL */\n";
        if !port.input {
            out += &format!("    assign {name} = wide_{name}[{bits}-1:0];\n");
        }
    }
    out += &format!("\n    {inner} guard (\n");
    for (place, port) in ports.iter().enumerate() {
        let name = &port.name;
        let signal = match (parameter(port), port.input) {
            (Some(_), true) => format!("wide_{name}[{}:0]", port.width - 1),
            (Some(_), false) => format!("wide_{name}"),
            _ => name.clone(),
        };
        out += &format!("        .{name}({signal}){}\n", if place == last { "" } else { "," });
    }
    out += "    );\n\nendmodule\n";
    Ok(out)
}

/// Stops elaboration where a parameter is out of its range. Verilog-2005 has no task for that: the module that is instantiated then
/// is nowhere defined, and its name is the message. A parameter that is unknown is out of range, too.
fn check(parameter: &str, least: usize, most: usize) -> String {
    let name = parameter.to_lowercase();
    format!(
        "    generate\n        if ({parameter} >= {least} && {parameter} <= {most}) begin : {name}_is_supported\n        \
         end else begin : {name}_is_out_of_range\n            {parameter}_must_be_{least}_to_{most} stop ();\n        \
         end\n    endgenerate\n\n"
    )
}
