//! The ports of a block: which inputs are driven, which outputs are compared.

use rust_hdl::core::atom::{Atom, AtomKind};
use rust_hdl::core::type_descriptor::TypeKind;
use rust_hdl::prelude::{Block, Probe};

/// A port of the top.
pub struct BlockPort {
    /// As in Rust, with dots.
    pub path: String,
    /// In bits.
    pub width: usize,
}

impl BlockPort {
    /// As in Verilog.
    pub fn name(&self) -> String {
        self.path.replace(['.', '$'], "_")
    }
}

/// The ports of the top, found by a probe.
#[derive(Default)]
pub struct BlockPorts {
    /// The clock, an input.
    pub clock: Option<BlockPort>,
    /// The other inputs.
    pub inputs: Vec<BlockPort>,
    /// The outputs.
    pub outputs: Vec<BlockPort>,
    /// Why they cannot be driven, if so.
    pub(crate) problem: Option<String>,
}

impl BlockPorts {
    /// The ports of a block.
    pub fn of(block: &dyn Block) -> Self {
        struct Finder {
            at: Place,
            ports: BlockPorts,
        }
        impl Probe for Finder {
            fn visit_start_scope(&mut self, _name: &str, _node: &dyn Block) {
                self.at.depth += 1;
            }
            fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
                self.at.depth -= 1;
            }
            fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
                self.at.namespace.push(name.into());
            }
            fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
                self.at.namespace.pop();
            }
            fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
                if self.at.depth != 1 {
                    return;
                }
                let path = self.at.namespace.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".");
                let (width, descriptor) = (signal.bits(), signal.descriptor());
                if width > 128 {
                    self.ports.problem = Some(format!("{path} has {width} bits; co-simulation drives at most 128"));
                }
                let is_clock = descriptor.name == "clock" && matches!(descriptor.kind, TypeKind::Bits(1));
                let port = BlockPort { path, width };
                match signal.kind() {
                    AtomKind::InputParameter if is_clock && self.ports.clock.is_none() => self.ports.clock = Some(port),
                    AtomKind::InputParameter if is_clock => {
                        self.ports.problem = Some(format!("{} is a second clock; co-simulation drives one", port.path));
                    }
                    AtomKind::InputParameter => self.ports.inputs.push(port),
                    AtomKind::OutputParameter => self.ports.outputs.push(port),
                    _ => {}
                }
            }
        }
        let mut finder = Finder { at: Place::default(), ports: BlockPorts::default() };
        block.accept("top", &mut finder);
        finder.ports
    }
}

/// Where a probe is.
#[derive(Default)]
struct Place {
    depth: usize,
    namespace: Vec<String>,
}
