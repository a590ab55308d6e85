"""Leaves processes behind that should not outlive it. Arguments: how they hide, a marker for their command line."""

import os
import signal
import subprocess
import sys
import time

how, marker = sys.argv[1:]
sleep = ["/usr/bin/sleep", marker]


def hide():
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    os.execv(sleep[0], sleep)


if how == "adopted":  # a child of its parent's, which does not know of it
    import ctypes

    if ctypes.CDLL(None).syscall(56, 0x8000 | signal.SIGCHLD, 0, 0, 0, 0) == 0:
        hide()
elif os.fork() == 0:
    os.setsid()
    if how == "double fork" and os.fork() == 0:
        hide()
    if how == "session of its own":
        hide()
    if how == "silent":
        os.closerange(0, 64)
        if os.fork() == 0:
            hide()
    if how == "no death signal":
        import ctypes

        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        if os.fork() == 0:
            hide()
    os._exit(0)
if how == "chain":  # always one more, each the child of one that has gone
    subprocess.Popen([sys.executable, "-S", "-c", "import os, time\nwhile True:\n    if os.fork(): os._exit(0)\n    time.sleep(0.001)", marker])
time.sleep(0.1)
print("left")
