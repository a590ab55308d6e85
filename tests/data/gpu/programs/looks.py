"""Tells what it can see and open of the machine's GPUs, initialises CUDA, and stays a while."""

import ctypes
import glob
import json
import os
import time
from multiprocessing.shared_memory import SharedMemory


def opens(path):
    try:
        return os.read(os.open(path, os.O_RDWR), 1).hex()
    except OSError as error:
        return error.strerror


def makes(path):
    try:
        open(path, "w").close()
    except OSError as error:
        return error.strerror
    return "made"


nodes = sorted(path for path in glob.glob("/dev/nvidia*"))
seen = {path: os.minor(os.stat(path).st_rdev) for path in nodes}
opened = {path: opens(path) for path in ("/dev/nvidia0", "/dev/nvidia1")}
shared = SharedMemory(create=True, size=4096)
shared.buf[0] = 7
cuda = ctypes.CDLL("libcuda.so.1")
code, count = cuda.cuInit(0), ctypes.c_int()
cuda.cuDeviceGetCount(ctypes.byref(count))
system = sorted(os.listdir("/sys")) if os.path.isdir("/sys") else []
time.sleep(1.0)
print(
    json.dumps(
        {
            "nodes": seen,
            "opened": opened,
            "init": code,
            "devices": count.value,
            "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
            "sys": system,
            "shared": shared.buf[0],
            "plain": [opens("/dev/full"), os.path.exists("/dev/fd/1"), opens("/dev/null")],
            "makes": makes("/dev/anything"),
            "until": time.time(),
        }
    )
)
shared.unlink()
