//! From syntax tree to typed statements: unrolls loops, resolves names, gives every expression its width.
//!
//! The rules are rust-hdl's (`bits.rs`): operands of one operator have one width, results wrap at it, an integer literal
//! takes the width of what it meets, and only casts, slices and `Bits + bool` mix widths.

use crate::describe;
use crate::error::{fault, EmitError, Fault};
use crate::ir::{mask, BinaryOp, Expr, Kind, Node, Role, Stmt, Symbol, SymbolId, UnaryOp};
use num_bigint::BigUint;
use rust_hdl::core::ast::{
    VerilogBlock, VerilogBlockOrConditional, VerilogConditional, VerilogExpression, VerilogLink, VerilogLinkDetails,
    VerilogLiteral, VerilogMatch, VerilogOp, VerilogOpUnary, VerilogStatement,
};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The variants of the enums that a module can see: code and width by `Type$Variant`; `None` when two types disagree.
pub(crate) type Variants = BTreeMap<String, Option<(BigUint, usize, String)>>;

/// Amounts of a shift wider than this are refused: the simulator would need 2^(2^width) bits of memory.
const WIDEST_SHIFT_AMOUNT: usize = 16;

pub(crate) struct Elaborator<'a> {
    pub block: &'a str,
    pub symbols: &'a [Symbol],
    pub by_key: &'a BTreeMap<String, SymbolId>,
    pub variants: &'a Variants,
    /// Loop variables, innermost last.
    loops: Vec<(String, u64)>,
}

type Typed = Result<Expr, Fault>;

impl<'a> Elaborator<'a> {
    pub fn new(block: &'a str, symbols: &'a [Symbol], by_key: &'a BTreeMap<String, SymbolId>, variants: &'a Variants) -> Self {
        Self { block, symbols, by_key, variants, loops: Vec::new() }
    }

    pub fn block(&mut self, block: &VerilogBlock) -> Result<Vec<Stmt>, EmitError> {
        let mut out = Vec::new();
        for statement in block {
            self.statement(statement, &mut out)?;
        }
        Ok(out)
    }

    fn statement(&mut self, statement: &VerilogStatement, out: &mut Vec<Stmt>) -> Result<(), EmitError> {
        let at: Rc<str> = self.text(statement).into();
        let block = self.block;
        let placed = |fault: Fault| fault.at(block, &*at);
        match statement {
            VerilogStatement::Comment(_) => {}
            VerilogStatement::Macro(inner) => out.extend(self.block(inner)?),
            VerilogStatement::Link(links) => {
                for link in links {
                    out.push(self.link(link, &at).map_err(placed)?);
                }
            }
            VerilogStatement::Assignment(target, value) => {
                out.push(self.assignment(target, value, &at).map_err(placed)?);
            }
            VerilogStatement::SliceAssignment { base, width, offset, replacement } => {
                out.push(self.slice_assignment(base, *width, offset, replacement, &at).map_err(placed)?);
            }
            VerilogStatement::If(conditional) => out.push(self.conditional(conditional, at)?),
            VerilogStatement::Match(matching) => out.push(self.matching(matching, at)?),
            VerilogStatement::Loop(l) => {
                let bound = |literal| integer(literal).map_err(placed);
                let (from, to) = (bound(&l.from)?, bound(&l.to)?);
                if self.by_key.keys().any(|key| key.split('$').next() == Some(&l.index)) {
                    return Err(placed(fault(
                        format!("the loop variable `{}` has the name of a field", l.index),
                        "the syntax tree cannot tell the two apart: rename the variable",
                    )));
                }
                for value in from..to {
                    self.loops.push((l.index.clone(), value));
                    let body = self.block(&l.block);
                    self.loops.pop();
                    out.extend(body?);
                }
            }
        }
        Ok(())
    }

    /// The statement's text, with the values of the loop variables that it is in.
    fn text(&self, statement: &VerilogStatement) -> String {
        let mut text = describe::statement(statement);
        if !self.loops.is_empty() {
            let values: Vec<_> = self.loops.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            text.push_str(&format!(" (with {})", values.join(", ")));
        }
        text
    }

