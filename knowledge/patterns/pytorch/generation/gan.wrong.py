"""Wrong: the discriminator's step runs back through the generator, and frees the graph that its own step needs."""

import torch
from torch import nn
from torch.nn import functional as F

generator, discriminator = nn.Linear(4, 2), nn.Linear(2, 1)
fake = generator(torch.randn(8, 4))
F.binary_cross_entropy_with_logits(discriminator(fake), torch.zeros(8, 1)).backward()  # wrong: fake.detach()
F.binary_cross_entropy_with_logits(discriminator(fake), torch.ones(8, 1)).backward()
