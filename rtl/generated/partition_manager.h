/* Made by `pm registers` from rtl/interface/src/registers.rs, fields.rs and codes.rs. Do not edit. */

#ifndef PM_REGISTERS_H
#define PM_REGISTERS_H

/* What identifies the device and this map. */
#define PM_ID                                0x504D4752u
#define PM_VERSION                           0x00000100u

/* The audit log: words in a record, records that fit. */
#define PM_AUDIT_WORDS                       5u
#define PM_AUDIT_RECORDS                     48u

/* Byte offsets, masks and shifts. A register that is one value has an offset only. */

/* ro: the letters PMGR */
#define PM_ID_OFFSET                         0x00u

/* ro: version of the register map */
#define PM_VERSION_OFFSET                    0x04u
#define PM_VERSION_PATCH_MASK                0x000000FFu
#define PM_VERSION_PATCH_SHIFT               0u
#define PM_VERSION_MINOR_MASK                0x0000FF00u
#define PM_VERSION_MINOR_SHIFT               8u
#define PM_VERSION_MAJOR_MASK                0xFFFF0000u
#define PM_VERSION_MAJOR_SHIFT               16u

/* ro: widths of addresses, granules, windows and the pool */
#define PM_GEOMETRY0_OFFSET                  0x08u
#define PM_GEOMETRY0_ADDRESS_BITS_MASK       0x000000FFu
#define PM_GEOMETRY0_ADDRESS_BITS_SHIFT      0u
#define PM_GEOMETRY0_GRANULE_BITS_MASK       0x0000FF00u
#define PM_GEOMETRY0_GRANULE_BITS_SHIFT      8u
#define PM_GEOMETRY0_WINDOW_BITS_MASK        0x00FF0000u
#define PM_GEOMETRY0_WINDOW_BITS_SHIFT       16u
#define PM_GEOMETRY0_POOL_BITS_MASK          0xFF000000u
#define PM_GEOMETRY0_POOL_BITS_SHIFT         24u

/* ro: how many tenants, rows and audit records there can be */
#define PM_GEOMETRY1_OFFSET                  0x0Cu
#define PM_GEOMETRY1_TENANTS_MASK            0x000000FFu
#define PM_GEOMETRY1_TENANTS_SHIFT           0u
#define PM_GEOMETRY1_SLOTS_MASK              0x0000FF00u
#define PM_GEOMETRY1_SLOTS_SHIFT             8u
#define PM_GEOMETRY1_AUDIT_RECORDS_MASK      0x7FFF0000u
#define PM_GEOMETRY1_AUDIT_RECORDS_SHIFT     16u
#define PM_GEOMETRY1_PER_TENANT_WINDOWS_MASK 0x80000000u
#define PM_GEOMETRY1_PER_TENANT_WINDOWS_SHIFT 31u

/* ro: what goes on */
#define PM_STATUS_OFFSET                     0x10u
#define PM_STATUS_ACTIVE_MASK                0x00000001u
#define PM_STATUS_ACTIVE_SHIFT               0u
#define PM_STATUS_SEALED_MASK                0x00000002u
#define PM_STATUS_SEALED_SHIFT               1u
#define PM_STATUS_BUSY_MASK                  0x00000004u
#define PM_STATUS_BUSY_SHIFT                 2u
#define PM_STATUS_ALERT_MASK                 0x00000008u
#define PM_STATUS_ALERT_SHIFT                3u
#define PM_STATUS_IRQ_MASK                   0x00000010u
#define PM_STATUS_IRQ_SHIFT                  4u
#define PM_STATUS_MEMORY_STALLED_MASK        0x00000020u
#define PM_STATUS_MEMORY_STALLED_SHIFT       5u

/* wo: activates: the pool and window registers are checked and frozen, the gate opens; with `boot` it ends the manifest in BOOT_DATA and boots with it, an error where there is none */
#define PM_CONTROL_OFFSET                    0x14u
#define PM_CONTROL_ACTIVATE_MASK             0x00000001u
#define PM_CONTROL_ACTIVATE_SHIFT            0u
#define PM_CONTROL_STRICT_MASK               0x00000002u
#define PM_CONTROL_STRICT_SHIFT              1u
#define PM_CONTROL_PERMISSIVE_MASK           0x00000004u
#define PM_CONTROL_PERMISSIVE_SHIFT          2u

