"""Makes a call with the numbers of the x32 architecture, which would walk past a filter on x86-64 numbers."""

import ctypes

ctypes.CDLL(None).syscall(0x40000000 + 39)
print("SURVIVED")
