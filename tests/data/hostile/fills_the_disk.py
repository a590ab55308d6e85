"""Fills its folders. Argument: with content, names, depth, shared memory, or a sparse file."""

import errno
import os
import signal
import sys
import time

from attempts import OWN, say

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def until_refused(action):
    try:
        for number in range(10**6):
            action(number)
    except OSError as refusal:
        return errno.errorcode[refusal.errno]
    return "NEVER"


def fill(path):
    with open(path, "wb", buffering=0) as file:
        say("E6", path, until_refused(lambda _: file.write(b"x" * (1 << 20)) and time.sleep(0.002)))
        say("E6", f"{path} holds", os.path.getsize(path) >> 20)
    time.sleep(0.1)


def content():
    fill(f"{OWN[0]}/fill")


def shared_memory():
    fill(f"{OWN[1]}/fill")


def sparse():
    file = os.open("sparse.bin", os.O_CREAT | os.O_RDWR)
    say("E8", "truncate", until_refused(lambda _: os.ftruncate(file, 1 << 40)))
    say("E8", "seek", until_refused(lambda number: os.pwrite(file, b"x", (1 << 30) * (number + 1))))
    say("E8", "allocate", until_refused(lambda _: os.posix_fallocate(file, 0, 1 << 40)))
    say("E8", "size", os.fstat(file).st_size)


def depth():
    say("E7", "long name", until_refused(lambda _: open("x" * 300, "w")))
    for _ in range(150):
        os.mkdir("deeper")
        os.chdir("deeper")
    open("deep.bin", "w").write("deep")


def names():
    os.mkdir("many")
    say("E7", "inodes", until_refused(lambda number: open(f"many/{number}.bin", "w").close()))


globals()[sys.argv[1]]()
