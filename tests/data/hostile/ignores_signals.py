"""Ignores every signal it can, says so, and spins."""

import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
print("spinning")
while True:
    sum(range(10**7))
