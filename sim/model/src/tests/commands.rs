//! Commands: every status, first fit, scrubbing, and that a refusal changes nothing.

use super::{cu, peopled, rights, POOL, POOL_SIZE, SPAN, WINDOW};
use crate::{Fault, Geometry, Model, Operation, Outcome, Row, Status, Word};

fn refused(status: Status) -> Outcome {
    Outcome { status, slot: 0, physical: 0, row: None }
}

fn done(slot: u8, physical: u64) -> Outcome {
    Outcome { status: Status::Ok, slot, physical, row: None }
}

/// The command answers as expected, and a refusal leaves the tables as they were.
fn check(model: &mut Model, operation: Operation, expected: Outcome) {
    let before = model.tables().clone();
    assert_eq!(model.command(&operation), expected, "{operation:x?}");
    assert!(expected.status == Status::Ok || *model.tables() == before, "{operation:x?} changed the tables");
    model.invariants().unwrap();
}

fn create(tenant: u8, offset: u64, size: u64) -> Operation {
    Operation::create(tenant, WINDOW.wrapping_add(offset), size, rights("rw"))
}

#[test]
fn create_checks_in_order() {
    let mut model = peopled();
    check(&mut model, create(8, 1, 0), refused(Status::BadTenant));
    check(&mut model, create(1, 0x80, 0), refused(Status::BadAlignment));
    check(&mut model, create(1, 0, 0x180), refused(Status::BadAlignment));
    check(&mut model, create(1, 0x2_0000, 0), refused(Status::BadSize));
    check(&mut model, create(1, 0x2_0000, SPAN + 0x100), refused(Status::BadSize));
    check(&mut model, create(1, WINDOW.wrapping_neg(), 0x100), refused(Status::OutsideWindow));
    check(&mut model, create(1, SPAN, 0x100), refused(Status::OutsideWindow));
    check(&mut model, create(1, 0xFF00, 0x200), refused(Status::OutsideWindow));
    check(&mut model, create(1, 0x300, 0x100), refused(Status::Overlap));
    check(&mut model, create(1, 0x400, 0x500), refused(Status::Overlap));
    check(&mut model, create(4, 0, SPAN), refused(Status::NoSpace));
    check(&mut model, create(1, 0x400, 0x400), done(4, POOL + 0x800));
}

#[test]
fn the_table_fills_up() {
    let mut model = cu();
    for slot in 0..16 {
        let block = u64::from(slot) * 0x100;
        check(&mut model, create(1, block, 0x100), done(slot, POOL + block));
    }
    check(&mut model, create(2, 0, 0x100), refused(Status::TableFull));
    check(&mut model, create(1, 0, 0x100), refused(Status::Overlap));
}

#[test]
fn the_lowest_slot_and_the_lowest_block_are_taken() {
    let mut model = peopled();
    check(&mut model, Operation::destroy(1), done(1, POOL + 0x400));
    check(&mut model, create(4, 0, 0x200), done(1, POOL + 0x800));
    check(&mut model, create(5, 0, 0x100), done(4, POOL + 0x400));
    check(&mut model, Operation::destroy(0), done(0, POOL));
    check(&mut model, create(6, 0, 0x300), done(0, POOL));
    check(&mut model, create(7, 0, 0x100), done(5, POOL + 0x300));
}

#[test]
fn a_pool_is_used_to_its_last_byte() {
    let mut model = cu();
    check(&mut model, create(1, 0, POOL_SIZE), done(0, POOL));
    check(&mut model, create(2, 0, 0x100), refused(Status::NoSpace));
    check(&mut model, Operation::destroy(0), done(0, POOL));
    check(&mut model, create(2, 0xFF00, 0x100), done(0, POOL));
}

