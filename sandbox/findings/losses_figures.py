"""What an observer measured of one loss function on one line, read strictly."""

import math
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ValidationError

from sandbox.evidence import Evidence, Facts, LossCall

Kind = Literal["classes", "binary", "values", "divergence", "custom"]


class Figures(BaseModel):
    """One call: what the loss was given, and what it answered. None is what was not measured."""

    kind: Kind
    call: int
    step: int = 0
    """Optimiser steps before it."""
    input_shape: list[int] = []
    target_shape: list[int] = []
    input_dtype: str = ""
    target_dtype: str = ""
    made_by: str | None = None
    """The operation that made the output, such as "Softmax"."""
    carries: Literal["output", "target", "both", "neither", "off"] | None = None
    """Which of the two leads to parameters; "off" where gradients are switched off."""
    linear_axis: bool = False
    """Whether the last axis is the features of a linear layer."""
    from_logits: bool | None = None
    """What a loss of Keras was told; None for others."""
    log_target: bool = False
    reduction: str | None = None
    ignored: int | None = None
    masked: bool = False
    """Whether a mask or sample weights leave something out."""
    of_input: bool = False
    """Whether the target is what the model was given."""
    swapped: bool = False
    """Whether the answer of the model was given as the target."""
    weight: list[float] | None = None
    pos_weight: list[float] | None = None
    value: float | None = None
    min: float = math.nan
    max: float = math.nan
    zeros: float = 0.0
    integral: bool = False
    classes: int = 0
    sum_error: float = math.nan
    logsumexp: float = math.nan
    batch_sum_error: float = math.nan
    batch_logsumexp: float = math.nan
    target_min: float = math.nan
    target_max: float = math.nan
    target_integral: bool = False
    below_zero: float = 0.0
    above_one: float = 0.0
    beyond_one: float = 0.0
    counts: list[int] = []
    """How often each label occurs, as a number or as a column of one-hot rows."""
    target_sum_error: float = math.nan
    one_hot: bool = False
    right: float | None = None
    distance: float | None = None
    target_range: float | None = None
    at_min: float = 0.0
    """Share of the outputs that are the very smallest one."""
    under_min: float = 0.0
    """Share of the targets below it."""
    at_max: float = 0.0
    over_max: float = 0.0
    agreement: float | None = None
    """Correlation of outputs and targets of one shape."""
    label_weights: list[tuple[int, float, int]] = []
    """(label, weight of its samples, how many there were), where weights follow the labels."""
    shifts: list[float] = []
    """Share of the targets that are the token at their place, one later, two later."""
    tokens: int = 0
    decodes: bool = False
    """Whether they are a decoder's, beside those that its encoder reads."""
    padding_id: int | None = None
    padding_share: float = 0.0
    divergences: list[float] = []
    """Nats a sample that pairs of outputs would have as mean and logarithm of a variance."""
    scattered: float = 0.0
    """Share of the rows whose classes come from more than one place of the model's answer."""
    misplaced: float = 0.0
    """Share of the rows that come in another order than the targets."""
    elsewhere: bool = False
    """Whether the classes were taken from an axis of the answer that does not hold them."""

    @property
    def are_probabilities(self) -> bool:
        return self.min >= 0 and self.max <= 1 + 1e-6 and self.sum_error < 1e-3 and self.classes > 1


class Site:
    """The calls of one loss function from one line."""

    def __init__(self, call: LossCall, samples: list[Figures]) -> None:
        self.function, self.where, self.calls = call.function, call.where, call.calls
        self.samples = samples
        self.kind = samples[-1].kind
        self.last = samples[-1]

    @property
    def trained(self) -> bool:
        """Whether gradients flow through it, as far as that is known."""
        return any(one.carries != "off" for one in self.samples)

    @property
    def counts(self) -> list[int]:
        """Labels of all sampled calls."""
        longest = max(len(one.counts) for one in self.samples)
        return [sum(one.counts[label] for one in self.samples if label < len(one.counts)) for label in range(longest)]

    def all(self, holds: Callable[[Figures], bool]) -> bool:
        return all(holds(one) for one in self.samples)

    def figures(self, *names: str) -> dict[str, object]:
        """Some figures of the latest call, for a finding."""
        return {"calls": self.calls, "input_shape": self.last.input_shape, "target_shape": self.last.target_shape} | {
            name: getattr(self.last, name) for name in names
        }


def read_sites(facts: Facts) -> list[Site]:
    """Sites with figures, those that train first; what is malformed is left out."""
    found = [site for call in facts.loss_calls if (site := _site(call)) is not None]
    return sorted(found, key=lambda site: (not site.trained, -site.calls))


def _site(call: LossCall) -> Site | None:
    samples = []
    for one in call.sampled:
        try:
            samples.append(Figures.model_validate({name: value for name, value in one.items() if value is not None}))
        except ValidationError:
            continue
    return Site(call, samples) if samples else None


def differentiated(evidence: Evidence, site: Site) -> list[tuple[float, float]]:
    """(what the loss function answered, what was differentiated) of calls whose step had one backward pass."""
    return [(one.value, loss) for one, loss in with_loss(evidence, site) if one.value is not None]


def with_loss(evidence: Evidence, site: Site) -> list[tuple[Figures, float]]:
    """Calls whose step had one backward pass, with what was differentiated in it."""
    by_step: dict[int, list[float]] = {}
    for step, loss, _ in evidence.losses:
        by_step.setdefault(step, []).append(loss)
    return [
        (one, by_step[one.step][0])
        for one in site.samples
        if one.carries != "off" and len(by_step.get(one.step, [])) == 1
    ]
