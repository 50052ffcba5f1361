//! The RTL against the golden model: the same operations on both, every answer and every audit record compared.

use pm_interface::{Command, Geometry, Rights};
use pm_sim::cosim::Random;
use pm_sim::device::{Access, Operation};
use pm_sim::scenario::default_setup;
use pm_sim::{rtl_device, Device, ModelDevice, Ports, Scenario};
use std::path::Path;

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

/// An access somewhere near what matters: window, pool, the edges of both, and anywhere.
fn access(geometry: &Geometry, bases: &[u64], random: &mut Random) -> Access {
    let near = bases[random.below(bases.len() as u64) as usize];
    let offset = match random.below(3) {
        0 => random.below(4 * geometry.granule()),
        1 => random.below(geometry.window()),
        _ => geometry.window() - 1 - random.below(2 * geometry.granule()),
    };
    let address = match random.below(8) {
        0 => random.bits(),
        1 => near.wrapping_sub(1 + random.below(8)),
        _ => near.wrapping_add(offset),
    } & geometry.last_address();
    let length = match random.below(4) {
        0 => random.below(2 * geometry.max_length()),
        _ => 1 + random.below(geometry.max_length().min(8)),
    };
    Access {
        tenant: tenant(geometry, random),
        address,
        length,
        kind: random.below(4) as u8,
    }
}

fn tenant(geometry: &Geometry, random: &mut Random) -> u8 {
    if random.once_in(12) {
        random.bits() as u8
    } else {
        random.below(geometry.tenants as u64) as u8
    }
}

fn operation(geometry: &Geometry, window_base: u64, random: &mut Random) -> Operation {
    let granule = geometry.granule();
    let pages = geometry.window() / granule;
    let ragged = if random.once_in(16) { random.below(granule) } else { 0 };
    let most = if random.once_in(4) { pages + 1 } else { pages.min(4) };
    let command = match random.below(16) {
        0..=6 => Command::Create,
        7..=10 => Command::Destroy,
        11 | 12 => Command::Protect,
        13 => Command::Query,
        14 => Command::Find,
        _ if random.once_in(12) => Command::Lock,
        _ => Command::Find,
    };
    Operation {
        command,
        tenant: tenant(geometry, random),
        slot: if random.once_in(16) {
            random.bits() as u8
        } else {
            random.below(geometry.slots as u64) as u8
        },
        logical: (window_base + random.below(pages + 1) * granule + ragged) & geometry.last_address(),
        size: (random.below(most + 1) * granule + if random.once_in(16) { 1 } else { 0 }) & geometry.last_address(),
        rights: Rights {
            locked: random.once_in(24),
            ..Rights::from_bits(random.bits() as u32 & 15)
        },
    }
}

/// Runs `steps` random steps; each is a command, or a burst of accesses on one of the ports.
fn lockstep(name: &str, steps: usize, seed: u64) {
    let geometry = Geometry::preset(name).unwrap();
    let random = &mut Random::new(seed);
    let mut rtl = rtl_device(&geometry).unwrap();
    let mut model = ModelDevice::new(&geometry);
    let (pool_base, pool_size, window_base) = default_setup(&geometry);
    rtl.reset().unwrap();
    model.reset().unwrap();
    let opened = rtl.activate(pool_base, pool_size, window_base).unwrap();
    assert_eq!(
        opened,
        model.activate(pool_base, pool_size, window_base).unwrap(),
        "{name}, seed {seed}: activation"
    );
    let bases = [
        window_base,
        pool_base,
        pool_base + pool_size,
        pool_base & !(geometry.frame() - 1),
        0,
    ];
    for step in 0..steps {
        let place = format!("{name}, seed {seed}, step {step}");
        match random.below(4) {
            0 => {
                let operation = operation(&geometry, window_base, random);
                let got = rtl.command(&operation).unwrap();
                let expected = model.command(&operation).unwrap();
                assert_eq!(got, expected, "{place}: {operation:?}");
            }
            port => {
                // Denials are written one after the other: between two of them the log gets the time it needs.
                let access = access(&geometry, &bases, random);
                if port == 1 {
                    assert_eq!(
                        rtl.physical(&[access]),
                        model.physical(&[access]),
                        "{place}: physical {access:?}"
                    );
                } else {
                    assert_eq!(
                        rtl.translate(&[access]),
                        model.translate(&[access]),
                        "{place}: translate {access:?}"
                    );
                }
                rtl.idle(4);
            }
        }
        rtl.idle(8);
        loop {
            let (got, expected) = (rtl.read_audit().unwrap(), model.read_audit().unwrap());
            // The model is not cycle accurate: everything but the time must agree.
            let untimed = |record: Option<pm_interface::AuditRecord>| {
                record.map(|record| {
                    (
                        record.words()[0],
                        record.event,
                        record.tenant,
                        record.slot,
                        record.kind,
                        record.reason,
                        record.address,
                    )
                })
            };
            assert_eq!(untimed(got), untimed(expected), "{place}: audit record");
            if got.is_none() {
                break;
            }
        }
        assert_eq!(rtl.alert(), model.alert(), "{place}: alert");
    }
}

#[test]
fn random_operations_agree_on_tiny() {
    lockstep("tiny", 3000, 1);
}

#[test]
fn random_operations_agree_on_cu() {
    lockstep("cu", 300, 2);
}

#[test]
#[ignore = "slow: about an hour"]
fn many_random_operations_agree() {
    for seed in 0..40 {
        eprintln!("seed {seed}");
        lockstep("tiny", 20_000, 100 + seed);
        lockstep("cu", 4_000, 200 + seed);
        lockstep("soc32", 1_000, 300 + seed);
    }
}
