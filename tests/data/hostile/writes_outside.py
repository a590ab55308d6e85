"""Tries to write where the host, or the next run, would see it, and to become more than it is.

Arguments: a folder of the host, the folder of the program that started the sandbox.
"""

import os
import shutil
import stat
import subprocess
import sys
import sysconfig

from attempts import OWN, TEMPORARY, attempt, call, read, say

marker, project = sys.argv[1], sys.argv[2]
NAME = "canary-owned"
library, packages = os.path.dirname(os.__file__), sysconfig.get_paths()["purelib"]


def write(path, text="print('owned')\n"):
    with open(path, "w") as file:
        file.write(text)
    return path


for place in ("/", "/usr", "/usr/lib", "/usr/local", "/opt", "/etc", "/dev", "/proc", "/sys", "/gradproof", "/gradproof/checks", "/gradproof/gradproof_inside",
              "/var/tmp", "/root", "/home", sys.prefix, os.path.join(sys.prefix, "bin"), sys.base_prefix, packages, library):
    attempt("B1", place, lambda: write(os.path.join(place, NAME)))
    attempt("B1", f"mkdir {place}", lambda: os.mkdir(os.path.join(place, NAME + "-folder")))
for place in ("/", "/usr", sys.prefix, sys.base_prefix, packages, "/gradproof/checks", "/gradproof/gradproof_inside"):
    if os.path.isdir(place):
        say("B1", f"read-only {place}", bool(os.statvfs(place).f_flag & os.ST_RDONLY))
for path in (sys.executable, os.__file__, "/usr/bin/cat", "/etc/passwd", "/gradproof/gradproof_inside/supervisor.py"):
    attempt("B1", f"open {path}", lambda: os.open(path, os.O_WRONLY))
    attempt("B1", f"truncate {path}", lambda: os.truncate(path, 0))
    attempt("B1", f"chmod {path}", lambda: os.chmod(path, 0o777))
    attempt("B1", f"utime {path}", lambda: os.utime(path))
    attempt("B1", f"rename {path}", lambda: os.rename(path, path + NAME))
    attempt("B1", f"unlink {path}", lambda: os.unlink(path))

for folder in (packages, library, sys.prefix, "/gradproof", "/gradproof/checks"):
    for name in ("canary.pth", "sitecustomize.py", "usercustomize.py", "conftest.py"):
        attempt("B2", os.path.join(folder, name), lambda: write(os.path.join(folder, name)))
user_site = os.path.expanduser(f"~/.local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages")
for path in (os.path.join(user_site, "usercustomize.py"), os.path.expanduser("~/.pdbrc"), f"{TEMPORARY}/sitecustomize.py", "./conftest.py", "./json.py"):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    say("B2", "own " + path, write(path, "raise SystemExit('owned')\n"))

caches = [os.environ.get("TORCHINDUCTOR_CACHE_DIR"), os.environ.get("TRITON_CACHE_DIR"), "~/.cache/matplotlib", "~/.cache/huggingface", "~/.cache/torch", "~/.nv", "~/.keras", "~/.config/pip"]
for path in map(os.path.expanduser, filter(None, caches)):
    os.makedirs(path, exist_ok=True)
    say("B3", "own " + path, write(os.path.join(path, NAME)))
for folder in (library, packages, "/gradproof/checks/observe", "/gradproof/gradproof_inside"):
    attempt("B3", folder, lambda: os.makedirs(os.path.join(folder, "__pycache__"), exist_ok=True) or write(os.path.join(folder, "__pycache__", NAME + ".pyc")))

MS_REMOUNT, MS_BIND, MS_RDONLY, MS_MOVE = 32, 4096, 1, 8192
before = read("/proc/self/mountinfo", 1 << 16)
attempt("B4", "remount /", lambda: call(165, b"none", b"/", None, MS_REMOUNT | MS_BIND, None))
attempt("B4", "remount /usr", lambda: call(165, b"none", b"/usr", None, MS_REMOUNT | MS_BIND, None))
attempt("B4", "bind", lambda: call(165, b"/tmp", b"/usr", None, MS_BIND, None))
attempt("B4", "move", lambda: call(165, b"/tmp", b"/dev/shm", None, MS_MOVE, None))
attempt("B4", "tmpfs", lambda: call(165, b"none", b"/tmp", b"tmpfs", 0, None))
attempt("B4", "proc", lambda: call(165, b"proc", b"/tmp", b"proc", 0, None))
attempt("B4", "overlay", lambda: call(165, b"overlay", b"/usr", b"overlay", 0, b"lowerdir=/usr,upperdir=/tmp/u,workdir=/tmp/w"))
for place in (b"/tmp", b"/proc", b"/usr", b"/dev/shm", b"/"):
    attempt("B4", f"umount {place.decode()}", lambda: call(166, place, 2))
