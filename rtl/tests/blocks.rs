//! Every block of `rtl/src` by itself, in RustHDL and as emitted Verilog under the same stimulus, at three sizes. Every
//! output must move. (The whole Partition Manager is in the project's `tests/emitted.rs`.) `PM_BLOCK=translate` runs that block
//! alone: `PM_BLOCK=translate cargo test -p pm-rtl --test blocks agrees_on`.

// The macro adds what one block has beside the inputs that need no conversion; often there is just one.
#![allow(clippy::vec_init_then_push)]

use pm_block_cosim::inputs;
use pm_block_cosim::{cosimulate, Engine, Input, Options, Pack, Stimulus};
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{Event, Features, Geometry, Reason, Upset};
use pm_rtl::control::*;
use pm_rtl::crypto::*;
use pm_rtl::datapath::*;
use pm_rtl::guard::axi4::*;
use pm_rtl::guard::bridge::*;
use pm_rtl::guard::wishbone::*;
use pm_rtl::guard::*;
use pm_rtl::store::*;
use rust_hdl::prelude::{Bits, Block, ToBits};
use std::cell::{Cell, RefCell};
use std::env;

thread_local! {
    /// Blocks that the test of this thread has run.
    static RUN: Cell<usize> = const { Cell::new(0) };
    /// Findings about the blocks that were wrong.
    static WRONG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The preset of this name.
fn preset(name: &str) -> Geometry {
    Geometry::preset(name).expect("the preset exists")
}

/// Fails with what was wrong with any block, and where nothing was run: `PM_BLOCK` names no block of this test.
fn ran() {
    let wrong = WRONG.take();
    assert!(wrong.is_empty(), "{} blocks:\n{}", wrong.len(), wrong.join("\n"));
    assert!(RUN.get() > 0, "no block of this test is called {:?}", env::var("PM_BLOCK").unwrap_or_default());
}

/// Cycles that each block runs.
const CYCLES: u64 = 1500;

/// Takes a number apart, lowest field first, as the emitted Verilog lays out a struct.
struct Fields(u128);

impl Fields {
    fn bit(&mut self) -> bool {
        self.bits::<1>() == Bits::from(1)
    }

    fn bits<const WIDTH: usize>(&mut self) -> Bits<WIDTH> {
        let field = Bits::unpack(self.0);
        self.0 >>= WIDTH;
        field
    }
}

fn register_access(value: u128) -> RegisterAccess {
    let mut fields = Fields(value);
    RegisterAccess {
        read: fields.bit(),
        write: fields.bit(),
        selected: fields.bits(),
        data: fields.bits(),
        writes_one: fields.bit(),
        fits_4: fields.bit(),
        fits_5: fields.bit(),
        fits_6: fields.bit(),
        fits_8: fields.bit(),
        fits_16: fields.bit(),
        fits_low: fields.bit(),
        fits_high: fields.bit(),
        activates: fields.bit(),
    }
}

fn command_kind(value: u128) -> CommandKind {
    let mut fields = Fields(value);
    CommandKind {
        create: fields.bit(),
        find: fields.bit(),
        query: fields.bit(),
        seal: fields.bit(),
        destroy: fields.bit(),
        protect: fields.bit(),
        lock: fields.bit(),
        resize: fields.bit(),
        share: fields.bit(),
        uses_slot: fields.bit(),
    }
}

/// The steps of a command, by their codes.
const STEPS: [CommandState; 21] = [
    CommandState::Idle,
    CommandState::Decide,
    CommandState::Scan,
    CommandState::Choose,
    CommandState::Reserve,
    CommandState::Settle,
    CommandState::Scrub,
    CommandState::Map,
    CommandState::Update,
    CommandState::Revoke,
    CommandState::Unmap,
    CommandState::Free,
    CommandState::Fetch,
    CommandState::Read,
    CommandState::Record,
    CommandState::Done,
    CommandState::Measure,
    CommandState::Compare,
    CommandState::Weigh,
    CommandState::Probe,
    CommandState::Shrink,
];

fn command_state(value: u128) -> CommandState {
    STEPS[value as usize % STEPS.len()]
}

fn register_forecast(value: u128) -> RegisterForecast {
    let mut fields = Fields(value);
    RegisterForecast { read: fields.bit(), place: fields.bits() }
}

fn word_facts(value: u128) -> WordFacts {
    let mut fields = Fields(value);
    WordFacts {
        magic: fields.bit(),
        shaped: fields.bit(),
        old: fields.bit(),
        flags_known: fields.bit(),
        counts_only: fields.bit(),
        no_quotas: fields.bit(),
        all_quotas: fields.bit(),
        no_partitions: fields.bit(),
        rights_only: fields.bit(),
        last: fields.bit(),
    }
}

fn bank_answer(value: u128) -> BankAnswer {
    let mut fields = Fields(value);
    BankAnswer { accepted: fields.bit(), data: fields.bits() }
}

fn port_outcome(value: u128) -> PortOutcome {
    let mut fields = Fields(value);
    PortOutcome {
        passed: fields.bit(),
        not_mine: fields.bit(),
        denied: fields.bit(),
        alarming: fields.bit(),
        reason: fields.bits(),
        slot: fields.bits(),
    }
}

/// A code without a state is, for what goes in, as good as `Idle`.
fn tag_state(value: u128) -> TagState {
    match value {
        1 => TagState::Preparing,
        2 => TagState::Initialise,
        3 => TagState::Absorb,
        4 => TagState::Finalise,
        5 => TagState::Compare,
        6 => TagState::Check,
        7 => TagState::Done,
        8 => TagState::Wiping,
        _ => TagState::Idle,
    }
}

fn fault(value: u128) -> Fault {
    let mut fields = Fields(value);
    Fault {
        valid: fields.bit(),
        physical: fields.bit(),
        tenant: fields.bits(),
        slot: fields.bits(),
        kind: fields.bits(),
        reason: fields.bits(),
    }
}

fn condition(value: u128) -> Condition {
    let mut fields = Fields(value);
    Condition { sound: fields.bit(), single: fields.bit() }
}

fn manifest_position(value: u128) -> ManifestPosition {
    let mut fields = Fields(value);
    ManifestPosition {
        pointer: fields.bits(),
        phase: fields.bits(),
        left: fields.bits(),
        skip: fields.bits(),
        header: fields.bit(),
        loads: fields.bit(),
    }
}

fn readable(value: u128) -> Readable {
    let mut fields = Fields(value);
    Readable { arrives: fields.bit(), event: fields.bits(), kind: fields.bits(), leaves: fields.bit(), level: fields.bits() }
}

fn place_order(value: u128) -> PlaceOrder {
    let mut fields = Fields(value);
    PlaceOrder {
        to_version: fields.bit(),
        to_first: fields.bit(),
        begins: fields.bit(),
        onward: fields.bit(),
        steps: fields.bit(),
        again: fields.bit(),
        skips: fields.bit(),
        counts: fields.bit(),
    }
}

fn loader_order(value: u128) -> LoaderOrder {
    let mut fields = Fields(value);
    LoaderOrder { place: fields.bits(), coded: fields.bit(), code: fields.bits(), tenant: fields.bit(), rights: fields.bit() }
}

/// The states of the loader, in the order of their codes.
const LOADER_STATES: [LoaderState; 18] = [
    LoaderState::Waiting,
    LoaderState::Nonce,
    LoaderState::Feed,
    LoaderState::Offer,
    LoaderState::Fetch,
    LoaderState::Look,
    LoaderState::Judge,
    LoaderState::Turn,
    LoaderState::Write,
    LoaderState::Answer,
    LoaderState::Configure,
    LoaderState::Scrub,
    LoaderState::Room,
    LoaderState::Command,
    LoaderState::Record,
    LoaderState::Open,
    LoaderState::Failing,
    LoaderState::Failed,
];

fn loader_state(value: u128) -> LoaderState {
    LOADER_STATES[value as usize % LOADER_STATES.len()]
}

/// The sources of the log, in the order of their codes.
const SOURCES: [Source; 6] = [Source::Idle, Source::Command, Source::Boot, Source::Translate, Source::Physical, Source::Lost];

fn source(value: u128) -> Source {
    SOURCES[value as usize % SOURCES.len()]
}

/// States of the loader that have a name, on these inputs.
fn in_some_states(stimulus: &mut Stimulus<'_>, paths: &[&str]) {
    for path in paths {
        let state = stimulus.random().below(LOADER_STATES.len() as u64);
        stimulus.set(path, state.into());
    }
}

/// A state of the loader that has a name.
fn in_some_state(stimulus: &mut Stimulus<'_>) {
    in_some_states(stimulus, &["state"]);
}

fn loader_outcome(value: u128) -> LoaderOutcome {
    let mut fields = Fields(value);
    LoaderOutcome { advances: fields.bit(), ends: fields.bit(), steps: fields.bit(), fails: fields.bit() }
}

fn word_verdict(value: u128) -> WordVerdict {
    let mut fields = Fields(value);
    WordVerdict {
        fails: fields.bit(),
        advances: fields.bit(),
        ends: fields.bit(),
        skips: fields.bit(),
        counts: fields.bit(),
        flags: fields.bit(),
    }
}

/// Register access that reads a register, or writes to it, as its port has the bits; `one`: the data is 1.
fn strobe(register: u8, write: bool, one: bool) -> u128 {
    u128::from(!write)
        | u128::from(write) << 1
        | 1 << (register / 4 + 2)
        | u128::from(one) << 66
        | u128::from(write && one) << 98
        | u128::from(write && one) << 106
}

/// The states of the boot gate, in the order of their codes.
const GATE_STATES: [BootState; 5] =
    [BootState::Clearing, BootState::Closed, BootState::Checking, BootState::Refused, BootState::Active];

fn boot_state(value: u128) -> BootState {
    GATE_STATES[value as usize % GATE_STATES.len()]
}

fn wide_words(value: u128) -> WideWords {
    let mut fields = Fields(value);
    WideWords { low: fields.bits(), high: fields.bits() }
}

/// A place near the end of a manifest's part.
fn position(stimulus: &mut Stimulus<'_>) {
    let random = stimulus.random();
    let (pointer, phase, left, skip) = (random.below(12), random.below(5), random.below(3), random.below(3));
    let (header, loads) = (random.below(2), random.below(2));
    let position = pointer | phase << 8 | left << 11 | skip << 19 | header << 27 | loads << 28;
    stimulus.set("position", position.into());
}

/// The facts of a word that belongs in most places.
const RIGHT_FACTS: u128 = 0b01_1011_1011;

/// A place near the end of a manifest's part, with a word that mostly belongs there.
fn placed(stimulus: &mut Stimulus<'_>) {
    position(stimulus);
    if !stimulus.random().once_in(4) {
        let last = u128::from(stimulus.random().once_in(4));
        stimulus.set("facts", RIGHT_FACTS | last << 9);
    }
}

fn permit(value: u128) -> Permit {
    let mut fields = Fields(value);
    Permit {
        owned: fields.bit(),
        below: fields.bit(),
        above: fields.bit(),
        permitted: fields.bit(),
        beyond: fields.bit(),
        leaves_window: fields.bit(),
    }
}

/// Keeps what is wrong with a block until all have run.
fn tell(wrong: String) {
    WRONG.with_borrow_mut(|all| all.push(wrong));
}

/// Runs a block; every output must move but those named. One reset at the start and one late.
fn check<B: Block>(name: &str, make: impl Fn() -> B, cycles: u64, options: Options<'_, B>, still: &[&str]) {
    if env::var("PM_BLOCK").is_ok_and(|wanted| wanted != name) {
        return;
    }
    RUN.set(RUN.get() + 1);
    match cosimulate(name, make, cycles, 1, options) {
        Ok(report) if report.constant_outputs == still => {}
        Ok(report) => tell(format!("{name}: outputs that never changed: {:?}, expected {still:?}", report.constant_outputs)),
        Err(error) => tell(format!("{name}: {error}")),
    }
}

/// A hook around another that leaves the reset to its own devices.
fn quiet<'a>(mut aim: impl FnMut(&mut Stimulus<'_>) + 'a) -> impl FnMut(&mut Stimulus<'_>) + 'a {
    move |stimulus| {
        let cycle = stimulus.cycle();
        stimulus.set("reset", (cycle < 2 || cycle == CYCLES - 200).into());
        aim(stimulus);
    }
}

