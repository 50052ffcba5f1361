//! Registers that are memory mapped.

use crate::Registers;
use core::fmt;
use core::sync::atomic::{fence, Ordering};
use safe_mmio::fields::ReadWrite;
use safe_mmio::UniqueMmioPointer;

/// The registers at an address: each access is one volatile access of 32 bits, with the fences that a driver of memory needs.
///
/// What was written to memory is seen before a register is written, so that no command overtakes the data that it is about; what
/// is read from memory after a register was read is not older than it. Map the registers as device memory, uncached: the order
/// among them is the memory type's. Where the bus answers an error the processor takes a fault, and the access does not return.
///
/// The pointer is the one place that needs `unsafe`, and it is in your program: only it knows what lies at an address.
///
/// ```
/// use pm_driver::{Mmio, PartitionManager};
/// use safe_mmio::{fields::ReadWrite, UniqueMmioPointer};
/// use std::ptr::NonNull;
///
/// fn open(base: NonNull<[ReadWrite<u32>; 64]>) {
///     // SAFETY: the registers are mapped there, and nothing else reaches them.
///     let registers = unsafe { UniqueMmioPointer::new(base) };
///     let device = PartitionManager::new(Mmio::new(registers), 1_000_000);
///     # let _ = device;
/// }
/// ```
#[derive(Debug)]
pub struct Mmio<'a> {
    registers: UniqueMmioPointer<'a, [ReadWrite<u32>]>,
}

/// An offset that is no register of what is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The offset in bytes.
    pub offset: u8,
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no register is mapped at offset {:#04x}", self.offset)
    }
}

impl core::error::Error for Outside {}

impl<'a> Mmio<'a> {
    /// The registers behind a pointer: at least as many as the register map has.
    pub fn new(registers: impl Into<UniqueMmioPointer<'a, [ReadWrite<u32>]>>) -> Mmio<'a> {
        Mmio { registers: registers.into() }
    }

    fn at(&mut self, offset: u8) -> Result<UniqueMmioPointer<'_, ReadWrite<u32>>, Outside> {
        let outside = Outside { offset };
        if !offset.is_multiple_of(4) {
            return Err(outside);
        }
        self.registers.get(usize::from(offset / 4)).ok_or(outside)
    }
}

impl Registers for Mmio<'_> {
    type Error = Outside;

    fn read(&mut self, offset: u8) -> Result<u32, Outside> {
        let value = self.at(offset)?.read();
        fence(Ordering::SeqCst);
        Ok(value)
    }

    fn write(&mut self, offset: u8, value: u32) -> Result<(), Outside> {
        let mut register = self.at(offset)?;
        fence(Ordering::SeqCst);
        register.write(value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{offset, Error, PartitionManager};
    use pm_interface::registers::{ID_VALUE, VERSION_VALUE};

    /// Memory in place of a device.
    fn memory() -> [ReadWrite<u32>; 64] {
        let mut registers = [0; 64];
        registers[usize::from(offset::ID / 4)] = ID_VALUE;
        registers[usize::from(offset::VERSION / 4)] = VERSION_VALUE;
        registers[usize::from(offset::GEOMETRY0 / 4)] = 0x0403_0205;
        registers.map(ReadWrite)
    }

    #[test]
    fn each_register_is_reached_at_its_offset() {
        let mut memory = memory();
        let mut registers = Mmio::new(UniqueMmioPointer::from(&mut memory));
        registers.write(offset::POOL_BASE_LO, 0x1234_5678).unwrap();
        let mut device = PartitionManager::new(&mut registers, 10).unwrap();
        let sizes = device.sizes().unwrap();
        assert_eq!((sizes.address_bits, sizes.granule_bits, sizes.window_bits, sizes.pool_bits), (5, 2, 3, 4));
        // The driver borrowed the registers.
        assert_eq!(registers.read(offset::POOL_BASE_LO), Ok(0x1234_5678));
        assert_eq!(memory[usize::from(offset::POOL_BASE_LO / 4)].0, 0x1234_5678);
    }

    #[test]
    fn what_is_not_mapped_is_an_error() {
        let mut memory = [0, VERSION_VALUE, 0].map(ReadWrite);
        let mut registers = Mmio::new(UniqueMmioPointer::from(&mut memory));
        assert_eq!(registers.read(12), Err(Outside { offset: 12 }));
        assert_eq!(registers.write(2, 0), Err(Outside { offset: 2 }));
        let unknown = PartitionManager::new(registers, 10).unwrap_err();
        assert_eq!(unknown, Error::Unknown { id: 0, version: VERSION_VALUE });
    }
}
