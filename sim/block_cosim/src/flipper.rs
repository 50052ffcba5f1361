//! A verilated block whose state bits can be flipped: one run is kept whole, and replayed from any cycle with one bit wrong.
//!
//! ```text
//!   keep:  reset --> cycle 0 --> cycle 1 --> ... --> last        inputs, outputs and state of every cycle are kept
//!   flip:                  state of cycle m, one bit flipped --> m --> m + 1 --> ...
//!                          ends: as soon as the state is the kept one again, or at the last cycle
//! ```

use super::engine::{member, problem, verilate_around, Wiring};
use super::{BlockPorts, ToolError};
use pm_system::process::Tool;
use pm_verilog::StateElement;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

/// One bit of a design's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateBit {
    /// Which register or memory, in the order of their list.
    pub element: usize,
    /// Which word of it.
    pub word: usize,
    /// Which bit of that.
    pub bit: usize,
}

/// What a flip did.
pub struct Flipped {
    /// The last cycle that was run.
    pub end: usize,
    /// The cycles whose outputs differ, with those outputs.
    pub rows: Vec<(usize, Vec<u64>)>,
}

/// The compiled block, running.
pub struct Flipper {
    _process: Tool,
    inputs: ChildStdin,
    outputs: BufReader<ChildStdout>,
    input_words: Vec<usize>,
    output_words: Vec<usize>,
}

impl Flipper {
    /// Compiles it, or finds it compiled, and starts it.
    pub fn start(name: &str, verilog: &str, ports: &BlockPorts, state: &[StateElement]) -> Result<Flipper, ToolError> {
        let cells: BTreeSet<(&str, &str)> =
            state.iter().map(|element| (element.cell.as_str(), element.variable.as_str())).collect();
        let mut control = String::from("`verilator_config\n");
        for (cell, variable) in cells {
            let _ = writeln!(control, "public_flat_rw -module \"{cell}\" -var \"{variable}\" @(posedge clock)");
        }
        let program = program(ports, state);
        let folder = verilate_around(name, verilog, &program, false, Some(&control))?;
        let mut command = Command::new(folder.join("simulator"));
        let mut process = Tool::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()))
            .map_err(|error| problem("cannot start the verilated block", error))?;
        let (inputs, outputs) = (process.stdin.take(), process.stdout.take());
        let (Some(inputs), Some(outputs)) = (inputs, outputs) else { unreachable!("both are piped") };
        let words = |ports: &[super::BlockPort]| ports.iter().map(|port| port.width.div_ceil(32)).collect();
        let (input_words, output_words) = (words(&ports.inputs), words(&ports.outputs));
        Ok(Flipper { _process: process, inputs, outputs: BufReader::new(outputs), input_words, output_words })
    }

    fn send(&mut self, words: &[u32]) -> Result<(), ToolError> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let sent = self.inputs.write_all(&bytes).and_then(|()| self.inputs.flush());
        sent.map_err(|error| problem("the verilated block does not read on", error))
    }

    fn word(&mut self) -> Result<u32, ToolError> {
        let mut bytes = [0; 4];
        let read = self.outputs.read_exact(&mut bytes);
        read.map_err(|error| problem("the verilated block does not answer", error))?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn row(&mut self) -> Result<Vec<u64>, ToolError> {
        let mut row = Vec::with_capacity(self.output_words.len());
        for port in 0..self.output_words.len() {
            let low = u64::from(self.word()?);
            let high = if self.output_words[port] > 1 { u64::from(self.word()?) } else { 0 };
            row.push(low | high << 32);
        }
        Ok(row)
    }

    /// Runs the stimulus from where it stands, appends it to what is kept, and gives the outputs after each clock edge.
    pub fn keep(&mut self, stimulus: &[u64]) -> Result<Vec<Vec<u64>>, ToolError> {
        let cycles = stimulus.len() / self.input_words.len();
        let mut rows = Vec::with_capacity(cycles);
        // A cycle at a time: neither pipe can fill up.
        for cycle in stimulus.chunks(self.input_words.len()) {
            let mut words = vec![0];
            for (value, size) in cycle.iter().zip(&self.input_words) {
                words.push(*value as u32);
                words.extend((*size > 1).then_some((value >> 32) as u32));
            }
            self.send(&words)?;
            rows.push(self.row()?);
        }
        Ok(rows)
    }

    /// Flips a bit after the kept cycle `moment` and runs on, to the kept cycle `last` at most.
    pub fn flip(&mut self, bit: StateBit, moment: usize, last: usize) -> Result<Flipped, ToolError> {
        self.send(&[1, bit.element as u32, bit.word as u32, bit.bit as u32, moment as u32, last as u32])?;
        let mut rows = Vec::new();
        loop {
            match self.word()? {
                0 => return Ok(Flipped { end: self.word()? as usize, rows }),
                _ => {
                    let cycle = self.word()? as usize;
                    rows.push((cycle, self.row()?));
                }
            }
        }
    }
}

