"""What happens between a backward pass and the step that uses it: clipping, loss scaling, accumulation, late steps.

Runs inside the jail. Arguments and order are looked at; nothing that the program computes is changed.
"""

from collections import Counter
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.nn.utils import clip_grad

from observe.record import harmless, user_frame
from observe.torch.losses_graph import operation

SAMPLED = 40
AVERAGED = ("NllLoss", "NllLoss2D", "MseLoss", "BinaryCrossEntropy", "BinaryCrossEntropyWithLogits", "SmoothL1Loss",
            "HuberLoss")  # fmt: skip
MEAN = 1
"""How torch's loss nodes name `reduction="mean"`."""


class Clipping:
    """Calls of one clipping function from one line."""

    def __init__(self, function: str, where: Any) -> None:
        self.function, self.where = function, where
        self.calls = self.empty = self.stale = self.foreign = self.scaled = self.other = 0
        self.scaling_on = False

    def facts(self) -> dict[str, Any]:
        return vars(self)


class Scaling:
    """The calls of one gradient scaler."""

    def __init__(self, scaler: Any) -> None:
        self.where = user_frame()
        self.enabled = bool(scaler.is_enabled())
        self.scaled = self.stepped = self.updated = self.plain = 0
        self.waiting = False
        """Whether scaled gradients are there that nothing has taken the scale out of."""
        self.unscaled: set[int] = set()

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("unscaled", "waiting")}


