"""Takes memory that limits on private memory do not see: anonymous shared mappings and memory files."""

import mmap
import os
import time

held = []
while True:
    shared = mmap.mmap(-1, 16 << 20)
    shared.write(b"x" * (16 << 20))
    file = os.memfd_create("hidden")
    os.write(file, b"x" * (16 << 20))
    held += [shared, mmap.mmap(file, 16 << 20)]
    sum(held[-1][::4096])
    time.sleep(0.01)
