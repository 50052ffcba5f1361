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
//!
//! [`BlockRam::guarded`] keeps a parity bit beside each word, [`BlockRam::coded`] the check bits of a Hsiao code: one or two wrong
//! bits are found. [`BlockRam::repairing`] also shows the word as it was written, where one bit is wrong; what it says of a word
//! is in a register, an edge behind the word.

use super::activity::{wake, Activity, Clocked};
use super::bundle::Pack;
use super::cell;
use super::code::Code;
use crate::sleeper;
use rust_hdl::prelude::*;

/// Larger memories are emitted without an `initial` block: synthesis would unroll it word by word, for minutes.
const INITIALISED_WORDS: usize = 4096;

/// `2^ADDRESS_BITS` words of `T`, or the first of them ([`BlockRam::sized`]), zero at power-up; beyond 4096 words the emitted
/// Verilog leaves that to the target, and whoever owns the memory clears it.
#[derive(Clone, Debug)]
pub struct BlockRam<T: Pack, const ADDRESS_BITS: usize> {
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
    /// Of a guarded memory one: `read_data` has the parity, or the code, with which the word was written. Of a repairing one: what
    /// `read_data` was before the last edge had it.
    pub intact: Vec<Signal<Out, Bit>>,
    /// Of a repairing memory one: where `single`, `read_data` with its wrong bit put right, if it has been the same for an edge.
    pub repaired: Vec<Signal<Out, T>>,
    /// Of a repairing memory one: one bit of the word of `intact`, or of its code, is wrong.
    pub single: Vec<Signal<Out, Bit>>,
    _memory: Vec<T>,
    _checks: Vec<u32>,
    _read_check: u32,
    _collision_free: bool,
    _code: Option<Code>,
    _kept: u128,
    _seen: T,
    _seen_check: u32,
    _syndrome: u32,
    _syndrome_before: u32,
    _activity: Activity,
}

sleeper!(cell [<T: Pack, const ADDRESS_BITS: usize>] BlockRam<T, ADDRESS_BITS> {
    clock, read_address, read_data, write_address, write_data, write_enable, intact, repaired, single
});

impl<T: Pack, const ADDRESS_BITS: usize> Default for BlockRam<T, ADDRESS_BITS> {
    fn default() -> Self {
        Self {
            clock: Signal::default(),
            read_address: Signal::default(),
            read_data: Signal::default(),
            write_address: Signal::default(),
            write_data: Signal::default(),
            write_enable: Signal::default(),
            intact: Vec::new(),
            repaired: Vec::new(),
            single: Vec::new(),
            _memory: vec![T::default(); 1 << ADDRESS_BITS],
            _checks: vec![0; 1 << ADDRESS_BITS],
            _read_check: 0,
            _collision_free: false,
            _code: None,
            _kept: every_bit::<T>(),
            _seen: T::default(),
            _seen_check: 0,
            _syndrome: 0,
            _syndrome_before: 0,
            _activity: Activity::default(),
        }
    }
}

impl<T: Pack, const ADDRESS_BITS: usize> BlockRam<T, ADDRESS_BITS> {
    /// A memory whose user never looks at a word that was read in the cycle in which it was written.
    pub fn without_collisions() -> Self {
        Self { _collision_free: true, ..Self::default() }
    }

    /// With one guard, or none: a parity bit with each word.
    pub fn guarded(self, guards: usize) -> Self {
        assert!(guards <= 1, "a memory has one guard at most");
        Self { intact: vec![Signal::default(); guards], ..self }
    }

    /// With only the first `words` words, a power of two: higher bits of the addresses are not looked at. Not with a code.
    pub fn sized(self, words: usize) -> Self {
        assert!(words.is_power_of_two() && (2..=1 << ADDRESS_BITS).contains(&words), "no such memory: {words} words");
        Self { _memory: vec![T::default(); words], _checks: vec![0; words], ..self }
    }

    /// With the check bits of a code that finds two wrong bits, or without.
    pub fn coded(self, guards: usize) -> Self {
        let code = (guards > 0).then(|| Code::of(self._kept.count_ones() as usize));
        Self { _code: code, ..self.guarded(guards) }
    }

    /// The same, and the word is shown repaired where one bit is wrong.
    pub fn repairing(self, guards: usize) -> Self {
        let repaired = vec![Signal::default(); guards];
        Self { repaired, single: vec![Signal::default(); guards], ..self.coded(guards) }
    }

    /// Keeps only these bits of a word, and shows zero for the others; to be followed by [`BlockRam::coded`].
    pub fn keeping(self, bits: u128) -> Self {
        Self { _kept: bits & every_bit::<T>(), ..self }
    }

    /// What word `address` holds: for testbenches.
    pub fn peek(&self, address: usize) -> T {
        self._memory[address]
    }

    /// Overwrites word `address`, but not its parity or code: for testbenches and fault injection.
    pub fn poke(&mut self, address: usize, value: T) {
        self._memory[address] = T::unpack(value.pack() & self._kept);
        wake();
    }

