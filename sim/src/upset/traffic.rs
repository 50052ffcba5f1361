//! What is offered while bits flip: both ports busy in nearly every cycle, and a random command in every round.
//!
//! ```text
//!   reset, clear, pool and window, CONTROL | round 0 | round 1 | ...
//!   round: clear interrupts, operands, CMD | wait | RESULT, RESULT_PHYSICAL | registers, a record or two
//! ```
//!
//! Nothing here waits for an answer: the same cycles can be offered again to a design that answers otherwise.

use crate::cosim::Random;
use crate::scenario::default_setup;
use crate::Offered;
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{Command, Geometry, Rights, AUDIT_WORDS, WORD_BYTES};
use pm_model::{Access, Operation};

/// Rounds of a run.
const ROUNDS: usize = 16;

/// Rounds that are run after a flip.
pub const SEEN_ROUNDS: usize = 4;

/// A command on its way: the cycles in which its registers are accessed.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// What software wrote.
    pub operation: Operation,
    /// The first operand.
    pub first: usize,
    /// `CMD`.
    pub strobe: usize,
    /// `RESULT`.
    pub result: usize,
    /// `RESULT_PHYSICAL_LO`.
    pub physical: usize,
}

/// The cycles of a run.
pub struct Traffic {
    /// One for each.
    pub offered: Vec<Offered>,
    /// So many of them with reset high.
    pub resets: usize,
    /// The first cycle with the gate open.
    pub start: usize,
    /// Cycles of a round.
    pub round: usize,
    /// The commands.
    pub orders: Vec<Order>,
}

impl Traffic {
    /// The same for the same seed.
    pub fn new(geometry: &Geometry, seed: u64) -> Traffic {
        let mut random = Random::new(seed);
        let (pool_base, pool_size, window_base) = default_setup(geometry);
        let write = |register, value: u64| Some((register, Some(value as u32)));
        let wide = |low: u8, value: u64| [write(low, value), write(low + 4, value >> 32)];
        let mut port: Vec<Option<(u8, Option<u32>)>> = vec![None; 2];
        port.resize(2 + (1 << (geometry.shape.tenant + geometry.shape.page)) + 8, None);
        port.extend(wide(offset::POOL_BASE_LO, pool_base));
        port.extend(wide(offset::POOL_SIZE_LO, pool_size));
        port.extend(wide(offset::WINDOW_BASE_LO, window_base));
        port.push(write(offset::CONTROL, 1));
        port.resize(port.len() + 32, None);
        let start = port.len();
        let words = 2 * geometry.granule() / WORD_BYTES;
        let wait = geometry.slots + 48 + words as usize;
        let mut orders = Vec::new();
        for _ in 0..ROUNDS {
            port.push(write(offset::IRQ_STATUS, 15));
            let operation = operation(geometry, &mut random);
            let first = port.len();
            port.push(write(offset::CMD_TENANT, operation.tenant.into()));
            port.push(write(offset::CMD_SLOT, operation.slot.into()));
            port.extend(wide(offset::CMD_LOGICAL_LO, operation.logical));
            port.extend(wide(offset::CMD_SIZE_LO, operation.size));
            port.push(write(offset::CMD_RIGHTS, operation.rights.bits().into()));
            let strobe = port.len();
            port.push(write(offset::CMD, operation.command.code().into()));
            port.resize(port.len() + wait, None);
            let result = port.len();
            port.push(Some((offset::RESULT, None)));
            let physical = port.len();
            port.push(Some((offset::RESULT_PHYSICAL_LO, None)));
            orders.push(Order { operation, first, strobe, result, physical });
            for _ in 0..4 {
                let register = REGISTERS[random.below(REGISTERS.len() as u64) as usize];
                port.push(Some((register.offset, None)));
            }
            for _ in 0..2 * AUDIT_WORDS {
                port.push(Some((offset::AUDIT_DATA, None)));
                port.push(write(offset::AUDIT_POP, 1));
            }
        }
        let round = (port.len() - start) / ROUNDS;
        let offered = port.into_iter().enumerate().map(|(cycle, register)| {
            let busy = cycle >= start;
            let translate = (busy && !random.once_in(12)).then(|| access(geometry, window_base, geometry.window(), &mut random));
            let physical = (busy && !random.once_in(12)).then(|| access(geometry, pool_base, pool_size, &mut random));
            Offered { translate, physical, register }
        });
        Traffic { offered: offered.collect(), resets: 2, start, round, orders }
    }
}

/// A command that mostly makes sense. RESIZE and SHARE are not asked for, nor SEAL, after which nothing would change.
fn operation(geometry: &Geometry, random: &mut Random) -> Operation {
    let (_, _, window_base) = default_setup(geometry);
    let granule = geometry.granule();
    let pages = (geometry.window() / granule).min(6);
    let command = match random.below(24) {
        0..=11 => Command::Create,
        12..=16 => Command::Destroy,
        17..=19 => Command::Protect,
        20 | 21 => Command::Query,
        22 => Command::Find,
        _ => Command::Lock,
    };
    let isolated = if random.once_in(3) { 0 } else { 8 };
    Operation {
        command,
        tenant: random.below(geometry.tenants.min(3) as u64) as u8,
        slot: random.below(geometry.slots.min(4) as u64) as u8,
        logical: window_base + random.below(pages) * granule,
        size: (1 + random.below(2)) * granule,
        rights: Rights::from_bits(random.below(8) as u32 | isolated),
    }
}

/// An access near the granules that commands work on, now and then far away.
fn access(geometry: &Geometry, base: u64, size: u64, random: &mut Random) -> Access {
    let reach = size.min(8 * geometry.granule());
    let address = match random.below(16) {
        0 => random.bits(),
        1 => base.wrapping_add(random.below(4)).wrapping_sub(4),
        2 => base + random.below(size),
        _ => base + random.below(reach),
    };
    let longest = geometry.max_length();
    let length = if random.once_in(8) { random.below(2 * longest) } else { 1 + random.below(longest.min(4)) };
    let tenant = if random.once_in(32) { random.below(256) } else { random.below(geometry.tenants.min(3) as u64) };
    Access { tenant: tenant as u8, address: address & geometry.last_address(), length, kind: random.below(4) as u8 }
}
