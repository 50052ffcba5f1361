//! The register port: values, errors, freezing.

use super::{cu, peopled, POOL, POOL_SIZE, WINDOW};
use crate::{Access, Kind, Model, Operation, Reason, Status};
use pm_interface::registers::{self, offset, REGISTERS};
use pm_interface::{BootState, Command, Geometry};

fn reads(model: &Model, at: u8, expected: u32) {
    assert_eq!(model.read_register(at), Ok(expected), "register {at:#04x}");
}

/// The write succeeds or not, as said; a refused one changes no register.
fn writes(model: &mut Model, at: u8, value: u32, accepted: bool) {
    let image = |model: &Model| (0..=u8::MAX).map(|at| model.read_register(at).ok()).collect::<Vec<_>>();
    let before = image(model);
    assert_eq!(model.write_register(at, value).is_ok(), accepted, "writing {value:#x} to {at:#04x}");
    assert!(accepted || image(model) == before, "the refused write to {at:#04x} changed something");
}

#[test]
fn identity_and_geometry() {
    let model = Model::new(&Geometry::preset("soc32").unwrap());
    reads(&model, offset::ID, 0x504D_4752);
    reads(&model, offset::VERSION, registers::VERSION_VALUE);
    reads(&model, offset::GEOMETRY0, 0x1C18_0C20);
    reads(&model, offset::GEOMETRY1, 0x0030_2010);
    // The largest pool is the geometry's, not the frame that it lies in.
    reads(&Model::new(&Geometry::preset("cu+pool=16").unwrap()), offset::GEOMETRY0, 0x0C10_0820);
}

#[test]
fn every_offset_answers_as_the_table_says() {
    for at in 0..=u8::MAX {
        let known = REGISTERS.iter().find(|register| register.offset == at);
        let chain = matches!(
            at,
            offset::AUDIT_DIGEST
                | offset::AUDIT_DIGEST_1
                | offset::AUDIT_DIGEST_2
                | offset::AUDIT_DIGEST_3
                | offset::AUDIT_CHAINED
        );
        let alerts = matches!(at, offset::ALERT_STATE | offset::ALERT_TEST | offset::DENY_THRESHOLD | offset::DENY_COUNT);
        // The model has no bus guard.
        let guards = known.is_some_and(|register| matches!(register.feature, Some(registers::GUARD | registers::SOURCES)));
        let reserved = at == offset::BOOT_DATA || guards || chain || alerts;
        let readable = known.is_some_and(|register| register.access != registers::RegisterMode::WriteOnly) && !reserved;
        let writable = known.is_some_and(|register| register.access != registers::RegisterMode::ReadOnly) && !reserved;
        // Where every half of a wide register has bits.
        let mut model = Model::new(&Geometry::preset("soc64").unwrap());
        model.settle();
        assert_eq!(model.read_register(at).is_ok(), readable, "reading {at:#04x}");
        writes(&mut model, at, 1, writable);
        if chain {
            let mut model = Model::new(&Geometry::preset("soc64+chain").unwrap());
            reads(&model, at, 0);
            writes(&mut model, at, 0, false);
        }
        if alerts {
            let mut model = Model::new(&Geometry::preset("soc64+alerts").unwrap());
            assert_eq!(model.read_register(at).is_ok(), at != offset::ALERT_TEST, "reading {at:#04x}");
            writes(&mut model, at, 1, matches!(at, offset::ALERT_TEST | offset::DENY_THRESHOLD));
        }
    }
}

#[test]
fn values_with_bits_that_do_not_exist_are_refused() {
    let mut model = Model::new(&Geometry::preset("tiny").unwrap());
    model.settle();
    for (at, good, bad) in [
        (offset::POOL_BASE_LO, 0x1F, 0x20),
        (offset::POOL_BASE_HI, 0, 1),
        (offset::POOL_SIZE_LO, 0x1F, 0x20),
        (offset::POOL_SIZE_HI, 0, 1),
        (offset::WINDOW_BASE_LO, 0x1F, 0x20),
        (offset::WINDOW_BASE_HI, 0, 1),
        (offset::CMD_TENANT, 0xFF, 0x100),
        (offset::CMD_SLOT, 0xFF, 0x100),
        (offset::CMD_LOGICAL_LO, 0x1F, 0x20),
        (offset::CMD_LOGICAL_HI, 0, 1),
        (offset::CMD_SIZE_LO, 0x1F, 0x20),
        (offset::CMD_SIZE_HI, 0, 1),
        (offset::CMD_RIGHTS, 0x1F, 0x20),
        (offset::IRQ_STATUS, 0xF, 0x10),
        (offset::IRQ_ENABLE, 0xF, 0x10),
        (offset::AUDIT_POP, 1, 0),
        (offset::AUDIT_POP, 1, 2),
        (offset::CMD, 1, 0),
        (offset::CMD, 2, 3),
        (offset::CMD, 4, 5),
        (offset::CMD, 9, 10),
        (offset::CMD, 7, 0x101),
        (offset::CONTROL, 1, 0),
        (offset::CONTROL, 3, 7),
        (offset::CONTROL, 5, 9),
    ] {
        let mut model = model.clone();
        writes(&mut model, at, bad, false);
        writes(&mut model, at, good, true);
    }
}

