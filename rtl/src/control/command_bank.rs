//! The command registers: operands, the strobe that starts a command, and its result.
//!
//! ```text
//!   CMD_* --> operands --> command engine
//!   CMD ----> start -----> command engine --> result --> RESULT, RESULT_PHYSICAL_*
//!                                         --> row -----> CMD_*  (QUERY, FIND)
//! ```
//!
//! [`CommandReader`] shows the registers, [`KnownCommand`] says which codes are commands. While a command runs, writes to `CMD` and its operands answer an error: a command never sees half of another's operands.

use super::{
    command_codes::CommandOffsets,
    command_reader::CommandReader,
    known_command::KnownCommand,
    register_bank::{BankAnswer, RegisterAccess, WideRegister, WideView},
};
use pm_verilog::{block, bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

bundle! {
    /// Operands of a command, in bytes; a row is shown in the same form.
    pub struct Operands<ADDRESS> {
        /// Number of the tenant.
        pub tenant: Bits<8>,
        /// Number of the slot.
        pub slot: Bits<8>,
        /// First logical byte.
        pub logical: Bits<ADDRESS>,
        /// Size in bytes.
        pub size: Bits<ADDRESS>,
        /// Rights as in `CMD_RIGHTS`.
        pub rights: Bits<5>,
    }
}

bundle! {
    /// Result of a command.
    pub struct CommandResult<ADDRESS> {
        /// Code of a `Status`.
        pub status: Bits<4>,
        /// Slot, when the status is `Ok`.
        pub slot: Bits<8>,
        /// Physical base of the row, when the status is `Ok`.
        pub physical: Bits<ADDRESS>,
    }
}

block! {
    /// Operand and result registers.
    pub struct CommandBank<ADDRESS> for geometry {
        /// Rising edge samples every register.
        pub clock: Signal<In, Clock>,
        /// Synchronous, high: no command runs, and every operand is zero.
        pub reset: Signal<In, Bit>,
        /// Register access, for every bank.
        pub access: Signal<In, RegisterAccess>,
        /// Answer of this bank, in the same cycle.
        pub answer: Signal<Out, BankAnswer>,
        /// High in the cycle after the command's code was written: the command begins.
        pub start: Signal<Out, Bit>,
        /// Code of the command, one of [`Commands`]; steady from `start` to `done`.
        pub code: Signal<Out, Bits<4>>,
        /// Operands of the command; steady from `start` to `done`.
        pub operands: Signal<Out, Operands<ADDRESS>>,
        /// High in the last cycle of the command.
        pub done: Signal<In, Bit>,
        /// High while a command is running.
        pub busy: Signal<Out, Bit>,
        /// High: `row` is loaded into the operand registers.
        pub load: Signal<In, Bit>,
        /// Row that a command read, as operands; valid with `load`.
        pub row: Signal<In, Operands<ADDRESS>>,
        /// Result of the last command that ended.
        pub result: Signal<In, CommandResult<ADDRESS>>,
        tenant: Register<Bits<8>>,
        slot: Register<Bits<8>>,
        rights: Register<Bits<5>>,
        logical: WideRegister<ADDRESS> = WideRegister::guarded(usize::from(geometry.features.integrity)),
        size: WideRegister<ADDRESS> = WideRegister::guarded(usize::from(geometry.features.integrity)),
        physical: WideView<ADDRESS>,
        command: Register<Bits<4>> where guarded,
        begun: Register<Bit> where guarded,
        running: Register<Bit> where guarded,
        selected: Signal<Local, Bits<64>>,
        data: Signal<Local, Bits<32>>,
        writes: Signal<Local, Bit>,
        byte_fits: Signal<Local, Bit>,
        rights_fit: Signal<Local, Bit>,
        asked: Signal<Local, Bits<4>>,
        command_reader: CommandReader,
        known_command: KnownCommand = KnownCommand::new(geometry),
        offsets: CommandOffsets,
        /// High while no register of this block has lost a bit.
        pub intact: Signal<Out, Bit> where integrity,
        tenant_check: Register<Bit> where integrity,
        slot_check: Register<Bit> where integrity,
        rights_check: Register<Bit> where integrity,
    }
}

kernel! {
    CommandBank<ADDRESS>
    #[hdl_gen]
    fn update(&mut self) registers(tenant, slot, rights) guarded(command, begun, running) blocks(logical, size)
        intact(logical, size)
    {
        self.selected.next = self.access.val().selected;
        self.data.next = self.access.val().data;
        self.logical.data.next = self.data.val();
        self.size.data.next = self.data.val();
        self.logical.load.next = self.load.val();
        self.logical.loaded.next = self.row.val().logical;
        self.size.load.next = self.load.val();
        self.size.loaded.next = self.row.val().size;
        self.physical.value.next = self.result.val().physical;

        self.busy.next = self.running.q.val();
        self.writes.next = self.access.val().write & !self.running.q.val();
        self.byte_fits.next = self.access.val().fits_8;
        self.rights_fit.next = self.access.val().fits_5;
        self.asked.next = bit_cast::<4, 32>(self.data.val());
        self.known_command.code.next = self.asked.val();
        self.known_command.fits.next = self.access.val().fits_4;

        self.begun.d.next = false;
        if self.done.val() {
            self.running.d.next = false;
        }
        self.start.next = self.begun.q.val();
        self.answer.next.accepted = false;
        self.answer.next.data = 0.into();
        self.logical.write_low.next = false;
        self.logical.write_high.next = false;
        self.size.write_low.next = false;
        self.size.write_high.next = false;
        self.command_reader.selected.next = self.selected.val();
        self.command_reader.tenant.next = self.tenant.q.val();
        self.command_reader.slot.next = self.slot.q.val();
        self.command_reader.logical.next.low = self.logical.low.val();
        self.command_reader.logical.next.high = self.logical.high.val();
        self.command_reader.size.next.low = self.size.low.val();
        self.command_reader.size.next.high = self.size.high.val();
        self.command_reader.rights.next = self.rights.q.val();
        self.command_reader.running.next = self.running.q.val();
        self.command_reader.status.next = self.result.val().status;
        self.command_reader.result_slot.next = self.result.val().slot;
        self.command_reader.physical.next.low = self.physical.low.val();
        self.command_reader.physical.next.high = self.physical.high.val();
        if self.access.val().read {
            self.answer.next.accepted = self.command_reader.readable.val();
            self.answer.next.data = self.command_reader.shown.val();
        } else if self.writes.val() {
            if self.selected.val().get_bit(self.offsets.cmd.val().index()) {
                self.answer.next.accepted = self.known_command.known.val();
                self.begun.d.next = self.known_command.known.val();
                self.running.d.next = self.known_command.known.val();
                self.command.d.next = self.asked.val();
            }
            if self.selected.val().get_bit(self.offsets.tenant.val().index()) & self.byte_fits.val() {
                self.answer.next.accepted = true;
                self.tenant.d.next = bit_cast::<8, 32>(self.data.val());
            }
            if self.selected.val().get_bit(self.offsets.slot.val().index()) & self.byte_fits.val() {
                self.answer.next.accepted = true;
                self.slot.d.next = bit_cast::<8, 32>(self.data.val());
            }
            if self.selected.val().get_bit(self.offsets.logical_low.val().index()) {
                self.answer.next.accepted = self.access.val().fits_low;
                self.logical.write_low.next = self.access.val().fits_low;
            }
            if self.selected.val().get_bit(self.offsets.logical_high.val().index()) {
                self.answer.next.accepted = self.access.val().fits_high;
                self.logical.write_high.next = self.access.val().fits_high;
            }
            if self.selected.val().get_bit(self.offsets.size_low.val().index()) {
                self.answer.next.accepted = self.access.val().fits_low;
                self.size.write_low.next = self.access.val().fits_low;
            }
            if self.selected.val().get_bit(self.offsets.size_high.val().index()) {
                self.answer.next.accepted = self.access.val().fits_high;
                self.size.write_high.next = self.access.val().fits_high;
            }
            if self.selected.val().get_bit(self.offsets.rights.val().index()) & self.rights_fit.val() {
                self.answer.next.accepted = true;
                self.rights.d.next = bit_cast::<5, 32>(self.data.val());
            }
        }
        if self.load.val() {
            self.tenant.d.next = self.row.val().tenant;
            self.slot.d.next = self.row.val().slot;
            self.rights.d.next = self.row.val().rights;
        }

        self.code.next = self.command.q.val();
        self.operands.next.tenant = self.tenant.q.val();
        self.operands.next.slot = self.slot.q.val();
        self.operands.next.logical = self.logical.value.val();
        self.operands.next.size = self.size.value.val();
        self.operands.next.rights = self.rights.q.val();
    }
    // The parity of each operand, written with it.
    when(intact) registers(tenant_check, slot_check, rights_check) {
        if self.load.val() {
            self.tenant_check[0].d.next = self.row.val().tenant.xor();
            self.slot_check[0].d.next = self.row.val().slot.xor();
            self.rights_check[0].d.next = self.row.val().rights.xor();
        } else if self.writes.val() & !self.access.val().read {
            if self.selected.val().get_bit(self.offsets.tenant.val().index()) & self.byte_fits.val() {
                self.tenant_check[0].d.next = self.data.val().get_bits::<8>(0).xor();
            }
            if self.selected.val().get_bit(self.offsets.slot.val().index()) & self.byte_fits.val() {
                self.slot_check[0].d.next = self.data.val().get_bits::<8>(0).xor();
            }
            if self.selected.val().get_bit(self.offsets.rights.val().index()) & self.rights_fit.val() {
                self.rights_check[0].d.next = self.data.val().get_bits::<5>(0).xor();
            }
        }
        self.intact[0].next = self.intact[0].val()
            & !(self.tenant_check[0].q.val() ^ self.tenant.q.val().xor())
            & !(self.slot_check[0].q.val() ^ self.slot.q.val().xor())
            & !(self.rights_check[0].q.val() ^ self.rights.q.val().xor());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pm_interface::{registers::offset, Command, Geometry};

    type Small = CommandBank<16>;

    fn access(register: u8, write: Option<u64>) -> RegisterAccess {
        let data = write.unwrap_or_default();
        RegisterAccess {
            read: write.is_none(),
            write: write.is_some(),
            selected: (1u64 << (register / 4)).into(),
            data: data.into(),
            fits_4: data < 1 << 4,
            fits_5: data < 1 << 5,
            fits_8: data < 1 << 8,
            fits_low: data < 1 << 16,
            fits_high: data == 0,
            ..RegisterAccess::default()
        }
    }

    fn ask(bank: &mut Small, register: u8, write: Option<u64>) -> BankAnswer {
        bank.access.next = access(register, write);
        simulate(bank, 100);
        let answer = bank.answer.val();
        tick!(*bank);
        bank.access.next = RegisterAccess::default();
        simulate(bank, 100);
        answer
    }

    fn bank(geometry: &str) -> Small {
        let mut bank = Small::new(&Geometry::preset(geometry).unwrap());
        bank.connect_all();
        bank
    }

    #[test]
    fn which_writes_are_accepted() {
        let check = |geometry: &str, register, data, expected: bool| {
            let mut bank = bank(geometry);
            assert_eq!(ask(&mut bank, register, Some(data)).accepted, expected, "{geometry}: {data:#x} to {register:#x}");
            let shown = if expected && register != offset::CMD { data } else { 0 };
            if register != offset::CMD {
                assert_eq!(ask(&mut bank, register, None).data.to_u64(), shown, "{geometry}: {data:#x} to {register:#x}");
            }
            // While a command runs nothing is accepted.
            ask(&mut bank, offset::CMD, Some(Command::Query.code().into()));
            assert!(bank.busy.val());
            assert!(!ask(&mut bank, register, Some(data)).accepted, "{geometry}: {data:#x} to {register:#x} while busy");
        };
        for geometry in ["tiny", "tiny+dynamic+integrity"] {
            for register in [offset::CMD_TENANT, offset::CMD_SLOT] {
                check(geometry, register, 0xFF, true);
                check(geometry, register, 0x100, false);
            }
            check(geometry, offset::CMD_RIGHTS, 0x1F, true);
            check(geometry, offset::CMD_RIGHTS, 0x20, false);
            for register in [offset::CMD_LOGICAL_LO, offset::CMD_SIZE_LO] {
                check(geometry, register, 0xFFFF, true);
                check(geometry, register, 0x1_0000, false);
            }
            for register in [offset::CMD_LOGICAL_HI, offset::CMD_SIZE_HI] {
                check(geometry, register, 0, true);
                check(geometry, register, 1, false);
            }
            for command in [0, 10, 15, 16] {
                check(geometry, offset::CMD, command, false);
            }
            for command in [1, 2, 4, 6, 7, 8, 9] {
                check(geometry, offset::CMD, command, true);
            }
            // Read-only registers, and a register of a different bank.
            for register in [offset::RESULT, offset::RESULT_PHYSICAL_LO, offset::RESULT_PHYSICAL_HI, offset::CONTROL] {
                check(geometry, register, 0, false);
            }
        }
        for command in [Command::Resize, Command::Share] {
            check("tiny", offset::CMD, command.code().into(), false);
            check("tiny+dynamic+integrity", offset::CMD, command.code().into(), true);
        }
    }

    #[test]
    fn which_registers_are_read() {
        let mut bank = bank("tiny");
        for register in [
            offset::CMD_TENANT,
            offset::CMD_SLOT,
            offset::CMD_LOGICAL_LO,
            offset::CMD_LOGICAL_HI,
            offset::CMD_SIZE_LO,
            offset::CMD_SIZE_HI,
            offset::CMD_RIGHTS,
            offset::RESULT,
            offset::RESULT_PHYSICAL_LO,
            offset::RESULT_PHYSICAL_HI,
        ] {
            assert!(ask(&mut bank, register, None).accepted, "{register:#x}");
        }
        for register in [offset::CMD, offset::CONTROL, offset::ID] {
            assert!(!ask(&mut bank, register, None).accepted, "{register:#x}");
        }
    }

    #[test]
    fn a_command_runs_from_its_code_to_its_end() {
        let mut bank = bank("tiny+integrity");
        ask(&mut bank, offset::CMD, Some(Command::Lock.code().into()));
        assert!(bank.start.val() && bank.busy.val());
        assert_eq!(bank.code.val().to_u64(), u64::from(Command::Lock.code()));
        tick!(bank);
        assert!(!bank.start.val() && bank.busy.val());
        bank.done.next = true;
        tick!(bank);
        assert!(!bank.busy.val() && bank.intact[0].val());
    }

    #[test]
    fn a_row_is_loaded_whole() {
        let mut bank = bank("tiny+integrity");
        let row =
            Operands { tenant: 7.into(), slot: 9.into(), logical: 0x1234.into(), size: 0x0800.into(), rights: 0b10101.into() };
        bank.row.next = row;
        bank.load.next = true;
        tick!(bank);
        bank.load.next = false;
        simulate(&mut bank, 100);
        assert_eq!(bank.operands.val(), row);
        assert!(bank.intact[0].val());
    }
}
