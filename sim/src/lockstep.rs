//! A plain device, without features, beside the golden model: the same random steps on both, until one answers otherwise.
//!
//! ```text
//!   command, its time | accesses one by one | both ports in every cycle | registers | records | memory | reset, pool and window
//! ```
//!
//! Every answer, every register and every record is compared, but for the records' times, which the model does not know. How
//! long a command is busy is what the datasheet says ([`pace`]). Nothing is answered that was not asked.

use crate::cosim::Random;
use crate::device::{Access, Command, Device, DeviceError, Operation, Ports, Rights, LATENCY, REGISTER_LATENCY};
use crate::scenario::default_setup;
use crate::{pace, ModelDevice, Offered, Pins, Shown};
use pm_interface::registers::{offset, REGISTERS};
use pm_interface::{Status, AUDIT_RECORDS, AUDIT_WORDS, WORD_BYTES};
use std::fmt::Debug;

/// Cycles after which the log is quiet again, whatever was waiting for a place in it.
pub(crate) const QUIET: u64 = 24;
/// Cycles after which a command that is under way hangs.
const HANGS: u64 = 1 << 16;
/// Cycles of full load at once.
const LOAD: usize = 24;
/// Records in the log from which on denials may be waiting for a place.
pub(crate) const CROWDED: usize = 40;

/// Does so many steps; what was answered differently first.
pub fn difference(device: &mut dyn Pins, seed: u64, steps: usize) -> Option<String> {
    let model = ModelDevice::new(device.geometry());
    let setup = default_setup(device.geometry());
    let mut pair = Pair { device, model, random: Random::new(seed), setup };
    let run = pair.reset().and_then(|()| (0..steps).try_for_each(|_| pair.step()));
    run.and_then(|()| pair.records()).err()
}

