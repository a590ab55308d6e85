"""From what was read to what will be done: contradictions become questions, gaps become assumptions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from assistant.design.composable import (
    decline_sentence,
    missing_parts,
    unmeasured_demand,
    unplanned_parts,
    unused_fields,
)
from assistant.errors import RequestError
from assistant.request.attached import read_data_file
from assistant.request.attached_code import attached_code, unused_note
from assistant.request.attachments import Attachment
from assistant.request.data import INFO, bundled_facts
from assistant.request.datasets import BUNDLED
from assistant.request.fields import field_values, make_request
from assistant.request.gaps import fill_gaps
from assistant.request.open_questions import PRETRAINED, open_questions
from assistant.request.question import read_question
from assistant.request.reading import Reading, tidy
from assistant.schema import Framework, PythonMLDLRequest

MAX_DESCRIPTION = 20_000


class Understanding(BaseModel):
    """What a question was understood to be."""

    kind: Literal["build", "explain", "decline", "question"]
    request: PythonMLDLRequest | None = None
    """As far as it was understood; for a decline it is what a model could still draft, where the field is right."""
    continues: bool = False
    """True where the question changes the project before."""
    message: str = ""
    """The sentence for a decline, or the question back."""
    assumptions: list[str] = []
    """What was assumed and how to change it, one sentence each."""
    unplanned: list[str] = []
    """What was asked for and has no place in the request or the design, in words, where a model can draft it."""


def settle(
    question: str,
    values: dict[str, Any],
    reading: Reading,
    stated: Sequence[str],
    attachments: Sequence[Attachment],
    *,
    composes: bool = True,
) -> Understanding:
    """The request with the data file's facts and the defaults, or what stands in its way.

    `composes` says that vetted patterns are all there is to build from: what they do not cover is declined, and is
    listed as `unplanned` otherwise.
    """
    uses_file = _uses_file(values, stated)
    file = read_data_file(question, values, attachments, composes=composes) if uses_file else Reading()
    values = {**values, **file.implied, **file.fields}
    reading = reading | replace(file, fields={}, implied={})
    values, notes = fill_gaps(
        values, reading.assumptions, unsupported=reading.unsupported, attachments=attachments, composes=composes
    )
    request = _validated(values, stated=[*dict.fromkeys([*stated, *file.fields])])
    if sentence := _decline(request, reading, composes=composes):
        return Understanding(kind="decline", request=request, message=sentence)
    questions = _questions(values, reading, request, attachments, composes=composes)
    if questions:
        return Understanding(kind="question", request=request, message=questions[0])
    notes = [*notes, *(_unused(request) if composes else []), *unused_note(attachments, composes=composes)]
    unplanned = [] if composes else [*reading.unsupported, *reading.composing.values(), *unplanned_parts(request)]
    return Understanding(kind="build", request=request, assumptions=notes, unplanned=list(dict.fromkeys(unplanned)))


def _decline(request: PythonMLDLRequest, reading: Reading, *, composes: bool) -> str | None:
    missing = list(dict.fromkeys([*reading.unsupported, *missing_parts(request)])) if composes else []
    return decline_sentence(missing) if missing else unmeasured_demand(request)


def _questions(
    values: dict[str, Any],
    reading: Reading,
    request: PythonMLDLRequest,
    attachments: Sequence[Attachment],
    *,
    composes: bool,
) -> list[str]:
    questions = [*reading.questions, *(reading.composing if composes else [])]
    if request.model.pretrained:
        questions.insert(0, PRETRAINED)
    has_code = not composes and bool(attached_code(attachments))
    return [*questions, *open_questions(values, attachments, has_code=has_code)]


def _unused(request: PythonMLDLRequest) -> list[str]:
    unused = unused_fields(request)
    verb = "changes" if len(unused) == 1 else "change"
    return [f"{', '.join(unused)} {verb} nothing in this project."] if unused else []


def settle_request(
    request: PythonMLDLRequest,
    *,
    framework: Framework | None = None,
    attachments: Sequence[Attachment] = (),
    composes: bool = True,
) -> Understanding:
    """The same for a request that came as JSON: its fields win, and its description fills in what they leave open."""
    if framework and request.framework not in (None, framework):
        raise RequestError(
            f"The request says framework {request.framework!r} and the option says {framework!r}; give one of them."
        )
    description = request.ml_task.problem_description
    reading = read_question(tidy(description[:MAX_DESCRIPTION]), attachments)
    values = field_values(request) | ({"framework": framework} if framework else {})
    said = {**_facts(values), **reading.implied, **reading.fields}
    if values.get(f"{INFO}.dataset_path") or values.get(f"{INFO}.source"):
        said = {name: value for name, value in said.items() if not name.startswith(INFO)}
    values |= {name: value for name, value in said.items() if values.get(name) is None}
    beyond = Reading() if composes else Reading(unsupported=reading.unsupported, composing=reading.composing)
    result = settle(description, values, beyond, request.stated, attachments, composes=composes)
    if result.request is None:
        return result
    return result.model_copy(update={"request": result.request.model_copy(update={"request_id": request.request_id})})


def _facts(values: dict[str, Any]) -> dict[str, Any]:
    name = values.get(f"{INFO}.dataset_name")
    return bundled_facts(name) if name in BUNDLED and not values.get(f"{INFO}.dataset_path") else {}


def _uses_file(values: dict[str, Any], stated: Sequence[str]) -> bool:
    """False where the user named other data; synthetic data that only stood in makes way for a file."""
    source = values.get(f"{INFO}.source")
    return source != "sklearn" and not (source == "synthetic" and f"{INFO}.source" in stated)


def _validated(values: dict[str, Any], *, stated: list[str]) -> PythonMLDLRequest:
    try:
        return make_request(values, stated=stated)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"{name} is {first['input']!r}: {first['msg'].lower()}.") from error
