//! What a kernel becomes once loops are unrolled, names resolved and every expression has a width.

use num_bigint::BigUint;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Index into the symbols of a module.
pub(crate) type SymbolId = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    OwnIn,
    OwnOut,
    Local,
    Constant,
    ChildIn,
    ChildOut,
}

impl Role {
    /// Whether the kernel drives it.
    pub fn driven(self) -> bool {
        matches!(self, Role::OwnOut | Role::Local | Role::ChildIn)
    }
}

/// What a value may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bits,
    Clock,
    /// An enum, record or signed number: may be moved, compared for equality and taken apart, nothing else.
    Opaque(String),
}

pub(crate) struct Symbol {
    /// As the kernel says it, with `$`.
    pub key: String,
    /// In the Verilog.
    pub name: String,
    pub role: Role,
    pub width: usize,
    pub kind: Kind,
    /// Offset, width and kind of each field of a record, nested ones included.
    pub fields: Vec<(usize, usize, Kind)>,
    /// Of a record, its fields with their places, highest first: `offset[38:7] in_window[6]`; else empty.
    pub record: String,
    /// Of a constant.
    pub value: Option<BigUint>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    Not,
    All,
    Any,
    Xor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    LogicalAnd,
    LogicalOr,
    Shl,
    Shr,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// Invariant: the operands of every operator are as wide as Verilog's own rules would make them, so that no context
/// can widen anything. Only [`Node::Extend`], [`Node::Select`] and [`Node::SelectAt`] change a width.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub width: usize,
    pub kind: Kind,
    pub node: Node,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Signal(SymbolId),
    Literal(BigUint),
    /// A variant of an enum, `Type$Variant`, and its code.
    Variant(String, BigUint),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// Zeros above the operand.
    Extend(Box<Expr>),
    /// `width` bits from a fixed offset; always within the operand.
    Select(Box<Expr>, usize),
    /// `width` bits from an offset that cannot reach beyond the operand.
    SelectAt(Box<Expr>, Box<Expr>),
}

impl Expr {
    pub fn literal(value: impl Into<BigUint>, width: usize) -> Self {
        Expr { width, kind: Kind::Bits, node: Node::Literal(value.into()) }
    }

    pub fn bits(width: usize, node: Node) -> Self {
        Expr { width, kind: Kind::Bits, node }
    }

    pub fn unary(op: UnaryOp, inner: Expr) -> Self {
        let width = if op == UnaryOp::Not { inner.width } else { 1 };
        Expr::bits(width, Node::Unary(op, Box::new(inner)))
    }

    pub fn binary(width: usize, op: BinaryOp, left: Expr, right: Expr) -> Self {
        Expr::bits(width, Node::Binary(op, Box::new(left), Box::new(right)))
    }

    /// Zero-extended to `width`, or itself.
    pub fn extended(self, width: usize) -> Self {
        if width == self.width {
            return self;
        }
        match self.node {
            Node::Literal(value) => Expr::literal(value, width),
            Node::Extend(inner) => Expr::bits(width, Node::Extend(inner)),
            _ => Expr::bits(width, Node::Extend(Box::new(self))),
        }
    }

    /// `width` bits from `offset`, which must lie within.
    pub fn selected(self, offset: usize, width: usize) -> Self {
        if offset == 0 && width == self.width {
            return self;
        }
        match self.node {
            Node::Literal(value) => Expr::literal((value >> offset) & mask(width), width),
            Node::Select(inner, below) => Expr::bits(width, Node::Select(inner, below + offset)),
            _ => Expr::bits(width, Node::Select(Box::new(self), offset)),
        }
    }

    /// Calls `see` for every signal read, with the bits read.
    pub fn reads(&self, see: &mut dyn FnMut(SymbolId, BigUint)) {
        match &self.node {
            Node::Signal(id) => see(*id, mask(self.width)),
            Node::Literal(_) | Node::Variant(..) => {}
            Node::Unary(_, inner) | Node::Extend(inner) => inner.reads(see),
            Node::Select(inner, offset) => match inner.node {
                Node::Signal(id) => see(id, mask(self.width) << *offset),
                _ => inner.reads(see),
            },
            Node::Binary(_, left, right) | Node::SelectAt(left, right) => {
                left.reads(see);
                right.reads(see);
            }
        }
    }

