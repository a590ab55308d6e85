"""Findings about the direction of a Keras program's steps: along the gradient, where against it is meant."""

import math
from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

FEWEST = 30
WORSE = 0.6
"""Share of what guessing has, below which the answers are the opposite of what is right."""


class Ascent(BaseModel):
    """Steps that were looked at, and those whose gradients were the negative of what a tape gave."""

    steps: int = 0
    turned: int = 0
    where: Place = None


def ascent(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """All gradients turned round, or a learning rate below zero: training makes the loss larger."""
    found = facts.section("ascent", Ascent)
    if found is not None and found.turned and found.turned >= min(found.steps, 50) * 0.9:
        message = "The gradients are negated before they are applied, so that training makes the loss larger."
        yield make("loss-maximised", "critical", message, "Apply the gradients as the tape gives them.", at=found.where)
        return
    for one in facts.optimizers:
        if one.steps and one.learning_rates and max(one.learning_rates) < 0:
            message = f"The learning rate is {one.learning_rates[0]:g}, so that training makes the loss larger."
            yield make("loss-maximised", "critical", message, "Make the learning rate positive.", at=one.where)
            return


def turned_from_right(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A loss that falls below zero, while far fewer answers are right than by guessing."""
    losses = [loss for _, loss, _ in evidence.losses if math.isfinite(loss)]
    if len(losses) < 6 or losses[-1] >= 0 or losses[-1] >= losses[0]:
        return
    for one in evidence.passes:
        classes = len(set(one.target))
        chance = {"scores": 0.5, "classes": 1 / max(2, classes)}.get(one.task or "")
        if chance is None or classes < 2 or len(one.target) < FEWEST or len(one.history) < 2:
            continue
        last = one.history[-1][1]
        if last < WORSE * chance and last < one.history[0][1] + 0.05:
            message = f"The loss falls to {losses[-1]:.3g}, and {last:.0%} of the held-out answers are right, where "
            message += f"guessing has {chance:.0%}."
            fix = "Turn the sign of the loss round: a log-likelihood is made larger, its negative smaller."
            yield make("loss-maximised", "critical", message, fix, at=facts.backward_line, right=last)
            return
