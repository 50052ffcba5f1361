"""The Partition Manager as its control master sees it, whatever bus carries the registers.

A bus is an object with `async read(offset) -> int` and `async write(offset, value)` that raise `BusError` when refused.
"""

from dataclasses import dataclass

READ, WRITE, EXECUTE, ISOLATED, LOCKED = 1, 2, 4, 8, 16
#: The codes of reasons that the suites look for in the log.
OUT_OF_RANGE, STALLED = 2, 9


class BusError(Exception):
    """A register access was refused."""


@dataclass
class Record:
    """An audit record."""

    sequence: int
    event: int
    tenant: int
    slot: int
    kind: int
    reason: int
    address: int


class Device:
    """Boot, commands and the log."""

    def __init__(self, bus, registers):
        self.bus, self.registers = bus, registers

    async def read(self, name):
        return await self.bus.read(self.registers.offset[name])

    async def write(self, name, value):
        await self.bus.write(self.registers.offset[name], value & 0xFFFF_FFFF)

    async def write_wide(self, name, value):
        await self.write(f"{name}_LO", value)
        if self.address_bits > 32:
            await self.write(f"{name}_HI", value >> 32)

    async def identify(self):
        """Reads the geometry; what the other methods need."""
        assert await self.read("ID") == 0x504D4752
        low, high = await self.read("GEOMETRY0"), await self.read("GEOMETRY1")
        field = self.registers.field
        self.address_bits = field("GEOMETRY0", "address_bits", low)
        self.granule = 1 << field("GEOMETRY0", "granule_bits", low)
        self.window = 1 << field("GEOMETRY0", "window_bits", low)
        self.pool = 1 << field("GEOMETRY0", "pool_bits", low)
        #: Bytes of the largest partition of the suites: a pool may be larger than a window, and a scrub takes a cycle for each word.
        self.largest = min(self.window, self.pool, 1 << 16)
        self.tenants = field("GEOMETRY1", "tenants", high)
        self.slots = field("GEOMETRY1", "slots", high)
        # Where the suites put things: the pool in the upper half, the window above as many bytes as it has.
        self.pool_base, self.window_base = 1 << self.address_bits - 1, self.window

    async def boot(self, strict=None):
        """Waits for the sweep, configures, opens the gate, with a strict window or not, or as it was built; without the feature `boot`."""
        await self.identify()
        state = None
        while state != "Closed":
            state = self.registers.member("BOOT_STATE", "state", await self.read("BOOT_STATE"))
        await self.write_wide("POOL_BASE", self.pool_base)
        await self.write_wide("POOL_SIZE", self.pool)
        await self.write_wide("WINDOW_BASE", self.window_base)
        await self.write("CONTROL", {None: 1, True: 3, False: 5}[strict])
        while state != "Active":
            shown = await self.read("BOOT_STATE")
            state = self.registers.member("BOOT_STATE", "state", shown)
            assert state in ("Closed", "Checking", "Active"), state
        #: Whether an address in the window that no partition has is refused.
        self.strict = self.registers.field("BOOT_STATE", "strict", shown) == 1
        assert strict in (None, self.strict), shown

    async def command(self, name, tenant=0, slot=0, logical=0, size=0, rights=0):
        """Runs a command to its end: its status by name, the slot, the physical base."""
        await self.write("CMD_TENANT", tenant)
        await self.write("CMD_SLOT", slot)
        await self.write_wide("CMD_LOGICAL", logical)
        await self.write_wide("CMD_SIZE", size)
        await self.write("CMD_RIGHTS", rights)
        await self.write("CMD", self.registers.code("CMD", "command", name))
        busy = 1
        while busy:
            result = await self.read("RESULT")
            busy = self.registers.field("RESULT", "busy", result)
        status = self.registers.member("RESULT", "status", result)
        physical = await self.read("RESULT_PHYSICAL_LO")
        if self.address_bits > 32:
            physical |= await self.read("RESULT_PHYSICAL_HI") << 32
        return status, self.registers.field("RESULT", "slot", result), physical

    async def records(self, limit=None):
        """Takes every record that waits, or some: under load they may come faster than they are taken."""
        found = []
        while len(found) != limit and self.registers.field("AUDIT_LEVEL", "waiting", await self.read("AUDIT_LEVEL")):
            words = []
            for _ in range(5):
                words.append(await self.read("AUDIT_DATA"))
                await self.write("AUDIT_POP", 1)
            found.append(Record(
                sequence=words[0], event=words[2] >> 28, tenant=words[2] & 0xFF, slot=words[2] >> 8 & 0xFF,
                kind=words[2] >> 20 & 15, reason=words[2] >> 24 & 15, address=words[3] | (words[4] & 0xFFFF) << 32))
        return found
