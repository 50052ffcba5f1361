//! The crypto core against published answers and against RustCrypto, in RustHDL and as emitted Verilog.
//!
//! Known answers: `LWC_AEAD_KAT_128_128.txt` (asconaead128) and `LWC_HASH_KAT_256.txt` (asconhash256) of the reference
//! implementation that goes with SP 800-232, github.com/ascon/ascon-c.

use ascon_aead::aead::{Aead, KeyInit, Payload};
use ascon_aead::AsconAead128;
use ascon_hash256::{AsconHash256, Digest};
use pm_interface::words_of;
use pm_rtl::crypto::{manifest_cycles, CryptoCore, Permutation, RECORD_CYCLES};
use pm_sim::block_cosim::{cosimulate, Engine, Options, Random, Stimulus};
use pm_sim::inputs;
use rust_hdl::prelude::{simulate, Block, ToBits};
use std::collections::VecDeque;

/// Rounds of settling that are never needed.
const SETTLE_ROUNDS: usize = 1000;
/// Longer than anything takes here.
const TIMEOUT: u64 = 5000;

const HASH_IV: u64 = 0x0000_0801_00cc_0002;
const AEAD_IV: u64 = 0x0000_1000_808c_0001;

fn settle<B: Block>(block: &mut B) {
    assert!(simulate(block, SETTLE_ROUNDS), "it settles");
}

/// A clock edge of a block whose clock is called so.
macro_rules! edge {
    ($block:expr) => {{
        let block = &mut $block;
        for level in [true, false] {
            block.clock.next.clk = level;
            settle(block);
        }
    }};
}

/// The ring of words by itself.
struct Ring {
    block: Permutation,
    cycles: u64,
}

impl Ring {
    fn new() -> Ring {
        let mut block = Permutation::default();
        block.connect_all();
        let mut ring = Ring { block, cycles: 0 };
        ring.block.clear.next = true;
        ring.cycle();
        ring.block.clear.next = false;
        ring
    }

    fn cycle(&mut self) {
        settle(&mut self.block);
        edge!(self.block);
        self.cycles += 1;
    }

    /// Adds ten words and tells what was there; then as many rounds.
    fn turn(&mut self, words: [u32; 10], rounds: u64) -> [u32; 10] {
        let mut seen = [0; 10];
        for (step, word) in words.into_iter().enumerate() {
            assert!(!self.block.busy.val());
            assert_eq!(self.block.step.val().to_u64(), step as u64);
            seen[step] = self.block.word.val().to_u64() as u32;
            self.block.shift.next = true;
            self.block.data.next = u64::from(word).into();
            self.block.run.next = rounds > 0;
            self.block.eight_rounds.next = rounds == 8;
            self.cycle();
            // Nothing that is offered while it is busy may count.
            self.block.data.next = u64::from(!word).into();
            while self.block.busy.val() {
                self.cycle();
            }
            self.block.shift.next = false;
            settle(&mut self.block);
        }
        seen
    }

    /// Adds to the state, and permutes.
    fn add(&mut self, state: [u64; 5], rounds: u64) {
        self.turn(words(state), rounds);
    }

    fn state(&mut self) -> [u64; 5] {
        let seen = self.turn([0; 10], 0);
        std::array::from_fn(|lane| u64::from(seen[2 * lane]) | u64::from(seen[2 * lane + 1]) << 32)
    }
}

fn words(state: [u64; 5]) -> [u32; 10] {
    std::array::from_fn(|index| (state[index / 2] >> (32 * (index % 2))) as u32)
}

/// `message` and the padding, in blocks of so many bytes, each as little-endian numbers.
fn padded(message: &[u8], rate: usize) -> Vec<Vec<u64>> {
    let mut bytes = message.to_vec();
    bytes.push(1);
    bytes.resize(bytes.len().next_multiple_of(rate), 0);
    let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    bytes.chunks(rate).map(|block| block.chunks(8).map(number).collect()).collect()
}

fn numbers(bytes: &[u8; 16]) -> (u64, u64) {
    let number = u128::from_le_bytes(*bytes);
    (number as u64, (number >> 64) as u64)
}

