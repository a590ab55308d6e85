"""Understand a question, by rules and a model's second reading: a typed request, a question back, or a refusal."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant.errors import RequestError
from assistant.request.attachments import Attachment
from assistant.request.by_model import Reader
from assistant.request.followup import is_follow_up, lay_over, read_changes
from assistant.request.framework import named_frameworks, read_framework
from assistant.request.merging import SUBJECTS, Asked, merge_readings
from assistant.request.question import read_question
from assistant.request.reading import Reading, ask, tidy
from assistant.request.scope import (
    OUTSIDE,
    Kind,
    asks_to_explain,
    kind_of,
    refusal,
)
from assistant.request.settle import Understanding, settle
from assistant.request.unsupported import read_unsupported
from assistant.schema import DatasetInfo, Framework, MLTask, PythonMLDLRequest

MAX_CHARACTERS = 20_000
BARE_NUMBER = "Which setting is that: say it with its name, for example '20 epochs' or 'batch size 64'?"
EMPTY = (
    "The question is empty; say what to build, for example: train a small CNN on scikit-learn's digits "
    "with early stopping."
)
NOT_USED = "The model's reading of the question could not be used, so it was read by rules alone."


def understand(
    question: str,
    *,
    previous: PythonMLDLRequest | None = None,
    framework: Framework | None = None,
    attachments: Sequence[Attachment] = (),
    composes: bool = True,
    reader: Reader | None = None,
) -> Understanding:
    """What is asked for. RequestError where the question cannot be worked on: empty, too long, an impossible number.

    `composes` says that only what vetted patterns cover can be built. `reader` is a model's second reading, which
    fills in what the rules left open; what it only infers neither stops a project nor answers a question back.
    """
    text = _checked(question)
    if sentence := refusal(text):
        return Understanding(kind="decline", message=sentence)
    if asks_to_explain(text):
        return Understanding(kind="explain", request=_topic(question, text, framework))
    asked = Asked(question, text, previous, framework, attachments, composes)
    reading = read_question(text, attachments)
    rules = _conclude(asked, reading, kind_of(text, has_subject=_has_subject(asked, reading)))
    if reader is None:
        return rules
    read = reader(question, rules, previous, attachments)
    if read is None:
        return rules.model_copy(update={"assumptions": [*rules.assumptions, NOT_USED]})
    if previous and not composes and rules.message == OUTSIDE and read.kind == "build":
        return _continue(asked, previous, Reading(), ())  # such as "rename the class", which only a model can do
    merged = merge_readings(asked, reading, rules, read)
    firm = _conclude(asked, merged.firm, merged.kind, unstated=merged.unstated, question_back=merged.question_back)
    if firm.kind != "build":
        return firm
    inferred = _conclude(asked, merged.reading, merged.kind, unstated=merged.unstated)
    return inferred if inferred.kind == "build" else firm


def _conclude(
    asked: Asked, reading: Reading, kind: Kind, *, unstated: Sequence[str] = (), question_back: str | None = None
) -> Understanding:
    """What follows from a reading: a change of the request before, a project, something to explain, or nothing."""
    text, previous = asked.text, asked.previous
    if previous and is_follow_up(text, reading):
        changes = reading | read_changes(text, previous, reading)
        found = changes.fields or changes.questions or changes.unsupported or changes.composing
        if found or _has_files(asked) or named_frameworks(text):
            return _continue(asked, previous, _with_framework(changes, text, asked.framework, previous), unstated)
    if previous and not re.search(r"[a-z]", text):
        return Understanding(kind="question", request=previous, message=BARE_NUMBER)
    if kind == "outside":
        return Understanding(kind="decline", message=OUTSIDE)
    if kind == "explain":
        return Understanding(kind="explain", request=_topic(asked.question, text, asked.framework))
    reading |= read_framework(text, asked.framework)
    if question_back and not any(name in reading.fields for name in SUBJECTS):
        reading |= ask(question_back)
    values = {**reading.implied, **reading.fields, "ml_task.problem_description": asked.question.strip()}
    stated = [name for name in reading.fields if name not in unstated]
    return settle(asked.question, values, reading, stated, asked.attachments, composes=asked.composes)


def _has_subject(asked: Asked, reading: Reading) -> bool:
    named = any(name in reading.fields for name in SUBJECTS)
    return named or _has_files(asked) or bool(reading.unsupported or reading.questions or reading.composing)


def _has_files(asked: Asked) -> bool:
    """True where something is attached that a project can be built from."""
    kinds = ("csv", "npz") if asked.composes else ("csv", "npz", "code")
    return any(item.kind in kinds for item in asked.attachments)


def _checked(question: str) -> str:
    if not question.strip():
        raise RequestError(EMPTY)
    if len(question) > MAX_CHARACTERS:
        raise RequestError(
            f"The question has {len(question)} characters; keep it under {MAX_CHARACTERS} and attach "
            "long texts with --file."
        )
    return tidy(question)


def _continue(asked: Asked, previous: PythonMLDLRequest, reading: Reading, unstated: Sequence[str]) -> Understanding:
    values, stated, notes = lay_over(previous, reading)
    description = f"{previous.ml_task.problem_description}\n{asked.question.strip()}".strip()
    values["ml_task.problem_description"] = description
    if not asked.composes:
        earlier = read_unsupported(tidy(description)).unsupported
        reading = replace(reading, unsupported=list(dict.fromkeys([*earlier, *reading.unsupported])))
    reading |= Reading(assumptions=notes)
    stated = [name for name in stated if name not in unstated]
    settled = settle(asked.question, values, reading, stated, asked.attachments, composes=asked.composes)
    return settled.model_copy(update={"continues": True})


def _with_framework(reading: Reading, text: str, option: Framework | None, previous: PythonMLDLRequest) -> Reading:
    """An option that only repeats the conversation's framework does not contradict a question that changes it."""
    return reading | read_framework(text, None if named_frameworks(text) and option == previous.framework else option)


def _topic(question: str, text: str, option: Framework | None) -> PythonMLDLRequest | None:
    """The framework that a question is about, where it names one."""
    named: list[Any] = named_frameworks(text)
    chosen = option or (named[0] if len(named) == 1 else None)
    if chosen is None:
        return None
    task = MLTask(type="classification", problem_description=question.strip(), dataset_info=DatasetInfo())
    return PythonMLDLRequest(framework=chosen, ml_task=task, stated=["framework"] if named else [])
