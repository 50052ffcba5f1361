"""The AXI4 guard between masters and a memory of cocotbext-axi: what the suites of the guard share. The watcher sees every cycle of
`m_axi`: nothing shows there that was not granted."""

import itertools
from dataclasses import dataclass

import cocotb
from cocotb.triggers import ReadOnly, RisingEdge, with_timeout
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiResp, AxiSlave, SparseMemoryRegion
from cocotbext.axi.axi_channels import (AxiARBus, AxiARSource, AxiAWBus, AxiAWSource, AxiBBus, AxiBSink, AxiRBus, AxiRSink,
                                        AxiWBus, AxiWSource)

from apb_bus import ApbControl
from bench import cycles, start_clock
from device import EXECUTE, ISOLATED, READ, WRITE, BusError, Device
from registers import Registers

FIXED, INCR, WRAP = 0, 1, 2
OKAY, EXOKAY, SLVERR = 0, 1, 2


class LiteBus:
    """The register port by AXI4-Lite."""

    def __init__(self, master):
        self.master = master

    async def read(self, offset):
        answer = await self.master.read(offset, 4)
        if answer.resp != AxiResp.OKAY:
            raise BusError(offset)
        return int.from_bytes(answer.data, "little")

    async def write(self, offset, value):
        answer = await self.master.write(offset, value.to_bytes(4, "little"))
        if answer.resp != AxiResp.OKAY:
            raise BusError(offset)


@dataclass
class Row:
    """A partition."""

    tenant: int
    logical: int
    size: int
    rights: int
    slot: int
    physical: int


def touched(address, beats, size, burst):
    """First and last byte of a burst."""
    width = 1 << size
    aligned = address // width * width
    if burst == FIXED:
        return address, aligned + width - 1
    if burst == WRAP:
        base = address // (width * beats) * width * beats
        return base, base + width * beats - 1
    return address, aligned + width * beats - 1


class Watcher:
    """Sees what the memory sees: every address with its bytes, every write beat; and that offers stay as they are."""

    CHANNELS = {"aw": ("addr", "len", "size", "burst", "id", "user"), "w": ("data", "strb", "last"),
                "ar": ("addr", "len", "size", "burst", "id", "user")}

    def __init__(self, dut, side="m_axi", check=None):
        self.dut, self.side, self.check = dut, side, check
        self.bursts = {"aw": 0, "ar": 0}
        self.beats = {"w": 0, "r": 0}
        cocotb.start_soon(self.run())

    def value(self, name):
        return getattr(self.dut, f"{self.side}_{name}").value

    async def run(self):
        waiting = {}
        owed = 0
        while True:
            await RisingEdge(self.dut.aclk)
            await ReadOnly()
            if not self.dut.aresetn.value.is_resolvable or not int(self.dut.aresetn.value):
                waiting, owed = {}, 0
                continue
            for channel, names in self.CHANNELS.items():
                if not self.value(f"{channel}valid").is_resolvable or not int(self.value(f"{channel}valid")):
                    assert channel not in waiting, f"{self.side}_{channel} took back its offer"
                    continue
                offer = tuple(int(self.value(channel + name)) for name in names)
                assert waiting.get(channel, offer) == offer, f"{self.side}_{channel} changed its offer"
                waiting[channel] = offer
                if int(self.value(f"{channel}ready")):
                    del waiting[channel]
                    if channel == "w":
                        self.beats["w"] += 1
                    else:
                        self.bursts[channel] += 1
                        if self.check:
                            self.check(channel, *offer)
            if int(self.value("rvalid")) and int(self.value("rready")):
                self.beats["r"] += 1


