#include "pm_driver.h"

/* The value of a field. */
#define FIELD(value, name) (((value) & name##_MASK) >> name##_SHIFT)

/* Leaves the calling function with the error, if there is one. */
#define TRY(call)                           \
    do {                                    \
        enum pm_error try_error = (call);   \
        if (try_error != PM_DONE)           \
            return try_error;               \
    } while (0)

const char *pm_strerror(enum pm_error error)
{
    switch (error) {
    case PM_DONE: return "done";
    case PM_ERROR_BUS: return "a register access failed";
    case PM_ERROR_REFUSED: return "the device refused, and nothing has changed; pm_device.status says why";
    case PM_ERROR_TIMEOUT: return "not done in time; poll on, or raise the bound";
    case PM_ERROR_BUSY: return "another command runs; poll until it has ended";
    case PM_ERROR_IDLE: return "no command was started";
    case PM_ERROR_GATE: return "the boot gate does not take that in its state";
    case PM_ERROR_UNKNOWN: return "no Partition Manager, or another version of the register map";
    case PM_ERROR_CODE: return "a register holds an unknown code";
    case PM_ERROR_TORN: return "part of an audit record was taken by somebody else; the rest was dropped";
    case PM_ERROR_WINDOWS: return "another number of window bases than the device has; give one, or one for each tenant";
    }
    return "an unknown error";
}

const char *pm_status_text(enum pm_status status)
{
#define PM_TEXT(name, code, text) case PM_STATUS_##name: return text;
    switch (status) { PM_STATUS_LIST(PM_TEXT) }
#undef PM_TEXT
    return "an unknown status";
}

static enum pm_error get(struct pm_device *device, uint8_t offset, uint32_t *value)
{
    return device->read(device->context, offset, value) == 0 ? PM_DONE : PM_ERROR_BUS;
}

static enum pm_error put(struct pm_device *device, uint8_t offset, uint32_t value)
{
    return device->write(device->context, offset, value) == 0 ? PM_DONE : PM_ERROR_BUS;
}

static enum pm_error get_wide(struct pm_device *device, uint8_t low, uint64_t *value)
{
    uint32_t bottom, top;

    TRY(get(device, low, &bottom));
    TRY(get(device, (uint8_t)(low + 4u), &top));
    *value = (uint64_t)top << 32 | bottom;
    return PM_DONE;
}

static enum pm_error put_wide(struct pm_device *device, uint8_t low, uint64_t value)
{
    TRY(put(device, low, (uint32_t)value));
    return put(device, (uint8_t)(low + 4u), (uint32_t)(value >> 32));
}

enum pm_error pm_open(struct pm_device *device, pm_read_function read, pm_write_function write, void *context, uint32_t polls)
{
    uint32_t id, version;

    device->read = read;
    device->write = write;
    device->context = context;
    device->polls = polls;
    device->status = PM_STATUS_NOT_ACTIVE;
    device->started = false;
    device->held = 0;
    TRY(get(device, PM_ID_OFFSET, &id));
    TRY(get(device, PM_VERSION_OFFSET, &version));
    if (id != PM_ID || version >> PM_VERSION_MINOR_SHIFT != PM_VERSION >> PM_VERSION_MINOR_SHIFT)
        return PM_ERROR_UNKNOWN;
    return PM_DONE;
}

enum pm_error pm_get_sizes(struct pm_device *device, struct pm_sizes *sizes)
{
    uint32_t widths, counts;

    TRY(get(device, PM_GEOMETRY0_OFFSET, &widths));
    TRY(get(device, PM_GEOMETRY1_OFFSET, &counts));
    sizes->address_bits = (uint8_t)FIELD(widths, PM_GEOMETRY0_ADDRESS_BITS);
    sizes->granule_bits = (uint8_t)FIELD(widths, PM_GEOMETRY0_GRANULE_BITS);
    sizes->window_bits = (uint8_t)FIELD(widths, PM_GEOMETRY0_WINDOW_BITS);
    sizes->pool_bits = (uint8_t)FIELD(widths, PM_GEOMETRY0_POOL_BITS);
    sizes->tenants = (uint8_t)FIELD(counts, PM_GEOMETRY1_TENANTS);
    sizes->slots = (uint8_t)FIELD(counts, PM_GEOMETRY1_SLOTS);
    sizes->audit_records = (uint16_t)FIELD(counts, PM_GEOMETRY1_AUDIT_RECORDS);
    sizes->per_tenant_windows = (counts & PM_GEOMETRY1_PER_TENANT_WINDOWS_MASK) != 0u;
    return PM_DONE;
}

enum pm_error pm_get_boot_state(struct pm_device *device, enum pm_boot_state *state)
{
    uint32_t value;

