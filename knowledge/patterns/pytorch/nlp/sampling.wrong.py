"""Wrong: the token that crosses p is left out; a sure first token leaves nothing to draw from."""

import torch

logits = torch.tensor([[4.0, 1.0, 0.0]])
ordered, order = logits.sort(dim=1, descending=True)
ordered[ordered.softmax(dim=1).cumsum(dim=1) > 0.9] = -torch.inf  # wrong: the sum before each token >= 0.9
torch.multinomial(ordered.softmax(dim=1), 1)
