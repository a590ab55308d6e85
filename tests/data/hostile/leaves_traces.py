"""Leaves files, and changes modules, for the next run to find."""

import builtins
import json
import os
import sys

for folder in ("/tmp", "/dev/shm", os.environ["HOME"], os.environ["TMPDIR"]):
    open(os.path.join(folder, "trace"), "w").write("trace")
json.dumps = lambda *_, **__: "poisoned"
builtins.sum = lambda *_: -1
sys.modules["os"].getpid = lambda: 0
if "torch" in sys.modules:
    import torch

    torch.relu = None
    torch.nn.Linear.forward = None
print("left")
