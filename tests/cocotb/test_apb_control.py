"""The APB4 control completer, driven by cocotbext-apb, before a register port that is made up."""

import cocotb
from cocotb.triggers import RisingEdge, with_timeout

from apb_bus import Watcher, host
from bench import TRANSACTIONS, choice, cycles, start_clock, tell
from register_port import RegisterPort


async def start(dut):
    start_clock(dut.clock)
    dut.reset.value = 1
    # The test before may have ended within a transfer.
    dut.bus_psel.value = dut.bus_penable.value = 0
    await cycles(dut.clock, 2)
    port, (master, monitor) = RegisterPort(dut), host(dut, "bus", dut.clock)
    watcher = Watcher(dut, "bus", dut.clock, dut.reset)
    cocotb.start_soon(port.run())
    await cycles(dut.clock, 3)
    dut.reset.value = 0
    await cycles(dut.clock, 2)
    return port, master, monitor, watcher


def drawn(random):
    """An offset, data, and strobes: most of them good."""
    offset = random.choice([4 * random.randrange(32), 4 * random.randrange(32), 0x80 + 4 * random.randrange(31), random.randrange(256)])
    strobes = random.choice([15, 15, 15, 0, random.randrange(16)])
    return offset, random.randrange(1 << 32), strobes


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def random_transfers(dut):
    """Reads and writes against a shadow, at once after each other or with pauses; the driver itself holds the errors against what
    is foretold."""
    port, master, monitor, watcher = await start(dut)
    random = choice("apb")
    shadow, refused, strobes, expected = {}, 0, 0, []
    for done in range(TRANSACTIONS):
        offset, data, strobe = drawn(random)
        known = offset < 0x80 and offset % 4 == 0
        if random.random() < 0.5:
            error = strobe not in (0, 15) or (strobe == 15 and not known)
            strobes += strobe == 15
            if strobe == 15 and known:
                shadow[offset] = data
            await with_timeout(master.write(offset, data, strb=strobe, prot=random.randrange(8), error_expected=error), 20, "us")
            expected.append((1, offset, data))
        else:
            error, strobes = not known, strobes + 1
            got = await with_timeout(master.read(offset, prot=random.randrange(8), error_expected=error), 20, "us")
            assert int.from_bytes(got, "little") == (0 if error else shadow.get(offset, 0))
            expected.append((0, offset, 0 if error else shadow.get(offset, 0)))
        refused += error
        # The driver offers the next one in the cycle after, unless it is given a pause.
        if random.random() < 0.3:
            await cycles(dut.clock, random.randrange(1, 12))
    await cycles(dut.clock, 12)
    assert port.words == shadow
    assert port.strobes == strobes, "every transfer with all its strobes is one strobe"
    assert watcher.answers == TRANSACTIONS
    assert [(int(write), offset, data) for write, offset, data, *_ in monitor.queue_txn] == expected
    assert refused and strobes
    tell("random_transfers", TRANSACTIONS, refused=refused)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def transfers_follow_each_other_at_once(dut):
    """A queue of writes takes 7 cycles for each: no pause between them, and nothing is lost."""
    port, master, _, watcher = await start(dut)
    words = min(TRANSACTIONS, 32)
    await RisingEdge(dut.clock)
    for place in range(words):
        master.write_nowait(4 * place, 0x1000 + place)
    cycle = 0
    while watcher.answers < words:
        await RisingEdge(dut.clock)
        cycle += 1
        assert cycle < 20 * words
    assert port.words == {4 * place: 0x1000 + place for place in range(words)}
    assert cycle <= 7 * words + 3, f"{words} writes took {cycle} cycles"
    tell("transfers_follow_each_other_at_once", words, cycles=cycle)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def writes_of_part_of_a_word(dut):
    """Some strobes are refused, none accepted, and neither changes anything, at good offsets and bad ones."""
    port, master, _, _ = await start(dut)
    await with_timeout(master.write(0x10, 0x12345678), 20, "us")
    strobes = port.strobes
    for offset in (0x10, 0x84):
        for strobe in range(15):
            await with_timeout(master.write(offset, 0x11111111, strb=strobe, error_expected=strobe != 0), 20, "us")
    assert port.strobes == strobes
    assert await with_timeout(master.read(0x10), 20, "us") == 0x12345678.to_bytes(4, "little")
    tell("writes_of_part_of_a_word", 32)


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def reset_at_random_moments(dut):
    """Nothing that was under way is answered or asked later, and it works again."""
    port, master, monitor, _ = await start(dut)
    # A transfer that a reset cuts off breaks APB's rules.
    monitor._run_coroutine_obj.cancel()
    random = choice("apb reset")
    resets = max(5, TRANSACTIONS // 20)
    for _ in range(resets):
        master.write_nowait(4 * random.randrange(4), 0xABCD)
        master.read_nowait(0x20)
        await cycles(dut.clock, random.randrange(1, 16))
        # The master is reset, too.
        dut.reset.value = 1
        master.clear()
        master._restart()
        dut.bus_psel.value = dut.bus_penable.value = 0
        await cycles(dut.clock, 2)
        for signal in ("bus_pready", "bus_pslverr", "request_read", "request_write"):
            assert not getattr(dut, signal).value, signal
        strobes = port.strobes
        dut.reset.value = 0
        for _ in range(20):
            await RisingEdge(dut.clock)
            assert not dut.bus_pready.value
        assert port.strobes == strobes
        await with_timeout(master.write(0x10, 0x77), 20, "us")
        assert await with_timeout(master.read(0x10), 20, "us") == b"\x77\0\0\0"
    tell("reset_at_random_moments", 2 * resets, resets=resets)
