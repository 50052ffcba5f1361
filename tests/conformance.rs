//! The RTL against the golden model: the same steps on both, every answer, every register and every audit record
//! compared. Where there is a chain, its digests are compared with the chain over the RTL's own records, because the model
//! does not know their times. Steps are drawn by proptest, so that a disagreement shrinks to the few steps that show it; those are printed
//! with their seed, and kept in `kept` under a name.

use crate::bench::{open_model, open_rtl, open_verilated, preset, untimed, Lie, Liar};
use pm_interface::manifest::{BootPartition, Manifest, Quota, DEVELOPMENT_VERSION, HEADER_WORDS, MAX_WORDS};
use pm_interface::registers::{irq, offset, REGISTERS};
use pm_interface::{Command, Geometry, Reason, Rights, AUDIT_RECORDS, AUDIT_RESERVED, AUDIT_WORDS};
use pm_model::chain::Digest;
use pm_sim::boot::{offered, Tampering};
use pm_sim::device::{Access, Operation};
use pm_sim::scenario::default_setup;
use pm_sim::{rtl_device, Device, ModelDevice, Pins, Ports, Scenario};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use std::cell::Cell;
use std::fmt::Debug;
use std::path::Path;
use std::time::Instant;

/// Cycles after which the log is quiet again, whatever was waiting for a place in it.
const QUIET: u64 = 24;

/// Records in the log from which on denials may be waiting for a place.
const CROWDED: usize = 40;

#[test]
fn every_scenario_passes_on_the_rtl() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let scenario = Scenario::load(&path).unwrap();
        let mut device = rtl_device(&scenario.geometry).unwrap();
        let report = scenario.run(device.as_mut(), &mut |_| ());
        assert_eq!(report.failures(), 0, "{}:\n{}", path.display(), report.text());
        seen += 1;
    }
    assert!(seen >= 3);
}

/// Pool base, pool size, window base.
type Setup = (u64, u64, u64);

/// A boot manifest, as small as a step may be, and what becomes of it on the way.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    setup: Setup,
    version: u32,
    seal: bool,
    /// Of tenant 0, and of every other; or none.
    quotas: Option<(Quota, Quota)>,
    /// Tenants that there are.
    tenants: usize,
    partitions: [Option<BootPartition>; 3],
    tampering: Tampering,
}

impl Attempt {
    fn words(&self) -> Vec<u32> {
        let (pool_base, pool_size, window_base) = self.setup;
        let partitions = self.partitions.into_iter().flatten().collect();
        let quotas = self.quotas.map_or(vec![], |(first, other)| {
            (0..self.tenants).map(|tenant| if tenant == 0 { first } else { other }).collect()
        });
        let (security_version, seal) = (self.version, self.seal);
        let manifest = Manifest { security_version, seal, pool_base, pool_size, window_base, quotas, partitions };
        offered(&manifest, self.tampering)
    }
}

/// One thing done to both.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A command from its first operand to its end.
    Run(Operation),
    /// A request on the translate port.
    Translate(Access),
    /// A request on the physical port.
    Physical(Access),
    /// A register read.
    Read(u8),
    /// A register write.
    Write(u8, u32),
    /// So many words taken from the log.
    Drain(u8),
    /// A word put into memory, past the Partition Manager.
    Fill(u64, u32),
    /// Pool and window written, and the gate asked to open.
    Activate(Setup),
    /// Reset, and a new activation.
    Reset(Setup),
    /// A command cut off by a reset after so many cycles, and a new activation.
    Abandon(Operation, u64, Setup),
    /// Reset, and a boot manifest.
    Boot(Attempt),
}

fn tenants(geometry: &Geometry) -> impl Strategy<Value = u8> + Clone {
    prop_oneof![12 => 0..geometry.tenants.min(4) as u8, 2 => 0..geometry.tenants as u8, 1 => any::<u8>()]
}

/// Offsets near the start, and anywhere up to `reach`.
fn offsets(geometry: &Geometry, reach: u64) -> impl Strategy<Value = u64> + Clone {
    prop_oneof![4 => 0..reach.min(6 * geometry.granule()), 1 => 0..reach, 1 => (reach - geometry.granule())..reach]
}

