//! How long each command is busy: the datasheet's table, to the cycle.
//!
//! ```text
//!   cycle        0       1       2       3     ...    n
//!   register     CMD     RESULT  RESULT  RESULT       RESULT      each answered four cycles later
//!   busy                                 1     1  1   0
//! ```

use crate::bench::{open_rtl, preset};
use pm_interface::{Rights, Status, WORD_BYTES};
use pm_model::Operation;
use pm_sim::pace::{measured, RECORD};
use pm_sim::Pins;

/// Carries out a command with an idle log, and counts the cycles in which `RESULT` shows it busy.
fn busy(rtl: &mut dyn Pins, operation: &Operation, expected: Status) -> u64 {
    rtl.load(operation).expect("operands are writable");
    let cycles = measured(rtl, operation.command).expect("the command is accepted");
    let outcome = rtl.finish(operation.command).expect("it has ended");
    assert_eq!(outcome.status, expected, "{operation:?}");
    while rtl.read_audit().expect("the log is readable").is_some() {}
    cycles
}

fn table(name: &str) {
    let geometry = preset(name);
    let mut rtl = open_rtl(&geometry);
    let rtl = rtl.as_mut();
    let (_, _, window) = geometry.default_setup();
    let (slots, granule) = (geometry.slots as u64, geometry.granule());
    let words = granule / WORD_BYTES;
    let rights = Rights { read: true, isolated: true, ..Rights::default() };
    let create = |tenant, page: u64, pages: u64| Operation::create(tenant, window + page * granule, pages * granule, rights);

    for pages in [1, 2] {
        let made = busy(rtl, &create(0, 0, pages), Status::Ok);
        assert_eq!(made, slots + pages * words + pages + 19 + RECORD, "{name}: CREATE of {pages} granules");
        assert_eq!(busy(rtl, &create(0, 0, 1), Status::Overlap), slots + 11 + RECORD, "{name}: CREATE refused by the table");
        assert_eq!(busy(rtl, &create(0, 0, 0), Status::BadSize), 4 + RECORD, "{name}: CREATE refused by its operands");
        assert_eq!(busy(rtl, &Operation::find(0, window), Status::Ok), slots + 12 + RECORD, "{name}: FIND");
        assert_eq!(busy(rtl, &Operation::find(1, window), Status::BadSlot), slots + 11 + RECORD, "{name}: FIND of nothing");
        assert_eq!(busy(rtl, &Operation::query(0), Status::Ok), 3 + RECORD, "{name}: QUERY");
        assert_eq!(busy(rtl, &Operation::query(1), Status::BadSlot), 3 + RECORD, "{name}: QUERY refused");
        assert_eq!(busy(rtl, &Operation::protect(0, rights), Status::Ok), 4 + RECORD, "{name}: PROTECT");
        assert_eq!(busy(rtl, &Operation::destroy(1), Status::BadSlot), 4 + RECORD, "{name}: DESTROY refused");
        let gone = busy(rtl, &Operation::destroy(0), Status::Ok);
        assert_eq!(gone, pages * words + pages + 11 + RECORD, "{name}: DESTROY of {pages} granules");
    }
    busy(rtl, &create(0, 0, 1), Status::Ok);
    assert_eq!(busy(rtl, &Operation::lock(0), Status::Ok), 4 + RECORD, "{name}: LOCK");
    assert_eq!(busy(rtl, &Operation::seal(), Status::Ok), 3 + RECORD, "{name}: SEAL");
    assert_eq!(busy(rtl, &Operation::seal(), Status::Sealed), 3 + RECORD, "{name}: SEAL refused");
}

/// RESIZE and SHARE: two tenants, and the pages from the window's start.
fn dynamic_table(name: &str) {
    let geometry = preset(name);
    let mut rtl = open_rtl(&geometry);
    let rtl = rtl.as_mut();
    let (_, _, window) = geometry.default_setup();
    let (slots, granule) = (geometry.slots as u64, geometry.granule());
    let words = granule / WORD_BYTES;
    let plain = Rights { read: true, ..Rights::default() };
    let isolated = Rights { isolated: true, ..plain };
    let create = |page: u64, pages: u64| Operation::create(0, window + page * granule, pages * granule, plain);
    let resize = |slot, pages: u64| Operation::resize(slot, pages * granule);

    busy(rtl, &create(0, 1), Status::Ok);
    for pages in [1, 2] {
        let grown = busy(rtl, &resize(0, 1 + pages), Status::Ok);
        assert_eq!(grown, slots + pages * words + pages + 23 + RECORD, "{name}: RESIZE by {pages} granules");
        assert_eq!(busy(rtl, &resize(0, 1 + pages), Status::Ok), 7 + RECORD, "{name}: RESIZE to the same size");
        let shrunk = busy(rtl, &resize(0, 1), Status::Ok);
        assert_eq!(shrunk, pages * words + pages + 15 + RECORD, "{name}: RESIZE by -{pages} granules");
    }
    assert_eq!(busy(rtl, &resize(0, 0), Status::BadSize), 4 + RECORD, "{name}: RESIZE refused by its operands");
    busy(rtl, &create(1, 1), Status::Ok);
    assert_eq!(busy(rtl, &resize(0, 2), Status::Overlap), slots + 15 + RECORD, "{name}: RESIZE refused by the table");

    let share = |rights| Operation::share(0, 1, window, rights);
    assert_eq!(busy(rtl, &share(isolated), Status::Overlap), 8 + RECORD, "{name}: SHARE refused by isolation");
    let shared = busy(rtl, &share(plain), Status::Ok);
    assert_eq!(shared, slots + 1 + 20 + RECORD, "{name}: SHARE of a granule");
    assert_eq!(busy(rtl, &resize(0, 3), Status::Overlap), 8 + RECORD, "{name}: RESIZE refused by sharing");
    assert_eq!(busy(rtl, &share(plain), Status::Overlap), slots + 15 + RECORD, "{name}: SHARE refused by the table");
    assert_eq!(busy(rtl, &Operation::destroy(2), Status::Ok), 1 + 8 + RECORD, "{name}: DESTROY of one of two rows");
}

#[test]
fn every_command_takes_what_the_datasheet_says_on_tiny() {
    table("tiny");
}

#[test]
fn every_command_takes_what_the_datasheet_says_with_resize_and_share() {
    table("cu+dynamic");
    dynamic_table("cu+dynamic");
}

#[test]
fn every_command_takes_what_the_datasheet_says_on_cu() {
    table("cu");
}
