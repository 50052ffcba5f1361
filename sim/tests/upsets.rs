//! Upsets inside the RTL's lookup state, injected while it runs: each defence that bears a tag in the RTL denies what the
//! upset would grant, and raises the alert; the model says exactly the same of every request.

use pm_interface::{Geometry, Kind, Reason, Rights, Status};
use pm_model::{Access, CamRow, Fault, Operation, ShadowEntry, Slot};
use pm_sim::scenario::default_setup;
use pm_sim::{rtl_device, Device, ModelDevice, Ports};

/// Opens a device and creates a granule for each of two tenants, at the same logical place.
fn prepare(device: &mut dyn Device) {
    let geometry = device.geometry().clone();
    let (pool_base, pool_size, window_base) = default_setup(&geometry);
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
    let (_, _, window_base) = default_setup(&geometry);
    let (mut rtl, mut model) = (rtl_device(&geometry).unwrap(), ModelDevice::new(&geometry));
    for device in [rtl.as_mut() as &mut dyn Device, &mut model] {
        prepare(device);
        device.corrupt(upset).unwrap();
    }
    for tenant in 0..2 {
        for address in window_base..window_base + geometry.window() {
            let access = Access::new(tenant, address, 1, Kind::Read);
            let (got, known) = (rtl.translate(&[access])[0], model.translate(&[access])[0]);
            assert_eq!(got, known, "{upset:?}: {access:?}");
            if (tenant, address) == (0, window_base) {
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
