"""LinearLR with its defaults, which are those of a warm-up."""

import torch

optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
schedule = torch.optim.lr_scheduler.LinearLR(optimizer)  # wrong: start_factor=1.0, end_factor=0.0, total_iters=steps
rates = []
for _ in range(10):
    rates.append(schedule.get_last_lr()[0])
    optimizer.step()
    schedule.step()
assert rates[-1] < rates[0], f"the rate rose from {rates[0]:.2f} to {rates[-1]:.2f}"
