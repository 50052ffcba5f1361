//! The data path under full load, and the bounds that the control side keeps: one request on each port in every cycle
//! while commands run.

use crate::bench::{open_rtl, open_verilated, preset};
use pm_interface::registers::offset;
use pm_interface::{Status, AUDIT_WORDS, WORD_BYTES};
use pm_sim::load::{load, patrolled_load, resizing_load, sealed_load, Load, Phases};

/// What a CREATE may take beyond one cycle for each slot, each word scrubbed and each page filled.
const OVERHEAD: u64 = 16;

#[test]
fn every_request_is_answered_as_before_while_and_after_seal() {
    sealed_load(open_rtl(&preset("tiny")));
    sealed_load(open_rtl(&preset("cu")));
}

#[test]
fn tiny_answers_every_request_while_rows_are_resized_and_shared() {
    eprintln!("{}", resizing_load(open_rtl(&preset("tiny+dynamic")), 60));
}

#[test]
fn cu_answers_every_request_while_rows_are_resized_and_shared() {
    eprintln!("{}", resizing_load(open_rtl(&preset("cu+dynamic")), 4));
}

/// RESIZE and SHARE cost the other commands no cycle.
#[test]
fn other_commands_are_as_fast_with_resize_and_share() {
    eprintln!("{}", load(open_rtl(&preset("tiny+dynamic")), 20));
    bounds("tiny+dynamic");
    bounds("cu+dynamic");
}

#[test]
fn tiny_answers_every_request_while_commands_run() {
    eprintln!("{}", load(open_rtl(&preset("tiny")), 60));
}

#[test]
fn cu_answers_every_request_while_commands_run() {
    eprintln!("{}", load(open_rtl(&preset("cu")), 12));
}

/// The log is read as fast as the digest follows.
#[test]
fn a_chain_answers_every_request_while_commands_run() {
    eprintln!("{}", load(open_verilated(&preset("tiny+chain")), 20));
}

/// The ownership map lags behind a command: nobody sees it.
#[test]
fn integrity_answers_every_request_while_commands_run() {
    eprintln!("{}", load(open_verilated(&preset("tiny+integrity")), 60));
    eprintln!("{}", load(open_verilated(&preset("cu+integrity")), 12));
    eprintln!("{}", resizing_load(open_verilated(&preset("cu+dynamic+integrity")), 8));
}

/// Two data paths that are asked the same answer the same, whatever commands and patrol do: an alert would be a difference.
#[test]
fn lockstep_answers_every_request_while_commands_run() {
    eprintln!("{}", load(open_verilated(&preset("tiny+lockstep")), 60));
    eprintln!("{}", resizing_load(open_verilated(&preset("tiny+dynamic+integrity+lockstep")), 20));
    patrolled_load(open_verilated(&preset("tiny+integrity+lockstep")), 100);
    eprintln!("{}", load(open_verilated(&preset("cu+lockstep")), 6));
}

#[test]
fn the_patrol_changes_no_answer() {
    patrolled_load(open_verilated(&preset("tiny+integrity")), 400);
    patrolled_load(open_verilated(&preset("tiny+dynamic+integrity")), 400);
    patrolled_load(open_verilated(&preset("cu+slots=4+dynamic+integrity")), 2);
}

#[test]
fn soc32_answers_every_request_while_commands_run() {
    eprintln!("{}", load(open_rtl(&preset("soc32")), 1));
}

/// The allocator decides within slots + 16 cycles, whatever is in the table; scrubbing takes a cycle a word and filling
/// a cycle a page.
fn bounds(name: &str) {
    let mut load = Load::new(open_rtl(&preset(name)), false);
    let (slots, words) = (load.geometry().slots as u64, load.geometry().granule() / WORD_BYTES);
    let fits = load.geometry().window() / load.geometry().granule();
    let mut worst = 0;
    let mut rest = Vec::new();
    for slot in 0..slots {
        // In the first window one partition after the other, of one or two granules; each its own tenant where few fit.
        let (tenant, page) = if fits > 2 * slots { (0, 2 * slot) } else { (slot as u8, 0) };
        let pages = 1 + (slot == 0) as u64;
        let timing = load.run(&load.create(tenant, page, pages, true));
        assert_eq!(timing.scrubbed, pages * words, "{name}, slot {slot}: one word a cycle");
        rest.push(timing.finished - pages);
        worst = worst.max(timing.decided);
    }
    assert!(rest.iter().all(|cycles| *cycles == rest[0] && *cycles <= OVERHEAD), "{name}: one page a cycle: {rest:?}");
    // The table is full: CREATE is refused, within the same bound and the time that its record takes.
    let phases = Phases::quiet(&load.model);
    let refused = load.timed(&load.create(1, 1, 1, true), &phases);
    let result = load.device.read_register(offset::RESULT).expect("RESULT is readable");
    assert_eq!(result as u8, Status::TableFull.code(), "{name}");
    let recorded = AUDIT_WORDS as u64 + 1;
    eprintln!("{name}: decided after {worst}, refused after {}, bound {}; rest {}", refused.decided, slots + OVERHEAD, rest[0]);
    assert!(worst <= slots + OVERHEAD, "{name}: CREATE decided after {worst} cycles");
    assert!(refused.decided <= slots + OVERHEAD + recorded, "{name}: refused after {} cycles", refused.decided);
}

#[test]
fn create_is_decided_in_bounded_time_on_tiny() {
    bounds("tiny");
}

#[test]
fn create_is_decided_in_bounded_time_on_cu() {
    bounds("cu");
}

#[test]
fn create_is_decided_in_bounded_time_on_soc32() {
    bounds("soc32");
}
