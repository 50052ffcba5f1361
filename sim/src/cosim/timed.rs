//! Steps that look at the cycle: how long a command is busy, both ports in every cycle, commands as soon as they are taken.
//!
//! For designs without features: with them commands and records take other times.

use super::pair::{same, Pair, CROWDED, QUIET};
use super::steps::{drawn, near, runner};
use crate::device::{DeviceError, LATENCY, REGISTER_LATENCY};
use crate::{pace, Device, Offered, Ports, Shown};
use pm_interface::registers::offset;
use pm_interface::Command;
use pm_model::Operation;
use std::fmt::Debug;

/// Cycles after which a command that is under way hangs, beside those of the longest command.
const HANGS: u64 = 1 << 16;
/// Cycles of full load at once.
const LOAD: usize = 24;

impl Pair<'_> {
    /// No denial waits for a place in the log.
    pub(super) fn calm(&mut self) -> Result<(), String> {
        if self.model.model().audit().level() >= CROWDED {
            self.records()?;
        }
        Ok(())
    }

    /// A command on an idle log, and how long it takes.
    pub(super) fn paced(&mut self, step: impl Debug + Copy, operation: &Operation) -> Result<(), String> {
        self.calm()?;
        let Operation { command, .. } = *operation;
        if self.both(step, |device| device.load(operation))?.is_err() {
            return self.idle(QUIET);
        }
        let slot = self.model.model().tables().rows.get(usize::from(operation.slot));
        let granules = match command {
            Command::Destroy => slot.map_or(0, |row| row.last_page - row.first_page + 1),
            _ => operation.size / self.model.geometry().granule(),
        };
        let Some(pins) = self.device.pins() else {
            self.run(step, operation)?;
            return self.idle(QUIET);
        };
        let longest = pace::longest(self.model.geometry());
        let cycles = pace::measured_within(pins, command, longest).map_err(DeviceError::from);
        let accepted = self.model.write_register(offset::CMD, command.code().into()).map_err(DeviceError::from);
        let ended = self.both(command, |device| device.finish(command))?;
        let expected = accepted.and(ended).map(|outcome| pace::busy(self.model.geometry(), command, outcome.status, granules));
        if cycles != expected {
            return Err(format!("{operation:?} is busy for {cycles:?} cycles, the datasheet says {expected:?}"));
        }
        self.idle(QUIET)
    }

    /// A command, then QUERY in every cycle until it is accepted: what is accepted is carried out, once.
    pub(super) fn eager(&mut self, step: impl Debug + Copy, operation: &Operation) -> Result<(), String> {
        self.calm()?;
        if self.both(step, |device| device.start(operation))?.is_err() {
            return self.idle(QUIET);
        }
        let command = Command::Query;
        let again = Offered { register: Some((offset::CMD, Some(command.code().into()))), ..Offered::default() };
        let begins = |shown: Shown| shown.register == Some(Some(0));
        let Some(pins) = self.device.pins() else {
            self.agree(step, |device| device.finish(operation.command))?;
            self.agree(command, |device| device.write_register(offset::CMD, command.code().into()))?;
            self.agree(command, |device| device.finish(command))?;
            return self.idle(QUIET);
        };
        if !(0..HANGS + pace::longest(self.model.geometry())).any(|_| begins(pins.cycle(&again))) {
            return Err(format!("{operation:?} does not end"));
        }
        // What was on its way behind it is refused.
        let refused = pins.run(&[Offered::default(); REGISTER_LATENCY as usize]);
        if refused.iter().any(|shown| begins(*shown)) {
            return Err(format!("two commands are accepted at once, after {operation:?}"));
        }
        self.model.finish(operation.command).map_err(|error| error.to_string())?;
        self.model.write_register(offset::CMD, command.code().into()).map_err(|error| error.to_string())?;
        self.agree(command, |device| device.finish(command))?;
        self.idle(QUIET)
    }

    /// Both ports at once, in nearly every cycle, with accesses that leave no record.
    pub(super) fn load(&mut self, seed: u64) -> Result<(), String> {
        self.calm()?;
        let geometry = self.model.geometry().clone();
        let (pool_base, _, window_base) = geometry.default_setup();
        let pool_size = self.setup.pool_size;
        let (windows, pools) = (near(&geometry, window_base, geometry.window()), near(&geometry, pool_base, pool_size));
        let mut runner = runner(seed);
        let mut offered = vec![Offered::default(); LOAD + LATENCY as usize];
        let (mut translations, mut verdicts) = (vec![None; offered.len()], vec![None; offered.len()]);
        for (cycle, offer) in offered.iter_mut().enumerate().take(LOAD) {
            // The answer shows after the edge before the cycle in which it is due.
            let due = cycle + LATENCY as usize - 1;
            let logical = self.logical(drawn(&mut runner, &windows));
            let physical = self.physical(drawn(&mut runner, &pools));
            if !self.model.model().decide_translate(&logical).is_denied() {
                offer.translate = Some(logical);
                translations[due] = self.model.translate(&[logical]).pop();
            }
            if self.model.model().decide_physical(&physical).allowed {
                offer.physical = Some(physical);
                verdicts[due] = self.model.physical(&[physical]).pop();
            }
        }
        let Some(pins) = self.device.pins() else {
            let device = self.device.device();
            for (offer, cycle) in offered.iter().zip(LATENCY as usize - 1..) {
                let got = offer.translate.and_then(|access| device.translate(&[access]).pop());
                same(offer, got, translations.get(cycle).copied().flatten())?;
                let got = offer.physical.and_then(|access| device.physical(&[access]).pop());
                same(offer, got, verdicts.get(cycle).copied().flatten())?;
            }
            return Ok(());
        };
        for (cycle, shown) in pins.run(&offered).into_iter().enumerate() {
            let (got, expected) = ((shown.translate, shown.physical), (translations[cycle], verdicts[cycle]));
            if got != expected {
                return Err(format!("cycle {cycle} of a load: {got:?}, the model says {expected:?}"));
            }
        }
        Ok(())
    }
}
