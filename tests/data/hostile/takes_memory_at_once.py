"""Asks for far too much in one piece."""

data = bytearray(64 << 30)
print(len(data))
