"""Wrong: the mean of the batches' perplexities; exp of a mean is not the mean of exps."""

import torch

losses = torch.tensor([0.1] * 90 + [6.0] * 10)  # of each token; hard ones lie together
batches = losses.split(10)
by_batches = torch.stack([batch.mean().exp() for batch in batches]).mean().item()  # wrong: sum, count, one exp
exact = losses.mean().exp().item()
assert abs(by_batches - exact) < 0.01, f"the perplexity depends on the batches: {by_batches:.1f} and not {exact:.1f}"
