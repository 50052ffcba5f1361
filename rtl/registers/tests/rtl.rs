//! The RTL has the registers and fields that the source says, and no others.

use pm_interface::registers::{offset, Register, RegisterMode, REGISTERS};
use pm_interface::{Command, Geometry, Rights, Status};
use pm_sim::device::Operation;
use pm_sim::{rtl_device, Device};

/// After reset, its tables cleared.
fn fresh(geometry: &str) -> (Geometry, Box<dyn Device>) {
    let geometry = Geometry::preset(geometry).expect("the preset exists");
    let mut device = rtl_device(&geometry).expect("the RTL starts");
    device.reset().expect("the tables are cleared");
    (geometry, device)
}

/// Bits that a geometry's addresses leave in a register.
fn width(geometry: &Geometry, register: &Register) -> u32 {
    let last = geometry.last_address();
    match register.name {
        name if name.ends_with("_LO") => last as u32,
        name if name.ends_with("_HI") => (last >> 32) as u32,
        _ => u32::MAX,
    }
}

fn check(name: &str) {
    let (geometry, mut device) = fresh(name);
    let names = geometry.features.names();
    let has = |feature: &str| names.contains(&feature);
    for at in 0..=u8::MAX {
        let known = REGISTERS.iter().find(|register| register.offset == at && register.feature.is_none_or(has));
        let read = device.read_register(at);
        let Some(register) = known else {
            assert!(read.is_err() && device.write_register(at, 1).is_err(), "{name}: {at:#04x} is no register");
            continue;
        };
        assert_eq!(read.is_ok(), register.reads(), "{name}: reading {}", register.name);
        // After the tables are cleared the gate is no longer in its state after reset.
        if at != offset::BOOT_STATE && register.reads() {
            let value = read.expect("it was read");
            assert_eq!(value & !register.mask(has), 0, "{name}: {} reads bits that no field has", register.name);
            assert!(register.reset().is_none_or(|reset| reset == value), "{name}: {} reads {value:#x}", register.name);
        }
        if !register.writes() {
            assert!(device.write_register(at, 0).is_err(), "{name}: writing {}", register.name);
            continue;
        }
        let bits = register.mask(has) & width(&geometry, register);
        for place in 0..32 {
            if bits >> place & 1 == 0 {
                assert!(device.write_register(at, 1 << place).is_err(), "{name}: {} takes bit {place}", register.name);
            }
        }
        // Pool and window are the manifest's with `boot`; CMD and what takes only a 1 have their own tests.
        let hosts = !(has("boot") && (offset::POOL_BASE_LO..=offset::WINDOW_BASE_HI).contains(&at));
        if register.access == RegisterMode::ReadWrite && hosts {
            device.write_register(at, bits).unwrap_or_else(|_| panic!("{name}: {} refuses {bits:#x}", register.name));
            assert_eq!(device.read_register(at), Ok(bits), "{name}: {}", register.name);
            device.write_register(at, 0).expect("zero fits");
        }
    }
}

#[test]
fn the_plain_rtl_has_these_registers() {
    check("tiny");
}

#[test]
fn the_geometry_tells_of_the_largest_pool() {
    for (name, bits) in [("tiny", 4), ("tiny+pool=1", 2), ("mcu+pool=4", 10)] {
        let (_, mut device) = fresh(name);
        assert_eq!(device.read_register(offset::GEOMETRY0).map(|widths| widths >> 24), Ok(bits), "{name}");
    }
}

#[test]
fn the_rtl_with_features_has_these_registers() {
    check("tiny+chain+alerts+integrity");
}

#[test]
fn the_rtl_that_boots_has_these_registers() {
    check("tiny+boot");
}

#[test]
fn writes_are_accepted_when_the_table_says() {
    let (geometry, mut device) = fresh("mcu+alerts");
    assert_eq!(device.activate(0, geometry.frame(), 0), Ok(Status::Ok));
    let check = |device: &mut dyn Device, when: &str, expected: fn(&Register) -> bool| {
        let there = |register: &&Register| register.feature.is_none_or(|feature| feature == "alerts");
        for register in REGISTERS.iter().filter(there).filter(|register| register.access == RegisterMode::ReadWrite) {
            let accepted = device.write_register(register.offset, 0).is_ok();
            assert_eq!(accepted, expected(register), "{when}: {}", register.name);
        }
    };
    check(device.as_mut(), "active", |register| register.writable_when_active);

    // Its scrub takes longer than all these writes.
    let create =
        Operation { command: Command::Create, tenant: 0, slot: 0, logical: 0, size: geometry.frame(), rights: Rights::default() };
    device.start(&create).expect("it starts");
    check(device.as_mut(), "busy", |register| register.writable_when_active && register.writable_when_busy);
    assert_eq!(device.read_register(offset::RESULT).map(|result| result >> 31), Ok(1), "it has ended too early for this test");
    assert_eq!(device.finish(Command::Create).map(|outcome| outcome.status), Ok(Status::Ok));

    device.write_register(offset::CMD, u32::from(Command::Seal.code())).expect("SEAL starts");
    assert_eq!(device.finish(Command::Seal).map(|outcome| outcome.status), Ok(Status::Ok));
    check(device.as_mut(), "sealed", |register| register.writable_when_sealed);
}