/// One of the commands; RESIZE more often, which takes several steps before anything moves.
fn some_command(stimulus: &mut Stimulus<'_>) {
    let random = stimulus.random();
    let command = if random.once_in(4) { 7 } else { random.below(9) };
    let uses_slot = !matches!(command, 0 | 1 | 3);
    stimulus.set("kind", 1 << command | u128::from(uses_slot) << 9);
}

/// One of the commands at one of the steps.
fn some_step(stimulus: &mut Stimulus<'_>) {
    some_command(stimulus);
    let step = stimulus.random().below(STEPS.len() as u64);
    stimulus.set("state", step.into());
}

/// A register access that some bank knows, with data that it may take.
fn access(stimulus: &mut Stimulus<'_>, geometry: &Geometry) {
    let random = stimulus.random();
    let register = REGISTERS[random.below(REGISTERS.len() as u64) as usize].offset;
    let register = if random.once_in(4) { offset::CONTROL } else { register };
    // The gate opens only with a pool and a window.
    let setup = [offset::POOL_BASE_LO, offset::POOL_BASE_LO, offset::POOL_SIZE_LO, offset::WINDOW_BASE_LO];
    let register = if random.once_in(4) { setup[random.below(4) as usize] } else { register };
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let proper = match register {
        offset::POOL_BASE_LO => pool_base + geometry.granule() * random.below(2),
        offset::POOL_SIZE_LO => pool_size / 2,
        offset::WINDOW_BASE_LO => window_base,
        offset::CONTROL => 1 + 2 * random.below(3),
        offset::AUDIT_POP => 1,
        _ => random.below(16),
    };
    let data = if random.once_in(8) { random.bits() >> 32 } else { proper };
    let strobe = 1 + random.below(2);
    offer(stimulus, geometry, register, strobe, data);
}

/// An access to a register, as the register port decodes it: `strobe` 1 reads, 2 writes.
fn offer(stimulus: &mut Stimulus<'_>, geometry: &Geometry, register: u8, strobe: u64, data: u64) {
    let fits = |bits: usize| data >> bits.min(63) == 0;
    let address = geometry.shape.address;
    let says = [
        strobe & 2 != 0 && data == 1,
        fits(4),
        fits(5),
        fits(6),
        fits(8),
        fits(16),
        fits(address.min(32)),
        fits(address.saturating_sub(32)),
        strobe & 2 != 0 && matches!(data, 1 | 3 | 5),
    ];
    let says = says.iter().rev().fold(0, |bits, bit| bits << 1 | u128::from(*bit));
    let selected = 1 << (register / 4);
    stimulus.set("access", u128::from(strobe) | selected << 2 | u128::from(data) << 66 | says << 98);
}

/// Accesses to the registers of a source map, with data that mostly fit.
fn source_access(stimulus: &mut Stimulus<'_>) {
    let random = stimulus.random();
    let registers = [
        offset::SOURCE_INDEX,
        offset::SOURCE_VALUE_LO,
        offset::SOURCE_VALUE_HI,
        offset::SOURCE_MASK_LO,
        offset::SOURCE_MASK_HI,
        offset::SOURCE_ENTRY,
        offset::STALL_LIMIT,
    ];
    let register = registers[random.below(registers.len() as u64) as usize];
    let data = match register {
        offset::SOURCE_INDEX => random.below(4),
        offset::SOURCE_ENTRY => random.below(2) << 8 | u64::from(random.once_in(40)) << 9 | random.below(6),
        _ if random.once_in(8) => random.bits() >> 32,
        _ => random.below(4),
    };
    let strobe = 1 + random.below(2);
    let rarely = random.once_in(200);
    stimulus.set("access", u128::from(strobe) | 1 << (register / 4 + 2) | u128::from(data) << 66);
    stimulus.set("sealed", rarely.into());
}

/// Words of which some are what a manifest has in some place; 256 of them, then they are only looked at.
fn buffered(stimulus: &mut Stimulus<'_>) {
    let cycle = stimulus.cycle();
    let random = stimulus.random();
    let length = pm_interface::manifest::MAX_WORDS as u64;
    let usual = [u64::from(pm_interface::manifest::MAGIC), 1 | length << 16, 1, 0x0200, 0x1F01, random.below(1 << 32)];
    let data = usual[random.below(usual.len() as u64) as usize];
    let (address, minimum) = (if random.once_in(4) { length - 1 } else { random.below(256) }, random.below(3));
    stimulus.set("push", (cycle % 500 < 300).into());
    stimulus.set("data", data.into());
    stimulus.set("address", address.into());
    stimulus.set("minimum_version", minimum.into());
}

/// A manifest of one partition on its way, again and again, right more often than not.
fn manifest(stimulus: &mut Stimulus<'_>) {
    let cycle = stimulus.cycle();
    let turn = cycle % 300;
    // Every fifth time whatever comes is taken as it is, and something goes wrong.
    let wild = cycle / 300 % 5 == 4;
    stimulus.set("reset", (turn < 2).into());
    stimulus.set("clearing", (turn < 6).into());
    let random = stimulus.random();
    let (polls, late) = (random.once_in(2), wild && random.once_in(100));
    let poll = if polls { strobe(offset::BOOT_STATE, false, false) } else { strobe(offset::CMD, true, true) };
    stimulus.set(
        "access",
        match turn {
            8..=20 => strobe(offset::BOOT_DATA, true, false),
            21 => strobe(offset::CONTROL, true, true),
            290.. => strobe(offset::BOOT_DATA, true, false),
            _ if late => strobe(offset::BOOT_DATA, true, false),
            _ => poll,
        },
    );
    stimulus.set("inner_access", u128::from(turn % 2 == 0));
    if wild {
        return;
    }
    for (path, value) in [("some", 1), ("enough", 1), ("full", 0), ("answer_error", 0), ("gate_active", 1), ("tag_matches", 1)] {
        stimulus.set(path, value);
    }
    for (path, value) in [("gate_status", 1), ("command_status", 1), ("answered", 1), ("audit_room", 1), ("configured", 1)] {
        stimulus.set(path, value);
    }
    for (path, value) in [("tag_ready", 1), ("write_ready", 1), ("scrub_busy", 0), ("command_busy", 0)] {
        stimulus.set(path, value);
    }
    stimulus.set("record_taken", u128::from(turn % 8 == 0));
    stimulus.set("tag_done", u128::from(turn == 39));
    // One partition; now and then two quotas.
    let quotas = cycle / 300 % 5 == 2;
    let word = stimulus.get("word") & !0xFFFF | 0x0100 | if quotas { 2 } else { 0 };
    stimulus.set("word", word);
    // The loader takes a word in four cycles: the last of sixteen is judged in cycle 104, and comes again from 190 on.
    let more = if quotas { 8 } else { 0 };
    let last = u128::from(turn == 104 + more || turn >= 190 + 2 * more);
    let counts = if quotas { 0b10 } else { 0b01 };
    stimulus.set("facts", 0b01_0001_1011 | counts << 5 | last << 9);
}

/// The inputs of an optional interface that is there, as [`inputs!`] takes those of the others.
macro_rules! optional {
    ($block:ty: $($first:ident . $rest:ident),* $(,)?) => {
        vec![$(Input::<$block>::new(
            concat!(stringify!($first), "$0.", stringify!($rest)),
            |block: &mut $block, value: u128| block.$first[0].$rest.next = Pack::unpack(value),
        )),*]
    };
}

/// Blocks: name, type, how to make one, inputs, inputs that are structs with their unpackers, what to aim at, and outputs
/// that cannot move.
macro_rules! blocks {
    ($engine:ident; $($name:literal $block:ty = $make:expr, [$($inputs:tt)*] {$($path:ident: $unpack:ident),*}
        $aim:expr, $still:expr;)*) => {
        $({
            #[allow(unused_mut)]
            let mut inputs = inputs!($block: $($inputs)*);
            $(inputs.push(Input::new(stringify!($path), |block: &mut $block, value| block.$path.next = $unpack(value)));)*
            let options = Options::new(inputs).with_hook($aim).with_engine(Engine::$engine);
            check($name, || $make, CYCLES, options, $still);
        })*
    };
}

fn store<const TENANT: usize, const SLOT: usize, const PAGE: usize, const BLOCK: usize, const SHADOW: usize>(
    geometry: &Geometry,
) {
    blocks! { Icarus;
        "less_than" LessThan<BLOCK> = LessThan::default(), [left, right] {} |_| {}, &[];
        "candidate_entry" CandidateEntry<BLOCK> = CandidateEntry::new(geometry),
            [clock, reset, held, first_block, last_block, first, last] {} quiet(|_| {}), &[];
        "isolation_entry" IsolationEntry<BLOCK> = IsolationEntry::new(geometry),
            [clock, reset, addressed, write, new_held, new_guarded, new_first, new_last, asked, first, last] {} quiet(|_| {}), &[];
        "lookup_entry" LookupEntry<TENANT, PAGE> = LookupEntry::new(geometry),
            [clock, reset, addressed, write, new_valid, new_tenant, new_first, new_last, tenant, page, named] {}
            quiet(|stimulus| {
                let page = stimulus.get("new_last");
                if stimulus.random().once_in(2) {
                    stimulus.set("new_first", 0);
                    stimulus.set("page", page);
                    stimulus.set("tenant", 1);
                    stimulus.set("new_tenant", 1);
                }
            }), &[];
    }
    // What a memory shows before its first read is unknown to a four-valued simulator.
    blocks! { Verilator;
        // Nothing flips here: what is intact stays so. `sim/tests/upset.rs` flips everything.
        "witness" Witness<SLOT, BLOCK> = Witness::new(geometry),
            [clock, reset, map.clear, map.changes_row, map.renews, map.granule, map.owner, slot, guarded, new_first, new_last,
             tail_guarded, tail_first, tail_last, asked, first, last, reached, quiet] {}
            quiet(|stimulus| {
                let cycle = stimulus.cycle();
                let (rare, place) = (stimulus.random().once_in(9), stimulus.random().below(3));
                stimulus.set("map.clear", (cycle < 8 + (1 << BLOCK.min(8))).into());
                stimulus.set("map.changes_row", rare.into());
                let renews = stimulus.random().once_in(5);
                stimulus.set("map.renews", renews.into());
                for path in ["new_first", "tail_first", "first"] {
                    stimulus.set(path, place.into());
                }
                stimulus.set("new_last", 2);
                stimulus.set("tail_last", 2);
            }), if BLOCK > 8 { &["map.cleared", "map.intact"] } else { &["map.intact"] };
        "ownership_map" OwnershipMap<SLOT, BLOCK> = OwnershipMap::new(geometry),
            [clock, reset, clear_all, write, slot, guarded, new_first, new_last, tail_guarded, tail_first, tail_last,
             renews, renewed, renewed_word, asked, first, last] {}
            quiet(|stimulus| {
                let cycle = stimulus.cycle();
                let (rare, place) = (stimulus.random().once_in(9), stimulus.random().below(3));
                stimulus.set("clear_all", (cycle < 8 + (1 << BLOCK.min(8))).into());
                stimulus.set("write", rare.into());
                let renews = stimulus.random().once_in(5);
                stimulus.set("renews", renews.into());
                for path in ["new_first", "tail_first", "first"] {
                    stimulus.set(path, place.into());
                }
                stimulus.set("new_last", 2);
                stimulus.set("tail_last", 2);
            }), if BLOCK > 8 { &["cleared", "intact", "read_intact"] } else { &["intact", "read_intact"] };
        "end_table" EndTable<SLOT, PAGE, BLOCK> = EndTable::new(geometry),
            [clock, write, write_slot, new_page, new_block, slot] {} |_| {}, &[];
        "partition_table" PartitionTable<TENANT, SLOT, PAGE, BLOCK> = PartitionTable::new(geometry),
            [clock, table_write.enable, table_write.slot, table_write.row, table_write.valid, table_write.held,
             table_write.guarded, lookup_slot, control_slot] {} |_| {}, &[];
        "shadow_table" ShadowTable<TENANT, SLOT, PAGE, SHADOW> = ShadowTable::new(geometry),
            [clock, shadow_write.enable, shadow_write.tenant, shadow_write.page, shadow_write.entry, tenant, page] {}
            |stimulus| {
                let page = stimulus.random().below(2);
                for path in ["page", "shadow_write.page", "tenant", "shadow_write.tenant"] {
                    stimulus.set(path, page.into());
                }
            }, &[];
    }
}

