//! A mapped netlist, simulated 64 times at once: a bit of a word is one copy of the design.
//!
//! Gates are sorted once and evaluated in that order; block RAMs are kept as memories, each copy with words of its own.

use anyhow::{bail, ensure, Context, Result};
use serde_json::Value;
use std::collections::HashMap;

/// A net: its place among the values.
pub type GateNet = usize;

/// Nets that are always zero and one.
const ZERO: GateNet = 0;
const ONE: GateNet = 1;

#[derive(Clone, Copy, Debug)]
enum Function {
    Not,
    And,
    Or,
    Xor,
    Mux,
}

#[derive(Clone, Copy, Debug)]
struct Gate {
    function: Function,
    inputs: [GateNet; 3],
    output: GateNet,
}

#[derive(Clone, Debug)]
struct Memory {
    read_address: Vec<GateNet>,
    read_data: Vec<GateNet>,
    write_address: Vec<GateNet>,
    write_data: Vec<GateNet>,
    write_enable: GateNet,
    words: usize,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Gate(usize),
    Read(usize),
}

/// Something whose output can be inverted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The net that it drives.
    pub net: GateNet,
    /// The block that it lies in, by the names of the instances.
    pub block: String,
    /// Its cell, as yosys calls it.
    pub cell: String,
    /// A flip-flop.
    pub is_register: bool,
}

/// A design of gates, flip-flops and memories.
#[derive(Clone, Debug)]
pub struct GateNetlist {
    gates: Vec<Gate>,
    /// Next and present value.
    registers: Vec<(GateNet, GateNet)>,
    memories: Vec<Memory>,
    order: Vec<Step>,
    nets: usize,
    ports: HashMap<String, Vec<GateNet>>,
    /// Every gate and flip-flop.
    pub sites: Vec<Site>,
}

/// The instances that a cell lies in: `$flatten\a.\b.$abc$1` lies in `a.b`.
fn block(cell: &str) -> String {
    let path = cell.strip_prefix("$flatten").unwrap_or("");
    let names: Vec<&str> =
        path.split('\\').skip(1).map(|part| part.split(".$").next().unwrap_or(part).trim_end_matches('.')).collect();
    names.join(".")
}

