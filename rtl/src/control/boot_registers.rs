//! The registers of an authenticated boot: which accesses may the host make, and which answers does the host get?
//!
//! ```text
//!   access --> gate_access, command_access: writes from the loader only
//!          --> push: a word of the manifest; words: a word, of the manifest or too many; asks: CONTROL = 1
//!   gate's answer, state, status --> answer
//! ```

use super::{
    loader_state::LoaderState,
    register_bank::{BankAnswer, RegisterAccess},
};
use crate::constants;
use pm_interface::{registers::offset, BootState as States};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the boot's registers.
    pub struct ManifestOffsets: Bits<8> {
        /// `CONTROL`.
        control = offset::CONTROL / 4,
        /// `BOOT_DATA`.
        boot_data = offset::BOOT_DATA / 4,
        /// `BOOT_STATE`.
        boot_state = offset::BOOT_STATE / 4,
    }
}

constants! {
    /// Values of `BOOT_STATE`.
    pub struct BootStates: Bits<3> {
        /// `Closed`.
        closed = States::Closed.code(),
        /// `Checking`.
        checking = States::Checking.code(),
        /// `Active`.
        active = States::Active.code(),
        /// `Failed`.
        failed = States::Failed.code(),
    }
}

block! {
    /// Answers the host for the loader, and hands accesses on to the gate and the command registers.
    pub struct BootRegisters {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the tables are not cleared, the boot has not begun.
        pub reset: Signal<In, Bit>,
        /// Register access of this cycle.
        pub access: Signal<In, RegisterAccess>,
        /// High when the access is the loader's own.
        pub inner_access: Signal<In, Bit>,
        /// Answer of the gate's registers.
        pub gate_answer: Signal<In, BankAnswer>,
        /// Answer for the register port: the gate's answer, except for `BOOT_STATE` and for writes that the loader accepts.
        pub answer: Signal<Out, BankAnswer>,
        /// Access for the gate, which takes writes from the loader only.
        pub gate_access: Signal<Out, RegisterAccess>,
        /// Access for the command registers, which take writes from the loader only while it boots.
        pub command_access: Signal<Out, RegisterAccess>,
        /// High while the shadow page tables are being cleared.
        pub clearing: Signal<In, Bit>,
        /// State of the loader.
        pub state: Signal<In, LoaderState>,
        /// High while the loader boots.
        pub booting: Signal<In, Bit>,
        /// Status of the boot, as `BOOT_STATE` shows it.
        pub status: Signal<In, Bits<4>>,
        /// High when the manifest buffer has words.
        pub some: Signal<In, Bit>,
        /// High when the manifest buffer has room for no further word.
        pub full: Signal<In, Bit>,
        /// High: the data of the access is a word of the manifest.
        pub push: Signal<Out, Bit>,
        /// High: a word of the host arrives, either of the manifest or too late to belong to the manifest.
        pub words: Signal<Out, Bit>,
        /// High: the host ends the manifest.
        pub asks: Signal<Out, Bit>,
        /// High when the boot had begun a cycle ago.
        pub begun: Signal<Out, Bit>,
        cleared: Register<Bit>,
        left: Register<Bit>,
        selects_data: Signal<Local, Bit>,
        closed: Signal<Local, Bit>,
        state_code: Signal<Local, Bits<3>>,
        strict_code: Signal<Local, Bits<1>>,
        offsets: ManifestOffsets,
        states: BootStates,
    }
}

