//! Alerts in classes: how bad is what waits, how many denials are too many, and does the wire work?
//!
//! ```text
//!   denials --> DENY_COUNT --at DENY_THRESHOLD--> bit 5 --.
//!           --> a fault is held already ---------> bit 4 --+--> raised --> IRQ_STATUS --> class --> ALERT_STATE, critical
//!   ALERT_TEST ----------------------------------> any ----'
//! ```
//!
//! Part of the event bank, with the feature `alerts`. It must never lower a cause: only software's acknowledgement does.

use super::register_bank::{BankAnswer, RegisterAccess};
use crate::constants;
use pm_interface::registers::{irq, offset};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the alert bank.
    pub struct AlertOffsets: Bits<8> {
        /// `ALERT_STATE`.
        state = offset::ALERT_STATE / 4,
        /// `ALERT_TEST`.
        test = offset::ALERT_TEST / 4,
        /// `DENY_THRESHOLD`.
        threshold = offset::DENY_THRESHOLD / 4,
        /// `DENY_COUNT`.
        count = offset::DENY_COUNT / 4,
    }
}

constants! {
    /// The causes of each class; bit 6 stands beside them.
    pub struct Severities: Bits<6> {
        /// Worth knowing.
        info = irq::INFO & !irq::REPAIRED,
        /// Worth looking at.
        warning = irq::WARNING,
        /// Somebody attacks, or something is broken.
        critical = irq::CRITICAL,
    }
}

/// Classes, threshold and self-test.
#[derive(Clone, Debug, LogicBlock)]
pub struct AlertBank {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: no threshold.
    pub reset: Signal<In, Bit>,
    /// A register access.
    pub access: Signal<In, RegisterAccess>,
    /// Its answer.
    pub answer: Signal<Out, BankAnswer>,
    /// The threshold is frozen.
    pub sealed: Signal<In, Bit>,
    /// The translate port refused an access.
    pub translate_denied: Signal<In, Bit>,
    /// The physical port refused an access.
    pub physical_denied: Signal<In, Bit>,
    /// A fault is held, and goes on being held.
    pub claimed: Signal<In, Bit>,
    /// What waits in `IRQ_STATUS`.
    pub causes: Signal<In, Bits<6>>,
    /// What software acknowledges of it in this cycle.
    pub acknowledged: Signal<In, Bits<6>>,
    /// What this bank adds to it.
    pub raised: Signal<Out, Bits<6>>,
    /// The fault that is held was not the last.
    pub overrun: Signal<Out, Bit>,
    /// A critical cause waits.
    pub critical: Signal<Out, Bit>,
    overran: Register<Bit>,
    increment: Register<Bits<2>>,
    count: Register<Bits<16>>,
    threshold: Register<Bits<16>>,
    told: Register<Bit>,
    sum: Signal<Local, Bits<17>>,
    overruns: Signal<Local, Bit>,
    reached: Signal<Local, Bit>,
    tested: Signal<Local, Bits<6>>,
    selected: Signal<Local, Bits<64>>,
    state: Signal<Local, Bits<3>>,
    offsets: AlertOffsets,
    severities: Severities,
    full: Constant<Bits<16>>,
    /// With `integrity`: a repair waits in `IRQ_STATUS`.
    pub repairs: Vec<Signal<In, Bit>>,
    /// With `integrity`: software raises that cause.
    pub tests_repair: Vec<Signal<Out, Bit>>,
    fits: Signal<Local, Bit>,
    _guards: usize,
}

impl Default for AlertBank {
    fn default() -> Self {
        Self::guarded(0)
    }
}

impl AlertBank {
    /// With the patrol's cause, or without.
    pub fn guarded(guards: usize) -> Self {
        Self {
            clock: Default::default(),
            reset: Default::default(),
            access: Default::default(),
            answer: Default::default(),
            sealed: Default::default(),
            translate_denied: Default::default(),
            physical_denied: Default::default(),
            claimed: Default::default(),
            causes: Default::default(),
            acknowledged: Default::default(),
            raised: Default::default(),
            overrun: Default::default(),
            critical: Default::default(),
            overran: Default::default(),
            increment: Default::default(),
            count: Default::default(),
            threshold: Default::default(),
            told: Default::default(),
            sum: Default::default(),
            overruns: Default::default(),
            reached: Default::default(),
            tested: Default::default(),
            selected: Default::default(),
            state: Default::default(),
            offsets: Default::default(),
            severities: Default::default(),
            full: Constant::new(u16::MAX.to_bits()),
            repairs: vec![Default::default(); guards],
            tests_repair: vec![Default::default(); guards],
            fits: Default::default(),
            _guards: guards,
        }
    }
}

