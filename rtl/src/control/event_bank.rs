//! What happened, for software: interrupts, the first fault, and the counters.
//!
//! ```text
//!   responses of both ports --> counters
//!                           --> first fault since the last acknowledgement
//!   command done, lost -----+-> IRQ_STATUS --> irq (where enabled), alert
//!   AlertBank --------------'                             with the feature `alerts`
//! ```

use super::alert_bank::AlertBank;
use super::history::Origin;
use super::register_bank::{BankAnswer, RegisterAccess, WideRegister};
use crate::constants;
use pm_interface::{
    registers::{irq, offset},
    Geometry,
};
use pm_verilog::{cells::Register, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the event bank.
    pub struct EventOffsets: Bits<8> {
        /// `FAULT_INFO`.
        fault_info = offset::FAULT_INFO / 4,
        /// `FAULT_ADDRESS_LO`.
        fault_address_low = offset::FAULT_ADDRESS_LO / 4,
        /// `FAULT_ADDRESS_HI`.
        fault_address_high = offset::FAULT_ADDRESS_HI / 4,
        /// `IRQ_STATUS`.
        irq_status = offset::IRQ_STATUS / 4,
        /// `IRQ_ENABLE`.
        irq_enable = offset::IRQ_ENABLE / 4,
        /// `COUNT_GRANTED`.
        count_granted = offset::COUNT_GRANTED / 4,
        /// `COUNT_DENIED`.
        count_denied = offset::COUNT_DENIED / 4,
        /// `COUNT_NOT_MINE`.
        count_not_mine = offset::COUNT_NOT_MINE / 4,
    }
}

/// The outcome of one access on one port.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct PortOutcome {
    /// Granted or allowed.
    pub passed: Bit,
    /// Left to the standard MMU.
    pub not_mine: Bit,
    /// Refused.
    pub denied: Bit,
    /// Refused for isolation or integrity.
    pub alarming: Bit,
    /// Why.
    pub reason: Bits<4>,
    /// Which row.
    pub slot: Bits<8>,
}

/// `FAULT_INFO` before it is a word.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Fault {
    /// A fault is held.
    pub valid: Bit,
    /// It came from the physical port.
    pub physical: Bit,
    /// Who.
    pub tenant: Bits<8>,
    /// Which row.
    pub slot: Bits<8>,
    /// Read, write or execute.
    pub kind: Bits<2>,
    /// Why.
    pub reason: Bits<4>,
}

/// Adds up what both ports did.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct EventCounter {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high: zero.
    pub reset: Signal<In, Bit>,
    /// One more.
    pub first: Signal<In, Bit>,
    /// And one more.
    pub second: Signal<In, Bit>,
    /// The sum, wrapping.
    pub count: Signal<Out, Bits<32>>,
    increment: Register<Bits<2>>,
    total: Register<Bits<32>>,
}

impl Logic for EventCounter {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(increment, total) {
            self.increment.d.next =
                bit_cast::<2, 1>(self.first.val().into()) + bit_cast::<2, 1>(self.second.val().into());
            self.total.d.next = self.total.q.val() + bit_cast::<32, 2>(self.increment.q.val());
            self.count.next = self.total.q.val();
        }
    }
}