#[test]
fn slot_commands() {
    let mut model = peopled();
    for slot in [4, 15, 16, 255] {
        check(&mut model, Operation::destroy(slot), refused(Status::BadSlot));
        check(&mut model, Operation::protect(slot, rights("r")), refused(Status::BadSlot));
        check(&mut model, Operation::lock(slot), refused(Status::BadSlot));
        check(&mut model, Operation::query(slot), refused(Status::BadSlot));
    }
    check(&mut model, Operation::destroy(2), refused(Status::Locked));
    check(&mut model, Operation::protect(2, rights("r")), refused(Status::Locked));
    check(&mut model, Operation::lock(2), refused(Status::Locked));
    check(&mut model, Operation::protect(0, rights("xl")), done(0, POOL));
    assert_eq!(model.tables().rows[0].rights, rights("x"), "PROTECT does not lock");
    check(&mut model, Operation::lock(0), done(0, POOL));
    assert_eq!(model.tables().rows[0].rights, rights("xl"));
    check(&mut model, Operation::lock(0), refused(Status::Locked));
}

#[test]
fn query_and_find_show_the_row() {
    let mut model = peopled();
    let row = Row { tenant: 2, logical: WINDOW, size: 0x200, rights: rights("wil") };
    let shown = Outcome { row: Some(row), ..done(2, POOL + 0x500) };
    check(&mut model, Operation::query(2), shown);
    check(&mut model, Operation::find(2, WINDOW + 0x1FF), shown);
    check(&mut model, Operation::find(2, WINDOW + 0x200), refused(Status::BadSlot));
    check(&mut model, Operation::find(8, 0), refused(Status::BadTenant));
    check(&mut model, Operation::find(2, WINDOW - 1), refused(Status::OutsideWindow));
    check(&mut model, Operation::find(2, WINDOW + SPAN), refused(Status::OutsideWindow));
}

#[test]
fn sealing_leaves_only_reading() {
    let mut model = peopled();
    check(&mut model, Operation::seal(), Outcome { physical: 0, ..done(0, 0) });
    assert!(model.sealed());
    for operation in
        [create(8, 0, 0), Operation::destroy(99), Operation::protect(0, rights("")), Operation::lock(0), Operation::seal()]
    {
        check(&mut model, operation, refused(Status::Sealed));
    }
    assert_eq!(model.command(&Operation::query(0)).status, Status::Ok);
    assert_eq!(model.command(&Operation::find(1, WINDOW)).status, Status::Ok);
    check(&mut model, Operation::query(9), refused(Status::BadSlot));
    model.reset();
    assert!(!model.sealed());
}

#[test]
fn everything_waits_for_activation() {
    let mut model = Model::new(cu().geometry());
    model.settle();
    for operation in
        [create(1, 0, 0x100), Operation::destroy(0), Operation::seal(), Operation::query(0), Operation::find(1, WINDOW)]
    {
        check(&mut model, operation, refused(Status::NotActive));
    }
}

#[test]
fn activation_checks_its_configuration() {
    let frame = cu().geometry().frame();
    let check = |(pool, size, window), expected| {
        let mut model = Model::new(&Geometry::preset("cu").unwrap());
        assert_eq!(model.activate(pool, size, window), expected, "{pool:#x} {size:#x} {window:#x}");
        assert_eq!(model.active(), expected == Status::Ok);
        let record = model.read_audit().unwrap();
        assert_eq!((record.reason, record.address, record.sequence), (expected.code(), pool, 0));
    };
    check((POOL, POOL_SIZE, WINDOW), Status::Ok);
    check((POOL + 0xFF00, 0x100, 0), Status::Ok);
    check((POOL + 0x80, POOL_SIZE, WINDOW), Status::BadAlignment);
    check((POOL, 0x80, WINDOW), Status::BadAlignment);
    check((POOL, 0, WINDOW + 0x100), Status::BadAlignment);
    check((POOL, 0, WINDOW), Status::BadSize);
    check((POOL + 0x100, frame, WINDOW), Status::BadSize);
    check((POOL + frame - 0x100, 0x200, WINDOW), Status::BadSize);
    check((POOL, 2 * frame, WINDOW), Status::BadSize);
    check((POOL, 0xFFFF_FF00, WINDOW), Status::BadSize);
}

