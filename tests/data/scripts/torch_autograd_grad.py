"""Gradients from autograd.grad, applied by hand."""

import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(256, 3)
t = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3
model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
for i in range(100):
    loss = nn.functional.mse_loss(model(x[:192]), t[:192])
    grads = torch.autograd.grad(loss, list(model.parameters()))
    with torch.no_grad():
        for p, g in zip(model.parameters(), grads):
            p -= 0.1 * g
model.eval()
with torch.no_grad():
    print(float(nn.functional.mse_loss(model(x[192:]), t[192:])))
