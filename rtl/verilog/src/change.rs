//! Deliberate changes of a design: what a seeded fault does, said of the syntax tree and not of its text.
//!
//! ```text
//!   respond: mine drops finding.agreed                       an operand of `&` or `|` that reads the name goes away
//!   respond: open is claim.q.valid                           another value; `it` stands for the value that was there
//!   command_engine: if survey.overlaps is it & seal.q        the condition of an `if` that reads the name
//!   extent: sized takes < for <=                             another operator
//!   isolation: closed reads poisoned for closed              another signal
//!   write_guard: astray.d under refused is skipped           the assignment goes away
//!   command_engine: order.d.valid is true when state.q == CommandState::Reserve
//! ```
//!
//! A change names a block, then a colon, then a place in its kernel: a signal that the kernel assigns, or a field of it, or
//! `if` and a name that a condition reads. `from name` narrows the place to a value that reads the name, `in Reserve` to an arm of a
//! `match`, `under name` and `else name` to the branches of an `if` that reads the name. `when` names no place: the value is assigned after everything
//! else, whenever the condition holds. Several changes are separated by `;`, and a block stays until another is named.
//!
//! - A block is named by its field in the block around it, with as many of the fields around that as make it unique, without
//!   indices: `respond`, `data_path.respond`; the block that is emitted is `top`. Blocks of the same name all change.
//! - Names are those of the kernel, without `self`, `val()` and `next`. An index may be left out where there is one element, and
//!   where the kernel's own index is the variable of a loop.
//! - Values are Rust expressions: `! & | ^ && || == != < <= > >= + -`, integers, `true`, `false`, `Type::Variant`, `.any()`,
//!   `.all()`, `.xor()`, `.get_bit(n)`, `.get_bits::<w>(n)`, `cast::<w>(..)`.
//!
//! A change that does not fit exactly one place of each block that it names is an error, which names the fault and what was found.

use crate::collect::Module;
use crate::describe;
use crate::error::EmitError;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use rust_hdl::core::ast::{
    Verilog, VerilogBlock, VerilogBlockOrConditional, VerilogConditional, VerilogExpression as E, VerilogOp, VerilogOpUnary,
    VerilogStatement,
};
use rust_hdl::core::type_descriptor::{TypeDescriptor, TypeKind};

/// One change of one kind of block: see the [module](self).
#[derive(Clone, Debug)]
pub struct Change {
    /// What is wrong then, for errors.
    fault: String,
    /// As it was written.
    text: String,
    /// The fields that lead to the block, innermost last; empty for the top.
    block: Vec<String>,
    place: Place,
    what: What,
}

#[derive(Clone, Debug)]
struct Place {
    /// A signal that is assigned, or names that a condition reads.
    of: Of,
    /// Labels of arms around it.
    arms: Vec<String>,
    /// Names that a condition around it reads, and whether the place is in its `else`.
    branches: Vec<(Vec<Name>, bool)>,
    /// Names that the assigned value reads.
    from: Vec<Name>,
}

#[derive(Clone, Debug)]
enum Of {
    Signal(Name),
    Condition(Vec<Name>),
}

/// Parts of a name: `entries[3].hit` is `entries`, `3`, `hit`.
type Name = Vec<String>;

#[derive(Clone, Debug)]
enum What {
    Is(Value),
    IsWhen(Value, Value),
    Skipped,
    Drops(Vec<Name>),
    Reads { new: Name, old: Name },
    Takes { new: &'static str, old: &'static str },
}

#[derive(Clone, Debug)]
enum Value {
    It,
    Name(Name),
    Variant(String),
    Integer(u64),
    Bool(bool),
    Unary(VerilogOpUnary, Box<Value>),
    Binary(Box<Value>, &'static str, Box<Value>),
    Bits(Box<Value>, usize, usize),
    Cast(Box<Value>, usize),
}

/// Binary operators, with what binds tighter last, as in Rust.
const OPERATORS: [(&str, u8); 16] = [
    ("||", 1),
    ("&&", 2),
    ("==", 3),
    ("!=", 3),
    ("<=", 3),
    (">=", 3),
    ("<", 3),
    (">", 3),
    ("|", 4),
    ("^", 5),
    ("&", 6),
    ("<<", 7),
    (">>", 7),
    ("+", 8),
    ("-", 8),
    ("*", 9),
];

fn operator(text: &str) -> VerilogOp {
    match text {
        "||" => VerilogOp::LogicalOr,
        "&&" => VerilogOp::LogicalAnd,
        "==" => VerilogOp::Eq,
        "!=" => VerilogOp::Ne,
        "<=" => VerilogOp::Le,
        ">=" => VerilogOp::Ge,
        "<" => VerilogOp::Lt,
        ">" => VerilogOp::Gt,
        "|" => VerilogOp::BitOr,
        "^" => VerilogOp::BitXor,
        "&" => VerilogOp::BitAnd,
        "<<" => VerilogOp::Shl,
        ">>" => VerilogOp::Shr,
        "+" => VerilogOp::Add,
        "-" => VerilogOp::Sub,
        _ => VerilogOp::Mul,
    }
}

impl Change {
    /// The changes that make up a fault, which is named for errors.
    ///
    /// # Errors
    /// When the text is not made of changes.
    pub fn parse(fault: &str, text: &str) -> Result<Vec<Change>, EmitError> {
        let wrong = |what: String| EmitError {
            block: format!("the fault `{fault}`"),
            at: text.into(),
            what,
            advice: "write `block: signal is value`, or see the module `change` of pm-verilog".into(),
        };
        let mut changes: Vec<Change> = Vec::new();
        for part in text.split(';') {
            let tokens: TokenStream = part.parse().map_err(|error| wrong(format!("not made of words: {error}")))?;
            let mut words = Words { tokens: flat(tokens), at: 0 };
            let (block, place, what) = words.change().map_err(wrong)?;
            let block = match (block, changes.last()) {
                (Some(block), _) => block,
                (None, Some(before)) => before.block.clone(),
                (None, None) => return Err(wrong("no block is named".into())),
            };
            changes.push(Change { fault: fault.into(), text: part.trim().into(), block, place, what });
        }
        Ok(changes)
    }