/// Writes one row and its shadow pages again and again, so that what follows finds it.
fn row<const TENANT: usize, const PAGE: usize, const BLOCK: usize>(stimulus: &mut Stimulus<'_>) {
    if stimulus.random().once_in(3) {
        return;
    }
    let row = Row::<TENANT, PAGE, BLOCK> {
        tenant: Bits::from(1),
        last_page: Bits::from(1),
        first_block: Bits::from(2),
        last_block: Bits::from(3),
        delta: Bits::from(2),
        read: true,
        isolated: true,
        ..Row::default()
    };
    stimulus.set("table_write.row", row.pack());
    stimulus.set("table_write.slot", 1);
    stimulus.set("table_write.valid", 1);
}

fn data_path<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
>(
    geometry: &Geometry,
) {
    let (window, frame) = (geometry.window(), geometry.frame());
    // An access within two granules of the base.
    let near = |stimulus: &mut Stimulus<'_>, path: &str, base: u64| {
        let random = stimulus.random();
        let access = Access::<ADDRESS, LENGTH> {
            valid: true,
            tenant: Bits::from(1),
            address: (base + random.below(2 * geometry.granule())).to_bits(),
            length: Bits::from(1),
            kind: random.below(2).to_bits(),
        };
        if !random.once_in(3) {
            stimulus.set(path, access.pack());
        }
    };
    let examined = |stimulus: &mut Stimulus<'_>| {
        let examined = Examined::<ADDRESS, TENANT, PAGE> {
            valid: true,
            known: true,
            sized: true,
            in_window: true,
            tenant: Bits::from(1),
            ..Examined::default()
        };
        if !stimulus.random().once_in(3) {
            stimulus.set("examined", examined.pack());
        }
    };
    // A port that answers nothing, for the most part.
    let nothing = |stimulus: &mut Stimulus<'_>, port: &str, fields: &[&str]| {
        if !stimulus.random().once_in(9) {
            fields.iter().for_each(|field| stimulus.set(&format!("{port}.{field}"), 0));
        }
    };
    blocks! { Icarus;
        "admit" Admit<ADDRESS, LENGTH> = Admit::new(geometry),
            [clock, reset, request.valid, request.tenant, request.address, request.length, request.kind] {}
            quiet(|_| {}), &[];
        "extent" Extent<ADDRESS, LENGTH, TENANT, PAGE> = Extent::new(geometry), [clock, reset, admitted, window_base] {}
            quiet(|stimulus| {
                stimulus.set("window_base", window.into());
                near(stimulus, "admitted", window);
            }), &[];
        "lookup" Lookup<TENANT, SLOT, PAGE, BLOCK> = Lookup::new(geometry),
            [clock, reset, table_write.enable, table_write.slot, table_write.row, table_write.valid, table_write.held,
             table_write.guarded, tenant, page, shadow, control_slot] {}
            quiet(|stimulus| {
                row::<TENANT, PAGE, BLOCK>(stimulus);
                stimulus.set("tenant", 1);
                let page = stimulus.random().below(3);
                stimulus.set("page", page.into());
            }), &[];
        "permission" Permission<ADDRESS, TENANT, PAGE, BLOCK> = Permission::new(geometry), [clock, reset, row, examined] {}
            quiet(|_| {}), &[];
        "translate" Translate<ADDRESS, TENANT, PAGE, BLOCK> = Translate::new(geometry), [clock, reset, row, examined] {}
            quiet(|_| {}), &[];
        "place" Place<ADDRESS, LENGTH, BLOCK> = Place::new(geometry), [clock, reset, frame_base, admitted] {}
            quiet(|stimulus| {
                stimulus.set("frame_base", frame.into());
                near(stimulus, "admitted", frame + 2 * geometry.granule());
            }), &[];
        "comparators" Comparators<TENANT, SLOT, PAGE, BLOCK> = Comparators::new(geometry),
            [clock, reset, table_write.enable, table_write.slot, table_write.row, table_write.valid, table_write.held,
             table_write.guarded, tail_guarded, tail_slot, tail_first, tail_last, asked, first, last] {}
            quiet(|stimulus| {
                row::<TENANT, PAGE, BLOCK>(stimulus);
                // Every slot is written at least a few times.
                let (cycle, slots) = (stimulus.cycle(), geometry.slots as u64);
                if cycle % 2 == 0 {
                    stimulus.set("table_write.enable", 1);
                    stimulus.set("table_write.slot", (cycle / 2 % slots).into());
                    stimulus.set("table_write.held", u128::from(cycle / 2 / slots % 2));
                }
                let (first, length) = (stimulus.random().below(4), stimulus.random().below(2));
                let last = (first + length).min((1 << BLOCK) - 1);
                stimulus.set("first", first.into());
                stimulus.set("last", last.into());
            }), &[];
        "physical_respond" PhysicalRespond<BLOCK> = PhysicalRespond::new(geometry),
            [clock, reset, active, placed, reached, slot] {}
            quiet(|stimulus| {
                let wild = stimulus.random().once_in(3);
                if !wild {
                    let placed = Placed::<BLOCK> { valid: true, known: true, sized: true, ..Placed::default() };
                    stimulus.set("active", 1);
                    stimulus.set("placed", placed.pack());
                }
            }), &[];
        "isolation" Isolation<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK> = Isolation::new(geometry),
            [clock, reset, active, frame_base, table_write.enable, table_write.slot, table_write.row, table_write.valid,
             table_write.held, table_write.guarded, admitted, control_slot, candidate_first, candidate_last, tail_guarded,
             tail_slot, tail_first, tail_last] {}
            quiet(|stimulus| {
                row::<TENANT, PAGE, BLOCK>(stimulus);
                stimulus.set("frame_base", frame.into());
                near(stimulus, "admitted", frame + 2 * geometry.granule());
            }), &[];
    }
    blocks! { Icarus;
        "fault_trail" FaultTrail = FaultTrail::default(), [clock, reset, arrives, first, second, third, closed] {}
            quiet(|stimulus| {
                let rare = stimulus.random().once_in(4);
                stimulus.set("closed", rare.into());
            }), &[];
        "integrity_guard" IntegrityGuard = IntegrityGuard::default(),
            [clock, reset, answers_intact, operands_intact, commands_intact, lost, busy, map_busy, start] {}
            quiet(|stimulus| {
                let cycle = stimulus.cycle();
                let (busy, map_busy) = (stimulus.random().once_in(6), stimulus.random().once_in(6));
                stimulus.set("answers_intact", (cycle != CYCLES / 2).into());
                stimulus.set("operands_intact", (cycle != CYCLES / 4).into());
                stimulus.set("commands_intact", (cycle != CYCLES / 4 * 3).into());
                stimulus.set("busy", busy.into());
                stimulus.set("map_busy", map_busy.into());
                stimulus.set("lost", (cycle == CYCLES / 2 + 9).into());
            }), &[];
        "respond" Respond<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = Respond::new(geometry),
            [clock, reset, active, strict, frame_base, examined, finding, block, confirmed] {permit: permit}
            quiet(|stimulus| {
                examined(stimulus);
                let (wild, slot) = (stimulus.random().once_in(3), stimulus.random().below(2));
                if !wild {
                    stimulus.set("active", 1);
                    // Owned and permitted; mapped, found and agreed.
                    stimulus.set("permit", 0b00_1001);
                    stimulus.set("finding", u128::from(7 | slot << 3));
                }
            }), &[];
        // Answers that are alike for the most part.
        "answer_check" AnswerCheck<ADDRESS> = AnswerCheck::default(),
            [clock, reset, translate.valid, translate.granted, translate.not_mine, translate.reason, translate.slot,
             translate.physical, twin_translate.valid, twin_translate.granted, twin_translate.not_mine, twin_translate.reason,
             twin_translate.slot, twin_translate.physical, physical.valid, physical.allowed, physical.reason, physical.slot,
             twin_physical.valid, twin_physical.allowed, twin_physical.reason, twin_physical.slot] {}
            |stimulus| {
                let rarely = stimulus.random().once_in(20);
                stimulus.set("reset", rarely.into());
                for port in ["translate", "twin_translate"] {
                    nothing(stimulus, port, &["valid", "granted", "not_mine", "reason", "slot", "physical"]);
                }
                for port in ["physical", "twin_physical"] {
                    nothing(stimulus, port, &["valid", "allowed", "reason", "slot"]);
                }
            }, &[];
        "mmu_bridge" MmuBridge<ADDRESS, LENGTH> = MmuBridge::default(),
            [clock, reset, request.valid, request.tenant, request.address, request.length, request.kind,
             request.untranslated, response.ready, translate_response.valid, translate_response.granted,
             translate_response.not_mine, translate_response.reason, translate_response.slot, translate_response.physical,
             mmu_request.ready, mmu_response.valid, mmu_response.fault, mmu_response.physical, physical_response.valid,
             physical_response.allowed, physical_response.reason, physical_response.slot] {} quiet(|_| {}), &[];
    }
    // Rows, shadow entries and accesses that meet.
    let paths = |stimulus: &mut Stimulus<'_>| {
        row::<TENANT, PAGE, BLOCK>(stimulus);
        let random = stimulus.random();
        let (wild, page, place) = (random.once_in(6), random.below(2), random.below(2 * geometry.granule()));
        if !wild {
            stimulus.set("active", 1);
            stimulus.set("shadow_write.tenant", 1);
            stimulus.set("shadow_write.page", page.into());
            stimulus.set("shadow_write.entry", 3);
            // The slot that the page names: a row in another one would match as well.
            stimulus.set("table_write.slot", 1);
            for (port, base) in [("translate", window), ("physical", frame + 2 * geometry.granule())] {
                stimulus.set(&format!("{port}_request.tenant"), 1);
                stimulus.set(&format!("{port}_request.address"), (base + place).into());
                stimulus.set(&format!("{port}_request.length"), 1);
                stimulus.set(&format!("{port}_request.valid"), 1);
                stimulus.set(&format!("{port}_request.kind"), 0);
            }
        }
        stimulus.set("window_base", window.into());
        stimulus.set("frame_base", frame.into());
    };
    blocks! { Verilator;
        "delayed_data_path" DelayedDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = DelayedDataPath::new(geometry),
            [clock, reset, active, window_base, frame_base, table_write.enable, table_write.slot, table_write.row,
             table_write.valid, table_write.held, table_write.guarded, shadow_write.enable, shadow_write.tenant,
             shadow_write.page, shadow_write.entry, tail_guarded, tail_slot, tail_first, tail_last, translate_request.valid,
             translate_request.tenant, translate_request.address, translate_request.length, translate_request.kind,
             physical_request.valid, physical_request.tenant, physical_request.address, physical_request.length,
             physical_request.kind, strict] {} quiet(paths), &[];
    }
    let locked = Geometry { features: Features { lockstep: true, ..geometry.features }, ..geometry.clone() };
    blocks! { Verilator;
        "data_path" DataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = DataPath::new(geometry),
            [clock, reset, active, strict, window_base, frame_base, table_write.enable, table_write.slot, table_write.row,
             table_write.valid, table_write.held, table_write.guarded, shadow_write.enable, shadow_write.tenant,
             shadow_write.page, shadow_write.entry, control_slot, candidate_first, candidate_last, tail_guarded, tail_slot,
             tail_first, tail_last, translate_request.valid, translate_request.tenant, translate_request.address,
             translate_request.length, translate_request.kind, physical_request.valid, physical_request.tenant,
             physical_request.address, physical_request.length, physical_request.kind] {}
            quiet(paths), &[];
        // A twin that is asked the same answers the same, whatever that is.
        "lockstep_data_path" LockstepDataPath<ADDRESS, LENGTH, TENANT, SLOT, PAGE, BLOCK, SHADOW> = LockstepDataPath::new(&locked),
            [clock, reset, active, strict, window_base, frame_base, table_write.enable, table_write.slot, table_write.row,
             table_write.valid, table_write.held, table_write.guarded, shadow_write.enable, shadow_write.tenant,
             shadow_write.page, shadow_write.entry, control_slot, candidate_first, candidate_last, tail_guarded, tail_slot,
             tail_first, tail_last, translate_request.valid, translate_request.tenant, translate_request.address,
             translate_request.length, translate_request.kind, physical_request.valid, physical_request.tenant,
             physical_request.address, physical_request.length, physical_request.kind] {}
            quiet(paths), &["tripped$0"];
    }
    let mut inputs = inputs!(Candidates<SLOT, BLOCK>: clock, reset, control_slot, first, last);
    for slot in 0..geometry.slots {
        let held = move |block: &mut Candidates<SLOT, BLOCK>, value| block.held[slot].next = Pack::unpack(value);
        let first = move |block: &mut Candidates<SLOT, BLOCK>, value| block.first_block[slot].next = Pack::unpack(value);
        let last = move |block: &mut Candidates<SLOT, BLOCK>, value| block.last_block[slot].next = Pack::unpack(value);
        inputs.push(Input::new(format!("held${slot}"), held));
        inputs.push(Input::new(format!("first_block${slot}"), first));
        inputs.push(Input::new(format!("last_block${slot}"), last));
    }
    let block = Candidates::<SLOT, BLOCK>::new(geometry);
    let options = Options::new(inputs).with_hook(quiet(|_| {})).with_engine(Engine::Icarus);
    check("candidates", || block.clone(), CYCLES, options, &[]);
    // Nothing is taken before every entry is cleared.
    type Mmu<const A: usize, const L: usize, const T: usize, const P: usize, const S: usize, const B: usize> =
        StandardMmu<A, L, T, P, S, B>;
    let inputs = inputs!(Mmu<ADDRESS, LENGTH, TENANT, PAGE, SHADOW, BLOCK>: clock, reset, fill.valid, fill.tenant,
        fill.index, fill.rights, fill.frame, request.valid, request.tenant, request.address, request.length,
        request.kind, response.ready);
    let aim = |stimulus: &mut Stimulus<'_>| {
        let (start, page) = (stimulus.cycle() < 2, stimulus.random().below(2));
        stimulus.set("reset", start.into());
        stimulus.set("fill.tenant", 1);
        stimulus.set("fill.index", page.into());
        if stimulus.random().once_in(2) {
            stimulus.set("request.tenant", 1);
            stimulus.set("request.address", u128::from(page * geometry.granule()));
            stimulus.set("request.length", 1);
        }
        let beyond = stimulus.random().once_in(9);
        if beyond {
            stimulus.set("fill.tenant", 255);
        }
    };
    let options = Options::new(inputs).with_hook(aim).with_engine(Engine::Verilator);
    let make = || StandardMmu::<ADDRESS, LENGTH, TENANT, PAGE, SHADOW, BLOCK>::new(geometry.tenants, geometry.granule_bits);
    check("standard_mmu", make, (1 << SHADOW) + CYCLES, options, &[]);
}

