//! The registers of the boot gate: which register is asked, what does it answer, and is it written?
//!
//! ```text
//!   pool_base, pool_size, window, state, status --> the one that is selected --> answer
//!   write, fits?, unfrozen? ----------------------> write of one half of one register; activates, strict or not
//! ```

use super::{
    boot_state::BootState,
    register_bank::{BankAnswer, RegisterAccess, WideWords, WideWrites},
};
use crate::constants;
use pm_interface::registers::offset;
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the boot bank.
    pub struct BootOffsets: Bits<8> {
        /// `CONTROL`.
        control = offset::CONTROL / 4,
        /// `POOL_BASE_LO`.
        pool_base_low = offset::POOL_BASE_LO / 4,
        /// `POOL_BASE_HI`.
        pool_base_high = offset::POOL_BASE_HI / 4,
        /// `POOL_SIZE_LO`.
        pool_size_low = offset::POOL_SIZE_LO / 4,
        /// `POOL_SIZE_HI`.
        pool_size_high = offset::POOL_SIZE_HI / 4,
        /// `WINDOW_BASE_LO`.
        window_base_low = offset::WINDOW_BASE_LO / 4,
        /// `WINDOW_BASE_HI`.
        window_base_high = offset::WINDOW_BASE_HI / 4,
        /// `BOOT_STATE`.
        boot_state = offset::BOOT_STATE / 4,
    }
}

block! {
    /// Answers a register access; combinational.
    pub struct GateRegisters with built_strict: bool {
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// State of the gate.
        pub state: Signal<In, BootState>,
        /// Status of the last activation.
        pub status: Signal<In, Bits<4>>,
        /// High: the window is strict.
        pub strict: Signal<In, Bit>,
        /// Value of `POOL_BASE`.
        pub pool_base: Signal<In, WideWords>,
        /// Value of `POOL_SIZE`.
        pub pool_size: Signal<In, WideWords>,
        /// Value of `WINDOW_BASE`.
        pub window: Signal<In, WideWords>,
        /// Answer to the access, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// High: the data of the access are written to `POOL_BASE`.
        pub pool_base_writes: Signal<Out, WideWrites>,
        /// High: the data of the access are written to `POOL_SIZE`.
        pub pool_size_writes: Signal<Out, WideWrites>,
        /// High: the data of the access are written to `WINDOW_BASE`.
        pub window_writes: Signal<Out, WideWrites>,
        /// High: an activation is written to `CONTROL`, whether the gate takes it or not.
        pub activates: Signal<Out, Bit>,
        /// High: the window is to be strict; valid with `activates`.
        pub activates_strict: Signal<Out, Bit>,
        selected: Signal<Local, Bits<64>>,
        unfrozen: Signal<Local, Bit>,
        writes_low: Signal<Local, Bit>,
        writes_high: Signal<Local, Bit>,
        low_accepted: Signal<Local, Bit>,
        high_accepted: Signal<Local, Bit>,
        state_code: Signal<Local, Bits<3>>,
        strict_code: Signal<Local, Bits<1>>,
        shown: Signal<Local, Bits<32>>,
        offsets: BootOffsets,
        built_strict: Constant<Bit> = Constant::new(built_strict),
    }
}

