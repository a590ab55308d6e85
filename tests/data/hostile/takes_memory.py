"""Takes memory without end, in the way of the argument."""

import contextlib
import ctypes
import gc
import mmap
import os
import socket
import sys
import threading
import time

from attempts import OWN

MB = 1 << 20
held = []


def at_once():
    print(len(bytearray(64 << 30)))


def slowly():
    while True:
        held.append(bytearray(16 * MB))
        time.sleep(0.005)


def shared():
    while True:
        block = mmap.mmap(-1, 16 * MB)
        block.write(b"x" * 16 * MB)
        held.append(block)
        time.sleep(0.01)


def memory_files():
    while True:
        file = os.memfd_create("hidden")
        os.write(file, b"x" * 16 * MB)
        block = mmap.mmap(file, 16 * MB)
        sum(block[::4096])
        held.append(block)
        time.sleep(0.01)


def memory_files_not_mapped():
    while True:
        file = os.memfd_create("hidden")
        os.write(file, b"x" * 16 * MB)
        held.append(file)
        time.sleep(0.01)


def shared_files():
    for number in range(10**6):
        with open(f"{OWN[1]}/{number}", "wb") as file:
            file.write(b"x" * 16 * MB)
        time.sleep(0.01)


def unlinked_files():
    while True:
        file = open("hidden", "wb")
        os.unlink("hidden")
        file.write(b"x" * 16 * MB)
        file.flush()
        held.append(file)
        time.sleep(0.01)


def shared_and_dropped():
    """Pages of a shared mapping stay in memory when they are taken out of the page table."""
    while True:
        block = mmap.mmap(-1, 16 * MB)
        block.write(b"x" * 16 * MB)
        block.madvise(mmap.MADV_DONTNEED)
        held.append(block)
        time.sleep(0.01)


def memory_files_in_flight():
    import socket

    ours, theirs = socket.socketpair()
    while True:
        file = os.memfd_create("hidden")
        os.write(file, b"x" * 16 * MB)
        socket.send_fds(ours, [b"x"], [file])
        os.close(file)
        time.sleep(0.01)


def page_tables():
    """Reading makes page tables, of which nothing is counted as resident."""
    while True:
        block = mmap.mmap(-1, 1 << 36, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
        block.madvise(15)  # no huge pages
        for offset in range(0, 1 << 36, 2 * MB):
            block[offset]
        held.append(block)


def sparse():
    libc = ctypes.CDLL(None)
    libc.calloc.restype = ctypes.c_void_p
    block = libc.calloc(1, 3 << 30)
    if not block:
        raise MemoryError
    for offset in range(0, 3 << 30, 4096):
        ctypes.memset(block + offset, 1, 1)


def without_reserve():
    block = mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)
    for offset in range(0, 8 << 30, 4096):
        block[offset] = 1


def children():
    for _ in range(12):
        if os.fork() == 0:
            kept = bytearray(os.urandom(MB)) * 60
            time.sleep(100)
    time.sleep(100)


def orphans():
    for _ in range(12):
        if os.fork() == 0:
            if os.fork() == 0:
                os.setsid()
                kept = bytearray(os.urandom(MB)) * 60
                time.sleep(100)
            os._exit(0)
    time.sleep(100)


def threads():
    def take():
        kept = threading.local()
        kept.data = bytearray(os.urandom(MB)) * 40
        time.sleep(100)

    started = [threading.Thread(target=take, daemon=True) for _ in range(16)]
    for thread in started:
        thread.start()
    time.sleep(0.5)
    if not all(thread.is_alive() for thread in started):
        raise MemoryError
    time.sleep(100)


def pipes():
    while True:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        try:
            import fcntl

            fcntl.fcntl(writer, 1031, MB)
        except OSError:
            pass
        try:
            while True:
                os.write(writer, b"x" * 65536)
        except BlockingIOError:
            held.append((reader, writer))


def sockets():
    import socket

    while True:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * MB)
        ours.setblocking(False)
        try:
            while True:
                ours.send(b"x" * 65536)
        except BlockingIOError:
            held.append((ours, theirs))


def behind_a_dead_thread():
    """The process shows nothing any more where its first thread has ended, though another one goes on."""

    def take():
        time.sleep(0.1)
        data = bytearray(b"x") * (80 * MB)
        time.sleep(20)
        os._exit(len(data) % 2)

    for _ in range(6):
        if os.fork() == 0:
            threading.Thread(target=take).start()
            ctypes.CDLL(None).syscall({"x86_64": 60, "aarch64": 93}[os.uname().machine], 0)
    time.sleep(20)


def in_closed_processes():
    """A process that runs from a file nobody may read can be looked into by root alone."""
    copy = f"{OWN[0]}/closed"
    with open(os.path.realpath(sys.executable), "rb") as there, open(copy, "wb") as here:
        here.write(there.read())
    os.chmod(copy, 0o111)
    for _ in range(6):
        if os.fork() == 0:
            os.execv(copy, [copy, "-S", "-c", f"data = bytearray(b'x') * {80 * MB}; import time; time.sleep(20)"])
    time.sleep(20)


def in_sockets():
    """Bytes that lie in sockets, and sockets that lie in other sockets."""
    payload = b"x" * 65536
    while True:
        carrier, kept = socket.socketpair()
        held.append((carrier, kept))
        for _ in range(10):
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    ours.send(payload)
            socket.send_fds(carrier, [b"x"], [ours.fileno(), theirs.fileno()])
            ours.close()
            theirs.close()
        time.sleep(0.005)


def recursion():
    sys.setrecursionlimit(10**9)

    def deeper(number):
        return deeper(number + 1) + 1

    deeper(0)


def cycles():
    gc.disable()
    while True:
        one = [None] * 1000
        one[0] = one


print("taking", flush=True)
globals()[sys.argv[1]]()
