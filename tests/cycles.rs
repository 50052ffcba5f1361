//! The datasheet's table of measured cycles: the test measures each row, and compares it with the page. `PM_UPDATE=1` writes the table.
//!
//! ```text
//!   cycle   0        ...    n
//!   event   offered  ...    first strobe of a read that shows it, or first access that is decided by it
//! ```

use crate::bench::{open_rtl, preset, DENIED};
use crate::tidy::project;
use pm_interface::registers::{irq, offset};
use pm_interface::{Command, Reason, AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};
use pm_model::Operation;
use pm_sim::device::{Access, LATENCY};
use pm_sim::{rtl_pins, Offered, Pins};

const BEGIN: &str = "<!-- cycles begin: tests/cycles.rs writes these lines -->\n";
const END: &str = "<!-- cycles end -->\n";

/// Cycles from the last of these cycles to the first strobe of a read of the register that shows what is asked for, `from` at least.
fn shown(pins: &dyn Pins, offered: &[Offered], register: u8, from: u64, shows: impl Fn(u32) -> bool) -> u64 {
    let after = |wait: u64| {
        let mut pins = pins.duplicate().expect("RustHDL's state can be copied");
        pins.run(offered);
        pins.idle(wait - 1);
        shows(pins.read_register(register).expect("it can be read"))
    };
    let found = (from.max(1)..from + 64).find(|wait| after(*wait)).expect("it is shown in time");
    assert!(found > from || from == 0, "it was shown earlier than {from}");
    found
}

fn translate(access: Access) -> Offered {
    Offered { translate: Some(access), ..Offered::default() }
}

/// A device that is open, its log empty, no cause raised.
fn quiet(name: &str) -> Box<dyn Pins> {
    let mut pins = open_rtl(&preset(name));
    pins.catch_up().expect("the digest catches up");
    pins.drain_audit().expect("the log can be read");
    pins.write_register(offset::IRQ_STATUS, 15).expect("it is writable");
    pins
}

/// Cycles from the strobe of `CONTROL` to the first access that is decided on the open gate.
fn opening(name: &str) -> u64 {
    let geometry = preset(name);
    let mut pins = rtl_pins(&geometry).expect("the geometry is supported");
    pins.reset().expect("it resets");
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    for (low, value) in
        [(offset::POOL_BASE_LO, pool_base), (offset::POOL_SIZE_LO, pool_size), (offset::WINDOW_BASE_LO, window_base)]
    {
        pins.write_wide(low, value).expect("it is writable");
    }
    pins.idle(8);
    let access = Access { tenant: 0, address: window_base, length: 1, kind: 0 };
    // One access at a time: a denial's record would hold up that of the activation.
    let opened = |wait: u64| {
        let mut pins = pins.duplicate().expect("RustHDL's state can be copied");
        pins.run(&[Offered { register: Some((offset::CONTROL, Some(1))), ..Offered::default() }]);
        pins.idle(wait - 1);
        let mut offered = vec![translate(access)];
        offered.resize(LATENCY as usize, Offered::default());
        let shown = pins.run(&offered);
        let answer = shown.last().and_then(|shown| shown.translate).expect("it answers in time");
        answer.reason != Reason::NotActive
    };
    (1..64).find(|wait| opened(*wait)).expect("it opens")
}

/// Cycles from the strobe that pops the last word of a record of a log that is full for denials to the first read that shows the denial
/// that waited for the room.
fn room() -> u64 {
    let mut pins = quiet("tiny");
    let full = AUDIT_RECORDS - AUDIT_RESERVED;
    for _ in 0..=full {
        pins.run(&[translate(DENIED)]);
        pins.idle(16);
    }
    assert_eq!(pins.read_register(offset::AUDIT_LEVEL).expect("it can be read") as usize, full);
    for _ in 1..AUDIT_WORDS {
        pins.write_register(offset::AUDIT_POP, 1).expect("it pops");
    }
    let pop = Offered { register: Some((offset::AUDIT_POP, Some(1))), ..Offered::default() };
    // The level falls first.
    let fallen = shown(pins.as_ref(), &[pop], offset::AUDIT_LEVEL, 0, |level| level as usize == full - 1);
    shown(pins.as_ref(), &[pop], offset::AUDIT_LEVEL, fallen, |level| level as usize == full)
}

/// Cycles from a record to the next one, of two denials at once.
pub fn between_records(name: &str) -> u64 {
    let both = Offered { translate: Some(DENIED), physical: Some(DENIED), ..Offered::default() };
    let mut pins = quiet(name);
    pins.run(&[both]);
    let mut until = |level| {
        let waited = (0..2048).find(|_| {
            pins.idle(1);
            let mut look = pins.duplicate().expect("RustHDL's state can be copied");
            look.read_register(offset::AUDIT_LEVEL).expect("it can be read") & 0xFFFF == level
        });
        waited.expect("it is shown in time") + 1
    };
    until(1);
    until(2)
}

