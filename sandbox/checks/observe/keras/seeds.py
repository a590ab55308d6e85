"""Seeds and draws of a TensorFlow program. Runs inside the jail.

TensorFlow's operations draw without a seed where neither they nor the program gave one; Keras' layers draw their
seeds from Python's generator.
"""

import random
import sys
from typing import Any

import tensorflow as tf

from observe.keras.private import random_seed
from observe.record import harmless
from observe.seeds import Seeds, python_states


class Repeatable:
    """What decides whether a second run gives the same figures."""

    name = "repeatable"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record
        self.unseeded = 0
        states = {**python_states(), "tensorflow": lambda: self.unseeded}
        self.seeds = Seeds(watch.record, states)
        self.seeds.watch("random", random, "seed")
        self.seeds.watch("tensorflow", tf.random, "set_seed")
        if "numpy" in states:
            self.seeds.watch("numpy", sys.modules["numpy"].random, "seed")
        self.seeds.watch_numpy()
        self._watch_operations()

    def _watch_operations(self) -> None:
        original, note = random_seed.get_seed, harmless(self.record)(self._drawn)

        def get_seed(op_seed: Any) -> Any:
            seeds = original(op_seed)
            note(seeds)
            return seeds

        random_seed.get_seed = get_seed

    def _drawn(self, seeds: Any) -> None:
        self.unseeded += not self.record.depth and seeds[0] is None and seeds[1] is None

    def facts(self, root: Any) -> dict[str, Any]:
        return self.seeds.facts()
