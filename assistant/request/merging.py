"""Merging a model's reading with the rules': what the question's words do not hold is never more than an assumption."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.request.attachments import Attachment
from assistant.request.by_model import ModelReading, ReadField
from assistant.request.data import INFO, TYPE, bundled_facts
from assistant.request.datasets import BUNDLED, DOWNLOADED
from assistant.request.field_names import NOT_VALID, field_types, valid_value
from assistant.request.fields import field_values
from assistant.request.model import ARCHITECTURE
from assistant.request.question import read_question
from assistant.request.reading import Reading, tidy
from assistant.request.scope import BUILD, Kind
from assistant.request.settle import Understanding
from assistant.request.words import decides, number_of_another, numbers_stand, occurs
from assistant.schema import Framework, PythonMLDLRequest

SUBJECTS = (f"{INFO}.dataset_name", f"{INFO}.dataset_path", f"{INFO}.source", f"{INFO}.input_shape", ARCHITECTURE, TYPE)
OWN_WORDS = (
    f"{INFO}.target",
    f"{INFO}.inputs",
    "model_config.backbone",
    "experiment_config.tensorboard_log_dir",
    "experiment_config.checkpoint_dir",
    "experiment_config.wandb_project",
    "context.baseline_model",
)
"""Names that only the user can give: the value itself must stand in the question."""
MAX_PARTS = 8
MAX_QUESTION = 300


@dataclass(frozen=True)
class Asked:
    """A question with what it is read by."""

    question: str
    text: str
    """The question, tidied."""
    previous: PythonMLDLRequest | None
    framework: Framework | None
    attachments: Sequence[Attachment]
    composes: bool


@dataclass(frozen=True)
class Merged:
    """Both readings as one."""

    reading: Reading
    firm: Reading
    """Without what the model only inferred."""
    kind: Kind
    unstated: list[str]
    """Fields that follow the user's words in a number that is the model's."""
    question_back: str | None


@dataclass(frozen=True)
class _Sorted:
    """The model's fields by what the question's words say of them."""

    stated: dict[str, Any] = field(default_factory=dict)
    taken: dict[str, Any] = field(default_factory=dict)
    """Quoted, with a number that the question does not hold, such as twice an earlier one."""
    inferred: dict[str, Any] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    """Stated, and decided between the alternatives that the rules saw."""


def merge_readings(asked: Asked, rules: Reading, understood: Understanding, model: ModelReading) -> Merged:
    """The rules' reading with the model's laid under it."""
    found = _sort(asked, rules, model)
    asked_by_rules = [*rules.questions, *rules.composing]
    settled = [question for question in asked_by_rules if rules.about.get(question) in found.answered]
    firm = replace(
        rules,
        fields={**found.stated, **found.taken, **rules.fields, **{name: found.stated[name] for name in found.answered}},
        implied={**_facts(found.stated), **rules.implied},
        assumptions=[*rules.assumptions, *_notes(found.taken)],
        questions=[question for question in rules.questions if question not in settled],
        composing={question: part for question, part in rules.composing.items() if question not in settled},
        unsupported=[*rules.unsupported, *_parts(asked, rules, model)],
    )
    reading = replace(
        firm,
        implied={**found.inferred, **firm.implied},
        assumptions=[*firm.assumptions, *_notes(found.inferred)],
    )
    kind = _kind(asked, understood, model, has_words=bool(found.stated or _parts(asked, rules, model)))
    return Merged(
        reading=reading, firm=firm, kind=kind, unstated=list(found.taken), question_back=_question(asked, model)
    )


def _kind(asked: Asked, understood: Understanding, model: ModelReading, *, has_words: bool) -> Kind:
    """The rules' kind, but where they were unsure.

    They are unsure of "outside" and of "explain" (an evident question for knowledge is not read twice), and of a
    project that nobody asked to build. A project needs something of it in the question's words.
    """
    by_rules: Kind = {"decline": "outside", "explain": "explain"}.get(understood.kind, "build")  # type: ignore[assignment]
    if understood.kind == "decline" and understood.request is not None:
        by_rules = "build"
    if model.kind == "build" and by_rules != "build":
        return "build" if has_words else by_rules
    unsure = by_rules == "outside" or not BUILD.search(asked.text)
    return "explain" if model.kind == "explain" and unsure else by_rules


def _sort(asked: Asked, rules: Reading, model: ModelReading) -> _Sorted:
    found = _Sorted()
    before = {} if asked.previous is None else field_values(asked.previous)
    open_fields = set(rules.about.values())
    for item in model.fields:
        value = _allowed(asked, item)
        if value is NOT_VALID or item.name in found.stated or item.name in found.taken:
            continue
        quoted = bool(item.quote) and occurs(item.quote or "", asked.question)
        if item.name in open_fields:
            if quoted and numbers_stand(value, item.quote or "") and decides(item.quote or "", asked.question):
                found.stated[item.name] = value
                found.answered.add(item.name)
        elif item.name in rules.fields or (quoted and number_of_another(item.name, value, item.quote or "")):
            continue
        elif quoted:
            (found.stated if numbers_stand(value, item.quote or "") else found.taken)[item.name] = value
        elif rules.implied.get(item.name) is None and before.get(item.name) is None:
            found.inferred[item.name] = value
    return found


def _allowed(asked: Asked, item: ReadField) -> Any:
    """The value in the request's own form, or NOT_VALID where it is none, or names what is not there."""
    if item.name not in field_types() or item.value is None:
        return NOT_VALID
    value, files = valid_value(item.name, item.value), asked.attachments
    if item.name == f"{INFO}.dataset_path":
        return next((file.path for file in files if value in (file.name, file.path)), NOT_VALID)
    if item.name == f"{INFO}.source" and value in ("csv", "npz"):
        return value if any(file.kind == value for file in files) else NOT_VALID
    if item.name == f"{INFO}.dataset_name" and isinstance(value, str):
        return _dataset(value, asked)
    if item.name in OWN_WORDS and not (isinstance(value, str) and occurs(value, asked.question)):
        return NOT_VALID
    return value


