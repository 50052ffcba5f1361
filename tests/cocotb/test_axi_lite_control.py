"""The AXI4-Lite control slave, driven by cocotbext-axi, before a register port that is made up."""

import itertools

import cocotb
from cocotb.triggers import RisingEdge, with_timeout
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp
from cocotbext.axi.axil_channels import AxiLiteAWTransaction, AxiLiteWTransaction

from bench import TRANSACTIONS, choice, cycles, start_clock, tell
from register_port import RegisterPort

#: Cycles from the last of its channels to its answer: of an access, and of a write with fewer than four strobes. As the datasheet says.
ANSWER = 7
PARTIAL = 2


async def start(dut):
    start_clock(dut.clock)
    dut.reset.value = 1
    port, master = RegisterPort(dut), AxiLiteMaster(AxiLiteBus.from_prefix(dut, "bus"), dut.clock, dut.reset)
    cocotb.start_soon(port.run())
    await cycles(dut.clock, 3)
    dut.reset.value = 0
    await cycles(dut.clock, 2)
    return port, master


def pauses(random, share):
    return (random.random() < share for _ in itertools.count())


def delay(master, random):
    """Idles and back pressure on every channel, of another kind each time."""
    for channel in (master.write_if.aw_channel, master.write_if.w_channel, master.write_if.b_channel,
                    master.read_if.ar_channel, master.read_if.r_channel):
        channel.set_pause_generator(pauses(random, random.choice([0.0, 0.2, 0.7])))


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def random_accesses(dut):
    """Reads and writes at once, in any order of channels, against a shadow; what is refused changes nothing."""
    port, master = await start(dut)
    random = choice("lite")
    shadow, refused, done = {}, 0, 0
    strobes = 0
    while done < TRANSACTIONS:
        if random.random() < 0.02:
            delay(master, random)
        offset = random.choice([4 * random.randrange(32), 4 * random.randrange(32), 0x80 + 4 * random.randrange(31)])
        if random.random() < 0.5:
            data = random.randbytes(4)
            partial = random.random() < 0.1
            data = data[:random.randrange(1, 4)] if partial else data
            # An access to another register, on the other channels at the same time.
            other = (offset + 4) % 0x80
            write, read = master.init_write(offset, data), master.init_read(other, 4)
            await with_timeout(write.wait(), 20, "us")
            await with_timeout(read.wait(), 20, "us")
            good = offset < 0x80 and not partial
            assert (write.data.resp == AxiResp.OKAY) == good and write.data.resp in (AxiResp.OKAY, AxiResp.SLVERR)
            if good:
                shadow[offset] = int.from_bytes(data, "little")
            assert read.data.resp == AxiResp.OKAY
            assert int.from_bytes(read.data.data, "little") == shadow.get(other, 0)
            strobes += 2 - partial
            refused += not good
            done += 2
        else:
            read = master.init_read(offset, 4)
            await with_timeout(read.wait(), 20, "us")
            value = int.from_bytes(read.data.data, "little")
            assert (read.data.resp, value) == ((AxiResp.OKAY, shadow.get(offset, 0)) if offset < 0x80 else (AxiResp.SLVERR, 0))
            strobes += 1
            refused += offset >= 0x80
            done += 1
    assert port.words == shadow
    assert port.strobes == strobes, "every access is one strobe"
    tell("random_accesses", done, refused=refused)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def writes_without_strobes(dut):
    """What a bus width converter sends for the part of a beat that it does not write: accepted, with no effect."""
    port, master = await start(dut)
    await with_timeout(master.write(0x10, b"wxyz"), 20, "us")
    strobes = port.strobes
    # The driver sends no such beat by itself: its channels are driven past it.
    frontend = master.write_if
    for offset in (0x10, 0x84):
        await frontend.aw_channel.send(AxiLiteAWTransaction(awaddr=offset, awprot=0))
        await frontend.w_channel.send(AxiLiteWTransaction(wdata=0x11111111, wstrb=0))
        answer = await with_timeout(frontend.b_channel.recv(), 20, "us")
        assert int(answer.bresp) == AxiResp.OKAY
    assert port.strobes == strobes
    assert (await with_timeout(master.read(0x10, 4), 20, "us")).data == b"wxyz"
    tell("writes_without_strobes", 4)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def time_to_answer(dut):
    """Cycles from the channel that was taken last to the answer: what the datasheet says."""
    _, master = await start(dut)

    async def measure(letters, answer):
        while not (getattr(dut, f"bus_{letters}valid").value and getattr(dut, f"bus_{letters}ready").value):
            await RisingEdge(dut.clock)
        taken = 0
        while not answer.value:
            await RisingEdge(dut.clock)
            taken += 1
        return taken

    for count in (1, 3):
        await cycles(dut.clock, 8)
        task = cocotb.start_soon(measure("w", dut.bus_bvalid))
        await with_timeout(master.write(0x10, b"wxyz"[:count]), 20, "us")
        assert await task == PARTIAL, count
    await cycles(dut.clock, 8)
    task = cocotb.start_soon(measure("w", dut.bus_bvalid))
    await with_timeout(master.write(0x10, b"wxyz"), 20, "us")
    assert await task == ANSWER
    await cycles(dut.clock, 8)
    task = cocotb.start_soon(measure("ar", dut.bus_rvalid))
    await with_timeout(master.read(0x10, 4), 20, "us")
    assert await task == ANSWER
    tell("time_to_answer", 4)


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def reset_at_random_moments(dut):
    """Valid falls, nothing that was under way is answered or asked later, and it works again."""
    port, master = await start(dut)
    random = choice("lite reset")
    resets = max(5, TRANSACTIONS // 20)
    for _ in range(resets):
        delay(master, random)
        for offset in range(0, 16, 4):
            master.init_write(offset, b"abcd")
            master.init_read(offset, 4)
        await cycles(dut.clock, random.randrange(1, 60))
        dut.reset.value = 1
        await cycles(dut.clock, 2)
        for signal in ("bus_bvalid", "bus_rvalid", "bus_awready", "bus_wready", "bus_arready", "request_read", "request_write"):
            assert not getattr(dut, signal).value, signal
        strobes = port.strobes
        dut.reset.value = 0
        for _ in range(20):
            await RisingEdge(dut.clock)
            assert not dut.bus_bvalid.value and not dut.bus_rvalid.value
        assert port.strobes == strobes
        await with_timeout(master.write(0x10, b"wxyz"), 20, "us")
        assert (await with_timeout(master.read(0x10, 4), 20, "us")).data == b"wxyz"
    tell("reset_at_random_moments", 2 * resets, resets=resets)
