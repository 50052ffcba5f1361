//! The registers of the command bank and the codes of the commands, for kernels.

use crate::constants;
use pm_interface::{registers::offset, Command};

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
