//! The control registers of the model: what reads and writes do. Which writes the boot gate lets through, `operate` decides.

use crate::model::AccessPort;
use crate::{commands, BusError, Model};
use pm_interface::registers::{asked_window, irq, offset, Register, RegisterMode, ID_VALUE, REGISTERS, VERSION_VALUE};
use pm_interface::{BootState, Command, Rights};

const LOW: u32 = 0;
const HIGH: u32 = 32;

pub(crate) fn register(at: u8) -> Option<&'static Register> {
    REGISTERS.iter().find(|register| register.offset == at)
}

fn half(value: u64, shift: u32) -> u32 {
    (value >> shift) as u32
}

/// Replaces one half of `place`; `None`, and nothing changes, if a bit beyond `mask` would be set.
fn set_half(place: &mut u64, mask: u64, shift: u32, value: u32) -> Option<()> {
    if value & !half(mask, shift) != 0 {
        return None;
    }
    *place = *place & !(0xFFFF_FFFF << shift) | u64::from(value) << shift;
    Some(())
}

fn set_byte(place: &mut u8, value: u32) -> Option<()> {
    *place = u8::try_from(value).ok()?;
    Some(())
}

impl Model {
    /// Reads a register. An error for offsets that are unknown, unaligned, write-only or reserved.
    pub fn read_register(&self, at: u8) -> Result<u32, BusError> {
        self.read(at).ok_or(BusError { offset: at, written: None })
    }

    fn read(&self, at: u8) -> Option<u32> {
        let register = register(at)?;
        let g = self.geometry();
        let c = &self.tables.configuration;
        let bit = |set: bool, place: u32| u32::from(set) << place;
        if register.access == RegisterMode::WriteOnly {
            return None;
        }
        Some(match at {
            offset::ID => ID_VALUE,
            offset::VERSION => VERSION_VALUE,
            offset::GEOMETRY0 => g.registers()[0],
            offset::GEOMETRY1 => g.registers()[1],
            offset::STATUS => {
                bit(self.active(), 0) | bit(self.sealed(), 1) | bit(self.busy(), 2) | bit(self.alert(), 3) | bit(self.irq(), 4)
            }
            offset::POOL_BASE_LO => half(c.pool_base, LOW),
            offset::POOL_BASE_HI => half(c.pool_base, HIGH),
            offset::POOL_SIZE_LO => half(c.pool_size, LOW),
            offset::POOL_SIZE_HI => half(c.pool_size, HIGH),
            offset::WINDOW_BASE_LO => half(self.tables.window_base(self.operands.tenant)?, LOW),
            offset::WINDOW_BASE_HI => half(self.tables.window_base(self.operands.tenant)?, HIGH),
            offset::CMD_TENANT => u32::from(self.operands.tenant),
            offset::CMD_SLOT => u32::from(self.operands.slot),
            offset::CMD_LOGICAL_LO => half(self.operands.logical, LOW),
            offset::CMD_LOGICAL_HI => half(self.operands.logical, HIGH),
            offset::CMD_SIZE_LO => half(self.operands.size, LOW),
            offset::CMD_SIZE_HI => half(self.operands.size, HIGH),
            offset::CMD_RIGHTS => self.operands.rights.bits(),
            offset::RESULT => u32::from(self.result.status.code()) | u32::from(self.result.slot) << 8 | bit(self.busy(), 31),
            offset::RESULT_PHYSICAL_LO => half(self.result.physical, LOW),
            offset::RESULT_PHYSICAL_HI => half(self.result.physical, HIGH),
            offset::AUDIT_LEVEL => self.log.level() as u32 | (self.log.word() as u32) << 16,
            offset::AUDIT_DATA => self.log.data(),
            offset::AUDIT_LOST => self.log.lost(),
            offset::AUDIT_DIGEST => self.log.digest()?.words()[0],
            offset::AUDIT_DIGEST_1 => self.log.digest()?.words()[1],
            offset::AUDIT_DIGEST_2 => self.log.digest()?.words()[2],
            offset::AUDIT_DIGEST_3 => self.log.digest()?.words()[3],
            offset::AUDIT_CHAINED => self.log.digest().map(|_| self.log.sequence())?,
            offset::FAULT_INFO => self.captured.map_or(0, |fault| {
                u32::from(fault.access.tenant)
                    | u32::from(fault.slot) << 8
                    | u32::from(fault.access.kind) << 20
                    | u32::from(fault.reason.code()) << 24
                    | bit(self.overrun, 29)
                    | bit(fault.port == AccessPort::Physical, 30)
                    | bit(true, 31)
            }),
            offset::FAULT_ADDRESS_LO => self.captured.map_or(0, |fault| half(fault.access.address, LOW)),
            offset::FAULT_ADDRESS_HI => self.captured.map_or(0, |fault| half(fault.access.address, HIGH)),
            offset::IRQ_STATUS => self.causes(),
            offset::IRQ_ENABLE => self.irq_enable,
            offset::BOOT_STATE => {
                let strict = self.active() && self.tables.configuration.strict;
                u32::from(self.boot.code()) | u32::from(self.boot_status.code()) << 8 | bit(strict, 12)
            }
            offset::COUNT_GRANTED => self.granted,
            offset::COUNT_DENIED => self.denied,
            offset::COUNT_NOT_MINE => self.not_mine,
            offset::ALERT_STATE if g.features.alerts => {
                let class = |causes, place| bit(self.causes() & causes != 0, place);
                class(irq::INFO, 0) | class(irq::WARNING, 1) | class(irq::CRITICAL, 2)
            }
            offset::DENY_THRESHOLD if g.features.alerts => u32::from(self.deny_threshold),
            offset::DENY_COUNT if g.features.alerts => u32::from(self.deny_count),
            _ => return None,
        })
    }