/// Ascon-Hash256 by the permutation.
fn hash(message: &[u8]) -> Vec<u8> {
    let mut ring = Ring::new();
    ring.add([HASH_IV, 0, 0, 0, 0], 12);
    for block in padded(message, 8) {
        ring.add([block[0], 0, 0, 0, 0], 12);
    }
    let mut digest = Vec::new();
    for _ in 0..4 {
        digest.extend(ring.state()[0].to_le_bytes());
        ring.add([0; 5], 12);
    }
    digest
}

/// The tag of Ascon-AEAD128 without plaintext, by the permutation.
fn tag(key: &[u8; 16], nonce: &[u8; 16], data: &[u8]) -> Vec<u8> {
    let ((k0, k1), (n0, n1)) = (numbers(key), numbers(nonce));
    let mut ring = Ring::new();
    ring.add([AEAD_IV, k0, k1, n0, n1], 12);
    ring.add([0, 0, 0, k0, k1], 0);
    if !data.is_empty() {
        for block in padded(data, 16) {
            ring.add([block[0], block[1], 0, 0, 0], 8);
        }
    }
    ring.add([1, 0, k0, k1, 1 << 63], 12);
    let state = ring.state();
    [(state[3] ^ k0).to_le_bytes(), (state[4] ^ k1).to_le_bytes()].concat()
}

fn reference_tag(key: &[u8; 16], nonce: &[u8; 16], data: &[u8]) -> Vec<u8> {
    let payload = Payload { msg: b"", aad: data };
    AsconAead128::new(&(*key).into()).encrypt(&(*nonce).into(), payload).expect("it encrypts")
}

