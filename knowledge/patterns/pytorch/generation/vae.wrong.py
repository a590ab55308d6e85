"""Wrong: sample() draws the code without a graph; the encoder learns nothing from the reconstruction."""

import torch
from torch import nn
from torch.distributions import Normal

encoder, decoder = nn.Linear(64, 8), nn.Linear(8, 64)
images = torch.rand(4, 64)
code = Normal(encoder(images), 1.0).sample()  # wrong: rsample(), or mean + std * noise
(decoder(code) - images).square().sum().backward()
assert encoder.weight.grad is not None, "the encoder gets no gradient"
