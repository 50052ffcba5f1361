//! The hash chain over the audit log, joined to it: what is read fits the digest, the digest is whole whenever it is
//! read, no record is read that it has not taken in, and neither port nor writer waits for it.
//!
//! ```text
//!   cycle        c        c+401        c+802   ...
//!   denials      40 records in the log's RAM at once
//!   digest       D_1      D_2          D_3           readable: 1, 2, 3 ...
//! ```

use crate::bench::{open, open_rtl, preset, DENIED};
use pm_interface::registers::{irq, offset};
use pm_interface::{AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};
use pm_model::chain::Digest;
use pm_rtl::control::CHAIN_CYCLES;
use pm_sim::block_cosim::Random;
use pm_sim::device::REGISTER_LATENCY;
use pm_sim::figures::{digest_time, DigestTime};
use pm_sim::{Offered, Pins, Scenario, Shown};

/// The registers of a consistent read.
const DIGEST: [u8; 6] = [
    offset::AUDIT_CHAINED,
    offset::AUDIT_DIGEST,
    offset::AUDIT_DIGEST_1,
    offset::AUDIT_DIGEST_2,
    offset::AUDIT_DIGEST_3,
    offset::AUDIT_CHAINED,
];

fn reads(registers: &[u8]) -> Vec<Offered> {
    registers.iter().map(|register| Offered { register: Some((*register, None)), ..Offered::default() }).collect()
}

/// Register accesses back to back, and their answers.
fn answers(pins: &mut dyn Pins, mut offered: Vec<Offered>) -> Vec<u32> {
    let accesses = offered.len();
    offered.resize(accesses + REGISTER_LATENCY as usize - 1, Offered::default());
    let shown = pins.run(&offered);
    let answers = shown[REGISTER_LATENCY as usize - 1..].iter();
    answers.map(|shown| shown.register.expect("it answers in time").expect("no error")).collect()
}

/// The digest and how many records it covers, read back to back; `None` where it was replaced meanwhile.
fn digest(pins: &mut dyn Pins) -> Option<(u32, Digest)> {
    let read = answers(pins, reads(&DIGEST));
    (read[0] == read[5]).then(|| (read[0], Digest::from_words([read[1], read[2], read[3], read[4]])))
}

fn deny(pins: &mut dyn Pins) {
    pins.run(&[Offered { physical: Some(DENIED), ..Offered::default() }]);
}

/// Takes every record that will come.
fn drain(pins: &mut dyn Pins) -> Vec<[u32; AUDIT_WORDS]> {
    pins.catch_up().expect("the digest catches up");
    pins.drain_audit().expect("the log can be read").iter().map(|record| record.words()).collect()
}

/// The digests after none, one, two ... of the records.
fn chain(start: Digest, records: &[[u32; AUDIT_WORDS]]) -> Vec<Digest> {
    let mut digests = vec![start];
    for record in records {
        digests.push(digests[digests.len() - 1].next(record));
    }
    digests
}

