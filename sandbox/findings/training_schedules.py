"""Findings about learning-rate schedules of PyTorch: whether each is stepped, and as often as it was planned for."""

from collections.abc import Iterator
from statistics import mean

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding
from sandbox.verdict import ends

WHOLE = ("CosineAnnealingLR", "OneCycleLR")
"""Schedules that are planned for a number of steps and are meant to come to their end."""


class Rates(BaseModel):
    """The learning rate of an optimiser's first group at each of its steps."""

    steps: int
    highest: float
    lowest: float
    zero: int
    """Steps at a rate of exactly zero."""
    vanished: int
    """Steps at less than a thousandth of the highest rate."""


class Schedule(BaseModel):
    name: str
    where: Place = None
    steps: int
    period: tuple[str, float] | None = None
    rates: Rates | None = None
    mode: str = ""
    figures: list[float] = []
    """What a schedule that waits for a plateau was told, in order."""


class Schedules(BaseModel):
    schedules: list[Schedule] = []


def schedules(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Schedules that do nothing, or that run at another pace than they were planned for."""
    found = facts.section("schedules", Schedules)
    used = [one for one in found.schedules if one.steps] if found else []
    for one in found.schedules if found else []:
        if not one.steps and not used and facts.steps >= 3:
            yield from _never_stepped(evidence, facts, one, make)
        elif one.steps and one.rates is None and facts.steps >= 3:
            message = f"{one.name} belongs to an optimiser that never makes a step."
            fix = "Make the schedule from the optimiser that is stepped, after that one."
            yield make("scheduler-of-idle-optimizer", "warning", message, fix, at=one.where, steps=one.steps)
        elif one.steps and one.rates is not None:
            yield from _pace(evidence, facts, one, one.rates, make)
            yield from _turned(evidence, one, one.rates, make)


def _never_stepped(evidence: Evidence, facts: Facts, one: Schedule, make: Maker) -> Iterator[Finding]:
    if facts.bounded is not None or not evidence.complete:
        return  # it may have been due at the end of an epoch
    message = f"{one.name} was made and never stepped; the learning rate stayed what it was for {facts.steps} steps."
    fix = "Call scheduler.step() after each epoch, or after each batch if it was planned in batches."
    yield make("scheduler-never-stepped", "warning", message, fix, at=one.where, steps=facts.steps)


def _pace(evidence: Evidence, facts: Facts, one: Schedule, rates: Rates, make: Maker) -> Iterator[Finding]:
    each = rates.steps / one.steps
    """Steps of the optimiser for one of the schedule."""
    period = one.period[1] if one.period else 0.0
    told = f"{one.period[0]}={period:g}" if one.period else one.name
    whole = evidence.complete and facts.bounded is None
    figures = {"steps": one.steps, "period": period, "optimizer_steps": rates.steps, "lowest": rates.lowest}
    if one.name == "CosineAnnealingLR" and period and one.steps > 1.5 * period + 1:
        pace = "on every batch" if each < 1.5 else "more often than planned"
        message = f"{one.name} was stepped {one.steps} times ({pace}) with {told}, so that the rate goes down and up."
        fix = "Give T_max in the unit in which scheduler.step() is called: epochs, or epochs times batches."
    elif one.name in WHOLE and period and whole and one.steps < 0.2 * period and each > 1.5:
        message = f"{one.name} was stepped {one.steps} times of {told}, once in {each:.0f} optimiser steps."
        fix = "Call scheduler.step() after each batch, or give its length in epochs."
    elif rates.steps >= 10 and rates.vanished > 0.5 * rates.steps and rates.highest > 0:
        message = (
            f"{one.name} lowered the learning rate from {rates.highest:.3g} to {rates.lowest:.3g}; "
            f"{rates.vanished} of {rates.steps} steps were made at less than a thousandth of it."
        )
        fix = "Step the schedule once an epoch instead of once a batch, or let it fall more slowly."
    elif rates.zero >= 5 and rates.zero > 0.2 * rates.steps and rates.highest > 0:
        message = f"{one.name} kept the learning rate at zero in {rates.zero} of {rates.steps} steps."
        fix = "Let the warm-up begin above zero, and step the schedule after each batch."
    else:
        return
    yield make("schedule-at-wrong-pace", "warning", message, fix, at=one.where, **figures)


def _turned(evidence: Evidence, one: Schedule, rates: Rates, make: Maker) -> Iterator[Finding]:
    """A schedule that waits for a figure to fall and is told one that should rise, or the other way round."""
    losses = [loss for _, loss, _ in evidence.losses]
    if len(one.figures) < 4 or len(losses) < 8 or rates.lowest >= rates.highest or not one.mode:
        return
    quarter = max(1, len(one.figures) // 4)
    first, last = mean(one.figures[:quarter]), mean(one.figures[-quarter:])
    began, ended = ends(losses)
    shares = {round(score, 3) for of in evidence.passes if of.task != "values" for _, score in of.history}
    are_shares = all({round(figure, 3), round(figure / 100, 3)} & shares for figure in one.figures)
    falls = one.mode == "max" and first > 0 and last < 0.9 * first and not are_shares
    rises = one.mode == "min" and are_shares  # of right answers
    if ended < 0.9 * began and (falls or rises):
        way = "rise" if falls else "fall"
        message = f"{one.name} waits for its figure to {way}, and the figure went from {first:.3g} to {last:.3g} while "
        message += f"the training loss fell: the learning rate came down to {rates.lowest:.3g} for an improvement."
        other = "min" if falls else "max"
        fix = f'Make the schedule with mode="{other}", or give it the other figure.'
        yield make("schedule-waits-for-the-opposite", "warning", message, fix, at=one.where, first=first, last=last)
