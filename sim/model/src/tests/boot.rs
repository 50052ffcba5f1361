//! Authenticated boot: what is refused, with which status, and what is there when the gate opens.

use super::{rights, POOL, POOL_SIZE, WINDOW};
use crate::manifest::{sign, tag, DeviceKey};
use crate::{Access, BootState, Command, Event, Geometry, Kind, Model, Operation, Reason, Status};
use pm_interface::manifest::{BootPartition, Manifest, Quota, DEVELOPMENT_KEY, DEVELOPMENT_VERSION, MAX_WORDS};
use pm_interface::registers::{irq, offset};

fn key() -> DeviceKey {
    DeviceKey::new(DEVELOPMENT_KEY)
}

/// A manifest with one partition of tenant 1 and one, locked, of tenant 2.
fn manifest() -> Manifest {
    let partition = |tenant, letters, logical, size| BootPartition { tenant, rights: rights(letters), logical, size };
    Manifest {
        security_version: DEVELOPMENT_VERSION,
        pool_base: POOL,
        pool_size: POOL_SIZE,
        window_base: WINDOW,
        partitions: vec![partition(1, "rwi", WINDOW, 0x400), partition(2, "rl", WINDOW + 0x100, 0x100)],
        ..Manifest::default()
    }
}

fn closed() -> Model {
    let mut model = Model::new(&Geometry::preset("cu+boot").unwrap());
    model.settle();
    model
}

/// The words with the tag that belongs to them.
fn tagged(words: Vec<u32>) -> Vec<u32> {
    let tag = tag(&words, &key());
    [&words[..], &tag].concat()
}

/// Refused with this status: closed, an alert, one record that says so, and nothing that is accepted any more.
#[track_caller]
fn refused(words: &[u32], status: Status) {
    let mut model = closed();
    assert_eq!(model.boot(words), status);
    assert_eq!((model.boot_state(), model.active(), model.alert()), (BootState::Failed, false, true));
    let last = model.audit().records().last().copied().unwrap();
    assert_eq!((last.event, last.reason), (Event::Boot, status.code()));
    assert_eq!(model.boot(&sign(&manifest(), &key())), status, "closed until reset");
    assert!(model.write_register(offset::BOOT_DATA, 0).is_err() && model.write_register(offset::CONTROL, 1).is_err());
    assert_eq!(model.translate(&Access::new(1, WINDOW, 1, Kind::Read)).reason, Reason::NotActive);
    assert_eq!(model.command(&Operation::create(1, WINDOW, 0x100, rights("r"))).status, Status::NotActive);
    model.invariants().unwrap();
    model.reset();
    assert_eq!(model.boot(&sign(&manifest(), &key())), Status::Ok);
}

#[test]
fn a_right_manifest_opens_with_its_partitions() {
    let mut model = closed();
    for address in [POOL, POOL + POOL_SIZE - 4, POOL + POOL_SIZE, POOL - 4] {
        model.memory_mut().write(address, 7);
    }
    assert_eq!(model.boot(&sign(&Manifest { seal: true, ..manifest() }, &key())), Status::Ok);
    assert_eq!((model.boot_state(), model.sealed(), model.alert()), (BootState::Active, true, false));
    assert!(model.memory().is_zero(POOL, POOL + POOL_SIZE), "the pool was zeroed");
    assert_eq!((model.memory().read(POOL - 4), model.memory().read(POOL + POOL_SIZE)), (7, 7), "and nothing else");
    assert!(model.translate(&Access::new(1, WINDOW + 0x3FF, 1, Kind::Write)).granted);
    assert_eq!(model.translate(&Access::new(2, WINDOW + 0x100, 4, Kind::Read)).physical, POOL + 0x400);
    assert_eq!(model.physical(&Access::new(1, POOL, 4, Kind::Read)).reason, Reason::Isolated);
    assert!(model.command(&Operation::query(1)).row.is_some_and(|row| row.rights.locked));
    let records: Vec<_> = model.audit().records().map(|record| (record.event, record.kind, record.reason)).collect();
    let ok = Status::Ok.code();
    let (create, seal) = (Command::Create.code(), Command::Seal.code());
    assert_eq!(
        records[..4],
        [(Event::Command, create, ok), (Event::Command, create, ok), (Event::Command, seal, ok), (Event::Boot, 0, ok)]
    );
    assert_eq!(model.read_register(offset::POOL_BASE_LO), Ok(POOL as u32));
    model.invariants().unwrap();
}

