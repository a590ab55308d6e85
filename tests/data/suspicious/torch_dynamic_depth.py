"""Right although batches take different paths and some ids are never seen: depth is drawn, rare ids are absent."""

import random

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class StochasticDepth(nn.Module):
    """Residual layers, each left out of half of the training batches (Huang et al., 2016)."""

    def __init__(self, ids: int = 200, width: int = 24, depth: int = 4) -> None:
        super().__init__()
        self.embedding = nn.Embedding(ids, width)
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.head = nn.Linear(width, 4)

    def forward(self, bag: Tensor) -> Tensor:
        """Map bags of ids (N, K) to logits (N, 4)."""
        x = self.embedding(bag).mean(dim=1)
        for layer in self.layers:
            if self.training and random.random() < 0.5:
                continue
            x = x + (1.0 if self.training else 0.5) * F.relu(layer(x))
        return self.head(x)


def make_bags(count: int) -> tuple[Tensor, Tensor]:
    """Half of the ids in a bag are of the label's own group of 25; the ids from 100 on exist but do not occur."""
    labels = torch.randint(4, (count,))
    own = labels.view(-1, 1) * 25 + torch.randint(25, (count, 5))
    return torch.cat([own, torch.randint(100, (count, 5))], dim=1), labels


def main() -> None:
    torch.manual_seed(26)
    random.seed(26)
    bags, labels = make_bags(1500)
    test_bags, test_labels = make_bags(300)
    model = StochasticDepth()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(5):
        model.train()
        losses = []
        for rows in torch.randperm(len(labels)).split(50):
            loss = F.cross_entropy(model(bags[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            accuracy = (model(test_bags).argmax(1) == test_labels).float().mean().item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
