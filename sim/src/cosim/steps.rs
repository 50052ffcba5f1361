//! Steps at random: mostly what may succeed, near the edges that matter, and now and then anything at all.

use crate::boot::{offered, Tampering};
use crate::device::{Access, Operation};
use pm_interface::manifest::{BootPartition, Manifest, Quota, DEVELOPMENT_VERSION, HEADER_WORDS, MAX_WORDS};
use pm_interface::registers::{irq, offset, REGISTERS};
use pm_interface::{Command, Features, Geometry, Rights, Windows, AUDIT_RECORDS};
use proptest::prelude::*;
use proptest::strategy::{Union, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};

/// Commands after a flood of denials: more than the log keeps places for.
const COMMANDS: usize = 6;

/// Pool and windows, as a device is opened with.
#[derive(Clone, Copy, Debug)]
pub struct PoolAndWindow {
    /// First byte of the pool.
    pub pool_base: u64,
    /// Bytes of the pool.
    pub pool_size: u64,
    /// First byte of the window of tenant 0.
    pub window_base: u64,
    /// Bytes from a tenant's window to the next one's, in a geometry with windows per tenant.
    pub apart: u64,
    /// Whether the window is strict; `None`: as the device was built.
    pub strict: Option<bool>,
}

impl PoolAndWindow {
    /// The default of a geometry: with windows per tenant, side by side.
    pub fn of(geometry: &Geometry) -> PoolAndWindow {
        let (pool_base, pool_size, window_base) = geometry.default_setup();
        let apart = if geometry.windows == Windows::PerTenant { geometry.window() } else { 0 };
        PoolAndWindow { pool_base, pool_size, window_base, apart, strict: None }
    }

    /// First byte of the window of a tenant.
    pub fn window(&self, geometry: &Geometry, tenant: u8) -> u64 {
        match geometry.windows {
            Windows::One => self.window_base,
            Windows::PerTenant => {
                self.window_base.wrapping_add(self.apart.wrapping_mul(u64::from(tenant))) & geometry.last_address()
            }
        }
    }

    /// Each base that the geometry has.
    pub fn windows(&self, geometry: &Geometry) -> Vec<u64> {
        (0..geometry.window_bases()).map(|tenant| self.window(geometry, tenant as u8)).collect()
    }
}

/// A boot manifest, as small as a step may be, and what becomes of it on the way.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    setup: PoolAndWindow,
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
    /// Pool and window that it asks for.
    pub(super) fn setup(&self) -> PoolAndWindow {
        self.setup
    }

    pub(super) fn words(&self) -> Vec<u32> {
        let PoolAndWindow { pool_base, pool_size, window_base, strict, .. } = self.setup;
        let partitions = self.partitions.into_iter().flatten().collect();
        let quotas = self
            .quotas
            .map_or(vec![], |(first, other)| (0..self.tenants).map(|tenant| if tenant == 0 { first } else { other }).collect());
        let (security_version, seal) = (self.version, self.seal);
        let manifest = Manifest { security_version, seal, strict, pool_base, pool_size, window_base, quotas, partitions };
        offered(&manifest, self.tampering)
    }
}

/// One thing done to both. Addresses are those of the default setup; where another is in force, they move with pool and window.
#[derive(Clone, Copy, Debug)]
pub enum RandomStep {
    /// A command from its first operand to its end.
    Run(Operation),
    /// The same on an idle log; how long it is busy is compared with the datasheet.
    Paced(Operation),
    /// A command, and QUERY in every cycle until it is accepted.
    Eager(Operation),
    /// Both ports in every cycle, with accesses drawn from a seed.
    Load(u64),
    /// More denials, drawn from a seed, than the log holds; commands; everything read.
    Flood(u64),
    /// A request on the translate port.
    Translate(Access),
    /// A request on the physical port.
    Physical(Access),
    /// A register read.
    Read(u8),
    /// Every register read.
    ReadAll,
    /// A register write.
    Write(u8, u32),
    /// So many words taken from the log.
    Drain(u8),
    /// Every record taken.
    DrainAll,
    /// A word put into memory, past the Partition Manager.
    Fill(u64, u32),
    /// A word of memory read, past the Partition Manager.
    Look(u64),
    /// Pool and window written, and the gate asked to open.
    Activate(PoolAndWindow),
    /// Reset, and a new activation.
    Reset(PoolAndWindow),
    /// A command cut off by a reset after so many cycles, and a new activation.
    Abandon(Operation, u64, PoolAndWindow),
    /// Reset, and a boot manifest.
    Boot(Attempt),
    /// Reset, a command before the gate is open, and a new activation.
    Closed(Operation, PoolAndWindow),
}

