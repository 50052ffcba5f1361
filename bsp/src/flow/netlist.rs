//! Reads what the tools wrote, and counts the packed cells of each block.
//!
//! # Which block a cell belongs to
//! Flattening keeps instance paths in the names of nets (`lookup.row_3.hit`); packing gives each cell a name made from
//! the net that it drives or reads (`lookup.row_3.hit_SB_LUT4_O_LC`). A packed cell holds a LUT, a register, a carry, or
//! several of them. It belongs to the block that owns
//! 1. the net that its output drives, when a signal of the source names that net: the deepest block with such a signal,
//!    so a block's output register is the block's and not its parent's; but no block that the net enters through an input
//!    port, whatever the net is called further inside;
//! 2. else the net that its own name begins with: yosys builds the name of an unnamed cell from the nearest named net.
//!    A LUT that yosys shares between two blocks is thus counted once, for the one that its name comes from;
//! 3. else (route-throughs that the packer adds at carry chains) the block of the cell that it feeds, or is fed by.
//!
//! What is left, such as the packer's constant drivers, is [`PACKER`]'s. Sums over all blocks equal nextpnr's total.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

/// The owner of cells that belong to no block.
pub const PACKER: &str = "(packer)";

/// Modules by name, from yosys' or nextpnr's JSON.
#[derive(Debug, Deserialize)]
pub struct Modules {
    modules: BTreeMap<String, Module>,
}

/// A module's ports, cells and nets.
#[derive(Debug, Default, Deserialize)]
pub struct Module {
    /// Ports by name.
    #[serde(default)]
    pub ports: BTreeMap<String, NetlistPort>,
    /// Cells and instances by name.
    #[serde(default)]
    pub cells: BTreeMap<String, Cell>,
    /// Nets by name.
    #[serde(default)]
    pub netnames: BTreeMap<String, Net>,
}

/// Which way a port goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Into the module.
    Input,
    /// Out of the module.
    Output,
    /// Both.
    Inout,
}

/// A port of a module.
#[derive(Debug, Deserialize)]
pub struct NetlistPort {
    /// Which way it goes.
    pub direction: Direction,
    /// Its bits, lowest first.
    pub bits: Vec<Value>,
}

/// A cell or an instance.
#[derive(Debug, Deserialize)]
pub struct Cell {
    /// Kind of the cell, or module of the instance.
    #[serde(rename = "type")]
    pub kind: String,
    /// Net bits by port.
    #[serde(default)]
    pub connections: BTreeMap<String, Vec<Value>>,
}

/// A net.
#[derive(Debug, Deserialize)]
pub struct Net {
    bits: Vec<Value>,
}

impl Modules {
    /// The module called `name`.
    pub fn get(&self, name: &str) -> Result<&Module> {
        self.modules.get(name).with_context(|| {
            let others: Vec<&str> = self.modules.keys().map(String::as_str).collect();
            format!("there is no module {name}; there are {}", others.join(", "))
        })
    }

    fn only(&self) -> Result<&Module> {
        self.modules.values().next().context("a netlist without a module")
    }
}

/// What nextpnr reports about a routed design.
#[derive(Clone, Debug, Deserialize)]
pub struct TimingReport {
    /// By clock.
    #[serde(default)]
    pub fmax: BTreeMap<String, ClockFmax>,
    /// By kind of cell.
    pub utilization: BTreeMap<String, CellUse>,
    #[serde(default)]
    critical_paths: Vec<CriticalPath>,
}

/// A clock's frequencies in MHz.
#[derive(Clone, Debug, Deserialize)]
pub struct ClockFmax {
    /// What was reached.
    pub achieved: f64,
    /// What was asked for.
    pub constraint: f64,
}

