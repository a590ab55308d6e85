"""Asks for packages and files of the network, as honest programs also do, and says how long each took to fail."""

import subprocess
import sys
import time
import urllib.request

from attempts import attempt, say


def timed(what, action):
    started = time.monotonic()
    attempt("C14", what, action)
    say("C14", f"{what} took", f"{time.monotonic() - started:.2f}")


def pip(*arguments):
    done = subprocess.run([sys.executable, "-m", "pip", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise ConnectionError(done.stderr[-300:])


timed("urllib", lambda: urllib.request.urlopen("https://pypi.org/simple/"))
timed("pip", lambda: pip("download", "--no-deps", "--dest", "/tmp/x", "gradproof-no-such-package"))