/* rw: first byte of the pool, bits 31:0 */
#define PM_POOL_BASE_LO_OFFSET               0x18u

/* rw: first byte of the pool, bits 63:32 */
#define PM_POOL_BASE_HI_OFFSET               0x1Cu

/* rw: bytes in the pool, bits 31:0 */
#define PM_POOL_SIZE_LO_OFFSET               0x20u

/* rw: bytes in the pool, bits 63:32 */
#define PM_POOL_SIZE_HI_OFFSET               0x24u

/* rw: first byte of every tenant's window, bits 31:0; with windows per tenant, of the window of the tenant in CMD_TENANT, and an error where there is no such tenant */
#define PM_WINDOW_BASE_LO_OFFSET             0x28u

/* rw: first byte of every tenant's window, bits 63:32; with windows per tenant, of the window of the tenant in CMD_TENANT, and an error where there is no such tenant */
#define PM_WINDOW_BASE_HI_OFFSET             0x2Cu

/* wo: starts the command whose code is written */
#define PM_CMD_OFFSET                        0x30u
#define PM_CMD_COMMAND_MASK                  0x0000000Fu
#define PM_CMD_COMMAND_SHIFT                 0u

/* rw: operand: tenant */
#define PM_CMD_TENANT_OFFSET                 0x34u
#define PM_CMD_TENANT_TENANT_MASK            0x000000FFu
#define PM_CMD_TENANT_TENANT_SHIFT           0u

/* rw: operand: slot */
#define PM_CMD_SLOT_OFFSET                   0x38u
#define PM_CMD_SLOT_SLOT_MASK                0x000000FFu
#define PM_CMD_SLOT_SLOT_SHIFT               0u

/* rw: operand: logical address, bits 31:0 */
#define PM_CMD_LOGICAL_LO_OFFSET             0x3Cu

/* rw: operand: logical address, bits 63:32 */
#define PM_CMD_LOGICAL_HI_OFFSET             0x40u

/* rw: operand: size in bytes, bits 31:0 */
#define PM_CMD_SIZE_LO_OFFSET                0x44u

/* rw: operand: size in bytes, bits 63:32 */
#define PM_CMD_SIZE_HI_OFFSET                0x48u

/* rw: operand: rights */
#define PM_CMD_RIGHTS_OFFSET                 0x4Cu
#define PM_CMD_RIGHTS_READ_MASK              0x00000001u
#define PM_CMD_RIGHTS_READ_SHIFT             0u
#define PM_CMD_RIGHTS_WRITE_MASK             0x00000002u
#define PM_CMD_RIGHTS_WRITE_SHIFT            1u
#define PM_CMD_RIGHTS_EXECUTE_MASK           0x00000004u
#define PM_CMD_RIGHTS_EXECUTE_SHIFT          2u
#define PM_CMD_RIGHTS_ISOLATED_MASK          0x00000008u
#define PM_CMD_RIGHTS_ISOLATED_SHIFT         3u
#define PM_CMD_RIGHTS_LOCKED_MASK            0x00000010u
#define PM_CMD_RIGHTS_LOCKED_SHIFT           4u

/* ro: what the last command answered */
#define PM_RESULT_OFFSET                     0x50u
#define PM_RESULT_STATUS_MASK                0x000000FFu
#define PM_RESULT_STATUS_SHIFT               0u
#define PM_RESULT_SLOT_MASK                  0x0000FF00u
#define PM_RESULT_SLOT_SHIFT                 8u
#define PM_RESULT_BUSY_MASK                  0x80000000u
#define PM_RESULT_BUSY_SHIFT                 31u

/* ro: physical base of the row that the last command was about, bits 31:0 */
#define PM_RESULT_PHYSICAL_LO_OFFSET         0x54u

/* ro: physical base of the row that the last command was about, bits 63:32 */
#define PM_RESULT_PHYSICAL_HI_OFFSET         0x58u

/* ro: how full the audit log is */
#define PM_AUDIT_LEVEL_OFFSET                0x5Cu
#define PM_AUDIT_LEVEL_WAITING_MASK          0x0000FFFFu
#define PM_AUDIT_LEVEL_WAITING_SHIFT         0u
#define PM_AUDIT_LEVEL_WORD_MASK             0x00070000u
#define PM_AUDIT_LEVEL_WORD_SHIFT            16u
#define PM_AUDIT_LEVEL_UNCHAINED_MASK        0x3F000000u
#define PM_AUDIT_LEVEL_UNCHAINED_SHIFT       24u