    fn link(&self, link: &VerilogLink, at: &Rc<str>) -> Result<Stmt, Fault> {
        let full = |base: &str, details: &VerilogLinkDetails| format!("{base}{}", details.my_name.replace('.', "$"));
        let (target, source) = match link {
            VerilogLink::Forward(details) => (full(&details.other_name, details), full(&details.owner_name, details)),
            VerilogLink::Backward(details) => (full(&details.owner_name, details), full(&details.other_name, details)),
            VerilogLink::Bidirectional(_) => {
                return Err(fault("a bidirectional signal", "use one In and one Out signal, and a tristate pad at the top"))
            }
        };
        self.assignment(&VerilogExpression::Signal(target + "$next"), &VerilogExpression::Signal(source), at)
    }

    fn assignment(&self, target: &VerilogExpression, value: &VerilogExpression, at: &Rc<str>) -> Result<Stmt, Fault> {
        let VerilogExpression::Signal(name) = target else {
            return Err(fault("not a signal on the left", "assign to `self.signal.next`"));
        };
        let Some(name) = name.strip_suffix("$next") else {
            return Err(fault(format!("`{}` is not a signal's `next`", describe::name(name)), "assign to `self.signal.next`"));
        };
        let id = self.target(name)?;
        let symbol = &self.symbols[id];
        let value =
            if symbol.kind == Kind::Clock { self.clock(value)? } else { self.of_width(value, symbol.width, &symbol.kind)? };
        Ok(Stmt::Assign { target: id, part: None, value, at: at.clone() })
    }

    fn slice_assignment(
        &self,
        base: &VerilogExpression,
        width: usize,
        offset: &VerilogExpression,
        replacement: &VerilogExpression,
        at: &Rc<str>,
    ) -> Result<Stmt, Fault> {
        let VerilogExpression::Signal(name) = base else {
            return Err(fault("not a signal on the left", "assign to `self.signal.next.field`"));
        };
        let id = self.target(name.strip_suffix("$next").unwrap_or(name))?;
        let symbol = &self.symbols[id];
        let Some(offset) = self.constant_index(offset)? else {
            return Err(fault("a part whose place is not constant", "assign to a field, or use replace_bit"));
        };
        if width == 0 || offset + width > symbol.width {
            return Err(fault(
                format!("bits {offset} to {} of a signal of {} bits", offset + width, symbol.width),
                "assign a field that lies within the record",
            ));
        }
        let kind = field_kind(symbol, offset, width);
        let value = self.of_width(replacement, width, &kind)?;
        let part = (width != symbol.width).then_some((offset, width));
        Ok(Stmt::Assign { target: id, part, value, at: at.clone() })
    }

    fn conditional(&mut self, conditional: &VerilogConditional, at: Rc<str>) -> Result<Stmt, EmitError> {
        let test = self.truth(&conditional.test).map_err(|fault| fault.at(self.block, &*at))?;
        let then = self.block(&conditional.then)?;
        let mut otherwise = Vec::new();
        match &conditional.otherwise {
            VerilogBlockOrConditional::None => {}
            VerilogBlockOrConditional::Block(block) => otherwise = self.block(block)?,
            VerilogBlockOrConditional::Conditional(inner) => self.statement(inner, &mut otherwise)?,
        }
        Ok(Stmt::If { test, then, otherwise, at })
    }

    fn matching(&mut self, matching: &VerilogMatch, at: Rc<str>) -> Result<Stmt, EmitError> {
        let placed = |fault: Fault| fault.at(self.block, &*at);
        let subject = self.expr(&matching.test, None).map_err(placed)?;
        if matching.test_wraps() {
            return Err(placed(wrapping_index()));
        }
        let (mut arms, mut default, mut seen) = (Vec::new(), None, Vec::new());
        for case in &matching.cases {
            let placed = |fault: Fault| fault.at(self.block, format!("{at} {{ {} => .. }}", describe::name(&case.condition)));
            if default.is_some() {
                return Err(placed(fault("an arm after `_`, which no value reaches", "put `_` last")));
            }
            if case.condition == "default" {
                default = Some(self.block(&case.block)?);
                continue;
            }
            let label = self.pattern(&case.condition, &subject).map_err(placed)?;
            let code = label.evaluate(&|_| None).unwrap_or_default();
            if seen.contains(&code) {
                return Err(placed(fault("a value with two arms", "merge the arms; guards are not translated")));
            }
            seen.push(code);
            arms.push((label, self.block(&case.block)?));
        }
        let covers = subject.width < 24 && seen.len() == 1 << subject.width;
        Ok(Stmt::Case { subject, arms, default, covers, at })
    }

