//! RESIZE and SHARE: every status, what is scrubbed when, and who reaches what meanwhile.

use super::{rights, POOL, POOL_SIZE, SPAN, WINDOW};
use crate::{Access, Geometry, Kind, Model, Operation, Outcome, Status, Tail};

fn refused(status: Status) -> Outcome {
    Outcome { status, slot: 0, physical: 0, row: None }
}

fn done(slot: u8, physical: u64) -> Outcome {
    Outcome { status: Status::Ok, slot, physical, row: None }
}

/// The partitions of `peopled`, where RESIZE and SHARE are known.
fn peopled() -> Model {
    let mut model = Model::new(&Geometry::preset("cu+dynamic").unwrap());
    assert_eq!(model.activate(POOL, POOL_SIZE, WINDOW), Status::Ok);
    let partitions = [(1, 0, 0x400, "rwi"), (1, 0x800, 0x100, "rx"), (2, 0, 0x200, "wil"), (3, 0xFF00, 0x100, "r")];
    for (slot, (tenant, offset, size, letters)) in (0..).zip(partitions) {
        let outcome = model.command(&Operation::create(tenant, WINDOW + offset, size, rights(letters)));
        assert_eq!((outcome.status, outcome.slot), (Status::Ok, slot));
    }
    model
}

/// The command answers as expected, and a refusal leaves the tables as they were.
fn check(model: &mut Model, operation: Operation, expected: Outcome) {
    let before = model.tables().clone();
    assert_eq!(model.command(&operation), expected, "{operation:x?}");
    assert!(expected.status == Status::Ok || *model.tables() == before, "{operation:x?} changed the tables");
    model.invariants().unwrap();
}

fn granted(model: &Model, tenant: u8, offset: u64) -> bool {
    model.decide_translate(&Access::new(tenant, WINDOW + offset, 1, Kind::Read)).granted
}

fn allowed(model: &Model, physical: u64) -> bool {
    model.decide_physical(&Access::new(7, physical, 1, Kind::Read)).allowed
}

#[test]
fn resize_checks_in_order() {
    let mut model = peopled();
    for slot in [4, 16, 255] {
        check(&mut model, Operation::resize(slot, 1), refused(Status::BadSlot));
    }
    check(&mut model, Operation::resize(2, 1), refused(Status::Locked));
    check(&mut model, Operation::resize(0, 0x180), refused(Status::BadAlignment));
    check(&mut model, Operation::resize(0, SPAN + 0x80), refused(Status::BadAlignment));
    check(&mut model, Operation::resize(0, 0), refused(Status::BadSize));
    check(&mut model, Operation::resize(0, SPAN + 0x100), refused(Status::BadSize));
    check(&mut model, Operation::resize(3, 0x200), refused(Status::OutsideWindow));
    check(&mut model, Operation::resize(0, 0x900), refused(Status::Overlap));
    check(&mut model, Operation::resize(0, 0x500), refused(Status::NoSpace));
    check(&mut model, Operation::resize(1, POOL_SIZE), refused(Status::NoSpace));
    check(&mut model, Operation::resize(0, 0x400), done(0, POOL));
    check(&mut model, Operation::resize(0, 0x100), done(0, POOL));
    check(&mut model, Operation::resize(0, 0x400), done(0, POOL));
    assert_eq!(model.command(&Operation::query(0)).row.unwrap().size, 0x400);
    check(&mut model, Operation::seal(), done(0, 0));
    check(&mut model, Operation::resize(0, 1), refused(Status::Sealed));
    check(&mut model, Operation::share(0, 9, 1, rights("i")), refused(Status::Sealed));
}

#[test]
fn a_row_grows_to_the_end_of_the_pool_and_no_further() {
    let mut model = peopled();
    for slot in [0, 1] {
        check(&mut model, Operation::destroy(slot), done(slot, POOL + 0x400 * u64::from(slot)));
    }
    check(&mut model, Operation::create(4, WINDOW, 0x100, rights("r")), done(0, POOL));
    check(&mut model, Operation::resize(0, 0x500), done(0, POOL));
    check(&mut model, Operation::resize(0, 0x600), refused(Status::NoSpace));
    check(&mut model, Operation::create(5, WINDOW, POOL_SIZE - 0x800, rights("r")), done(1, POOL + 0x800));
    check(&mut model, Operation::resize(1, POOL_SIZE - 0x700), refused(Status::NoSpace));
}

#[test]
fn what_comes_is_clean_and_what_goes_is_hidden_first() {
    let mut model = peopled();
    check(&mut model, Operation::create(4, WINDOW, 0x100, rights("r")), done(4, POOL + 0x800));
    model.memory_mut().write(POOL + 0x9FC, 7);
    model.start(&Operation::resize(4, 0x200));
    assert_eq!(model.tables().tail, Some(Tail { slot: 4, first_block: 9, last_block: 9 }));
    // The old part is used as ever; the new one is nobody's.
    assert!(granted(&model, 4, 0xFF) && !granted(&model, 4, 0x100));
    assert!(allowed(&model, POOL + 0x8FF) && !allowed(&model, POOL + 0x900) && allowed(&model, POOL + 0xA00));
    model.advance(63);
    assert_eq!(model.memory().read(POOL + 0x9FC), 7);
    model.advance(1);
    assert_eq!((model.memory().read(POOL + 0x9FC), model.tables().shadow(4, 1)), (0, None));
    model.settle();
    assert!(granted(&model, 4, 0x100) && allowed(&model, POOL + 0x900));
    assert_eq!(model.tables().tail, None);

    model.memory_mut().write(POOL + 0x9FC, 7);
    model.start(&Operation::resize(4, 0x100));
    assert!(granted(&model, 4, 0xFF) && !granted(&model, 4, 0x100) && !allowed(&model, POOL + 0x900));
    model.advance(64);
    assert!(!allowed(&model, POOL + 0x900));
    model.settle();
    assert!(allowed(&model, POOL + 0x900) && model.memory().is_zero(POOL + 0x900, POOL + 0xA00));
}

