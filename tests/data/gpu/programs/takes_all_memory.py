"""Takes the GPU's memory in pieces until it is refused, and holds it."""

import time

import torch

held = []
while True:
    try:
        held.append(torch.ones(64 << 20, dtype=torch.uint8, device="cuda"))
    except torch.OutOfMemoryError:
        time.sleep(0.1)
