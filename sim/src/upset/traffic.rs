//! What is offered while bits flip: both ports busy in nearly every cycle, and a random command in every round.
//!
//! ```text
//!   reset, clear, IRQ_ENABLE | pool and window, or BOOT_DATA; CONTROL | wait | BOOT_STATE | round 0 | ... | SEAL | round | ...
//!   round: clear interrupts, operands, CMD | wait | RESULT, RESULT_PHYSICAL | registers, a record or two
//! ```
//!
//! Nothing here waits for an answer: the same cycles can be offered again to a design that answers otherwise.

use crate::block_cosim::Random;
use crate::boot::{self, Tampering};
use crate::{Device, ModelDevice, Offered};
use anyhow::{ensure, Result};
use pm_interface::manifest::{BootPartition, Manifest, Quota};
use pm_interface::registers::{irq, offset, REGISTERS};
use pm_interface::{Command, Geometry, Rights, Status, Windows, AUDIT_WORDS, WORD_BYTES};
use pm_model::{commands, Access, Model, Operation};
use std::ops::Range;

/// Rounds of a run.
const ROUNDS: usize = 24;

/// The first round that may lock a row: a row that is locked keeps its slot for good.
const LOCKING: usize = ROUNDS / 2;

/// The round whose command is SEAL: nothing changes from there on.
const SEALING: usize = ROUNDS - 4;

/// Rounds that are run after a flip.
pub const SEEN_ROUNDS: usize = 4;

/// Cycles from a wrong answer to the alert, at most.
pub const TOLD_WITHIN: usize = 16;

/// Cycles before the first register is written in which bits are flipped: while the tables are still being cleared.
const SEEN_CLEARING: usize = 32;

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

/// How the gate is opened: the cycles of its registers.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// The first word of pool and window, or of the manifest.
    pub first: usize,
    /// `CONTROL`.
    pub strobe: usize,
    /// `BOOT_STATE`.
    pub state: usize,
}

/// The cycles of a run.
pub struct Traffic {
    /// One for each.
    pub offered: Vec<Offered>,
    /// So many of them with reset high.
    pub resets: usize,
    /// Pool and window, and what else a device with authenticated boot opens with.
    pub manifest: Manifest,
    /// The cycles of that.
    pub opening: Opening,
    /// The first cycle of the rounds.
    pub start: usize,
    /// Cycles of a round.
    pub round: usize,
    /// The commands.
    pub orders: Vec<Order>,
}

impl Traffic {
    /// The same for the same seed.
    ///
    /// # Errors
    /// When the model refuses the manifest.
    pub fn new(geometry: &Geometry, seed: u64) -> Result<Traffic> {
        let mut random = Random::new(seed);
        let manifest = manifest(geometry);
        let write = |register, value: u64| Some((register, Some(value as u32)));
        let wide = |low: u8, value: u64| [write(low, value), write(low + 4, value >> 32)];
        let resets = 2;
        let shape = geometry.shape;
        let clearing = (1 << (shape.tenant + shape.page)).max(if geometry.features.integrity { 1 << shape.block } else { 0 });
        let mut port: Vec<Option<(u8, Option<u32>)>> = vec![None; resets + clearing + 8];
        if geometry.features.integrity {
            // Software wants to know of repairs.
            port.push(write(offset::IRQ_ENABLE, irq::REPAIRED.into()));
        }
        let first = port.len();
        if geometry.features.boot {
            let words = boot::offered(&manifest, Tampering::None);
            port.extend(words.iter().map(|word| write(offset::BOOT_DATA, (*word).into())));
        } else {
            port.extend(wide(offset::POOL_BASE_LO, manifest.pool_base));
            port.extend(wide(offset::POOL_SIZE_LO, manifest.pool_size));
            for tenant in 0..geometry.window_bases() {
                if geometry.windows == Windows::PerTenant {
                    port.push(write(offset::CMD_TENANT, tenant as u64));
                }
                port.extend(wide(offset::WINDOW_BASE_LO, manifest.window_base));
            }
        }
        let strobe = port.len();
        port.push(write(offset::CONTROL, 1));
        port.resize(port.len() + patience(geometry, &manifest), None);
        let opening = Opening { first, strobe, state: port.len() };
        port.push(Some((offset::BOOT_STATE, None)));
        let start = port.len();
        let words = 2 * geometry.granule() / WORD_BYTES;
        let wait = geometry.slots + 48 + words as usize;
        let mut commands = Commands::of(geometry, &manifest)?;
        let mut orders = Vec::new();
        for round in 0..ROUNDS {
            port.push(write(offset::IRQ_STATUS, 15));
            let operation = match round {
                SEALING => Operation::seal(),
                _ => commands.next(round >= LOCKING, &mut random),
            };
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
            let busy = cycle >= resets;
            let Manifest { pool_base, pool_size, window_base, .. } = manifest;
            let translate = (busy && !random.once_in(12)).then(|| access(geometry, window_base, geometry.window(), &mut random));
            let physical = (busy && !random.once_in(12)).then(|| access(geometry, pool_base, pool_size, &mut random));
            Offered { translate, physical, register }
        });
        Ok(Traffic { offered: offered.collect(), resets, manifest, opening, start, round, orders })
    }

    /// Cycles before the rounds in which bits are flipped: while the tables are cleared, and while the gate is opened.
    pub fn closed(&self) -> Range<usize> {
        self.opening.first.saturating_sub(SEEN_CLEARING).max(self.resets + 2)..self.start
    }

    /// Cycles of the rounds in which bits are flipped.
    pub fn open(&self) -> Range<usize> {
        self.start..self.offered.len() - 2 * self.round
    }

    /// Cycles that a boot may wait for other records and digests, before its own are written.
    pub fn delays(&self, geometry: &Geometry) -> usize {
        let records = self.manifest.partitions.len() + 1;
        records * 16 + if geometry.features.chain { 400 * records } else { 0 }
    }

    /// The last cycle after a flip in which anything may be wrong; it is run for [`TOLD_WITHIN`] more.
    pub fn last(&self, moment: usize) -> usize {
        (moment.max(self.start) + SEEN_ROUNDS * self.round).min(self.offered.len() - 1 - TOLD_WITHIN)
    }
}