fn control<
    const ADDRESS: usize,
    const LENGTH: usize,
    const TENANT: usize,
    const SLOT: usize,
    const PAGE: usize,
    const BLOCK: usize,
    const SHADOW: usize,
>(
    geometry: &Geometry,
) {
    let window = geometry.window();
    let knows = quiet(|stimulus| access(stimulus, geometry));
    let plain = Geometry { features: Features::default(), ..geometry.clone() };
    let alerting = Geometry { features: Features { alerts: true, ..plain.features }, ..geometry.clone() };
    let guarding = Geometry { features: Features { integrity: true, ..plain.features }, ..geometry.clone() };
    let chained = Geometry { features: Features { chain: true, ..plain.features }, ..geometry.clone() };
    // A digest that is done now and then.
    let digest = |stimulus: &mut Stimulus<'_>| {
        let (done, busy) = (stimulus.random().once_in(12), stimulus.random().once_in(4));
        stimulus.set("digest_done", done.into());
        stimulus.set("digest_busy", busy.into());
    };
    blocks! { Icarus;
        "allocator" Allocator<TENANT, SLOT, PAGE, BLOCK> = Allocator::new(geometry),
            [clock, reset, start, stop, tenant, first_page, last_page, span, probe, probe_first, pool_first, pool_last, row,
             live, held, blocked] {}
            quiet(|stimulus| {
                let stop = stimulus.random().once_in(40);
                stimulus.set("stop", stop.into());
            }), &[];
        "denial_slot" DenialSlot<ADDRESS> = DenialSlot::new(geometry, Event::TranslateDenied), [clock, reset, denial, taken] {}
            quiet(|_| {}), &[];
        "loss_tally" LossTally = LossTally::default(),
            [clock, reset, translate_dropped, physical_dropped, command_refused, denials_told, commands_told] {} quiet(|_| {}), &[];
        "audit_arbiter" AuditArbiter = AuditArbiter::default(),
            [clock, reset, denial_room, command_valid, boot_valid, translate_valid, physical_valid, loss_valid, begun] {}
            quiet(|stimulus| {
                let (command, boot) = (stimulus.random().once_in(6), stimulus.random().once_in(6));
                stimulus.set("command_valid", command.into());
                stimulus.set("boot_valid", boot.into());
            }), &[];
        "record_format" RecordFormat<ADDRESS> = RecordFormat::default(),
            [index, number, time_low, time_high, entry, loss, lost_denials, lost_commands] {} |_| {}, &[];
        "audit_writer" AuditWriter<ADDRESS> = AuditWriter::default(),
            [clock, reset, command, boot, translate, physical, lost_denials, lost_commands] {chosen: source}
            quiet(|stimulus| {
                let chosen = stimulus.random().below(SOURCES.len() as u64);
                stimulus.set("chosen", chosen.into());
            }), &[];
        "audit_places" AuditPlaces = AuditPlaces::new(&plain), [clock, reset, begun, readable, freed] {} quiet(|_| {}), &[];
        "audit_reader" AuditReader<8> = AuditReader::new(&plain), [clock, reset, level, some, lost, read_data]
            {access: register_access} quiet(|stimulus| {
                access(stimulus, geometry);
                // A record is eight pops.
                if stimulus.random().once_in(3) {
                    stimulus.set("access", strobe(offset::AUDIT_POP, true, true));
                }
            }), &[];
        "boot_gate" BootGate<ADDRESS, BLOCK> = BootGate::new(geometry, false), [clock, reset, cleared, audit_room, record_taken]
            {access: register_access} quiet(|stimulus| access(stimulus, geometry)), &[];
        "gate_registers" GateRegisters = GateRegisters::new(true), [status, strict]
            {access: register_access, state: boot_state, pool_base: wide_words, pool_size: wide_words, window: wide_words}
            |stimulus| {
                access(stimulus, geometry);
                let state = stimulus.random().below(5);
                stimulus.set("state", state.into());
            }, &[];
        "gate_judge" GateJudge<ADDRESS> = GateJudge::new(geometry),
            [pool_base, pool_size, size_less_one, last_byte, window, audit_room] {}
            |stimulus| {
                // Mostly a configuration that is right but for one thing.
                let (pool_base, pool_size, window) = geometry.default_setup();
                let random = stimulus.random();
                let (wrong, odd, room) = (random.below(6), random.below(geometry.granule()), !random.once_in(6));
                let base = pool_base + geometry.granule() * random.below(2) + if wrong == 1 { odd } else { 0 };
                let size = if wrong == 2 { geometry.largest_pool() * 2 } else { pool_size / 2 };
                let last = if wrong == 3 { base + geometry.frame() } else { base + size - 1 };
                let values = [
                    ("pool_base", base),
                    ("pool_size", if wrong == 4 { 0 } else { size }),
                    ("size_less_one", size - 1),
                    ("last_byte", last),
                    ("window", if wrong == 5 { window + geometry.granule() } else { window }),
                ];
                for (path, value) in values {
                    stimulus.set(path, value.into());
                }
                stimulus.set("audit_room", room.into());
            }, &[];
        "command_reader" CommandReader = CommandReader::default(), [selected, tenant, slot, rights, running, status, result_slot]
            {logical: wide_words, size: wide_words, physical: wide_words}
            |stimulus| {
                let place = REGISTERS[stimulus.random().below(REGISTERS.len() as u64) as usize].offset / 4;
                stimulus.set("selected", 1 << place);
            }, &[];
        "known_command" KnownCommand = KnownCommand::new(geometry), [code, fits] {} |_| {}, &[];
        "command_bank" CommandBank<ADDRESS> = CommandBank::new(geometry), [clock, reset, done, load, row, result]
            {access: register_access} knows, &[];
        "command_engine" CommandEngine<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = CommandEngine::new(geometry),
            [clock, reset, active, window_base, frame_base, start, code, operands, row, live, shared, scan_busy, survey,
             over_quota, scrub_busy, shadow_busy, audit_room, record_taken] {}
            quiet(|stimulus| {
                let random = stimulus.random();
                let operands = Operands::<ADDRESS> {
                    tenant: random.below(2).to_bits(),
                    slot: random.below(2).to_bits(),
                    logical: (window + geometry.granule() * random.below(2)).to_bits(),
                    size: (geometry.granule() * (1 + random.below(2))).to_bits(),
                    rights: random.below(16).to_bits(),
                };
                let commands = if geometry.features.dynamic { &[1, 2, 3, 4, 5, 6, 8, 9][..] } else { &[1, 2, 4, 6, 8, 9] };
                let (command, sealed) = (commands[random.below(commands.len() as u64) as usize], random.once_in(4));
                stimulus.set("window_base", window.into());
                stimulus.set("active", 1);
                stimulus.set("operands", operands.pack());
                // Sealed late, or little would happen.
                let sealed = sealed && stimulus.cycle() > CYCLES / 2;
                stimulus.set("code", if sealed { 7 } else { command });
                // RESIZE takes several steps before anything moves: it stays itself, and its row is one that may change.
                let turn = stimulus.cycle() / 32;
                if geometry.features.dynamic && turn % 3 == 0 {
                    let last_page = stimulus.random().below(2);
                    let row = Row::<TENANT, PAGE, BLOCK> { last_page: last_page.to_bits(), ..Row::default() };
                    let survey = Survey::<SLOT, BLOCK> { fits: true, slot_free: true, ..Survey::default() };
                    stimulus.set("code", 3);
                    stimulus.set("row", row.pack());
                    stimulus.set("survey", survey.pack());
                    for (path, value) in [("live", 1), ("audit_room", 1), ("shared", 0)] {
                        stimulus.set(path, value);
                    }
                }
            }), if geometry.features.dynamic { &[] } else { &["probe", "tail", "tail_guarded"] };
        "command_decoder" CommandDecoder = CommandDecoder::new(geometry), [code] {} |_| {}, &[];
        "command_operands" CommandOperands<ADDRESS, TENANT, PAGE, BLOCK> = CommandOperands::new(geometry),
            [clock, reset, window_base, operands, row, tail_page] {state: command_state, kind: command_kind}
            quiet(|stimulus| {
                some_step(stimulus);
                let random = stimulus.random();
                let (compares, wild) = (random.once_in(4), random.once_in(4));
                let operands = Operands::<ADDRESS> {
                    tenant: random.below(2).to_bits(),
                    slot: random.below(2).to_bits(),
                    logical: (window + geometry.window() - geometry.granule() * (1 + random.below(2))).to_bits(),
                    size: (geometry.granule() * (1 + random.below(2))).to_bits(),
                    rights: random.below(16).to_bits(),
                };
                stimulus.set("window_base", window.into());
                if compares {
                    stimulus.set("state", 17);
                }
                if !wild {
                    stimulus.set("operands", operands.pack());
                }
            }), &[];
        "command_judge" CommandJudge<SLOT, PAGE, BLOCK> = CommandJudge::new(geometry),
            [audit_room, active, sealed, verdicts, leaves_window, live, locked, survey, over_quota, isolates, isolated, shared,
             block_shared, resizes] {state: command_state, kind: command_kind}
            some_step, if geometry.features.dynamic { &[] } else { &["exposes"] };
        "command_outcome" CommandOutcome<ADDRESS, TENANT, SLOT> = CommandOutcome::new(geometry),
            [clock, reset, code, operands, judged, refuses, exposes, audit_room, active, slot_live, tenant, slot, logical,
             physical] {state: command_state, kind: command_kind}
            quiet(|stimulus| {
                some_step(stimulus);
                // `Ok` more often than by chance.
                if stimulus.random().once_in(2) {
                    stimulus.set("judged", 1);
                    stimulus.set("refuses", 0);
                }
            }), &[];
        "row_builder" RowBuilder<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = RowBuilder::new(geometry),
            [clock, reset, refused, operands, row, survey, first_page, last_page, span, end_block, grows, shrinks]
            {state: command_state, kind: command_kind} quiet(some_step), &[];
        "row_view" RowView<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = RowView::new(geometry),
            [window_base, frame_base, row, slot, span] {} |_| {}, &[];
        "command_sequencer" CommandSequencer = CommandSequencer::new(geometry),
            [clock, reset, start, refused, no_room, grows, shrinks, block_shared, scan_busy, scrub_busy, shadow_busy,
             record_taken] {kind: command_kind} quiet(some_command), &[];
        "command_driver" CommandDriver = CommandDriver::new(geometry),
            [clock, reset, refused, no_room, exposes, grows, isolated, shared, names_slot, record_taken]
            {state: command_state, kind: command_kind}
            quiet(some_step), if geometry.features.dynamic { &[] } else { &["block_shared"] };
        // Rows of which some cannot be known; the patrol rests while no record is taken.
        "patrol" Patrol<TENANT, SLOT, PAGE, BLOCK> = Patrol::new(&guarding),
            [clock, reset, run, row, sound, single, live, tripped, room, record_taken] {}
            quiet(|stimulus| {
                let cycle = stimulus.cycle();
                let random = stimulus.random();
                let (rests, wrong, lost, taken) = (random.once_in(60), random.once_in(12), random.once_in(3), random.once_in(4));
                stimulus.set("run", (!rests).into());
                stimulus.set("sound", (!wrong).into());
                stimulus.set("single", (wrong && !lost).into());
                stimulus.set("tripped", (cycle > CYCLES / 2 && cycle < CYCLES / 2 + 40).into());
                stimulus.set("room", 1);
                stimulus.set("record_taken", taken.into());
                let place = stimulus.random().below(2);
                if stimulus.random().once_in(2) {
                    let row = Row::<TENANT, PAGE, BLOCK> { last_page: !Bits::from(0), last_block: !Bits::from(0),
                        isolated: true, tenant: place.to_bits(), ..Row::default() };
                    stimulus.set("row", row.pack());
                }
            // A larger window's pages are not all seen in that time.
            }), if PAGE > 2 { &["table_write.valid", "table_write.held", "shadow_write.tenant", "intact$0"] }
            else { &["table_write.valid", "table_write.held", "intact$0"] };
        "patrol_judge" PatrolJudge<TENANT, PAGE, BLOCK> = PatrolJudge::default(), [row, valid, sound, tenant, page, block]
            {condition: condition} |stimulus| {
                let mut row = Row::<TENANT, PAGE, BLOCK> { last_page: !Bits::from(0), last_block: !Bits::from(0), ..Row::default() };
                row.isolated = stimulus.random().once_in(2);
                let (near, same) = (stimulus.random().once_in(2), stimulus.random().once_in(2));
                if near {
                    stimulus.set("row", row.pack());
                }
                if same {
                    stimulus.set("tenant", 0);
                    stimulus.set("valid", 1);
                }
            }, &[];
        "quota_gate" QuotaGate<TENANT, PAGE, BLOCK> = QuotaGate::new(geometry),
            [clock, reset, limited, start, tenant, span, grows, sees, row, live, word] {}
            quiet(|stimulus| {
                // Small quotas, reached now and then.
                let random = stimulus.random();
                let (start, granules, slots) = (random.once_in(20), random.below(64), random.below(8));
                stimulus.set("start", start.into());
                stimulus.set("limited", 1);
                stimulus.set("word", u128::from(granules | slots << 24));
            }), &[];
        // Records of every kind that has a cause, in a log that is short as often as not.
        "record_announcer" RecordAnnouncer = RecordAnnouncer::new(&guarding), [clock, reset] {readable: readable}
            quiet(|stimulus| {
                let random = stimulus.random();
                let (event, kind) = match random.below(4) {
                    0 => (Event::TranslateDenied, 0),
                    1 => (Event::PhysicalDenied, 1),
                    2 => (Event::Lost, 0),
                    _ => (Event::Integrity, Upset::RowRepaired.code()),
                };
                let (arrives, leaves, level) = (random.below(2), random.below(2), random.below(3));
                let kinds = u64::from(event.code()) << 1 | u64::from(kind) << 5;
                stimulus.set("readable", u128::from(arrives | kinds | leaves << 9 | level << 10));
            }), &[];
        "record_watch" RecordWatch = RecordWatch::default(), [clock, reset, arrives, leaves, level] {} quiet(|_| {}), &[];
        "event_counter" EventCounter = EventCounter::default(), [clock, reset, first, second] {} quiet(|_| {}), &[];
        "event_bank" EventBank<ADDRESS> = EventBank::new(&plain),
            [clock, reset, translate, physical, command_done, lost, announced, sealed] {access: register_access}
            quiet(|stimulus| access(stimulus, geometry)), &[];
        "event_bank_alerting" EventBank<ADDRESS> = EventBank::new(&alerting),
            [clock, reset, translate, physical, command_done, lost, announced, sealed] {access: register_access}
            quiet(|stimulus| access(stimulus, geometry)), &[];
        "event_registers" EventRegisters = EventRegisters::new(&plain),
            [fits, address_low, address_high, causes, enabled, granted, denied, not_mine]
            {access: register_access, fault: fault} |stimulus| access(stimulus, geometry), &[];
        "fault_capture" FaultCapture<ADDRESS> = FaultCapture::default(), [clock, reset, translate, physical, acknowledged] {}
            quiet(|_| {}), if ADDRESS > 32 { &[] } else { &["address_high"] };
        "port_verdict" PortVerdict = PortVerdict::new(&plain, Reason::Isolated, 0), [valid, passed, not_mine, reason, slot, alarm] {}
            |_| {}, &[];
        "port_witness" PortWitness<ADDRESS, LENGTH> = PortWitness::new(&plain), [clock, reset, admitted] {outcome: port_outcome}
            quiet(|_| {}), &[];
        "alert_bank" AlertBank = AlertBank::new(&plain),
            [clock, reset, sealed, translate_denied, physical_denied, claimed, causes, acknowledged]
            {access: register_access}
            quiet(|stimulus| access(stimulus, geometry)), &[];
        "history" History<ADDRESS, LENGTH> = History::new(&plain), [clock, reset, admitted] {} quiet(|_| {}), &[];
        "history_in_memory" History<ADDRESS, LENGTH> = History::new(&guarding), [clock, reset, admitted] {} quiet(|_| {}), &[];
        "identity_bank" IdentityBank = IdentityBank::new(geometry), [active, sealed, busy, alert, irq]
            {access: register_access} |stimulus| access(stimulus, geometry), &[];
        "guard_bank" GuardBank = GuardBank::default(), [clock, reset, sealed, memory_stalled]
            {access: register_access, identity: bank_answer, own: bank_answer} quiet(|stimulus| access(stimulus, geometry)), &[];
        "wide_view" WideView<ADDRESS> = WideView::default(), [value] {} |_| {}, &["high"];
        "wide_register" WideRegister<ADDRESS> = WideRegister::default(),
            [clock, reset, write_low, write_high, data, load, loaded] {} quiet(|_| {}), &["high"];
        "register_port" RegisterPort = RegisterPort::new(geometry),
            [clock, reset, request.read, request.write, request.address, request.write_data]
            {identity: bank_answer, boot: bank_answer, command: bank_answer, audit: bank_answer, events: bank_answer}
            quiet(|_| {}), &[];
        "register_merge" RegisterMerge = RegisterMerge::new(&plain),
            [clock, reset, host_read, host_write, host_address, host_data, inner_write, inner_place, inner_data] {}
            quiet(|_| {}), &[];
        "manifest_loader" ManifestLoader<ADDRESS> = ManifestLoader::new(&plain),
            [clock, reset, inner_access, some, enough, full, word, tag_ready, tag_done, tag_matches, write_ready, answered,
             answer_error, clearing, configured, gate_status, gate_active, scrub_busy, command_busy, command_status, audit_room,
             pool_base, record_taken]
            {access: register_access, gate_answer: bank_answer, facts: word_facts}
            manifest, &[];
        "boot_registers" BootRegisters = BootRegisters::default(), [clock, reset, inner_access, clearing, booting, status, some, full]
            {access: register_access, gate_answer: bank_answer, state: loader_state}
            quiet(|stimulus| {
                access(stimulus, geometry);
                in_some_state(stimulus);
                // A word of the manifest is taken while the loader waits, and a cycle later comes too late.
                if stimulus.cycle() % 16 < 6 {
                    stimulus.set("clearing", 0);
                    stimulus.set("state", 0);
                    stimulus.set("access", strobe(offset::BOOT_DATA, true, true));
                }
            }), &[];
        "boot_trust" BootTrust = BootTrust::new(&plain),
            [clock, reset, words, full, begun, fails, why, tag_done, tag_matches, configured, gate_status, gate_active, record_taken]
            {state: loader_state}
            quiet(|stimulus| {
                // A boot takes 64 cycles; every other one fails.
                let (turn, bad) = (stimulus.cycle() % 64, stimulus.cycle() / 64 % 2 == 1);
                let state = match turn {
                    0..=7 => 0,
                    8..=15 => 2,
                    16..=31 => 10,
                    32..=47 => 14,
                    _ => if bad { 17 } else { 15 },
                };
                stimulus.set("state", state);
                stimulus.set("gate_status", 1);
                stimulus.set("gate_active", 1);
                stimulus.set("tag_matches", 1);
                stimulus.set("words", (turn == 45 && bad).into());
                let fails = bad && stimulus.random().once_in(20);
                stimulus.set("fails", fails.into());
            }), &[];
        "loader_steps" LoaderSteps = LoaderSteps::new(&plain),
            [clock, reset, asks, enough, word, tag_ready, judged, genuine, write_ready, answered, answer_error, configured,
             gate_status, scrub_busy, command_busy, command_status, audit_room, record_taken, late, gives_up]
            {position: manifest_position, facts: word_facts}
            |stimulus| {
                let (turn, kind) = (stimulus.cycle() % 150, stimulus.cycle() / 150 % 3);
                stimulus.set("reset", (turn < 2).into());
                placed(stimulus);
                // Every third time the header's last word that is written, or the word of the counts, comes again and again.
                if kind > 0 {
                    let pointer: u128 = if kind == 1 { 9 } else { 10 };
                    stimulus.set("position", pointer | 1 << 27 | 1 << 28);
                    stimulus.set("facts", if kind == 1 { RIGHT_FACTS } else { 0b01_0101_1011 });
                }
                let (error, wrong, judged) = (stimulus.random().once_in(30), stimulus.random().once_in(30), stimulus.random().once_in(9));
                for (path, value) in [("enough", 1), ("late", 0), ("gives_up", 0), ("gate_status", 1), ("genuine", 1)] {
                    stimulus.set(path, value);
                }
                stimulus.set("judged", judged.into());
                stimulus.set("answer_error", error.into());
                stimulus.set("command_status", if wrong { 3 } else { 1 });
            }, &[];
        "loader_wait" LoaderWait = LoaderWait::default(),
            [asks, tag_ready, write_ready, answered, configured, scrubbed, audit_room, command_busy, record_taken]
            {state: loader_state} in_some_state, &[];
        "loader_findings" LoaderFindings = LoaderFindings::default(),
            [over, enough, tag_compared, genuine, last, word_reason, written, answer_error, gate_status, command_status]
            {state: loader_state, position: manifest_position, verdict: word_verdict}
            |stimulus| {
                position(stimulus);
                in_some_state(stimulus);
                let compared = stimulus.random().once_in(8);
                stimulus.set("tag_compared", compared.into());
            }, &[];
        "loader_turn" LoaderTurn = LoaderTurn::default(), [loads, sealing] {outcome: loader_outcome, resume: loader_state}
            |stimulus| in_some_states(stimulus, &["resume"]), &[];
        "loader_next_state" LoaderNextState = LoaderNextState::default(), [over, tag_compared, late]
            {state: loader_state, planned: loader_state, turned: loader_state, resume_held: loader_state}
            |stimulus| {
                in_some_states(stimulus, &["state", "planned", "turned", "resume_held"]);
                let (compared, late) = (stimulus.random().once_in(8), stimulus.random().once_in(8));
                stimulus.set("tag_compared", compared.into());
                stimulus.set("late", late.into());
            }, &[];
        "manifest_place" ManifestPlace = ManifestPlace::new(&plain), [clock, reset, word] {order: place_order}
            quiet(|_| {}), &[];
        "order_data" OrderData = OrderData::new(&plain), [word] {order: loader_order} |_| {}, &[];
        "order_plan" OrderPlan = OrderPlan::default(), [strictness] {order: loader_order, position: manifest_position} |stimulus| {
                position(stimulus);
                // Not every order is coded.
                let kind = stimulus.random().below(4);
                let place = stimulus.random().below(64);
                stimulus.set("order", u128::from(place | 1 << 7) | [0, 1 << 6, 1 << 10, 1 << 11][kind as usize]);
            }, &[];
        "word_examiner" WordExaminer = WordExaminer::new(geometry), [word, body, minimum_version, last] {}
            |stimulus| {
                let random = stimulus.random();
                let usual = [u64::from(pm_interface::manifest::MAGIC), 1 | 40 << 16, 1, 0x0200, 0x1F01, random.below(1 << 32)];
                let (word, version) = (usual[random.below(usual.len() as u64) as usize], random.below(3));
                stimulus.set("word", word.into());
                stimulus.set("body", 40);
                stimulus.set("minimum_version", version.into());
            }, &[];
        "word_judge" WordJudge = WordJudge::default(), [] {position: manifest_position, facts: word_facts} placed,
            &[];
        "control_reader" ControlReader<TENANT, SLOT, PAGE, BLOCK> = ControlReader::new(geometry),
            [engine_slot, scanning, scanned, candidate, row] {} |_| {}, &[];
        "command_fence" CommandFence = CommandFence::new(&plain, 0), [record_valid, scrubbing] {} |_| {}, &[];
        "protection" Protection<ADDRESS, TENANT, SLOT, PAGE, BLOCK> = Protection::new(&plain),
            [clock, reset, boot_active, boot_runs, start, alert_raised, order.enable, order.slot, order.row, order.valid, order.held,
             order.guarded, page.enable, page.tenant, page.page, page.entry, swept, boot_valid, boot_record, record_taken] {}
            quiet(|_| {}), &["alarm"];
        "boot" Boot<ADDRESS, TENANT, PAGE, BLOCK> = Boot::new(&plain, true),
            [clock, reset, host_request.read, host_request.write, host_request.address, host_request.write_data, response.valid,
             response.error, response.read_data, cleared, scrub_asked, asked_first, asked_last, audit_room, record_taken]
            {access: register_access} quiet(|stimulus| {
                access(stimulus, geometry);
                // The gate opens after the sweep, and only while the log has room: first with a pool that does not begin its frame.
                let (closed, cycle) = (stimulus.random().once_in(9), stimulus.cycle());
                let (pool_base, pool_size, window_base) = geometry.default_setup();
                let setup = [
                    (offset::POOL_BASE_LO, pool_base + geometry.granule()),
                    (offset::POOL_SIZE_LO, pool_size / 2),
                    (offset::WINDOW_BASE_LO, window_base),
                    (offset::CONTROL, 3),
                ];
                if cycle < 20 {
                    let (register, data) = setup[(cycle / 5) as usize];
                    offer(stimulus, geometry, register, 2, data);
                }
                if !closed || cycle < 20 {
                    stimulus.set("cleared", 1);
                    stimulus.set("audit_room", 1);
                }
            }), &["alarm", "over_quota"];
        "scrubber" Scrubber<ADDRESS, BLOCK> = Scrubber::new(geometry),
            [clock, reset, start, frame_base, first_block, last_block, memory_write.ready] {}
            quiet(|_| {}), &["memory_write.data"];
    }
    blocks! { Verilator;
        "audit" Audit<ADDRESS> = Audit::new(&plain),
            [clock, reset, command_refused, command_valid, command, boot_valid, boot, translate, physical]
            {access: register_access, forecast: register_forecast}
            quiet(|stimulus| access(stimulus, geometry)), &[];
        "manifest_buffer" ManifestBuffer = ManifestBuffer::new(geometry), [clock, reset, push, data, minimum_version, address] {}
            quiet(buffered), &[];
        "reporting" Reporting<ADDRESS, LENGTH> = Reporting::new(&plain, false),
            [clock, reset, request.read, request.write, request.address, request.write_data, command_refused, command_valid,
             command_entry, boot_valid, boot_entry, translate_admitted, physical_admitted, command_done, sealed]
            {identity: bank_answer, boot: bank_answer, command: bank_answer, translate: port_outcome, physical: port_outcome}
            quiet(|_| {}), &[];
        "lockstep_reporting" LockstepReporting<ADDRESS, LENGTH> = LockstepReporting::new(&plain),
            [clock, reset, request.read, request.write, request.address, request.write_data, command_refused, command_valid,
             command_entry, boot_valid, boot_entry, translate_admitted, physical_admitted, command_done, sealed]
            {identity: bank_answer, boot: bank_answer, command: bank_answer, translate: port_outcome, physical: port_outcome}
            quiet(|_| {}), &[];
        "audit_chain" AuditChain<8> = AuditChain::default(),
            [clock, reset, stored, taken, read_data, word_ready, digest_busy, digest_done] {} quiet(digest), &[];
    }
    // Blocks with optional ports.
    let mut inputs = inputs!(Audit<ADDRESS>:
        clock, reset, command_refused, command_valid, command, boot_valid, boot, translate, physical);
    inputs.push(Input::new("access", |block: &mut Audit<ADDRESS>, value| block.access.next = register_access(value)));
    inputs.push(Input::new("forecast", |block: &mut Audit<ADDRESS>, value| block.forecast.next = register_forecast(value)));
    inputs.extend(optional!(Audit<ADDRESS>: digest.ready, digest.busy, digest.done, digest.shown));
    let options = Options::new(inputs).with_engine(Engine::Verilator).with_hook(quiet(|stimulus| {
        access(stimulus, geometry);
        let (done, busy) = (stimulus.random().once_in(12), stimulus.random().once_in(4));
        stimulus.set("digest$0.done", done.into());
        stimulus.set("digest$0.busy", busy.into());
    }));
    check("audit_chained", || Audit::<ADDRESS>::new(&chained), CYCLES, options, &[]);

    let mut inputs = inputs!(CryptoUsers: clock, reset);
    inputs.push(Input::new("forecast", |block: &mut CryptoUsers, value| block.forecast.next = register_forecast(value)));
    inputs.extend(optional!(CryptoUsers: digest.start, digest.valid, digest.word));
    let options = Options::new(inputs).with_engine(Engine::Verilator).with_hook(quiet(|_| {}));
    check("crypto_users", || CryptoUsers::new(&chained), CYCLES, options, &[]);

    // Nothing happens, for the most part, and the first copies say so; what does happen is not what they say.
    type Twin<const ADDRESS: usize, const LENGTH: usize> = ReportLockstep<ADDRESS, LENGTH>;
    let mut inputs = inputs!(Twin<ADDRESS, LENGTH>:
        clock, reset, request.read, request.write, request.address, request.write_data, events.command_refused,
        events.command_valid, events.boot_valid, events.command_done, events.sealed, events.repaired, events.record_ready,
        events.digest_busy, events.digest_done, command_entry, boot_entry, translate_admitted, physical_admitted,
        outputs.valid, outputs.error, outputs.data, outputs.irq, outputs.alert, outputs.command_room, outputs.boot_room,
        outputs.command_taken, outputs.boot_taken, outputs.digest_start, outputs.record_valid, outputs.record_word);
    inputs.push(Input::new("identity", |twin: &mut Twin<ADDRESS, LENGTH>, value| twin.identity.next = bank_answer(value)));
    inputs.push(Input::new("boot", |twin: &mut Twin<ADDRESS, LENGTH>, value| twin.boot.next = bank_answer(value)));
    inputs.push(Input::new("command", |twin: &mut Twin<ADDRESS, LENGTH>, value| twin.command.next = bank_answer(value)));
    inputs.push(Input::new("translate", |twin: &mut Twin<ADDRESS, LENGTH>, value| twin.translate.next = port_outcome(value)));
    inputs.push(Input::new("physical", |twin: &mut Twin<ADDRESS, LENGTH>, value| twin.physical.next = port_outcome(value)));
    inputs.push(Input::new("digest$0", |twin: &mut Twin<ADDRESS, LENGTH>, value| twin.digest[0].next = Pack::unpack(value)));
    let aim = |stimulus: &mut Stimulus<'_>| {
        let random = stimulus.random();
        let (again, quiet, differs) = (random.once_in(80), !random.once_in(12), random.once_in(6));
        stimulus.set("reset", again.into());
        for path in [
            "request.read",
            "request.write",
            "events.command_refused",
            "events.command_valid",
            "events.boot_valid",
            "events.command_done",
            "translate",
            "physical",
        ] {
            if quiet {
                stimulus.set(path, 0);
            }
        }
        for (path, value) in [
            ("valid", 0),
            ("error", 0),
            ("data", 0),
            ("irq", 0),
            ("alert", 0),
            ("command_room", 1),
            ("boot_room", 1),
            ("command_taken", 0),
            ("boot_taken", 0),
            ("digest_start", 0),
            ("record_valid", 0),
            ("record_word", 0),
        ] {
            if !differs {
                stimulus.set(&format!("outputs.{path}"), value);
            }
        }
    };
    let options = Options::new(inputs).with_hook(aim).with_engine(Engine::Verilator);
    check("report_lockstep", || Twin::<ADDRESS, LENGTH>::new(&chained), CYCLES, options, &[]);
    // Everything is swept before a page is written.
    let inputs = inputs!(ShadowWriter<TENANT, SLOT, PAGE>:
        clock, reset, clear_all, start, tenant, first_page, last_page, entry);
    let aim = |stimulus: &mut Stimulus<'_>| {
        let cycle = stimulus.cycle();
        stimulus.set("reset", (cycle < 2).into());
        if cycle < (1 << SHADOW) + 8 {
            stimulus.set("clear_all", 1);
        }
    };
    let options = Options::new(inputs).with_hook(aim).with_engine(Engine::Icarus);
    check("shadow_writer", || ShadowWriter::<TENANT, SLOT, PAGE>::new(geometry), (1 << SHADOW) + CYCLES, options, &[]);
}

