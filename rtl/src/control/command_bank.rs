//! The command registers: operands, the strobe that starts a command, and its result.
//!
//! ```text
//!   CMD_* --> operands --> command engine
//!   CMD ----> start -----> command engine --> result --> RESULT, RESULT_PHYSICAL_*
//!                                         --> row -----> CMD_*  (QUERY, FIND)
//! ```
//!
//! While a command runs, writes to `CMD` and its operands answer an error: a command never sees half of another's operands.

use super::register_bank::{BankAnswer, RegisterAccess, WideRegister, WideView};
use crate::constants;
use pm_interface::{registers::offset, Command, Geometry};
use pm_verilog::{bundle, cells::Register, kernel};
use rust_hdl::prelude::*;

constants! {
    /// Offsets of the command bank.
    pub struct CommandOffsets: Bits<8> {
        /// `CMD`.
        cmd = offset::CMD / 4,
        /// `CMD_TENANT`.
        tenant = offset::CMD_TENANT / 4,
        /// `CMD_SLOT`.
        slot = offset::CMD_SLOT / 4,
        /// `CMD_LOGICAL_LO`.
        logical_low = offset::CMD_LOGICAL_LO / 4,
        /// `CMD_LOGICAL_HI`.
        logical_high = offset::CMD_LOGICAL_HI / 4,
        /// `CMD_SIZE_LO`.
        size_low = offset::CMD_SIZE_LO / 4,
        /// `CMD_SIZE_HI`.
        size_high = offset::CMD_SIZE_HI / 4,
        /// `CMD_RIGHTS`.
        rights = offset::CMD_RIGHTS / 4,
        /// `RESULT`.
        result = offset::RESULT / 4,
        /// `RESULT_PHYSICAL_LO`.
        physical_low = offset::RESULT_PHYSICAL_LO / 4,
        /// `RESULT_PHYSICAL_HI`.
        physical_high = offset::RESULT_PHYSICAL_HI / 4,
    }
}

constants! {
    /// Codes of [`Command`].
    pub struct Commands: Bits<4> {
        /// `CREATE`.
        create = Command::Create.code(),
        /// `DESTROY`.
        destroy = Command::Destroy.code(),
        /// `RESIZE`.
        resize = Command::Resize.code(),
        /// `PROTECT`.
        protect = Command::Protect.code(),
        /// `SHARE`.
        share = Command::Share.code(),
        /// `LOCK`.
        lock = Command::Lock.code(),
        /// `SEAL`.
        seal = Command::Seal.code(),
        /// `QUERY`.
        query = Command::Query.code(),
        /// `FIND`.
        find = Command::Find.code(),
    }
}

bundle! {
    /// What a command works on, in bytes; also how a row is shown.
    pub struct Operands<ADDRESS> {
        /// Tenant number.
        pub tenant: Bits<8>,
        /// Slot number.
        pub slot: Bits<8>,
        /// Logical address.
        pub logical: Bits<ADDRESS>,
        /// Size in bytes.
        pub size: Bits<ADDRESS>,
        /// Rights as in `CMD_RIGHTS`.
        pub rights: Bits<5>,
    }
}

bundle! {
    /// How a command ended.
    pub struct CommandResult<ADDRESS> {
        /// Code of a `Status`.
        pub status: Bits<4>,
        /// Slot, when the status is `Ok`.
        pub slot: Bits<8>,
        /// Physical base of the row, when the status is `Ok`.
        pub physical: Bits<ADDRESS>,
    }
}

