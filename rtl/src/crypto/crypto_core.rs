//! The crypto core: the chain of digests and the manifest's tag, with one permutation for both.
//!
//! ```text
//!   record ----> ChainDigest <--+
//!                               +--> SharedPermutation
//!   manifest --> ManifestTag <--+
//! ```
//!
//! A manifest that is never finished holds the permutation until `cancel` or `reset`. Latency: those of the users, and one
//! edge for a grant of the permutation.

use super::{ChainDigest, ManifestTag, ManifestWords, PermutationUser, RecordWords, SharedPermutation, TagKey};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Instantiates tag, permutation and, with the feature `chain`, the chain. Without `chain` the tag has the permutation to
    /// itself.
    pub struct CryptoCore for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the chain restarts, no tag matches, and the key is no longer in the state.
        pub reset: Signal<In, Bit>,
        /// High: a record begins; ignored while `digest_busy`.
        pub digest_start: Signal<In, Bit>,
        /// Words of the record, five for each `digest_start`.
        pub record: RecordWords,
        /// High while the digest is zeroed or a record is hashed.
        pub digest_busy: Signal<Out, Bit>,
        /// High for one cycle: the digest includes the record.
        pub digest_done: Signal<Out, Bit>,
        /// High: a word of the digest is read.
        pub digest_asked: Signal<In, Bit>,
        /// Number of the word that is read; valid with `digest_asked`.
        pub digest_index: Signal<In, Bits<2>>,
        /// Word of the digest that was read, one edge later.
        pub digest: Signal<Out, Bits<32>>,
        /// High: a manifest begins; ignored while `manifest_busy`.
        pub manifest_start: Signal<In, Bit>,
        /// High: the manifest is given up, without a verdict. Up to the second edge a word may still be taken.
        pub manifest_cancel: Signal<In, Bit>,
        /// Security version for the nonce; steady while `manifest_busy`.
        pub version: Signal<In, Bits<32>>,
        /// Key of the device; steady while `manifest_busy`.
        pub key: TagKey,
        /// Words of the manifest, then of the tag.
        pub manifest: ManifestWords,
        /// High while a tag is computed or the state is wiped.
        pub manifest_busy: Signal<Out, Bit>,
        /// High for one cycle: `tag_matches` is the verdict.
        pub manifest_done: Signal<Out, Bit>,
        /// High when the tag is right; valid with `manifest_done`.
        pub tag_matches: Signal<Out, Bit>,
        tag: ManifestTag = ManifestTag::new(geometry),
        permutation: SharedPermutation = SharedPermutation::new(geometry),
        chain: ChainDigest where chain,
        /// High while what the tag's verdict rests on has lost no bit, and with `lockstep` the permutation's owner as well.
        pub intact: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    CryptoCore
    #[hdl_gen]
    fn update(&mut self) blocks(tag, permutation) intact(tag) {
        self.tag.start.next = self.manifest_start.val();
        self.tag.cancel.next = self.manifest_cancel.val();
        self.tag.version.next = self.version.val();
        TagKey::link(&mut self.key, &mut self.tag.key);
        ManifestWords::link(&mut self.manifest, &mut self.tag.manifest);
        self.manifest_busy.next = self.tag.busy.val();
        self.manifest_done.next = self.tag.done.val();
        self.tag_matches.next = self.tag.tag_matches.val();
        PermutationUser::join(&mut self.permutation.manifest, &mut self.tag.permutation);

        self.record.ready.next = false;
        self.digest_busy.next = false;
        self.digest_done.next = false;
        self.digest.next = 0.into();
        self.permutation.chain.request.next = false;
        self.permutation.chain.clear.next = false;
        self.permutation.chain.shift.next = false;
        self.permutation.chain.data.next = 0.into();
        self.permutation.chain.run.next = false;
        self.permutation.chain.eight_rounds.next = false;
    }
    when(chain) blocks(chain) {
        self.chain[0].start.next = self.digest_start.val();
        RecordWords::link(&mut self.record, &mut self.chain[0].record);
        self.chain[0].digest_asked.next = self.digest_asked.val();
        self.chain[0].digest_index.next = self.digest_index.val();
        self.digest_busy.next = self.chain[0].busy.val();
        self.digest_done.next = self.chain[0].done.val();
        self.digest.next = self.chain[0].digest.val();
        PermutationUser::join(&mut self.permutation.chain, &mut self.chain[0].permutation);
    }
    when(intact) {
        for i in 0..self.permutation.intact.len() {
            self.intact[0].next = self.tag.intact[0].val() & self.permutation.intact[i].val();
        }
    }
}