kernel! {
    BootRegisters
    #[hdl_gen]
    fn update(&mut self) registers(cleared, left) {
        self.cleared.d.next = !self.clearing.val();
        self.left.d.next = self.state.val() != LoaderState::Waiting;
        self.begun.next = self.left.q.val();
        self.selects_data.next = self.access.val().selected.get_bit(self.offsets.boot_data.val().index());
        self.closed.next = (self.state.val() == LoaderState::Failing) | (self.state.val() == LoaderState::Failed);
        // While a record is on its way a word is refused. In all other states the word belongs to the manifest, or comes too
        // late.
        self.words.next = self.access.val().write
            & self.selects_data.val()
            & self.cleared.q.val()
            & !self.closed.val()
            & (self.state.val() != LoaderState::Record);
        // In Waiting, `push` and `words` are the same. A word in the cycle after Waiting comes too late and fails the boot.
        self.push.next = self.access.val().write & self.selects_data.val() & self.cleared.q.val() & !self.left.q.val();
        self.asks.next = self.access.val().selected.get_bit(self.offsets.control.val().index())
            & self.access.val().writes_one
            & self.some.val();

        self.gate_access.next = self.access.val();
        self.gate_access.next.write = self.access.val().write & self.inner_access.val();
        self.gate_access.next.activates = self.access.val().activates & self.inner_access.val();
        self.command_access.next = self.access.val();
        self.command_access.next.write = self.access.val().write & (self.inner_access.val() | !self.booting.val());

        self.state_code.next = self.states.checking.val();
        match self.state.val() {
            LoaderState::Waiting => {
                self.state_code.next = self.states.closed.val();
                if !self.cleared.q.val() {
                    self.state_code.next = 0.into();
                }
            }
            LoaderState::Open => { self.state_code.next = self.states.active.val(); }
            LoaderState::Failing => { self.state_code.next = self.states.failed.val(); }
            LoaderState::Failed => { self.state_code.next = self.states.failed.val(); }
            _ => {}
        }
        // The gate opens before the loader does.
        self.strict_code.next = 0.into();
        if self.state.val() == LoaderState::Open {
            self.strict_code.next = self.gate_answer.val().data.get_bits::<1>(12);
        }
        self.answer.next = self.gate_answer.val();
        if self.access.val().selected.get_bit(self.offsets.boot_state.val().index()) & self.access.val().read {
            self.answer.next.data = bit_cast::<32, 3>(self.state_code.val())
                | (bit_cast::<32, 4>(self.status.val()) << 8)
                | (bit_cast::<32, 1>(self.strict_code.val()) << 12);
        }
        // A word after the end of the manifest, or one too many, closes the device, and its answer is an error.
        if ((self.words.val() & !self.full.val()) | self.asks.val()) & (self.state.val() == LoaderState::Waiting) {
            self.answer.next.accepted = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bank(state: LoaderState, booting: bool, access: RegisterAccess, inner: bool) -> BootRegisters {
        let mut bank = BootRegisters::default();
        bank.connect_all();
        bank.state.next = state;
        bank.booting.next = booting;
        bank.status.next = 9u64.to_bits();
        bank.some.next = true;
        bank.gate_answer.next = BankAnswer { accepted: access.read, data: if access.read { 0x1104u64 } else { 0 }.to_bits() };
        bank.access.next = access;
        bank.inner_access.next = inner;
        for level in [true, false] {
            simulate(&mut bank, 100);
            bank.clock.next = level.into();
        }
        simulate(&mut bank, 100);
        bank
    }

    fn write(register: u8, data: u64) -> RegisterAccess {
        let selected = (1u64 << (register / 4)).to_bits();
        RegisterAccess {
            write: true,
            selected,
            data: data.to_bits(),
            writes_one: data == 1,
            activates: data == 1,
            ..Default::default()
        }
    }

    #[test]
    fn the_host_reaches_neither_gate_nor_commands_while_booting() {
        let check = |booting: bool, inner: bool, gate: bool, command: bool| {
            for register in [offset::CONTROL, offset::CMD] {
                let bank = bank(LoaderState::Judge, booting, write(register, 1), inner);
                let told = (bank.gate_access.val().write, bank.gate_access.val().activates, bank.command_access.val().write);
                assert_eq!(told, (gate, gate, command), "booting {booting}, inner {inner}");
            }
        };
        check(true, false, false, false);
        check(true, true, true, true);
        check(false, false, false, true);
        check(false, true, true, true);
    }

    #[test]
    fn words_are_pushed_before_the_boot_and_too_many_later() {
        let check = |state: LoaderState, push: bool, words: bool| {
            let bank = bank(state, true, write(offset::BOOT_DATA, 7), false);
            // A word that comes too late closes the device and is an error.
            assert_eq!((bank.push.val(), bank.words.val(), bank.answer.val().accepted), (push, words, push), "{state:?}");
        };
        check(LoaderState::Waiting, true, true);
        check(LoaderState::Feed, false, true);
        check(LoaderState::Open, false, true);
        check(LoaderState::Record, false, false);
        check(LoaderState::Failing, false, false);
        check(LoaderState::Failed, false, false);
    }

    #[test]
    fn the_host_is_told_state_and_status() {
        let check = |state: LoaderState, expected: States| {
            let selected = (1u64 << (offset::BOOT_STATE / 4)).to_bits();
            let bank = bank(state, true, RegisterAccess { read: true, selected, ..Default::default() }, false);
            let strict = if state == LoaderState::Open { 1 << 12 } else { 0 };
            assert_eq!(bank.answer.val().data.to_u64(), strict | 0x900 | u64::from(expected.code()), "{state:?}");
        };
        check(LoaderState::Waiting, States::Closed);
        check(LoaderState::Nonce, States::Checking);
        check(LoaderState::Record, States::Checking);
        check(LoaderState::Open, States::Active);
        check(LoaderState::Failing, States::Failed);
        check(LoaderState::Failed, States::Failed);
    }

    #[test]
    fn the_end_of_the_manifest_is_accepted_once() {
        let check = |state: LoaderState, data: u64, accepted: bool| {
            let bank = bank(state, false, write(offset::CONTROL, data), false);
            assert_eq!(bank.answer.val().accepted, accepted, "{state:?} {data}");
        };
        check(LoaderState::Waiting, 1, true);
        check(LoaderState::Waiting, 2, false);
        check(LoaderState::Nonce, 1, false);
        check(LoaderState::Open, 1, false);
    }

    #[test]
    fn a_word_too_many_is_an_error() {
        let mut bank = bank(LoaderState::Waiting, false, write(offset::BOOT_DATA, 7), false);
        bank.full.next = true;
        simulate(&mut bank, 100);
        assert!(bank.words.val() && !bank.answer.val().accepted);
    }
}
