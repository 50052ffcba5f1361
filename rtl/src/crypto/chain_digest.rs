//! The chain of digests over the audit log: D <- first 16 bytes of Ascon-Hash256(D || record), from sixteen zero bytes on.
//!
//! ```text
//!   clear, IV --> D0 D1 --> D2 D3 --> R0 R1 --> R2 R3 --> R4 pad --> H0 H1 --> H2 H3
//!         | turn, p12  | turn, p12   ...                     | turn, p12  |
//!         block 0     1          2         3         4          5     read 6     read 7
//!
//!   D: four words in one half of a block RAM; H0 to H3 go to the other half, which is D from the end on
//! ```
//!
//! A record is five words, each little-endian. `done` follows `start` after 399 cycles, [`RECORD_CYCLES`], of which three are for
//! the permutation to be granted and cleared; each cycle in which the block waits for the permutation or for a word of the record
//! delays `done` by a cycle. After a reset the digest is zeroed first, 8 cycles from when the permutation is granted; `busy` is
//! high during that time, so a `start` is ignored. The reader of the digest goes first: a word of the digest that is read in the
//! cycle in which the hash wants one makes the hash wait. The block must never show a digest that is replaced in part.

use super::PermutationDrive;
use pm_verilog::{
    block,
    cells::{BlockRam, Register},
    kernel,
};
use rust_hdl::prelude::*;

/// Cycles from `start` to `done` when nothing is waited for.
pub const RECORD_CYCLES: u64 = 3 + 7 * (20 + 36) + 3 + 1;

/// State of the chain.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum DigestState {
    /// Zeroing the digest.
    Clearing,
    /// Waiting for a record.
    Idle,
    /// Waiting for the permutation.
    Preparing,
    /// Hashing.
    Hashing,
    /// The new digest is there.
    Done,
}

/// The words of a record.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct RecordWords {
    /// High: a word is offered; it stays until taken.
    pub valid: Signal<In, Bit>,
    /// High: a word that is offered is taken.
    pub ready: Signal<Out, Bit>,
    /// Word that is offered; valid with `valid`.
    pub payload: Signal<In, Bits<32>>,
}

block! {
    /// Hashes records into a digest.
    pub struct ChainDigest {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the chain restarts.
        pub reset: Signal<In, Bit>,
        /// High: a record begins; ignored while `busy`.
        pub start: Signal<In, Bit>,
        /// The five words of the record.
        pub record: RecordWords,
        /// High while the digest is zeroed or a record is hashed.
        pub busy: Signal<Out, Bit>,
        /// High for one cycle: the digest is that of the record.
        pub done: Signal<Out, Bit>,
        /// High: a word of the digest is read.
        pub digest_asked: Signal<In, Bit>,
        /// Number of the word that is read; valid with `digest_asked`.
        pub digest_index: Signal<In, Bits<2>>,
        /// Word of the digest that was read, one edge later; up to `done` of the digest before the record. No meaning before the
        /// digest is zeroed.
        pub digest: Signal<Out, Bits<32>>,
        /// Port to the permutation.
        pub permutation: PermutationDrive,
        state: Register<DigestState>,
        block: Register<Bits<3>>,
        // One half is read while the other is written; while the digest is cleared no word of it counts.
        memory: BlockRam<Bits<32>, 3> = BlockRam::without_collisions(),
        half: Register<Bit>,
        active: Register<Bit>,
        from_memory: Register<Bit>,
        deprived: Register<Bit>,
        from_record: Register<Bit>,
        fixed: Register<Bits<32>>,
        hashing: Signal<Local, Bit>,
        front: Signal<Local, Bit>,
        odd: Signal<Local, Bit>,
        remembered: Signal<Local, Bits<32>>,
        recorded: Signal<Local, Bits<32>>,
        moves: Signal<Local, Bit>,
        place: Signal<Local, Bits<2>>,
        second_word: Signal<Local, Bits<2>>,
        read_place: Signal<Local, Bits<2>>,
        read_half: Signal<Local, Bits<3>>,
        other_half: Signal<Local, Bit>,
        write_half: Signal<Local, Bits<3>>,
        last_word: Constant<Bits<4>> = Constant::new(9u64.into()),
        // SP 800-232, 5.1 and appendix B: 0x0000_0801_00cc_0002.
        initial_low: Constant<Bits<32>> = Constant::new(0x00cc_0002u64.into()),
        initial_high: Constant<Bits<32>> = Constant::new(0x0000_0801u64.into()),
    }
}

