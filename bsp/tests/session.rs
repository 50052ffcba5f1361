//! A host talks to the whole simulated board over its serial pins.

#[path = "session/read_back.rs"]
mod read_back;

use pm_bsp::host::{request, AccessOutcome, Page, Session};
use pm_bsp::protocol::{FrameStatus, Operation};
use pm_interface::manifest::{BootPartition, Manifest, DEVELOPMENT_KEY, DEVELOPMENT_VERSION};
use pm_interface::registers::{irq, offset, ID_VALUE};
use pm_interface::{BootState, Command, Event, Geometry, Kind, Reason, Rights, Status};
use pm_model::manifest::{sign, DeviceKey};
use pm_simulated_board::SimulatedBoard;
use std::io::{Read, Write};

const WINDOW: u32 = 0x0001_0000;
const RIGHTS: Rights = Rights { read: true, write: true, execute: false, isolated: true, locked: false };

type Board = Session<SimulatedBoard>;

fn board() -> Board {
    let mut board = Session::new(SimulatedBoard::default());
    board.ping().unwrap();
    board
}

fn active() -> Board {
    let mut board = board();
    open(&mut board);
    board
}

/// Opens the gate with the memory from 0x400 on as pool.
fn open<T: Read + Write>(board: &mut Session<T>) {
    board.write_register(offset::POOL_BASE_LO, 0x400).unwrap();
    board.write_register(offset::POOL_SIZE_LO, 0x1C00).unwrap();
    board.write_register(offset::WINDOW_BASE_LO, WINDOW).unwrap();
    board.write_register(offset::CONTROL, 1).unwrap();
    let state = board.read_register(offset::BOOT_STATE).unwrap();
    assert_eq!(state, u32::from(BootState::Active.code()) | u32::from(Status::Ok.code()) << 8);
}

fn command<T: Read + Write>(board: &mut Session<T>, command: Command) -> (Status, u8) {
    board.write_register(offset::CMD, command.code().into()).unwrap();
    for _ in 0..100 {
        let result = board.read_register(offset::RESULT).unwrap();
        if result >> 31 == 0 {
            return (Status::from_code(result as u8).unwrap(), (result >> 8) as u8);
        }
    }
    panic!("{command} never ends");
}

/// Slot and physical base.
fn create<T: Read + Write>(board: &mut Session<T>, tenant: u8, logical: u32, size: u32) -> (u8, u32) {
    board.write_register(offset::CMD_TENANT, tenant.into()).unwrap();
    board.write_register(offset::CMD_LOGICAL_LO, logical).unwrap();
    board.write_register(offset::CMD_SIZE_LO, size).unwrap();
    board.write_register(offset::CMD_RIGHTS, RIGHTS.bits()).unwrap();
    let (status, slot) = command(board, Command::Create);
    assert_eq!(status, Status::Ok);
    (slot, board.read_register(offset::RESULT_PHYSICAL_LO).unwrap())
}

fn denied(reason: Reason, managed: bool, slot: u8) -> AccessOutcome {
    AccessOutcome::Denied { reason, managed, slot }
}

