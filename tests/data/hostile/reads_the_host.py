"""Looks for files, environments, processes and descriptors of the host. Prints every one it finds, by name."""

import os
import sys

canary = sys.argv[1]
for path in ("/etc/shadow", "/etc/hostname", "/root", "/home", "/var", "/run", "/proc/1/environ", "/proc/1/root", "/proc/1/fd/0",
             "/proc/1/mem", "/proc/kcore", "/dev/mem", "/dev/vda", "/dev/kvm", canary, f"/proc/self/root{canary}"):
    try:
        found = os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(64)
    except OSError:
        continue
    if found and path in ("/root", "/home"):  # folders above the interpreter may be there, with nothing else in them
        found = [name for name in found if not sys.prefix.startswith(f"{path}/{name}") and not sys.base_prefix.startswith(f"{path}/{name}")]
    if found:
        print("READ", path, found)
print("PASSWD", open("/etc/passwd").read().strip())
for folder, _, names in os.walk("/", onerror=None):
    if os.path.basename(canary) in names:
        print("FOUND", folder)
print("PIDS", sorted(int(name) for name in os.listdir("/proc") if name.isdecimal()))
print("HOSTNAME", os.uname().nodename)
print("ENVIRONMENT", *(name for name in os.environ if "KEY" in name or "TOKEN" in name or "SECRET" in name))
open_descriptors = []
for number in range(1024):
    try:
        os.fstat(number)
    except OSError:
        continue
    open_descriptors.append(number)
print("DESCRIPTORS", open_descriptors)
