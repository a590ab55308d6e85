"""Tries every way out of the machine, and into its services.

Argument: JSON with the ports, the names and the paths of the listeners that wait for it.
"""

import array
import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
import time
import urllib.request

from attempts import attempt, call, read, say

there = json.loads(sys.argv[1])
socket.setdefaulttimeout(5)


def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as connection:
        connection.connect(address)
        return connection.send(b"canary")


def send(family, address, interface=None):
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        if interface is not None:
            connection.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        return connection.sendto(b"canary", address)


def timed(case, what, action):
    started = time.monotonic()
    attempt(case, what, action)
    say(case, f"{what} took", f"{time.monotonic() - started:.2f}")


def request_of_interface(number, flags):
    """SIOCSIFFLAGS and the like, for the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        return fcntl.ioctl(any_socket, number, struct.pack("16sH14x", b"lo", flags))


for address in there["addresses"]:
    timed("C1", address, lambda: connect(socket.AF_INET, (address, there["tcp"])))
timed("C1", "192.0.2.1", lambda: connect(socket.AF_INET, ("192.0.2.1", 443)))
for address in ("127.0.0.1", "127.1.2.3", "localhost", "0.0.0.0"):
    attempt("C2", address, lambda: connect(socket.AF_INET, (address, there["tcp"])))
attempt("C2", "fast open", lambda: socket.socket().sendto(b"canary", socket.MSG_FASTOPEN, ("127.0.0.1", there["tcp"])))
for address in ("127.0.0.1", "127.1.2.3", "192.0.2.1", "255.255.255.255", *there["addresses"]):
    attempt("C3", address, lambda: send(socket.AF_INET, (address, there["udp"])))
timed("C4", "getaddrinfo", lambda: socket.getaddrinfo("example.com", 80))
timed("C4", "gethostbyaddr", lambda: socket.gethostbyaddr("192.0.2.1"))
attempt("C4", "resolv.conf", lambda: read("/etc/resolv.conf"))
for server in ("127.0.0.1", "127.0.0.53", "8.8.8.8"):
    attempt("C4", f"query to {server}", lambda: send(socket.AF_INET, (server, 53)))
attempt("C5", "::1", lambda: connect(socket.AF_INET6, ("::1", there["tcp6"])))
attempt("C5", "mapped", lambda: connect(socket.AF_INET6, ("::ffff:127.0.0.1", there["tcp"])))
attempt("C5", "udp ::1", lambda: send(socket.AF_INET6, ("::1", there["udp6"])))
attempt("C5", "link-local", lambda: connect(socket.AF_INET6, ("fe80::1", there["tcp6"], 0, 2)))
attempt("C5", "multicast", lambda: send(socket.AF_INET, ("224.0.0.251", there["udp"])))
attempt("C5", "multicast by lo", lambda: send(socket.AF_INET, ("224.0.0.251", there["udp"]), "127.0.0.1"))
attempt("C5", "multicast 6", lambda: send(socket.AF_INET6, ("ff02::1", there["udp6"], 0, 1)))
timed("C6", "metadata", lambda: connect(socket.AF_INET, ("169.254.169.254", 80)))
timed("C6", "metadata by http", lambda: urllib.request.urlopen("http://169.254.169.254/latest/meta-data/", timeout=5))
attempt("C7", "stream", lambda: connect(socket.AF_UNIX, "\0" + there["abstract"]))
attempt("C7", "datagram", lambda: connect(socket.AF_UNIX, "\0" + there["abstract datagram"], socket.SOCK_DGRAM))
attempt("C7", "X11", lambda: connect(socket.AF_UNIX, "\0/tmp/.X11-unix/X0"))
for path in [*there["paths"], "/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/run/systemd/private", "/tmp/.X11-unix/X0", "/run/user/1000/bus"]:
    attempt("C8", path, lambda: connect(socket.AF_UNIX, path))
attempt("C9", "vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("C9", "vsock datagram", lambda: socket.socket(40, socket.SOCK_DGRAM))
for family in range(64):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        if family not in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6):
            attempt("C10", f"family {family} kind {kind}", lambda: socket.socket(family, kind))
for family in (socket.AF_INET, socket.AF_INET6):
    for protocol in (1, 6, 17, 58, 132, 255):
        attempt("C10", f"raw {family} {protocol}", lambda: socket.socket(family, socket.SOCK_RAW, protocol))
attempt("C10", "family in the high half", lambda: call(41, ctypes.c_ulong((1 << 32) | 16), 3, 0))
attempt("C11", "setup", lambda: call(425, 8, ctypes.create_string_buffer(120)))
attempt("C11", "enter", lambda: call(426, 3, 1, 0, 0, None, 0))
attempt("C11", "register", lambda: call(427, -1, 0, None, 0))
attempt("C12", "lo up", lambda: request_of_interface(0x8914, 0x41))
attempt("C12", "route", lambda: request_of_interface(0x890B, 0))
attempt("C12", "address", lambda: request_of_interface(0x8916, 0))
attempt("C12", "iptables", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 255).getsockopt(0, 64, 84))
try:
    say("C12", "interfaces", [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line])
except OSError as refusal:
    say("C12", "interfaces", refusal.strerror)
try:
    say("C12", "flags of lo", hex(struct.unpack("16sH14x", request_of_interface(0x8913, 0))[1]))
except OSError:
    say("C12", "flags of lo", "0x0")
attempt("C16", "terminal", lambda: os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
for number in (0, 1, 2):
    say("C16", f"{number} is a terminal", os.isatty(number))
    attempt("C16", f"TIOCSTI {number}", lambda: fcntl.ioctl(number, 0x5412, b"x"))
    attempt("C16", f"TIOCLINUX {number}", lambda: fcntl.ioctl(number, 0x541C, b"\x03"))
    attempt("C16", f"TIOCSTI in the high half {number}", lambda: call(16, number, ctypes.c_ulong((1 << 32) | 0x5412), b"x"))
    attempt("C16", f"TIOCSCTTY {number}", lambda: fcntl.ioctl(number, 0x540E, 0))
say("C16", "leads its session", os.getsid(0) == os.getpid())
