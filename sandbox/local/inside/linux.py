"""The few system calls that Python lacks, through ctypes. Each raises OSError with the kernel's reason."""

import ctypes
import os
import struct

_FEW_SOCKETS = 64
_libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 24, 38, 22
SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
SYS_OPENAT2, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH = 437, 4, 8
SYS_OPEN_TREE, SYS_MOVE_MOUNT, SYS_CLOSE_RANGE = 428, 429, 436
AT_FDCWD, AT_RECURSIVE, OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH = -100, 0x8000, 1, 4


def checked(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def syscall(number: int, *arguments: object) -> int:
    """The raw return value; -1 with errno set where the kernel refuses."""
    return _libc.syscall(ctypes.c_long(number), *arguments)


def unshare(flags: int) -> None:
    checked(_libc.unshare(flags), "unshare")


def mount(kind: str, target: str, *, flags: int = 0, options: str = "") -> None:
    checked(
        _libc.mount(kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode()),
        f"mount {kind} on {target}",
    )


def advise(address: int, size: int, advice: int) -> bool:
    """Whether the kernel has taken the advice about a piece of this process's memory."""
    return _libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(size), ctypes.c_int(advice)) == 0


def copy_mount(path: str) -> int:
    """A descriptor of the mounts at and below a path, which outlives their being covered by another mount."""
    flags = ctypes.c_uint(OPEN_TREE_CLONE | os.O_CLOEXEC | AT_RECURSIVE)
    return checked(syscall(SYS_OPEN_TREE, ctypes.c_int(AT_FDCWD), path.encode(), flags), f"copy the mount {path}")


def attach_mount(descriptor: int, path: str) -> None:
    """Put the mounts behind a descriptor of copy_mount at a path, and close it."""
    place = (ctypes.c_int(AT_FDCWD), path.encode(), ctypes.c_uint(MOVE_MOUNT_F_EMPTY_PATH))
    checked(syscall(SYS_MOVE_MOUNT, ctypes.c_int(descriptor), b"", *place), f"attach a mount at {path}")
    os.close(descriptor)


def open_folder_beneath(root: int, path: str) -> int:
    """A folder below another one, reached through no link, whatever is renamed meanwhile. Raises OSError."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    how = ctypes.create_string_buffer(struct.pack("QQQ", flags, 0, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH))
    number = syscall(SYS_OPENAT2, ctypes.c_int(root), os.fsencode(path), how, ctypes.c_size_t(24))
    return checked(number, f"open {path}")


def make_mounts_private() -> None:
    checked(_libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None), "mount private")


def prctl(option: int, value: int = 0) -> int:
    zero = ctypes.c_ulong(0)
    return checked(_libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero), f"prctl {option}")


def load_seccomp(instructions: bytes) -> None:
    """Load a filter of 8-byte BPF instructions for this thread. Needs no_new_privs."""
    buffer = ctypes.create_string_buffer(instructions)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(instructions) // 8, ctypes.addressof(buffer)))
    checked(_libc.prctl(PR_SET_SECCOMP, 2, program, ctypes.c_ulong(0), ctypes.c_ulong(0)), "seccomp")


def drop_capabilities() -> None:
    """Empty every capability set, and the bounding set as far as the kernel knows capabilities."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    header = ctypes.create_string_buffer(struct.pack("Ii", 0x20080522, 0))
    checked(syscall(SYS_CAPSET[os.uname().machine], header, ctypes.create_string_buffer(24)), "capset")


def close_from(descriptor: int) -> None:
    """Close every descriptor from this one up, whatever opened it."""
    if syscall(SYS_CLOSE_RANGE, ctypes.c_uint(descriptor), ctypes.c_uint(0xFFFFFFFF), ctypes.c_uint(0)) < 0:
        os.closerange(descriptor, 65536)


def enter_namespaces() -> None:
    """New user, pid, mount, network, IPC and UTS namespaces, with the same uid inside and no further ones below."""
    uid, gid = os.getuid(), os.getgid()
    unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")
    _write("/proc/sys/user/max_user_namespaces", "0")
    make_mounts_private()


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def unix_sockets(network: str) -> int:
    """How many UNIX sockets there are beyond the few that any program has; 0 where that cannot be read."""
    try:
        with open(f"{network}/unix", "rb") as file:  # noqa: PTH123
            return max(0, file.read().count(b"\n") - _FEW_SOCKETS)
    except OSError:
        return 0
