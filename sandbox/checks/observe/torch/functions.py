"""Autograd functions of the program's own: does their backward pass agree with small steps of their forward pass?

Runs inside the jail. The arguments of the first call of each are kept; they are tried once the program has ended.
"""

import inspect
from collections.abc import Callable
from typing import Any

import torch

from observe.record import harmless, is_users, relative

MOST_VALUES = 20_000
STEPS = (1e-3, 1e-4, 1e-5)
DIRECTIONS = 2


class Functions:
    """Which functions were applied, each with a copy of what it was first given."""

    name = "functions"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record
        self.seen: dict[type, tuple[Any, ...]] = {}
        original, keep = torch.autograd.Function.apply.__func__, harmless(self.record)(self._applied)
        compiling = torch.compiler.is_compiling

        def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
            if cls not in self.seen and not compiling():
                keep(cls, args)
            return original(cls, *args, **kwargs)

        torch.autograd.Function.apply = classmethod(apply)

    def _applied(self, cls: Any, args: tuple[Any, ...]) -> None:
        backward = cls.backward
        if not is_users(getattr(getattr(backward, "__code__", None), "co_filename", "<")):
            return
        if any(one.requires_grad for one in args if isinstance(one, torch.Tensor)):
            fewer = _fewer_rows(args)
            if sum(one.numel() for one in fewer if isinstance(one, torch.Tensor)) <= MOST_VALUES:
                self.seen[cls] = tuple(_copy(one) for one in fewer)

    def facts(self, root: Any) -> dict[str, Any]:
        return {"tried": [self._try(cls, args) for cls, args in list(self.seen.items())[:5]]}

    def _try(self, cls: Any, args: tuple[Any, ...]) -> dict[str, Any]:
        code = inspect.unwrap(cls.backward).__code__
        place = {"name": cls.__name__, "where": (relative(code.co_filename), code.co_firstlineno)}
        try:
            return place | {"trials": _trials(cls.apply, args)}
        except Exception as error:
            return place | {"error": f"{type(error).__name__}: {error}"[:300]}


def _fewer_rows(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments with as many rows of the first axis as are not too much to try."""
    tensors = [one for one in args if isinstance(one, torch.Tensor) and one.ndim > 1]
    values = sum(one.numel() for one in tensors)
    if values <= MOST_VALUES or len({len(one) for one in tensors}) != 1:
        return args
    rows = max(1, MOST_VALUES * len(tensors[0]) // values - 1)
    return tuple(one[:rows] if isinstance(one, torch.Tensor) and one.ndim > 1 else one for one in args)


def _copy(one: Any) -> Any:
    if not isinstance(one, torch.Tensor):
        return one
    copied = one.detach().clone()
    copied = copied.double() if copied.dtype == torch.float32 else copied
    return copied.requires_grad_(one.requires_grad)


def _trials(apply: Callable[..., Any], args: tuple[Any, ...]) -> list[dict[str, Any]]:
    """For each direction: the slope by the backward pass, and the slopes over steps that become smaller."""
    generator = torch.Generator().manual_seed(0)
    wanted = [index for index, one in enumerate(args) if isinstance(one, torch.Tensor) and one.requires_grad]
    output = _first(apply(*args))
    same = any(output.shape == args[index].shape and torch.equal(output, args[index]) for index in wanted)
    weights = torch.randn(output.shape, generator=generator, dtype=output.dtype)
    found = torch.autograd.grad((output * weights).sum(), [args[index] for index in wanted], allow_unused=True)
    grads = {index: one for index, one in zip(wanted, found, strict=True) if one is not None}
    trials = []
    for _ in range(DIRECTIONS):
        ways = {index: torch.randn(args[index].shape, generator=generator, dtype=args[index].dtype) for index in wanted}
        slope = sum(float((one * ways[index]).sum()) for index, one in grads.items())
        trials.append({"identity": same, "backward": slope, "slopes": _slopes(apply, args, ways, weights)})
    return trials


def _slopes(apply: Any, args: tuple[Any, ...], ways: dict[int, torch.Tensor], weights: torch.Tensor) -> list[float]:
    def value(step: float) -> float:
        moved = [one.detach() + step * ways[at] if at in ways else one for at, one in enumerate(args)]
        with torch.no_grad():
            return float((_first(apply(*moved)) * weights).sum())

    return [(value(step) - value(-step)) / (2 * step) for step in STEPS]


def _first(output: Any) -> torch.Tensor:
    return output[0] if isinstance(output, tuple) else output
