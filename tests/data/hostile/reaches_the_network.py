"""Tries every way out of the machine and into it. Prints every one that worked."""

import ctypes
import os
import socket
import struct
import sys

tcp, udp, abstract, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
socket.setdefaulttimeout(2)


def attempt(name, action):
    try:
        action()
    except OSError:
        return
    print("REACHED", name)


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.connect(address)


attempt("internet", lambda: connect(socket.AF_INET, ("1.1.1.1", 53)))
attempt("metadata", lambda: connect(socket.AF_INET, ("169.254.169.254", 80)))
attempt("loopback", lambda: connect(socket.AF_INET, ("127.0.0.1", tcp)))
attempt("loopback6", lambda: connect(socket.AF_INET6, ("::1", tcp)))
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"canary", ("127.0.0.1", udp)))
attempt("names", lambda: socket.getaddrinfo("example.com", 80))
attempt("abstract", lambda: connect(socket.AF_UNIX, "\0" + abstract))
attempt("path", lambda: connect(socket.AF_UNIX, path))
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("alg", lambda: socket.socket(38, socket.SOCK_SEQPACKET))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(425, 8, ctypes.create_string_buffer(struct.pack("30I", *[0] * 30))) >= 0:
    print("REACHED io_uring")
if os.isatty(0) or os.isatty(1):
    print("REACHED terminal")
print("TRIED")
