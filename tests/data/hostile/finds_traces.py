"""Prints whatever an earlier run left behind."""

import json
import os
import sys

for folder in ("/tmp", "/dev/shm", os.environ["HOME"]):
    print(*(os.path.join(folder, name) for name in os.listdir(folder) if name == "trace"), end="")
print(json.dumps([sum([1, 2])]), os.getpid() > 0)
if "torch" in sys.modules:
    import torch

    print(torch.nn.Linear(2, 2)(torch.ones(1, 2)).shape)