impl Logic for AlertBank {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(overran, increment, count, threshold, told) {
            self.selected.next = self.access.val().selected;

            // Of two denials in one cycle the second is not held.
            self.overruns.next = (self.translate_denied.val() & self.physical_denied.val())
                | ((self.translate_denied.val() | self.physical_denied.val()) & self.claimed.val());
            self.overran.d.next = (self.overran.q.val() & self.claimed.val()) | self.overruns.val();
            self.overrun.next = self.overran.q.val();

            // The denials since the last acknowledgement; the count stays at its end.
            self.increment.d.next = bit_cast::<2, 1>(self.translate_denied.val().into())
                + bit_cast::<2, 1>(self.physical_denied.val().into());
            self.sum.next = bit_cast::<17, 16>(self.count.q.val()) + bit_cast::<17, 2>(self.increment.q.val());
            self.count.d.next = bit_cast::<16, 17>(self.sum.val());
            if self.sum.val().get_bit(16) {
                self.count.d.next = self.full.val();
            }
            self.reached.next =
                (self.count.q.val() >= self.threshold.q.val()) & (self.threshold.q.val() != 0) & !self.told.q.val();
            self.told.d.next = self.told.q.val() | self.reached.val();
            if self.acknowledged.val().get_bit(5) {
                self.count.d.next = bit_cast::<16, 2>(self.increment.q.val());
                self.told.d.next = false;
            }

            self.critical.next = (self.causes.val() & self.severities.critical.val()).any();
            self.state.next = bit_cast::<3, 1>((self.causes.val() & self.severities.info.val()).any().into())
                | (bit_cast::<3, 1>((self.causes.val() & self.severities.warning.val()).any().into()) << 1)
                | (bit_cast::<3, 1>((self.causes.val() & self.severities.critical.val()).any().into()) << 2);

            self.fits.next = self.access.val().fits_6;
            for i in 0..self._guards {
                if self.repairs[i].val() {
                    self.state.next = self.state.val() | 1;
                }
                self.fits.next = self.access.val().fits_8 & !self.access.val().data.get_bit(7);
                self.tests_repair[i].next = false;
            }

            self.answer.next.accepted = false;
            self.answer.next.data = 0.into();
            self.tested.next = 0.into();
            if self.access.val().read {
                if self.selected.val().get_bit(self.offsets.state.val().index()) {
                    self.answer.next.accepted = true;
                    self.answer.next.data = bit_cast::<32, 3>(self.state.val());
                } else if self.selected.val().get_bit(self.offsets.threshold.val().index()) {
                    self.answer.next.accepted = true;
                    self.answer.next.data = bit_cast::<32, 16>(self.threshold.q.val());
                } else if self.selected.val().get_bit(self.offsets.count.val().index()) {
                    self.answer.next.accepted = true;
                    self.answer.next.data = bit_cast::<32, 16>(self.count.q.val());
                }
            } else if self.access.val().write {
                if self.selected.val().get_bit(self.offsets.threshold.val().index()) {
                    self.answer.next.accepted = self.access.val().fits_16 & !self.sealed.val();
                    if self.access.val().fits_16 & !self.sealed.val() {
                        self.threshold.d.next = bit_cast::<16, 32>(self.access.val().data);
                    }
                } else if self.selected.val().get_bit(self.offsets.test.val().index()) {
                    self.answer.next.accepted = self.fits.val();
                    if self.fits.val() {
                        self.tested.next = bit_cast::<6, 32>(self.access.val().data);
                        for i in 0..self._guards {
                            self.tests_repair[i].next = self.access.val().data.get_bit(6);
                        }
                    }
                }
            }
            self.raised.next = self.tested.val()
                | (bit_cast::<6, 1>(self.overruns.val().into()) << 4)
                | (bit_cast::<6, 1>(self.reached.val().into()) << 5);
        }
    }
}
