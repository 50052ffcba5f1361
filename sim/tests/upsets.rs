//! Upsets inside the RTL's lookup state, injected while it runs: each defence that bears a tag in the RTL denies what the
//! upset would grant, and raises the alert; the model says exactly the same of every request.

use pm_interface::{registers::offset, Event, Geometry, Kind, Reason, Rights, Status, Upset};
use pm_model::{Access, CamRow, Fault, Operation, ShadowEntry, Slot, Word};
use pm_sim::{rtl_device, Device, ModelDevice, Ports, Scenario};
use std::path::Path;

/// Opens a device and creates a granule for each of two tenants, at the same logical place.
fn prepare(device: &mut dyn Device) {
    let geometry = device.geometry().clone();
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    device.reset().unwrap();
    assert_eq!(device.activate(pool_base, pool_size, window_base), Ok(Status::Ok));
    let rights = Rights { read: true, isolated: true, ..Rights::default() };
    for tenant in 0..2 {
        let created = device.command(&Operation::create(tenant, window_base, geometry.granule(), rights)).unwrap();
        assert_eq!((created.status, created.slot), (Status::Ok, tenant));
    }
}

/// The row of slot 0 as it was created, in `tiny`.
fn row() -> Slot {
    let rights = Rights { read: true, isolated: true, ..Rights::default() };
    Slot { valid: true, held: true, rights, ..Slot::default() }
}

/// Upsets model and RTL and reads every byte of both tenants' windows: the same answers, and for tenant 0's granule this.
fn check(upset: &Fault, expected: Reason, alert: bool) {
    check_on("tiny", upset, expected, alert);
}

fn check_on(name: &str, upset: &Fault, expected: Reason, alert: bool) {
    let geometry = Geometry::preset(name).unwrap();
    let (_, _, window_base) = geometry.default_setup();
    let (mut rtl, mut model) = (rtl_device(&geometry).unwrap(), ModelDevice::new(&geometry));
    for device in [rtl.as_mut() as &mut dyn Device, &mut model] {
        prepare(device);
        device.corrupt(upset).unwrap();
    }
    if geometry.features.integrity {
        // The patrol goes on meanwhile: what is asked at once meets the upset, and what is asked a pass later does not.
        let access = Access::new(0, window_base, 1, Kind::Read);
        let (got, known) = (rtl.translate(&[access])[0], model.translate(&[access])[0]);
        assert_eq!((got.granted, got.reason), (false, expected), "{upset:?}");
        assert_eq!(got, known, "{upset:?}");
        for device in [rtl.as_mut() as &mut dyn Device, &mut model] {
            device.patrol().unwrap();
        }
    }
    for tenant in 0..2 {
        for address in window_base..window_base + geometry.window() {
            let access = Access::new(tenant, address, 1, Kind::Read);
            let (got, known) = (rtl.translate(&[access])[0], model.translate(&[access])[0]);
            assert_eq!(got, known, "{upset:?}: {access:?}");
            if (tenant, address) == (0, window_base) && !geometry.features.integrity {
                assert_eq!((got.granted, got.reason), (false, expected), "{upset:?}");
            }
        }
    }
    assert_eq!((rtl.alert(), model.alert()), (alert, alert), "{upset:?}");
}

#[test]
fn lookup_agree() {
    let shadow = |entry: ShadowEntry| Fault::Shadow { tenant: 0, page: 0, entry };
    let cam = |slot: u8, row: CamRow| Fault::Cam { slot, row };
    let both = CamRow { valid: true, tenant: 0, first_page: 0, last_page: 1 };
    check(&shadow(None), Reason::Integrity, true);
    check(&shadow(Some(1)), Reason::Integrity, true);
    // Two rows match, and one of them is the right one.
    check(&cam(1, both), Reason::Integrity, true);
    check(&cam(0, CamRow::default()), Reason::InvalidPartition, false);
}

#[test]
fn translate_recheck() {
    check(&Fault::Row { slot: 0, row: Slot { delta: 1, ..row() } }, Reason::Integrity, true);
    check(&Fault::Row { slot: 0, row: Slot { delta: 3, ..row() } }, Reason::Integrity, true);
    check(&Fault::Row { slot: 0, row: Slot { first_block: 1, last_block: 1, ..row() } }, Reason::Integrity, true);
}