/// Interrupts, fault capture and counters.
#[derive(Clone, Debug, LogicBlock)]
pub struct EventBank<const ADDRESS: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// A register access.
    pub access: Signal<In, RegisterAccess>,
    /// Its answer.
    pub answer: Signal<Out, BankAnswer>,
    /// A response of the translate port.
    pub translate: Signal<In, PortOutcome>,
    /// Whose.
    pub translate_origin: Signal<In, Origin<ADDRESS>>,
    /// A response of the physical port.
    pub physical: Signal<In, PortOutcome>,
    /// Whose.
    pub physical_origin: Signal<In, Origin<ADDRESS>>,
    /// A command ended.
    pub command_done: Signal<In, Bit>,
    /// A denial was counted instead of recorded.
    pub lost: Signal<In, Bit>,
    /// Rows are frozen, and so is what raises an alert.
    pub sealed: Signal<In, Bit>,
    /// The interrupt request: any cause that is enabled.
    pub irq: Signal<Out, Bit>,
    /// A critical cause, such as an isolation or integrity denial, has not been acknowledged.
    pub alert: Signal<Out, Bit>,
    granted_count: EventCounter,
    denied_count: EventCounter,
    not_mine_count: EventCounter,
    alerts: Vec<AlertBank>,
    causes: Register<Bits<6>>,
    enabled: Register<Bits<6>>,
    fault: Register<Fault>,
    fault_address: WideRegister<ADDRESS>,
    selected: Signal<Local, Bits<64>>,
    data: Signal<Local, Bits<32>>,
    fits: Signal<Local, Bit>,
    acknowledged: Signal<Local, Bits<6>>,
    raised: Signal<Local, Bits<6>>,
    denied: Signal<Local, Bit>,
    unclaimed: Signal<Local, Bit>,
    readable: Signal<Local, Bit>,
    shown: Signal<Local, Bits<32>>,
    fault_info: Signal<Local, Bits<32>>,
    overrun: Signal<Local, Bit>,
    alerts_answer: Signal<Local, BankAnswer>,
    offsets: EventOffsets,
    _alerts: usize,
    /// With `integrity`: the patrol repaired a row.
    pub repaired: Vec<Signal<In, Bit>>,
    repairs: Vec<Register<Bit>>,
    repairs_enabled: Vec<Register<Bit>>,
    seventh: Vec<Signal<Local, Bit>>,
    repairs_place: Vec<Constant<Bits<32>>>,
    _guards: usize,
}

impl<const ADDRESS: usize> EventBank<ADDRESS> {
    /// With or without classes of alerts, as the geometry says.
    pub fn new(geometry: &Geometry) -> Self {
        let alerts = usize::from(geometry.features.alerts);
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            access: Default::default(),
            answer: Default::default(),
            translate: Default::default(),
            translate_origin: Default::default(),
            physical: Default::default(),
            physical_origin: Default::default(),
            command_done: Default::default(),
            lost: Default::default(),
            sealed: Default::default(),
            irq: Default::default(),
            alert: Default::default(),
            granted_count: Default::default(),
            denied_count: Default::default(),
            not_mine_count: Default::default(),
            causes: Default::default(),
            enabled: Default::default(),
            fault: Default::default(),
            fault_address: Default::default(),
            selected: Default::default(),
            data: Default::default(),
            fits: Default::default(),
            acknowledged: Default::default(),
            raised: Default::default(),
            denied: Default::default(),
            unclaimed: Default::default(),
            readable: Default::default(),
            shown: Default::default(),
            fault_info: Default::default(),
            overrun: Default::default(),
            alerts_answer: Default::default(),
            offsets: Default::default(),
            alerts: vec![AlertBank::guarded(guards); alerts],
            _alerts: alerts,
            repaired: vec![Default::default(); guards],
            repairs: vec![Default::default(); guards],
            repairs_enabled: vec![Default::default(); guards],
            seventh: vec![Default::default(); guards],
            repairs_place: vec![Constant::new(u64::from(irq::REPAIRED).to_bits()); guards],
            _guards: guards,
        }
    }
}

impl<const ADDRESS: usize> Logic for EventBank<ADDRESS> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(causes, enabled, fault) {
            self.granted_count.clock.next = self.clock.val();
            self.granted_count.reset.next = self.reset.val();
            self.granted_count.first.next = self.translate.val().passed;
            self.granted_count.second.next = self.physical.val().passed;
            self.denied_count.clock.next = self.clock.val();
            self.denied_count.reset.next = self.reset.val();
            self.denied_count.first.next = self.translate.val().denied;
            self.denied_count.second.next = self.physical.val().denied;
            self.not_mine_count.clock.next = self.clock.val();
            self.not_mine_count.reset.next = self.reset.val();
            self.not_mine_count.first.next = self.translate.val().not_mine;
            self.not_mine_count.second.next = false;

