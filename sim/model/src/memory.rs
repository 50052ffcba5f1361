//! Sparse physical memory, so that scrubbing can be seen. Words of 4 bytes; a word never written reads as zero.

use pm_interface::WORD_BYTES;
use std::collections::BTreeMap;

/// Words by byte address; only non-zero words are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    words: BTreeMap<u64, u32>,
}

impl Memory {
    /// The word at a byte address, which is rounded down to a word.
    pub fn read(&self, address: u64) -> u32 {
        self.words.get(&(address & !(WORD_BYTES - 1))).copied().unwrap_or(0)
    }

    /// Writes the word at a byte address, which is rounded down to a word.
    pub fn write(&mut self, address: u64, word: u32) {
        let address = address & !(WORD_BYTES - 1);
        match word {
            0 => self.words.remove(&address),
            _ => self.words.insert(address, word),
        };
    }

    /// Writes zero to every word in `first..end`, byte addresses.
    pub fn scrub(&mut self, first: u64, end: u64) {
        let dirty: Vec<u64> = self.words.range(first..end).map(|(address, _)| *address).collect();
        for address in dirty {
            self.words.remove(&address);
        }
    }

    /// Whether every word in `first..end` is zero.
    pub fn is_zero(&self, first: u64, end: u64) -> bool {
        self.words.range(first..end).next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrubbing_stops_at_its_ends() {
        let mut memory = Memory::default();
        for address in [0x0C, 0x10, 0x1C, 0x20] {
            memory.write(address, 7);
        }
        memory.scrub(0x10, 0x20);
        assert_eq!([0x0C, 0x10, 0x1C, 0x20].map(|address| memory.read(address)), [7, 0, 0, 7]);
        assert!(memory.is_zero(0x10, 0x20) && !memory.is_zero(0x10, 0x24) && !memory.is_zero(0x0C, 0x20));
    }

    #[test]
    fn addresses_round_down_to_words() {
        let mut memory = Memory::default();
        memory.write(0x13, 5);
        assert_eq!((memory.read(0x10), memory.read(0x12), memory.read(0x14)), (5, 5, 0));
    }
}
