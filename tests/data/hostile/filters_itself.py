"""Loads a system-call filter of its own, that breaks its own writing and leaving. Argument: what refused calls do."""

import ctypes
import os
import struct
import sys

action = {"trap": 0x00030000, "kill": 0x80000000, "refuse": 0x00050001, "log": 0x7FFC0000, "trace": 0x7FF00000}[sys.argv[1]]
program = struct.pack("HBBI", 0x20, 0, 0, 0)
for number in (1, 231, 60):  # write, exit_group, exit
    program += struct.pack("HBBI", 0x15, 0, 1, number) + struct.pack("HBBI", 0x06, 0, 0, action)
program += struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)
buffer = ctypes.create_string_buffer(program)
libc = ctypes.CDLL(None)
print("before", flush=True)
libc.prctl(38, 1, 0, 0, 0)
libc.prctl(22, 2, ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))), 0, 0)
os.write(1, b"after\n")
