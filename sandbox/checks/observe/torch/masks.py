"""The attention masks that one forward pass of a trained PyTorch model uses.

Runs inside the jail.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from observe.masks import FORBIDDING, describe_mask
from observe.record import called_by_user, user_frame

LARGEST = 1 << 22
MOST_MASKS = 50
ATTENTION = ("multi_head_attention_forward", "scaled_dot_product_attention")


class _Listening(TorchFunctionMode):
    """Remembers what each attention was told to leave out, and the tokens that were embedded last.

    Of `masked_fill` only what the program itself calls counts: torch uses it on its way to its own attention.
    """

    def __init__(self) -> None:
        self.ids: np.ndarray | None = None
        self.masks: list[dict[str, Any]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name == "embedding" and len(args) and isinstance(args[0], torch.Tensor):
            self.ids = args[0].detach().cpu().numpy()
        elif len(self.masks) < MOST_MASKS and (name in ATTENTION or called_by_user()):
            self.masks += [
                {"function": told, "where": user_frame(), **describe_mask(excluded, ids=self.ids)}
                for told, excluded in _exclusions(name, args, kwargs)
            ]
        return func(*args, **kwargs)


def masks(subject: Any) -> dict[str, Any]:
    """One entry for each mask in the order of use."""
    listening = _Listening()
    with listening:
        subject()
    return {"seen": listening.masks}


def _exclusions(name: str, args: Any, kwargs: Any) -> Iterator[tuple[str, np.ndarray]]:
    """(function whose convention applies, true where a position is left out) for each mask of a call."""
    if name == "multi_head_attention_forward":
        for option in ("attn_mask", "key_padding_mask"):
            if _fits(kwargs.get(option)):
                yield "nn.MultiheadAttention", _excluded(kwargs[option], true_excludes=True)
    elif name == "scaled_dot_product_attention":
        mask = kwargs.get("attn_mask", args[3] if len(args) > 3 else None)
        if _fits(mask):
            yield "F.scaled_dot_product_attention", _excluded(mask, true_excludes=False)
    elif name in ("masked_fill", "masked_fill_") and not kwargs and len(args) == 3:
        value = float(args[2])
        if value < FORBIDDING and _fits(args[1]) and args[0].ndim >= 2:
            yield "masked_fill", _excluded(args[1], true_excludes=True)


def _fits(mask: Any) -> bool:
    return isinstance(mask, torch.Tensor) and mask.ndim >= 1 and 0 < mask.numel() <= LARGEST


def _excluded(mask: torch.Tensor, *, true_excludes: bool) -> np.ndarray:
    mask = mask.detach()
    if mask.dtype != torch.bool:
        mask, true_excludes = mask.float() < FORBIDDING, True
    return (mask if true_excludes else ~mask).cpu().numpy()