impl GateNetlist {
    /// From what yosys writes with `write_json`, of a module that is flat.
    ///
    /// # Errors
    /// When there is a cell that this simulator does not know, or a loop.
    pub fn parse(text: &str, top: &str) -> Result<GateNetlist> {
        let json: Value = serde_json::from_str(text).context("the netlist is no JSON")?;
        let module = &json["modules"][top];
        ensure!(module.is_object(), "the netlist has no module {top}");
        let mut numbers: HashMap<u64, GateNet> = HashMap::new();
        let mut nets = 2;
        let mut net = |bit: &Value| match bit {
            Value::Number(number) => *numbers.entry(number.as_u64().unwrap_or_default()).or_insert_with(|| {
                nets += 1;
                nets - 1
            }),
            bit if bit == "1" => ONE,
            _ => ZERO,
        };
        let mut list =
            |bits: &Value| bits.as_array().map(|bits| bits.iter().map(&mut net).collect::<Vec<_>>()).unwrap_or_default();
        let mut found = GateNetlist {
            gates: Vec::new(),
            registers: Vec::new(),
            memories: Vec::new(),
            order: Vec::new(),
            nets: 0,
            ports: HashMap::new(),
            sites: Vec::new(),
        };
        for (name, port) in module["ports"].as_object().context("the netlist has no ports")? {
            found.ports.insert(name.clone(), list(&port["bits"]));
        }
        for (name, cell) in module["cells"].as_object().context("the netlist has no cells")? {
            let pins = &cell["connections"];
            let mut pin = |pin: &str| list(&pins[pin]).first().copied().unwrap_or(ZERO);
            let function = match cell["type"].as_str().unwrap_or_default() {
                "$_NOT_" => Function::Not,
                "$_AND_" => Function::And,
                "$_OR_" => Function::Or,
                "$_XOR_" => Function::Xor,
                "$_MUX_" => Function::Mux,
                "$_DFF_P_" => {
                    let (next, present) = (pin("D"), pin("Q"));
                    found.registers.push((next, present));
                    found.sites.push(Site { net: present, block: block(name), cell: name.clone(), is_register: true });
                    continue;
                }
                "$mem_v2" => {
                    let number = |parameter: &str| {
                        let text = cell["parameters"][parameter].as_str().unwrap_or_default();
                        usize::from_str_radix(text, 2).with_context(|| format!("{name}: {parameter} is no number: {text}"))
                    };
                    ensure!(number("RD_PORTS")? == 1 && number("WR_PORTS")? == 1, "{name}: one port reads, one writes");
                    ensure!(number("RD_CLK_ENABLE")? == 0 && number("WR_CLK_ENABLE")? == 1, "{name}: only writes are clocked");
                    let memory = Memory {
                        read_address: list(&pins["RD_ADDR"]),
                        read_data: list(&pins["RD_DATA"]),
                        write_address: list(&pins["WR_ADDR"]),
                        write_data: list(&pins["WR_DATA"]),
                        write_enable: list(&pins["WR_EN"]).first().copied().unwrap_or(ZERO),
                        words: number("SIZE")?,
                    };
                    found.memories.push(memory);
                    continue;
                }
                "$scopeinfo" => continue,
                other => bail!("{name}: no cell is called {other} here; map the design to AND, OR, XOR, MUX, NOT and flip-flops"),
            };
            let inputs = match function {
                Function::Mux => [pin("A"), pin("B"), pin("S")],
                Function::Not => [pin("A"), ZERO, ZERO],
                _ => [pin("A"), pin("B"), ZERO],
            };
            let output = pin("Y");
            found.gates.push(Gate { function, inputs, output });
            found.sites.push(Site { net: output, block: block(name), cell: name.clone(), is_register: false });
        }
        found.nets = nets;
        found.sort()?;
        Ok(found)
    }

    /// Every gate and memory after what it reads.
    fn sort(&mut self) -> Result<()> {
        let mut readers: HashMap<GateNet, Vec<usize>> = HashMap::new();
        let mut missing = Vec::new();
        let mut driven = vec![false; self.nets];
        self.gates.iter().for_each(|gate| driven[gate.output] = true);
        self.memories.iter().flat_map(|memory| &memory.read_data).for_each(|net| driven[*net] = true);
        let steps: Vec<(Step, Vec<GateNet>, Vec<GateNet>)> = (0..self.gates.len())
            .map(|index| (Step::Gate(index), self.gates[index].inputs.to_vec(), vec![self.gates[index].output]))
            .chain((0..self.memories.len()).map(|index| {
                let memory = &self.memories[index];
                (Step::Read(index), memory.read_address.clone(), memory.read_data.clone())
            }))
            .collect();
        for (index, (_, inputs, _)) in steps.iter().enumerate() {
            let awaited: Vec<GateNet> = inputs.iter().copied().filter(|net| driven[*net]).collect();
            missing.push(awaited.len());
            awaited.into_iter().for_each(|net| readers.entry(net).or_default().push(index));
        }
        let mut ready: Vec<usize> = (0..steps.len()).filter(|index| missing[*index] == 0).collect();
        while let Some(index) = ready.pop() {
            let (step, _, outputs) = &steps[index];
            self.order.push(*step);
            for reader in outputs.iter().filter_map(|net| readers.get(net)).flatten() {
                missing[*reader] -= 1;
                if missing[*reader] == 0 {
                    ready.push(*reader);
                }
            }
        }
        ensure!(self.order.len() == steps.len(), "the netlist has a loop of gates");
        Ok(())
    }

    /// The nets of a port, least significant first; none when there is no such port.
    pub fn port(&self, name: &str) -> &[GateNet] {
        self.ports.get(name).map_or(&[], Vec::as_slice)
    }
}

