"""Wishbone around the device: masters by cocotbext-wishbone, and a memory that counts the addresses of a burst by itself."""

import random

from cocotb.triggers import RisingEdge
from cocotbext.wishbone import driver
from cocotbext.wishbone.driver import WBOp, WishboneMaster

from device import BusError
from shadow import Words

# What the driver sets at once Icarus shows and does not pass on; the suites set everything during reset.
driver.set_immediate = lambda signal, value: None

CLASSIC, CONSTANT, INCREMENTING, END = 0, 1, 2, 7
#: Bytes after which a burst wraps, by `bte`.
WRAP = {0: None, 1: 16, 2: 32, 3: 64}


def names(*signals, **more):
    """Signal names of the port list by what cocotbext-wishbone calls them."""
    found = {"cyc": "cyc_i", "stb": "stb_i", "we": "we_i", "adr": "adr_i", "datwr": "dat_i", "datrd": "dat_o", "ack": "ack_o"}
    found.update({"sel": "sel_i", "err": "err_o"})
    found.update({name: f"{name}_i" for name in signals})
    found.update(more)
    return found


def following(address, cycle, burst):
    """The address that a burst announces after this one."""
    if cycle == CONSTANT:
        return address
    wrap = WRAP[burst]
    return address + 4 if wrap is None else address & -wrap | address + 4 & wrap - 1


class Control:
    """Registers through `wbc`."""

    def __init__(self, dut):
        self.master = WishboneMaster(dut, "wbc", dut.clk_i, timeout=2000, signals_dict=names())

    async def access(self, offset, value, select=15):
        (result,) = await self.master.send_cycle([WBOp(offset, value, sel=select)])
        if result.ack != 1:
            assert int(result.datrd) == 0, "data with an error"
            raise BusError(f"offset {offset:#x}")
        return int(result.datrd)

    async def read(self, offset):
        return await self.access(offset, None)

    async def write(self, offset, value):
        await self.access(offset, value)


class Masters:
    """Tenants that take turns on `wbs`."""

    def __init__(self, dut):
        self.dut = dut
        self.master = WishboneMaster(dut, "wbs", dut.clk_i, timeout=4000, signals_dict=names("cti", "bte"))
        self.tag(0, False)

    def tag(self, tenant, fetch):
        self.dut.wbs_tga_i.value = tenant
        self.dut.wbs_tgc_i.value = int(fetch)

    async def run(self, tenant, kind, beats, fetch=False):
        """Offers beats `(address, data, select, idle, cti, bte)`; for each the answer's code (1 ack, 2 err) and data."""
        self.tag(tenant, fetch or kind == "fetch")
        write = kind == "write"
        operations = [WBOp(address, data if write else None, idle, select, cti=cti, bte=bte)
                      for address, data, select, idle, cti, bte in beats]
        results = await self.master.send_cycle(operations)
        assert len(results) == len(beats)
        return [(result.ack, int(result.datrd)) for result in results]


class Memory:
    """A memory on `wbm` with registered feedback, which checks the bus as well.

    In a burst it does not look at the address of a beat but counts it, and offers the acknowledgement of the next beat before it
    sees it. `judge(write, address, data, select, cti)` is called for every beat that is done and says whether it may be.
    """

    def __init__(self, dut, seed, judge):
        self.dut, self.judge, self.random = dut, judge, random.Random(seed)
        self.words = Words()
        #: How likely a beat waits for another cycle, and fails.
        self.waits, self.fails = 0.3, 0.0
        #: Beats, those that failed, and beats of no bytes that ended a burst.
        self.beats = self.failed = self.ends = 0
        #: Beats that the masters were answered, up to the cycle that is judged.
        self.answered = 0

    def sample(self):
        dut = self.dut
        if not dut.wbm_stb_o.value:
            return None
        return tuple(int(signal.value) for signal in (
            dut.wbm_we_o, dut.wbm_adr_o, dut.wbm_dat_o, dut.wbm_sel_o, dut.wbm_cti_o, dut.wbm_bte_o))

    def answer(self, ack, err, data=0xBAD0_BAD0):
        self.dut.wbm_ack_i.value, self.dut.wbm_err_i.value, self.dut.wbm_dat_i.value = ack, err, data

    async def run(self):
        dut, clock = self.dut, RisingEdge(self.dut.clk_i)
        self.answer(0, 0)
        counted = held = None
        ack = err = 0
        while True:
            await clock
            if dut.rst_i.value:
                counted = held = None
                ack = err = 0
                self.answer(0, 0)
                continue
            beat = self.sample()
            cycle = bool(dut.wbm_cyc_o.value)
            assert beat is None or cycle, "a strobe outside a cycle"
            assert held is None or beat == held, f"a beat changed before it was answered: {held} {beat}"
            if not cycle:
                assert counted is None, f"the burst that goes on at {counted:#x} has no end"
                counted, ack, err = None, 0, 0
            done = beat is not None and (ack or err)
            held = None if done else beat
            if done:
                write, address, data, select, cti, bte = beat
                ends = select == 0 and cti == END and counted is not None and data == 0
                assert cti in (CLASSIC, CONSTANT, INCREMENTING, END) and (select != 0 or ends) and address % 4 == 0, beat
                assert counted is None or counted == address, f"the burst goes to {address:#x}, the memory counts {counted:#x}"
                if ends:
                    self.ends += 1
                else:
                    self.beats += 1
                    self.failed += err
                    self.judge(bool(write), address, data, select, cti, bool(err))
                if write and not err:
                    self.words.write(address, data, select)
                counted = following(address, cti, bte) if cti in (CONSTANT, INCREMENTING) else None
                ack, err = int(counted is not None and self.random.random() >= self.waits), 0
                self.answer(ack, 0, self.words.read(counted) if ack else 0xBAD0_BAD0)
            elif beat is not None:
                address = beat[1] if counted is None else counted
                if self.random.random() >= self.waits:
                    err = int(self.random.random() < self.fails)
                    ack = 1 - err
                    self.answer(ack, err, self.words.read(address))
            elif not ack:
                self.answer(0, 0)
            self.answered += bool(dut.wbs_ack_o.value) | bool(dut.wbs_err_o.value)
