"""Ends, and leaves a grandchild behind that has a session of its own."""

import os
import time


if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
else:
    print("over")
