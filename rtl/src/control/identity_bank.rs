//! The identity registers: which device is this, and in which state? `ID`, `VERSION`, `GEOMETRY0`, `GEOMETRY1`, `STATUS`.

use super::register_bank::{BankAnswer, RegisterAccess};
use crate::constants;
use pm_interface::registers::{self, offset};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the identity bank.
    pub struct IdentityOffsets: Bits<8> {
        /// `ID`.
        id = offset::ID / 4,
        /// `VERSION`.
        version = offset::VERSION / 4,
        /// `GEOMETRY0`.
        geometry0 = offset::GEOMETRY0 / 4,
        /// `GEOMETRY1`.
        geometry1 = offset::GEOMETRY1 / 4,
        /// `STATUS`.
        status = offset::STATUS / 4,
    }
}

block! {
    /// Read-only registers; writes are refused.
    pub struct IdentityBank for geometry {
        /// Register access, for every bank.
        pub access: Signal<In, RegisterAccess>,
        /// Answer of this bank, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// High while the boot gate is open.
        pub active: Signal<In, Bit>,
        /// High from SEAL to reset: no row may change.
        pub sealed: Signal<In, Bit>,
        /// High while a command is running.
        pub busy: Signal<In, Bit>,
        /// High while an isolation or integrity denial has not been acknowledged.
        pub alert: Signal<In, Bit>,
        /// High while an interrupt is requested.
        pub irq: Signal<In, Bit>,
        selected: Signal<Local, Bits<64>>,
        offsets: IdentityOffsets,
        id: Constant<Bits<32>> = Constant::new(registers::ID_VALUE.to_bits()),
        version: Constant<Bits<32>> = Constant::new(registers::VERSION_VALUE.to_bits()),
        geometry0: Constant<Bits<32>> = Constant::new(u64::from(geometry.registers()[0]).to_bits()),
        geometry1: Constant<Bits<32>> = Constant::new(u64::from(geometry.registers()[1]).to_bits()),
    }
}

kernel! {
    IdentityBank
    #[hdl_gen]
    fn update(&mut self) {
        self.selected.next = self.access.val().selected;
        self.answer.next.accepted = false;
        self.answer.next.data = 0.into();
        if self.access.val().read {
            if self.selected.val().get_bit(self.offsets.id.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.id.val();
            } else if self.selected.val().get_bit(self.offsets.version.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.version.val();
            } else if self.selected.val().get_bit(self.offsets.geometry0.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.geometry0.val();
            } else if self.selected.val().get_bit(self.offsets.geometry1.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.geometry1.val();
            } else if self.selected.val().get_bit(self.offsets.status.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = bit_cast::<32, 1>(self.active.val().into())
                    | (bit_cast::<32, 1>(self.sealed.val().into()) << 1)
                    | (bit_cast::<32, 1>(self.busy.val().into()) << 2)
                    | (bit_cast::<32, 1>(self.alert.val().into()) << 3)
                    | (bit_cast::<32, 1>(self.irq.val().into()) << 4);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::Geometry;

    /// The answer to a read or a write of a register, with every bit of the state as given.
    #[track_caller]
    fn check(register: u8, read: bool, state: bool, expected: Option<u64>) {
        let mut bank = IdentityBank::new(&Geometry::preset("cu").unwrap());
        bank.connect_all();
        bank.access.next =
            RegisterAccess { read, write: !read, selected: (1u64 << (register / 4)).into(), ..RegisterAccess::default() };
        for bit in [&mut bank.active, &mut bank.sealed, &mut bank.busy, &mut bank.alert, &mut bank.irq] {
            bit.next = state;
        }
        simulate(&mut bank, 100);
        let answer = bank.answer.val();
        assert_eq!(answer.accepted.then_some(answer.data.to_u64()), expected, "{register:#x}");
        assert!(answer.accepted || answer.data == 0, "{register:#x} shows what it does not accept");
    }

    #[test]
    fn what_is_read_and_what_is_refused() {
        let geometry = Geometry::preset("cu").unwrap();
        check(offset::ID, true, false, Some(registers::ID_VALUE.into()));
        check(offset::VERSION, true, false, Some(registers::VERSION_VALUE.into()));
        check(offset::GEOMETRY0, true, false, Some(u64::from(geometry.registers()[0])));
        check(offset::GEOMETRY1, true, false, Some(u64::from(geometry.registers()[1])));
        check(offset::STATUS, true, false, Some(0));
        check(offset::STATUS, true, true, Some(0b11111));
        for register in [offset::ID, offset::VERSION, offset::GEOMETRY0, offset::GEOMETRY1, offset::STATUS] {
            check(register, false, true, None);
        }
        for register in [offset::CONTROL, offset::CMD, offset::RESULT] {
            check(register, true, true, None);
        }
    }
}