/// A master that offers a beat for some cycles, or a burst of which every beat is taken at once.
fn offered(stimulus: &mut Stimulus<'_>, granule: u64) {
    let (turn, step) = (stimulus.cycle() / 12, stimulus.cycle() % 12);
    let (wild, done) = (stimulus.random().once_in(5), stimulus.random().once_in(3));
    let bursts = turn % 2 == 0;
    let place = if bursts { turn * 68 + 4 * step.saturating_sub(4) } else { turn * 20 } % granule;
    if !bursts && wild {
        return;
    }
    stimulus.set("wbs.cyc_i", (step > 1).into());
    stimulus.set("wbs.stb_i", (step > 1).into());
    for (path, value) in [("wbs.tga_i", 1), ("wbs.tgc_i", 0), ("wbs.sel_i", 15), ("request.ready", 1), ("response.valid", 1)] {
        stimulus.set(path, value);
    }
    stimulus.set("wbs.adr_i", place.into());
    stimulus.set("wbs.cti_i", if bursts { 2 - u128::from(turn % 10 == 4) } else { 0 });
    stimulus.set("wbs.bte_i", u128::from(turn / 2 % 4));
    stimulus.set("wbs.we_i", u128::from(turn / 4 % 2));
    stimulus.set("response.granted", u128::from(turn % 7 != 1));
    if bursts {
        for (path, value) in [("beat.may_open", 1), ("beat.failed", 0), ("fence", 0)] {
            stimulus.set(path, value);
        }
        stimulus.set("beat.done", (step < 3 || turn % 4 == 0 || done).into());
    }
}

