"""The Wishbone guard and its control slave, driven by cocotbext-wishbone, against a shadow memory and a model of the partitions."""

import cocotb
from cocotb.triggers import RisingEdge
from cocotb.utils import get_sim_time

from apb_bus import ApbControl
from bench import TRANSACTIONS, choice, cycles, start_clock, tell
from device import EXECUTE, ISOLATED, OUT_OF_RANGE, READ, WRITE, BusError, Device
from partitions import Partitions
from registers import Registers
from wishbone_bus import CLASSIC, CONSTANT, END, INCREMENTING, WRAP, Control, Masters, Memory, following

ACK, ERR = 1, 2

#: Cycles from a beat at the guard to the beat at the memory or the refusal: of a row, and not of a row. The datasheet has these four.
MANAGED = 7
HANDED_ON = 15
#: Cycles from an access of a register to its answer, and to its refusal for its `sel`.
REGISTER = 6
PARTIAL = 1


class System:
    """The device between its masters and its memory."""

    def __init__(self, dut, name):
        self.dut, self.choice = dut, choice(name)
        self.memory = Memory(dut, self.choice.random(), self.judge)
        self.partitions = None
        self.current, self.first = [], 0
        self.transactions = self.denied = self.scrubbed = 0
        self.times = []

    async def start(self):
        """Clock, reset, and nothing else."""
        start_clock(self.dut.clk_i)
        await self.reset()
        cocotb.start_soon(self.memory.run())

    async def connect(self):
        """New masters, during a reset; the old ones may have been stopped anywhere."""
        apb = hasattr(self.dut, "s_apb_psel")
        self.control, self.masters = ApbControl(self.dut, self.dut.clk_i) if apb else Control(self.dut), Masters(self.dut)
        for bus in ("wbs",) if apb else ("wbs", "wbc"):
            for signal in ("cyc", "stb", "we", "adr", "dat"):
                getattr(self.dut, f"{bus}_{signal}_i").value = 0
        self.dut.wbs_cti_i.value = self.dut.wbs_bte_i.value = 0
        await RisingEdge(self.dut.clk_i)
        self.device = Device(self.control, Registers())

    async def reset(self):
        self.dut.rst_i.value = 1
        await self.connect()
        await cycles(self.dut.clk_i, 2)
        self.dut.rst_i.value = 0

    async def boot(self, strict=None):
        await self.device.boot(strict)
        if self.partitions is None:
            self.partitions = Partitions(self.device)
        self.partitions.device = self.device

    def judge(self, write, address, data, select, cti, failed):
        """A beat was done at the memory: whose is it?"""
        self.times.append(get_sim_time("ns") // 10)
        place = self.memory.answered - self.first
        if place < len(self.current):
            access = self.current[place]
            written = access.kind == "write"
            fits = written == write and access.select == select and (not written or access.data == data)
            if fits and not access.seen and access.reaches(address) is not None:
                access.failed = failed
                if failed:
                    access.seen = True
                else:
                    self.partitions.reached(access, address, write, data, select)
                return
        scrubs = write and data == 0 and select == 15 and cti == CLASSIC and self.partitions.free(address)
        assert scrubs, f"nobody was granted this: write {write}, {address:#x}, {data:#x}"
        self.scrubbed += 1

    async def run(self, tenant, kind, beats):
        """Some beats, and whether each came to what it should; the codes."""
        accesses = []
        for address, data, select, _, _, _ in beats:
            access = self.partitions.begin(tenant, address, kind)
            access.data, access.select, access.failed = data, select, False
            accesses.append(access)
        self.current, self.first = accesses, self.memory.answered
        results = await self.masters.run(tenant, kind, beats)
        self.current = []
        for access, (code, data) in zip(accesses, results):
            what = f"tenant {tenant} {kind} {access.address:#x}: {code} {data:#x}, {access.places}"
            self.partitions.end(access)
            if code == ACK:
                assert access.seen and not access.failed, f"acknowledged, and the memory did not do it: {what}"
                if kind == "write":
                    assert data == 0, what
                elif access.expected is not None:
                    assert data in access.expected, f"{what}, expected {access.expected}"
            else:
                assert code == ERR and data == 0, what
                assert access.failed or (None in access.places and not access.seen), f"refused without a reason: {what}"
        self.transactions += 1
        codes = [code for code, _ in results]
        self.denied += ERR in codes
        return codes

    def beats(self):
        """A tenant, a kind, and the beats of a random transaction."""
        choice, device = self.choice, self.device
        (*_, state) = self.partitions.states
        rows = sorted((row for row in state if row.tenant >= 0), key=lambda row: (row.tenant, row.logical))
        tenant = choice.randrange(4) if choice.random() < 0.97 else 200
        where = choice.random()
        if rows and where < 0.6:
            row = choice.choice(rows)
            address = row.logical + choice.randrange(row.size)
            # Its owner, mostly.
            tenant = row.tenant if choice.random() < 0.8 else tenant
        elif rows and where < 0.75:
            row = choice.choice(rows)
            address = (device.pool_base if row.physical is None else row.physical) + choice.randrange(row.size)
        elif where < 0.9:
            address = device.pool_base + choice.randrange(device.pool)
        else:
            address = choice.choice([0x100, device.window_base, device.pool_base - device.granule]) + choice.randrange(device.granule)
        address &= -4
        kind = choice.choice(["read", "read", "write", "write", "fetch"])
        shape, count, bte = choice.random(), 1, 0
        if shape < 0.6:
            cti = choice.choice([CLASSIC, CLASSIC, END])
        elif shape < 0.75:
            cti, count = INCREMENTING, choice.randrange(2, 21)
        elif shape < 0.95:
            cti, bte = INCREMENTING, choice.randrange(1, 4)
            count = WRAP[bte] // 4
        else:
            cti, count = CONSTANT, choice.randrange(2, 20)
        waits = choice.choice([0.0, 0.0, 0.3])
        beats = []
        for number in range(count):
            code = END if count > 1 and number + 1 == count else cti
            idle = choice.randrange(1, 4) if choice.random() < waits else 0
            select = 15 if count > 1 and choice.random() < 0.7 else choice.randrange(1, 16)
            beats.append((address, choice.randrange(1, 1 << 32), select, idle, code, bte))
            address = following(address, cti, bte) if count > 1 else address
        return tenant, kind, beats

    async def traffic(self, count):
        for _ in range(count):
            self.memory.waits = self.choice.choice([0.0, 0.3, 0.8, 0.97]) if self.choice.random() < 0.1 else self.memory.waits
            await self.run(*self.beats())
            await cycles(self.dut.clk_i, self.choice.choice([0, 0, 1, 5]))

    async def commands(self, log):
        """Command after command, for ever; the log is kept from filling."""
        while True:
            done = await self.partitions.change(self.choice)
            log[done] = log.get(done, 0) + 1
            await self.device.records(limit=3)
            await cycles(self.dut.clk_i, self.choice.randrange(200))

    def tell(self, test, **more):
        tell(test, self.transactions, denied=self.denied, beats_at_the_memory=self.memory.beats,
             bursts_ended_by_the_guard=self.memory.ends, scrub_words=self.scrubbed, **more)


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def control_slave(dut):
    """Registers answer; what is refused ends in err and does nothing."""
    system = System(dut, "control")
    await system.start()
    await system.boot()
    control, offset = system.control, system.device.registers.offset
    for access in (lambda: control.read(0xFC), lambda: control.read(0x31), lambda: control.write(offset["ID"], 0),
                   lambda: control.access(offset["CMD_TENANT"], 9, select=7), lambda: control.access(offset["ID"], None, select=1)):
        try:
            await access()
        except BusError:
            continue
        raise AssertionError("it was not refused")
    assert await system.device.read("CMD_TENANT") == 0
    for value in (5, 2):
        await system.device.write("CMD_TENANT", value)
        assert await system.device.read("CMD_TENANT") == value
    assert system.memory.beats == 0


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def a_closed_device_passes_nothing(dut):
    system = System(dut, "closed")
    await system.start()
    for kind in ("read", "write", "fetch"):
        for address in (0, 0x1_0000, 0x8000_0000):
            beats = [(address + 4 * beat, 0x55, 15, 0, INCREMENTING if beat < 3 else END, 0) for beat in range(4)]
            assert await system.masters.run(1, kind, beats) == [(ERR, 0)] * 4
    assert system.memory.beats == 0


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def malformed_cycles(dut):
    """No byte, reserved cycle types, odd addresses, a write that fetches: err, nothing at the memory, and a record."""
    system = System(dut, "malformed")
    await system.start()
    await system.boot()
    base = system.device.window_base
    assert await system.partitions.create(1, base, system.device.granule, READ | WRITE | EXECUTE | ISOLATED) == "Ok"
    await system.device.records()
    before = system.memory.beats
    malformed = [("read", 0, 0, 0), ("write", 0, 0, 0), ("write", 0, 15, CLASSIC)]
    malformed += [(kind, low, 15, 0) for low in (1, 2, 3) for kind in ("read", "write")]
    malformed += [(kind, 0, 15, cti) for cti in (3, 4, 5, 6) for kind in ("read", "write")]
    for kind, low, select, cti in malformed:
        # Of the writes one says that it fetches.
        fetch = (kind, low, select, cti) == ("write", 0, 15, CLASSIC)
        (result,) = await system.masters.run(1, kind, [(base + low, 0x77, select, 0, cti, 0)], fetch)
        assert result == (ERR, 0), (kind, low, select, cti, result)
        (record,) = await system.device.records()
        assert (record.tenant, record.address, record.kind, record.reason) == (1, base + low, 3, OUT_OF_RANGE), record
        assert await system.run(1, "read", [(base, 0, 15, 0, CLASSIC, 0)]) == [ACK]
    assert system.memory.beats == before + len(malformed)


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def a_beat_a_cycle(dut):
    """A granted burst takes a cycle a beat after its first, whatever its kind."""
    system = System(dut, "pace")
    await system.start()
    await system.boot()
    base = system.device.window_base
    assert await system.partitions.create(1, base, system.device.granule, READ | WRITE) == "Ok"
    system.memory.waits = 0.0
    for kind in ("read", "write"):
        for cti, bte, first in ((INCREMENTING, 0, 0), (INCREMENTING, 1, 4), (INCREMENTING, 2, 8), (INCREMENTING, 3, 0x34), (CONSTANT, 0, 4)):
            count = 16 if bte == 0 else WRAP[bte] // 4
            address, beats = base + first, []
            for number in range(count):
                beats.append((address, number + 1, 15, 0, cti if number + 1 < count else END, bte))
                address = following(address, cti, bte)
            system.times.clear()
            assert await system.run(1, kind, beats) == [ACK] * count
            assert system.times[-1] - system.times[0] == count - 1, (kind, cti, bte, system.times)


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def time_to_memory(dut):
    """Cycles from a beat to the memory, or to the answer: what the datasheet says."""
    system = System(dut, "latency")
    await system.start()
    await system.boot()
    base, pool = system.device.window_base, system.device.pool_base
    assert await system.partitions.create(1, base, system.device.granule, READ | ISOLATED) == "Ok"

    async def measure(strobe, answer):
        await RisingEdge(strobe)
        start = get_sim_time("ns")
        await RisingEdge(answer)
        return round(get_sim_time("ns") - start) // 10

    async def between(answer, tenant, kind, address):
        await cycles(dut.clk_i, 3)
        task = cocotb.start_soon(measure(dut.wbs_stb_i, answer))
        await system.run(tenant, kind, [(address, 1, 15, 0, CLASSIC, 0)])
        return await task

    async def register(answer, select):
        await cycles(dut.clk_i, 3)
        task = cocotb.start_soon(measure(dut.wbc_stb_i, answer))
        try:
            await system.control.access(0, None, select)
        except BusError:
            pass
        return await task

    assert await between(dut.wbm_stb_o, 1, "read", base) == MANAGED
    assert await between(dut.wbm_stb_o, 2, "read", base + system.device.window) == HANDED_ON
    assert await between(dut.wbs_err_o, 2, "read", base) == MANAGED
    assert await between(dut.wbs_err_o, 1, "write", base) == MANAGED
    assert await between(dut.wbs_err_o, 1, "read", pool) == HANDED_ON
    assert await register(dut.wbc_ack_o, 15) == REGISTER
    assert await register(dut.wbc_err_o, 1) == PARTIAL


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def a_stale_pointer_faults(dut):
    """In a strict window what no partition has is refused and logged, before CREATE and after DESTROY; a window that is not strict
    hands such an address on. The guard is built strict."""
    system = System(dut, "stale")
    await system.start()
    for strict in (None, True, False):
        await system.reset()
        await system.boot(strict)
        device = system.device
        assert strict is not None or device.strict
        base, end = device.window_base, device.window_base + device.window
        assert await system.partitions.create(1, base, device.granule, READ | WRITE | ISOLATED) == "Ok"
        assert await system.run(1, "write", [(base, 1, 15, 0, CLASSIC, 0)]) == [ACK]
        row = next(iter(system.partitions.states[0]))
        assert await system.partitions.destroy(row) == "Ok"
        await device.records()
        for address in (base, base + device.granule, end - 4):
            for kind in ("read", "write"):
                assert await system.run(1, kind, [(address, 1, 15, 0, CLASSIC, 0)]) == [ERR if device.strict else ACK]
                found = [(record.tenant, record.reason, record.address) for record in await device.records()]
                reason = device.registers.code("FAULT_INFO", "reason", "InvalidPartition")
                assert found == ([(1, reason, address)] if device.strict else []), found
        assert await system.run(1, "read", [(end, 1, 15, 0, CLASSIC, 0)]) == [ACK]
        system.partitions.reset()
    system.tell("a_stale_pointer_faults")


@cocotb.test(timeout_time=400, timeout_unit="ms")
async def random_traffic(dut):
    """Several tenants, random waits on both sides, while partitions come and go."""
    system = System(dut, "traffic")
    await system.start()
    await system.boot(strict=system.choice.choice([None, True, False]))
    log = {}
    commands = cocotb.start_soon(system.commands(log))
    await system.traffic(TRANSACTIONS)
    commands.cancel()
    done = {f"{action}_{status}": count for (action, status), count in sorted(log.items())}
    assert system.denied * 20 > system.transactions and system.scrubbed > 0, "little was denied, or cleared"
    assert {"create", "destroy", "protect"} <= {action for action, _ in log} or TRANSACTIONS < 300
    system.tell("random_traffic", **done)


@cocotb.test(timeout_time=400, timeout_unit="ms")
async def a_memory_that_fails(dut):
    """Its errors reach the master, and a scrub word that fails is written again."""
    system = System(dut, "failing")
    await system.start()
    await system.boot(strict=system.choice.choice([None, True, False]))
    system.memory.fails = 0.2
    log = {}
    commands = cocotb.start_soon(system.commands(log))
    await system.traffic(TRANSACTIONS // 3)
    # Large granules take long to scrub, as one word in five fails: the first command may not be over yet.
    while not log:
        await system.traffic(10)
    commands.cancel()
    assert system.memory.failed > 0
    system.tell("a_memory_that_fails", beats_that_failed=system.memory.failed)


@cocotb.test(timeout_time=400, timeout_unit="ms")
async def reset_at_random_moments(dut):
    """Nothing of what was under way is left, and the device is closed until it is booted again."""
    system = System(dut, "reset")
    await system.start()
    await system.boot()
    resets = max(4, TRANSACTIONS // 30)
    for _ in range(resets):
        log = {}
        tasks = [cocotb.start_soon(system.commands(log)), cocotb.start_soon(system.traffic(1 << 30))]
        await cycles(dut.clk_i, system.choice.randrange(50, 1500))
        for task in tasks:
            task.cancel()
        for master in (system.masters.master, system.control.master):
            master.busy = False
        dut.rst_i.value = 1
        for access in list(system.partitions.under_way):
            for place in access.places - {None}:
                if access.kind == "write" and not place.anywhere:
                    system.partitions.shadow.forget(place.physical)
            system.partitions.end(access)
        system.current = []
        await system.connect()
        for _ in range(3):
            await RisingEdge(dut.clk_i)
            for signal in ("wbm_cyc_o", "wbm_stb_o", "wbs_ack_o", "wbs_err_o", "wbc_ack_o", "wbc_err_o", "wbs_dat_o", "wbm_dat_o"):
                assert int(getattr(dut, signal).value) == 0, signal
        dut.rst_i.value = 0
        system.partitions.reset()
        before = system.memory.beats
        for address in (system.partitions.device.pool_base, system.partitions.device.window_base):
            (result,) = await system.masters.run(1, "read", [(address, 0, 15, 0, CLASSIC, 0)])
            assert result == (ERR, 0), "it is closed"
        assert system.memory.beats == before
        await system.boot()
    system.tell("reset_at_random_moments", resets=resets)
