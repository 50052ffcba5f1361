/*
 * Drives a Partition Manager over whatever reaches its registers: C99 or C++, no allocation, and no library: <stdint.h> and
 * <stdbool.h> belong to the compiler, and no function is called but the two that are given to pm_open.
 *
 * Every wait is a bounded number of register reads. Addresses and sizes are in bytes. It must have the register port to
 * itself. Calls return PM_DONE (0) or why not; what is returned through pointers is set with PM_DONE only.
 */
#ifndef PM_DRIVER_H
#define PM_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "partition_manager.h" /* rtl/generated */

#ifdef __cplusplus
extern "C" {
#endif

/* What a call failed with. */
enum pm_error {
    PM_DONE = 0,
    PM_ERROR_BUS,     /* a register access failed: the device answers so what it does not have, or takes no more */
    PM_ERROR_REFUSED, /* the device refused, and nothing has changed; pm_device.status says why */
    PM_ERROR_TIMEOUT, /* not done after the bound on polls; poll on, or raise the bound */
    PM_ERROR_BUSY,    /* another command runs */
    PM_ERROR_IDLE,    /* no command was started */
    PM_ERROR_GATE,    /* the boot gate is in a state in which it does not take that */
    PM_ERROR_UNKNOWN, /* no Partition Manager, or another version of the register map */
    PM_ERROR_CODE,    /* a register holds a code that this driver does not know */
    PM_ERROR_TORN,    /* somebody else took part of an audit record; the rest was dropped */
    PM_ERROR_WINDOWS  /* another number of window bases than the device has */
};

/* Access to a register: 0, or anything else when the bus answered an error. */
typedef int (*pm_read_function)(void *context, uint8_t offset, uint32_t *value);
typedef int (*pm_write_function)(void *context, uint8_t offset, uint32_t value);

/* A device. pm_open fills it in. */
typedef struct pm_device {
    pm_read_function read;
    pm_write_function write;
    void *context;         /* handed to both */
    uint32_t polls;        /* the most register reads of a wait */
    enum pm_status status; /* what the device answered last */
    bool started;          /* private: a command was started and has not been seen to end */
    unsigned held;         /* private: words of an audit record taken so far */
    uint32_t words[PM_AUDIT_WORDS]; /* private: those words */
} pm_device;

/* Rights: bits of CMD_RIGHTS, PM_CMD_RIGHTS_READ_MASK and so on. */
typedef uint32_t pm_rights;

/* What the device was built for. A granule, a window and the largest pool have 2^n bytes. */
struct pm_sizes {
    uint8_t address_bits, granule_bits, window_bits, pool_bits, tenants, slots;
    uint16_t audit_records;
    bool per_tenant_windows; /* each tenant has a window base of its own */
};

/* Where the partition that a command was about is, or was. */
struct pm_partition {
    uint8_t slot;
    uint64_t physical;
};

/* A row of the partition table. */
struct pm_row {
    struct pm_partition partition;
    uint8_t tenant;
    uint64_t logical, size;
    pm_rights rights;
};

/* A command; operands that it does not have are ignored. */
struct pm_request {
    enum pm_command command;
    uint8_t tenant, slot;
    uint64_t logical, size;
    pm_rights rights;
};

/* A record of the audit log. `event` is an enum pm_event, `kind` an enum pm_kind, pm_command or pm_upset, `reason` an enum
   pm_reason or pm_status, as the event has it. */
struct pm_record {
    uint32_t sequence;
    uint64_t time; /* cycles since reset, 48 bits */
    uint8_t event, tenant, slot, kind, reason;
    uint64_t address;
};

/* The first denial since the last clear of cause `denial`. */
struct pm_fault {
    bool valid; /* false: there was none, and the rest is 0 */
    uint8_t tenant, slot, kind, reason;
    bool physical; /* on the physical port */
    bool more;     /* others came after it; with `alerts` */
    uint64_t address;
};

/* What a call failed with, and what the device refused with, in a few words: never NULL, whatever number it is. */
const char *pm_strerror(enum pm_error error);
const char *pm_status_text(enum pm_status status);

/* Looks whether there is a device. */
enum pm_error pm_open(struct pm_device *device, pm_read_function read, pm_write_function write, void *context, uint32_t polls);

enum pm_error pm_get_sizes(struct pm_device *device, struct pm_sizes *sizes);
enum pm_error pm_get_boot_state(struct pm_device *device, enum pm_boot_state *state);

/* Configures pool and window, and opens the gate: without `boot` only. What is refused may be corrected and tried again. */
enum pm_error pm_activate(struct pm_device *device, uint64_t pool_base, uint64_t pool_size, uint64_t window_base);

/* The same. An address in the window that no partition has is refused where `strict`, else left to the standard MMU; pm_activate
 * leaves that as the device was built, which is strict behind a bus guard without a standard MMU. */
enum pm_error pm_activate_as(struct pm_device *device, uint64_t pool_base, uint64_t pool_size, uint64_t window_base, bool strict);

/* As pm_activate, on a device with windows per tenant: `windows` has a base for each tenant, tenant 0 first. A single base is that of
 * all tenants, on any device. */
enum pm_error pm_activate_windows(struct pm_device *device, uint64_t pool_base, uint64_t pool_size, const uint64_t *windows,
                                  uint32_t count);

/* Offers a signed manifest, tag included, and waits: with `boot` only. A refusal stands until reset. */
enum pm_error pm_boot(struct pm_device *device, const uint32_t *words, unsigned count);

/* Polled: start writes the operands and the command; poll returns PM_ERROR_BUSY while it runs. */
enum pm_error pm_start(struct pm_device *device, const struct pm_request *request);
enum pm_error pm_poll(struct pm_device *device, struct pm_partition *partition);

/* The row that a polled QUERY or FIND has loaded, until the next pm_start. */
enum pm_error pm_get_row(struct pm_device *device, const struct pm_partition *partition, struct pm_row *row);

/* Blocking: pm_run is pm_start and pm_finish; after PM_ERROR_TIMEOUT pm_poll or pm_finish goes on. */
enum pm_error pm_finish(struct pm_device *device, struct pm_partition *partition);
enum pm_error pm_run(struct pm_device *device, const struct pm_request *request, struct pm_partition *partition);
enum pm_error pm_create(struct pm_device *device, uint8_t tenant, uint64_t logical, uint64_t size, pm_rights rights,
                        struct pm_partition *partition);
enum pm_error pm_destroy(struct pm_device *device, uint8_t slot);
enum pm_error pm_resize(struct pm_device *device, uint8_t slot, uint64_t size);
enum pm_error pm_protect(struct pm_device *device, uint8_t slot, pm_rights rights);
enum pm_error pm_share(struct pm_device *device, uint8_t slot, uint8_t tenant, uint64_t logical, pm_rights rights,
                       struct pm_partition *partition);
enum pm_error pm_lock(struct pm_device *device, uint8_t slot);
enum pm_error pm_seal(struct pm_device *device);
enum pm_error pm_query(struct pm_device *device, uint8_t slot, struct pm_row *row);
enum pm_error pm_find(struct pm_device *device, uint8_t tenant, uint64_t logical, struct pm_row *row);

/* Takes the oldest audit record; *taken is false when none waits. After an error the next call goes on where this one stopped. */
enum pm_error pm_audit(struct pm_device *device, struct pm_record *record, bool *taken);

enum pm_error pm_get_fault(struct pm_device *device, struct pm_fault *fault);

/* Causes of interrupts: bits of IRQ_STATUS, PM_IRQ_STATUS_DENIAL_MASK and so on. A cause that announces records (a denial, losses, a
   repair) is raised again while one waits: clear it and call pm_audit until nothing is taken, in any order. */
enum pm_error pm_get_interrupts(struct pm_device *device, uint32_t *causes);
enum pm_error pm_enable_interrupts(struct pm_device *device, uint32_t causes);
enum pm_error pm_clear_interrupts(struct pm_device *device, uint32_t causes);

#ifdef __cplusplus
}
#endif

#endif
