//! The boot manifest's words, as they came, and what each of them is.
//!
//! ```text
//!   push --> RAM, 256 words --[edge]--> word ---[edge]--> facts
//!             ^       address --'         '--> tag, registers
//!           length
//! ```
//!
//! Latency: `word` one edge after `address`, `facts` two. It decides nothing: whether the words mean anything is the
//! loader's affair, once their tag has been verified. It must never change a word that has been verified.

use pm_interface::manifest::{FORMAT, MAGIC, TAG_WORDS};
use pm_interface::Geometry;
use pm_verilog::{
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

/// What a word would be, in each of the places where it might stand.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct WordFacts {
    /// Word 0: the magic number.
    pub magic: Bit,
    /// Word 1: the format, and as many words as there are before the tag.
    pub shaped: Bit,
    /// Word 2: older than the oldest version that is taken.
    pub old: Bit,
    /// Word 3: no flag but that of SEAL.
    pub flags_known: Bit,
    /// Word 10: nothing but counts.
    pub counts_only: Bit,
    /// Word 10: no quotas.
    pub no_quotas: Bit,
    /// Word 10: a quota for each tenant.
    pub all_quotas: Bit,
    /// Word 10: no partitions.
    pub no_partitions: Bit,
    /// Word 0 of a partition: nothing but tenant and rights.
    pub rights_only: Bit,
    /// No word follows before the tag.
    pub last: Bit,
}

/// Takes words down until it is told to stop, and tells of them.
#[derive(Clone, Debug, LogicBlock)]
pub struct ManifestBuffer {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: no words.
    pub reset: Signal<In, Bit>,
    /// Another word; never when `full`.
    pub push: Signal<In, Bit>,
    /// It.
    pub data: Signal<In, Bits<32>>,
    /// There are words.
    pub some: Signal<Out, Bit>,
    /// There are as many as a header and a tag have, or more.
    pub enough: Signal<Out, Bit>,
    /// There is no room for another one.
    pub full: Signal<Out, Bit>,
    /// The oldest security version that is taken.
    pub minimum_version: Signal<In, Bits<32>>,
    /// Which word is looked at.
    pub address: Signal<In, Bits<8>>,
    /// It.
    pub word: Signal<Out, Bits<32>>,
    /// What it is.
    pub facts: Signal<Out, WordFacts>,
    memory: BlockRam<Bits<32>, 8>,
    length: Register<Bits<9>>,
    holds_some: Register<Bit>,
    holds_enough: Register<Bit>,
    body: Register<Bits<9>>,
    last: Register<Bits<8>>,
    examined: Register<WordFacts>,
    upper_zero: Signal<Local, Bit>,
    magic: Constant<Bits<32>>,
    format: Constant<Bits<16>>,
    tag_words: Constant<Bits<9>>,
    fewest_less_one: Constant<Bits<9>>,
    tenants: Constant<Bits<8>>,
    /// With `integrity`: the word is what was written, and so is what is known of all words.
    pub intact: Vec<Signal<Out, Bit>>,
    /// With `integrity`: the parity of each byte of `word`, two edges after its address.
    pub word_odd: Vec<Signal<Out, Bits<4>>>,
    /// With `integrity`: that of the bits of `word` that can be rights.
    pub rights_odd: Vec<Signal<Out, Bit>>,
    odd_bytes: Vec<Register<Bits<4>>>,
    odd_rights: Vec<Register<Bit>>,
    written: Vec<Register<Bit>>,
    _guards: usize,
    _reports: usize,
}

impl ManifestBuffer {
    /// For the tenants of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        let reports = usize::from(geometry.features.reports_twice());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            push: Default::default(),
            data: Default::default(),
            some: Default::default(),
            enough: Default::default(),
            full: Default::default(),
            minimum_version: Default::default(),
            address: Default::default(),
            word: Default::default(),
            facts: Default::default(),
            // Words are looked at only when all are there.
            memory: BlockRam::without_collisions().guarded(guards),
            length: Register::guarded(reports),
            holds_some: Default::default(),
            holds_enough: Default::default(),
            body: Default::default(),
            last: Default::default(),
            examined: Register::guarded(guards),
            upper_zero: Default::default(),
            magic: Constant::new(u64::from(MAGIC).into()),
            format: Constant::new(u64::from(FORMAT).into()),
            tag_words: Constant::new(TAG_WORDS.to_bits()),
            fewest_less_one: Constant::new((pm_interface::manifest::HEADER_WORDS + TAG_WORDS - 1).to_bits()),
            tenants: Constant::new(geometry.tenants.to_bits()),
            intact: vec![Default::default(); guards],
            word_odd: vec![Default::default(); guards],
            rights_odd: vec![Default::default(); guards],
            odd_bytes: vec![Default::default(); guards],
            odd_rights: vec![Default::default(); guards],
            written: vec![Default::default(); guards],
            _guards: guards,
            _reports: reports,
        }
    }
}

