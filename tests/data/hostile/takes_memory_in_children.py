"""Many processes, each far below the limit."""

import os
import time

for _ in range(12):
    if os.fork() == 0:
        held = bytearray(os.urandom(1 << 20)) * 60
        time.sleep(100)
time.sleep(100)
