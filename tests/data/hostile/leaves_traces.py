"""Leaves files, names of shared things and changed modules for the next run to find."""

import builtins
import ctypes
import json
import os
import random
import socket
import sys
from multiprocessing import shared_memory

from attempts import OWN, TEMPORARY, attempt, call, say

for folder in OWN:
    open(os.path.join(folder, "trace"), "w").write("trace")
    os.makedirs(os.path.join(folder, "closed"), exist_ok=True)
    open(os.path.join(folder, "closed", "trace"), "w").write("trace")
    os.chmod(os.path.join(folder, "closed"), 0)
os.makedirs("/".join([TEMPORARY, *["deep-trace"] * 100]))
attempt("I3", "named memory", lambda: shared_memory.SharedMemory("named-trace", create=True, size=4096).name)
attempt("I3", "message queue", lambda: call(240, b"trace", os.O_CREAT | os.O_RDWR, 0o600, None))
attempt("I3", "System V memory", lambda: call(29, 0x4242, 4096, 0o1666))
attempt("I3", "key", lambda: call(248, b"user", b"trace", b"x", 1, -4))
bound = socket.socket(socket.AF_UNIX)
attempt("I3", "abstract socket", lambda: bound.bind("\0trace"))
attempt("I3", "socket in a folder", lambda: socket.socket(socket.AF_UNIX).bind(f"{TEMPORARY}/trace.socket"))
attempt("I3", "port", lambda: socket.socket().bind(("127.0.0.1", 4242)))
json.dumps = lambda *_, **__: "poisoned"
builtins.sum = lambda *_: -1
os.getpid = lambda: 0
sys.path.insert(0, f"{TEMPORARY}/trace")
sys.modules["colorsys"] = json
random.seed(7)
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] in ("numpy", "gradproof_inside") and module is not None:
        for attribute in list(vars(module)):
            if not attribute.startswith("__"):
                try:
                    setattr(module, attribute, None)
                except (AttributeError, TypeError):
                    pass
os.environ["TRACE"] = "trace"
os.umask(0o777)
os.nice(5)
sys.stdout.write("left")
sys.stdout.flush()
os._exit(0)
