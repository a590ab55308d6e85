"""Landlock: a second wall behind the jail's mounts, that also stops signals and abstract sockets."""

import ctypes
import os
import struct

from . import linux

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_FIFO, _MAKE_BLOCK, _IOCTL_DEV = 1 << 6, 1 << 10, 1 << 11, 1 << 15
_FILE_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_TCP_BIND_AND_CONNECT, _SCOPE_SOCKETS_AND_SIGNALS = 3, 3


def abi() -> int:
    """The kernel's Landlock version; 0 where it has none."""
    return max(linux.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1)), 0)


def restrict(*, readable: list[str], writable: list[str], devices: list[str]) -> None:
    """Read below `readable`, write below `writable` and to `devices`; no TCP, no signal or abstract socket to outside.

    What the kernel's version cannot express is left out: in a jail it is the second layer, not the first.
    """
    version = abi()
    if not version:
        return
    handled = _FILE_RIGHTS_BY_ABI[min(version, 5)]
    network = _TCP_BIND_AND_CONNECT if version >= 4 else 0
    scopes = _SCOPE_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = struct.pack("QQQ", handled, network, scopes)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = linux.checked(linux.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0), "landlock")
    try:
        for path in readable:
            _allow(ruleset, path, handled & (_READ if os.path.isdir(path) else _EXECUTE | _READ_FILE))  # noqa: PTH112
        _allow(ruleset, "/proc", handled & (_READ_FILE | _READ_DIR | _WRITE_FILE))
        for path in writable:
            _allow(ruleset, path, handled & ~(_MAKE_CHAR | _MAKE_FIFO | _MAKE_BLOCK | _IOCTL_DEV))
        for path in devices:
            _allow(ruleset, path, handled & (_READ_FILE | _WRITE_FILE | _IOCTL_DEV))
        linux.checked(linux.syscall(_RESTRICT, ctypes.c_int(ruleset), 0), "landlock")
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, descriptor))
        linux.checked(linux.syscall(_ADD_RULE, ctypes.c_int(ruleset), 1, rule, 0), f"landlock rule for {path}")
    finally:
        os.close(descriptor)
