"""Which layers, precision, clipping and seeds a PyTorch program chose. Runs inside the jail."""

from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.nn.utils import clip_grad

from observe.choices import Choices, watch_seed
from observe.record import Record, harmless

MOST_LAYERS = 400
KINDS: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("convolution", (nn.modules.conv._ConvNd,)),
    ("recurrent", (nn.RNNBase,)),
    ("attention", (nn.MultiheadAttention,)),
    ("linear", (nn.Linear, nn.Bilinear, nn.LazyLinear)),
    ("embedding", (nn.Embedding, nn.EmbeddingBag)),
    ("normalisation", (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)),
    ("dropout", (nn.modules.dropout._DropoutNd,)),
)
SIZES = ("out_channels", "hidden_size", "embed_dim", "out_features", "embedding_dim")


def watch_choices(record: Record) -> None:
    choices = record.choices
    for owner in (torch, torch.random):
        watch_seed(choices, owner, "manual_seed")
    for name in ("clip_grad_norm_", "clip_grad_value_"):
        watched = _watched_clipping(getattr(clip_grad, name), record)
        for owner in (clip_grad, nn.utils):
            setattr(owner, name, watched)
    construct, note = torch.autocast.__init__, harmless(record)(_note_precision)

    @wraps(construct)
    def constructed(context: Any, *args: Any, **kwargs: Any) -> None:
        construct(context, *args, **kwargs)
        note(choices, context._enabled)

    torch.autocast.__init__ = constructed


def _note_precision(choices: Choices, enabled: bool) -> None:
    choices.mixed_precision = "used" if enabled or choices.mixed_precision == "used" else "prepared"


def _watched_clipping(original: Any, record: Record) -> Any:
    @harmless(record)
    def note(limit: Any) -> None:
        if len(record.choices.clipping) < 1000:
            record.choices.clipping.append(float(limit))

    @wraps(original)
    def clip(parameters: Any, limit: Any = None, *args: Any, **kwargs: Any) -> Any:
        given = [value for name, value in kwargs.items() if name in ("max_norm", "clip_value")]
        note(limit if limit is not None else given[0])
        return original(parameters, *([] if limit is None else [limit]), *args, **kwargs)

    return clip


def family(cls: type, base: type) -> list[str]:
    """The class and what it extends, below the framework's own base class."""
    return [one.__name__ for one in cls.__mro__ if issubclass(one, base) and one is not base]


def options(optimizer: Any) -> dict[str, list[float]]:
    """Hyper-parameters as constructed, one value for each group of parameters that differs."""
    found: dict[str, list[float]] = {}
    for group in optimizer.param_groups:
        for name, value in group.items():
            if isinstance(value, (int, float)) and value not in found.setdefault(name, []):
                found[name].append(float(value))
    return found


def chosen(choices: Choices, root: Any) -> dict[str, Any]:
    """Everything for the facts: what was collected, and the layers of the model that was trained."""
    modules = list(root.module.modules())[:MOST_LAYERS] if root else []
    if any(one.dtype in (torch.float16, torch.bfloat16) for one in (root.module.parameters() if root else ())):
        choices.mixed_precision = "used"
    return {**choices.facts(), "layers": [_layer(one) for one in modules if not _is_container(one)]}


def _is_container(module: nn.Module) -> bool:
    return any(True for _ in module.children()) and not isinstance(module, nn.MultiheadAttention)


def _layer(module: nn.Module) -> dict[str, Any]:
    kind = next((name for name, types in KINDS if isinstance(module, types)), "other")
    if kind == "other" and type(module).__module__ == "torch.nn.modules.activation":
        kind = "activation"
    size = next((getattr(module, name) for name in SIZES if isinstance(getattr(module, name, None), int)), None)
    rate = module.p if kind == "dropout" else getattr(module, "dropout", None)
    return {
        "name": type(module).__name__,
        "kind": kind,
        "size": size,
        "stacked": module.num_layers if kind == "recurrent" else 1,
        "rate": float(rate) if isinstance(rate, (int, float)) else None,
    }
