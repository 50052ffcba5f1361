//! The registers of the event bank: which one is asked, and what does it answer?
//!
//! ```text
//!   fault, causes, counts --> the one that is selected --> answer
//!   write, fits? ------------> acknowledges, enables
//! ```

use super::{
    fault_capture::Fault,
    register_bank::{BankAnswer, RegisterAccess},
};
use crate::constants;
use pm_interface::registers::offset;
use pm_verilog::{block, kernel};
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

block! {
    /// Answers a register access; combinational.
    pub struct EventRegisters for geometry {
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// High when the data of a write sets no bit but those of causes that this design has.
        pub fits: Signal<In, Bit>,
        /// Fault that is held; without one its registers read zero.
        pub fault: Signal<In, Fault>,
        /// Bits 31:0 of the address of the fault.
        pub address_low: Signal<In, Bits<32>>,
        /// Bits 63:32 of the address of the fault.
        pub address_high: Signal<In, Bits<32>>,
        /// Value of `IRQ_STATUS`.
        pub causes: Signal<In, Bits<32>>,
        /// Value of `IRQ_ENABLE`.
        pub enabled: Signal<In, Bits<32>>,
        /// Value of `COUNT_GRANTED`.
        pub granted: Signal<In, Bits<32>>,
        /// Value of `COUNT_DENIED`.
        pub denied: Signal<In, Bits<32>>,
        /// Value of `COUNT_NOT_MINE`.
        pub not_mine: Signal<In, Bits<32>>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// High: the data of the access acknowledges causes.
        pub acknowledges: Signal<Out, Bit>,
        /// High: the data of the access is the new `IRQ_ENABLE`.
        pub enables: Signal<Out, Bit>,
        selected: Signal<Local, Bits<64>>,
        fault_info: Signal<Local, Bits<32>>,
        readable: Signal<Local, Bit>,
        shown: Signal<Local, Bits<32>>,
        offsets: EventOffsets,
        /// High: the fault that is held was not the last denial.
        pub overrun: Signal<In, Bit> where alerts,
        overrun_place: Constant<Bits<32>> where alerts = Constant::new((1u64 << 29).to_bits()),
    }
}