    TRY(get(device, PM_BOOT_STATE_OFFSET, &value));
    if (FIELD(value, PM_BOOT_STATE_STATE) > PM_BOOT_STATE_FAILED)
        return PM_ERROR_CODE;
    *state = (enum pm_boot_state)FIELD(value, PM_BOOT_STATE_STATE);
    device->status = (enum pm_status)FIELD(value, PM_BOOT_STATE_STATUS);
    return PM_DONE;
}

/* Waits until the tables are cleared. */
static enum pm_error wait_for_gate(struct pm_device *device, bool again)
{
    enum pm_boot_state state;
    uint32_t poll;

    for (poll = 0; poll < device->polls; poll++) {
        TRY(pm_get_boot_state(device, &state));
        if (state == PM_BOOT_STATE_CLOSED || (again && state == PM_BOOT_STATE_REFUSED))
            return PM_DONE;
        if (state != PM_BOOT_STATE_CLEARING)
            return PM_ERROR_GATE;
    }
    return PM_ERROR_TIMEOUT;
}

static enum pm_error wait_for_verdict(struct pm_device *device)
{
    enum pm_boot_state state;
    uint32_t poll;

    for (poll = 0; poll < device->polls; poll++) {
        TRY(pm_get_boot_state(device, &state));
        if (state == PM_BOOT_STATE_ACTIVE)
            return PM_DONE;
        if (state == PM_BOOT_STATE_REFUSED || state == PM_BOOT_STATE_FAILED)
            return PM_ERROR_REFUSED;
    }
    return PM_ERROR_TIMEOUT;
}

static enum pm_error activate(struct pm_device *device, uint64_t pool_base, uint64_t pool_size, const uint64_t *windows,
                              uint32_t count, uint32_t control)
{
    struct pm_sizes sizes;
    uint32_t tenant, tenants;

    TRY(pm_get_sizes(device, &sizes));
    tenants = !sizes.per_tenant_windows ? 1u : sizes.tenants == 0u ? 256u : sizes.tenants;
    if (count != 1u && count != tenants)
        return PM_ERROR_WINDOWS;
    TRY(wait_for_gate(device, true));
    TRY(put_wide(device, PM_POOL_BASE_LO_OFFSET, pool_base));
    TRY(put_wide(device, PM_POOL_SIZE_LO_OFFSET, pool_size));
    for (tenant = 0; tenant < tenants; tenant++) {
        if (sizes.per_tenant_windows)
            TRY(put(device, PM_CMD_TENANT_OFFSET, tenant));
        TRY(put_wide(device, PM_WINDOW_BASE_LO_OFFSET, windows[count == 1u ? 0u : tenant]));
    }
    TRY(put(device, PM_CONTROL_OFFSET, control));
    return wait_for_verdict(device);
}

enum pm_error pm_activate(struct pm_device *device, uint64_t pool_base, uint64_t pool_size, uint64_t window_base)
{
    return activate(device, pool_base, pool_size, &window_base, 1u, PM_CONTROL_ACTIVATE_MASK);
}

enum pm_error pm_activate_windows(struct pm_device *device, uint64_t pool_base, uint64_t pool_size, const uint64_t *windows,
                                  uint32_t count)
{
    return activate(device, pool_base, pool_size, windows, count, PM_CONTROL_ACTIVATE_MASK);
}

enum pm_error pm_activate_as(struct pm_device *device, uint64_t pool_base, uint64_t pool_size, uint64_t window_base, bool strict)
{
    const uint32_t window = strict ? PM_CONTROL_STRICT_MASK : PM_CONTROL_PERMISSIVE_MASK;

    return activate(device, pool_base, pool_size, &window_base, 1u, PM_CONTROL_ACTIVATE_MASK | window);
}

/* A word of the boot failed on the bus: because the device has refused the manifest? */
static enum pm_error boot_failed(struct pm_device *device)
{
    enum pm_boot_state state;

    TRY(pm_get_boot_state(device, &state));
    return state == PM_BOOT_STATE_FAILED ? PM_ERROR_REFUSED : PM_ERROR_BUS;
}

enum pm_error pm_boot(struct pm_device *device, const uint32_t *words, unsigned count)
{
    unsigned word;

    TRY(wait_for_gate(device, false));
    for (word = 0; word < count; word++)
        if (put(device, PM_BOOT_DATA_OFFSET, words[word]) != PM_DONE)
            return boot_failed(device);
    if (put(device, PM_CONTROL_OFFSET, PM_CONTROL_ACTIVATE_MASK) != PM_DONE)
        return boot_failed(device);
    return wait_for_verdict(device);
}

