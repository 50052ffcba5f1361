//! Alerts in classes: how bad is the worst cause that waits, how many denials are too many, does the alert's wire work?
//!
//! ```text
//!   denials --> DENY_COUNT --at DENY_THRESHOLD--> bit 5 --.
//!           --> a fault is held already ---------> bit 4 --+--> raised --> IRQ_STATUS --> class --> ALERT_STATE, critical
//!   ALERT_TEST ----------------------------------> any ----'
//! ```
//!
//! Part of the event bank, with the feature `alerts`. This bank never lowers a cause: only software's acknowledgement does.

use super::register_bank::{BankAnswer, RegisterAccess};
use crate::constants;
use pm_interface::registers::{irq, offset};
use pm_verilog::{block, cells::Register, kernel};
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
    /// The causes of each class but for bit 6, which has a register of its own.
    pub struct Severities: Bits<6> {
        /// Causes that are worth knowing.
        info = irq::INFO & !irq::REPAIRED,
        /// Causes that software should look at soon.
        warning = irq::WARNING,
        /// Causes of an attack, or of broken hardware.
        critical = irq::CRITICAL,
    }
}

block! {
    /// Classes, threshold and self-test.
    pub struct AlertBank for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the threshold and the count are zero.
        pub reset: Signal<In, Bit>,
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// High when `answer` accepts the access.
        pub accepts: Signal<Out, Bit>,
        /// High once the threshold is frozen.
        pub sealed: Signal<In, Bit>,
        /// High: the translate port refuses an access in this cycle.
        pub translate_denied: Signal<In, Bit>,
        /// High: the physical port refuses an access in this cycle.
        pub physical_denied: Signal<In, Bit>,
        /// High while a fault is held and not acknowledged in this cycle.
        pub claimed: Signal<In, Bit>,
        /// Bits 5:0 of `IRQ_STATUS`.
        pub causes: Signal<In, Bits<6>>,
        /// Causes that software acknowledges in this cycle.
        pub acknowledged: Signal<In, Bits<6>>,
        /// Causes that this bank raises in this cycle.
        pub raised: Signal<Out, Bits<6>>,
        /// High when the fault that is held was not the last denial.
        pub overrun: Signal<Out, Bit>,
        /// High while a critical cause waits.
        pub critical: Signal<Out, Bit>,
        overran: Register<Bit>,
        increment: Register<Bits<2>>,
        count: Register<Bits<16>>,
        threshold: Register<Bits<16>>,
        told: Register<Bit>,
        sum: Signal<Local, Bits<17>>,
        overruns: Signal<Local, Bit>,
        reached: Signal<Local, Bit>,
        tests: Signal<Local, Bit>,
        tested: Signal<Local, Bits<6>>,
        selected: Signal<Local, Bits<64>>,
        state: Signal<Local, Bits<3>>,
        offsets: AlertOffsets,
        severities: Severities,
        full: Constant<Bits<16>> = Constant::new(u16::MAX.to_bits()),
        /// High while a repair of the patrol waits in `IRQ_STATUS`.
        pub repairs: Signal<In, Bit> where integrity,
        /// High for one cycle: software raises the cause of a repair.
        pub tests_repair: Signal<Out, Bit> where integrity,
    }
}

