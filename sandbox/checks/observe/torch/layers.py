"""Layers that a PyTorch module uses and does not know of: those in a plain list or dictionary.

Runs inside the jail.
"""

from collections.abc import Iterator
from typing import Any

from torch import nn

from observe.record import class_place

INTERNALS = set(vars(nn.Module()))


def unregistered(root: nn.Module, held: set[int]) -> dict[str, Any] | None:
    """The layers that got gradients although neither `root.parameters()` nor an optimiser has them, as a note."""
    known = {id(one) for one in root.parameters()} | held
    found = [
        (owner, name, layer)
        for owner in root.modules()
        for name, layer in _in_containers(owner)
        if any(id(one) not in known and one.grad is not None for one in layer.parameters())
    ]
    if not found:
        return None
    values = sum(one.numel() for _, _, layer in found for one in layer.parameters())
    names = sorted({f"{type(owner).__name__}.{name}" for owner, name, _ in found})
    return {"count": len(found), "where": class_place(type(found[0][0])), "names": names[:10], "values": values}


def _in_containers(owner: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    for name, value in vars(owner).items():
        if name not in INTERNALS:
            yield from ((name, layer) for layer in _layers(value))


def _layers(value: Any, depth: int = 2) -> Iterator[nn.Module]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    for one in inside:
        if isinstance(one, nn.Module):
            yield one
        elif depth:
            yield from _layers(one, depth - 1)