class Bench:
    """The guard, a memory behind it, its control master."""

    def __init__(self, dut, check=True):
        self.dut = dut
        self.bytes = len(dut.s_axi_wdata) // 8
        dut.aresetn.value = 0
        for name in ("awvalid", "wvalid", "arvalid", "bready", "rready"):
            getattr(dut, f"s_axi_{name}").value = 0
        start_clock(dut.aclk)
        low = {"reset_active_level": False}
        self.memory = SparseMemoryRegion(1 << 48)
        self.slave = AxiSlave(AxiBus.from_prefix(dut, "m_axi"), dut.aclk, dut.aresetn, target=self.memory, **low)
        if hasattr(dut, "s_apb_psel"):
            self.device = Device(ApbControl(dut, dut.aclk), Registers())
        else:
            self.control = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.aclk, dut.aresetn, **low)
            self.device = Device(LiteBus(self.control), Registers())
        self.rows = {}
        self.past = []
        self.watcher = Watcher(dut, check=self.legal if check else None)

    def legal(self, channel, address, length, size, burst, _identifier, user):
        """What shows on m_axi lies whole in a partition of its tenant, or in no isolated one."""
        first, last = touched(address, length + 1, size, burst)
        kind = WRITE if channel == "aw" else READ | EXECUTE
        if channel == "aw" and (length, size, user) == (0, 2, 0) and any(first in block for block in self.scrubbed()):
            return
        for row in itertools.chain(self.rows.values(), self.past):
            if first < row.physical + row.size and last >= row.physical and row.rights & ISOLATED:
                inside = row.physical <= first and last < row.physical + row.size
                assert inside and row.tenant == user & 0xFF and row.rights & kind, (channel, hex(first), hex(last), user, row)

    def scrubbed(self):
        """Where the scrubber may be at work: anywhere in the pool."""
        return [range(self.device.pool_base, self.device.pool_base + self.device.pool)]

    async def start(self, strict=None):
        self.dut.aresetn.value = 0
        await cycles(self.dut.aclk, 4)
        self.dut.aresetn.value = 1
        await cycles(self.dut.aclk, 2)
        await self.device.boot(strict)
        return self

    async def create(self, tenant, offset, size, rights):
        """A partition; `offset` counts from the window's begin."""
        logical = self.device.window_base + offset
        status, slot, physical = await self.device.command("Create", tenant, 0, logical, size, rights)
        assert status == "Ok", status
        self.rows[slot] = Row(tenant, logical, size, rights, slot, physical)
        return self.rows[slot]

    def decide(self, tenant, first, last, kind):
        """Physical address of the first byte, or None for a refusal."""
        device = self.device
        if device.window_base <= first < device.window_base + device.window:
            for row in self.rows.values():
                if row.tenant == tenant and row.logical <= first < row.logical + row.size:
                    physical = row.physical + first - row.logical
                    whole = last < row.logical + row.size and physical // 4096 == (physical + last - first) // 4096
                    return physical if whole and row.rights & kind else None
            if device.strict:
                return None
        for row in self.rows.values():
            if row.rights & ISOLATED and first < row.physical + row.size and last >= row.physical:
                return None
        return first

    def channels(self, master=None):
        slave, found = self.slave, []
        for port in (slave, master) if master else (slave,):
            found += [port.write_if.aw_channel, port.write_if.w_channel, port.write_if.b_channel, port.read_if.ar_channel,
                      port.read_if.r_channel]
        return found


def pauses(random, share):
    return (random.random() < share for _ in itertools.count())


class Raw:
    """The five channels by themselves: for what a master that keeps to the protocol cannot say."""

    def __init__(self, dut):
        def channel(kind, bus):
            return kind(bus.from_prefix(dut, "s_axi"), dut.aclk, dut.aresetn, False)
        self.bytes = len(dut.s_axi_wdata) // 8
        self.aw, self.w, self.b = channel(AxiAWSource, AxiAWBus), channel(AxiWSource, AxiWBus), channel(AxiBSink, AxiBBus)
        self.ar, self.r = channel(AxiARSource, AxiARBus), channel(AxiRSink, AxiRBus)

    def address(self, letters, address, beats, user, size=None, burst=INCR, identifier=0, lock=0):
        source = self.aw if letters == "aw" else self.ar
        size = self.bytes.bit_length() - 1 if size is None else size
        offer = source._transaction_obj()
        values = dict(id=identifier, addr=address, len=beats - 1, size=size, burst=burst, lock=lock, cache=3, prot=0, qos=0,
                      region=0, user=user)
        for name, value in values.items():
            setattr(offer, letters + name, value)
        source.send_nowait(offer)

    def data(self, words, last=None):
        """Beats; the place of `last` is the last one's if nothing is said, and nowhere with -1."""
        last = len(words) - 1 if last is None else last
        for place, word in enumerate(words):
            beat = self.w._transaction_obj()
            beat.wdata, beat.wstrb, beat.wlast = word, (1 << self.bytes) - 1, int(place == last)
            self.w.send_nowait(beat)

    async def answer(self, nanoseconds=20_000):
        answer = await with_timeout(self.b.recv(), nanoseconds, "ns")
        return int(answer.bid), int(answer.bresp)

    async def beats(self, count, nanoseconds=40_000):
        found = []
        for _ in range(count):
            beat = await with_timeout(self.r.recv(), nanoseconds, "ns")
            found.append((int(beat.rid), int(beat.rdata), int(beat.rresp), int(beat.rlast)))
        return found
