"""Wrong: one call between two clocks. It is the first, in which the function is compiled."""

import time

import torch

function = torch.compile(lambda x: (x * 2).relu() + 1, backend="eager")
x = torch.ones(100)
times = []
for _ in range(20):
    start = time.perf_counter()
    function(x)
    times.append(time.perf_counter() - start)
first, usual = times[0], sorted(times)[10]
assert first < 3 * usual, f"the first call took {first / usual:.0f} times as long as the usual one"
