"""Takes private memory in steps until it is ended."""

import time

held = []
while True:
    held.append(bytearray(16 << 20))
    time.sleep(0.005)
