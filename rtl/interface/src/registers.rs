//! The control registers: one table that everything else reads offsets, access and meaning from.

/// How a register answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterMode {
    /// Reads; a write is an error.
    ReadOnly,
    /// Reads and writes.
    ReadWrite,
    /// Writes act, reads are an error.
    WriteOnly,
    /// Reads; writing 1 clears a bit.
    WriteOneToClear,
}

/// One 32-bit register.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Name as in the documents.
    pub name: &'static str,
    /// Byte offset.
    pub offset: u8,
    /// How it answers.
    pub access: RegisterMode,
    /// Whether it accepts writes while a command is busy. What is frozen once the gate is open asks the gate instead.
    pub writable_when_busy: bool,
    /// Whether it accepts writes once the boot gate is open.
    pub writable_when_active: bool,
    /// Whether it accepts writes once the PM is sealed.
    pub writable_when_sealed: bool,
    /// The feature without which every access is an error; [`GUARD`] stands for a bus guard.
    pub feature: Option<&'static str>,
    /// What it holds; its [fields](Register::fields) tell the rest.
    pub doc: &'static str,
}

impl Register {
    /// Whether a read can be answered.
    pub const fn reads(&self) -> bool {
        !matches!(self.access, RegisterMode::WriteOnly)
    }

    /// Whether a write can be accepted.
    pub const fn writes(&self) -> bool {
        !matches!(self.access, RegisterMode::ReadOnly)
    }
}

impl RegisterMode {
    /// As tables write it: `ro`, `rw`, `wo`, `w1c`.
    pub const fn name(self) -> &'static str {
        match self {
            RegisterMode::ReadOnly => "ro",
            RegisterMode::ReadWrite => "rw",
            RegisterMode::WriteOnly => "wo",
            RegisterMode::WriteOneToClear => "w1c",
        }
    }
}

