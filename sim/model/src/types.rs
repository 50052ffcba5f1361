//! The plain types in which accesses and commands are spoken of, shared by the model and everything that drives hardware.

use pm_interface::{registers, Command, Geometry, Kind, Reason, Rights, Status};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A request on the translate or the physical port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Access {
    /// Who asks; any 8-bit number may be asked with, whether or not the tenant exists.
    pub tenant: u8,
    /// First byte: logical on the translate port, physical on the physical port.
    pub address: u64,
    /// Bytes; zero and lengths beyond [`Geometry::max_length`] are refused.
    pub length: u64,
    /// Code of the [`Kind`]; 3 is no kind and is never permitted.
    pub kind: u8,
}

impl Access {
    /// An access of a proper kind.
    pub const fn new(tenant: u8, address: u64, length: u64, kind: Kind) -> Access {
        Access { tenant, address, length, kind: kind.code() }
    }

    /// Refuses an access that the ports of this geometry have no wires for.
    pub fn check_fits(&self, geometry: &Geometry) -> Result<(), String> {
        if self.address > geometry.last_address() {
            return Err(format!(
                "address {:#x} does not fit the {} address bits of geometry {:?}; use at most {:#x}",
                self.address,
                geometry.shape.address,
                geometry.name,
                geometry.last_address()
            ));
        }
        let widest = (1u64 << geometry.shape.length) - 1;
        if self.length > widest {
            return Err(format!(
                "length {} does not fit the {} length bits of geometry {:?}; use at most {widest}",
                self.length, geometry.shape.length, geometry.name
            ));
        }
        if self.kind > 3 {
            return Err(format!("kind {} does not fit 2 bits; use 0 read, 1 write, 2 execute, or 3 (refused)", self.kind));
        }
        Ok(())
    }
}

/// The answer of the translate port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Translation {
    /// The access may go on at `physical`.
    pub granted: bool,
    /// The standard MMU translates it.
    pub not_mine: bool,
    /// Why it was refused; [`Reason::None`] when it was not.
    pub reason: Reason,
    /// The row that granted or refused it, zero when none did.
    pub slot: u8,
    /// Physical address of the first byte; zero unless granted.
    pub physical: u64,
}

impl Translation {
    /// Refused before a row was found.
    pub const fn denied(reason: Reason) -> Translation {
        Translation { granted: false, not_mine: false, reason, slot: 0, physical: 0 }
    }

    /// Refused by the row in `slot`.
    pub const fn denied_by(reason: Reason, slot: u8) -> Translation {
        Translation { granted: false, not_mine: false, reason, slot, physical: 0 }
    }

    /// Left to the standard MMU.
    pub const fn not_mine() -> Translation {
        Translation { granted: false, not_mine: true, reason: Reason::None, slot: 0, physical: 0 }
    }

    /// Granted by the row in `slot`.
    pub const fn granted(slot: u8, physical: u64) -> Translation {
        Translation { granted: true, not_mine: false, reason: Reason::None, slot, physical }
    }

    /// Neither granted nor left to the standard MMU.
    pub const fn is_denied(&self) -> bool {
        !self.granted && !self.not_mine
    }
}

/// The answer of the physical port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PhysicalVerdict {
    /// The access may go on.
    pub allowed: bool,
    /// Why it was refused; [`Reason::None`] when it was not.
    pub reason: Reason,
    /// The lowest slot whose isolated block it touches; zero when allowed or refused for another reason.
    pub slot: u8,
}

impl PhysicalVerdict {
    /// Allowed.
    pub const fn allowed() -> PhysicalVerdict {
        PhysicalVerdict { allowed: true, reason: Reason::None, slot: 0 }
    }

    /// Refused.
    pub const fn denied(reason: Reason, slot: u8) -> PhysicalVerdict {
        PhysicalVerdict { allowed: false, reason, slot }
    }
}

/// A command with its operands; those that the command does not use are written all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// What to do.
    pub command: Command,
    /// `CMD_TENANT`.
    pub tenant: u8,
    /// `CMD_SLOT`.
    pub slot: u8,
    /// `CMD_LOGICAL`, bytes.
    pub logical: u64,
    /// `CMD_SIZE`, bytes.
    pub size: u64,
    /// `CMD_RIGHTS`.
    pub rights: Rights,
}

impl Operation {
    /// A command with all operands zero.
    pub fn new(command: Command) -> Operation {
        Operation { command, tenant: 0, slot: 0, logical: 0, size: 0, rights: Rights::default() }
    }

    /// CREATE.
    pub fn create(tenant: u8, logical: u64, size: u64, rights: Rights) -> Operation {
        Operation { tenant, logical, size, rights, ..Operation::new(Command::Create) }
    }

    /// DESTROY.
    pub fn destroy(slot: u8) -> Operation {
        Operation { slot, ..Operation::new(Command::Destroy) }
    }

    /// PROTECT.
    pub fn protect(slot: u8, rights: Rights) -> Operation {
        Operation { slot, rights, ..Operation::new(Command::Protect) }
    }

    /// RESIZE.
    pub fn resize(slot: u8, size: u64) -> Operation {
        Operation { slot, size, ..Operation::new(Command::Resize) }
    }

    /// SHARE: the block of this slot, for this tenant at this logical address.
    pub fn share(slot: u8, tenant: u8, logical: u64, rights: Rights) -> Operation {
        Operation { slot, tenant, logical, rights, ..Operation::new(Command::Share) }
    }

    /// LOCK.
    pub fn lock(slot: u8) -> Operation {
        Operation { slot, ..Operation::new(Command::Lock) }
    }

    /// SEAL.
    pub fn seal() -> Operation {
        Operation::new(Command::Seal)
    }

    /// QUERY.
    pub fn query(slot: u8) -> Operation {
        Operation { slot, ..Operation::new(Command::Query) }
    }

    /// FIND.
    pub fn find(tenant: u8, logical: u64) -> Operation {
        Operation { tenant, logical, ..Operation::new(Command::Find) }
    }
}

/// What a command answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// `RESULT` bits 7:0.
    pub status: Status,
    /// `RESULT` bits 15:8; zero on failure.
    pub slot: u8,
    /// `RESULT_PHYSICAL`; zero on failure.
    pub physical: u64,
    /// The row that QUERY or FIND read.
    pub row: Option<Row>,
}

/// A partition as QUERY and FIND show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Whose it is.
    pub tenant: u8,
    /// First logical byte.
    pub logical: u64,
    /// Bytes.
    pub size: u64,
    /// What is permitted, whether it is isolated and locked.
    pub rights: Rights,
}

/// The register port answered an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusError {
    /// Byte offset.
    pub offset: u8,
    /// The value of a refused write; `None` for a read.
    pub written: Option<u32>,
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = registers::REGISTERS.iter().find(|r| r.offset == self.offset).map_or("no register", |r| r.name);
        match self.written {
            Some(value) => write!(f, "writing {value:#x} to {:#04x} ({name}) was answered with an error", self.offset),
            None => write!(f, "reading {:#04x} ({name}) was answered with an error", self.offset),
        }
    }
}

impl std::error::Error for BusError {}
