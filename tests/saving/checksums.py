"""The checksums of HDF5's newer parts: where they stand, and what they have to be after damage.

Without them, damage to such a part is seen at once, and nothing behind that is tried.
(Bob Jenkins, lookup3, 2006; HDF5 File Format Specification 3.0, where each part ends with one.)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

PARTS = re.compile(rb"OHDR|OCHK|BTHD|BTIN|BTLF|FRHP|FHDB|FHIB|FAHD|FADB|EAHD|EAIB|EADB|EASB")
SUPERBLOCK = re.compile(rb"\x89HDF\r\n\x1a\n[\2\3]")
LONGEST = 700  # bytes of a part, as far as small models have them
MASK = 0xFFFFFFFF


def lookup3(data: bytes) -> int:
    """
    >>> hex(lookup3(b"")), hex(lookup3(b"Four score and seven years ago"))
    ('0xdeadbeef', '0x17770551')
    """

    def turned(value: int, by: int) -> int:
        return ((value << by) | (value >> (32 - by))) & MASK

    a = b = c = (0xDEADBEEF + len(data)) & MASK
    if not data:
        return c
    turns = -(-len(data) // 12)
    words = struct.unpack(f"<{3 * turns}I", data.ljust(12 * turns, b"\0"))
    for i in range(0, len(words) - 3, 3):
        a, b, c = (a + words[i]) & MASK, (b + words[i + 1]) & MASK, (c + words[i + 2]) & MASK
        for by in (4, 6, 8, 16, 19, 4):
            a, b, c = b, (c + b) & MASK, ((a - c) & MASK) ^ turned(c, by)
    a, b, c = (a + words[-3]) & MASK, (b + words[-2]) & MASK, (c + words[-1]) & MASK
    for by in (14, 11, 25, 16, 4, 14, 24):
        a, b, c = b, ((c ^ b) - turned(b, by)) & MASK, a
    return b


def parts(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the parts of an honest file begin, and where their checksums stand."""
    starts = [found.start() for found in PARTS.finditer(data)]
    starts += [found.start() for found in SUPERBLOCK.finditer(data)]
    for start in starts:
        for end in range(start + 6, min(start + LONGEST, len(data) - 4)):
            (said,) = struct.unpack_from("<I", data, end)
            if said and said == lookup3(data[start:end]):
                yield start, end
                break


def mended(made: bytearray, start: int, end: int) -> None:
    """Let a part have the checksum of what it holds now."""
    struct.pack_into("<I", made, end, lookup3(bytes(made[start:end])))
