"""The prompts for a draft and for a repair: what is necessary, and as much of the rest as the window has room for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.drafters.base import Brief, Failure
from assistant.drafters.llm.attached import attached_parts, works_on_code
from assistant.drafters.llm.brief_patterns import pattern_parts
from assistant.drafters.llm.changes import history_parts
from assistant.drafters.llm.facts import RuntimeFacts
from assistant.drafters.llm.failure import describe_failure, file_parts, necessary_files, passing_checks, project_parts
from assistant.drafters.llm.prompt_values import request_values, system_values
from assistant.model.schema import Message
from assistant.model.tokens import estimate_tokens
from assistant.prompts import render
from assistant.prompts.context import Part, fit, told_left_out
from assistant.prompts.patterns import patterns_block, related_parts
from assistant.prompts.quote import Quoter

HINTS = (
    "Prefer the plainest architecture that meets the request, and spend the care on the data and the evaluation.",
    "Prefer a training loop and layers written out in full over the framework's conveniences.",
    "Prefer the framework's ready-made layers, losses and loops over code of your own.",
    "Prefer a careful start: normalised inputs, a small learning rate with warm-up, clipped gradients.",
)
"""What makes independent drafts differ; the first draft gets none."""


@dataclass(frozen=True)
class Situation:
    """What is the same for every prompt of one question."""

    facts: RuntimeFacts
    model: str
    window: int
    window_known: bool
    time_limit_s: float
    quoter: Quoter


@dataclass(frozen=True)
class Prompt:
    """What is sent, and what the user should hear of it."""

    messages: list[Message]
    remarks: list[str]
    patterns: list[str]
    """Ids of those that it holds."""


def draft_prompt(brief: Brief, situation: Situation, *, variation: int = 0, failed: Failure | None = None) -> Prompt:
    """Ask for a whole project. With `failed`, for one that is built anew and avoids that failure.

    Raises ModelUnavailable where the window has no room for what is necessary.
    """
    quoter = situation.quoter
    values = {
        **request_values(brief, situation.facts, quoter),
        "avoid": describe_failure(failed, quoter, with_lines=False) if failed else "",
        "works_on_code": works_on_code(brief),
        "variation": variation,
        "hint": HINTS[(variation - 1) % len(HINTS)] if variation else "",
    }
    parts = [*project_parts(brief), *attached_parts(brief, quoter), *pattern_parts(brief)]
    if failed:
        known = {part.name for part in parts}
        parts += [part for part in related_parts(failed.repair.related) if part.name not in known]

    def fill(kept: Sequence[Part]) -> str:
        project = "\n\n".join(_texts(kept, "project"))
        return render(
            "draft",
            **values,
            project=quoter.data("the project so far", project) if project else "",
            attached=_texts(kept, "attached"),
            patterns=_patterns(kept, quoter),
        )

    return _fitted("draft", brief, situation, parts, fill)


def repair_prompt(brief: Brief, failure: Failure, situation: Situation) -> Prompt:
    """Ask for the changes that mend a draft. Raises ModelUnavailable where the window has no room for them."""
    quoter, repair = situation.quoter, failure.repair
    values = {
        **request_values(brief, situation.facts, quoter),
        "failed": describe_failure(failure, quoter, with_lines=True),
        "passing": passing_checks(failure.attempt),
        "approach": repair.approach,
        "fault": repair.fault,
        "revisions": [f"{one.field} = {one.value}: {one.reason}" for one in repair.revisions],
        "refused": repair.refused,
    }
    necessary = necessary_files(failure)
    files = file_parts(failure)
    parts = [*files, *related_parts(repair.related), *history_parts(failure, quoter)]

    def fill(kept: Sequence[Part]) -> str:
        shown = "\n\n".join([*necessary, *_texts(kept, "files")])
        return render(
            "repair",
            **values,
            files=quoter.data("the project's files", shown),
            left_out=[part.name for part in files if part not in kept],
            history=_texts(kept, "history"),
            patterns=_patterns(kept, quoter),
        )

    return _fitted("repair", brief, situation, parts, fill)


def _fitted(
    kind: str, brief: Brief, situation: Situation, parts: list[Part], fill: Callable[[Sequence[Part]], str]
) -> Prompt:
    told: dict[str, Any] = system_values(
        brief,
        situation.facts,
        situation.quoter,
        time_limit_s=situation.time_limit_s,
        repairing=kind == "repair",
    )
    system = render("system", **told)
    necessary = estimate_tokens(system) + estimate_tokens(fill([])) + 100  # headings, markers and the roles' own tokens
    kept = fit(parts, necessary=necessary, window=situation.window, model=situation.model)
    remarks = told_left_out(parts, kept, window=situation.window, known=situation.window_known)
    messages = [Message(role="system", content=system), Message(role="user", content=fill(kept))]
    return Prompt(messages=messages, remarks=remarks, patterns=[part.pattern for part in kept if part.pattern])


def _texts(parts: Sequence[Part], group: str) -> list[str]:
    return [part.text for part in parts if part.group == group]


def _patterns(parts: Sequence[Part], quoter: Quoter) -> str:
    return patterns_block([part for part in parts if part.group == "patterns"], quoter)
