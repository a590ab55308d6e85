"""Calls the parts of the kernel that no training program needs, by the numbers of x86-64."""

import ctypes
import os
import struct
import signal
import subprocess
import sys

from attempts import attempt, call, read, say

buffer = ctypes.create_string_buffer(4096)
NEW = {"user": 0x10000000, "pid": 0x20000000, "net": 0x40000000, "mount": 0x00020000, "uts": 0x04000000, "ipc": 0x08000000, "cgroup": 0x02000000, "time": 0x80}
CALLS = {
    "F1": {"mount": (165, b"none", b"/tmp", b"tmpfs", 0, None), "umount": (166, b"/tmp", 2), "fsopen": (430, b"tmpfs", 0), "fsmount": (432, 3, 0, 0),
           "fsconfig": (431, 3, 6, None, None, 0), "fspick": (433, -100, b"/", 0), "open_tree": (428, -100, b"/", 1), "move_mount": (429, -100, b"/tmp", -100, b"/usr", 0),
           "mount_setattr": (442, -100, b"/", 0, buffer, 32), "pivot_root": (155, b"/tmp", b"/tmp"), "chroot": (161, b"/tmp"), "open_tree_attr": (467, -100, b"/", 1, buffer, 32)},
    "F2": {f"unshare {name}": (272, flag) for name, flag in NEW.items()} | {"setns": (308, 0, 0)},
    "F3": {f"bpf {command}": (321, command, buffer, 120) for command in (0, 5, 18)},
    "F4": {"userfaultfd": (323, 1), "userfaultfd 0": (323, 0)},
    "F5": {"setup": (425, 8, buffer), "enter": (426, 3, 1, 0, 0, None, 0), "register": (427, 3, 0, None, 0)},
    "F6": {"add_key": (248, b"user", b"canary", b"x", 1, -3), "request_key": (249, b"user", b"canary", None, -3), "keyctl": (250, 0, -3, 0)},
    "F7": {"perf_event_open": (298, buffer, 0, -1, -1, 0)},
    "F8": {"open_by_handle_at": (304, -100, buffer, 0), "name_to_handle_at": (303, -100, b"/", buffer, buffer, 0)},
    "F9": {"kexec_load": (246, 0, 0, None, 0), "kexec_file_load": (320, 0, 0, 0, None, 0), "init_module": (175, buffer, 1, b""), "finit_module": (313, 0, b"", 0),
           "delete_module": (176, b"canary", 0), "reboot": (169, 0xFEE1DEAD, 672274793, 0, 0), "swapon": (167, b"/tmp", 0), "swapoff": (168, b"/tmp"),
           "acct": (163, b"/tmp/acct"), "quotactl": (179, 0, None, 0, None), "settimeofday": (164, buffer, None), "clock_settime": (227, 0, buffer),
           "adjtimex": (159, buffer), "clock_adjtime": (305, 0, buffer), "vhangup": (153,), "syslog": (103, 3, buffer, 4096), "quotactl_fd": (443, 0, 0, 0, None), "sethostname": (170, b"canary", 6), "setdomainname": (171, b"canary", 6), "lookup_dcookie": (212, 0, buffer, 4096),
           "iopl": (172, 3), "ioperm": (173, 0, 1, 1)},
    "F10": {"no randomisation": (135, 0x0040000), "read implies exec": (135, 0x0400000), "linux32": (135, 8), "modify_ldt": (154, 0, buffer, 16)},
    "F13": {"shmget": (29, 0, 4096, 0o1600), "shmat": (30, 0, None, 0), "shmctl": (31, 0, 14, buffer), "semget": (64, 0, 1, 0o1600), "semctl": (66, 0, 0, 19, buffer),
            "semop": (65, 0, buffer, 1), "semtimedop": (220, 0, buffer, 1, None), "msgget": (68, 0, 0o1600), "msgsnd": (69, 0, buffer, 1, 0), "msgrcv": (70, 0, buffer, 1, 0, 0), "msgctl": (71, 0, 12, buffer)},
    "F14": {"fanotify_init": (300, 0, 0), "fanotify_init for names": (300, 0x200, 0)},
    "D3": {"ptrace attach 1": (101, 16, 1, 0, 0), "ptrace seize 1": (101, 0x4206, 1, 0, 0), "ptrace attach parent": (101, 16, os.getppid(), 0, 0),
           "process_vm_readv": (310, 1, buffer, 1, buffer, 1, 0), "process_vm_writev": (311, 1, buffer, 1, buffer, 1, 0), "kcmp": (312, 1, os.getpid(), 0, 0, 0)},
    "E15": {"asynchronous io": (206, 64, buffer), "keyring": (250, 1, b"canary"), "memfd_secret": (447, 0), "migrate_pages": (256, 1, 8, buffer, buffer), "move_pages": (279, 1, 1, buffer, buffer, buffer, 0)},
}
for case, calls in CALLS.items():
    for name, (number, *arguments) in calls.items():
        attempt(case, name, lambda: call(number, *arguments))
