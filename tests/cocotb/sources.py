"""The source map of a guard as software sets it."""

from device import BusError

#: Tenant of an access that no entry, or more than one, names.
NOBODY = 255


class SourceMap:
    """The registers SOURCE_*; what is refused raises BusError."""

    def __init__(self, device):
        self.device = device

    async def set(self, index, value, mask, tenant, locked=0):
        """Makes an entry invalid, writes it, and makes it valid."""
        write = self.device.write
        await write("SOURCE_INDEX", index)
        await write("SOURCE_ENTRY", 0)
        await write("SOURCE_VALUE_LO", value & 0xFFFF_FFFF)
        await write("SOURCE_VALUE_HI", value >> 32)
        await write("SOURCE_MASK_LO", mask & 0xFFFF_FFFF)
        await write("SOURCE_MASK_HI", mask >> 32)
        await write("SOURCE_ENTRY", tenant | 1 << 8 | locked << 9)

    async def entry(self, index):
        """Value, mask, tenant, valid and locked of an entry."""
        read = self.device.read
        await self.device.write("SOURCE_INDEX", index)
        value = await read("SOURCE_VALUE_LO") | await read("SOURCE_VALUE_HI") << 32
        mask = await read("SOURCE_MASK_LO") | await read("SOURCE_MASK_HI") << 32
        entry = await read("SOURCE_ENTRY")
        return value, mask, entry & 0xFF, entry >> 8 & 1, entry >> 9 & 1

    async def refuses(self, name, value):
        """Whether a write is refused."""
        try:
            await self.device.write(name, value)
        except BusError:
            return True
        return False
