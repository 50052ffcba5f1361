//! A plain device, without features, beside the golden model: the same random steps on both, until one answers otherwise.
//!
//! ```text
//!   command | accesses one by one | both ports in every cycle | registers | records | memory | reset, pool and window
//! ```
//!
//! Every answer, every register and every record is compared, but for the records' times, which the model does not know.

use crate::cosim::Random;
use crate::device::{Access, Command, Device, Operation, Ports, Rights, LATENCY};
use crate::scenario::default_setup;
use crate::{ModelDevice, Offered, Pins};
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{AuditRecord, AUDIT_RECORDS, AUDIT_WORDS, WORD_BYTES};
use std::fmt::Debug;

/// Cycles after which the log is quiet again, whatever was waiting for a place in it.
const QUIET: u64 = 24;
/// Cycles of full load at once.
const LOAD: usize = 24;
/// Records in the log from which on denials may be waiting for a place.
const CROWDED: usize = 40;

/// Does so many steps; what was answered differently first.
pub fn difference(device: &mut dyn Pins, seed: u64, steps: usize) -> Option<String> {
    let model = ModelDevice::new(device.geometry());
    let mut pair = Pair { device, model, random: Random::new(seed) };
    let run = pair.reset().and_then(|()| (0..steps).try_for_each(|_| pair.step()));
    run.and_then(|()| pair.records()).err()
}

struct Pair<'a> {
    device: &'a mut dyn Pins,
    model: ModelDevice,
    random: Random,
}

