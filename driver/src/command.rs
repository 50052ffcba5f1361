//! Commands: [`start`](PartitionManager::start) and [`poll`](PartitionManager::poll), and a blocking call for each.

use crate::{Error, Outcome, PartitionManager, Registers};
use pm_interface::registers::offset;
use pm_interface::{Command, Rights, Status};

/// A command with its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Makes a partition: a free slot, the lowest free block; what it holds is zeroed.
    Create {
        /// Whose.
        tenant: u8,
        /// First byte in the tenant's window.
        logical: u64,
        /// Bytes, whole granules.
        size: u64,
        /// What is permitted.
        rights: Rights,
    },
    /// Revokes, zeroes and frees a partition.
    Destroy {
        /// Which.
        slot: u8,
    },
    /// Changes a partition's size in place; with `dynamic`.
    Resize {
        /// Which.
        slot: u8,
        /// Bytes, whole granules.
        size: u64,
    },
    /// Replaces read, write, execute and isolated.
    Protect {
        /// Which.
        slot: u8,
        /// What is permitted from now on; `locked` is ignored.
        rights: Rights,
    },
    /// Maps a partition's block a second time; with `dynamic`.
    Share {
        /// Whose block.
        slot: u8,
        /// For whom.
        tenant: u8,
        /// First byte in that tenant's window.
        logical: u64,
        /// What is permitted there.
        rights: Rights,
    },
    /// Freezes a row until reset.
    Lock {
        /// Which.
        slot: u8,
    },
    /// Freezes every row until reset.
    Seal,
    /// Looks at a row; [`PartitionManager::row`] reads it.
    Query {
        /// Which.
        slot: u8,
    },
    /// Looks for the row that holds an address; [`PartitionManager::row`] reads it.
    Find {
        /// Whose.
        tenant: u8,
        /// Any byte of it.
        logical: u64,
    },
}

impl Request {
    /// Its code.
    pub const fn command(&self) -> Command {
        match self {
            Request::Create { .. } => Command::Create,
            Request::Destroy { .. } => Command::Destroy,
            Request::Resize { .. } => Command::Resize,
            Request::Protect { .. } => Command::Protect,
            Request::Share { .. } => Command::Share,
            Request::Lock { .. } => Command::Lock,
            Request::Seal => Command::Seal,
            Request::Query { .. } => Command::Query,
            Request::Find { .. } => Command::Find,
        }
    }
}

/// Where the partition that a command was about is, or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its slot.
    pub slot: u8,
    /// Its first byte in memory.
    pub physical: u64,
}

/// A row of the partition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Slot and place in memory.
    pub partition: Partition,
    /// Whose.
    pub tenant: u8,
    /// First byte in the tenant's window.
    pub logical: u64,
    /// Bytes.
    pub size: u64,
    /// What is permitted.
    pub rights: Rights,
}

impl<R: Registers> PartitionManager<R> {
    /// Writes the operands and starts the command. [`Error::Busy`] while another runs; nothing is written then.
    pub fn start(&mut self, request: Request) -> Outcome<R, ()> {
        if self.registers.read(offset::RESULT)? >> 31 == 1 {
            return Err(Error::Busy);
        }
        match request {
            Request::Create { tenant, logical, size, rights } => {
                self.place(tenant, logical)?;
                self.write_wide(offset::CMD_SIZE_LO, size)?;
                self.registers.write(offset::CMD_RIGHTS, rights.bits())?;
            }
            Request::Resize { slot, size } => {
                self.registers.write(offset::CMD_SLOT, u32::from(slot))?;
                self.write_wide(offset::CMD_SIZE_LO, size)?;
            }
            Request::Protect { slot, rights } => {
                self.registers.write(offset::CMD_SLOT, u32::from(slot))?;
                self.registers.write(offset::CMD_RIGHTS, rights.bits())?;
            }
            Request::Share { slot, tenant, logical, rights } => {
                self.registers.write(offset::CMD_SLOT, u32::from(slot))?;
                self.place(tenant, logical)?;
                self.registers.write(offset::CMD_RIGHTS, rights.bits())?;
            }
            Request::Destroy { slot } | Request::Lock { slot } | Request::Query { slot } => {
                self.registers.write(offset::CMD_SLOT, u32::from(slot))?;
            }
            Request::Find { tenant, logical } => self.place(tenant, logical)?,
            Request::Seal => {}
        }
        self.registers.write(offset::CMD, u32::from(request.command().code()))?;
        self.started = Some(request.command());
        Ok(())
    }

