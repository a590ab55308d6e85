"""Findings about parts of a Keras model: answers that are thrown away, and layers that blocks share."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding


class Empty(BaseModel):
    """A kernel and the runs of its columns that no answer depends on."""

    name: str
    columns: int
    without: list[tuple[int, int]] = []


class Unused(BaseModel):
    """A layer whose answer leads nowhere, beside one of the same form and input that is used."""

    name: str
    beside: str
    where: Place = None


class Shared(BaseModel):
    """A layer that is called again on what it led to, between layers that have a place of their own."""

    name: str
    times: int
    where: Place = None


class Parts(BaseModel):
    empty: list[Empty] = []
    unused: list[Unused] = []
    shared: list[Shared] = []


def parts(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What a layer computes for nothing, and what blocks share that should have one each."""
    found = evidence.probe("parts", Parts)
    if found is None or facts.steps < 3:
        return
    fix = "Use every part of what this layer computes: queries, keys and values, or both halves of a split."
    for one in found.empty:
        block = _block(one)
        if block is not None:
            message = f"Nothing depends on columns {block[0]} to {block[1] - 1} of the {one.columns} of {one.name}."
            yield make("part-without-gradient", "warning", message, fix, name=one.name, columns=list(block))
            break
    for unused in found.unused[:1]:
        message = f"{unused.name} is computed beside {unused.beside}, from the same input, and its answer is not used."
        yield make("part-without-gradient", "warning", message, fix, at=unused.where, name=unused.name)
    for shared in found.shared[:1]:
        message = f"{shared.name} is one layer in {shared.times} places, and what stands between them is not."
        fix = "Make one for each block."
        yield make("one-layer-repeated", "warning", message, fix, at=shared.where, times=shared.times)


def _block(one: Empty) -> tuple[int, int] | None:
    """One of two to eight equal parts whose columns all lead nowhere, where most others lead somewhere."""
    off = {column for first, behind in one.without for column in range(first, behind)}
    for count in range(2, 9):
        size = one.columns // count
        if one.columns % count or size < (4 if count <= 4 else 8):
            continue
        blocks = [start for start in range(0, one.columns, size) if off.issuperset(range(start, start + size))]
        rest = one.columns - size * len(blocks)
        if blocks and rest and len(off) - size * len(blocks) < 0.3 * rest:
            return blocks[0], blocks[0] + size
    return None
