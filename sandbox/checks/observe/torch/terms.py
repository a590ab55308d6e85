"""The terms that a PyTorch loss is added up from: which have no gradient, and which pull against each other.

Runs inside the jail.
"""

from functools import wraps
from typing import Any

import torch

from observe.passes import timed
from observe.record import harmless, is_users, user_frame
from observe.torch.calls import first_tensor
from observe.torch.losses_graph import maker, operation
from observe.torch.thresholds import GREATER, ROUNDING

SUMS = ("__add__", "__radd__", "__iadd__", "add", "__sub__", "sub")
DECISIONS = (*GREATER, *ROUNDING, "argmax", "sign", "__eq__", "eq")
ADDING, SCALING = ("Add", "Sub", "Neg"), ("Mul", "Div", "ToCopy", "View", "Squeeze")
"""Nodes of a graph that a sum is seen through; of the latter those by a number."""
KNOWN = ("NllLoss", "NllLoss2D", "BinaryCrossEntropy", "BinaryCrossEntropyWithLogits", "MseLoss", "SmoothL1Loss")
"""Nodes of losses that can only fall by better answers."""
MOST_NODES = 80
MOST_VALUES = 24
LOOKS = 3
"""Backward passes of the beginning whose terms are told apart."""


class Terms:
    """Follows numbers that are added to each other to where one of the sums is differentiated."""

    name = "terms"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record
        self.answer: torch.Tensor | None = None
        self.constants: list[tuple[Any, torch.Tensor, Any]] = []
        """(node of the sum, the term without a gradient, line) since the latest backward pass."""
        self.sums: list[tuple[Any, torch.Tensor, torch.Tensor, Any]] = []
        self.decided = self.decided_loss = False
        """Whether a decision was taken on what has a gradient, and whether a loss without one came of it."""
        self.without: dict[Any, dict[str, Any]] = {}
        self.against: dict[Any, list[float]] = {}
        self.record.on("called", self._called)
        self.record.on("differentiated", self._differentiated)
        for name in SUMS:
            setattr(torch.Tensor, name, self._added(getattr(torch.Tensor, name)))
        for name in DECISIONS:
            for owner in (torch, torch.Tensor):
                if hasattr(owner, name):
                    setattr(owner, name, self._deciding(getattr(owner, name)))

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        answer = first_tensor(output)
        self.answer = answer if answer is not None and answer.requires_grad and self._begins() else None

    def _begins(self) -> bool:
        return self.record.backwards < LOOKS

    def _added(self, original: Any) -> Any:
        note = harmless(self.record)(self._note)

        @wraps(original)
        def add(one: Any, other: Any, *args: Any, **kwargs: Any) -> Any:
            if one.ndim or type(other) is not torch.Tensor or other.ndim or torch.compiler.is_compiling():
                return original(one, other, *args, **kwargs)
            apart = type(one) is torch.Tensor and one is not other
            constant = apart and not one.requires_grad
            held = one.detach().clone() if constant else one  # an addition in place changes it
            result = original(one, other, *args, **kwargs)
            if apart and not self.record.depth and result.requires_grad:
                note(held, other, result)
            return result

        return add

    def _note(self, one: torch.Tensor, other: torch.Tensor, result: torch.Tensor) -> None:
        constant = next((term for term in (one, other) if not term.requires_grad), None)
        if constant is not None:
            self.constants = [*self.constants[-7:], (result.grad_fn, constant.detach().clone(), user_frame())]
        elif self._begins():
            self.sums = [*self.sums[-3:], (result.grad_fn, one, other, user_frame())]

    def _deciding(self, original: Any) -> Any:
        @wraps(original)
        def decide(values: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.decided and isinstance(values, torch.Tensor) and values.requires_grad:
                self.decided = not self.record.depth and torch.is_grad_enabled()
            return original(values, *args, **kwargs)

        return decide

    def _differentiated(self, loss: torch.Tensor) -> None:
        constants, self.constants = self.constants, []
        sums, self.sums = self.sums, []
        answer, self.answer = self.answer, None
        decided, self.decided = self.decided, False
        self.decided_loss |= decided and loss.grad_fn is None
        if constants or sums:
            nodes = added_up(loss.grad_fn)
            for where, value in _by_line(constants, nodes).items():
                self._without(where, value, decided=decided)
            if answer is not None and not _is_listened_to(answer):
                for node, one, other, where in sums:
                    if node in nodes:
                        timed(self.record, self._compare, where, one, other, answer)

    def _without(self, where: Any, value: float, *, decided: bool) -> None:
        if where not in self.without and len(self.without) >= 10:
            return
        entry = self.without.setdefault(where, {"where": where, "count": 0, "decided": 0, "values": []})
        entry["count"] += 1
        entry["decided"] += decided
        if len(entry["values"]) < MOST_VALUES:
            entry["values"].append(value)

    def _compare(self, where: Any, one: torch.Tensor, other: torch.Tensor, answer: torch.Tensor) -> None:
        """The cosine between what a loss and another term ask of the model's answer."""
        known = [maker(term) in KNOWN for term in (one, other)]
        if known[0] == known[1] or len(self.against) >= 10:
            return
        with self.record.aside():
            pulls = [
                torch.autograd.grad(term, answer, retain_graph=True, allow_unused=True)[0] for term in (one, other)
            ]
        if all(pull is not None and bool(pull.any()) for pull in pulls):
            first, second = (pull.detach().flatten().float() for pull in pulls)
            self.against.setdefault(where, []).append(float(torch.cosine_similarity(first, second, dim=0)))

    def facts(self, root: Any) -> dict[str, Any]:
        against = [{"where": where, "cosines": cosines} for where, cosines in self.against.items()]
        return {"without": list(self.without.values()), "against": against, "decided_loss": self.decided_loss}


def _by_line(constants: list[tuple[Any, torch.Tensor, Any]], nodes: set[Any]) -> dict[Any, float]:
    """What each line added to one loss: the norms of several frozen tensors are one term, which does not change."""
    found: dict[Any, float] = {}
    for node, value, where in constants:
        if node in nodes:
            found[where] = found.get(where, 0.0) + float(value)
    return found


def added_up(node: Any) -> set[Any]:
    """The sums that a loss is made of, seen through factors that are numbers; what is in a quotient is no term."""
    found, waiting = set(), [node]
    while waiting and len(found) < MOST_NODES:
        one = waiting.pop()
        if one is None or one in found:
            continue
        name = operation(one)
        followed = [before for before, _ in one.next_functions if before is not None]
        if name in ADDING or (name in SCALING and len(followed) == 1):
            found.add(one)
            waiting += followed
    return found


def _is_listened_to(answer: torch.Tensor) -> bool:
    """Whether the program itself waits for gradients to come by here."""
    hooks = (answer._backward_hooks or {}).values()
    return any(is_users(getattr(getattr(one, "__code__", None), "co_filename", "<")) for one in hooks)