/// The program around the verilated code: word 0 and the inputs of a cycle, or word 1 and a flip.
fn program(ports: &BlockPorts, state: &[StateElement]) -> String {
    let Wiring { drive, sample, inputs, outputs } = Wiring::of(ports);
    let clock = ports.clock.as_ref().map(member).unwrap_or_default();
    let mut elements = String::new();
    for StateElement { path, variable, words, .. } in state {
        let names: Vec<String> = path.iter().chain([variable]).map(|name| name.replace("__", "___05F")).collect();
        let place = format!("block.rootp->{}", names.join("__DOT__"));
        let _ = writeln!(elements, "        {{(uint8_t*)&{place}, sizeof({place}), sizeof({place}) / {words}}},");
    }
    format!(
        r#"#include "Vblock.h"
#include "Vblock___024root.h"
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

struct Element {{ uint8_t* place; size_t bytes, stride; }};

int main() {{
    VerilatedContext context;
    Vblock block{{&context}};
    const Element elements[] = {{
{elements}    }};
    const size_t count = sizeof(elements) / sizeof(elements[0]);
    std::vector<uint32_t> all_in, all_out;
    std::vector<std::vector<uint8_t>> states;
    uint32_t out[{outputs} + 1];
    size_t differing = 0;
    const auto sample = [&] {{
{sample}    }};
    const auto cycle = [&](const uint32_t* in) {{
{drive}        block.eval();
        block.{clock} = 1;
        block.eval();
        block.{clock} = 0;
        block.eval();
        sample();
    }};
    std::vector<size_t> offsets;
    for (size_t i = 0, at = 0; i < count; ++i) {{ offsets.push_back(at); at += elements[i].bytes; }}
    const auto same = [&](const std::vector<uint8_t>& kept) {{
        const auto equal = [&](size_t i) {{
            return std::memcmp(elements[i].place, kept.data() + offsets[i], elements[i].bytes) == 0;
        }};
        // What differed in the cycle before mostly differs still.
        if (!equal(differing)) return false;
        for (size_t i = 0; i < count; ++i) if (!equal(i)) {{ differing = i; return false; }}
        return true;
    }};
    block.{clock} = 0;
    block.eval();
    for (;;) {{
        uint32_t word;
        if (std::fread(&word, 4, 1, stdin) != 1) return 0;
        if (word == 0) {{
            uint32_t in[{inputs} + 1];
            if (std::fread(in, 4, {inputs}, stdin) != {inputs}) return 3;
            cycle(in);
            all_in.insert(all_in.end(), in, in + {inputs});
            all_out.insert(all_out.end(), out, out + {outputs});
            std::vector<uint8_t> kept;
            for (const Element& e : elements) kept.insert(kept.end(), e.place, e.place + e.bytes);
            states.push_back(kept);
            if (std::fwrite(out, 4, {outputs}, stdout) != {outputs}) return 4;
        }} else {{
            uint32_t order[5];
            if (std::fread(order, 4, 5, stdin) != 5) return 3;
            const uint32_t moment = order[3], last = order[4];
            if (order[0] >= count || moment > last || last >= states.size()) return 5;
            const Element& chosen = elements[order[0]];
            if ((order[1] + 1) * chosen.stride > chosen.bytes || order[2] / 8 >= chosen.stride) return 5;
            const uint8_t* from = states[moment].data();
            for (const Element& e : elements) {{ std::memcpy(e.place, from, e.bytes); from += e.bytes; }}
            const uint32_t* in = &all_in[(size_t)moment * {inputs}];
            chosen.place[order[1] * chosen.stride + order[2] / 8] ^= 1 << order[2] % 8;
{drive}            block.eval();
            sample();
            uint32_t now = moment;
            for (;;) {{
                if (std::memcmp(out, &all_out[(size_t)now * {outputs}], 4 * {outputs}) != 0) {{
                    const uint32_t head[2] = {{1, now}};
                    std::fwrite(head, 4, 2, stdout);
                    std::fwrite(out, 4, {outputs}, stdout);
                }}
                if (now == last || same(states[now])) break;
                ++now;
                cycle(&all_in[(size_t)now * {inputs}]);
            }}
            const uint32_t tail[2] = {{0, now}};
            std::fwrite(tail, 4, 2, stdout);
        }}
        std::fflush(stdout);
    }}
}}
"#
    )
}