/* ro: a word of the oldest record; zero when none waits */
#define PM_AUDIT_DATA_OFFSET                 0x60u

/* wo: moves to the next word of the oldest record; after its last word the record is gone */
#define PM_AUDIT_POP_OFFSET                  0x64u
#define PM_AUDIT_POP_POP_MASK                0x00000001u
#define PM_AUDIT_POP_POP_SHIFT               0u

/* ro: denials counted instead of recorded since reset, saturating at 2^32 - 2 */
#define PM_AUDIT_LOST_OFFSET                 0x68u

/* ro, with `chain`: digest of the log's hash chain, bytes 3:0 */
#define PM_AUDIT_DIGEST_OFFSET               0x6Cu

/* ro: first denial since the last clear of IRQ_STATUS bit 1 */
#define PM_FAULT_INFO_OFFSET                 0x70u
#define PM_FAULT_INFO_TENANT_MASK            0x000000FFu
#define PM_FAULT_INFO_TENANT_SHIFT           0u
#define PM_FAULT_INFO_SLOT_MASK              0x0000FF00u
#define PM_FAULT_INFO_SLOT_SHIFT             8u
#define PM_FAULT_INFO_KIND_MASK              0x00300000u
#define PM_FAULT_INFO_KIND_SHIFT             20u
#define PM_FAULT_INFO_REASON_MASK            0x0F000000u
#define PM_FAULT_INFO_REASON_SHIFT           24u
#define PM_FAULT_INFO_MORE_MASK              0x20000000u
#define PM_FAULT_INFO_MORE_SHIFT             29u
#define PM_FAULT_INFO_PHYSICAL_MASK          0x40000000u
#define PM_FAULT_INFO_PHYSICAL_SHIFT         30u
#define PM_FAULT_INFO_VALID_MASK             0x80000000u
#define PM_FAULT_INFO_VALID_SHIFT            31u

/* ro: address of the denial in FAULT_INFO, bits 31:0 */
#define PM_FAULT_ADDRESS_LO_OFFSET           0x74u

/* ro: address of the denial in FAULT_INFO, bits 63:32 */
#define PM_FAULT_ADDRESS_HI_OFFSET           0x78u

/* w1c: causes of interrupts; writing 1 to a bit clears it */
#define PM_IRQ_STATUS_OFFSET                 0x7Cu
#define PM_IRQ_STATUS_COMMAND_ENDED_MASK     0x00000001u
#define PM_IRQ_STATUS_COMMAND_ENDED_SHIFT    0u
#define PM_IRQ_STATUS_DENIAL_MASK            0x00000002u
#define PM_IRQ_STATUS_DENIAL_SHIFT           1u
#define PM_IRQ_STATUS_ALERT_MASK             0x00000004u
#define PM_IRQ_STATUS_ALERT_SHIFT            2u
#define PM_IRQ_STATUS_LOST_MASK              0x00000008u
#define PM_IRQ_STATUS_LOST_SHIFT             3u
#define PM_IRQ_STATUS_OVERRUN_MASK           0x00000010u
#define PM_IRQ_STATUS_OVERRUN_SHIFT          4u
#define PM_IRQ_STATUS_THRESHOLD_MASK         0x00000020u
#define PM_IRQ_STATUS_THRESHOLD_SHIFT        5u
#define PM_IRQ_STATUS_REPAIRED_MASK          0x00000040u
#define PM_IRQ_STATUS_REPAIRED_SHIFT         6u

/* rw: which bits of IRQ_STATUS raise `irq` */
#define PM_IRQ_ENABLE_OFFSET                 0x80u
#define PM_IRQ_ENABLE_COMMAND_ENDED_MASK     0x00000001u
#define PM_IRQ_ENABLE_COMMAND_ENDED_SHIFT    0u
#define PM_IRQ_ENABLE_DENIAL_MASK            0x00000002u
#define PM_IRQ_ENABLE_DENIAL_SHIFT           1u
#define PM_IRQ_ENABLE_ALERT_MASK             0x00000004u
#define PM_IRQ_ENABLE_ALERT_SHIFT            2u
#define PM_IRQ_ENABLE_LOST_MASK              0x00000008u
#define PM_IRQ_ENABLE_LOST_SHIFT             3u
#define PM_IRQ_ENABLE_OVERRUN_MASK           0x00000010u
#define PM_IRQ_ENABLE_OVERRUN_SHIFT          4u
#define PM_IRQ_ENABLE_THRESHOLD_MASK         0x00000020u
#define PM_IRQ_ENABLE_THRESHOLD_SHIFT        5u
#define PM_IRQ_ENABLE_REPAIRED_MASK          0x00000040u
#define PM_IRQ_ENABLE_REPAIRED_SHIFT         6u