/// Operand and result registers.
#[derive(Clone, Debug, LogicBlock)]
pub struct CommandBank<const ADDRESS: usize> {
    /// Rising edge.
    pub clock: Signal<In, Clock>,
    /// Synchronous, high.
    pub reset: Signal<In, Bit>,
    /// A register access.
    pub access: Signal<In, RegisterAccess>,
    /// Its answer.
    pub answer: Signal<Out, BankAnswer>,
    /// Begin a command: the cycle after its code was written.
    pub start: Signal<Out, Bit>,
    /// Its code, one of [`Commands`], from `start` on.
    pub code: Signal<Out, Bits<4>>,
    /// Its operands, steady while it runs.
    pub operands: Signal<Out, Operands<ADDRESS>>,
    /// The command ends in this cycle.
    pub done: Signal<In, Bit>,
    /// A command is running.
    pub busy: Signal<Out, Bit>,
    /// Load the operand registers with `row`.
    pub load: Signal<In, Bit>,
    /// A row, as operands.
    pub row: Signal<In, Operands<ADDRESS>>,
    /// How the last command ended.
    pub result: Signal<In, CommandResult<ADDRESS>>,
    tenant: Register<Bits<8>>,
    slot: Register<Bits<8>>,
    rights: Register<Bits<5>>,
    logical: WideRegister<ADDRESS>,
    size: WideRegister<ADDRESS>,
    physical: WideView<ADDRESS>,
    command: Register<Bits<4>>,
    begun: Register<Bit>,
    running: Register<Bit>,
    selected: Signal<Local, Bits<64>>,
    data: Signal<Local, Bits<32>>,
    writes: Signal<Local, Bit>,
    byte_fits: Signal<Local, Bit>,
    rights_fit: Signal<Local, Bit>,
    known: Signal<Local, Bit>,
    asked: Signal<Local, Bits<4>>,
    readable: Signal<Local, Bit>,
    shown: Signal<Local, Bits<32>>,
    shown_result: Signal<Local, Bits<32>>,
    offsets: CommandOffsets,
    commands: Commands,
    dynamic: Constant<Bit>,
    /// With `integrity`: no register here has lost a bit.
    pub intact: Vec<Signal<Out, Bit>>,
    tenant_check: Vec<Register<Bit>>,
    slot_check: Vec<Register<Bit>>,
    rights_check: Vec<Register<Bit>>,
    _guards: usize,
}

impl<const ADDRESS: usize> CommandBank<ADDRESS> {
    /// Knows the commands that `geometry` has.
    pub fn new(geometry: &Geometry) -> Self {
        let guards = usize::from(geometry.features.integrity);
        Self {
            clock: Default::default(),
            reset: Default::default(),
            access: Default::default(),
            answer: Default::default(),
            start: Default::default(),
            code: Default::default(),
            operands: Default::default(),
            done: Default::default(),
            busy: Default::default(),
            load: Default::default(),
            row: Default::default(),
            result: Default::default(),
            tenant: Default::default(),
            slot: Default::default(),
            rights: Default::default(),
            logical: WideRegister::guarded(guards),
            size: WideRegister::guarded(guards),
            physical: Default::default(),
            command: Register::guarded(guards),
            begun: Register::guarded(guards),
            running: Register::guarded(guards),
            selected: Default::default(),
            data: Default::default(),
            writes: Default::default(),
            byte_fits: Default::default(),
            rights_fit: Default::default(),
            known: Default::default(),
            asked: Default::default(),
            readable: Default::default(),
            shown: Default::default(),
            shown_result: Default::default(),
            offsets: Default::default(),
            commands: Default::default(),
            dynamic: Constant::new(geometry.features.dynamic),
            intact: vec![Default::default(); guards],
            tenant_check: vec![Default::default(); guards],
            slot_check: vec![Default::default(); guards],
            rights_check: vec![Default::default(); guards],
            _guards: guards,
        }
    }
}