/// How many cells of a kind are taken.
#[derive(Clone, Debug, Deserialize)]
pub struct CellUse {
    /// Taken.
    pub used: u64,
    /// On the device.
    pub available: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct CriticalPath {
    from: String,
    to: String,
    path: Vec<Segment>,
}

#[derive(Clone, Debug, Deserialize)]
struct Segment {
    delay: f64,
    from: Place,
    to: Place,
    #[serde(default)]
    net: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Place {
    cell: String,
    port: String,
}

impl Segment {
    /// Whether the step stays within a carry chain.
    fn is_carry(&self) -> bool {
        self.to.port == "CIN" || (self.from.port == "CIN" && self.to.port == "COUT")
    }
}

impl TimingReport {
    /// Cells of `kind` in use.
    pub fn used(&self, kind: &str) -> u64 {
        self.utilization.get(kind).map_or(0, |cells| cells.used)
    }

    /// The slowest register-to-register path as text: a line a step, with delays in ns; empty where there is none.
    pub fn critical_path(&self) -> String {
        let length = |path: &CriticalPath| path.path.iter().map(|step| step.delay).sum::<f64>();
        let registered = |path: &&CriticalPath| path.from.contains("edge ") && path.from == path.to;
        let Some(path) = self.critical_paths.iter().filter(registered).max_by(|a, b| length(a).total_cmp(&length(b))) else {
            return String::new();
        };
        let mut text = format!("{}\n   total   delay\n", path.from.trim_start_matches("posedge "));
        let mut total = 0.0;
        let mut steps = path.path.iter().peekable();
        while let Some(step) = steps.next() {
            total += step.delay;
            if step.is_carry() {
                let (mut delay, mut bits) = (step.delay, usize::from(step.kind == "logic"));
                while let Some(next) = steps.next_if(|next| next.is_carry()) {
                    delay += next.delay;
                    total += next.delay;
                    bits += usize::from(next.kind == "logic");
                }
                text.push_str(&format!("{total:8.2}{delay:8.2}  carry through {bits} bits\n"));
                continue;
            }
            let what = match step.kind.as_str() {
                "routing" => format!("net   {}", shortened(&step.net)),
                "clk-to-q" => format!("clock {} -> {}", shortened(&step.to.cell), step.to.port),
                "setup" => format!("setup {} {}", shortened(&step.from.cell), step.from.port),
                _ => format!("cell  {} {} -> {}", shortened(&step.from.cell), step.from.port, step.to.port),
            };
            text.push_str(&format!("{total:8.2}{:8.2}  {what}\n", step.delay));
        }
        text
    }
}

/// A cell's or net's name without the middle that yosys strings together from cell kinds.
fn shortened(name: &str) -> String {
    let Some(at) = name.find("_SB_") else { return name.to_string() };
    let tail = name.rfind("_SB_").unwrap_or(at);
    if tail == at {
        name.to_string()
    } else {
        format!("{}~{}", &name[..at], &name[tail..])
    }
}

/// The frequency in MHz that icetime's text ends with.
pub fn icetime_frequency(text: &str) -> Result<f64> {
    let line = text.lines().rev().find(|line| line.starts_with("Total path delay"));
    let number = line.and_then(|line| line.split('(').nth(1)).and_then(|rest| rest.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).context("icetime printed no `Total path delay: .. ns (.. MHz)`")
}

/// Cells of one block, without those of the blocks in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    /// Logic cells: a LUT, a register, a carry, or several of them packed together.
    pub logic: u64,
    /// Block RAMs.
    pub rams: u64,
}

/// Counts `placed`'s packed cells by the path of the block they belong to; the top is the empty path.
///
/// `hierarchy` holds the modules before flattening, `netlist` the one that was placed, `top` its name, and `outside` is
/// an instance whose surroundings are only a harness: a register of the harness that has been packed together with logic
/// of the instance counts for the instance.
pub fn by_block(
    hierarchy: &Modules,
    netlist: &Modules,
    placed: &Modules,
    top: &str,
    outside: Option<&str>,
) -> Result<BTreeMap<String, Cells>> {
    let owners = Owners::new(hierarchy, netlist, placed, top, outside)?;
    let mut blocks: BTreeMap<String, Cells> = BTreeMap::new();
    for (name, cell) in &placed.only()?.cells {
        let logic = cell.kind == "ICESTORM_LC";
        if logic || cell.kind == "ICESTORM_RAM" {
            let cells = blocks.entry(owners.of_cell(name, cell)).or_default();
            *(if logic { &mut cells.logic } else { &mut cells.rams }) += 1;
        }
    }
    Ok(blocks)
}

/// What the source calls each net bit of the flattened design, over all of the hierarchy: flattening keeps some names only.
#[derive(Default)]
struct Source {
    /// Every instance below the top.
    instances: BTreeSet<String>,
    /// Names of nets that are an instance's input ports.
    inputs: BTreeSet<String>,
    /// The nets that carry a bit.
    names: Vec<Vec<String>>,
    /// The bit by `net` or `net[index]`.
    bits: HashMap<String, usize>,
}

impl Source {
    /// Adds `module`, the instance `path`. `bits` gives the number of a net bit within the module; at first it knows
    /// those that come in through ports.
    fn walk(&mut self, hierarchy: &Modules, module: &Module, path: &str, mut bits: HashMap<u64, usize>) {
        for (name, net) in &module.netnames {
            let name = joined(path, name);
            for (index, bit) in net.bits.iter().enumerate() {
                let Some(bit) = bit.as_u64() else { continue };
                let number = *bits.entry(bit).or_insert_with(|| {
                    self.names.push(Vec::new());
                    self.names.len() - 1
                });
                self.bits.insert(bit_name(&name, net.bits.len(), index), number);
                if !is_made_up(&name) {
                    self.names[number].push(name.clone());
                }
            }
        }
        for (name, cell) in &module.cells {
            let Some(inner) = hierarchy.modules.get(&cell.kind) else { continue };
            let path = joined(path, name);
            let mut inner_bits = HashMap::new();
            for (port, facts) in &inner.ports {
                if facts.direction == Direction::Input {
                    self.inputs.insert(joined(&path, port));
                }
                for (inside, around) in facts.bits.iter().zip(cell.connections.get(port).into_iter().flatten()) {
                    if let (Some(inside), Some(around)) = (inside.as_u64(), around.as_u64().and_then(|bit| bits.get(&bit))) {
                        inner_bits.insert(inside, *around);
                    }
                }
            }
            self.walk(hierarchy, inner, &path, inner_bits);
            self.instances.insert(path);
        }
    }
}

struct Owners<'a> {
    source: Source,
    /// Names of the source by net bit of the synthesized netlist.
    names: HashMap<u64, BTreeSet<String>>,
    /// Net bit of the synthesized netlist by nextpnr's name of the net.
    bits: HashMap<String, u64>,
    /// nextpnr's names by its own net bits.
    nets: HashMap<u64, Vec<&'a str>>,
    /// Cells at each of nextpnr's net bits.
    neighbours: HashMap<u64, Vec<&'a str>>,
    cells: &'a BTreeMap<String, Cell>,
    outside: Option<&'a str>,
}

