"""Learning-rate schedules: how often each was stepped, over how many optimiser steps, and what the rate became.

Runs inside the jail.
"""

import weakref
from functools import wraps
from typing import Any

from torch.optim import lr_scheduler

from observe.record import harmless, user_frame

PERIODS = ("total_steps", "T_max", "step_size", "total_iters", "T_0")
MOST_RATES = 20_000
MOST_FIGURES = 500


class Schedule:
    """One schedule and the optimiser that it belongs to."""

    def __init__(self, scheduler: Any) -> None:
        self.name = type(scheduler).__name__
        self.where = user_frame()
        self.optimizer = weakref.ref(scheduler.optimizer) if getattr(scheduler, "optimizer", None) is not None else None
        self.steps = 0
        self.period: tuple[str, float] | None = None
        self.mode = ""
        self.figures: list[float] = []
        """What a schedule that waits for a plateau was told."""
        self.inner = False
        """Whether another schedule steps this one."""

    def settle(self, scheduler: Any) -> None:
        """What is known only once the constructor has ended."""
        found = ((name, getattr(scheduler, name, None)) for name in PERIODS)
        self.period = next(((name, float(value)) for name, value in found if isinstance(value, (int, float))), None)


class Rates:
    """The learning rate at each step of one optimiser, of its first group of parameters."""

    def __init__(self, optimizer: Any) -> None:
        self.ref = weakref.ref(optimizer)
        self.values: list[float] = []

    def facts(self) -> dict[str, Any]:
        values, highest = self.values, max(self.values)
        return {
            "steps": len(values),
            "highest": highest,
            "lowest": min(values),
            "zero": sum(one == 0 for one in values),
            "vanished": sum(one < 1e-3 * highest for one in values),
        }


class Schedules:
    """Every schedule of the program, those of torch and those derived from them."""

    name = "schedules"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record
        self.schedules: dict[int, tuple[Any, Schedule]] = {}
        self.rates: dict[int, Rates] = {}
        self.constructing = self.stepping = 0
        self.record.on("stepping", self._stepping)
        for cls in list(vars(lr_scheduler).values()):
            if isinstance(cls, type) and issubclass(cls, lr_scheduler.LRScheduler):
                self._watch(cls)

    def _watch(self, cls: type) -> None:
        for name, follow in (("__init__", self._constructed), ("step", self._stepped)):
            if name in vars(cls):
                setattr(cls, name, self._followed(name, getattr(cls, name), harmless(self.record)(follow)))

    def _followed(self, name: str, original: Any, follow: Any) -> Any:
        counter = "constructing" if name == "__init__" else "stepping"

        @wraps(original)
        def method(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
            setattr(self, counter, getattr(self, counter) + 1)
            try:
                result = original(scheduler, *args, **kwargs)
            finally:
                setattr(self, counter, getattr(self, counter) - 1)
            follow(scheduler, *args[:1], *kwargs.values())
            return result

        return method

    def _constructed(self, scheduler: Any, *given: Any) -> None:
        known = self.schedules.get(id(scheduler))
        if known is None or known[0] is not scheduler:
            known = self.schedules[id(scheduler)] = (scheduler, Schedule(scheduler))
        known[1].settle(scheduler)
        for inner in getattr(scheduler, "_schedulers", ()):
            if id(inner) in self.schedules:
                self.schedules[id(inner)][1].inner = True

    def _stepped(self, scheduler: Any, *given: Any) -> None:
        if self.constructing or self.stepping or id(scheduler) not in self.schedules:
            return
        known = self.schedules[id(scheduler)][1]
        known.steps += 1
        if given and isinstance(scheduler, lr_scheduler.ReduceLROnPlateau) and len(known.figures) < MOST_FIGURES:
            known.mode = scheduler.mode
            known.figures.append(float(given[0]))

    def _stepping(self, optimizer: Any) -> None:
        rates = self.rates.get(id(optimizer))
        if rates is None or rates.ref() is not optimizer:
            rates = self.rates[id(optimizer)] = Rates(optimizer)
        rate = optimizer.param_groups[0].get("lr") if optimizer.param_groups else None
        if rate is not None and len(rates.values) < MOST_RATES:
            rates.values.append(float(rate))

    def facts(self, root: Any) -> dict[str, Any]:
        return {"schedules": [self._describe(one) for _, one in self.schedules.values() if not one.inner][:20]}

    def _describe(self, one: Schedule) -> dict[str, Any]:
        optimizer = one.optimizer() if one.optimizer is not None else None
        rates = self.rates.get(id(optimizer))
        return {
            "name": one.name,
            "where": one.where,
            "steps": one.steps,
            "period": one.period,
            "mode": one.mode,
            "figures": one.figures,
            "rates": rates.facts() if rates and rates.values else None,
        }
