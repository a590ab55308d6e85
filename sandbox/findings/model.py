"""Findings about what goes into a model and how it is put together: inputs, attention masks, layers out of sight."""

import math
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

MaskFunction = Literal[
    "nn.MultiheadAttention",
    "F.scaled_dot_product_attention",
    "masked_fill",
    "keras.layers.MultiHeadAttention",
    "scores",
]

TRUE_MEANS: dict[MaskFunction, str] = {
    "nn.MultiheadAttention": "left out",
    "masked_fill": "left out",
    "F.scaled_dot_product_attention": "attended to",
    "keras.layers.MultiHeadAttention": "attended to",
    "scores": "left out",
}
CAUSAL: dict[MaskFunction, str] = {
    "nn.MultiheadAttention": "torch.triu(torch.ones(n, n, dtype=torch.bool), diagonal=1)",
    "masked_fill": "torch.triu(torch.ones(n, n, dtype=torch.bool), diagonal=1)",
    "F.scaled_dot_product_attention": "torch.tril(torch.ones(n, n, dtype=torch.bool)), or is_causal=True",
    "keras.layers.MultiHeadAttention": 'keras.ops.tril(keras.ops.ones((n, n), dtype="bool")), or use_causal_mask=True',
    "scores": 'keras.ops.triu(keras.ops.ones((n, n), dtype="bool"), 1)',
}
CAUSES_OF_NAN = ("non-finite-input", "causal-mask-inverted", "padding-mask-inverted", "attention-sees-nothing")


class Mask(BaseModel):
    """One attention mask of a forward pass."""

    function: MaskFunction
    where: Place = None
    shape: list[int]
    only_later: bool
    """Each position may look at exactly those behind it."""
    blind: int
    """Rows that leave nothing to look at."""
    only_padding: bool
    """All that may be looked at is one token, and all that may not is several others."""
    hides_padding: bool = False
    """The other way round, as it should be."""


def model_faults(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """The causes of what is not finite come first, so that they are mended before what follows from them."""
    finite = evidence.probes.get("forward", {}).get("finite", True) and all(
        math.isfinite(loss) for _, loss, _ in evidence.losses
    )
    if not finite:
        yield from _inputs(evidence, facts, make)
    found = {
        one.id: one for mask in reversed(read_masks(evidence)) if (one := _mask(mask, make, finite=finite)) is not None
    }
    yield from found.values()
    yield from _unregistered(facts, make)


def _inputs(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    probe = evidence.probes.get("inputs", {})
    if not probe.get("bad_samples"):
        return
    places = ", ".join(str(one) for one in probe.get("first_places", []))
    message = (
        f"NaN or infinite values reach the model as its input, in {probe['bad_samples']} of {probe.get('samples')} "
        f"samples of a batch: {probe.get('bad_values')} of {probe.get('values')} values of a sample are affected "
        f"(places {places})."
    )
    fix = (
        "Mend the data before training: do not divide by a standard deviation or range of zero (add a small number, or "
        "use StandardScaler), and fill or drop missing values."
    )
    yield make("non-finite-input", "critical", message, fix, at=facts.backward_line, **_figures(probe))


def read_masks(evidence: Evidence) -> list[Mask]:
    seen = evidence.probes.get("masks", {}).get("seen")
    found = []
    for one in seen if isinstance(seen, list) else []:
        try:
            found.append(Mask.model_validate(one))
        except ValidationError:
            continue
    return found


def _mask(mask: Mask, make: Maker, *, finite: bool) -> Finding | None:
    """A row without anything to look at may belong to padding, so it counts only where the model answers NaN."""
    means = f"in {mask.function} True means {TRUE_MEANS[mask.function]}"
    if mask.function == "scores":
        means = "a score that is made very small counts for nothing"
    if mask.only_later:
        message = f"The attention mask lets each position see only positions after it, and the last one none: {means}."
        fix = f"Turn the mask round. A causal one is {CAUSAL[mask.function]}."
        id = "causal-mask-inverted"
    elif mask.only_padding:
        message = f"The attention mask shows only the padding token and hides all others: {means}."
        fix = "Turn the padding mask round: it must be True at the padding, for example mask = tokens == padding_id."
        id = "padding-mask-inverted"
    elif mask.blind and not finite:
        message = f"The attention mask leaves nothing to attend to in {mask.blind} rows, which makes them NaN: {means}."
        fix = "Check which way round the mask is, and leave each position at least one to attend to, such as itself."
        id = "attention-sees-nothing"
    else:
        return None
    return make(id, "critical", message, fix, at=mask.where, shape=mask.shape, function=mask.function)


def _unregistered(facts: Facts, make: Maker) -> Iterator[Finding]:
    note = facts.notes.get("layers-not-registered")
    if note is None:
        return
    figures = note.model_extra or {}
    names = ", ".join(str(one) for one in figures.get("names", []))
    message = (
        f"{note.count} layers with {figures.get('values', 0):,} parameters are in a plain list or dictionary "
        f"({names}), so that the model does not know them and no optimiser trains them."
    )
    fix = "Use nn.ModuleList or nn.ModuleDict in the place of the list or dictionary."
    yield make("layers-not-registered", "critical", message, fix, at=note.where, **_figures(figures))


def _figures(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in ("kind", "name", "seconds")}
