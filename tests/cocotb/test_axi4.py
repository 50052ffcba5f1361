"""The AXI4 guard between cocotbext-axi's master and its memory: random bursts against a shadow memory, malformed bursts, changes
under load, resets. The watcher sees every cycle of `m_axi`: nothing shows there that was not granted."""

import os

import cocotb
from cocotb.triggers import ReadOnly, RisingEdge
from cocotbext.axi import AxiBus, AxiMaster, AxiProt, AxiResp, SparseMemoryRegion

from axi4_bench import FIXED, INCR, OKAY, SLVERR, WRAP, Bench, Raw, Watcher, pauses, touched
from bench import TRANSACTIONS, choice, cycles, tell
from device import EXECUTE, ISOLATED, OUT_OF_RANGE, READ, WRITE

#: From the edge that takes an address to the edge after which the memory sees it.
LATENCY = 6
#: The kind of an audit record about a malformed transaction.
MALFORMED = 3


async def malformed_records(device):
    return [record for record in await device.records() if record.kind == MALFORMED and record.reason == OUT_OF_RANGE]


async def four_rows(bench):
    """Partitions of four tenants, or of as many as there are; where one is, the next one's neighbour in memory is another's."""
    size = bench.device.largest // 4
    rights = [READ | WRITE | ISOLATED, READ | WRITE | EXECUTE | ISOLATED, READ | WRITE, READ | ISOLATED]
    offsets = [0, 0, size, bench.device.window - size]
    for tenant in range(4):
        await bench.create(tenant, offsets[tenant], size, rights[tenant])


