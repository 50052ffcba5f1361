//! The registers behind a bus guard: for how long may a master, or the memory, not go on? `STALL_LIMIT`, and a bit of `STATUS`.
//!
//! ```text
//!   access --> STALL_LIMIT --> limit: the bus guard's timers
//!   answer of the identity bank --(STATUS: memory_stalled)--+--> answer
//!   answer of the bus guard's own bank ---------------------'
//! ```

use super::register_bank::{BankAnswer, RegisterAccess};
use crate::constants;
use pm_interface::registers::{offset, STALL_LIMIT_RESET};
use pm_verilog::{block, cells::Register, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the guard bank.
    pub struct GuardOffsets: Bits<8> {
        /// `STATUS`.
        status = offset::STATUS / 4,
        /// `STALL_LIMIT`.
        stall_limit = offset::STALL_LIMIT / 4,
    }
}

block! {
    /// Holds the limit, and adds the state of the memory to the answers of the identity bank.
    pub struct GuardBank {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: the limit takes its start value.
        pub reset: Signal<In, Bit>,
        /// Register access, for every bank.
        pub access: Signal<In, RegisterAccess>,
        /// Answer of the identity bank to the access.
        pub identity: Signal<In, BankAnswer>,
        /// Answer of the bus guard's own bank to the access.
        pub own: Signal<In, BankAnswer>,
        /// Answer of the three banks, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// High from SEAL to reset: the limit stays.
        pub sealed: Signal<In, Bit>,
        /// High while the memory owes an answer and has not moved for `limit` cycles.
        pub memory_stalled: Signal<In, Bit>,
        /// Limit in cycles; 0: no limit.
        pub limit: Signal<Out, Bits<16>>,
        /// Limit, with the start value's bits turned over: zero after reset.
        turned: Register<Bits<16>>,
        shown: Signal<Local, Bits<32>>,
        offsets: GuardOffsets,
        start: Constant<Bits<16>> = Constant::new(u64::from(STALL_LIMIT_RESET).to_bits()),
    }
}

kernel! {
    GuardBank
    #[hdl_gen]
    fn update(&mut self) registers(turned) {
        self.limit.next = self.turned.q.val() ^ self.start.val();
        self.shown.next = bit_cast::<32, 16>(self.turned.q.val() ^ self.start.val());
        self.answer.next.accepted = self.identity.val().accepted | self.own.val().accepted;
        self.answer.next.data = self.identity.val().data | self.own.val().data;
        if self.access.val().read {
            if self.access.val().selected.get_bit(self.offsets.stall_limit.val().index()) {
                self.answer.next.accepted = true;
                self.answer.next.data = self.shown.val();
            } else if self.access.val().selected.get_bit(self.offsets.status.val().index()) {
                self.answer.next.data =
                    self.identity.val().data | (bit_cast::<32, 1>(self.memory_stalled.val().into()) << 5);
            }
        } else if self.access.val().write
            & self.access.val().fits_16
            & !self.sealed.val()
            & self.access.val().selected.get_bit(self.offsets.stall_limit.val().index())
        {
            self.answer.next.accepted = true;
            self.turned.d.next = self.access.val().data.get_bits::<16>(0) ^ self.start.val();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{edge, settle};

    fn bank(read: bool, register: u8, data: u64) -> GuardBank {
        let mut bank = GuardBank::default();
        bank.connect_all();
        bank.access.next = RegisterAccess {
            read,
            write: !read,
            selected: (1u64 << (register / 4)).to_bits(),
            data: data.to_bits(),
            fits_16: data < 1 << 16,
            ..RegisterAccess::default()
        };
        bank
    }

    #[test]
    fn the_limit_is_kept_until_it_is_sealed() {
        // Stimulus: data of the write, sealed. Expected: accepted, limit after it.
        let check = |data: u64, sealed: bool, accepted: bool, limit: u64| {
            let mut bank = bank(false, offset::STALL_LIMIT, data);
            bank.sealed.next = sealed;
            settle(&mut bank);
            assert_eq!(bank.limit.val().to_u64(), u64::from(STALL_LIMIT_RESET));
            assert_eq!(bank.answer.val().accepted, accepted, "{data:#x}, sealed {sealed}");
            edge!(bank);
            assert_eq!(bank.limit.val().to_u64(), limit, "{data:#x}, sealed {sealed}");
        };
        check(0, false, true, 0);
        check(1, false, true, 1);
        check(0xFFFF, false, true, 0xFFFF);
        check(0x1_0000, false, false, 1024);
        check(7, true, false, 1024);
    }

    #[test]
    fn status_shows_the_memory_and_other_answers_pass() {
        let check = |register: u8, identity: BankAnswer, stalled: bool, expected: (bool, u64)| {
            let mut bank = bank(true, register, 0);
            (bank.identity.next, bank.memory_stalled.next) = (identity, stalled);
            settle(&mut bank);
            let answer = bank.answer.val();
            assert_eq!((answer.accepted, answer.data.to_u64()), expected, "{register:#x}, stalled {stalled}");
        };
        let answer = |data: u64| BankAnswer { accepted: true, data: data.to_bits() };
        check(offset::STATUS, answer(5), false, (true, 5));
        check(offset::STATUS, answer(5), true, (true, 0x25));
        check(offset::ID, answer(9), true, (true, 9));
        check(offset::CMD, BankAnswer::default(), true, (false, 0));
        check(offset::STALL_LIMIT, BankAnswer::default(), true, (true, 1024));
    }
}
