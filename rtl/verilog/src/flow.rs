//! Order and completeness of a kernel: what may be read when, what is driven always, what goes into which process.
//!
//! ```text
//!   statements --> read before assigned? latch? --> groups that share targets --> direct | assign | constant | always
//! ```
//!
//! A kernel runs top to bottom and its last write wins; Verilog's processes run in any order. Statements stay together in
//! one process when they share a target, when one reads a value that a later one replaces, or when apart they would form
//! a loop that the kernel does not have. All others become processes of their own, so that no false loop arises.

use crate::error::{EmitError, Fault};
use crate::ir::{mask, Expr, Kind, Node, Role, Stmt, Symbol, SymbolId};
use num_bigint::BigUint;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How each signal that the kernel drives is driven.
#[derive(Default)]
pub(crate) struct Plan {
    /// Inputs of inner blocks that are tied to a signal or literal in the port list.
    pub direct: BTreeMap<SymbolId, Expr>,
    /// `assign`.
    pub continuous: Vec<(SymbolId, Expr)>,
    /// `always @(*)`.
    pub processes: Vec<Vec<Stmt>>,
}

/// Checks the statements and sorts them.
pub(crate) fn plan(block: &str, symbols: &[Symbol], statements: Vec<Stmt>) -> Result<Plan, EmitError> {
    check(block, symbols, &statements)?;
    let groups = group(symbols, &statements);
    let mut plan = Plan::default();
    let mut read: BTreeSet<SymbolId> = BTreeSet::new();
    for statement in &statements {
        statement.reads(&mut |id, _| {
            read.insert(id);
        });
    }
    let mut known: BTreeMap<SymbolId, BigUint> =
        symbols.iter().enumerate().filter_map(|(id, symbol)| Some((id, symbol.value.clone()?))).collect();
    let constants = constant_groups(&statements, &groups, &mut known);
    let mut slots: Vec<Option<Stmt>> = statements.into_iter().map(Some).collect();
    for (number, members) in groups.iter().enumerate() {
        let mut body: Vec<Stmt> = members.iter().filter_map(|member| slots[*member].take()).collect();
        if let [Stmt::Assign { part: None, .. }] = body.as_slice() {
            let Some(Stmt::Assign { target, value, .. }) = body.pop() else { continue };
            let atomic = matches!(value.node, Node::Signal(_) | Node::Literal(_) | Node::Variant(..));
            if atomic && symbols[target].role == Role::ChildIn && !read.contains(&target) {
                plan.direct.insert(target, value);
            } else {
                plan.continuous.push((target, value));
            }
        } else if constants.contains(&number) {
            // An `always @(*)` without anything to wait for never runs.
            let mut targets = BTreeSet::new();
            body.iter().for_each(|statement| {
                statement.writes(&mut |id| {
                    targets.insert(id);
                })
            });
            for target in targets {
                let value = known.get(&target).cloned().unwrap_or_default();
                plan.continuous.push((target, Expr::literal(value, symbols[target].width)));
            }
        } else {
            plan.processes.push(body);
        }
    }
    let clock_elsewhere = |id: &SymbolId| symbols[*id].kind == Kind::Clock;
    let mut driven: Vec<SymbolId> = plan.continuous.iter().map(|(id, _)| *id).collect();
    plan.processes.iter().flatten().for_each(|statement| statement.writes(&mut |id| driven.push(id)));
    if let Some(id) = driven.into_iter().find(clock_elsewhere) {
        let fault = Fault {
            what: "a clock that passes through logic, where it would lose its race with the data".into(),
            advice: "assign it once, unconditionally, to the clock input of an inner block".into(),
        };
        return Err(fault.at(block, crate::describe::name(&symbols[id].key)));
    }
    Ok(plan)
}

