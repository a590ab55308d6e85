"""Prints whatever an earlier run left behind, and how its own interpreter is."""

import colorsys
import json
import os
import random
import socket
import sys

import numpy as np
from attempts import OWN, walk

traces = []
for top in OWN:
    for folder, below, names in walk(top):
        traces += [os.path.join(folder, name) for name in [*below, *names] if "trace" in name]
traces += [name for name in os.environ if name == "TRACE"] + [path for path in sys.path if "trace" in path]
traces += [line.split()[-1] for line in open("/proc/net/unix") if "trace" in line]
try:
    socket.socket(socket.AF_UNIX).bind("\0trace")
except PermissionError:
    pass
except OSError:
    traces.append("abstract socket")
print("traces", [path for path in traces if not path.endswith("finds_traces.py")])
print("modules", json.dumps([sum([1, 2])]), os.getpid() > 0, colorsys.rgb_to_hsv(0, 0, 1), float(np.ones(3).sum()))
print("process", oct(os.umask(0o77)), os.nice(0))
print("random", random.random(), np.random.rand(), hash("x"))
