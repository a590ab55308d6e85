"""Listens on every address and waits to be reached. Arguments: a port, seconds."""

import select
import socket
import sys
import time

from attempts import attempt, say

port, until = int(sys.argv[1]), time.monotonic() + float(sys.argv[2])
open_sockets = []


def listen(family, address, kind):
    bound = socket.socket(family, kind)
    bound.bind((address, port))
    if kind == socket.SOCK_STREAM:
        bound.listen()
    bound.setblocking(False)
    open_sockets.append(bound)


attempt("C13", "tcp", lambda: listen(socket.AF_INET, "0.0.0.0", socket.SOCK_STREAM))
attempt("C13", "udp", lambda: listen(socket.AF_INET, "0.0.0.0", socket.SOCK_DGRAM))
attempt("C13", "tcp6", lambda: listen(socket.AF_INET6, "::1", socket.SOCK_STREAM))
reached = select.select(open_sockets, [], [], max(0, until - time.monotonic()))[0] if open_sockets else []
say("C13", "reached", len(reached))
