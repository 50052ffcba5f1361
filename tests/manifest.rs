//! `pm manifest`: what was built and signed is read back, and whatever was changed since is refused.

use crate::pm::{pm, scratch};
use pm_interface::manifest::{Manifest, Quota};
use pm_model::manifest::{sign, verify, DeviceKey, Rejection};
use proptest::prelude::*;
use serde_json::Value;
use std::path::Path;

const KEY: &str = "000102030405060708090a0b0c0d0e0f";

const SOURCE: &str = "\
geometry = \"cu\"
version = 3
seal = true
pool_base = 0x8000_0000
pool_size = 0x2000
window_base = 0x0001_0000

[[quota]]
tenant = 1
size = 0x600
slots = 2

[[partition]]
tenant = 1
base = 0x0001_0000
size = 0x400
rights = \"rw\"
isolated = true

[[partition]]
tenant = 2
base = 0x0001_FF00
size = 0x100
rights = \"rx\"
locked = true
";

/// A key file with these permissions.
fn key(name: &str, text: &str, mode: u32) -> String {
    let file = scratch(name, text);
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    file
}

/// Where a file of this name may be written; nothing is there.
fn place(name: &str) -> String {
    let file = scratch(name, "");
    std::fs::remove_file(&file).unwrap();
    file
}

fn words(file: &str) -> Vec<u32> {
    let bytes = std::fs::read(file).unwrap();
    bytes.chunks(4).map(|word| u32::from_le_bytes(word.try_into().expect("whole words"))).collect()
}

/// A signed manifest, its key file and its words.
fn signed(name: &str) -> (String, String, Vec<u32>) {
    let key = key(&format!("{name}.key"), KEY, 0o600);
    let out = place(&format!("{name}.bin"));
    let run = pm(&["manifest", "build", &scratch(&format!("{name}.toml"), SOURCE), "-o", &out, "--key", &key]);
    assert_eq!(run.code, 0, "{}", run.errors);
    let words = words(&out);
    (out, key, words)
}

fn inspect(file: &str, key: &str) -> (i32, Value) {
    let run = pm(&["manifest", "inspect", file, "--key", key, "--json"]);
    (run.code, serde_json::from_str(&run.output).unwrap_or(Value::Null))
}

#[test]
fn what_was_built_is_what_the_source_says() {
    let (out, key, words) = signed("manifest_built");
    let manifest = verify(&words, &DeviceKey::from_hex(KEY).unwrap()).unwrap();
    let mut quotas = vec![Quota::UNLIMITED; 8];
    quotas[1] = Quota { granules: 6, slots: 2 };
    assert_eq!((manifest.security_version, manifest.seal, manifest.quotas), (3, true, quotas));
    assert_eq!((manifest.pool_base, manifest.pool_size, manifest.window_base), (0x8000_0000, 0x2000, 0x1_0000));
    let rows = manifest.partitions.iter().map(|p| (p.tenant, p.logical, p.size, p.rights.bits())).collect::<Vec<_>>();
    assert_eq!(rows, [(1, 0x1_0000, 0x400, 0b01011), (2, 0x1_FF00, 0x100, 0b10101)]);

    let (code, shown) = inspect(&out, &key);
    assert_eq!((code, &shown["authentic"], &shown["words"]), (0, &true.into(), &29.into()));
    assert_eq!((&shown["quotas"][1]["granules"], &shown["quotas"][0]["slots"]), (&6.into(), &Value::Null));
    assert_eq!(shown["partitions"][0]["rights"], "rw-");
    assert_eq!((&shown["partitions"][0]["isolated"], &shown["partitions"][1]["locked"]), (&true.into(), &true.into()));
    let text = pm(&["manifest", "inspect", &out, "--key", &key]);
    assert!(text.code == 0 && text.output.contains(", right") && !text.output.contains(KEY), "{}", text.output);
}

