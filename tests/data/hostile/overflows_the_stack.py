"""A stack overflow in C, below Python's own limit."""

import ctypes

print("about to crash")
ctypes.string_at(1)