#[test]
fn wide_registers_hold_what_the_address_has() {
    let mut model = Model::new(&Geometry::preset("soc64").unwrap());
    writes(&mut model, offset::CMD_LOGICAL_HI, 0xFFFF, true);
    writes(&mut model, offset::CMD_LOGICAL_LO, 0x1234_5678, true);
    writes(&mut model, offset::CMD_LOGICAL_HI, 0x1_0000, false);
    reads(&model, offset::CMD_LOGICAL_HI, 0xFFFF);
    reads(&model, offset::CMD_LOGICAL_LO, 0x1234_5678);
}

#[test]
fn pool_and_window_freeze_when_the_gate_opens() {
    let mut model = Model::new(cu().geometry());
    reads(&model, offset::BOOT_STATE, u32::from(BootState::Clearing.code()));
    writes(&mut model, offset::CONTROL, 1, false);
    model.settle();
    for (at, value) in [
        (offset::POOL_BASE_LO, POOL as u32),
        (offset::POOL_SIZE_LO, POOL_SIZE as u32),
        (offset::WINDOW_BASE_LO, WINDOW as u32),
        (offset::CONTROL, 1),
    ] {
        writes(&mut model, at, value, true);
    }
    reads(&model, offset::BOOT_STATE, u32::from(BootState::Active.code()) | u32::from(Status::Ok.code()) << 8);
    reads(&model, offset::STATUS, 1);
    for at in [offset::POOL_BASE_LO, offset::POOL_SIZE_LO, offset::WINDOW_BASE_LO, offset::POOL_BASE_HI] {
        writes(&mut model, at, 0, false);
    }
    writes(&mut model, offset::CONTROL, 1, false);
    reads(&model, offset::POOL_BASE_LO, POOL as u32);
}

#[test]
fn commands_run_from_the_operand_registers() {
    let mut model = cu();
    for (at, value) in [
        (offset::CMD_TENANT, 3),
        (offset::CMD_LOGICAL_LO, WINDOW as u32 + 0x200),
        (offset::CMD_SIZE_LO, 0x100),
        (offset::CMD_RIGHTS, 0b01011),
        (offset::CMD, u32::from(Command::Create.code())),
    ] {
        writes(&mut model, at, value, true);
    }
    assert_eq!(model.read_register(offset::RESULT).unwrap() >> 31, 1);
    reads(&model, offset::STATUS, 0b101);
    writes(&mut model, offset::CMD, u32::from(Command::Query.code()), false);
    writes(&mut model, offset::CMD_TENANT, 0, false);
    writes(&mut model, offset::IRQ_ENABLE, 1, true);
    model.settle();
    reads(&model, offset::RESULT, 1);
    reads(&model, offset::RESULT_PHYSICAL_LO, POOL as u32);
    assert!(model.irq());
    reads(&model, offset::STATUS, 0b10001);
    for (at, value) in [
        (offset::IRQ_STATUS, 1),
        (offset::CMD_TENANT, 0),
        (offset::CMD_LOGICAL_LO, 0),
        (offset::CMD_SIZE_LO, 0),
        (offset::CMD_RIGHTS, 0),
        (offset::CMD, u32::from(Command::Query.code())),
    ] {
        writes(&mut model, at, value, true);
    }
    reads(&model, offset::CMD_TENANT, 3);
    reads(&model, offset::CMD_LOGICAL_LO, WINDOW as u32 + 0x200);
    reads(&model, offset::CMD_SIZE_LO, 0x100);
    reads(&model, offset::CMD_RIGHTS, 0b01011);
}

#[test]
fn the_first_denial_is_captured_until_cleared() {
    let mut model = peopled();
    reads(&model, offset::FAULT_INFO, 0);
    model.physical(&Access::new(3, POOL + 0x500, 4, Kind::Write));
    model.translate(&Access::new(9, 0x44, 4, Kind::Read));
    let first = 3 | 2 << 8 | 1 << 20 | u32::from(Reason::Isolated.code()) << 24 | 0b11 << 30;
    reads(&model, offset::FAULT_INFO, first);
    reads(&model, offset::FAULT_ADDRESS_LO, POOL as u32 + 0x500);
    writes(&mut model, offset::IRQ_STATUS, registers::irq::ALERT, true);
    reads(&model, offset::FAULT_INFO, first);
    writes(&mut model, offset::IRQ_STATUS, registers::irq::DENIAL, true);
    model.translate(&Access::new(9, 0x44, 4, Kind::Read));
    reads(&model, offset::FAULT_INFO, 9 | u32::from(Reason::NoTenant.code()) << 24 | 0b10 << 30);
    reads(&model, offset::COUNT_DENIED, 3);
}

#[test]
fn audit_words_come_out_one_by_one() {
    let mut model = cu();
    model.command(&Operation::query(5));
    reads(&model, offset::AUDIT_LEVEL, 2);
    let records: Vec<[u32; 5]> = model.audit().records().map(|record| record.words()).collect();
    for words in records {
        for (word, value) in (0..).zip(words) {
            assert_eq!(model.read_register(offset::AUDIT_LEVEL).unwrap() >> 16, word);
            reads(&model, offset::AUDIT_DATA, value);
            writes(&mut model, offset::AUDIT_POP, 1, true);
        }
    }
    reads(&model, offset::AUDIT_LEVEL, 0);
    reads(&model, offset::AUDIT_DATA, 0);
    writes(&mut model, offset::AUDIT_POP, 1, true);
    reads(&model, offset::AUDIT_LEVEL, 0);
}
