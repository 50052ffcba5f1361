//! The other level of reset: a design whose reset is high gets one that is low, and the other way round.
//!
//! ```text
//!   reset_n --(not)--> reset of the design, in a module around it
//! ```

use anyhow::{ensure, Context, Result};
use pm_verilog::{EmitOptions, Port};

/// The reset of each interface, and its name at the other level.
const NAMES: [(&str, &str); 3] = [("reset", "reset_n"), ("rst_i", "rst_n_i"), ("aresetn", "areset")];

/// The reset of a design that a port with the other level stands for.
pub fn original(port: &str) -> Option<&'static str> {
    NAMES.iter().find(|(_, other)| *other == port).map(|(own, _)| *own)
}

/// The name at the other level of a design's reset.
pub fn other(port: &str) -> Option<&'static str> {
    NAMES.iter().find(|(own, _)| *own == port).map(|(_, other)| *other)
}

/// Name of the design's own module inside the one with the other reset.
pub(crate) fn inner(names: &EmitOptions) -> String {
    format!("{}{}_inner", names.prefix, names.top)
}

/// A module `top` around the module `inner` of this text, with the other reset.
pub(crate) fn around(text: &str, inner: &str, top: &str) -> Result<String> {
    let ports = pm_verilog::ports(text, inner);
    ensure!(ports.iter().any(|port| other(&port.name).is_some()), "module {inner} has no reset to turn over");
    let name = |port: &Port| other(&port.name).unwrap_or(&port.name).to_string();
    let comma = |place: usize| if place + 1 < ports.len() { "," } else { "" };
    let mut out = format!("// The design with the other level of reset.\nmodule {top} (\n");
    for (place, port) in ports.iter().enumerate() {
        let direction = if port.input { "input  wire" } else { "output wire" };
        let range = if port.width == 1 { String::new() } else { format!("[{}:0] ", port.width - 1) };
        out += &format!("    {direction} {range}{}{}\n", name(port), comma(place));
    }
    out += &format!(");\n\n    {inner} inner (\n");
    for (place, port) in ports.iter().enumerate() {
        let signal = if other(&port.name).is_some() { format!("!{}", name(port)) } else { port.name.clone() };
        out += &format!("        .{}({signal}){}\n", port.name, comma(place));
    }
    Ok(out + "    );\n\nendmodule\n")
}

/// The text of an AXI4 guard, whose outermost module is called `top`, with the other reset.
pub(crate) fn of_guard(text: &str, top: &str) -> Result<String> {
    let head = format!("module {top} #(");
    let place =
        text.find(&head).with_context(|| format!("module {top} has no parameters: it was not emitted by this version"))?;
    let (before, module) = text.split_at(place);
    let (port, connection) = ("input  wire aresetn,", ".aresetn(aresetn)");
    ensure!(module.contains(port) && module.contains(connection), "module {top} has no reset to turn over");
    let module = module.replacen(port, "input  wire areset,", 1).replacen(connection, ".aresetn(!areset)", 1);
    Ok(format!("{before}{module}"))
}
