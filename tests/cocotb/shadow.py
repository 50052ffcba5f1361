"""A sparse memory of words, and what was in one before anybody wrote it."""


def untouched(address):
    """What a word holds that nobody has written: never zero, another for each address."""
    return (address * 2654435761 + 0x1357_9BDF) & 0xFFFF_FFFF | 1


def merge(old, new, select):
    """A word of which some bytes are written."""
    for byte in range(4):
        if select >> byte & 1:
            mask = 0xFF << 8 * byte
            old = old & ~mask | new & mask
    return old


class Words:
    """32-bit words by byte address; None where what is there cannot be known."""

    def __init__(self):
        self.words = {}

    def read(self, address):
        return self.words.get(address, untouched(address))

    def write(self, address, data, select=15):
        old = 0 if select == 15 else self.read(address)
        self.words[address] = None if old is None else merge(old, data, select)

    def forget(self, address):
        self.words[address] = None