kernel! {
    GateRegisters
    #[hdl_gen]
    fn update(&mut self) {
        self.selected.next = self.access.val().selected;
        self.unfrozen.next = (self.state.val() == BootState::Closed) | (self.state.val() == BootState::Refused);
        self.writes_low.next = self.access.val().write & self.unfrozen.val() & self.access.val().fits_low;
        self.writes_high.next = self.access.val().write & self.unfrozen.val() & self.access.val().fits_high;
        self.low_accepted.next = self.access.val().read | self.writes_low.val();
        self.high_accepted.next = self.access.val().read | self.writes_high.val();
        self.state_code.next = 0.into();
        match self.state.val() {
            BootState::Clearing => { self.state_code.next = 0.into(); }
            BootState::Closed => { self.state_code.next = 1.into(); }
            BootState::Checking => { self.state_code.next = 2.into(); }
            BootState::Refused => { self.state_code.next = 3.into(); }
            BootState::Active => { self.state_code.next = 4.into(); }
            _ => {}
        }

        self.strict_code.next = 0.into();
        if self.strict.val() & (self.state.val() == BootState::Active) {
            self.strict_code.next = 1.into();
        }
        // Bit 1 of `CONTROL` asks for a strict window, bit 2 for one that is not; neither for what the design was built with.
        self.activates_strict.next = self.access.val().data.get_bit(1)
            | (self.built_strict.val() & !self.access.val().data.get_bit(2));

        self.answer.next.accepted = false;
        self.answer.next.data = 0.into();
        self.shown.next = 0.into();
        self.pool_base_writes.next.low = false;
        self.pool_base_writes.next.high = false;
        self.pool_size_writes.next.low = false;
        self.pool_size_writes.next.high = false;
        self.window_writes.next.low = false;
        self.window_writes.next.high = false;
        self.activates.next = false;
        // At most one register is selected: a union, and no chain of choices.
        if self.selected.val().get_bit(self.offsets.pool_base_low.val().index()) {
            self.pool_base_writes.next.low = self.writes_low.val();
            self.answer.next.accepted = self.low_accepted.val();
            self.shown.next = self.shown.val() | self.pool_base.val().low;
        }
        if self.selected.val().get_bit(self.offsets.pool_base_high.val().index()) {
            self.pool_base_writes.next.high = self.writes_high.val();
            self.answer.next.accepted = self.high_accepted.val();
            self.shown.next = self.shown.val() | self.pool_base.val().high;
        }
        if self.selected.val().get_bit(self.offsets.pool_size_low.val().index()) {
            self.pool_size_writes.next.low = self.writes_low.val();
            self.answer.next.accepted = self.low_accepted.val();
            self.shown.next = self.shown.val() | self.pool_size.val().low;
        }
        if self.selected.val().get_bit(self.offsets.pool_size_high.val().index()) {
            self.pool_size_writes.next.high = self.writes_high.val();
            self.answer.next.accepted = self.high_accepted.val();
            self.shown.next = self.shown.val() | self.pool_size.val().high;
        }
        if self.selected.val().get_bit(self.offsets.window_base_low.val().index()) {
            self.window_writes.next.low = self.writes_low.val();
            self.answer.next.accepted = self.low_accepted.val();
            self.shown.next = self.shown.val() | self.window.val().low;
        }
        if self.selected.val().get_bit(self.offsets.window_base_high.val().index()) {
            self.window_writes.next.high = self.writes_high.val();
            self.answer.next.accepted = self.high_accepted.val();
            self.shown.next = self.shown.val() | self.window.val().high;
        }
        if self.selected.val().get_bit(self.offsets.boot_state.val().index()) {
            self.answer.next.accepted = self.access.val().read;
            self.shown.next = self.shown.val()
                | bit_cast::<32, 3>(self.state_code.val())
                | (bit_cast::<32, 4>(self.status.val()) << 8)
                | (bit_cast::<32, 1>(self.strict_code.val()) << 12);
        }
        if self.selected.val().get_bit(self.offsets.control.val().index()) {
            self.answer.next.accepted = self.unfrozen.val() & self.access.val().activates;
            self.activates.next = self.access.val().activates;
        }
        if self.access.val().read {
            self.answer.next.data = self.shown.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;
    use pm_interface::Status;
    use BootState::*;

    fn registers(state: BootState, access: RegisterAccess) -> GateRegisters {
        built(false, state, access)
    }

    fn built(strict: bool, state: BootState, access: RegisterAccess) -> GateRegisters {
        let mut registers = GateRegisters::new(strict);
        registers.connect_all();
        let words = |low: u64, high: u64| WideWords { low: low.to_bits(), high: high.to_bits() };
        registers.pool_base.next = words(0x10, 0x1);
        registers.pool_size.next = words(0x20, 0x2);
        registers.window.next = words(0x40, 0x4);
        registers.strict.next = true;
        registers.status.next = Status::BadSize.code().to_bits();
        (registers.state.next, registers.access.next) = (state, access);
        settle(&mut registers);
        registers
    }

    fn at(register: u8) -> RegisterAccess {
        RegisterAccess { selected: (1u64 << (register / 4)).into(), ..RegisterAccess::default() }
    }

    /// A write whose data fit in the low half, in the high half, and are an activation, or not.
    fn write(register: u8, [fits_low, fits_high, activates]: [bool; 3]) -> RegisterAccess {
        RegisterAccess { write: true, fits_low, fits_high, activates, ..at(register) }
    }

    const WIDE: [u8; 6] = [
        offset::POOL_BASE_LO,
        offset::POOL_BASE_HI,
        offset::POOL_SIZE_LO,
        offset::POOL_SIZE_HI,
        offset::WINDOW_BASE_LO,
        offset::WINDOW_BASE_HI,
    ];

    #[test]
    fn a_read_shows_the_register_that_is_selected() {
        let check = |state: BootState, register: u8, expected: Option<u64>| {
            let registers = registers(state, RegisterAccess { read: true, ..at(register) });
            let answer = registers.answer.val();
            let found = answer.accepted.then(|| answer.data.to_u64());
            assert_eq!(found, expected, "{state:?}, register {register:#x}");
            assert!(answer.accepted || answer.data.to_u64() == 0);
        };
        let status = u64::from(Status::BadSize.code()) << 8;
        for (code, state) in [Clearing, Closed, Checking, Refused, Active].into_iter().enumerate() {
            for (register, value) in WIDE.into_iter().zip([0x10, 0x1, 0x20, 0x2, 0x40, 0x4]) {
                check(state, register, Some(value));
            }
            let strict = if state == Active { 1 << 12 } else { 0 };
            check(state, offset::BOOT_STATE, Some(status | code as u64 | strict));
            check(state, offset::CONTROL, None);
            check(state, offset::CMD, None);
        }
    }

    #[test]
    fn a_half_is_written_while_the_gate_is_not_frozen_and_the_data_fit() {
        let check = |state: BootState, register: u8, fits: [bool; 3], expected: Option<usize>| {
            let registers = registers(state, write(register, fits));
            let pairs = [registers.pool_base_writes.val(), registers.pool_size_writes.val(), registers.window_writes.val()];
            let written: Vec<bool> = pairs.iter().flat_map(|pair| [pair.low, pair.high]).collect();
            let wanted: Vec<bool> = (0..6).map(|half| Some(half) == expected).collect();
            assert_eq!(
                (written, registers.answer.val().accepted),
                (wanted, expected.is_some()),
                "{state:?} {register:#x} {fits:?}"
            );
            assert_eq!(registers.answer.val().data.to_u64(), 0);
        };
        for state in [Clearing, Closed, Checking, Refused, Active] {
            let unfrozen = matches!(state, Closed | Refused);
            for (half, register) in WIDE.into_iter().enumerate() {
                let low = half % 2 == 0;
                check(state, register, [true, true, false], unfrozen.then_some(half));
                check(state, register, [low, !low, true], unfrozen.then_some(half));
                check(state, register, [!low, low, true], None);
            }
            check(state, offset::BOOT_STATE, [true, true, true], None);
            check(state, offset::CONTROL, [true, true, false], None);
        }
    }

    #[test]
    fn an_activation_says_whether_the_window_is_strict() {
        let check = |data: u64, [built_plain, built_strict]: [bool; 2]| {
            for (strict, expected) in [(false, built_plain), (true, built_strict)] {
                let access = RegisterAccess { data: data.to_bits(), ..write(offset::CONTROL, [true; 3]) };
                assert_eq!(built(strict, Closed, access).activates_strict.val(), expected, "{data} {strict}");
            }
        };
        check(1, [false, true]);
        check(3, [true, true]);
        check(5, [false, false]);
    }

    #[test]
    fn only_an_activation_in_control_activates() {
        let check = |state: BootState, access: RegisterAccess, [activates, accepted]: [bool; 2]| {
            let registers = registers(state, access);
            assert_eq!([registers.activates.val(), registers.answer.val().accepted], [activates, accepted], "{state:?}");
        };
        for (state, accepted) in [(Clearing, false), (Closed, true), (Checking, false), (Refused, true), (Active, false)] {
            check(state, write(offset::CONTROL, [true, true, true]), [true, accepted]);
            check(state, write(offset::CONTROL, [true, true, false]), [false, false]);
            check(state, write(offset::BOOT_STATE, [true, true, true]), [false, false]);
        }
    }
}
