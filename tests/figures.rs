//! Numbers of cycles and edges in the datasheet's sentences: each is compared with what is measured, or with the constant that a test or
//! the design itself goes by. A number that is compared with nothing is an error.
//!
//! ```text
//!   "the answer to the request {} edges ago"  --where it stands in the page--> 4 --equal?-- edges from request to answer, in the netlist
//! ```
//!
//! Most sentences say how many edges lie between two signals: that is the number of registers on the shortest way from one to the other,
//! which yosys' netlist shows. The table of measured cycles is written by `cycles.rs`, the table of commands read by `timing.rs`.

use crate::bench::{preset, DENIED};
use crate::cycles;
use crate::tidy::project;
use pm_bsp::tools::{Start, Tool, Toolbox};
use pm_designs::Design;
use pm_interface::registers::STALL_LIMIT_RESET;
use pm_interface::AUDIT_WORDS;
use pm_rtl::control::CHAIN_CYCLES;
use pm_rtl::crypto::RECORD_CYCLES;
use pm_sim::device::LATENCY;
use pm_sim::load::{REVOKED_WITHIN, SHRUNK_WITHIN};
use pm_sim::pace::RECORD;
use pm_sim::{rtl_pins, Offered};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fs;

/// Number words of the datasheet.
const WORDS: [&str; 13] =
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
const PLACES: [&str; 8] = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh"];

/// The number that a word is, if it is one.
fn number(word: &str) -> Option<u64> {
    let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    let said = WORDS.iter().position(|known| *known == word).or(PLACES
        .iter()
        .skip(1)
        .position(|known| *known == word)
        .map(|place| place + 1));
    said.map(|number| number as u64).or_else(|| word.replace(',', "").parse().ok())
}

/// A word that counts cycles.
fn is_unit(word: &str) -> bool {
    let word = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    matches!(word, "cycle" | "cycles" | "edge" | "edges" | "clocks")
}

/// The page as words, without the regions that tests write, and with one blank between two words.
fn words(page: &str) -> Vec<String> {
    let mut kept = String::new();
    for (at, part) in page.split("<!-- cycles ").enumerate() {
        kept += if at % 2 == 0 { part } else { "" };
    }
    kept.split_whitespace().map(String::from).collect()
}

/// Places of the page, by their word, that give a number of cycles: a number or a formula before the unit, with at most one word between.
fn places(words: &[String]) -> BTreeSet<usize> {
    let counts = |word: &str| {
        number(word).is_some() || word.contains(|letter: char| letter.is_ascii_digit()) || matches!(word, "W" | "P" | "S" | "N")
    };
    let mut found = BTreeSet::new();
    for unit in (1..words.len()).filter(|at| is_unit(&words[*at])) {
        let between = unit > 1 && matches!(words[unit - 1].as_str(), "clock" | "more" | "further");
        let before = unit - 1 - usize::from(between);
        // "edge 1" of a drawing counts nothing.
        let label = words[unit].starts_with("edge") && words.get(unit + 1).is_some_and(|next| number(next).is_some());
        if counts(&words[before]) && words[before] != "first" && !label {
            found.insert(before);
        }
    }
    found
}

/// Where the numbers of a sentence stand in the page, and what they are. In a sentence `{}` stands for a number and `..` for any words.
fn seen(words: &[String], sentence: &str) -> Option<Vec<(usize, u64)>> {
    let pattern: Vec<&str> = sentence.split_whitespace().collect();
    (0..words.len()).find_map(|start| matches(words, start, &pattern))
}

fn matches(words: &[String], at: usize, pattern: &[&str]) -> Option<Vec<(usize, u64)>> {
    let Some((first, rest)) = pattern.split_first() else { return Some(Vec::new()) };
    if *first == ".." {
        return (at..words.len()).find_map(|next| matches(words, next, rest));
    }
    let word = words.get(at)?;
    if first.contains("{}") {
        let found = number(word)?;
        let mut more = matches(words, at + 1, rest)?;
        more.insert(0, (at, found));
        return Some(more);
    }
    if word == first {
        matches(words, at + 1, rest)
    } else {
        None
    }
}

