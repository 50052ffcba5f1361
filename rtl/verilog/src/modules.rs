//! From the tree of blocks to a list of distinct modules with names.
//!
//! ```text
//!   block --> symbols --> statements --> plan --> text --> same text seen before? --> one module
//! ```

use crate::cells::CELL_MARK;
use crate::collect::Module;
use crate::error::{fault, EmitError, Fault};
use crate::flow;
use crate::ir::{Kind, Role, Symbol, SymbolId};
use crate::keywords::{is_identifier, is_keyword};
use crate::print::{port_list, without_records, Instance, PortLine, Printer, OWN_NAME, RECORD};
use crate::typing::{Elaborator, Variants};
use crate::{EmitOptions, Flaw};
use num_bigint::BigUint;
use rust_hdl::core::ast::Verilog;
use rust_hdl::core::atom::AtomKind;
use rust_hdl::core::type_descriptor::{TypeDescriptor, TypeKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// One distinct module.
struct Distinct {
    text: String,
    /// Of a cell, its own name; else the role of its first use.
    wanted: String,
    /// The module of the block around its first use.
    parent: Option<usize>,
}

/// All modules found so far; children come before their parents.
pub(crate) struct Library {
    flaw: Option<Flaw>,
    distinct: Vec<Distinct>,
    by_text: BTreeMap<String, usize>,
}

fn child_name(id: usize) -> String {
    format!("\u{1}{id}\u{1}")
}

/// The name in Verilog of what Rust calls `key`.
fn legal(key: &str, top_port: bool) -> Result<String, Fault> {
    let name = key.replace('$', "_");
    if !is_identifier(&name) {
        return Err(fault("not a name in Verilog", "use ASCII letters, digits and underscores, and no raw identifiers"));
    }
    match (is_keyword(&name), top_port) {
        (false, _) => Ok(name),
        (true, false) => Ok(name + "_"),
        (true, true) => Err(fault(format!("`{name}` is a keyword of Verilog or SystemVerilog"), "rename this port of the top")),
    }
}

impl Library {
    pub fn new(flaw: Option<Flaw>) -> Self {
        Self { flaw, distinct: Vec::new(), by_text: BTreeMap::new() }
    }

    /// Translates `module` and all in it; gives the number of its text.
    pub fn add(&mut self, module: &Module, is_top: bool) -> Result<usize, EmitError> {
        let mut children = Vec::new();
        for child in &module.children {
            children.push(self.add(child, false)?);
        }
        if let Some(atom) = module.atoms.iter().find(|atom| atom.width == 0) {
            let fault = fault("a signal without bits", "give it at least one bit");
            return Err(fault.at(&module.path, crate::describe::name(&atom.key)));
        }
        let (text, wanted) = match &module.code {
            Verilog::Custom(text) => cell(module, text)?,
            Verilog::Combinatorial(_) | Verilog::Empty => (self.combinational(module, &children, is_top)?, module.role()),
            Verilog::Blackbox(_) | Verilog::Wrapper(_) => {
                let fault = fault("foreign Verilog, whose simulation nobody has compared with it", "use a cell of this crate");
                return Err(fault.at(&module.path, ""));
            }
        };
        // Modules that differ in the names of fields alone are one.
        let key = without_records(&text);
        let id = match self.by_text.get(&key) {
            Some(id) => *id,
            None => {
                let id = self.distinct.len();
                self.by_text.insert(key, id);
                self.distinct.push(Distinct { text, wanted, parent: None });
                id
            }
        };
        for child in children {
            self.distinct[child].parent.get_or_insert(id);
        }
        Ok(id)
    }

    fn combinational(&self, module: &Module, children: &[usize], is_top: bool) -> Result<String, EmitError> {
        let scope = Scope::new(module, is_top)?;
        let by_key = scope.symbols.iter().enumerate().map(|(id, symbol)| (symbol.key.clone(), id)).collect();
        let statements = match &module.code {
            Verilog::Combinatorial(kernel) => {
                Elaborator::new(&module.path, &scope.symbols, &by_key, &scope.variants).block(kernel)?
            }
            _ => Vec::new(),
        };
        let plan = flow::plan(&module.path, &scope.symbols, statements).map_err(|mut error| {
            if matches!(module.code, Verilog::Empty) {
                error.what = "driven by nothing: this block has no kernel".into();
                error.advice = "write #[hdl_gen] on its update, or make it a cell".into();
            }
            error
        })?;
        let instances: Vec<Instance> = module
            .children
            .iter()
            .zip(children)
            .zip(&scope.instances)
            .map(|((_, id), (name, ports))| Instance { module: child_name(*id), name: name.clone(), ports: ports.clone() })
            .collect();
        let mut printer = Printer {
            symbols: &scope.symbols,
            names: scope.names,
            variant_names: scope.variant_names,
            drafts: BTreeMap::new(),
            flaw: self.flaw,
        };
        Ok(printer.module(&plan, &instances))
    }

    /// The text of all modules, children first, the last being the top.
    pub fn print(&self, options: &EmitOptions) -> String {
        let names = self.names(options);
        let mut out = String::new();
        for (id, module) in self.distinct.iter().enumerate() {
            let mut text = module.text.replace(RECORD, "//").replace(OWN_NAME, &names[id]);
            for (child, name) in names.iter().enumerate() {
                let mark = child_name(child);
                if text.contains(&mark) {
                    text = text.replace(&mark, name);
                }
            }
            let _ = writeln!(out, "{text}");
        }
        out
    }

    /// A name for each module: the prefix and what it wants if no other wants the same; else after its parent too; else numbered.
    fn names(&self, options: &EmitOptions) -> Vec<String> {
        let EmitOptions { top, prefix, around, .. } = options;
        let last = self.distinct.len().saturating_sub(1);
        let mut names = vec![String::new(); self.distinct.len()];
        let mut taken: BTreeSet<String> = std::iter::once(top).chain(around).cloned().collect();
        let mut wishes: BTreeMap<&str, usize> = BTreeMap::new();
        for module in &self.distinct[..last] {
            *wishes.entry(&module.wanted).or_default() += 1;
        }
        // Parents have higher numbers than their children, so going down their names are known.
        for id in (0..=last).rev() {
            let module = &self.distinct[id];
            if id == last {
                names[id] = top.clone();
                continue;
            }
            let plain = format!("{prefix}{}", module.wanted);
            let alone = wishes[module.wanted.as_str()] == 1 && !taken.contains(&plain);
            let mut name = match module.parent {
                _ if alone => plain,
                Some(parent) if parent != last => format!("{}_{}", names[parent], module.wanted),
                _ => plain,
            };
            if is_keyword(&name) {
                name.push('_');
            }
            let numbered = (2..).map(|number| format!("{name}_{number}"));
            let free = std::iter::once(name.clone()).chain(numbered).find(|name| !taken.contains(name));
            names[id] = free.unwrap_or(name);
            taken.insert(names[id].clone());
        }
        names
    }
}

/// A cell's text and name.
fn cell(module: &Module, text: &str) -> Result<(String, String), EmitError> {
    let Some((name, body)) = text.strip_prefix(CELL_MARK).and_then(|rest| rest.split_once('\n')) else {
        let fault = fault("Verilog written by hand, whose simulation nobody has compared with it", "use a cell of this crate");
        return Err(fault.at(&module.path, ""));
    };
    let mut ports = Vec::new();
    for atom in &module.atoms {
        let kind = match atom.role {
            AtomKind::InputParameter => "input  wire",
            AtomKind::OutputParameter => "output reg",
            _ => continue,
        };
        let legal = legal(&atom.key, true).map_err(|fault| fault.at(&module.path, &atom.key))?;
        // A cell that selects bits of an input leaves the others.
        let partly = kind == "input  wire" && body.contains(&format!("{legal}["));
        // A cell knows the width of what it holds, and nothing of its fields.
        ports.push(PortLine { kind: kind.into(), name: legal, width: atom.width, partly, record: String::new() });
    }
    let body: String = body.lines().map(|line| if line.is_empty() { "\n".into() } else { format!("    {line}\n") }).collect();
    Ok((format!("module {OWN_NAME} (\n{});\n{body}endmodule\n", port_list(&ports)), name.trim().to_string()))
}

/// The names that a kernel sees.
struct Scope {
    symbols: Vec<Symbol>,
    variants: Variants,
    variant_names: BTreeMap<String, String>,
    /// Name and ports of each inner block.
    instances: Vec<(String, Vec<(String, SymbolId)>)>,
    names: BTreeSet<String>,
}

impl Scope {
    fn new(module: &Module, is_top: bool) -> Result<Self, EmitError> {
        let mut scope = Scope {
            symbols: Vec::new(),
            variants: BTreeMap::new(),
            variant_names: BTreeMap::new(),
            instances: Vec::new(),
            names: BTreeSet::new(),
        };
        let at = |key: &str| {
            let key = key.to_string();
            move |fault: Fault| fault.at(&module.path, crate::describe::name(&key))
        };
        for atom in &module.atoms {
            let role = match atom.role {
                AtomKind::InputParameter => Role::OwnIn,
                AtomKind::OutputParameter => Role::OwnOut,
                AtomKind::LocalSignal => Role::Local,
                AtomKind::Constant => Role::Constant,
                _ => {
                    let fault = fault("a bidirectional signal", "use one In and one Out signal, and a tristate pad at the top");
                    return Err(at(&atom.key)(fault));
                }
            };
            let port = is_top && matches!(role, Role::OwnIn | Role::OwnOut);
            let name = legal(&atom.key, port).map_err(at(&atom.key))?;
            if atom.key.split('$').any(|part| part.ends_with("self") && part != "self") {
                let fault = fault("a name that ends in `self`, which rust-hdl garbles", "rename it");
                return Err(at(&atom.key)(fault));
            }
            let symbol = symbol(atom.key.clone(), name, role, atom.width, &atom.descriptor, atom.value.clone());
            scope.symbol(symbol, &atom.descriptor).map_err(at(&atom.key))?;
        }
        for child in &module.children {
            if child.field.ends_with("self") {
                let fault = fault("a name that ends in `self`, which rust-hdl garbles", "rename it");
                return Err(at(&child.field)(fault));
            }
            let instance = legal(&child.field, false).map_err(at(&child.field))?;
            scope.reserve(&instance).map_err(at(&child.field))?;
            let mut ports = Vec::new();
            for atom in &child.atoms {
                let role = match atom.role {
                    AtomKind::InputParameter => Role::ChildIn,
                    AtomKind::OutputParameter => Role::ChildOut,
                    _ => continue,
                };
                let key = format!("{}${}", child.field, atom.key);
                let name = legal(&key, false).map_err(at(&key))?;
                let port = legal(&atom.key, false).map_err(at(&key))?;
                ports.push((port, scope.symbols.len()));
                let symbol = symbol(key.clone(), name, role, atom.width, &atom.descriptor, None);
                scope.symbol(symbol, &atom.descriptor).map_err(at(&key))?;
            }
            scope.instances.push((instance, ports));
        }
        for key in scope.variants.keys().cloned().collect::<Vec<_>>() {
            let name = legal(&key, false).map_err(at(&key))?;
            scope.reserve(&name).map_err(at(&key))?;
            scope.variant_names.insert(key, name);
        }
        Ok(scope)
    }

    fn reserve(&mut self, name: &str) -> Result<(), Fault> {
        if self.names.insert(name.into()) {
            return Ok(());
        }
        Err(fault(format!("two things would be called `{name}` in Verilog"), "rename one: dots and indices become underscores"))
    }

    fn symbol(&mut self, symbol: Symbol, descriptor: &TypeDescriptor) -> Result<(), Fault> {
        self.reserve(&symbol.name)?;
        if symbol.role == Role::Constant {
            let fits = symbol.value.as_ref().is_some_and(|value| value.bits() <= symbol.width as u64);
            if !fits {
                return Err(fault("a constant that is negative or wider than its type", "use an unsigned value that fits"));
            }
        }
        variants(descriptor, &mut self.variants);
        self.symbols.push(symbol);
        Ok(())
    }
}

fn symbol(key: String, name: String, role: Role, width: usize, descriptor: &TypeDescriptor, value: Option<BigUint>) -> Symbol {
    let mut fields = Vec::new();
    field_list(descriptor, 0, &mut fields);
    let value = if role == Role::Constant { value } else { None };
    Symbol { key, name, role, width, kind: kind(descriptor), fields, record: crate::describe::record(descriptor), value }
}

fn kind(descriptor: &TypeDescriptor) -> Kind {
    match &descriptor.kind {
        TypeKind::Bits(1) if descriptor.name == "clock" => Kind::Clock,
        TypeKind::Bits(_) => Kind::Bits,
        TypeKind::Signed(_) | TypeKind::Enum(_) | TypeKind::Composite(_) => Kind::Opaque(descriptor.name.clone()),
    }
}

pub(crate) fn code_width(variants: usize) -> usize {
    variants.next_power_of_two().trailing_zeros() as usize
}

/// Offset, width and kind of the fields, first field lowest; gives the width of the whole.
fn field_list(descriptor: &TypeDescriptor, offset: usize, out: &mut Vec<(usize, usize, Kind)>) -> usize {
    match &descriptor.kind {
        TypeKind::Bits(width) | TypeKind::Signed(width) => *width,
        TypeKind::Enum(labels) => code_width(labels.len()),
        TypeKind::Composite(fields) => {
            let mut width = 0;
            for field in fields {
                let place = out.len();
                let bits = field_list(&field.kind, offset + width, out);
                out.insert(place, (offset + width, bits, kind(&field.kind)));
                width += bits;
            }
            width
        }
    }
}

/// Adds the variants of every enum in a type.
fn variants(descriptor: &TypeDescriptor, out: &mut Variants) {
    match &descriptor.kind {
        TypeKind::Bits(_) | TypeKind::Signed(_) => {}
        TypeKind::Composite(fields) => fields.iter().for_each(|field| variants(&field.kind, out)),
        TypeKind::Enum(labels) => {
            for (code, label) in labels.iter().enumerate() {
                let new = (BigUint::from(code), code_width(labels.len()), descriptor.name.clone());
                let entry = out.entry(label.replace("::", "$")).or_insert_with(|| Some(new.clone()));
                if entry.as_ref() != Some(&new) {
                    *entry = None;
                }
            }
        }
    }
}