#[test]
fn a_refused_configuration_may_be_corrected() {
    let mut model = Model::new(cu().geometry());
    assert_eq!(model.activate(POOL, 0, WINDOW), Status::BadSize);
    assert_eq!(model.activate(POOL, POOL_SIZE, WINDOW), Status::Ok);
}

#[test]
fn blocks_are_clean_before_they_are_given_and_before_they_are_free() {
    let mut model = cu();
    let (inside, outside) = (POOL + 0xFC, POOL + 0x100);
    model.memory_mut().write(inside, 0xDEAD);
    model.memory_mut().write(outside, 0xBEEF);
    check(&mut model, create(1, 0, 0x100), done(0, POOL));
    assert_eq!((model.memory().read(inside), model.memory().read(outside)), (0, 0xBEEF));
    model.memory_mut().write(inside, 0xCAFE);
    model.start(&Operation::destroy(0));
    model.advance(1 + 63);
    assert_eq!(model.memory().read(inside), 0xCAFE, "scrubbing goes a word a cycle, after the shadow entry");
    assert!(model.tables().rows[0].held);
    model.advance(1);
    assert!(model.memory().is_zero(POOL, outside) && !model.tables().rows[0].held && !model.busy());
    assert_eq!(model.memory().read(outside), 0xBEEF);
}

/// Who would read a row that has lost a bit goes no further: the row of `CMD_SLOT`, or any of those that are walked.
#[test]
fn a_row_that_lost_a_bit_is_not_worked_on() {
    let mut model = Model::new(&Geometry::preset("cu+dynamic+integrity").unwrap());
    assert_eq!(model.activate(POOL, POOL_SIZE, WINDOW), Status::Ok);
    for offset in [0, 0x400, 0x800] {
        assert_eq!(model.command(&create(1, offset, 0x200)).status, Status::Ok);
    }
    model.corrupt(&Fault::Bits { word: Word::Row(1), bits: 1 << 3 }).unwrap();
    let integrity = refused(Status::Integrity);
    // They read the row itself; what it says is not told.
    for operation in [Operation::query(1), Operation::destroy(1), Operation::protect(1, rights("r")), Operation::resize(1, 0x100)]
    {
        check(&mut model, operation, integrity);
        let record = std::iter::from_fn(|| model.read_audit()).last().unwrap();
        assert_eq!((record.tenant, record.slot, record.address, record.reason), (0, 1, 0, Status::Integrity.code()));
    }
    // They walk, unless they are refused before.
    check(&mut model, create(2, 0, 0x100), integrity);
    check(&mut model, create(9, 0, 0x100), refused(Status::BadTenant));
    check(&mut model, Operation::find(1, WINDOW), integrity);
    check(&mut model, Operation::resize(0, 0x300), integrity);
    check(&mut model, Operation::share(0, 2, WINDOW, rights("r")), integrity);
    // They read the row beside what they are asked.
    check(&mut model, Operation { slot: 1, ..create(9, 0, 0x100) }, integrity);
    // They do not read it.
    assert_eq!(model.command(&Operation::query(0)).status, Status::Ok);
    check(&mut model, Operation::query(16 + 3), refused(Status::BadSlot));
    check(&mut model, Operation::query(16 + 1), integrity);
    check(&mut model, Operation::resize(0, 0x100), done(0, POOL));
    check(&mut model, Operation::protect(2, rights("r")), done(2, POOL + 0x400));
    // A pass later it is as it was.
    model.advance(model.geometry().patrol_cycles());
    assert_eq!(model.command(&Operation::query(1)).status, Status::Ok);
    check(&mut model, Operation::seal(), done(0, 0));
}
