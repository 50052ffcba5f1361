//! Drives a Partition Manager over whatever reaches its registers.
//!
//! ```text
//!   your code --> PartitionManager --> Registers (yours: two functions) --> bus --> register port
//! ```
//! No allocation, no standard library, no waiting but by reading: every wait is bounded by a number of polls. Addresses and
//! sizes are in bytes, registers 32 bits, wide values are written low half first.
//!
//! It must have the register port to itself: two drivers would mix their operands.
#![no_std]

mod command;
mod log;
#[cfg(feature = "mmio")]
mod mmio;

pub use command::{Partition, Request, Row};
pub use log::{Counts, Fault};
#[cfg(feature = "mmio")]
pub use mmio::{Mmio, Outside};
pub use pm_interface::registers::{irq, offset};
pub use pm_interface::{AuditRecord, BootState, Command, Event, Kind, Reason, Rights, Status};

/// The example in README.md compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The examples in docs/programming.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/programming.md")]
struct Programming;

use core::fmt;
use pm_interface::registers::{activation, ID_VALUE, VERSION_VALUE};
use pm_interface::AUDIT_WORDS;

/// How the registers are reached: memory mapped, SPI, a simulation.
pub trait Registers {
    /// What an access fails with; on a bus, its error response.
    type Error;

    /// Reads the 32-bit register at a byte offset.
    fn read(&mut self, offset: u8) -> Result<u32, Self::Error>;

    /// Writes the 32-bit register at a byte offset.
    fn write(&mut self, offset: u8, value: u32) -> Result<(), Self::Error>;
}

/// A driver may borrow the registers, so that they outlive it.
impl<R: Registers + ?Sized> Registers for &mut R {
    type Error = R::Error;

    fn read(&mut self, offset: u8) -> Result<u32, R::Error> {
        (**self).read(offset)
    }

    fn write(&mut self, offset: u8, value: u32) -> Result<(), R::Error> {
        (**self).write(offset, value)
    }
}

/// What a driver's call failed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<E> {
    /// A register access failed. The device answers so what it does not have, and what it takes no more.
    Bus(E),
    /// The device refused, and nothing has changed.
    Refused(Status),
    /// It was not done after the bound on polls; it may yet be.
    Timeout,
    /// Another command runs.
    Busy,
    /// No command was started.
    Idle,
    /// The boot gate is in this state, in which it does not take that.
    Gate(BootState),
    /// It is no Partition Manager, or its register map has another version: what `ID` and `VERSION` read.
    Unknown {
        /// `ID`.
        id: u32,
        /// `VERSION`.
        version: u32,
    },
    /// A register holds a code that this driver does not know.
    Code(u32),
    /// Somebody else took part of an audit record; the rest was dropped.
    Torn,
    /// Another number of window bases was given than the device has: one, or with windows per tenant one for each.
    Windows,
}

impl<E> From<E> for Error<E> {
    fn from(error: E) -> Error<E> {
        Error::Bus(error)
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Bus(error) => write!(f, "register access: {error}"),
            Error::Refused(status) => write!(f, "refused: {status}"),
            Error::Timeout => f.write_str("not done in time; poll on, or raise the bound"),
            Error::Busy => f.write_str("another command runs; poll until it has ended"),
            Error::Idle => f.write_str("no command was started"),
            Error::Gate(state) => write!(f, "the boot gate is {state}"),
            Error::Unknown { id, version } => write!(f, "not this device: ID {id:#010x}, VERSION {version:#010x}"),
            Error::Code(value) => write!(f, "a register holds an unknown code: {value:#010x}"),
            Error::Torn => f.write_str("part of an audit record was taken by somebody else"),
            Error::Windows => f.write_str("another number of window bases than the device has; give one, or one for each tenant"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}

/// What the device was built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Bits of an address.
    pub address_bits: u8,
    /// A granule has 2^n bytes.
    pub granule_bits: u8,
    /// A tenant's window has 2^n bytes.
    pub window_bits: u8,
    /// The largest pool has 2^n bytes.
    pub pool_bits: u8,
    /// Tenants.
    pub tenants: u8,
    /// Rows of the partition table.
    pub slots: u8,
    /// Records that the audit log holds.
    pub audit_records: u16,
    /// Each tenant has a window base of its own.
    pub per_tenant_windows: bool,
}

/// What `STATUS` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The boot gate is open.
    pub active: bool,
    /// SEAL was done.
    pub sealed: bool,
    /// A command runs.
    pub busy: bool,
    /// The output `alert`.
    pub alert: bool,
    /// The output `irq`.
    pub irq: bool,
}

/// The driver of one device.
#[derive(Debug)]
pub struct PartitionManager<R> {
    registers: R,
    polls: u32,
    started: Option<Command>,
    words: [u32; AUDIT_WORDS],
    held: usize,
}

/// A call's outcome.
pub type Outcome<R, T> = Result<T, Error<<R as Registers>::Error>>;

impl<R: Registers> PartitionManager<R> {
    /// Looks whether there is one. No later call reads a register more than `polls` times while it waits: a command takes about
    /// a cycle for each memory word that it scrubs, a poll what your bus takes.
    pub fn new(mut registers: R, polls: u32) -> Outcome<R, PartitionManager<R>> {
        let (id, version) = (registers.read(offset::ID)?, registers.read(offset::VERSION)?);
        if id != ID_VALUE || version >> 8 != VERSION_VALUE >> 8 {
            return Err(Error::Unknown { id, version });
        }
        Ok(PartitionManager { registers, polls, started: None, words: [0; AUDIT_WORDS], held: 0 })
    }

