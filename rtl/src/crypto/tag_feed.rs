//! The feed of the tag: which word is added to the word in front of the permutation's state?
//!
//! ```text
//!   state, step --> what goes in at the next word? --[edge]--> key | word of the manifest | version | constant --> data
//! ```
//!
//! The choice is known a cycle ahead, while the word before moves, so that only a register and an OR stand before the state.
//! Latency: one edge from `step` to `data`. The feed must never add a word of the key where SP 800-232 does not.

use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// State of the computation of the tag.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum TagState {
    /// Waiting for a manifest.
    Idle,
    /// Waiting for the permutation.
    Preparing,
    /// Initial value, key and nonce go in.
    Initialise,
    /// Associated data go in, after the key in the first turn.
    Absorb,
    /// The padding of no plaintext, the key and the domain separation go in.
    Finalise,
    /// The offered tag and the key are added to the computed tag.
    Compare,
    /// A turn looks for a bit of the sum that is not zero.
    Check,
    /// The verdict.
    Done,
    /// Giving up.
    Wiping,
}

/// A key, little-endian; steady while busy.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct TagKey {
    /// Bytes 0 to 3.
    pub word_0: Signal<In, Bits<32>>,
    /// Bytes 4 to 7.
    pub word_1: Signal<In, Bits<32>>,
    /// Bytes 8 to 11.
    pub word_2: Signal<In, Bits<32>>,
    /// Bytes 12 to 15.
    pub word_3: Signal<In, Bits<32>>,
}

block! {
    /// Key, manifest, version and constants, each at its place in the ring.
    pub struct TagFeed {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no word goes in.
        pub reset: Signal<In, Bit>,
        /// State of the manifest's tag, in every cycle.
        pub state: Signal<In, TagState>,
        /// High while the permutation works for the tag.
        pub granted: Signal<In, Bit>,
        /// Number of the word in front in the next cycle in which a word moves.
        pub step: Signal<In, Bits<4>>,
        /// High once the key has gone in a second time.
        pub keyed: Signal<In, Bit>,
        /// High once the last word of the manifest has gone in.
        pub ended: Signal<In, Bit>,
        /// High once the padding has gone in.
        pub padded: Signal<In, Bit>,
        /// Security version; steady while a tag is computed.
        pub version: Signal<In, Bits<32>>,
        /// Key of the device; steady while a tag is computed.
        pub key: TagKey,
        /// Word of the manifest or the tag that is offered.
        pub payload: Signal<In, Bits<32>>,
        /// Word that is added to the word in front, one edge after `state` and `step`.
        pub data: Signal<Out, Bits<32>>,
        /// High: a word of the state moves as soon as the permutation rests.
        pub active: Signal<Out, Bit>,
        /// High: the word that is offered goes in, and is taken as it moves.
        pub adds_word: Signal<Out, Bit>,
        /// High: the padding goes in.
        pub pads: Signal<Out, Bit>,
        /// High while `step` is 6 to 9: the words of S_3 and S_4.
        pub back: Signal<Out, Bit>,
        adds_key: [Register<Bit>; 4],
        takes_word: Register<Bit>,
        adds_version: Register<Bit>,
        is_padding: Register<Bit>,
        is_active: Register<Bit>,
        fixed: Register<Bits<32>>,
        low_step: Signal<Local, Bits<2>>,
        front: Signal<Local, Bit>,
        middle: Signal<Local, Bit>,
        key_goes: Signal<Local, Bit>,
        key_index: Signal<Local, Bits<2>>,
        chosen_key: [Signal<Local, Bits<32>>; 4],
        chosen_word: Signal<Local, Bits<32>>,
        chosen_version: Signal<Local, Bits<32>>,
        last_word: Constant<Bits<4>> = Constant::new(9u64.into()),
        // SP 800-232, 4.1 and appendix B: 0x0000_1000_808c_0001.
        initial_low: Constant<Bits<32>> = Constant::new(0x808c_0001u64.into()),
        initial_high: Constant<Bits<32>> = Constant::new(0x0000_1000u64.into()),
        // The last bit of the state: the upper half of S_4.
        separation: Constant<Bits<32>> = Constant::new(0x8000_0000u64.into()),
    }
}

