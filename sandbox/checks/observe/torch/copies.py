"""Weights that are copied, kept and loaded: whether a copy really is one, and whether what is loaded is taken.

Runs inside the jail.
"""

import weakref
from functools import wraps
from typing import Any

import torch
from torch import nn

from observe.record import harmless, user_frame
from observe.torch.functional import leaves_of

IN_PLACE = ("copy_", "lerp_", "add_")
MOST_STATES = 200


class Copies:
    """Follows `state_dict` to where it is loaded or saved, and updates of weights from themselves."""

    name = "copies"

    def __init__(self, watch: Any) -> None:
        self.record, self.calls, self.training = watch.record, watch.calls, watch.training
        self.states: dict[int, tuple[weakref.ref[Any], int, Any]] = {}
        """What `state_dict` gave: the dictionary, the steps made by then, and the line."""
        self.taken: list[tuple[int, Any]] = []
        """(steps made, line) of states that were taken while the model was trained."""
        self.names: set[str] = set()
        self.used_as_given: set[Any] = set()
        """Lines whose states were themselves loaded or saved."""
        self.used = False
        """Whether weights were loaded or saved that may be a copy of any state."""
        self.live: list[dict[str, Any]] = []
        """Kept weights that had gone on training by the time they were loaded or saved."""
        self.loads: list[dict[str, Any]] = []
        self.themselves: dict[tuple[str, Any], int] = {}
        self.weights: set[int] = set()
        self.stepping = False
        """Whether an optimiser is at work, which updates weights as it sees fit."""
        self.record.on("stepping", lambda _: self._work(True))
        self.record.on("stepped", lambda _: self._work(False))
        self._weights_of = 0
        self.leaves: set[int] = set()
        """Addresses of what is trained without an optimiser and without a model."""
        self.record.on("differentiated", self._differentiated)
        self._watch_state_dict()
        self._watch_load()
        self._watch_save()
        for name in IN_PLACE:
            self._watch_in_place(name)

    def _work(self, stepping: bool) -> None:
        self.stepping = stepping

    def _differentiated(self, loss: torch.Tensor) -> None:
        if self.record.backwards <= 3 and not self.training.held and not self.calls.models:
            self.leaves = {one.data_ptr() for one in leaves_of(loss)}

    def _watch_state_dict(self) -> None:
        original, keep = nn.Module.state_dict, harmless(self.record)(self._given)

        @wraps(original)
        def state_dict(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            state = original(module, *args, **kwargs)
            if not (args or kwargs.get("destination") is not None or kwargs.get("prefix") or self.record.depth):
                keep(state)
            return state

        nn.Module.state_dict = state_dict

    def _given(self, state: Any) -> None:
        if self.record.steps:
            self.taken.append((self.record.steps, user_frame()))
            self.names.update(state)
        if len(self.states) < MOST_STATES:
            self.states[id(state)] = (weakref.ref(state), self.record.steps, user_frame())

    def _made_at(self, state: Any) -> tuple[int | None, Any]:
        """Steps made and the line when this very dictionary was given by `state_dict`; None for another one."""
        ref, steps, where = self.states.get(id(state), (lambda: None, None, None))
        return (steps, where) if ref() is state else (None, None)

    def _watch_load(self) -> None:
        original, look = nn.Module.load_state_dict, harmless(self.record)(self._loading)

        @wraps(original)
        def load_state_dict(module: nn.Module, state_dict: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.record.depth:
                look(module, state_dict)
            return original(module, state_dict, *args, **kwargs)

        nn.Module.load_state_dict = load_state_dict

    def _use(self, state: Any) -> tuple[int | None, Any]:
        """Note that this state is loaded or saved; as `_made_at` tells of it."""
        steps, where = self._made_at(state)
        if steps is not None:
            self.used_as_given.add(where)
        elif isinstance(state, dict) and self.names & state.keys():
            self.used = True
        return steps, where

    def _loading(self, module: nn.Module, state: Any) -> None:
        steps, where = self._use(state)
        own = module.state_dict(keep_vars=True)
        shared = sum(_same_memory(own[name], one) for name, one in state.items() if name in own)
        early = steps != self.record.steps or len({step for step, line in self.taken if line == where}) >= 2
        if own and shared > 0.5 * len(own) and self.record.steps and early:
            self.live.append({"used": "loaded", "kept_at": where, "where": user_frame(), "steps": self.record.steps})
        if len(self.loads) < 20:
            counts = {"own": len(own), "matched": len(own.keys() & state.keys())}
            examples = {"missing": sorted(own.keys() - state.keys())[:3], "unknown": sorted(state.keys() - own.keys())}
            self.loads.append({**counts, **examples, "unknown": examples["unknown"][:3], "where": user_frame()})

    def _watch_save(self) -> None:
        original, look = torch.save, harmless(self.record)(self._saving)

        @wraps(original)
        def save(obj: Any, *args: Any, **kwargs: Any) -> Any:
            look(obj)
            return original(obj, *args, **kwargs)

        torch.save = save

    def _saving(self, saved: Any) -> None:
        for state in (saved, *(saved.values() if isinstance(saved, dict) else ())):
            steps, where = self._use(state)
            if steps is not None and steps < self.record.steps and self._is_live(state):
                self.live.append({"used": "saved", "kept_at": where, "where": user_frame(), "steps": self.record.steps})

    def _is_live(self, state: Any) -> bool:
        weights = self._known_weights()
        floating = [one for one in state.values() if isinstance(one, torch.Tensor) and one.is_floating_point()]
        return any(one.data_ptr() in weights for one in floating)

    def _watch_in_place(self, name: str) -> None:
        original, look = getattr(torch.Tensor, name), harmless(self.record)(self._updated)
        compiling = torch.compiler.is_compiling

        @wraps(original)
        def method(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            watched = not (self.stepping or self.record.depth or compiling())
            if watched and args and type(args[0]) in (torch.Tensor, nn.Parameter):
                look(name, tensor, args[0], kwargs.get("alpha", 1.0))
            return original(tensor, *args, **kwargs)

        setattr(torch.Tensor, name, method)

    def _updated(self, name: str, tensor: torch.Tensor, other: torch.Tensor, share: float) -> None:
        """A weight that is updated from itself: the copy was none. Taking a share off is the decay of a weight."""
        if share < 0:
            return
        if torch._C._functorch.is_functorch_wrapped_tensor(other) or other.data_ptr() != tensor.data_ptr():
            return
        if tensor.data_ptr() and tensor.data_ptr() in self._known_weights():
            key = name, user_frame()
            self.themselves[key] = self.themselves.get(key, 0) + 1

    def _known_weights(self) -> set[int]:
        """Addresses of all weights that are trained, looked up again when there are more optimisers or models."""
        known = len(self.training.held) + len(self.calls.models)
        if not known:
            return self.leaves
        if known != self._weights_of:
            self._weights_of = known
            self.weights = {one.data_ptr() for held in self.training.held.values() for one in held.tensors()}
            for model in self.calls.models.values():
                self.weights.update(one.data_ptr() for one in model.module.parameters())
        return self.weights

    def facts(self, root: Any) -> dict[str, Any]:
        themselves = [
            {"function": name, "where": where, "count": count} for (name, where), count in self.themselves.items()
        ]
        told = {"live": self.live[:10], "loads": self.loads, "themselves": themselves[:10]}
        kept = [(step, where) for step, where in self.taken if where not in self.used_as_given]
        unused = {"times": len(kept), "last": kept[-1][0], "where": kept[-1][1]} if kept and not self.used else None
        return told | {"kept": kept[-MOST_STATES:], "unused": unused}


def _same_memory(first: Any, second: Any) -> bool:
    both = isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor)
    return both and first.data_ptr() == second.data_ptr() and first.data_ptr() != 0
