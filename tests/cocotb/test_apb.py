"""The Partition Manager with its registers behind APB4: boot, commands, the log and refusals, by cocotbext-apb."""

import cocotb
from cocotb.triggers import RisingEdge

from apb_bus import ApbControl
from bench import TRANSACTIONS, choice, cycles, start_clock, tell
from device import ISOLATED, READ, WRITE, BusError, Device
from registers import Registers

#: Edges from a request on the translate port to its response.
LATENCY = 4


async def start(dut):
    start_clock(dut.clock)
    dut.reset.value = 1
    for name in ("translate_request", "physical_request"):
        for field in ("valid", "tenant", "address", "length", "kind"):
            getattr(dut, f"{name}_{field}").value = 0
    dut.memory_write_ready.value = 1
    control = ApbControl(dut, dut.clock)
    await cycles(dut.clock, 4)
    dut.reset.value = 0
    device = Device(control, Registers())
    await device.boot()
    return control, device


async def granted(dut, tenant, address):
    """Whether the translate port grants a read of four bytes, and where."""
    request = {"tenant": tenant, "address": address, "length": 4, "kind": 0, "valid": 1}
    for field, value in request.items():
        getattr(dut, f"translate_request_{field}").value = value
    await RisingEdge(dut.clock)
    dut.translate_request_valid.value = 0
    while not dut.translate_response_valid.value:
        await RisingEdge(dut.clock)
    return bool(dut.translate_response_granted.value), int(dut.translate_response_physical.value)


async def refused(control, offset, value, select=15):
    try:
        await control.access(offset, value, select)
    except BusError:
        return True
    return False


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def commands_and_refusals(dut):
    """Random commands; each partition is granted to its tenant alone. Refused transfers change nothing."""
    control, device = await start(dut)
    random, rows, done, refusals = choice("apb core"), {}, 0, 0
    offset = device.registers.offset
    while done < TRANSACTIONS:
        done += 1
        if rows and random.random() < 0.4:
            slot = random.choice(sorted(rows))
            status, _, _ = await device.command("Destroy", slot=slot)
            assert status == "Ok"
            tenant, logical, _ = rows.pop(slot)
            assert not (await granted(dut, tenant, logical))[0]
        else:
            place = random.randrange(device.window // device.granule)
            tenant, logical = random.randrange(device.tenants), device.window_base + place * device.granule
            status, slot, physical = await device.command("Create", tenant, 0, logical, device.granule, READ | WRITE | ISOLATED)
            taken = any((tenant, logical) == row[:2] for row in rows.values())
            assert status == ("Overlap" if taken else "TableFull" if len(rows) == device.slots else "Ok"), status
            if status == "Ok":
                rows[slot] = (tenant, logical, physical)
                assert await granted(dut, tenant, logical + 8) == (True, physical + 8)
                assert not (await granted(dut, (tenant + 1) % device.tenants, logical + 8))[0] or device.tenants == 1 or any(
                    ((tenant + 1) % device.tenants, logical) == row[:2] for row in rows.values())
        if random.random() < 0.2:
            before = await control.read(offset["CMD_TENANT"])
            assert await refused(control, 0xFC, None) and await refused(control, offset["ID"], 0)
            assert await refused(control, offset["CMD_TENANT"] + 1, None)
            strobes = random.randrange(1, 15)
            assert await refused(control, offset["CMD_TENANT"], before ^ 1, select=strobes)
            assert not await refused(control, offset["CMD_TENANT"], before ^ 1, select=0)
            assert await control.read(offset["CMD_TENANT"]) == before
            refusals += 4
        await device.records()
    tell("commands_and_refusals", control.watcher.answers, refusals=refusals)
