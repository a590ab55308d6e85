"""Ends by a fault in C, in the way of the argument, after some last words."""

import ctypes
import os
import pickle
import resource
import sys

print("last words", file=sys.stderr, flush=True)
how = sys.argv[1]
if how == "null":
    ctypes.string_at(1)
elif how == "abort":
    os.abort()
elif how == "deep_pickle":
    nested = []
    for _ in range(10**6):
        nested = [nested]
    sys.setrecursionlimit(10**7)
    pickle.dumps(nested)
elif how == "deep_repr":
    nested = []
    for _ in range(10**6):
        nested = [nested]
    sys.setrecursionlimit(10**7)
    repr(nested)
elif how == "core":
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    pid = os.fork()
    if pid == 0:
        os.abort()
    _, status = os.waitpid(pid, 0)
    print("dumped", os.WCOREDUMP(status), resource.getrlimit(resource.RLIMIT_CORE))
    print("left", sorted(name for folder in (".", os.environ["TMPDIR"], os.environ["HOME"]) for name in os.listdir(folder) if "core" in name))