            self.selected.next = self.access.val().selected;
            self.data.next = self.access.val().data;
            self.fits.next = self.access.val().fits_4;
            self.overrun.next = false;
            self.alerts_answer.next.accepted = false;
            self.alerts_answer.next.data = 0.into();
            for i in 0..self._alerts {
                self.fits.next = self.access.val().fits_6;
                self.overrun.next = self.alerts[i].overrun.val();
            }
            // Bit 6 stands beside the others, which are 4, or 6 with `alerts`.
            for i in 0..self._guards {
                self.seventh[i].next = self.data.val().get_bit(6);
                self.fits.next = self.access.val().fits_8
                    & !self.data.val().get_bit(7)
                    & !(self.data.val().get_bit(4) | self.data.val().get_bit(5));
                for _j in 0..self._alerts {
                    self.fits.next = self.access.val().fits_8 & !self.data.val().get_bit(7);
                }
                self.repairs[i].clock.next = self.clock.val();
                self.repairs[i].reset.next = self.reset.val();
                self.repairs[i].d.next = self.repairs[i].q.val();
                self.repairs_enabled[i].clock.next = self.clock.val();
                self.repairs_enabled[i].reset.next = self.reset.val();
                self.repairs_enabled[i].d.next = self.repairs_enabled[i].q.val();
            }
            self.answer.next.accepted = false;
            self.answer.next.data = 0.into();
            self.acknowledged.next = 0.into();
            // At most one register is selected: a union, and no chain of choices. Without a fault its registers read zero.
            self.fault_info.next = bit_cast::<32, 8>(self.fault.q.val().tenant)
                | (bit_cast::<32, 8>(self.fault.q.val().slot) << 8)
                | (bit_cast::<32, 2>(self.fault.q.val().kind) << 20)
                | (bit_cast::<32, 4>(self.fault.q.val().reason) << 24)
                | (bit_cast::<32, 1>(self.overrun.val().into()) << 29)
                | (bit_cast::<32, 1>(self.fault.q.val().physical.into()) << 30)
                | (bit_cast::<32, 1>(self.fault.q.val().valid.into()) << 31);
            self.readable.next = self.selected.val().get_bit(self.offsets.fault_info.val().index())
                | self.selected.val().get_bit(self.offsets.fault_address_low.val().index())
                | self.selected.val().get_bit(self.offsets.fault_address_high.val().index());
            self.shown.next = 0.into();
            if self.fault.q.val().valid {
                if self.selected.val().get_bit(self.offsets.fault_info.val().index()) {
                    self.shown.next = self.shown.val() | self.fault_info.val();
                }
                if self.selected.val().get_bit(self.offsets.fault_address_low.val().index()) {
                    self.shown.next = self.shown.val() | self.fault_address.low.val();
                }
                if self.selected.val().get_bit(self.offsets.fault_address_high.val().index()) {
                    self.shown.next = self.shown.val() | self.fault_address.high.val();
                }
            }
            if self.selected.val().get_bit(self.offsets.irq_status.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | bit_cast::<32, 6>(self.causes.q.val());
            }
            if self.selected.val().get_bit(self.offsets.irq_enable.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | bit_cast::<32, 6>(self.enabled.q.val());
            }
            if self.selected.val().get_bit(self.offsets.count_granted.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.granted_count.count.val();
            }
            if self.selected.val().get_bit(self.offsets.count_denied.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.denied_count.count.val();
            }
            if self.selected.val().get_bit(self.offsets.count_not_mine.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.not_mine_count.count.val();
            }
            for i in 0..self._guards {
                if self.selected.val().get_bit(self.offsets.irq_status.val().index()) & self.repairs[i].q.val() {
                    self.shown.next = self.shown.val() | self.repairs_place[i].val();
                }
                if self.selected.val().get_bit(self.offsets.irq_enable.val().index()) & self.repairs_enabled[i].q.val() {
                    self.shown.next = self.shown.val() | self.repairs_place[i].val();
                }
            }
            if self.access.val().read {
                self.answer.next.accepted = self.readable.val();
                self.answer.next.data = self.shown.val();
            } else if self.access.val().write & self.fits.val() {
                if self.selected.val().get_bit(self.offsets.irq_status.val().index()) {
                    self.answer.next.accepted = true;
                    self.acknowledged.next = bit_cast::<6, 32>(self.data.val());
                } else if self.selected.val().get_bit(self.offsets.irq_enable.val().index()) {
                    self.answer.next.accepted = true;
                    self.enabled.d.next = bit_cast::<6, 32>(self.data.val());
                }
            }

