"""Findings about what a model does to its axes: reshapes, softmax, averages, and layers that take batches for time."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker, number
from sandbox.probed import TOLERANCE, has_sample_targets, is_no_batch, time_comes_first
from sandbox.report import Finding

MIXED = 2e-5
"""Relative difference of one sample's answer in two batches of the same size, which run through the same kernels."""
COARSE = 0.05
"""What half precision may make of the same sample in a batch of another size, several times over."""
RESHAPED = 0.6
LARGE = 8
"""Features from which on unscaled scores are too large."""
CHANNELS = 4
"""The last axis of a picture has at most so many, that of a head of attention more."""


class Event(BaseModel):
    """One thing that a forward pass did; which figures it has depends on its kind."""

    where: Place = None
    shape: list[int] = []
    before: list[int] = []
    after: list[int] = []
    axes: list[int] = []
    axis: int = 0
    reach: int = 0
    contracted: int = 0
    scaled: bool = True


class Around(BaseModel):
    """Attention layers, those that nothing leads around, and additions that lead around anything."""

    attentions: int = 0
    bare: int = 0
    skips: int = 0


class Operations(BaseModel):
    around: Around = Around()


class TimeFirst(BaseModel):
    """A layer without batch_first whose input begins with the batch."""

    layer: str
    type: str
    shape: list[int]


class Layout(BaseModel):
    """What one forward pass of the trained model did to its axes."""

    events: dict[str, list[Event]] = {}
    time_first: list[TimeFirst] = []
    layers: list[str] = []
    attentions: int = 0
    """Attention layers of the framework's own."""

    def first(self, kind: str) -> Event | None:
        return next(iter(self.events.get(kind, [])), None)


def read_layout(evidence: Evidence) -> Layout:
    return evidence.probe("layout", Layout) or Layout()


def mixes_batch(evidence: Evidence) -> bool:
    """Whether a sample's answer moved with the other samples of its batch."""
    random = number(evidence.probes.get("determinism", {}).get("difference", 0.0))
    difference = evidence.probes.get("independence", {}).get("difference")
    smaller = evidence.probes.get("batch-sizes", {}).get("differences")
    others = [number(one) for one in smaller.values()] if isinstance(smaller, dict) else []
    others = [one for one in others if one > COARSE]
    mixed = number(difference) > MIXED or max(others, default=0.0) > 10 * TOLERANCE
    return difference is not None and random <= MIXED / 10 and mixed


