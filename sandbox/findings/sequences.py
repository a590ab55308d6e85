"""Findings about sequences: who may see whom, whether order counts, and what padding does."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.findings.layouts import Layout, read_layout
from sandbox.findings.model import read_masks
from sandbox.report import Finding, Severity

STILL = 1e-4
"""Relative movement up to which an answer stays what it was, with sums taken in another order."""
UNMOVED = 3e-5
"""The same, for sequences that differ in their length alone."""
MOVES = 1e-2


class Relation(BaseModel):
    """How the targets relate to one input of the model, and in how many of the batches looked at."""

    input: int
    axis: int
    kind: Literal["next", "same"]
    batches: int


class Task(BaseModel):
    looked: int = 0
    relations: list[Relation] = []


class Dependencies(BaseModel):
    """Which positions of the output moved (the first of them) with each position that was changed."""

    input: int
    axis: int
    length: int
    asked: list[int]
    earliest: list[int]
    leak: float
    own: float


class Positions(BaseModel):
    seen: list[Dependencies]


class Order(BaseModel):
    """How far the answer moves when inner tokens change places, when they are replaced, and when all are the same."""

    what: Literal["ids", "vectors", "patches"]
    moved: float
    replaced: float
    different: float
    uniform: float | None = None


class Coverage(BaseModel):
    """The steps of a sequence that were changed, and those that moved the one answer about it."""

    length: int
    asked: list[int]
    moved: list[int]


class Padding(BaseModel):
    id: int
    length: int
    cut_to: int
    difference: float


def sequences(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    layout = read_layout(evidence)
    yield from _future(evidence, facts, layout, make)
    yield from _copied(evidence, facts, layout, make)
    yield from _order(evidence, facts, layout, make)
    yield from _padding(evidence, layout, make)
    yield from _coverage(evidence, make)


def _future(evidence: Evidence, facts: Facts, layout: Layout, make: Maker) -> Iterator[Finding]:
    """Positions that see what they are asked to predict."""
    positions = evidence.probe("positions", Positions)
    for one in positions.seen if positions else []:
        ahead = [position - first for position, first in zip(one.asked, one.earliest, strict=False) if position > first]
        if len(ahead) < 3 or not _is_causal(one, evidence, facts) or layout.first("scrambled") is not None:
            continue
        id, no, at, fix = _cause(one, ahead, layout)
        message = (
            f"Each position is trained to predict what comes next, and sees it: changing one position of the input "
            f"moves the answers of up to {max(ahead)} positions before it (relative change {one.leak:.2g})."
        )
        figures = {"ahead": max(ahead), "leak": one.leak, "length": one.length}
        yield make(id, "critical", message, fix, at=at or _at(layout), no=no, **figures)
        return


def _copied(evidence: Evidence, facts: Facts, layout: Layout, make: Maker) -> Iterator[Finding]:
    """A decoder whose targets are what it is given, each at its own place, and which looks at that place."""
    task, positions = facts.section("task", Task) or Task(), evidence.probe("positions", Positions)
    same = {
        (relation.input, relation.axis)
        for relation in task.relations
        if relation.kind == "same" and relation.input > 0 and relation.batches > task.looked / 2
    }
    for one in positions.seen if positions else []:
        if (one.input, one.axis) in same and one.own > MOVES:
            message = "Each target is what the decoder is given at the same place, which it only has to copy."
            fix = "Give the decoder targets[:, :-1], and compare its answer with targets[:, 1:]."
            yield make("decoder-sees-its-target", "warning", message, fix, at=_at(layout), own=one.own)
            return


def _is_causal(one: Dependencies, evidence: Evidence, facts: Facts) -> bool:
    """Whether the targets are the next elements of this input, or the drafter declared so.

    Where they follow several inputs, the last one is what a decoder reads, and the encoder may see all of the others.
    """
    declared = evidence.declared.causal
    if declared is not None:
        return declared and one.axis == 1
    task = facts.section("task", Task) or Task()
    followed = [
        (relation.input, relation.axis)
        for relation in task.relations
        if relation.kind == "next" and relation.batches > task.looked / 2
    ]
    return bool(followed) and (one.input, one.axis) == max(followed)


def _cause(one: Dependencies, ahead: list[int], layout: Layout) -> tuple[str, str, Place, str]:
    """(fault, number, place, remedy): what lets the future through."""
    inverted = layout.first("mask-inverted")
    if inverted is not None:
        fix = "Turn the mask round, so that a position sees itself and what is before it."
        return "causal-mask-inverted", "E2", inverted.where, fix
    weak = layout.first("mask-after-softmax") or layout.first("mask-too-weak")
    offset = next((event for event in layout.events.get("mask-offset", []) if event.reach > 0), None)
    if weak is not None:
        fix = "Set the scores of later positions to -inf before the softmax, for example with masked_fill."
        return "causal-mask-without-effect", "E3", weak.where, fix
    if offset is not None or max(ahead) <= one.length // 4:
        fix = "Move the mask by one: a position sees itself and what is before it, such as tril(ones(n, n))."
        return "causal-mask-off-by-one", "E4", offset.where if offset else None, fix
    fix = "Mask what comes later: is_causal=True, use_causal_mask=True, or scores.masked_fill(~tril, -inf)."
    if one.input > 0:
        return "decoder-sees-its-target", "E8", None, fix
    if "recurrent" in layout.layers and "attention" not in layout.layers:
        fix = "Read in one direction alone: bidirectional=False, no Bidirectional wrapper."
    return "causal-mask-missing", "E1", None, fix


def _order(evidence: Evidence, facts: Facts, layout: Layout, make: Maker) -> Iterator[Finding]:
    """Attention alone does not notice the order of what it attends to."""
    order = evidence.probe("order", Order)
    attends = "attention" in layout.layers or layout.first("attention") is not None
    if order is None or not attends or order.replaced < MOVES or order.different < 0.2:
        return
    still = order.moved <= STILL or (order.uniform is not None and order.uniform <= STILL)
    if not still or (order.moved > STILL and layout.first("relative") is not None):
        return
    if order.what == "vectors" and not (facts.section("task", Task) or Task()).relations:
        return
    what = "patches" if order.what == "patches" else "tokens"
    message = (
        f"The order of the {what} does not count: changing their places moves the answer by {order.moved:.1g}, "
        f"replacing them by {order.replaced:.1g}."
        if order.moved <= STILL
        else f"Positions that hold the same {what} give the same answers, wherever they are."
    )
    fix = "Add a positional encoding to the embeddings, of shape (positions, width), before the first attention."
    yield make("order-not-seen", "warning", message, fix, at=_at(layout), moved=order.moved, replaced=order.replaced)


def _padding(evidence: Evidence, layout: Layout, make: Maker) -> Iterator[Finding]:
    """What stands for padding has to be known to the program, or it may as well be content."""
    padding = evidence.probe("padding", Padding)
    if padding is None or padding.difference <= UNMOVED or "convolution" in layout.layers:
        return
    hidden = any(one.hides_padding for one in read_masks(evidence))  # so that what comes behind attention lets it in
    attends = "recurrent" not in layout.layers or "attention" in layout.layers
    no = "E5" if attends and not hidden else "E10"
    message = (
        f"Cutting the padding (id {padding.id}) from {padding.length} to {padding.cut_to} positions moves the answer "
        f"about the rest by {padding.difference:.2g} of its size."
    )
    figures = {"padding_id": padding.id, "length": padding.length, "cut_to": padding.cut_to}
    fix = (
        "Leave padding out: a key padding mask for attention, packed or masked sequences for recurrent layers, and an "
        "average or last step over the real positions alone."
    )
    # A plain average over a length that is always the same takes padding in alike in training and in use.
    averages = not {"recurrent", "attention"} & set(layout.layers) and layout.first("attention") is None
    severity: Severity = "info" if averages and not hidden else "warning"
    figures["difference"] = padding.difference
    yield make("padding-changes-output", severity, message, fix, at=_at(layout), no=no, **figures)


def _coverage(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """An answer about a whole sequence that one step of it decides."""
    coverage = evidence.probe("coverage", Coverage)
    if coverage is None or len(coverage.asked) < 6 or len(coverage.moved) != 1:
        return
    step = coverage.moved[0]
    message = (
        f"The answer about a sequence of {coverage.length} steps depends on step {step} alone: "
        f"changing the others ({', '.join(map(str, coverage.asked[:6]))}, …) leaves it exactly as it was."
    )
    fix = "Take the state after the last real step, states[:, -1] with batch_first=True, or average over the steps."
    yield make("sequence-ignored", "warning", message, fix, step=step, length=coverage.length)


def _at(layout: Layout) -> Place:
    attention = layout.first("attention")
    return attention.where if attention else None
