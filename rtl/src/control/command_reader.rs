//! The reader of the command bank: which register is asked, and what does it show?
//!
//! ```text
//!   operands, result, running --> the register that is selected --> readable, shown
//! ```

use super::{command_codes::CommandOffsets, register_bank::WideWords};
use pm_verilog::{block, kernel};
use rust_hdl::prelude::*;

block! {
    /// Shows a register; combinational.
    pub struct CommandReader {
        /// One-hot register select.
        pub selected: Signal<In, Bits<64>>,
        /// Value of `CMD_TENANT`.
        pub tenant: Signal<In, Bits<8>>,
        /// Value of `CMD_SLOT`.
        pub slot: Signal<In, Bits<8>>,
        /// Value of `CMD_LOGICAL`.
        pub logical: Signal<In, WideWords>,
        /// Value of `CMD_SIZE`.
        pub size: Signal<In, WideWords>,
        /// Value of `CMD_RIGHTS`.
        pub rights: Signal<In, Bits<5>>,
        /// High while a command is running.
        pub running: Signal<In, Bit>,
        /// Status of the last command that ended.
        pub status: Signal<In, Bits<4>>,
        /// Slot of that command's row.
        pub result_slot: Signal<In, Bits<8>>,
        /// Value of `RESULT_PHYSICAL`.
        pub physical: Signal<In, WideWords>,
        /// High: the selected register is one of this bank that can be read.
        pub readable: Signal<Out, Bit>,
        /// Value of the selected register; zero unless `readable`.
        pub shown: Signal<Out, Bits<32>>,
        shown_result: Signal<Local, Bits<32>>,
        offsets: CommandOffsets,
    }
}

kernel! {
    CommandReader
    #[hdl_gen]
    fn update(&mut self) {
        // At most one register is selected: a union, and no chain of choices.
        self.readable.next = false;
        self.shown.next = 0.into();
        self.shown_result.next = bit_cast::<32, 4>(self.status.val())
            | (bit_cast::<32, 8>(self.result_slot.val()) << 8)
            | (bit_cast::<32, 1>(self.running.val().into()) << 31);
        if self.selected.val().get_bit(self.offsets.tenant.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | bit_cast::<32, 8>(self.tenant.val());
        }
        if self.selected.val().get_bit(self.offsets.slot.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | bit_cast::<32, 8>(self.slot.val());
        }
        if self.selected.val().get_bit(self.offsets.logical_low.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.logical.val().low;
        }
        if self.selected.val().get_bit(self.offsets.logical_high.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.logical.val().high;
        }
        if self.selected.val().get_bit(self.offsets.size_low.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.size.val().low;
        }
        if self.selected.val().get_bit(self.offsets.size_high.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.size.val().high;
        }
        if self.selected.val().get_bit(self.offsets.rights.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | bit_cast::<32, 5>(self.rights.val());
        }
        if self.selected.val().get_bit(self.offsets.result.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.shown_result.val();
        }
        if self.selected.val().get_bit(self.offsets.physical_low.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.physical.val().low;
        }
        if self.selected.val().get_bit(self.offsets.physical_high.val().index()) {
            self.readable.next = true;
            self.shown.next = self.shown.val() | self.physical.val().high;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::settle;
    use pm_interface::registers::offset;

    #[test]
    fn each_register_shows_its_own_value() {
        let check = |running: bool, register: Option<u8>, expected: Option<u64>| {
            let mut reader = CommandReader::default();
            reader.connect_all();
            let words = |low: u64, high: u64| WideWords { low: low.into(), high: high.into() };
            (reader.tenant.next, reader.slot.next, reader.rights.next) = (0x11.into(), 0x22.into(), 0x13.into());
            (reader.logical.next, reader.size.next, reader.physical.next) =
                (words(0x31, 0x32), words(0x41, 0x42), words(0x51, 0x52));
            (reader.status.next, reader.result_slot.next, reader.running.next) = (5.into(), 0x66.into(), running);
            reader.selected.next = register.map_or(0, |register| 1u64 << (register / 4)).into();
            settle(&mut reader);
            let shown = reader.shown.val().to_u64();
            assert_eq!(reader.readable.val().then_some(shown), expected, "{register:x?}, running {running}");
            assert!(expected.is_some() || shown == 0, "{register:x?}");
        };
        for running in [false, true] {
            check(running, Some(offset::CMD_TENANT), Some(0x11));
            check(running, Some(offset::CMD_SLOT), Some(0x22));
            check(running, Some(offset::CMD_RIGHTS), Some(0x13));
            check(running, Some(offset::CMD_LOGICAL_LO), Some(0x31));
            check(running, Some(offset::CMD_LOGICAL_HI), Some(0x32));
            check(running, Some(offset::CMD_SIZE_LO), Some(0x41));
            check(running, Some(offset::CMD_SIZE_HI), Some(0x42));
            check(running, Some(offset::RESULT_PHYSICAL_LO), Some(0x51));
            check(running, Some(offset::RESULT_PHYSICAL_HI), Some(0x52));
            check(running, Some(offset::RESULT), Some(0x6605 | u64::from(running) << 31));
            check(running, Some(offset::CMD), None);
            check(running, Some(offset::CONTROL), None);
            check(running, None, None);
        }
    }
}
