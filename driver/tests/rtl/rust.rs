//! `pm_driver` itself.

use crate::Port;
use pm_driver::{
    irq, offset, AuditRecord, BootState, Command, Error, Event, Kind, PartitionManager, Reason, Registers, Request, Rights,
    Status,
};
use pm_interface::manifest::Manifest;
use pm_sim::boot::{offered, Tampering};

const POOL: u64 = 16;
const READ: Rights = Rights { read: true, write: false, execute: false, isolated: false, locked: false };
const WRITE: Rights = Rights { write: true, ..READ };

/// A driver of the RTL before activation.
fn closed(geometry: &str) -> PartitionManager<Port> {
    PartitionManager::new(Port::new(geometry), 1000).expect("there is one")
}

/// A driver of the RTL, active, with the log empty.
fn active(geometry: &str) -> PartitionManager<Port> {
    let mut pm = closed(geometry);
    pm.activate(POOL, 16, 0).expect("it activates");
    assert_eq!(record(&mut pm).event, Event::Boot);
    pm
}

/// The oldest record, once it is there.
fn record(pm: &mut PartitionManager<Port>) -> AuditRecord {
    let mut calls = (0..1000).map(|_| pm.audit().expect("it reads"));
    calls.find_map(|record| record).expect("a record comes")
}

#[test]
fn partitions_come_change_and_go() {
    let mut pm = active("tiny+dynamic");
    let sizes = pm.sizes().expect("it reads");
    assert_eq!((sizes.address_bits, sizes.granule_bits, sizes.tenants, sizes.slots, sizes.audit_records), (5, 2, 2, 2, 48));
    let made = pm.create(1, 0, 4, WRITE).expect("there is room");
    assert_eq!((made.slot, made.physical), (0, POOL));
    assert_eq!(pm.registers().granted(1, 3, Kind::Write.code()), Some(POOL + 3));
    assert_eq!(pm.registers().granted(0, 3, Kind::Read.code()), None, "another tenant");
    assert_eq!(pm.registers().granted(1, 4, Kind::Read.code()), None, "beyond the end");

    pm.protect(0, READ).expect("it is not locked");
    assert_eq!(pm.registers().granted(1, 3, Kind::Write.code()), None);
    assert_eq!(pm.registers().granted(1, 3, Kind::Read.code()), Some(POOL + 3));

    assert_eq!(pm.resize(0, 8), Ok(made));
    assert_eq!(pm.registers().granted(1, 7, Kind::Read.code()), Some(POOL + 7));
    let shared = pm.share(0, 0, 0, READ).expect("there is a slot");
    assert_eq!((shared.slot, shared.physical), (1, POOL));
    assert_eq!(pm.registers().granted(0, 7, Kind::Read.code()), Some(POOL + 7));

    let row = pm.find(1, 5).expect("it is there");
    assert_eq!((row.partition, row.tenant, row.logical, row.size, row.rights), (made, 1, 0, 8, READ));
    assert_eq!(pm.query(1).map(|row| (row.tenant, row.partition)), Ok((0, shared)));
    assert_eq!(pm.destroy(1), Ok(shared));
    assert_eq!(pm.registers().granted(0, 7, Kind::Read.code()), None);
    let counts = pm.counts().expect("it reads");
    assert_eq!((counts.granted, counts.denied, counts.not_mine), (4, 1, 3));
}

#[test]
fn refusals_are_typed() {
    let mut pm = active("tiny");
    assert_eq!(pm.create(2, 0, 4, READ), Err(Error::Refused(Status::BadTenant)));
    assert_eq!(pm.create(0, 0, 3, READ), Err(Error::Refused(Status::BadAlignment)));
    assert_eq!(pm.create(0, 8, 4, READ), Err(Error::Refused(Status::OutsideWindow)));
    assert_eq!(pm.destroy(0), Err(Error::Refused(Status::BadSlot)));
    assert!(matches!(pm.resize(0, 8), Err(Error::Bus(_))), "without `dynamic` there is no such command");
    assert!(matches!(pm.create(0, 1 << 5, 4, READ), Err(Error::Bus(_))), "an address with more bits than there are");
    assert!(matches!(pm.digest(), Err(Error::Bus(_))), "without `chain`");
    assert_eq!(pm.activate(POOL, 16, 0), Err(Error::Gate(BootState::Active)));

    let made = pm.create(0, 0, 4, READ).expect("there is room");
    assert_eq!(pm.create(0, 0, 4, READ), Err(Error::Refused(Status::Overlap)));
    pm.lock(made.slot).expect("it is not locked");
    assert_eq!(pm.destroy(made.slot), Err(Error::Refused(Status::Locked)));
    pm.seal().expect("it is not sealed");
    assert_eq!(pm.create(1, 0, 4, READ), Err(Error::Refused(Status::Sealed)));
    assert!(pm.state().is_ok_and(|state| state.sealed && state.active && !state.busy));
    assert!(pm.query(made.slot).is_ok_and(|row| row.rights.locked));
}

