"""Training with torch.func: parameters are values, and the module holds the initial ones."""

import torch
from torch import nn
from torch.func import functional_call, grad_and_value
torch.manual_seed(0)
x = torch.randn(256, 3)
t = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3
model = nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 1))
params = {k: v.detach() for k, v in model.named_parameters()}
def loss_fn(params, a, b):
    return nn.functional.mse_loss(functional_call(model, params, (a,)), b)
step = grad_and_value(loss_fn)
for i in range(100):
    g, v = step(params, x[:192], t[:192])
    params = {k: p - 0.1 * g[k] for k, p in params.items()}
with torch.no_grad():
    print(float(loss_fn(params, x[192:], t[192:])))