/* wo, with `boot`: the next word of the boot manifest, tag included; after the end of it, closes the gate until reset */
#define PM_BOOT_DATA_OFFSET                  0x84u

/* ro: state of the boot gate */
#define PM_BOOT_STATE_OFFSET                 0x88u
#define PM_BOOT_STATE_STATE_MASK             0x00000007u
#define PM_BOOT_STATE_STATE_SHIFT            0u
#define PM_BOOT_STATE_STATUS_MASK            0x00000F00u
#define PM_BOOT_STATE_STATUS_SHIFT           8u
#define PM_BOOT_STATE_STRICT_MASK            0x00001000u
#define PM_BOOT_STATE_STRICT_SHIFT           12u

/* ro: accesses granted or allowed since reset, wrapping */
#define PM_COUNT_GRANTED_OFFSET              0x8Cu

/* ro: accesses denied since reset, wrapping */
#define PM_COUNT_DENIED_OFFSET               0x90u

/* ro: accesses left to the standard MMU since reset, wrapping */
#define PM_COUNT_NOT_MINE_OFFSET             0x94u

/* ro, with `alerts`: classes of what waits in IRQ_STATUS */
#define PM_ALERT_STATE_OFFSET                0x98u
#define PM_ALERT_STATE_INFO_MASK             0x00000001u
#define PM_ALERT_STATE_INFO_SHIFT            0u
#define PM_ALERT_STATE_WARNING_MASK          0x00000002u
#define PM_ALERT_STATE_WARNING_SHIFT         1u
#define PM_ALERT_STATE_CRITICAL_MASK         0x00000004u
#define PM_ALERT_STATE_CRITICAL_SHIFT        2u

/* wo, with `alerts`: raises these bits of IRQ_STATUS, as if their causes had occurred */
#define PM_ALERT_TEST_OFFSET                 0x9Cu
#define PM_ALERT_TEST_COMMAND_ENDED_MASK     0x00000001u
#define PM_ALERT_TEST_COMMAND_ENDED_SHIFT    0u
#define PM_ALERT_TEST_DENIAL_MASK            0x00000002u
#define PM_ALERT_TEST_DENIAL_SHIFT           1u
#define PM_ALERT_TEST_ALERT_MASK             0x00000004u
#define PM_ALERT_TEST_ALERT_SHIFT            2u
#define PM_ALERT_TEST_LOST_MASK              0x00000008u
#define PM_ALERT_TEST_LOST_SHIFT             3u
#define PM_ALERT_TEST_OVERRUN_MASK           0x00000010u
#define PM_ALERT_TEST_OVERRUN_SHIFT          4u
#define PM_ALERT_TEST_THRESHOLD_MASK         0x00000020u
#define PM_ALERT_TEST_THRESHOLD_SHIFT        5u
#define PM_ALERT_TEST_REPAIRED_MASK          0x00000040u
#define PM_ALERT_TEST_REPAIRED_SHIFT         6u

/* rw, with `alerts`: denials that set bit 5 of IRQ_STATUS */
#define PM_DENY_THRESHOLD_OFFSET             0xA0u
#define PM_DENY_THRESHOLD_DENIALS_MASK       0x0000FFFFu
#define PM_DENY_THRESHOLD_DENIALS_SHIFT      0u

/* ro, with `alerts`: denials since reset or the last clear of IRQ_STATUS bit 5 */
#define PM_DENY_COUNT_OFFSET                 0xA4u
#define PM_DENY_COUNT_DENIALS_MASK           0x0000FFFFu
#define PM_DENY_COUNT_DENIALS_SHIFT          0u