kernel! {
    TagFeed
    #[hdl_gen]
    fn update(&mut self) registers(takes_word, adds_version, is_padding, is_active, fixed) each_register(adds_key) {
        // Place in the ring: words 0 to 3, 2 to 5, 6 to 9.
        self.low_step.next = self.step.val().get_bits::<2>(0);
        self.front.next = self.step.val().get_bits::<2>(2) == 0;
        self.middle.next = self.step.val().get_bit(2) ^ self.step.val().get_bit(1);
        self.back.next = self.step.val().get_bit(3)
            | (self.step.val().get_bit(2) & self.step.val().get_bit(1));

        // Input of the ring: chosen a cycle ahead, while the word before moves.
        self.is_active.d.next = false;
        self.key_goes.next = false;
        self.takes_word.d.next = false;
        self.adds_version.d.next = false;
        self.is_padding.d.next = false;
        self.fixed.d.next = 0.into();
        self.key_index.next = self.low_step.val() ^ 2;
        if self.granted.val() {
            match self.state.val() {
                TagState::Initialise => {
                    self.is_active.d.next = true;
                    self.key_goes.next = self.middle.val();
                    self.adds_version.d.next = self.step.val() == 6;
                    if self.step.val() == 0 {
                        self.fixed.d.next = self.initial_low.val();
                    }
                    if self.step.val() == 1 {
                        self.fixed.d.next = self.initial_high.val();
                    }
                }
                TagState::Absorb => {
                    self.is_active.d.next = true;
                    self.key_goes.next = self.back.val() & !self.keyed.val();
                    self.takes_word.d.next = self.front.val() & !self.ended.val();
                    self.is_padding.d.next = self.front.val() & self.ended.val() & !self.padded.val();
                    if self.front.val() & self.ended.val() & !self.padded.val() {
                        self.fixed.d.next = 1.into();
                    }
                }
                TagState::Finalise => {
                    self.is_active.d.next = true;
                    self.key_goes.next = self.step.val().get_bit(2);
                    self.key_index.next = self.low_step.val();
                    if self.step.val() == 0 {
                        self.fixed.d.next = 1.into();
                    }
                    if self.step.val() == self.last_word.val() {
                        self.fixed.d.next = self.separation.val();
                    }
                }
                TagState::Compare => {
                    self.is_active.d.next = true;
                    self.key_goes.next = self.back.val();
                    self.takes_word.d.next = self.back.val();
                }
                TagState::Check => { self.is_active.d.next = true; }
                _ => {}
            }
        }
        for i in 0..4 {
            self.adds_key[i].d.next = false;
            self.chosen_key[i].next = 0.into();
        }
        match self.key_index.val().index() {
            0 => { self.adds_key[0].d.next = self.key_goes.val(); }
            1 => { self.adds_key[1].d.next = self.key_goes.val(); }
            2 => { self.adds_key[2].d.next = self.key_goes.val(); }
            _ => { self.adds_key[3].d.next = self.key_goes.val(); }
        }
        if self.adds_key[0].q.val() {
            self.chosen_key[0].next = self.key.word_0.val();
        }
        if self.adds_key[1].q.val() {
            self.chosen_key[1].next = self.key.word_1.val();
        }
        if self.adds_key[2].q.val() {
            self.chosen_key[2].next = self.key.word_2.val();
        }
        if self.adds_key[3].q.val() {
            self.chosen_key[3].next = self.key.word_3.val();
        }
        self.chosen_word.next = 0.into();
        if self.takes_word.q.val() {
            self.chosen_word.next = self.payload.val();
        }
        self.chosen_version.next = 0.into();
        if self.adds_version.q.val() {
            self.chosen_version.next = self.version.val();
        }
        self.data.next = (self.chosen_key[0].val() | self.chosen_key[1].val())
            ^ (self.chosen_key[2].val() | self.chosen_key[3].val())
            ^ (self.chosen_word.val() | self.chosen_version.val())
            ^ self.fixed.q.val();
        self.active.next = self.is_active.q.val();
        self.adds_word.next = self.takes_word.q.val();
        self.pads.next = self.is_padding.q.val();
    }
}
