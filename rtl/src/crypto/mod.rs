//! Ascon (NIST SP 800-232): one permutation, and the two blocks that use it.

mod chain_digest;
mod crypto_core;
mod manifest_tag;
mod permutation;
mod shared_permutation;
mod state_word;
mod substitution;
mod tag_feed;

pub use chain_digest::{ChainDigest, DigestState, RecordWords, RECORD_CYCLES};
pub use crypto_core::CryptoCore;
pub use manifest_tag::{manifest_cycles, ManifestTag, ManifestWords};
pub use permutation::{Permutation, PermutationDrive, PermutationUser};
pub use shared_permutation::{Owner, SharedPermutation};
pub use state_word::{RotateRight, StateWord};
pub use substitution::Substitution;
pub use tag_feed::{TagFeed, TagKey, TagState};