#[test]
fn share_checks_in_order() {
    let mut model = peopled();
    let share = |slot, tenant, offset: u64, letters| Operation::share(slot, tenant, WINDOW.wrapping_add(offset), rights(letters));
    for slot in [4, 16, 255] {
        check(&mut model, share(slot, 9, 1, "i"), refused(Status::BadSlot));
    }
    check(&mut model, share(2, 9, 1, "i"), refused(Status::Locked));
    check(&mut model, share(1, 8, 1, "i"), refused(Status::BadTenant));
    check(&mut model, share(1, 7, 1, "i"), refused(Status::BadAlignment));
    check(&mut model, share(1, 7, SPAN, "i"), refused(Status::OutsideWindow));
    check(&mut model, share(0, 7, 0xFE00, "r"), refused(Status::OutsideWindow));
    check(&mut model, share(1, 7, 0, "ri"), refused(Status::Overlap));
    check(&mut model, share(0, 7, 0, "r"), refused(Status::Overlap));
    check(&mut model, share(1, 1, 0x300, "r"), refused(Status::Overlap));
    check(&mut model, share(1, 1, 0x400, "r"), done(4, POOL + 0x400));
    for slot in 5..16 {
        check(&mut model, share(1, 4, 0x100 * slot, "r"), done(slot as u8, POOL + 0x400));
    }
    check(&mut model, share(1, 4, 0, "r"), refused(Status::TableFull));
    check(&mut model, share(1, 4, 0x500, "r"), refused(Status::Overlap));
}

#[test]
fn a_shared_block_stays_what_it_is_until_its_last_row_goes() {
    let mut model = peopled();
    check(&mut model, Operation::share(1, 5, WINDOW, rights("rl")), done(4, POOL + 0x400));
    assert!(granted(&model, 5, 0) && granted(&model, 1, 0x800));
    check(&mut model, Operation::resize(1, 0x200), refused(Status::Overlap));
    check(&mut model, Operation::resize(1, 0x100), done(1, POOL + 0x400));
    check(&mut model, Operation::protect(1, rights("ri")), refused(Status::Overlap));
    check(&mut model, Operation::protect(1, rights("rw")), done(1, POOL + 0x400));
    check(&mut model, Operation::destroy(4), refused(Status::Locked));
    check(&mut model, Operation::share(1, 6, WINDOW, rights("r")), done(5, POOL + 0x400));
    model.memory_mut().write(POOL + 0x400, 7);
    model.start(&Operation::destroy(1));
    assert!(allowed(&model, POOL + 0x400) && granted(&model, 6, 0));
    model.settle();
    check(&mut model, Operation::create(7, WINDOW, 0x100, rights("r")), done(1, POOL + 0x800));
    assert_eq!(model.memory().read(POOL + 0x400), 7);
    check(&mut model, Operation::destroy(5), done(5, POOL + 0x400));
    assert_eq!(model.memory().read(POOL + 0x400), 7);
    // The last one is locked; it may be shared no more, and its block stays.
    check(&mut model, Operation::share(4, 6, WINDOW, rights("r")), refused(Status::Locked));
}

#[test]
fn the_last_row_scrubs_and_frees() {
    let mut model = peopled();
    check(&mut model, Operation::share(1, 5, WINDOW, rights("r")), done(4, POOL + 0x400));
    check(&mut model, Operation::destroy(1), done(1, POOL + 0x400));
    model.memory_mut().write(POOL + 0x4FC, 7);
    check(&mut model, Operation::protect(4, rights("ri")), done(4, POOL + 0x400));
    model.start(&Operation::destroy(4));
    assert!(!allowed(&model, POOL + 0x400));
    model.settle();
    assert!(allowed(&model, POOL + 0x400) && model.memory().is_zero(POOL + 0x400, POOL + 0x500));
    check(&mut model, Operation::create(7, WINDOW, 0x100, rights("r")), done(1, POOL + 0x400));
}

#[test]
fn records_name_the_row_that_was_asked_about() {
    let mut model = peopled();
    while model.read_audit().is_some() {}
    model.command(&Operation::resize(0, 0x200));
    model.command(&Operation::resize(9, 0x200));
    model.command(&Operation::share(1, 5, WINDOW, rights("r")));
    model.command(&Operation::share(0, 5, WINDOW, rights("r")));
    let mut told = || model.read_audit().map(|record| (record.tenant, record.slot, record.kind, record.address));
    assert_eq!(told(), Some((1, 0, 3, WINDOW)));
    assert_eq!(told(), Some((0, 9, 3, 0)));
    assert_eq!(told(), Some((5, 1, 5, WINDOW)));
    assert_eq!(told(), Some((5, 0, 5, WINDOW)));
}
