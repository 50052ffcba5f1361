//! Authenticated boot on the RTL: how long it takes, what the host can do meanwhile, and that nothing is open before it ends.
//! (Which manifests are refused, and how, is compared with the model in `conformance`.)
//!
//! ```text
//!   BOOT_DATA ... CONTROL=1 | tag | look | pool and window | zero the pool | CREATE ... | SEAL | record | active
//!                           '------------ closed: NotActive, commands refused ----------------------'
//! ```

use crate::bench::preset;
use pm_interface::manifest::{Manifest, DEVELOPMENT_KEY};
use pm_interface::registers::offset;
use pm_interface::{words_of, BootState, Event, Reason, Status, WORD_BYTES};
use pm_sim::boot::{offered, Tampering};
use pm_sim::device::Access;
use pm_sim::figures::{boot_cycles, boot_times, sized_manifest as manifest, BootTime};
use pm_sim::{rtl_pins, Offered, Pins};

/// The RTL after reset, its tables clear.
fn closed(name: &str) -> Box<dyn Pins> {
    let mut rtl = rtl_pins(&preset(name)).expect("the geometry is supported");
    rtl.reset().expect("it resets");
    rtl
}

fn state(pins: &mut dyn Pins) -> (Option<BootState>, Option<Status>) {
    let state = pins.read_register(offset::BOOT_STATE).expect("it can be read");
    (BootState::from_code(state as u8 & 7), Status::from_code((state >> 8) as u8 & 15))
}

fn write(register: u8, value: u32) -> Offered {
    Offered { register: Some((register, Some(value))), ..Offered::default() }
}

/// A word a cycle.
fn offer(pins: &mut dyn Pins, words: &[u32]) {
    let words: Vec<Offered> = words.iter().map(|word| write(offset::BOOT_DATA, *word)).collect();
    pins.run(&words);
}

/// The figures of the datasheet: `pm report --geometry cu+boot --cycles`.
#[test]
fn a_boot_takes_its_cycles() {
    for name in ["tiny+boot", "cu+boot"] {
        let geometry = preset(name);
        let times = boot_times(&geometry).unwrap();
        let pool = geometry.largest_pool() / WORD_BYTES;
        for BootTime { words, partitions, seal, cycles } in &times {
            let create = geometry.slots as u64 + geometry.granule() / WORD_BYTES + 1 + 26;
            let tag = 199 + 49 * (*words as u64 / 4) + 20;
            let expected = tag + 4 * *words as u64 + 70 + pool + *partitions as u64 * (create + 70);
            let sealing = if *seal { 40 } else { 0 };
            assert!(
                *cycles <= expected + sealing && cycles + 120 >= expected,
                "{name}, {words} words: {cycles}, expected up to {expected}"
            );
        }
        assert_eq!(times.iter().map(|time| time.words).collect::<Vec<_>>(), [11, 16, 21, 11]);
        assert!((10..40).contains(&(times[3].cycles - times[0].cycles)));
    }
    assert_eq!(boot_times(&preset("tiny")).unwrap(), []);
}

/// The tag takes as long wherever it differs, and a wrong one ends sooner than a right one.
#[test]
fn a_wrong_tag_takes_the_same_time_wherever_it_is_wrong() {
    let geometry = preset("tiny+boot");
    let length = manifest(&geometry, 1).length();
    let mut times = vec![];
    for bit in [0, 31, 63, 64, 100, 127] {
        let mut pins = closed("tiny+boot");
        let words = offered(&manifest(&geometry, 1), Tampering::Flip { word: length + bit / 32, bit: bit as u32 });
        offer(pins.as_mut(), &words);
        pins.cycle(&write(offset::CONTROL, 1));
        let mut cycles = 0;
        while !pins.alert() {
            pins.idle(1);
            cycles += 1;
            assert!(cycles < 5000, "bit {bit} is not noticed");
        }
        assert_eq!(state(pins.as_mut()), (Some(BootState::Failed), Some(Status::Integrity)));
        times.push(cycles);
    }
    assert!(times.iter().all(|cycles| *cycles == times[0]), "{times:?}");
}

/// In every cycle of a boot a tenant asks, and the host tries to get at what the boot works with.
pub fn meddling(pins: &mut dyn Pins) {
    let geometry = pins.geometry().clone();
    pins.reset().expect("it resets");
    // Denials leave room enough in the log for one command and the end.
    let right = manifest(&geometry, 1);
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    offer(pins, &offered(&right, Tampering::None));
    pins.cycle(&write(offset::CONTROL, 1));
    pins.idle(4);
    let meddling = [
        (offset::CMD_SIZE_LO, 4),
        (offset::CMD_TENANT, 0),
        (offset::CMD_RIGHTS, 7),
        (offset::CMD, 1),
        (offset::POOL_BASE_LO, 0),
        (offset::WINDOW_BASE_LO, 0),
        (offset::CONTROL, 1),
    ];
    let mut refused = 0;
    for turn in 0.. {
        let (register, value) = meddling[turn % meddling.len()];
        let logical = Access { tenant: 1, address: window_base, length: 1, kind: 0 };
        let physical = Access { tenant: 1, address: pool_base, length: 1, kind: 0 };
        let offered = Offered { translate: Some(logical), physical: Some(physical), register: Some((register, Some(value))) };
        let shown = pins.run(&[offered, Offered::default(), Offered::default(), Offered::default()]);
        let answer = shown[3].register.expect("it answers in time");
        let now = state(pins).0;
        if now != Some(BootState::Checking) {
            break;
        }
        assert_eq!(answer, None, "writing {value:#x} to {register:#x} was accepted");
        assert!(turn < 2000, "the boot never ends");
        refused += 1;
        for verdict in shown.iter().filter_map(|shown| shown.translate) {
            assert_eq!((verdict.granted, verdict.not_mine, verdict.reason), (false, false, Reason::NotActive));
        }
        for verdict in shown.iter().filter_map(|shown| shown.physical) {
            assert_eq!((verdict.allowed, verdict.reason), (false, Reason::NotActive));
        }
    }
    assert!(refused > 40, "only {refused} attempts");
    assert_eq!(state(pins), (Some(BootState::Active), Some(Status::Ok)));
    assert_eq!(pins.read_register(offset::POOL_SIZE_LO), Ok(pool_size as u32));
    let granted = pins.translate(&[Access { tenant: 1, address: window_base, length: 1, kind: 0 }])[0];
    assert!(granted.granted && granted.physical == pool_base);
}

