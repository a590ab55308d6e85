"""Predict a noisy physical quantity from tabular measurements, in plain functions over a list of tensors.

The optimiser is stopped early on the validation loss, and the best weights are put back before the test.
"""

import math
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SEED = 3
BATCH_SIZE = 64
MAX_EPOCHS = 60
PATIENCE = 6
LEARNING_RATE = 0.004

Split = tuple[Tensor, Tensor]


def make_table(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Six measurements in different units, of which the last says nothing, and one target around zero."""
    pressure = rng.normal(1013.0, 25.0, rows)
    temperature = rng.normal(285.0, 12.0, rows)
    humidity = rng.uniform(0.0, 1.0, rows)
    wind = rng.gamma(2.0, 3.0, rows)
    angle = rng.uniform(0.0, 2 * np.pi, rows)
    serial = rng.uniform(0.0, 1e4, rows)
    signal = 0.08 * (temperature - 285.0) + np.sin(angle) * np.sqrt(wind) - 2.0 * humidity**2
    signal += 0.02 * (pressure - 1013.0) * humidity
    target = signal + rng.normal(0.0, 0.4, rows)
    return np.stack([pressure, temperature, humidity, wind, angle, serial], axis=1), target


def split_rows(features: np.ndarray, target: np.ndarray, rng: np.random.Generator) -> list[Split]:
    """Split 60/20/20 and standardise the features by the training rows."""
    order = rng.permutation(len(features))
    first, second = int(0.6 * len(order)), int(0.8 * len(order))
    train, val, test = order[:first], order[first:second], order[second:]
    mean, std = features[train].mean(axis=0), features[train].std(axis=0)
    scaled = torch.from_numpy((features - mean) / std).float()
    targets = torch.from_numpy(target).float()
    return [(scaled[rows], targets[rows]) for rows in (train, val, test)]


def init_parameters(sizes: list[int], generator: torch.Generator) -> list[Tensor]:
    """Return weight and bias of each layer in turn, with He's scale."""
    parameters = []
    for fan_in, fan_out in pairwise(sizes):
        weight = torch.randn(fan_out, fan_in, generator=generator) * math.sqrt(2.0 / fan_in)
        parameters += [weight.requires_grad_(), torch.zeros(fan_out, requires_grad=True)]
    return parameters


def predict(parameters: list[Tensor], x: Tensor) -> Tensor:
    """Return one value a row, shape (N,)."""
    hidden = x
    for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        hidden = F.relu(F.linear(hidden, weight, bias))
    return F.linear(hidden, parameters[-2], parameters[-1]).squeeze(1)


@torch.no_grad()
def mean_squared_error(parameters: list[Tensor], split: Split) -> float:
    x, y = split
    return F.mse_loss(predict(parameters, x), y).item()


def train_epoch(
    parameters: list[Tensor], optimizer: torch.optim.Optimizer, split: Split, generator: torch.Generator
) -> float:
    x, y = split
    total = 0.0
    for rows in torch.randperm(len(x), generator=generator).split(BATCH_SIZE):
        loss = F.mse_loss(predict(parameters, x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(rows)
    return total / len(x)


def fit(parameters: list[Tensor], train: Split, val: Split, generator: torch.Generator) -> float:
    """Train in place until the validation loss stops falling; return the best one, whose weights are kept."""
    optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE)
    best_loss, best_weights, waited = math.inf, [], 0
    for epoch in range(MAX_EPOCHS):
        train_loss = train_epoch(parameters, optimizer, train, generator)
        val_loss = mean_squared_error(parameters, val)
        print(f"epoch {epoch:2d}: train {train_loss:.4f}, validation {val_loss:.4f}")
        if val_loss < best_loss:
            best_loss, waited = val_loss, 0
            best_weights = [p.detach().clone() for p in parameters]
        else:
            waited += 1
        if waited == PATIENCE:
            break
    with torch.no_grad():
        for parameter, best in zip(parameters, best_weights, strict=True):
            parameter.copy_(best)
    return best_loss


def main() -> None:
    rng = np.random.default_rng(SEED)
    generator = torch.Generator().manual_seed(SEED)
    features, target = make_table(1500, rng)
    train, val, test = split_rows(features, target, rng)
    parameters = init_parameters([features.shape[1], 64, 32, 1], generator)
    best_loss = fit(parameters, train, val, generator)
    test_loss = mean_squared_error(parameters, test)
    explained = 1.0 - test_loss / test[1].var(correction=0).item()
    print(f"best validation loss {best_loss:.4f}, test loss {test_loss:.4f}, explained variance {explained:.3f}")


if __name__ == "__main__":
    main()
