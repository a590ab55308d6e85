"""Understand a question by rules: a typed request, a question back, a refusal, or something to explain."""

import re
from collections.abc import Sequence
from typing import Any

from assistant.errors import RequestError
from assistant.request.attachments import Attachment
from assistant.request.data import INFO, TYPE
from assistant.request.followup import is_follow_up, lay_over, read_changes
from assistant.request.framework import named_frameworks, read_framework
from assistant.request.model import ARCHITECTURE
from assistant.request.question import read_question
from assistant.request.reading import Reading, tidy
from assistant.request.scope import (
    OUTSIDE,
    asks_to_explain,
    kind_of,
    refusal,
)
from assistant.request.settle import Understanding, settle
from assistant.schema import DatasetInfo, Framework, MLTask, PythonMLDLRequest

MAX_CHARACTERS = 20_000
BARE_NUMBER = "Which setting is that: say it with its name, for example '20 epochs' or 'batch size 64'?"
EMPTY = (
    "The question is empty; say what to build, for example: train a small CNN on scikit-learn's digits "
    "with early stopping."
)
SUBJECTS = (f"{INFO}.dataset_name", f"{INFO}.dataset_path", f"{INFO}.source", f"{INFO}.input_shape", ARCHITECTURE, TYPE)


def understand(
    question: str,
    *,
    previous: PythonMLDLRequest | None = None,
    framework: Framework | None = None,
    attachments: Sequence[Attachment] = (),
) -> Understanding:
    """What is asked for. RequestError where the question cannot be worked on: empty, too long, an impossible number."""
    text = _checked(question)
    if sentence := refusal(text):
        return Understanding(kind="decline", message=sentence)
    if asks_to_explain(text):
        return Understanding(kind="explain", request=_topic(question, text, framework))
    has_file = any(item.kind in ("csv", "npz") for item in attachments)
    reading = read_question(text, attachments)
    if previous and is_follow_up(text, reading):
        changes = reading | read_changes(text, previous, reading)
        if changes.fields or changes.questions or changes.unsupported or has_file or named_frameworks(text):
            return _continue(question, previous, _with_framework(changes, text, framework, previous), attachments)
    if previous and not re.search(r"[a-z]", text):
        return Understanding(kind="question", request=previous, message=BARE_NUMBER)
    subject = (
        any(name in reading.fields for name in SUBJECTS) or has_file or bool(reading.unsupported or reading.questions)
    )
    kind = kind_of(text, has_subject=subject)
    if kind == "outside":
        return Understanding(kind="decline", message=OUTSIDE)
    if kind == "explain":
        return Understanding(kind="explain", request=_topic(question, text, framework))
    reading |= read_framework(text, framework)
    values = {**reading.implied, **reading.fields, "ml_task.problem_description": question.strip()}
    return settle(question, values, reading, list(reading.fields), attachments)


def _checked(question: str) -> str:
    if not question.strip():
        raise RequestError(EMPTY)
    if len(question) > MAX_CHARACTERS:
        raise RequestError(
            f"The question has {len(question)} characters; keep it under {MAX_CHARACTERS} and attach "
            "long texts with --file."
        )
    return tidy(question)


def _continue(
    question: str, previous: PythonMLDLRequest, reading: Reading, attachments: Sequence[Attachment]
) -> Understanding:
    values, stated, notes = lay_over(previous, reading)
    values["ml_task.problem_description"] = f"{previous.ml_task.problem_description}\n{question.strip()}".strip()
    reading |= Reading(assumptions=notes)
    return settle(question, values, reading, stated, attachments)


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