/// With `integrity` each is found at the point of use, before anybody compares.
#[test]
fn parity() {
    for name in ["tiny+integrity", "tiny+dynamic+integrity"] {
        let check = |upset: &Fault| check_on(name, upset, Reason::Integrity, true);
        let row = row();
        let rights = Rights { write: true, ..row.rights };
        check(&Fault::Row { slot: 0, row: Slot { rights, ..row } });
        check(&Fault::Row { slot: 0, row: Slot { last_page: 1, ..row } });
        check(&Fault::Row { slot: 0, row: Slot { first_block: 2, ..row } });
        check(&Fault::Row { slot: 0, row: Slot { delta: 1, ..row } });
        check(&Fault::Shadow { tenant: 0, page: 0, entry: Some(1) });
        check(&Fault::Shadow { tenant: 0, page: 0, entry: None });
        // A valid bit closes everything.
        check(&Fault::Cam { slot: 0, row: CamRow::default() });
    }
}

/// With `lockstep` a row that only the first data path has wrong is a wrong grant once. Then both ports refuse everything, and
/// no command runs, until reset.
#[test]
fn lockstep() {
    for name in ["tiny+lockstep", "tiny+dynamic+lockstep"] {
        let geometry = Geometry::preset(name).unwrap();
        let (pool_base, pool_size, window_base) = geometry.default_setup();
        let mut device = rtl_device(&geometry).unwrap();
        prepare(device.as_mut());
        let rights = Rights { write: true, ..row().rights };
        device.corrupt(&Fault::Row { slot: 0, row: Slot { rights, ..row() } }).unwrap();
        let read = Access::new(0, window_base, 1, Kind::Read);
        let write = Access { kind: Kind::Write.code(), ..read };
        // What both answer alike is no reason to close.
        assert!(device.translate(&[read; 20]).iter().all(|answer| answer.granted) && !device.alert());
        assert!(device.translate(&[write])[0].granted, "the first data path is believed");
        device.idle(2);
        assert!(device.alert(), "the twin is heard");
        assert_eq!(device.read_register(offset::STATUS).unwrap() & 1, 0, "not active");
        let free = Access::new(1, pool_base + pool_size - 1, 1, Kind::Read);
        for _ in 0..3 {
            let reasons = [device.translate(&[read])[0].reason, device.physical(&[free])[0].reason];
            assert_eq!(reasons, [Reason::Integrity; 2]);
        }
        assert_eq!(device.command(&Operation::destroy(1)).unwrap().status, Status::NotActive);
        device.write_register(offset::IRQ_STATUS, 0xF).unwrap();
        device.idle(2);
        assert!(device.alert(), "it cannot be cleared");
        prepare(device.as_mut());
        assert!(device.translate(&[read])[0].granted && !device.alert(), "a reset forgets");
    }
}

/// The scenario of the patrol, on model and RTL.
#[test]
fn patrolled() {
    let scenario = Scenario::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios/patrol.toml")).unwrap();
    let mut rtl = rtl_device(&scenario.geometry).unwrap();
    for device in [&mut ModelDevice::new(&scenario.geometry) as &mut dyn Device, rtl.as_mut()] {
        let report = scenario.run(device, &mut |_| ());
        assert_eq!(report.failures(), 0, "{}", report.text(None));
    }
}

/// Every bit of the control side's copy of each row, alone: repaired, told once, and as it was. Every pair closes.
#[test]
fn every_bit_of_a_row_is_repaired() {
    let geometry = Geometry::preset("tiny+integrity").unwrap();
    let mut device = rtl_device(&geometry).unwrap();
    prepare(device.as_mut());
    device.drain_audit().unwrap();
    let bits = 14 + 6;
    let pass = geometry.patrol_cycles();
    for slot in 0..2 {
        let known = device.command(&Operation::query(slot)).unwrap().row;
        assert!(known.is_some());
        for bit in 0..bits {
            device.drain_audit().unwrap();
            device.corrupt(&Fault::Bits { word: Word::Row(slot), bits: 1 << bit }).unwrap();
            // A pass, what is left of a scan, and the record.
            device.idle(pass + 32);
            let records = device.drain_audit().unwrap();
            let told: Vec<_> = records.iter().map(|record| (record.event, record.kind, record.slot)).collect();
            assert_eq!(told, [(Event::Integrity, Upset::RowRepaired.code(), slot)], "bit {bit}");
            let outcome = device.command(&Operation::query(slot)).unwrap();
            assert_eq!((outcome.status, outcome.row), (Status::Ok, known), "bit {bit}");
        }
    }
    // Pairs near and far, of data and code.
    for (first, second) in [(0, 1), (3, 13), (5, 14), (14, 19), (13, 19)] {
        prepare(device.as_mut());
        device.drain_audit().unwrap();
        device.corrupt(&Fault::Bits { word: Word::Row(1), bits: 1 << first | 1 << second }).unwrap();
        device.idle(pass + 32);
        let records = device.drain_audit().unwrap();
        let told: Vec<_> = records.iter().map(|record| (record.event, record.kind, record.slot)).collect();
        assert_eq!(told, [(Event::Integrity, Upset::RowLost.code(), 1)], "bits {first} and {second}");
        assert!(device.alert());
        assert_eq!(device.command(&Operation::query(0)).unwrap().status, Status::Integrity);
    }
}

