"""Wrong: a learning rate drawn uniformly. Almost all draws are in the highest decade."""

import random

rng = random.Random(0)
rates = [rng.uniform(1e-5, 1e-1) for _ in range(1000)]
low = sum(rate < 1e-3 for rate in rates)  # two of the four decades
assert low > 300, f"of 1000 draws, {low} lie in the lower two of four decades"
