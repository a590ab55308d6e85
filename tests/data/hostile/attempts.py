"""Shared by the hostile programs: try one thing, and say in one line what came of it."""

import errno
import os
import sys

TEMPORARY = os.environ["TMPDIR"]
OWN = [folder for folder in dict.fromkeys((TEMPORARY, "/dev/shm", os.environ["HOME"], os.getcwd())) if os.access(folder, os.W_OK)]
"""Folders that a run may write to, as far as modes tell: some other layer may still refuse."""
try:
    open("/dev/shm/tried", "w").close()
    os.unlink("/dev/shm/tried")
except OSError:
    OWN = [folder for folder in OWN if folder != "/dev/shm"]


def walk(top):
    """As os.walk, but for the interpreter, which may lie below."""
    for folder, below, names in os.walk(top):
        below[:] = [name for name in below if os.path.join(folder, name) not in (sys.prefix, sys.base_prefix)]
        yield folder, below, names


def attempt(case, what, action):
    """Prints the case, what was tried, and DONE with what came back, or the name of the error."""
    try:
        outcome = f"DONE {action()!r}"[:2000]
    except OSError as refusal:
        outcome = errno.errorcode.get(refusal.errno, type(refusal).__name__)
    except BaseException as error:
        outcome = type(error).__name__
    say(case, what, outcome)
    return outcome


def say(case, what, outcome):
    print(case, what, str(outcome).encode("unicode_escape").decode(), sep="\t", flush=True)


def read(path, size=4096):
    with open(path, "rb") as file:
        return file.read(size)


def call(number, *arguments):
    """A system call by its number; raises what the kernel says."""
    import ctypes

    ctypes.set_errno(0)
    result = ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