struct Pair<'a> {
    device: &'a mut dyn Pins,
    model: ModelDevice,
    random: Random,
    /// First byte and bytes of the pool, first byte of the window.
    setup: (u64, u64, u64),
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

    fn idle(&mut self, cycles: u64) -> Result<(), String> {
        let shown = self.device.run(&vec![Offered::default(); cycles as usize]);
        self.model.idle(cycles);
        let unasked = |shown: &&Shown| shown.translate.is_some() || shown.physical.is_some() || shown.register.is_some();
        shown.iter().find(unasked).map_or(Ok(()), |shown| Err(format!("an answer that nobody asked for: {shown:?}")))
    }

    /// Nothing but a reset changes anything any more: the device is sealed, or every row is locked.
    fn frozen(&self) -> bool {
        let model = self.model.model();
        model.sealed() || model.tables().rows.iter().all(|row| row.valid && row.rights.locked)
    }

    fn step(&mut self) -> Result<(), String> {
        if self.frozen() && self.random.once_in(12) {
            return self.reset();
        }
        if !self.model.model().active() && self.random.once_in(6) {
            return self.activate();
        }
        match self.random.below(40) {
            0..8 => self.command()?,
            8..10 => self.paced()?,
            10..22 => self.access()?,
            22..27 => self.load()?,
            27..31 => self.registers()?,
            31..34 => self.write()?,
            34..37 => self.records()?,
            37 => self.memory()?,
            38 => match self.random.below(4) {
                0 => self.activate()?,
                1 => self.abandon()?,
                _ => self.reset()?,
            },
            _ => match self.random.below(4) {
                0 => self.flood()?,
                _ => self.eager()?,
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
        let (_, _, window_base) = self.setup;
        let random = &mut self.random;
        let choices = [
            (Command::Create, 12),
            (Command::Destroy, 8),
            (Command::Protect, 4),
            (Command::Query, 3),
            (Command::Find, 3),
            (Command::Lock, 1),
            (Command::Seal, u64::from(random.once_in(8))),
            (Command::Resize, 1),
            (Command::Share, 1),
        ];
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
        self.idle(QUIET)
    }

    /// A command on an idle log, and how long it takes.
    fn paced(&mut self) -> Result<(), String> {
        let operation = self.operation();
        if self.both(operation, |device| device.load(&operation))?.is_err() {
            return self.idle(QUIET);
        }
        let slot = self.model.model().tables().rows.get(usize::from(operation.slot));
        let granules = match operation.command {
            Command::Destroy => slot.map_or(0, |row| row.last_page - row.first_page + 1),
            _ => operation.size / self.model.geometry().granule(),
        };
        let Operation { command, .. } = operation;
        let cycles = pace::measured(self.device, command).map_err(DeviceError::from);
        let accepted = self.model.write_register(offset::CMD, command.code().into()).map_err(DeviceError::from);
        let ended = self.both(command, |device| device.finish(command))?;
        let expected = accepted.and(ended).map(|outcome| pace::busy(self.model.geometry(), command, outcome.status, granules));
        if cycles != expected {
            return Err(format!("{operation:?} is busy for {cycles:?} cycles, the datasheet says {expected:?}"));
        }
        self.idle(QUIET)
    }

    /// QUERY again and again, in every cycle, until it is accepted: what is accepted is carried out.
    fn eager(&mut self) -> Result<(), String> {
        let operation = self.operation();
        if self.both(operation, |device| device.start(&operation))?.is_err() {
            return self.idle(QUIET);
        }
        let command = Command::Query;
        let again = Offered { register: Some((offset::CMD, Some(command.code().into()))), ..Offered::default() };
        let begins = |shown: Shown| shown.register == Some(Some(0));
        if !(0..HANGS).any(|_| begins(self.device.cycle(&again))) {
            return Err(format!("{operation:?} does not end"));
        }
        // What was on its way behind it is refused.
        let refused = self.device.run(&[Offered::default(); REGISTER_LATENCY as usize]);
        if refused.iter().any(|shown| begins(*shown)) {
            return Err(format!("two commands are accepted at once, after {operation:?}"));
        }
        self.model.finish(operation.command).map_err(|error| error.to_string())?;
        self.model.write_register(offset::CMD, command.code().into()).map_err(|error| error.to_string())?;
        self.agree(command, |device| device.finish(command))?;
        self.idle(QUIET)
    }

    /// A command that a reset cuts off.
    fn abandon(&mut self) -> Result<(), String> {
        let operation = self.operation();
        self.agree(operation, |device| device.start(&operation))?;
        let cycles = self.random.below(40);
        self.idle(cycles)?;
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
        let (_, _, window_base) = self.setup;
        self.address(window_base, self.model.geometry().window())
    }

    fn physical(&mut self) -> Access {
        let (pool_base, pool_size, _) = self.setup;
        self.address(pool_base, pool_size)
    }

    fn access(&mut self) -> Result<(), String> {
        let (logical, physical) = (self.logical(), self.physical());
        self.agree(logical, |device| device.translate(&[logical]))?;
        self.idle(QUIET)?;
        self.agree(physical, |device| device.physical(&[physical]))?;
        self.idle(QUIET)
    }

    /// Denials until none is stored any more, commands until there is no place for theirs, and what the log makes of it when it
    /// is read.
    fn flood(&mut self) -> Result<(), String> {
        for _ in 0..AUDIT_RECORDS {
            self.access()?;
            let stranger = Access { tenant: u8::MAX, ..self.physical() };
            self.agree(stranger, |device| device.physical(&[stranger]))?;
            self.idle(QUIET)?;
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

    fn register(&mut self, name: &str, register: u8) -> Result<(), String> {
        let known = self.model.known(register);
        self.agree(name, |device| device.read_register(register).map(|value| value & known))
    }

    fn registers(&mut self) -> Result<(), String> {
        REGISTERS.iter().try_for_each(|register| self.register(register.name, register.offset))
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
        let written =
            self.both(format!("{value:#x} to register {register:#x}"), |device| device.write_register(register, value))?;
        let command = (register == offset::CMD).then(|| Command::from_code(value as u8)).flatten();
        if let (Ok(()), Some(command)) = (written, command) {
            self.agree(command, |device| device.finish(command))?;
        }
        self.idle(QUIET)
    }

    /// Every record, word by word, from where the one that may be half read stands.
    fn records(&mut self) -> Result<(), String> {
        while self.model.model().audit().level() > 0 || !self.model.model().audit().word().is_multiple_of(AUDIT_WORDS) {
            self.register("AUDIT_DATA", offset::AUDIT_DATA)?;
            self.agree("AUDIT_POP", |device| device.write_register(offset::AUDIT_POP, 1))?;
            self.idle(QUIET)?;
        }
        self.register("AUDIT_LEVEL", offset::AUDIT_LEVEL)
    }

    /// A word of the pool is what was put there, or what the scrubber left.
    fn memory(&mut self) -> Result<(), String> {
        let (pool_base, pool_size, _) = self.setup;
        let address = pool_base + self.random.below(pool_size / WORD_BYTES) * WORD_BYTES;
        self.agree(format!("memory at {address:#x}"), |device| device.read_memory(address))?;
        let word = self.random.bits() as u32;
        self.device.write_memory(address, word);
        self.model.write_memory(address, word);
        Ok(())
    }

    /// Pool and window, mostly as they are by default; refused where the gate is open or they make no sense.
    fn activate(&mut self) -> Result<(), String> {
        let geometry = self.model.geometry().clone();
        let (granule, frame) = (geometry.granule(), geometry.frame());
        let (mut pool_base, mut pool_size, mut window_base) = default_setup(&geometry);
        if self.random.once_in(2) {
            // Anywhere in this frame or the one beside it.
            let place = self.random.below(frame / granule);
            pool_base = (pool_base ^ (self.random.below(2) * frame)) + place * granule;
            pool_size = if self.random.once_in(4) { pool_size } else { frame - place * granule };
        }
        if self.random.once_in(4) {
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
        let status =
            self.both((pool_base, pool_size, window_base), |device| device.activate(pool_base, pool_size, window_base))?;
        if status == Ok(Status::Ok) {
            self.setup = (pool_base, pool_size, window_base);
        }
        self.idle(QUIET)
    }

    fn reset(&mut self) -> Result<(), String> {
        self.agree("reset", |device| device.reset())?;
        // How far the scrubber came is its own affair.
        let (pool_base, pool_size, _) = self.setup;
        for address in (pool_base..pool_base + pool_size).step_by(WORD_BYTES as usize) {
            self.model.write_memory(address, self.device.read_memory(address));
        }
        // A closed gate refuses every command.
        while self.random.once_in(3) {
            self.command()?;
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
