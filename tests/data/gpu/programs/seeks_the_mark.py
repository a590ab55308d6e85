"""Looks for that byte in memory that it has not written."""

import torch

free, _ = torch.cuda.mem_get_info()
found = torch.empty(free * 3 // 4, dtype=torch.uint8, device="cuda")
print(int((found == 0xA7).sum().item()), int((found != 0).sum().item()))
