/*
 * The two functions that pm_open asks for, where the registers are memory mapped: context is the address of the first one.
 *
 *     pm_open(&pm, pm_mmio_read, pm_mmio_write, (void *)0x10000000, 1000000);
 *
 * Barriers keep the order that a driver of memory needs. What was written to memory is seen before a register is written, so
 * that a command never overtakes the data that it is about; what is read from memory after a register was read is not older
 * than it. Map the registers as device memory, uncached: the order among them is the memory type's. Where a bus answers an
 * error the processor takes a fault, and these functions do not return: have the fault's handler stop, or give functions of
 * your own that catch it. A write whose error is lost looks like success.
 */
#ifndef PM_MMIO_H
#define PM_MMIO_H

#include <stdint.h>

/* Define both for a processor or an interconnect that needs others. */
#ifndef PM_MMIO_BEFORE_WRITE
#if !defined(__GNUC__)
#error "pm_mmio.h: define PM_MMIO_BEFORE_WRITE() and PM_MMIO_AFTER_READ() for this compiler"
#elif defined(__riscv)
#define PM_MMIO_BEFORE_WRITE() __asm__ volatile("fence rw, o" ::: "memory")
#define PM_MMIO_AFTER_READ() __asm__ volatile("fence i, rw" ::: "memory")
#elif defined(__aarch64__)
#define PM_MMIO_BEFORE_WRITE() __asm__ volatile("dmb osh" ::: "memory")
#define PM_MMIO_AFTER_READ() __asm__ volatile("dmb oshld" ::: "memory")
#elif defined(__arm__) && defined(__ARM_ARCH) && (__ARM_ARCH >= 7 || defined(__ARM_ARCH_6M__))
#define PM_MMIO_BEFORE_WRITE() __asm__ volatile("dmb" ::: "memory")
#define PM_MMIO_AFTER_READ() __asm__ volatile("dmb" ::: "memory")
#elif defined(__x86_64__) || defined(__i386__)
/* Uncached accesses are in order there: the compiler alone must be held. */
#define PM_MMIO_BEFORE_WRITE() __asm__ volatile("" ::: "memory")
#define PM_MMIO_AFTER_READ() __asm__ volatile("" ::: "memory")
#else
#error "pm_mmio.h: define PM_MMIO_BEFORE_WRITE() and PM_MMIO_AFTER_READ() for this processor"
#endif
#endif

static inline int pm_mmio_read(void *context, uint8_t offset, uint32_t *value)
{
    *value = *(const volatile uint32_t *)((const char *)context + offset);
    PM_MMIO_AFTER_READ();
    return 0;
}

static inline int pm_mmio_write(void *context, uint8_t offset, uint32_t value)
{
    PM_MMIO_BEFORE_WRITE();
    *(volatile uint32_t *)((char *)context + offset) = value;
    return 0;
}

#endif
