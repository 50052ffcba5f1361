//! Walks a block with a rust-hdl probe and keeps what the translation needs: a tree of modules with their atoms and kernels.

use crate::describe;
use crate::error::EmitError;
use num_bigint::BigUint;
use rust_hdl::core::ast::Verilog;
use rust_hdl::core::atom::{Atom, AtomKind};
use rust_hdl::core::block::Block;
use rust_hdl::core::probe::Probe;
use rust_hdl::core::type_descriptor::TypeDescriptor;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// One block of the design.
pub(crate) struct Module {
    /// Path from the top, as in Rust.
    pub path: String,
    /// Its field in the parent, an array's index after a `$`: `entries$3`.
    pub field: String,
    pub atoms: Vec<AtomInfo>,
    pub children: Vec<Module>,
    pub code: Verilog,
}

/// A signal or constant of a block.
pub(crate) struct AtomInfo {
    /// Name with its namespaces, separated by `$`.
    pub key: String,
    pub width: usize,
    pub role: AtomKind,
    pub descriptor: TypeDescriptor,
    /// Of a constant; `None` when it is negative.
    pub value: Option<BigUint>,
    pub connected: bool,
}

impl Module {
    /// The field without array indices: what the block is for.
    pub fn role(&self) -> String {
        self.field.split('$').filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).collect::<Vec<_>>().join("_")
    }
}

#[derive(Default)]
struct Collector {
    open: Vec<Module>,
    namespaces: Vec<Vec<String>>,
    done: Vec<Module>,
    error: Option<EmitError>,
}

/// The value of a literal: `None` when negative.
pub(crate) fn literal_value(literal: &impl std::fmt::LowerHex) -> Option<BigUint> {
    let text = format!("{literal:x}");
    let (_, digits) = text.split_once("'h")?;
    BigUint::parse_bytes(digits.as_bytes(), 16)
}

impl Probe for Collector {
    fn visit_start_scope(&mut self, name: &str, node: &dyn Block) {
        let path = match self.open.last() {
            Some(parent) => format!("{}.{}", parent.path, describe::name(name)),
            None => describe::name(name),
        };
        // Casts in a kernel are evaluated while its tree is built: that code is the block's own and may panic.
        let code = catch_unwind(AssertUnwindSafe(|| node.hdl())).unwrap_or_else(|_| {
            self.error.get_or_insert(EmitError {
                block: path.clone(),
                at: String::new(),
                what: "building the kernel's syntax tree panicked".into(),
                advice: "look for a literal that does not fit its width or an index out of range".into(),
            });
            Verilog::Empty
        });
        self.open.push(Module { path, field: name.into(), atoms: Vec::new(), children: Vec::new(), code });
        self.namespaces.push(Vec::new());
    }

    fn visit_start_namespace(&mut self, name: &str, _node: &dyn Block) {
        if let Some(namespace) = self.namespaces.last_mut() {
            namespace.push(name.into());
        }
    }

    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let (Some(module), Some(namespace)) = (self.open.last_mut(), self.namespaces.last()) else { return };
        let mut parts = namespace.clone();
        parts.push(name.into());
        module.atoms.push(AtomInfo {
            key: parts.join("$"),
            width: signal.bits(),
            role: signal.kind(),
            descriptor: signal.descriptor(),
            value: literal_value(&signal.verilog()),
            connected: signal.connected(),
        });
    }

    fn visit_end_namespace(&mut self, _name: &str, _node: &dyn Block) {
        if let Some(namespace) = self.namespaces.last_mut() {
            namespace.pop();
        }
    }

    fn visit_end_scope(&mut self, _name: &str, _node: &dyn Block) {
        self.namespaces.pop();
        if let Some(module) = self.open.pop() {
            match self.open.last_mut() {
                Some(parent) => parent.children.push(module),
                None => self.done.push(module),
            }
        }
    }
}

/// The tree of modules under `top`, which is called `name`.
pub(crate) fn collect(top: &dyn Block, name: &str) -> Result<Module, EmitError> {
    let mut collector = Collector::default();
    top.accept(name, &mut collector);
    if let Some(error) = collector.error {
        return Err(error);
    }
    match (collector.done.pop(), collector.done.is_empty()) {
        (Some(module), true) => Ok(module),
        _ => Err(EmitError {
            block: name.into(),
            at: String::new(),
            what: "the top is not one block".into(),
            advice: "emit a struct that derives LogicBlock, not a list of blocks or an interface".into(),
        }),
    }
}
