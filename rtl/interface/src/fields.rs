//! What the bits of every register mean: decoders, drivers and documents are made from this table and [`REGISTERS`].
//!
//! A field reads and writes as its register does. Bits that no field names read as zero; writing one to them is an error.

use crate::registers::{offset, Register, AUDIT_RECORDS, GUARD, ID_VALUE, REGISTERS, STALL_LIMIT_RESET, VERSION_VALUE};
use crate::{BootState, CodeList, Command, Event, Kind, Reason, Status, Upset};

/// Some bits of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name, in lower case; `value` where it is the whole register.
    pub name: &'static str,
    /// Highest bit.
    pub high: u8,
    /// Lowest bit.
    pub low: u8,
    /// What it reads after reset; `None` where that follows from the geometry.
    pub reset: Option<u32>,
    /// The feature without which it reads as zero and takes no one.
    pub feature: Option<&'static str>,
    /// What its values are called.
    pub codes: Option<CodeList>,
    /// What it holds.
    pub doc: &'static str,
}

impl Field {
    /// Its bits in the register.
    pub const fn mask(&self) -> u32 {
        (u32::MAX >> (31 - self.high + self.low)) << self.low
    }

    /// It is the whole register.
    pub const fn is_whole(&self) -> bool {
        self.high == 31 && self.low == 0
    }

    const fn reset(self, value: u32) -> Field {
        Field { reset: Some(value), ..self }
    }

    const fn by_geometry(self) -> Field {
        Field { reset: None, ..self }
    }

    const fn with(self, feature: &'static str) -> Field {
        Field { feature: Some(feature), ..self }
    }

    const fn codes(self, codes: CodeList) -> Field {
        Field { codes: Some(codes), ..self }
    }
}

impl Register {
    /// Its fields, the lowest first.
    pub fn fields(&self) -> &'static [Field] {
        FIELDS.iter().find(|(register, _)| *register == self.offset).map_or(&[], |(_, fields)| fields)
    }

    /// The bits that it has, with these features.
    pub fn mask(&self, has: impl Fn(&str) -> bool) -> u32 {
        self.fields().iter().filter(|field| field.feature.is_none_or(&has)).map(Field::mask).fold(0, |all, mask| all | mask)
    }

    /// What it reads after reset; `None` where that follows from the geometry.
    pub fn reset(&self) -> Option<u32> {
        self.fields().iter().try_fold(0, |all, field| field.reset.map(|value| all | value << field.low))
    }
}

/// The register of this name.
pub fn register(name: &str) -> Option<&'static Register> {
    REGISTERS.iter().find(|register| register.name == name)
}

/// Every list of codes that a register, a command or an audit record uses.
pub const CODES: &[CodeList] =
    &[Status::LIST, Reason::LIST, Kind::LIST, Command::LIST, Event::LIST, Upset::LIST, BootState::LIST];

const fn bits(high: u8, low: u8, name: &'static str, doc: &'static str) -> Field {
    Field { name, high, low, reset: Some(0), feature: None, codes: None, doc }
}

const fn bit(place: u8, name: &'static str, doc: &'static str) -> Field {
    bits(place, place, name, doc)
}

const fn value(doc: &'static str) -> Field {
    bits(31, 0, "value", doc)
}

/// The causes, as `IRQ_STATUS`, `IRQ_ENABLE` and `ALERT_TEST` have them.
const CAUSES: &[Field] = &[
    bit(0, "command_ended", "a command ended"),
    bit(1, "denial", "an access was refused; clearing it frees FAULT_INFO"),
    bit(2, "alert", "an isolation or integrity denial"),
    bit(3, "lost", "a denial was counted instead of recorded"),
    bit(4, "overrun", "a denial came while FAULT_INFO held another").with("alerts"),
    bit(5, "threshold", "DENY_COUNT has reached DENY_THRESHOLD").with("alerts"),
    bit(6, "repaired", "a row was repaired").with("integrity"),
];