#[test]
fn an_unsigned_manifest_says_so_and_is_signed_later() {
    let (_, key, at_once) = signed("manifest_later");
    let out = place("manifest_later_unsigned.bin");
    let built = pm(&["manifest", "build", &scratch("manifest_later.toml", SOURCE), "-o", &out]);
    assert!(built.code == 0 && built.output.contains("UNSIGNED"), "{}", built.output);
    assert!(built.output.contains(&format!("pm manifest sign {out} --key")), "{}", built.output);
    assert_eq!(words(&out), at_once[..29]);
    let shown = pm(&["manifest", "inspect", &out]);
    assert!(shown.code == 0 && shown.output.contains("none: unsigned"), "{}", shown.output);
    let (code, shown) = inspect(&out, &key);
    assert_eq!((code, &shown["authentic"], &shown["tag"]), (1, &false.into(), &Value::Null));

    assert_eq!(pm(&["manifest", "sign", &out, "--key", &key]).code, 0);
    assert_eq!(words(&out), at_once);
    let again = pm(&["manifest", "sign", &out, "--key", &key]);
    assert!(again.code == 0 && again.output.contains("signed with this key already"), "{}", again.output);
    let other = self::key("manifest_later_other.key", &KEY.replace('f', "e"), 0o600);
    let replaced = pm(&["manifest", "sign", &out, "--key", &other]);
    assert!(replaced.code == 0 && replaced.output.contains("is replaced"), "{}", replaced.output);
    assert_eq!((inspect(&out, &key).0, inspect(&out, &other).0), (1, 0));
}

#[test]
fn another_key_is_refused() {
    let (out, _, _) = signed("manifest_key");
    for (index, digit) in KEY.chars().enumerate() {
        let mut other = KEY.to_string();
        other.replace_range(index..index + 1, if digit == '0' { "1" } else { "0" });
        let other = key("manifest_key_other.key", &other, 0o600);
        let (code, shown) = inspect(&out, &other);
        assert_eq!((code, &shown["authentic"]), (1, &false.into()), "digit {index}");
    }
    let text = pm(&["manifest", "inspect", &out, "--key", &key("manifest_key_other.key", &"7".repeat(32), 0o600)]);
    assert!(text.output.contains("WRONG"), "{}", text.output);
}

/// By the library every bit, by the command one of each word: refused as no manifest (2), or for its tag (1).
#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let (_, key, words) = signed("manifest_bit");
    let device = DeviceKey::from_hex(KEY).unwrap();
    for bit in 0..words.len() * 32 {
        let mut flipped = words.clone();
        flipped[bit / 32] ^= 1 << (bit % 32);
        let rejection = verify(&flipped, &device).expect_err("a bit was flipped");
        let by_length = matches!(rejection, Rejection::Malformed(_));
        assert_eq!(by_length, bit / 32 < 2, "bit {bit}: {rejection}");
        if bit % 32 == (bit / 32) % 29 {
            let bytes: Vec<u8> = flipped.iter().flat_map(|word| word.to_le_bytes()).collect();
            let file = scratch("manifest_bit_flipped.bin", bytes);
            let code = inspect(&file, &key).0;
            assert!(code == 1 || code == 2 && Manifest::from_words(&flipped[..29]).is_err(), "bit {bit}: {code}");
            assert_eq!(std::fs::read(&file).unwrap().len(), 4 * words.len(), "inspect changes nothing");
        }
    }
}