/// Addresses near the bases that matter, at their edges, and anywhere.
fn addresses(geometry: &Geometry) -> impl Strategy<Value = u64> + Clone {
    let (pool_base, pool_size, window_base) = default_setup(geometry);
    let edges = [pool_base, pool_base + pool_size, window_base, window_base + geometry.window(), 0];
    let (last, window, granule) = (geometry.last_address(), geometry.window(), geometry.granule());
    prop_oneof![
        5 => offsets(geometry, window).prop_map(move |offset| window_base + offset),
        5 => offsets(geometry, window).prop_map(move |offset| pool_base + offset),
        2 => (proptest::sample::select(edges.to_vec()), 0..2 * granule)
            .prop_map(move |(edge, offset)| edge.wrapping_add(offset).wrapping_sub(granule)),
        1 => any::<u64>(),
    ]
    .prop_map(move |address| address & last)
}

fn accesses(geometry: &Geometry) -> impl Strategy<Value = Access> + Clone {
    let longest = geometry.max_length();
    let length = prop_oneof![5 => 1..=longest.min(8), 1 => 0..2 * longest];
    (tenants(geometry), addresses(geometry), length, 0..4u8)
        .prop_map(|(tenant, address, length, kind)| Access { tenant, address, length, kind })
}

fn operations(geometry: &Geometry) -> impl Strategy<Value = Operation> + Clone {
    use Command::{Create, Destroy, Find, Lock, Protect, Query, Resize, Seal, Share};
    let (_, _, window_base) = default_setup(geometry);
    let (granule, last) = (geometry.granule(), geometry.last_address());
    let pages = geometry.window() / granule;
    let mut commands = vec![(12, Create), (8, Destroy), (3, Protect), (3, Query), (3, Find), (1, Lock)];
    if geometry.features.dynamic {
        commands.extend([(12, Resize), (8, Share)]);
    }
    let command = Union::new_weighted(commands.into_iter().map(|(weight, command)| (weight, Just(command))).collect());
    let command = prop_oneof![60 => command, 1 => Just(Seal)];
    let slots = geometry.slots as u8;
    let slot = prop_oneof![10 => 0..slots.min(4), 4 => 0..slots, 1 => any::<u8>()];
    let page = prop_oneof![6 => 0..pages.min(8), 1 => 0..=pages, 1 => any::<u64>()];
    let ragged = prop_oneof![12 => Just(0), 1 => 1..granule];
    let logical = (page, ragged.clone())
        .prop_map(move |(page, ragged)| window_base.wrapping_add(page.wrapping_mul(granule)).wrapping_add(ragged));
    let size = prop_oneof![12 => 1..=pages.min(2), 2 => 0..=pages.min(5), 1 => pages / 2..=pages + 1];
    let size = (size, ragged).prop_map(move |(size, ragged)| size * granule + ragged);
    let rights = (0..16u32, prop_oneof![15 => Just(0), 1 => Just(16u32)]).prop_map(|(rights, locked)| rights | locked);
    (command, tenants(geometry), slot, logical, size, rights).prop_map(
        move |(command, tenant, slot, logical, size, rights)| Operation {
            command,
            tenant,
            slot,
            logical: logical & last,
            size: size & last,
            rights: Rights::from_bits(rights),
        },
    )
}