/// The fields of every register, by its offset.
const FIELDS: &[(u8, &[Field])] = &[
    (offset::ID, &[value("0x504D4752").reset(ID_VALUE)]),
    (
        offset::VERSION,
        &[
            bits(7, 0, "patch", "patch").reset(VERSION_VALUE & 0xFF),
            bits(15, 8, "minor", "minor").reset(VERSION_VALUE >> 8 & 0xFF),
            bits(31, 16, "major", "major").reset(VERSION_VALUE >> 16),
        ],
    ),
    (
        offset::GEOMETRY0,
        &[
            bits(7, 0, "address_bits", "bits of an address").by_geometry(),
            bits(15, 8, "granule_bits", "a granule has 2^n bytes").by_geometry(),
            bits(23, 16, "window_bits", "a tenant's window has 2^n bytes").by_geometry(),
            bits(31, 24, "pool_bits", "the largest pool has 2^n bytes").by_geometry(),
        ],
    ),
    (
        offset::GEOMETRY1,
        &[
            bits(7, 0, "tenants", "tenants; 0 is 256").by_geometry(),
            bits(15, 8, "slots", "rows of the partition table; 0 is 256").by_geometry(),
            bits(30, 16, "audit_records", "records that the audit log holds").reset(AUDIT_RECORDS as u32),
            bit(31, "per_tenant_windows", "each tenant has a window base of its own; 0: one base for all").by_geometry(),
        ],
    ),
    (
        offset::STATUS,
        &[
            bit(0, "active", "the boot gate is open"),
            bit(1, "sealed", "SEAL was done"),
            bit(2, "busy", "a command runs"),
            bit(3, "alert", "the output `alert`"),
            bit(4, "irq", "the output `irq`"),
            bit(5, "memory_stalled", "the memory has not answered for STALL_LIMIT cycles; no access is granted until it does")
                .with(GUARD),
        ],
    ),
    (
        offset::CONTROL,
        &[
            bit(0, "activate", "1 activates or boots; 0 is an error"),
            bit(
                1,
                "strict",
                "1: an address in the window that no partition has is refused; with `boot` an error, for the manifest says so",
            ),
            bit(
                2,
                "permissive",
                "1: such an address is left to the standard MMU; with `strict`, or with `boot`, an error. Neither bit: strict \
                 behind a bus guard without a standard MMU, permissive elsewhere",
            ),
        ],
    ),
    (offset::POOL_BASE_LO, &[value("bits 31:0")]),
    (offset::POOL_BASE_HI, &[value("bits 63:32")]),
    (offset::POOL_SIZE_LO, &[value("bits 31:0")]),
    (offset::POOL_SIZE_HI, &[value("bits 63:32")]),
    (offset::WINDOW_BASE_LO, &[value("bits 31:0")]),
    (offset::WINDOW_BASE_HI, &[value("bits 63:32")]),
    (offset::CMD, &[bits(3, 0, "command", "what to do").codes(Command::LIST)]),
    (offset::CMD_TENANT, &[bits(7, 0, "tenant", "tenant")]),
    (offset::CMD_SLOT, &[bits(7, 0, "slot", "slot")]),
    (offset::CMD_LOGICAL_LO, &[value("bits 31:0")]),
    (offset::CMD_LOGICAL_HI, &[value("bits 63:32")]),
    (offset::CMD_SIZE_LO, &[value("bits 31:0")]),
    (offset::CMD_SIZE_HI, &[value("bits 63:32")]),
    (
        offset::CMD_RIGHTS,
        &[
            bit(0, "read", "may be read"),
            bit(1, "write", "may be written"),
            bit(2, "execute", "may be fetched from"),
            bit(3, "isolated", "no physical access reaches it"),
            bit(4, "locked", "the row cannot change until reset"),
        ],
    ),
    (
        offset::RESULT,
        &[
            bits(7, 0, "status", "what was answered").codes(Status::LIST),
            bits(15, 8, "slot", "the row's slot, with Ok"),
            bit(31, "busy", "the command runs; status and slot are the last one's"),
        ],
    ),
    (offset::RESULT_PHYSICAL_LO, &[value("bits 31:0")]),
    (offset::RESULT_PHYSICAL_HI, &[value("bits 63:32")]),
    (
        offset::AUDIT_LEVEL,
        &[
            bits(15, 0, "waiting", "records that can be read"),
            bits(18, 16, "word", "which word of the oldest record AUDIT_DATA shows"),
            bits(29, 24, "unchained", "records that the digest has yet to take in, and so not waiting").with("chain"),
        ],
    ),
    (offset::AUDIT_DATA, &[value("the word")]),
    (offset::AUDIT_POP, &[bit(0, "pop", "1 moves on; 0 is an error")]),
    (offset::AUDIT_LOST, &[value("denials")]),
    (offset::AUDIT_DIGEST, &[value("bytes 3:0")]),
    (
        offset::FAULT_INFO,
        &[
            bits(7, 0, "tenant", "who asked"),
            bits(15, 8, "slot", "the row that refused; 0 where there is none"),
            bits(21, 20, "kind", "kind of the access").codes(Kind::LIST),
            bits(27, 24, "reason", "why it was refused").codes(Reason::LIST),
            bit(29, "more", "others came after it").with("alerts"),
            bit(30, "physical", "on the physical port"),
            bit(31, "valid", "there was one"),
        ],
    ),
    (offset::FAULT_ADDRESS_LO, &[value("bits 31:0")]),
    (offset::FAULT_ADDRESS_HI, &[value("bits 63:32")]),
    (offset::IRQ_STATUS, CAUSES),
    (offset::IRQ_ENABLE, CAUSES),
    (offset::BOOT_DATA, &[value("the word")]),
    (
        offset::BOOT_STATE,
        &[
            bits(2, 0, "state", "state").codes(BootState::LIST),
            bits(11, 8, "status", "of the last activation, or of the boot").codes(Status::LIST),
            bit(12, "strict", "behind an open gate: the window is strict"),
        ],
    ),
    (offset::COUNT_GRANTED, &[value("accesses")]),
    (offset::COUNT_DENIED, &[value("accesses")]),
    (offset::COUNT_NOT_MINE, &[value("accesses")]),
    (
        offset::ALERT_STATE,
        &[
            bit(0, "info", "a cause of class info waits"),
            bit(1, "warning", "a cause of class warning waits"),
            bit(2, "critical", "a cause of class critical waits"),
        ],
    ),
    (offset::ALERT_TEST, CAUSES),
    (offset::DENY_THRESHOLD, &[bits(15, 0, "denials", "how many; 0: none do")]),
    (offset::DENY_COUNT, &[bits(15, 0, "denials", "how many, ending at 65,535")]),
    (offset::STALL_LIMIT, &[bits(15, 0, "cycles", "how many; 0: no limit").reset(STALL_LIMIT_RESET)]),
    (offset::SOURCE_INDEX, &[bits(4, 0, "entry", "number of the entry")]),
    (offset::SOURCE_VALUE_LO, &[value("bits 31:0")]),
    (offset::SOURCE_VALUE_HI, &[value("bits 63:32")]),
    (offset::SOURCE_MASK_LO, &[value("bits 31:0")]),
    (offset::SOURCE_MASK_HI, &[value("bits 63:32")]),
    (offset::AUDIT_DIGEST_1, &[value("bytes 7:4")]),
    (offset::AUDIT_DIGEST_2, &[value("bytes 11:8")]),
    (offset::AUDIT_DIGEST_3, &[value("bytes 15:12")]),
    (offset::AUDIT_CHAINED, &[value("records")]),
    (
        offset::SOURCE_ENTRY,
        &[
            bits(
                7,
                0,
                "tenant",
                "tenant of the sources that match; 255 is an error, for it stands for sources that nobody named",
            ),
            bit(8, "valid", "the entry takes part; while it does its value and mask cannot be written"),
            bit(9, "locked", "nothing of the entry changes until reset"),
        ],
    ),
];

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::registers::{irq, SOURCES};
    use crate::{Features, Rights};

    #[test]
    fn every_register_has_fields_that_do_not_meet() {
        assert_eq!(FIELDS.len(), REGISTERS.len());
        for register in REGISTERS {
            let fields = register.fields();
            assert!(!fields.is_empty(), "{}", register.name);
            for pair in fields.windows(2) {
                assert!(pair[0].high < pair[1].low, "{}: {} and {}", register.name, pair[0].name, pair[1].name);
            }
            for field in fields {
                assert!(field.low <= field.high && field.high < 32, "{}.{}", register.name, field.name);
                assert!(field.reset.is_none_or(|value| value << field.low & !field.mask() == 0));
                let fits =
                    |codes: CodeList| codes.members.iter().all(|(_, code, _)| u32::from(*code) <= field.mask() >> field.low);
                assert!(field.codes.is_none_or(fits), "{}.{}", register.name, field.name);
            }
            let features = register.feature.into_iter().chain(fields.iter().filter_map(|field| field.feature));
            assert!(
                features.into_iter().all(|name| name == GUARD || name == SOURCES || Features::NAMES.contains(&name)),
                "{}",
                register.name
            );
        }
    }

    #[test]
    fn rights_and_causes_are_where_their_constants_say() {
        let places = |name: &str| register(name).map(|register| register.fields().iter().map(|f| (f.name, f.mask())).collect());
        let rights = Rights { read: true, write: true, execute: true, isolated: true, locked: true };
        assert_eq!(register("CMD_RIGHTS").map(|register| register.mask(|_| false)), Some(rights.bits()));
        assert_eq!(
            places("IRQ_STATUS"),
            Some(vec![
                ("command_ended", irq::COMMAND),
                ("denial", irq::DENIAL),
                ("alert", irq::ALERT),
                ("lost", irq::LOST),
                ("overrun", irq::OVERRUN),
                ("threshold", irq::THRESHOLD),
                ("repaired", irq::REPAIRED),
            ])
        );
    }
}
