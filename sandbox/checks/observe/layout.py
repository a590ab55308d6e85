"""What one forward pass does to the axes of its activations, whatever the framework.

Runs inside the jail. The observers of each framework tell it what is computed; it keeps what looks wrong.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from observe.masks import FORBIDDING
from observe.record import user_frame
from observe.reshapes import scrambled_axes

MOST = 20
REMEMBERED = 3000
LARGEST_MASK = 1 << 20


class Layout:
    """Events of one kind each, and marks on activations: what they are the result of.

    A mark passes on to results of the same shape, as those of activations, dropout, masks and scaling are.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.events: dict[str, list[dict[str, Any]]] = {}
        self._marks: dict[int, dict[str, Any]] = {}
        self._kept: list[Any] = []
        self._origins: dict[int, tuple[int, ...]] = {}
        self._scaled: set[int] = set()
        self._linear: dict[int, tuple[str, int, int]] = {}

    def tell(self, kind: str, **figures: Any) -> None:
        events = self.events.setdefault(kind, [])
        if len(events) < MOST:
            events.append({"where": user_frame(), **figures})

    def mark(self, value: Any, **marks: Any) -> None:
        """Remember what `value` is the result of; the object is kept, so that no other one gets its id."""
        if len(self._kept) < REMEMBERED:
            self._kept.append(value)
            self._marks.setdefault(id(value), {}).update(marks)

    def marks(self, value: Any) -> dict[str, Any]:
        return self._marks.get(id(value), {})

    def inherit(self, result: Any, *sources: Any) -> None:
        shape = tuple(getattr(result, "shape", ()))
        for source in sources:
            if id(source) in self._marks and tuple(source.shape) == shape:
                self.mark(result, **self._marks[id(source)])

    def scaled(self, *results: Any) -> None:
        """Divided or multiplied by a number; what is computed from it stays so, whatever its shape."""
        for one in results:
            if len(self._kept) < REMEMBERED and hasattr(one, "shape"):
                self._kept.append(one)
                self._scaled.add(id(one))

    def is_scaled(self, *values: Any) -> bool:
        return any(id(one) in self._scaled for one in values)

    def linear(self, value: Any, result: Any, parent: str, sizes: tuple[int, int]) -> None:
        """A linear layer that takes what another one of the same module answers adds nothing, unless it narrows."""
        before = self._linear.get(id(value))
        if before is not None and before[0] == parent and before[2] >= min(before[1], sizes[1]):
            self.tell("linear-chain", shape=[before[1], before[2], sizes[1]])
        self._kept.append(result)
        self._linear[id(result)] = (parent, *sizes)

    def forget(self, result: Any) -> None:
        """The layer that answered this is not linear after all."""
        self._linear.pop(id(result), None)

    def reshaped(self, value: Any, result: Any) -> None:
        """Of reshapes with nothing between them, the first shape and the last one count as well."""
        before, after = tuple(value.shape), tuple(result.shape)
        origin = self._origins.get(id(value), before)
        axes = scrambled_axes(before, after) or scrambled_axes(origin, after)
        if axes:
            self.tell("scrambled", before=list(origin), after=list(after), axes=axes)
        if len(self._kept) < REMEMBERED:
            self._kept.append(result)
            self._origins[id(result)] = origin

    def added_to_scores(self, value: Any, other: Any) -> None:
        """A bias of attention scores that is no mask tells where positions are to each other."""
        shape = tuple(other.shape)
        if (
            "scores" in self.marks(value)
            and shape[-2:] == tuple(value.shape)[-2:]
            and "scores" not in self.marks(other)
        ):
            self.tell("relative", shape=list(shape))

    def turned(self, value: Any, factor: Any) -> None:
        """Activations times something that depends on the position alone: rotary positions."""
        shape, given = tuple(value.shape), tuple(factor.shape)
        constant = len(given) < len(shape) or given[0] == 1 < shape[0]
        if len(shape) >= 3 and len(given) >= 2 and constant and given[-1] > 1 and max(given[:-1]) > 1:
            self.tell("relative", shape=list(given))

    def product(self, factors: Sequence[Any], result: Any) -> None:
        """A product of two activations may be attention scores; how they were scaled before counts as well."""
        large = len(factors) == 2 and min(len(one.shape) for one in factors) >= 3 and result.shape[-1] > 1
        if large and not any("softmaxed" in self.marks(one) for one in factors):
            self.mark(result, scores=int(factors[0].shape[-1]))

    def softmax(self, value: Any, result: Any, axis: int) -> None:
        """Attention weights belong to the last axis, the keys; of anything else only the batch is wrong for sure."""
        shape = list(value.shape)
        axis %= max(1, len(shape))
        marks = self.marks(value)
        if len(shape) >= 2 and shape[axis] == 1 and "scores" not in marks and max(shape) > 1:
            self.tell("softmax-over-one", shape=shape, axis=axis)
        if len(shape) >= 2 and shape[axis] > 1 and (axis == 0 and shape[0] == self.rows):
            self.tell("softmax-over-batch", shape=shape, axis=axis)
        elif "scores" in marks and axis != len(shape) - 1 and shape[axis] > 1:
            self.tell("softmax-over-queries", shape=shape, axis=axis)
        if "scores" in marks and axis == len(shape) - 1:
            self.tell("attention", shape=shape, contracted=marks["scores"], scaled=self.is_scaled(value))
        self.mark(result, softmaxed=True)

    def masked(self, value: Any, mask: np.ndarray, how: str) -> None:
        """A triangular mask that meets activations: `how` is "times", "plus", "zeroed" or "hidden"."""
        if mask.size > LARGEST_MASK or not _is_triangular(mask):
            return
        softmaxed = "softmaxed" in self.marks(value)
        if how in ("times", "zeroed") and softmaxed:
            self.tell("mask-after-softmax", shape=list(mask.shape))
        elif how == "times" or (how == "plus" and not softmaxed and _is_weak(mask)):
            self.tell("mask-too-weak", shape=list(mask.shape))
        reach = _reach(mask)
        if reach != 0:
            self.tell("mask-offset", shape=list(mask.shape), reach=reach)

    def selected(self, excluded: np.ndarray) -> None:
        """A choice between scores and a number that leaves nothing of them; true where the number is taken."""
        if excluded.ndim < 2 or excluded.size > LARGEST_MASK or not _is_triangular(excluded):
            return
        plane = excluded.reshape(-1, *excluded.shape[-2:])[0]
        if plane[-1, 0]:
            self.tell("mask-inverted", shape=list(excluded.shape))
        elif _reach(excluded) != 0:
            self.tell("mask-offset", shape=list(excluded.shape), reach=_reach(excluded))


def _is_weak(mask: np.ndarray) -> bool:
    """Whether what a mask adds to a score leaves something of it."""
    return mask.dtype.kind in "fiu" and bool(mask.min() > FORBIDDING / 100)


def _is_triangular(mask: np.ndarray) -> bool:
    """Two values over the last two axes, split along a diagonal near the main one."""
    return _reach(mask) is not None


def _reach(mask: np.ndarray) -> int | None:
    """How many positions ahead of itself each position sees with this mask, at least one away from a corner.

    0 is causal, 1 lets the next position through, -1 hides the position itself. None for other masks. Which of the
    two values shows does not matter, for the kept side of a causal mask is the one below the diagonal.
    """
    if mask.ndim < 2 or mask.shape[-1] != mask.shape[-2] or mask.shape[-1] < 4:
        return None
    plane = mask.reshape(-1, *mask.shape[-2:])[0]
    values = np.unique(plane)
    if len(values) != 2:
        return None
    below = plane == plane[-1, 0]
    for reach in (0, 1, -1, 2, -2):
        if (below == np.tri(len(plane), k=reach, dtype=bool)).all():
            return reach
    return None
