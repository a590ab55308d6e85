"""Writes without end, in the way of the argument."""

import os
import sys
import time

print("first words", flush=True)
how = sys.argv[1]
if how == "drip":
    while True:
        print(".", end="", flush=True)
        time.sleep(0.02)
while True:
    os.write(2 if how == "errors" else 1, b"x" * 65536)
