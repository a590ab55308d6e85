"""The samples of a PyTorch program: out of loaders, out of model calls, or, without either, out of the loss's graph.

Runs inside the jail.
"""

from typing import Any

import torch
import torch.nn.functional as functional

from observe.data import FUNCTIONS, Ledger, Samples
from observe.data_figures import describe
from observe.passes import Pass, timed
from observe.record import harmless, user_frame
from observe.torch.augmented import Augmented
from observe.torch.buffers import kept_means
from observe.torch.calls import first_tensor, to_numpy
from observe.torch.comparisons import watch_comparisons
from observe.torch.first_inputs import first_inputs
from observe.torch.redraw import redraw
from observe.torch.statistics import FrozenStatistics
from observe.torch.workers import worker_draws

LOSSES = (
    "cross_entropy", "nll_loss", "binary_cross_entropy", "binary_cross_entropy_with_logits",
    "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss",
)  # fmt: skip
MOST_LOADERS = 12
DIRECT_ROWS = 20_000


SEVERAL = "several"
"""In the place of labels, where losses were given different ones."""


def _counts_rows(target: torch.Tensor) -> bool:
    """Whether the targets are 0, 1, 2 and so on, as those of a contrast between the rows of a batch are."""
    if target.ndim != 1 or len(target) < 4 or target.is_floating_point():
        return False
    return bool((target == torch.arange(len(target), device=target.device)).all())