#[test]
fn every_bit_of_every_word_is_vouched_for() {
    let words = sign(&manifest(), &key());
    for bit in 0..words.len() * 32 {
        let mut flipped = words.clone();
        flipped[bit / 32] ^= 1 << (bit % 32);
        let mut model = closed();
        assert_eq!(model.boot(&flipped), Status::Integrity, "bit {bit}");
        assert_eq!(model.tables(), closed().tables(), "nothing was taken from it");
    }
    refused(&sign(&manifest(), &DeviceKey::new([0; 16])), Status::Integrity);
}

#[test]
fn older_versions_are_refused_and_no_others() {
    let with = |security_version| sign(&Manifest { security_version, ..manifest() }, &key());
    for old in [0, 1, 0xFFFF, DEVELOPMENT_VERSION - 1] {
        refused(&with(old), Status::OldVersion);
    }
    for new in [DEVELOPMENT_VERSION, DEVELOPMENT_VERSION + 1, 0x8000_0000, u32::MAX] {
        assert_eq!(closed().boot(&with(new)), Status::Ok);
    }
}

#[test]
fn words_that_are_no_manifest_are_refused() {
    let words = manifest().words();
    for length in [1, 4, 14] {
        refused(&sign(&manifest(), &key())[..length], Status::BadSize);
    }
    for length in [15, words.len() - 1, words.len() + 3] {
        refused(&sign(&manifest(), &key())[..length], Status::Integrity);
    }
    refused(&tagged(vec![0; 0]), Status::BadSize);
    refused(&tagged(words[..10].to_vec()), Status::BadSize);
    let changed = |word: usize, value: u32| {
        let mut words = words.clone();
        words[word] = value;
        tagged(words)
    };
    let longer = [&words[..], &[0; 5]].concat();
    for bad in [
        changed(0, 0x4D42_4D51),
        changed(1, 2 | 21 << 16),
        changed(1, 1 | 20 << 16),
        changed(1, 0x101 | 21 << 16),
        changed(3, 6),
        changed(3, 8),
        changed(3, 0x8000_0000),
        changed(10, 0x100),
        changed(10, 0x300),
        changed(10, 0x1_0200),
        changed(11, 0x2001),
        changed(16, 0x8000_0001),
        tagged(words[..16].to_vec()),
        tagged(longer.clone()),
        tagged([&[words[0], 1 | 26 << 16], &longer[2..]].concat()),
        vec![0; MAX_WORDS + 5],
    ] {
        refused(&bad, Status::BadSize);
    }
    refused(&sign(&Manifest { quotas: vec![Quota::UNLIMITED; 7], ..manifest() }, &key()), Status::BadSize);
}

#[test]
fn quotas_bind_boot_partitions_and_whoever_asks_later() {
    let limited = |tenant: usize, granules, slots| {
        let mut quotas = vec![Quota::UNLIMITED; 8];
        quotas[tenant] = Quota { granules, slots };
        sign(&Manifest { quotas, ..manifest() }, &key())
    };
    // Tenant 1 boots with four granules in a slot.
    for (granules, slots) in [(3, 9), (9, 0)] {
        refused(&limited(1, granules, slots), Status::QuotaExceeded);
    }
    let mut model = closed();
    assert_eq!(model.boot(&limited(1, 6, 3)), Status::Ok);
    let mut create = |tenant, page: u64, pages: u64| {
        model.command(&Operation::create(tenant, WINDOW + page * 0x100, pages * 0x100, rights("r")))
    };
    assert_eq!(create(1, 8, 3).status, Status::QuotaExceeded);
    assert_eq!(create(2, 8, 3).status, Status::Ok, "nobody else is limited");
    assert_eq!(create(1, 8, 1).status, Status::Ok);
    assert_eq!(create(1, 0, 1).status, Status::Overlap, "asked before the quota");
    let last = create(1, 9, 1);
    assert_eq!(last.status, Status::Ok);
    assert_eq!(create(1, 10, 1).status, Status::QuotaExceeded);
    assert_eq!(model.command(&Operation::destroy(last.slot)).status, Status::Ok);
    assert_eq!(
        model.command(&Operation::create(1, WINDOW + 0xA00, 0x100, rights("r"))).status,
        Status::Ok,
        "what is free is free"
    );
}

