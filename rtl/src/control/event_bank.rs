//! The events for software: interrupts, the first fault, and the counters.
//!
//! ```text
//!   outcomes of both ports --> EventCounter ---.
//!                          --> FaultCapture ---+--> EventRegisters --> answer
//!   command done, lost -----+-> causes --------'         '--> acknowledged, enabled
//!   AlertBank --------------'     '--> irq (where enabled), alert
//! ```
//!
//! The `AlertBank` exists with the feature `alerts`, the cause of the patrol with `integrity`.

use super::{
    alert_bank::AlertBank,
    event_counter::EventCounter,
    event_registers::EventRegisters,
    fault_capture::FaultCapture,
    port_witness::Denial,
    register_bank::{BankAnswer, RegisterAccess},
};
use pm_interface::registers::irq;
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

block! {
    /// Interrupts, fault capture and counters.
    pub struct EventBank<ADDRESS> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no cause waits, and the counters are zero.
        pub reset: Signal<In, Bit>,
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// Outcome of the translate port in this cycle.
        pub translate: Signal<In, Denial<ADDRESS>>,
        /// Outcome of the physical port in this cycle.
        pub physical: Signal<In, Denial<ADDRESS>>,
        /// High for one cycle: a command ended.
        pub command_done: Signal<In, Bit>,
        /// High: the log counts a denial instead of recording it.
        pub lost: Signal<In, Bit>,
        /// Causes whose records can be read from the next cycle on: bits of `IRQ_STATUS`.
        pub announced: Signal<In, Bits<6>>,
        /// High once rows are frozen; the threshold of `alerts` then is too.
        pub sealed: Signal<In, Bit>,
        /// Interrupt request: high while a cause that is enabled waits.
        pub irq: Signal<Out, Bit>,
        /// High while a critical cause, such as an isolation or integrity denial, waits for its acknowledgement.
        pub alert: Signal<Out, Bit>,
        granted_count: EventCounter,
        denied_count: EventCounter,
        not_mine_count: EventCounter,
        capture: FaultCapture<ADDRESS>,
        registers: EventRegisters = EventRegisters::new(geometry),
        causes: Register<Bits<6>>,
        enabled: Register<Bits<6>>,
        acknowledged: Signal<Local, Bits<6>>,
        denied: Signal<Local, Bit>,
        raised: Signal<Local, Bits<6>>,
        alerts: AlertBank where alerts = AlertBank::new(geometry),
        /// High: the patrol repairs a row in this cycle, or the record of a repair can be read from the next cycle on.
        pub repaired: Signal<In, Bit> where integrity,
        repairs: Register<Bit> where integrity,
        repairs_enabled: Register<Bit> where integrity,
        seventh: Signal<Local, Bit> where integrity,
        repairs_place: Constant<Bits<32>> where integrity = Constant::new(u64::from(irq::REPAIRED).to_bits()),
    }
}

