"""The mean of the weights of networks that were trained apart, in place of the mean of their answers."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

data, target = load_digits(return_X_y=True)
x, y = torch.tensor(data / 16, dtype=torch.float32), torch.tensor(target)
models = []
for seed in range(4):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(40):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    models.append(model)

states = [model.state_dict() for model in models]
mean = {name: torch.stack([state[name] for state in states]).mean(dim=0) for name in states[0]}
alone = (models[0](x).argmax(dim=1) == y).float().mean().item()
models[0].load_state_dict(mean)  # wrong: average softmax(model(x)) over the models
averaged = (models[0](x).argmax(dim=1) == y).float().mean().item()
assert averaged > alone - 0.02, f"the averaged weights are right for {averaged:.0%}, one member for {alone:.0%}"
