//! The numbers of the host protocol, shared by the hardware and the host's side. `PROTOCOL.md` tells what they mean.

use rust_hdl::prelude::*;

/// First byte of a request.
pub const REQUEST_SYNC: u8 = 0xA5;
/// First byte of a response.
pub const RESPONSE_SYNC: u8 = 0x5A;
/// Bits 23:0 of what [`Operation::Ping`] reads: the letters PM, the protocol's version. Above them stand the KiB of memory.
pub const PING_VALUE: u32 = 0x01_4D50;
/// What [`Operation::Ping`] reads on a board with so many bytes of memory, at most 255 KiB.
pub const fn ping_word(memory: u64) -> u64 {
    PING_VALUE as u64 | (memory / 1024) << 24
}
/// Bytes of memory on the board of the geometry `cu`; never more.
pub const MEMORY_BYTES: u64 = 8 * 1024;
/// log2 of the standard MMU's page in bytes.
pub const PAGE_BITS: usize = 10;
/// Pages that the standard MMU covers for each tenant, from logical address zero.
pub const PAGES: u64 = 32;
/// Longest access in bytes.
pub const MAX_ACCESS: u64 = 4;

/// What a request asks for; its opcode is its place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LogicState)]
pub enum Operation {
    /// No operation.
    Nothing,
    /// Is anybody there?
    Ping,
    /// Read a register of the Partition Manager.
    ReadRegister,
    /// Write one.
    WriteRegister,
    /// Write an entry of the standard MMU's page tables.
    FillPage,
    /// Access memory at a logical address, as a tenant.
    Access,
    /// Access memory at a physical address, as a tenant's device would.
    PhysicalAccess,
    /// Read the oldest audit record and remove it.
    ReadAudit,
}

impl Operation {
    /// Every operation but [`Operation::Nothing`], by opcode.
    pub const ALL: [Operation; 7] = [
        Operation::Ping,
        Operation::ReadRegister,
        Operation::WriteRegister,
        Operation::FillPage,
        Operation::Access,
        Operation::PhysicalAccess,
        Operation::ReadAudit,
    ];

    /// The opcode.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Bytes of its request's payload.
    pub const fn request_length(self) -> usize {
        match self {
            Operation::Nothing | Operation::Ping | Operation::ReadAudit => 0,
            Operation::ReadRegister => 1,
            Operation::WriteRegister | Operation::FillPage => 5,
            Operation::Access | Operation::PhysicalAccess => 10,
        }
    }
}

/// How a request ended; the code is the place in this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LogicState)]
pub enum FrameStatus {
    /// The CRC does not fit: nothing was done.
    BadCrc,
    /// Done.
    Ok,
    /// The payload's length is not that of the operation: nothing was done.
    BadLength,
    /// No such operation: nothing was done.
    UnknownOperation,
    /// A character without a stop bit: nothing was done.
    FramingError,
    /// The frame stopped half way: nothing was done.
    Timeout,
    /// A field holds a value that the operation does not have: nothing was done.
    BadOperand,
    /// The register does not exist or does not answer to this: nothing was done.
    RegisterError,
    /// The access was refused: memory was not touched.
    Denied,
    /// The access was granted beyond the end of the memory: memory was not touched.
    BusError,
    /// No audit record waits.
    Empty,
    /// Part of the oldest audit record was popped by register writes: pop the rest that way first.
    MidRecord,
}

impl FrameStatus {
    /// Every status, by code.
    pub const ALL: [FrameStatus; 12] = [
        FrameStatus::BadCrc,
        FrameStatus::Ok,
        FrameStatus::BadLength,
        FrameStatus::UnknownOperation,
        FrameStatus::FramingError,
        FrameStatus::Timeout,
        FrameStatus::BadOperand,
        FrameStatus::RegisterError,
        FrameStatus::Denied,
        FrameStatus::BusError,
        FrameStatus::Empty,
        FrameStatus::MidRecord,
    ];

    /// The code on the wire.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status with this code.
    pub fn from_code(code: u8) -> Option<FrameStatus> {
        FrameStatus::ALL.get(usize::from(code)).copied()
    }
}

/// CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, not reflected, no final XOR.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_places() {
        for (place, status) in FrameStatus::ALL.iter().enumerate() {
            assert_eq!(usize::from(status.code()), place);
            let wires: Bits<4> = (*status).into();
            assert_eq!(wires.index(), place);
        }
        for (place, operation) in Operation::ALL.iter().enumerate() {
            assert_eq!(usize::from(operation.code()), place + 1);
            let wires: Bits<3> = (*operation).into();
            assert_eq!(wires.index(), place + 1);
        }
    }

    #[test]
    fn crc_agrees_with_an_independent_implementation() {
        let standard = crc::Crc::<u16>::new(&crc::CRC_16_IBM_3740); // the catalogue's name for CCITT-FALSE
        assert_eq!(crc16(b"123456789"), 0x29B1);
        for length in 0..300usize {
            let message: Vec<u8> = (0..length).map(|byte| ((byte * 0x9D) ^ length) as u8).collect();
            assert_eq!(crc16(&message), standard.checksum(&message));
        }
    }
}