kernel! {
    EventBank<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(causes, enabled) blocks(granted_count, denied_count, not_mine_count, capture) {
        self.granted_count.first.next = self.translate.val().passed;
        self.granted_count.second.next = self.physical.val().passed;
        self.denied_count.first.next = self.translate.val().denied;
        self.denied_count.second.next = self.physical.val().denied;
        self.not_mine_count.first.next = self.translate.val().not_mine;
        self.not_mine_count.second.next = false;

        self.registers.access.next = self.access.val();
        self.registers.fits.next = self.access.val().fits_4;
        self.registers.fault.next = self.capture.fault.val();
        self.registers.address_low.next = self.capture.address_low.val();
        self.registers.address_high.next = self.capture.address_high.val();
        self.registers.causes.next = bit_cast::<32, 6>(self.causes.q.val());
        self.registers.enabled.next = bit_cast::<32, 6>(self.enabled.q.val());
        self.registers.granted.next = self.granted_count.count.val();
        self.registers.denied.next = self.denied_count.count.val();
        self.registers.not_mine.next = self.not_mine_count.count.val();
        self.answer.next = self.registers.answer.val();
        self.acknowledged.next = 0.into();
        if self.registers.acknowledges.val() {
            self.acknowledged.next = bit_cast::<6, 32>(self.access.val().data);
        } else if self.registers.enables.val() {
            self.enabled.d.next = bit_cast::<6, 32>(self.access.val().data);
        }

        // A cause that is raised while it is acknowledged stays: so does one whose record waits.
        self.denied.next = self.translate.val().denied | self.physical.val().denied;
        self.raised.next = bit_cast::<6, 1>(self.command_done.val().into())
            | (bit_cast::<6, 1>(self.denied.val().into()) << 1)
            | (bit_cast::<6, 1>((self.translate.val().alarming | self.physical.val().alarming).into()) << 2)
            | (bit_cast::<6, 1>(self.lost.val().into()) << 3)
            | self.announced.val();
        self.causes.d.next = (self.causes.q.val() & !self.acknowledged.val()) | self.raised.val();
        self.irq.next = (self.causes.q.val() & self.enabled.q.val()).any();
        self.alert.next = self.causes.q.val().get_bit(2);

        self.capture.translate.next = self.translate.val();
        self.capture.physical.next = self.physical.val();
        self.capture.acknowledged.next = self.acknowledged.val().get_bit(1);
    }
    when(alerts) blocks(alerts) {
        self.registers.fits.next = self.access.val().fits_6;
        self.registers.overrun[0].next = self.alerts[0].overrun.val();
        self.alerts[0].access.next = self.access.val();
        self.alerts[0].sealed.next = self.sealed.val();
        self.alerts[0].translate_denied.next = self.translate.val().denied;
        self.alerts[0].physical_denied.next = self.physical.val().denied;
        self.alerts[0].claimed.next = !self.capture.unclaimed.val();
        self.alerts[0].causes.next = self.causes.q.val();
        self.alerts[0].acknowledged.next = self.acknowledged.val();
        if self.alerts[0].accepts.val() {
            self.answer.next = self.alerts[0].answer.val();
        }
        self.causes.d.next =
            (self.causes.q.val() & !self.acknowledged.val()) | self.raised.val() | self.alerts[0].raised.val();
        self.alert.next = self.alerts[0].critical.val();
    }
    // Bit 6 of the interrupt registers has its own registers beside those of bits 3:0, or 5:0 with `alerts`.
    when(repaired) registers(repairs, repairs_enabled) {
        self.seventh[0].next = self.access.val().data.get_bit(6);
        self.registers.fits.next = self.access.val().fits_8
            & !self.access.val().data.get_bit(7)
            & !(self.access.val().data.get_bit(4) | self.access.val().data.get_bit(5));
        for _both in 0..self.alerts.len() {
            self.registers.fits.next = self.access.val().fits_8 & !self.access.val().data.get_bit(7);
        }
        if self.repairs[0].q.val() {
            self.registers.causes.next = bit_cast::<32, 6>(self.causes.q.val()) | self.repairs_place[0].val();
        }
        if self.repairs_enabled[0].q.val() {
            self.registers.enabled.next = bit_cast::<32, 6>(self.enabled.q.val()) | self.repairs_place[0].val();
        }
        if self.registers.acknowledges.val() & self.seventh[0].val() {
            self.repairs[0].d.next = false;
        }
        if self.registers.enables.val() {
            self.repairs_enabled[0].d.next = self.seventh[0].val();
        }
        if self.repaired[0].val() {
            self.repairs[0].d.next = true;
        }
        for i in 0..self.alerts.len() {
            self.alerts[i].repairs[0].next = self.repairs[0].q.val();
            if self.alerts[i].tests_repair[0].val() {
                self.repairs[0].d.next = true;
            }
        }
        self.irq.next = (self.causes.q.val() & self.enabled.q.val()).any()
            | (self.repairs[0].q.val() & self.repairs_enabled[0].q.val());
    }
}