    /// Whether the command that was started has ended, and with what; `None` while it runs. A refusal is an error.
    pub fn poll(&mut self) -> Outcome<R, Option<Partition>> {
        if self.started.is_none() {
            return Err(Error::Idle);
        }
        let result = self.registers.read(offset::RESULT)?;
        if result >> 31 == 1 {
            return Ok(None);
        }
        match Status::from_code(result as u8).ok_or(Error::Code(result))? {
            Status::Ok => {
                let physical = self.read_wide(offset::RESULT_PHYSICAL_LO)?;
                self.started = None;
                Ok(Some(Partition { slot: (result >> 8) as u8, physical }))
            }
            status => {
                self.started = None;
                Err(Error::Refused(status))
            }
        }
    }

    /// Starts a command and polls until it has ended. After [`Error::Timeout`] it may be polled on.
    pub fn run(&mut self, request: Request) -> Outcome<R, Partition> {
        self.start(request)?;
        self.finish()
    }

    /// Polls until the command that was started has ended.
    pub fn finish(&mut self) -> Outcome<R, Partition> {
        for _ in 0..self.polls {
            if let Some(partition) = self.poll()? {
                return Ok(partition);
            }
        }
        Err(Error::Timeout)
    }

    /// [`Request::Create`].
    pub fn create(&mut self, tenant: u8, logical: u64, size: u64, rights: Rights) -> Outcome<R, Partition> {
        self.run(Request::Create { tenant, logical, size, rights })
    }

    /// [`Request::Destroy`]. It tells where the partition was.
    pub fn destroy(&mut self, slot: u8) -> Outcome<R, Partition> {
        self.run(Request::Destroy { slot })
    }

    /// [`Request::Resize`].
    pub fn resize(&mut self, slot: u8, size: u64) -> Outcome<R, Partition> {
        self.run(Request::Resize { slot, size })
    }

    /// [`Request::Protect`].
    pub fn protect(&mut self, slot: u8, rights: Rights) -> Outcome<R, Partition> {
        self.run(Request::Protect { slot, rights })
    }

    /// [`Request::Share`]. It tells the new row.
    pub fn share(&mut self, slot: u8, tenant: u8, logical: u64, rights: Rights) -> Outcome<R, Partition> {
        self.run(Request::Share { slot, tenant, logical, rights })
    }

    /// [`Request::Lock`].
    pub fn lock(&mut self, slot: u8) -> Outcome<R, Partition> {
        self.run(Request::Lock { slot })
    }

    /// [`Request::Seal`].
    pub fn seal(&mut self) -> Outcome<R, ()> {
        self.run(Request::Seal).map(drop)
    }

    /// [`Request::Query`].
    pub fn query(&mut self, slot: u8) -> Outcome<R, Row> {
        let partition = self.run(Request::Query { slot })?;
        self.row(partition)
    }

    /// [`Request::Find`].
    pub fn find(&mut self, tenant: u8, logical: u64) -> Outcome<R, Row> {
        let partition = self.run(Request::Find { tenant, logical })?;
        self.row(partition)
    }

    /// The row that a polled [`Request::Query`] or [`Request::Find`] has loaded, until the next [`start`](Self::start).
    pub fn row(&mut self, partition: Partition) -> Outcome<R, Row> {
        Ok(Row {
            partition,
            tenant: self.registers.read(offset::CMD_TENANT)? as u8,
            logical: self.read_wide(offset::CMD_LOGICAL_LO)?,
            size: self.read_wide(offset::CMD_SIZE_LO)?,
            rights: Rights::from_bits(self.registers.read(offset::CMD_RIGHTS)?),
        })
    }

    fn place(&mut self, tenant: u8, logical: u64) -> Outcome<R, ()> {
        self.registers.write(offset::CMD_TENANT, u32::from(tenant))?;
        self.write_wide(offset::CMD_LOGICAL_LO, logical)
    }
}
