//! The examiner of a manifest's word: what does the word mean in each place of the manifest?
//!
//! ```text
//!   word, number of words, oldest version --> facts
//! ```
//!
//! The examiner makes no decision: the loader uses the facts only after the tag has been verified.

use pm_interface::manifest::{FORMAT, MAGIC};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

/// Properties of a word, for each of the places where it might stand.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct WordFacts {
    /// The word is the magic number, as word 0 must be.
    pub magic: Bit,
    /// The word holds the format and the number of words before the tag, as word 1 must.
    pub shaped: Bit,
    /// The word, as word 2, is lower than the oldest security version that is accepted.
    pub old: Bit,
    /// The word, as word 3, sets no flag except SEAL and one of those for the window.
    pub flags_known: Bit,
    /// The word, as word 10, holds the counts and zeros.
    pub counts_only: Bit,
    /// The word, as word 10, announces no quotas.
    pub no_quotas: Bit,
    /// The word, as word 10, announces a quota for each tenant.
    pub all_quotas: Bit,
    /// The word, as word 10, announces no partitions.
    pub no_partitions: Bit,
    /// The word, as word 0 of a partition, holds tenant, rights and zeros.
    pub rights_only: Bit,
    /// The word is the last one before the tag.
    pub last: Bit,
}

block! {
    /// Examines a word; combinational.
    pub struct WordExaminer for geometry {
        /// Word to examine.
        pub word: Signal<In, Bits<32>>,
        /// Number of words before the tag.
        pub body: Signal<In, Bits<9>>,
        /// Oldest security version that is taken.
        pub minimum_version: Signal<In, Bits<32>>,
        /// High when the word is the last one before the tag.
        pub last: Signal<In, Bit>,
        /// Properties of the word.
        pub facts: Signal<Out, WordFacts>,
        upper_zero: Signal<Local, Bit>,
        magic: Constant<Bits<32>> = Constant::new(u64::from(MAGIC).into()),
        format: Constant<Bits<16>> = Constant::new(u64::from(FORMAT).into()),
        tenants: Constant<Bits<8>> = Constant::new(geometry.tenants.to_bits()),
    }
}

kernel! {
    WordExaminer
    #[hdl_gen]
    fn update(&mut self) {
        self.upper_zero.next = self.word.val().get_bits::<16>(16) == 0;
        self.facts.next.magic = self.word.val() == self.magic.val();
        self.facts.next.shaped = (self.word.val().get_bits::<16>(0) == self.format.val())
            & (self.word.val().get_bits::<16>(16) == bit_cast::<16, 9>(self.body.val()));
        self.facts.next.old = self.word.val() < self.minimum_version.val();
        self.facts.next.flags_known = (self.word.val().get_bits::<29>(3) == 0)
            & !(self.word.val().get_bit(1) & self.word.val().get_bit(2));
        self.facts.next.counts_only = self.upper_zero.val();
        self.facts.next.no_quotas = self.word.val().get_bits::<8>(0) == 0;
        self.facts.next.all_quotas = self.word.val().get_bits::<8>(0) == self.tenants.val();
        self.facts.next.no_partitions = self.word.val().get_bits::<8>(8) == 0;
        self.facts.next.rights_only = self.upper_zero.val() & (self.word.val().get_bits::<3>(13) == 0);
        self.facts.next.last = self.last.val();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    /// The facts of a word of a manifest of 20 words, for two tenants, where version 3 is the oldest.
    fn facts(word: u64) -> WordFacts {
        let mut examiner = WordExaminer::new(&Geometry::preset("tiny").unwrap());
        examiner.connect_all();
        examiner.word.next = word.to_bits();
        examiner.body.next = 20u64.to_bits();
        examiner.minimum_version.next = 3u64.to_bits();
        simulate(&mut examiner, 100);
        examiner.facts.val()
    }

    #[test]
    fn each_place_has_words_of_its_own() {
        let check = |fact: fn(&WordFacts) -> bool, word: u64, expected: bool| {
            assert_eq!(fact(&facts(word)), expected, "{word:#x}");
        };
        let (magic, format) = (u64::from(MAGIC), u64::from(FORMAT));
        for bit in 0..32 {
            check(|facts| facts.magic, magic ^ 1 << bit, false);
            check(|facts| facts.shaped, (format | 20 << 16) ^ 1 << bit, false);
            check(|facts| facts.flags_known, 1 << bit, bit < 3);
            check(|facts| facts.counts_only, 1 << bit, bit < 16);
            check(|facts| facts.no_quotas, 1 << bit, bit >= 8);
            check(|facts| facts.no_partitions, 1 << bit, !(8..16).contains(&bit));
            check(|facts| facts.rights_only, 1 << bit, bit < 13);
        }
        for flags in 0..16 {
            check(|facts| facts.flags_known, flags, flags < 6);
        }
        check(|facts| facts.magic, magic, true);
        check(|facts| facts.shaped, format | 20 << 16, true);
        check(|facts| facts.shaped, format | 19 << 16, false);
        for (version, old) in [(0, true), (2, true), (3, false), (4, false), (0xFFFF_FFFF, false), (1 << 16, false)] {
            check(|facts| facts.old, version, old);
        }
        for (quotas, all) in [(0, false), (1, false), (2, true), (3, false), (0xF02, true)] {
            check(|facts| facts.all_quotas, quotas, all);
        }
    }
}
