# /// pattern
# id = "pt.train.swa"
# topic = "train.averaging"
# questions = [
#   "stochastic weight averaging pytorch",
#   "torch.optim.swa_utils how to use",
#   "update_bn after swa",
#   "swa model accuracy is terrible with batchnorm",
#   "SWALR constant learning rate at the end",
#   "average checkpoints of the last epochs",
#   "stocastic weight avaraging torch",
# ]
# apis = ["torch.optim.swa_utils.AveragedModel", "torch.optim.swa_utils.update_bn", "torch.optim.swa_utils.SWALR"]
# replaces = ["torchcontrib.optim.SWA", "averaging state_dicts by hand"]
# why = """The mean of the weights at the ends of the last epochs, walked through at a constant rate, lies in the middle
# of what they go round. Nobody has run data through these averaged weights: BatchNorm's statistics belong to other
# weights and must be taken anew, one pass over the training data."""
# pitfalls = """update_bn with the training transform's data, not with validation data. SWALR replaces the other
# scheduler from the start of the averaging on."""
# when_not = "No BatchNorm and a long training: an exponential moving average needs no last phase."
# checks = ["runs", "no_deprecation_warning", "trains"]
# wrong_outcome = "fails AssertionError: BatchNorm's statistics are not those of the averaged weights"
# ///
"""Stochastic weight averaging (Izmailov et al., arXiv 1803.05407), with BatchNorm's statistics taken anew."""

import torch
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn
from torch.utils.data import DataLoader, TensorDataset


def train_with_averaging(
    model: nn.Module, loader: DataLoader, *, epochs: int, start: int, rate: float, averaging_rate: float
) -> tuple[AveragedModel, list[float]]:
    """Train in place; the average of the weights at the ends of the epochs from start on, and the epochs' losses."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    scheduler = SWALR(optimizer, swa_lr=averaging_rate, anneal_epochs=2)
    average = AveragedModel(model)
    losses = []
    for epoch in range(epochs):
        model.train()
        total = 0.0
        for features, labels in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(features), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() / len(loader)
        losses.append(total)
        if epoch >= start:
            average.update_parameters(model)
            scheduler.step()
    update_bn(loader, average)
    return average, losses


if __name__ == "__main__":
    torch.manual_seed(0)
    features = 3 + 2 * torch.randn(512, 4)
    labels = ((features[:, 0] - 3) * (features[:, 1] - 3) > 0).long()
    loader = DataLoader(TensorDataset(features, labels), batch_size=64, shuffle=True)
    model = nn.Sequential(nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 2))
    average, losses = train_with_averaging(model, loader, epochs=20, start=12, rate=0.1, averaging_rate=0.05)
    assert losses[-1] < 0.5 * losses[0], losses

    averaged = average.module.eval()
    assert average.n_averaged == 8
    # The statistics are those of the averaged first layer over the data, up to the means over batches.
    hidden = averaged[0](features)
    torch.testing.assert_close(averaged[1].running_mean, hidden.mean(dim=0), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(averaged[1].running_var, hidden.var(dim=0), rtol=0.1, atol=0.05)
    accuracy = (averaged(features).argmax(1) == labels).float().mean().item()
    assert accuracy > 0.9
    print(f"loss {losses[0]:.2f} -> {losses[-1]:.2f}, accuracy of the average {accuracy:.0%}")