impl Pair<'_> {
    /// The same on both.
    fn both<A: PartialEq + Debug>(&mut self, what: impl Debug, act: impl Fn(&mut dyn Device) -> A) -> Result<A, String> {
        let (got, expected) = (act(self.device), act(&mut self.model));
        if got == expected {
            return Ok(got);
        }
        Err(format!("{what:?}: {got:?}, the model says {expected:?}"))
    }

    fn agree<A: PartialEq + Debug>(&mut self, what: impl Debug, act: impl Fn(&mut dyn Device) -> A) -> Result<(), String> {
        self.both(what, act).map(drop)
    }

    fn idle(&mut self, cycles: u64) {
        self.device.idle(cycles);
        self.model.idle(cycles);
    }

    fn step(&mut self) -> Result<(), String> {
        match self.random.below(40) {
            0..10 => self.command()?,
            10..22 => self.access()?,
            22..27 => self.load()?,
            27..31 => self.registers()?,
            31..34 => self.write()?,
            34..37 => self.records()?,
            37 => self.memory()?,
            38 => self.activate()?,
            _ => match self.random.below(12) {
                0 => self.reset()?,
                1 => self.abandon()?,
                2..6 => self.flood()?,
                _ => self.command()?,
            },
        }
        if self.model.model().audit().level() >= CROWDED {
            self.records()?;
        }
        self.agree("alert and irq", |device| (device.alert(), device.irq()))
    }

    /// Mostly what may succeed.
    fn operation(&mut self) -> Operation {
        let geometry = self.model.geometry().clone();
        let (_, _, window_base) = default_setup(&geometry);
        let random = &mut self.random;
        let choices = [(Command::Create, 12), (Command::Destroy, 8), (Command::Protect, 4), (Command::Query, 3), (Command::Find, 3),
            (Command::Lock, 1), (Command::Seal, u64::from(random.once_in(8)))];
        let mut place = random.below(choices.iter().map(|(_, weight)| weight).sum());
        let chosen = choices.iter().find(|(_, weight)| {
            let found = place < *weight;
            place = place.wrapping_sub(*weight);
            found
        });
        let command = chosen.map_or(Command::Query, |(command, _)| *command);
        let (granule, pages) = (geometry.granule(), geometry.window() / geometry.granule());
        let ragged = |random: &mut Random| if random.once_in(10) { random.below(granule) } else { 0 };
        let tenant = number(random, geometry.tenants);
        let slot = number(random, geometry.slots);
        let page = if random.once_in(12) { random.bits() } else { random.below(pages) };
        let logical = window_base.wrapping_add(page.wrapping_mul(granule)).wrapping_add(ragged(random));
        let most = if random.once_in(6) { 2 * pages } else { pages };
        let size = (random.below(most) + u64::from(!random.once_in(10))) * granule;
        let size = if random.once_in(20) { random.bits() } else { size.wrapping_add(ragged(random)) };
        let rights = Rights::from_bits(random.below(16) as u32 | if random.once_in(10) { 16 } else { 0 });
        Operation { command, tenant, slot, logical, size, rights }
    }

    fn command(&mut self) -> Result<(), String> {
        let operation = self.operation();
        self.agree(operation, |device| device.command(&operation))?;
        self.idle(QUIET);
        Ok(())
    }

    /// A command that a reset cuts off.
    fn abandon(&mut self) -> Result<(), String> {
        let operation = self.operation();
        self.agree(operation, |device| device.start(&operation))?;
        let cycles = self.random.below(40);
        self.idle(cycles);
        self.reset()
    }

    /// An access to a window or a pool, mostly near an edge of it.
    fn address(&mut self, base: u64, size: u64) -> Access {
        let geometry = self.model.geometry().clone();
        let random = &mut self.random;
        let offset = match random.below(8) {
            0 => random.bits(),
            1..4 => random.below(size / geometry.granule() + 1) * geometry.granule(),
            _ => random.below(size),
        };
        let address = base.wrapping_add(offset).wrapping_add(random.below(5)).wrapping_sub(2) & geometry.last_address();
        let longest = geometry.max_length();
        let length = if random.once_in(8) { random.below(2 * longest) } else { 1 + random.below(longest.min(8)) };
        let tenant = number(random, geometry.tenants);
        Access { tenant, address, length, kind: random.below(4) as u8 }
    }

    fn logical(&mut self) -> Access {
        let (_, _, window_base) = default_setup(self.model.geometry());
        self.address(window_base, self.model.geometry().window())
    }

    fn physical(&mut self) -> Access {
        let (pool_base, pool_size, _) = default_setup(self.model.geometry());
        self.address(pool_base, pool_size)
    }

    fn access(&mut self) -> Result<(), String> {
        let (logical, physical) = (self.logical(), self.physical());
        self.agree(logical, |device| device.translate(&[logical]))?;
        self.idle(QUIET);
        self.agree(physical, |device| device.physical(&[physical]))?;
        self.idle(QUIET);
        Ok(())
    }

    /// Denials until none is stored any more, commands until there is no place for theirs, and what the log makes of it when it
    /// is read.
    fn flood(&mut self) -> Result<(), String> {
        for _ in 0..AUDIT_RECORDS {
            self.access()?;
            let stranger = Access { tenant: u8::MAX, ..self.physical() };
            self.agree(stranger, |device| device.physical(&[stranger]))?;
            self.idle(QUIET);
        }
        (0..6).try_for_each(|_| self.command())?;
        self.registers()?;
        self.records()?;
        self.command()?;
        self.registers()
    }

    /// Both ports at once, in nearly every cycle, with accesses that leave no record.
    fn load(&mut self) -> Result<(), String> {
        let mut offered = vec![Offered::default(); LOAD + LATENCY as usize];
        let (mut translations, mut verdicts) = (vec![None; offered.len()], vec![None; offered.len()]);
        for (cycle, offer) in offered.iter_mut().enumerate().take(LOAD) {
            // The answer shows after the edge before the cycle in which it is due.
            let due = cycle + LATENCY as usize - 1;
            let (logical, physical) = (self.logical(), self.physical());
            if !self.model.model().decide_translate(&logical).is_denied() {
                offer.translate = Some(logical);
                translations[due] = self.model.translate(&[logical]).pop();
            }
            if self.model.model().decide_physical(&physical).allowed {
                offer.physical = Some(physical);
                verdicts[due] = self.model.physical(&[physical]).pop();
            }
        }
        for (cycle, shown) in self.device.run(&offered).into_iter().enumerate() {
            let (got, expected) = ((shown.translate, shown.physical), (translations[cycle], verdicts[cycle]));
            if got != expected {
                return Err(format!("cycle {cycle} of a load: {got:?}, the model says {expected:?}"));
            }
        }
        Ok(())
    }

    /// Every register; of a record everything but its time.
    fn registers(&mut self) -> Result<(), String> {
        let word = self.model.model().audit().word();
        for register in REGISTERS {
            let known = match register.offset {
                offset::AUDIT_DATA if word == 1 => 0,
                offset::AUDIT_DATA if word == 4 => 0xFFFF,
                _ => u32::MAX,
            };
            self.agree(register.name, |device| device.read_register(register.offset).map(|value| value & known))?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), String> {
        let random = &mut self.random;
        let register = REGISTERS[random.below(REGISTERS.len() as u64) as usize].offset;
        let (register, value) = match random.below(8) {
            0 => (offset::IRQ_ENABLE, 0xF),
            1 => (random.bits() as u8, random.bits() as u32),
            2 | 3 => (register, 1 << random.below(32)),
            4 => (register, random.bits() as u32),
            _ => (register, random.below(32) as u32),
        };
        let written = self.both(format!("{value:#x} to register {register:#x}"), |device| device.write_register(register, value))?;
        let command = (register == offset::CMD).then(|| Command::from_code(value as u8)).flatten();
        if let (Ok(()), Some(command)) = (written, command) {
            self.agree(command, |device| device.finish(command))?;
        }
        self.idle(QUIET);
        Ok(())
    }

    /// Every record, from the one that may be half read.
    fn records(&mut self) -> Result<(), String> {
        while !self.model.model().audit().word().is_multiple_of(AUDIT_WORDS) {
            self.agree("AUDIT_POP", |device| device.write_register(offset::AUDIT_POP, 1))?;
        }
        loop {
            let untimed = |record: AuditRecord| AuditRecord { time: 0, ..record };
            let record = self.both("record", |device| device.read_audit().map(|record| record.map(untimed)))?;
            if !matches!(record, Ok(Some(_))) {
                return Ok(());
            }
            self.idle(QUIET);
        }
    }

    /// A word of the pool is what was put there, or what the scrubber left.
    fn memory(&mut self) -> Result<(), String> {
        let (pool_base, pool_size, _) = default_setup(self.model.geometry());
        let address = pool_base + self.random.below(pool_size / WORD_BYTES) * WORD_BYTES;
        self.agree(format!("memory at {address:#x}"), |device| device.read_memory(address))?;
        let word = self.random.bits() as u32;
        self.device.write_memory(address, word);
        self.model.write_memory(address, word);
        Ok(())
    }

    /// Pool and window, mostly as they are by default; refused where the gate is open or they make no sense.
    fn activate(&mut self) -> Result<(), String> {
        let (mut pool_base, mut pool_size, mut window_base) = default_setup(self.model.geometry());
        if self.random.once_in(3) {
            let granule = self.model.geometry().granule();
            pool_size = self.random.below(2 + pool_size / granule) * granule;
        }
        let mut nothing = 0;
        let wrong = match self.random.below(24) {
            0 => &mut pool_base,
            1 => &mut pool_size,
            2 => &mut window_base,
            _ => &mut nothing,
        };
        *wrong ^= 1 << self.random.below(8);
        self.agree((pool_base, pool_size, window_base), |device| device.activate(pool_base, pool_size, window_base))?;
        self.idle(QUIET);
        Ok(())
    }

    fn reset(&mut self) -> Result<(), String> {
        self.agree("reset", |device| device.reset())?;
        // How far the scrubber came is its own affair.
        let (pool_base, pool_size, _) = default_setup(self.model.geometry());
        for address in (pool_base..pool_base + pool_size).step_by(WORD_BYTES as usize) {
            self.model.write_memory(address, self.device.read_memory(address));
        }
        self.activate()
    }
}

/// Mostly one of `count`, now and then the first beyond, or any.
fn number(random: &mut Random, count: usize) -> u8 {
    let number = match random.below(24) {
        0 => random.below(256),
        1 => count as u64,
        _ => random.below(count as u64),
    };
    number as u8
}
