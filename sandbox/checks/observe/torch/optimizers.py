"""The optimisers of a program over time: those that are made again and again, and those that never step.

Runs inside the jail.
"""

import weakref
from collections.abc import Iterator
from typing import Any

from torch.optim.optimizer import Optimizer

from observe.record import harmless, user_frame


class Construction:
    """One optimiser that was made: by which line, of which parameters, and the steps made by then."""

    def __init__(self, optimizer: Optimizer, steps: int) -> None:
        self.where, self.name, self.steps = user_frame(), type(optimizer).__name__, steps
        self.ref = weakref.ref(optimizer)
        self.frozen: set[int] = set()
        """Ids of what it held and could not train at its first step."""
        self.taken = 0
        """Steps that it made."""
        self.parameters = [weakref.ref(one) for group in optimizer.param_groups for one in group["params"]]

    def same_as(self, other: "Construction") -> bool:
        """Whether both were made of the same parameters; with more or fewer, training has come to another stage."""
        mine, others = ({id(one()) for one in made.parameters if one() is not None} for made in (self, other))
        return bool(mine) and mine == others


class Optimizers:
    """Listens to the constructor of all optimisers."""

    name = "optimizers"

    def __init__(self, watch: Any) -> None:
        self.record, self.training = watch.record, watch.training
        self.made: list[Construction] = []
        self.again: dict[Any, int] = {}
        construct, keep = Optimizer.__init__, harmless(self.record)(self._constructed)

        def watched(optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
            construct(optimizer, *args, **kwargs)
            keep(optimizer)

        Optimizer.__init__ = watched
        self.record.on("stepping", self._stepping)

    def _constructed(self, optimizer: Optimizer) -> None:
        made = Construction(optimizer, self.record.steps)
        before = next((one for one in reversed(self.made) if one.where == made.where), None)
        if before is not None and before.steps < made.steps and before.same_as(made):
            self.again[made.where] = self.again.get(made.where, 1) + 1
        self.made = [*self.made[-200:], made]

    def _stepping(self, optimizer: Optimizer) -> None:
        made = next((one for one in reversed(self.made) if one.ref() is optimizer), None)
        if made is not None:
            made.taken += 1
            if made.taken == 1:
                made.frozen = {id(one) for one in _held(made) if not one.requires_grad}

    def facts(self, root: Any) -> dict[str, Any]:
        used = {id(one()) for made in self.made if made.taken for one in made.parameters if one() is not None}
        idle = []
        for made in self.made:
            alone = [one for one in _held(made) if id(one) not in used and one.grad is not None and one.grad.any()]
            if not made.taken and alone:
                idle.append({"name": made.name, "where": made.where, "left": len(alone)})
        again = [{"where": where, "count": count} for where, count in self.again.items() if count >= 3]
        return {"idle": idle[:5], "again": again[:5], "still_frozen": list(self._still_frozen())[:5]}

    def _still_frozen(self) -> Iterator[dict[str, Any]]:
        """An optimiser that was given more than the one before it, all of which was frozen."""
        for made in (one for one in self.made if one.taken >= 3):
            mine = {id(one()) for one in made.parameters if one() is not None}
            for before in self.made:
                held = {id(one()) for one in before.parameters if one() is not None}
                smaller = before.steps < made.steps and before.taken and held and held < mine
                if smaller and (mine - held) == made.frozen:
                    yield {"name": made.name, "where": made.where, "left": len(made.frozen)}
                    break


def _held(made: Construction) -> list[Any]:
    optimizer = made.ref()
    return [one for group in optimizer.param_groups for one in group["params"]] if optimizer is not None else []