/* rw, with `guard`: cycles after which a bus guard ends an access whose master does not go on, and calls a memory that does not answer stalled */
#define PM_STALL_LIMIT_OFFSET                0xA8u
#define PM_STALL_LIMIT_CYCLES_MASK           0x0000FFFFu
#define PM_STALL_LIMIT_CYCLES_SHIFT          0u

/* rw, with `sources`: which entry of the source map the next registers show */
#define PM_SOURCE_INDEX_OFFSET               0xACu
#define PM_SOURCE_INDEX_ENTRY_MASK           0x0000001Fu
#define PM_SOURCE_INDEX_ENTRY_SHIFT          0u

/* rw, with `sources`: bits 31:0 of the source that the entry matches: the sideband */
#define PM_SOURCE_VALUE_LO_OFFSET            0xB0u

/* rw, with `sources`: bits 63:32 of the source that the entry matches: the identifier */
#define PM_SOURCE_VALUE_HI_OFFSET            0xB4u

/* rw, with `sources`: which of bits 31:0 of the source count; the others may be anything */
#define PM_SOURCE_MASK_LO_OFFSET             0xB8u

/* rw, with `sources`: which of bits 63:32 of the source count; the others may be anything */
#define PM_SOURCE_MASK_HI_OFFSET             0xBCu

/* ro, with `chain`: digest of the log's hash chain, bytes 7:4 */
#define PM_AUDIT_DIGEST_1_OFFSET             0xC0u

/* ro, with `chain`: digest of the log's hash chain, bytes 11:8 */
#define PM_AUDIT_DIGEST_2_OFFSET             0xC4u

/* ro, with `chain`: digest of the log's hash chain, bytes 15:12 */
#define PM_AUDIT_DIGEST_3_OFFSET             0xC8u

/* ro, with `chain`: records that the digest covers since reset, wrapping: read before and after its four words, equal when they belong together */
#define PM_AUDIT_CHAINED_OFFSET              0xCCu

/* rw, with `sources`: tenant of the entry, and whether it is valid; a write while the entry is locked is an error */
#define PM_SOURCE_ENTRY_OFFSET               0xD0u
#define PM_SOURCE_ENTRY_TENANT_MASK          0x000000FFu
#define PM_SOURCE_ENTRY_TENANT_SHIFT         0u
#define PM_SOURCE_ENTRY_VALID_MASK           0x00000100u
#define PM_SOURCE_ENTRY_VALID_SHIFT          8u
#define PM_SOURCE_ENTRY_LOCKED_MASK          0x00000200u
#define PM_SOURCE_ENTRY_LOCKED_SHIFT         9u

/* What a command answered (4 bits). */
enum pm_status {
    PM_STATUS_NOT_ACTIVE = 0, /* The PM is closed. */
    PM_STATUS_OK = 1, /* Done. */
    PM_STATUS_BAD_TENANT = 2, /* No such tenant. */
    PM_STATUS_BAD_ALIGNMENT = 3, /* Base or size is not a whole number of granules; in a boot manifest, or does not fit the address bits. */
    PM_STATUS_BAD_SIZE = 4, /* Size is zero or larger than the window; of a boot manifest: its words are not those that it says. */
    PM_STATUS_OUTSIDE_WINDOW = 5, /* The range leaves the window. */
    PM_STATUS_OVERLAP = 6, /* The tenant already has a partition in that logical range. */
    PM_STATUS_TABLE_FULL = 7, /* No free slot. */
    PM_STATUS_NO_SPACE = 8, /* No free block of that size. */
    PM_STATUS_BAD_SLOT = 9, /* The slot does not exist or holds no partition. */
    PM_STATUS_LOCKED = 10, /* The row is locked; of a boot manifest: it comes when there is one already. */
    PM_STATUS_SEALED = 11, /* The PM is sealed. */
    PM_STATUS_AUDIT_FULL = 12, /* No room for the command's audit record. */
    PM_STATUS_QUOTA_EXCEEDED = 13, /* The tenant's quota is used up. */
    PM_STATUS_INTEGRITY = 14, /* A row that the command reads, or any register, has lost a bit; of a boot manifest: its tag is wrong. */
    PM_STATUS_OLD_VERSION = 15 /* The boot manifest's security version is older than the device takes. */
};
/* X(name, code, meaning) for each of them. */
#define PM_STATUS_LIST(X) \
    X(NOT_ACTIVE, 0, "The PM is closed.") \
    X(OK, 1, "Done.") \
    X(BAD_TENANT, 2, "No such tenant.") \
    X(BAD_ALIGNMENT, 3, "Base or size is not a whole number of granules; in a boot manifest, or does not fit the address bits.") \
    X(BAD_SIZE, 4, "Size is zero or larger than the window; of a boot manifest: its words are not those that it says.") \
    X(OUTSIDE_WINDOW, 5, "The range leaves the window.") \
    X(OVERLAP, 6, "The tenant already has a partition in that logical range.") \
    X(TABLE_FULL, 7, "No free slot.") \
    X(NO_SPACE, 8, "No free block of that size.") \
    X(BAD_SLOT, 9, "The slot does not exist or holds no partition.") \
    X(LOCKED, 10, "The row is locked; of a boot manifest: it comes when there is one already.") \
    X(SEALED, 11, "The PM is sealed.") \
    X(AUDIT_FULL, 12, "No room for the command's audit record.") \
    X(QUOTA_EXCEEDED, 13, "The tenant's quota is used up.") \
    X(INTEGRITY, 14, "A row that the command reads, or any register, has lost a bit; of a boot manifest: its tag is wrong.") \
    X(OLD_VERSION, 15, "The boot manifest's security version is older than the device takes.")

