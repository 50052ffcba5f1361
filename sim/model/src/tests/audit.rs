//! The audit log: what each record says, reserved room, counted loss.

use super::{cu, peopled, rights, POOL, POOL_SIZE, WINDOW};
use crate::chain::Digest;
use crate::{Access, AuditRecord, BootState, Command, Event, Kind, Model, Operation, Reason, Status};
use pm_interface::registers::{irq, offset};
use pm_interface::{Geometry, AUDIT_RECORDS, AUDIT_RESERVED};

fn drain(model: &mut Model) -> Vec<AuditRecord> {
    std::iter::from_fn(|| model.read_audit()).collect()
}

/// The command leaves one record: tenant, slot, address as given, with the command's code and the outcome's status.
fn check(model: &mut Model, operation: Operation, (tenant, slot, address): (u8, u8, u64)) {
    drain(model);
    let status = model.command(&operation).status;
    let records = drain(model);
    let [record] = records[..] else { panic!("{operation:x?} left {records:x?}") };
    let expected = AuditRecord {
        tenant,
        slot,
        address,
        event: Event::Command,
        kind: operation.command.code(),
        reason: status.code(),
        ..record
    };
    assert_eq!(record, expected, "{operation:x?}");
    assert_eq!(record.time, model.time(), "a command is recorded at its end");
}

#[test]
fn commands_are_recorded_with_their_row_and_outcome() {
    let mut model = peopled();
    check(&mut model, Operation::create(5, WINDOW + 0x100, 0x100, rights("r")), (5, 4, WINDOW + 0x100));
    check(&mut model, Operation::create(5, WINDOW + 0x100, 0x100, rights("r")), (5, 0, WINDOW + 0x100));
    check(&mut model, Operation::create(99, 0x123, 7, rights("")), (99, 0, 0x123));
    check(&mut model, Operation { tenant: 7, ..Operation::protect(1, rights("r")) }, (1, 1, WINDOW + 0x800));
    check(&mut model, Operation { tenant: 7, ..Operation::protect(2, rights("r")) }, (2, 2, WINDOW));
    check(&mut model, Operation { tenant: 7, ..Operation::lock(77) }, (7, 77, 0));
    check(&mut model, Operation { tenant: 7, ..Operation::query(3) }, (3, 3, WINDOW + 0xFF00));
    check(&mut model, Operation::find(1, WINDOW + 0x8AB), (1, 1, WINDOW + 0x8AB));
    check(&mut model, Operation::find(4, WINDOW), (4, 0, WINDOW));
    check(&mut model, Operation { tenant: 7, ..Operation::destroy(4) }, (5, 4, WINDOW + 0x100));
    check(&mut model, Operation { tenant: 7, logical: 5, ..Operation::seal() }, (7, 0, 0));
    check(&mut model, Operation { tenant: 7, ..Operation::destroy(0) }, (7, 0, 0));
}

#[test]
fn denials_are_recorded_as_they_came() {
    let mut model = peopled();
    drain(&mut model);
    model.set_time(1000);
    model.translate(&Access::new(1, WINDOW + 4, 4, Kind::Execute));
    model.physical(&Access::new(9, POOL, 4, Kind::Write));
    model.translate(&Access::new(1, WINDOW + 4, 4, Kind::Read));
    let common = AuditRecord {
        sequence: 5,
        time: 1000,
        event: Event::TranslateDenied,
        tenant: 1,
        slot: 0,
        kind: Kind::Execute.code(),
        reason: Reason::Permission.code(),
        address: WINDOW + 4,
    };
    let second = AuditRecord {
        sequence: 6,
        event: Event::PhysicalDenied,
        tenant: 9,
        kind: Kind::Write.code(),
        reason: Reason::NoTenant.code(),
        address: POOL,
        ..common
    };
    assert_eq!(drain(&mut model), [common, second]);
    assert_eq!((model.granted, model.denied, model.not_mine), (1, 2, 0));
}

