"""Says which namespaces it is in, and stays in them for a while."""

import os
import time

for name in sorted(os.listdir("/proc/self/ns")):
    try:
        print(name, os.readlink(f"/proc/self/ns/{name}"), flush=True)
    except OSError:
        pass
time.sleep(0.4)