class Protocol:
    """The order of what is done to gradients."""

    name = "protocol"

    def __init__(self, watch: Any) -> None:
        self.record, self.training = watch.record, watch.training
        self.clippings: dict[Any, Clipping] = {}
        self.scalings: dict[int, Scaling] = {}
        self.stepping_inside = 0
        self.waiting: list[tuple[Any, str]] = []
        """(line, kind of the loss) of the backward passes since the last step."""
        self.groups: Counter[tuple[int, bool, bool]] = Counter()
        """(backward passes, all from one line, all plain means) before a step -> how often."""
        self.lost = self.late = self.steps = self.forwards = 0
        self.begun_without = False
        self._clipped: list[tuple[Clipping, set[int]]] = []
        self.record.on("called", self._called)
        self.record.on("differentiated", self._differentiated)
        self.record.on("stepping", self._stepping)
        self.record.on("stepped", lambda _: self.waiting.clear())  # what a closure did within the step
        for name in ("clip_grad_norm_", "clip_grad_value_"):
            watched = self._watched_clipping(name, getattr(clip_grad, name))
            for owner in (clip_grad, nn.utils):
                setattr(owner, name, watched)
        self._watch_scaler()
        self._watch_zero()

    def _watched_clipping(self, name: str, original: Any) -> Any:
        look = harmless(self.record)(self._clipping)

        @wraps(original)
        def clip(parameters: Any, *args: Any, **kwargs: Any) -> Any:
            if not isinstance(parameters, torch.Tensor):
                parameters = list(parameters)
            look(name, parameters)
            return original(parameters, *args, **kwargs)

        return clip

    def _clipping(self, name: str, parameters: Any) -> None:
        where = user_frame()
        clipping = self.clippings.setdefault((name, where), Clipping(name, where))
        clipping.calls += 1
        if clipping.calls > SAMPLED:
            return
        given = [parameters] if isinstance(parameters, torch.Tensor) else parameters
        ids = {id(one) for one in given}
        self._clipped.append((clipping, ids))
        owners = [one for one in self.training.held.values() if one.ids & ids]
        gradients = [one.grad for one in given if one.grad is not None]
        clipping.foreign += not owners and bool(self.training.held)
        if not any(bool(one.any()) for one in gradients):
            clipping.empty += 1
        elif owners and all(one.steps and one.backwards_at_step == self.record.backwards for one in owners):
            clipping.stale += 1
        optimizers = {id(one.ref()) for one in owners}
        for scaling in self.scalings.values():
            if scaling.waiting and not optimizers & scaling.unscaled:
                clipping.scaled += 1
                clipping.scaling_on |= scaling.enabled

    def _watch_scaler(self) -> None:
        scaler = torch.amp.GradScaler
        for name in ("scale", "unscale_", "step", "update"):
            setattr(scaler, name, self._watched_scaler(name, getattr(scaler, name)))

    def _watched_scaler(self, name: str, original: Any) -> Any:
        look = harmless(self.record)(self._scaling)

        @wraps(original)
        def method(scaler: Any, *args: Any, **kwargs: Any) -> Any:
            look(name, scaler, args[0] if args else None)
            self.stepping_inside += name == "step"
            try:
                return original(scaler, *args, **kwargs)
            finally:
                self.stepping_inside -= name == "step"

        return method

    def _scaling(self, name: str, scaler: Any, given: Any) -> None:
        scaling = self.scalings.get(id(scaler)) or self.scalings.setdefault(id(scaler), Scaling(scaler))
        if name == "scale":
            scaling.scaled, scaling.waiting = scaling.scaled + 1, True
        elif name == "unscale_":
            scaling.unscaled.add(id(given))
        elif name == "step":
            scaling.stepped += 1
        else:
            scaling.updated, scaling.waiting = scaling.updated + 1, False
            scaling.unscaled.clear()

    def _watch_zero(self) -> None:
        """Gradients that are set to zero before a step has used them are lost."""
        losing = harmless(self.record)(self._zeroing)
        for cls in (torch.optim.Optimizer, nn.Module):
            original = cls.zero_grad

            def zero_grad(owner: Any, *args: Any, _original: Any = original, **kwargs: Any) -> None:
                losing()
                _original(owner, *args, **kwargs)

            cls.zero_grad = wraps(original)(zero_grad)

    def _zeroing(self) -> None:
        if not self.record.depth:
            self.lost += len(self.waiting)
            self.waiting.clear()

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        self.forwards += isinstance(output, torch.Tensor) and output.requires_grad

    def _differentiated(self, loss: torch.Tensor) -> None:
        self.forwards = 0
        if len(self.waiting) < 1000:
            self.waiting.append((user_frame(), self._kind(loss)))

    def _kind(self, loss: torch.Tensor) -> str:
        """ "mean" for a mean over a batch and for a sum with one in it, "other" for what is weighted or summed."""
        node = loss.grad_fn
        if node is not None and any(one.enabled and one.waiting for one in self.scalings.values()):
            node = node.next_functions[0][0]
        terms = [node]
        for _ in range(4):
            terms = [one for term in terms for one in _terms(term)]
        return "mean" if any(_is_mean(one) for one in terms) else "other"

    def _stepping(self, optimizer: Any) -> None:
        self.steps += 1
        if self.steps == 1:
            self.begun_without = not self.record.backwards
        self.late += self.forwards > 0
        sites = {where for where, _ in self.waiting}
        self.groups[len(self.waiting), len(sites) == 1, all(kind == "mean" for _, kind in self.waiting)] += 1
        self.waiting.clear()
        if not self.stepping_inside:
            for scaling in self.scalings.values():
                scaling.plain += scaling.waiting
        held = self.training.held.get(id(optimizer))
        for clipping, ids in self._clipped:
            clipping.other += held is not None and not ids & held.ids
        self._clipped.clear()

    def facts(self, root: Any) -> dict[str, Any]:
        groups = [[*key, count] for key, count in self.groups.most_common(8)]
        return {
            "clippings": [one.facts() for one in self.clippings.values()][:10],
            "scalings": [one.facts() for one in self.scalings.values()][:5],
            "groups": groups,
            "steps": self.steps,
            "late": self.late,
            "lost": self.lost,
            "left": len(self.waiting),
            "begun_without": self.begun_without,
        }


def _terms(node: Any) -> list[Any]:
    """What is added up, or the node itself."""
    return [one for one, _ in node.next_functions] if operation(node) in ("Add", "Sub") else [node]


def _is_mean(node: Any) -> bool:
    name = operation(node)
    if name == "Mul":  # most of the weight, as label smoothing leaves a loss: no share of several batches
        other = getattr(node, "_saved_other", None)
        return isinstance(other, float) and other > 0.75 and _is_mean(node.next_functions[0][0])
    return name == "Mean" or (name in AVERAGED and getattr(node, "_saved_reduction", MEAN) == MEAN)
