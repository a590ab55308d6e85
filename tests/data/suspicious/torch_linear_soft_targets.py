"""Right although there is no non-linearity and the targets are probabilities: softmax regression on soft labels."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_iris
from torch import nn


def main() -> None:
    torch.manual_seed(15)
    features, species = (torch.from_numpy(array) for array in load_iris(return_X_y=True))
    order = torch.randperm(len(species))
    train, test = order[:110], order[110:]
    features = features.float()
    scaled = (features - features[train].mean(dim=0)) / features[train].std(dim=0)
    soft = 0.9 * F.one_hot(species, 3).float() + 0.1 / 3

    model = nn.Linear(4, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    for epoch in range(20):
        total = 0.0
        for rows in train[torch.randperm(len(train))].split(11):
            loss = F.cross_entropy(model(scaled[rows]), soft[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        if epoch % 5 == 4:
            with torch.no_grad():
                accuracy = (model(scaled[test]).argmax(1) == species[test]).float().mean().item()
            print(f"epoch {epoch}: loss {total / len(train):.3f}, held-out accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