enum pm_error pm_start(struct pm_device *device, const struct pm_request *request)
{
    enum pm_command command = request->command;
    bool places = command == PM_COMMAND_CREATE || command == PM_COMMAND_SHARE || command == PM_COMMAND_FIND;
    bool sizes = command == PM_COMMAND_CREATE || command == PM_COMMAND_RESIZE;
    bool rights = command == PM_COMMAND_CREATE || command == PM_COMMAND_SHARE || command == PM_COMMAND_PROTECT;
    bool slots = command != PM_COMMAND_CREATE && command != PM_COMMAND_FIND && command != PM_COMMAND_SEAL;
    uint32_t result;

    TRY(get(device, PM_RESULT_OFFSET, &result));
    if (result & PM_RESULT_BUSY_MASK)
        return PM_ERROR_BUSY;
    if (slots)
        TRY(put(device, PM_CMD_SLOT_OFFSET, request->slot));
    if (places) {
        TRY(put(device, PM_CMD_TENANT_OFFSET, request->tenant));
        TRY(put_wide(device, PM_CMD_LOGICAL_LO_OFFSET, request->logical));
    }
    if (sizes)
        TRY(put_wide(device, PM_CMD_SIZE_LO_OFFSET, request->size));
    if (rights)
        TRY(put(device, PM_CMD_RIGHTS_OFFSET, request->rights));
    TRY(put(device, PM_CMD_OFFSET, (uint32_t)command));
    device->started = true;
    return PM_DONE;
}

enum pm_error pm_poll(struct pm_device *device, struct pm_partition *partition)
{
    uint32_t result, status;
    uint64_t physical;

    if (!device->started)
        return PM_ERROR_IDLE;
    TRY(get(device, PM_RESULT_OFFSET, &result));
    if (result & PM_RESULT_BUSY_MASK)
        return PM_ERROR_BUSY;
    status = FIELD(result, PM_RESULT_STATUS);
    if (status > PM_STATUS_OLD_VERSION)
        return PM_ERROR_CODE;
    device->status = (enum pm_status)status;
    if (device->status != PM_STATUS_OK) {
        device->started = false;
        return PM_ERROR_REFUSED;
    }
    TRY(get_wide(device, PM_RESULT_PHYSICAL_LO_OFFSET, &physical));
    device->started = false;
    partition->slot = (uint8_t)FIELD(result, PM_RESULT_SLOT);
    partition->physical = physical;
    return PM_DONE;
}

enum pm_error pm_get_row(struct pm_device *device, const struct pm_partition *partition, struct pm_row *row)
{
    struct pm_row found;
    uint32_t tenant;

    found.partition = *partition;
    TRY(get(device, PM_CMD_TENANT_OFFSET, &tenant));
    TRY(get_wide(device, PM_CMD_LOGICAL_LO_OFFSET, &found.logical));
    TRY(get_wide(device, PM_CMD_SIZE_LO_OFFSET, &found.size));
    TRY(get(device, PM_CMD_RIGHTS_OFFSET, &found.rights));
    found.tenant = (uint8_t)tenant;
    *row = found;
    return PM_DONE;
}

enum pm_error pm_finish(struct pm_device *device, struct pm_partition *partition)
{
    uint32_t poll;

    for (poll = 0; poll < device->polls; poll++) {
        enum pm_error error = pm_poll(device, partition);

        if (error != PM_ERROR_BUSY)
            return error;
    }
    return PM_ERROR_TIMEOUT;
}

enum pm_error pm_run(struct pm_device *device, const struct pm_request *request, struct pm_partition *partition)
{
    TRY(pm_start(device, request));
    return pm_finish(device, partition);
}

enum pm_error pm_create(struct pm_device *device, uint8_t tenant, uint64_t logical, uint64_t size, pm_rights rights,
                        struct pm_partition *partition)
{
    struct pm_request request = { PM_COMMAND_CREATE, tenant, 0, logical, size, rights };

    return pm_run(device, &request, partition);
}

enum pm_error pm_destroy(struct pm_device *device, uint8_t slot)
{
    struct pm_request request = { PM_COMMAND_DESTROY, 0, slot, 0, 0, 0 };
    struct pm_partition was;

    return pm_run(device, &request, &was);
}

enum pm_error pm_resize(struct pm_device *device, uint8_t slot, uint64_t size)
{
    struct pm_request request = { PM_COMMAND_RESIZE, 0, slot, 0, size, 0 };
    struct pm_partition same;

    return pm_run(device, &request, &same);
}

enum pm_error pm_protect(struct pm_device *device, uint8_t slot, pm_rights rights)
{
    struct pm_request request = { PM_COMMAND_PROTECT, 0, slot, 0, 0, rights };
    struct pm_partition same;

    return pm_run(device, &request, &same);
}

enum pm_error pm_share(struct pm_device *device, uint8_t slot, uint8_t tenant, uint64_t logical, pm_rights rights,
                       struct pm_partition *partition)
{
    struct pm_request request = { PM_COMMAND_SHARE, tenant, slot, logical, 0, rights };

