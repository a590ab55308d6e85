"""Pre-train on the digits 0 to 4, transfer to 5 to 9 in two stages, and distil the result into a small network.

The target classes are unbalanced, so the transfer weighs them; an exponential moving average of it is the teacher.
"""

import copy
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn

Split = tuple[Tensor, Tensor]


def load_half(first: int, generator: torch.Generator, *, keep: float = 1.0) -> tuple[Split, Split]:
    """Return train and test rows of the five digits from `first` on; `keep` thins the first two of them."""
    pixels, digits = (torch.from_numpy(array) for array in load_digits(return_X_y=True))
    wanted = (digits >= first) & (digits < first + 5)
    thinned = (digits < first + 2) & (torch.rand(len(digits), generator=generator) > keep)
    rows = torch.nonzero(wanted & ~thinned).squeeze(1)
    rows = rows[torch.randperm(len(rows), generator=generator)]
    x, y = pixels[rows].float() / 8.0 - 1.0, digits[rows] - first
    cut = int(0.75 * len(rows))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


class Backbone(nn.Sequential):
    def __init__(self, width: int) -> None:
        layers = [nn.Linear(64, width), nn.BatchNorm1d(width), nn.ReLU()]
        super().__init__(*layers, nn.Linear(width, width), nn.BatchNorm1d(width), nn.ReLU())


class Classifier(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.backbone = Backbone(width)
        self.head = nn.Linear(width, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.backbone(x))


def minibatches(split: Split, generator: torch.Generator, size: int = 32) -> Iterator[Split]:
    """Yield shuffled minibatches of equal size; the few rows left over wait for the next epoch."""
    order = torch.randperm(len(split[1]), generator=generator)
    for rows in order[: len(order) // size * size].split(size):
        yield split[0][rows], split[1][rows]


@torch.no_grad()
def accuracy(model: nn.Module, split: Split) -> float:
    model.eval()
    return (model(split[0]).argmax(dim=1) == split[1]).float().mean().item()


def train(
    model: Classifier,
    optimizer: torch.optim.Optimizer,
    split: Split,
    loss_of: Callable[[Tensor, Split], Tensor],
    generator: torch.Generator,
    *,
    epochs: int,
    backbone_fixed: bool = False,
    average: nn.Module | None = None,
) -> None:
    for _ in range(epochs):
        model.train()
        if backbone_fixed:
            model.backbone.eval()
        for batch in minibatches(split, generator):
            loss = loss_of(model(batch[0]), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if average is not None:
                update_average(average, model)


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float = 0.9) -> None:
    for old, new in zip(average.parameters(), model.parameters(), strict=True):
        old.lerp_(new, 1.0 - decay)
    for old, new in zip(average.buffers(), model.buffers(), strict=True):
        old.copy_(new)


def transfer(model: Classifier, split: Split, generator: torch.Generator) -> Classifier:
    """Train a new head on a fixed backbone, then everything gently; return the average of the weights on the way."""
    counts = torch.bincount(split[1], minlength=5)
    weights = counts.sum() / (5.0 * counts)
    weighted = lambda logits, batch: F.cross_entropy(logits, batch[1], weight=weights)  # noqa: E731

    model.head = nn.Linear(model.head.in_features, 5)
    for parameter in model.backbone.parameters():
        parameter.requires_grad = False
    head_optimizer = torch.optim.Adam(model.head.parameters(), lr=5e-3)
    train(model, head_optimizer, split, weighted, generator, epochs=5, backbone_fixed=True)

    for parameter in model.backbone.parameters():
        parameter.requires_grad_(True)
    average = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    train(model, optimizer, split, weighted, generator, epochs=6, average=average)
    return average


def distil(teacher: Classifier, student: Classifier, split: Split, generator: torch.Generator) -> None:
    """Follow Hinton et al. (2015): the teacher's softened answers and, less, the labels."""
    temperature, share = 3.0, 0.7
    teacher.eval().requires_grad_(False)

    def loss_of(logits: Tensor, batch: Split) -> Tensor:
        inputs, labels = batch
        with torch.no_grad():
            targets = F.softmax(teacher(inputs) / temperature, dim=1)
        guesses = F.log_softmax(logits / temperature, dim=1)
        soft = F.kl_div(guesses, targets, reduction="batchmean") * temperature**2
        return share * soft + (1.0 - share) * F.cross_entropy(logits, labels)

    train(student, torch.optim.Adam(student.parameters(), lr=5e-3), split, loss_of, generator, epochs=8)


def main() -> None:
    torch.manual_seed(13)
    generator = torch.Generator().manual_seed(13)
    source_train, source_test = load_half(0, generator)
    target_train, target_test = load_half(5, generator, keep=0.4)

    model = Classifier(width=64)
    plain = lambda logits, batch: F.cross_entropy(logits, batch[1])  # noqa: E731
    train(model, torch.optim.Adam(model.parameters(), lr=3e-3), source_train, plain, generator, epochs=6)
    print(f"source accuracy {accuracy(model, source_test):.3f}")

    teacher = transfer(model, target_train, generator)
    print(f"target accuracy {accuracy(teacher, target_test):.3f}")
    student = Classifier(width=24)
    distil(teacher, student, target_train, generator)
    print(f"student accuracy {accuracy(student, target_test):.3f}")


if __name__ == "__main__":
    main()