/// The registers between any two signals of a module, from yosys' netlist.
struct Paths {
    nets: HashMap<String, Vec<u64>>,
    ways: HashMap<u64, Vec<(u64, bool)>>,
}

impl Paths {
    /// Of this design. What lies beyond a memory's contents is no way.
    fn of(geometry: &str) -> Option<Paths> {
        let yosys = Toolbox::discover().run(Tool::Yosys).ok()?;
        let text = Design::Core.emit(&preset(geometry)).expect("it can be emitted");
        let file = crate::pm::scratch(&format!("figures-{geometry}.v"), text);
        let json = format!("{file}.json");
        let script = format!(
            "read_verilog -DSYNTHESIS {file}; hierarchy -top partition_manager; proc; flatten; opt_clean; write_json {json}"
        );
        yosys.args(["-q", "-p", &script]).finish().expect("yosys reads the design");
        let netlist: Value = serde_json::from_str(&fs::read_to_string(json).expect("it is written")).expect("it is JSON");
        let module = &netlist["modules"]["partition_manager"];
        let bits = |value: &Value| value.as_array().into_iter().flatten().filter_map(Value::as_u64).collect::<Vec<_>>();
        let names = module["netnames"].as_object().expect("it has nets");
        let nets = names.iter().map(|(name, net)| (name.clone(), bits(&net["bits"]))).collect();
        let mut ways: HashMap<u64, Vec<(u64, bool)>> = HashMap::new();
        for cell in module["cells"].as_object().expect("it has cells").values() {
            let kind = cell["type"].as_str().unwrap_or_default();
            if kind.starts_with("$memwr") || kind.starts_with("$meminit") {
                continue;
            }
            let edge = kind.contains("dff");
            let pins = cell["connections"].as_object().expect("it has pins");
            let side = |pin: &str| cell["port_directions"][pin] == "input";
            let outputs: Vec<u64> = pins.iter().filter(|(pin, _)| !side(pin)).flat_map(|(_, value)| bits(value)).collect();
            let inputs = pins.iter().filter(|(pin, _)| side(pin) && !(edge && matches!(pin.as_str(), "CLK" | "SRST" | "ARST")));
            for input in inputs.flat_map(|(_, value)| bits(value)) {
                ways.entry(input).or_default().extend(outputs.iter().map(|output| (*output, edge)));
            }
        }
        Some(Paths { nets, ways })
    }

    /// Edges on the shortest way from a signal to another.
    fn edges(&self, from: &str, to: &str) -> u64 {
        let net = |name: &str| self.nets.get(name).unwrap_or_else(|| panic!("there is no signal {name}"));
        let mut distance: HashMap<u64, u64> = net(from).iter().map(|bit| (*bit, 0)).collect();
        let mut queue: VecDeque<u64> = net(from).iter().copied().collect();
        while let Some(bit) = queue.pop_front() {
            for (next, edge) in self.ways.get(&bit).into_iter().flatten() {
                let there = distance[&bit] + u64::from(*edge);
                if distance.get(next).is_none_or(|known| *known > there) {
                    distance.insert(*next, there);
                    if *edge {
                        queue.push_back(*next);
                    } else {
                        queue.push_front(*next);
                    }
                }
            }
        }
        net(to).iter().filter_map(|bit| distance.get(bit)).copied().min().unwrap_or_else(|| panic!("no way from {from} to {to}"))
    }
}

/// A number that a suite in Python goes by.
fn suite(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(project("tests/cocotb").join(file)).expect("the suite is there");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{file} has no line `{name} = NUMBER`"))
}

/// Edges of reset that the power-up suite gives.
fn resets() -> u64 {
    let text = fs::read_to_string(project("tests/power_up.v")).expect("it is there");
    let held = text.split("reset = 1;").nth(1).and_then(|rest| rest.split("reset = 0;").next()).expect("it has a reset");
    held.matches("@(negedge clock)").count() as u64
}

