//! One module as Verilog text.
//!
//! Every operand is a name, a sized literal, a concatenation, or in parentheses.

use crate::flow::Plan;
use crate::ir::{BinaryOp, Expr, Node, Role, Stmt, Symbol, SymbolId, UnaryOp};
use crate::Flaw;
use num_bigint::BigUint;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What is added to the name of a signal for its value while that is not final.
pub const DRAFT: &str = "_draft";

/// Stands for a module's own name until it is known.
pub(crate) const OWN_NAME: &str = "\u{1}self\u{1}";

/// Begins the comment with the fields of a record: two slashes in the text, told apart until it is known which modules are one.
pub(crate) const RECORD: &str = "\u{2}";

/// An instance of an inner block: the module it is of, its name, and its ports by name with the symbol of each.
pub(crate) struct Instance {
    pub module: String,
    pub name: String,
    pub ports: Vec<(String, SymbolId)>,
}

pub(crate) struct Printer<'a> {
    pub symbols: &'a [Symbol],
    /// Names that the module already uses.
    pub names: BTreeSet<String>,
    /// Name of each enum variant.
    pub variant_names: BTreeMap<String, String>,
    pub flaw: Option<Flaw>,
    /// In the process that is being printed: what stands for a signal until its value is final.
    pub drafts: BTreeMap<SymbolId, String>,
}

/// A line of an `always` block needs these set first: name, width, value.
type Temporaries = Vec<(String, usize, String)>;

fn range(width: usize) -> String {
    if width == 1 {
        String::new()
    } else {
        format!("[{}:0] ", width - 1)
    }
}

pub(crate) fn literal(value: &BigUint, width: usize) -> String {
    format!("{width}'h{value:x}")
}

const UNUSED_OFF: &str = "/* verilator lint_off UNUSEDSIGNAL */";
const UNUSED_ON: &str = "/* verilator lint_on UNUSEDSIGNAL */";

/// A port as it is declared.
pub(crate) struct PortLine {
    /// `input wire`, `output reg` and the like.
    pub kind: String,
    pub name: String,
    pub width: usize,
    /// The module does not use up this input.
    pub partly: bool,
    /// The fields, if it is a record.
    pub record: String,
}

/// A comment with the fields of a record, for the end of its declaration; nothing for what is no record.
fn record_comment(record: &str) -> String {
    if record.is_empty() {
        String::new()
    } else {
        format!(" {RECORD} {record}")
    }
}

/// A text without the comments that begin with [`RECORD`].
pub(crate) fn without_records(text: &str) -> String {
    text.lines().map(|line| line.split(RECORD).next().unwrap_or(line).trim_end().to_string() + "\n").collect()
}

/// A port list without its closing parenthesis.
pub(crate) fn port_list(ports: &[PortLine]) -> String {
    let kinds = ports.iter().map(|port| port.kind.len()).max().unwrap_or(0);
    let ranges = ports.iter().map(|port| range(port.width).len()).max().unwrap_or(0);
    let mut out = String::new();
    for (position, PortLine { kind, name, width, partly, record }) in ports.iter().enumerate() {
        let comma = if position + 1 < ports.len() { "," } else { "" };
        let _ = write!(out, "    ");
        if *partly {
            let _ = write!(out, "{UNUSED_OFF}\n    ");
        }
        let _ = writeln!(out, "{kind:kinds$} {:ranges$}{name}{comma}{}", range(*width), record_comment(record));
        if *partly {
            let _ = writeln!(out, "    {UNUSED_ON}");
        }
    }
    out
}

