//! The manifest's tag: is it the Ascon-AEAD128 tag of these words, this version and this key?
//!
//! ```text
//!   Idle --start--> Preparing --> Initialise --p12--> Absorb --p8--> Finalise --p12--> Compare --> Check --> Done
//!                    clear         IV, K, N            A, pad; K      pad, K, 1         T ^ K      zero?
//!                                                      ^      |
//!                                                      +--p8--+ until the padding is in
//! ```
//!
//! Key and nonce as in SP 800-232: the nonce is the version, little-endian, and twelve zero bytes; the associated data all words
//! up to the one marked `last`, little-endian, at least one; no plaintext. Then four words of the tag. The computed tag is added
//! to the offered one in the state itself, and a whole turn looks for a bit that is left: `done` comes after
//! [`manifest_cycles`]`(n) = 199 + 44 * (n / 4)` cycles for n words, wherever and whether the tags differ. Three of these cycles
//! are for the permutation to be granted and cleared; each cycle in which the block waits for the permutation or for a word
//! delays `done` by a cycle.
//!
//! The block must never say `tag_matches` without `done`, nor after a reset, a `cancel` or a different tag, nor leave any part of
//! the key in the state.

use super::{PermutationDrive, TagFeed, TagKey, TagState};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

/// Cycles from `start` to `done` for a manifest of `words` words before the tag, when nothing is waited for.
pub const fn manifest_cycles(words: u64) -> u64 {
    3 + (20 + 36) + (words / 4 + 1) * (20 + 24) + (20 + 36) + 20 + 20
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

block! {
    /// Verifies a tag. With `integrity` what the verdict rests on is guarded. The other registers take part in the tag: one of
    /// them that loses a bit makes the tag wrong.
    pub struct ManifestTag for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no tag matches.
        pub reset: Signal<In, Bit>,
        /// High: a manifest begins; ignored while `busy`.
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
        feed: TagFeed,
        moves: Signal<Local, Bit>,
        turned: Signal<Local, Bit>,
        last_word: Constant<Bits<4>> = Constant::new(9u64.into()),
        /// High while neither the state nor the verdict has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    ManifestTag
    #[hdl_gen]
    fn update(&mut self) guarded(state, equal) registers(keyed, ended, padded) blocks(feed) {
        self.feed.state.next = self.state.q.val();
        self.feed.granted.next = self.permutation.granted.val();
        self.feed.step.next = self.permutation.step.val();
        self.feed.keyed.next = self.keyed.q.val();
        self.feed.ended.next = self.ended.q.val();
        self.feed.padded.next = self.padded.q.val();
        self.feed.version.next = self.version.val();
        TagKey::link(&mut self.key, &mut self.feed.key);
        self.feed.payload.next = self.manifest.payload.val();
        self.moves.next = (self.feed.active.val() & !self.permutation.busy.val())
            & (self.manifest.valid.val() | !self.feed.adds_word.val());
        self.turned.next = self.moves.val() & (self.permutation.step.val() == self.last_word.val());
        self.manifest.ready.next = self.feed.adds_word.val() & !self.permutation.busy.val();

        self.permutation.request.next = self.state.q.val() != TagState::Idle;
        self.permutation.clear.next = false;
        self.permutation.shift.next = self.moves.val();
        self.permutation.data.next = self.feed.data.val();
        self.permutation.run.next = self.feed.active.val()
            & (self.state.q.val() != TagState::Compare)
            & (self.state.q.val() != TagState::Check);
        self.permutation.eight_rounds.next = self.feed.active.val() & (self.state.q.val() == TagState::Absorb);

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
                    if self.feed.adds_word.val() & self.manifest.last.val() {
                        self.ended.d.next = true;
                    }
                    if self.feed.pads.val() {
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
                if (self.moves.val() & self.feed.back.val()) & (self.permutation.word.val() != 0) {
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