    /// The block that is changed, as it was named.
    pub fn block(&self) -> String {
        self.block.join(".")
    }

    /// The signals that it changes, or that the condition reads that it changes.
    pub fn names(&self) -> Vec<String> {
        match &self.place.of {
            Of::Signal(name) => vec![name.join(".")],
            Of::Condition(names) => names.iter().map(|name| name.join(".")).collect(),
        }
    }

    /// The same of a design in which the outermost of the fields that name the block is called `to` where it is called `from` here.
    pub fn moved(mut self, from: &str, to: &str) -> Change {
        if let Some(first) = self.block.first_mut().filter(|first| *first == from) {
            *first = to.into();
        }
        self
    }

    /// Changes every block that the change names.
    pub(crate) fn apply(&self, top: &mut Module) -> Result<(), EmitError> {
        let mut named = 0;
        self.visit(top, true, &mut named)?;
        if named > 0 {
            return Ok(());
        }
        let mut roles = Vec::new();
        collect_roles(top, &mut roles);
        roles.sort();
        roles.dedup();
        Err(self.error("the design", format!("no block is called `{}`: there are {}", self.block(), roles.join(", "))))
    }

    fn error(&self, block: &str, what: impl Into<String>) -> EmitError {
        EmitError {
            block: block.into(),
            at: self.text.clone(),
            what: format!("the fault `{}` does not fit: {}", self.fault, what.into()),
            advice: "say it of the design as it is now".into(),
        }
    }

    fn visit(&self, module: &mut Module, is_top: bool, named: &mut usize) -> Result<(), EmitError> {
        let steps: Vec<&str> = module.path.split('.').map(|step| step.split('[').next().unwrap_or(step)).collect();
        let is_named = match self.block.as_slice() {
            [only] if only == "top" => is_top,
            block => steps.len() >= block.len() && steps[steps.len() - block.len()..].iter().zip(block).all(|(a, b)| a == b),
        };
        // Cells are no blocks: they have no kernel.
        if is_named && matches!(module.code, Verilog::Combinatorial(_)) {
            *named += 1;
            self.change(module)?;
        }
        module.children.iter_mut().try_for_each(|child| self.visit(child, false, named))
    }

    fn change(&self, module: &mut Module) -> Result<(), EmitError> {
        let path = module.path.clone();
        let names = Names::of(module);
        let Verilog::Combinatorial(kernel) = &mut module.code else { return Err(self.error(&path, "this block has no kernel")) };
        let placed = |what: String| self.error(&path, what);
        let finder = Finder::new(&self.place, &names).map_err(placed)?;
        let edit = Edit::of(&self.what, &names).map_err(placed)?;
        if let Edit::Append(value, test) = &edit {
            let Of::Signal(name) = &self.place.of else { return Err(placed("a condition cannot be assigned".into())) };
            let signal = names.one(name).map_err(placed)?;
            let value = value.clone();
            let assignment = match signal.part {
                None => VerilogStatement::Assignment(E::Signal(signal.key + "$next"), value),
                Some((offset, width)) => VerilogStatement::SliceAssignment {
                    base: E::Signal(signal.key + "$next"),
                    width,
                    offset: E::Literal(offset.into()),
                    replacement: value,
                },
            };
            let then = vec![assignment];
            let otherwise = VerilogBlockOrConditional::None;
            kernel.push(VerilogStatement::If(VerilogConditional { test: test.clone(), then, otherwise }));
            return Ok(());
        }
        let mut found = Vec::new();
        finder.block(kernel, &mut Vec::new(), &mut found, None);
        if found.len() != 1 {
            let listed: Vec<String> = found.iter().map(|text| format!("`{text}`")).collect();
            let listed =
                if found.is_empty() { "no place".into() } else { format!("{} places: {}", found.len(), listed.join(", ")) };
            return Err(placed(format!("it fits {listed}")));
        }
        let mut outcome = Ok(());
        finder.block(kernel, &mut Vec::new(), &mut Vec::new(), Some(&mut |statement| outcome = edit.act(statement)));
        outcome.map_err(placed)
    }
}

/// An error of a design with changes, one of which may have made it: a value of another width, a read before the assignment.
pub(crate) fn blamed(error: EmitError, changes: &[Change]) -> EmitError {
    match changes.first() {
        None => error,
        Some(change) => EmitError { what: format!("{}, with the fault `{}`", error.what, change.fault), ..error },
    }
}

fn collect_roles(module: &Module, out: &mut Vec<String>) {
    if matches!(module.code, Verilog::Combinatorial(_)) {
        out.push(module.path.rsplit('.').next().unwrap_or_default().split('[').next().unwrap_or_default().into());
    }
    module.children.iter().for_each(|child| collect_roles(child, out));
}

/// Groups opened, so that a text is one list of tokens: their brackets stay as words.
fn flat(tokens: TokenStream) -> Vec<String> {
    let mut out = Vec::new();
    let mut joint = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    _ => ("(", ")"),
                };
                out.push(open.into());
                out.extend(flat(group.stream()));
                out.push(close.into());
                joint = false;
            }
            TokenTree::Punct(punct) => {
                match out.last_mut().filter(|_| joint) {
                    Some(last) => last.push(punct.as_char()),
                    None => out.push(punct.as_char().to_string()),
                }
                joint = punct.spacing() == Spacing::Joint;
            }
            other => {
                out.push(other.to_string());
                joint = false;
            }
        }
    }
    out
}

