"""Fails an assertion on the device, after which every call of this process to CUDA fails."""

import torch

table = torch.zeros(4, device="cuda")
index = torch.tensor([1 << 20], device="cuda")
try:
    table[index].sum().item()
except RuntimeError as error:
    print("first", type(error).__name__)
print(torch.ones(2, device="cuda").sum().item())