/* Why an access was refused (4 bits). */
enum pm_reason {
    PM_REASON_NOT_ACTIVE = 0, /* The PM is closed. */
    PM_REASON_NO_TENANT = 1, /* No such tenant. */
    PM_REASON_OUT_OF_RANGE = 2, /* The length is zero or too large, or the last byte lies beyond the partition or the address space. */
    PM_REASON_INVALID_PARTITION = 3, /* The shadow page table maps the granule, the table does not. */
    PM_REASON_INTEGRITY = 4, /* Two witnesses disagree. */
    PM_REASON_PERMISSION = 5, /* This kind of access is not permitted. */
    PM_REASON_ISOLATED = 6, /* The physical range touches an isolated block. */
    PM_REASON_MMU_FAULT = 7, /* The standard MMU has no translation (MMU bridge only). */
    PM_REASON_NONE = 8, /* Not refused. */
    PM_REASON_STALLED = 9 /* A master did not go on with an access that the bus guard had begun, and the guard ended the access (bus guards only). */
};
/* X(name, code, meaning) for each of them. */
#define PM_REASON_LIST(X) \
    X(NOT_ACTIVE, 0, "The PM is closed.") \
    X(NO_TENANT, 1, "No such tenant.") \
    X(OUT_OF_RANGE, 2, "The length is zero or too large, or the last byte lies beyond the partition or the address space.") \
    X(INVALID_PARTITION, 3, "The shadow page table maps the granule, the table does not.") \
    X(INTEGRITY, 4, "Two witnesses disagree.") \
    X(PERMISSION, 5, "This kind of access is not permitted.") \
    X(ISOLATED, 6, "The physical range touches an isolated block.") \
    X(MMU_FAULT, 7, "The standard MMU has no translation (MMU bridge only).") \
    X(NONE, 8, "Not refused.") \
    X(STALLED, 9, "A master did not go on with an access that the bus guard had begun, and the guard ended the access (bus guards only).")

/* The kind of an access (2 bits); no row permits the fourth code. */
enum pm_kind {
    PM_KIND_READ = 0, /* Data read. */
    PM_KIND_WRITE = 1, /* Data write. */
    PM_KIND_EXECUTE = 2 /* Instruction fetch. */
};
/* X(name, code, meaning) for each of them. */
#define PM_KIND_LIST(X) \
    X(READ, 0, "Data read.") \
    X(WRITE, 1, "Data write.") \
    X(EXECUTE, 2, "Instruction fetch.")