attempt("B4", "fsopen", lambda: call(430, b"tmpfs", 0))
attempt("B4", "open_tree", lambda: call(428, -100, b"/usr", 1))
attempt("B4", "move_mount", lambda: call(429, -100, b"/tmp", -100, b"/usr", 0))
attempt("B4", "mount_setattr", lambda: call(442, -100, b"/usr", 0, b"\0" * 32, 32))
attempt("B4", "pivot_root", lambda: call(155, b"/tmp", b"/tmp"))
attempt("B4", "chroot", lambda: os.chroot("/tmp"))
say("B4", "mounts", "unchanged" if read("/proc/self/mountinfo", 1 << 16) == before else "CHANGED")

for path, text in {"kernel/core_pattern": "|/tmp/x", "kernel/hostname": "owned", "kernel/modprobe": "/tmp/x", "vm/overcommit_memory": "1", "kernel/pid_max": "400",
                   "user/max_user_namespaces": "100", "net/ipv4/ip_forward": "1", "fs/suid_dumpable": "2", "kernel/domainname": "owned"}.items():
    attempt("B5", path, lambda: write(f"/proc/sys/{path}", text))
attempt("B5", "sysrq", lambda: write("/proc/sysrq-trigger", "h"))
attempt("B5", "sethostname", lambda: call(170, b"owned", 5))
attempt("B5", "own oom_score_adj", lambda: write("/proc/self/oom_score_adj", "-1000"))
attempt("B5", "oom_score_adj of 1", lambda: write("/proc/1/oom_score_adj", "-1000"))
for name in ("uid_map", "gid_map", "setgroups", "projid_map"):
    attempt("B5", name, lambda: write(f"/proc/self/{name}", "0 0 4294967295"))

attempt("B6", "character device", lambda: os.mknod("character", 0o666 | stat.S_IFCHR, os.makedev(1, 3)))
attempt("B6", "block device", lambda: os.mknod("block", 0o666 | stat.S_IFBLK, os.makedev(254, 0)))

for name in ("id", "cat"):
    shutil.copy(f"/usr/bin/{name}", f"{TEMPORARY}/{name}")
    os.chmod(f"{TEMPORARY}/{name}", 0o6755)
say("B7", "uid", subprocess.run([f"{TEMPORARY}/id", "-u"], capture_output=True, text=True).stdout.strip())
say("B7", "own", str(os.getuid()))
attempt("B7", "capability", lambda: os.setxattr(f"{TEMPORARY}/cat", "security.capability", bytes.fromhex("0100000200200000000000000000000000000000")))
attempt("B7", "chown", lambda: os.chown(f"{TEMPORARY}/id", 0, 0))
for line in subprocess.run([f"{TEMPORARY}/cat", "/proc/self/status"], capture_output=True, text=True).stdout.splitlines():
    if line.startswith(("CapPrm", "CapEff", "CapBnd", "CapInh", "CapAmb")):
        say("B7", line.split(":")[0], line.split()[1])
for place in OWN[:2]:
    say("B7", f"nosuid {place}", bool(os.statvfs(place).f_flag & os.ST_NOSUID))

attempt("B8", "marker", lambda: os.makedirs(marker, exist_ok=True) or write(os.path.join(marker, NAME)))
for name in (".git/hooks/post-checkout", ".env", "settings.json", "pyproject.toml", NAME):
    attempt("B8", f"{project}/{name}", lambda: write(os.path.join(project, name)))

for pid in {1, os.getppid(), *(int(name) for name in os.listdir("/proc") if name.isdecimal())} - {os.getpid()}:
    attempt("B9", f"/proc/{pid}/mem", lambda: os.open(f"/proc/{pid}/mem", os.O_RDWR))
    attempt("B9", f"/proc/{pid}/clear_refs", lambda: write(f"/proc/{pid}/clear_refs", "1"))
