//! A memory with one read port and one write port, in block RAM where the target has it.
//!
//! ```text
//!   read_address ---->|     |----> read_data    one clock edge later
//!   write_address --->| RAM |
//!   write_data ------>|     |                   a read of the word being written returns the old word
//!   write_enable ---->|     |
//! ```
//!
//! Before the first edge `read_data` is zero in simulation and anything in hardware. There is no reset: what it held before a reset it still holds after. Whoever owns one must clear it.
//!
//! Not every target returns the old word by itself; the tools then add logic that does. Where nobody looks at a word
//! that was read while it was written, [`BlockRam::without_collisions`] saves that logic: the target may then return
//! anything for such a read. Both simulators still return the old word.

use super::cell;
use super::register::parity;
use rust_hdl::prelude::*;

/// Larger memories are emitted without an `initial` block: synthesis would unroll it word by word, for minutes.
const INITIALISED_WORDS: usize = 4096;

/// `2^ADDRESS_BITS` words of `T`, or the first of them ([`BlockRam::sized`]), zero at power-up; beyond 4096 words the emitted
/// Verilog leaves that to the target, and whoever owns the memory clears it.
#[derive(Clone, Debug, LogicBlock)]
pub struct BlockRam<T: Synth, const ADDRESS_BITS: usize> {
    /// Rising edge reads and writes.
    pub clock: Signal<In, Clock>,
    /// Word to read.
    pub read_address: Signal<In, Bits<ADDRESS_BITS>>,
    /// The word that `read_address` named at the last edge.
    pub read_data: Signal<Out, T>,
    /// Word to write.
    pub write_address: Signal<In, Bits<ADDRESS_BITS>>,
    /// What to write there.
    pub write_data: Signal<In, T>,
    /// Write at the next edge.
    pub write_enable: Signal<In, Bit>,
    /// Of a guarded memory one: `read_data` has the parity with which the word was written.
    pub intact: Vec<Signal<Out, Bit>>,
    _memory: Vec<T>,
    _parities: Vec<bool>,
    _read_parity: bool,
    _collision_free: bool,
}

impl<T: Synth, const ADDRESS_BITS: usize> Default for BlockRam<T, ADDRESS_BITS> {
    fn default() -> Self {
        Self {
            clock: Signal::default(),
            read_address: Signal::default(),
            read_data: Signal::default(),
            write_address: Signal::default(),
            write_data: Signal::default(),
            write_enable: Signal::default(),
            intact: Vec::new(),
            _memory: vec![T::default(); 1 << ADDRESS_BITS],
            _parities: vec![false; 1 << ADDRESS_BITS],
            _read_parity: false,
            _collision_free: false,
        }
    }
}

impl<T: Synth, const ADDRESS_BITS: usize> BlockRam<T, ADDRESS_BITS> {
    /// A memory whose user never looks at a word that was read in the cycle in which it was written.
    pub fn without_collisions() -> Self {
        Self { _collision_free: true, ..Self::default() }
    }

    /// With one guard, or none: a parity bit with each word.
    pub fn guarded(self, guards: usize) -> Self {
        assert!(guards <= 1, "a memory has one guard at most");
        Self { intact: vec![Signal::default(); guards], ..self }
    }

    /// With only the first `words` words, a power of two: higher bits of the addresses are not looked at.
    pub fn sized(self, words: usize) -> Self {
        assert!(words.is_power_of_two() && (2..=1 << ADDRESS_BITS).contains(&words), "no such memory: {words} words");
        Self { _memory: vec![T::default(); words], _parities: vec![false; words], ..self }
    }

    /// What word `address` holds: for testbenches.
    pub fn peek(&self, address: usize) -> T {
        self._memory[address]
    }

    /// Overwrites word `address`, but not its parity: for testbenches and fault injection.
    pub fn poke(&mut self, address: usize, value: T) {
        self._memory[address] = value;
    }
}

impl<T: Synth, const ADDRESS_BITS: usize> Logic for BlockRam<T, ADDRESS_BITS> {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            let read = self.read_address.val().index() % self._memory.len();
            self.read_data.next = self._memory[read];
            self._read_parity = self._parities[read];
            if self.write_enable.val() {
                let written = self.write_address.val().index() % self._memory.len();
                self._memory[written] = self.write_data.val();
                if !self.intact.is_empty() {
                    self._parities[written] = parity(self.write_data.val());
                }
            }
        }
        for intact in &mut self.intact {
            intact.next = parity(self.read_data.val()) == self._read_parity;
        }
    }

    fn connect(&mut self) {
        self.read_data.connect();
        self.intact.iter_mut().for_each(|intact| intact.connect());
    }

    fn hdl(&self) -> Verilog {
        let (width, words) = (T::BITS, self._memory.len());
        let place = |port: &str| match words.ilog2() as usize {
            bits if bits == ADDRESS_BITS => format!("{port}_address"),
            bits => format!("{port}_address[{}:0]", bits - 1),
        };
        let (read, written) = (place("read"), place("write"));
        let narrow = if words < 1 << ADDRESS_BITS { format!("_of_{}", 1usize << ADDRESS_BITS) } else { String::new() };
        let top = width - 1;
        let last = words - 1;
        let initial = if words <= INITIALISED_WORDS {
            format!(
                "integer word;\n\n\
                 initial begin\n    \
                 for (word = 0; word < {words}; word = word + 1) memory[word] = {width}'h0;\nend\n"
            )
        } else {
            String::new()
        };
        // Block RAM has no value before its first edge; synthesis would add logic to make one up.
        let start = format!("`ifndef SYNTHESIS\ninitial read_data = {width}'h0;\n`endif\n");
        let (suffix, attribute) = if self._collision_free { ("_disjoint", ", no_rw_check") } else { ("", "") };
        if !self.intact.is_empty() {
            // The parity is the word's highest bit.
            let initial = initial.replace(&format!("{width}'h0"), &format!("{}'h0", width + 1));
            return cell(
                &format!("block_ram_{words}x{width}{suffix}{narrow}_guarded"),
                &format!(
                    "(* ram_style = \"block\"{attribute} *)\nreg [{width}:0] memory [0:{last}];\nreg read_parity;\n\
                     {initial}`ifndef SYNTHESIS\ninitial read_data = {width}'h0;\ninitial read_parity = 1'b0;\n`endif\n\n\
                     always @(posedge clock) begin\n    {{read_parity, read_data}} <= memory[{read}];\n    \
                     if (write_enable) memory[{written}] <= {{^write_data, write_data}};\nend\n\n\
                     always @(*) intact_0 = (^read_data) == read_parity;\n"
                ),
            );
        }
        cell(
            &format!("block_ram_{words}x{width}{suffix}{narrow}"),
            &format!(
                "(* ram_style = \"block\"{attribute} *)\nreg [{top}:0] memory [0:{last}];\n\
                 {initial}{start}\n\
                 always @(posedge clock) begin\n    read_data <= memory[{read}];\n    \
                 if (write_enable) memory[{written}] <= write_data;\nend\n"
            ),
        )
    }

    fn timing(&self) -> Vec<TimingInfo> {
        vec![
            TimingInfo {
                name: "read".into(),
                clock: "clock".into(),
                inputs: vec!["read_address".into()],
                outputs: vec!["read_data".into()],
            },
            TimingInfo {
                name: "write".into(),
                clock: "clock".into(),
                inputs: vec!["write_address".into(), "write_data".into(), "write_enable".into()],
                outputs: vec![],
            },
        ]
    }
}