    /// Bits of a word as it is stored, with its parity or code.
    pub fn stored_bits(&self) -> usize {
        let checks = self._code.as_ref().map_or(self.intact.len(), |code| code.checks);
        self._kept.count_ones() as usize + checks
    }

    /// Flips a bit of word `address` as it is stored, those of its parity or code above the others: fault injection.
    pub fn flip(&mut self, address: usize, bit: usize) {
        let kept: Vec<usize> = (0..T::BITS).filter(|place| self._kept >> place & 1 != 0).collect();
        match kept.get(bit) {
            Some(place) => self._memory[address] = T::unpack(self._memory[address].pack() ^ 1 << place),
            None => self._checks[address] ^= 1 << (bit - kept.len()),
        }
        wake();
    }

    /// The bits that are kept, moved together.
    fn squeezed(&self, value: T) -> u128 {
        let value = value.pack();
        if self._kept == every_bit::<T>() {
            return value;
        }
        let kept = (0..T::BITS).filter(|place| self._kept >> place & 1 != 0);
        kept.enumerate().fold(0, |word, (bit, place)| word | (value >> place & 1) << bit)
    }

    /// And moved back.
    fn spread(&self, word: u128) -> u128 {
        let kept = (0..T::BITS).filter(|place| self._kept >> place & 1 != 0);
        kept.enumerate().fold(0, |value, (bit, place)| value | (word >> bit & 1) << place)
    }

    /// What is stored beside a word.
    fn check(&self, value: T) -> u32 {
        match &self._code {
            Some(code) => code.check(self.squeezed(value)),
            None => value.pack().count_ones() & 1,
        }
    }

    /// What a module's name and a memory's attributes say of words that are read while they are written.
    fn collisions(&self) -> (&'static str, &'static str) {
        if self._collision_free {
            ("_disjoint", ", no_rw_check")
        } else {
            ("", "")
        }
    }

    /// The cell with a code.
    fn coded_hdl(&self, code: &Code) -> Verilog {
        let words = self._memory.len();
        assert_eq!(words, 1 << ADDRESS_BITS, "a coded memory has all its words");
        let (last, width, checks) = (words - 1, self._kept.count_ones() as usize, code.checks);
        let (top, check_top, stored_top) = (width - 1, checks - 1, width + checks - 1);
        // Runs of bits that are kept, or not, highest first.
        let runs: Vec<(bool, usize, usize)> = (0..T::BITS).fold(Vec::new(), |mut runs, bit| {
            let kept = self._kept >> bit & 1 != 0;
            match runs.last_mut() {
                Some((same, _, high)) if *same == kept => *high = bit,
                _ => runs.push((kept, bit, bit)),
            }
            runs
        });
        let join = |parts: Vec<String>| if parts.len() == 1 { parts[0].clone() } else { format!("{{{}}}", parts.join(", ")) };
        let slice = |name: &str, low: usize, high: usize| {
            if low == high {
                format!("{name}[{low}]")
            } else {
                format!("{name}[{high}:{low}]")
            }
        };
        let narrow = runs.iter().any(|(kept, ..)| !kept);
        let taken = || {
            let parts = runs.iter().rev().filter(|(kept, ..)| *kept);
            join(parts.map(|(_, low, high)| slice("write_data", *low, *high)).collect())
        };
        let shown = |name: &str| {
            if !narrow {
                return name.to_string();
            }
            let mut place = 0;
            let mut parts = Vec::new();
            for (kept, low, high) in &runs {
                let size = high - low + 1;
                parts.push(if *kept { slice(name, place, place + size - 1) } else { format!("{size}'h0") });
                place += if *kept { size } else { 0 };
            }
            parts.reverse();
            join(parts)
        };
        let word = if narrow { taken() } else { "write_data".into() };
        let sums = |name: &str| {
            join((0..checks).rev().map(|check| format!("^({name} & {width}'h{:x})", code.row(check))).collect::<Vec<_>>())
        };
        let mut text = String::new();
        let (suffix, attribute) = self.collisions();
        text += &format!("(* ram_style = \"block\"{attribute} *)\nreg [{stored_top}:0] memory [0:{last}];\n");
        text += &format!("reg [{top}:0] read_word;\nreg [{check_top}:0] read_check;\n");
        text += &format!("wire [{top}:0] write_word = {word};\n");
        text += &format!("wire [{check_top}:0] write_check =\n    {};\n", sums("write_word"));
        let repairs = !self.repaired.is_empty();
        let sum = format!("read_check ^\n    {}", sums("read_word"));
        // Who repairs has a cycle more.
        let (declared, clocked) = if repairs {
            let start = format!("`ifndef SYNTHESIS\ninitial syndrome = {checks}'h0;\n`endif\n");
            (format!("reg [{check_top}:0] syndrome;\n"), format!("{start}always @(posedge clock) syndrome <= {sum};\n"))
        } else {
            (format!("wire [{check_top}:0] syndrome = {sum};\n"), String::new())
        };
        text += &declared;
        text += &zeroed(words, width + checks);
        text += &format!("`ifndef SYNTHESIS\ninitial read_word = {width}'h0;\ninitial read_check = {checks}'h0;\n`endif\n");
        text += &clocked;
        text += "\nalways @(posedge clock) begin\n    {read_check, read_word} <= memory[read_address];\n    \
                 if (write_enable) memory[write_address] <= {write_check, write_word};\nend\n\n";
        text += &format!("always @(*) read_data = {};\nalways @(*) intact_0 = syndrome == {checks}'h0;\n", shown("read_word"));
        if repairs {
            let flip = |column: &u32| {
                let bits: Vec<String> =
                    (0..checks).filter(|bit| column >> bit & 1 != 0).map(|bit| format!("syndrome[{bit}]")).collect();
                bits.join(" & ")
            };
            let flips: Vec<String> = code.columns.iter().rev().map(flip).collect();
            text += &format!("wire [{top}:0] right = read_word ^ {{\n    {}\n}};\n", flips.join(",\n    "));
            text += &format!("always @(*) repaired_0 = {};\n", shown("right"));
            text += &format!("always @(*) single_0 = {};\n", code.single_text("syndrome"));
        }
        let size = if narrow { format!("{width}of{}", T::BITS) } else { width.to_string() };
        cell(&format!("block_ram_{words}x{size}{suffix}_{}", if repairs { "repairing" } else { "coded" }), &text)
    }
}