impl<'a> Owners<'a> {
    fn new(
        hierarchy: &'a Modules,
        netlist: &'a Modules,
        placed: &'a Modules,
        top: &str,
        outside: Option<&'a str>,
    ) -> Result<Owners<'a>> {
        let mut owners = Owners {
            source: Source::default(),
            names: HashMap::new(),
            bits: HashMap::new(),
            nets: HashMap::new(),
            neighbours: HashMap::new(),
            cells: &placed.only()?.cells,
            outside,
        };
        owners.source.walk(hierarchy, hierarchy.get(top)?, "", HashMap::new());
        for (name, net) in &netlist.get(top)?.netnames {
            for (index, bit) in net.bits.iter().enumerate() {
                let Some(bit) = bit.as_u64() else { continue };
                let one = bit_name(name, net.bits.len(), index);
                if !is_made_up(name) {
                    let aliases = owners.source.bits.get(&one).map(|number| &owners.source.names[*number]);
                    let names = owners.names.entry(bit).or_default();
                    names.insert(name.clone());
                    names.extend(aliases.into_iter().flatten().cloned());
                }
                owners.bits.insert(one, bit);
            }
        }
        for (name, net) in &placed.only()?.netnames {
            for bit in net.bits.iter().filter_map(Value::as_u64) {
                owners.nets.entry(bit).or_default().push(name);
            }
        }
        for (name, cell) in owners.cells {
            for bit in cell.connections.values().flatten().filter_map(Value::as_u64) {
                owners.neighbours.entry(bit).or_default().push(name);
            }
        }
        Ok(owners)
    }

    fn of_cell(&self, name: &str, cell: &Cell) -> String {
        let output = |port: &str| cell.connections.get(port).and_then(|bits| bits.first()).and_then(Value::as_u64);
        let driven = output("O").and_then(|bit| self.of_net(bit));
        match driven {
            Some(owner) if self.is_inside(&owner) => return owner,
            _ => {}
        }
        if !name.starts_with('$') {
            let named = self.of_name(name);
            return if self.is_inside(&named) { named } else { driven.unwrap_or(named) };
        }
        let around = ["O", "COUT", "I0", "I1", "I2", "I3", "CIN"].into_iter().filter_map(output);
        let mut others = around.flat_map(|bit| self.neighbours.get(&bit).into_iter().flatten());
        let other = others.find(|other| **other != name && !other.starts_with('$'));
        match other.and_then(|other| Some((other, self.cells.get(*other)?))) {
            Some((other, cell)) => self.of_cell(other, cell),
            None => PACKER.to_string(),
        }
    }

    fn is_inside(&self, owner: &str) -> bool {
        self.outside.is_none_or(|instance| lies_in(owner, instance))
    }

    /// The block of the signals that name nextpnr's net bit, if any does.
    fn of_net(&self, bit: u64) -> Option<String> {
        let names = self.nets.get(&bit)?;
        let bits: BTreeSet<u64> = names.iter().filter_map(|name| self.bits.get(*name).copied()).collect();
        bits.into_iter().find_map(|bit| self.of_bit(bit))
    }

    /// The deepest block with a signal of its own on the net, which does not come in through an input port. A net that only
    /// input ports name carries an expression of the block around the outermost of them.
    fn of_bit(&self, bit: u64) -> Option<String> {
        let (inputs, own): (Vec<&str>, Vec<&str>) =
            self.names.get(&bit)?.iter().map(String::as_str).partition(|name| self.source.inputs.contains(*name));
        let entered: Vec<&str> = inputs.iter().map(|name| self.instance(name)).collect();
        let is_entered = |owner: &&str| entered.iter().any(|block| lies_in(owner, block));
        let deepest = own.into_iter().map(|name| self.instance(name)).filter(|owner| !is_entered(owner));
        let outermost = inputs.into_iter().map(|name| self.instance(name).rsplit_once('.').map_or("", |(around, _)| around));
        deepest
            .max_by_key(|owner| (depth(owner), std::cmp::Reverse(*owner)))
            .or_else(|| outermost.min_by_key(|owner| (depth(owner), *owner)))
            .map(str::to_string)
    }

    fn of_name(&self, name: &str) -> String {
        let base = &name[..name.find("_SB_").unwrap_or(name.len())];
        let bit = self.bits.get(base).or_else(|| self.bits.get(&format!("{base}[0]")));
        bit.and_then(|bit| self.of_bit(*bit)).unwrap_or_else(|| self.instance(name).to_string())
    }

    /// The longest path of an instance that `name` lies below.
    fn instance<'n>(&self, name: &'n str) -> &'n str {
        let mut dots = name.match_indices('.').map(|(at, _)| &name[..at]);
        dots.rfind(|path| self.source.instances.contains(*path)).unwrap_or("")
    }
}

