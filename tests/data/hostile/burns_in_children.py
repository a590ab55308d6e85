"""Uses CPU time in processes that come and go, in the way of the argument; says nothing while it does."""

import os
import sys
import time


def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


how = sys.argv[1]
if how == "after the end":
    if os.fork() == 0:
        burn(100)
    os._exit(0)
while True:
    if how == "waited for":
        if os.fork() == 0:
            burn(0.1)
            os._exit(0)
        os.wait()
    elif how == "given away":  # each belongs to nobody by the time it ends
        if os.fork() == 0:
            if os.fork() == 0:
                burn(0.05)
            os._exit(0)
        os.wait()
        time.sleep(0.03)
    elif how == "threads":
        burn(0.1)
