"""Vetted patterns as a prompt shows them: whole, correct and wrong, with the reason; the most useful ones first."""

from collections.abc import Sequence

from assistant.drafters.base import Brief
from assistant.drafters.llm.context import Part
from assistant.drafters.llm.quote import Quoter, fenced, printable
from knowledge.schema import Hit, Pattern

MOST_ROLES, MOST_LESSONS = 5, 3
"""More patterns make the answers worse, not better; the roles that a model writes well unaided are left out."""
ROLE_VALUES = {
    "model": 90,
    "data": 86,
    "loop": 82,
    "evaluation": 78,
    "loss": 74,
    "precision": 70,
    "augmentation": 66,
    "schedule": 62,
    "logging": 58,
    "early-stopping": 54,
    "checkpoint": 46,
    "loaders": 44,
    "optimizer": 42,
    "seed": 40,
}
OTHER_ROLE = 56
FIRST_LESSON, FURTHER_LESSONS = 52, 28
WRONG = 18
"""Wrong examples go first, those of the lower patterns before the others."""


def shown_patterns(brief: Brief) -> list[Hit]:
    """The patterns that a prompt for this brief holds where the window has room: roles first, then lessons.

    A lesson that is another choice for a role that is filled, such as a second model, would only confuse.
    """
    ranked = sorted(brief.patterns, key=lambda role: -ROLE_VALUES.get(role, OTHER_ROLE))[:MOST_ROLES]
    roles = {brief.patterns[role].pattern.id: brief.patterns[role] for role in ranked}
    lessons = [hit for hit in brief.lessons if hit.pattern.id not in roles and hit.pattern.role not in brief.patterns]
    return [*roles.values(), *lessons[:MOST_LESSONS]]


def pattern_parts(brief: Brief) -> list[Part]:
    """Two parts for each pattern shown: the correct example, and the wrong one."""
    roles = {hit.pattern.id: role for role, hit in brief.patterns.items()}
    values, lessons = [], 0
    for hit in shown_patterns(brief):
        role = roles.get(hit.pattern.id)
        lessons += role is None
        values.append(ROLE_VALUES.get(role, OTHER_ROLE) if role else FURTHER_LESSONS - lessons)
    if lessons:
        values[len(values) - lessons] = FIRST_LESSON
    return _parts(shown_patterns(brief), values)


def related_parts(hits: Sequence[Hit]) -> list[Part]:
    """Patterns found for a fault: here the wrong example may be just what was done, so it is worth more."""
    values = [64 - 4 * rank for rank in range(len(hits))]
    return _parts(hits, values, wrong=30)


def patterns_block(parts: Sequence[Part], quoter: Quoter) -> str:
    """All the patterns of a prompt between one pair of markers; empty where there are none."""
    return quoter.data("vetted patterns", "\n\n".join(part.text for part in parts)) if parts else ""


def _parts(hits: Sequence[Hit], values: Sequence[int], *, wrong: int = WRONG) -> list[Part]:
    parts = []
    for rank, (hit, value) in enumerate(zip(hits, values, strict=True)):
        name = f"pattern {hit.pattern.id}"
        known = {"group": "patterns", "pattern": hit.pattern.id}
        parts.append(Part(name=name, text=_correct(hit.pattern), value=value, **known))
        if hit.pattern.wrong:
            part = Part(
                name=f"wrong example of {hit.pattern.id}",
                group="patterns",
                text=_wrong(hit.pattern),
                value=max(1, wrong - rank),
                belongs_to=name,
            )
            parts.append(part)
    return parts


def _correct(pattern: Pattern) -> str:
    lines = [f"### {_one_line(pattern.title)} ({pattern.id})", f"Why: {_one_line(pattern.why)}"]
    lines += [f"Beware: {_one_line(pattern.pitfalls)}"] if pattern.pitfalls else []
    lines += [f"Not for: {_one_line(pattern.when_not)}"] if pattern.when_not else []
    return "\n".join([*lines, fenced(pattern.code, "python")])


def _wrong(pattern: Pattern) -> str:
    outcome = _one_line(pattern.wrong_outcome or "does not do what it seems to")
    return f"Wrong; it {outcome}\n{fenced(pattern.wrong or '', 'python')}"


def _one_line(text: str) -> str:
    return " ".join(printable(text).split())