class Data:
    """Follows which samples are trained on and which are evaluated."""

    name = "data"

    def __init__(self, watch: Any) -> None:
        self.record, self.calls, self.passes = watch.record, watch.calls, watch.passes
        self.ledger = Ledger()
        self.loaders: dict[Any, Any] = {}
        self.open: dict[int, Samples] = {}
        self.pending: tuple[Any, Any] | None = None
        """(key, inputs) of the latest model call outside of loaders that may be trained."""
        self.answered: tuple[Any, Any] | None = None
        """The same of one that is evaluated, until its labels are known."""
        self.labels: Any = None
        self.statistics = FrozenStatistics()
        self.augmented = Augmented(self.passes)
        self.first_weights: set[int] = set()
        """Where the weights lie in memory that a program without modules applies to its inputs."""
        for event in ("batch", "passed", "called", "differentiated"):
            self.record.on(event, getattr(self, f"_{event}"))
        for name in LOSSES:
            setattr(functional, name, self._labelled(getattr(functional, name)))
        watch_comparisons(self.record, self.passes)

    def _batch(self, current: Pass, leaves: list[Any]) -> None:
        key = current.key
        self.augmented.handed_out(current, leaves)
        if key == "direct" or not self.ledger.wants(key):
            return
        samples = self.open.get(id(current))
        if samples is None:
            samples = self.open[id(current)] = Samples(key, user_frame())
        if samples.wants():
            timed(self.record, self._add, samples, leaves)

    def _add(self, samples: Samples, leaves: list[Any]) -> None:
        given = [one for one in leaves if isinstance(one, torch.Tensor)]
        if given:
            samples.add(to_numpy(given[0]), to_numpy(given[-1]) if len(given) > 1 else None)

    def _passed(self, done: Pass, complete: bool) -> None:
        samples = self.open.pop(id(done), None)
        if samples is None and not self.ledger.wants(done.key):
            self.ledger.count(done.key)
            return
        samples = samples or Samples(done.key, user_frame())
        trained = done.steps != self.record.steps or done.backwards != self.record.backwards
        self.ledger.settle(samples, "trained" if trained else "evaluated", empty=complete and not done.batches)
        if done.source is not None and len(self.loaders) < MOST_LOADERS:
            self.loaders[done.key] = done.source

    def _called(self, model: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        self.statistics.look(model.module)
        self.augmented.called(model, args, kwargs, output)
        inputs, answer = first_tensor((args, kwargs)), first_tensor(output)
        if self.passes.active or inputs is None or answer is None:
            return
        self._settle()
        key = ("direct", id(model.module))
        if answer.requires_grad and model.module.training:
            self.pending = (key, inputs)
        else:
            self.answered = (key, inputs)

    def _settle(self) -> None:
        """Another call begins: what is known of the one that was evaluated is all there is."""
        answered, self.answered = self.answered, None
        labels, self.labels = self.labels, None
        if answered is not None:
            self._direct("evaluated", *answered, labels)

    def _direct(self, role: Any, key: Any, inputs: Any, labels: Any) -> None:
        samples = self.ledger.of(role, key, user_frame())
        if samples is None or samples.epochs[0].rows > DIRECT_ROWS or not self._is_cheap(inputs):
            return
        fits = isinstance(labels, torch.Tensor) and labels.ndim > 0 and len(labels) == len(inputs)
        timed(self.record, samples.add, to_numpy(inputs), to_numpy(labels) if fits else None)

    def _is_cheap(self, inputs: Any) -> bool:
        return inputs.device.type == "cpu" or self.record.affords()

    def _differentiated(self, loss: Any) -> None:
        pending, self.pending = self.pending, None
        labels, self.labels = self.labels, None
        if self.passes.active:
            return
        if pending is not None:
            self._direct("trained", *pending, labels)
        elif not self.calls.models and isinstance(loss, torch.Tensor):
            inputs, weights = first_inputs(loss)
            self._watch_layers(weights)
            if inputs is not None:
                self._direct("trained", FUNCTIONS, inputs, labels)

    def _watch_layers(self, weights: set[int]) -> None:
        """From the first step of a program without modules on: what is evaluated meets the same weights."""
        if weights and not self.first_weights:
            functional.linear = self._applied(functional.linear)
            torch.Tensor.__matmul__ = self._applied(torch.Tensor.__matmul__)
        self.first_weights |= weights

    def _labelled(self, original: Any) -> Any:
        note = harmless(self.record)(self._note_labels)

        def loss(input: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.record.depth and not torch.compiler.is_compiling():
                note(target)
            return original(input, target, *args, **kwargs)

        return loss

    def _note_labels(self, target: Any) -> None:
        """Several targets of one backward pass, or those that only count the rows, are no labels of the samples."""
        if self.passes.active or not isinstance(target, torch.Tensor) or _counts_rows(target):
            return
        if torch.is_grad_enabled() and self.answered is not None and self.answered[0] == FUNCTIONS:
            self._settle()  # training goes on, and these are no labels of what was evaluated
        if self.labels is None:
            self.labels = target.detach()
        elif self.labels is not SEVERAL and self.labels.data_ptr() != target.data_ptr():
            self.labels = SEVERAL

    def _applied(self, original: Any) -> Any:
        note = harmless(self.record)(self._note_inputs)

        def apply(inputs: Any, weight: Any, *args: Any, **kwargs: Any) -> Any:
            if self.first_weights and not self.record.depth and not torch.is_grad_enabled():
                note(inputs, weight)
            return original(inputs, weight, *args, **kwargs)

        return apply

    def _note_inputs(self, inputs: Any, weight: Any) -> None:
        if isinstance(weight, torch.Tensor) and weight.data_ptr() in self.first_weights:
            self._settle()
            self.answered = (FUNCTIONS, inputs)

    def facts(self, root: Any) -> dict[str, Any]:
        self._settle()
        figures = describe(self.ledger)
        train = self.ledger.trained()
        if train is not None:
            apart = self.ledger.held_out(train)
            held_out = [one.key for one in apart]
            models = [one.module for one in self.calls.models.values()]
            figures["kept_means"] = harmless(self.record)(kept_means)(models, train, apart)
            figures["redrawn"] = [
                {"where": self.ledger.sets["evaluated", key].where, **found}
                for key in held_out
                if key in self.loaders and (found := harmless(self.record)(redraw)(self.loaders[key].dataset))
            ]
            figures["redrawn"] += [
                {"where": self.ledger.sets["evaluated", key].where, **found}
                for key, found in self.augmented.again().items()
                if ("evaluated", key) in self.ledger.sets
            ]
        figures["workers"] = [
            {"where": one.where, **found}
            for (role, key), one in self.ledger.sets.items()
            if role == "trained" and key in self.loaders
            if (found := harmless(self.record)(worker_draws)(self.loaders[key]))
        ]
        figures["frozen_statistics"] = self.statistics.moved()
        return figures