macro_rules! registers {
    ($($constant:ident $offset:literal $access:ident $busy:literal $active:literal $sealed:literal $($feature:ident)? : $doc:literal;)*) => {
        /// Every register, by rising offset.
        pub const REGISTERS: &[Register] = &[$(Register {
            name: stringify!($constant), offset: $offset, access: RegisterMode::$access,
            writable_when_busy: $busy, writable_when_active: $active, writable_when_sealed: $sealed,
            feature: registers!(@feature $($feature)?), doc: $doc,
        },)*];
        /// Byte offsets by name.
        pub mod offset {
            $(#[doc = $doc] pub const $constant: u8 = $offset;)*
        }
    };
    (@feature) => { None };
    (@feature $feature:ident) => { Some(stringify!($feature)) };
}

registers! {
    // name, offset, access; writable while a command is busy, while active, while sealed; the feature it needs; meaning
    ID                 0x00 ReadOnly        false false false       : "the letters PMGR";
    VERSION            0x04 ReadOnly        false false false       : "version of the register map";
    GEOMETRY0          0x08 ReadOnly        false false false       : "widths of addresses, granules, windows and the pool";
    GEOMETRY1          0x0C ReadOnly        false false false       : "how many tenants, rows and audit records there can be";
    STATUS             0x10 ReadOnly        false false false       : "what goes on";
    CONTROL            0x14 WriteOnly       true  false false       : "activates: the pool and window registers are checked and frozen, the gate opens; with `boot` it ends the manifest in BOOT_DATA and boots with it, an error where there is none";
    POOL_BASE_LO       0x18 ReadWrite       true  false false       : "first byte of the pool, bits 31:0";
    POOL_BASE_HI       0x1C ReadWrite       true  false false       : "first byte of the pool, bits 63:32";
    POOL_SIZE_LO       0x20 ReadWrite       true  false false       : "bytes in the pool, bits 31:0";
    POOL_SIZE_HI       0x24 ReadWrite       true  false false       : "bytes in the pool, bits 63:32";
    WINDOW_BASE_LO     0x28 ReadWrite       true  false false       : "first byte of every tenant's window, bits 31:0; with windows per tenant, of the window of the tenant in CMD_TENANT, and an error where there is no such tenant";
    WINDOW_BASE_HI     0x2C ReadWrite       true  false false       : "first byte of every tenant's window, bits 63:32; with windows per tenant, of the window of the tenant in CMD_TENANT, and an error where there is no such tenant";
    CMD                0x30 WriteOnly       false true  true        : "starts the command whose code is written";
    CMD_TENANT         0x34 ReadWrite       false true  true        : "operand: tenant";
    CMD_SLOT           0x38 ReadWrite       false true  true        : "operand: slot";
    CMD_LOGICAL_LO     0x3C ReadWrite       false true  true        : "operand: logical address, bits 31:0";
    CMD_LOGICAL_HI     0x40 ReadWrite       false true  true        : "operand: logical address, bits 63:32";
    CMD_SIZE_LO        0x44 ReadWrite       false true  true        : "operand: size in bytes, bits 31:0";
    CMD_SIZE_HI        0x48 ReadWrite       false true  true        : "operand: size in bytes, bits 63:32";
    CMD_RIGHTS         0x4C ReadWrite       false true  true        : "operand: rights";
    RESULT             0x50 ReadOnly        false false false       : "what the last command answered";
    RESULT_PHYSICAL_LO 0x54 ReadOnly        false false false       : "physical base of the row that the last command was about, bits 31:0";
    RESULT_PHYSICAL_HI 0x58 ReadOnly        false false false       : "physical base of the row that the last command was about, bits 63:32";
    AUDIT_LEVEL        0x5C ReadOnly        false false false       : "how full the audit log is";
    AUDIT_DATA         0x60 ReadOnly        false false false       : "a word of the oldest record; zero when none waits";
    AUDIT_POP          0x64 WriteOnly       true  true  true        : "moves to the next word of the oldest record; after its last word the record is gone";
    AUDIT_LOST         0x68 ReadOnly        false false false       : "denials counted instead of recorded since reset, saturating at 2^32 - 2";
    AUDIT_DIGEST       0x6C ReadOnly        false false false chain : "digest of the log's hash chain, bytes 3:0";
    FAULT_INFO         0x70 ReadOnly        false false false       : "first denial since the last clear of IRQ_STATUS bit 1";
    FAULT_ADDRESS_LO   0x74 ReadOnly        false false false       : "address of the denial in FAULT_INFO, bits 31:0";
    FAULT_ADDRESS_HI   0x78 ReadOnly        false false false       : "address of the denial in FAULT_INFO, bits 63:32";
    IRQ_STATUS         0x7C WriteOneToClear true  true  true        : "causes of interrupts; writing 1 to a bit clears it";
    IRQ_ENABLE         0x80 ReadWrite       true  true  true        : "which bits of IRQ_STATUS raise `irq`";
    BOOT_DATA          0x84 WriteOnly       true  false false boot  : "the next word of the boot manifest, tag included; after the end of it, closes the gate until reset";
    BOOT_STATE         0x88 ReadOnly        false false false       : "state of the boot gate";
    COUNT_GRANTED      0x8C ReadOnly        false false false       : "accesses granted or allowed since reset, wrapping";
    COUNT_DENIED       0x90 ReadOnly        false false false       : "accesses denied since reset, wrapping";
    COUNT_NOT_MINE     0x94 ReadOnly        false false false       : "accesses left to the standard MMU since reset, wrapping";
    ALERT_STATE        0x98 ReadOnly        false false false alerts: "classes of what waits in IRQ_STATUS";
    ALERT_TEST         0x9C WriteOnly       true  true  true  alerts: "raises these bits of IRQ_STATUS, as if their causes had occurred";
    DENY_THRESHOLD     0xA0 ReadWrite       true  true  false alerts: "denials that set bit 5 of IRQ_STATUS";
    DENY_COUNT         0xA4 ReadOnly        false false false alerts: "denials since reset or the last clear of IRQ_STATUS bit 5";
    STALL_LIMIT        0xA8 ReadWrite       true  true  false guard : "cycles after which a bus guard ends an access whose master does not go on, and calls a memory that does not answer stalled";
    SOURCE_INDEX       0xAC ReadWrite       true  true  false sources: "which entry of the source map the next registers show";
    SOURCE_VALUE_LO    0xB0 ReadWrite       true  true  false sources: "bits 31:0 of the source that the entry matches: the sideband";
    SOURCE_VALUE_HI    0xB4 ReadWrite       true  true  false sources: "bits 63:32 of the source that the entry matches: the identifier";
    SOURCE_MASK_LO     0xB8 ReadWrite       true  true  false sources: "which of bits 31:0 of the source count; the others may be anything";
    SOURCE_MASK_HI     0xBC ReadWrite       true  true  false sources: "which of bits 63:32 of the source count; the others may be anything";
    AUDIT_DIGEST_1     0xC0 ReadOnly        false false false chain : "digest of the log's hash chain, bytes 7:4";
    AUDIT_DIGEST_2     0xC4 ReadOnly        false false false chain : "digest of the log's hash chain, bytes 11:8";
    AUDIT_DIGEST_3     0xC8 ReadOnly        false false false chain : "digest of the log's hash chain, bytes 15:12";
    AUDIT_CHAINED      0xCC ReadOnly        false false false chain : "records that the digest covers since reset, wrapping: read before and after its four words, equal when they belong together";
    SOURCE_ENTRY       0xD0 ReadWrite       true  true  false sources: "tenant of the entry, and whether it is valid; a write while the entry is locked is an error";
}

/// Name in [`Register::feature`] of registers that only a bus guard with a source map has.
pub const SOURCES: &str = "sources";
/// Tenant of an access that no entry of the source map, or more than one, names: no design with a source map has this tenant.
pub const NO_SOURCE: u8 = 0xFF;
/// Name in [`Register::feature`] of registers that only a design behind a bus guard has: AXI4 or Wishbone.
pub const GUARD: &str = "guard";
/// Activation as it is written to `CONTROL`, and in bits 2:1 as a boot manifest says it: with a strict window, with one that is not
/// strict, or with what the design was built with.
pub const fn activation(strict: Option<bool>) -> u32 {
    match strict {
        None => 1,
        Some(true) => 3,
        Some(false) => 5,
    }
}

/// The window that an activation asks for, as [`activation`] takes it; `None` for a value that is no activation.
pub const fn asked_window(control: u32) -> Option<Option<bool>> {
    match control {
        1 => Some(None),
        3 => Some(Some(true)),
        5 => Some(Some(false)),
        _ => None,
    }
}

/// Value of `STALL_LIMIT` after reset, in cycles.
pub const STALL_LIMIT_RESET: u32 = 1024;
/// What `ID` reads: the letters PMGR.
pub const ID_VALUE: u32 = 0x504D_4752;
/// What `VERSION` reads.
pub const VERSION_VALUE: u32 = 0x0000_0100;
/// Words in an audit record.
pub const AUDIT_WORDS: usize = 5;
/// Records that the audit FIFO can hold.
pub const AUDIT_RECORDS: usize = 48;
/// Room in the audit FIFO that denials never take: kept for command and boot records.
pub const AUDIT_RESERVED: usize = 4;
/// Bits of `IRQ_STATUS` and `IRQ_ENABLE`.
pub mod irq {
    /// A command ended.
    pub const COMMAND: u32 = 1;
    /// An access was refused.
    pub const DENIAL: u32 = 2;
    /// An isolation or integrity denial.
    pub const ALERT: u32 = 4;
    /// A denial was counted instead of recorded.
    pub const LOST: u32 = 8;
    /// A denial came while `FAULT_INFO` held another; with the feature `alerts`.
    pub const OVERRUN: u32 = 16;
    /// `DENY_COUNT` has reached `DENY_THRESHOLD`; with the feature `alerts`.
    pub const THRESHOLD: u32 = 32;
    /// The patrol repaired a row; with the feature `integrity`.
    pub const REPAIRED: u32 = 64;

    /// Causes of class info.
    pub const INFO: u32 = COMMAND | REPAIRED;
    /// Causes of class warning.
    pub const WARNING: u32 = DENIAL | LOST | OVERRUN;
    /// Causes of class critical: they raise `alert`.
    pub const CRITICAL: u32 = ALERT | THRESHOLD;
}
