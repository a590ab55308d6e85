"""What honest programs use to work in several places at once, to keep data and to call native code.

Argument: the path of a shared library with `int twice(int)`.
"""

import asyncio
import ctypes
import multiprocessing
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import shared_memory

import numpy as np


def fill(name):
    block = shared_memory.SharedMemory(name)
    np.ndarray((1000,), dtype=np.float64, buffer=block.buf)[:] = 7.0
    block.close()


async def together():
    server = await asyncio.start_unix_server(lambda reader, writer: writer.close(), "server.socket")
    reader, _ = await asyncio.open_unix_connection("server.socket")
    end = await reader.read()
    process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", "print(3)", stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    server.close()
    return end, out.strip(), await asyncio.gather(*(asyncio.sleep(0.01, number) for number in range(3)))


if __name__ == "__main__":
    block = shared_memory.SharedMemory(create=True, size=8000)
    for method in ("fork", "spawn"):
        worker = multiprocessing.get_context(method).Process(target=fill, args=(block.name,))
        worker.start(), worker.join()
        print(method, worker.exitcode, np.ndarray((1000,), dtype=np.float64, buffer=block.buf).sum())
    block.close(), block.unlink()
    queue, value = multiprocessing.Queue(), multiprocessing.Value("i", 5)
    queue.put("through"), print("queue", queue.get(timeout=10), value.value)
    queue.close()
    with sqlite3.connect("kept.db") as database:
        database.execute("pragma journal_mode=wal")
        database.execute("create table points (x real, y real)")
        database.executemany("insert into points values (?, ?)", [(n, n * n) for n in range(100)])
        print("sqlite", database.execute("select sum(y) from points").fetchone()[0])
    print("asyncio", asyncio.run(together()))
    with ThreadPoolExecutor(8) as pool:
        print("threads", sum(pool.map(lambda n: np.ones((200, 200)).dot(np.ones((200, 200)))[0, 0], range(16))))
    print("native", ctypes.CDLL(sys.argv[1]).twice(21))
    with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as folder:
        print("temporary", os.path.exists(file.name), os.listdir(folder))
    ours, theirs = socket.socketpair()
    ours.sendall(b"local"), print("socketpair", theirs.recv(5), select.select([ours], [], [], 0)[0])
    signal.signal(signal.SIGALRM, lambda *_: print("alarm"))
    signal.setitimer(signal.ITIMER_REAL, 0.01), time.sleep(0.05)
    print("pipeline", subprocess.run("printf 'b\\na\\n' | sort | tr a-z A-Z", shell=True, capture_output=True, text=True).stdout.split())
    event = threading.Timer(0.01, lambda: print("timer"))
    event.start(), event.join()
    held = np.ones((1500 << 20) // 8)
    print("array", held.nbytes >> 20)
