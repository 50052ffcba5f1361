//! The numbers that travel over the ports and registers. In each list zero is the power-up value and the most restrictive.

#[cfg(feature = "std")]
use serde::{Deserialize, Serialize};

/// A list of codes as generators see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeList {
    /// The name of the enumeration.
    pub name: &'static str,
    /// What it tells.
    pub doc: &'static str,
    /// Name, code and meaning of each member, by rising code.
    pub members: &'static [(&'static str, u8, &'static str)],
}

macro_rules! codes {
    (#[doc = $doc:literal] pub enum $name:ident { $(#[doc = $meaning:literal] $variant:ident = $code:literal,)* }) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "std", derive(Serialize, Deserialize))]
        #[repr(u8)]
        pub enum $name { $(#[doc = $meaning] $variant = $code,)* }

        impl $name {
            /// The list for generators.
            pub const LIST: CodeList = CodeList {
                name: stringify!($name),
                doc: $doc,
                members: &[$((stringify!($variant), $code, $meaning),)*],
            };

            /// Every member, in the order of its code.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The code on the wire.
            pub const fn code(self) -> u8 { self as u8 }

            /// The member with this code.
            pub fn from_code(code: u8) -> Option<$name> {
                $name::ALL.iter().copied().find(|member| member.code() == code)
            }

            /// The name as the documents write it.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => stringify!($variant),)* }
            }

            /// The member with this name.
            pub fn from_name(name: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|member| member.name() == name)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { f.pad(self.name()) }
        }
    };
}

codes! {
    /// What a command answered (4 bits).
    pub enum Status {
        /// The PM is closed.
        NotActive = 0,
        /// Done.
        Ok = 1,
        /// No such tenant.
        BadTenant = 2,
        /// Base or size is not a whole number of granules; in a boot manifest, or does not fit the address bits.
        BadAlignment = 3,
        /// Size is zero or larger than the window; of a boot manifest: its words are not those that it says.
        BadSize = 4,
        /// The range leaves the window.
        OutsideWindow = 5,
        /// The tenant already has a partition in that logical range.
        Overlap = 6,
        /// No free slot.
        TableFull = 7,
        /// No free block of that size.
        NoSpace = 8,
        /// The slot does not exist or holds no partition.
        BadSlot = 9,
        /// The row is locked; of a boot manifest: it comes when there is one already.
        Locked = 10,
        /// The PM is sealed.
        Sealed = 11,
        /// No room for the command's audit record.
        AuditFull = 12,
        /// The tenant's quota is used up.
        QuotaExceeded = 13,
        /// A row that the command reads, or any register, has lost a bit; of a boot manifest: its tag is wrong.
        Integrity = 14,
        /// The boot manifest's security version is older than the device takes.
        OldVersion = 15,
    }
}

codes! {
    /// Why an access was refused (4 bits).
    pub enum Reason {
        /// The PM is closed.
        NotActive = 0,
        /// No such tenant.
        NoTenant = 1,
        /// The length is zero or too large, or the last byte lies beyond the partition or the address space.
        OutOfRange = 2,
        /// The shadow page table maps the granule, the table does not.
        InvalidPartition = 3,
        /// Two witnesses disagree.
        Integrity = 4,
        /// This kind of access is not permitted.
        Permission = 5,
        /// The physical range touches an isolated block.
        Isolated = 6,
        /// The standard MMU has no translation (MMU bridge only).
        MmuFault = 7,
        /// Not refused.
        None = 8,
        /// A master did not go on with an access that the bus guard had begun, and the guard ended the access (bus guards only).
        Stalled = 9,
    }
}

codes! {
    /// The kind of an access (2 bits); no row permits the fourth code.
    pub enum Kind {
        /// Data read.
        Read = 0,
        /// Data write.
        Write = 1,
        /// Instruction fetch.
        Execute = 2,
    }
}

codes! {
    /// Codes of the `CMD` register (4 bits).
    pub enum Command {
        /// Make a partition.
        Create = 1,
        /// Revoke, scrub and free a partition.
        Destroy = 2,
        /// Change a partition's size.
        Resize = 3,
        /// Change a partition's rights.
        Protect = 4,
        /// Map a block a second time.
        Share = 5,
        /// Freeze a row.
        Lock = 6,
        /// Freeze everything.
        Seal = 7,
        /// Read a row by slot.
        Query = 8,
        /// Read a row by tenant and logical address.
        Find = 9,
    }
}

codes! {
    /// What an audit record tells of (4 bits).
    pub enum Event {
        /// The boot gate opened, or refused its configuration.
        Boot = 1,
        /// A command ended.
        Command = 2,
        /// The translate port refused an access.
        TranslateDenied = 3,
        /// The physical port refused an access.
        PhysicalDenied = 4,
        /// Denials or commands went unrecorded for want of room; the address holds how many since reset.
        Lost = 5,
        /// With `integrity`: a bit was lost, and put right or not; the kind is an [`Upset`].
        Integrity = 6,
    }
}

codes! {
    /// What was lost: the kind of an audit record of [`Event::Integrity`] (4 bits).
    pub enum Upset {
        /// One bit of a row, which was written anew as it was.
        RowRepaired = 1,
        /// More of a row than can be repaired: everything is closed.
        RowLost = 2,
        /// A bit of a register: everything is closed.
        RegisterLost = 3,
    }
}

codes! {
    /// State of the boot gate (3 bits).
    pub enum BootState {
        /// After reset: the shadow page tables are being cleared.
        Clearing = 0,
        /// Waiting for pool and window registers and an activation, or for the words of a boot manifest.
        Closed = 1,
        /// Looking at the configuration, or booting with a manifest.
        Checking = 2,
        /// The configuration was refused; it may be corrected and tried again.
        Refused = 3,
        /// Open; pool and window registers are frozen until reset.
        Active = 4,
        /// Closed until reset: the boot manifest was refused, or a second one came.
        Failed = 5,
    }
}

/// Rights of a partition, as in `CMD_RIGHTS`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "std", derive(Serialize, Deserialize))]
pub struct Rights {
    /// May be read.
    pub read: bool,
    /// May be written.
    pub write: bool,
    /// May be fetched from.
    pub execute: bool,
    /// No physical access reaches it.
    pub isolated: bool,
    /// The row cannot change until reset.
    pub locked: bool,
}

impl Rights {
    /// Bits 0 read, 1 write, 2 execute, 3 isolated, 4 locked.
    pub const fn bits(self) -> u32 {
        self.read as u32
            | (self.write as u32) << 1
            | (self.execute as u32) << 2
            | (self.isolated as u32) << 3
            | (self.locked as u32) << 4
    }

    /// The inverse of [`Rights::bits`]; bits from 5 up are ignored.
    pub const fn from_bits(bits: u32) -> Rights {
        Rights {
            read: bits & 1 != 0,
            write: bits & 2 != 0,
            execute: bits & 4 != 0,
            isolated: bits & 8 != 0,
            locked: bits & 16 != 0,
        }
    }
}