#[test]
fn a_tenants_memory_is_its_own() {
    let mut board = active();
    assert_eq!(board.port().leds(), 0x02);
    let (slot, base) = create(&mut board, 1, WINDOW, 0x300);
    assert_eq!((slot, base), (0, 0x400));

    // Written and read back, at every length and across words.
    let done = |physical, data| AccessOutcome::Done { physical, data, managed: true, slot };
    for (place, length, data) in [(0, 4, 0xDEAD_BEEF), (0x101, 4, 0x1234_5678), (0x2FF, 1, 0x5A), (0x10E, 3, 0xABCDEF)] {
        assert_eq!(board.read(1, WINDOW + place, length).unwrap(), done(base + place, 0), "scrubbed before use");
        assert_eq!(board.write(1, WINDOW + place, length, data).unwrap(), done(base + place, 0));
        assert_eq!(board.read(1, WINDOW + place, length).unwrap(), done(base + place, data));
    }
    assert_eq!(board.port().top.host_side.memory.peek(base as usize), 0xDEAD_BEEF);

    // Nobody else gets there, not by its own window, not physically, not the owner physically.
    let before = board.port().top.host_side.memory.clone();
    assert_eq!(board.write(2, WINDOW, 4, 0).unwrap(), denied(Reason::MmuFault, false, 0));
    assert_eq!(board.write(9, WINDOW, 4, 0).unwrap(), denied(Reason::NoTenant, true, 0));
    for tenant in [1, 2] {
        for kind in [Kind::Read, Kind::Write] {
            let outcome = board.access(Operation::PhysicalAccess, tenant, kind, base + 0x2FC, 4, 0xFFFF_FFFF).unwrap();
            assert_eq!(outcome, denied(Reason::Isolated, false, slot));
            let outcome = board.access(Operation::PhysicalAccess, tenant, kind, base - 1, 2, 0xFFFF_FFFF).unwrap();
            assert_eq!(outcome, denied(Reason::Isolated, false, slot));
        }
    }
    // Nor over a page table that software filled.
    let page = Page { present: true, read: true, write: true, execute: false, frame: (base >> 10) as u16 };
    board.fill_page(2, 3, page).unwrap();
    assert_eq!(board.write(2, 3 << 10, 4, 0xFFFF_FFFF).unwrap(), denied(Reason::Isolated, false, slot));
    // And the owner not beyond its end or rights.
    assert_eq!(board.write(1, WINDOW + 0x2FE, 4, 0).unwrap(), denied(Reason::OutOfRange, true, slot));
    assert_eq!(board.access(Operation::Access, 1, Kind::Execute, WINDOW, 4, 0).unwrap(), denied(Reason::Permission, true, slot));
    assert_eq!(board.access(Operation::Access, 1, Kind::Read, WINDOW, 0, 0).unwrap(), denied(Reason::OutOfRange, true, 0));
    for word in 0..2048 {
        assert_eq!(board.port().top.host_side.memory.peek(4 * word), before.peek(4 * word), "word {word}");
    }
    assert_eq!(board.port().leds(), 0x0A, "isolation denials light the alert");
    board.write_register(offset::IRQ_STATUS, irq::ALERT).unwrap();
    assert_eq!(board.port().leds(), 0x02);

    // The log tells all of it, in order.
    let mut records = vec![];
    while let Some(record) = board.read_audit().unwrap() {
        assert_eq!(record.sequence as usize, records.len());
        records.push((record.event, record.tenant, record.reason, record.address as u32));
    }
    let ok = Status::Ok.code();
    let physical = |tenant, address| (Event::PhysicalDenied, tenant, Reason::Isolated.code(), address);
    let mut expected = vec![(Event::Boot, 0, ok, 0x400), (Event::Command, 1, ok, WINDOW)];
    expected.push((Event::TranslateDenied, 9, Reason::NoTenant.code(), WINDOW));
    for tenant in [1, 2] {
        for _ in 0..2 {
            expected.extend([physical(tenant, base + 0x2FC), physical(tenant, base - 1)]);
        }
    }
    expected.push(physical(2, base));
    expected.push((Event::TranslateDenied, 1, Reason::OutOfRange.code(), WINDOW + 0x2FE));
    expected.push((Event::TranslateDenied, 1, Reason::Permission.code(), WINDOW));
    expected.push((Event::TranslateDenied, 1, Reason::OutOfRange.code(), WINDOW));
    assert_eq!(records, expected);
    assert_eq!(board.read_audit().unwrap(), None);

    // After DESTROY the address is nobody's and the memory is zero.
    board.write_register(offset::CMD_SLOT, slot.into()).unwrap();
    assert_eq!(command(&mut board, Command::Destroy), (Status::Ok, slot));
    assert_eq!(board.read(1, WINDOW, 4).unwrap(), denied(Reason::MmuFault, false, 0));
    assert_eq!(
        board.access(Operation::PhysicalAccess, 2, Kind::Read, base, 4, 0).unwrap(),
        AccessOutcome::Done { physical: base, data: 0, managed: false, slot: 0 }
    );
    assert_eq!(command(&mut board, Command::Seal).0, Status::Ok);
    assert_eq!(board.port().leds(), 0x06);
}

#[test]
fn closed_means_closed_and_a_reset_closes() {
    let mut board = board();
    assert_eq!(board.port().leds(), 0x01);
    assert_eq!(board.read_register(offset::ID).unwrap(), ID_VALUE);
    assert_eq!(board.read(1, WINDOW, 4).unwrap(), denied(Reason::NotActive, true, 0));
    assert_eq!(board.access(Operation::PhysicalAccess, 0, Kind::Write, 0, 4, 1).unwrap(), denied(Reason::NotActive, false, 0));
    let mut board = active();
    let (_, base) = create(&mut board, 0, WINDOW, 0x100);
    board.write(0, WINDOW, 4, 0x005E_C2E7).unwrap();
    let page = Page { present: true, read: true, ..Page::default() };
    board.fill_page(0, 0, page).unwrap();
    assert!(matches!(board.read(0, 0, 4).unwrap(), AccessOutcome::Done { .. }));
    board.port().press_reset();
    assert_eq!(board.port().leds(), 0x01);
    assert_eq!(board.read(0, WINDOW, 4).unwrap(), denied(Reason::NotActive, true, 0));
    assert_eq!(board.port().top.host_side.memory.peek(base as usize), 0, "a secret outlived the reset");
    board.write_register(offset::POOL_SIZE_LO, 0x2000).unwrap();
    board.write_register(offset::CONTROL, 1).unwrap();
    assert_eq!(board.read(0, 0, 4).unwrap(), denied(Reason::MmuFault, false, 0), "a page outlived the reset");
}

