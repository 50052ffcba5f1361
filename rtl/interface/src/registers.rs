//! The control registers: one table that everything else reads offsets, access and meaning from.

/// How a register answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
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
    pub access: Access,
    /// Whether it accepts writes once the boot gate is open.
    pub writable_when_active: bool,
    /// Whether it accepts writes once the PM is sealed.
    pub writable_when_sealed: bool,
    /// What it holds.
    pub doc: &'static str,
}

macro_rules! registers {
    ($($constant:ident $offset:literal $access:ident $active:literal $sealed:literal $doc:literal;)*) => {
        /// Every register, by rising offset.
        pub const REGISTERS: &[Register] = &[$(Register {
            name: stringify!($constant), offset: $offset, access: Access::$access,
            writable_when_active: $active, writable_when_sealed: $sealed, doc: $doc,
        },)*];
        /// Byte offsets by name.
        pub mod offset {
            $(#[doc = $doc] pub const $constant: u8 = $offset;)*
        }
    };
}

registers! {
    ID              0x00 ReadOnly  false false "`0x504D4752`, the letters PMGR";
    VERSION         0x04 ReadOnly  false false "major in bits 31:16, minor in 15:8, patch in 7:0";
    GEOMETRY0       0x08 ReadOnly  false false "address bits 7:0, granule bits 15:8, window bits (of bytes) 23:16, largest pool bits (of bytes) 31:24";
    GEOMETRY1       0x0C ReadOnly  false false "tenants 7:0, slots 15:8, audit capacity in records 31:16";
    STATUS          0x10 ReadOnly  false false "bit 0 active, 1 sealed, 2 command busy, 3 alert, 4 interrupt request";
    CONTROL         0x14 WriteOnly false false "writing 1 activates: the pool and window registers are checked and frozen, the gate opens; with authenticated boot it ends the manifest in BOOT_DATA and boots with it, an error where there is none";
    POOL_BASE_LO    0x18 ReadWrite false false "first byte of the pool, bits 31:0";
    POOL_BASE_HI    0x1C ReadWrite false false "first byte of the pool, bits 63:32";
    POOL_SIZE_LO    0x20 ReadWrite false false "bytes in the pool, bits 31:0";
    POOL_SIZE_HI    0x24 ReadWrite false false "bytes in the pool, bits 63:32";
    WINDOW_BASE_LO  0x28 ReadWrite false false "first byte of every tenant's window, bits 31:0";
    WINDOW_BASE_HI  0x2C ReadWrite false false "first byte of every tenant's window, bits 63:32";
    CMD             0x30 WriteOnly true  true  "command code; starts the command";
    CMD_TENANT      0x34 ReadWrite true  true  "tenant, bits 7:0";
    CMD_SLOT        0x38 ReadWrite true  true  "slot, bits 7:0";
    CMD_LOGICAL_LO  0x3C ReadWrite true  true  "logical address, bits 31:0";
    CMD_LOGICAL_HI  0x40 ReadWrite true  true  "logical address, bits 63:32";
    CMD_SIZE_LO     0x44 ReadWrite true  true  "size in bytes, bits 31:0";
    CMD_SIZE_HI     0x48 ReadWrite true  true  "size in bytes, bits 63:32";
    CMD_RIGHTS      0x4C ReadWrite true  true  "bit 0 read, 1 write, 2 execute, 3 isolated, 4 locked";
    RESULT          0x50 ReadOnly  false false "status 7:0, slot 15:8, busy 31";
    RESULT_PHYSICAL_LO 0x54 ReadOnly false false "physical base of the row, bits 31:0";
    RESULT_PHYSICAL_HI 0x58 ReadOnly false false "physical base of the row, bits 63:32";
    AUDIT_LEVEL     0x5C ReadOnly  false false "records waiting 15:0, word of the oldest record that AUDIT_DATA shows 18:16, records stored that the digest has yet to take in (and so not waiting) 29:24";
    AUDIT_DATA      0x60 ReadOnly  false false "a word of the oldest record; zero when none waits";
    AUDIT_POP       0x64 WriteOnly true  true  "writing 1 moves to the next word; after the last word the record is gone";
    AUDIT_LOST      0x68 ReadOnly  false false "denials counted instead of recorded since reset, saturating at 2^32 - 2";
    AUDIT_DIGEST    0x6C ReadOnly  false false "digest of the log's hash chain, bytes 3:0; an error where there is no chain";
    FAULT_INFO      0x70 ReadOnly  false false "first denial since the last clear of IRQ_STATUS bit 1: tenant 7:0, slot 15:8, kind 21:20, reason 27:24, others came after it 29 (with `alerts`), port 30 (1 physical), valid 31";
    FAULT_ADDRESS_LO 0x74 ReadOnly false false "its address, bits 31:0";
    FAULT_ADDRESS_HI 0x78 ReadOnly false false "its address, bits 63:32";
    IRQ_STATUS      0x7C WriteOneToClear true true "bit 0 command ended, 1 denial, 2 alert, 3 audit records lost; with `alerts` also 4 denial while FAULT_INFO held one, 5 DENY_THRESHOLD reached; with `integrity` also 6 a row was repaired";
    IRQ_ENABLE      0x80 ReadWrite true  true  "which bits of IRQ_STATUS raise `irq`";
    BOOT_DATA       0x84 WriteOnly false false "the next word of the boot manifest, tag included; after the end of it, closes the gate until reset; an error where there is no authenticated boot";
    BOOT_STATE      0x88 ReadOnly  false false "state of the boot gate 2:0, status of the last activation or of the boot 11:8";
    COUNT_GRANTED   0x8C ReadOnly  false false "accesses granted or allowed since reset, wrapping";
    COUNT_DENIED    0x90 ReadOnly  false false "accesses denied since reset, wrapping";
    COUNT_NOT_MINE  0x94 ReadOnly  false false "accesses left to the standard MMU since reset, wrapping";
    ALERT_STATE     0x98 ReadOnly  false false "classes of what waits in IRQ_STATUS: bit 0 info, 1 warning, 2 critical; an error without `alerts`, as are the next three";
    ALERT_TEST      0x9C WriteOnly true  true  "raises these bits of IRQ_STATUS, as if their causes had occurred";
    DENY_THRESHOLD  0xA0 ReadWrite true  false "denials that set bit 5 of IRQ_STATUS, bits 15:0; 0: none do";
    DENY_COUNT      0xA4 ReadOnly  false false "denials since reset or the last clear of IRQ_STATUS bit 5, ending at 65,535";
    AUDIT_DIGEST_1  0xC0 ReadOnly  false false "digest, bytes 7:4; likewise";
    AUDIT_DIGEST_2  0xC4 ReadOnly  false false "digest, bytes 11:8; likewise";
    AUDIT_DIGEST_3  0xC8 ReadOnly  false false "digest, bytes 15:12; likewise";
    AUDIT_CHAINED   0xCC ReadOnly  false false "records that the digest covers since reset, wrapping: read before and after its four words, equal when they belong together; an error where there is no chain";
}

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
    pub const INFO: u32 = COMMAND;
    /// Causes of class warning.
    pub const WARNING: u32 = DENIAL | LOST | OVERRUN;
    /// Causes of class critical: they raise `alert`.
    pub const CRITICAL: u32 = ALERT | THRESHOLD;
}