impl Logic for ManifestBuffer {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(length, holds_some, holds_enough, body, last, examined) {
            self.full.next = self.length.q.val().get_bit(8);
            self.memory.clock.next = self.clock.val();
            self.memory.write_enable.next = self.push.val() & !self.length.q.val().get_bit(8);
            self.memory.write_address.next = self.length.q.val().get_bits::<8>(0);
            self.memory.write_data.next = self.data.val();
            self.memory.read_address.next = self.address.val();
            if self.push.val() & !self.length.q.val().get_bit(8) {
                self.length.d.next = self.length.q.val() + 1;
                self.holds_some.d.next = true;
                if self.length.q.val() == self.fewest_less_one.val() {
                    self.holds_enough.d.next = true;
                }
            }
            self.some.next = self.holds_some.q.val();
            self.enough.next = self.holds_enough.q.val();
            // Late by two cycles, in which nobody asks.
            self.body.d.next = self.length.q.val() - self.tag_words.val();
            self.last.d.next = self.body.q.val().get_bits::<8>(0) - 1;

            self.word.next = self.memory.read_data.val();
            self.upper_zero.next = self.memory.read_data.val().get_bits::<16>(16) == 0;
            self.examined.d.next.magic = self.memory.read_data.val() == self.magic.val();
            self.examined.d.next.shaped = (self.memory.read_data.val().get_bits::<16>(0) == self.format.val())
                & (self.memory.read_data.val().get_bits::<16>(16) == bit_cast::<16, 9>(self.body.q.val()));
            self.examined.d.next.old = self.memory.read_data.val() < self.minimum_version.val();
            self.examined.d.next.flags_known = self.memory.read_data.val().get_bits::<31>(1) == 0;
            self.examined.d.next.counts_only = self.upper_zero.val();
            self.examined.d.next.no_quotas = self.memory.read_data.val().get_bits::<8>(0) == 0;
            self.examined.d.next.all_quotas = self.memory.read_data.val().get_bits::<8>(0) == self.tenants.val();
            self.examined.d.next.no_partitions = self.memory.read_data.val().get_bits::<8>(8) == 0;
            self.examined.d.next.rights_only =
                self.upper_zero.val() & (self.memory.read_data.val().get_bits::<3>(13) == 0);
            self.examined.d.next.last = self.address.val() == self.last.q.val();
            self.facts.next = self.examined.q.val();
            // What was read in the cycle of a write may be anything, and nobody looks at it. A length that has lost a bit before the
            // tag is verified makes it a wrong one; after that the loader's counts no longer come out even with the last word.
            for i in 0..self._guards {
                self.odd_bytes[i].clock.next = self.clock.val();
                self.odd_bytes[i].reset.next = self.reset.val();
                self.odd_bytes[i].d.next =
                    bit_cast::<4, 1>(self.memory.read_data.val().get_bits::<8>(0).xor().into())
                    | (bit_cast::<4, 1>(self.memory.read_data.val().get_bits::<8>(8).xor().into()) << 1)
                    | (bit_cast::<4, 1>(self.memory.read_data.val().get_bits::<8>(16).xor().into()) << 2)
                    | (bit_cast::<4, 1>(self.memory.read_data.val().get_bits::<8>(24).xor().into()) << 3);
                self.odd_rights[i].clock.next = self.clock.val();
                self.odd_rights[i].reset.next = self.reset.val();
                self.odd_rights[i].d.next = self.memory.read_data.val().get_bits::<5>(8).xor();
                self.word_odd[i].next = self.odd_bytes[i].q.val();
                self.rights_odd[i].next = self.odd_rights[i].q.val();
                self.written[i].clock.next = self.clock.val();
                self.written[i].reset.next = false;
                self.written[i].d.next = self.push.val();
                self.intact[i].next = (self.memory.intact[i].val() | self.written[i].q.val())
                    & self.examined.intact[i].val();
                for j in 0..self._reports {
                    self.intact[i].next = self.intact[i].val() & self.length.intact[j].val();
                }
            }
        }
    }
}