kernel! {
    AlertBank
    #[hdl_gen]
    fn update(&mut self) registers(overran, increment, count, threshold, told) {
        self.selected.next = self.access.val().selected;

        // When two denials come in one cycle, the second is not held.
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

        self.answer.next.accepted = false;
        self.answer.next.data = 0.into();
        self.tests.next = false;
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
                self.tests.next = true;
                self.answer.next.accepted = self.access.val().fits_6;
                if self.access.val().fits_6 {
                    self.tested.next = bit_cast::<6, 32>(self.access.val().data);
                }
            }
        }
        self.raised.next = self.tested.val()
            | (bit_cast::<6, 1>(self.overruns.val().into()) << 4)
            | (bit_cast::<6, 1>(self.reached.val().into()) << 5);
        self.accepts.next = self.answer.val().accepted;
    }
    when(repairs) {
        if self.repairs[0].val()
            & self.access.val().read
            & self.selected.val().get_bit(self.offsets.state.val().index())
        {
            self.answer.next.data = bit_cast::<32, 3>(self.state.val()) | 1;
        }
        self.tests_repair[0].next = false;
        if self.tests.val() {
            self.answer.next.accepted = false;
            self.tested.next = 0.into();
            if self.access.val().fits_8 & !self.access.val().data.get_bit(7) {
                self.answer.next.accepted = true;
                self.tested.next = bit_cast::<6, 32>(self.access.val().data);
                self.tests_repair[0].next = self.access.val().data.get_bit(6);
            }
        }
        self.raised.next = self.tested.val()
            | (bit_cast::<6, 1>(self.overruns.val().into()) << 4)
            | (bit_cast::<6, 1>(self.reached.val().into()) << 5);
        self.accepts.next = self.answer.val().accepted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};
    use pm_interface::Geometry;

    fn read(register: u8) -> RegisterAccess {
        RegisterAccess { read: true, selected: (1u64 << (register / 4)).to_bits(), ..RegisterAccess::default() }
    }

    fn write(register: u8, data: u64) -> RegisterAccess {
        let (fits_6, fits_16) = (data < 64, data < 65_536);
        let (selected, data) = ((1u64 << (register / 4)).to_bits(), data.to_bits());
        RegisterAccess { write: true, selected, data, fits_6, fits_16, ..RegisterAccess::default() }
    }

    fn bank() -> AlertBank {
        let mut bank = AlertBank::new(&Geometry::preset("tiny").unwrap());
        bank.connect_all();
        settle(&mut bank);
        bank
    }

    #[test]
    fn the_class_is_that_of_the_worst_cause() {
        let mut bank = bank();
        bank.access.next = read(offset::ALERT_STATE);
        let mut check = |causes: u32, state: u64, critical: bool| {
            bank.causes.next = u64::from(causes).to_bits();
            settle(&mut bank);
            assert_eq!((bank.answer.val().data.to_u64(), bank.critical.val()), (state, critical), "causes {causes:#x}");
            assert!(bank.accepts.val());
        };
        check(0, 0, false);
        for cause in 0..6 {
            let class =
                [irq::INFO & !irq::REPAIRED, irq::WARNING, irq::CRITICAL].iter().position(|class| class >> cause & 1 != 0);
            let class = class.expect("each cause has a class");
            check(1 << cause, 1 << class, class == 2);
        }
        check(0x3F, 7, true);
    }

    #[test]
    fn registers_take_what_fits_and_the_threshold_is_frozen_by_seal() {
        let mut bank = bank();
        // Expected in that cycle: accepted, and the causes that are raised.
        let mut check = |access: RegisterAccess, sealed: bool, accepted: bool, raised: u64| {
            bank.access.next = access;
            bank.sealed.next = sealed;
            settle(&mut bank);
            assert_eq!((bank.accepts.val(), bank.raised.val().to_u64()), (accepted, raised), "{access:?}");
            edge!(bank);
            bank.threshold.q.val().to_u64()
        };
        assert_eq!(check(write(offset::DENY_THRESHOLD, 3), false, true, 0), 3);
        assert_eq!(check(write(offset::DENY_THRESHOLD, 0x1_0000), false, false, 0), 3);
        assert_eq!(check(write(offset::DENY_THRESHOLD, 9), true, false, 0), 3);
        check(write(offset::ALERT_TEST, 0b10_0101), false, true, 0b10_0101);
        check(write(offset::ALERT_TEST, 64), false, false, 0);
        check(write(offset::DENY_COUNT, 0), false, false, 0);
        check(read(offset::DENY_THRESHOLD), false, true, 0);
        check(read(offset::IRQ_STATUS), false, false, 0);
    }

    #[test]
    fn the_threshold_tells_once_until_it_is_acknowledged() {
        let mut bank = bank();
        bank.access.next = write(offset::DENY_THRESHOLD, 3);
        edge!(bank);
        bank.access.next = read(offset::DENY_COUNT);
        // Stimulus: both ports, acknowledged. Expected in that cycle: the count, raised.
        let mut check = |(translate, physical, acknowledged): (bool, bool, bool), count: u64, raised: u64| {
            bank.translate_denied.next = translate;
            bank.physical_denied.next = physical;
            bank.acknowledged.next = (u64::from(acknowledged) << 5).to_bits();
            settle(&mut bank);
            let seen = (bank.answer.val().data.to_u64(), bank.raised.val().to_u64());
            assert_eq!(seen, (count, raised), "{translate} {physical} {acknowledged}");
            edge!(bank);
        };
        // Two denials in one cycle are one more than can be held: bit 4.
        check((true, true, false), 0, 1 << 4);
        check((true, false, false), 0, 0);
        check((false, false, false), 2, 0);
        check((false, false, false), 3, 1 << 5);
        check((false, true, false), 3, 0);
        check((false, false, true), 3, 0);
        // The denial that was on its way counts for the next turn.
        check((false, false, false), 1, 0);
        check((false, false, false), 1, 0);
    }
}