/// Refuses reads of unassigned values and signals that are not assigned on every path.
fn check(block: &str, symbols: &[Symbol], statements: &[Stmt]) -> Result<(), EmitError> {
    let mut checker = Checker { block, symbols, position: 0, written: BTreeMap::new(), input_reads: Vec::new() };
    let mut assigned = BTreeMap::new();
    checker.walk(statements, &mut assigned)?;
    for (id, position, at) in &checker.input_reads {
        if checker.written.get(id).is_some_and(|last| last > position) {
            let fault = Fault {
                what: format!(
                    "`{}` is read here and assigned later: the simulation would read the later value",
                    crate::describe::name(&symbols[*id].key)
                ),
                advice: "compute the value in a Local and use that in both places".into(),
            };
            return Err(fault.at(block, &**at));
        }
    }
    for (id, symbol) in symbols.iter().enumerate() {
        let written = checker.written.contains_key(&id);
        let must = matches!(symbol.role, Role::OwnOut | Role::ChildIn) || (symbol.role == Role::Local && written);
        if !must || assigned.get(&id).is_some_and(|bits| *bits == mask(symbol.width)) {
            continue;
        }
        let shown = crate::describe::name(&symbol.key);
        let fault = if written {
            Fault {
                what: "not assigned on every path, or not every bit of it: this would infer a latch".into(),
                advice: "assign a safe default at the top of the kernel".into(),
            }
        } else {
            Fault { what: "never assigned".into(), advice: "drive it in this block's kernel".into() }
        };
        return Err(fault.at(block, shown));
    }
    Ok(())
}

/// Bits assigned so far.
type Assigned = BTreeMap<SymbolId, BigUint>;

struct Checker<'a> {
    block: &'a str,
    symbols: &'a [Symbol],
    position: usize,
    /// Last position at which each signal is written.
    written: BTreeMap<SymbolId, usize>,
    input_reads: Vec<(SymbolId, usize, Rc<str>)>,
}

impl Checker<'_> {
    fn walk(&mut self, statements: &[Stmt], assigned: &mut Assigned) -> Result<(), EmitError> {
        for statement in statements {
            match statement {
                Stmt::Assign { target, part, value, at } => {
                    self.read(value, assigned, at)?;
                    self.position += 1;
                    self.written.insert(*target, self.position);
                    let bits = match part {
                        None => mask(self.symbols[*target].width),
                        Some((offset, width)) => mask(*width) << *offset,
                    };
                    *assigned.entry(*target).or_default() |= bits;
                }
                Stmt::If { test, then, otherwise, at } => {
                    self.read(test, assigned, at)?;
                    self.branches(&[then, otherwise], assigned)?;
                }
                Stmt::Case { subject, arms, default, covers, at } => {
                    self.read(subject, assigned, at)?;
                    let mut bodies: Vec<&[Stmt]> = arms.iter().map(|(_, body)| body.as_slice()).collect();
                    match default {
                        Some(body) => bodies.push(body),
                        None if *covers => {}
                        None => bodies.push(&[]),
                    }
                    self.branches(&bodies, assigned)?;
                }
            }
        }
        Ok(())
    }

    fn branches<B: AsRef<[Stmt]>>(&mut self, bodies: &[B], assigned: &mut Assigned) -> Result<(), EmitError> {
        let mut common: Option<Assigned> = None;
        for body in bodies {
            let mut mine = assigned.clone();
            self.walk(body.as_ref(), &mut mine)?;
            common = Some(match common {
                None => mine,
                Some(theirs) => {
                    theirs.into_iter().filter_map(|(id, bits)| mine.get(&id).map(|others| (id, bits & others))).collect()
                }
            });
        }
        if let Some(common) = common {
            *assigned = common;
        }
        Ok(())
    }

    fn read(&mut self, value: &Expr, assigned: &Assigned, at: &Rc<str>) -> Result<(), EmitError> {
        self.position += 1;
        let mut early = None;
        let (symbols, position, input_reads) = (self.symbols, self.position, &mut self.input_reads);
        value.reads(&mut |id, bits| match symbols[id].role {
            Role::Local | Role::OwnOut => {
                let have = assigned.get(&id).cloned().unwrap_or_default();
                if (&bits & have) != bits {
                    early.get_or_insert(id);
                }
            }
            Role::ChildIn => input_reads.push((id, position, at.clone())),
            _ => {}
        });
        match early {
            None => Ok(()),
            Some(id) => {
                let shown = crate::describe::name(&self.symbols[id].key);
                let fault = Fault {
                    what: format!("`{shown}` is read before it is assigned on every path that leads here"),
                    advice: "assign it first; a value from the cycle before belongs in a register".into(),
                };
                Err(fault.at(self.block, &**at))
            }
        }
    }
}

