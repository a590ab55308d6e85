"""Writes without end, without a line break."""

import os

print("first words")
while True:
    os.write(1, b"x" * 65536)