/// The words of a change, read from the left.
struct Words {
    tokens: Vec<String>,
    at: usize,
}

type Read<T> = Result<T, String>;

impl Words {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn takes(&mut self, word: &str) -> bool {
        let is = self.peek() == word;
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, word: &str) -> Read<()> {
        if self.takes(word) {
            return Ok(());
        }
        Err(format!("`{}` where `{word}` belongs", self.peek()))
    }

    fn word(&mut self) -> Read<String> {
        let word = self.peek().to_string();
        if !word.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_') {
            return Err(format!("`{word}` where a name belongs"));
        }
        self.at += 1;
        Ok(word)
    }

    fn change(&mut self) -> Read<(Option<Vec<String>>, Place, What)> {
        let start = self.at;
        let mut block = None;
        if !self.takes("if") {
            let path = self.name()?;
            if self.takes(":") {
                block = Some(path);
            } else {
                self.at = start;
            }
        } else {
            self.at = start;
        }
        let of = if self.takes("if") { Of::Condition(self.names()?) } else { Of::Signal(self.name()?) };
        let mut place = Place { of, arms: Vec::new(), branches: Vec::new(), from: Vec::new() };
        loop {
            if self.takes("in") {
                place.arms.push(self.word()?);
            } else if self.takes("under") {
                place.branches.push((self.names()?, false));
            } else if self.takes("else") {
                place.branches.push((self.names()?, true));
            } else if self.takes("from") {
                place.from.extend(self.names()?);
            } else {
                break;
            }
        }
        let what = self.what()?;
        if self.at < self.tokens.len() {
            return Err(format!("`{}` behind the change", self.peek()));
        }
        match (&what, &place) {
            (What::Skipped | What::IsWhen(..), Place { of: Of::Condition(_), .. }) => {
                Err("a condition has a value, and is not assigned".into())
            }
            (What::IsWhen(..), Place { arms, branches, from, .. })
                if !(arms.is_empty() && branches.is_empty() && from.is_empty()) =>
            {
                Err("`when` names no place: put all of it into its condition".into())
            }
            _ => Ok((block, place, what)),
        }
    }

    fn what(&mut self) -> Read<What> {
        match self.word()?.as_str() {
            "is" if self.takes("skipped") => Ok(What::Skipped),
            "is" => {
                let value = self.value(0)?;
                if self.takes("when") {
                    return Ok(What::IsWhen(value, self.value(0)?));
                }
                Ok(What::Is(value))
            }
            "drops" => Ok(What::Drops(self.names()?)),
            "reads" => {
                let new = self.name()?;
                self.expect("for")?;
                Ok(What::Reads { new, old: self.name()? })
            }
            "takes" => {
                let new = self.operator()?;
                self.expect("for")?;
                Ok(What::Takes { new, old: self.operator()? })
            }
            other => Err(format!("`{other}` where `is`, `drops`, `reads` or `takes` belongs")),
        }
    }

    fn operator(&mut self) -> Read<&'static str> {
        let found = OPERATORS.iter().find(|(text, _)| *text == self.peek());
        let (text, _) = found.ok_or_else(|| format!("`{}` where an operator belongs", self.peek()))?;
        self.at += 1;
        Ok(text)
    }

    fn names(&mut self) -> Read<Vec<Name>> {
        let mut names = vec![self.name()?];
        while self.takes(",") {
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn name(&mut self) -> Read<Name> {
        let mut name = vec![self.word()?];
        if self.takes("::") {
            return Ok(vec![format!("{}::{}", name.remove(0), self.word()?)]);
        }
        loop {
            let method = self.tokens.get(self.at + 2).is_some_and(|next| next == "(" || next == "::<");
            if self.peek() == "." && !method {
                self.at += 1;
                name.push(self.word()?);
            } else if self.takes("[") {
                name.push(self.word()?);
                self.expect("]")?;
            } else {
                return Ok(name);
            }
        }
    }

    /// An expression of operators that bind tighter than `least`.
    fn value(&mut self, least: u8) -> Read<Value> {
        let mut left = self.operand()?;
        while let Some((text, strength)) = OPERATORS.iter().find(|(text, _)| *text == self.peek()) {
            if *strength <= least {
                break;
            }
            self.at += 1;
            left = Value::Binary(Box::new(left), text, Box::new(self.value(*strength)?));
        }
        Ok(left)
    }

    fn operand(&mut self) -> Read<Value> {
        if self.takes("!") {
            return Ok(Value::Unary(VerilogOpUnary::Not, Box::new(self.operand()?)));
        }
        let mut value = if self.takes("(") {
            let inner = self.value(0)?;
            self.expect(")")?;
            inner
        } else if self.peek() == "cast" {
            self.at += 1;
            let width = self.width()?;
            Value::Cast(Box::new(self.argument()?), width)
        } else if let Some(number) = integer(self.peek()) {
            self.at += 1;
            Value::Integer(number)
        } else if self.tokens.get(self.at + 1).is_some_and(|next| next == "::") {
            let enumeration = self.word()?;
            self.expect("::")?;
            Value::Variant(format!("{enumeration}${}", self.word()?))
        } else {
            let name = self.name()?;
            match name.join(".").as_str() {
                "it" => Value::It,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::Name(name),
            }
        };
        while self.takes(".") {
            let method = self.word()?;
            let reduced = |op, value| Value::Unary(op, Box::new(value));
            value = match method.as_str() {
                "any" | "all" | "xor" => {
                    self.expect("(")?;
                    self.expect(")")?;
                    let op = match method.as_str() {
                        "any" => VerilogOpUnary::Any,
                        "all" => VerilogOpUnary::All,
                        _ => VerilogOpUnary::Xor,
                    };
                    reduced(op, value)
                }
                "get_bit" => Value::Bits(Box::new(value), 1, self.place()?),
                "get_bits" => {
                    let width = self.width()?;
                    Value::Bits(Box::new(value), width, self.place()?)
                }
                other => return Err(format!("`{other}` is no method that a value has here")),
            };
        }
        Ok(value)
    }

    fn width(&mut self) -> Read<usize> {
        // `::<` is one word of three characters.
        self.expect("::<")?;
        let number = self.number()?;
        self.expect(">")?;
        Ok(number)
    }

    fn argument(&mut self) -> Read<Value> {
        self.expect("(")?;
        let value = self.value(0)?;
        self.expect(")")?;
        Ok(value)
    }

    fn place(&mut self) -> Read<usize> {
        self.expect("(")?;
        let number = self.number()?;
        self.expect(")")?;
        Ok(number)
    }

    fn number(&mut self) -> Read<usize> {
        let word = self.word()?;
        integer(&word).and_then(|number| usize::try_from(number).ok()).ok_or_else(|| format!("`{word}` where a number belongs"))
    }
}

fn integer(text: &str) -> Option<u64> {
    let text = text.replace('_', "");
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// A signal of a kernel, or some bits of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signal {
    key: String,
    /// Offset and width of a field.
    part: Option<(usize, usize)>,
}

impl Signal {
    fn read(&self) -> E {
        let whole = E::Signal(self.key.clone());
        match self.part {
            None => whole,
            Some((offset, width)) => E::Slice(Box::new(whole), width, Box::new(E::Literal(offset.into()))),
        }
    }
}

/// What a name may stand for in the syntax tree: one with and one without indices.
#[derive(Clone, Debug)]
struct Pattern {
    keys: Vec<String>,
    part: Option<(usize, usize)>,
}

/// What a kernel can name.
struct Names {
    signals: Vec<(String, TypeDescriptor)>,
}

/// A key with `$` between its parts, whose indices are parts; `bare` leaves them out.
fn parts(key: &str, bare: bool) -> String {
    let key = key.replace("::", "$").replace(['.', '['], "$").replace(']', "");
    let is_index = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    if bare {
        // An index that is no number belongs to a loop: it stands between brackets.
        key.split('$').filter(|part| !is_index(part)).collect::<Vec<_>>().join("$")
    } else {
        key
    }
}

/// The key of the syntax tree without anything between brackets, and without indices.
fn bare(key: &str) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for letter in key.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ if depth == 0 => out.push(letter),
            _ => {}
        }
    }
    parts(&out, true)
}