/// 64 copies of a netlist, each with outputs of its own inverted.
pub struct Copies<'a> {
    netlist: &'a GateNetlist,
    values: Vec<u64>,
    inverted: Vec<u64>,
    words: Vec<Vec<Vec<u64>>>,
}

impl<'a> Copies<'a> {
    /// All zero; copy `n` has what `sites[n - 1]` drives inverted, copy 0 has nothing.
    pub fn new(netlist: &'a GateNetlist, sites: &[&Site]) -> Copies<'a> {
        assert!(sites.len() < 64, "one of 64 copies has no fault");
        let mut inverted = vec![0; netlist.nets];
        for (index, site) in sites.iter().enumerate() {
            inverted[site.net] |= 1 << (index + 1);
        }
        let mut values = vec![0; netlist.nets];
        values[ONE] = u64::MAX;
        let words = netlist.memories.iter().map(|memory| vec![vec![0; memory.read_data.len()]; memory.words]).collect();
        let mut copies = Copies { netlist, values, inverted, words };
        copies.netlist.registers.iter().for_each(|(_, present)| copies.values[*present] = copies.inverted[*present]);
        copies
    }

    /// Drives a port alike in all copies. Bits that the port does not have are lost.
    pub fn drive(&mut self, port: &[GateNet], value: u64) {
        for (bit, net) in port.iter().enumerate() {
            self.values[*net] = if value >> bit & 1 == 1 { u64::MAX } else { 0 };
        }
    }

    /// A net in every copy.
    pub fn bit(&self, net: GateNet) -> u64 {
        self.values[net]
    }

    /// A port in one copy.
    pub fn value(&self, port: &[GateNet], copy: usize) -> u64 {
        port.iter().enumerate().map(|(bit, net)| (self.values[*net] >> copy & 1) << bit).sum()
    }

    /// Copies in which a port is not as in copy 0.
    pub fn differing(&self, port: &[GateNet]) -> u64 {
        port.iter().map(|net| self.values[*net] ^ (self.values[*net] & 1).wrapping_neg()).fold(0, |all, bits| all | bits)
    }

    /// Lets everything settle.
    pub fn settle(&mut self) {
        let values = &mut self.values;
        for step in &self.netlist.order {
            match *step {
                Step::Gate(index) => {
                    let Gate { function, inputs: [a, b, c], output } = self.netlist.gates[index];
                    let (a, b) = (values[a], values[b]);
                    let result = match function {
                        Function::Not => !a,
                        Function::And => a & b,
                        Function::Or => a | b,
                        Function::Xor => a ^ b,
                        Function::Mux => (a & !values[c]) | (b & values[c]),
                    };
                    values[output] = result ^ self.inverted[output];
                }
                Step::Read(index) => {
                    let memory = &self.netlist.memories[index];
                    let words = &self.words[index];
                    if let Some(word) = alike(values, &memory.read_address) {
                        for (bit, net) in memory.read_data.iter().enumerate() {
                            values[*net] = words.get(word).map_or(0, |word| word[bit]);
                        }
                        continue;
                    }
                    let addresses = spread(values, &memory.read_address);
                    for (bit, net) in memory.read_data.iter().enumerate() {
                        values[*net] = addresses
                            .iter()
                            .enumerate()
                            .map(|(copy, word)| words.get(*word).map_or(0, |word| word[bit] & (1 << copy)))
                            .sum();
                    }
                }
            }
        }
    }

    /// A clock edge, after everything has settled.
    pub fn edge(&mut self) {
        for (index, memory) in self.netlist.memories.iter().enumerate() {
            let enabled = self.values[memory.write_enable];
            if enabled == 0 {
                continue;
            }
            let addresses = spread(&self.values, &memory.write_address);
            for (copy, word) in addresses.iter().enumerate().filter(|(copy, _)| enabled >> copy & 1 == 1) {
                let Some(word) = self.words[index].get_mut(*word) else { continue };
                for (bit, net) in memory.write_data.iter().enumerate() {
                    word[bit] = (word[bit] & !(1 << copy)) | (self.values[*net] & (1 << copy));
                }
            }
        }
        let next: Vec<u64> = self.netlist.registers.iter().map(|(next, _)| self.values[*next]).collect();
        for ((_, present), next) in self.netlist.registers.iter().zip(next) {
            self.values[*present] = next ^ self.inverted[*present];
        }
    }
}

/// The number on these nets, when all copies have the same.
fn alike(values: &[u64], nets: &[GateNet]) -> Option<usize> {
    nets.iter().enumerate().try_fold(0, |number, (bit, net)| match values[*net] {
        0 => Some(number),
        u64::MAX => Some(number | 1 << bit),
        _ => None,
    })
}

/// The number on these nets in every copy.
fn spread(values: &[u64], nets: &[GateNet]) -> [usize; 64] {
    let mut numbers = [0; 64];
    for (bit, net) in nets.iter().enumerate() {
        for (copy, number) in numbers.iter_mut().enumerate() {
            *number |= ((values[*net] >> copy & 1) as usize) << bit;
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A register of `a and not b`, and a memory of two words that is written with it and read at `b`.
    const TEXT: &str = r#"{"modules": {"top": {
        "ports": {"a": {"bits": [2]}, "b": {"bits": [3]}, "q": {"bits": [6]}, "m": {"bits": [7]}},
        "cells": {
            "$flatten\\one.\\two.$abc$1": {"type": "$_NOT_", "connections": {"A": [3], "Y": [4]}},
            "$abc$2": {"type": "$_AND_", "connections": {"A": [2], "B": [4], "Y": [5]}},
            "$3": {"type": "$_DFF_P_", "connections": {"C": [9], "D": [5], "Q": [6]}},
            "m": {"type": "$mem_v2",
                "parameters": {"RD_PORTS": "1", "WR_PORTS": "1", "RD_CLK_ENABLE": "0", "WR_CLK_ENABLE": "1", "SIZE": "10"},
                "connections": {"RD_ADDR": [3], "RD_DATA": [7], "WR_ADDR": [3], "WR_DATA": [5], "WR_EN": [2]}}
        }}}}"#;

