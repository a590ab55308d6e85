"""Findings about programs that update plain tensors themselves: what an optimiser and modules would have told."""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.report import Finding


class Unused(BaseModel):
    """Values of the parameters that were kept after so many steps."""

    name: str
    steps: int


class ByHand(BaseModel):
    """The section "functional"."""

    steps: int = 0
    stale: int = 0
    unused: list[Unused] = []
    chain: list[int] | None = None
    """Sizes of two products with weights that follow each other with nothing between them."""


def by_hand(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Gradients that pile up, kept values that are never used, and layers that do the work of one."""
    found = facts.section("functional", ByHand)
    if found is None or not found.steps:
        return
    if not facts.optimizers and found.stale >= 2 and found.stale > 0.5 * found.steps:
        message = f"In {found.stale} of {found.steps} steps the gradients of the step before were added to."
        fix = "Set the gradients to zero after each step: parameter.grad = None."
        yield make("missing-zero-grad", "warning", message, fix, at=facts.backward_line, stale=found.stale)
    if found.chain is not None:
        sizes = " -> ".join(map(str, found.chain))
        message = f"Two products with weights follow each other with nothing between them ({sizes}): one would do."
        fix = "Put an activation such as tanh or ReLU between the two layers."
        yield make("no-nonlinearity", "warning", message, fix, sizes=found.chain)
    for one in found.unused[:1]:
        message = f"{one.name} holds the parameters as they were after {one.steps} of {found.steps} steps, unused."
        fix = "Copy the kept values back into the parameters before they are evaluated or saved."
        yield make("kept-weights-not-restored", "warning", message, fix, steps=one.steps)