impl Printer<'_> {
    /// The module's text, with [`OWN_NAME`] for its name.
    pub fn module(&mut self, plan: &Plan, instances: &[Instance]) -> String {
        let (statements, temporaries) = self.processes(plan);
        let used = self.used(plan, instances);
        let by_process: BTreeSet<SymbolId> = {
            let mut ids = BTreeSet::new();
            plan.processes.iter().flatten().for_each(|statement| {
                statement.writes(&mut |id| {
                    ids.insert(id);
                })
            });
            ids
        };
        let mut out = String::new();
        let ports: Vec<_> = self
            .symbols
            .iter()
            .enumerate()
            .filter_map(|(id, symbol)| {
                let kind = match symbol.role {
                    Role::OwnIn => "input  wire",
                    Role::OwnOut if by_process.contains(&id) => "output reg",
                    Role::OwnOut => "output wire",
                    _ => return None,
                };
                let partly = symbol.role == Role::OwnIn && self.partly(id, &used);
                let (name, record) = (symbol.name.clone(), symbol.record.clone());
                Some(PortLine { kind: kind.into(), name, width: symbol.width, partly, record })
            })
            .collect();
        let _ = writeln!(out, "module {OWN_NAME} (\n{});", port_list(&ports));
        self.parameters(plan, &mut out);
        self.signals(plan, &used, &by_process, &mut out);
        for instance in instances {
            self.instance(instance, plan, &mut out);
        }
        out.push_str(&temporaries);
        out.push_str(&statements);
        out.push_str("endmodule\n");
        out
    }

    /// Whether some bit of `id` is never read.
    fn partly(&self, id: SymbolId, used: &BTreeMap<SymbolId, BigUint>) -> bool {
        used.get(&id) != Some(&crate::ir::mask(self.symbols[id].width))
    }

    /// Bits read, by statements and inner blocks.
    fn used(&self, plan: &Plan, instances: &[Instance]) -> BTreeMap<SymbolId, BigUint> {
        let mut used: BTreeMap<SymbolId, BigUint> = BTreeMap::new();
        let mut see = |id: SymbolId, bits: BigUint| *used.entry(id).or_default() |= bits;
        plan.direct.values().for_each(|value| value.reads(&mut see));
        plan.continuous.iter().for_each(|(_, value)| value.reads(&mut see));
        plan.processes.iter().flatten().for_each(|statement| statement.reads(&mut see));
        for (_, id) in instances.iter().flat_map(|instance| &instance.ports) {
            if self.symbols[*id].role == Role::ChildIn {
                see(*id, crate::ir::mask(self.symbols[*id].width));
            }
        }
        used
    }

    /// Constants and enum variants that the statements use.
    fn parameters(&self, plan: &Plan, out: &mut String) {
        let (mut constants, mut variants) = (BTreeSet::new(), BTreeMap::new());
        let mut see = |expr: &Expr| collect_parameters(expr, self.symbols, &mut constants, &mut variants);
        plan.direct.values().for_each(&mut see);
        plan.continuous.iter().for_each(|(_, value)| see(value));
        plan.processes.iter().flatten().for_each(|statement| expressions(statement, &mut see));
        let mut lines = Vec::new();
        for id in constants {
            let symbol = &self.symbols[id];
            let value = symbol.value.clone().unwrap_or_default();
            lines.push((range(symbol.width), symbol.name.clone(), literal(&value, symbol.width)));
        }
        for (key, (code, width)) in variants {
            lines.push((range(width), self.variant_names[&key].clone(), literal(&code, width)));
        }
        for (range, name, value) in &lines {
            let _ = writeln!(out, "    localparam {range}{name} = {value};");
        }
        if !lines.is_empty() {
            out.push('\n');
        }
    }

    fn signals(&self, plan: &Plan, used: &BTreeMap<SymbolId, BigUint>, by_process: &BTreeSet<SymbolId>, out: &mut String) {
        let written: BTreeSet<SymbolId> = plan.continuous.iter().map(|(id, _)| *id).chain(by_process.iter().copied()).collect();
        let (mut whole, mut partly) = (String::new(), String::new());
        for (id, symbol) in self.symbols.iter().enumerate() {
            let declared = match symbol.role {
                Role::ChildOut => true,
                Role::ChildIn => !plan.direct.contains_key(&id),
                Role::Local => written.contains(&id),
                _ => false,
            };
            if !declared {
                continue;
            }
            let kind = if by_process.contains(&id) { "reg" } else { "wire" };
            let to = if self.partly(id, used) { &mut partly } else { &mut whole };
            let _ = writeln!(to, "    {kind:4} {}{};{}", range(symbol.width), symbol.name, record_comment(&symbol.record));
        }
        out.push_str(&whole);
        if !partly.is_empty() {
            let _ = writeln!(out, "    // Not every bit of these is used.\n    {UNUSED_OFF}\n{partly}    {UNUSED_ON}");
        }
        if !whole.is_empty() || !partly.is_empty() {
            out.push('\n');
        }
    }

    fn instance(&self, instance: &Instance, plan: &Plan, out: &mut String) {
        let _ = writeln!(out, "    {} {} (", instance.module, instance.name);
        for (position, (port, id)) in instance.ports.iter().enumerate() {
            let wire = match plan.direct.get(id) {
                Some(value) => self.atom(value),
                None => self.symbols[*id].name.clone(),
            };
            let comma = if position + 1 < instance.ports.len() { "," } else { "" };
            let _ = writeln!(out, "        .{port}({wire}){comma}");
        }
        out.push_str("    );\n\n");
    }

    /// Something that may stand in a port list.
    fn atom(&self, expr: &Expr) -> String {
        match &expr.node {
            Node::Signal(id) => self.symbols[*id].name.clone(),
            Node::Literal(value) => literal(value, expr.width),
            Node::Variant(key, _) => self.variant_names[key].clone(),
            _ => unreachable!("only names and literals are connected directly"),
        }
    }

    /// The statements, and the declarations of the temporaries that they need.
    fn processes(&mut self, plan: &Plan) -> (String, String) {
        let (mut out, mut declared) = (String::new(), String::new());
        let mut assigns = String::new();
        for (target, value) in &plan.continuous {
            let mut temporaries = Vec::new();
            let text = self.top(value, &mut temporaries);
            for (name, width, value) in temporaries {
                let _ = writeln!(assigns, "    {UNUSED_OFF} // only some bits of it are used");
                let _ = writeln!(assigns, "    wire {}{name} = {value};\n    {UNUSED_ON}", range(width));
            }
            let _ = writeln!(assigns, "    assign {} = {text};", self.symbols[*target].name);
        }
        if !assigns.is_empty() {
            let _ = writeln!(out, "{assigns}");
        }
        let waiters = self.waiters(plan);
        for (number, body) in plan.processes.iter().enumerate() {
            let mut lines = String::new();
            let mut temporaries = Vec::new();
            self.draft(body, number, &waiters);
            self.block(body, 2, &mut lines, &mut temporaries);
            let drafts = std::mem::take(&mut self.drafts);
            for (target, draft) in &drafts {
                let symbol = &self.symbols[*target];
                let _ = writeln!(declared, "    reg {}{draft};{}", range(symbol.width), record_comment(&symbol.record));
                let _ = writeln!(lines, "        {} = {draft};", symbol.name);
            }
            if !drafts.is_empty() {
                declared.push('\n');
            }
            out.push_str("    always @(*) begin\n");
            if !temporaries.is_empty() {
                let _ = writeln!(declared, "    // Wider than what is kept of them.\n    {UNUSED_OFF}");
                for (name, width, _) in &temporaries {
                    let _ = writeln!(declared, "    reg {}{name};", range(*width));
                    let _ = writeln!(out, "        {name} = {};", literal(&BigUint::ZERO, *width));
                }
                let _ = writeln!(declared, "    {UNUSED_ON}\n");
            }
            out.push_str(&lines);
            out.push_str("    end\n\n");
        }
        (out, declared)
    }

    /// Which processes read a signal; the number of all of them stands for everything else.
    fn waiters(&self, plan: &Plan) -> BTreeMap<SymbolId, BTreeSet<usize>> {
        let mut waiters: BTreeMap<SymbolId, BTreeSet<usize>> = BTreeMap::new();
        let mut see = |id: SymbolId, process: usize| {
            waiters.entry(id).or_default().insert(process);
        };
        let outside = plan.processes.len();
        for (number, body) in plan.processes.iter().enumerate() {
            body.iter().for_each(|statement| statement.reads(&mut |id, _| see(id, number)));
        }
        plan.direct.values().chain(plan.continuous.iter().map(|(_, value)| value)).for_each(|value| {
            value.reads(&mut |id, _| see(id, outside));
        });
        for (id, _) in self.symbols.iter().enumerate().filter(|(_, symbol)| symbol.role != Role::Local) {
            see(id, outside);
        }
        waiters
    }

    /// Names drafts for what a process assigns more than once and others read. Were the signal itself assigned, every value in between would
    /// be an event, and two processes that wait for each other's signals would wake each other for ever, though neither
    /// ends with anything new.
    fn draft(&mut self, body: &[Stmt], process: usize, waiters: &BTreeMap<SymbolId, BTreeSet<usize>>) {
        let mut assigned: BTreeMap<SymbolId, usize> = BTreeMap::new();
        body.iter().for_each(|statement| statement.writes(&mut |id| *assigned.entry(id).or_default() += 1));
        let others = |id: &SymbolId| waiters.get(id).is_some_and(|waiters| waiters.iter().any(|waiter| *waiter != process));
        for (id, _) in assigned.into_iter().filter(|(id, times)| *times > 1 && others(id)) {
            let base = format!("{}{DRAFT}", self.symbols[id].name);
            let mut names = std::iter::once(base.clone()).chain((2..).map(|number| format!("{base}_{number}")));
            let name = names.find(|name| !self.names.contains(name)).unwrap_or(base);
            self.names.insert(name.clone());
            self.drafts.insert(id, name);
        }
    }

    /// What a signal is called at this place.
    fn name(&self, id: SymbolId) -> String {
        self.drafts.get(&id).unwrap_or(&self.symbols[id].name).clone()
    }

    fn block(&mut self, body: &[Stmt], depth: usize, out: &mut String, all: &mut Temporaries) {
        for statement in body {
            self.statement(statement, depth, out, all);
        }
    }

    /// Prints the settings of the temporaries in `fresh` and keeps them in `all`.
    fn settle(&mut self, fresh: Temporaries, depth: usize, out: &mut String, all: &mut Temporaries) {
        for (name, _, value) in &fresh {
            let _ = writeln!(out, "{:1$}{name} = {value};", "", depth * 4);
        }
        all.extend(fresh);
    }

    fn statement(&mut self, statement: &Stmt, depth: usize, out: &mut String, all: &mut Temporaries) {
        let indent = " ".repeat(depth * 4);
        let mut fresh = Vec::new();
        match statement {
            Stmt::Assign { target, part, value, .. } => {
                let text = self.top(value, &mut fresh);
                self.settle(fresh, depth, out, all);
                let place = part.map(|(offset, width)| select(offset, width)).unwrap_or_default();
                let _ = writeln!(out, "{indent}{}{place} = {text};", self.name(*target));
            }
            Stmt::If { test, then, otherwise, .. } => {
                let text = self.top(test, &mut fresh);
                self.settle(fresh, depth, out, all);
                let _ = writeln!(out, "{indent}if ({text}) begin");
                self.chain(then, otherwise, depth, out, all);
            }
            Stmt::Case { subject, arms, default, covers, .. } => {
                let text = self.top(subject, &mut fresh);
                self.settle(fresh, depth, out, all);
                let _ = writeln!(out, "{indent}case ({text})");
                for (label, body) in arms {
                    let _ = writeln!(out, "{indent}    {}: begin", self.atom(label));
                    self.block(body, depth + 2, out, all);
                    let _ = writeln!(out, "{indent}    end");
                }
                if let Some(body) = default {
                    let _ = writeln!(out, "{indent}    default: begin");
                    self.block(body, depth + 2, out, all);
                    let _ = writeln!(out, "{indent}    end");
                } else if !covers {
                    let _ = writeln!(out, "{indent}    default: ;");
                }
                let _ = writeln!(out, "{indent}endcase");
            }
        }
    }

    /// The branches of an `if` whose head is printed; goes on with `else if` where it can.
    fn chain(&mut self, then: &[Stmt], otherwise: &[Stmt], depth: usize, out: &mut String, all: &mut Temporaries) {
        let indent = " ".repeat(depth * 4);
        self.block(then, depth + 1, out, all);
        if let [Stmt::If { test, then, otherwise, .. }] = otherwise {
            let mut fresh = Vec::new();
            let text = self.top(test, &mut fresh);
            if fresh.is_empty() {
                let _ = writeln!(out, "{indent}end else if ({text}) begin");
                return self.chain(then, otherwise, depth, out, all);
            }
            // The condition needs a temporary, set after the conditions before it: no `else if`.
            let _ = writeln!(out, "{indent}end else begin");
            self.settle(fresh, depth + 1, out, all);
            let _ = writeln!(out, "{indent}    if ({text}) begin");
            self.chain(then, otherwise, depth + 1, out, all);
            let _ = writeln!(out, "{indent}end");
        } else if otherwise.is_empty() {
            let _ = writeln!(out, "{indent}end");
        } else {
            let _ = writeln!(out, "{indent}end else begin");
            self.block(otherwise, depth + 1, out, all);
            let _ = writeln!(out, "{indent}end");
        }
    }

    /// An expression that stands alone: its outermost parentheses are not needed.
    fn top(&mut self, expr: &Expr, fresh: &mut Temporaries) -> String {
        let text = self.operand(expr, fresh);
        let bare = matches!(expr.node, Node::Unary(..) | Node::Binary(..)) && self.flaw != Some(Flaw::NoParentheses);
        match (bare, text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'))) {
            (true, Some(inner)) => inner.into(),
            _ => text,
        }
    }

    fn operand(&mut self, expr: &Expr, fresh: &mut Temporaries) -> String {
        match &expr.node {
            Node::Signal(id) => self.name(*id),
            Node::Variant(key, _) => self.variant_names[key].clone(),
            Node::Literal(value) if self.flaw == Some(Flaw::WideLiterals) => literal(value, expr.width.max(32)),
            Node::Literal(value) => literal(value, expr.width),
            Node::Unary(op, inner) => {
                let op = match op {
                    UnaryOp::Not => "~",
                    UnaryOp::All => "&",
                    UnaryOp::Any => "|",
                    UnaryOp::Xor => "^",
                };
                let inner = self.operand(inner, fresh);
                self.wrapped(format!("{op}{inner}"))
            }
            Node::Binary(op, left, right) => {
                let (left, right) = (self.operand(left, fresh), self.operand(right, fresh));
                let op = self.operator(*op);
                self.wrapped(format!("{left} {op} {right}"))
            }
            Node::Extend(inner) if self.flaw == Some(Flaw::CarryKept) => self.operand(inner, fresh),
            Node::Extend(inner) => {
                let zeros = literal(&BigUint::ZERO, expr.width - inner.width);
                let inner = self.top(inner, fresh);
                format!("{{{zeros}, {inner}}}")
            }
            Node::Select(inner, offset) => {
                let base = self.name_of(inner, fresh);
                let offset = if self.flaw == Some(Flaw::ShiftedSlice) { offset.saturating_sub(1) } else { *offset };
                if inner.width == 1 {
                    base
                } else {
                    format!("{base}{}", select(offset, expr.width))
                }
            }
            Node::SelectAt(inner, index) => {
                let base = self.name_of(inner, fresh);
                let index = self.top(index, fresh);
                if expr.width == 1 {
                    format!("{base}[{index}]")
                } else {
                    format!("{base}[{index} +: {}]", expr.width)
                }
            }
        }
    }

    fn wrapped(&self, text: String) -> String {
        if self.flaw == Some(Flaw::NoParentheses) {
            text
        } else {
            format!("({text})")
        }
    }

    fn operator(&self, op: BinaryOp) -> &'static str {
        match op {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::And => "&",
            BinaryOp::Or => "|",
            BinaryOp::Xor => "^",
            BinaryOp::LogicalAnd => "&&",
            BinaryOp::LogicalOr => "||",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le if self.flaw == Some(Flaw::LessForLessOrEqual) => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
        }
    }

    /// The name of a signal that holds `expr`: only names can be sliced.
    fn name_of(&mut self, expr: &Expr, fresh: &mut Temporaries) -> String {
        if let Node::Signal(id) = expr.node {
            return self.name(id);
        }
        let value = self.top(expr, fresh);
        let name = (1..).map(|number| format!("wide_{number}")).find(|name| !self.names.contains(name));
        let name = name.unwrap_or_default();
        self.names.insert(name.clone());
        fresh.push((name.clone(), expr.width, value));
        name
    }
}

