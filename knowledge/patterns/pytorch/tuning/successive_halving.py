# /// pattern
# id = "pt.tuning.successive-halving"
# topic = "tune.search"
# questions = [
#   "successive halving pytorch",
#   "stop bad hyperparameter trials early",
#   "hyperband or asha in plain python",
#   "optuna pruner without optuna",
#   "spend the training budget on promising configurations",
#   "tune many settings with little compute",
#   "sucessive halving hyperparameters",
# ]
# apis = ["torch.optim.SGD", "torch.inference_mode"]
# replaces = ["optuna.pruners.SuccessiveHalvingPruner", "ray.tune.schedulers.ASHAScheduler"]
# why = """Most settings are seen to be bad after a few steps. All start with a small budget, the best third goes on
# with three times as much, and so on: 9 settings cost here 420 steps instead of 1620, and the chosen one is among the
# three best of a full search. Each trial keeps its model and optimizer, so going on costs nothing twice."""
# pitfalls = """Slow starters (small rates, long warm-up) are cut early: make the first budget long enough, and give
# each trial a schedule that does not depend on it."""
# when_not = "Few settings, or trainings of seconds: train them all."
# checks = ["runs", "no_deprecation_warning"]
# ///
"""Successive halving (Jamieson and Talwalkar, arXiv 1502.07943): many trials begin, the better third goes on."""

import random

import torch
from torch import nn

Split = tuple[torch.Tensor, torch.Tensor]


class Trial:
    """A training that can be continued."""

    def __init__(self, learning_rate: float, *, seed: int) -> None:
        torch.manual_seed(seed)
        self.learning_rate, self.steps = learning_rate, 0
        self.model = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=learning_rate, momentum=0.9)

    def train(self, data: Split, *, steps: int) -> None:
        """This many steps more."""
        for _ in range(steps):
            self.optimizer.zero_grad()
            nn.functional.mse_loss(self.model(data[0]), data[1]).backward()
            self.optimizer.step()
        self.steps += steps

    @torch.inference_mode()
    def error(self, data: Split) -> float:
        """Mean squared error; infinite where the training exploded."""
        return nn.functional.mse_loss(self.model(data[0]), data[1]).nan_to_num(nan=float("inf")).item()


def successive_halving(trials: list[Trial], train: Split, validation: Split, *, steps: int, keep: int = 3) -> Trial:
    """The last trial left; in each round 1 of `keep` goes on, for `keep` times the steps so far."""
    for trial in trials:
        trial.train(train, steps=steps)
    while len(trials) > 1:
        trials = sorted(trials, key=lambda trial: trial.error(validation))[: max(1, len(trials) // keep)]
        for trial in trials:
            trial.train(train, steps=(keep - 1) * trial.steps)
    return trials[0]


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.randn(300, 4)
    y = x[:, :1] * x[:, 1:2] + x[:, 2:3]
    train, validation = (x[:200], y[:200]), (x[200:], y[200:])
    rng = random.Random(0)
    rates = [1e-5 * 1e5 ** rng.random() for _ in range(9)]  # log scale, 1e-5 to 1

    trials = [Trial(rate, seed=0) for rate in rates]
    best = successive_halving(trials, train, validation, steps=20)
    spent = sum(trial.steps for trial in trials)
    assert sorted(trial.steps for trial in trials) == [20] * 6 + [60] * 2 + [180]
    full = [Trial(rate, seed=0) for rate in rates]
    for trial in full:
        trial.train(train, steps=180)
    errors = sorted(trial.error(validation) for trial in full)
    print(f"rate {best.learning_rate:.1e}, error {best.error(validation):.4f} for {spent} of {180 * 9} steps")
    print("the three best of the full search:", [round(value, 4) for value in errors[:3]])
    assert spent == 420 and best.error(validation) <= errors[2]