#[test]
fn unusable_manifests_end_with_2_and_say_where() {
    let (_, _, words) = signed("manifest_unusable");
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let with = |place: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[place] = byte;
        bytes
    };
    for (name, content, said) in [
        ("empty", vec![], "word 0: the manifest ends before its header"),
        ("text", SOURCE.as_bytes()[..44].to_vec(), "word 0: 0x"),
        ("ragged", bytes[..50].to_vec(), "its 50 bytes are no whole number of 4-byte words"),
        ("short", bytes[..80].to_vec(), "word 1: it says 29 words before the tag (so 29 or 33 in all), 20 are there"),
        ("long", vec![0; 1025], "it is longer than 1024 bytes"),
        ("format", with(4, 2), "word 1: format 2, this version knows format 1"),
        ("flags", with(12, 9), "word 3: bits 0x00000008 have to be 0"),
        ("window", with(12, 7), "word 3: bits 1 and 2 ask for a strict window and for one that is not"),
        ("counts", with(41, 3), "word 10: header, quotas and boot partitions come to 34 words, word 1 says 29"),
        ("rights", with(19 * 4 + 2, 1), "word 19: bits 0x00010000 have to be 0"),
    ] {
        let file = scratch(&format!("manifest_unusable_{name}.bin"), content);
        let run = pm(&["manifest", "inspect", &file]);
        assert_eq!(run.code, 2, "{name}: {}{}", run.output, run.errors);
        assert!(run.errors.contains(said) && run.errors.contains(&file), "{name}: {}", run.errors);
    }
    let run = pm(&["manifest", "inspect", "nowhere.bin"]);
    assert!(run.code == 2 && run.errors.contains("nowhere.bin: cannot read the manifest"), "{}", run.errors);
}

#[test]
fn unusable_sources_end_with_2_and_say_where() {
    let out = place("manifest_source.bin");
    for (name, from, to, line, said) in [
        ("syntax", "seal = true", "seal = tru", 3, "pm manifest build --help shows a whole source"),
        ("unknown", "seal = true", "seel = true", 3, "unknown field `seel`"),
        ("missing", "version = 3\n", "", 1, "missing field `version`"),
        ("negative", "version = 3", "version = -3", 2, "invalid value: integer `-3`"),
        ("preset", "\"cu\"", "\"cuu\"", 1, "no geometry is called \"cuu\"; choose one of tiny, mcu, cu"),
        ("pool", "0x8000_0000", "0x8000_0080", 4, "pool: base 0x80000080 and size 0x2000 have to be multiples"),
        ("frame", "pool_size = 0x2000", "pool_size = 0x4000", 5, "more than this geometry's largest pool"),
        ("window", "window_base = 0x0001_0000", "window_base = 0x0001_0100", 6, "has to be a multiple of its size"),
        ("quota", "tenant = 1\nsize = 0x600", "tenant = 9\nsize = 0x600", 8, "there is no tenant 9"),
        ("exceeded", "size = 0x600", "size = 0x300", 13, "the quota is 0x300; raise it"),
        ("rights", "\"rw\"", "\"rq\"", 17, "rights \"rq\" are not letters of \"rwx\""),
        ("tenant", "tenant = 2", "tenant = 8", 20, "partition 1: there is no tenant 8"),
        (
            "outside",
            "0x0001_FF00",
            "0x0002_0000",
            20,
            "leave the window, which is 0x10000 to 0x1ffff; move it there (OutsideWindow)",
        ),
        ("overlap", "tenant = 2\nbase = 0x0001_FF00", "tenant = 1\nbase = 0x0001_0300", 20, "overlaps partition 0"),
    ] {
        assert!(SOURCE.contains(from), "{name}");
        let file = scratch(&format!("manifest_source_{name}.toml"), SOURCE.replacen(from, to, 1));
        let run = pm(&["manifest", "build", &file, "-o", &out]);
        assert_eq!(run.code, 2, "{name}: {}{}", run.output, run.errors);
        assert!(run.errors.contains(&format!("{file}:{line}: ")) && run.errors.contains(said), "{name}: {}", run.errors);
        assert!(!Path::new(&out).exists(), "{name}");
    }
    let source = scratch("manifest_source_itself.toml", SOURCE);
    let run = pm(&["manifest", "build", &source, "-o", &source]);
    assert!(run.code == 2 && run.errors.contains("is the source itself"), "{}", run.errors);
    assert_eq!(std::fs::read_to_string(source).unwrap(), SOURCE);
}

