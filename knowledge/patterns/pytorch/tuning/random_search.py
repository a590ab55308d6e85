# /// pattern
# id = "pt.tuning.random-search"
# topic = "tune.search"
# twin = "tf.tuning.random-search"
# questions = [
#   "random search hyperparameters pytorch",
#   "tune learning rate and weight decay without optuna",
#   "grid search or random search",
#   "sample the learning rate on a log scale",
#   "hyperparameter tuning loop example",
#   "which search range for learning rate",
#   "hyper paramter search torch",
# ]
# apis = ["random.Random", "dataclasses.dataclass", "torch.optim.AdamW"]
# replaces = ["sklearn GridSearchCV on a torch model", "ray.tune.loguniform", "optuna suggest_loguniform"]
# why = """Rates matter by their order of magnitude: uniform between 1e-5 and 1e-1, nine draws of ten lie above 1e-2 and
# the lower three decades are hardly tried. Drawn by the exponent, each decade gets its share. The validation set
# chooses, the test set is looked at once, at the end."""
# pitfalls = """Seed the search apart from the trainings. If the best value lies at the end of its range, widen the
# range. The best of many validation scores is flattered; only the test score is not."""
# when_not = "Trainings that take hours: a library with pruning and a model of the results (Optuna, Ray Tune)."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: of 1000 draws, "
# ///
"""Random search over hyper-parameters, with rates drawn on a log scale; validation chooses, test is used once."""

import random
from dataclasses import asdict, dataclass

import torch
from torch import nn


@dataclass(frozen=True)
class Trial:
    """What is searched for."""

    learning_rate: float
    weight_decay: float
    width: int


def log_uniform(rng: random.Random, low: float, high: float) -> float:
    """Between low and high, each order of magnitude as likely as the others."""
    return low * (high / low) ** rng.random()


def draw(rng: random.Random) -> Trial:
    """One setting from the search space."""
    return Trial(log_uniform(rng, 1e-5, 1.0), log_uniform(rng, 1e-6, 1e-1), rng.choice([8, 16, 32, 64]))


Split = tuple[torch.Tensor, torch.Tensor]


def train_model(trial: Trial, data: Split, *, steps: int = 60, seed: int = 0) -> nn.Module:
    """A network trained with these settings; the seed is the same for all of them."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, trial.width), nn.Tanh(), nn.Linear(trial.width, 1))
    optimizer = torch.optim.AdamW(model.parameters(), lr=trial.learning_rate, weight_decay=trial.weight_decay)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(data[0]), data[1]).backward()
        optimizer.step()
    return model


@torch.inference_mode()
def error(model: nn.Module, data: Split) -> float:
    """Mean squared error; NaN of a training that exploded counts as infinite."""
    value = nn.functional.mse_loss(model(data[0]), data[1]).nan_to_num(nan=float("inf"))
    return value.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(600, 4)
    y = (x[:, :1] * x[:, 1:2] + x[:, 2:3]) + 0.1 * torch.randn(600, 1)
    train, validation, test = ((x[part], y[part]) for part in (slice(0, 400), slice(400, 500), slice(500, 600)))

    rng = random.Random(1)
    trials = [draw(rng) for _ in range(20)]
    errors = {trial: error(train_model(trial, train), validation) for trial in trials}
    best = min(errors, key=errors.__getitem__)
    final = error(train_model(best, train), test)  # once, with the one setting that was chosen
    ranked = sorted(errors.values())
    print(f"best {asdict(best)}; validation {ranked[0]:.3f}, median {ranked[10]:.3f}, test {final:.3f}")
    assert final < 0.7 * ranked[10] and 0.01 < best.learning_rate < 1

    exponents = torch.tensor([draw(rng).learning_rate for _ in range(2000)]).log10()
    shares = torch.histc(exponents, bins=5, min=-5, max=0) / 2000
    assert (shares - 0.2).abs().max() < 0.05  # each decade its fifth