/// Pool and window; with authenticated boot a partition in all slots but one, two at most, and quotas: tenant 0 may own
/// one granule, tenant 1 four granules, others three granules in two slots.
fn manifest(geometry: &Geometry) -> Manifest {
    let (pool_base, pool_size, window_base) = geometry.default_setup();
    let plain = Manifest::development(pool_base, pool_size, window_base);
    if !geometry.features.boot {
        return plain;
    }
    let granule = geometry.granule();
    let rights = Rights { read: true, isolated: true, ..Rights::default() };
    let last_tenant = (geometry.tenants - 1) as u8;
    let partition =
        |tenant: u8, page: u64, rights| BootPartition { tenant, rights, logical: window_base + page * granule, size: granule };
    let mut partitions = vec![partition(last_tenant.min(1), 0, rights)];
    if geometry.slots > 2 {
        partitions.push(partition(last_tenant.min(2), 1, Rights { write: true, locked: true, ..rights }));
    }
    let quota = |tenant| match tenant {
        0 => Quota { granules: 1, ..Quota::UNLIMITED },
        1 => Quota { granules: 4, ..Quota::UNLIMITED },
        _ => Quota { granules: 3, slots: 2 },
    };
    let quotas = (0..geometry.tenants).map(quota).collect();
    Manifest { quotas, partitions, ..plain }
}

/// Cycles from `CONTROL` to when the gate is surely open: as in rtl/README.md, with a cycle more for each word.
fn patience(geometry: &Geometry, manifest: &Manifest) -> usize {
    if !geometry.features.boot {
        return 32;
    }
    let create = geometry.slots + (geometry.granule() / WORD_BYTES) as usize + 97;
    let digests = if geometry.features.chain { 400 * (manifest.partitions.len() + 2) } else { 0 };
    let words = manifest.length();
    320 + 16 * words + (manifest.pool_size / WORD_BYTES) as usize + manifest.partitions.len() * create + digests
}

/// How often each command is to come, against the others; of those that come equally often the first here is first.
const SHARES: [(Command, usize); 8] = [
    (Command::Create, 6),
    (Command::Share, 3),
    (Command::Resize, 3),
    (Command::Protect, 3),
    (Command::Destroy, 3),
    (Command::Query, 1),
    (Command::Find, 1),
    (Command::Lock, 1),
];

/// Commands of which two in three succeed, every kind as often as its share where it can: the model is asked first.
struct Commands {
    model: Model,
    done: [usize; SHARES.len()],
}

impl Commands {
    /// With what the device opens with.
    fn of(geometry: &Geometry, manifest: &Manifest) -> Result<Commands> {
        let mut device = ModelDevice::new(geometry);
        device.reset()?;
        let status = match geometry.features.boot {
            true => device.boot(&boot::offered(manifest, Tampering::None))?,
            false => device.activate(manifest.pool_base, manifest.pool_size, manifest.window_base)?,
        };
        ensure!(status == Status::Ok, "the campaign's manifest is refused: {status}");
        Ok(Commands { model: device.model().clone(), done: [0; SHARES.len()] })
    }

    fn next(&mut self, locking: bool, random: &mut Random) -> Operation {
        let geometry = self.model.geometry().clone();
        let known = |command: Command| commands::supported(&geometry, command) && (locking || command != Command::Lock);
        let mut kinds: Vec<usize> = (0..SHARES.len()).filter(|kind| known(SHARES[*kind].0)).collect();
        if random.once_in(3) {
            let kind = kinds[random.below(kinds.len() as u64) as usize];
            return self.tried(kind, 1, random).unwrap_or_else(|refused| refused);
        }
        kinds.sort_by_key(|kind| self.done[*kind] * 6 / SHARES[*kind].1);
        let mut refused = Operation::seal();
        for kind in kinds {
            match self.tried(kind, 12, random) {
                Ok(operation) => return operation,
                Err(operation) => refused = operation,
            }
        }
        refused
    }

    /// One that succeeds, or the last of so many that do not.
    fn tried(&mut self, kind: usize, times: usize, random: &mut Random) -> Result<Operation, Operation> {
        let geometry = self.model.geometry().clone();
        let mut drawn = Operation::seal();
        for _ in 0..times {
            while self.model.read_audit().is_some() {}
            drawn = operation(&geometry, SHARES[kind].0, random);
            if self.model.command(&drawn).status == Status::Ok {
                self.done[kind] += 1;
                return Ok(drawn);
            }
        }
        Err(drawn)
    }
}

fn operation(geometry: &Geometry, command: Command, random: &mut Random) -> Operation {
    let (_, _, window_base) = geometry.default_setup();
    let granule = geometry.granule();
    let pages = (geometry.window() / granule).min(6);
    // What is isolated is not shared.
    let often = if geometry.features.dynamic { 2 } else { 3 };
    let isolated = if command == Command::Share || random.once_in(often) { 0 } else { 8 };
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
