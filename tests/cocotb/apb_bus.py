"""APB4 for the control registers, driven by cocotbext-apb, and the rules that a completer keeps."""

import logging

import cocotb
from cocotb.triggers import RisingEdge
from cocotbext.apb import ApbBus, ApbHost, ApbMonitor

from device import BusError


class Watcher:
    """What the completer shows: `pready` only in an access phase and for one cycle, the rest only with it. Keeps the last error."""

    def __init__(self, dut, prefix, clock, reset=None):
        self.reset = reset
        self.signals = {name: getattr(dut, f"{prefix}_{name}")
                        for name in ("psel", "penable", "pwrite", "pready", "prdata", "pslverr")}
        self.clock, self.failed, self.answers = clock, False, 0
        cocotb.start_soon(self.run())

    async def run(self):
        selected = enabled = answered = False
        while True:
            await RisingEdge(self.clock)
            if self.reset is not None and self.reset.value:
                selected = enabled = answered = False
                continue
            value = {name: int(signal.value) if signal.value.is_resolvable else 0 for name, signal in self.signals.items()}
            if value["pready"]:
                assert value["psel"] and value["penable"], "an answer outside of an access phase"
                assert selected and not (answered and enabled), "an answer without a setup phase, or twice"
                self.failed = bool(value["pslverr"])
                self.answers += 1
                assert value["prdata"] == 0 or not (value["pwrite"] or self.failed), "data without a read that went well"
            else:
                assert not value["pslverr"] and value["prdata"] == 0, "an error or data without an answer"
            selected, enabled, answered = value["psel"], value["penable"], value["pready"]


class Objections(logging.Handler):
    """The monitor only logs what breaks a rule of APB: here that fails the test."""

    def emit(self, record):
        raise AssertionError(record.getMessage())


def host(dut, prefix, clock):
    """The driver and its monitor, which object but do not tell of every transfer."""
    logging.disable(logging.INFO)
    made = ApbHost(ApbBus.from_prefix(dut, prefix), clock), ApbMonitor(ApbBus.from_prefix(dut, prefix), clock)
    objections = Objections(logging.ERROR)
    if not any(isinstance(handler, Objections) for handler in made[1].log.handlers):
        made[1].log.addHandler(objections)
    return made


class ApbControl:
    """Registers through `s_apb`."""

    def __init__(self, dut, clock):
        self.master, self.monitor = host(dut, "s_apb", clock)
        self.watcher, self.clock = Watcher(dut, "s_apb", clock), clock
        # The driver takes an error that was not foretold for a failure of the test; here it is the caller's to judge.
        self.master.pslverr_present = False

    async def access(self, offset, value, select=15):
        if value is None:
            data = int.from_bytes(await self.master.read(offset), "little")
        else:
            data = 0
            await self.master.write(offset, value, strb=select)
        # The driver goes on before the edge at which the transfer ends.
        await RisingEdge(self.clock)
        await RisingEdge(self.clock)
        if self.watcher.failed:
            assert data == 0, "data with an error"
            raise BusError(f"offset {offset:#x}")
        return data

    async def read(self, offset):
        return await self.access(offset, None)

    async def write(self, offset, value):
        await self.access(offset, value)