#[test]
fn nothing_is_open_and_nothing_can_be_meddled_with_before_the_end() {
    meddling(closed("tiny+boot").as_mut());
}

/// A word after the end of the manifest, in any cycle, ends in Failed: once with an alert, a record, and nothing open.
#[test]
fn a_word_too_many_closes_whenever_it_comes() {
    let geometry = preset("tiny+boot");
    let words = offered(&Manifest { seal: true, ..manifest(&geometry, 1) }, Tampering::None);
    let fresh = closed("tiny+boot");
    let total = boot_cycles(fresh.duplicate().unwrap().as_mut(), &Manifest { seal: true, ..manifest(&geometry, 1) }).unwrap();
    for wait in (0..total + 40).step_by(7) {
        let mut pins = fresh.duplicate().expect("RustHDL's state can be copied");
        offer(pins.as_mut(), &words);
        pins.cycle(&write(offset::CONTROL, 1));
        pins.idle(wait);
        // While the record is being written a word is refused; then the next one closes.
        let _ = pins.write_register(offset::BOOT_DATA, 1);
        pins.idle(16);
        let _ = pins.write_register(offset::BOOT_DATA, 1);
        pins.idle(100);
        assert_eq!(state(pins.as_mut()), (Some(BootState::Failed), Some(Status::Locked)), "after {wait} cycles");
        assert!(pins.alert() && pins.read_register(offset::STATUS).unwrap() & 1 == 0);
        let (_, _, window_base) = geometry.default_setup();
        let verdict = pins.translate(&[Access { tenant: 1, address: window_base, length: 1, kind: 0 }])[0];
        assert_eq!((verdict.granted, verdict.reason), (false, Reason::NotActive));
        pins.idle(16);
        let records = pins.drain_audit().expect("the log can be read");
        let boots: Vec<u8> = records.iter().filter(|record| record.event == Event::Boot).map(|record| record.reason).collect();
        assert_eq!(boots.last(), Some(&Status::Locked.code()), "after {wait} cycles: {boots:?}");
        assert!(boots.len() <= 2);
    }
}

/// A reset in the middle of a scrub leaks nothing: the pool is zeroed before the gate opens again.
#[test]
fn a_boot_zeroes_what_was_left_in_the_pool() {
    let geometry = preset("tiny+boot");
    let (pool_base, pool_size, _) = geometry.default_setup();
    let mut pins = closed("tiny+boot");
    for address in (pool_base..pool_base + pool_size).step_by(WORD_BYTES as usize) {
        pins.write_memory(address, 0xDEAD_0000 + address as u32);
    }
    pins.write_memory(pool_base - 4, 7);
    assert_eq!(pins.boot(&offered(&manifest(&geometry, 1), Tampering::None)), Ok(Status::Ok));
    for address in (pool_base..pool_base + pool_size).step_by(WORD_BYTES as usize) {
        assert_eq!(pins.read_memory(address), 0, "{address:#x}");
    }
    assert_eq!(pins.read_memory(pool_base - 4), 7);
}

/// No register shows the key, whatever was done with it.
#[test]
fn the_key_is_nowhere_to_be_read() {
    let key = words_of(DEVELOPMENT_KEY);
    let geometry = preset("tiny+chain+boot");
    for tampering in [Tampering::None, Tampering::OtherKey] {
        let mut pins = closed("tiny+chain+boot");
        let words = offered(&manifest(&geometry, 1), tampering);
        offer(pins.as_mut(), &words);
        pins.cycle(&write(offset::CONTROL, 1));
        for turn in 0..40 {
            for register in (0..=255u8).step_by(4) {
                if let Ok(value) = pins.read_register(register) {
                    assert!(!key.contains(&value), "register {register:#x} shows a word of the key, turn {turn}");
                }
            }
        }
    }
}

/// With a chain the tag and the digest share the permutation, and neither keeps the other from ending.
#[test]
fn a_boot_ends_while_records_are_chained() {
    let geometry = preset("tiny+chain+boot");
    let mut pins = closed("tiny+chain+boot");
    for _ in 0..20 {
        pins.physical(&[Access { tenant: 1, address: 0, length: 1, kind: 0 }]);
        pins.idle(12);
    }
    assert_eq!(pins.boot(&offered(&manifest(&geometry, 2), Tampering::None)), Ok(Status::Ok));
    pins.catch_up().expect("the digest catches up");
    assert_eq!(pins.read_digest().unwrap().map(|(_, count)| count), Some(23));
    let mut failing = closed("tiny+chain+boot");
    assert_eq!(failing.boot(&offered(&manifest(&geometry, 2), Tampering::OtherKey)), Ok(Status::Integrity));
    failing.physical(&[Access { tenant: 1, address: 0, length: 1, kind: 0 }]);
    failing.catch_up().expect("the digest goes on after a refusal");
    assert_eq!(failing.drain_audit().map(|records| records.len()), Ok(2));
}
