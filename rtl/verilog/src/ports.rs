//! The ports of a module, read from its text: what documents an emitted file cannot disagree with it.

/// A port as it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Name in Verilog.
    pub name: String,
    /// Into the module.
    pub input: bool,
    /// Bits.
    pub width: usize,
}

/// The ports of module `top` in a text that [`crate::emit`] wrote, in their order; none if there is no such module.
pub fn ports(text: &str, top: &str) -> Vec<Port> {
    let head = format!("module {top} (");
    let lines = text.lines().skip_while(|line| *line != head).skip(1).take_while(|line| *line != ");");
    lines.filter_map(|line| port(line.split("//").next().unwrap_or(line).trim().trim_end_matches(','))).collect()
}

/// `input  wire [31:0] name`; lint directives between the ports are none, and comments are cut off.
fn port(line: &str) -> Option<Port> {
    let input = match line.split_whitespace().next()? {
        "input" => true,
        "output" => false,
        _ => return None,
    };
    let width = match line.split_once('[') {
        Some((_, rest)) => rest.split(':').next()?.parse::<usize>().ok()? + 1,
        None => 1,
    };
    Some(Port { name: line.split_whitespace().last()?.into(), input, width })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cells::Register, emit, EmitOptions};
    use rust_hdl::prelude::*;

    #[test]
    fn every_port_of_the_top_is_found_and_none_of_an_inner_module() {
        let mut register = Register::<Bits<12>>::default();
        register.connect_all();
        let text = emit(&register, &EmitOptions { top: "holder".into(), ..EmitOptions::default() }).unwrap();
        let port = |name: &str, input, width| Port { name: name.into(), input, width };
        let found = ports(&text, "holder");
        assert_eq!(found, [port("clock", true, 1), port("reset", true, 1), port("d", true, 12), port("q", false, 12)], "{text}");
        assert_eq!(ports(&text, "hold"), []);
        let text = "module a (\n    /* lint */\n    input  wire [3:0] b, // high[3:2] low[1:0]\n    output reg        c\n);\nmodule d (\n    input  wire e\n);\n";
        assert_eq!(ports(text, "a"), [port("b", true, 4), port("c", false, 1)]);
    }
}
