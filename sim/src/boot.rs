//! Boot manifests as they are offered to a device: right, or tampered with on the way.

use pm_interface::manifest::{Manifest, DEVELOPMENT_KEY};
use pm_model::manifest::{sign, tag, DeviceKey};

/// What became of a manifest before it was offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tampering {
    /// Nothing.
    #[default]
    None,
    /// A bit was flipped, of the words and the tag.
    Flip {
        /// Index of the word; those of the tag follow the others.
        word: usize,
        /// Which of its bits.
        bit: u32,
    },
    /// Only so many words are offered.
    Truncate(usize),
    /// So many words of zeros follow.
    Extend(usize),
    /// A word before the tag was replaced, and all signed again by somebody who has the key.
    Resign {
        /// Index of the word; the last one where it is beyond.
        word: usize,
        /// What it became.
        value: u32,
    },
    /// It was signed with another key.
    OtherKey,
}

/// The words that a device is offered, tag included.
pub fn offered(manifest: &Manifest, tampering: Tampering) -> Vec<u32> {
    let key = DeviceKey::new(DEVELOPMENT_KEY);
    let mut words = sign(manifest, &key);
    match tampering {
        Tampering::None => {}
        Tampering::Flip { word, bit } => {
            let place = word % words.len();
            words[place] ^= 1 << (bit % 32);
        }
        Tampering::Truncate(length) => words.truncate(length),
        Tampering::Extend(more) => words.resize(words.len() + more, 0),
        Tampering::Resign { word, value } => {
            let mut body = manifest.words();
            let place = word.min(body.len() - 1);
            body[place] = value;
            words = [&body[..], &tag(&body, &key)].concat();
        }
        Tampering::OtherKey => words = sign(manifest, &DeviceKey::new([0x5A; 16])),
    }
    words
}