#[test]
fn denials_leave_room_for_commands_and_losses_are_told() {
    let mut model = cu();
    drain(&mut model);
    for _ in 0..AUDIT_RECORDS {
        model.translate(&Access::new(99, 0, 4, Kind::Read));
    }
    // One denial waits at the port; the others are counted.
    let lost = AUDIT_RESERVED as u32 - 1;
    assert_eq!((model.audit().level(), model.audit().lost()), (AUDIT_RECORDS - AUDIT_RESERVED, lost));
    assert_ne!(model.irq_status & irq::LOST, 0);
    for _ in 0..AUDIT_RESERVED {
        assert_eq!(model.command(&Operation::query(0)).status, Status::BadSlot);
    }
    assert_eq!(model.command(&Operation::query(0)).status, Status::AuditFull);
    assert_eq!((model.audit().level(), model.audit().lost()), (AUDIT_RECORDS, lost));
    let records = drain(&mut model);
    let last = records.last().unwrap();
    assert_eq!((records.len(), last.event), (AUDIT_RECORDS + 2, Event::Lost));
    assert_eq!(last.address, u64::from(lost) | 1 << 32, "denials lost, and one command refused");
    assert_eq!(records[AUDIT_RECORDS].event, Event::TranslateDenied);
    assert_eq!(last.reason, Reason::None.code());
    let sequences: Vec<u32> = records.iter().map(|record| record.sequence).collect();
    assert_eq!(sequences, (1..=AUDIT_RECORDS as u32 + 2).collect::<Vec<u32>>());
}

#[test]
fn a_full_log_refuses_commands_and_changes_nothing() {
    let mut model = cu();
    while model.audit().has_room() {
        model.command(&Operation::query(0));
    }
    let before = model.tables().clone();
    let outcome = model.command(&Operation::create(1, WINDOW, 0x100, rights("r")));
    assert_eq!(outcome.status, Status::AuditFull);
    assert_eq!(*model.tables(), before);
}

#[test]
fn a_full_log_keeps_the_gate_closed() {
    let mut model = Model::new(cu().geometry());
    // One place is never given to an activation: a command may have begun.
    for _ in 0..AUDIT_RECORDS - 1 {
        assert_eq!(model.activate(POOL, 0, WINDOW), Status::BadSize);
    }
    assert_eq!(model.activate(POOL, POOL_SIZE, WINDOW), Status::AuditFull);
    assert_eq!(model.boot_state(), BootState::Refused);
    model.read_audit();
    assert_eq!(model.activate(POOL, POOL_SIZE, WINDOW), Status::Ok);
}

#[test]
fn a_denial_that_finds_the_front_end_occupied_is_counted() {
    let mut model = cu();
    drain(&mut model);
    let access = Access::new(99, 0, 4, Kind::Read);
    let verdict = model.decide_translate(&access);
    model.conclude_translate(&access, &verdict, false);
    assert_eq!(model.audit().lost(), 1);
    let told: Vec<(Event, u64)> = drain(&mut model).iter().map(|record| (record.event, record.address)).collect();
    assert_eq!(told, [(Event::Lost, 1)]);
}

#[test]
fn alert_is_raised_for_isolation_and_integrity_only() {
    let mut model = peopled();
    model.translate(&Access::new(1, WINDOW, 4, Kind::Execute));
    assert!(!model.alert());
    model.physical(&Access::new(1, POOL, 4, Kind::Read));
    assert!(model.alert());
    let mut model = peopled();
    model.corrupt(&crate::Fault::Shadow { tenant: 1, page: 0, entry: None }).unwrap();
    model.translate(&Access::new(1, WINDOW, 4, Kind::Read));
    assert!(model.alert());
}

#[test]
fn unsupported_commands_leave_no_trace() {
    let mut model = peopled();
    let level = model.audit().level();
    for command in [Command::Resize, Command::Share] {
        model.start(&Operation::new(command));
        assert!(model.write_register(pm_interface::registers::offset::CMD, u32::from(command.code())).is_err());
    }
    assert_eq!(model.audit().level(), level);
}

#[test]
fn the_digest_is_that_of_every_record_stored_read_or_not() {
    let mut model = Model::new(&Geometry::preset("cu+chain").unwrap());
    assert_eq!(model.activate(POOL, POOL_SIZE, WINDOW), Status::Ok);
    let mut digest = Digest::START;
    for turn in 0..3 {
        model.command(&Operation::query(turn));
        model.physical(&Access::new(200, 0, 4, Kind::Read));
        for record in model.audit().records() {
            digest = digest.next(&record.words());
        }
        // Taken or not, records stay in the digest.
        drain(&mut model);
        let read = |at| model.read_register(at).unwrap();
        let words = [offset::AUDIT_DIGEST, offset::AUDIT_DIGEST_1, offset::AUDIT_DIGEST_2, offset::AUDIT_DIGEST_3].map(read);
        assert_eq!(words, digest.words());
        assert_eq!(read(offset::AUDIT_CHAINED), 3 + 2 * u32::from(turn));
    }
    model.reset();
    assert_eq!(model.audit().digest(), Some(Digest::START));
}