/// A source of randomness that gives the same for a seed, always.
pub(super) fn runner(seed: u64) -> TestRunner {
    TestRunner::new(Config { rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..Config::default() })
}

/// One value.
pub(super) fn drawn<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).expect("no strategy here rejects anything").current()
}

fn tenants(geometry: &Geometry) -> impl Strategy<Value = u8> + Clone {
    prop_oneof![12 => 0..geometry.tenants.min(4) as u8, 2 => 0..geometry.tenants as u8, 1 => any::<u8>(), 1 => Just(geometry.tenants as u8)]
}

/// Offsets near the start, and anywhere up to `reach`.
fn offsets(geometry: &Geometry, reach: u64) -> impl Strategy<Value = u64> + Clone {
    prop_oneof![4 => 0..reach.min(6 * geometry.granule()), 1 => 0..reach, 1 => (reach - geometry.granule())..reach]
}

/// Accesses within a window or a pool and to an edge of it, by all tenants.
pub(super) fn near(geometry: &Geometry, base: u64, size: u64) -> impl Strategy<Value = Access> + Clone {
    let (granule, last, longest) = (geometry.granule(), geometry.last_address(), geometry.max_length());
    let offset = prop_oneof![3 => (0..=size / granule).prop_map(move |place| place * granule), 4 => 0..size, 1 => any::<u64>()];
    let length = prop_oneof![7 => 1..=longest.min(8), 1 => 0..2 * longest];
    (tenants(geometry), offset, 0..5u64, length, 0..4u8).prop_map(move |(tenant, offset, place, length, kind)| Access {
        tenant,
        address: base.wrapping_add(offset).wrapping_add(place).wrapping_sub(2) & last,
        length,
        kind,
    })
}

/// Addresses near the bases that matter, at their edges, and anywhere.
fn addresses(geometry: &Geometry) -> impl Strategy<Value = u64> + Clone {
    let (pool_base, pool_size, window_base) = geometry.default_setup();
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
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let anywhere = (tenants(geometry), addresses(geometry), length, 0..4u8).prop_map(|(tenant, address, length, kind)| Access {
        tenant,
        address,
        length,
        kind,
    });
    prop_oneof![
        4 => anywhere,
        1 => near(geometry, window_base, geometry.window()),
        1 => near(geometry, pool_base, pool_size),
    ]
}

pub(super) fn operations(geometry: &Geometry) -> impl Strategy<Value = Operation> + Clone {
    use Command::{Create, Destroy, Find, Lock, Protect, Query, Resize, Seal, Share};
    let (_, _, window_base) = geometry.default_setup();
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
    // Beyond what an address holds, a register refuses it.
    let beyond = prop_oneof![30 => Just(0), 1 => any::<u64>()];
    let rights = (0..16u32, prop_oneof![15 => Just(0), 1 => Just(16u32)]).prop_map(|(rights, locked)| rights | locked);
    (command, tenants(geometry), slot, logical, (size, beyond), rights).prop_map(
        move |(command, tenant, slot, logical, (size, beyond), rights)| Operation {
            command,
            tenant,
            slot,
            logical: logical & last,
            size: size & last | beyond,
            rights: Rights::from_bits(rights),
        },
    )
}

