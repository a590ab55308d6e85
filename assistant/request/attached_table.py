"""What an attached table says of the request: its target, its inputs and its task."""

import re
from typing import Any

from assistant.request.data import FEWEST_OF_A_CLASS, INFO, TYPE, rare_class
from assistant.request.reading import Reading
from assistant.request.table import Column, TableProfile

TARGET = f"{INFO}.target"
USUAL_TARGETS = {"target", "label", "labels", "class", "y", "outcome", "output", "result", "species"}
NAME = r"['\"`]?(?P<name>[\w][\w.-]{0,60}|(?<=['\"`])[^'\"`]{1,60})['\"`]?"
EXPLICIT = (
    r"\b(?:target|label|outcome|response|output)(?: column| variable| field)?(?: is| =|=|:| called|"
    rf" named)+ ?(?:the )?(?:column )?{NAME}",
    rf"\b(?:target|label|outcome) (?:column|variable|field) {NAME}",
    rf"\bpredict(?:s|ing)? (?:the )?column {NAME}",
    r"\b(?:predict(?:s|ing)?|classify) (?:the )?['\"`](?P<name>[^'\"`]{1,60})['\"`]",
    r"\b(?:predict(?:s|ing)?|classify)(?: the)? (?P<name>\w+) column\b",
)
NOT_A_NAME = {"is", "the", "a", "column", "in", "with", "and", "named", "called"}


def read_table(
    name: str, table: TableProfile, question: str, values: dict[str, Any], *, composes: bool = True
) -> Reading:
    found = _find_target(name, table, question, values)
    if found.questions:
        return found
    target = next(column for column in table.columns if column.name == (found.fields | found.implied)[TARGET])
    writes = not composes and target.kind in ("text", "identifier")
    task = _text_of_column(name, target, values) if writes else _task_of_column(name, target, values)
    features = [column for column in table.columns if column is not target]
    text = next((column for column in features if column.kind == "text"), None)
    rest = [column for column in features if column.kind in ("numeric", "categorical")]
    as_text = text is not None and (values.get(f"{INFO}.modality") == "text" or not rest)
    implied: dict[str, Any] = {f"{INFO}.num_samples": table.rows, f"{INFO}.modality": "text" if as_text else "tabular"}
    if as_text:
        implied[f"{INFO}.inputs"] = text.name
    else:
        implied[f"{INFO}.input_shape"] = [len(features)]
    notes = [*table.notes, *_notes(name, features, as_text=as_text)]
    return found | task | Reading(implied=implied, assumptions=notes)


def _find_target(name: str, table: TableProfile, question: str, values: dict[str, Any]) -> Reading:
    """The column to predict: as named, as mentioned after "predict", by a usual name, or the last one."""
    names = {_plain(column.name): column.name for column in table.columns}
    listed = ", ".join(repr(column.name) for column in table.columns[:12]) + (
        ", ..." if len(table.columns) > 12 else ""
    )
    explicit = _explicit_target(question)
    if explicit:
        if _plain(explicit) in names:
            return Reading(fields={TARGET: names[_plain(explicit)]})
        return Reading(
            questions=[f"{name} has no column {explicit!r}; its columns are {listed}: which one is the target?"]
        )
    if mentioned := _mentioned_target(question, names):
        return Reading(fields={TARGET: mentioned})
    earlier = values.get(TARGET)
    if earlier:
        if earlier in names.values():
            return Reading(implied={TARGET: earlier})
        return Reading(
            questions=[f"{name} has no column {earlier!r}; its columns are {listed}: which one is the target?"]
        )
    usual = [column.name for column in table.columns if column.name.lower() in USUAL_TARGETS]
    guess = usual[-1] if usual else table.columns[-1].name
    note = f"The target is the column {guess!r} of {name}; name another with 'target column NAME'."
    return Reading(implied={TARGET: guess}, assumptions=[note])


def _explicit_target(question: str) -> str | None:
    for pattern in EXPLICIT:
        match = re.search(pattern, question, re.IGNORECASE)
        if match and match["name"].lower() not in NOT_A_NAME:
            return match["name"].rstrip(".")
    return None


def _mentioned_target(question: str, names: dict[str, str]) -> str | None:
    """The column whose name follows "predict" and the like soonest."""
    text = f" {_plain(question)} "
    starts = [
        match.end()
        for match in re.finditer(r" (?:predict\w*|classif\w*|estimat\w*|target|label|whether|recogni[sz]\w*) ", text)
    ]
    places = []
    for plain, column in names.items():
        for start in starts:
            place = text.find(f" {plain} ", start - 1, start + 50 + len(plain))
            if plain and place >= 0:
                places.append((place - start, -len(plain), column))
    return min(places)[2] if places else None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.lower()).strip()


def _text_of_column(name: str, target: Column, values: dict[str, Any]) -> Reading:
    """A target that is text, which a model can learn to write where the task is no other."""
    if values.get(TYPE) in ("classification", "regression"):
        return _task_of_column(name, target, values)
    return Reading(
        implied={TYPE: values.get(TYPE) or "nlp"}, unsupported=[f"texts as the target, in {target.name!r} of {name}"]
    )


def _task_of_column(name: str, target: Column, values: dict[str, Any]) -> Reading:
    asked = values.get(TYPE)
    column = f"The column {target.name!r} of {name}"
    if target.kind in ("text", "identifier"):
        return Reading(
            questions=[
                f"{column} holds {target.distinct} different texts, which are no classes: which column is the target?"
            ]
        )
    if target.distinct < 2:
        return Reading(
            questions=[
                f"{column} has the same value in every row, so there is nothing to predict: which column is the target?"
            ]
        )
    if asked == "regression" and target.kind != "numeric":
        return Reading(
            questions=[
                f"{column} holds {target.distinct} categories, not numbers: should they be "
                "classified, or is another column the target?"
            ]
        )
    if asked == "classification" and target.kind == "numeric" and not (target.whole and target.distinct <= 1000):
        return Reading(
            questions=[
                f"{column} holds {target.distinct} different numbers, which are no classes: should it "
                "be a regression, or is another column the target?"
            ]
        )
    kind = (
        asked
        if asked in ("regression", "classification")
        else ("classification" if target.holds_classes else "regression")
    )
    outputs = target.distinct if kind == "classification" else 1
    if kind == "classification" and target.rarest < FEWEST_OF_A_CLASS:
        return Reading(questions=[rare_class(column, target.rarest)])
    stated = values.get(f"{INFO}.output_shape")
    if kind == "classification" and stated not in (None, outputs, [outputs]):
        return Reading(questions=[f"{column} holds {outputs} classes and the question says {stated}: which is right?"])
    return Reading(implied={TYPE: kind, f"{INFO}.output_shape": outputs})


def _notes(name: str, features: list[Column], *, as_text: bool) -> list[str]:
    if as_text:
        return []
    notes = []
    if identifiers := [repr(column.name) for column in features if column.kind == "identifier"]:
        notes.append(
            f"{' and '.join(identifiers)} of {name} looks like an identifier, which a network learns "
            "by heart; remove it from the file."
        )
    if missing := sum(column.missing for column in features):
        notes.append(f"{missing} missing values of {name} are filled in from the training rows.")
    return notes