fn is_made_up(name: &str) -> bool {
    name.contains("_SB_") || name.starts_with('$')
}

fn bit_name(net: &str, width: usize, index: usize) -> String {
    if width == 1 {
        net.to_string()
    } else {
        format!("{net}[{index}]")
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_string()
    } else {
        format!("{path}.{name}")
    }
}

/// Whether `path` is `block` or something in it.
fn lies_in(path: &str, block: &str) -> bool {
    path.strip_prefix(block).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn depth(path: &str) -> usize {
    if path.is_empty() {
        0
    } else {
        1 + path.matches('.').count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIERARCHY: &str = r#"{"modules": {
        "top": {"cells": {"left": {"type": "side", "connections": {"take": [5]}}, "right": {"type": "side"}},
                "netnames": {"feed": {"bits": [5]}}},
        "side": {"ports": {"take": {"direction": "input", "bits": [2]}, "give": {"direction": "output", "bits": [3]}},
                 "netnames": {"take": {"bits": [2]}, "taken": {"bits": [2]}, "give": {"bits": [3]}},
                 "cells": {"core": {"type": "leaf"}}},
        "leaf": {"ports": {"a": {"direction": "input", "bits": [3]}, "q": {"direction": "output", "bits": [2]}}}}}"#;

    /// Net 10 leaves `left` and enters `right`; net 11 is a register within `left.core`; net 12 has no name in the
    /// source; net 13 is an expression of the top that enters `left` and, in it, `left.core`; net 14 enters `left`, but only
    /// the name it has inside was kept.
    const NETLIST: &str = r#"{"modules": {"top": {"netnames": {
        "link": {"bits": [10]}, "left.give": {"bits": [10]}, "right.take": {"bits": [10]},
        "left.core.q": {"bits": [7, 11]}, "left.core.q_SB_DFF_Q_D": {"bits": [12]},
        "left.take": {"bits": [13]}, "left.core.a": {"bits": [13]}, "left.taken": {"bits": [14]}}}}}"#;

    fn owner_of(cells: &str, nets: &str) -> BTreeMap<String, Cells> {
        let placed = format!(r#"{{"modules": {{"any": {{"cells": {{{cells}}}, "netnames": {{{nets}}}}}}}}}"#);
        let parse = |text: &str| serde_json::from_str::<Modules>(text).unwrap();
        by_block(&parse(HIERARCHY), &parse(NETLIST), &parse(&placed), "top", None).unwrap()
    }

    fn check(name: &str, connections: &str, nets: &str, owner: &str) {
        let cell = format!(r#""{name}": {{"type": "ICESTORM_LC", "connections": {{{connections}}}}}"#);
        let blocks = owner_of(&cell, nets);
        let expected = BTreeMap::from([(owner.to_string(), Cells { logic: 1, rams: 0 })]);
        assert_eq!(blocks, expected, "cell {name}");
    }

    #[test]
    fn an_output_belongs_to_the_block_that_drives_it() {
        check("link_SB_DFF_Q_DFFLC", r#""O": [1]"#, r#""link": {"bits": [1]}"#, "left");
    }

    #[test]
    fn what_enters_a_block_is_not_its_own() {
        check("left.taken_SB_DFF_Q_DFFLC", r#""O": [1]"#, r#""left.taken": {"bits": [1]}"#, "");
    }

    #[test]
    fn a_register_deep_inside_belongs_to_the_deepest_block() {
        check("left.core.q_SB_DFF_Q_DFFLC", r#""O": [1]"#, r#""left.core.q[1]": {"bits": [1]}"#, "left.core");
    }

    #[test]
    fn what_only_input_ports_name_belongs_to_the_block_around_the_outermost() {
        check("left.take_SB_LUT4_O_LC", r#""O": [1]"#, r#""left.core.a": {"bits": [1]}"#, "");
    }

    #[test]
    fn an_unnamed_net_belongs_where_its_cell_is_named_after() {
        check("left.core.q_SB_LUT4_O_LC", r#""O": [1]"#, r#""left.core.q_SB_DFF_Q_D": {"bits": [1]}"#, "left.core");
        check("link_SB_LUT4_I2_LC", r#""O": [1]"#, "", "left");
        check("right.something_SB_LUT4_O_LC", r#""O": []"#, "", "right");
        check("own_SB_LUT4_O_LC", r#""O": []"#, "", "");
    }

    #[test]
    fn a_route_through_belongs_to_its_neighbour_and_a_constant_to_nobody() {
        let cells = r#"
            "$nextpnr_ICESTORM_LC_0": {"type": "ICESTORM_LC", "connections": {"O": [5]}},
            "$PACKER_GND": {"type": "ICESTORM_LC", "connections": {"O": [6]}},
            "right.sum_SB_LUT4_O_LC": {"type": "ICESTORM_LC", "connections": {"O": [8], "I3": [5]}},
            "left.store_RAM": {"type": "ICESTORM_RAM"},
            "pin": {"type": "SB_IO"}"#;
        let expected = BTreeMap::from([
            (PACKER.to_string(), Cells { logic: 1, rams: 0 }),
            ("left".to_string(), Cells { logic: 0, rams: 1 }),
            ("right".to_string(), Cells { logic: 2, rams: 0 }),
        ]);
        assert_eq!(owner_of(cells, ""), expected);
    }

    #[test]
    fn logic_packed_with_a_harness_register_counts_for_the_instance() {
        let parse = |text: &str| serde_json::from_str::<Modules>(text).unwrap();
        let placed = parse(
            r#"{"modules": {"any": {"cells": {
                "left.sum_SB_LUT4_O_LC": {"type": "ICESTORM_LC", "connections": {"O": [1]}},
                "link_SB_DFF_Q_DFFLC": {"type": "ICESTORM_LC", "connections": {"O": [2]}}},
                "netnames": {"level_0": {"bits": [1]}, "level_1": {"bits": [2]}}}}}"#,
        );
        let netlist = parse(r#"{"modules": {"top": {"netnames": {"level_0": {"bits": [20]}, "level_1": {"bits": [21]}}}}}"#);
        let blocks = by_block(&parse(HIERARCHY), &netlist, &placed, "top", Some("left")).unwrap();
        let one = Cells { logic: 1, rams: 0 };
        assert_eq!(blocks, BTreeMap::from([("".to_string(), one), ("left".to_string(), one)]));
    }

    #[test]
    fn the_critical_path_is_the_slowest_between_registers_with_carries_on_one_line() {
        let step = |kind: &str, delay: f64, from: (&str, &str), to: (&str, &str), net: &str| {
            format!(
                r#"{{"type": "{kind}", "delay": {delay}, "net": "{net}", "from": {{"cell": "{}", "port": "{}"}},
                    "to": {{"cell": "{}", "port": "{}"}}}}"#,
                from.0, from.1, to.0, to.1
            )
        };
        let path = [
            step("clk-to-q", 0.5, ("a", "CLK"), ("b", "O"), ""),
            step("routing", 1.0, ("b", "O"), ("c", "I1"), "wire"),
            step("logic", 0.25, ("c", "I1"), ("c", "COUT"), ""),
            step("routing", 0.0, ("c", "COUT"), ("d", "CIN"), "chain"),
            step("logic", 0.125, ("d", "CIN"), ("d", "COUT"), ""),
            step("routing", 0.5, ("d", "COUT"), ("e", "I3"), "last"),
            step("setup", 0.5, ("e_SB_LUT4_O_I2_SB_LUT4_O_LC", "I3"), ("e", "O"), ""),
        ];
        let report: TimingReport = serde_json::from_str(&format!(
            r#"{{"utilization": {{"ICESTORM_LC": {{"used": 5, "available": 7680}}}}, "critical_paths": [
                {{"from": "posedge clk", "to": "posedge clk", "path": [{}]}},
                {{"from": "<async>", "to": "posedge clk", "path": [{}]}}]}}"#,
            path.join(","),
            step("routing", 99.0, ("pin", "O"), ("a", "I0"), "pin"),
        ))
        .unwrap();
        let expected = "clk
   total   delay
    0.50    0.50  clock b -> O
    1.50    1.00  net   wire
    1.75    0.25  cell  c I1 -> COUT
    1.88    0.12  carry through 1 bits
    2.38    0.50  net   last
    2.88    0.50  setup e~_SB_LUT4_O_LC I3
";
        assert_eq!(report.critical_path(), expected);
        assert_eq!((report.used("ICESTORM_LC"), report.used("ICESTORM_RAM")), (5, 0));
    }

    #[test]
    fn icetime_is_understood_or_refused() {
        let text = "Total number of logic levels: 28\nTotal path delay: 5.84 ns (171.32 MHz)\n\n";
        assert_eq!(icetime_frequency(text).unwrap(), 171.32);
        assert!(icetime_frequency("// Timing estimate: gave up\n").is_err());
    }
}