fn bytes<const N: usize>(random: &mut Random) -> [u8; N] {
    std::array::from_fn(|_| random.bits() as u8)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn the_permutation_is_the_one_of_the_standard() {
    for seed in 1..=20 {
        let mut random = Random::new(seed);
        let start: [u64; 5] = std::array::from_fn(|_| random.bits());
        let (mut twelve, mut eight) = (start, start);
        ascon::permute12(&mut twelve);
        ascon::permute8(&mut eight);
        for (rounds, expected) in [(12, twelve), (8, eight)] {
            let mut ring = Ring::new();
            ring.add(start, rounds);
            assert_eq!(ring.state(), expected, "{rounds} rounds, seed {seed}");
            assert_eq!(ring.state(), expected, "a turn changes nothing");
        }
    }
}

#[test]
fn a_permutation_takes_three_cycles_a_round() {
    for (rounds, cycles) in [(12, 36), (8, 24), (0, 0)] {
        let mut ring = Ring::new();
        let before = ring.cycles;
        ring.add([1; 5], rounds);
        assert_eq!(ring.cycles - before, 20 + cycles, "{rounds} rounds");
    }
}

#[test]
fn clear_stops_a_permutation_and_leaves_nothing() {
    let mut ring = Ring::new();
    for wait in 0..40 {
        ring.turn([0x5555_5555; 10], 0);
        for step in 0..10 {
            ring.block.shift.next = true;
            ring.block.run.next = true;
            ring.cycle();
            ring.block.shift.next = false;
            if step < 9 {
                ring.cycle();
            }
        }
        for _ in 0..wait {
            ring.cycle();
        }
        ring.block.clear.next = true;
        ring.cycle();
        ring.block.clear.next = false;
        settle(&mut ring.block);
        assert_eq!(ring.state(), [0; 5], "cleared {wait} cycles after the tenth word");
    }
}

#[test]
fn known_answers_hold() {
    let counting: [u8; 64] = std::array::from_fn(|index| index as u8);
    for (length, expected) in [
        (0, "0B3BE5850F2F6B98CAF29F8FDEA89B64A1FA70AA249B8F839BD53BAA304D92B2"),
        (1, "0728621035AF3ED2BCA03BF6FDE900F9456F5330E4B5EE23E7F6A1E70291BC80"),
    ] {
        assert_eq!(hexadecimal(&hash(&counting[..length])), expected, "hash of {length} bytes");
    }
    let key: [u8; 16] = std::array::from_fn(|index| index as u8);
    for (length, expected) in [
        (0, "4427D64B8E1E1451FC445960F0839BB0"),
        (1, "103AB79D913A0321287715A979BB8585"),
        (4, "C6FF3CF70575B144B955820D9BC7685E"),
    ] {
        assert_eq!(hexadecimal(&tag(&key, &key, &counting[..length])), expected, "tag of {length} bytes");
    }
}

#[test]
fn hashes_and_tags_of_any_length_agree_with_rustcrypto() {
    let mut random = Random::new(7);
    for length in 0..40 {
        let message: Vec<u8> = (0..length).map(|_| random.bits() as u8).collect();
        let (key, nonce) = (bytes(&mut random), bytes(&mut random));
        assert_eq!(hash(&message), AsconHash256::digest(&message).to_vec(), "hash, seed 7, {length} bytes");
        assert_eq!(tag(&key, &nonce, &message), reference_tag(&key, &nonce, &message), "tag, seed 7, {length} bytes");
    }
}

/// A manifest with all that its tag depends on.
#[derive(Clone)]
struct Manifest {
    key: [u8; 16],
    version: u32,
    words: Vec<u32>,
    tag: [u32; 4],
}

impl Manifest {
    /// With the right tag.
    fn random(length: usize, random: &mut Random) -> Manifest {
        let words: Vec<u32> = (0..length).map(|_| random.bits() as u32).collect();
        let (key, version) = (bytes(random), random.bits() as u32);
        let mut nonce = [0; 16];
        nonce[..4].copy_from_slice(&version.to_le_bytes());
        let data: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let tag = words_of(reference_tag(&key, &nonce, &data).try_into().expect("16 bytes"));
        Manifest { key, version, words, tag }
    }

    /// What is streamed: words, and whether each is the last before the tag.
    fn stream(&self) -> VecDeque<(u32, bool)> {
        let end = self.words.len() - 1;
        let words = self.words.iter().enumerate().map(|(index, word)| (*word, index == end));
        words.chain(self.tag.iter().map(|word| (*word, false))).collect()
    }
}

/// The first 16 bytes of the hash of a digest and a record.
fn next_digest(digest: [u32; 4], record: [u32; 5]) -> [u32; 4] {
    let bytes: Vec<u8> = digest.iter().chain(&record).flat_map(|word| word.to_le_bytes()).collect();
    let hash = AsconHash256::digest(&bytes);
    words_of(std::array::from_fn(|byte| hash[byte]))
}

/// The whole core, with streams that hold their words until they are taken.
struct Core {
    block: CryptoCore,
    record: VecDeque<u32>,
    manifest: VecDeque<(u32, bool)>,
    cycles: u64,
    verdict: Option<(bool, u64)>,
    digested: Option<u64>,
    /// A word is offered in one of so many cycles.
    hesitation: u64,
    random: Random,
}

impl Core {
    fn new() -> Core {
        let mut block = CryptoCore::new(&crate::bench::preset("tiny+chain"));
        block.connect_all();
        let mut core = Core {
            block,
            record: VecDeque::new(),
            manifest: VecDeque::new(),
            cycles: 0,
            verdict: None,
            digested: None,
            hesitation: 1,
            random: Random::new(3),
        };
        core.until(|core| !core.block.digest_busy.val());
        core.cycle();
        core.cycle();
        core
    }

    fn cycle(&mut self) {
        let offered = self.hesitation == 1 || self.random.once_in(self.hesitation);
        self.block.record.valid.next = offered && !self.record.is_empty();
        self.block.record.payload.next = u64::from(self.record.front().copied().unwrap_or(0xdead_beef)).into();
        let (word, last) = self.manifest.front().copied().unwrap_or((0xdead_beef, true));
        self.block.manifest.valid.next = offered && !self.manifest.is_empty();
        self.block.manifest.payload.next = u64::from(word).into();
        self.block.manifest.last.next = last;
        settle(&mut self.block);
        if self.block.record.valid.val() && self.block.record.ready.val() {
            self.record.pop_front();
        }
        if self.block.manifest.valid.val() && self.block.manifest.ready.val() {
            self.manifest.pop_front();
        }
        if self.block.manifest_done.val() {
            self.verdict = Some((self.block.tag_matches.val(), self.cycles));
        } else {
            assert!(!self.block.tag_matches.val(), "a verdict without `manifest_done`");
        }
        if self.block.digest_done.val() {
            self.digested = Some(self.cycles);
        }
        edge!(self.block);
        self.block.digest_start.next = false;
        self.block.manifest_start.next = false;
        self.block.manifest_cancel.next = false;
        self.block.reset.next = false;
        self.cycles += 1;
    }

    fn until(&mut self, mut condition: impl FnMut(&Core) -> bool) {
        for _ in 0..TIMEOUT {
            self.cycle();
            if condition(self) {
                return;
            }
        }
        panic!("nothing happens for {TIMEOUT} cycles");
    }

    /// Cycles from start to done.
    fn hash(&mut self, record: [u32; 5]) -> u64 {
        self.record.extend(record);
        self.digested = None;
        let before = self.cycles;
        self.block.digest_start.next = true;
        self.until(|core| core.digested.is_some());
        self.digested.expect("it is done") - before
    }

    fn digest(&mut self) -> [u32; 4] {
        std::array::from_fn(|index| {
            self.block.digest_asked.next = true;
            self.block.digest_index.next = index.to_bits();
            self.cycle();
            self.block.digest_asked.next = false;
            self.block.digest.val().to_u64() as u32
        })
    }

    fn offer(&mut self, manifest: &Manifest) {
        let word = |index: usize| u64::from(words_of(manifest.key)[index]).into();
        self.block.key.word_0.next = word(0);
        self.block.key.word_1.next = word(1);
        self.block.key.word_2.next = word(2);
        self.block.key.word_3.next = word(3);
        self.block.version.next = u64::from(manifest.version).into();
        self.manifest = manifest.stream();
        self.verdict = None;
        self.block.manifest_start.next = true;
    }

    /// The verdict and the cycles from start to done.
    fn verify(&mut self, manifest: &Manifest) -> (bool, u64) {
        let before = self.cycles;
        self.offer(manifest);
        self.until(|core| core.verdict.is_some());
        assert!(self.manifest.is_empty(), "every word was taken");
        let (matches, at) = self.verdict.expect("it is done");
        // Until the permutation is free again, so that every measurement begins alike.
        self.cycle();
        self.cycle();
        (matches, at - before)
    }
}

#[test]
fn the_chain_is_recomputed_by_anyone() {
    let mut core = Core::new();
    let mut expected = [0; 4];
    assert_eq!(core.digest(), expected, "the chain begins with zeros");
    for number in 0..6 {
        let record = std::array::from_fn(|_| core.random.bits() as u32);
        core.hesitation = if number < 3 { 1 } else { 5 };
        let cycles = core.hash(record);
        expected = next_digest(expected, record);
        assert_eq!(core.digest(), expected, "record {number}, seed 3");
        if core.hesitation == 1 {
            assert_eq!(cycles, RECORD_CYCLES);
        }
    }
    core.block.reset.next = true;
    core.cycle();
    core.until(|core| !core.block.digest_busy.val());
    assert_eq!(core.digest(), [0; 4], "a reset begins the chain anew");
}

#[test]
fn the_digest_before_is_shown_until_the_next_is_whole() {
    let mut core = Core::new();
    let (first, second) = ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]);
    core.hash(first);
    let before = core.digest();
    assert_eq!(before, next_digest([0; 4], first));
    core.record.extend(second);
    core.digested = None;
    core.block.digest_start.next = true;
    let begun = core.cycles;
    // Its four words again and again, with a pause in which the hash gets its own.
    while core.digested.is_none() {
        let shown = core.digest();
        assert!(shown == before || core.digested.is_some(), "half replaced after {} cycles", core.cycles - begun);
        core.cycle();
    }
    assert_eq!(core.digest(), next_digest(before, second));
    assert!(core.cycles - begun < RECORD_CYCLES + 50, "the hash waited {} cycles", core.cycles - begun);
}

