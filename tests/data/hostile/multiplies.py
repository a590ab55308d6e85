"""A bomb of processes, of threads, or of processes made by other calls than fork. Argument: which."""

import ctypes
import os
import sys
import threading
import time

how = sys.argv[1]
open("before.txt", "w").write("kept")
print("multiplying", flush=True)
while True:
    try:
        if how == "threads":
            threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
        elif how == "clone":
            ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0)
        elif how == "spawn":
            os.posix_spawn("/usr/bin/sleep", ["sleep", "100"], {})
        elif how == "threads that hold":
            threading.Thread(target=lambda: open("/proc/self/status").read() and time.sleep(100), daemon=True).start()
        else:
            os.fork()
    except (OSError, RuntimeError):
        time.sleep(0.01)