#[test]
fn what_a_manifest_says_is_checked_as_ever() {
    let with = |change: fn(&mut Manifest)| {
        let mut manifest = manifest();
        change(&mut manifest);
        sign(&manifest, &key())
    };
    refused(&with(|m| m.pool_base = POOL + 1), Status::BadAlignment);
    refused(&with(|m| m.pool_base = 1 << 32), Status::BadAlignment);
    refused(&with(|m| m.pool_size = 1 << 32 | POOL_SIZE), Status::BadAlignment);
    refused(&with(|m| m.window_base = 0x1_0100), Status::BadAlignment);
    refused(&with(|m| m.pool_size = 0), Status::BadSize);
    refused(&with(|m| m.pool_size = 2 * POOL_SIZE), Status::BadSize);
    refused(&with(|m| m.partitions[0].tenant = 8), Status::BadTenant);
    refused(&with(|m| m.partitions[1].logical = 0), Status::OutsideWindow);
    refused(&with(|m| m.partitions[1].logical |= 1 << 32), Status::BadAlignment);
    refused(&with(|m| m.partitions[1].size |= 1 << 32), Status::BadAlignment);
    refused(&with(|m| m.partitions[1].size = 0), Status::BadSize);
    refused(&with(|m| m.partitions[1].tenant = 1), Status::Overlap);
    refused(&with(|m| m.partitions[0].size = POOL_SIZE), Status::NoSpace);
    refused(
        &with(|m| {
            m.partitions =
                (0..17).map(|i| BootPartition { logical: WINDOW + i * 0x100, size: 0x100, ..m.partitions[0] }).collect()
        }),
        Status::TableFull,
    );
}

#[test]
fn a_second_manifest_closes_until_reset() {
    let words = sign(&manifest(), &key());
    let mut model = closed();
    assert_eq!(model.boot(&words), Status::Ok);
    assert!(model.write_register(offset::CONTROL, 1).is_err() && model.active(), "there is nothing to boot with");
    assert_eq!(model.boot(&words), Status::Locked);
    assert_eq!((model.boot_state(), model.alert()), (BootState::Failed, true));
    assert_eq!(model.translate(&Access::new(1, WINDOW, 1, Kind::Read)).reason, Reason::NotActive);
    assert_eq!(model.command(&Operation::query(0)).status, Status::NotActive);
}

#[test]
fn registers_do_not_configure() {
    let mut model = closed();
    for register in [offset::POOL_BASE_LO, offset::POOL_SIZE_HI, offset::WINDOW_BASE_LO, offset::CONTROL, offset::BOOT_STATE] {
        assert!(model.write_register(register, 1).is_err());
    }
    assert!(model.read_register(offset::BOOT_DATA).is_err());
    let mut plain = super::cu();
    assert!(plain.write_register(offset::BOOT_DATA, 1).is_err() && plain.active(), "without the feature it is nothing");
}

/// A log that tenants filled holds a boot up, and does not make it fail.
#[test]
fn a_boot_waits_for_room_in_the_log() {
    let mut model = closed();
    for _ in 0..60 {
        model.translate(&Access::new(1, WINDOW, 1, Kind::Read));
    }
    let partition = BootPartition { size: 0x100, ..manifest().partitions[0] };
    let partitions = (0..6).map(|i| BootPartition { logical: WINDOW + i * 0x100, ..partition }).collect();
    model.boot(&sign(&Manifest { partitions, ..manifest() }, &key()));
    assert_eq!((model.boot_state(), model.active()), (BootState::Checking, false));
    assert!(model.write_register(offset::CMD_SIZE_LO, 0).is_err(), "nobody else works on the operands");
    while model.boot_state() == BootState::Checking {
        assert!(model.read_audit().is_some());
        model.settle();
    }
    assert!(model.active() && model.read_register(offset::IRQ_STATUS).unwrap() & irq::ALERT == 0);
    model.invariants().unwrap();
}
