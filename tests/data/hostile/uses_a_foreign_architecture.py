"""Calls the kernel with the numbers of another architecture, which would walk past a filter on those of x86-64.

Argument: "x32", or "i386", which needs machine code of its own.
"""

import ctypes
import mmap
import sys

if sys.argv[1] == "x32":
    ctypes.CDLL(None).syscall(0x40000000 + 39)
else:
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    code = mmap.mmap(-1, 4096, flags=private, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
print("SURVIVED")