#[test]
fn a_refused_activation_is_corrected() {
    let mut pm = closed("tiny");
    assert_eq!(pm.create(0, 0, 4, READ), Err(Error::Refused(Status::NotActive)));
    assert_eq!(pm.activate(POOL + 1, 16, 0), Err(Error::Refused(Status::BadAlignment)));
    assert_eq!(pm.boot_state(), Ok((BootState::Refused, Status::BadAlignment)));
    assert_eq!(pm.activate(POOL, 16, 0), Ok(()));
}

#[test]
fn a_window_is_strict_or_not() {
    for (strict, shown) in [(Some(true), true), (Some(false), false), (None, false)] {
        let mut pm = PartitionManager::new(Port::new("tiny"), 1000).expect("there is one");
        assert_eq!(pm.activate_as(POOL, 16, 0, strict), Ok(()));
        let state = pm.registers().read(offset::BOOT_STATE).expect("it can be read");
        assert_eq!(state >> 12 & 1 == 1, shown, "{strict:?}");
    }
}

#[test]
fn each_tenant_has_a_window() {
    let device = |geometry| PartitionManager::new(Port::new(geometry), 1000).expect("there is one");
    let mut pm = device("tiny+windows=per-tenant");
    assert!(pm.sizes().is_ok_and(|sizes| sizes.per_tenant_windows && sizes.audit_records == 48));
    for windows in [&[][..], &[8, 24, 8]] {
        assert_eq!(pm.activate_windows(POOL, 16, windows, None), Err(Error::Windows));
    }
    assert_eq!(pm.activate_windows(POOL, 16, &[8, 12], None), Err(Error::Refused(Status::BadAlignment)));
    assert_eq!(pm.activate_windows(POOL, 16, &[8, 24], None), Ok(()));
    assert_eq!(pm.create(1, 8, 8, READ), Err(Error::Refused(Status::OutsideWindow)));
    let made = pm.create(1, 24, 8, READ).expect("it lies in the window of tenant 1");
    assert!(pm.query(made.slot).is_ok_and(|row| row.tenant == 1 && row.logical == 24));
    let mut pm = device("tiny+windows=per-tenant");
    assert_eq!(pm.activate(POOL, 16, 8), Ok(()));
    assert!(pm.create(0, 8, 4, READ).is_ok() && pm.create(1, 8, 4, READ).is_ok());
    let mut pm = device("tiny");
    assert!(pm.sizes().is_ok_and(|sizes| !sizes.per_tenant_windows));
    assert_eq!(pm.activate_windows(POOL, 16, &[8, 24], None), Err(Error::Windows));
}

#[test]
fn polled_commands_go_on_after_a_timeout() {
    let mut pm = PartitionManager::new(active_port(), 1).expect("there is one");
    assert_eq!(pm.poll(), Err(Error::Idle));
    assert_eq!(pm.create(0, 0, 8, READ), Err(Error::Timeout));
    assert_eq!(pm.start(Request::Seal), Err(Error::Busy));
    let mut polls = 0;
    let made = loop {
        if let Some(made) = pm.poll().expect("it is not refused") {
            break made;
        }
        polls += 1;
    };
    assert!(polls > 0 && polls < 100, "{polls}");
    assert_eq!(made.physical, POOL);
    assert_eq!(pm.poll(), Err(Error::Idle));

    pm.start(Request::Query { slot: made.slot }).expect("nothing runs");
    while pm.poll().expect("it is not refused").is_none() {}
    assert_eq!(pm.row(made).map(|row| row.size), Ok(8));
    // A closed gate that stays as it is.
    let mut slow = PartitionManager::new(Port::new("tiny"), 1).expect("there is one");
    assert_eq!(slow.activate(POOL, 16, 0), Err(Error::Timeout));
}

/// The registers of an active device.
fn active_port() -> Port {
    let mut port = Port::new("tiny");
    port.rtl.reset().expect("it resets");
    assert_eq!(port.rtl.activate(POOL, 16, 0), Ok(Status::Ok));
    port
}

