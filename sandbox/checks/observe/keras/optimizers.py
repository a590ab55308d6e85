"""Where optimisers were made, and the learning rates that a schedule gave over the run. Runs inside the jail."""

from typing import Any

import keras
import numpy as np

from observe.keras.listen import listen
from observe.keras.private import BaseOptimizer
from observe.record import Record, user_frame

Schedule = keras.optimizers.schedules.LearningRateSchedule
POINTS = 64
FIGURES = ("decay_steps", "warmup_steps", "warmup_target", "initial_learning_rate", "boundaries", "decay_rate", "alpha")


class Optimizers:
    """One entry for each optimiser that made steps."""

    name = "keras-optimizers"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.training = watch.training
        self.places: dict[int, tuple[Any, Any]] = {}
        listen(self.record, BaseOptimizer, "__init__", before=self._made)
        listen(self.record, Schedule, "__init__", before=self._made)

    def _made(self, one: Any, *args: Any, **kwargs: Any) -> None:
        if len(self.places) < 200:
            self.places[id(one)] = (one, user_frame())

    def facts(self, root: Any) -> dict[str, Any]:
        found = []
        for held in self.training.held.values():
            inner = getattr(held.optimizer, "inner_optimizer", held.optimizer)
            _, where = self.places.get(id(held.optimizer), self.places.get(id(inner), (None, None)))
            entry = {
                "name": type(inner).__name__,
                "where": where,
                "steps": held.steps,
                "variables": hash(frozenset(held.keys)) % (1 << 32),
            }
            schedule = inner._learning_rate if isinstance(inner._learning_rate, Schedule) else None
            found.append(entry | (self._schedule(schedule, held.steps) if schedule is not None else {}))
        return {"optimizers": found[:300]}

    def _schedule(self, schedule: Any, steps: int) -> dict[str, Any]:
        """The rates at places spread evenly over the steps that were made, the first and the last among them."""
        _, where = self.places.get(id(schedule), (None, None))
        at = np.unique(np.linspace(0, max(0, steps - 1), POINTS).astype(int))
        figures = {name: getattr(schedule, name, None) for name in FIGURES}
        return {
            "schedule": type(schedule).__name__,
            "schedule_where": where,
            "rates": [float(schedule(int(step))) for step in at],
            "figures": {name: value for name, value in figures.items() if isinstance(value, (int, float))},
        }
