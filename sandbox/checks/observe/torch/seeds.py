"""Seeds and draws of a PyTorch program. Runs inside the jail."""

import random
import sys
from typing import Any

import torch

from observe.seeds import Seeds, python_states


class Repeatable:
    """What decides whether a second run gives the same figures."""

    name = "repeatable"

    def __init__(self, watch: Any) -> None:
        states = {**python_states(), "torch": lambda: hash(torch.get_rng_state().numpy().tobytes())}
        self.seeds = Seeds(watch.record, states)
        self.seeds.watch("random", random, "seed")
        for owner in (torch, torch.random):
            self.seeds.watch("torch", owner, "manual_seed")
        if "numpy" in states:
            self.seeds.watch("numpy", sys.modules["numpy"].random, "seed")
        self.seeds.watch_numpy()

    def facts(self, root: Any) -> dict[str, Any]:
        return self.seeds.facts()
