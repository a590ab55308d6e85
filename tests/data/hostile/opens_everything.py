"""Opens descriptors of one kind until it may not. Argument: the kind."""

import ctypes
import errno
import os
import select
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
KINDS = {
    "files": lambda: open("/dev/null"),
    "pipes": os.pipe,
    "sockets": socket.socketpair,
    "epoll": select.epoll,
    "inotify": lambda: libc.inotify_init1(0),
    "memory": lambda: os.memfd_create("x"),
    "pidfd": lambda: os.pidfd_open(os.getpid()),
}
held = []
try:
    while True:
        held.append(KINDS[sys.argv[1]]())
        if held[-1] == -1:
            raise OSError(ctypes.get_errno(), "refused")
except OSError as refusal:
    print(errno.errorcode[refusal.errno], len(held))
