//! The ports of a module: read from its text, so that what documents an emitted file cannot disagree with it; or those that a
//! block will have when it is emitted.

use rust_hdl::core::atom::{Atom, AtomKind};
use rust_hdl::prelude::{Block, Probe};

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
    lines.filter_map(|line| port(line.trim().trim_end_matches(','))).collect()
}

/// `input  wire [31:0] name`; lint directives between the ports are none.
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

#[derive(Default)]
struct Finder {
    depth: usize,
    namespace: Vec<String>,
    ports: Vec<Port>,
}

impl Probe for Finder {
    fn visit_start_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth += 1;
    }
    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.depth -= 1;
    }
    fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
        self.namespace.push(name.into());
    }
    fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
        self.namespace.pop();
    }
    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let is_input = signal.kind() == AtomKind::InputParameter;
        if self.depth == 1 && (is_input || signal.kind() == AtomKind::OutputParameter) {
            let path = self.namespace.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join("_");
            self.ports.push(Port { name: path.replace('$', "_"), width: signal.bits(), input: is_input });
        }
    }
}

/// Every port of `top`, in the order of its fields.
pub fn ports_of(top: &dyn Block) -> Vec<Port> {
    let mut finder = Finder::default();
    top.accept("top", &mut finder);
    finder.ports
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
        let text = "module a (\n    /* lint */\n    input  wire [3:0] b,\n    output reg        c\n);\nmodule d (\n    input  wire e\n);\n";
        assert_eq!(ports(text, "a"), [port("b", true, 4), port("c", false, 1)]);
    }
}