/* Codes of the `CMD` register (4 bits). */
enum pm_command {
    PM_COMMAND_CREATE = 1, /* Make a partition. */
    PM_COMMAND_DESTROY = 2, /* Revoke, scrub and free a partition. */
    PM_COMMAND_RESIZE = 3, /* Change a partition's size. */
    PM_COMMAND_PROTECT = 4, /* Change a partition's rights. */
    PM_COMMAND_SHARE = 5, /* Map a block a second time. */
    PM_COMMAND_LOCK = 6, /* Freeze a row. */
    PM_COMMAND_SEAL = 7, /* Freeze everything. */
    PM_COMMAND_QUERY = 8, /* Read a row by slot. */
    PM_COMMAND_FIND = 9 /* Read a row by tenant and logical address. */
};
/* X(name, code, meaning) for each of them. */
#define PM_COMMAND_LIST(X) \
    X(CREATE, 1, "Make a partition.") \
    X(DESTROY, 2, "Revoke, scrub and free a partition.") \
    X(RESIZE, 3, "Change a partition's size.") \
    X(PROTECT, 4, "Change a partition's rights.") \
    X(SHARE, 5, "Map a block a second time.") \
    X(LOCK, 6, "Freeze a row.") \
    X(SEAL, 7, "Freeze everything.") \
    X(QUERY, 8, "Read a row by slot.") \
    X(FIND, 9, "Read a row by tenant and logical address.")

/* What an audit record tells of (4 bits). */
enum pm_event {
    PM_EVENT_BOOT = 1, /* The boot gate opened, or refused its configuration. */
    PM_EVENT_COMMAND = 2, /* A command ended. */
    PM_EVENT_TRANSLATE_DENIED = 3, /* The translate port refused an access. */
    PM_EVENT_PHYSICAL_DENIED = 4, /* The physical port refused an access. */
    PM_EVENT_LOST = 5, /* Denials or commands went unrecorded for want of room; the address holds how many since reset. */
    PM_EVENT_INTEGRITY = 6 /* With `integrity`: a bit was lost, and put right or not; the kind is an `Upset`. */
};
/* X(name, code, meaning) for each of them. */
#define PM_EVENT_LIST(X) \
    X(BOOT, 1, "The boot gate opened, or refused its configuration.") \
    X(COMMAND, 2, "A command ended.") \
    X(TRANSLATE_DENIED, 3, "The translate port refused an access.") \
    X(PHYSICAL_DENIED, 4, "The physical port refused an access.") \
    X(LOST, 5, "Denials or commands went unrecorded for want of room; the address holds how many since reset.") \
    X(INTEGRITY, 6, "With `integrity`: a bit was lost, and put right or not; the kind is an `Upset`.")

/* What was lost: the kind of an audit record of `Event::Integrity` (4 bits). */
enum pm_upset {
    PM_UPSET_ROW_REPAIRED = 1, /* One bit of a row, which was written anew as it was. */
    PM_UPSET_ROW_LOST = 2, /* More of a row than can be repaired: everything is closed. */
    PM_UPSET_REGISTER_LOST = 3 /* A bit of a register: everything is closed. */
};
/* X(name, code, meaning) for each of them. */
#define PM_UPSET_LIST(X) \
    X(ROW_REPAIRED, 1, "One bit of a row, which was written anew as it was.") \
    X(ROW_LOST, 2, "More of a row than can be repaired: everything is closed.") \
    X(REGISTER_LOST, 3, "A bit of a register: everything is closed.")

/* State of the boot gate (3 bits). */
enum pm_boot_state {
    PM_BOOT_STATE_CLEARING = 0, /* After reset: the shadow page tables are being cleared. */
    PM_BOOT_STATE_CLOSED = 1, /* Waiting for pool and window registers and an activation, or for the words of a boot manifest. */
    PM_BOOT_STATE_CHECKING = 2, /* Looking at the configuration, or booting with a manifest. */
    PM_BOOT_STATE_REFUSED = 3, /* The configuration was refused; it may be corrected and tried again. */
    PM_BOOT_STATE_ACTIVE = 4, /* Open; pool and window registers are frozen until reset. */
    PM_BOOT_STATE_FAILED = 5 /* Closed until reset: the boot manifest was refused, or a second one came. */
};
/* X(name, code, meaning) for each of them. */
#define PM_BOOT_STATE_LIST(X) \
    X(CLEARING, 0, "After reset: the shadow page tables are being cleared.") \
    X(CLOSED, 1, "Waiting for pool and window registers and an activation, or for the words of a boot manifest.") \
    X(CHECKING, 2, "Looking at the configuration, or booting with a manifest.") \
    X(REFUSED, 3, "The configuration was refused; it may be corrected and tried again.") \
    X(ACTIVE, 4, "Open; pool and window registers are frozen until reset.") \
    X(FAILED, 5, "Closed until reset: the boot manifest was refused, or a second one came.")

#endif