fn bus<const ADDRESS: usize, const LENGTH: usize>(geometry: &Geometry) {
    // Nothing is untranslated; and a granule of one word has no bursts.
    let still: &[&str] = if geometry.granule() < 64 {
        &["request.untranslated", "beat.cycle_type", "beat.burst_type"]
    } else {
        &["request.untranslated"]
    };
    // An address of few bits names no 16th word.
    let short: &[&str] = if ADDRESS < 6 { &["leaves"] } else { &[] };
    blocks! { Icarus;
        "wishbone_guard" WishboneGuard<ADDRESS, LENGTH> = WishboneGuard::new(geometry),
            [clock, reset, wbs.cyc_i, wbs.stb_i, wbs.we_i, wbs.adr_i, wbs.dat_i, wbs.sel_i, wbs.cti_i, wbs.bte_i, wbs.tga_i,
             wbs.tgc_i, request.ready, response.valid, response.granted, response.managed, response.reason, response.slot,
             response.physical, beat.may_open, beat.pressed, beat.done, beat.failed, beat.read_data, fence] {}
            quiet(|stimulus| offered(stimulus, geometry.granule())), still;
        "beat_match" BeatMatch<ADDRESS> = BeatMatch::default(), [offered, asked, runs] {}
            |stimulus| {
                // The remembered beat is the offered one, or differs in some field.
                let (random, tenant) = (stimulus.random(), 3u64);
                let beat = OfferedBeat::<ADDRESS> {
                    valid: !random.once_in(4),
                    tenant: (tenant + u64::from(random.once_in(4))).to_bits(),
                    write: random.once_in(2),
                    fetch: random.once_in(4),
                    address: (4 * random.below(2)).to_bits(),
                    select: random.below(4).to_bits(),
                    cycle_type: [0u64, 1, 2, 7, 4][random.below(5) as usize].to_bits(),
                    burst_type: random.below(2).to_bits(),
                };
                let differs = random.below(8);
                stimulus.set("offered", beat.pack());
                let asked = match differs {
                    0 => OfferedBeat { tenant: 5u64.to_bits(), ..beat },
                    1 => OfferedBeat { write: !beat.write, ..beat },
                    2 => OfferedBeat { fetch: !beat.fetch, ..beat },
                    3 => OfferedBeat { address: 8u64.to_bits(), ..beat },
                    4 => OfferedBeat { cycle_type: 2u64.to_bits(), ..beat },
                    5 => OfferedBeat { burst_type: 2u64.to_bits(), ..beat },
                    _ => beat,
                };
                stimulus.set("asked", asked.pack());
            }, &[];
        "beat_step" BeatStep<ADDRESS> = BeatStep::default(), [address, cycle_type, burst_type] {}
            |stimulus| {
                let cycle = 1 + stimulus.random().below(2);
                stimulus.set("cycle_type", cycle.into());
            }, short;
        "beat_question" BeatQuestion<ADDRESS, LENGTH> = BeatQuestion::new(geometry), [offered, well_formed] {} |_| {}, &[];
        "wishbone_merge" WishboneMerge<ADDRESS> = WishboneMerge::default(),
            [clock, reset, beat.open, beat.wants, beat.valid, beat.write, beat.address, beat.data, beat.select, beat.cycle_type,
             beat.burst_type, scrub.valid, scrub.address, scrub.data, wbm.dat_i, wbm.ack_i, wbm.err_i] {}
            quiet(|_| {}), &[];
    }
}

