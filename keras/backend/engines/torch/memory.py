"""Memory that freed arrays leave is kept for the next ones.

Each step of a training makes and frees the same arrays. The C library gives what is freed at the
end of its heap back to the system, and the system clears it page by page when it is asked for again
a moment later: up to a third of a step. So it is told to keep more.
"""

from __future__ import annotations

import ctypes
import os

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # the numbers that malloc.h gives them
KEPT = 2**30  # bytes at the end of the heap that may wait for the next step
SINGLE = 2**25  # larger arrays are asked of the system one by one: glibc allows no more

CHOSEN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_")


def keep_freed() -> bool:
    """Let glibc keep what is freed; false where it isn't the C library, or was told otherwise."""
    tunables = os.environ.get("GLIBC_TUNABLES", "")
    if "glibc.malloc" in tunables or any(name in os.environ for name in CHOSEN):
        return False
    try:
        library = ctypes.CDLL(None)
        adjust, _ = library.mallopt, library.gnu_get_libc_version
    except (AttributeError, OSError, TypeError):  # another C library, another system
        return False
    return bool(adjust(MMAP_THRESHOLD, SINGLE) and adjust(TRIM_THRESHOLD, KEPT))
