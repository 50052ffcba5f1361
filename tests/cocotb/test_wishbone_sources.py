"""The Wishbone guard with a source map: the tag of a cycle, such as the number of an arbiter's grant, names the tenant."""

import cocotb

from bench import tell
from device import ISOLATED, READ, WRITE
from sources import NOBODY, SourceMap
from test_wishbone import ACK, ERR, System
from wishbone_bus import CLASSIC


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def a_tag_is_one_tenant_or_nobody(dut):
    """No entry, one, and two: what each tag reaches, and what the log says of the others."""
    system = System(dut, "sources")
    # The tag is no tenant here: the codes and the log say what became of a beat.
    system.memory.judge = lambda *_: None
    await system.start()
    await system.boot()
    device, sources = system.device, SourceMap(system.device)
    base = device.window_base
    assert await system.partitions.create(1, base, device.granule, READ | WRITE | ISOLATED) == "Ok"
    await device.records()
    no_tenant = device.registers.code("FAULT_INFO", "reason", "NoTenant")

    async def check(tag, granted):
        codes = await system.masters.run(tag, "read", [(base, 0, 15, 0, CLASSIC, 0)])
        assert [code for code, _ in codes] == [ACK if granted else ERR], (tag, codes)
        found = [(record.tenant, record.reason) for record in await device.records()]
        assert found == ([] if granted else [(NOBODY, no_tenant)]), found

    await check(1, False)
    await sources.set(0, 0x10, 0xF0, 1)
    await check(1, False)
    await check(0x15, True)
    await sources.set(1, 0x15, 0xFF, 1)
    await check(0x15, False)
    await check(0x16, True)
    assert await sources.refuses("SOURCE_VALUE_HI", 1), "there is no identifier"
    tell("tags", 5)