/// Which statements belong together: lists of positions, each in program order, by first member.
fn group(symbols: &[Symbol], statements: &[Stmt]) -> Vec<Vec<usize>> {
    let mut union = Union::new(statements.len());
    let mut writers: BTreeMap<SymbolId, Vec<usize>> = BTreeMap::new();
    let mut reads: Vec<BTreeSet<SymbolId>> = vec![BTreeSet::new(); statements.len()];
    for (position, statement) in statements.iter().enumerate() {
        statement.writes(&mut |id| {
            let list = writers.entry(id).or_default();
            if list.last() != Some(&position) {
                list.push(position);
            }
        });
        statement.reads(&mut |id, _| {
            if symbols[id].role.driven() {
                reads[position].insert(id);
            }
        });
    }
    for list in writers.values() {
        list.windows(2).for_each(|pair| union.join(pair[0], pair[1]));
    }
    for (position, ids) in reads.iter().enumerate() {
        for id in ids {
            if let Some(last) = writers.get(id).and_then(|list| list.last()) {
                if *last > position {
                    union.join(*last, position);
                }
            }
        }
    }
    // Groups that feed each other in a circle are one group.
    let mut feeds: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (position, ids) in reads.iter().enumerate() {
        for id in ids {
            for writer in writers.get(id).into_iter().flatten() {
                let (from, to) = (union.root(*writer), union.root(position));
                if from != to {
                    feeds.entry(from).or_default().insert(to);
                }
            }
        }
    }
    for circle in circles(&feeds) {
        circle.windows(2).for_each(|pair| union.join(pair[0], pair[1]));
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for position in 0..statements.len() {
        groups.entry(union.root(position)).or_default().push(position);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|members| members[0]);
    groups
}

/// Strongly connected components with more than one member.
fn circles(edges: &BTreeMap<usize, BTreeSet<usize>>) -> Vec<Vec<usize>> {
    fn finish(node: usize, edges: &BTreeMap<usize, BTreeSet<usize>>, seen: &mut BTreeSet<usize>, order: &mut Vec<usize>) {
        let mut stack = vec![(node, false)];
        while let Some((node, done)) = stack.pop() {
            if done {
                order.push(node);
            } else if seen.insert(node) {
                stack.push((node, true));
                stack.extend(edges.get(&node).into_iter().flatten().map(|next| (*next, false)));
            }
        }
    }
    let mut reversed: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (from, targets) in edges {
        for to in targets {
            reversed.entry(*to).or_default().insert(*from);
        }
    }
    let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
    for node in edges.keys() {
        finish(*node, edges, &mut seen, &mut order);
    }
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for node in order.into_iter().rev() {
        let mut members = Vec::new();
        finish(node, &reversed, &mut seen, &mut members);
        if members.len() > 1 {
            found.push(members);
        }
    }
    found
}

struct Union(Vec<usize>);

impl Union {
    fn new(count: usize) -> Self {
        Union((0..count).collect())
    }

    fn root(&self, mut item: usize) -> usize {
        while self.0[item] != item {
            item = self.0[item];
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        self.0[high] = low;
    }
}

/// The groups that depend on constants only; puts the values of what they drive into `known`.
fn constant_groups(statements: &[Stmt], groups: &[Vec<usize>], known: &mut BTreeMap<SymbolId, BigUint>) -> BTreeSet<usize> {
    let mut constant = BTreeSet::new();
    loop {
        let before = constant.len();
        for (number, members) in groups.iter().enumerate() {
            if constant.contains(&number) {
                continue;
            }
            let (mut own, mut fixed) = (BTreeSet::new(), true);
            for member in members {
                statements[*member].writes(&mut |id| {
                    own.insert(id);
                });
            }
            for member in members {
                statements[*member].reads(&mut |id, _| fixed &= own.contains(&id) || known.contains_key(&id));
            }
            let mut values = known.clone();
            if fixed && members.iter().try_for_each(|member| statements[*member].run(&mut values)).is_some() {
                *known = values;
                constant.insert(number);
            }
        }
        if constant.len() == before {
            return constant;
        }
    }
}