/// The default, part of it, or nonsense.
fn setups(geometry: &Geometry) -> impl Strategy<Value = Setup> + Clone {
    let (base, size, window) = default_setup(geometry);
    let (granule, last) = (geometry.granule(), geometry.last_address());
    prop_oneof![
        8 => Just((base, size, window)),
        2 => (0..size / granule).prop_map(move |first| (base + first * granule, size - first * granule, window)),
        1 => (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(move |(a, b, c)| (a & last, b & last, c & last)),
        1 => (base..base + size + 1, size - 1..size + 2).prop_map(move |(base, size)| (base & last, size & last, window)),
    ]
}

/// Manifests that are mostly right, and all that can be wrong with them.
fn attempts(geometry: &Geometry) -> impl Strategy<Value = Attempt> + Clone {
    let rights = prop_oneof![8 => 0..16u32, 1 => 16..32u32].prop_map(Rights::from_bits);
    let high = prop_oneof![40 => Just(0), 1 => Just(1u64 << 32)];
    let partition = (operations(geometry), rights, high.clone(), high.clone()).prop_map(|(operation, rights, logical, size)| {
        let Operation { tenant, logical: low, size: small, .. } = operation;
        BootPartition { tenant, rights, logical: low | logical, size: small | size }
    });
    let partitions = proptest::option::weighted(0.4, partition);
    let version = prop_oneof![
        20 => Just(DEVELOPMENT_VERSION),
        2 => DEVELOPMENT_VERSION - 1..DEVELOPMENT_VERSION + 2,
        1 => any::<u32>()
    ];
    let word = 0..HEADER_WORDS + 10;
    // As many words as are there, in a header and in one with partitions, and most that there can be.
    let lengths = prop_oneof![0..20usize, Just(HEADER_WORDS + 3), Just(HEADER_WORDS + 4)];
    let tampering = prop_oneof![
        24 => Just(Tampering::None),
        2 => (word.clone(), 0..32u32).prop_map(|(word, bit)| Tampering::Flip { word, bit }),
        1 => lengths.prop_map(Tampering::Truncate),
        1 => prop_oneof![1..6usize, Just(MAX_WORDS - HEADER_WORDS), Just(MAX_WORDS - HEADER_WORDS + 1)].prop_map(Tampering::Extend),
        2 => (word.clone(), any::<u32>()).prop_map(|(word, value)| Tampering::Resign { word, value }),
        3 => (prop_oneof![Just(1usize), Just(3), Just(10), Just(11)], 0..32u32, 0..6u32)
            .prop_map(|(word, bit, low)| Tampering::Resign { word, value: 1 << bit | low }),
        1 => Just(Tampering::OtherKey),
    ];
    let quota = (prop_oneof![6 => 0..5u32, 1 => Just(Quota::ANY_GRANULES)], prop_oneof![6 => 0..4u8, 1 => Just(Quota::ANY_SLOTS)])
        .prop_map(|(granules, slots)| Quota { granules, slots });
    let quotas = proptest::option::of((quota.clone(), quota));
    let tenants = geometry.tenants;
    let partitions = [partitions.clone(), partitions.clone(), partitions];
    (setups(geometry), high, version, any::<bool>(), quotas, partitions, tampering).prop_map(
        move |((pool_base, pool_size, window_base), high, version, seal, quotas, partitions, tampering)| Attempt {
            setup: (pool_base | high, pool_size, window_base),
            version,
            seal: seal && version % 2 == 0,
            quotas,
            tenants,
            partitions,
            tampering,
        },
    )
}

fn steps(geometry: &Geometry) -> impl Strategy<Value = Step> {
    let (pool_base, _, window_base) = default_setup(geometry);
    let (operations, accesses, setups) = (operations(geometry), accesses(geometry), setups(geometry));
    let registers: Vec<u8> = REGISTERS.iter().map(|register| register.offset).collect();
    let register = prop_oneof![8 => proptest::sample::select(registers), 1 => any::<u8>()];
    let granule = geometry.granule() as u32;
    let value = prop_oneof![
        2 => 0..16u32,
        1 => 0..64u32,
        1 => any::<u32>(),
        1 => (0..4 * granule).prop_map(move |offset| window_base as u32 + offset),
    ];
    let reach = geometry.window().min(8 * geometry.granule());
    let word = (0..reach / 4).prop_map(move |word| pool_base + 4 * word);
    // Clearing takes a cycle for each shadow entry: resets are rare where there are many.
    let rare = if geometry.shape.page > 8 { 1 } else { 12 };
    let reset = match rare >= 4 {
        true => setups.clone().prop_map(Step::Reset).boxed(),
        false => Just(Step::Read(offset::BOOT_STATE)).boxed(),
    };
    // Where there are no manifests, a read of the gate's state takes their place.
    let (boots, boot) = match geometry.features.boot {
        true => (24, attempts(geometry).prop_map(Step::Boot).boxed()),
        false => (1, Just(Step::Read(offset::BOOT_STATE)).boxed()),
    };
    prop_oneof![
        90 => operations.clone().prop_map(Step::Run),
        150 => accesses.clone().prop_map(Step::Translate),
        100 => accesses.prop_map(Step::Physical),
        60 => register.clone().prop_map(Step::Read),
        30 => (register, value).prop_map(|(register, value)| Step::Write(register, value)),
        100 => prop_oneof![4 => 1..12u8, 1 => 1..60u8].prop_map(Step::Drain),
        20 => (word, any::<u32>()).prop_map(|(address, word)| Step::Fill(address, word)),
        2 => setups.clone().prop_map(Step::Activate),
        (rare / 4).max(1) => reset,
        boots => boot,
        rare => (operations, 0..60u64, setups).prop_map(|(operation, cycles, setup)| Step::Abandon(operation, cycles, setup)),
    ]
}

/// Both devices, and what is known of their memories.
struct Lockstep<'a> {
    device: &'a mut dyn Device,
    model: ModelDevice,
    filled: Vec<u64>,
    witness: Witness,
}