#[test]
fn unusable_keys_end_with_2_and_are_never_shown() {
    let (out, _, before) = signed("manifest_keys");
    for (name, text, said) in [
        ("empty", String::new(), "this has 0 of them"),
        ("short", KEY[1..].into(), "this has 31 of them"),
        ("long", format!("{KEY}0"), "this has 33 of them"),
        ("letter", KEY.replace('f', "g"), "something else at character 32"),
        ("prefix", format!("0x{KEY}"), "something else at character 2"),
        ("lines", format!("{KEY}\n{KEY}\n"), "something else at character 33"),
    ] {
        let key = key(&format!("manifest_keys_{name}.key"), &text, 0o600);
        for run in [pm(&["manifest", "sign", &out, "--key", &key]), pm(&["manifest", "inspect", &out, "--key", &key])] {
            assert_eq!(run.code, 2, "{name}: {}{}", run.output, run.errors);
            assert!(run.errors.contains(said) && run.errors.contains(&format!("{key}:1: ")), "{name}: {}", run.errors);
            let shown = run.output + &run.errors;
            assert!(!shown.contains(&KEY[4..12]), "{name}: {shown}");
        }
    }
    let run = pm(&["manifest", "sign", &out, "--key", "nowhere.key"]);
    assert!(run.code == 2 && run.errors.contains("nowhere.key: cannot read the key"), "{}", run.errors);
    assert_eq!(words(&out), before);
}

#[cfg(unix)]
#[test]
fn keys_that_others_can_read_are_refused() {
    let (out, _, _) = signed("manifest_modes");
    for mode in [0o644, 0o640, 0o604, 0o660, 0o602] {
        let key = key("manifest_modes_open.key", KEY, mode);
        let run = pm(&["manifest", "inspect", &out, "--key", &key]);
        assert_eq!(run.code, 2, "{mode:o}: {}", run.output);
        assert!(run.errors.contains("chmod 600") && run.errors.contains(&key), "{mode:o}: {}", run.errors);
    }
    assert_eq!(inspect(&out, &key("manifest_modes_open.key", KEY, 0o400)).0, 0);
}

#[test]
fn a_new_key_is_private_and_never_written_over() {
    let (out, _, _) = signed("manifest_new");
    let first = place("manifest_new_first.key");
    let second = place("manifest_new_second.key");
    for file in [&first, &second] {
        let run = pm(&["manifest", "key", file]);
        assert_eq!(run.code, 0, "{}", run.errors);
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.trim_end().len() == 32 && !run.output.contains(text.trim_end()), "{}", run.output);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions()) & 0o777, 0o600);
        let kept = pm(&["manifest", "key", file]);
        assert!(kept.code == 2 && kept.errors.contains("never written over"), "{}", kept.errors);
        assert_eq!(std::fs::read_to_string(file).unwrap(), text);
    }
    assert_eq!(pm(&["manifest", "sign", &out, "--key", &first]).code, 0);
    assert_eq!((inspect(&out, &first).0, inspect(&out, &second).0), (0, 1));
}

#[test]
fn every_help_has_an_example() {
    for action in ["build", "sign", "inspect", "key"] {
        let help = pm(&["manifest", action, "--help"]);
        assert!(help.code == 0 && help.output.contains(&format!("Example:\n  pm manifest {action} ")), "{}", help.output);
    }
    assert_eq!(pm(&["manifest", "build"]).code, 2);
}

/// The source in the help is one that can be built.
#[test]
fn the_source_in_the_help_can_be_built() {
    let help = pm(&["manifest", "build", "--help"]).output;
    let from = help.find("geometry = ").expect("a source");
    let until = help.find("Without --key").expect("the text after it");
    let run = pm(&["manifest", "build", &scratch("manifest_help.toml", &help[from..until]), "-o", &place("manifest_help.bin")]);
    assert_eq!(run.code, 0, "{}", run.errors);
}

proptest! {
    #[test]
    fn random_words_are_no_manifest(words in prop::collection::vec(any::<u32>(), 0..64), from: bool) {
        let mut words = words;
        if from && words.len() > 15 {
            let said = (words.len() - 4) as u32;
            words[..2].copy_from_slice(&[pm_interface::manifest::MAGIC, 1 | said << 16]);
        }
        prop_assert!(verify(&words, &DeviceKey::new([7; 16])).is_err());
        prop_assert!(sign(&Manifest::default(), &DeviceKey::new([7; 16])).len() == 15);
    }
}