            for i in 0..self._alerts {
                self.alerts_answer.next = self.alerts[i].answer.val();
                if self.alerts_answer.val().accepted {
                    self.answer.next = self.alerts_answer.val();
                }
            }

            // A cause that is raised while it is acknowledged stays.
            self.denied.next = self.translate.val().denied | self.physical.val().denied;
            self.raised.next = bit_cast::<6, 1>(self.command_done.val().into())
                | (bit_cast::<6, 1>(self.denied.val().into()) << 1)
                | (bit_cast::<6, 1>((self.translate.val().alarming | self.physical.val().alarming).into()) << 2)
                | (bit_cast::<6, 1>(self.lost.val().into()) << 3);
            for i in 0..self._alerts {
                self.raised.next = self.raised.val() | self.alerts[i].raised.val();
            }
            self.causes.d.next = (self.causes.q.val() & !self.acknowledged.val()) | self.raised.val();
            self.irq.next = (self.causes.q.val() & self.enabled.q.val()).any();
            self.alert.next = self.causes.q.val().get_bit(2);
            for i in 0..self._alerts {
                self.alert.next = self.alerts[i].critical.val();
            }

            for i in 0..self._guards {
                if self.access.val().write & !self.access.val().read & self.fits.val() {
                    if self.selected.val().get_bit(self.offsets.irq_status.val().index()) & self.seventh[i].val() {
                        self.repairs[i].d.next = false;
                    }
                    if self.selected.val().get_bit(self.offsets.irq_enable.val().index()) {
                        self.repairs_enabled[i].d.next = self.seventh[i].val();
                    }
                }
                if self.repaired[i].val() {
                    self.repairs[i].d.next = true;
                }
                for j in 0..self._alerts {
                    self.alerts[j].repairs[i].next = self.repairs[i].q.val();
                    if self.alerts[j].tests_repair[i].val() {
                        self.repairs[i].d.next = true;
                    }
                }
                self.irq.next = self.irq.val() | (self.repairs[i].q.val() & self.repairs_enabled[i].q.val());
            }

            // The first fault is kept until software has acknowledged it. Until there is one, whatever passes is taken
            // down, and only `valid` waits for the denial.
            self.unclaimed.next = !self.fault.q.val().valid | self.acknowledged.val().get_bit(1);
            for i in 0..self._alerts {
                self.alerts[i].clock.next = self.clock.val();
                self.alerts[i].reset.next = self.reset.val();
                self.alerts[i].access.next = self.access.val();
                self.alerts[i].sealed.next = self.sealed.val();
                self.alerts[i].translate_denied.next = self.translate.val().denied;
                self.alerts[i].physical_denied.next = self.physical.val().denied;
                self.alerts[i].claimed.next = !self.unclaimed.val();
                self.alerts[i].causes.next = self.causes.q.val();
                self.alerts[i].acknowledged.next = self.acknowledged.val();
            }
            self.fault_address.clock.next = self.clock.val();
            self.fault_address.reset.next = self.reset.val();
            self.fault_address.write_low.next = false;
            self.fault_address.write_high.next = false;
            self.fault_address.data.next = 0.into();
            self.fault_address.load.next = self.unclaimed.val();
            self.fault_address.loaded.next = self.physical_origin.val().address;
            if self.translate.val().denied {
                self.fault_address.loaded.next = self.translate_origin.val().address;
            }
            if self.unclaimed.val() {
                self.fault.d.next.valid = self.denied.val();
                self.fault.d.next.physical = true;
                self.fault.d.next.tenant = self.physical_origin.val().tenant;
                self.fault.d.next.kind = self.physical_origin.val().kind;
                self.fault.d.next.slot = self.physical.val().slot;
                self.fault.d.next.reason = self.physical.val().reason;
                if self.translate.val().denied {
                    self.fault.d.next.physical = false;
                    self.fault.d.next.tenant = self.translate_origin.val().tenant;
                    self.fault.d.next.kind = self.translate_origin.val().kind;
                    self.fault.d.next.slot = self.translate.val().slot;
                    self.fault.d.next.reason = self.translate.val().reason;
                }
            }
        }
    }
}
