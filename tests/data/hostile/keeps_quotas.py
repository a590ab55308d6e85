"""Asks for what is counted per user and outlives a process: locked memory, queues, keys, watches, timers, huge pages."""

import ctypes
import mmap
import os
import resource

from attempts import attempt, call, read, say

buffer = ctypes.create_string_buffer(1 << 21)
attempt("E15", "mlock", lambda: call(149, buffer, 1 << 21))
attempt("E15", "mlockall", lambda: call(151, 3))
attempt("E15", "message queue", lambda: call(240, b"canary", os.O_CREAT | os.O_RDWR, 0o600, None))
attempt("E15", "System V shared memory", lambda: call(29, 0x4242, 4096, 0o1600))
attempt("E15", "System V semaphores", lambda: call(64, 0x4242, 1, 0o1600))
attempt("E15", "System V messages", lambda: call(68, 0x4242, 0o1600))
attempt("E15", "key", lambda: call(248, b"user", b"canary", b"x", 1, -4))
attempt("E15", "huge pages", lambda: mmap.mmap(-1, 1 << 30, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | 0x40000))
attempt("E15", "more descriptors", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20)))
for name in ("AS", "DATA", "NPROC", "NOFILE", "FSIZE", "CORE", "CPU", "MEMLOCK", "MSGQUEUE", "NICE", "RTPRIO", "SIGPENDING"):
    number = {"NICE": 13, "RTPRIO": 14, "MSGQUEUE": 12, "SIGPENDING": 11}.get(name) or getattr(resource, f"RLIMIT_{name}")
    say("limits", name, resource.getrlimit(number)[1])
say("limits", "oom", read("/proc/self/oom_score_adj").decode().strip())
timers = 0
identity = ctypes.c_int()
try:
    while timers < 300_000:
        call(222, 0, None, ctypes.byref(identity))
        timers += 1
except OSError as refusal:
    say("timers", "refused", refusal.errno)
say("timers", "made", timers)
