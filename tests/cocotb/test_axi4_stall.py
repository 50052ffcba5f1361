"""Masters that do not go on, and a memory that does not: no tenant holds up the control side, and what is revoked never lands.

The bound: from the acceptance of a command to its end, at most STALL_LIMIT cycles in which the guard waits for a master, a cycle for
each beat that was under way, the memory's own time, and the command's own time (BOUND below, with the memory of this bench)."""

import cocotb
from cocotb.triggers import RisingEdge
from cocotb.utils import get_sim_time

from axi4_bench import OKAY, SLVERR, Bench, Raw, Watcher, pauses
from bench import TRANSACTIONS, choice, cycles, tell
from device import ISOLATED, OUT_OF_RANGE, READ, STALLED, WRITE

#: The limit of these tests, in cycles; the device's own is 1,024.
LIMIT = 400
#: Cycles beyond the limit and a cycle for each beat that was under way: decisions, the memory's answers, the poll of RESULT.
BOUND = 100


def now():
    return round(get_sim_time("ns")) // 10


class Masters(Raw):
    """The channels, with a rein on data and answers: `gives`, `takes_b` and `takes_r` are shares of cycles."""

    def __init__(self, dut, random):
        super().__init__(dut)
        self.gives = self.takes_b = self.takes_r = 1.0
        self.random = random
        for channel, share in ((self.w, "gives"), (self.b, "takes_b"), (self.r, "takes_r")):
            channel.set_pause_generator(self.reins(share))

    def reins(self, share):
        while True:
            yield self.random.random() >= getattr(self, share)


async def bench_with(dut, name, limit=LIMIT):
    """A bench and its masters; `quiet` is what DESTROY of a partition takes while nothing else goes on."""
    bench = await Bench(dut).start()
    await bench.device.write("STALL_LIMIT", limit)
    mine, _ = await two_rows(bench)
    bench.quiet = await revoke(bench, mine)
    return bench, Masters(dut, choice(name))


async def two_rows(bench):
    """A partition of two granules for each of two tenants, in place of all others."""
    for slot in list(bench.rows):
        del bench.rows[slot]
        status, _, _ = await bench.device.command("Destroy", slot=slot)
        assert status == "Ok", status
    bench.past.clear()
    size = 2 * bench.device.granule
    rows = [await bench.create(tenant, 0, size, READ | WRITE | ISOLATED) for tenant in (1, 2)]
    await bench.device.records()
    return rows


async def busy(device):
    return device.registers.field("RESULT", "busy", await device.read("RESULT"))


async def stalls(bench):
    """Tenant and kind of each record of a stall."""
    return [(record.tenant, record.kind) for record in await bench.device.records() if record.reason == STALLED]


async def revoke(bench, row):
    """DESTROY: cycles from the write of CMD to the read that shows its end."""
    bench.past.append(bench.rows.pop(row.slot))
    return await timed(bench, "Destroy", row)


async def timed(bench, name, row):
    """DESTROY, or PROTECT that leaves no right: cycles from the write of CMD to the read that shows its end."""
    device = bench.device
    await device.write("CMD_SLOT", row.slot)
    await device.write("CMD_RIGHTS", ISOLATED)
    start = now()
    await device.write("CMD", device.registers.code("CMD", "command", name))
    while await busy(device):
        pass
    status = device.registers.member("RESULT", "status", await device.read("RESULT"))
    assert status == "Ok", status
    return now() - start


