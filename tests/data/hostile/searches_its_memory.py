"""Looks for something in all of its own memory, and in whatever objects the interpreter holds.

Arguments: how that begins, its length and its SHA-256, so that the program does not find what it was told.
"""

import gc
import hashlib
import os
import sys

start_of_it, length, digest = sys.argv[1].encode(), int(sys.argv[2]), sys.argv[3]


def matches(part):
    at = part.find(start_of_it)
    while at >= 0:
        yield hashlib.sha256(part[at : at + length]).hexdigest() == digest
        at = part.find(start_of_it, at + 1)


found = searched = 0
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
    for line in maps.read().splitlines():
        place, mode = line.split()[:2]
        if "r" not in mode or "[v" in line:
            continue
        start, end = (int(one, 16) for one in place.split("-"))
        while start < end:
            memory.seek(start)
            try:
                part = memory.read(min(end - start, 8 << 20))
            except OSError:
                break
            searched += len(part)
            found += sum(matches(part))
            start += len(part) or 1
            if start < end:
                start -= length
            del part
names = {type(one).__module__ + "." + type(one).__qualname__ for one in gc.get_objects()}
shared = [line.split()[-1] for line in open("/proc/self/maps") if line.split()[1] == "rw-s"]
print("searched", searched > 10 << 20)
print("found", found)
print("shared", shared)
print("ours", sorted(name for name in names if "gradproof" in name or "sandbox" in name))
print("environment", open("/proc/self/environ", "rb").read().count(b"="))
