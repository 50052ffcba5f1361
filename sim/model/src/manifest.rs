//! The boot manifest's tag: Ascon-AEAD128 (NIST SP 800-232) over the words before it, with the device's key.
//!
//! ```text
//!  associated data = the words before the tag, little-endian bytes     plaintext = nothing
//!  nonce = security version (4 bytes, little-endian), then 12 zero bytes
//! ```
//! The tag is compared in constant time, and before the words are looked at. A key is for manifests only; give each
//! manifest that is signed with it a security version of its own, for the version is the nonce.

use crate::chain::hex;
use ascon_aead::aead::inout::InOutBuf;
use ascon_aead::aead::{AeadInOut, KeyInit};
use ascon_aead::{AsconAead128, AsconAead128Nonce, AsconAead128Tag};
use pm_interface::manifest::{split_tag, Malformed, Manifest, TAG_WORDS};
use std::fmt;

/// Index of the security version.
const VERSION: usize = 2;

/// The key that a device and whoever signs for it share. Never shown, not even by `Debug`.
#[derive(Clone)]
pub struct DeviceKey([u8; 16]);

impl DeviceKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 16]) -> DeviceKey {
        DeviceKey(bytes)
    }

    /// From 32 hex digits. The error says what is wrong and repeats nothing of the text.
    pub fn from_hex(text: &str) -> Result<DeviceKey, String> {
        hex(text).map(DeviceKey).map_err(|what| format!("a key is 32 hex digits, but this has {what}"))
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

/// Why words are not a manifest that this key vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The words are no manifest.
    Malformed(Malformed),
    /// No tag follows.
    Unsigned,
    /// The tag is another one.
    WrongTag,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::Malformed(malformed) => malformed.fmt(f),
            Rejection::Unsigned => f.write_str("there is no tag: a device stays closed on it; sign it with pm manifest sign"),
            Rejection::WrongTag => f.write_str(
                "the tag is wrong: the manifest was changed after it was signed, or signed with another key; \
                 build it again from its source and sign it with the device's key",
            ),
        }
    }
}

impl std::error::Error for Rejection {}

fn nonce(body: &[u32]) -> AsconAead128Nonce {
    let mut nonce = AsconAead128Nonce::default();
    nonce[..4].copy_from_slice(&body.get(VERSION).copied().unwrap_or(0).to_le_bytes());
    nonce
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn nothing<'a>() -> InOutBuf<'a, 'a, u8> {
    InOutBuf::from(&mut [][..])
}

/// The tag of the words before it, whatever they say. Words that end before the security version have version 0.
pub fn tag(body: &[u32], key: &DeviceKey) -> [u32; TAG_WORDS] {
    let cipher = AsconAead128::new(&key.0.into());
    let tag =
        cipher.encrypt_inout_detached(&nonce(body), &bytes(body), nothing()).expect("only lengths near 2^64 bytes are refused");
    pm_interface::words_of(tag.into())
}

/// Whether the tag is that of the words before it; compared in constant time.
pub fn authentic(body: &[u32], tag: &[u32; TAG_WORDS], key: &DeviceKey) -> bool {
    let mut expected = AsconAead128Tag::default();
    expected.copy_from_slice(&bytes(tag));
    let cipher = AsconAead128::new(&key.0.into());
    cipher.decrypt_inout_detached(&nonce(body), &bytes(body), nothing(), &expected).is_ok()
}

/// The words of a manifest with their tag.
///
/// # Panics
/// As [`Manifest::words`].
pub fn sign(manifest: &Manifest, key: &DeviceKey) -> Vec<u32> {
    let mut words = manifest.words();
    words.extend(tag(&words, key));
    words
}

