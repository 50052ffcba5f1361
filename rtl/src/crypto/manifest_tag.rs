//! The manifest's tag: is it the Ascon-AEAD128 tag of these words, this version and this key?
//!
//! ```text
//!   Idle --start--> Preparing --> Initialise --p12--> Absorb --p8--> Finalise --p12--> Compare --> Check --> Done
//!                    clear         IV, K, N            A, pad; K      pad, K, 1         T ^ K      zero?
//!                                                      ^      |
//!                                                      +--p8--+ until the padding is in
//! ```
//!
//! Key and nonce as in SP 800-232: the nonce is the version, little-endian, and twelve zero bytes; the associated data
//! all words up to the one marked `last`, little-endian, at least one; no plaintext. Then four words of the tag. The
//! computed tag is added to the offered one in the state itself, and a whole turn looks for a bit that is left: `done`
//! comes after [`manifest_cycles`]`(n) = 199 + 44 * (n / 4)` cycles for n words, wherever and whether the tags differ. Three
//! of them are for the permutation to be granted and cleared; it is later by as many as that or a word is waited for.
//!
//! It must never say `tag_matches` but with `done`, nor after a reset, a `cancel` or a different tag, nor leave anything of
//! the key in the state.

use super::PermutationDrive;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Cycles from `start` to `done` for a manifest of `words` words before the tag, when nothing is waited for.
pub const fn manifest_cycles(words: u64) -> u64 {
    3 + (20 + 36) + (words / 4 + 1) * (20 + 24) + (20 + 36) + 20 + 20
}

/// What is being done.
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
    /// What is left of it?
    Check,
    /// The verdict.
    Done,
    /// Giving up.
    Wiping,
}