impl<const ADDRESS: usize> Logic for CommandBank<ADDRESS> {
    kernel! {
        #[hdl_gen]
        fn update(&mut self) registers(tenant, slot, rights, command, begun, running) {
            self.logical.clock.next = self.clock.val();
            self.logical.reset.next = self.reset.val();
            self.size.clock.next = self.clock.val();
            self.size.reset.next = self.reset.val();
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
            self.known.next = self.access.val().fits_4
                & ((self.asked.val() == self.commands.create.val())
                    | (self.asked.val() == self.commands.destroy.val())
                    | (self.asked.val() == self.commands.protect.val())
                    | (self.asked.val() == self.commands.lock.val())
                    | (self.asked.val() == self.commands.seal.val())
                    | (self.asked.val() == self.commands.query.val())
                    | (self.asked.val() == self.commands.find.val())
                    | ((self.asked.val() == self.commands.resize.val()) & self.dynamic.val())
                    | ((self.asked.val() == self.commands.share.val()) & self.dynamic.val()));

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
            // At most one register is selected: a union, and no chain of choices.
            self.shown.next = 0.into();
            self.shown_result.next = bit_cast::<32, 4>(self.result.val().status)
                | (bit_cast::<32, 8>(self.result.val().slot) << 8)
                | (bit_cast::<32, 1>(self.running.q.val().into()) << 31);
            self.readable.next = false;
            if self.selected.val().get_bit(self.offsets.tenant.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | bit_cast::<32, 8>(self.tenant.q.val());
            }
            if self.selected.val().get_bit(self.offsets.slot.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | bit_cast::<32, 8>(self.slot.q.val());
            }
            if self.selected.val().get_bit(self.offsets.logical_low.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.logical.low.val();
            }
            if self.selected.val().get_bit(self.offsets.logical_high.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.logical.high.val();
            }
            if self.selected.val().get_bit(self.offsets.size_low.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.size.low.val();
            }
            if self.selected.val().get_bit(self.offsets.size_high.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.size.high.val();
            }
            if self.selected.val().get_bit(self.offsets.rights.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | bit_cast::<32, 5>(self.rights.q.val());
            }
            if self.selected.val().get_bit(self.offsets.result.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.shown_result.val();
            }
            if self.selected.val().get_bit(self.offsets.physical_low.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.physical.low.val();
            }
            if self.selected.val().get_bit(self.offsets.physical_high.val().index()) {
                self.readable.next = true;
                self.shown.next = self.shown.val() | self.physical.high.val();
            }
            if self.access.val().read {
                self.answer.next.accepted = self.readable.val();
                self.answer.next.data = self.shown.val();
            } else if self.writes.val() {
                if self.selected.val().get_bit(self.offsets.cmd.val().index()) {
                    self.answer.next.accepted = self.known.val();
                    self.begun.d.next = self.known.val();
                    self.running.d.next = self.known.val();
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
            for i in 0..self._guards {
                self.tenant_check[i].clock.next = self.clock.val();
                self.tenant_check[i].reset.next = self.reset.val();
                self.tenant_check[i].d.next = self.tenant_check[i].q.val();
                if self.load.val() {
                    self.tenant_check[i].d.next = self.row.val().tenant.xor();
                } else if self.writes.val()
                    & !self.access.val().read
                    & self.selected.val().get_bit(self.offsets.tenant.val().index())
                    & self.byte_fits.val()
                {
                    self.tenant_check[i].d.next = self.data.val().get_bits::<8>(0).xor();
                }
                self.slot_check[i].clock.next = self.clock.val();
                self.slot_check[i].reset.next = self.reset.val();
                self.slot_check[i].d.next = self.slot_check[i].q.val();
                if self.load.val() {
                    self.slot_check[i].d.next = self.row.val().slot.xor();
                } else if self.writes.val()
                    & !self.access.val().read
                    & self.selected.val().get_bit(self.offsets.slot.val().index())
                    & self.byte_fits.val()
                {
                    self.slot_check[i].d.next = self.data.val().get_bits::<8>(0).xor();
                }
                self.rights_check[i].clock.next = self.clock.val();
                self.rights_check[i].reset.next = self.reset.val();
                self.rights_check[i].d.next = self.rights_check[i].q.val();
                if self.load.val() {
                    self.rights_check[i].d.next = self.row.val().rights.xor();
                } else if self.writes.val()
                    & !self.access.val().read
                    & self.selected.val().get_bit(self.offsets.rights.val().index())
                    & self.rights_fit.val()
                {
                    self.rights_check[i].d.next = self.data.val().get_bits::<5>(0).xor();
                }
                self.intact[i].next = !(self.tenant_check[i].q.val() ^ self.tenant.q.val().xor())
                    & !(self.slot_check[i].q.val() ^ self.slot.q.val().xor())
                    & !(self.rights_check[i].q.val() ^ self.rights.q.val().xor())
                    & self.command.intact[i].val()
                    & self.begun.intact[i].val()
                    & self.running.intact[i].val()
                    & self.logical.intact[i].val()
                    & self.size.intact[i].val();
            }
        }
    }
}
