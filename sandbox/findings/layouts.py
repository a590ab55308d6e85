"""Findings about what a model does to its axes: reshapes, softmax, averages, and layers that take batches for time."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker, number
from sandbox.report import Finding
from sandbox.verdict import TOLERANCE, has_sample_targets


class Event(BaseModel):
    """One thing that a forward pass did; which figures it has depends on its kind."""

    where: Place = None
    shape: list[int] = []
    before: list[int] = []
    after: list[int] = []
    axes: list[int] = []
    axis: int = 0
    reach: int = 0
    lowest: float = 0.0
    contracted: int = 0
    scaled: bool = True


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

    def first(self, kind: str) -> Event | None:
        return next(iter(self.events.get(kind, [])), None)


def read_layout(evidence: Evidence) -> Layout:
    return evidence.probe("layout", Layout) or Layout()


def mixes_batch(evidence: Evidence) -> bool:
    """Whether a sample's answer moved with the other samples of its batch."""
    random = number(evidence.probes.get("determinism", {}).get("difference", 0.0))
    difference = evidence.probes.get("independence", {}).get("difference")
    return difference is not None and random <= TOLERANCE and number(difference) > 10 * TOLERANCE


def layouts(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    layout = read_layout(evidence)
    yield from _scrambled(layout, evidence, make)
    yield from _softmax(layout, evidence, facts, make)
    averaged = layout.first("features-averaged")
    if averaged is not None:
        shape = averaged.shape
        message = f"The features of activations {shape} are averaged away, and their {shape[1]} positions kept."
        fix = "Average over the positions: the last axis holds the features here, so the mean belongs to axis 1."
        yield make("features-averaged", "warning", message, fix, at=averaged.where, shape=shape)
    if layout.time_first and mixes_batch(evidence) and not time_comes_first(facts):
        one = layout.time_first[0]
        message = (
            f"The {one.type} layer {one.layer!r} is given {one.shape} and takes its first axis, the batch, for time."
        )
        fix = "Create the layer with batch_first=True, or transpose what it is given and what it answers."
        yield make("batch-first-missing", "warning", message, fix, shape=one.shape, layer=one.layer)


def explains_mixing(evidence: Evidence, facts: Facts) -> bool:
    """Whether a finding of this file tells why samples influence each other, or the first axis is time."""
    layout = read_layout(evidence)
    torn = any(0 in one.axes for one in layout.events.get("scrambled", []))
    return bool(torn or layout.first("softmax-over-batch") or layout.time_first or time_comes_first(facts))


def time_comes_first(facts: Facts) -> bool:
    """Whether the targets follow the first axis of the input: a program that keeps time before the batch."""
    relations: Any = (facts.sections.get("task") or {}).get("relations")
    return isinstance(relations, list) and any(isinstance(one, dict) and one.get("axis") == 0 for one in relations)


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


def _entry(one: Event) -> str:
    """The catalogue tells apart what is mixed: samples, patches, or the heads of attention."""
    if 0 in one.axes:
        return "A4"
    image = len(one.before) == 4 and max(one.before.count(size) for size in one.before[1:]) > 1
    heads = len(one.before) == 4 and one.after[1:] == [one.before[2], one.before[1] * one.before[3]]
    if len(one.before) == 6 or (image and len(one.after) == 3 and not heads):
        return "A13"
    return "E12" if len(one.after) < len(one.before) else "A3"


def _softmax(layout: Layout, evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    batch, queries = layout.first("softmax-over-batch"), layout.first("softmax-over-queries")
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