@cocotb.test(timeout_time=4, timeout_unit="ms")
async def withheld_data_hold_up_no_command(dut):
    """A granted burst without its data: DESTROY of its partition and of another ends, the tenant is logged, nothing lands."""
    bench, raw = await bench_with(dut, "withheld")
    waits = []
    for beats, sent, other in ((4, 0, True), (4, 0, False), (4, 2, False), (8, 7, True), (1, 0, False)):
        mine, theirs = await two_rows(bench)
        raw.address("aw", mine.logical, beats, 1, identifier=3)
        raw.address("aw", theirs.logical, 2, 2, identifier=1)
        raw.data([0x11111111] * sent, -1)
        await cycles(dut.aclk, 40)
        target = theirs if other else mine
        waits.append(await revoke(bench, target) - bench.quiet)
        assert LIMIT // 2 < waits[-1] <= LIMIT + BOUND, (beats, sent, other, waits)
        assert await bench.memory.read(target.physical, target.size) == bytes(target.size)
        assert await stalls(bench) == [(1, WRITE >> 1)], "the log names who stalled, once"
        # Meanwhile no answer came; the late data bring both, and write nothing.
        assert raw.b.empty()
        raw.data([0x22222222] * (beats - sent))
        raw.data([0x33333333] * 2)
        assert [await raw.answer(), await raw.answer()] == [(3, SLVERR), (1, SLVERR)]
        held = await bench.memory.read(mine.physical, mine.size) + await bench.memory.read(theirs.physical, theirs.size)
        assert b"\x22" not in held and b"\x33" not in held
        # And the channel works again.
        left = mine if other else theirs
        raw.address("aw", left.logical, 2, left.tenant, identifier=2)
        raw.data([0x44444444, 0x55555555])
        assert await raw.answer() == (2, OKAY)
        assert (await bench.memory.read(left.physical, 4)) == b"\x44" * 4
    tell("withheld data", 3 * len(waits), worst_wait=max(waits))


@cocotb.test(timeout_time=4, timeout_unit="ms")
async def late_data_of_another_length_close_the_writes(dut):
    """Owed data whose `wlast` does not come where their burst ends: nobody knows any more whose the next data are."""
    bench, raw = await bench_with(dut, "misled")
    mine, theirs = await two_rows(bench)
    raw.address("aw", mine.logical, 4, 1, identifier=3)
    await cycles(dut.aclk, LIMIT + 100)
    raw.data([0x22222222] * 2)
    assert await raw.answer() == (3, SLVERR)
    raw.address("aw", theirs.logical, 1, 2, identifier=1)
    raw.data([0x33333333])
    assert await raw.answer() == (1, SLVERR)
    assert await bench.memory.read(theirs.physical, 4) == bytes(4)
    found = [(record.tenant, record.kind, record.reason) for record in await bench.device.records()]
    assert found == [(1, WRITE >> 1, STALLED), (1, 3, OUT_OF_RANGE)], found
    tell("late data of another length", 2)


@cocotb.test(timeout_time=4, timeout_unit="ms")
async def answers_that_nobody_takes_hold_up_no_command(dut):
    """`bready` stays low: the memory's answers are kept, and DESTROY does not wait."""
    bench, raw = await bench_with(dut, "answers")
    mine, theirs = await two_rows(bench)
    raw.takes_b = 0.0
    for number in range(24):
        raw.address("aw", mine.logical, 1, 1, identifier=number % 4)
        raw.data([number])
    await cycles(dut.aclk, 200)
    wait = await revoke(bench, theirs) - bench.quiet
    assert wait <= BOUND, wait
    assert await stalls(bench) == []
    raw.takes_b = 1.0
    answers = [await raw.answer() for _ in range(24)]
    for identifier in range(4):
        assert [answer for answer in answers if answer[0] == identifier] == [(identifier, OKAY)] * 6
    tell("answers not taken", 24, wait=wait)