#[test]
fn the_standard_mmu_serves_what_is_not_managed() {
    let mut board = active();
    let page = Page { present: true, read: true, write: true, execute: false, frame: 0 };
    board.fill_page(3, 31, page).unwrap();
    let done = |physical, data| AccessOutcome::Done { physical, data, managed: false, slot: 0 };
    assert_eq!(board.write(3, 0x7C10, 4, 0xCAFE_F00D).unwrap(), done(0x10, 0));
    assert_eq!(board.read(3, 0x7C11, 2).unwrap(), done(0x11, 0xFEF0));
    assert_eq!(board.read(2, 0x7C10, 4).unwrap(), denied(Reason::MmuFault, false, 0));
    assert_eq!(board.read(3, 0x7FFE, 4).unwrap(), denied(Reason::MmuFault, false, 0));
    // Mapped and granted, but there is no memory.
    board.fill_page(3, 0, Page { frame: 8, ..page }).unwrap();
    assert_eq!(board.write(3, 0, 4, 1).unwrap(), AccessOutcome::BusError { physical: 0x2000 });
    let outcome = board.access(Operation::PhysicalAccess, 3, Kind::Write, 0x1FFE, 4, 0xFFFF_FFFF).unwrap();
    assert_eq!(outcome, AccessOutcome::BusError { physical: 0x1FFE });
    assert_eq!(board.port().top.host_side.memory.peek(0x1FFC), 0);
    // Fields that do not fit.
    let response = board.exchange(Operation::FillPage, &[8, 1, 0, 0, 0]).unwrap();
    assert_eq!(response.status, FrameStatus::BadOperand, "no such tenant");
    for payload in [[3, 0x11, 0, 0, 0], [3, 1, 0x20, 0, 0], [3, 1, 0x80, 0, 0], [3, 1, 0, 0, 0x10], [3, 1, 0, 0, 0x80]] {
        assert_eq!(board.exchange(Operation::FillPage, &payload).unwrap().status, FrameStatus::BadOperand);
    }
    for mode in [5, 15, 0x44, 0x84] {
        let response = board.exchange(Operation::Access, &[3, 0x10, 0x7C, 0, 0, mode, 0, 0, 0, 0]).unwrap();
        assert_eq!((response.status, response.payload.len()), (FrameStatus::BadOperand, 0), "mode {mode:#x}");
    }
}

#[test]
fn registers_refuse_and_records_come_whole() {
    let mut board = active();
    for offset in [offset::CONTROL, offset::AUDIT_DIGEST, 0x98, 0x01, 0xFC] {
        assert_eq!(board.exchange(Operation::ReadRegister, &[offset]).unwrap().status, FrameStatus::RegisterError);
    }
    let response = board.exchange(Operation::WriteRegister, &[offset::POOL_BASE_LO, 0, 0, 0, 0]).unwrap();
    assert_eq!(response.status, FrameStatus::RegisterError, "frozen");
    // A record that was begun word by word is not handed out as a whole one.
    board.write_register(offset::AUDIT_POP, 1).unwrap();
    assert_eq!(board.exchange(Operation::ReadAudit, &[]).unwrap().status, FrameStatus::MidRecord);
    for _ in 0..4 {
        board.write_register(offset::AUDIT_POP, 1).unwrap();
    }
    assert_eq!(board.exchange(Operation::ReadAudit, &[]).unwrap().status, FrameStatus::Empty);
}