/// The default, part of it, or nonsense.
fn setups(geometry: &Geometry) -> impl Strategy<Value = PoolAndWindow> + Clone {
    let (base, size, window) = geometry.default_setup();
    let (granule, last, frame, geometry_window) =
        (geometry.granule(), geometry.last_address(), geometry.frame(), geometry.window());
    let places = prop_oneof![
        8 => Just((base, size, window)),
        2 => (0..size / granule).prop_map(move |first| (base + first * granule, size - first * granule, window)),
        // Anywhere in this frame or the one beside it, and another window.
        2 => (0..frame / granule, any::<bool>(), 0..4u64).prop_map(move |(place, beside, other)| {
            let beside = if beside { frame } else { 0 };
            let pool_size = size.min(frame - place * granule);
            ((base & !(frame - 1) ^ beside) + place * granule, pool_size, (other * geometry_window) & last)
        }),
        1 => (0..8u32, 0..3usize).prop_map(move |(bit, which)| {
            let flipped = |place| if place == which { 1u64 << bit } else { 0 };
            (base ^ flipped(0), size ^ flipped(1), window ^ flipped(2))
        }),
        1 => (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(move |(a, b, c)| (a & last, b & last, c & last)),
        1 => (base..base + size + 1, size - 1..size + 2).prop_map(move |(base, size)| (base & last, size & last, window)),
    ];
    // Windows side by side, in one place, in another order, over the end of the addresses, or not aligned but for tenant 0's.
    let apart = match geometry.windows {
        Windows::One => Just(0).boxed(),
        Windows::PerTenant => prop_oneof![
            5 => Just(geometry_window),
            2 => Just(0),
            2 => Just(geometry_window.wrapping_neg()),
            2 => (0..4u64).prop_map(move |windows| windows * geometry_window),
            1 => Just(granule),
        ]
        .boxed(),
    };
    (places, any::<Option<bool>>(), apart).prop_map(|((pool_base, pool_size, window_base), strict, apart)| PoolAndWindow {
        pool_base,
        pool_size,
        window_base,
        apart,
        strict,
    })
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
    let quota =
        (prop_oneof![6 => 0..5u32, 1 => Just(Quota::ANY_GRANULES)], prop_oneof![6 => 0..4u8, 1 => Just(Quota::ANY_SLOTS)])
            .prop_map(|(granules, slots)| Quota { granules, slots });
    let quotas = proptest::option::of((quota.clone(), quota));
    let tenants = geometry.tenants;
    let partitions = [partitions.clone(), partitions.clone(), partitions];
    (setups(geometry), high, version, any::<bool>(), quotas, partitions, tampering).prop_map(
        move |(setup, high, version, seal, quotas, partitions, tampering)| Attempt {
            setup: PoolAndWindow { pool_base: setup.pool_base | high, ..setup },
            version,
            seal: seal && version % 2 == 0,
            quotas,
            tenants,
            partitions,
            tampering,
        },
    )
}

/// Denials until none is stored any more, commands until there is no place for theirs, and what the log makes of it when it
/// is read.
pub(super) fn flood(geometry: &Geometry, seed: u64) -> Vec<RandomStep> {
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let (windows, pools) = (near(geometry, window_base, geometry.window()), near(geometry, pool_base, pool_size));
    let (commands, mut runner) = (operations(geometry), runner(seed));
    let mut steps = Vec::new();
    for _ in 0..AUDIT_RECORDS {
        let (logical, physical) = (drawn(&mut runner, &windows), drawn(&mut runner, &pools));
        steps.extend([RandomStep::Translate(logical), RandomStep::Physical(physical)]);
        steps.push(RandomStep::Physical(Access { tenant: u8::MAX, ..physical }));
    }
    let mut command = || RandomStep::Run(drawn(&mut runner, &commands));
    steps.extend((0..COMMANDS).map(|_| command()));
    steps.extend([RandomStep::ReadAll, RandomStep::DrainAll, command(), RandomStep::ReadAll]);
    steps
}

/// Steps that look at the cycle.
fn timing(geometry: &Geometry) -> impl Strategy<Value = RandomStep> {
    // A flood takes some thousand cycles: not where cycles are dear.
    let flood = match geometry.shape.page > 8 {
        true => any::<u64>().prop_map(RandomStep::Load).boxed(),
        false => any::<u64>().prop_map(RandomStep::Flood).boxed(),
    };
    prop_oneof![
        30 => operations(geometry).prop_map(RandomStep::Paced),
        10 => operations(geometry).prop_map(RandomStep::Eager),
        60 => any::<u64>().prop_map(RandomStep::Load),
        2 => flood,
    ]
}

/// Any step on a device of this geometry.
pub(super) fn steps(geometry: &Geometry) -> impl Strategy<Value = RandomStep> {
    let (pool_base, _, window_base) = geometry.default_setup();
    let (operations, accesses, setups) = (operations(geometry), accesses(geometry), setups(geometry));
    let registers: Vec<u8> = REGISTERS.iter().map(|register| register.offset).collect();
    let register = prop_oneof![8 => proptest::sample::select(registers), 1 => any::<u8>()];
    let granule = geometry.granule() as u32;
    let value = prop_oneof![
        2 => 0..16u32,
        1 => 0..64u32,
        1 => any::<u32>(),
        1 => (0..32u32).prop_map(|bit| 1 << bit),
        1 => (0..4 * granule).prop_map(move |offset| window_base as u32 + offset),
    ];
    let reach = geometry.window().min(8 * geometry.granule());
    let word = (0..reach / 4).prop_map(move |word| pool_base + 4 * word);
    // Clearing takes a cycle for each shadow entry: resets are rare where there are many.
    let rare = if geometry.shape.page > 8 { 1 } else { 12 };
    let reset = match rare >= 4 {
        true => setups.clone().prop_map(RandomStep::Reset).boxed(),
        false => Just(RandomStep::Read(offset::BOOT_STATE)).boxed(),
    };
    let closed = match rare >= 4 {
        true => (operations.clone(), setups.clone()).prop_map(|(operation, setup)| RandomStep::Closed(operation, setup)).boxed(),
        false => Just(RandomStep::Read(offset::BOOT_STATE)).boxed(),
    };
    // With features commands and records take other times than the datasheet's table.
    let (timed, timing) = match geometry.features == Features::default() {
        true => (110, timing(geometry).boxed()),
        false => (1, Just(RandomStep::ReadAll).boxed()),
    };
    // Where there are no manifests, a read of the gate's state takes their place.
    let (boots, boot) = match geometry.features.boot {
        true => (24, attempts(geometry).prop_map(RandomStep::Boot).boxed()),
        false => (1, Just(RandomStep::Read(offset::BOOT_STATE)).boxed()),
    };
    prop_oneof![
        90 => operations.clone().prop_map(RandomStep::Run),
        150 => accesses.clone().prop_map(RandomStep::Translate),
        100 => accesses.prop_map(RandomStep::Physical),
        timed => timing,
        60 => register.clone().prop_map(RandomStep::Read),
        30 => (register, value).prop_map(|(register, value)| RandomStep::Write(register, value)),
        4 => Just(RandomStep::Write(offset::IRQ_ENABLE, irq::COMMAND | irq::DENIAL | irq::ALERT | irq::LOST)),
        100 => prop_oneof![4 => 1..12u8, 1 => 1..60u8].prop_map(RandomStep::Drain),
        4 => Just(RandomStep::DrainAll),
        8 => Just(RandomStep::ReadAll),
        20 => (word.clone(), any::<u32>()).prop_map(|(address, word)| RandomStep::Fill(address, word)),
        20 => word.prop_map(RandomStep::Look),
        2 => setups.clone().prop_map(RandomStep::Activate),
        (rare / 4).max(1) => reset,
        boots => boot,
        (rare / 4).max(1) => closed,
        rare => (operations, 0..60u64, setups).prop_map(|(operation, cycles, setup)| RandomStep::Abandon(operation, cycles, setup)),
    ]
}