class Requester:
    """Moves data in a corner of its own of every partition, and tries what it must not; its identifiers are its own."""

    def __init__(self, bench, master, number, of):
        self.bench, self.master, self.number, self.of = bench, master, number, of
        self.random = choice(f"requester {number}")
        self.shadow = {}
        self.done = self.refused = 0

    async def run(self, count):
        while self.done < count:
            await self.burst()

    def corner(self, row):
        size = row.size // self.of
        return row.physical + self.number * size, size

    async def burst(self):
        random, bench = self.random, self.bench
        row = random.choice(list(bench.rows.values()))
        place, corner = self.corner(row)
        size = random.randrange(bench.bytes.bit_length())
        width = 1 << size
        burst = random.choice([INCR, INCR, INCR, FIXED, WRAP])
        if burst != INCR:
            # The master of the library moves the lanes of narrow beats on, which FIXED does not do, and WRAP not at its end.
            size = bench.bytes.bit_length() - 1
            width = 1 << size
        beats = random.choice([1, 1, 2, 3, 4, 8, 16, 64, 256])
        if burst == WRAP:
            beats = random.choice([2, 4, 8, 16])
        elif burst == FIXED:
            beats = min(beats, 16)
        beats = min(beats, corner // width)
        if burst == WRAP and beats not in (2, 4, 8, 16):
            burst = INCR
        address = row.logical + place - row.physical + random.randrange(corner - beats * width + 1)
        if burst != INCR:
            address = address // width * width
        tenant, trick = row.tenant, random.randrange(10)
        if trick == 0:
            tenant = random.choice([random.randrange(4), 0xFF])
        elif trick == 1:
            address = row.physical + address - row.logical
        elif trick == 2:
            address = row.logical + row.size - random.randrange(1, 2 * width + 1)
            if burst != INCR:
                address = address // width * width
        first, last = touched(address, beats, size, burst)
        # The master of the library would make two bursts of it, of a WRAP too that only begins near the boundary.
        begins, ends = (address, address + beats * width - 1) if burst == WRAP else (first, last)
        if begins // 4096 != ends // 4096:
            return
        write = random.random() < 0.5
        kind = WRITE if write else random.choice([READ, READ, EXECUTE])
        physical = bench.decide(tenant, first, last, kind) if tenant < bench.device.tenants else None
        if physical is not None and not (place <= physical and physical + last - first < place + corner):
            return  # granted, but another's corner: it is not for us to say what is there
        self.done += 1
        identifier = random.randrange(3) * self.of + self.number
        length = beats * width - (address % width if burst != WRAP else 0)
        if write:
            data = random.randbytes(length)
            answer = await self.master.write(address, data, awid=identifier, size=size, burst=burst, user=tenant)
            granted = answer.resp == AxiResp.OKAY
        else:
            prot = AxiProt.NONSECURE | (AxiProt.INSTRUCTION if kind == EXECUTE else 0)
            answer = await self.master.read(address, length, arid=identifier, size=size, burst=burst, prot=prot, user=tenant)
            granted = answer.resp == AxiResp.OKAY
        case = (row, tenant, hex(address), beats, width, burst, "write" if write else "read", answer.resp)
        assert granted == (physical is not None), case
        if not granted:
            self.refused += 1
            assert answer.resp == AxiResp.SLVERR, case
            assert write or answer.data == bytes(length), case
            return
        # Where each byte of the burst's data is.
        places, beat_address = [], address
        base = first
        for beat in range(beats):
            start = beat_address
            end = start // width * width + width
            places += [physical + byte - base for byte in range(start, end)]
            if burst == INCR:
                beat_address = end
            elif burst == WRAP:
                beat_address = base + (end - base) % (beats * width)
        if write:
            for byte, where in zip(data, places):
                self.shadow[where] = byte
        else:
            expected = bytes(self.shadow.get(where, 0) for where in places)
            assert answer.data == expected, case


async def random_bursts(dut, share, requesters=4):
    bench = await Bench(dut).start()
    master = AxiMaster(AxiBus.from_prefix(dut, "s_axi"), dut.aclk, dut.aresetn, reset_active_level=False)
    Watcher(dut, "s_axi")
    random = choice("pauses")
    for channel in bench.channels(master):
        if share:
            channel.set_pause_generator(pauses(random, share))
    await four_rows(bench)
    everyone = [Requester(bench, master, number, requesters) for number in range(requesters)]
    for task in [cocotb.start_soon(one.run(TRANSACTIONS // requesters)) for one in everyone]:
        await task
    for one in everyone:
        for where, byte in one.shadow.items():
            assert (await bench.memory.read(where, 1))[0] == byte, f"the memory at {where:#x} is not what was written there"
    counts = bench.watcher.bursts
    done, refused = sum(one.done for one in everyone), sum(one.refused for one in everyone)
    assert 0 < refused < done
    tell(f"random bursts, pauses {share}", done, refused=refused, forwarded=sum(counts.values()))


@cocotb.test(timeout_time=2000, timeout_unit="ms")
async def random_bursts_at_full_rate(dut):
    await random_bursts(dut, 0)


@cocotb.test(timeout_time=2000, timeout_unit="ms")
async def random_bursts_with_pauses(dut):
    await random_bursts(dut, 0.3)


@cocotb.test(timeout_time=2000, timeout_unit="ms")
async def random_bursts_with_long_pauses(dut):
    await random_bursts(dut, 0.7)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def malformed_bursts_are_refused_and_logged(dut):
    """Every way in which an address can say what AXI4 does not know; the memory sees nothing."""
    bench = await Bench(dut).start()
    raw = Raw(dut)
    row = await bench.create(1, 0, bench.device.largest // 2, READ | WRITE | ISOLATED)
    full = bench.bytes.bit_length() - 1
    cases = [
        ("reserved burst type", dict(address=row.logical, beats=4, burst=3)),
        ("WRAP that is not aligned", dict(address=row.logical + 1, beats=4, burst=WRAP)),
        ("WRAP of three beats", dict(address=row.logical, beats=3, burst=WRAP)),
        ("WRAP of one beat", dict(address=row.logical, beats=1, burst=WRAP)),
        ("FIXED of 17 beats", dict(address=row.logical, beats=17, burst=FIXED)),
        ("a beat wider than the bus", dict(address=row.logical, beats=1, size=full + 1)),
        ("128 bytes a beat", dict(address=row.logical, beats=1, size=7)),
        ("INCR across 4 KiB", dict(address=(row.logical | 0xFFF) - 3, beats=2)),
    ]
    await bench.device.records()
    done = 0
    for name, how in cases:
        for letters in ("aw", "ar"):
            before = dict(bench.watcher.bursts), dict(bench.watcher.beats)
            raw.address(letters, user=1, identifier=5, **how)
            if letters == "aw":
                raw.data([0x5A5A5A5A] * how["beats"])
                assert await raw.answer() == (5, SLVERR), name
            else:
                beats = await raw.beats(how["beats"])
                assert all(beat[:3] == (5, 0, SLVERR) for beat in beats), name
                assert [beat[3] for beat in beats] == [0] * (len(beats) - 1) + [1], name
            done += 1
            await cycles(dut.aclk, 40)
            found = await malformed_records(bench.device)
            assert [(record.tenant, record.address) for record in found] == [(1, how["address"])], (name, found)
            assert before == (bench.watcher.bursts, bench.watcher.beats), f"{name}: the memory saw something"
    # And it goes on as if nothing had been.
    raw.address("aw", row.logical, 4, 1)
    raw.data([1, 2, 3, 4])
    assert await raw.answer() == (0, OKAY)
    assert (await bench.memory.read(row.physical, 4)) == (1).to_bytes(4, "little")
    tell("malformed bursts", done + 1)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def a_wrong_last_closes_the_writes(dut):
    """Data of which nobody knows whose they are reach nobody: not the burst they came with, nor the next tenant's."""
    done = 0
    for count, last in ((4, 1), (4, -1), (1, -1), (8, 6)):
        bench = await Bench(dut).start()
        raw = Raw(dut)
        mine = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
        other = await bench.create(2, 0, bench.device.granule, READ | WRITE | ISOLATED)
        await bench.device.records()
        sent = last + 1 if last >= 0 else count
        # Two addresses are on their way before the data say anything.
        raw.address("aw", mine.logical, count, 1, identifier=1)
        raw.address("aw", other.logical, 2, 2, identifier=2)
        await cycles(dut.aclk, 20)
        raw.data([0x11111111] * sent, last)
        raw.data([0x22222222] * 2)
        answers = {await raw.answer(), await raw.answer()}
        assert answers == {(1, SLVERR), (2, SLVERR)}, (count, last, answers)
        assert (await bench.memory.read(other.physical, bench.device.granule)) == bytes(bench.device.granule)
        # Reads go on, writes are refused, one after the other, until reset.
        for attempt in range(3):
            raw.address("aw", other.logical, 3, 2, identifier=3)
            raw.data([0x33333333] * 3)
            assert await raw.answer() == (3, SLVERR), (count, last, attempt)
        raw.address("ar", mine.logical, 1, 1, identifier=4)
        (beat,) = await raw.beats(1)
        assert beat[2] == OKAY
        assert (await bench.memory.read(other.physical, bench.device.granule)) == bytes(bench.device.granule)
        found = await malformed_records(bench.device)
        assert [record.tenant for record in found] == [1], found
        done += 6
    bench = await Bench(dut).start()
    raw = Raw(dut)
    mine = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
    raw.address("aw", mine.logical, 1, 1)
    raw.data([7])
    assert await raw.answer() == (0, OKAY), "a reset opens them again"
    tell("wrong last", done + 1)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def answers_of_one_identifier_keep_their_order(dut):
    """Denied and granted bursts of one identifier, mixed: answered in the order in which they were asked."""
    bench = await Bench(dut).start()
    raw = Raw(dut)
    row = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
    random = choice("order")
    for channel in bench.channels():
        channel.set_pause_generator(pauses(random, 0.4))
    asked = {"aw": [], "ar": []}
    for _ in range(60):
        letters, identifier = random.choice(["aw", "ar"]), random.randrange(2)
        granted, beats = random.random() < 0.5, random.choice([1, 2, 5])
        raw.address(letters, row.logical, beats, 1 if granted else 2, identifier=identifier)
        if not granted:
            # Tenant 2 has nothing there; the address is nobody's, so ask for the block itself.
            offer = (raw.aw if letters == "aw" else raw.ar).queue._queue[-1]
            setattr(offer, letters + "addr", row.physical)
        if letters == "aw":
            raw.data([0xA5A5A5A5] * beats)
        asked[letters].append((identifier, OKAY if granted else SLVERR, beats))
    answers = [await raw.answer() for _ in asked["aw"]]
    for identifier in range(2):
        wanted = [response for who, response, _ in asked["aw"] if who == identifier]
        assert [response for who, response in answers if who == identifier] == wanted
    beats = await raw.beats(sum(beats for _, _, beats in asked["ar"]))
    for identifier in range(2):
        wanted = [response for who, response, count in asked["ar"] if who == identifier for _ in range(count)]
        assert [beat[2] for beat in beats if beat[0] == identifier] == wanted
    tell("order", 60)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def one_beat_a_cycle_and_six_cycles_to_the_memory(dut):
    """Latency of a single burst; beats of long bursts without a gap in both directions at once."""
    bench = await Bench(dut).start()
    raw = Raw(dut)
    row = await bench.create(1, 0, bench.device.largest // 2, READ | WRITE | ISOLATED)
    full = bench.bytes.bit_length() - 1

    async def until(signal):
        edges = 0
        while True:
            await RisingEdge(dut.aclk)
            await ReadOnly()
            edges += 1
            if int(signal.value):
                return edges
    for letters in ("aw", "ar"):
        await cycles(dut.aclk, 30)
        raw.address(letters, row.logical, 1, 1, size=full)
        valid, forwarded = getattr(dut, f"s_axi_{letters}valid"), getattr(dut, f"m_axi_{letters}valid")
        await until(valid)
        assert await until(forwarded) == LATENCY, letters
        if letters == "aw":
            raw.data([1])
            await raw.answer()
        else:
            await raw.beats(1)
    # An address that is not mine is asked about twice.
    raw.address("ar", bench.device.window_base + bench.device.window, 1, 1, size=full)
    await until(dut.s_axi_arvalid)
    assert await until(dut.m_axi_arvalid) == LATENCY + 4
    await raw.beats(1)
    await cycles(dut.aclk, 30)
    bursts, beats = 12, min(64, bench.device.granule // bench.bytes)
    start = dict(bench.watcher.beats)
    for number in range(bursts):
        raw.address("aw", row.logical, beats, 1, size=full, identifier=number % 4)
        raw.address("ar", row.logical, beats, 1, size=full, identifier=number % 4)
        raw.data([number] * beats)
    first = await until(dut.m_axi_wvalid)
    window = bursts * beats - beats
    await cycles(dut.aclk, window)
    moved = bench.watcher.beats["w"] - start["w"]
    read = bench.watcher.beats["r"] - start["r"]
    for _ in range(bursts):
        assert (await raw.answer())[1] == OKAY
    await raw.beats(bursts * beats)
    assert moved >= window - 2, (first, moved, window)
    assert read >= window - 30, (read, window)
    tell("rate", 2 * bursts + 3, write_beats_in_a_row=moved, read_beats=read, cycles=window)


@cocotb.test(timeout_time=100, timeout_unit="ms")
async def no_beat_lands_after_a_change_is_acknowledged(dut):
    """DESTROY and PROTECT while bursts of the partition are under way: after the answer the memory sees none of them."""
    bench = await Bench(dut, check=False).start()
    raw = Raw(dut)
    random = choice("revoke")
    done = 0
    for channel in bench.channels():
        channel.set_pause_generator(pauses(random, 0.6))
    for attempt in range(max(4, TRANSACTIONS // 50)):
        row = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
        stop = False
        sent = {"aw": 0, "ar": 0}

        async def flood(letters, row=row):
            while not stop:
                raw.address(letters, row.logical, 4, 1, identifier=random.randrange(4))
                if letters == "aw":
                    raw.data([0xDEADBEEF] * 4)
                sent[letters] += 1
                while (raw.aw if letters == "aw" else raw.ar).count() > 1:
                    await RisingEdge(dut.aclk)
        floods = [cocotb.start_soon(flood("aw")), cocotb.start_soon(flood("ar"))]
        await cycles(dut.aclk, random.randrange(20, 120))
        if attempt % 2:
            status, _, _ = await bench.device.command("Protect", slot=row.slot, rights=ISOLATED)
        else:
            status, _, _ = await bench.device.command("Destroy", slot=row.slot)
            del bench.rows[row.slot]
        assert status == "Ok", status
        # Acknowledged: from here on the memory hears nothing of this block.
        before = (await bench.memory.read(row.physical, row.size))
        if attempt % 2 == 0:
            assert before == bytes(row.size), "the scrubbed block holds something"
        heard = []

        def listen(channel, address, length, size, burst, _identifier, _user, row=row):
            first, last = touched(address, length + 1, size, burst)
            if first < row.physical + row.size and last >= row.physical:
                heard.append((channel, hex(first)))
        bench.watcher.check = listen
        await cycles(dut.aclk, 200)
        stop = True
        for task in floods:
            await task
        while raw.aw.count() or raw.ar.count() or raw.w.count():
            await RisingEdge(dut.aclk)
        for _ in range(sent["aw"]):
            await raw.answer(200_000)
        await raw.beats(4 * sent["ar"], 200_000)
        bench.watcher.check = None
        assert not heard, heard
        # What was written since is the flood's own, by way of the logical address: not mine goes elsewhere.
        assert (await bench.memory.read(row.physical, row.size)) == before, "a beat landed after the change"
        done += sum(sent.values())
        # What was denied meanwhile fills the log.
        await bench.device.records()
        if attempt % 2:
            status, _, _ = await bench.device.command("Destroy", slot=row.slot)
            assert status == "Ok"
            del bench.rows[row.slot]
    tell("changes under load", done)


@cocotb.test(timeout_time=100, timeout_unit="ms")
async def a_reset_leaves_no_half_transaction(dut):
    """Reset in the middle of traffic, at any moment: all is quiet, then everything works."""
    random = choice("reset")
    done = 0
    # The drivers of every attempt stay: the time goes with the square of their number.
    for attempt in range(max(4, min(TRANSACTIONS // 50, 60))):
        bench = await Bench(dut).start()
        raw = Raw(dut)
        row = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
        for number in range(10):
            raw.address("aw", row.logical, 4, 1 + number % 2, identifier=number % 3)
            raw.address("ar", row.logical, 4, 1 + number % 2, identifier=number % 3)
            raw.data([number] * 4)
        await cycles(dut.aclk, random.randrange(5, 60))
        dut.aresetn.value = 0
        await cycles(dut.aclk, 2)
        await ReadOnly()
        for name in ("s_axi_bvalid", "s_axi_rvalid", "m_axi_awvalid", "m_axi_wvalid", "m_axi_arvalid", "s_axil_bvalid",
                     "s_axil_rvalid"):
            assert int(getattr(dut, name).value) == 0, name
        await RisingEdge(dut.aclk)
        for channel in (raw.aw, raw.w, raw.ar):
            channel.clear()
        for channel in (raw.b, raw.r):
            channel.clear()
        dut.aresetn.value = 1
        await cycles(dut.aclk, 60)
        assert raw.b.empty() and raw.r.empty(), "an answer to nobody"
        done += 20
    bench = await Bench(dut).start()
    raw = Raw(dut)
    row = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
    raw.address("aw", row.logical, 2, 1)
    raw.data([3, 4])
    assert await raw.answer() == (0, OKAY)
    raw.address("ar", row.logical, 1, 1)
    assert (await raw.beats(1))[0][2] == OKAY
    tell("resets", done + 2)


class Failing(SparseMemoryRegion):
    """A memory that answers writes with an error while it is told to."""

    fails = False

    async def write(self, address, data, **kwargs):
        if self.fails:
            raise ValueError("the memory fails")
        await super().write(address, data, **kwargs)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def a_stale_pointer_faults(dut):
    """In a strict window what no partition has is refused and logged, before CREATE and after DESTROY; outside of the window nothing
    changes. A window that is not strict hands such an address on. Without a standard MMU a window is built strict."""
    done, bench = 0, Bench(dut)
    raw = Raw(dut)
    for strict in (None, True, False):
        await bench.start(strict)
        assert strict is not None or bench.device.strict == ("PM_MMU" not in os.environ)
        if "PM_MMU" in os.environ and not bench.device.strict:
            continue
        granule = bench.device.granule
        row = await bench.create(1, 0, granule, READ | WRITE | ISOLATED)
        await bench.device.command("Destroy", slot=row.slot)
        del bench.rows[row.slot]
        await bench.device.records()
        expected = SLVERR if bench.device.strict else OKAY
        for address in (row.logical, row.logical + granule, bench.device.window_base + bench.device.window - granule):
            raw.address("aw", address, 2, 1)
            raw.data([1, 2])
            assert (await raw.answer())[1] == expected, hex(address)
            raw.address("ar", address, 1, 1)
            assert (await raw.beats(1))[0][2] == expected, hex(address)
            found = [(record.tenant, record.reason, record.address) for record in await bench.device.records()]
            reason = bench.device.registers.code("FAULT_INFO", "reason", "InvalidPartition")
            assert found == ([(1, reason, address)] * 2 if bench.device.strict else []), found
            done += 2
        if "PM_MMU" not in os.environ:
            raw.address("ar", bench.device.window_base + bench.device.window, 1, 1)
            assert (await raw.beats(1))[0][2] == OKAY
    tell("a stale pointer", done)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def a_scrub_that_fails_never_ends(dut):
    """A block whose zeros did not reach the memory is nobody's; the command stays busy until reset."""
    bench = Bench(dut)
    bench.memory = Failing(1 << 48)
    bench.slave.write_if.target = bench.memory
    await bench.start()
    raw = Raw(dut)
    device = bench.device
    row = await bench.create(1, 0, device.granule, READ | WRITE | ISOLATED)
    bench.memory.fails = True
    await device.write("CMD_SLOT", row.slot)
    await device.write("CMD", device.registers.code("CMD", "command", "Destroy"))
    for _ in range(60):
        await cycles(dut.aclk, 20)
        assert device.registers.field("RESULT", "busy", await device.read("RESULT")), "the command has ended"
    bench.memory.fails = False
    raw.address("ar", row.physical, 1, 2)
    assert (await raw.beats(1))[0][1:3] == (0, SLVERR), "the block is still guarded"
    bench.rows.clear()
    await bench.start()
    row = await bench.create(1, 0, device.granule, READ | WRITE | ISOLATED)
    raw.address("aw", row.logical, 1, 1)
    raw.data([1])
    assert await raw.answer() == (0, OKAY), "a reset helps"
    tell("a scrub that fails", 2)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def a_wrap_in_the_first_and_last_bytes_of_a_partition_is_granted(dut):
    """Asked about is the whole container, wherever in it the burst begins: neither more, which would be refused, nor less."""
    bench = await Bench(dut).start()
    raw = Raw(dut)
    row = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
    done = 0
    for beats in (2, 4, 8, 16):
        container = beats * bench.bytes
        for base in (0, row.size - container):
            for first in range(beats):
                words = [0x1000 * beats + 0x100 * first + beat + 1 for beat in range(beats)]
                raw.address("aw", row.logical + base + first * bench.bytes, beats, 1, burst=WRAP)
                raw.data(words)
                assert await raw.answer() == (0, OKAY), (beats, base, first)
                held = [int.from_bytes(await bench.memory.read(row.physical + base + beat * bench.bytes, bench.bytes), "little")
                        for beat in range(beats)]
                assert held == words[beats - first:] + words[:beats - first], (beats, base, first)
                raw.address("ar", row.logical + base + first * bench.bytes, beats, 1, burst=WRAP)
                assert [beat[1:3] for beat in await raw.beats(beats)] == [(word, OKAY) for word in words], (beats, base, first)
                done += 2
    tell("wraps at the ends of a partition", done)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def a_burst_that_crosses_4_kib_in_memory_is_refused(dut):
    """Where granules are smaller than 4 KiB a burst may cross in memory what it does not cross for the tenant."""
    bench = await Bench(dut).start()
    raw = Raw(dut)
    device = bench.device
    if device.granule >= 4096:
        return
    await bench.create(2, 0, 2048, READ | WRITE | ISOLATED)
    row = await bench.create(1, 0, 4096, READ | WRITE | ISOLATED)
    assert row.physical % 4096 == 2048
    await device.records()
    before = dict(bench.watcher.bursts)
    for letters in ("aw", "ar"):
        address = row.logical + 2048 - bench.bytes
        raw.address(letters, address, 2, 1, identifier=3)
        if letters == "aw":
            raw.data([1, 2])
            assert await raw.answer() == (3, SLVERR)
        else:
            assert [beat[:3] for beat in await raw.beats(2)] == [(3, 0, SLVERR)] * 2
        await cycles(dut.aclk, 40)
        found = await malformed_records(device)
        assert [(record.tenant, record.address) for record in found] == [(1, address)], found
    assert before == bench.watcher.bursts, "the memory saw something"
    # Up to the border, and from it on.
    for address in (row.logical + 2048 - bench.bytes, row.logical + 2048):
        raw.address("aw", address, 1, 1)
        raw.data([5])
        assert await raw.answer() == (0, OKAY)
    tell("bursts across 4 KiB in memory", 4)


@cocotb.test(timeout_time=20, timeout_unit="ms", skip="PM_MMU" not in os.environ)
async def what_is_not_mine_goes_through_the_mmu(dut):
    """With the ports of a standard MMU: it translates or faults, and its result is checked like any physical address."""
    bench = Bench(dut)
    asked = []

    async def mmu():
        """Swaps two pages, faults on a third."""
        dut.mmu_request_0_ready.value, dut.mmu_response_0_valid.value = 0, 0
        random = choice("mmu")
        while True:
            await RisingEdge(dut.aclk)
            if not int(dut.mmu_request_0_valid.value):
                continue
            address, tenant = int(dut.mmu_request_0_address.value), int(dut.mmu_request_0_tenant.value)
            asked.append((tenant, address, int(dut.mmu_request_0_length.value), int(dut.mmu_request_0_kind.value)))
            await cycles(dut.aclk, random.randrange(5))
            dut.mmu_request_0_ready.value = 1
            await RisingEdge(dut.aclk)
            dut.mmu_request_0_ready.value = 0
            await cycles(dut.aclk, random.randrange(5))
            dut.mmu_response_0_valid.value = 1
            dut.mmu_response_0_fault.value = int(address >> 12 & 3 == 2)
            dut.mmu_response_0_physical.value = address ^ 0x1000 if address < bench.device.pool_base else address
            while True:
                await RisingEdge(dut.aclk)
                if int(dut.mmu_response_0_ready.value):
                    break
            dut.mmu_response_0_valid.value = 0
    dut.mmu_request_0_ready.value, dut.mmu_response_0_valid.value = 0, 0
    dut.mmu_response_0_fault.value, dut.mmu_response_0_physical.value = 0, 0
    cocotb.start_soon(mmu())
    await bench.start()
    raw = Raw(dut)
    row = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
    outside = bench.device.window_base + bench.device.window + 0x4000
    raw.address("aw", outside, 2, 2)
    raw.data([0x1234, 0x5678])
    assert await raw.answer() == (0, OKAY)
    assert (await bench.memory.read(outside ^ 0x1000, 1)) == b"\x34"
    raw.address("ar", outside + 0x2000, 4, 2)
    assert [beat[1:3] for beat in await raw.beats(4)] == [(0, SLVERR)] * 4
    raw.address("ar", row.physical, 1, 2)
    assert (await raw.beats(1))[0][1:3] == (0, SLVERR)
    raw.address("aw", row.logical, 1, 1)
    raw.data([9])
    assert await raw.answer() == (0, OKAY)
    assert [(tenant, address) for tenant, address, _, _ in asked] == [(2, outside), (2, outside + 0x2000), (2, row.physical)]
    tell("standard MMU", 4)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def exclusive_accesses_are_passed_or_refused(dut):
    """`lock` goes to the memory as it came; a denied one is answered SLVERR."""
    bench = await Bench(dut).start()
    raw = Raw(dut)
    row = await bench.create(1, 0, bench.device.granule, READ | WRITE | ISOLATED)
    locks = []

    async def see():
        while True:
            await RisingEdge(dut.aclk)
            await ReadOnly()
            if int(dut.m_axi_arvalid.value) and int(dut.m_axi_arready.value):
                locks.append(int(dut.m_axi_arlock.value))
    cocotb.start_soon(see())
    raw.address("ar", row.logical, 1, 1, lock=1)
    raw.address("ar", row.logical, 1, 1, lock=0)
    assert [beat[2] for beat in await raw.beats(2)] == [OKAY, OKAY]
    raw.address("ar", row.physical, 1, 2, lock=1)
    assert (await raw.beats(1))[0][1:3] == (0, SLVERR)
    assert locks == [1, 0], locks
    tell("exclusive", 3)
