"""Right although the order of the inputs does not matter and they are summed away: the label belongs to the set."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DeepSet(nn.Module):
    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.element = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.whole = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, points: Tensor) -> Tensor:
        """Map sets of points (N, K, 2) to one logit a set, (N,)."""
        return self.whole(self.element(points).mean(dim=1)).squeeze(1)


def make_sets(count: int) -> tuple[Tensor, Tensor]:
    """The label says whether the points of a set spread wider than usual."""
    labels = torch.randint(2, (count,))
    spread = 0.6 + 0.6 * labels.view(-1, 1, 1)
    return spread * torch.randn(count, 12, 2) + torch.randn(count, 1, 2) * 0.3, labels.float()


def main() -> None:
    torch.manual_seed(23)
    points, labels = make_sets(1200)
    test_points, test_labels = make_sets(300)
    model = DeepSet()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(6):
        losses = []
        for rows in torch.randperm(len(labels)).split(40):
            loss = F.binary_cross_entropy_with_logits(model(points[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            accuracy = ((model(test_points) > 0) == (test_labels > 0.5)).float().mean().item()
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