/// Verdicts on the first few entries, of every kind; and answers to a few identifiers.
fn decided(stimulus: &mut Stimulus<'_>, entries: u64) {
    for path in ["translated", "checked"] {
        let random = stimulus.random();
        let decision = Decision::<32> {
            valid: random.once_in(2),
            index: random.below(entries).to_bits(),
            granted: !random.once_in(4),
            elsewhere: random.once_in(3),
            crosses: random.once_in(6),
            physical: (random.bits() >> 32).to_bits(),
        };
        stimulus.set(path, decision.pack());
    }
}

/// An address of a short burst.
fn short_burst(stimulus: &mut Stimulus<'_>) {
    let random = stimulus.random();
    let attributes = Attributes::<2, 8> {
        id: random.below(2).to_bits(),
        len: random.below(3).to_bits(),
        size: random.below(3).to_bits(),
        burst: random.below(4).to_bits(),
        prot: random.below(8).to_bits(),
        user: random.below(3).to_bits(),
        ..Attributes::default()
    };
    stimulus.set("attributes", attributes.pack());
}

#[test]
fn every_block_agrees_of_the_axi4_guard() {
    blocks! { Icarus;
        "slice" Slice<Bits<9>> = Slice::default(), [clock, reset, source_valid, source_payload, sink_ready] {} quiet(|_| {}), &[];
        "burst_shape" BurstShape<32> = BurstShape::new(64), [address, len, size, burst] {} |stimulus| {
            let (length, aligned) = (stimulus.random().below(17), stimulus.random().once_in(2));
            stimulus.set("len", length.into());
            if aligned {
                stimulus.set("address", u128::from(length) << 8);
            }
        }, &[];
        "fence" Fence = Fence::default(), [clock, reset, command, scrub, changed, pending] {} quiet(|_| {}), &[];
        "burst_entry" BurstEntry<32, 2, 8> = BurstEntry::new(4),
            [clock, reset, index, own, take, tail, new_address, new_attributes, new_scrub, new_drained, alike, translated,
             translated_index, translated_granted, translated_elsewhere, translated_crosses, translated_physical, checked,
             checked_index, checked_allowed, checked_physical, head, advance, astray, mover, moved, moved_badly, answered_id,
             beat_answered, gives_up, dropped, others_at_memory, ends, fence] {}
            quiet(|stimulus| {
                for path in ["tail", "translated_index", "checked_index", "head", "mover"] {
                    let other = stimulus.random().once_in(4);
                    stimulus.set(path, if other { 2 } else { 1 });
                }
                let (ends, before, astray) =
                    (stimulus.random().once_in(6), stimulus.random().once_in(8), stimulus.random().once_in(5));
                stimulus.set("index", 1);
                stimulus.set("own", 2);
                stimulus.set("ends", 4 + 2 * u128::from(ends));
                stimulus.set("alike", 4 * u128::from(before));
                stimulus.set("others_at_memory", 4 * u128::from(before));
                stimulus.set("astray", astray.into());
            }), &[];
        "burst_intake" BurstIntake<32, 2, 8> = BurstIntake::new(false, 8),
            [staged, first, low, length, malformed, channel, room, asked, scrub, scrub_address, scrub_turn] {} |_| {}, &[];
        "ring_step" RingStep = RingStep::new(3), [place, moves] {}
            |stimulus| {
                let place = stimulus.random().below(3);
                stimulus.set("place", place.into());
            }, &[];
        "burst_queue" BurstQueue<32, 2, 8> = BurstQueue::new(4, 3, true),
            [clock, reset, offered, address, attributes, asked, reported, translated, checked, taken, answered_id, answered,
             beat_answered, gives_up, dropped, denial_given, moved, moved_badly, astray, scrub, scrub_address, fence] {}
            quiet(|stimulus| {
                decided(stimulus, 3);
                short_burst(stimulus);
                let (astray, scrub) = (stimulus.random().once_in(9), stimulus.random().once_in(4));
                stimulus.set("astray", astray.into());
                stimulus.set("scrub", scrub.into());
            }), &[];
        "read_guard" ReadGuard<32, 32, 2, 8> = ReadGuard::new(3),
            [clock, reset, offered, address, attributes, asked, reported, translated, checked, taken, memory_valid, memory_beat,
             taker_ready, expired, fence] {}
            quiet(|stimulus| {
                decided(stimulus, 3);
                short_burst(stimulus);
                let expired = stimulus.random().once_in(12);
                stimulus.set("expired", expired.into());
            }), &[];
        "fifo" Fifo<Bits<9>> = Fifo::new(3), [clock, reset, push, payload, pop] {} quiet(|_| {}), &[];
        "write_limiter" WriteLimiter<32, 4, 2> = WriteLimiter::new(3),
            [clock, reset, offered, id, len, guard_ready, data_valid, data_beat, guard_data_ready, response_valid, response,
             taker_ready, expired] {}
            quiet(|stimulus| {
                let (len, expired, answers) =
                    (stimulus.random().below(3), stimulus.random().once_in(20), stimulus.random().once_in(3));
                stimulus.set("len", len.into());
                stimulus.set("expired", expired.into());
                stimulus.set("response_valid", answers.into());
            }), &[];
        "stall_report" StallReport<32> = StallReport::new(1),
            [clock, reset, stalls, tenant, address, misled, own, own_report, reported] {}
            quiet(|stimulus| {
                let (stalls, misled) = (stimulus.random().once_in(6), stimulus.random().once_in(6));
                stimulus.set("stalls", stalls.into());
                stimulus.set("misled", misled.into());
            }), &[];
        "stall_timer" StallTimer = StallTimer::default(), [clock, reset, limit, waits, holds] {}
            quiet(|stimulus| {
                let (limit, moves) = (stimulus.random().below(9), stimulus.random().once_in(9));
                stimulus.set("limit", limit.into());
                if !moves {
                    stimulus.set("waits", 1);
                }
            }), &[];
        "memory_watch" MemoryWatch = MemoryWatch::default(),
            [clock, reset, limit, address_valid, address_ready, data_valid, data_ready, owes, answer_valid, answered] {}
            quiet(|stimulus| {
                let (limit, moves) = (stimulus.random().below(5), stimulus.random().once_in(5));
                stimulus.set("limit", limit.into());
                if !moves {
                    for path in ["address_ready", "data_ready", "answer_valid"] {
                        stimulus.set(path, 0);
                    }
                }
            }), &[];
        "write_guard" WriteGuard<32, 64, 8, 2, 8> = WriteGuard::new(3),
            [clock, reset, offered, address, attributes, asked, reported, translated, checked, taken, data_valid, data_beat,
             memory_ready, response_valid, response, taker_ready, scrub, scrub_address, misled, fence] {}
            quiet(|stimulus| {
                decided(stimulus, 3);
                short_burst(stimulus);
                // Long enough between two resets the data are in step with the addresses.
                let calm = stimulus.cycle() % 700 < 500;
                if calm {
                    let attributes = stimulus.get("attributes") & !0x3FC;
                    stimulus.set("attributes", attributes);
                    let beat = stimulus.get("data_beat") | 1 << 72;
                    stimulus.set("data_beat", beat);
                }
                let (cycle, scrub) = (stimulus.cycle(), stimulus.random().once_in(4));
                stimulus.set("reset", (cycle % 700 < 2).into());
                stimulus.set("scrub", scrub.into());
                if calm {
                    stimulus.set("misled", 0);
                }
            }), &[];
        "decider" Decider<32, 13> = Decider::new(&preset("cu"), false),
            [clock, reset, write_asks, write_question, write_asker, write_reports, write_report, read_asks, read_question,
             read_asker, read_reports, read_report, translate_response.valid, translate_response.granted,
             translate_response.not_mine, translate_response.reason, translate_response.slot, translate_response.physical,
             physical_response.valid, physical_response.allowed, physical_response.reason, physical_response.slot] {}
            quiet(|stimulus| {
                let (writes, reads) = (stimulus.random().once_in(5), stimulus.random().once_in(5));
                stimulus.set("write_reports", writes.into());
                stimulus.set("read_reports", reads.into());
            }), &[];
        "walker" Walker<32, 13> = Walker::default(),
            [clock, reset, start, asker, question, mmu_request.ready, mmu_response.valid, mmu_response.fault,
             mmu_response.physical] {} quiet(|_| {}), &[];
    }
    let mut inputs = inputs!(AnswerSelect: answered, denial_given, denying_held, index_held);
    for entry in 0..3 {
        let answers = move |block: &mut AnswerSelect, value| block.answers[entry].next = Pack::unpack(value);
        let broken = move |block: &mut AnswerSelect, value| block.broken[entry].next = Pack::unpack(value);
        let scrub = move |block: &mut AnswerSelect, value| block.scrub[entry].next = Pack::unpack(value);
        let deniable = move |block: &mut AnswerSelect, value| block.deniable[entry].next = Pack::unpack(value);
        inputs.push(Input::new(format!("answers${entry}"), answers));
        inputs.push(Input::new(format!("broken${entry}"), broken));
        inputs.push(Input::new(format!("scrub${entry}"), scrub));
        inputs.push(Input::new(format!("deniable${entry}"), deniable));
    }
    let in_the_queue = |stimulus: &mut Stimulus<'_>| {
        let held = stimulus.random().below(3);
        stimulus.set("index_held", held.into());
    };
    let options = Options::new(inputs).with_hook(in_the_queue).with_engine(Engine::Icarus);
    check("answer_select", || AnswerSelect::new(3), CYCLES, options, &[]);
}

