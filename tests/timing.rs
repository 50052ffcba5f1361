//! How long each command is busy: the datasheet's table, read from the page, to the cycle.
//!
//! ```text
//!   cycle        0       1       2       3     ...    n
//!   register     CMD     RESULT  RESULT  RESULT       RESULT      each answered four cycles later
//!   busy                                 1     1  1   0
//! ```

use crate::bench::{open_rtl, preset, DENIED};
use crate::tidy::project;
use pm_interface::{Geometry, Rights, Status, AUDIT_RECORDS, AUDIT_RESERVED, WORD_BYTES};
use pm_model::Operation;
use pm_sim::pace::{measured, RECORD};
use pm_sim::{Offered, Pins};

/// The rows of the datasheet's table: what is done, and a sum of numbers and of P, W, S and R. A row may have a second sum for QUERY and
/// SEAL, which is a row of its own here.
fn rows() -> Vec<(String, String)> {
    let page = std::fs::read_to_string(project("rtl/README.md")).expect("the datasheet is there");
    let table = page.split("| command | cycles busy |\n|---|---|\n").nth(1).expect("it has the table");
    let lines = table.lines().take_while(|line| line.starts_with('|'));
    lines
        .flat_map(|line| {
            let [what, sums] = line.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>()[..] else {
                panic!("a row of other than two cells: {line}")
            };
            let (sum, others) = sums.split_once("; QUERY, SEAL ").map_or((sums, None), |(sum, others)| (sum, Some(others)));
            let more = others.map(|sum| (format!("{what}: QUERY, SEAL"), sum.to_string()));
            std::iter::once((what.to_string(), sum.to_string())).chain(more)
        })
        .collect()
}

/// What the datasheet says of a row, with so many granules.
fn said(geometry: &Geometry, row: &str, granules: u64) -> u64 {
    let rows = rows();
    let (_, sum) = rows.iter().find(|(what, _)| what == row).unwrap_or_else(|| panic!("the datasheet has no row {row:?}"));
    let value = |term: &str| match term {
        "P" => granules,
        "W" => granules * geometry.granule() / WORD_BYTES,
        "S" => geometry.slots as u64,
        "R" => RECORD,
        number => number.parse().unwrap_or_else(|_| panic!("{row}: {number} is no number")),
    };
    sum.split(" + ").map(value).sum()
}

const CHECKED: &str = "refused by another check of the operands or row";
const CHECKED_SHORT: &str = "refused by another check of the operands or row: QUERY, SEAL";
const NOTHING: &str = "CREATE refused with Overlap, TableFull or NoSpace; FIND that finds nothing";
const LOOKS: &str = "QUERY, SEAL";
const SHARED: &str = "RESIZE larger, or SHARE, refused with OutsideWindow, or with Overlap because of sharing or isolation";
const RIGHTS: &str = "PROTECT, LOCK";

#[test]
fn every_row_of_the_datasheet_is_measured() {
    let source = include_str!("timing.rs");
    for (row, _) in rows() {
        assert!(source.contains(&format!("\"{row}\"")), "no test measures the datasheet's row {row:?}");
    }
}