    /// The registers, for what the driver has no call for.
    pub fn registers(&mut self) -> &mut R {
        &mut self.registers
    }

    /// What the device was built for.
    pub fn sizes(&mut self) -> Outcome<R, Sizes> {
        let [address_bits, granule_bits, window_bits, pool_bits] = self.registers.read(offset::GEOMETRY0)?.to_le_bytes();
        let counts = self.registers.read(offset::GEOMETRY1)?;
        let [tenants, slots, ..] = counts.to_le_bytes();
        let (audit_records, per_tenant_windows) = ((counts >> 16 & 0x7FFF) as u16, counts >> 31 == 1);
        Ok(Sizes { address_bits, granule_bits, window_bits, pool_bits, tenants, slots, audit_records, per_tenant_windows })
    }

    /// What `STATUS` shows.
    pub fn state(&mut self) -> Outcome<R, State> {
        let status = self.registers.read(offset::STATUS)?;
        let bit = |place: u32| status >> place & 1 == 1;
        Ok(State { active: bit(0), sealed: bit(1), busy: bit(2), alert: bit(3), irq: bit(4) })
    }

    /// State of the boot gate, and the status of the last activation or boot.
    pub fn boot_state(&mut self) -> Outcome<R, (BootState, Status)> {
        let value = self.registers.read(offset::BOOT_STATE)?;
        let state = BootState::from_code((value & 7) as u8).ok_or(Error::Code(value))?;
        let status = Status::from_code((value >> 8 & 15) as u8).ok_or(Error::Code(value))?;
        Ok((state, status))
    }

    /// Configures pool and window, and opens the gate: without `boot` only. What is refused may be corrected and tried again.
    pub fn activate(&mut self, pool_base: u64, pool_size: u64, window_base: u64) -> Outcome<R, ()> {
        self.activate_as(pool_base, pool_size, window_base, None)
    }

    /// The same, and whether an address in the window that no partition has is refused (`Some(true)`), or left to the standard MMU
    /// (`Some(false)`). `None`: as the device was built, which is refused behind a bus guard without a standard MMU.
    pub fn activate_as(&mut self, pool_base: u64, pool_size: u64, window_base: u64, strict: Option<bool>) -> Outcome<R, ()> {
        self.activate_windows(pool_base, pool_size, &[window_base], strict)
    }

    /// The same with a window base for each tenant, tenant 0 first, on a device with windows per tenant. One base is that of all
    /// tenants, on any device; another number of bases is [`Error::Windows`].
    pub fn activate_windows(&mut self, pool_base: u64, pool_size: u64, windows: &[u64], strict: Option<bool>) -> Outcome<R, ()> {
        let sizes = self.sizes()?;
        let tenants = match (sizes.per_tenant_windows, sizes.tenants) {
            (false, _) => 1,
            (true, 0) => 256,
            (true, tenants) => u32::from(tenants),
        };
        let base = match windows {
            [base] => Some(*base),
            _ if windows.len() == tenants as usize => None,
            _ => return Err(Error::Windows),
        };
        self.wait_for_gate(&[BootState::Closed, BootState::Refused])?;
        self.write_wide(offset::POOL_BASE_LO, pool_base)?;
        self.write_wide(offset::POOL_SIZE_LO, pool_size)?;
        for tenant in 0..tenants {
            if sizes.per_tenant_windows {
                self.registers.write(offset::CMD_TENANT, tenant)?;
            }
            self.write_wide(offset::WINDOW_BASE_LO, base.unwrap_or_else(|| windows[tenant as usize]))?;
        }
        self.registers.write(offset::CONTROL, activation(strict))?;
        self.wait_for_verdict()
    }

    /// Offers a signed manifest, tag included, and waits for what comes of it: with `boot` only. A refusal stands until reset.
    pub fn boot(&mut self, manifest: &[u32]) -> Outcome<R, ()> {
        self.wait_for_gate(&[BootState::Closed])?;
        let words = manifest.iter().map(|word| (offset::BOOT_DATA, *word)).chain([(offset::CONTROL, 1)]);
        for (register, value) in words {
            if let Err(error) = self.registers.write(register, value) {
                // A manifest that is too long fails at the first word too many.
                return match self.boot_state()? {
                    (BootState::Failed, status) => Err(Error::Refused(status)),
                    _ => Err(Error::Bus(error)),
                };
            }
        }
        self.wait_for_verdict()
    }

    fn wait_for_gate(&mut self, ready: &[BootState]) -> Outcome<R, ()> {
        for _ in 0..self.polls {
            match self.boot_state()?.0 {
                BootState::Clearing => {}
                state if ready.contains(&state) => return Ok(()),
                state => return Err(Error::Gate(state)),
            }
        }
        Err(Error::Timeout)
    }

    fn wait_for_verdict(&mut self) -> Outcome<R, ()> {
        for _ in 0..self.polls {
            match self.boot_state()? {
                (BootState::Active, _) => return Ok(()),
                (BootState::Refused | BootState::Failed, status) => return Err(Error::Refused(status)),
                _ => {}
            }
        }
        Err(Error::Timeout)
    }

    fn read_wide(&mut self, low: u8) -> Outcome<R, u64> {
        Ok(u64::from(self.registers.read(low)?) | u64::from(self.registers.read(low + 4)?) << 32)
    }

    fn write_wide(&mut self, low: u8, value: u64) -> Outcome<R, ()> {
        self.registers.write(low, value as u32)?;
        self.registers.write(low + 4, (value >> 32) as u32)?;
        Ok(())
    }
}
