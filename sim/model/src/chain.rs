//! The hash chain over the audit log.
//!
//! ```text
//!  D_0 = 0     D_1 = H(D_0 || R_0)     D_2 = H(D_1 || R_1)     ...
//! ```
//! H is Ascon-Hash256 (NIST SP 800-232) cut to its first 16 bytes; R is a record's five words as 20 little-endian bytes.
//!
//! The chain has no key: whoever can write a log can compute it anew. It proves a log only against a digest that was read
//! from the device itself.

use ascon_hash256::{AsconHash256, Digest as _};
use pm_interface::AUDIT_WORDS;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Bytes in a digest.
pub const DIGEST_BYTES: usize = 16;

/// The chain's value after some record; the default is its value before the first. As text 32 hex digits, first byte first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; DIGEST_BYTES]);

impl Digest {
    /// Before the first record.
    pub const START: Digest = Digest([0; DIGEST_BYTES]);

    /// After one more record.
    pub fn next(self, record: &[u32; AUDIT_WORDS]) -> Digest {
        let mut hash = AsconHash256::new();
        hash.update(self.0);
        for word in record {
            hash.update(word.to_le_bytes());
        }
        let mut digest = Digest::START;
        digest.0.copy_from_slice(&hash.finalize()[..DIGEST_BYTES]);
        digest
    }

    /// As four little-endian words, the first bytes first.
    pub fn words(self) -> [u32; DIGEST_BYTES / 4] {
        pm_interface::words_of(self.0)
    }

    /// The inverse of [`Digest::words`].
    pub fn from_words(words: [u32; DIGEST_BYTES / 4]) -> Digest {
        Digest(std::array::from_fn(|byte| words[byte / 4].to_le_bytes()[byte % 4]))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Digest, String> {
        hex(text).map(Digest).map_err(|what| format!("a digest is 32 hex digits, but this has {what}"))
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Digest, String> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

/// 16 bytes from 32 hex digits. The error says what is wrong and repeats nothing of the text, which may be a key.
pub(crate) fn hex(text: &str) -> Result<[u8; 16], String> {
    let digits: Option<Vec<u8>> = text.chars().map(|letter| letter.to_digit(16).map(|digit| digit as u8)).collect();
    let Some(digits) = digits else {
        let place = text.chars().take_while(char::is_ascii_hexdigit).count() + 1;
        return Err(format!("something else at character {place}"));
    };
    let pairs: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    let bytes = <[u8; 16]>::try_from(pairs).ok().filter(|_| digits.len() == 32);
    bytes.ok_or_else(|| format!("{} of them", digits.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Counts 1, 2, 9, 17 and 101 of LWC_HASH_KAT_128_256.txt in crypto_hash/asconhash256 of github.com/ascon/ascon-c: the
    /// message is 00 01 02 ... of this length. The draft's Ascon-Hash gives others (7346bc14... for nothing).
    #[test]
    fn the_hash_is_that_of_sp_800_232() {
        for (length, expected) in [
            (0, "0b3be5850f2f6b98caf29f8fdea89b64a1fa70aa249b8f839bd53baa304d92b2"),
            (1, "0728621035af3ed2bca03bf6fde900f9456f5330e4b5ee23e7f6a1e70291bc80"),
            (8, "b88e497ae8e6fb641b87ef622eb8f2fca0ed95383f7ffebe167acf1099ba764f"),
            (16, "3158c1940a2fbadbd68ab661777859b94a689e4efc375911467addd641835c38"),
            (100, "a4bc453c84f824f10092e8e9031799957e984a29bbae5e84345e82f48dd71192"),
        ] {
            let message: Vec<u8> = (0..length).collect();
            let hash: String = AsconHash256::digest(message).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hash, expected, "{length} bytes");
        }
    }

    #[test]
    fn a_step_hashes_digest_then_record_as_little_endian_bytes() {
        let mut message = vec![0; 16];
        message.extend(0..20);
        let record = [0x0302_0100, 0x0706_0504, 0x0B0A_0908, 0x0F0E_0D0C, 0x1312_1110];
        let first = Digest::START.next(&record);
        assert_eq!(first.0, AsconHash256::digest(&message)[..16]);
        message.splice(..16, first.0);
        assert_eq!(first.next(&record).0, AsconHash256::digest(&message)[..16]);
    }

    #[test]
    fn digests_are_written_and_read() {
        let text = "000102030405060708090a0b0c0d0eff";
        let digest: Digest = text.parse().unwrap();
        assert_eq!(digest.to_string(), text);
        assert_eq!(digest.words(), [0x0302_0100, 0x0706_0504, 0x0B0A_0908, 0xFF0E_0D0C]);
        assert_eq!(Digest::from_words(digest.words()), digest);
        assert_eq!(text.to_uppercase().parse(), Ok(digest));
        for (bad, what) in [("", "0 of them"), (&text[1..], "31 of them"), ("0001é", "character 5"), ("+1", "character 1")] {
            let error = bad.parse::<Digest>().unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_flipped_bit_changes_every_later_digest(
            records in prop::collection::vec(any::<[u32; AUDIT_WORDS]>(), 1..8),
            place: prop::sample::Index,
            bit in 0..AUDIT_WORDS * 32,
        ) {
            let chain = |records: &[[u32; AUDIT_WORDS]]| records.iter().scan(Digest::START, |digest, record| {
                *digest = digest.next(record);
                Some(*digest)
            }).collect::<Vec<_>>();
            let place = place.index(records.len());
            let before = chain(&records);
            let mut flipped = records;
            flipped[place][bit / 32] ^= 1 << (bit % 32);
            for (index, (a, b)) in before.iter().zip(chain(&flipped)).enumerate() {
                prop_assert_eq!(*a == b, index < place);
            }
        }
    }
}
