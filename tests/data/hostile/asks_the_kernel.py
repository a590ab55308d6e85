"""Calls the parts of the kernel that no training program needs. Prints every call that was not refused."""

import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(512)
CALLS = {
    "mount": (165, b"none", b"/tmp", b"tmpfs", 0, None),
    "remount": (165, b"none", b"/", None, 32, None),
    "umount": (166, b"/tmp", 2),
    "fsopen": (430, b"tmpfs", 0),
    "pivot_root": (155, b"/tmp", b"/tmp"),
    "unshare": (272, 0x10000000),
    "setns": (308, 0, 0),
    "bpf": (321, 0, buffer, 120),
    "userfaultfd": (323, 1),
    "io_uring": (425, 8, buffer),
    "add_key": (248, b"user", b"canary", b"x", 1, -3),
    "keyctl": (250, 0, -3, 0),
    "perf_event_open": (298, buffer, 0, -1, -1, 0),
    "open_by_handle_at": (304, -100, buffer, 0),
    "init_module": (175, buffer, 1, b""),
    "reboot": (169, 0, 0, 0),
    "personality": (135, 0x0040000),
    "ptrace": (101, 16, 1, 0, 0),
    "process_vm_readv": (310, 1, buffer, 1, buffer, 1, 0),
    "pidfd_getfd": (438, 3, 0, 0),
    "shmget": (29, 0, 4096, 0o1600),
    "msgget": (68, 0, 0o1600),
    "clone_newuser": (56, 0x10000000 | 17, 0, 0, 0, 0),
}
for name, (number, *arguments) in CALLS.items():
    ctypes.set_errno(0)
    if libc.syscall(number, *arguments) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.EACCES):
        print("CALLED", name, errno.errorcode.get(ctypes.get_errno()))
        if name == "clone_newuser":
            os._exit(0)
libc.syscall(435, buffer, 88)
print("CLONE3", errno.errorcode[ctypes.get_errno()])
for victim in (1, -1):
    try:
        os.kill(victim, 9)
        print("KILLED", victim)
    except OSError as refusal:
        print("KILL", victim, errno.errorcode[refusal.errno])
status = open("/proc/self/status").read()
print(*(line for line in status.splitlines() if line.startswith(("CapEff", "CapBnd", "NoNewPrivs", "Seccomp:"))), sep="\n")
