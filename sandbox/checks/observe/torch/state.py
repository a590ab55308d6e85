"""What a PyTorch model keeps from one call and uses in the next one.

Runs inside the jail.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from observe.answers import Answers, relative
from observe.torch.layers import INTERNALS

MOST = 8
LARGEST = 1 << 22


def state(subject: Any) -> dict[str, Any]:
    """The names of tensors that a call changes and whose value decides the next answer; all are put back."""
    answers: Answers = subject.answers
    before = dict(_kept(subject.module))
    kept = {name: value for name, (_, _, value) in before.items() if value is not None}
    answers(answers.rows(slice(None, None, -1)))
    now = dict(_kept(subject.module))
    changed = [name for name, (_, _, value) in now.items() if value is not None and _differs(kept.get(name), value)]
    found, effect = [], 0.0
    for name in changed[:MOST]:
        difference = _effect(answers, *now[name][:2])
        if difference > 0:
            found.append(name)
            effect = max(effect, difference)
    return {"names": found, "effect": effect}


def _effect(answers: Answers, owner: nn.Module, attribute: str) -> float:
    """How far the answer moves with another value of this attribute."""
    value = getattr(owner, attribute)
    usual = answers(answers.inputs)
    setattr(owner, attribute, value)
    again = answers(answers.inputs)
    setattr(owner, attribute, _other(value))
    moved = relative(answers(answers.inputs), again)
    setattr(owner, attribute, value)
    return moved if relative(usual, again) < moved else 0.0


def _kept(module: nn.Module) -> Iterator[tuple[str, tuple[nn.Module, str, Any]]]:
    """Name -> (module, attribute, a copy of its value) of the floating tensors that are no parameters."""
    for prefix, owner in module.named_modules():
        for name, value in [*vars(owner).items(), *owner._buffers.items()]:
            if name not in INTERNALS and _is_state(value):
                copied = tuple(one.clone() for one in value) if isinstance(value, tuple) else value.clone()
                yield f"{prefix}.{name}".lstrip("."), (owner, name, copied)


def _is_state(value: Any) -> bool:
    parts = value if isinstance(value, tuple) and value else (value,)
    return all(
        isinstance(one, torch.Tensor)
        and not isinstance(one, nn.Parameter)
        and one.is_floating_point()
        and 0 < one.numel() <= LARGEST
        for one in parts
    )


def _differs(before: Any, after: Any) -> bool:
    if before is None or type(before) is not type(after):
        return True
    pairs = zip(before, after, strict=False) if isinstance(after, tuple) else [(before, after)]
    return any(one.shape != other.shape or not torch.equal(one, other) for one, other in pairs)


def _other(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_other(one) for one in value)
    return value + torch.ones_like(value)