#[test]
fn a_command_that_finds_no_room_for_its_record_takes_what_the_datasheet_says() {
    let geometry = preset("tiny");
    let mut rtl = open_rtl(&geometry);
    let rtl = rtl.as_mut();
    while rtl.read_audit().expect("the log is readable").is_some() {}
    for _ in 0..AUDIT_RECORDS - AUDIT_RESERVED {
        rtl.run(&[Offered { translate: Some(DENIED), ..Offered::default() }]);
        rtl.idle(16);
    }
    for _ in 0..AUDIT_RESERVED {
        measured(rtl, pm_interface::Command::Query).expect("the command is accepted");
    }
    for (operation, row) in [
        (Operation::destroy(0), "refused with AuditFull"),
        (Operation::query(0), "refused with AuditFull: QUERY, SEAL"),
        (Operation::seal(), "refused with AuditFull: QUERY, SEAL"),
    ] {
        rtl.load(&operation).expect("operands are writable");
        let cycles = measured(rtl, operation.command).expect("the command is accepted");
        let outcome = rtl.finish(operation.command).expect("it has ended");
        assert_eq!((outcome.status, cycles), (Status::AuditFull, said(&geometry, row, 0)), "{operation:?}");
    }
}

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
    let granule = geometry.granule();
    let rights = Rights { read: true, isolated: true, ..Rights::default() };
    let create = |tenant, page: u64, pages: u64| Operation::create(tenant, window + page * granule, pages * granule, rights);

    for pages in [1, 2] {
        let made = busy(rtl, &create(0, 0, pages), Status::Ok);
        assert_eq!(made, said(&geometry, "CREATE", pages), "{name}: CREATE of {pages} granules");
        assert_eq!(
            busy(rtl, &create(0, 0, 1), Status::Overlap),
            said(&geometry, NOTHING, 0),
            "{name}: CREATE refused by the table"
        );
        assert_eq!(
            busy(rtl, &create(0, 0, 0), Status::BadSize),
            said(&geometry, CHECKED, 0),
            "{name}: CREATE refused by its operands"
        );
        assert_eq!(busy(rtl, &Operation::find(0, window), Status::Ok), said(&geometry, "FIND", 0), "{name}: FIND");
        assert_eq!(
            busy(rtl, &Operation::find(1, window), Status::BadSlot),
            said(&geometry, NOTHING, 0),
            "{name}: FIND of nothing"
        );
        assert_eq!(busy(rtl, &Operation::query(0), Status::Ok), said(&geometry, LOOKS, 0), "{name}: QUERY");
        assert_eq!(busy(rtl, &Operation::query(1), Status::BadSlot), said(&geometry, CHECKED_SHORT, 0), "{name}: QUERY refused");
        assert_eq!(busy(rtl, &Operation::protect(0, rights), Status::Ok), said(&geometry, RIGHTS, 0), "{name}: PROTECT");
        assert_eq!(busy(rtl, &Operation::destroy(1), Status::BadSlot), said(&geometry, CHECKED, 0), "{name}: DESTROY refused");
        let gone = busy(rtl, &Operation::destroy(0), Status::Ok);
        assert_eq!(gone, said(&geometry, "DESTROY", pages), "{name}: DESTROY of {pages} granules");
    }
    busy(rtl, &create(0, 0, 1), Status::Ok);
    assert_eq!(busy(rtl, &Operation::lock(0), Status::Ok), said(&geometry, RIGHTS, 0), "{name}: LOCK");
    assert_eq!(busy(rtl, &Operation::seal(), Status::Ok), said(&geometry, LOOKS, 0), "{name}: SEAL");
    assert_eq!(busy(rtl, &Operation::seal(), Status::Sealed), said(&geometry, CHECKED_SHORT, 0), "{name}: SEAL refused");
}

/// RESIZE and SHARE: two tenants, and the pages from the window's start.
fn dynamic_table(name: &str) {
    let geometry = preset(name);
    let mut rtl = open_rtl(&geometry);
    let rtl = rtl.as_mut();
    let (_, _, window) = geometry.default_setup();
    let granule = geometry.granule();
    let plain = Rights { read: true, ..Rights::default() };
    let isolated = Rights { isolated: true, ..plain };
    let create = |page: u64, pages: u64| Operation::create(0, window + page * granule, pages * granule, plain);
    let resize = |slot, pages: u64| Operation::resize(slot, pages * granule);

    busy(rtl, &create(0, 1), Status::Ok);
    for pages in [1, 2] {
        let grown = busy(rtl, &resize(0, 1 + pages), Status::Ok);
        assert_eq!(grown, said(&geometry, "RESIZE larger, W and P of the tail", pages), "{name}: RESIZE by {pages} granules");
        assert_eq!(
            busy(rtl, &resize(0, 1 + pages), Status::Ok),
            said(&geometry, "RESIZE to the same size, or smaller and refused with Overlap", 0),
            "{name}: RESIZE to the same size"
        );
        let shrunk = busy(rtl, &resize(0, 1), Status::Ok);
        assert_eq!(shrunk, said(&geometry, "RESIZE smaller, W and P of the tail", pages), "{name}: RESIZE by -{pages} granules");
    }
    assert_eq!(busy(rtl, &resize(0, 0), Status::BadSize), said(&geometry, CHECKED, 0), "{name}: RESIZE refused by its operands");
    busy(rtl, &create(1, 1), Status::Ok);
    assert_eq!(
        busy(rtl, &resize(0, 2), Status::Overlap),
        said(&geometry, "RESIZE larger, or SHARE, refused by what the allocator found", 0),
        "{name}: RESIZE refused by the table"
    );

    let share = |rights| Operation::share(0, 1, window, rights);
    assert_eq!(busy(rtl, &share(isolated), Status::Overlap), said(&geometry, SHARED, 0), "{name}: SHARE refused by isolation");
    let shared = busy(rtl, &share(plain), Status::Ok);
    assert_eq!(shared, said(&geometry, "SHARE", 1), "{name}: SHARE of a granule");
    assert_eq!(busy(rtl, &resize(0, 3), Status::Overlap), said(&geometry, SHARED, 0), "{name}: RESIZE refused by sharing");
    assert_eq!(
        busy(rtl, &share(plain), Status::Overlap),
        said(&geometry, "RESIZE larger, or SHARE, refused by what the allocator found", 0),
        "{name}: SHARE refused by the table"
    );
    assert_eq!(
        busy(rtl, &Operation::destroy(2), Status::Ok),
        said(&geometry, "DESTROY of one of several rows on a block", 1),
        "{name}: DESTROY of one of two rows"
    );
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
