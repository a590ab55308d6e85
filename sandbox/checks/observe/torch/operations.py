"""Which functions one training-mode forward pass of a PyTorch model calls: what no list of modules tells."""

from collections import Counter
from typing import Any

import torch
from torch.overrides import TorchFunctionMode, resolve_name

from observe.torch.modes import set_mode

ADDS = ("add", "add_", "__add__", "__iadd__", "__radd__")
DROPOUTS = ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout")


class _Listening(TorchFunctionMode):
    """Counts functions by name; an addition of two activations of one shape counts as "residual"."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.rates: set[float] = set()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = (resolve_name(func) or getattr(func, "__name__", "?")).rpartition(".")[2]
        self.counts[name] += 1
        if name in ADDS and len(args) > 1 and _are_activations(args[0], args[1]):
            self.counts["residual"] += 1
        if name in DROPOUTS:
            rate = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
            self.rates.add(float(rate))
        if name == "scaled_dot_product_attention" and kwargs.get("dropout_p"):
            self.rates.add(float(kwargs["dropout_p"]))
        return func(*args, **kwargs)


def operations(subject: Any) -> dict[str, Any]:
    """Counts of the functions, and the rates of dropout; the last probe, for it changes running statistics."""
    listening, evaluated = _Listening(), subject()
    set_mode(subject.module, training=True)
    try:
        with torch.compiler.set_stance("force_eager"), listening:
            trained = subject()
    finally:
        set_mode(subject.module, training=False)
    counts = {name: count for name, count in listening.counts.items() if not name.startswith("__get")}
    return {
        "counts": dict(Counter(counts).most_common(80)),
        "rates": sorted(listening.rates),
        "modes_differ": trained.shape != evaluated.shape or not torch.allclose(trained, evaluated, 1e-3, 1e-5),
    }


def _are_activations(first: Any, second: Any) -> bool:
    both = isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor)
    return both and first.shape == second.shape and first.ndim >= 2 and not _is_parameter(first, second)


def _is_parameter(*tensors: torch.Tensor) -> bool:
    return any(isinstance(one, torch.nn.Parameter) for one in tensors)