/// The manifest that signed words say, if the key vouches for them.
pub fn verify(words: &[u32], key: &DeviceKey) -> Result<Manifest, Rejection> {
    let (body, tag) = split_tag(words).map_err(Rejection::Malformed)?;
    let tag = tag.ok_or(Rejection::Unsigned)?;
    if !authentic(body, &tag, key) {
        return Err(Rejection::WrongTag);
    }
    Manifest::from_words(body).map_err(Rejection::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Geometry, Model, Operation, Status};
    use pm_interface::manifest::{BootPartition, Part, Quota, DEVELOPMENT_KEY, DEVELOPMENT_VERSION};
    use pm_interface::Rights;
    use proptest::prelude::*;

    const KEY: DeviceKey = DeviceKey::new([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

    /// Counts 1, 2, 5, 17 and 33 of LWC_AEAD_KAT_128_128.txt in crypto_aead/asconaead128 of github.com/ascon/ascon-c (with
    /// ascon-aead 0.6 as tests/data/ascon128.txt): key and nonce are 00 01 .. 0F, the plaintext is empty, the associated
    /// data is 00 01 02 ... of this length. The draft's Ascon-128 gives others (e355159f... for nothing).
    #[test]
    fn the_cipher_is_that_of_sp_800_232() {
        for (length, expected) in [
            (0, "4427d64b8e1e1451fc445960f0839bb0"),
            (1, "103ab79d913a0321287715a979bb8585"),
            (4, "c6ff3cf70575b144b955820d9bc7685e"),
            (16, "b747d3235e971c20d00dcf87406938fd"),
            (32, "22133a313fbf0b38029a45870aadc542"),
        ] {
            let data: Vec<u8> = (0..length).collect();
            let cipher = AsconAead128::new(&KEY.0.into());
            let tag = cipher.encrypt_inout_detached(&KEY.0.into(), &data, nothing()).unwrap();
            let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(tag, expected, "{length} bytes");
        }
    }

    #[test]
    fn the_tag_is_over_little_endian_bytes_with_the_version_as_nonce() {
        let manifest = Manifest { security_version: 0x0403_0201, ..Manifest::default() };
        let words = sign(&manifest, &KEY);
        let mut nonce = [0; 16];
        nonce[..4].copy_from_slice(&[1, 2, 3, 4]);
        let data: Vec<u8> = words[..11].iter().flat_map(|word| word.to_le_bytes()).collect();
        let tag = AsconAead128::new(&KEY.0.into()).encrypt_inout_detached(&nonce.into(), &data, nothing()).unwrap();
        assert_eq!(bytes(&words[11..]), tag.as_slice());
    }

    #[test]
    fn a_key_is_read_and_never_shown() {
        let text = "000102030405060708090a0b0c0d0e0f";
        assert_eq!(DeviceKey::from_hex(text).unwrap().0, KEY.0);
        assert_eq!(format!("{KEY:?}"), "DeviceKey(..)");
        for bad in ["", "00", &text[1..], &format!("{text}00"), &text.replace('f', "g")] {
            let error = DeviceKey::from_hex(bad).unwrap_err();
            assert!(bad.is_empty() || !error.contains(bad), "{error}");
        }
    }

    #[test]
    fn unsigned_words_are_refused() {
        assert_eq!(verify(&Manifest::default().words(), &KEY), Err(Rejection::Unsigned));
        assert!(matches!(verify(&[], &KEY), Err(Rejection::Malformed(_))));
    }

    /// Quotas and partitions of geometry `cu`, most of which a device takes.
    fn manifests() -> impl Strategy<Value = Manifest> {
        let quota = (prop_oneof![0..9u32, Just(Quota::ANY_GRANULES)], prop_oneof![0..4u8, Just(Quota::ANY_SLOTS)])
            .prop_map(|(granules, slots)| Quota { granules, slots });
        let ragged = || prop_oneof![24 => Just(0u64), 1 => 1..0x100u64];
        let size = prop_oneof![20 => 1..6u64, 1 => Just(0), 1 => 255..258u64];
        let partition = (0..9u8, 0..32u32, prop_oneof![20 => 0x100..0x200u64, 1 => 0xFE..0x103u64], size, ragged()).prop_map(
            |(tenant, rights, page, granules, ragged)| BootPartition {
                tenant,
                rights: Rights::from_bits(rights),
                logical: (page << 8) + ragged,
                size: granules << 8,
            },
        );
        let partitions = prop::collection::vec(partition, 0..18);
        let quotas = prop_oneof![Just(vec![]), prop::collection::vec(quota, 8)];
        let pool = (prop_oneof![16 => Just(0x20u64), 4 => 0..0x22u64], prop_oneof![8 => Just(0u64), 1 => 0..4u64], ragged());
        let window = prop_oneof![16 => Just(0x1_0000u64), 1 => Just(0x1_0100)];
        (any::<u32>(), any::<(bool, Option<bool>)>(), pool, window, quotas, partitions).prop_map(
            |(security_version, (seal, strict), (pool, first, ragged), window_base, quotas, partitions)| Manifest {
                security_version,
                seal,
                strict,
                pool_base: 0x4000_0000 + (first << 8) + ragged,
                pool_size: pool << 8,
                window_base,
                quotas,
                partitions,
            },
        )
    }

    proptest! {
        #[test]
        fn what_was_signed_is_read_back(manifest in manifests(), key: [u8; 16]) {
            let key = DeviceKey::new(key);
            let words = sign(&manifest, &key);
            prop_assert_eq!(verify(&words, &key), Ok(manifest));
        }

        #[test]
        fn any_flipped_bit_is_refused(manifest in manifests(), place: prop::sample::Index) {
            let mut words = sign(&manifest, &KEY);
            let bit = place.index(words.len() * 32);
            words[bit / 32] ^= 1 << (bit % 32);
            prop_assert!(verify(&words, &KEY).is_err(), "bit {}", bit);
        }

        #[test]
        fn any_flipped_bit_of_the_key_is_refused(manifest in manifests(), bit in 0..128usize) {
            let mut other = KEY.clone();
            other.0[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(verify(&sign(&manifest, &KEY), &other), Err(Rejection::WrongTag));
        }

        /// A manifest without quotas is accepted exactly when its activation and its CREATEs are, and is refused with the
        /// status and at the place that they are.
        #[test]
        fn the_check_says_what_the_device_would(manifest in manifests()) {
            let manifest = Manifest { quotas: vec![], security_version: DEVELOPMENT_VERSION, ..manifest };
            let geometry = Geometry::preset("cu").unwrap();
            let mut model = Model::new(&geometry);
            let mut expected = Ok(());
            let status = model.activate(manifest.pool_base, manifest.pool_size, manifest.window_base);
            if status != Status::Ok {
                expected = Err((None, status));
            }
            for (index, partition) in manifest.partitions.iter().enumerate() {
                let BootPartition { tenant, rights, logical, size } = *partition;
                let status = model.command(&Operation::create(tenant, logical, size, rights)).status;
                if expected.is_ok() && status != Status::Ok {
                    expected = Err((Some(index), status));
                }
            }
            let got = manifest.check(&geometry).map_err(|refusal| {
                let place = if let Part::Partition(index) = refusal.part { Some(index) } else { None };
                (place, refusal.status)
            });
            prop_assert_eq!(got, expected);

            // A device that boots with it ends with that status, and opens or not.
            let mut booted = Model::new(&Geometry::preset("cu+boot").unwrap());
            let status = booted.boot(&sign(&manifest, &DeviceKey::new(DEVELOPMENT_KEY)));
            let refusal = manifest.check(&geometry).err().map(|refusal| refusal.status);
            prop_assert_eq!(status, refusal.unwrap_or(Status::Ok));
            prop_assert_eq!(booted.active(), refusal.is_none());
        }
    }
}