impl Names {
    fn of(module: &Module) -> Names {
        let own = module.atoms.iter().map(|atom| (atom.key.clone(), atom.descriptor.clone()));
        let inner = module
            .children
            .iter()
            .flat_map(|child| child.atoms.iter().map(|atom| (format!("{}${}", child.field, atom.key), atom.descriptor.clone())));
        Names { signals: own.chain(inner).collect() }
    }

    /// Every signal that the name may mean.
    fn all(&self, name: &Name) -> Read<Vec<Signal>> {
        let shown = name.join(".");
        for length in (1..=name.len()).rev() {
            let (key, fields) = (name[..length].join("$"), &name[length..]);
            let exact = self.signals.iter().filter(|(signal, _)| *signal == key).collect::<Vec<_>>();
            let found = match exact.is_empty() {
                false => exact,
                true => self.signals.iter().filter(|(signal, _)| parts(signal, true) == key).collect(),
            };
            if let Some((_, descriptor)) = found.first() {
                let part =
                    field(descriptor, fields).ok_or_else(|| format!("`{shown}` is no field of `{}`", describe::name(&key)))?;
                return Ok(found.iter().map(|(key, _)| Signal { key: key.clone(), part }).collect());
            }
        }
        Err(format!("`{shown}` is no signal here"))
    }

    fn one(&self, name: &Name) -> Read<Signal> {
        let mut found = self.all(name)?;
        match (found.pop(), found.is_empty()) {
            (Some(signal), true) => Ok(signal),
            _ => Err(format!("`{}` has {} elements: give an index", name.join("."), found.len() + 1)),
        }
    }

