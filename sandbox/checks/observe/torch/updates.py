"""How far each update moves the parameters, in which direction, and which parts of them get no gradient.

Runs inside the jail. A few backward passes are looked at: what the parameters were behind them is compared with what
they are before the next one, so that steps of an optimiser and updates by hand are seen alike.
"""

import time
from statistics import median
from typing import Any

import torch
from torch import nn

from observe.record import harmless
from observe.torch.functional import leaves_of

SAMPLED_VALUES = 2048
MOST_TENSORS = 200
LARGEST = 1 << 21
MOST_ROWS = 4096


class Watched:
    """One parameter: what it began with, and which of its rows ever got a gradient."""

    def __init__(self, parameter: torch.Tensor) -> None:
        self.parameter = parameter
        values = parameter.detach()
        small = 0 < values.numel() <= LARGEST
        self.constant = bool(small and (values == values.reshape(-1)[0]).all())
        self.std = float(values.float().std(correction=0)) if small else 0.0
        self.rows: torch.Tensor | None = None
        self.norms: list[float] = []

    def took(self, gradient: torch.Tensor) -> None:
        self.norms.append(float(gradient.norm()) / max(1, gradient.numel()) ** 0.5)
        if gradient.ndim >= 2 and len(gradient) <= MOST_ROWS and gradient.numel() <= LARGEST:
            rows = (gradient != 0).reshape(len(gradient), -1).any(1)
            self.rows = rows if self.rows is None or self.rows.shape != rows.shape else self.rows | rows


class Updates:
    """Snapshots behind some backward passes, and what had moved by the next one."""

    name = "updates"

    def __init__(self, watch: Any) -> None:
        self.record, self.calls, self.training = watch.record, watch.calls, watch.training
        self.watched: dict[int, Watched] = {}
        self.moves: list[dict[str, Any]] = []
        self.armed = False
        self.snapshot: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
        """(parameter, some of its values, their gradients) behind a backward pass."""
        self.at = 0
        self.leaves: list[torch.Tensor] = []
        """What the loss of a program without optimisers and models leads to."""
        self.record.on("differentiated", self._differentiated)
        original = torch.autograd.backward
        compare, keep = harmless(self.record)(self._compare), harmless(self.record)(self._keep)

        def backward(tensors: Any, *args: Any, **kwargs: Any) -> None:
            if self.record.depth or torch.compiler.is_compiling():
                return original(tensors, *args, **kwargs)
            compare()
            original(tensors, *args, **kwargs)
            keep()
            return None

        torch.autograd.backward = backward

    def _differentiated(self, loss: torch.Tensor) -> None:
        if not self.training.held and self.calls.last_trained is None and self._is_sampled():
            self.leaves = list(leaves_of(loss))

    def _is_sampled(self) -> bool:
        done = self.record.backwards
        return done <= 5 or done in (10, 20, 30, 40) or (done % 50 == 0 and self.record.affords())

    def _keep(self) -> None:
        if not self.armed and not self._is_sampled():
            return
        began = time.monotonic()
        self.armed, self.at = True, self.record.steps
        with torch.no_grad():
            self.snapshot = [(one, *_sample(one)) for one in self._parameters()]
        if self.record.backwards > 5:
            self.record.spend(time.monotonic() - began)

    def _parameters(self) -> list[torch.Tensor]:
        """Those with a gradient, of optimisers and of the model that is trained; first seen, they are described."""
        found = {id(one): one for held in self.training.held.values() for one in held.tensors()}
        if self.calls.last_trained is not None:
            found |= {id(one): one for one in self.calls.last_trained[0].module.parameters()}
        else:
            found |= {id(one): one for one in self.leaves}
        dense = [one for one in found.values() if one.grad is not None and not one.grad.is_sparse]
        for one in list(found.values())[:MOST_TENSORS] if len(self.watched) < MOST_TENSORS else ():
            if id(one) not in self.watched and not isinstance(one, nn.UninitializedParameter):
                self.watched[id(one)] = Watched(one)
        for one in dense:
            if id(one) in self.watched:
                self.watched[id(one)].took(one.grad.detach())
        return dense[:MOST_TENSORS]

    def _compare(self) -> None:
        if not self.snapshot:
            return
        pairs = [(before, _values(one), gradient) for one, before, gradient in self.snapshot]
        moved = [(before, now - before, gradient) for before, now, gradient in pairs if not torch.equal(before, now)]
        if not moved and self.record.steps == self.at:
            return  # gradients are being accumulated: look again behind the next backward pass
        self.armed, self.snapshot = False, []
        if len(self.moves) < 40:
            self.moves.append(self._figures(moved))

    def _figures(self, moved: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]) -> dict[str, Any]:
        ratios = [float(step.norm() / before.norm()) for before, step, _ in moved if len(before) > 1 and before.any()]
        guided = [(step, gradient) for _, step, gradient in moved if gradient.any()]
        along = float("nan")
        if guided:
            step, gradient = (torch.cat(parts) for parts in zip(*guided, strict=True))
            along = float(-(step @ gradient) / (step.norm() * gradient.norm()))
        return {
            "step": self.record.steps,
            "moved": len(moved),
            "ratio": median(ratios) if ratios else 0.0,
            "along": along if along == along else None,
            "values": sum(len(step) for step, _ in guided),
        }

    def facts(self, root: Any) -> dict[str, Any]:
        self._compare()
        modules = dict(root.module.named_modules()) if root is not None else {}
        names = {id(one): name for name, one in root.module.named_parameters()} if root is not None else {}
        described = [_describe(one, names.get(key, ""), modules) for key, one in self.watched.items()]
        return {"moves": self.moves, "parameters": described}


def _describe(one: Watched, name: str, modules: dict[str, Any]) -> dict[str, Any]:
    now = one.parameter.detach()
    owner = modules.get(name.rpartition(".")[0])
    return {
        "name": name,
        "shape": list(now.shape),
        "kind": type(owner).__name__ if name else "",
        "std": one.std,
        "constant": one.constant,
        "uniform": _is_uniform(now),
        "gradient_rms": median(one.norms) if one.norms else None,
        "sampled": len(one.norms),
        "without": _runs(one.rows) if one.rows is not None else [],
    }


def _is_uniform(values: torch.Tensor) -> bool:
    """Whether all rows, or all columns, are the same: units that cannot be told apart."""
    if values.ndim < 2 or values.numel() > LARGEST or min(values.shape[0], values[0].numel()) < 2:
        return False
    flat = values.reshape(len(values), -1).float()
    scale = float(flat.abs().max()) * 1e-5
    return any(bool(((flat - first).abs() <= scale).all()) for first in (flat[:1], flat[:, :1]))


def _runs(rows: torch.Tensor) -> list[list[int]]:
    """(first, behind the last) of each run of rows that never got a gradient."""
    edges = torch.diff(torch.nn.functional.pad((~rows).int(), (1, 1))).tolist()
    starts, ends = ([place for place, edge in enumerate(edges) if edge == sign] for sign in (1, -1))
    return [list(run) for run in zip(starts, ends, strict=True)][:10]


def _values(one: torch.Tensor) -> torch.Tensor:
    flat = one.detach().reshape(-1)
    return flat[:: max(1, flat.numel() // SAMPLED_VALUES)].float().clone()


def _sample(one: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return _values(one), _values(one.grad)
