"""The system-call filter of a program: a deny list, since an allow list breaks with every release of a framework.

Refused are the calls that reach parts of the kernel no training program needs (mounts, namespaces, tracing, BPF,
keys, io_uring, modules, clocks) and socket families other than UNIX, INET and INET6: vsock would cross every
namespace. Where a program's guards share its pid namespace, it may not signal them either. A wrong architecture kills
the process.
"""

import errno
import os
import struct

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: (x86_64, aarch64); None where the architecture has no such call.
_REFUSED: dict[str, tuple[int | None, int]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_setup": (206, 0),  # the machine has a fixed number of these for everybody
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "personality": (135, 92),
    "syslog": (103, 116),
    "shmget": (29, 194),
    "shmctl": (31, 195),
    "shmat": (30, 196),
    "semget": (64, 190),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "msgrcv": (70, 188),
    "msgsnd": (69, 189),
    "fanotify_init": (300, 262),
    "memfd_secret": (447, 447),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "lookup_dcookie": (212, 18),
}
_PRIORITY = {  # (numbers, the first argument that means one process); the second is which one, or 0 for the caller
    "setpriority": ((141, 140), 0),
    "ioprio_set": ((251, 30), 1),
}
_MMAP, _PRCTL = {"x86_64": 9, "aarch64": 222}, {"x86_64": 157, "aarch64": 167}
_MAP_SHARED, _MAP_ANONYMOUS, _PR_SET_DUMPABLE = 1, 0x20, 4
_MEMFD_CREATE = {"x86_64": 319, "aarch64": 279}
_CLONE, _CLONE3 = {"x86_64": 56, "aarch64": 220}, 435
_SOCKET, _SOCKETPAIR = {"x86_64": 41, "aarch64": 198}, {"x86_64": 53, "aarch64": 199}
_IOCTL = {"x86_64": 16, "aarch64": 29}
_NEW_NAMESPACE_FLAGS = 0x7E020080  # CLONE_NEW{CGROUP,UTS,IPC,USER,PID,NET,NS,TIME}
_CLONE_PARENT = 0x8000  # the child would be the supervisor's, which waits for its own alone
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_UNIX, _INTERNET = (1,), (2, 10)  # AF_UNIX; AF_INET, AF_INET6
_AIMED = {  # calls whose first argument is a process, or a group as a negative number
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT, _SECOND_ARGUMENT_AT, _FOURTH_ARGUMENT_AT = 0, 4, 16, 24, 40


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)


def _when_call(number: int, body: bytes) -> bytes:
    """The body runs for this call only; it must end in a return on every path."""
    return _step(_EQUAL, number, 0, len(body) // 8) + body


def _first_argument_among(values: tuple[int, ...], *, then: bytes, otherwise: bytes) -> bytes:
    """`then` and `otherwise` are one step each."""
    body = _step(_LOAD, _FIRST_ARGUMENT_AT)
    for position, value in enumerate(values):
        body += _step(_EQUAL, value & 0xFFFFFFFF, len(values) - position, 0)
    return body + otherwise + then


def _socket_families(internet: bool) -> bytes:
    families = _UNIX + _INTERNET if internet else _UNIX
    return _first_argument_among(families, then=_step(_RETURN, _ALLOW), otherwise=_refuse(errno.EAFNOSUPPORT))


def _own_priority_only(kind: int) -> bytes:
    return (
        _step(_LOAD, _FIRST_ARGUMENT_AT)
        + _step(_EQUAL, kind, 1, 0)
        + _refuse(errno.EPERM)
        + _step(_LOAD, _SECOND_ARGUMENT_AT)
        + _step(_EQUAL, 0, 1, 0)
        + _refuse(errno.EPERM)
        + _step(_RETURN, _ALLOW)
    )


def _clone_flags() -> bytes:
    return (
        _step(_LOAD, _FIRST_ARGUMENT_AT)
        + _step(_ANY_BIT, _NEW_NAMESPACE_FLAGS | _CLONE_PARENT, 0, 1)
        + _refuse(errno.EPERM)
        + _step(_RETURN, _ALLOW)
    )


def _no_nameless_sharing() -> bytes:
    """A shared mapping without a file: its pages stay when they are unmapped, and nobody could count them."""
    return (
        _step(_LOAD, _FOURTH_ARGUMENT_AT)
        + _step(_ANY_BIT, _MAP_ANONYMOUS, 1, 0)
        + _step(_RETURN, _ALLOW)
        + _step(_ANY_BIT, _MAP_SHARED, 0, 1)
        + _refuse(errno.EPERM)
        + _step(_RETURN, _ALLOW)
    )


def _no_closing() -> bytes:
    """A process that closed itself to its supervisor could not be watched."""
    return (
        _step(_LOAD, _FIRST_ARGUMENT_AT)
        + _step(_EQUAL, _PR_SET_DUMPABLE, 0, 1)
        + _refuse(errno.EPERM)
        + _step(_RETURN, _ALLOW)
    )


def _terminal_input() -> bytes:
    return (
        _step(_LOAD, _SECOND_ARGUMENT_AT)
        + _step(_EQUAL, _TIOCSTI, 1, 0)
        + _step(_EQUAL, _TIOCLINUX, 0, 1)
        + _refuse(errno.EPERM)
        + _step(_RETURN, _ALLOW)
    )


def build_filter(*, internet: bool = True, memory_files: bool = False, protected: tuple[int, ...] = ()) -> bytes:
    """The filter for this machine, as 8-byte BPF instructions.

    `internet` allows sockets that a network namespace confines. `memory_files` allows files in memory and shared
    mappings without a file, which CUDA needs: what they hold while no process has it mapped is in nobody's figures.
    `protected` are processes, or groups as negative numbers, that may not be signalled, given limits or another
    priority.
    """
    machine = os.uname().machine
    column = list(_ARCHITECTURES).index(machine)
    steps = _step(_LOAD, _ARCHITECTURE_AT) + _step(_EQUAL, _ARCHITECTURES[machine], 1, 0) + _step(_RETURN, _KILL)
    steps += _step(_LOAD, _NUMBER_AT)
    if machine == "x86_64":  # x32 calls carry bit 30
        steps += _step(_AT_LEAST, 0x40000000, 0, 1) + _step(_RETURN, _KILL)
    for numbers in _REFUSED.values():
        if (number := numbers[column]) is not None:
            steps += _when_call(number, _refuse(errno.EPERM))
    steps += _when_call(_CLONE3, _refuse(errno.ENOSYS))  # glibc falls back to clone, whose flags can be read
    steps += _when_call(_CLONE[machine], _clone_flags())
    if protected:
        guard = _first_argument_among(protected, then=_refuse(errno.EPERM), otherwise=_step(_RETURN, _ALLOW))
        steps += b"".join(_when_call(numbers[column], guard) for numbers in _AIMED.values())
        for call, kind in _PRIORITY.values():
            steps += _when_call(call[column], _own_priority_only(kind))
    if not memory_files:
        steps += _when_call(_MEMFD_CREATE[machine], _refuse(errno.ENOSYS))
        steps += _when_call(_MMAP[machine], _no_nameless_sharing())
    steps += _when_call(_PRCTL[machine], _no_closing())
    steps += _when_call(_SOCKET[machine], _socket_families(internet))
    steps += _when_call(_SOCKETPAIR[machine], _socket_families(internet))
    steps += _when_call(_IOCTL[machine], _terminal_input())
    return steps + _step(_RETURN, _ALLOW)
