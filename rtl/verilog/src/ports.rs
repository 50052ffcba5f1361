//! The ports of a block, as [`crate::emit`] names them.

use rust_hdl::core::atom::{Atom, AtomKind};
use rust_hdl::prelude::{Block, Probe};

/// A port of a top module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// In Verilog.
    pub name: String,
    /// Bits.
    pub width: usize,
    /// Driven from outside.
    pub is_input: bool,
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
            self.ports.push(Port { name: path.replace('$', "_"), width: signal.bits(), is_input });
        }
    }
}

/// Every port of `top`, in the order of its fields.
pub fn ports(top: &dyn Block) -> Vec<Port> {
    let mut finder = Finder::default();
    top.accept("top", &mut finder);
    finder.ports
}