#[test]
fn a_right_tag_is_accepted_whatever_the_length_in_cycles_that_are_known() {
    let mut core = Core::new();
    for length in 1..=24 {
        let manifest = Manifest::random(length, &mut Random::new(length as u64));
        assert_eq!(core.verify(&manifest), (true, manifest_cycles(length as u64)), "{length} words, seed {length}");
        core.hesitation = 3;
        assert!(core.verify(&manifest).0, "{length} words, seed {length}, hesitating");
        core.hesitation = 1;
    }
}

#[test]
fn every_flipped_bit_is_refused_in_the_same_number_of_cycles() {
    let mut core = Core::new();
    let right = Manifest::random(5, &mut Random::new(11));
    let (accepted, cycles) = core.verify(&right);
    assert!(accepted);
    let mut refuse = |manifest: &Manifest, what: &str, bit: usize| {
        assert_eq!(core.verify(manifest), (false, cycles), "bit {bit} of the {what} flipped, seed 11");
    };
    for bit in 0..128 {
        let mut wrong = right.clone();
        wrong.tag[bit / 32] ^= 1 << (bit % 32);
        refuse(&wrong, "tag", bit);
        let mut wrong = right.clone();
        wrong.key[bit / 8] ^= 1 << (bit % 8);
        refuse(&wrong, "key", bit);
    }
    for bit in 0..32 {
        refuse(&Manifest { version: right.version ^ 1 << bit, ..right.clone() }, "version", bit);
    }
    for bit in 0..32 * right.words.len() {
        let mut wrong = right.clone();
        wrong.words[bit / 32] ^= 1 << (bit % 32);
        refuse(&wrong, "data", bit);
    }
    // Differences that would cancel if the words were added up.
    for flipped in [[1, 1, 0, 0], [1, 0, 0, 1], [7, 7, 7, 7], [u32::MAX; 4]] {
        let mut wrong = right.clone();
        wrong.tag = std::array::from_fn(|index| right.tag[index] ^ flipped[index]);
        refuse(&wrong, "tag in several words", 0);
    }
    assert_eq!(core.verify(&right), (true, cycles), "nothing of the others is left");
}

