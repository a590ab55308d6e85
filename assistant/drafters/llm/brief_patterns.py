"""Which of a brief's patterns a prompt shows: the most useful few."""

from collections.abc import Iterator

from assistant.drafters.base import Brief
from assistant.prompts.context import PRIORITIES, Part
from assistant.prompts.patterns import example_parts
from knowledge.schema import Hit

MOST_ROLES, MOST_LESSONS = 5, 3
"""More patterns make the answers worse, not better; the roles that a model writes well unaided are left out."""


def pattern_parts(brief: Brief) -> list[Part]:
    """The correct and the wrong example of each pattern shown: roles first, then lessons."""
    kinds = [*_roles(brief), *_lessons(brief)]
    return [part for hit, kind in kinds for part in example_parts(hit, kind, "wrong example")]


def _roles(brief: Brief) -> list[tuple[Hit, str]]:
    known = [(hit, _kind(role)) for role, hit in brief.patterns.items()]
    return sorted(known, key=lambda one: PRIORITIES.index(one[1]))[:MOST_ROLES]


def _kind(role: str) -> str:
    return f"{role} pattern" if f"{role} pattern" in PRIORITIES else "other pattern"


def _lessons(brief: Brief) -> Iterator[tuple[Hit, str]]:
    """A lesson that is another choice for a role that is filled, such as a second model, would only confuse."""
    shown = {hit.pattern.id for hit, _ in _roles(brief)}
    lessons = [hit for hit in brief.lessons if hit.pattern.id not in shown and hit.pattern.role not in brief.patterns]
    kinds = ["nearest lesson", *["further lesson"] * (MOST_LESSONS - 1)]
    return zip(lessons, kinds, strict=False)
