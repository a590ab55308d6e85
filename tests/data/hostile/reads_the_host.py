"""Looks for files, environments, processes and descriptors of the host.

Arguments: canary files, joined by colons.
"""

import os
import stat
import sys

from attempts import TEMPORARY, attempt, read, say

canaries = sys.argv[1].split(":")
pids = [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def look(path):
    return os.listdir(path) if os.path.isdir(path) else read(path)


for path in ("/etc/passwd", "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/hostname", "/etc/machine-id", "/etc/ssh", "/etc/ssl/private"):
    attempt("A1", path, lambda: look(path))
places = ["~/.ssh", "~/.aws", "~/.netrc", "~/.config", "~/.git-credentials", "~/.docker", "~/.kube", "~/.cache/huggingface", "~/.bash_history"]
for path in [*canaries, *map(os.path.expanduser, places), *(place.replace("~", "/root") for place in places), "/home", "/var", "/run", "/mnt", "/opt", "/srv", "/boot"]:
    attempt("A2", path, lambda: look(path))

names = {os.path.basename(path) for path in canaries}
found, folders = [], 0
for folder, below, files in os.walk("/"):
    folders += 1
    found += [os.path.join(folder, name) for name in files if name in names]
    deep = folder.count("/") > 7 or folder.startswith("/usr/") and folder.count("/") > 3  # packages have thousands of folders
    below[:] = [] if deep else [name for name in below if os.path.join(folder, name) not in ("/proc", "/sys")]
say("A3", "walk", f"{folders} folders, found {found}")

for pid in sorted({*pids, 1, os.getppid(), *range(1, 100)}):
    for name in ("environ", "cmdline", "comm"):
        attempt("A4", f"/proc/{pid}/{name}", lambda: read(f"/proc/{pid}/{name}", 1 << 16))
say("A4", "pids", sorted(pids))

for pid in [*(str(pid) for pid in pids), "self", "thread-self"]:
    for canary in canaries:
        attempt("A5", f"/proc/{pid}/root{canary}", lambda: read(f"/proc/{pid}/root{canary}"))
        attempt("A5", f"/proc/{pid}/cwd/{'../' * 12}{canary}", lambda: read(f"/proc/{pid}/cwd/{'../' * 12}{canary}"))
    for number in range(64):
        if pid.isdecimal() and int(pid) != os.getpid():
            attempt("A5", f"/proc/{pid}/fd/{number}", lambda: read(f"/proc/{pid}/fd/{number}"))

for path in ("/proc/kcore", "/proc/kmsg", "/proc/sysrq-trigger", "/dev/mem", "/dev/kmem", "/dev/port", "/dev/kvm", "/dev/fuse",
             "/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/tty", "/dev/console", "/dev/ptmx", "/dev/vsock", "/dev/loop-control", "/dev/uinput"):
    attempt("A6", path, lambda: os.open(path, os.O_RDWR if path.startswith("/dev") else os.O_RDONLY))
for path in ("/proc/kallsyms", "/proc/iomem", "/proc/ioports", "/proc/vmallocinfo"):  # lists of addresses, all of them zeros
    attempt("A6", path, lambda: {line.split()[0].strip(b"0-") for line in open(path, "rb")} - {b""})
try:
    say("A6", "/dev", sorted(os.listdir("/dev")))
except OSError:
    say("A6", "/dev", "[]")

for path in ("/sys", "/sys/class/net", "/sys/class/dmi/id/product_uuid", "/sys/fs/cgroup", "/proc/net/arp", "/proc/self/cgroup", "/proc/self/mountinfo"):
    attempt("A7", path, lambda: look(path))
attempt("A7", "hostname", lambda: os.uname().nodename)
attempt("A7", "domain", lambda: read("/proc/sys/kernel/domainname"))

for name, value in os.environ.items():
    say("A8", name, value)
attempt("A8", "/proc/self/environ", lambda: read("/proc/self/environ", 1 << 16))

for number in range(1024):
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        continue
    say("A9", str(number), f"{stat.S_IFMT(mode):o} {os.readlink(f'/proc/self/fd/{number}')}")

for number, canary in enumerate(canaries):
    for how, target in {"up": f"{TEMPORARY}/{'../' * 20}{canary}", "root": f"/proc/self/root/{canary}", "init": f"/proc/1/root/{canary}"}.items():
        link = f"{TEMPORARY}/{how}{number}"
        os.symlink(target, link)
        attempt("A10", f"{how} {canary}", lambda: read(link))
    attempt("A10", f"hard {canary}", lambda: os.link(canary, f"{TEMPORARY}/hard{number}"))