#[test]
fn cancel_and_reset_leave_no_verdict_at_any_time() {
    let mut core = Core::new();
    let manifest = Manifest::random(3, &mut Random::new(5));
    for wait in (0..manifest_cycles(3) + 1).step_by(3).chain([manifest_cycles(3)]) {
        for reset in [false, true] {
            core.offer(&manifest);
            for _ in 0..wait {
                core.cycle();
            }
            core.verdict = None;
            core.block.manifest_cancel.next = !reset;
            core.block.reset.next = reset;
            core.cycle();
            // A reset in the very cycle of the verdict is too late for it.
            assert!(core.verdict.is_none() || reset, "a verdict {wait} cycles after the start, although cancelled");
            core.verdict = None;
            core.manifest.clear();
            core.until(|core| !core.block.manifest_busy.val() && !core.block.digest_busy.val());
            assert_eq!(core.verdict, None, "a verdict after {wait} cycles and an end");
            core.cycle();
            core.cycle();
        }
        assert!(core.verify(&manifest).0, "the next one is verified");
    }
}

#[test]
fn who_comes_second_waits_and_neither_starves() {
    let mut core = Core::new();
    let manifest = Manifest::random(9, &mut Random::new(9));
    let record = [1, 2, 3, 4, 5];
    let mut expected = [0; 4];

    // At once: the digest is first.
    core.offer(&manifest);
    core.hash(record);
    expected = next_digest(expected, record);
    assert_eq!((core.digest(), core.verdict), (expected, None));
    core.until(|core| core.verdict.is_some());
    assert!(core.verdict.is_some_and(|(matches, _)| matches));

    // The manifest first: the record waits for it.
    core.offer(&manifest);
    core.cycle();
    core.hash(record);
    expected = next_digest(expected, record);
    assert_eq!(core.digest(), expected);
    assert!(core.verdict.is_some_and(|(matches, _)| matches));

    // Record after record: the manifest has its turn after the first.
    core.hash(record);
    core.offer(&manifest);
    core.hash(record);
    core.hash(record);
    assert!(core.verdict.is_some_and(|(matches, _)| matches));
    for _ in 0..3 {
        expected = next_digest(expected, record);
    }
    assert_eq!(core.digest(), expected);
}