/// Cycles from the response of a denial, which finds writer and log free, to the time that its record has.
fn stamped() -> u64 {
    let mut pins = rtl_pins(&preset("tiny")).expect("the geometry is supported");
    pins.pulse_reset();
    // The device's own time counts from here.
    let begun = pins.cycles();
    pins.idle(64);
    let offered = pins.cycles() - begun;
    pins.run(&[Offered { translate: Some(DENIED), ..Offered::default() }]);
    pins.idle(32);
    let record = pins.read_audit().expect("the log can be read").expect("there is a record");
    record.time - offered - LATENCY
}

/// The numbers of every sentence.
fn figures() -> Option<Vec<(&'static str, Vec<u64>)>> {
    let whole = Paths::of("tiny")?;
    let twice = Paths::of("tiny+integrity+lockstep")?;
    let rich = Paths::of("tiny+boot+chain+dynamic")?;
    let translate = whole.edges("translate_request_valid", "translate_response_valid");
    let physical = whole.edges("physical_request_valid", "physical_response_valid");
    let register = whole.edges("register_request_read", "register_response_valid");
    assert_eq!((translate, physical, register), (LATENCY, LATENCY, LATENCY));
    let path = |instance: &str, from: &str, to: &str| whole.edges(&format!("{instance}.{from}"), &format!("{instance}.{to}"));
    let admit = path("data_path.admit", "request_valid", "admitted");
    let place = path("data_path.isolation.place", "admitted", "placed");
    let chain = cycles::between_records("tiny+chain");
    assert_eq!(chain, CHAIN_CYCLES);
    let six = cycles::between_records("tiny");
    assert_eq!(six, AUDIT_WORDS as u64 + 1);
    let patrolled = |slots: u64, scan: u64| {
        ["tiny", "cu", "soc32"].iter().all(|name| {
            let geometry = preset(&format!("{name}+integrity"));
            let scans = ((geometry.tenants.next_power_of_two() as u64) << geometry.shape.page).max(1 << geometry.shape.block);
            let count = geometry.slots as u64;
            geometry.patrol_cycles() == scans * (slots * count + scan) + (scans >> geometry.shape.page) * count
        })
    };
    assert!(patrolled(4, 1), "the datasheet's formula is the code's");
    Some(vec![
        ("The block answers two questions, each in {} clock cycles:", vec![translate]),
        ("Synchronous reset, high, for at least {} edge.", vec![resets()]),
        ("| `translate_response_valid` | out | 1 | the answer to the request {} edges ago", vec![translate]),
        ("| `physical_response_valid` | out | 1 | the answer to the request {} edges ago", vec![physical]),
        ("| `register_response_valid` | out | 1 | the answer to the strobe {} edges ago", vec![register]),
        ("Translate and physical port: one access a cycle, each answered {} edges later.", vec![translate.max(physical)]),
        ("Register port: one access a cycle, each answered {} edges later.", vec![register]),
        (
            "The memory sees the first beat {} cycles after it was offered, {} where it is not managed",
            vec![suite("test_wishbone.py", "MANAGED"), suite("test_wishbone.py", "HANDED_ON")],
        ),
        (
            "answers in the {} cycle of an access, in the {} when it is refused for its `sel`.",
            vec![suite("test_wishbone.py", "REGISTER") + 1, suite("test_wishbone.py", "PARTIAL") + 1],
        ),
        (
            "The memory sees the address of a granted burst {} cycles after it was taken, {} when it is not mine.",
            vec![suite("test_axi4.py", "LATENCY"), suite("test_axi4.py", "LATENCY") + LATENCY],
        ),
        ("({} cycles after reset; 0: for ever;", vec![STALL_LIMIT_RESET.into()]),
        ("then for the memory; {} cycles cover decisions, answers and the poll", vec![suite("test_axi4_stall.py", "BOUND")]),
        ("An answer comes {} cycles after the last of its channels was", vec![suite("test_axi_lite_control.py", "ANSWER")]),
        ("does not reach the register port and is answered {} cycles after.", vec![suite("test_axi_lite_control.py", "PARTIAL")]),
        ("#### Admit .. | latency | {} edge |", vec![admit]),
        ("#### Extent .. | latency | {} edge |", vec![path("data_path.extent", "admitted", "examined")]),
        ("#### ShadowTable .. | latency | {} edge, beside Admit |", vec![path("data_path.shadow_table", "page", "entry")]),
        ("#### Lookup, .. | latency | {} edges; a revoked row", vec![path("data_path.lookup", "page", "finding")]),
        ("#### PartitionTable .. | latency | {} edge |", vec![path("data_path.partition_table", "lookup_slot", "row")]),
        ("#### Permission .. | latency | {} edge |", vec![path("data_path.permission", "row", "permit")]),
        ("#### Translate .. | latency | {} edge, then the comparison |", vec![path("data_path.translate", "row", "confirmed")]),
        (
            "#### Respond .. | latency | {} edges after Extent: one to wait for the verdicts, one for its own |",
            vec![path("data_path.respond", "examined", "response_granted")],
        ),
        ("#### Isolation .. | latency | {} edges after Admit |", vec![path("data_path.isolation", "admitted", "response_allowed")]),
        ("#### Place .. | latency | {} edge |", vec![place]),
        ("#### Comparators, .. | latency | {} edge |", vec![path("data_path.isolation.comparators", "first", "reached")]),
        (
            "#### Candidates, .. | latency | {} edge; `shared` {} |",
            ["blocked", "shared"].map(|to| rich.edges("data_path.isolation.candidates.first", &format!("data_path.isolation.candidates.{to}"))).to_vec(),
        ),
        (
            "`candidate_shared` says, {} edges later, whether another row has it.",
            vec![rich.edges("data_path.isolation.candidate_first", "data_path.isolation.candidate_shared")],
        ),
        ("#### PhysicalRespond .. | latency | {} edges after Place |", vec![path("data_path.isolation.physical_respond", "placed", "response_allowed")]),
        ("#### Witness, .. | latency | {} edge |", vec![twice.edges("data_path.first.isolation.witness_0.first", "data_path.first.isolation.witness_0.differs")]),
        ("the record: R = {} when the log's writer is idle, at most {}.", vec![RECORD, RECORD + AUDIT_WORDS as u64]),
        ("Busy begins {} cycles after the cycle of the strobe, one before its answer.", vec![whole.edges("register_request_write", "command_bank.busy")]),
        ("The last grant through the row comes at most {} cycles after that answer", vec![REVOKED_WITHIN]),
        ("and the last grant beyond it comes at most {} cycles after that answer.", vec![SHRUNK_WITHIN]),
        ("With `integrity` each takes {} cycles", vec![cycles::behind_the_map("cu+integrity", 32)[1] - 3 - RECORD]),
        ("A register read shows the state {} cycles after its strobe.", vec![register - whole.edges("command_bank.busy", "register_response_read_data")]),
        ("#### RegisterPort .. | latency | {} edges: the request,", vec![register]),
        (
            "#### CommandBank .. | latency | `busy`, `start` and `code` {} edge after the access |",
            vec![path("command_bank", "access", "busy").max(path("command_bank", "access", "start")).max(path("command_bank", "access", "code"))],
        ),
        ("#### History .. | latency | {} edges: it arrives with the response.", vec![path("reporting.first.translate_witness.history", "admitted", "origin")]),
        ("that finds writer and log free that is {} cycles after the response;", vec![stamped()]),
        ("A record takes {} cycles: one to choose, {} to write.", vec![six, AUDIT_WORDS as u64]),
        ("chained: readable -> popped {} cycles {} cycles a record", vec![six, chain]),
        // Two tries of six reads: eleven steps from the first to the last.
        ("It changes {} cycles apart at the least, so with reads at most {} cycles apart", vec![chain, chain / 11]),
        ("#### AuditChain .. | latency | {} cycles a record |", vec![chain]),
        (
            "#### CryptoCore, .. | latency | {} cycles from `digest_start` to `digest_done`; `digest` {} edge after `digest_asked` |",
            vec![RECORD_CYCLES, rich.edges("crypto_0.core.digest_asked", "crypto_0.core.digest")],
        ),
        ("`exceeded` 1 comes out, {} edges after the last row", vec![rich.edges("boot.quotas_0.row", "boot.quotas_0.exceeded")]),
        ("### Reset Synchronous, {} edge is enough.", vec![resets()]),
        (
            "| latency | `IRQ_STATUS` and `FAULT_*` {} edge after the response, counters and `DENY_COUNT` {} |",
            ["registers.causes", "denied_count.count"].map(|to| path("reporting.first.event_bank", "translate", to)).to_vec(),
        ),
        ("an answer that the twin would not have given is an alert, {} cycles later", vec![twice.edges("data_path.check_0.translate_granted", "data_path.check_0.tripped")]),
        ("what such a write changes is met {} edges after the write.", vec![whole.edges("data_path.table_write_enable", "translate_response_granted")]),
        ("Who must not lose {} cycles to a wrong gate", vec![twice.edges("data_path.check_0.translate_granted", "data_path.check_0.closes")]),
        ("`tripped`, and `closes` {} edge later |", vec![
            twice.edges("data_path.check_0.translate_granted", "data_path.check_0.closes") - twice.edges("data_path.check_0.translate_granted", "data_path.check_0.tripped"),
        ]),
        ("| latency | {} edges from an answer to `tripped` |", vec![twice.edges("data_path.check_0.translate_granted", "data_path.check_0.tripped")]),
        (
            "| latency | {} edges from what is said to `intact`, {} more to `alert`; both ports refuse {} edges after a wrong answer |",
            vec![
                twice.edges("reporting.first.irq", "reporting.twins_0_intact"),
                twice.edges("reporting.twins_0_intact", "alert"),
                twice.edges("reporting.first.irq", "translate_response_granted"),
            ],
        ),
        ("With `integrity` {} edge of reset is needed after power-up:", vec![resets()]),
        ("where `initial` means nothing, {} edge of reset is needed.", vec![resets()]),
        ("denials that come faster than one in {} cycles", vec![chain]),
        ("a pass takes N ({} S + {}) + N S / 2^PAGE, in cycles,", vec![4, 1]),
    ])
}