    /// A pattern of a `match` on `subject`.
    fn pattern(&self, text: &str, subject: &Expr) -> Typed {
        let label = if let Some(value) = parse_integer(text) {
            if subject.kind != Kind::Bits {
                return Err(fault("a number where a variant belongs", "match on `Type::Variant`"));
            }
            self.literal(value.into(), Some(subject.width))?
        } else if text == "true" || text == "false" {
            Expr::literal(u8::from(text == "true"), 1)
        } else {
            match self.variant(text)? {
                Some(variant) if variant.kind == subject.kind => variant,
                Some(_) => return Err(fault("a variant of another type", "match on variants of the subject's own type")),
                None => {
                    return Err(fault(
                        format!("`{}` is neither a number nor a variant of an enum that this block's signals have", text),
                        "write `Type::Variant` in full, or `_`",
                    ))
                }
            }
        };
        if label.width == subject.width {
            Ok(label)
        } else {
            Err(widths("the pattern", label.width, "the matched value", subject.width))
        }
    }

    fn target(&self, name: &str) -> Result<SymbolId, Fault> {
        let key = self.indexed(name)?;
        let Some(&id) = self.by_key.get(&key) else {
            return Err(self.unknown(&key));
        };
        match self.symbols[id].role {
            role if role.driven() => Ok(id),
            Role::OwnIn => {
                Err(fault(format!("`{}` is an input of this block", describe::name(&key)), "drive it where the block is used"))
            }
            Role::Constant => Err(fault(format!("`{}` is a constant", describe::name(&key)), "use a Local signal")),
            _ => Err(fault(
                format!("`{}` is driven by the block inside", describe::name(&key)),
                "drive only the inputs of inner blocks",
            )),
        }
    }

    fn unknown(&self, key: &str) -> Fault {
        let shown = describe::name(key);
        if key.split('$').any(|part| part.starts_with('_')) {
            return fault(format!("`{shown}` exists only in the simulation"), "keep the value in a Constant");
        }
        fault(
            format!("`{shown}` is not a signal, constant, port of an inner block, loop variable or enum variant here"),
            "a Rust constant must be kept in a Constant field; an enum's variants are written `Type::Variant`",
        )
    }