/// The text that makes a memory of so many words of so many bits begin with zeros; none for a large one.
fn zeroed(words: usize, bits: usize) -> String {
    if words > INITIALISED_WORDS {
        return String::new();
    }
    format!(
        "integer word;\n\n\
         initial begin\n    \
         for (word = 0; word < {words}; word = word + 1) memory[word] = {bits}'h0;\nend\n"
    )
}

/// A bit for each of a type's.
fn every_bit<T: Synth>() -> u128 {
    u128::MAX >> (128 - T::BITS.clamp(1, 128))
}

impl<T: Pack, const ADDRESS_BITS: usize> Clocked for BlockRam<T, ADDRESS_BITS> {
    fn rises(&self) -> bool {
        self.clock.pos_edge()
    }

    fn sample(&mut self) {
        self._syndrome_before = self._syndrome;
        let read = self.read_address.val().index() % self._memory.len();
        self.read_data.next = self._memory[read];
        self._read_check = self._checks[read];
        if self.write_enable.val() {
            let (written, value) = (self.write_address.val().index() % self._memory.len(), self.write_data.val());
            if self.intact.is_empty() {
                self._memory[written] = value;
            } else {
                self._checks[written] = self.check(value);
                self._memory[written] = if self._code.is_some() { T::unpack(value.pack() & self._kept) } else { value };
            }
        }
    }

    fn show(&mut self) {
        if self.intact.is_empty() {
            return;
        }
        let read = self.read_data.val();
        if read != self._seen || self._read_check != self._seen_check {
            self._seen = read;
            self._seen_check = self._read_check;
            self._syndrome = self.check(read) ^ self._read_check;
        }
        if let (Some(code), false) = (&self._code, self.repaired.is_empty()) {
            let syndrome = self._syndrome_before;
            let right = if syndrome == 0 { read } else { T::unpack(read.pack() ^ self.spread(code.flips(syndrome))) };
            self.intact[0].next = syndrome == 0;
            self.repaired[0].next = right;
            self.single[0].next = code.single(syndrome);
        } else {
            self.intact[0].next = self._syndrome == 0;
        }
    }
}

impl<T: Pack, const ADDRESS_BITS: usize> Logic for BlockRam<T, ADDRESS_BITS> {
    fn update(&mut self) {
        if self.rises() {
            self.sample();
        }
        self.show();
    }

    fn connect(&mut self) {
        self.read_data.connect();
        self.intact.iter_mut().chain(&mut self.single).for_each(|flag| flag.connect());
        self.repaired.iter_mut().for_each(|word| word.connect());
    }

    fn hdl(&self) -> Verilog {
        if let Some(code) = &self._code {
            return self.coded_hdl(code);
        }
        let (width, words) = (T::BITS, self._memory.len());
        let place = |port: &str| match words.ilog2() as usize {
            bits if bits == ADDRESS_BITS => format!("{port}_address"),
            bits => format!("{port}_address[{}:0]", bits - 1),
        };
        let (read, written) = (place("read"), place("write"));
        let narrow = if words < 1 << ADDRESS_BITS { format!("_of_{}", 1usize << ADDRESS_BITS) } else { String::new() };
        let top = width - 1;
        let last = words - 1;
        // Block RAM has no value before its first edge; synthesis would add logic to make one up.
        let start = format!("`ifndef SYNTHESIS\ninitial read_data = {width}'h0;\n`endif\n");
        let (suffix, attribute) = self.collisions();
        if !self.intact.is_empty() {
            // The parity is the word's highest bit.
            let initial = zeroed(words, width + 1);
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
        let initial = zeroed(words, width);
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
