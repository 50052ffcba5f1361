/*
 * Speaks register accesses as lines, for the tests: "R 14" and "W 14 1" go out, "= 00000001" or "!" come in. Each line that
 * comes in between is a call; its outcome goes out as ": error status" and what it returned, all in hexadecimal.
 */
#include <stdio.h>
#include <string.h>

#include "pm_driver.h"

static int answer(uint32_t *value)
{
    char line[64];
    unsigned long read = 0;

    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL || line[0] == '!')
        return 1;
    if (sscanf(line, "= %lx", &read) != 1)
        return 1;
    *value = (uint32_t)read;
    return 0;
}

static int read_register(void *context, uint8_t offset, uint32_t *value)
{
    (void)context;
    printf("R %x\n", (unsigned)offset);
    return answer(value);
}

static int write_register(void *context, uint8_t offset, uint32_t value)
{
    uint32_t ignored;

    (void)context;
    printf("W %x %lx\n", (unsigned)offset, (unsigned long)value);
    return answer(&ignored);
}

#define IS(text) (strcmp(name, text) == 0)

int main(void)
{
    static struct pm_device pm;
    static uint32_t manifest[512];
    static unsigned words;
    char line[128];

    while (fgets(line, sizeof line, stdin) != NULL) {
        char name[32];
        unsigned long o[4] = { 0, 0, 0, 0 };
        unsigned long out[8] = { 0, 0, 0, 0, 0, 0, 0, 0 };
        unsigned index;
        struct pm_partition partition = { 0, 0 };
        enum pm_error error = PM_DONE;

        if (sscanf(line, "%31s %lx %lx %lx %lx", name, &o[0], &o[1], &o[2], &o[3]) < 1)
            return 2;
        if (IS("open")) {
            error = pm_open(&pm, read_register, write_register, NULL, (uint32_t)o[0]);
        } else if (IS("sizes")) {
            struct pm_sizes sizes = { 0, 0, 0, 0, 0, 0, 0, false };
            error = pm_get_sizes(&pm, &sizes);
            out[0] = sizes.address_bits, out[1] = sizes.granule_bits, out[2] = sizes.window_bits, out[3] = sizes.pool_bits;
            out[4] = sizes.tenants, out[5] = sizes.slots, out[6] = sizes.audit_records, out[7] = sizes.per_tenant_windows;
        } else if (IS("gate")) {
            enum pm_boot_state state = PM_BOOT_STATE_CLEARING;
            error = pm_get_boot_state(&pm, &state);
            out[0] = (unsigned long)state;
        } else if (IS("activate")) {
            error = pm_activate(&pm, o[0], o[1], o[2]);
        } else if (IS("activate_as")) {
            error = pm_activate_as(&pm, o[0], o[1], o[2], o[3] != 0);
        } else if (IS("activate_windows")) {
            const uint64_t windows[3] = { o[2], o[3], o[3] };
            /* The number of bases is in bits 31:28 of the first operand, the pool's base below. */
            error = pm_activate_windows(&pm, o[0] & 0xFFFFFFFul, o[1], windows, (uint32_t)(o[0] >> 28));
        } else if (IS("word")) {
            if (words < 512)
                manifest[words++] = (uint32_t)o[0];
        } else if (IS("boot")) {
            error = pm_boot(&pm, manifest, words);
            words = 0;
        } else if (IS("create")) {
            error = pm_create(&pm, (uint8_t)o[0], o[1], o[2], (pm_rights)o[3], &partition);
            out[0] = partition.slot, out[1] = (unsigned long)partition.physical;
        } else if (IS("start")) {
            struct pm_request request = { PM_COMMAND_CREATE, 0, 0, 0, 0, 0 };
            request.tenant = (uint8_t)o[0], request.logical = o[1], request.size = o[2], request.rights = (pm_rights)o[3];
            error = pm_start(&pm, &request);
        } else if (IS("poll")) {
            error = pm_poll(&pm, &partition);
            out[0] = partition.slot, out[1] = (unsigned long)partition.physical;
        } else if (IS("destroy")) {
            error = pm_destroy(&pm, (uint8_t)o[0]);
        } else if (IS("resize")) {
            error = pm_resize(&pm, (uint8_t)o[0], o[1]);
        } else if (IS("protect")) {
            error = pm_protect(&pm, (uint8_t)o[0], (pm_rights)o[1]);
        } else if (IS("share")) {
            error = pm_share(&pm, (uint8_t)o[0], (uint8_t)o[1], o[2], (pm_rights)o[3], &partition);
            out[0] = partition.slot, out[1] = (unsigned long)partition.physical;
        } else if (IS("lock")) {
            error = pm_lock(&pm, (uint8_t)o[0]);
        } else if (IS("seal")) {
            error = pm_seal(&pm);
        } else if (IS("query") || IS("find")) {
            struct pm_row row = { { 0, 0 }, 0, 0, 0, 0 };
            error = IS("query") ? pm_query(&pm, (uint8_t)o[0], &row) : pm_find(&pm, (uint8_t)o[0], o[1], &row);
            out[0] = row.partition.slot, out[1] = (unsigned long)row.partition.physical, out[2] = row.tenant;
            out[3] = (unsigned long)row.logical, out[4] = (unsigned long)row.size, out[5] = row.rights;
        } else if (IS("audit")) {
            struct pm_record record = { 0, 0, 0, 0, 0, 0, 0, 0 };
            bool taken = false;
            error = pm_audit(&pm, &record, &taken);
            out[0] = (unsigned long)taken, out[1] = record.sequence, out[2] = record.event, out[3] = record.tenant;
            out[4] = record.kind, out[5] = record.reason, out[6] = (unsigned long)record.address;
        } else if (IS("fault")) {
            struct pm_fault fault = { false, 0, 0, 0, 0, false, false, 0 };
            error = pm_get_fault(&pm, &fault);
            out[0] = (unsigned long)fault.valid, out[1] = fault.tenant, out[2] = fault.kind, out[3] = fault.reason;
            out[4] = (unsigned long)fault.physical, out[5] = (unsigned long)fault.more, out[6] = (unsigned long)fault.address;
        } else if (IS("interrupts")) {
            uint32_t causes = 0;
            error = pm_get_interrupts(&pm, &causes);
            out[0] = causes;
        } else if (IS("enable")) {
            error = pm_enable_interrupts(&pm, (uint32_t)o[0]);
        } else if (IS("clear")) {
            error = pm_clear_interrupts(&pm, (uint32_t)o[0]);
        } else {
            return 2;
        }
        printf(": %x %x", (unsigned)error, (unsigned)pm.status);
        for (index = 0; index < 8; index++)
            printf(" %lx", out[index]);
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