/// All that must hold of a device that is open, its log empty, with one record behind it: asked all the time, and at rest.
pub fn holds(pins: &mut dyn Pins) {
    pins.catch_up().expect("the digest catches up");
    let (count, start) = digest(pins).expect("nothing happens");
    assert_eq!(count, 1, "the activation is in the digest");
    for _ in 0..3 {
        deny(pins);
        pins.idle(12);
    }
    let mut seen = Vec::new();
    let mut pause = 0;
    while pins.read_register(offset::AUDIT_CHAINED).expect("it can be read") < 4 {
        assert!(seen.len() < 1000, "the digest does not catch up");
        seen.extend(digest(pins));
        // What can be read was chained before.
        let level = answers(pins, reads(&[offset::AUDIT_LEVEL, offset::AUDIT_CHAINED]));
        assert!(level[0] & 0xFFFF < level[1], "{} records can be read, {} chained", level[0] & 0xFFFF, level[1]);
        assert!((level[0] & 0xFFFF) + (level[0] >> 24) == 3, "no record is forgotten: {:#x}", level[0]);
        pause = (pause + 1) % 7;
        pins.idle(pause);
    }
    seen.extend(digest(pins));
    let records = drain(pins);
    assert_eq!(records.len(), 3);
    let digests = chain(start, &records);
    for (count, digest) in &seen {
        assert_eq!(*digest, digests[*count as usize - 1], "the digest of {count} records");
    }
    for count in 1..=4 {
        assert!(seen.iter().any(|(seen, _)| *seen == count), "the digest of {count} records was never read");
    }

    // A reset anywhere in a digest begins a new chain.
    for cycles in [7, 60, 250, 350, 398] {
        deny(pins);
        pins.idle(12 + cycles);
        pins.pulse_reset();
        // From the last word on, which is the last to be zeroed.
        let registers: Vec<u8> = DIGEST.into_iter().rev().chain([offset::AUDIT_LEVEL]).collect();
        let fresh = answers(pins, reads(&registers));
        assert_eq!(fresh, [0; 7], "{cycles} cycles into a digest: chained, digest, level");
        pins.reset().expect("it resets");
        let (pool_base, pool_size, window_base) = pins.geometry().default_setup();
        pins.activate(pool_base, pool_size, window_base).expect("it opens");
        let records = drain(pins);
        assert_eq!(records.len(), 1, "after a reset there is the record of the activation");
        assert_eq!(digest(pins), Some((1, Digest::START.next(&records[0]))), "the chain begins with zeros");
    }
}

#[test]
fn the_digest_is_that_of_the_records_whenever_it_is_read() {
    holds(open_rtl(&preset("tiny+chain")).as_mut());
}

/// Offers the same to a device with a chain and to one without; what the ports and the log said.
fn same_with_and_without(offered: &[Offered]) -> (Vec<[u32; AUDIT_WORDS]>, u32) {
    let mut outcome = None;
    for name in ["tiny", "tiny+chain"] {
        let mut pins = open_rtl(&preset(name));
        let before = pins.read_digest().unwrap().map(|(digest, _)| digest);
        let shown: Vec<Shown> = pins.run(offered);
        let verdicts: Vec<_> = shown.iter().map(|shown| (shown.translate, shown.physical)).collect();
        let lost = pins.read_register(offset::AUDIT_LOST).unwrap();
        let mut records = drain(pins.as_mut());
        if let Some(before) = before {
            let after = *chain(before, &records).last().unwrap();
            assert_eq!(pins.read_digest().unwrap(), Some((after, 1 + records.len() as u32)));
        }
        // Times from the first record on: the devices were opened at different times. What waited for room is written
        // when the log is read, which is later with a chain.
        let first = records[0][1];
        for (index, record) in records.iter_mut().enumerate() {
            record[1] = if index < AUDIT_RECORDS - AUDIT_RESERVED { record[1] - first } else { 0 };
        }
        let this = (verdicts, lost, records);
        match &outcome {
            None => outcome = Some(this),
            Some(without) => assert!(*without == this, "{:?} {:?}", (without.1, &without.2), (this.1, &this.2)),
        }
    }
    outcome.map(|(_, lost, records)| (records, lost)).unwrap()
}

#[test]
fn a_burst_of_forty_denials_is_recorded_as_without_a_chain() {
    // One denial every six cycles is what the writer takes; the ports by turns.
    let mut offered = vec![Offered::default(); 40 * 6 + 24];
    for (index, slot) in offered.iter_mut().step_by(6).take(40).enumerate() {
        *(if index % 2 == 0 { &mut slot.translate } else { &mut slot.physical }) = Some(DENIED);
    }
    let (records, lost) = same_with_and_without(&offered);
    assert_eq!((records.len(), lost), (40, 0));
}

#[test]
fn denials_in_every_cycle_are_answered_in_time_and_counted_as_without_a_chain() {
    let both = Offered { translate: Some(DENIED), physical: Some(DENIED), ..Offered::default() };
    let mut offered = vec![both; 300];
    offered.resize(340, Offered::default());
    let (records, lost) = same_with_and_without(&offered);
    // What had waited for room is written while the log is read, then the count of what was lost.
    assert!(records.len() > AUDIT_RECORDS - AUDIT_RESERVED && lost > 500, "{} records, {lost} lost", records.len());
}