/// What the RTL says of its chain, to be held against its records once they have been read.
#[derive(Default)]
struct Witness {
    /// The digest before the first record that is read.
    start: Digest,
    /// The words taken since.
    words: Vec<u32>,
    /// How many records a digest covers, and the digest.
    claims: Vec<(u32, Digest)>,
}

impl Witness {
    fn check(&self) -> Result<(), TestCaseError> {
        let mut digests = vec![];
        let mut digest = self.start;
        for record in self.words.chunks_exact(AUDIT_WORDS) {
            digests.push((record[0], digest));
            digest = digest.next(record.try_into().expect("so many words"));
        }
        let last = digests.last().map(|(sequence, _)| (sequence + 1, digest));
        digests.extend(last);
        for claim in self.claims.iter().filter(|_| !digests.is_empty()) {
            if !digests.contains(claim) {
                return Err(TestCaseError::fail(format!("the digest {claim:?} is not in the chain {digests:?}")));
            }
        }
        Ok(())
    }
}

/// What both answered, if it was the same.
fn same<A: PartialEq + Debug>(what: impl Debug, got: A, expected: A) -> Result<A, TestCaseError> {
    if got == expected {
        return Ok(got);
    }
    Err(TestCaseError::fail(format!("{what:?} answered {got:?}, the model says {expected:?}")))
}