def layouts(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    layout = read_layout(evidence)
    yield from _scrambled(layout, evidence, make)
    yield from _pictures(evidence, make)
    yield from _softmax(layout, evidence, facts, make)
    yield from _attention(layout, evidence, make)
    chain = layout.first("linear-chain")
    if chain is not None:
        sizes = " -> ".join(map(str, chain.shape))
        message = f"Two linear layers follow each other with nothing between them ({sizes}), and do the work of one."
        fix = "Put an activation such as ReLU between the two layers."
        yield make("no-nonlinearity", "warning", message, fix, at=chain.where, sizes=chain.shape)
    averaged = layout.first("features-averaged")
    if averaged is not None:
        shape = averaged.shape
        message = f"The features of activations {shape} are averaged away, and their {shape[1]} positions kept."
        fix = "Average over the positions: the last axis holds the features here, so the mean belongs to axis 1."
        yield make("features-averaged", "warning", message, fix, at=averaged.where, shape=shape)
    constant = evidence.probes.get("independence", {}).get("constant") is True
    meant = is_no_batch(evidence) or time_comes_first(evidence, facts)
    if layout.time_first and (mixes_batch(evidence) or constant) and not meant:
        one = layout.time_first[0]
        message = (
            f"The {one.type} layer {one.layer!r} is given {one.shape} and takes its first axis, the batch, for time."
        )
        fix = "Create the layer with batch_first=True, or transpose what it is given and what it answers."
        yield make("batch-first-missing", "warning", message, fix, shape=one.shape, layer=one.layer)


def _attention(layout: Layout, evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """What keeps attention trainable: scores of the size of one, and a way around it."""
    seen = layout.events.get("attention", [])
    bare = [one for one in seen if len(one.shape) == 4 and not one.scaled and one.contracted >= LARGE]
    if bare and layout.first("relative") is None:
        one = bare[0]
        message = f"Attention scores over {one.contracted} features are not divided by the square root of their number."
        fix = f"Divide the scores by {one.contracted} ** 0.5 before the softmax."
        yield make("scores-not-scaled", "warning", message, fix, at=one.where, features=one.contracted)
    counts: Any = evidence.probes.get("operations", {}).get("counts")
    layers = max(len(seen), layout.attentions)
    if layers >= 2 and isinstance(counts, dict) and not counts.get("residual"):
        message = f"The model has {layers} layers of attention and adds none of its activations to another."
        fix = "Add what goes into a sublayer to what comes out of it: x = x + attention(norm(x))."
        yield make("residual-missing", "warning", message, fix, at=seen[0].where if seen else None, layers=layers)
        return
    around = evidence.probe("operations", Operations)
    if around is not None and around.around.bare and around.around.skips:
        count = around.around.bare
        message = f"{count} of the attention layers replace what they are given, while other layers add to it."
        fix = "Add what goes into the attention to what comes out of it: x = x + attention(norm(x))."
        yield make("residual-missing", "warning", message, fix, at=seen[0].where if seen else None, layers=count)


def explains_mixing(evidence: Evidence, facts: Facts) -> bool:
    """Whether a finding of this file tells why samples influence each other, or the first axis is time."""
    layout = read_layout(evidence)
    torn = any(0 in one.axes for one in layout.events.get("scrambled", []))
    return bool(torn or layout.first("softmax-over-batch") or layout.time_first or time_comes_first(evidence, facts))


def _scrambled(layout: Layout, evidence: Evidence, make: Maker) -> Iterator[Finding]:
    seen = set()
    for one in layout.events.get("scrambled", []):
        if one.where in seen:
            continue
        seen.add(one.where)
        no = _entry(one)
        what = {"A4": "samples", "A13": "patches", "A3": "positions and heads", "E12": "positions and heads"}[no]
        message = f"A reshape from {one.before} to {one.after} mixes {what}: it tears axes {one.axes} apart."
        fix = "Bring the axes into the new order with a transpose or permute first, then reshape."
        certain = no == "A4" and mixes_batch(evidence)
        figures = {"before": one.before, "after": one.after, "axes": one.axes}
        yield make("axes-scrambled", "critical" if certain else "warning", message, fix, at=one.where, no=no, **figures)


class Pictures(BaseModel):
    shape: list[int]
    channels_first: bool
    ratio: float
    """Difference of neighbours in memory, as a share of that of neighbours in the picture."""
    turned: bool = False
    """Whether pixels go together with those that were their neighbours with channels last, and not with those below."""


def _pictures(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """Pixels that resemble those beside them in memory more than those beside them in the picture."""
    pictures = evidence.probe("pictures", Pictures)
    if pictures is None or (pictures.ratio > RESHAPED and not pictures.turned):
        return
    kept, wanted = ("last", "first") if pictures.channels_first else ("first", "last")
    message = (
        f"The pictures {pictures.shape} seem to have been reshaped from channels {kept} to channels {wanted}: "
        f"neighbours differ {1 / max(pictures.ratio, 1e-3):.1f} times as much as what were neighbours before"
        + (", and have less in common." if pictures.turned else ".")
    )
    fix = "Move the axis instead: permute(2, 0, 1) or np.moveaxis."
    yield make("channels-reshaped", "warning", message, fix, ratio=pictures.ratio, shape=pictures.shape)


def _entry(one: Event) -> str:
    """The catalogue tells apart what is mixed: samples, patches, or the heads of attention."""
    if 0 in one.axes:
        return "A4"
    image = len(one.before) == 4 and max(one.before.count(size) for size in one.before[1:]) > 1
    square = one.before[1:2] in ([1], [3]) and one.before[2:3] == one.before[3:4]
    colours = square or (one.before[1:2] == one.before[2:3] and max(one.before[3:4], default=0) <= CHANNELS)
    heads = len(one.before) == 4 and not colours and one.after[1:] == [one.before[2], one.before[1] * one.before[3]]
    if len(one.before) == 6 or (image and len(one.after) == 3 and not heads):
        return "A13"
    return "E12" if len(one.after) < len(one.before) else "A3"


def _softmax(layout: Layout, evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    batch, queries = layout.first("softmax-over-batch"), layout.first("softmax-over-queries")
    single = layout.first("softmax-over-one")
    if single is not None:
        message = (
            f"A softmax over axis {single.axis} of {single.shape}, which has one entry, is 1 whatever it is given."
        )
        fix = "Take the softmax over the axis that has several entries, or a sigmoid for one score."
        yield make("softmax-over-one-unit", "warning", message, fix, at=single.where, shape=single.shape)
    if batch is not None and mixes_batch(evidence):
        message = f"A softmax over axis 0 of {batch.shape} makes the samples of a batch share their probability."
        severity = "critical" if has_sample_targets(evidence, facts) else "warning"
        fix = "Take the softmax over the classes: dim=-1."
        yield make("softmax-over-wrong-axis", severity, message, fix, at=batch.where, shape=batch.shape)
    elif queries is not None:
        message = (
            f"Attention scores {queries.shape} go through a softmax over axis {queries.axis}: what each query attends "
            "to does not sum to one."
        )
        fix = "Take the softmax over the keys, which is the last axis: dim=-1."
        yield make("softmax-over-wrong-axis", "warning", message, fix, at=queries.where, shape=queries.shape)