    /// A write that nobody's boot stands in the way of.
    pub(crate) fn write_plain(&mut self, at: u8, value: u32) -> Option<()> {
        let mask = self.geometry().last_address();
        let alerts = self.geometry().features.alerts;
        match at {
            offset::CONTROL => self.write_control(value),
            offset::POOL_BASE_LO => set_half(&mut self.tables.configuration.pool_base, mask, LOW, value),
            offset::POOL_BASE_HI => set_half(&mut self.tables.configuration.pool_base, mask, HIGH, value),
            offset::POOL_SIZE_LO => set_half(&mut self.tables.configuration.pool_size, mask, LOW, value),
            offset::POOL_SIZE_HI => set_half(&mut self.tables.configuration.pool_size, mask, HIGH, value),
            offset::WINDOW_BASE_LO => set_half(self.named_window()?, mask, LOW, value),
            offset::WINDOW_BASE_HI => set_half(self.named_window()?, mask, HIGH, value),
            offset::CMD..=offset::CMD_RIGHTS if self.busy() => None,
            offset::CMD => self.write_command(value),
            offset::CMD_TENANT => set_byte(&mut self.operands.tenant, value),
            offset::CMD_SLOT => set_byte(&mut self.operands.slot, value),
            offset::CMD_LOGICAL_LO => set_half(&mut self.operands.logical, mask, LOW, value),
            offset::CMD_LOGICAL_HI => set_half(&mut self.operands.logical, mask, HIGH, value),
            offset::CMD_SIZE_LO => set_half(&mut self.operands.size, mask, LOW, value),
            offset::CMD_SIZE_HI => set_half(&mut self.operands.size, mask, HIGH, value),
            offset::CMD_RIGHTS => {
                let rights = Rights::from_bits(value);
                (rights.bits() == value).then(|| self.operands.rights = rights)
            }
            offset::AUDIT_POP => (value == 1).then(|| {
                self.log.pop_word();
                self.tell_boot();
                self.tell_upsets();
                self.log.settle(self.time());
            }),
            offset::IRQ_STATUS => self.only_irq_bits(value).map(|bits| self.clear_irq(bits)),
            offset::IRQ_ENABLE => self.only_irq_bits(value).map(|bits| self.irq_enable = bits),
            offset::ALERT_TEST if alerts => self.only_irq_bits(value).map(|bits| self.irq_status |= bits),
            offset::DENY_THRESHOLD if alerts => u16::try_from(value).ok().map(|threshold| self.set_deny_threshold(threshold)),
            _ => None,
        }
    }

    /// The base that WINDOW_BASE shows: with windows per tenant, that of the tenant in CMD_TENANT, if there is such a tenant.
    fn named_window(&mut self) -> Option<&mut u64> {
        let place = self.tables.window_place(self.operands.tenant)?;
        self.tables.configuration.window_bases.get_mut(place)
    }

    fn write_control(&mut self, value: u32) -> Option<()> {
        let waiting = matches!(self.boot, BootState::Closed | BootState::Refused);
        let strict = asked_window(value).filter(|_| waiting)?;
        self.tables.configuration.strict = strict.unwrap_or(false);
        self.check_configuration();
        Some(())
    }

    fn write_command(&mut self, value: u32) -> Option<()> {
        let command =
            u8::try_from(value).ok().and_then(Command::from_code).filter(|c| commands::supported(self.geometry(), *c))?;
        self.start_command(command);
        Some(())
    }

    fn only_irq_bits(&self, value: u32) -> Option<u32> {
        let featured = if self.geometry().features.alerts { irq::OVERRUN | irq::THRESHOLD } else { 0 };
        let featured = featured | if self.geometry().features.integrity { irq::REPAIRED } else { 0 };
        (value & !(irq::COMMAND | irq::DENIAL | irq::ALERT | irq::LOST | featured) == 0).then_some(value)
    }
}