impl Lockstep<'_> {
    /// The same on both.
    fn both<A: PartialEq + Debug>(&mut self, what: impl Debug, act: impl Fn(&mut dyn Device) -> A) -> Result<A, TestCaseError> {
        same(what, act(self.device), act(&mut self.model))
    }

    /// The same, where the answer itself does not matter any more.
    fn agree<A: PartialEq + Debug>(&mut self, what: impl Debug, act: impl Fn(&mut dyn Device) -> A) -> Result<(), TestCaseError> {
        self.both(what, act).map(drop)
    }

    fn idle(&mut self, cycles: u64) {
        self.device.idle(cycles);
        self.model.idle(cycles);
    }

    /// Until every record that was stored can be read.
    fn catch_up(&mut self) -> Result<(), TestCaseError> {
        self.device.catch_up().map_err(|error| TestCaseError::fail(error.to_string()))
    }

    /// Notes the device's digest.
    fn claim(&mut self) -> Result<(), TestCaseError> {
        let read = self.device.read_digest().map_err(|error| TestCaseError::fail(error.to_string()))?;
        self.witness.claims.extend(read.map(|(digest, count)| (count, digest)));
        Ok(())
    }

    /// Notes the word that is about to be popped.
    fn note(&mut self) {
        if self.model.model().audit().level() > 0 {
            self.witness.words.extend(self.device.read_register(offset::AUDIT_DATA));
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let crowded = self.model.model().audit().level() >= CROWDED;
        match *step {
            Step::Run(operation) => {
                self.agree(step, |device| device.command(&operation))?;
            }
            // Denials are written one after the other: between two of them the log gets the time it needs.
            Step::Translate(access) => {
                let verdict = self.both(step, |device| device.translate(&[access])[0])?;
                self.idle(if verdict.is_denied() { QUIET } else { 0 });
            }
            Step::Physical(access) => {
                let verdict = self.both(step, |device| device.physical(&[access])[0])?;
                self.idle(if verdict.allowed { 0 } else { QUIET });
            }
            Step::Read(register) => self.read(register)?,
            Step::Write(register, value) => {
                if (register, value) == (offset::AUDIT_POP, 1) {
                    self.note();
                }
                let written = self.both(step, |device| device.write_register(register, value))?;
                let command = (register == offset::CMD).then(|| Command::from_code(value as u8)).flatten();
                if let (Ok(()), Some(command)) = (written, command) {
                    self.agree(step, |device| device.finish(command))?;
                }
                self.idle(QUIET);
            }
            Step::Drain(words) => {
                for _ in 0..words {
                    self.read(offset::AUDIT_DATA)?;
                    self.note();
                    self.agree("AUDIT_POP", |device| device.write_register(offset::AUDIT_POP, 1))?;
                    // What waited for the place of a record gets it.
                    let freed = self.model.model().audit().word() == 0;
                    if crowded && freed {
                        self.idle(QUIET);
                        self.catch_up()?;
                    }
                }
                self.read(offset::AUDIT_LEVEL)?;
            }
            Step::Fill(address, word) => {
                self.filled.push(address);
                self.device.write_memory(address, word);
                self.model.write_memory(address, word);
            }
            Step::Activate((pool_base, pool_size, window_base)) => {
                self.agree(step, |device| device.activate(pool_base, pool_size, window_base))?;
                self.idle(QUIET);
            }
            Step::Reset(setup) => {
                self.agree(step, |device| device.reset())?;
                self.witness = Witness::default();
                self.step(&Step::Activate(setup))?;
            }
            Step::Boot(attempt) => {
                self.agree(step, |device| device.reset())?;
                self.witness = Witness::default();
                self.agree(step, |device| device.boot(&attempt.words()))?;
                self.idle(QUIET);
            }
            Step::Abandon(operation, cycles, setup) => {
                self.agree(step, |device| device.start(&operation))?;
                self.idle(cycles);
                // How far the scrubber came is its own affair.
                self.filled.clear();
                self.step(&Step::Reset(setup))?;
            }
        }
        self.catch_up()?;
        same("alert", self.device.alert(), self.model.alert())?;
        same("irq", self.device.irq(), self.model.irq())?;
        Ok(())
    }

    /// A register of both; of an audit record everything but its time.
    fn read(&mut self, register: u8) -> Result<(), TestCaseError> {
        let word = self.model.model().audit().word();
        let known = match register {
            offset::AUDIT_DATA if word == 1 => 0,
            offset::AUDIT_DATA if word == 4 => 0xFFFF,
            offset::AUDIT_DIGEST | offset::AUDIT_DIGEST_1 | offset::AUDIT_DIGEST_2 | offset::AUDIT_DIGEST_3 => {
                self.claim()?;
                0
            }
            _ => u32::MAX,
        };
        let name = REGISTERS.iter().find(|entry| entry.offset == register).map_or("no register", |entry| entry.name);
        self.agree(format!("{name}, word {word}"), |device| device.read_register(register).map(|value| value & known))
    }

    /// Everything that can be seen at the end.
    fn finish(&mut self) -> Result<(), TestCaseError> {
        for register in REGISTERS {
            self.read(register.offset)?;
        }
        for address in std::mem::take(&mut self.filled) {
            self.both(format!("memory at {address:#x}"), |device| device.read_memory(address))?;
        }
        // To the end of the record that is half read, and then record by record.
        for _ in self.model.model().audit().word()..AUDIT_WORDS {
            self.step(&Step::Drain(1))?;
        }
        loop {
            let (got, expected) = (self.device.read_audit(), self.model.read_audit());
            self.witness.words.extend(got.iter().flatten().flat_map(|record| record.words()));
            if same("audit record", got.map(untimed), expected.map(untimed))?.is_ok_and(|record| record.is_none()) {
                break;
            }
            self.idle(QUIET);
        }
        self.claim()?;
        self.witness.check()
    }
}

/// Does the steps on a device and on the model.
fn lockstep(device: &mut dyn Device, steps: &[Step]) -> Result<(), TestCaseError> {
    let model = open_model(device.geometry());
    let start = device.read_digest().expect("it can be read").map_or(Digest::START, |(digest, _)| digest);
    let witness = Witness { start, ..Witness::default() };
    let mut both = Lockstep { device, model, filled: Vec::new(), witness };
    for (index, step) in steps.iter().enumerate() {
        both.step(step).map_err(|error| TestCaseError::fail(format!("step {index}: {error}")))?;
    }
    both.finish()
}

