//! One permutation for two users: the chain of digests and the manifest's tag.
//!
//! ```text
//!   record ----> ChainDigest <-- request, granted --+
//!                     |                             Owner: Nobody, Digest, Manifest
//!   manifest --> ManifestTag <-- request, granted --+
//!                     |
//!                     +-- OR of both --> Permutation
//! ```
//!
//! Who asks first has the permutation until it is done, and the other waits. If both ask at once the digest wins, which
//! needs it for [`super::RECORD_CYCLES`] once its words are there; when one is done and the other waits, it is the other's
//! turn, so that neither can keep the other waiting by asking again. A manifest that nobody finishes holds the
//! permutation until `cancel` or `reset`.
//!
//! Latency: those of the users; a grant takes one edge. It must never grant both: what each drives is zero without the
//! grant, and so the two can share wires.

use super::{ChainDigest, ManifestTag, ManifestWords, Permutation, RecordWords, TagKey};
use pm_interface::Features;
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

/// Whose the permutation is.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum Owner {
    /// Nobody's.
    Nobody,
    /// The chain's.
    Digest,
    /// The manifest's.
    Manifest,
}

/// The crypto core: what is instantiated, with the chain's half or without.
#[derive(Clone, Debug, LogicBlock)]
pub struct CryptoCore {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: the chain begins anew, no tag matches, nothing of a key is left.
    pub reset: Signal<In, Bit>,
    /// See [`ChainDigest::start`].
    pub digest_start: Signal<In, Bit>,
    /// See [`ChainDigest::record`].
    pub record: RecordWords,
    /// See [`ChainDigest::busy`].
    pub digest_busy: Signal<Out, Bit>,
    /// See [`ChainDigest::done`].
    pub digest_done: Signal<Out, Bit>,
    /// See [`ChainDigest::digest_asked`].
    pub digest_asked: Signal<In, Bit>,
    /// See [`ChainDigest::digest_index`].
    pub digest_index: Signal<In, Bits<2>>,
    /// See [`ChainDigest::digest`].
    pub digest: Signal<Out, Bits<32>>,
    /// See [`ManifestTag::start`].
    pub manifest_start: Signal<In, Bit>,
    /// See [`ManifestTag::cancel`].
    pub manifest_cancel: Signal<In, Bit>,
    /// See [`ManifestTag::version`].
    pub version: Signal<In, Bits<32>>,
    /// See [`ManifestTag::key`].
    pub key: TagKey,
    /// See [`ManifestTag::manifest`].
    pub manifest: ManifestWords,
    /// See [`ManifestTag::busy`].
    pub manifest_busy: Signal<Out, Bit>,
    /// See [`ManifestTag::done`].
    pub manifest_done: Signal<Out, Bit>,
    /// See [`ManifestTag::tag_matches`].
    pub tag_matches: Signal<Out, Bit>,
    owner: Register<Owner>,
    chain: Vec<ChainDigest>,
    tag: ManifestTag,
    ascon: Permutation,
    chain_asks: Signal<Local, Bit>,
    chain_clears: Signal<Local, Bit>,
    chain_shifts: Signal<Local, Bit>,
    chain_data: Signal<Local, Bits<32>>,
    chain_runs: Signal<Local, Bit>,
    chain_shortens: Signal<Local, Bit>,
    _chains: usize,
    /// See [`ManifestTag::intact`].
    pub intact: Vec<Signal<Out, Bit>>,
    _guards: usize,
    _reports: usize,
}

impl Default for CryptoCore {
    fn default() -> Self {
        Self::new(Features { chain: true, ..Features::default() })
    }
}

impl CryptoCore {
    /// Without a chain there are no digests, and nobody shares the permutation. With `integrity` what the tag's verdict rests on is
    /// guarded, with `lockstep` as well who has the permutation.
    pub fn new(features: Features) -> Self {
        let chains = usize::from(features.chain);
        let guards = usize::from(features.integrity);
        let reports = usize::from(features.reports_twice());
        Self {
            clock: Default::default(),
            reset: Default::default(),
            digest_start: Default::default(),
            record: Default::default(),
            digest_busy: Default::default(),
            digest_done: Default::default(),
            digest_asked: Default::default(),
            digest_index: Default::default(),
            digest: Default::default(),
            manifest_start: Default::default(),
            manifest_cancel: Default::default(),
            version: Default::default(),
            key: Default::default(),
            manifest: Default::default(),
            manifest_busy: Default::default(),
            manifest_done: Default::default(),
            tag_matches: Default::default(),
            owner: Register::guarded(reports),
            chain: vec![Default::default(); chains],
            tag: ManifestTag::guarded(guards),
            ascon: Default::default(),
            chain_asks: Default::default(),
            chain_clears: Default::default(),
            chain_shifts: Default::default(),
            chain_data: Default::default(),
            chain_runs: Default::default(),
            chain_shortens: Default::default(),
            _chains: chains,
            intact: vec![Default::default(); guards],
            _guards: guards,
            _reports: reports,
        }
    }
}