    /// Replaces `[i + 1]` by `$4`.
    fn indexed(&self, name: &str) -> Result<String, Fault> {
        let name = name.replace("::", "$").replace('.', "$");
        let mut out = String::new();
        let mut rest = name.as_str();
        while let Some((head, tail)) = rest.split_once('[') {
            let Some((index, after)) = tail.split_once(']') else {
                return Err(fault(format!("`{name}`: an index that does not close"), "index with loop variables and integers"));
            };
            let Some(value) = crate::index::evaluate(index, &|variable| self.loop_value(variable)) else {
                return Err(fault(
                    format!("`{index}`: an index that is not fixed"),
                    "index with loop variables and integers; for a choice at run time, loop over all and compare",
                ));
            };
            out.push_str(head);
            out.push_str(&format!("${value}"));
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn loop_value(&self, name: &str) -> Option<u64> {
        self.loops.iter().rev().find(|(variable, _)| variable == name && !name.starts_with('_')).map(|(_, value)| *value)
    }

    /// The variant called `name`, written `Type$Variant`, if there is one.
    fn variant(&self, name: &str) -> Result<Option<Expr>, Fault> {
        match self.variants.get(name) {
            None => Ok(None),
            Some(None) => Err(fault(
                format!("`{}`: two different enums of that name meet in this block", describe::name(name)),
                "rename one",
            )),
            Some(Some((code, width, type_name))) => {
                if *width == 0 {
                    return Err(fault(
                        format!("the enum `{type_name}` has one variant and so no bits"),
                        "give it another variant",
                    ));
                }
                Ok(Some(Expr {
                    width: *width,
                    kind: Kind::Opaque(type_name.clone()),
                    node: Node::Variant(name.into(), code.clone()),
                }))
            }
        }
    }

    fn signal(&self, name: &str) -> Result<SymbolId, Fault> {
        let key = self.indexed(name)?;
        self.by_key.get(&key).copied().ok_or_else(|| self.unknown(&key))
    }

    /// A clock, which may be passed on and nothing else.
    fn clock(&self, value: &VerilogExpression) -> Typed {
        match value {
            VerilogExpression::Paren(inner) => self.clock(inner),
            VerilogExpression::Signal(name) => {
                let id = self.signal(name)?;
                if self.symbols[id].kind != Kind::Clock {
                    return Err(fault("a clock made of data", "pass on a signal of type Clock"));
                }
                Ok(Expr { width: 1, kind: Kind::Clock, node: Node::Signal(id) })
            }
            _ => Err(fault("logic on a clock", "pass the clock on as it is; use an enable")),
        }
    }

    /// `value`, which must come out `width` bits wide.
    fn of_width(&self, value: &VerilogExpression, width: usize, kind: &Kind) -> Typed {
        if *kind != Kind::Bits && self.folded(value)?.is_some() {
            return Err(fault("a number where an enum or record belongs", "write a variant, or assign the fields"));
        }
        let typed = self.expr(value, Some(width))?;
        if typed.width == width {
            Ok(typed)
        } else {
            Err(widths("the value", typed.width, "its target", width))
        }
    }

    /// A condition.
    fn truth(&self, value: &VerilogExpression) -> Typed {
        let typed = self.expr(value, None)?;
        if typed.width == 1 {
            Ok(typed)
        } else {
            Err(fault(format!("a condition of {} bits", typed.width), "compare it, or use .any()"))
        }
    }

    fn literal(&self, value: BigUint, width: Option<usize>) -> Typed {
        match width {
            None => Err(fault(
                format!("nothing gives the integer {value} a width"),
                "write bits::<N>(..), or combine it with a signal",
            )),
            Some(width) if value.bits() > width as u64 => Err(fault(
                format!("{value} does not fit {width} bits"),
                "rust-hdl panics or cuts it; widen the signal or correct the number",
            )),
            Some(width) => Ok(Expr::literal(value, width)),
        }
    }

    /// The value of an expression made of integers and loop variables only: such numbers have no width yet.
    fn folded(&self, e: &VerilogExpression) -> Result<Option<BigUint>, Fault> {
        match e {
            VerilogExpression::Literal(literal) if is_bool(literal) => Ok(None),
            VerilogExpression::Literal(literal) => integer_value(literal).map(Some),
            VerilogExpression::Paren(inner) => self.folded(inner),
            VerilogExpression::Signal(name) => Ok(self.loop_value(name).map(BigUint::from)),
            VerilogExpression::Unary(_, inner) => match self.folded(inner)? {
                None => Ok(None),
                Some(_) => Err(fault("an operator on a bare integer", "write the number it comes to")),
            },
            VerilogExpression::Binary(left, op, right) => {
                let (Some(a), Some(b)) = (self.folded(left)?, self.folded(right)?) else { return Ok(None) };
                fold(a, op, b).map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(crate) fn expr(&self, e: &VerilogExpression, expected: Option<usize>) -> Typed {
        if let Some(value) = self.folded(e)? {
            return self.literal(value, expected);
        }
        match e {
            VerilogExpression::Paren(inner) => self.expr(inner, expected),
            VerilogExpression::Literal(literal) => Ok(Expr::literal(integer_value(literal)?, 1)),
            VerilogExpression::Signal(name) => self.named(name),
            VerilogExpression::Cast(inner, width) => self.cast(inner, *width),
            VerilogExpression::Signed(_) | VerilogExpression::Unsigned(_) => {
                Err(fault("signed arithmetic", "the backend translates unsigned values only"))
            }
            VerilogExpression::Unary(op, inner) => self.unary(op, inner, expected),
            VerilogExpression::Binary(left, op, right) => self.binary(left, op, right, expected),
            VerilogExpression::Index(base, index) => self.slice(base, 1, index),
            VerilogExpression::Slice(base, width, offset) => self.slice(base, *width, offset),
            VerilogExpression::IndexReplace(base, index, value) => self.replace(base, index, value),
        }
        .map_err(|mut fault| {
            // The innermost expression is the useful one to show, once.
            if !fault.what.contains(" in `") {
                fault.what = format!("{} in `{}`", fault.what, describe::expression(e));
            }
            fault
        })
    }

    fn named(&self, name: &str) -> Typed {
        let key = self.indexed(name)?;
        let variant = self.variant(&key)?;
        let Some(&id) = self.by_key.get(&key) else {
            return variant.ok_or_else(|| self.unknown(&key));
        };
        if variant.is_some() {
            return Err(fault("both a port and an enum's variant", "rename one"));
        }
        let symbol = &self.symbols[id];
        match &symbol.kind {
            Kind::Clock => Err(fault("a clock read as data", "only pass clocks on")),
            _ if symbol.width == 0 => Err(fault("a signal without bits", "give it at least one bit")),
            kind => Ok(Expr { width: symbol.width, kind: kind.clone(), node: Node::Signal(id) }),
        }
    }

    fn cast(&self, inner: &VerilogExpression, width: usize) -> Typed {
        if width == 0 {
            return Err(fault("a cast to no bits", "cast to at least one bit"));
        }
        let inner = self.expr(inner, Some(width))?;
        Ok(if width >= inner.width { Expr { kind: Kind::Bits, ..inner.extended(width) } } else { inner.selected(0, width) })
    }

    fn unary(&self, op: &VerilogOpUnary, inner: &VerilogExpression, expected: Option<usize>) -> Typed {
        let op = match op {
            VerilogOpUnary::Not => UnaryOp::Not,
            VerilogOpUnary::All => UnaryOp::All,
            VerilogOpUnary::Any => UnaryOp::Any,
            VerilogOpUnary::Xor => UnaryOp::Xor,
            VerilogOpUnary::Neg => return Err(fault("a negative number", "the backend translates unsigned values only")),
        };
        let inner = plain(self.expr(inner, if op == UnaryOp::Not { expected } else { None })?)?;
        Ok(Expr::unary(op, inner))
    }

    fn binary(&self, left: &VerilogExpression, op: &VerilogOp, right: &VerilogExpression, expected: Option<usize>) -> Typed {
        let op = match op {
            VerilogOp::Shl => return self.shift(left, BinaryOp::Shl, right, expected),
            VerilogOp::Shr => return self.shift(left, BinaryOp::Shr, right, expected),
            VerilogOp::Add => BinaryOp::Add,
            VerilogOp::Sub => BinaryOp::Sub,
            VerilogOp::Mul => BinaryOp::Mul,
            VerilogOp::LogicalAnd => BinaryOp::LogicalAnd,
            VerilogOp::LogicalOr => BinaryOp::LogicalOr,
            VerilogOp::BitXor => BinaryOp::Xor,
            VerilogOp::BitAnd => BinaryOp::And,
            VerilogOp::BitOr => BinaryOp::Or,
            VerilogOp::Eq => BinaryOp::Eq,
            VerilogOp::Lt => BinaryOp::Lt,
            VerilogOp::Le => BinaryOp::Le,
            VerilogOp::Ne => BinaryOp::Ne,
            VerilogOp::Ge => BinaryOp::Ge,
            VerilogOp::Gt => BinaryOp::Gt,
        };
        let compares = matches!(op, BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge);
        let hint = if compares { None } else { expected };
        let (folded_left, folded_right) = (self.folded(left)?, self.folded(right)?);
        let (a, mut b) = if let Some(value) = folded_left.clone() {
            let b = self.expr(right, hint)?;
            (self.literal_beside(value, &b)?, b)
        } else {
            let a = self.expr(left, hint)?;
            let b = match folded_right.clone() {
                Some(value) => self.literal_beside(value, &a)?,
                None => self.expr(right, Some(a.width))?,
            };
            (a, b)
        };
        if op == BinaryOp::Mul {
            let exact = a.width == 16 && b.width == 16 && folded_left.is_none() && folded_right.is_none();
            if !exact {
                return Err(fault("a product other than 16 by 16 bits", "shift and add, or cast both factors to 16 bits"));
            }
            return Ok(Expr::binary(32, op, plain(a)?.extended(32), plain(b)?.extended(32)));
        }
        if op == BinaryOp::Add && folded_left.is_none() && b.width == 1 && b.kind == Kind::Bits {
            // `Bits + bool`.
            b = b.extended(a.width);
        }
        if a.width != b.width {
            return Err(widths("the left side", a.width, "the right side", b.width));
        }
        match op {
            BinaryOp::Eq | BinaryOp::Ne => Ok(Expr::binary(1, op, a, b)),
            BinaryOp::LogicalAnd | BinaryOp::LogicalOr if a.width != 1 => {
                Err(fault(format!("a logical operator on {} bits", a.width), "compare first, or use & and |"))
            }
            _ if compares => Ok(self.compared(op, plain(a)?, plain(b)?)),
            _ => Ok(Expr::binary(a.width, op, plain(a)?, plain(b)?)),
        }
    }

    /// An integer beside `other`, whose width it takes.
    fn literal_beside(&self, value: BigUint, other: &Expr) -> Typed {
        if other.kind != Kind::Bits {
            return Err(fault("a number beside an enum or record", "compare with a variant"));
        }
        self.literal(value, Some(other.width))
    }

    /// An ordering, decided here where its outcome does not depend on the signal (linters object to those).
    fn compared(&self, op: BinaryOp, a: Expr, b: Expr) -> Expr {
        let (low, high) = (BigUint::ZERO, mask(a.width));
        let is = |expr: &Expr, value: &BigUint| match &expr.node {
            Node::Literal(literal) => literal == value,
            Node::Signal(id) => self.symbols[*id].value.as_ref() == Some(value),
            _ => false,
        };
        let decided = match op {
            BinaryOp::Lt if is(&b, &low) || is(&a, &high) => Some(0u8),
            BinaryOp::Ge if is(&b, &low) || is(&a, &high) => Some(1),
            BinaryOp::Gt if is(&a, &low) || is(&b, &high) => Some(0),
            BinaryOp::Le if is(&a, &low) || is(&b, &high) => Some(1),
            _ => None,
        };
        match decided {
            Some(value) => Expr::literal(value, 1),
            None => Expr::binary(1, op, a, b),
        }
    }

    fn shift(&self, left: &VerilogExpression, op: BinaryOp, right: &VerilogExpression, expected: Option<usize>) -> Typed {
        let base = match self.folded(left)? {
            // An integer shifted by `Bits` is a u64, and comes out as `Bits<64>`.
            Some(value) => self.literal(value, Some(64))?,
            None => plain(self.expr(left, expected)?)?,
        };
        let width = base.width;
        if let Some(amount) = self.folded(right)? {
            if amount >= BigUint::from(width) {
                return Ok(Expr::literal(0u8, width));
            }
            let bits = usize::try_from(amount.bits()).unwrap_or(1).max(1);
            return Ok(Expr::binary(width, op, base, Expr::literal(amount, bits)));
        }
        let amount = plain(self.expr(right, None)?)?;
        if amount.width > WIDEST_SHIFT_AMOUNT {
            return Err(fault(
                format!("a shift by an amount of {} bits", amount.width),
                format!("take its low bits first: at most {WIDEST_SHIFT_AMOUNT}"),
            ));
        }
        Ok(Expr::binary(width, op, base, amount))
    }

    /// The value of an index that is fixed when the design is built.
    fn constant_index(&self, e: &VerilogExpression) -> Result<Option<usize>, Fault> {
        match self.fixed(e)? {
            None => Ok(None),
            Some(value) => match usize::try_from(&value) {
                Ok(index) if index < 1 << 24 => Ok(Some(index)),
                _ => Err(fault(format!("an index of {value}"), "index within the signal")),
            },
        }
    }

    /// Like [`Self::folded`], with constants of the block.
    fn fixed(&self, e: &VerilogExpression) -> Result<Option<BigUint>, Fault> {
        match e {
            VerilogExpression::Paren(inner) => self.fixed(inner),
            VerilogExpression::Signal(name) if self.loop_value(name).is_none() => {
                let key = self.indexed(name)?;
                Ok(self.by_key.get(&key).and_then(|id| self.symbols[*id].value.clone()))
            }
            VerilogExpression::Binary(left, op, right) => {
                let (Some(a), Some(b)) = (self.fixed(left)?, self.fixed(right)?) else { return Ok(None) };
                let value = fold(a, op, b)?;
                // `(constant + 1).index()` wraps and `constant.index() + 1` does not, but their trees are the same.
                let mut narrowest = u64::MAX;
                e.constants(&mut |name| {
                    if let Some(id) = self.indexed(name).ok().and_then(|key| self.by_key.get(&key)) {
                        narrowest = narrowest.min(self.symbols[*id].width as u64);
                    }
                });
                if value.bits() > narrowest {
                    return Err(wrapping_index());
                }
                Ok(Some(value))
            }
            _ => self.folded(e),
        }
    }

    /// A run-time index or offset.
    fn dynamic_index(&self, e: &VerilogExpression) -> Typed {
        if e.wraps() {
            return Err(wrapping_index());
        }
        let index = plain(self.expr(e, None)?)?;
        if index.width > 16 {
            return Err(fault(format!("an index of {} bits", index.width), "take its low bits first"));
        }
        Ok(index)
    }

    fn slice(&self, base: &VerilogExpression, width: usize, offset: &VerilogExpression) -> Typed {
        let base = self.expr(base, None)?;
        if width == 0 {
            return Err(fault("a slice of no bits", "take at least one bit"));
        }
        let have = base.width;
        if let Some(offset) = self.constant_index(offset)? {
            if offset >= have {
                return Err(fault(format!("bit {offset} of {have} bits"), "take bits that are there"));
            }
            let kind = match &base.node {
                Node::Signal(id) => field_kind(&self.symbols[*id], offset, width),
                _ => Kind::Bits,
            };
            let inside = width.min(have - offset);
            let base = match (&base.node, &base.kind) {
                (Node::Signal(id), Kind::Bits) if self.symbols[*id].value.is_some() => {
                    Expr::literal(self.symbols[*id].value.clone().unwrap_or_default(), have)
                }
                _ => base,
            };
            return Ok(Expr { kind, ..base.selected(offset, inside).extended(width) });
        }
        let base = plain(base)?;
        let index = self.dynamic_index(offset)?;
        let last = (1usize << index.width) - 1;
        if last + width <= have {
            return Ok(Expr::bits(width, Node::SelectAt(Box::new(base), Box::new(index))));
        }
        if last < have && width > 1 {
            // rust-hdl shifts and casts, so bits beyond the top read as zero.
            let shifted = Expr::binary(have, BinaryOp::Shr, base, index);
            return Ok(if width <= have { shifted.selected(0, width) } else { shifted.extended(width) });
        }
        Err(out_of_range(last, have))
    }

    fn replace(&self, base: &VerilogExpression, index: &VerilogExpression, value: &VerilogExpression) -> Typed {
        let base = plain(self.expr(base, None)?)?;
        let value = self.truth(value)?;
        let width = base.width;
        let (place, kept) = match self.constant_index(index)? {
            Some(index) => {
                if index >= width {
                    return Err(fault(format!("bit {index} of {width} bits"), "replace a bit that is there"));
                }
                let bits = usize::try_from(BigUint::from(index).bits()).unwrap_or(1).max(1);
                (Expr::literal(index, bits), Expr::literal(mask(width) ^ (BigUint::from(1u8) << index), width))
            }
            None => {
                let index = self.dynamic_index(index)?;
                let last = (1usize << index.width) - 1;
                if last >= width {
                    return Err(out_of_range(last, width));
                }
                let one = Expr::binary(width, BinaryOp::Shl, Expr::literal(1u8, width), index.clone());
                (index, Expr::unary(UnaryOp::Not, one))
            }
        };
        let put = Expr::binary(width, BinaryOp::Shl, value.extended(width), place);
        Ok(Expr::binary(width, BinaryOp::Or, Expr::binary(width, BinaryOp::And, base, kept), put))
    }
}

fn out_of_range(last: usize, width: usize) -> Fault {
    fault(
        format!("an index that can reach {last} into {width} bits, where rust-hdl panics"),
        "use an index that cannot leave the signal, or widen the signal",
    )
}

fn wrapping_index() -> Fault {
    fault(
        "arithmetic on an index, which wraps before .index() and does not after it",
        "the syntax tree does not say which is meant: compute it in a Local and index with that",
    )
}

fn widths(left: &str, a: usize, right: &str, b: usize) -> Fault {
    fault(format!("{left} has {a} bits and {right} {b}"), "cast one with bit_cast")
}

/// Refuses enums, records and signed numbers where only bits make sense.
fn plain(expr: Expr) -> Typed {
    match &expr.kind {
        Kind::Bits => Ok(expr),
        Kind::Clock => Err(fault("a clock read as data", "only pass clocks on")),
        Kind::Opaque(name) => Err(fault(
            format!("arithmetic or order on `{name}`, whose operators are its own"),
            "compare with == or take its fields; signed numbers are not translated",
        )),
    }
}

fn field_kind(symbol: &Symbol, offset: usize, width: usize) -> Kind {
    let found = symbol.fields.iter().find(|(start, bits, _)| (*start, *bits) == (offset, width));
    found.map_or(Kind::Bits, |(_, _, kind)| kind.clone())
}

fn is_bool(literal: &VerilogLiteral) -> bool {
    format!("{literal:x}").starts_with("1'h")
}

fn integer_value(literal: &VerilogLiteral) -> Result<BigUint, Fault> {
    crate::collect::literal_value(literal)
        .ok_or_else(|| fault("a negative number", "the backend translates unsigned values only"))
}

fn integer(literal: &VerilogLiteral) -> Result<u64, Fault> {
    u64::try_from(integer_value(literal)?).map_err(|_| fault("a loop bound beyond 64 bits", "loop over fewer"))
}

/// Arithmetic of numbers without a width: as in Rust's u64, where overflow is an error.
fn fold(a: BigUint, op: &VerilogOp, b: BigUint) -> Result<BigUint, Fault> {
    if matches!(op, VerilogOp::Eq | VerilogOp::Ne | VerilogOp::Lt | VerilogOp::Le | VerilogOp::Gt | VerilogOp::Ge) {
        return Err(fault("a comparison of bare integers, which have no width", "write its outcome, or use a Constant"));
    }
    let small = |value: &BigUint| u64::try_from(value).ok().filter(|value| *value < 64);
    let value = match op {
        VerilogOp::Add => Some(a + b),
        VerilogOp::Sub if a >= b => Some(a - b),
        VerilogOp::Mul => Some(a * b),
        VerilogOp::BitAnd => Some(a & b),
        VerilogOp::BitOr => Some(a | b),
        VerilogOp::BitXor => Some(a ^ b),
        VerilogOp::Shl => small(&b).map(|amount| a << amount),
        VerilogOp::Shr => small(&b).map(|amount| a >> amount),
        _ => None,
    };
    value.filter(|value| value.bits() <= 64).ok_or_else(|| {
        fault(
            format!("`{}` on bare integers does not stay an unsigned 64-bit number", describe::operator(op)),
            "write the number it comes to",
        )
    })
}

/// A Rust integer literal, as in a pattern.
fn parse_integer(text: &str) -> Option<u128> {
    let text = text.replace('_', "");
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0b") => (&text[2..], 2),
        Some("0o") => (&text[2..], 8),
        _ => (text.as_str(), 10),
    };
    let suffixes = ["usize", "u128", "u64", "u32", "u16", "u8", "isize", "i128", "i64", "i32", "i16", "i8"];
    let digits = suffixes.iter().find_map(|suffix| digits.strip_suffix(suffix)).unwrap_or(digits);
    u128::from_str_radix(digits, radix).ok()
}

/// Questions about raw syntax.
trait Syntax {
    /// Whether an operator that can overflow stands between this node and its value.
    fn wraps(&self) -> bool;
    /// Calls `see` for each name in an arithmetic expression.
    fn constants(&self, see: &mut dyn FnMut(&str));
}

impl Syntax for VerilogExpression {
    fn wraps(&self) -> bool {
        match self {
            VerilogExpression::Paren(inner) => inner.wraps(),
            VerilogExpression::Unary(VerilogOpUnary::Not | VerilogOpUnary::Neg, _) => true,
            VerilogExpression::Binary(left, op, right) => {
                matches!(op, VerilogOp::Add | VerilogOp::Sub | VerilogOp::Mul | VerilogOp::Shl) || left.wraps() || right.wraps()
            }
            _ => false,
        }
    }

    fn constants(&self, see: &mut dyn FnMut(&str)) {
        match self {
            VerilogExpression::Paren(inner) => inner.constants(see),
            VerilogExpression::Signal(name) => see(name),
            VerilogExpression::Binary(left, _, right) => {
                left.constants(see);
                right.constants(see);
            }
            _ => {}
        }
    }
}

trait MatchSyntax {
    fn test_wraps(&self) -> bool;
}

impl MatchSyntax for VerilogMatch {
    /// `match (a + 1).index()` and `match a.index() + 1` have the same tree.
    fn test_wraps(&self) -> bool {
        let numbered = self.cases.iter().any(|case| parse_integer(&case.condition).is_some());
        numbered && self.test.wraps()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_rust_integers() {
        for (text, value) in [("7", 7), ("0x1F", 31), ("0b_1010", 10), ("3u32", 3), ("1_000usize", 1000), ("0xFu8", 15)] {
            assert_eq!(parse_integer(text), Some(value), "{text}");
        }
        assert_eq!(parse_integer("State$Idle"), None);
        assert_eq!(parse_integer("-1"), None);
    }

    #[test]
    fn bare_integers_fold_as_u64() {
        let big = |value: u64| BigUint::from(value);
        assert_eq!(fold(big(2), &VerilogOp::Shl, big(3)).unwrap(), big(16));
        assert!(fold(big(1), &VerilogOp::Sub, big(2)).is_err());
        assert!(fold(big(u64::MAX), &VerilogOp::Add, big(1)).is_err());
        assert!(fold(big(1), &VerilogOp::Shl, big(64)).is_err());
    }
}
