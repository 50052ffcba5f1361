//! The board's memory: up to 2048 words of 32 bits in block RAM, a RAM for each byte of the word.
//!
//! ```text
//!   scrub (whole words, always taken) ----------+--> write port of RAM 3 | 2 | 1 | 0
//!   request --> first..last byte inside? --bytes-'--> read port ------------------> response
//! ```
//!
//! A request moves one byte every three cycles, and waits while the scrubber writes: the scrubber is never held up, a scrub ends,
//! and no request reads a word that is being written. After a reset all words are cleared (one a cycle) before a request is
//! taken, so that no tenant reads data from before the reset. A request that is not wholly inside the memory touches nothing.

use super::ports::{MemoryRequest, MemoryResponse};
use pm_interface::WORD_BYTES;
use pm_rtl::ports::ScrubSink;
use pm_verilog::{block, cells::BlockRam, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of the memory.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum MemoryState {
    Clearing,
    Idle,
    Measure,
    Judge,
    Move,
    Fetch,
    Next,
    Done,
}

block! {
    /// 8 KiB at physical addresses 0 to 0x1FFF, or less.
    pub struct BoardMemory with bytes: u64 {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the contents will be cleared.
        pub reset: Signal<In, Bit>,
        /// Words of zeros from the scrubber, always taken; a word beyond the memory is dropped.
        pub scrub: ScrubSink<32>,
        /// Accesses of the host port.
        pub request: MemoryRequest,
        /// Results of the accesses, in the order of the requests.
        pub response: MemoryResponse,
        state: Register<MemoryState>,
        cleared: Register<Bits<11>>,
        byte0: BlockRam<Bits<8>, 11> = BlockRam::without_collisions().sized((bytes / WORD_BYTES) as usize),
        byte1: BlockRam<Bits<8>, 11> = BlockRam::without_collisions().sized((bytes / WORD_BYTES) as usize),
        byte2: BlockRam<Bits<8>, 11> = BlockRam::without_collisions().sized((bytes / WORD_BYTES) as usize),
        byte3: BlockRam<Bits<8>, 11> = BlockRam::without_collisions().sized((bytes / WORD_BYTES) as usize),
        // The access under way.
        outside: Register<Bit>,
        write: Register<Bit>,
        address: Register<Bits<13>>,
        length: Register<Bits<3>>,
        moved: Register<Bits<3>>,
        // The byte that is due is one of the access: compared a cycle before it is asked.
        within: Register<Bit>,
        data: Register<Bits<32>>,
        // Distance of the last byte from the start of the first word, in bytes.
        reach: Signal<Local, Bits<4>>,
        leaves: Signal<Local, Bit>,
        length_bad: Signal<Local, Bit>,
        // The byte that the read port showed: block RAM is slow to answer, so the byte is taken before it is used.
        fetched: Register<Bits<8>>,
        // The write port.
        enables: Signal<Local, Bits<4>>,
        word: Signal<Local, Bits<11>>,
        written: Signal<Local, Bits<32>>,
        due: Signal<Local, Bits<32>>,
        // Bits of a word's number that are beyond the memory.
        beyond: Constant<Bits<11>> = Constant::new((2048 - bytes / WORD_BYTES).to_bits()),
        // Bits of an address that are set beyond the memory.
        outside_mask: Constant<Bits<32>> = Constant::new((0x1_0000_0000 - bytes).to_bits()),
        spread: Signal<Local, Bits<32>>,
        // The scrubber's word, taken in the cycle before.
        scrubs: Register<Bit>,
        late_word: Register<Bits<11>>,
        late_data: Register<Bits<32>>,
    }
}

impl BoardMemory {
    /// The word at byte address `address`: for testbenches.
    pub fn peek(&self, address: usize) -> u32 {
        let word = address / 4;
        u32::from_le_bytes([&self.byte0, &self.byte1, &self.byte2, &self.byte3].map(|ram| ram.peek(word).to_u8()))
    }
}

kernel! {
    BoardMemory
    #[hdl_gen]
    fn update(&mut self) registers(state, cleared, outside, write, address, length, moved, within, data, fetched, scrubs, late_word, late_data) clocked(byte0, byte1, byte2, byte3) {
        self.scrub.ready.next = false;
        self.request.ready.next = false;
        self.response.valid.next = false;
        self.response.error.next = self.outside.q.val();
        self.response.data.next = self.data.q.val();

        // At most four bytes leave the memory only from within its last word.
        self.length_bad.next = (self.length.q.val() == 0) | (self.length.q.val() > 4);
        self.reach.next = bit_cast::<4, 2>(self.address.q.val().get_bits::<2>(0))
            + bit_cast::<4, 3>(self.length.q.val());
        self.leaves.next = (self.address.q.val().get_bits::<11>(2) | self.beyond.val()).all() & (self.reach.val() > 4);

        self.within.d.next = self.moved.q.val() < self.length.q.val();
        self.fetched.d.next = self.byte0.read_data.val();
        if self.address.q.val().get_bits::<2>(0) == 1 {
            self.fetched.d.next = self.byte1.read_data.val();
        } else if self.address.q.val().get_bits::<2>(0) == 2 {
            self.fetched.d.next = self.byte2.read_data.val();
        } else if self.address.q.val().get_bits::<2>(0) == 3 {
            self.fetched.d.next = self.byte3.read_data.val();
        }

        // The byte that is due lies at the low end; whatever its place in the word, it is offered to all four RAMs.
        self.due.next = bit_cast::<32, 8>(self.data.q.val().get_bits::<8>(0));
        self.spread.next = (self.due.val() | (self.due.val() << 8))
            | ((self.due.val() << 16) | (self.due.val() << 24));

        // The writer: clearing, else the scrubber, else the access. The scrubber's word crosses the chip, so the word is written
        // a cycle after the memory took it.
        self.scrubs.d.next = false;
        self.late_word.d.next = self.scrub.address.val().get_bits::<11>(2);
        self.late_data.d.next = self.scrub.data.val();
        self.enables.next = 0.into();
        self.word.next = self.address.q.val().get_bits::<11>(2);
        self.written.next = 0.into();
        if self.state.q.val() == MemoryState::Clearing {
            self.enables.next = 0xF.into();
            self.word.next = self.cleared.q.val();
        } else {
            self.scrub.ready.next = true;
            // Only the enables wait to be decided.
            self.written.next = self.spread.val();
            self.scrubs.d.next = self.scrub.valid.val()
                & ((self.scrub.address.val() & self.outside_mask.val()) == 0);
            if self.scrubs.q.val() {
                self.word.next = self.late_word.q.val();
                self.written.next = self.late_data.q.val();
                self.enables.next = 0xF.into();
            } else if (self.state.q.val() == MemoryState::Move)
                & (self.write.q.val() & self.within.q.val())
            {
                if self.address.q.val().get_bits::<2>(0) == 0 {
                    self.enables.next = 1.into();
                } else if self.address.q.val().get_bits::<2>(0) == 1 {
                    self.enables.next = 2.into();
                } else if self.address.q.val().get_bits::<2>(0) == 2 {
                    self.enables.next = 4.into();
                } else {
                    self.enables.next = 8.into();
                }
            }
        }
        self.byte0.read_address.next = self.address.q.val().get_bits::<11>(2);
        self.byte0.write_address.next = self.word.val();
        self.byte0.write_enable.next = self.enables.val().get_bit(0);
        self.byte0.write_data.next = self.written.val().get_bits::<8>(0);
        self.byte1.read_address.next = self.address.q.val().get_bits::<11>(2);
        self.byte1.write_address.next = self.word.val();
        self.byte1.write_enable.next = self.enables.val().get_bit(1);
        self.byte1.write_data.next = self.written.val().get_bits::<8>(8);
        self.byte2.read_address.next = self.address.q.val().get_bits::<11>(2);
        self.byte2.write_address.next = self.word.val();
        self.byte2.write_enable.next = self.enables.val().get_bit(2);
        self.byte2.write_data.next = self.written.val().get_bits::<8>(16);
        self.byte3.read_address.next = self.address.q.val().get_bits::<11>(2);
        self.byte3.write_address.next = self.word.val();
        self.byte3.write_enable.next = self.enables.val().get_bit(3);
        self.byte3.write_data.next = self.written.val().get_bits::<8>(24);

        match self.state.q.val() {
            MemoryState::Idle => {
                // The fields of the port are loaded whether or not they are valid: only the state waits for `valid`.
                self.request.ready.next = true;
                self.outside.d.next = (self.request.address.val() & self.outside_mask.val()) != 0;
                self.address.d.next = self.request.address.val().get_bits::<13>(0);
                self.length.d.next = self.request.length.val();
                self.write.d.next = self.request.write.val();
                self.data.d.next = self.request.data.val();
                self.moved.d.next = 0.into();
                if self.request.valid.val() {
                    self.state.d.next = MemoryState::Measure;
                }
            }
            MemoryState::Measure => {
                if self.length_bad.val() | self.leaves.val() {
                    self.outside.d.next = true;
                }
                self.state.d.next = MemoryState::Judge;
            }
            MemoryState::Judge => {
                self.state.d.next = MemoryState::Move;
                if self.outside.q.val() {
                    self.data.d.next = 0.into();
                    self.state.d.next = MemoryState::Done;
                }
            }
            MemoryState::Move => {
                // The read port takes the address at this edge; who lost to the scrubber stays here.
                if !self.scrubs.q.val() {
                    self.state.d.next = MemoryState::Fetch;
                }
            }
            MemoryState::Fetch => {
                self.moved.d.next = self.moved.q.val() + 1;
                self.state.d.next = MemoryState::Next;
            }
            MemoryState::Next => {
                self.data.d.next = self.data.q.val() >> 8;
                if !self.write.q.val() & self.within.q.val() {
                    self.data.d.next =
                        (self.data.q.val() >> 8) | (bit_cast::<32, 8>(self.fetched.q.val()) << 24);
                }
                self.address.d.next = self.address.q.val() + 1;
                self.state.d.next = MemoryState::Move;
                if self.moved.q.val() == 4 {
                    self.state.d.next = MemoryState::Done;
                }
            }
            MemoryState::Done => {
                self.response.valid.next = true;
                self.state.d.next = MemoryState::Idle;
            }
            _ => {
                self.cleared.d.next = self.cleared.q.val() + 1;
                if (self.cleared.q.val() | self.beyond.val()).all() {
                    self.state.d.next = MemoryState::Idle;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::step;
    use super::*;
    use crate::protocol::MEMORY_BYTES;

    fn new() -> BoardMemory {
        let mut memory = BoardMemory::new(MEMORY_BYTES);
        memory.connect_all();
        check_all(&memory).unwrap();
        for word in [0, 1, 1000, 2047] {
            memory.byte1.poke(word, 0xEE.into());
        }
        let cycles = until_ready(&mut memory);
        assert_eq!(cycles, 2048, "one word a cycle");
        assert!((0..2048).all(|word| memory.peek(4 * word) == 0), "cleared");
        memory
    }

    fn until_ready(memory: &mut BoardMemory) -> usize {
        for cycles in 0..5000 {
            simulate(memory, 100);
            if memory.request.ready.val() {
                return cycles;
            }
            step!(*memory);
        }
        panic!("never ready");
    }

    /// Runs an access with a scrubber that writes `scrub` at 0x1000 in the first `busy` cycles; `None` for an error.
    fn access(memory: &mut BoardMemory, write: bool, address: u64, length: u64, data: u32, busy: usize) -> Option<u32> {
        until_ready(memory);
        memory.request.valid.next = true;
        memory.request.write.next = write;
        memory.request.address.next = address.into();
        memory.request.length.next = length.into();
        memory.request.data.next = u64::from(data).into();
        for cycle in 0..100 {
            memory.scrub.valid.next = cycle < busy;
            memory.scrub.address.next = (0x1000 + 4 * (cycle as u64 % 8)).into();
            memory.scrub.data.next = 0x1234_5678.into();
            step!(*memory);
            assert!(memory.scrub.ready.val(), "the scrubber is never held up");
            memory.request.valid.next = false;
            memory.request.address.next = 0xFFFF_FFFF.into();
            if memory.response.valid.val() {
                assert!(!write || cycle + 1 > busy, "a write cannot end before the scrubber");
                let (error, data) = (memory.response.error.val(), memory.response.data.val().to_u32());
                assert!(!error || data == 0);
                memory.scrub.valid.next = false;
                step!(*memory);
                assert!(!memory.response.valid.val());
                return (!error).then_some(data);
            }
        }
        panic!("no response");
    }

    #[test]
    fn every_length_at_every_alignment() {
        let mut memory = new();
        let mut expected = vec![0u8; MEMORY_BYTES as usize];
        let mut data = 0x1234_5678u32;
        for base in [0u64, 0x3FC, 0x1FF0] {
            for offset in 0..8 {
                for length in 1..=4usize {
                    data = data.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let address = base + offset;
                    assert_eq!(access(&mut memory, true, address, length as u64, data, 0), Some(0));
                    expected[address as usize..][..length].copy_from_slice(&data.to_le_bytes()[..length]);
                    let mut word = [0; 4];
                    word[..length].copy_from_slice(&data.to_le_bytes()[..length]);
                    let read = access(&mut memory, false, address, length as u64, 0xFFFF_FFFF, 0);
                    assert_eq!(read, Some(u32::from_le_bytes(word)));
                }
            }
        }
        for (word, bytes) in expected.chunks(4).enumerate() {
            assert_eq!(memory.peek(4 * word), u32::from_le_bytes(bytes.try_into().unwrap()), "word {word}");
        }
    }

    #[test]
    fn nothing_outside_is_touched() {
        let mut memory = new();
        let check = |memory: &mut BoardMemory, address: u64, length: u64, inside: bool| {
            for write in [true, false] {
                let ended = access(memory, write, address, length, 0xFFFF_FFFF, 0);
                assert_eq!(ended.is_some(), inside, "{address:#x} {length}");
            }
        };
        check(&mut memory, 0x2000, 1, false);
        check(&mut memory, 0x1FFF, 2, false);
        check(&mut memory, 0x1FFD, 4, false);
        check(&mut memory, 0xFFFF_FFFF, 4, false);
        check(&mut memory, 0x8000_0000, 4, false);
        check(&mut memory, 0x0001_0000, 1, false);
        check(&mut memory, 0x100, 0, false);
        check(&mut memory, 0x100, 5, false);
        check(&mut memory, 0x100, 7, false);
        assert!((0..2048).all(|word| memory.peek(4 * word) == 0));
        check(&mut memory, 0x1FFC, 4, true);
        check(&mut memory, 0x1FFF, 1, true);
    }

    #[test]
    fn the_scrubber_goes_first() {
        let mut memory = new();
        for busy in 0..20 {
            assert_eq!(access(&mut memory, true, 0x101, 4, 0xA1B2_C300 + busy as u32, busy), Some(0));
            assert_eq!(access(&mut memory, false, 0x101, 4, 0, busy), Some(0xA1B2_C300 + busy as u32));
        }
        assert!((0..8).all(|word| memory.peek(0x1000 + 4 * word) == 0x1234_5678));
        // Words beyond the memory are taken and change nothing.
        memory.scrub.valid.next = true;
        for address in [0x2000u64, 0x3000, 0x8000_1000] {
            memory.scrub.address.next = address.into();
            memory.scrub.data.next = 0xFFFF_FFFF.into();
            step!(memory);
            assert!(memory.scrub.ready.val());
        }
        assert!((0..8).all(|word| memory.peek(0x1000 + 4 * word) == 0x1234_5678) && memory.peek(0) == 0);
    }

    #[test]
    fn a_reset_clears() {
        let mut memory = new();
        access(&mut memory, true, 0x1FFC, 4, 0xFFFF_FFFF, 0);
        memory.reset.next = true;
        step!(memory);
        memory.reset.next = false;
        memory.scrub.valid.next = true;
        simulate(&mut memory, 100);
        assert!(!memory.request.ready.val() && !memory.scrub.ready.val());
        memory.scrub.valid.next = false;
        until_ready(&mut memory);
        assert_eq!(memory.peek(0x1FFC), 0);
    }
}
