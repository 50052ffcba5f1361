//! A tick does what the two edges of the clock do in RustHDL's own passes, in every cycle, on designs with every feature.

use pm_block_cosim::Random;
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{Command, Geometry};
use pm_model::{Access, Fault};
use pm_stepper::{stepper, Offered, Stepper};
use pm_verilog::cells::plainly;

/// Cycles that the two are compared for.
const CYCLES: u64 = 1_200;

/// The ports' outputs as text: their types cannot be compared.
fn shown(design: &dyn Stepper) -> String {
    format!("{:?} {} {:?}", design.shown(), design.alert(), design.scrubbed())
}

/// A clock cycle, edge by edge; the falling one settles with the next cycle's inputs.
fn edges(design: &mut dyn Stepper) {
    design.settle();
    design.clock(true);
    design.settle();
    design.clock(false);
}

/// Opens the gate, then both ports and the registers at random: commands, reads, pops of the log.
fn offered(geometry: &Geometry, random: &mut Random, cycle: u64) -> Offered {
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let granule = geometry.granule();
    let register = match cycle % 8 {
        0 => match cycle / 8 {
            40 => Some((offset::POOL_BASE_LO, Some(pool_base as u32))),
            41 => Some((offset::POOL_SIZE_LO, Some(pool_size as u32))),
            42 => Some((offset::WINDOW_BASE_LO, Some(window_base as u32))),
            43 => Some((offset::CONTROL, Some(1))),
            _ => match random.below(10) {
                0 => Some((offset::CMD_TENANT, Some(random.below(2) as u32))),
                1 => Some((offset::CMD_LOGICAL_LO, Some((window_base + granule * random.below(4)) as u32))),
                2 => Some((offset::CMD_SIZE_LO, Some((granule * (1 + random.below(2))) as u32))),
                3 => Some((offset::CMD_RIGHTS, Some(random.below(32) as u32))),
                4 | 5 => Some((offset::CMD, Some(Command::Create.code().into()))),
                6 => Some((offset::CMD, Some(Command::Destroy.code().into()))),
                7 => Some((offset::AUDIT_POP, Some(1))),
                _ => Some((REGISTERS[random.below(REGISTERS.len() as u64) as usize].offset, None)),
            },
        },
        _ => None,
    };
    let mut access = |base: u64| {
        let (tenant, kind) = (random.below(2) as u8, random.below(2) as u8);
        let address = base + random.below(4 * granule);
        (!random.once_in(4)).then_some(Access { tenant, address, length: 1, kind })
    };
    Offered { translate: access(window_base), physical: access(pool_base), register }
}

#[test]
fn a_tick_is_what_the_edges_of_the_clock_come_to() {
    for (name, seed) in [
        ("tiny", 1),
        ("cu", 2),
        ("tiny+dynamic", 3),
        ("tiny+chain", 4),
        ("tiny+dynamic+integrity", 5),
        ("tiny+integrity+lockstep", 6),
        ("tiny+boot+integrity", 7),
    ] {
        let geometry = Geometry::preset(name).unwrap();
        let (mut ticked, mut plain) = (stepper(&geometry).unwrap(), stepper(&geometry).unwrap());
        let mut random = Random::new(seed);
        let mut moved = 0;
        let mut before = String::new();
        for cycle in 0..CYCLES {
            let offered = offered(&geometry, &mut random, cycle);
            for design in [&mut ticked, &mut plain] {
                design.reset(cycle < 3 || cycle == CYCLES - 200);
                design.drive(&offered);
                // A change from outside is noticed, wherever it lies.
                if cycle % 250 == 249 {
                    let entry = (cycle % 500 == 249).then_some(0);
                    design.corrupt(&Fault::Shadow { tenant: 1, page: 1, entry });
                }
            }
            ticked.settle();
            ticked.tick();
            plainly(|| edges(plain.as_mut()));
            let (left, right) = (shown(ticked.as_ref()), shown(plain.as_ref()));
            assert_eq!(left, right, "{name}, seed {seed}, cycle {cycle}");
            moved += u64::from(left != before);
            before = left;
        }
        assert!(moved > CYCLES / 4, "{name}, seed {seed}: the ports moved in {moved} cycles only");
    }
}