kernel! {
    ChainDigest
    #[hdl_gen]
    fn update(&mut self) registers(state, block, half, active, from_memory, from_record, deprived, fixed) clocked(memory) {
        self.hashing.next = self.permutation.granted.val() & (self.state.q.val() == DigestState::Hashing);
        self.front.next = self.permutation.step.val().get_bits::<3>(1) == 0;
        self.odd.next = self.permutation.step.val().get_bit(0);

        // Input at the first two words of each block: chosen a cycle ahead, while the word before moves.
        self.from_memory.d.next = false;
        self.from_record.d.next = false;
        self.fixed.d.next = 0.into();
        self.active.d.next = self.hashing.val();
        if self.hashing.val() & self.front.val() {
            match self.block.q.val().index() {
                0 => {
                    self.fixed.d.next = self.initial_low.val();
                    if self.odd.val() {
                        self.fixed.d.next = self.initial_high.val();
                    }
                }
                1 => { self.from_memory.d.next = true; }
                2 => { self.from_memory.d.next = true; }
                3 => { self.from_record.d.next = true; }
                4 => { self.from_record.d.next = true; }
                5 => {
                    self.from_record.d.next = !self.odd.val();
                    if self.odd.val() {
                        self.fixed.d.next = 1.into();
                    }
                }
                _ => {}
            }
        }
        self.remembered.next = 0.into();
        if self.from_memory.q.val() {
            self.remembered.next = self.memory.read_data.val();
        }
        self.recorded.next = 0.into();
        if self.from_record.q.val() {
            self.recorded.next = self.record.payload.val();
        }
        // The memory shows the reader's word if the reader asked in the cycle before.
        self.deprived.d.next = self.digest_asked.val();
        self.moves.next = (self.active.q.val() & !self.permutation.busy.val())
            & (self.record.valid.val() | !self.from_record.q.val())
            & !(self.from_memory.q.val() & self.deprived.q.val());
        self.record.ready.next = self.from_record.q.val() & !self.permutation.busy.val();

        self.permutation.request.next = self.state.q.val() != DigestState::Idle;
        self.permutation.clear.next = false;
        self.permutation.shift.next = self.moves.val();
        self.permutation.data.next = self.remembered.val() | self.recorded.val() | self.fixed.q.val();
        self.permutation.run.next = self.active.q.val();
        self.permutation.eight_rounds.next = false;

        // The memory is written with the word in front: zero while cleared, the hash in the last two blocks.
        self.place.next = bit_cast::<2, 1>(self.permutation.step.val().get_bits::<1>(0))
            | (bit_cast::<2, 1>(self.block.q.val().get_bits::<1>(0)) << 1);
        self.memory.write_enable.next = false;
        self.other_half.next = !self.half.q.val();
        self.read_half.next = bit_cast::<3, 1>(self.half.q.val().into()) << 2;
        self.write_half.next = bit_cast::<3, 1>(self.other_half.val().into()) << 2;
        self.memory.write_address.next = bit_cast::<3, 2>(self.place.val()) | self.write_half.val();
        self.memory.write_data.next = self.permutation.word.val();
        // Read while the permutation runs, or word 0 moves.
        self.second_word.next = 0.into();
        if self.front.val() & self.odd.val() {
            self.second_word.next = 1.into();
        }
        self.read_place.next =
            self.second_word.val() | (bit_cast::<2, 1>(self.block.q.val().get_bits::<1>(1)) << 1);
        if self.digest_asked.val() {
            self.read_place.next = self.digest_index.val();
        }
        self.memory.read_address.next = bit_cast::<3, 2>(self.read_place.val()) | self.read_half.val();
        self.digest.next = self.memory.read_data.val();

        match self.state.q.val() {
            DigestState::Clearing => {
                // The second half of the sweep writes zeros, whatever word was in front at first.
                self.permutation.clear.next = self.permutation.granted.val();
                self.memory.write_enable.next = self.permutation.granted.val();
                self.memory.write_address.next = bit_cast::<3, 2>(self.block.q.val().get_bits::<2>(0));
                if self.permutation.granted.val() {
                    self.block.d.next = self.block.q.val() + 1;
                    if self.block.q.val() == 7 {
                        self.state.d.next = DigestState::Idle;
                    }
                }
            }
            DigestState::Idle => {
                if self.start.val() {
                    self.state.d.next = DigestState::Preparing;
                }
            }
            DigestState::Preparing => {
                self.permutation.clear.next = self.permutation.granted.val();
                if self.permutation.granted.val() {
                    self.state.d.next = DigestState::Hashing;
                }
            }
            DigestState::Hashing => {
                if self.moves.val() {
                    if self.permutation.step.val() == self.last_word.val() {
                        self.block.d.next = self.block.q.val() + 1;
                    }
                    if self.front.val() & (self.block.q.val().get_bits::<2>(1) == 3) {
                        self.memory.write_enable.next = true;
                        if self.odd.val() & self.block.q.val().get_bit(0) {
                            self.block.d.next = 0.into();
                            self.state.d.next = DigestState::Done;
                        }
                    }
                }
            }
            DigestState::Done => {
                self.half.d.next = self.other_half.val();
                self.state.d.next = DigestState::Idle;
            }
            _ => { self.state.d.next = DigestState::Clearing; }
        }
        self.busy.next = self.state.q.val() != DigestState::Idle;
        self.done.next = self.state.q.val() == DigestState::Done;
    }
}