/// What was found once: name, geometry, steps.
fn kept() -> Vec<(&'static str, &'static str, Vec<Step>)> {
    use Step::{Drain, Physical, Read, Run, Translate, Write};
    let denied = Access { tenant: u8::MAX, address: 0, length: 1, kind: 0 };
    let full = |last: Step| [vec![Run(Operation::query(0)); AUDIT_RECORDS - AUDIT_RESERVED - 1], vec![last]].concat();
    let both = [Translate(denied), Physical(denied), Translate(denied), Physical(denied), Drain(AUDIT_WORDS as u8)];
    vec![
        ("after a translate denial the physical port has its turn", "tiny", [&full(Translate(denied)), &both[..]].concat()),
        ("after a physical denial the translate port has its turn", "tiny", [&full(Physical(denied)), &both[..]].concat()),
        ("a command that finds the log full is refused", "tiny", vec![Run(Operation::query(0)); AUDIT_RECORDS + 2]),
        (
            "an acknowledged fault is no fault",
            "tiny",
            vec![
                Physical(Access { address: 5, ..denied }),
                Write(offset::IRQ_STATUS, irq::DENIAL),
                Read(offset::FAULT_INFO),
                Read(offset::FAULT_ADDRESS_LO),
                Physical(denied),
            ],
        ),
    ]
}

/// What was found once, on devices that `open` opens.
pub fn replay_kept(open: impl Fn(&Geometry) -> Box<dyn Device>) {
    for (name, geometry, steps) in kept() {
        let outcome = lockstep(open(&preset(geometry)).as_mut(), &steps);
        assert!(outcome.is_ok(), "{name}: {}", outcome.unwrap_err());
    }
}

#[test]
fn what_was_found_once_agrees() {
    replay_kept(|geometry| open_rtl(geometry));
}

/// What a run of random lists came to.
#[derive(Debug)]
struct Explored {
    steps: usize,
    /// The shortest list that shows a disagreement, and what it is.
    failure: Option<(Vec<Step>, String)>,
}

/// Runs `cases` random lists of at most `longest` steps on devices that `open` opens.
fn explore(geometry: &Geometry, cases: u32, longest: usize, seed: u64, open: impl Fn() -> Box<dyn Device>) -> Explored {
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_iters: 4000,
        max_shrink_time: 120_000,
        // Regressions are kept here, by name.
        failure_persistence: None,
        ..Config::default()
    };
    let done = Cell::new(0);
    let outcome = TestRunner::new(config).run(&vec(steps(geometry), 0..=longest), |steps| {
        done.set(done.get() + steps.len());
        lockstep(open().as_mut(), &steps)
    });
    let failure = match outcome {
        Ok(()) => None,
        Err(TestError::Fail(reason, steps)) => Some((steps, reason.to_string())),
        Err(TestError::Abort(reason)) => panic!("no steps could be drawn: {reason}"),
    };
    Explored { steps: done.get(), failure }
}

/// Explores an implementation; a disagreement is told so that it can be kept.
fn agree(name: &str, open: fn(&Geometry) -> Box<dyn Pins>, cases: u32, longest: usize, seed: u64) -> usize {
    let geometry = preset(name);
    let start = Instant::now();
    let Explored { steps, failure } = explore(&geometry, cases, longest, seed, || open(&geometry));
    if let Some((list, reason)) = failure {
        let lines: Vec<String> = list.iter().map(|step| format!("    {step:?},")).collect();
        panic!("{name}, seed {seed}, after {steps} steps: {reason}; keep this in `kept`:\n{}", lines.join("\n"));
    }
    eprintln!("{name}, seed {seed}: {steps} steps agree, {:.1} s", start.elapsed().as_secs_f64());
    steps
}

/// What random lists of steps find wrong with a device, if anything.
pub fn disagreement(geometry: &Geometry, cases: u32, open: impl Fn() -> Box<dyn Device>) -> Option<String> {
    explore(geometry, cases, 60, 5, open).failure.map(|(steps, reason)| format!("{} steps: {reason}", steps.len()))
}

#[test]
fn random_steps_agree_on_tiny() {
    agree("tiny", open_rtl, 40, 100, 1);
}

#[test]
fn random_steps_agree_on_cu() {
    agree("cu", open_rtl, 4, 100, 2);
}

#[test]
fn random_steps_agree_on_tiny_with_alerts() {
    agree("tiny+alerts", open_rtl, 40, 100, 13);
}

/// A record takes 401 cycles here: most of it is done in the emitted Verilog.
#[test]
fn random_steps_agree_on_tiny_with_a_chain() {
    agree("tiny+chain", open_rtl, 4, 40, 8);
    agree("tiny+chain", open_verilated, 60, 100, 9);
}