/// A command that reads a row before the patrol has repaired it changes nothing, and says so; a pass later it is done.
#[test]
fn a_command_before_the_patrol() {
    let geometry = Geometry::preset("tiny+integrity").unwrap();
    let mut refused = 0;
    for wait in 0..8 {
        let mut device = rtl_device(&geometry).unwrap();
        prepare(device.as_mut());
        device.write_register(pm_interface::registers::offset::CMD_SLOT, 1).unwrap();
        device.idle(wait);
        device.corrupt(&Fault::Bits { word: Word::Row(1), bits: 1 << 3 }).unwrap();
        // While commands follow each other the patrol rests.
        device.write_register(pm_interface::registers::offset::CMD, u32::from(pm_interface::Command::Protect.code())).unwrap();
        let outcome = device.finish(pm_interface::Command::Protect).unwrap();
        assert!(matches!(outcome.status, Status::Integrity | Status::Ok), "{outcome:?}");
        refused += usize::from(outcome.status == Status::Integrity);
        device.patrol().unwrap();
        let row = device.command(&Operation::query(1)).unwrap().row.unwrap();
        assert_eq!((row.tenant, row.logical), (1, geometry.default_setup().2), "wait {wait}");
        assert!(!device.alert());
    }
    assert!(refused > 0, "the patrol was always there first");
}

/// Every command that reads a row with a wrong bit before the patrol does ends as the model says.
#[test]
fn every_command_before_the_patrol() {
    use pm_interface::registers::offset;
    let geometry = Geometry::preset("tiny+dynamic+integrity").unwrap();
    let (_, _, window_base) = geometry.default_setup();
    let (granule, rights) = (geometry.granule(), Rights::default());
    for operation in [
        Operation::destroy(1),
        Operation::protect(1, rights),
        Operation::lock(1),
        Operation::query(1),
        Operation::resize(1, 2 * granule),
        Operation::resize(0, 2 * granule),
        Operation::share(1, 0, window_base + granule, rights),
        Operation::create(0, window_base + granule, granule, rights),
        Operation::find(0, window_base),
    ] {
        let mut met = 0;
        for wait in 0..8 {
            let (mut rtl, mut model) = (rtl_device(&geometry).unwrap(), ModelDevice::new(&geometry));
            let [got, known] = [rtl.as_mut() as &mut dyn Device, &mut model].map(|device| {
                prepare(device);
                device.drain_audit().unwrap();
                device.write_register(offset::CMD_TENANT, operation.tenant.into()).unwrap();
                device.write_register(offset::CMD_SLOT, operation.slot.into()).unwrap();
                device.write_register(offset::CMD_LOGICAL_LO, operation.logical as u32).unwrap();
                device.write_register(offset::CMD_SIZE_LO, operation.size as u32).unwrap();
                device.write_register(offset::CMD_RIGHTS, operation.rights.bits()).unwrap();
                device.idle(wait);
                device.corrupt(&Fault::Bits { word: Word::Row(1), bits: 1 << 3 }).unwrap();
                device.write_register(offset::CMD, u32::from(operation.command.code())).unwrap();
                let outcome = device.finish(operation.command).unwrap();
                let records = device.drain_audit().unwrap();
                let record = records.into_iter().find(|record| record.event == Event::Command).unwrap();
                (outcome, record.tenant, record.slot, record.kind, record.reason, record.address)
            });
            assert_eq!(known.0.status, Status::Integrity, "{operation:?}");
            // Otherwise the patrol was there first.
            if got.0.status == Status::Integrity {
                assert_eq!(got, known, "{operation:?}, wait {wait}");
                met += 1;
            }
        }
        assert!(met > 0, "{operation:?}: the patrol was always there first");
    }
}
