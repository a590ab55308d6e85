"""What reaches PyTorch's loss functions, whoever calls them, and how that stands to the model's latest answer."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as functional

from observe.losses import Sites, describe
from observe.losses_divergence import divergences
from observe.losses_tokens import describe_tokens, rows_of
from observe.passes import Passes, pair, timed
from observe.record import Record, harmless, user_frame
from observe.torch.calls import first_tensor, to_numpy
from observe.torch.losses_graph import carried_by, last_axis_of_linear, maker
from observe.torch.losses_shapes import watch_shapes

KINDS = {
    "cross_entropy": "classes",
    "nll_loss": "classes",
    "binary_cross_entropy": "binary",
    "binary_cross_entropy_with_logits": "binary",
    "mse_loss": "values",
    "l1_loss": "values",
    "smooth_l1_loss": "values",
    "huber_loss": "values",
    "kl_div": "divergence",
}
NAMED = (
    "cosine_embedding_loss",
    "ctc_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
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
IN_ORDER = 0.999
"""Share of the targets that follow the tokens of the input, from which on they come in the same order."""
SMALL = 1 << 18
"""Values of an output that is kept until the next backward pass."""


class Losses:
    """The losses that were called; what they were given is compared with the latest call of a model."""

    name = "losses"

    def __init__(self, watch: Any) -> None:
        self.record: Record = watch.record
        self.passes: Passes = watch.passes
        self.sites = Sites(self.record)
        self.answer: torch.Tensor | None = None
        self.given: torch.Tensor | None = None
        """What the model was given first, where it holds real numbers."""
        self.tokens: list[torch.Tensor] = []
        """The rows of whole numbers that the model was given, those of a decoder last."""
        self.outputs: list[torch.Tensor] = []
        """All that models answered since the last backward pass."""
        self.waiting: list[tuple[dict[str, Any], Any, Any, int]] = []
        """Figures that are still to be compared with what the model was given and answered."""
        for name, kind in KINDS.items():
            setattr(functional, name, self._watched(name, kind, getattr(functional, name)))
        for name in NAMED:
            setattr(functional, name, _named(name, getattr(functional, name), self.record))
        watch_shapes(self.record, harmless(self.record)(self._subtracted))
        self.record.on("called", self._called)
        self.record.on("differentiated", self._differentiated)

    def _watched(self, name: str, kind: str, original: Callable[..., Any]) -> Callable[..., Any]:
        before, after = harmless(self.record)(self._look), harmless(self.record)(self._answered)
        signature = inspect.signature(original)

        @wraps(original)
        def loss(input: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling():
                return original(input, target, *args, **kwargs)
            figures = before(name, kind, input, target, lambda: signature.bind(input, target, *args, **kwargs))
            value = original(input, target, *args, **kwargs)
            if figures is not None:
                after(figures, value)
            return value

        return loss

    def _look(self, name: str, kind: str, output: Any, target: Any, bound: Any) -> dict[str, Any] | None:
        where = user_frame()
        trained = torch.is_grad_enabled()
        if output.requires_grad and trained:
            self.record.choices.loss(name, where)
        if not trained and self.passes.direct is not None and self.passes.direct.task is None:
            _answer_direct(self.passes, output, target)
        site = self.sites.at(name, kind, where, trained=trained)
        if site is None or not site.called():
            return None
        return timed(self.record, self._sample, site, output, target, _options(bound().arguments))

    def _sample(self, site: Any, output: Any, target: Any, options: dict[str, Any]) -> dict[str, Any]:
        axis = 1 if site.kind == "classes" and output.ndim > 1 else -1
        figures = {
            "step": self.record.steps,
            "input_dtype": _dtype(output),
            "target_dtype": _dtype(target),
            "made_by": maker(output),
            "of_input": self.given is not None and _same_values(target, self.given),
            "carries": carried_by(output, target),
            "linear_axis": last_axis_of_linear(output),
            "log_target": bool(options.get("log_target", False)),
            "reduction": options.get("reduction", "mean"),
            "ignored": options.get("ignore_index", -100) if site.kind == "classes" else None,
        }
        for name in ("weight", "pos_weight"):
            given = options.get(name)
            figures[name] = to_numpy(given).ravel()[:1000].tolist() if isinstance(given, torch.Tensor) else None
        values = to_numpy(output), to_numpy(target)
        figures |= describe(site.kind, *values, axis=axis)
        site.add(figures)
        kept = site.entry["sampled"][-1]
        if torch.is_grad_enabled():
            self.waiting = [*self.waiting[-3:], (kept, *values, axis)]
        return kept

    def _subtracted(self, output: torch.Tensor, target: torch.Tensor) -> None:
        """A loss that is written out begins with the difference of the model's answer and what is right."""
        answer = self.answer
        if answer is None or answer.data_ptr() != output.data_ptr() or answer.numel() != output.numel():
            return
        site = self.sites.at("difference", "values", user_frame(), trained=torch.is_grad_enabled())
        if site is not None and site.called():
            timed(self.record, self._sample, site, output, target, {"reduction": "none"})

    def _answered(self, figures: dict[str, Any], value: Any) -> None:
        figures["value"] = float(value.detach().float().mean())

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        tensor, given = first_tensor(output), [one for one in (*args, *kwargs.values()) if torch.is_tensor(one)]
        self.answer = tensor.detach() if tensor is not None else None
        self.given = given[0].detach() if given and given[0].is_floating_point() else None
        parts = output if isinstance(output, (tuple, list)) else (output,)
        small = [one for one in parts if torch.is_tensor(one) and one.ndim == 2 and one.numel() <= SMALL]
        self.outputs = [*self.outputs, *(one.detach() for one in small)][-12:]
        tokens = [one for one in given if one.dtype in (torch.int32, torch.int64) and one.ndim == 2]
        self.tokens = tokens if tokens and tokens[0] is given[0] else []

    def _differentiated(self, loss: Any) -> None:
        waiting, self.waiting = self.waiting, []
        outputs, self.outputs = self.outputs, []
        for figures, output, target, axis in waiting:
            timed(self.record, self._compare, figures, output, target, axis)
            figures["divergences"] = timed(self.record, lambda: divergences([to_numpy(one) for one in outputs]))
        self.answer = None

    def _compare(self, figures: dict[str, Any], output: Any, target: Any, axis: int) -> None:
        if figures["kind"] not in ("classes", "binary", "custom"):
            return
        if figures["kind"] == "classes" and target.dtype.kind in "iu":
            figures |= self._described(target)
        if figures["kind"] == "classes" and self.answer is not None and self.answer.ndim >= 3:
            ordered = max(figures.get("shifts", [0.0])) >= IN_ORDER or self._is_of_batch(target)
            figures |= rows_of(to_numpy(self.answer), output, axis, ordered=ordered)

    def _is_of_batch(self, target: Any) -> bool:
        """Whether these are labels of the batch that came from the loader, one for each position, in their order."""
        batch = self.passes.active[-1].batch[1:] if self.passes.active else []
        labels = [to_numpy(one) for one in batch if torch.is_tensor(one) and one.shape == self.answer.shape[:2]]
        flat = [(one.ravel(), one.T.ravel()) for one in labels if one.size == target.size]
        return any((one == target.ravel()).all() and (other != one).any() for one, other in flat)

    def _described(self, target: Any) -> dict[str, Any]:
        """How the targets stand to the first input; of what a decoder is given, only where both are filled up."""
        told = [describe_tokens(target, to_numpy(one)) for one in self.tokens]
        if told and told[0]:
            return told[0]
        return {name: value for one in told for name, value in one.items() if name.startswith("padding")}

    def facts(self, root: Any) -> dict[str, Any]:
        return {}


def _named(name: str, original: Callable[..., Any], record: Record) -> Callable[..., Any]:
    note = harmless(record)(record.choices.loss)

    @wraps(original)
    def loss(*args: Any, **kwargs: Any) -> Any:
        value = original(*args, **kwargs)
        if isinstance(value, torch.Tensor) and value.requires_grad and not torch.compiler.is_compiling():
            note(name, user_frame())
        return value

    return loss


def _answer_direct(passes: Passes, output: torch.Tensor, target: torch.Tensor) -> None:
    """A model call without a loader learns its targets from the loss that is computed on its output."""
    direct = passes.direct
    paired = pair(to_numpy(output), [to_numpy(target)])
    if direct is not None and direct.calls == 1 and paired is not None and len(output) == direct.samples:
        direct.task, direct.predicted, direct.target = paired[0], [paired[1]], [paired[2]]


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """By name; a wrapper that another observer put around the function collects them under one."""
    return {**given, **given.get("kwargs", {})}


def _same_values(one: torch.Tensor, other: torch.Tensor) -> bool:
    same = one.dtype == other.dtype and one.device == other.device and one.numel() == other.numel()
    return same and torch.equal(one.detach().reshape(-1), other.reshape(-1))


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")