    fn pattern(&self, name: &Name) -> Read<Pattern> {
        if let Some((enumeration, variant)) = name[0].split_once("::") {
            return Ok(Pattern { keys: vec![format!("{enumeration}${variant}")], part: None });
        }
        let found = self.all(name)?;
        let part = found.first().and_then(|signal| signal.part);
        let mut keys: Vec<String> = found.iter().map(|signal| signal.key.clone()).collect();
        let indexed = name.iter().any(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        if !indexed {
            keys.extend(found.first().map(|signal| parts(&signal.key, true)));
        }
        Ok(Pattern { keys, part })
    }

    fn patterns(&self, names: &[Name]) -> Read<Vec<Pattern>> {
        names.iter().map(|name| self.pattern(name)).collect()
    }

    fn value(&self, value: &Value) -> Read<E> {
        let boxed = |value: &Value| self.value(value).map(Box::new);
        Ok(match value {
            // No kernel has a signal of this name, which `with` replaces.
            Value::It => E::Signal(IT.into()),
            Value::Name(name) => self.one(name)?.read(),
            Value::Variant(key) => E::Signal(key.clone()),
            Value::Integer(number) => E::Literal((*number).into()),
            Value::Bool(is) => E::Literal((*is).into()),
            Value::Unary(op, inner) => E::Unary(op.clone(), boxed(inner)?),
            Value::Binary(left, op, right) => E::Binary(boxed(left)?, operator(op), boxed(right)?),
            Value::Bits(inner, width, offset) => E::Slice(boxed(inner)?, *width, Box::new(E::Literal((*offset).into()))),
            Value::Cast(inner, width) => E::Cast(boxed(inner)?, *width),
        })
    }
}

const IT: &str = "\u{1}it";

/// Offset and width of a field of a field; `Some(None)` for the whole.
fn field(descriptor: &TypeDescriptor, path: &[String]) -> Option<Option<(usize, usize)>> {
    let (mut at, mut offset) = (descriptor, 0);
    for name in path {
        let TypeKind::Composite(fields) = &at.kind else { return None };
        let place = fields.iter().position(|field| field.fieldname == *name)?;
        offset += fields[..place].iter().map(|field| width(&field.kind)).sum::<usize>();
        at = &fields[place].kind;
    }
    Some((!path.is_empty()).then(|| (offset, width(at))))
}

fn width(descriptor: &TypeDescriptor) -> usize {
    match &descriptor.kind {
        TypeKind::Bits(width) | TypeKind::Signed(width) => *width,
        TypeKind::Enum(labels) => crate::modules::code_width(labels.len()),
        TypeKind::Composite(fields) => fields.iter().map(|field| width(&field.kind)).sum(),
    }
}

impl Pattern {
    fn is_key(&self, key: &str) -> bool {
        self.keys.iter().any(|wanted| *wanted == parts(key, false) || *wanted == bare(key))
    }

    /// Whether this is a read of it, and not of more or less.
    fn is(&self, e: &E) -> bool {
        match (read(e), self.part) {
            (Some((key, part)), Some(_)) => part == self.part && self.is_key(&key),
            _ => matches!((e, self.part), (E::Signal(key), None) if self.is_key(key)),
        }
    }

    fn read_by(&self, e: &E) -> bool {
        self.is(e) || children(e).iter().any(|inner| self.read_by(inner))
    }
}

/// The signal that a chain of slices reads, and the bits.
fn read(e: &E) -> Option<(String, Option<(usize, usize)>)> {
    let within = |inner: &E, width: usize, offset: &E| {
        let E::Literal(offset) = offset else { return None };
        let offset = offset.as_usize();
        let (key, part) = read(inner)?;
        Some((key, Some((part.map_or(0, |(start, _)| start) + offset, width))))
    };
    match e {
        E::Signal(key) => Some((key.clone(), None)),
        E::Paren(inner) => read(inner),
        E::Slice(inner, width, offset) => within(inner, *width, offset),
        E::Index(inner, offset) => within(inner, 1, offset),
        _ => None,
    }
}

fn children(e: &E) -> Vec<&E> {
    match e {
        E::Signal(_) | E::Literal(_) => vec![],
        E::Cast(inner, _) | E::Signed(inner) | E::Unsigned(inner) | E::Paren(inner) | E::Unary(_, inner) => vec![inner],
        E::Binary(left, _, right) | E::Index(left, right) | E::Slice(left, _, right) => vec![left, right],
        E::IndexReplace(base, index, value) => vec![base, index, value],
    }
}

fn children_mut(e: &mut E) -> Vec<&mut E> {
    match e {
        E::Signal(_) | E::Literal(_) => vec![],
        E::Cast(inner, _) | E::Signed(inner) | E::Unsigned(inner) | E::Paren(inner) | E::Unary(_, inner) => vec![inner],
        E::Binary(left, _, right) | E::Index(left, right) | E::Slice(left, _, right) => vec![left, right],
        E::IndexReplace(base, index, value) => vec![base, index, value],
    }
}

/// What stands around a statement.
enum Around {
    Arm(String),
    Branch { test: E, is_else: bool },
}

/// Looks for a place.
struct Finder<'a> {
    signal: Option<Pattern>,
    condition: Vec<Pattern>,
    arms: &'a [String],
    branches: Vec<(Vec<Pattern>, bool)>,
    from: Vec<Pattern>,
}

type Act<'a> = Option<&'a mut dyn FnMut(&mut VerilogStatement)>;

