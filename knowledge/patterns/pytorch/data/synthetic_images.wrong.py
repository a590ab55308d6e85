"""Random pixels with random labels: the training loss falls, the network has learnt nothing but these images."""

import torch
from torch import nn

torch.manual_seed(0)
images, labels = (
    torch.randn(400, 3, 16, 16),
    torch.randint(0, 5, (400,)),
)  # wrong: labels have nothing to do with images
train, test = slice(0, 200), slice(200, 400)

model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 64), nn.ReLU(), nn.Linear(64, 5))
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
for _ in range(50):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(images[train]), labels[train])
    loss.backward()
    optimizer.step()

accuracy = (model(images[test]).argmax(dim=1) == labels[test]).float().mean().item()
assert loss < 0.1
assert accuracy > 0.5, (
    f"random labels cannot be learnt: training loss {loss:.3f}, held-out accuracy {accuracy:.2f} of 5"
)