/// The words of a manifest, then those of its tag.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct ManifestWords {
    /// High: a word is offered; it stays until taken.
    pub valid: Signal<In, Bit>,
    /// High: a word that is offered is taken.
    pub ready: Signal<Out, Bit>,
    /// Word that is offered; valid with `valid`.
    pub payload: Signal<In, Bits<32>>,
    /// High: the tag follows this word; ignored with the words of the tag.
    pub last: Signal<In, Bit>,
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
    /// Verifies a tag. With `integrity` what the verdict rests on is guarded. The other registers take part in the tag: one of
    /// them that loses a bit makes the tag wrong.
    pub struct ManifestTag for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no tag matches.
        pub reset: Signal<In, Bit>,
        /// High: a manifest comes; ignored while busy.
        pub start: Signal<In, Bit>,
        /// High: the manifest is given up, without a verdict. Up to the second edge a word may still be taken.
        pub cancel: Signal<In, Bit>,
        /// Security version; steady while busy.
        pub version: Signal<In, Bits<32>>,
        /// Key of the device; steady while busy.
        pub key: TagKey,
        /// Words of the manifest, then of the tag.
        pub manifest: ManifestWords,
        /// High while a tag is computed or the state is wiped.
        pub busy: Signal<Out, Bit>,
        /// High for one cycle: `tag_matches` is the verdict.
        pub done: Signal<Out, Bit>,
        /// High when the tag is right; valid with `done`.
        pub tag_matches: Signal<Out, Bit>,
        /// Port to the permutation.
        pub permutation: PermutationDrive,
        state: Register<TagState> where guarded,
        keyed: Register<Bit>,
        ended: Register<Bit>,
        padded: Register<Bit>,
        equal: Register<Bit> where guarded,
        adds_key: [Register<Bit>; 4],
        adds_word: Register<Bit>,
        adds_version: Register<Bit>,
        pads: Register<Bit>,
        active: Register<Bit>,
        fixed: Register<Bits<32>>,
        low_step: Signal<Local, Bits<2>>,
        front: Signal<Local, Bit>,
        middle: Signal<Local, Bit>,
        back: Signal<Local, Bit>,
        key_goes: Signal<Local, Bit>,
        key_index: Signal<Local, Bits<2>>,
        chosen_key: [Signal<Local, Bits<32>>; 4],
        chosen_word: Signal<Local, Bits<32>>,
        chosen_version: Signal<Local, Bits<32>>,
        moves: Signal<Local, Bit>,
        turned: Signal<Local, Bit>,
        last_word: Constant<Bits<4>> = Constant::new(9u64.into()),
        // SP 800-232, 4.1 and appendix B: 0x0000_1000_808c_0001.
        initial_low: Constant<Bits<32>> = Constant::new(0x808c_0001u64.into()),
        initial_high: Constant<Bits<32>> = Constant::new(0x0000_1000u64.into()),
        // The last bit of the state: the upper half of S_4.
        separation: Constant<Bits<32>> = Constant::new(0x8000_0000u64.into()),
        /// High while neither the state nor the verdict has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    ManifestTag
    #[hdl_gen]
    fn update(&mut self)
        guarded(state, equal) registers(keyed, ended, padded, active, adds_word, adds_version, pads, fixed)
        each_register(adds_key)
    {
        // Where in the ring: words 0 to 3, 2 to 5, 6 to 9.
        self.low_step.next = self.permutation.step.val().get_bits::<2>(0);
        self.front.next = self.permutation.step.val().get_bits::<2>(2) == 0;
        self.middle.next = self.permutation.step.val().get_bit(2) ^ self.permutation.step.val().get_bit(1);
        self.back.next = self.permutation.step.val().get_bit(3)
            | (self.permutation.step.val().get_bit(2) & self.permutation.step.val().get_bit(1));

        // What goes in: known a cycle ahead, while the word before moves.
        self.active.d.next = false;
        self.key_goes.next = false;
        self.adds_word.d.next = false;
        self.adds_version.d.next = false;
        self.pads.d.next = false;
        self.fixed.d.next = 0.into();
        self.key_index.next = self.low_step.val() ^ 2;
        if self.permutation.granted.val() {
            match self.state.q.val() {
                TagState::Initialise => {
                    self.active.d.next = true;
                    self.key_goes.next = self.middle.val();
                    self.adds_version.d.next = self.permutation.step.val() == 6;
                    if self.permutation.step.val() == 0 {
                        self.fixed.d.next = self.initial_low.val();
                    }
                    if self.permutation.step.val() == 1 {
                        self.fixed.d.next = self.initial_high.val();
                    }
                }
                TagState::Absorb => {
                    self.active.d.next = true;
                    self.key_goes.next = self.back.val() & !self.keyed.q.val();
                    self.adds_word.d.next = self.front.val() & !self.ended.q.val();
                    self.pads.d.next = self.front.val() & self.ended.q.val() & !self.padded.q.val();
                    if self.front.val() & self.ended.q.val() & !self.padded.q.val() {
                        self.fixed.d.next = 1.into();
                    }
                }
                TagState::Finalise => {
                    self.active.d.next = true;
                    self.key_goes.next = self.permutation.step.val().get_bit(2);
                    self.key_index.next = self.low_step.val();
                    if self.permutation.step.val() == 0 {
                        self.fixed.d.next = 1.into();
                    }
                    if self.permutation.step.val() == self.last_word.val() {
                        self.fixed.d.next = self.separation.val();
                    }
                }
                TagState::Compare => {
                    self.active.d.next = true;
                    self.key_goes.next = self.back.val();
                    self.adds_word.d.next = self.back.val();
                }
                TagState::Check => { self.active.d.next = true; }
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
        if self.adds_word.q.val() {
            self.chosen_word.next = self.manifest.payload.val();
        }
        self.chosen_version.next = 0.into();
        if self.adds_version.q.val() {
            self.chosen_version.next = self.version.val();
        }
        self.moves.next = (self.active.q.val() & !self.permutation.busy.val())
            & (self.manifest.valid.val() | !self.adds_word.q.val());
        self.turned.next = self.moves.val() & (self.permutation.step.val() == self.last_word.val());
        self.manifest.ready.next = self.adds_word.q.val() & !self.permutation.busy.val();

        self.permutation.request.next = self.state.q.val() != TagState::Idle;
        self.permutation.clear.next = false;
        self.permutation.shift.next = self.moves.val();
        self.permutation.data.next = (self.chosen_key[0].val() | self.chosen_key[1].val())
            ^ (self.chosen_key[2].val() | self.chosen_key[3].val())
            ^ (self.chosen_word.val() | self.chosen_version.val())
            ^ self.fixed.q.val();
        self.permutation.run.next = self.active.q.val()
            & (self.state.q.val() != TagState::Compare)
            & (self.state.q.val() != TagState::Check);
        self.permutation.eight_rounds.next = self.active.q.val() & (self.state.q.val() == TagState::Absorb);

        self.done.next = false;
        self.tag_matches.next = false;
        match self.state.q.val() {
            TagState::Idle => {
                self.equal.d.next = false;
                self.keyed.d.next = false;
                self.ended.d.next = false;
                self.padded.d.next = false;
                if self.start.val() {
                    self.state.d.next = TagState::Preparing;
                }
            }
            TagState::Preparing => {
                self.permutation.clear.next = self.permutation.granted.val();
                if self.permutation.granted.val() {
                    self.state.d.next = TagState::Initialise;
                }
            }
            TagState::Initialise => {
                if self.turned.val() {
                    self.state.d.next = TagState::Absorb;
                }
            }
            TagState::Absorb => {
                if self.moves.val() {
                    if self.adds_word.q.val() & self.manifest.last.val() {
                        self.ended.d.next = true;
                    }
                    if self.pads.q.val() {
                        self.padded.d.next = true;
                    }
                }
                if self.turned.val() {
                    self.keyed.d.next = true;
                    if self.padded.q.val() {
                        self.state.d.next = TagState::Finalise;
                    }
                }
            }
            TagState::Finalise => {
                if self.turned.val() {
                    self.state.d.next = TagState::Compare;
                }
            }
            TagState::Compare => {
                if self.turned.val() {
                    self.equal.d.next = true;
                    self.state.d.next = TagState::Check;
                }
            }
            TagState::Check => {
                if (self.moves.val() & self.back.val()) & (self.permutation.word.val() != 0) {
                    self.equal.d.next = false;
                }
                if self.turned.val() {
                    self.state.d.next = TagState::Done;
                }
            }
            TagState::Done => {
                self.permutation.clear.next = self.permutation.granted.val();
                self.done.next = !self.cancel.val();
                self.tag_matches.next = self.equal.q.val() & !self.cancel.val();
                self.state.d.next = TagState::Idle;
            }
            _ => {
                self.permutation.clear.next = self.permutation.granted.val();
                self.state.d.next = TagState::Idle;
            }
        }
        self.busy.next = self.state.q.val() != TagState::Idle;
        if self.cancel.val() {
            self.equal.d.next = false;
            self.state.d.next = TagState::Wiping;
            if self.state.q.val() == TagState::Idle {
                self.state.d.next = TagState::Idle;
            }
        }
    }
}