impl<'a> Finder<'a> {
    fn new(place: &'a Place, names: &Names) -> Read<Finder<'a>> {
        let (signal, condition) = match &place.of {
            Of::Signal(name) => (Some(names.pattern(name)?), Vec::new()),
            Of::Condition(read) => (None, names.patterns(read)?),
        };
        let branches =
            place.branches.iter().map(|(read, is_else)| Ok((names.patterns(read)?, *is_else))).collect::<Read<Vec<_>>>()?;
        Ok(Finder { signal, condition, arms: &place.arms, branches, from: names.patterns(&place.from)? })
    }

    /// Whether all that the place asks for is around here.
    fn is_within(&self, around: &[Around]) -> bool {
        let arm = |wanted: &String| {
            around.iter().any(|around| matches!(around, Around::Arm(label) if label.rsplit(['$', ':']).next() == Some(wanted)))
        };
        let branch = |(read, wanted): &(Vec<Pattern>, bool)| {
            around.iter().any(|around| {
                matches!(around, Around::Branch { test, is_else }
                    if is_else == wanted && read.iter().all(|pattern| pattern.read_by(test)))
            })
        };
        self.arms.iter().all(arm) && self.branches.iter().all(branch)
    }

    fn is_target(&self, target: &E, part: Option<(usize, usize)>, value: &E) -> bool {
        let (Some(pattern), E::Signal(key)) = (&self.signal, target) else { return false };
        pattern.part == part
            && pattern.is_key(key.strip_suffix("$next").unwrap_or(key))
            && self.from.iter().all(|pattern| pattern.read_by(value))
    }

    /// Describes each place in `found`; `act` changes it.
    fn block(&self, block: &mut VerilogBlock, around: &mut Vec<Around>, found: &mut Vec<String>, mut act: Act) {
        for statement in block {
            self.statement(statement, around, found, &mut act);
        }
    }

    fn statement(&self, statement: &mut VerilogStatement, around: &mut Vec<Around>, found: &mut Vec<String>, act: &mut Act) {
        let is_here = self.is_within(around)
            && match &*statement {
                VerilogStatement::Assignment(target, value) => self.is_target(target, None, value),
                VerilogStatement::SliceAssignment { base, width, offset: E::Literal(offset), replacement } => {
                    self.is_target(base, Some((offset.as_usize(), *width)), replacement)
                }
                VerilogStatement::If(conditional) => {
                    self.signal.is_none() && self.condition.iter().all(|pattern| pattern.read_by(&conditional.test))
                }
                _ => false,
            };
        // Inside first: what is done to a condition is not looked for in its branches.
        match statement {
            VerilogStatement::Macro(inner) => self.block(inner, around, found, reborrow(act)),
            VerilogStatement::Loop(inner) => self.block(&mut inner.block, around, found, reborrow(act)),
            VerilogStatement::Match(matching) => {
                for case in &mut matching.cases {
                    around.push(Around::Arm(case.condition.clone()));
                    self.block(&mut case.block, around, found, reborrow(act));
                    around.pop();
                }
            }
            VerilogStatement::If(conditional) => {
                let test = conditional.test.clone();
                around.push(Around::Branch { test: test.clone(), is_else: false });
                self.block(&mut conditional.then, around, found, reborrow(act));
                around.pop();
                around.push(Around::Branch { test, is_else: true });
                match &mut conditional.otherwise {
                    VerilogBlockOrConditional::None => {}
                    VerilogBlockOrConditional::Block(block) => self.block(block, around, found, reborrow(act)),
                    VerilogBlockOrConditional::Conditional(inner) => self.statement(inner, around, found, act),
                }
                around.pop();
            }
            _ => {}
        }
        if is_here {
            found.push(describe::statement(statement));
            if let Some(act) = act {
                act(statement);
            }
        }
    }
}

/// The same permission to act, for a while.
fn reborrow<'b>(act: &'b mut Act<'_>) -> Act<'b> {
    match act {
        Some(act) => Some(&mut **act),
        None => None,
    }
}

/// What is done to the one place.
enum Edit {
    Value(E),
    Append(E, E),
    Skip,
    Drop(Vec<Pattern>),
    Read(E, Pattern),
    Take(&'static str, &'static str),
}

impl Edit {
    fn of(what: &What, names: &Names) -> Read<Edit> {
        Ok(match what {
            What::Is(value) => Edit::Value(names.value(value)?),
            What::IsWhen(value, test) => {
                let (value, test) = (names.value(value)?, names.value(test)?);
                if has_it(&value) || has_it(&test) {
                    return Err("`it` is no value of `when`".into());
                }
                Edit::Append(value, test)
            }
            What::Skipped => Edit::Skip,
            What::Drops(read) => Edit::Drop(names.patterns(read)?),
            What::Reads { new, old } => Edit::Read(names.one(new)?.read(), names.pattern(old)?),
            What::Takes { new, old } => Edit::Take(new, old),
        })
    }