fn select(offset: usize, width: usize) -> String {
    if width == 1 {
        format!("[{offset}]")
    } else {
        format!("[{}:{offset}]", offset + width - 1)
    }
}

/// Calls `see` for every expression of a statement.
fn expressions(statement: &Stmt, see: &mut dyn FnMut(&Expr)) {
    match statement {
        Stmt::Assign { value, .. } => see(value),
        Stmt::If { test, then, otherwise, .. } => {
            see(test);
            then.iter().chain(otherwise).for_each(|inner| expressions(inner, see));
        }
        Stmt::Case { subject, arms, default, .. } => {
            see(subject);
            for (label, body) in arms {
                see(label);
                body.iter().for_each(|inner| expressions(inner, see));
            }
            default.iter().flatten().for_each(|inner| expressions(inner, see));
        }
    }
}

fn collect_parameters(
    expr: &Expr,
    symbols: &[Symbol],
    constants: &mut BTreeSet<SymbolId>,
    variants: &mut BTreeMap<String, (BigUint, usize)>,
) {
    match &expr.node {
        Node::Signal(id) => {
            if symbols[*id].role == Role::Constant {
                constants.insert(*id);
            }
        }
        Node::Literal(_) => {}
        Node::Variant(key, code) => {
            variants.insert(key.clone(), (code.clone(), expr.width));
        }
        Node::Unary(_, inner) | Node::Extend(inner) | Node::Select(inner, _) => {
            collect_parameters(inner, symbols, constants, variants);
        }
        Node::Binary(_, left, right) | Node::SelectAt(left, right) => {
            collect_parameters(left, symbols, constants, variants);
            collect_parameters(right, symbols, constants, variants);
        }
    }
}