fn source_entry(value: u128) -> SourceEntry<40> {
    let mut fields = Fields(value);
    SourceEntry { valid: fields.bit(), locked: fields.bit(), value: fields.bits(), mask: fields.bits(), tenant: fields.bits() }
}

#[test]
fn every_block_agrees_of_the_source_map() {
    type Match = SourceMatch<40, 32>;
    type Map = SourceMap<40, 32>;
    let mut inputs = inputs!(Match: source,);
    inputs.push(Input::new("entry$0", |map: &mut Match, value| map.entry[0].next = source_entry(value)));
    inputs.push(Input::new("entry$1", |map: &mut Match, value| map.entry[1].next = source_entry(value)));
    let options = Options::new(inputs).with_engine(Engine::Icarus).with_hook(|stimulus| {
        // Few values, and masks with few bits: none, one and both match.
        let random = stimulus.random();
        let mut entry = || {
            u128::from(random.below(2) | random.below(4) << 2)
                | u128::from(random.below(4)) << 42
                | u128::from(random.below(5)) << 82
        };
        let (first, second) = (entry(), entry());
        let source = random.below(4);
        stimulus.set("entry$0", first);
        stimulus.set("entry$1", second);
        stimulus.set("source", source.into());
    });
    check("source_match", || Match::new(2), CYCLES, options, &[]);
    let mut inputs = inputs!(Map: clock, reset, sealed, source,);
    inputs.push(Input::new("access", |map: &mut Map, value| map.access.next = register_access(value)));
    inputs.push(Input::new("second_source$0", |map: &mut Map, value| map.second_source[0].next = Pack::unpack(value)));
    let mut aim = quiet(source_access);
    let options = Options::new(inputs).with_engine(Engine::Icarus).with_hook(move |stimulus| {
        aim(stimulus);
        // Sources that entries name: few values.
        for path in ["source", "second_source$0"] {
            let near = stimulus.random().below(4);
            if stimulus.random().once_in(2) {
                stimulus.set(path, near.into());
            }
        }
    });
    check("source_map", || Map::new(3, true), CYCLES, options, &[]);
}

/// Three tenants with windows of their own, whose bases are written and asked for.
#[test]
fn every_block_agrees_of_windows_per_tenant() {
    type Select = WindowSelect<40>;
    type Windows = TenantWindows<40>;
    let mut inputs = inputs!(Select: tenant);
    for tenant in 0..3 {
        let base = move |block: &mut Select, value| block.bases[tenant].next = Pack::unpack(value);
        inputs.push(Input::new(format!("bases${tenant}"), base));
    }
    let few = |stimulus: &mut Stimulus<'_>| {
        let tenant = stimulus.random().below(4);
        stimulus.set("tenant", tenant.into());
    };
    let options = Options::new(inputs).with_hook(few).with_engine(Engine::Icarus);
    check("window_select", || Select::new(3), CYCLES, options, &[]);

    let geometry = preset("cu+windows=per-tenant+tenants=3+lockstep");
    let mut inputs = inputs!(Windows: clock, reset, first, data, port.operand, port.row, port.arriving);
    let writes = |block: &mut Windows, value| {
        let mut fields = Fields(value);
        block.writes.next = WideWrites { low: fields.bit(), high: fields.bit() };
    };
    inputs.push(Input::new("writes", writes));
    let few = quiet(|stimulus| {
        for path in ["port.operand", "port.row", "port.arriving"] {
            let tenant = stimulus.random().below(4);
            stimulus.set(path, tenant.into());
        }
    });
    let options = Options::new(inputs).with_hook(few).with_engine(Engine::Icarus);
    check("tenant_windows", || Windows::new(&geometry), CYCLES, options, &[]);
    ran();
}

#[test]
fn every_block_agrees_of_control_slaves() {
    blocks! { Icarus;
        "axi_lite_control" AxiLiteControl = AxiLiteControl::default(),
            [clock, reset, bus.awaddr, bus.awprot, bus.awvalid, bus.wdata, bus.wstrb, bus.wvalid, bus.bready, bus.araddr,
             bus.arprot, bus.arvalid, bus.rready, response.valid, response.error, response.read_data] {}
            quiet(|stimulus| {
                let whole = !stimulus.random().once_in(3);
                if whole {
                    stimulus.set("bus.wstrb", 15);
                }
            }), &[];
        "source_bank" SourceBank<40> = SourceBank::new(3), [clock, reset, sealed] {access: register_access} quiet(source_access), &[];
        "apb_control" ApbControl = ApbControl::default(),
            [clock, reset, bus.paddr, bus.pprot, bus.psel, bus.penable, bus.pwrite, bus.pwdata, bus.pstrb, response.valid,
             response.error, response.read_data] {}
            quiet(|stimulus| {
                // Transfers of 12 cycles; now and then the master keeps no rule.
                let (turn, place) = (stimulus.cycle() / 12, stimulus.cycle() % 12);
                if turn % 4 != 0 {
                    stimulus.set("bus.psel", 1);
                    stimulus.set("bus.penable", u128::from(place != 0));
                    stimulus.set("bus.paddr", u128::from(turn % 64 * 4));
                    stimulus.set("bus.pwrite", u128::from(turn % 2));
                    stimulus.set("bus.pstrb", [15, 15, 0, 7, 15][(turn % 5) as usize]);
                }
            }), &[];
        "wishbone_control" WishboneControl = WishboneControl::default(),
            [clock, reset, wbc.cyc_i, wbc.stb_i, wbc.we_i, wbc.adr_i, wbc.dat_i, wbc.sel_i, response.valid, response.error,
             response.read_data] {}
            quiet(|stimulus| {
                let turn = stimulus.cycle() / 12;
                if turn % 4 != 0 {
                    stimulus.set("wbc.cyc_i", 1);
                    stimulus.set("wbc.stb_i", 1);
                    stimulus.set("wbc.adr_i", u128::from(turn % 64 * 4));
                    stimulus.set("wbc.we_i", u128::from(turn % 2));
                    stimulus.set("wbc.sel_i", if turn % 5 == 0 { 7 } else { 15 });
                }
            }), &[];
    }
}

/// The crypto core has one size.
fn crypto() {
    // The permutation as its users see it: theirs, mostly at rest, at a word that moves.
    let free = |stimulus: &mut Stimulus<'_>| {
        let (wild, step) = (stimulus.random().once_in(9), stimulus.cycle() % 10);
        if !wild {
            stimulus.set("permutation.granted", 1);
            stimulus.set("permutation.busy", 0);
            stimulus.set("permutation.step", step.into());
        }
    };
    blocks! { Icarus;
        "rotate_right_across" RotateRight = RotateRight::new(39), [lower, upper] {} |_| {}, &[];
        "rotate_right_within" RotateRight = RotateRight::new(7), [lower, upper] {} |_| {}, &[];
        "state_word" StateWord = StateWord::new(61, 39), [clock, reset, advance, diffuse, entering] {} quiet(|_| {}), &[];
        "permutation" Permutation = Permutation::default(),
            [clock, reset, clear, shift, data, run, eight_rounds] {}
            quiet(|stimulus| {
                let clear = stimulus.random().once_in(200);
                stimulus.set("clear", clear.into());
            }), &[];
    }
    let mut inputs = inputs!(Substitution: clock, reset, substitute, constant, data);
    for index in 0..5 {
        let path = format!("word${index}");
        inputs.push(Input::new(path, move |block: &mut Substitution, value| block.word[index].next = Bits::unpack(value)));
    }
    let block = Substitution::default();
    let options = Options::new(inputs).with_hook(quiet(|_| {})).with_engine(Engine::Icarus);
    check("substitution", || block.clone(), CYCLES, options, &[]);
    blocks! { Verilator;
        "chain_digest" ChainDigest = ChainDigest::default(),
            [clock, reset, start, record.valid, record.payload, digest_asked, digest_index, permutation.granted, permutation.busy,
             permutation.step, permutation.word] {} quiet(free), &["permutation.eight_rounds"];
        "tag_feed" TagFeed = TagFeed::default(),
            [clock, reset, granted, step, keyed, ended, padded, version, key.word_0, key.word_1, key.word_2, key.word_3, payload]
            {state: tag_state}
            quiet(|stimulus| {
                let (wild, cycle) = (stimulus.random().once_in(9), stimulus.cycle());
                if !wild {
                    stimulus.set("granted", 1);
                    stimulus.set("state", u128::from(2 + cycle / 10 % 5));
                    stimulus.set("step", u128::from(cycle % 10));
                }
            }), &[];
        "manifest_tag" ManifestTag = ManifestTag::new(&preset("tiny")),
            [clock, reset, start, cancel, version, key.word_0, key.word_1, key.word_2, key.word_3, manifest.valid,
             manifest.payload, manifest.last, permutation.granted, permutation.busy, permutation.step,
             permutation.word] {}
            quiet(move |stimulus| {
                free(stimulus);
                let (cancel, left) = (stimulus.random().once_in(300), stimulus.random().once_in(2));
                stimulus.set("cancel", cancel.into());
                // Half of the tags are right: nothing is left.
                if stimulus.cycle() % 400 < 200 || left {
                    stimulus.set("permutation.word", 0);
                }
            }), &[];
        "shared_permutation" SharedPermutation = SharedPermutation::new(&preset("tiny")),
            [clock, reset, chain.request, chain.clear, chain.shift, chain.data, chain.run, chain.eight_rounds, manifest.request,
             manifest.clear, manifest.shift, manifest.data, manifest.run, manifest.eight_rounds] {}
            quiet(|stimulus| {
                // As the users drive it: each asks for a while, and nothing comes from one that does not ask.
                let cycle = stimulus.cycle();
                for (port, asks) in [("chain", cycle % 90 < 50), ("manifest", cycle % 70 < 40)] {
                    let clears = stimulus.random().once_in(60);
                    stimulus.set(&format!("{port}.request"), asks.into());
                    stimulus.set(&format!("{port}.clear"), (asks && clears).into());
                    if !asks {
                        for field in ["shift", "data", "run", "eight_rounds"] {
                            stimulus.set(&format!("{port}.{field}"), 0);
                        }
                    }
                }
            }), &[];
        "crypto_core" CryptoCore = CryptoCore::new(&preset("tiny+chain")),
            [clock, reset, digest_start, record.valid, record.payload, digest_asked, digest_index, manifest_start, manifest_cancel,
             version, key.word_0, key.word_1, key.word_2, key.word_3, manifest.valid, manifest.payload, manifest.last] {}
            quiet(|stimulus| {
                let cancel = stimulus.random().once_in(1000);
                stimulus.set("manifest_cancel", cancel.into());
            }), &["tag_matches"];
        "crypto_core_alone" CryptoCore = CryptoCore::new(&preset("tiny")),
            [clock, reset, digest_start, record.valid, record.payload, digest_asked, digest_index, manifest_start, manifest_cancel,
             version, key.word_0, key.word_1, key.word_2, key.word_3, manifest.valid, manifest.payload, manifest.last] {}
            quiet(|stimulus| {
                let cancel = stimulus.random().once_in(1000);
                stimulus.set("manifest_cancel", cancel.into());
            }), &["record.ready", "digest_busy", "digest_done", "digest", "tag_matches"];
    }
}

#[test]
fn every_block_agrees_of_crypto() {
    crypto();
    ran();
}

macro_rules! sizes {
    ($($test:ident $preset:literal $address:literal $length:literal $tenant:literal $slot:literal $page:literal $block:literal
        $shadow:literal;)*) => {
        $(#[test]
        fn $test() {
            let geometry = preset($preset);
            store::<$tenant, $slot, $page, $block, $shadow>(&geometry);
            data_path::<$address, $length, $tenant, $slot, $page, $block, $shadow>(&geometry);
            bus::<$address, $length>(&geometry);
            control::<$address, $length, $tenant, $slot, $page, $block, $shadow>(&geometry);
            ran();
        })*
    };
}

sizes! {
    every_block_agrees_on_tiny "tiny" 5 3 1 1 1 2 2;
    every_block_agrees_on_cu "cu" 32 13 3 4 8 5 11;
    every_block_agrees_on_soc32 "soc32" 32 13 4 5 12 16 16;
    every_block_agrees_on_tiny_with_resize_and_share "tiny+dynamic" 5 3 1 1 1 2 2;
    every_block_agrees_on_cu_with_resize_and_share "cu+dynamic" 32 13 3 4 8 5 11;
}