/// Whole records and whole manifests, right and wrong, through both simulations.
#[test]
fn whole_hashes_and_tags_agree_with_the_emitted_verilog() {
    let (mut record, mut manifest) = (VecDeque::new(), VecDeque::new());
    let (mut digest, mut expected, mut held) = ([0; 4], [0; 4], vec![0; 5]);
    let (mut verdicts, mut correct, mut hashed, mut reading) = (Vec::new(), true, 0, None::<usize>);
    let aim = |stimulus: &mut Stimulus<'_>| {
        let taken = |stimulus: &mut Stimulus<'_>, port: &str| stimulus.cycle() > 0 && stimulus.output(port) == 1;
        stimulus.set("reset", 0);
        if taken(stimulus, "record.ready") {
            record.pop_front();
        }
        if taken(stimulus, "manifest.ready") {
            manifest.pop_front();
        }
        if taken(stimulus, "manifest_done") {
            verdicts.push((correct, stimulus.output("tag_matches") == 1));
        }
        // The four words after a record.
        if let Some(index) = reading {
            if index > 0 {
                digest[index - 1] = stimulus.output("digest") as u32;
            }
            reading = Some(index + 1).filter(|next| *next < 5);
            if reading.is_none() {
                assert_eq!(digest, expected, "record {hashed}");
            }
        }
        if taken(stimulus, "digest_done") {
            reading = Some(0);
        }
        // Now and then it is read while it hashes.
        let asked = reading.is_some() || stimulus.random().once_in(3);
        stimulus.set("digest_asked", asked.into());
        let index = reading.unwrap_or(0);
        stimulus.set("digest_index", index as u128);
        for port in ["digest_start", "manifest_start", "manifest_cancel"] {
            stimulus.set(port, 0);
        }
        match stimulus.cycle() % 800 {
            50 => {
                let words: [u32; 5] = std::array::from_fn(|_| stimulus.random().bits() as u32);
                record.extend(words);
                expected = next_digest(expected, words);
                hashed += 1;
                stimulus.set("digest_start", 1);
            }
            60 => {
                let length = 1 + stimulus.random().below(6) as usize;
                let mut offered = Manifest::random(length, stimulus.random());
                correct = stimulus.random().once_in(2);
                if !correct {
                    let bit = stimulus.random().below(128) as usize;
                    offered.tag[bit / 32] ^= 1 << (bit % 32);
                }
                manifest = offered.stream();
                stimulus.set("manifest_start", 1);
                held = [words_of(offered.key).map(u128::from).to_vec(), vec![offered.version.into()]].concat();
            }
            _ => {}
        }
        for (index, value) in held.iter().enumerate() {
            let port = if index < 4 { format!("key.word_{index}") } else { "version".into() };
            stimulus.set(&port, *value);
        }
        stimulus.set("record.valid", (!record.is_empty()).into());
        stimulus.set("record.payload", record.front().copied().unwrap_or(0).into());
        stimulus.set("manifest.valid", (!manifest.is_empty()).into());
        let (word, last) = manifest.front().copied().unwrap_or((0, false));
        stimulus.set("manifest.payload", word.into());
        stimulus.set("manifest.last", last.into());
    };
    let inputs = inputs!(CryptoCore: clock, reset, digest_start, record.valid, record.payload, digest_asked, digest_index,
        manifest_start, manifest_cancel, version, key.word_0, key.word_1, key.word_2, key.word_3, manifest.valid,
        manifest.payload, manifest.last);
    let options = Options::new(inputs).with_hook(aim).with_engine(Engine::Verilator);
    let report = cosimulate("crypto_core", || CryptoCore::new(&crate::bench::preset("tiny+chain")), 8000, 1, options)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.constant_outputs, [""; 0]);
    assert_eq!((hashed, verdicts.len()), (10, 10));
    assert!(verdicts.iter().all(|(correct, accepted)| correct == accepted), "{verdicts:?}");
    assert!(verdicts.iter().any(|(correct, _)| *correct) && verdicts.iter().any(|(correct, _)| !*correct));
}