for name, flag in NEW.items():
    def fork():
        pid = call(56, ctypes.c_ulong(flag | signal.SIGCHLD), 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        return pid
    attempt("F2", f"clone {name}", fork)
attempt("F12", "clone3", lambda: call(435, buffer, 88))
attempt("F12", "clone3 for a user namespace", lambda: call(435, ctypes.create_string_buffer((0x10000000).to_bytes(8, "little") + bytes(80)), 88))
attempt("D3", "pidfd_getfd", lambda: call(438, os.pidfd_open(1), 0, 0))
for path in ("/dev/null", "/proc/1/ns/net", "/proc/self/ns/user"):
    attempt("F2", f"setns {path}", lambda: call(308, os.open(path, os.O_RDONLY), 0))
attempt("F14", "inotify on a folder of the host", lambda: call(254, call(253), sys.argv[1].encode(), 0xFFF))

attempt("D11", "unshare", lambda: call(272, NEW["user"]))
for command in ("unshare --user true", "unshare --map-root-user --mount true", "bwrap --dev-bind / / true"):
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    say("D11", command, f"exit {done.returncode}")
say("D11", "allowed", read("/proc/sys/user/max_user_namespaces"))
for command in ("su root -c 'id -u'", "sudo -n id -u", "pkexec id -u", "newgrp root -c 'id -u'", "chsh -s /bin/sh", "mount -t tmpfs none /tmp", "newuidmap 1 0 0 1", "passwd -d root"):
    done = subprocess.run(command, shell=True, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=10)
    say("D12", command, f"exit {done.returncode} {done.stdout.strip()}")
attempt("D12", "setuid", lambda: os.setuid(0))
attempt("D12", "setgroups", lambda: os.setgroups([0]))
attempt("D13", "real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
REAL_TIME = struct.pack("IIQiIQQQ", 48, 6, 0, 0, 0, 10**7, 3 * 10**7, 3 * 10**7)  # SCHED_DEADLINE: 10 ms of every 30
attempt("D13", "deadline", lambda: call(314, 0, REAL_TIME, 0))
attempt("D13", "nice", lambda: os.nice(-5))
attempt("D13", "nice of 1", lambda: os.setpriority(os.PRIO_PROCESS, 1, -20))
attempt("D13", "io class", lambda: call(251, 1, 0, 1 << 13))

PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_CAP_AMBIENT, PR_SET_SECUREBITS = 38, 39, 22, 47, 28
attempt("F18", "no_new_privs off", lambda: call(157, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0))
attempt("F18", "seccomp off", lambda: call(157, PR_SET_SECCOMP, 0, 0, 0, 0))
attempt("F18", "capability", lambda: call(157, PR_CAP_AMBIENT, 2, 21, 0, 0))
attempt("F18", "securebits", lambda: call(157, PR_SET_SECUREBITS, 0, 0, 0, 0))
say("F18", "no_new_privs", call(157, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))


def native(fields=("NoNewPrivs", "Seccomp", "CapEff", "CapBnd", "Uid")):
    lines = dict(line.split(":\t") for line in os.read(reader, 1 << 16).decode().splitlines() if ":\t" in line)
    return {name: lines[name].split()[0] for name in fields}


for how in ("exec", "memfd"):
    reader, writer = os.pipe()
    file = os.open("/usr/bin/cat", os.O_RDONLY)
    if how == "memfd":
        try:
            file = os.memfd_create("native", 0)
        except OSError as refusal:
            say("F17", how, refusal.strerror)
            continue
        os.write(file, read("/usr/bin/cat", 1 << 22))
    if os.fork() == 0:
        os.dup2(writer, 1)
        os.execve(file, ["cat", "/proc/self/status"], {})
    os.wait()
    say("F17" if how == "memfd" else "D10", how, native())
say("D10", "socket", subprocess.run([sys.executable, "-S", "-c", "import socket; socket.socket(40)"], capture_output=True, text=True).stderr.strip().splitlines()[-1])
say("D10", "descriptors", subprocess.run(["/bin/sh", "-c", "ulimit -n"], capture_output=True, text=True).stdout.strip())
