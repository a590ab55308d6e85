"""Ignores every signal it can, says so, and spins, in Python or in C."""

import re
import signal
import sys

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
print("spinning", flush=True)
if sys.argv[1:] == ["in C"]:
    re.match("(a+)+$", "a" * 60 + "b")
while True:
    sum(range(10**7))