/// Cycles that a command is busy, in which `RESULT` shows it, right after another that leaves the ownership map to be written.
pub fn behind_the_map(name: &str, granules: u64) -> [u64; 2] {
    let geometry = preset(name);
    let mut pins = quiet(name);
    let (_, _, window) = geometry.default_setup();
    let rights = pm_interface::Rights { read: true, ..Default::default() };
    let made = pins.command(&Operation::create(0, window, granules * geometry.granule(), rights)).expect("it answers");
    assert_eq!(made.status, pm_interface::Status::Ok);
    pins.drain_audit().expect("the log can be read");
    pins.write_register(offset::CMD_SLOT, made.slot.into()).expect("it is writable");
    pins.write_register(offset::CMD_RIGHTS, 1).expect("it is writable");
    pins.idle(64);
    let protect = Offered { register: Some((offset::CMD, Some(Command::Protect.code().into()))), ..Offered::default() };
    let measured = |pause: u64| {
        let mut pins = pins.duplicate().expect("RustHDL's state can be copied");
        pins.run(&[protect]);
        pins.idle(pause);
        pm_sim::pace::measured(pins.as_mut(), Command::Query).ok()
    };
    // The first strobe that is accepted, and one long after.
    let behind = (4..64).find_map(measured).expect("it is accepted once PROTECT has ended");
    [behind, measured(128).expect("it is accepted")]
}

/// The rows of the table.
fn table() -> Vec<(String, u64)> {
    let plain = quiet("tiny");
    let alerts = quiet("tiny+alerts");
    let chain = quiet("tiny+chain");
    let denied = [translate(DENIED)];
    let twice = [translate(DENIED), translate(DENIED)];
    let mut rows = Vec::new();
    let mut row = |what: &str, cycles: u64| rows.push((what.to_string(), cycles));
    let shows = |pins: &dyn Pins, register, from, mask: u32| shown(pins, &denied, register, from, move |value| value & mask != 0);
    row("a denied request to `FAULT_INFO`", shows(plain.as_ref(), offset::FAULT_INFO, 0, 1 << 31));
    row("a denied request to `IRQ_STATUS` bit 1", shows(plain.as_ref(), offset::IRQ_STATUS, 0, irq::DENIAL));
    let before = plain.duplicate().expect("it can be copied").read_register(offset::COUNT_DENIED).expect("it can be read");
    row("a denied request to `COUNT_DENIED`", shown(plain.as_ref(), &denied, offset::COUNT_DENIED, 0, |count| count > before));
    row("a denied request to `DENY_COUNT` (`alerts`)", shows(alerts.as_ref(), offset::DENY_COUNT, 0, u32::MAX));
    row("a denied request to its record in `AUDIT_LEVEL`", shows(plain.as_ref(), offset::AUDIT_LEVEL, 0, 0xFFFF));
    row("the same with `chain`", shows(chain.as_ref(), offset::AUDIT_LEVEL, 380, 0xFFFF));
    row(
        "a denied request that finds its port's place taken to `IRQ_STATUS` bit 3",
        shown(plain.as_ref(), &twice, offset::IRQ_STATUS, 0, |value| value & irq::LOST != 0),
    );
    row(
        "a denied request that finds its port's place taken to `AUDIT_LOST`",
        shown(plain.as_ref(), &twice, offset::AUDIT_LOST, 0, |lost| lost != 0),
    );
    row("the pop that makes room to the record of the denial that waited, in `AUDIT_LEVEL`", room());
    for name in ["tiny", "cu", "cu+integrity"] {
        row(&format!("the strobe of `CONTROL` to the first access on the open gate, `{name}`"), opening(name));
    }
    let [behind, after] = behind_the_map("cu+integrity", 32);
    row("QUERY busy, `cu+integrity`", after);
    row("QUERY busy, `cu+integrity`, at once after PROTECT of 32 granules", behind);
    rows
}

#[test]
fn the_datasheet_shows_what_is_measured() {
    let text: String = table()
        .into_iter()
        .fold("| from, to | cycles |\n|---|---|\n".into(), |text, (what, cycles)| text + &format!("| {what} | {cycles} |\n"));
    let path = project("rtl/README.md");
    let page = std::fs::read_to_string(&path).expect("the datasheet is there");
    let (before, rest) = page.split_once(BEGIN).expect("it has the table");
    let (table, after) = rest.split_once(END).expect("the table ends");
    if table != text && std::env::var_os("PM_UPDATE").is_some() {
        std::fs::write(&path, [before, BEGIN, &text, END, after].concat()).expect("it can be written");
        return;
    }
    assert_eq!(table, text, "PM_UPDATE=1 writes the table");
}
