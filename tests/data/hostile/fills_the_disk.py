"""Fills /tmp and /dev/shm, with content, with names and with one sparse file."""

import errno
import os


def until_refused(action):
    try:
        for number in range(10**6):
            action(number)
    except OSError as refusal:
        return errno.errorcode[refusal.errno]
    return "NEVER"


def write(path):
    return lambda _: file.write(b"x" * (1 << 20))


for path in ("/tmp/fill", "/dev/shm/fill"):
    with open(path, "wb", buffering=0) as file:
        print(path, until_refused(write(path)))
    os.unlink(path)
os.mkdir("/tmp/many")
print("inodes", until_refused(lambda number: open(f"/tmp/many/{number}", "w").close()))
try:
    os.truncate("/tmp/work/sparse", 1 << 40) if os.path.exists("/tmp/work/sparse") else os.ftruncate(os.open("/tmp/sparse", os.O_CREAT | os.O_RDWR), 1 << 40)
    print("sparse NEVER")
except OSError as refusal:
    print("sparse", errno.errorcode[refusal.errno])