kernel! {
    EventRegisters
    #[hdl_gen]
    fn update(&mut self) {
        self.selected.next = self.access.val().selected;
        self.fault_info.next = bit_cast::<32, 8>(self.fault.val().tenant)
            | (bit_cast::<32, 8>(self.fault.val().slot) << 8)
            | (bit_cast::<32, 2>(self.fault.val().kind) << 20)
            | (bit_cast::<32, 4>(self.fault.val().reason) << 24)
            | (bit_cast::<32, 1>(self.fault.val().physical.into()) << 30)
            | (bit_cast::<32, 1>(self.fault.val().valid.into()) << 31);
        // At most one register is selected: a union, and no chain of choices.
        self.readable.next = self.selected.val().get_bit(self.offsets.fault_info.val().index())
            | self.selected.val().get_bit(self.offsets.fault_address_low.val().index())
            | self.selected.val().get_bit(self.offsets.fault_address_high.val().index());
        self.shown.next = 0.into();
        if self.fault.val().valid {
            if self.selected.val().get_bit(self.offsets.fault_info.val().index()) {
                self.shown.next = self.shown.val() | self.fault_info.val();
            }
            if self.selected.val().get_bit(self.offsets.fault_address_low.val().index()) {
                self.shown.next = self.shown.val() | self.address_low.val();
            }
            if self.selected.val().get_bit(self.offsets.fault_address_high.val().index()) {
                self.shown.next = self.shown.val() | self.address_high.val();
            }
        }
        if self.selected.val().get_bit(self.offsets.irq_status.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.causes.val();
        }
        if self.selected.val().get_bit(self.offsets.irq_enable.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.enabled.val();
        }
        if self.selected.val().get_bit(self.offsets.count_granted.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.granted.val();
        }
        if self.selected.val().get_bit(self.offsets.count_denied.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.denied.val();
        }
        if self.selected.val().get_bit(self.offsets.count_not_mine.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.not_mine.val();
        }
        self.answer.next.accepted = false;
        self.answer.next.data = 0.into();
        self.acknowledges.next = false;
        self.enables.next = false;
        if self.access.val().read {
            self.answer.next.accepted = self.readable.val();
            self.answer.next.data = self.shown.val();
        } else if self.access.val().write & self.fits.val() {
            self.acknowledges.next = self.selected.val().get_bit(self.offsets.irq_status.val().index());
            self.enables.next = self.selected.val().get_bit(self.offsets.irq_enable.val().index());
            self.answer.next.accepted = self.acknowledges.val() | self.enables.val();
        }
    }
    when(overrun) {
        if self.access.val().read
            & self.fault.val().valid
            & self.overrun[0].val()
            & self.selected.val().get_bit(self.offsets.fault_info.val().index())
        {
            self.answer.next.data = self.shown.val() | self.overrun_place[0].val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::registers::REGISTERS;
    use pm_interface::Geometry;

    /// Accepted, data, acknowledges, enables.
    type Told = (bool, u64, bool, bool);
    const REFUSED: Told = (false, 0, false, false);

    /// Every input has a value of its own, so that a wrong one shows.
    fn told(register: u8, write: bool, fits: bool, fault: bool, overrun: bool) -> Told {
        let mut bank = EventRegisters::new(&Geometry::preset("tiny+alerts").unwrap());
        bank.connect_all();
        let selected: u64 = 1 << (register / 4);
        bank.access.next =
            RegisterAccess { read: !write, write, selected: selected.to_bits(), data: 5u64.to_bits(), ..Default::default() };
        bank.fits.next = fits;
        bank.fault.next = Fault {
            valid: fault,
            physical: true,
            tenant: 0x21u64.to_bits(),
            slot: 0x43u64.to_bits(),
            kind: 2u64.to_bits(),
            reason: 6u64.to_bits(),
        };
        bank.address_low.next = 0x1000u64.to_bits();
        bank.address_high.next = 0x2000u64.to_bits();
        bank.causes.next = 0x11u64.to_bits();
        bank.enabled.next = 0x12u64.to_bits();
        bank.granted.next = 0x13u64.to_bits();
        bank.denied.next = 0x14u64.to_bits();
        bank.not_mine.next = 0x15u64.to_bits();
        bank.overrun[0].next = overrun;
        simulate(&mut bank, 100);
        let answer = bank.answer.val();
        (answer.accepted, answer.data.to_u64(), bank.acknowledges.val(), bank.enables.val())
    }

    #[test]
    fn a_register_answers_for_itself_and_no_other() {
        use offset::*;
        let check = |register: u8, fault: bool, overrun: bool, expected: u64| {
            assert_eq!(told(register, false, false, fault, overrun), (true, expected, false, false), "{register:#x}");
        };
        check(FAULT_INFO, false, true, 0);
        check(FAULT_INFO, true, false, 0xC620_4321);
        check(FAULT_INFO, true, true, 0xE620_4321);
        check(FAULT_ADDRESS_LO, false, false, 0);
        check(FAULT_ADDRESS_LO, true, true, 0x1000);
        check(FAULT_ADDRESS_HI, false, false, 0);
        check(FAULT_ADDRESS_HI, true, true, 0x2000);
        check(IRQ_STATUS, true, true, 0x11);
        check(IRQ_ENABLE, true, true, 0x12);
        check(COUNT_GRANTED, true, true, 0x13);
        check(COUNT_DENIED, true, true, 0x14);
        check(COUNT_NOT_MINE, true, true, 0x15);
    }

    #[test]
    fn only_two_registers_take_writes_and_only_what_fits() {
        for register in REGISTERS {
            let check = |fits: bool, expected: Told| {
                assert_eq!(told(register.offset, true, fits, true, true), expected, "{} {fits}", register.name);
            };
            check(false, REFUSED);
            match register.offset {
                offset::IRQ_STATUS => check(true, (true, 0, true, false)),
                offset::IRQ_ENABLE => check(true, (true, 0, false, true)),
                _ => check(true, REFUSED),
            }
        }
    }
}
