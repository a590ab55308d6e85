"""What one training-mode forward pass of a trained model does with its parameters: used, cut off, or dead behind them.

Runs inside the jail, after the program has ended.
"""

import dis
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from observe.record import is_users, user_frame
from observe.torch.modes import set_mode

CUTTING = {"detach": "detach()", "detach_": "detach_()", "item": "item()", "numpy": "numpy()", "tolist": "tolist()"}
RECTIFIERS = ("relu", "relu_")
GETTER = torch.Tensor.data.__get__
LEAST_ROWS, LEAST_UNITS = 16, 8


class _Listening(TorchFunctionMode):
    """Which parameters and plain tensors go into functions, where graphs are cut, and which units are never on."""

    def __init__(self, module: nn.Module) -> None:
        self.names = {id(one): name for name, one in module.named_parameters()}
        self.plain = {
            id(value): (owner, name)
            for owner in module.modules()
            for name, value in vars(owner).items()
            if type(value) is torch.Tensor and value.numel() and not value.requires_grad and _is_made(owner, name)
        }
        self.used: set[str] = set()
        self.without: dict[str, Any] = {}
        self.cuts: dict[tuple[str, Any], int] = {}
        self.plain_used: dict[int, Any] = {}
        self.dead: list[dict[str, Any]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = "data" if func == GETTER else getattr(func, "__name__", "")
        self._cut(name, args)
        if not name.startswith("__get"):
            self._take(args, kwargs)
        result = func(*args, **kwargs)
        if name in RECTIFIERS and isinstance(result, torch.Tensor):
            self._rectified(result)
        return result

    def _cut(self, name: str, args: Any) -> None:
        cut = "data" if name == "data" else CUTTING.get(name)
        if cut and isinstance(args[0], torch.Tensor) and args[0].requires_grad and torch.is_grad_enabled():
            key = cut, user_frame()
            self.cuts[key] = self.cuts.get(key, 0) + 1

    def _take(self, args: Any, kwargs: Any) -> None:
        for one in _tensors((args, kwargs)):
            if id(one) in self.plain:
                self.plain_used.setdefault(id(one), user_frame())
            name = self.names.get(id(one))
            if name is not None and torch.is_grad_enabled():
                self.used.add(name)
            elif name is not None:
                self.without.setdefault(name, user_frame())

    def _rectified(self, output: torch.Tensor) -> None:
        axis = 1 if output.ndim in (2, 4, 5) else -1
        if output.ndim < 2 or len(output) < LEAST_ROWS or output.shape[axis] < LEAST_UNITS:
            return
        alive = (output.detach() > 0).movedim(axis, -1).reshape(-1, output.shape[axis]).any(0)
        if len(self.dead) < 50:
            units = len(alive)
            self.dead.append({"where": user_frame(), "units": units, "dead": units - int(alive.sum())})


def use(subject: Any) -> dict[str, Any]:
    """One pass in training mode; what it changes in buffers is put back."""
    module = subject.module
    buffers = [(one, one.detach().clone()) for one in module.buffers()]
    listening = _Listening(module)
    set_mode(module, training=True)
    try:
        with torch.enable_grad(), torch.compiler.set_stance("force_eager"), listening:
            module(*subject.args, **subject.kwargs)
    finally:
        set_mode(module, training=False)
        with torch.no_grad():
            for one, before in buffers:
                one.copy_(before)
    return {
        "used": sorted(listening.used),
        "without": [{"name": name, "where": where} for name, where in list(listening.without.items())[:200]],
        "cuts": [{"what": what, "where": where, "count": n} for (what, where), n in list(listening.cuts.items())[:20]],
        "plain": list(_plain(listening))[:20],
        "dead": listening.dead,
    }


def _plain(listening: _Listening) -> Iterator[dict[str, Any]]:
    """Tensors that are plain attributes and were used; whether the pass put another one in their place."""
    for key, where in listening.plain_used.items():
        owner, name = listening.plain[key]
        now = vars(owner).get(name)
        yield {
            "owner": type(owner).__name__,
            "name": name,
            "where": where,
            "replaced": id(now) != key,
            "follows_graph": isinstance(now, torch.Tensor) and now.requires_grad,
        }


def _is_made(owner: nn.Module, name: str) -> bool:
    """Whether the program's own constructor gives the attribute a value; one that a forward pass fills is a cache."""
    for cls in type(owner).__mro__:
        code = getattr(vars(cls).get("__init__"), "__code__", None)
        if code is None or not is_users(code.co_filename):
            continue
        steps = list(dis.get_instructions(code))
        for before, step in zip(steps, steps[2:], strict=False):
            empty = before.opname == "LOAD_CONST" and before.argval is None
            if step.opname == "STORE_ATTR" and step.argval == name and not empty:
                return True
    return False


def _tensors(value: Any, depth: int = 3) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif depth and isinstance(value, (list, tuple, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _tensors(one, depth - 1)
