"""What reaches PyTorch's loss functions: the figures that show whether inputs and targets are what they expect."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as functional

from observe.passes import Passes, pair, timed
from observe.record import Record, harmless, user_frame
from observe.torch.calls import to_numpy

CLASSIFYING = ("cross_entropy", "nll_loss")
BINARY = ("binary_cross_entropy", "binary_cross_entropy_with_logits")
REGRESSING = ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss")
OTHERS = (
    "cosine_embedding_loss",
    "ctc_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "kl_div",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "poisson_nll_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
)
"""Only their names are looked at."""
SAMPLED_CALLS = 5


def watch_losses(record: Record, passes: Passes) -> None:
    for name in (*CLASSIFYING, *BINARY, *REGRESSING):
        setattr(functional, name, _watched(name, getattr(functional, name), record, passes))
    for name in OTHERS:
        setattr(functional, name, _named(name, getattr(functional, name), record))
    for name in ("__sub__", "__rsub__"):
        setattr(torch.Tensor, name, _watched_difference(getattr(torch.Tensor, name), record))


def _watched(name: str, original: Callable[..., Any], record: Record, passes: Passes) -> Callable[..., Any]:
    look = harmless(record)(_look)

    def loss(input: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
        if not torch.compiler.is_compiling():
            look(name, input, target, record, passes)
        return original(input, target, *args, **kwargs)

    return loss


def _named(name: str, original: Callable[..., Any], record: Record) -> Callable[..., Any]:
    note = harmless(record)(record.choices.loss)

    @wraps(original)
    def loss(*args: Any, **kwargs: Any) -> Any:
        value = original(*args, **kwargs)
        if isinstance(value, torch.Tensor) and value.requires_grad and not torch.compiler.is_compiling():
            note(name, user_frame())
        return value

    return loss


def _look(name: str, output: torch.Tensor, target: torch.Tensor, record: Record, passes: Passes) -> None:
    where = user_frame()
    entry = record.loss_calls.get((name, where))
    if entry is None:
        entry = record.loss_calls[name, where] = {"function": name, "where": where, "calls": 0, "sampled": []}
    entry["calls"] += 1
    if output.requires_grad and torch.is_grad_enabled():
        record.choices.loss(name, where)
    if len(entry["sampled"]) < SAMPLED_CALLS or (entry["calls"] % 50 == 0 and len(entry["sampled"]) < 20):
        entry["sampled"].append(timed(record, _figures, name, output.detach(), target, output.grad_fn))
    if not torch.is_grad_enabled() and passes.direct is not None and passes.direct.task is None:
        _answer_direct(passes, output, target)


def _answer_direct(passes: Passes, output: torch.Tensor, target: torch.Tensor) -> None:
    """A model call without a loader learns its targets from the loss that is computed on its output."""
    direct = passes.direct
    paired = pair(to_numpy(output), [to_numpy(target)])
    if direct is not None and direct.calls == 1 and paired is not None and len(output) == direct.samples:
        direct.task, direct.predicted, direct.target = paired[0], [paired[1]], [paired[2]]


def _figures(name: str, output: torch.Tensor, target: torch.Tensor, grad_fn: Any) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "input_shape": list(output.shape),
        "target_shape": list(target.shape),
        "target_dtype": str(target.dtype).removeprefix("torch."),
        "made_by": _maker(grad_fn),
    }
    if output.numel() == 0 or not output.is_floating_point():
        return figures
    figures |= {"min": float(output.min()), "max": float(output.max())}
    if name in CLASSIFYING and output.ndim >= 1:
        axis = 1 if output.ndim > 1 else 0
        figures["classes"] = output.shape[axis]
        figures["sum_error"] = float((output.float().sum(axis) - 1).abs().max())
        figures["logsumexp"] = float(output.float().logsumexp(axis).abs().max())
    if target.numel() and not target.is_complex():
        figures |= {"target_min": float(target.min()), "target_max": float(target.max())}
    return figures


def _maker(grad_fn: Any) -> str | None:
    """The operation that made a tensor, seen through views of it."""
    views = (
        "View",
        "Reshape",
        "Squeeze",
        "Unsqueeze",
        "Select",
        "Slice",
        "Transpose",
        "Permute",
        "T",
        "Alias",
        "Clone",
    )
    for _ in range(6):
        if grad_fn is None:
            return None
        name = grad_fn.name().removesuffix("0").removesuffix("Backward")
        name = name.rstrip("0123456789").removesuffix("Backward")
        if not name.removeprefix("Unsafe").startswith(views):
            return name
        grad_fn = grad_fn.next_functions[0][0] if grad_fn.next_functions else None
    return None


def _watched_difference(original: Callable[..., Any], record: Record) -> Callable[..., Any]:
    note = harmless(record)(record.note)

    def difference(self: Any, other: Any) -> Any:
        if not record.depth and isinstance(other, torch.Tensor) and self.requires_grad != other.requires_grad:
            shapes = sorted((tuple(self.shape), tuple(other.shape)), key=len)
            if [len(shape) for shape in shapes] == [1, 2] and shapes[1] == (shapes[0][0], 1) and shapes[0][0] > 1:
                note("outer-difference", shapes=[list(shape) for shape in shapes])
        return original(self, other)

    return difference