@cocotb.test(timeout_time=4, timeout_unit="ms")
async def data_that_nobody_takes_hold_up_no_command(dut):
    """`rready` stays low: what the memory sends is dropped; the master gets an error for each beat that is left."""
    bench, raw = await bench_with(dut, "reads")
    waits, done = [], 0
    for bursts, beats in ((1, 4), (3, 8), (6, 1), (5, 16)):
        mine, theirs = await two_rows(bench)
        await bench.memory.write(mine.physical, b"\xC3" * mine.size)
        raw.takes_r = 0.0
        for number in range(bursts):
            raw.address("ar", mine.logical, beats, 1, identifier=number % 3)
        await cycles(dut.aclk, 40)
        waits.append(await revoke(bench, mine) - bench.quiet)
        assert LIMIT // 2 < waits[-1] <= LIMIT + bursts * beats + BOUND, (bursts, beats, waits)
        assert await stalls(bench) == [(1, READ >> 1)]
        raw.takes_r = 1.0
        found = await raw.beats(bursts * beats)
        # What was offered before the revocation stays as it was; of everything else the master sees nothing. (A burst that was asked about
        # after the revocation is not mine, and reads zeros at its own address.)
        good = [beat for beat in found if beat[1] != 0]
        assert found[0] in good and len(good) <= 2, good
        for identifier in range(3):
            lasts = [beat[3] for beat in found if beat[0] == identifier]
            assert lasts == ([0] * (beats - 1) + [1]) * (len(lasts) // beats), (identifier, found)
        assert all(beat[1] == 0 for beat in found if beat[2] == SLVERR)
        await cycles(dut.aclk, 100)
        assert raw.r.empty(), "a beat too many"
        raw.address("ar", theirs.logical, 2, 2)
        assert [beat[2] for beat in await raw.beats(2)] == [OKAY, OKAY]
        done += bursts + 1
    tell("data not taken", done, worst_wait=max(waits))


@cocotb.test(timeout_time=4, timeout_unit="ms")
async def a_drip_of_data_gains_no_time(dut):
    """A beat now and then, each in time by itself: while a command waits, the waits are summed."""
    bench, raw = await bench_with(dut, "drip")
    waits = []
    for letters in ("aw", "ar"):
        mine, theirs = await two_rows(bench)
        beats = min(120, mine.size // bench.bytes)
        raw.gives = raw.takes_r = 0.04
        raw.address(letters, mine.logical, beats, 1, identifier=3)
        if letters == "aw":
            raw.data([7] * beats)
        await cycles(dut.aclk, 40)
        waits.append(await revoke(bench, theirs) - bench.quiet)
        assert LIMIT // 2 < waits[-1] <= LIMIT + beats + BOUND, (letters, waits)
        raw.gives = raw.takes_r = 1.0
        if letters == "aw":
            assert await raw.answer() == (3, SLVERR)
        else:
            await raw.beats(beats)
        assert await stalls(bench) == [(1, int(letters == "aw"))]
    tell("a drip", len(waits), worst_wait=max(waits))


@cocotb.test(timeout_time=4, timeout_unit="ms")
async def without_a_limit_a_command_waits(dut):
    """STALL_LIMIT 0 means that nothing is ended; a limit that is written later ends what waits."""
    bench, raw = await bench_with(dut, "off")
    mine, theirs = await two_rows(bench)
    device = bench.device
    await device.write("STALL_LIMIT", 0)
    raw.address("aw", mine.logical, 4, 1)
    await cycles(dut.aclk, 40)
    await device.write("CMD_SLOT", theirs.slot)
    await device.write("CMD", device.registers.code("CMD", "command", "Destroy"))
    for _ in range(80):
        await cycles(dut.aclk, 20)
        assert await busy(device), "nothing holds the command up"
    await device.write("STALL_LIMIT", LIMIT)
    await cycles(dut.aclk, LIMIT + bench.quiet + BOUND)
    assert not await busy(device)
    tell("no limit", 1)


@cocotb.test(timeout_time=4, timeout_unit="ms")
async def a_memory_that_does_not_move_is_told(dut):
    """It is no master's fault: STATUS and the alert say so, no tenant is logged, no burst is granted until it moves again."""
    bench, raw = await bench_with(dut, "memory")
    device, stopped = bench.device, [False]

    def stops():
        while True:
            yield stopped[0]
    for channel in bench.channels():
        channel.set_pause_generator(stops())

    async def stalled():
        return device.registers.field("STATUS", "memory_stalled", await device.read("STATUS"))
    for letters in ("aw", "ar"):
        mine, _ = await two_rows(bench)
        await device.write("IRQ_STATUS", 0xF)
        await cycles(dut.aclk, 20)
        assert not await stalled() and not int(dut.alert.value)
        stopped[0] = True
        raw.address(letters, mine.logical, 4, 1)
        if letters == "aw":
            raw.data([1, 2, 3, 4])
        await cycles(dut.aclk, 2 * LIMIT)
        assert await stalled() and int(dut.alert.value)
        before = dict(bench.watcher.bursts)
        raw.address("aw", mine.logical + 64, 1, 1)
        raw.address("ar", mine.logical + 64, 1, 1)
        raw.data([5])
        await cycles(dut.aclk, 2 * LIMIT)
        assert before == bench.watcher.bursts
        assert await stalls(bench) == []
        stopped[0] = False
        for _ in range(1 + (letters == "aw")):
            assert (await raw.answer())[1] == OKAY
        assert all(beat[2] == OKAY for beat in await raw.beats(1 + 4 * (letters == "ar")))
        assert not await stalled()
    tell("a memory that stops", 6)


@cocotb.test(timeout_time=400, timeout_unit="ms")
async def hostile_masters_change_nothing_for_the_control_side(dut):
    """Random masters that stop, drip and go on, while partitions are revoked: every burst is answered once, in its order; every
    command ends in time; nothing lands in a block after its revocation."""
    bench, raw = await bench_with(dut, "hostile", limit=60)
    Watcher(dut, "s_axi")
    random, device = raw.random, bench.device
    for channel in bench.channels():
        channel.set_pause_generator(pauses(random, 0.2))
    rows = await two_rows(bench)
    quiet = await timed(bench, "Protect", rows[0])
    rows = await two_rows(bench)
    most_beats = 8 * 16
    asked = {"aw": [], "ar": []}
    answers, beats = [], []
    going = [True]

    async def collect_b():
        while True:
            answer = await raw.b.recv()
            answers.append((int(answer.bid), int(answer.bresp)))

    async def collect_r():
        while True:
            beat = await raw.r.recv()
            beats.append((int(beat.rid), int(beat.rdata), int(beat.rresp), int(beat.rlast)))
    cocotb.start_soon(collect_b())
    cocotb.start_soon(collect_r())

    async def moods():
        while going[0]:
            raw.gives = random.choice([0.0, 0.02, 0.3, 1.0, 1.0])
            raw.takes_b = random.choice([0.0, 0.1, 1.0, 1.0])
            raw.takes_r = random.choice([0.0, 0.02, 0.3, 1.0, 1.0])
            await cycles(dut.aclk, random.randrange(1, 240))
        raw.gives = raw.takes_b = raw.takes_r = 1.0
    mood = cocotb.start_soon(moods())

    async def flood(letters):
        source = raw.aw if letters == "aw" else raw.ar
        while going[0]:
            row = random.choice(rows)
            count, identifier = random.choice([1, 1, 2, 4, 16]), random.randrange(4)
            tenant = random.choice([1, 2])
            raw.address(letters, row.logical + random.randrange(8) * 32, count, tenant, identifier=identifier)
            asked[letters].append((identifier, count))
            if letters == "aw":
                raw.data([random.getrandbits(32) | 1] * count)
            while source.count() > 2:
                await RisingEdge(dut.aclk)
    floods = [cocotb.start_soon(flood("aw")), cocotb.start_soon(flood("ar"))]
    worst = longest = 0
    commands = max(12, TRANSACTIONS // 12)
    for _ in range(commands):
        await cycles(dut.aclk, random.randrange(1, 180))
        row = random.choice(list(bench.rows.values()))
        worst = max(worst, await timed(bench, "Protect", row))
        await cycles(dut.aclk, random.randrange(1, 60))
        longest = max(longest, await revoke(bench, row))
        assert await bench.memory.read(row.physical, row.size) == bytes(row.size), "a beat landed in a block that was cleared"
        bench.past.clear()
        made = await bench.create(row.tenant, row.logical - device.window_base, row.size, row.rights)
        rows[rows.index(next(one for one in rows if one.tenant == made.tenant))] = made
        await device.records(limit=8)
    going[0] = False
    for task in [mood, *floods]:
        await task
    for _ in range(4000):
        await cycles(dut.aclk, 20)
        if len(answers) == len(asked["aw"]) and len(beats) == sum(count for _, count in asked["ar"]):
            break
    await cycles(dut.aclk, 200)
    assert len(answers) == len(asked["aw"]), (len(answers), len(asked["aw"]))
    for identifier in range(4):
        assert sum(one[0] == identifier for one in answers) == sum(one[0] == identifier for one in asked["aw"])
        lasts = [beat[3] for beat in beats if beat[0] == identifier]
        wanted = [last for who, count in asked["ar"] if who == identifier for last in [0] * (count - 1) + [1]]
        assert lasts == wanted, (identifier, lasts, wanted)
    assert all(data == 0 for _, data, response, _ in beats if response == SLVERR)
    # The memory of this bench moves in four cycles of five. DESTROY scrubs while the masters write, too: it takes turns with them.
    assert worst <= quiet + 60 + most_beats * 5 // 4 + BOUND, (worst, quiet)
    refused = sum(one[1] == SLVERR for one in answers)
    assert 0 < refused < len(answers)
    tell("hostile masters", len(answers) + len(asked["ar"]), commands=3 * commands, longest_protect=worst, alone=quiet,
         longest_destroy=longest, refused=refused)