#[test]
fn records_are_read_back_to_back_while_others_are_chained() {
    let mut pins = open_rtl(&preset("tiny+chain"));
    for _ in 0..6 {
        deny(pins.as_mut());
        pins.idle(12);
    }
    let expected = drain(pins.duplicate().unwrap().as_mut());
    let mut words = Vec::new();
    while words.len() < 6 * AUDIT_WORDS {
        if pins.read_register(offset::AUDIT_LEVEL).unwrap() & 0xFFFF == 0 {
            pins.idle(5);
            continue;
        }
        // Read and pop in turn, a record in ten cycles, each word twice.
        let data = reads(&[offset::AUDIT_DATA])[0];
        let pop = Offered { register: Some((offset::AUDIT_POP, Some(1))), ..Offered::default() };
        let read = answers(pins.as_mut(), [data, data, pop].repeat(AUDIT_WORDS));
        for word in read.chunks(3) {
            assert_eq!(word[0], word[1]);
            words.push(word[0]);
        }
    }
    let words: Vec<[u32; AUDIT_WORDS]> = words.chunks(AUDIT_WORDS).map(|words| words.try_into().unwrap()).collect();
    assert_eq!(words, expected);
}

/// Register reads in every cycle keep the digest waiting; in one of two cycles they do not.
#[test]
fn the_digest_waits_for_reads_back_to_back_only() {
    let fresh = || {
        let mut pins = open_rtl(&preset("tiny+chain"));
        deny(pins.as_mut());
        pins
    };
    let chained = |pins: &mut dyn Pins| pins.read_register(offset::AUDIT_CHAINED).unwrap();
    let status = reads(&[offset::STATUS])[0];
    let mut pins = fresh();
    pins.run(&vec![status; 2000]);
    assert_eq!(chained(pins.as_mut()), 1, "the trusted control master can starve the digest");
    pins.idle(CHAIN_CYCLES + 20);
    assert_eq!(chained(pins.as_mut()), 2, "and then it goes on");
    for (pattern, late) in [([status, Offered::default()], 30), ([Offered::default(), status], 30)] {
        let mut pins = fresh();
        pins.run(&pattern.repeat((CHAIN_CYCLES as usize + late) / 2));
        assert_eq!(chained(pins.as_mut()), 2, "half of the cycles are enough");
    }
}

/// The figure of the datasheet: `pm report --geometry cu+chain --cycles`.
#[test]
fn a_record_takes_its_cycles_and_no_more() {
    let DigestTime { first, further } = digest_time(&preset("tiny+chain")).unwrap().expect("it has a chain");
    assert_eq!(further, CHAIN_CYCLES);
    assert!((CHAIN_CYCLES..CHAIN_CYCLES + 20).contains(&first), "{first} cycles from a denial to its digest");
    assert_eq!(digest_time(&preset("tiny")).unwrap(), None);
}

#[test]
fn without_a_chain_its_registers_are_errors() {
    let mut pins = open_rtl(&preset("tiny"));
    for register in DIGEST {
        assert!(pins.read_register(register).is_err());
    }
    assert_eq!(pins.read_digest(), Ok(None));
    let mut chained = open_rtl(&preset("tiny+chain"));
    for register in DIGEST {
        assert!(chained.write_register(register, 1).is_err(), "nobody writes a digest");
    }
    open_again(chained.as_mut());
}

/// A device goes on as usual.
fn open_again(pins: &mut dyn Pins) {
    pins.reset().unwrap();
    open(pins);
    assert_eq!(pins.read_digest().unwrap().map(|(_, count)| count), Some(1));
}

/// A handler that acknowledges between a denial and its record, on the RTL: `irq` tells of the record, too.
const ACKNOWLEDGED_EARLY: &str = r#"
geometry = "cu+chain"

[setup]
pool_base = 0x4000_0000
pool_size = 0x2000
window_base = 0x1_0000

