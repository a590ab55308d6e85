"""Wrong: a schedule, and a loop that never says that a step is over. Nothing was recorded."""

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, schedule

model, x = nn.Linear(8, 8), torch.ones(4, 8)
with profile(activities=[ProfilerActivity.CPU], schedule=schedule(wait=1, warmup=1, active=2)) as profiler:
    for _ in range(6):
        model(x)  # wrong: profiler.step() is missing
print(profiler.key_averages().table())
