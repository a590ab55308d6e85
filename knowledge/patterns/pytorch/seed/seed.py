# /// pattern
# id = "pt.seed.seed"
# topic = "train.reproducibility"
# role = "seed"
# provides = "seed"
# entry = "seed_everything"
# twin = "tf.seed.seed"
# questions = [
#   "set the random seed in pytorch",
#   "reproducible training runs",
#   "torch.manual_seed numpy seed random seed",
#   "same code gives different results every run",
#   "seed everything function",
#   "make results deterministic torch",
#   "reproducable results pytorch sead",
# ]
# apis = ["torch.manual_seed", "numpy.random.seed", "random.seed"]
# replaces = ["torch.cuda.manual_seed_all", "pytorch_lightning.seed_everything"]
# why = """PyTorch, NumPy and Python each have a generator of their own: weights and dropout come from the first,
# splits and augmentation often from the others. torch.manual_seed covers all devices."""
# pitfalls = "Seed before the model is built: its weights are drawn in the constructor."
# when_not = """Bit-equal results on a GPU: that needs torch.use_deterministic_algorithms(True) as well, and costs
# speed."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the weights differ"
# ///
"""One seed for every random generator that a training run uses."""

import random

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and PyTorch on all devices. Call it before the model is built."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


if __name__ == "__main__":

    def draw() -> tuple[float, float, torch.Tensor]:
        return random.random(), np.random.rand(), torch.nn.Linear(3, 2).weight.detach()

    seed_everything(0)
    first = draw()
    seed_everything(0)
    second = draw()
    seed_everything(1)
    other = draw()
    assert first[:2] == second[:2] and torch.equal(first[2], second[2])
    assert first[0] != other[0] and first[1] != other[1] and not torch.equal(first[2], other[2])
    print(first[:2])
