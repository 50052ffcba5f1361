//! The page of formats says enough for others: a signer that was written from it alone makes the tags that `pm` makes.

use crate::tidy::project;
use pm_interface::manifest::{BootPartition, Manifest, Quota, DEVELOPMENT_KEY};
use pm_interface::{words_of, Rights};
use pm_model::manifest::{sign, verify, DeviceKey};
use pm_sim::block_cosim::Random;
use std::io::Write;
use std::process::{Command, Stdio};

/// A manifest with the tag that `tests/signer.py` gives it.
fn signed_by_python(key: &[u8; 16], words: &[u32]) -> Vec<u32> {
    let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut signer = Command::new("python3")
        .arg(project("tests/signer.py"))
        .arg(digits)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    signer.stdin.take().expect("it is piped").write_all(&bytes).expect("it reads");
    let ended = signer.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{ended:?}");
    ended.stdout.chunks(4).map(|word| u32::from_le_bytes(word.try_into().expect("whole words"))).collect()
}

/// A manifest of this many quotas and partitions, whose tag is looked at and nothing else.
fn manifest(random: &mut Random, quotas: u64, partitions: u64) -> Manifest {
    let mut number = || random.below(u64::MAX);
    let quota = |number: u64| Quota { granules: number as u32 & Quota::ANY_GRANULES, slots: (number >> 32) as u8 };
    let partition = |number: u64| BootPartition {
        tenant: number as u8,
        rights: Rights::from_bits((number >> 8) as u32 & 31),
        logical: number.rotate_left(17),
        size: number.rotate_left(31),
    };
    Manifest {
        security_version: number() as u32,
        seal: number() & 1 == 1,
        strict: [None, Some(true), Some(false)][number() as usize % 3],
        pool_base: number(),
        pool_size: number(),
        window_base: number(),
        quotas: (0..quotas).map(|_| quota(number())).collect(),
        partitions: (0..partitions).map(|_| partition(number())).collect(),
    }
}

#[test]
fn a_signer_written_from_the_page_alone_makes_the_same_tags() {
    let mut random = Random::new(1);
    for (quotas, partitions) in [(0, 0), (0, 1), (2, 0), (8, 3), (1, 1), (16, 45), (0, 48), (5, 2)] {
        let manifest = manifest(&mut random, quotas, partitions);
        let words = manifest.words();
        for key in [DEVELOPMENT_KEY, std::array::from_fn(|_| random.below(256) as u8)] {
            let ours = sign(&manifest, &DeviceKey::new(key));
            assert_eq!(signed_by_python(&key, &words), ours, "{quotas} quotas, {partitions} partitions, key {key:02x?}");
            assert_eq!(verify(&ours, &DeviceKey::new(key)).as_ref(), Ok(&manifest));
        }
    }
}

#[test]
fn the_example_of_the_page_is_signed_as_it_says() {
    let page = std::fs::read_to_string(project("rtl/FORMATS.md")).expect("the page is there");
    let example = page.split("```text\n").find(|block| block.contains("\n tag ")).expect("it has an example");
    let hex = |line: &str| -> Vec<u32> {
        line.split_whitespace().map(|word| u32::from_str_radix(word, 16).expect("a word in hex")).collect()
    };
    let (body, rest) = example.split_once("\n tag ").expect("a tag");
    let (words, tag) = (hex(body), hex(rest.lines().next().expect("a line")));
    let key: [u8; 16] = std::array::from_fn(|byte| byte as u8);
    assert_eq!(words_of(key)[0], 0x0302_0100, "byte 0 is the lowest of its word");
    let signed = [words.clone(), tag].concat();
    assert_eq!(signed_by_python(&key, &words), signed);
    let manifest = verify(&signed, &DeviceKey::new(key)).expect("the tag is right");
    assert_eq!((manifest.security_version, manifest.pool_base), (0x0001_0003, 0x8000_0000));
}