#[test]
fn numbers_are_found_where_they_are() {
    let page = words("Answers come 4 clock cycles later,\nin the sixth cycle. <!-- cycles begin -->9 cycles<!-- cycles end --> W cycles, a cycle. edge 1 edge 2");
    let found = places(&page);
    let texts: Vec<&str> = found.iter().map(|at| page[*at].as_str()).collect();
    assert_eq!(texts, ["4", "sixth", "W"]);
    assert_eq!(seen(&page, "Answers .. in the {} cycle."), Some(vec![(8, 6)]));
    assert_eq!(seen(&page, "Answers came {} clock cycles"), None);
}

#[test]
fn every_number_of_cycles_is_what_the_design_says() {
    let Some(figures) = figures() else {
        eprintln!("skipped: yosys is missing; ./scripts/setup prove installs it");
        return;
    };
    let page = words(&fs::read_to_string(project("rtl/README.md")).expect("the datasheet is there"));
    let (mut wrong, mut tied) = (Vec::new(), BTreeSet::new());
    for (sentence, values) in figures {
        match seen(&page, sentence) {
            None => wrong.push(format!("the datasheet does not say: {sentence}")),
            Some(found) => {
                let said: Vec<u64> = found.iter().map(|(_, number)| *number).collect();
                if said != values {
                    wrong.push(format!("the datasheet says {said:?}, the design {values:?}: {sentence}"));
                }
                tied.extend(found.iter().map(|(at, _)| *at));
            }
        }
    }
    for at in places(&page).difference(&tied) {
        let around = page[at.saturating_sub(12)..(at + 6).min(page.len())].join(" ");
        wrong.push(format!("nothing is compared with the number in: .. {around} .."));
    }
    assert!(wrong.is_empty(), "{} numbers of rtl/README.md:\n{}", wrong.len(), wrong.join("\n"));
}