    /// Its value, when `known` gives the value of every signal that it reads.
    pub fn evaluate(&self, known: &dyn Fn(SymbolId) -> Option<BigUint>) -> Option<BigUint> {
        let of = |expr: &Expr| expr.evaluate(known);
        let truth = |yes: bool| BigUint::from(u8::from(yes));
        Some(match &self.node {
            Node::Signal(id) => known(*id)?,
            Node::Literal(value) | Node::Variant(_, value) => value.clone(),
            Node::Extend(inner) => of(inner)?,
            Node::Select(inner, offset) => (of(inner)? >> *offset) & mask(self.width),
            Node::SelectAt(inner, offset) => (of(inner)? >> u64::try_from(of(offset)?).ok()?) & mask(self.width),
            Node::Unary(op, inner) => {
                let value = of(inner)?;
                match op {
                    UnaryOp::Not => value ^ mask(self.width),
                    UnaryOp::All => truth(value == mask(inner.width)),
                    UnaryOp::Any => truth(value != BigUint::ZERO),
                    UnaryOp::Xor => truth(value.count_ones() % 2 == 1),
                }
            }
            Node::Binary(op, left, right) => {
                let (a, b) = (of(left)?, of(right)?);
                match op {
                    BinaryOp::Add => (a + b) & mask(self.width),
                    BinaryOp::Sub => ((BigUint::from(1u8) << self.width) + a - b) & mask(self.width),
                    BinaryOp::Mul => (a * b) & mask(self.width),
                    BinaryOp::And | BinaryOp::LogicalAnd => a & b,
                    BinaryOp::Or | BinaryOp::LogicalOr => a | b,
                    BinaryOp::Xor => a ^ b,
                    BinaryOp::Shl => (a << u64::try_from(b).ok()?) & mask(self.width),
                    BinaryOp::Shr => a >> u64::try_from(b).ok()?,
                    BinaryOp::Eq => truth(a == b),
                    BinaryOp::Ne => truth(a != b),
                    BinaryOp::Lt => truth(a < b),
                    BinaryOp::Le => truth(a <= b),
                    BinaryOp::Gt => truth(a > b),
                    BinaryOp::Ge => truth(a >= b),
                }
            }
        })
    }
}

/// `width` ones.
pub(crate) fn mask(width: usize) -> BigUint {
    (BigUint::from(1u8) << width) - 1u8
}

#[derive(Clone, Debug)]
pub(crate) enum Stmt {
    Assign {
        target: SymbolId,
        /// Offset and width, when only a part is assigned.
        part: Option<(usize, usize)>,
        value: Expr,
        /// For errors.
        at: Rc<str>,
    },
    If {
        test: Expr,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
        at: Rc<str>,
    },
    Case {
        subject: Expr,
        arms: Vec<(Expr, Vec<Stmt>)>,
        default: Option<Vec<Stmt>>,
        /// Whether the arms name every code that the subject can have.
        covers: bool,
        at: Rc<str>,
    },
}

impl Stmt {
    /// Calls `see` for every signal written, in this statement and those inside it.
    pub fn writes(&self, see: &mut dyn FnMut(SymbolId)) {
        match self {
            Stmt::Assign { target, .. } => see(*target),
            Stmt::If { then, otherwise, .. } => then.iter().chain(otherwise).for_each(|inner| inner.writes(see)),
            Stmt::Case { arms, default, .. } => {
                arms.iter().flat_map(|(_, body)| body).chain(default.iter().flatten()).for_each(|inner| inner.writes(see))
            }
        }
    }

    /// Calls `see` for every signal read, in this statement and those inside it.
    pub fn reads(&self, see: &mut dyn FnMut(SymbolId, BigUint)) {
        match self {
            Stmt::Assign { value, .. } => value.reads(see),
            Stmt::If { test, then, otherwise, .. } => {
                test.reads(see);
                then.iter().chain(otherwise).for_each(|inner| inner.reads(see));
            }
            Stmt::Case { subject, arms, default, .. } => {
                subject.reads(see);
                arms.iter().flat_map(|(_, body)| body).chain(default.iter().flatten()).for_each(|inner| inner.reads(see))
            }
        }
    }

    /// Runs the statement over `values`; `None` when something that it reads is not there.
    pub fn run(&self, values: &mut BTreeMap<SymbolId, BigUint>) -> Option<()> {
        let block = |body: &[Stmt], values: &mut BTreeMap<SymbolId, BigUint>| body.iter().try_for_each(|inner| inner.run(values));
        match self {
            Stmt::Assign { target, part, value, .. } => {
                let value = value.evaluate(&|id| values.get(&id).cloned())?;
                let new = match part {
                    None => value,
                    Some((offset, width)) => {
                        let old = values.get(target).cloned().unwrap_or_default();
                        let hole = mask(*width) << *offset;
                        (&old - (&old & &hole)) | (value << *offset)
                    }
                };
                values.insert(*target, new);
                Some(())
            }
            Stmt::If { test, then, otherwise, .. } => {
                let holds = test.evaluate(&|id| values.get(&id).cloned())? != BigUint::ZERO;
                block(if holds { then } else { otherwise }, values)
            }
            Stmt::Case { subject, arms, default, .. } => {
                let code = subject.evaluate(&|id| values.get(&id).cloned())?;
                let known = |_: SymbolId| None;
                match arms.iter().find(|(label, _)| label.evaluate(&known).as_ref() == Some(&code)) {
                    Some((_, body)) => block(body, values),
                    None => default.as_ref().map_or(Some(()), |body| block(body, values)),
                }
            }
        }
    }
}