[[step]]
audit = { drain = true }
[[step]]
register = { name = "IRQ_STATUS", write = 0xF }
[[step]]
register = { name = "IRQ_ENABLE", write = 0x2 }
[[step]]
irq = false
[[step]]
access = { tenant = 7, address = 0x1_0000, length = 0, kind = "read", expect = "denied", reason = "OutOfRange" }
[[step]]
irq = true
[[step]]
register = { name = "IRQ_STATUS", write = 0x2 }
[[step]]
register = { name = "AUDIT_LEVEL", value = 0x0, mask = 0xFFFF }
[[step]]
irq = false
[[step]]
audit = { level = 1 }
[[step]]
irq = true
"#;

#[test]
fn a_handler_that_acknowledges_before_the_record_is_chained_is_called_again() {
    let scenario = Scenario::parse("early.toml", ACKNOWLEDGED_EARLY).expect("it is a scenario");
    let mut rtl = open_rtl(&preset("cu+chain"));
    let report = scenario.run(&mut *rtl, &mut |_| {});
    assert!(report.passed, "{}", report.text(None));
}

/// Denials, acknowledgements, pops and commands at random: in every cycle in which a record that a cause announces can be read,
/// that cause is set.
fn no_record_waits_without_its_cause(geometry: &str, seed: u64) {
    let mut pins = open_rtl(&preset(geometry));
    let pins: &mut dyn Pins = &mut *pins;
    drain(pins);
    pins.write_register(offset::IRQ_STATUS, irq::DENIAL | irq::LOST).expect("it is writable");
    pins.write_register(offset::IRQ_ENABLE, irq::DENIAL | irq::LOST).expect("it is writable");
    let mut random = Random::new(seed);
    let (mut raised, mut quiet) = (0, 0);
    for turn in 0..400u64 {
        // Storms fill the log, so that denials are counted and a record of losses comes; then it is emptied, or nearly.
        let storm = turn / 40 % 2 == 0;
        for _ in 0..random.below(12) {
            let physical = (random.below(if storm { 2 } else { 24 }) == 0).then_some(DENIED);
            let register = match random.below(6) {
                0 => Some((offset::IRQ_STATUS, Some(irq::DENIAL | irq::LOST))),
                1 | 2 if !storm => Some((offset::AUDIT_POP, Some(1))),
                3 => Some((offset::AUDIT_LEVEL, None)),
                _ => None,
            };
            pins.run(&[Offered { physical, register, ..Offered::default() }]);
        }
        // Whatever came before: acknowledged, and then looked at in this order, the cause after the level.
        pins.write_register(offset::IRQ_STATUS, irq::DENIAL | irq::LOST).expect("it is writable");
        let read = answers(pins, reads(&[offset::AUDIT_LEVEL, offset::IRQ_STATUS]));
        let waiting = read[0] & 0xFFFF;
        let causes = read[1] & (irq::DENIAL | irq::LOST);
        // No command and no activation has a record here: every record has one of the two causes.
        assert!(waiting == 0 || causes != 0, "{geometry}, seed {seed}, turn {turn}: {waiting} records wait, and no cause is set");
        if causes != 0 {
            assert!(pins.irq(), "{geometry}, seed {seed}, turn {turn}: causes {causes:#x} are enabled");
            raised += 1;
        } else {
            quiet += 1;
        }
        if turn % 80 == 79 {
            // A record of which words are gone goes first.
            while pins.read_register(offset::AUDIT_LEVEL).expect("it can be read") >> 16 & 7 != 0 {
                pins.write_register(offset::AUDIT_POP, 1).expect("it pops");
            }
            drain(pins);
            pins.idle(32);
            drain(pins);
            pins.write_register(offset::IRQ_STATUS, irq::DENIAL | irq::LOST).expect("it is writable");
            assert!(!pins.irq(), "{geometry}, seed {seed}, turn {turn}: no record waits");
            quiet += 1;
        }
    }
    assert!(raised > 20 && quiet >= 5, "{geometry}, seed {seed}: {raised} times raised, {quiet} times not");
}

#[test]
fn no_acknowledgement_loses_a_wake_up() {
    for (geometry, seed) in [("tiny", 1), ("tiny", 2), ("tiny+chain", 3), ("tiny+chain", 4)] {
        no_record_waits_without_its_cause(geometry, seed);
    }
}