impl Logic for CryptoCore {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(owner) {
            self.record.ready.next = false;
            self.digest_busy.next = false;
            self.digest_done.next = false;
            self.digest.next = 0.into();
            self.chain_asks.next = false;
            self.chain_clears.next = false;
            self.chain_shifts.next = false;
            self.chain_data.next = 0.into();
            self.chain_runs.next = false;
            self.chain_shortens.next = false;
            for i in 0..self._chains {
                self.chain[i].clock.next = self.clock.val();
                self.chain[i].reset.next = self.reset.val();
                self.chain[i].start.next = self.digest_start.val();
                self.chain[i].record.valid.next = self.record.valid.val();
                self.chain[i].record.payload.next = self.record.payload.val();
                self.chain[i].digest_asked.next = self.digest_asked.val();
                self.chain[i].digest_index.next = self.digest_index.val();
                self.chain[i].permutation.busy.next = self.ascon.busy.val();
                self.chain[i].permutation.step.next = self.ascon.step.val();
                self.chain[i].permutation.word.next = self.ascon.word.val();
                self.chain[i].permutation.granted.next = self.owner.q.val() == Owner::Digest;
                self.record.ready.next = self.chain[i].record.ready.val();
                self.digest_busy.next = self.chain[i].busy.val();
                self.digest_done.next = self.chain[i].done.val();
                self.digest.next = self.chain[i].digest.val();
                self.chain_asks.next = self.chain[i].permutation.request.val();
                self.chain_clears.next = self.chain[i].permutation.clear.val();
                self.chain_shifts.next = self.chain[i].permutation.shift.val();
                self.chain_data.next = self.chain[i].permutation.data.val();
                self.chain_runs.next = self.chain[i].permutation.run.val();
                self.chain_shortens.next = self.chain[i].permutation.eight_rounds.val();
            }

            self.tag.clock.next = self.clock.val();
            self.tag.reset.next = self.reset.val();
            self.tag.start.next = self.manifest_start.val();
            self.tag.cancel.next = self.manifest_cancel.val();
            self.tag.version.next = self.version.val();
            self.tag.key.word_0.next = self.key.word_0.val();
            self.tag.key.word_1.next = self.key.word_1.val();
            self.tag.key.word_2.next = self.key.word_2.val();
            self.tag.key.word_3.next = self.key.word_3.val();
            self.tag.manifest.valid.next = self.manifest.valid.val();
            self.tag.manifest.payload.next = self.manifest.payload.val();
            self.tag.manifest.last.next = self.manifest.last.val();
            self.tag.permutation.busy.next = self.ascon.busy.val();
            self.tag.permutation.step.next = self.ascon.step.val();
            self.tag.permutation.word.next = self.ascon.word.val();
            self.tag.permutation.granted.next = self.owner.q.val() == Owner::Manifest;
            self.manifest.ready.next = self.tag.manifest.ready.val();
            self.manifest_busy.next = self.tag.busy.val();
            self.manifest_done.next = self.tag.done.val();
            self.tag_matches.next = self.tag.tag_matches.val();
            for i in 0..self._guards {
                self.intact[i].next = self.tag.intact[i].val();
                for j in 0..self._reports {
                    self.intact[i].next = self.tag.intact[i].val() & self.owner.intact[j].val();
                }
            }

            self.ascon.clock.next = self.clock.val();
            self.ascon.reset.next = self.reset.val();
            self.ascon.clear.next = self.chain_clears.val() | self.tag.permutation.clear.val();
            self.ascon.shift.next = self.chain_shifts.val() | self.tag.permutation.shift.val();
            self.ascon.data.next = self.chain_data.val() | self.tag.permutation.data.val();
            self.ascon.run.next = self.chain_runs.val() | self.tag.permutation.run.val();
            self.ascon.eight_rounds.next =
                self.chain_shortens.val() | self.tag.permutation.eight_rounds.val();

            // The owner keeps it while it asks; then the other is first.
            match self.owner.q.val() {
                Owner::Digest => {
                    if !self.chain_asks.val() {
                        self.owner.d.next = Owner::Nobody;
                        if self.tag.permutation.request.val() {
                            self.owner.d.next = Owner::Manifest;
                        }
                    }
                }
                Owner::Manifest => {
                    if !self.tag.permutation.request.val() {
                        self.owner.d.next = Owner::Nobody;
                        if self.chain_asks.val() {
                            self.owner.d.next = Owner::Digest;
                        }
                    }
                }
                _ => {
                    self.owner.d.next = Owner::Nobody;
                    if self.chain_asks.val() {
                        self.owner.d.next = Owner::Digest;
                    } else if self.tag.permutation.request.val() {
                        self.owner.d.next = Owner::Manifest;
                    }
                }
            }
        }
    }
}
