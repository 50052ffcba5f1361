"""Signs a boot manifest: written from rtl/FORMATS.md and NIST SP 800-232 alone. It shares no code with `pm`.

    signer.py KEY_HEX < manifest without a tag > the same with its tag
"""
import struct
import sys

MASK = (1 << 64) - 1
CONSTANTS = [0xF0, 0xE1, 0xD2, 0xC3, 0xB4, 0xA5, 0x96, 0x87, 0x78, 0x69, 0x5A, 0x4B]
ROTATIONS = [(19, 28), (61, 39), (1, 6), (10, 17), (7, 41)]


def rotated(word, bits):
    return (word >> bits | word << (64 - bits)) & MASK


def permuted(state, rounds):
    x = list(state)
    for constant in CONSTANTS[12 - rounds :]:
        x[2] ^= constant
        x[0] ^= x[4]
        x[4] ^= x[3]
        x[2] ^= x[1]
        t = [(~x[i] & MASK) & x[(i + 1) % 5] for i in range(5)]
        x = [x[i] ^ t[(i + 1) % 5] for i in range(5)]
        x[1] ^= x[0]
        x[0] ^= x[4]
        x[3] ^= x[2]
        x[2] ^= MASK
        x = [word ^ rotated(word, a) ^ rotated(word, b) for word, (a, b) in zip(x, ROTATIONS)]
    return x


def tag(key, nonce, data):
    """The tag of Ascon-AEAD128 of no plaintext."""
    keys = struct.unpack("<2Q", key)
    x = permuted([0x00001000808C0001, *keys, *struct.unpack("<2Q", nonce)], 12)
    x[3] ^= keys[0]
    x[4] ^= keys[1]
    if data:
        padded = data + b"\x01" + bytes(15 - len(data) % 16)
        for at in range(0, len(padded), 16):
            low, high = struct.unpack_from("<2Q", padded, at)
            x[0] ^= low
            x[1] ^= high
            x = permuted(x, 8)
    x[4] ^= 1 << 63
    x[0] ^= 1  # the padding of an empty plaintext
    x[2] ^= keys[0]
    x[3] ^= keys[1]
    x = permuted(x, 12)
    return struct.pack("<2Q", x[3] ^ keys[0], x[4] ^ keys[1])


def main():
    key = bytes.fromhex(sys.argv[1])
    manifest = sys.stdin.buffer.read()
    magic, shape, version = struct.unpack_from("<3I", manifest)
    if magic != 0x4D424D50 or shape & 0xFFFF != 1 or shape >> 16 != len(manifest) // 4 or len(manifest) % 4:
        sys.exit("this is no manifest without a tag")
    nonce = struct.pack("<I", version) + bytes(12)
    sys.stdout.buffer.write(manifest + tag(key, nonce, manifest))


if __name__ == "__main__":
    main()
