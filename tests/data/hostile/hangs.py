"""Says something and hangs. Argument: how."""

import os
import signal
import sys
import threading
import time

print("before the hang", flush=True)
print("and without a line break", end="")
how = sys.argv[1]
if how in ("worker", "loop"):
    import asyncio
    import multiprocessing
if how == "sleep":
    time.sleep(1e6)
elif how == "input":
    sys.stdin = open("/dev/zero") if os.path.exists("/dev/zero") else sys.stdin
    input()
elif how == "lock":
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
elif how == "worker":
    with multiprocessing.Pool(2) as pool:
        pool.map(time.sleep, [1e6] * 2)
elif how == "thread":
    threading.Thread(target=time.sleep, args=(1e6,)).start()
elif how == "pipe":
    os.read(os.pipe()[0], 1)
elif how == "loop":
    asyncio.run(asyncio.sleep(1e6))
elif how == "stop":
    os.kill(os.getpid(), signal.SIGSTOP)
elif how == "stopped by a child":
    parent = os.getpid()
    if os.fork() == 0:
        while True:
            os.kill(parent, signal.SIGSTOP)
    time.sleep(1e6)
