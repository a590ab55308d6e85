"""Sends signals to everyone it can name, itself last."""

import ctypes
import fcntl
import os
import signal
import socket
import struct

from attempts import attempt, call

for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM):
    attempt("D2", f"1 {number.name}", lambda: os.kill(1, number))
    for pid in range(2, 400):
        if pid != os.getpid():
            if os.path.exists(f"/proc/{pid}"):
                attempt("D2", f"{pid} {number.name}", lambda: os.kill(pid, number))
    attempt("D2", f"all {number.name}", lambda: os.kill(-1, number))
    attempt("D2", f"pidfd {number.name}", lambda: signal.pidfd_send_signal(os.pidfd_open(1), number))
    attempt("D2", f"queue {number.name}", lambda: call(129, 1, int(number), bytes(128)))
    attempt("D2", f"tkill {number.name}", lambda: call(200, 1, int(number)))
    attempt("D2", f"tgkill {number.name}", lambda: call(234, 1, 1, int(number)))
others = [pid for pid in range(1, 400) if pid != os.getpid() and os.path.exists(f"/proc/{pid}")]
for pid in others:
    none = ctypes.create_string_buffer(struct.pack("QQ", 0, 0))
    for resource in (0, 7, 9):  # CPU, NOFILE, AS
        attempt("D13", f"limit {resource} of {pid}", lambda: call(302, pid, resource, none, None))
    attempt("D13", f"priority of {pid}", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
    attempt("D13", f"i/o priority of {pid}", lambda: call(251, 1, pid, 3 << 13))
    attempt("D13", f"scheduler of {pid}", lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)))
    attempt("D13", f"affinity of {pid}", lambda: os.sched_setaffinity(pid, {0}))
    attempt("D13", f"group of {pid}", lambda: os.setpgid(pid, 0))
for victim in {*others, 1, -1, *(-pid for pid in others)} - {os.getpid(), -os.getpgrp()}:
    ours, theirs = socket.socketpair()
    try:  # the kernel sends the signal in our name as soon as there is something to read
        fcntl.fcntl(ours, fcntl.F_SETOWN, victim)
        fcntl.fcntl(ours, 10, int(signal.SIGKILL))
        fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC)
        theirs.send(b"x")
    except OSError:
        pass
for name in ("SIGHUP", "SIGINT", "SIGRTMAX"):
    attempt("D2", f"1 {name}", lambda: os.kill(1, getattr(signal, name)))
print("still here", flush=True)
os.kill(0, signal.SIGKILL)