    #[test]
    fn copies_differ_by_what_is_inverted_and_nothing_else() {
        let netlist = GateNetlist::parse(TEXT, "top").unwrap();
        let site = |cell: &str| netlist.sites.iter().find(|site| site.cell.ends_with(cell)).unwrap();
        assert_eq!(site("$1").block, "one.two");
        assert_eq!(site("$2").block, "");
        let mut copies = Copies::new(&netlist, &[site("$1"), site("$3")]);
        let (a, b, q, m) = (netlist.port("a"), netlist.port("b"), netlist.port("q"), netlist.port("m"));
        assert_eq!(copies.bit(q[0]) & 7, 0b100, "an inverted register begins with one");
        copies.drive(a, 1);
        copies.drive(b, 0);
        copies.settle();
        copies.edge();
        copies.settle();
        assert_eq!(copies.bit(q[0]) & 7, 0b001, "1 and not 0; the gate's and the register's copy have the opposite");
        assert_eq!(copies.bit(m[0]) & 7, 0b101, "and so stands in the memory");
        assert_eq!(copies.differing(q) & 7, 0b110);
        copies.drive(b, 1);
        copies.settle();
        assert_eq!(copies.bit(m[0]), 0, "another word");
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let text = TEXT.replace("$_AND_", "$_NAND_");
        assert!(GateNetlist::parse(&text, "top").unwrap_err().to_string().contains("$_NAND_"));
        let text = TEXT.replace(r#""A": [3], "Y": [4]"#, r#""A": [5], "Y": [4]"#);
        assert!(GateNetlist::parse(&text, "top").unwrap_err().to_string().contains("loop"));
    }
}
