"""Tries to end, to read and to write to process 1, and says of each what came of it."""

import os
import signal


def attempt(name, action):
    try:
        print(name, action() is None)
    except OSError:
        print(name, "refused")


def write(path):
    if os.path.realpath(path) == "/dev/null":
        raise OSError
    open(path, "wb", buffering=0).write(b"R\0\0\0\2{}")


attempt("kill", lambda: os.kill(1, signal.SIGKILL))
attempt("stop", lambda: os.kill(1, signal.SIGSTOP))
attempt("memory", lambda: open("/proc/1/mem", "r+b"))
for number in range(16):
    attempt(f"wire{number}", lambda: write(f"/proc/1/fd/{number}"))
