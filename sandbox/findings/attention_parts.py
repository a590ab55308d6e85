"""Findings about an attention that the program wrote itself: one of queries, keys and values takes no part."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.layouts import read_layout
from sandbox.report import Finding

OTHERS = 2
"""Projections of the same shape beside an idle one, of the three or four that an attention has."""


class Layer(BaseModel):
    name: str
    parent: str
    beside: int


class Unused(BaseModel):
    seen: list[Layer] = []


def projections(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A projection that is never called, or whose weights no gradient reaches, beside two that learn."""
    layout = read_layout(evidence)
    attention = layout.first("attention") or layout.first("softmax-over-queries")
    if attention is None or not facts.parameters:
        return
    probe = evidence.probe("unused", Unused) or Unused()
    idle = [f"{one.name} of {one.parent}" for one in probe.seen if one.beside >= OTHERS] or _without_gradient(facts)
    if not idle:
        return
    message = f"The attention has a projection that is made and never takes part: {', '.join(idle[:3])}."
    fix = "Project queries, keys and values each with a layer of their own, and use all three."
    yield make("projection-idle", "warning", message, fix, at=attention.where, names=idle[:10])


def _without_gradient(facts: Facts) -> list[str]:
    trained = [one for one in facts.parameters if one.trainable and len(one.shape) == 2]
    idle = [one for one in trained if not one.gradient]
    return [
        one.name
        for one in idle
        if sum(
            other.gradient and other.shape == one.shape and _parent(other.name) == _parent(one.name)
            for other in trained
        )
        >= OTHERS
    ]


def _parent(name: str) -> str:
    """What holds the layer: "encoder/attention" of "encoder/attention/dense_1/kernel"."""
    return name.replace("/", ".").rsplit(".", 2)[0]