#[test]
fn malformed_frames_are_answered_and_change_nothing() {
    let mut board = active();
    // A frame that would activate a lock on everything, were it obeyed.
    let seal = request(Operation::WriteRegister, &[offset::CMD, Command::Seal.code(), 0, 0, 0]);
    let answered = |board: &mut Board, bytes: &[u8], expected: FrameStatus| {
        board.send(bytes).unwrap();
        let response = board.receive().unwrap();
        assert_eq!((response.status, response.payload.len()), (expected, 0), "{bytes:02x?}");
        board.ping().expect("the next frame is heard");
    };
    for place in 1..seal.len() {
        let mut wrong = seal.clone();
        wrong[place] ^= 0x20;
        let expected = if place == 2 { FrameStatus::Timeout } else { FrameStatus::BadCrc };
        answered(&mut board, &wrong, expected);
    }
    for length in 1..seal.len() {
        answered(&mut board, &seal[..length], FrameStatus::Timeout);
    }
    let with_crc = |body: &[u8]| {
        let mut frame = vec![0xA5];
        frame.extend(body);
        frame.extend(pm_bsp::protocol::crc16(body).to_be_bytes());
        frame
    };
    answered(&mut board, &with_crc(&[3, 4, offset::CMD, Command::Seal.code(), 0, 0]), FrameStatus::BadLength);
    answered(&mut board, &with_crc(&[0x13, 5, offset::CMD, Command::Seal.code(), 0, 0, 0]), FrameStatus::UnknownOperation);
    answered(&mut board, &with_crc(&[0, 0]), FrameStatus::UnknownOperation);
    // A character without a stop bit, in the place of any byte.
    for place in 1..seal.len() {
        board.send(&seal[..place]).unwrap();
        board.port().send_broken(0x00);
        board.send(&seal[place + 1..]).unwrap();
        assert_eq!(board.receive().unwrap().status, FrameStatus::FramingError);
        board.ping().unwrap();
    }
    // No sync byte, no frame, no answer.
    board.send(&[0x00, 0xFF, 0x5A, 0x03, 0x05]).unwrap();
    assert!(board.receive().is_err());
    assert_eq!(board.port().leds(), 0x02, "not sealed");
    assert_eq!(board.read_register(offset::AUDIT_LEVEL).unwrap(), 1, "only the boot record");
    // The frame itself works.
    board.send(&seal).unwrap();
    assert_eq!(board.receive().unwrap().status, FrameStatus::Ok);
    board.port().run(200);
    assert_eq!(board.port().leds(), 0x06);
}

/// What a board of the development key boots with: a partition of tenant 1, then SEAL.
fn manifest(security_version: u32) -> Vec<u32> {
    let partitions = vec![BootPartition { tenant: 1, rights: RIGHTS, logical: WINDOW.into(), size: 0x300 }];
    let (pool_base, pool_size, window_base) = (0x400, 0x1C00, WINDOW.into());
    let manifest =
        Manifest { security_version, seal: true, pool_base, pool_size, window_base, partitions, ..Manifest::default() };
    sign(&manifest, &DeviceKey::new(DEVELOPMENT_KEY))
}

#[test]
fn a_board_boots_with_a_manifest_and_with_nothing_else() {
    let mut board = Session::new(SimulatedBoard::new(&Geometry::preset("cu+boot").unwrap()));
    board.ping().unwrap();
    assert!(board.write_register(offset::POOL_BASE_LO, 0x400).is_err());
    assert!(board.write_register(offset::CONTROL, 1).is_err());
    assert_eq!(board.boot(&manifest(DEVELOPMENT_VERSION)).unwrap(), Status::Ok);
    assert_eq!(board.port().leds(), 0x06, "active and sealed");
    let done = AccessOutcome::Done { physical: 0x400, data: 0, managed: true, slot: 0 };
    assert_eq!(board.write(1, WINDOW, 4, 0x1234_5678).unwrap(), done);
    assert_eq!(board.read(2, WINDOW, 4).unwrap(), denied(Reason::MmuFault, false, 0));
    let mut events = vec![];
    while let Some(record) = board.read_audit().unwrap() {
        events.push((record.event, record.kind, record.reason));
    }
    let ok = Status::Ok.code();
    let commands = [(Event::Command, Command::Create.code(), ok), (Event::Command, Command::Seal.code(), ok)];
    assert_eq!(events, [&commands[..], &[(Event::Boot, 0, ok)]].concat());

    // A second one is refused and closes; after a reset an older one is refused, and a flipped bit.
    assert!(board.write_register(offset::BOOT_DATA, 0).is_err());
    assert_eq!(board.read(1, WINDOW, 4).unwrap(), denied(Reason::NotActive, true, 0));
    assert_eq!(board.read_register(offset::BOOT_STATE).unwrap() & 7, u32::from(BootState::Failed.code()));
    board.port().press_reset();
    assert_eq!(board.boot(&manifest(DEVELOPMENT_VERSION - 1)).unwrap(), Status::OldVersion);
    board.port().press_reset();
    let mut wrong = manifest(DEVELOPMENT_VERSION);
    *wrong.last_mut().unwrap() ^= 1 << 31;
    assert_eq!(board.boot(&wrong).unwrap(), Status::Integrity);
    assert_eq!(board.port().leds() & 0x0E, 0x08, "the alert, and nothing else");
}
