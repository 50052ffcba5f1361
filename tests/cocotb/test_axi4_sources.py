"""The AXI4 guard with a source map: identifier and sideband name the tenant, and nothing that a master says of itself does."""

import cocotb

from axi4_bench import OKAY, SLVERR, Bench, Raw
from bench import TRANSACTIONS, choice, tell
from device import ISOLATED, READ, WRITE
from sources import NOBODY, SourceMap

#: Where the identifier begins in a source, and all of its bits.
ID = 32
ALL_IDS = 0xFFFF << ID


async def ask(raw, write, address, user, identifier):
    """One beat: the answer's code."""
    if write:
        raw.address("aw", address, 1, user, identifier=identifier)
        raw.data([0x5A])
        return (await raw.answer())[1]
    raw.address("ar", address, 1, user, identifier=identifier)
    return (await raw.beats(1))[0][2]


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def a_source_is_one_tenant_or_nobody(dut):
    """Random maps, and accesses of random sources: granted exactly where one entry names the tenant whose partition it is."""
    bench = await Bench(dut).start()
    device, raw, random = bench.device, Raw(dut), choice("sources")
    sources = SourceMap(device)
    rows = [await bench.create(tenant, tenant * device.granule, device.granule, READ | WRITE | ISOLATED) for tenant in (1, 2, 3)]
    no_tenant = device.registers.code("FAULT_INFO", "reason", "NoTenant")
    await device.records()
    entries, granted, nobody = {}, 0, 0
    for number in range(TRANSACTIONS):
        if number % 10 == 5:
            index, tenant = random.randrange(4), random.choice([1, 2, 3])
            by_id = random.random() < 0.7
            value = random.randrange(4) << ID if by_id else random.randrange(4)
            mask = random.choice([ALL_IDS, 3 << ID, 1 << ID]) if by_id else random.choice([0xFF, 3])
            await sources.set(index, value, mask, tenant)
            entries[index] = (value, mask, tenant)
        user, identifier, row = random.randrange(5), random.randrange(4), random.choice(rows)
        source = identifier << ID | user
        hits = [tenant for value, mask, tenant in entries.values() if (source ^ value) & mask == 0]
        tenant = hits[0] if len(hits) == 1 else NOBODY
        code = await ask(raw, random.random() < 0.5, row.logical, user, identifier)
        assert code == (OKAY if tenant == row.tenant else SLVERR), (hex(source), entries, row, code)
        granted += code == OKAY
        found = [(record.tenant, record.reason) for record in await device.records()]
        if tenant == NOBODY:
            nobody += 1
            assert found == [(NOBODY, no_tenant)], found
        else:
            assert [record[0] for record in found] == ([] if code == OKAY else [tenant]), found
    assert granted > 0 and nobody > 0
    tell("random sources", TRANSACTIONS, granted=granted, of_nobody=nobody)


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def entries_are_locked(dut):
    """A valid entry keeps its sources, a locked one everything, and after SEAL all of them."""
    bench = await Bench(dut).start()
    device, sources = bench.device, SourceMap(bench.device)
    await sources.set(0, 1 << ID, ALL_IDS, 1)
    assert await sources.entry(0) == (1 << ID, ALL_IDS, 1, 1, 0)
    for name in ("VALUE_LO", "VALUE_HI", "MASK_LO", "MASK_HI"):
        assert await sources.refuses(f"SOURCE_{name}", 0), name
    assert await sources.refuses("SOURCE_INDEX", 4) and await sources.refuses("SOURCE_ENTRY", 0x1FF)
    assert await sources.refuses("SOURCE_ENTRY", 0x400)
    await sources.set(1, 2 << ID, ALL_IDS, 2, locked=1)
    assert await sources.refuses("SOURCE_ENTRY", 0)
    assert await sources.entry(1) == (2 << ID, ALL_IDS, 2, 1, 1)
    # An entry that is not locked: SEAL alone stands in the way.
    await device.write("SOURCE_INDEX", 0)
    status, _, _ = await device.command("Seal")
    assert status == "Ok"
    assert await sources.refuses("SOURCE_ENTRY", 0) and await sources.refuses("SOURCE_INDEX", 1)
    await bench.start()
    assert await sources.entry(1) == (0, 0, 0, 0, 0), "a reset leaves no entry"
    tell("entries", 1)