def _dataset(name: str, asked: Asked) -> Any:
    """A set that is known here or named in the question's words."""
    plain = name.strip().lower().replace(" ", "_")
    if plain in BUNDLED:
        return plain
    if known := next((item.title for item in DOWNLOADED if item.title.lower() == name.strip().lower()), None):
        return known
    attached = [item.name for item in asked.attachments if item.kind in ("csv", "npz")]
    return name if name in attached or occurs(name, asked.question) else NOT_VALID


def _facts(stated: dict[str, Any]) -> dict[str, Any]:
    name = stated.get(f"{INFO}.dataset_name")
    return bundled_facts(name) if name in BUNDLED else {}


def _parts(asked: Asked, rules: Reading, model: ModelReading) -> list[str]:
    """What the model found no field for, in the question's words; what the rules have a field for is planned."""
    parts = [" ".join(part.split()) for part in model.unplanned if occurs(part, asked.question)]
    known = [part for part in parts if not _has_place(part)]
    return [part for part in dict.fromkeys(known) if part not in rules.unsupported][:MAX_PARTS]


def _has_place(part: str) -> bool:
    read = read_question(tidy(part), [])
    return bool(read.fields or read.unsupported)


def _question(asked: Asked, model: ModelReading) -> str | None:
    """The model's own question, on one line; it is asked only where no subject was named."""
    text = " ".join((model.question_back or "").split())[:MAX_QUESTION]
    return text if text.endswith("?") and not asked.previous else None


def _notes(taken: dict[str, Any]) -> list[str]:
    said = {_short(name): _said(value) for name, value in taken.items()}
    return [f"The model took {name} as {value}; say another to change it." for name, value in said.items()]


def _short(name: str) -> str:
    """The field's own name, with its section where the name alone says little."""
    *_, section, leaf = ["", *name.split(".")]
    return f"{section} {leaf}" if leaf in ("enabled", "type", "target", "inputs", "source") and section else leaf


def _said(value: Any) -> str:
    text = "x".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return re.sub(r"\s+", " ", text)[:80]