    fn act(&self, statement: &mut VerilogStatement) -> Read<()> {
        if let Edit::Skip = self {
            *statement = VerilogStatement::Macro(Vec::new());
            return Ok(());
        }
        let value = match statement {
            VerilogStatement::Assignment(_, value) | VerilogStatement::SliceAssignment { replacement: value, .. } => value,
            VerilogStatement::If(conditional) => &mut conditional.test,
            _ => return Err("it has no value".into()),
        };
        let shown = describe::expression(value);
        let done = match self {
            Edit::Value(new) => {
                let mut new = new.clone();
                with(&mut new, value);
                *value = new;
                1
            }
            Edit::Drop(read) => {
                let mut count = usize::from(dropped(value, read));
                count += usize::from(count == 1 && dropped(&mut value.clone(), read));
                count
            }
            Edit::Read(new, old) => replaced(value, new, old),
            Edit::Take(new, old) => {
                let count = operators(value, old, None);
                if count == 1 {
                    operators(value, old, Some(new));
                }
                count
            }
            Edit::Append(..) | Edit::Skip => 1,
        };
        match (done, self) {
            (0, Edit::Drop(_)) => Err(format!("no operand of `{shown}` alone reads it")),
            (0, Edit::Take(_, old)) => Err(format!("`{shown}` has no `{old}`")),
            (0, _) => Err(format!("`{shown}` does not read it")),
            (1, _) | (_, Edit::Read(..)) => Ok(()),
            (_, Edit::Take(_, old)) => Err(format!("`{shown}` has `{old}` more than once")),
            (_, _) => Err(format!("more than one operand of `{shown}` reads it")),
        }
    }
}

fn has_it(e: &E) -> bool {
    matches!(e, E::Signal(key) if key == IT) || children(e).into_iter().any(has_it)
}

/// Puts the old value where the new one says `it`.
fn with(new: &mut E, old: &E) {
    if matches!(new, E::Signal(key) if key == IT) {
        *new = old.clone();
    } else {
        children_mut(new).into_iter().for_each(|inner| with(inner, old));
    }
}

fn replaced(e: &mut E, new: &E, old: &Pattern) -> usize {
    if old.is(e) {
        *e = new.clone();
        return 1;
    }
    children_mut(e).into_iter().map(|inner| replaced(inner, new, old)).sum()
}

/// Counts an operator, and puts another in its place.
fn operators(e: &mut E, old: &str, new: Option<&str>) -> usize {
    let mut count = 0;
    if let E::Binary(_, op, _) = e {
        if describe::operator(op) == old {
            count = 1;
            if let Some(new) = new {
                *op = operator(new);
            }
        }
    }
    count + children_mut(e).into_iter().map(|inner| operators(inner, old, new)).sum::<usize>()
}

/// Takes the innermost operand away that reads all of `read`; the other one is left.
fn dropped(e: &mut E, read: &[Pattern]) -> bool {
    if children_mut(e).into_iter().any(|inner| dropped(inner, read)) {
        return true;
    }
    let E::Binary(left, op, right) = e else { return false };
    let joins = matches!(
        op,
        VerilogOp::BitAnd | VerilogOp::BitOr | VerilogOp::BitXor | VerilogOp::LogicalAnd | VerilogOp::LogicalOr | VerilogOp::Add
    );
    let reads = |operand: &E| read.iter().all(|pattern| pattern.read_by(operand));
    match (joins, reads(left), reads(right)) {
        (true, true, false) => *e = (**right).clone(),
        (true, false, true) => *e = (**left).clone(),
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use crate::{emit, Change, EmitOptions};
    use rust_hdl::prelude::*;

    #[derive(Clone, Copy, Debug, Default, PartialEq, LogicStruct)]
    struct Verdict {
        valid: Bit,
        reason: Bits<4>,
    }

    #[derive(Clone, Copy, Debug, PartialEq, LogicState)]
    enum State {
        Idle,
        Busy,
    }

    #[derive(Clone, Debug, Default, LogicBlock)]
    struct Inner {
        pub a: Signal<In, Bit>,
        pub length: Signal<In, Bits<4>>,
        pub most: Signal<In, Bits<4>>,
        pub state: Signal<In, State>,
        pub verdict: Signal<Out, Verdict>,
        pub sized: Signal<Out, Bit>,
        pub next_state: Signal<Out, State>,
    }

    impl Logic for Inner {
        #[hdl_gen]
        fn update(&mut self) {
            self.sized.next = (self.length.val() != 0) & (self.length.val() <= self.most.val());
            self.verdict.next.valid = self.a.val();
            self.verdict.next.reason = 3.into();
            if self.length.val() == self.most.val() {
                self.verdict.next.reason = self.most.val();
            }
            self.next_state.next = State::Idle;
            match self.state.val() {
                State::Idle => {
                    if self.a.val() {
                        self.next_state.next = State::Busy;
                    }
                }
                State::Busy => {
                    if self.a.val() {
                        self.next_state.next = State::Busy;
                    }
                }
            }
        }
    }

    #[derive(Clone, Debug, LogicBlock)]
    struct Outer {
        pub a: Signal<In, Bits<2>>,
        pub length: Signal<In, Bits<4>>,
        pub state: Signal<In, State>,
        pub all: Signal<Out, Bit>,
        pub most: Signal<Out, Bits<4>>,
        inner: Vec<Inner>,
    }

    impl Logic for Outer {
        #[hdl_gen]
        fn update(&mut self) {
            self.all.next = false;
            self.most.next = 0.into();
            for i in 0..2 {
                self.inner[i].a.next = self.a.val().get_bit(i);
                self.inner[i].length.next = self.length.val();
                self.inner[i].most.next = 9.into();
                self.inner[i].state.next = self.state.val();
                if self.inner[i].sized.val() {
                    self.most.next = self.length.val();
                }
            }
            self.all.next = self.inner[0].verdict.val().valid | self.inner[1].sized.val();
        }
    }

    impl Default for Outer {
        fn default() -> Self {
            Outer {
                a: Default::default(),
                length: Default::default(),
                state: Default::default(),
                all: Default::default(),
                most: Default::default(),
                inner: vec![Default::default(); 2],
            }
        }
    }

    fn emitted(changes: &str) -> Result<String, String> {
        let mut outer = Outer::default();
        outer.connect_all();
        let changes = match changes {
            "" => Vec::new(),
            text => Change::parse("wrong", text).map_err(|error| error.to_string())?,
        };
        emit(&outer, &EmitOptions { changes, ..EmitOptions::default() }).map_err(|error| error.to_string())
    }

    /// Lines that only one of the texts has, in order, without their indentation.
    fn difference(changes: &str) -> Vec<String> {
        let (sound, changed) = (emitted("").unwrap(), emitted(changes).unwrap_or_else(|error| panic!("{error}")));
        let only = |one: &str, other: &str, sign: &str| -> Vec<String> {
            let lines: Vec<&str> = other.lines().collect();
            one.lines().filter(|line| !lines.contains(line)).map(|line| format!("{sign} {}", line.trim())).collect()
        };
        [only(&sound, &changed, "-"), only(&changed, &sound, "+")].concat()
    }

    #[test]
    fn each_kind_of_change_changes_what_it_says() {
        let sized = "- assign sized = (length != 4'h0) & (length <= most);";
        let reason = "- verdict_draft[4:1] = most;";
        let cases: [(&str, &[&str]); 12] = [
            ("inner: sized drops most", &[sized, "+ assign sized = length != 4'h0;"]),
            ("inner: sized takes < for <=", &[sized, "+ assign sized = (length != 4'h0) & (length < most);"]),
            ("inner: sized reads length for most", &[sized, "+ assign sized = (length != 4'h0) & (length <= length);"]),
            ("inner: sized is it | a", &[sized, "+ assign sized = ((length != 4'h0) & (length <= most)) | a;"]),
            ("inner: sized is true", &[sized, "+ assign sized = 1'h1;"]),
            ("inner: verdict.reason from most is most - 1", &[reason, "+ verdict_draft[4:1] = most - 4'h1;"]),
            ("inner: verdict.reason under length, most is skipped", &[reason]),
            ("inner: if length is !it", &["- if (length == most) begin", "+ if (~(length == most)) begin"]),
            ("inner: next_state in Busy is State::Idle", &["+ next_state_draft = State_Idle;"]),
            (
                "inner: verdict.reason is 5 when sized & (state == State::Busy)",
                &["+ if (sized & (state == State_Busy)) begin", "+ verdict_draft[4:1] = 4'h5;"],
            ),
            (
                "top: all from inner[1].sized reads inner[1].verdict.valid for inner[0].verdict.valid",
                &["- all_draft = inner_0_verdict[0] | inner_1_sized;", "+ all_draft = inner_1_verdict[0] | inner_1_sized;"],
            ),
            ("inner: sized is true; verdict.reason under length is skipped", &[sized, reason, "+ assign sized = 1'h1;"]),
        ];
        for (change, expected) in cases {
            assert_eq!(difference(change), expected, "{change}");
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error_that_names_the_fault() {
        let cases = [
            // Not written as a change.
            ("sized is true", "no block is named"),
            ("inner: sized", "where a name belongs"),
            ("inner: sized is true true", "`true` behind the change"),
            ("inner: sized becomes true", "`becomes` where `is`, `drops`, `reads` or `takes` belongs"),
            ("inner: sized is (true", "not made of words"),
            ("inner: sized is length.count_ones()", "`count_ones` is no method"),
            ("inner: if sized is true when a", "a condition has a value, and is not assigned"),
            ("inner: sized in Idle is true when a", "`when` names no place"),
            // Not of this design.
            ("other: sized is true", "no block is called `other`: there are inner, partition_manager"),
            ("inner: nothing is true", "`nothing` is no signal here"),
            ("inner: verdict.nothing is true", "`verdict.nothing` is no field of `verdict`"),
            ("inner: sized is nothing", "`nothing` is no signal here"),
            ("inner: sized is it when a", "`it` is no value of `when`"),
            ("top: all is inner.sized when true", "`inner.sized` has 2 elements: give an index"),
            // No place, or more than one.
            ("inner: sized in Idle is true", "it fits no place"),
            (
                "inner: next_state is State::Idle",
                "it fits 3 places: `next_state.next = State.Idle`, `next_state.next = State.Busy`",
            ),
            ("inner: if a is true", "it fits 2 places: `if a`, `if a`"),
            ("inner: if state is true", "it fits no place"),
            // Nothing to change in the place.
            ("inner: sized drops a", "no operand of `(length != 0) & (length <= most)` alone reads it"),
            ("inner: sized drops length", "no operand of `(length != 0) & (length <= most)` alone reads it"),
            ("inner: sized takes > for >=", "`(length != 0) & (length <= most)` has no `>=`"),
            ("inner: sized reads a for state", "`(length != 0) & (length <= most)` does not read it"),
            // A value that the kernel could not have.
            ("inner: sized is length", "the value has 4 bits and its target 1"),
            ("inner: verdict is true when a", "the value has 1 bits and its target 5"),
        ];
        for (change, expected) in cases {
            let error = emitted(change).unwrap_err();
            assert!(error.contains(expected) && error.contains("`wrong`"), "{change}: {error}");
        }
    }
}
