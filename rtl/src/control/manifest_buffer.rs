//! The boot manifest's words, as they came, and what each of them is.
//!
//! ```text
//!   push --> RAM, 256 words --[edge]--> word --> WordExaminer --[edge]--> facts
//!             ^       address --'         '----> tag, registers
//!           length
//! ```
//!
//! Latency: `word` one edge after `address`, `facts` two. The buffer must never change a word that has been verified.

use super::word_examiner::{WordExaminer, WordFacts};
use pm_interface::manifest::{HEADER_WORDS, TAG_WORDS};
use pm_verilog::{
    block,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

block! {
    /// Stores the words of a manifest and examines the one at `address`.
    pub struct ManifestBuffer for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the buffer has no words.
        pub reset: Signal<In, Bit>,
        /// High: `data` is a further word; never when `full`.
        pub push: Signal<In, Bit>,
        /// Word to store.
        pub data: Signal<In, Bits<32>>,
        /// High when the buffer holds at least one word.
        pub some: Signal<Out, Bit>,
        /// High when the buffer holds at least the words of a header and a tag.
        pub enough: Signal<Out, Bit>,
        /// High when the buffer has no room for a further word.
        pub full: Signal<Out, Bit>,
        /// Oldest security version that is taken.
        pub minimum_version: Signal<In, Bits<32>>,
        /// Number of the word to read.
        pub address: Signal<In, Bits<8>>,
        /// Word at `address`, one edge later.
        pub word: Signal<Out, Bits<32>>,
        /// Properties of the word at `address`, two edges later.
        pub facts: Signal<Out, WordFacts>,
        // Words are looked at only when all are there.
        memory: BlockRam<Bits<32>, 8> =
            BlockRam::without_collisions().guarded(usize::from(geometry.features.integrity)),
        examiner: WordExaminer = WordExaminer::new(geometry),
        // A length that has lost a bit before the tag is verified makes it a wrong one; after that the loader's counts no longer
        // come out even with the last word.
        length: Register<Bits<9>> where reported,
        holds_some: Register<Bit>,
        holds_enough: Register<Bit>,
        body: Register<Bits<9>>,
        last: Register<Bits<8>>,
        examined: Register<WordFacts> where guarded,
        tag_words: Constant<Bits<9>> = Constant::new(TAG_WORDS.to_bits()),
        fewest_less_one: Constant<Bits<9>> = Constant::new((HEADER_WORDS + TAG_WORDS - 1).to_bits()),
        /// High while the word that was read and the facts about all words are what was written.
        pub intact: Signal<Out, Bit> where integrity,
        /// Parity of each byte of `word`, two edges after its address.
        pub word_odd: Signal<Out, Bits<4>> where integrity,
        /// Parity of the bits of `word` that can be rights, two edges after its address.
        pub rights_odd: Signal<Out, Bit> where integrity,
        odd_bytes: Register<Bits<4>> where integrity,
        odd_rights: Register<Bit> where integrity,
        written: Register<Bit> where integrity,
    }
}

kernel! {
    ManifestBuffer
    #[hdl_gen]
    fn update(&mut self) guarded(examined) reported(length) registers(holds_some, holds_enough, body, last) clocked(memory) {
        self.full.next = self.length.q.val().get_bit(8);
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
        // Late by two cycles, in which no word is examined.
        self.body.d.next = self.length.q.val() - self.tag_words.val();
        self.last.d.next = self.body.q.val().get_bits::<8>(0) - 1;

        self.word.next = self.memory.read_data.val();
        self.examiner.word.next = self.memory.read_data.val();
        self.examiner.body.next = self.body.q.val();
        self.examiner.minimum_version.next = self.minimum_version.val();
        self.examiner.last.next = self.address.val() == self.last.q.val();
        self.examined.d.next = self.examiner.facts.val();
        self.facts.next = self.examined.q.val();
    }
    when(word_odd) registers(odd_bytes, odd_rights, written) {
        self.odd_bytes[0].d.next = bit_cast::<4, 1>(self.memory.read_data.val().get_bits::<8>(0).xor().into())
            | (bit_cast::<4, 1>(self.memory.read_data.val().get_bits::<8>(8).xor().into()) << 1)
            | (bit_cast::<4, 1>(self.memory.read_data.val().get_bits::<8>(16).xor().into()) << 2)
            | (bit_cast::<4, 1>(self.memory.read_data.val().get_bits::<8>(24).xor().into()) << 3);
        self.odd_rights[0].d.next = self.memory.read_data.val().get_bits::<5>(8).xor();
        self.word_odd[0].next = self.odd_bytes[0].q.val();
        self.rights_odd[0].next = self.odd_rights[0].q.val();
        // The word that is read in the cycle of a write may be anything, and no block looks at it.
        self.written[0].reset.next = false;
        self.written[0].d.next = self.push.val();
        self.intact[0].next = self.intact[0].val() & (self.memory.intact[0].val() | self.written[0].q.val());
    }
}