#[test]
fn the_log_and_interrupts_tell_of_a_denial() {
    let mut pm = active("tiny+alerts");
    pm.create(1, 0, 8, READ).expect("there is room");
    assert_eq!(pm.interrupts(), Ok(irq::COMMAND));
    let told = record(&mut pm);
    assert_eq!((told.event, told.kind), (Event::Command, Command::Create.code()));
    pm.clear_interrupts(irq::COMMAND).expect("it takes that");

    pm.enable_interrupts(irq::DENIAL).expect("it takes that");
    assert!(!pm.registers().rtl.irq());
    assert_eq!(pm.fault(), Ok(None));
    assert_eq!(pm.registers().granted(1, 5, Kind::Write.code()), None);
    pm.registers().rtl.idle(8);
    assert!(pm.registers().rtl.irq());
    assert_eq!(pm.interrupts(), Ok(irq::DENIAL));

    let fault = pm.fault().expect("it reads").expect("there was one");
    assert_eq!((fault.tenant, fault.address, fault.kind, fault.reason), (1, 5, Some(Kind::Write), Reason::Permission));
    assert_eq!((fault.physical, fault.more), (false, false));
    let told = record(&mut pm);
    assert_eq!((told.event, told.tenant, told.address), (Event::TranslateDenied, 1, 5));
    assert_eq!(Reason::from_code(told.reason), Some(fault.reason));
    assert_eq!(pm.audit(), Ok(None));
    assert_eq!(pm.audit_lost(), Ok(0));

    assert_eq!(pm.registers().granted(1, 6, Kind::Write.code()), None);
    pm.registers().rtl.idle(8);
    assert!(pm.fault().is_ok_and(|now| now.is_some_and(|now| now.more && now.address == 5)), "the first one is held");
    // While the second one's record waits, the cause is raised again.
    pm.clear_interrupts(irq::DENIAL | irq::OVERRUN).expect("it takes that");
    assert_eq!((pm.interrupts(), pm.fault()), (Ok(irq::DENIAL), Ok(None)));
    assert!(pm.registers().rtl.irq());
    assert_eq!(record(&mut pm).address, 6);
    pm.clear_interrupts(irq::DENIAL).expect("it takes that");
    assert_eq!((pm.interrupts(), pm.fault()), (Ok(0), Ok(None)));
    assert!(!pm.registers().rtl.irq());
}

#[test]
fn an_audit_record_survives_a_bus_error_and_a_rival_is_noticed() {
    let mut pm = active("tiny");
    for slot in 0..3 {
        assert_eq!(pm.destroy(slot), Err(Error::Refused(Status::BadSlot)));
    }
    // Level, two words with their pops, and half of the third.
    pm.registers().fails_in = Some(5);
    assert!(matches!(pm.audit(), Err(Error::Bus(_))));
    let record = pm.audit().expect("it reads").expect("it waits");
    assert_eq!((record.sequence, record.event, record.kind), (1, Event::Command, Command::Destroy.code()));

    pm.registers().write(offset::AUDIT_POP, 1).expect("a rival takes a word");
    assert_eq!(pm.audit(), Err(Error::Torn));
    assert_eq!(pm.audit().expect("it reads").map(|record| record.sequence), Some(3));
}

#[test]
fn another_device_is_refused() {
    struct Other;
    impl Registers for Other {
        type Error = ();
        fn read(&mut self, offset: u8) -> Result<u32, ()> {
            Ok(u32::from(offset))
        }
        fn write(&mut self, _: u8, _: u32) -> Result<(), ()> {
            Ok(())
        }
    }
    assert!(matches!(PartitionManager::new(Other, 1), Err(Error::Unknown { id: 0, version: 4 })));
}

#[test]
fn a_manifest_boots_and_a_flipped_bit_does_not() {
    let manifest = Manifest::development(POOL, 16, 0);
    let mut pm = closed("tiny+boot");
    assert!(matches!(pm.activate(POOL, 16, 0), Err(Error::Bus(_))), "only a manifest configures it");
    assert_eq!(pm.boot(&offered(&manifest, Tampering::None)), Ok(()));
    assert!(pm.create(0, 0, 4, READ).is_ok());

    let mut pm = closed("tiny+boot");
    assert_eq!(pm.boot(&offered(&manifest, Tampering::Flip { word: 3, bit: 2 })), Err(Error::Refused(Status::Integrity)));
    assert_eq!(pm.boot_state(), Ok((BootState::Failed, Status::Integrity)));
    assert_eq!(pm.boot(&offered(&manifest, Tampering::None)), Err(Error::Gate(BootState::Failed)));

    let mut pm = closed("tiny+boot");
    assert_eq!(pm.boot(&[0; 300]), Err(Error::Refused(Status::BadSize)));
}

#[test]
fn the_digest_covers_the_log() {
    let mut pm = active("tiny+chain");
    let (digest, records) = pm.digest().expect("it stays while it is read");
    assert_eq!(records, 1);
    assert_ne!(digest, [0; 4]);
}
