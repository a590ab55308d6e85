"""Right although `step` comes before `backward` in the text: L-BFGS calls the closure itself, several times a step."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_iris
from torch import Tensor, nn


def main() -> None:
    torch.manual_seed(4)
    features, species = (torch.from_numpy(array) for array in load_iris(return_X_y=True))
    order = torch.randperm(len(species))
    train, test = order[:100], order[100:]
    features = features.float()
    scaled = (features - features[train].mean(dim=0)) / features[train].std(dim=0)

    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=5, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        penalty = 1e-3 * sum(p.square().sum() for p in model.parameters())
        loss = F.cross_entropy(model(scaled[train]), species[train]) + penalty
        loss.backward()
        return loss

    for step in range(40):
        loss = optimizer.step(closure)
        if step % 10 == 9:
            with torch.no_grad():
                accuracy = (model(scaled[test]).argmax(1) == species[test]).float().mean().item()
            print(f"step {step}: loss {loss.item():.4f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