#[test]
fn random_steps_agree_on_tiny_with_resize_and_share() {
    agree("tiny+dynamic", open_rtl, 40, 100, 11);
}

#[test]
fn random_steps_agree_on_cu_with_resize_and_share() {
    agree("cu+dynamic", open_rtl, 4, 100, 12);
}

/// Manifests of every kind, right and wrong, and what goes on after them.
#[test]
fn random_steps_agree_on_tiny_with_authenticated_boot() {
    agree("tiny+boot", open_rtl, 12, 100, 21);
    agree("tiny+boot", open_verilated, 200, 100, 22);
}

#[test]
fn random_steps_agree_on_cu_with_authenticated_boot() {
    agree("cu+boot", open_rtl, 2, 40, 23);
    agree("cu+boot", open_verilated, 40, 100, 24);
}

#[test]
fn random_steps_agree_on_tiny_with_every_feature() {
    agree("tiny+dynamic+chain+boot+alerts+integrity", open_verilated, 40, 100, 25);
}

#[test]
fn random_steps_agree_on_the_board_with_every_feature() {
    agree("mcu+dynamic+chain+boot+alerts+integrity", open_verilated, 30, 100, 27);
}

/// The guards cost RustHDL's simulator much time: most of it is done in the emitted Verilog.
#[test]
fn random_steps_agree_on_tiny_with_integrity() {
    agree("tiny+integrity", open_rtl, 4, 60, 13);
    agree("tiny+integrity", open_verilated, 100, 100, 14);
    agree("tiny+dynamic+integrity", open_verilated, 100, 100, 15);
}

#[test]
fn random_steps_agree_on_cu_with_integrity() {
    agree("cu+integrity", open_verilated, 40, 100, 16);
    agree("cu+dynamic+integrity", open_verilated, 40, 100, 17);
}

#[test]
fn random_steps_agree_on_soc32() {
    agree("soc32", open_rtl, 1, 100, 3);
}

/// RESIZE and SHARE in the emitted Verilog.
#[test]
#[ignore = "slow: 2 * 10^5 steps"]
fn many_random_steps_agree_with_resize_and_share() {
    let steps = agree("cu+dynamic", open_verilated, 150, 800, 112) + agree("tiny+dynamic", open_verilated, 1500, 200, 111);
    assert!(steps >= 200_000);
}

/// The emitted Verilog: RustHDL's simulator would need hours.
#[test]
#[ignore = "slow: 10^6 steps"]
fn a_million_random_steps_agree() {
    let start = Instant::now();
    let steps = agree("soc32", open_verilated, 6, 1000, 103)
        + agree("cu", open_verilated, 400, 800, 102)
        + agree("tiny", open_verilated, 9500, 200, 101);
    eprintln!("{steps} steps agree, {} s", start.elapsed().as_secs());
    assert!(steps >= 1_000_000);
}

#[test]
fn a_device_that_grants_too_much_is_found_and_shrunk() {
    let geometry = preset("tiny");
    let lies: [(&str, Lie); 4] = [
        ("a kind that is not permitted is granted", |liar| {
            liar.translation = |verdict| verdict.granted |= verdict.reason == Reason::Permission;
        }),
        ("the end of a partition is not looked at", |liar| {
            liar.translation = |verdict| verdict.granted |= verdict.reason == Reason::OutOfRange && verdict.slot == 1;
        }),
        ("an isolated block is allowed", |liar| {
            liar.physical = |verdict| verdict.allowed |= verdict.reason == Reason::Isolated;
        }),
        ("SEAL is ignored", |liar| liar.swallow = |register, value| register == offset::CMD && value == u32::from(Command::Seal.code())),
    ];
    for (lie, tell) in lies {
        let explored = explore(&geometry, 400, 60, 4, || {
            let mut liar = Box::new(Liar::honest(open_model(&geometry)));
            tell(&mut liar);
            liar
        });
        let (steps, reason) = explored.failure.unwrap_or_else(|| panic!("unnoticed in {} steps: {lie}", explored.steps));
        assert!(steps.len() <= 6, "{lie}: {} steps are not short: {steps:?}", steps.len());
        eprintln!("{lie}: {} steps show it: {reason}", steps.len());
    }
}
