"""The memory of the process that is forked for every run: in huge pages where the kernel can, and watched."""

import os
from collections.abc import Iterator

from . import linux

_HUGE = 2 << 20
_MADV_COLLAPSE = 25


def collapse() -> None:
    """Gather what is private and written to into huge pages, as far as the kernel knows how to.

    A fork then copies one entry for 2 MB instead of 512, and so does the end of the process that was forked.
    """
    for low, high in _anonymous():
        start, end = -(-low // _HUGE) * _HUGE, high // _HUGE * _HUGE
        if start < end:
            linux.advise(start, end - start, _MADV_COLLAPSE)


def private_bytes() -> int:
    """Resident memory that comes from no file."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        _, resident, shared, *_ = (int(field) for field in file.read().split())
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def _anonymous() -> Iterator[tuple[int, int]]:
    """Start and end of every mapping that is writable, private and of no file; the stack moves and stays as it is."""
    with open("/proc/self/maps", encoding="utf-8") as file:  # noqa: PTH123
        lines = [line.split(maxsplit=5) for line in file]
    for span, mode, _, _, inode, *name in lines:
        if mode == "rw-p" and inode == "0" and not (name and name[0].startswith("[stack")):
            low, high = (int(end, 16) for end in span.split("-"))
            yield low, high