    return pm_run(device, &request, partition);
}

enum pm_error pm_lock(struct pm_device *device, uint8_t slot)
{
    struct pm_request request = { PM_COMMAND_LOCK, 0, slot, 0, 0, 0 };
    struct pm_partition same;

    return pm_run(device, &request, &same);
}

enum pm_error pm_seal(struct pm_device *device)
{
    struct pm_request request = { PM_COMMAND_SEAL, 0, 0, 0, 0, 0 };
    struct pm_partition none;

    return pm_run(device, &request, &none);
}

enum pm_error pm_query(struct pm_device *device, uint8_t slot, struct pm_row *row)
{
    struct pm_request request = { PM_COMMAND_QUERY, 0, slot, 0, 0, 0 };
    struct pm_partition partition;

    TRY(pm_run(device, &request, &partition));
    return pm_get_row(device, &partition, row);
}

enum pm_error pm_find(struct pm_device *device, uint8_t tenant, uint64_t logical, struct pm_row *row)
{
    struct pm_request request = { PM_COMMAND_FIND, tenant, 0, logical, 0, 0 };
    struct pm_partition partition;

    TRY(pm_run(device, &request, &partition));
    return pm_get_row(device, &partition, row);
}

enum pm_error pm_audit(struct pm_device *device, struct pm_record *record, bool *taken)
{
    const uint32_t *words = device->words;
    uint32_t level, shown;

    TRY(get(device, PM_AUDIT_LEVEL_OFFSET, &level));
    if (FIELD(level, PM_AUDIT_LEVEL_WAITING) == 0) {
        *taken = false;
        return PM_DONE;
    }
    shown = FIELD(level, PM_AUDIT_LEVEL_WORD);
    if (shown != device->held) {
        device->held = 0;
        for (; shown < PM_AUDIT_WORDS; shown++)
            TRY(put(device, PM_AUDIT_POP_OFFSET, PM_AUDIT_POP_POP_MASK));
        return PM_ERROR_TORN;
    }
    while (device->held < PM_AUDIT_WORDS) {
        TRY(get(device, PM_AUDIT_DATA_OFFSET, &device->words[device->held]));
        TRY(put(device, PM_AUDIT_POP_OFFSET, PM_AUDIT_POP_POP_MASK));
        device->held++;
    }
    device->held = 0;
    record->sequence = words[0];
    record->time = (uint64_t)(words[4] >> 16) << 32 | words[1];
    record->tenant = (uint8_t)words[2];
    record->slot = (uint8_t)(words[2] >> 8);
    record->kind = (uint8_t)(words[2] >> 20 & 15u);
    record->reason = (uint8_t)(words[2] >> 24 & 15u);
    record->event = (uint8_t)(words[2] >> 28);
    record->address = (uint64_t)(words[4] & 0xFFFFu) << 32 | words[3];
    if (record->event < PM_EVENT_BOOT || record->event > PM_EVENT_INTEGRITY)
        return PM_ERROR_CODE;
    *taken = true;
    return PM_DONE;
}

enum pm_error pm_get_fault(struct pm_device *device, struct pm_fault *fault)
{
    struct pm_fault found = { false, 0, 0, 0, 0, false, false, 0 };
    uint32_t info;

    TRY(get(device, PM_FAULT_INFO_OFFSET, &info));
    if (info & PM_FAULT_INFO_VALID_MASK) {
        found.valid = true;
        found.tenant = (uint8_t)FIELD(info, PM_FAULT_INFO_TENANT);
        found.slot = (uint8_t)FIELD(info, PM_FAULT_INFO_SLOT);
        found.kind = (uint8_t)FIELD(info, PM_FAULT_INFO_KIND);
        found.reason = (uint8_t)FIELD(info, PM_FAULT_INFO_REASON);
        found.physical = FIELD(info, PM_FAULT_INFO_PHYSICAL) != 0;
        found.more = FIELD(info, PM_FAULT_INFO_MORE) != 0;
        TRY(get_wide(device, PM_FAULT_ADDRESS_LO_OFFSET, &found.address));
    }
    *fault = found;
    return PM_DONE;
}

enum pm_error pm_get_interrupts(struct pm_device *device, uint32_t *causes)
{
    return get(device, PM_IRQ_STATUS_OFFSET, causes);
}

enum pm_error pm_enable_interrupts(struct pm_device *device, uint32_t causes)
{
    return put(device, PM_IRQ_ENABLE_OFFSET, causes);
}

enum pm_error pm_clear_interrupts(struct pm_device *device, uint32_t causes)
{
    return put(device, PM_IRQ_STATUS_OFFSET, causes);
}
