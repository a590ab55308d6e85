"""What the attached data file says of the request: its target, its inputs, its shapes and its task."""

import re
from collections.abc import Sequence
from typing import Any

from assistant.request.arrays import ArrayProfile, ArraysProfile
from assistant.request.attachments import Attachment
from assistant.request.data import INFO, TYPE
from assistant.request.reading import Reading
from assistant.request.table import Column, TableProfile

TARGET = f"{INFO}.target"
USUAL_TARGETS = {"target", "label", "labels", "class", "y", "outcome", "output", "result", "species"}
USUAL_INPUTS = ("x", "X", "x_train", "X_train", "images", "data", "features", "inputs")
USUAL_LABELS = ("y", "Y", "y_train", "labels", "label", "target", "targets")
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


def read_data_file(question: str, values: dict[str, Any], attachments: Sequence[Attachment]) -> Reading:
    """Facts of the attached data file. `values` are the request's fields so far, by dotted name."""
    files = [item for item in attachments if item.kind in ("csv", "npz")]
    wanted = [item for item in files if f"data/{item.name}" == values.get(f"{INFO}.dataset_path")]
    if not files:
        return Reading()
    if len(files) > 1 and not wanted:
        named = [item for item in files if item.name.lower() in question.lower()]
        if len(named) != 1:
            names = " and ".join(repr(item.name) for item in files[:5])
            return Reading(questions=[f"The data files {names} are attached: which one should the model learn from?"])
        files = named
    item = (wanted or files)[0]
    reading = Reading(
        implied={
            f"{INFO}.source": item.kind,
            f"{INFO}.dataset_path": f"data/{item.name}",
            f"{INFO}.dataset_name": item.name,
        }
    )
    if isinstance(item.profile, TableProfile):
        return reading | _read_table(item.name, item.profile, question, values)
    assert isinstance(item.profile, ArraysProfile)
    return reading | _read_arrays(item.name, item.profile, values)


def _read_table(name: str, table: TableProfile, question: str, values: dict[str, Any]) -> Reading:
    found = _find_target(name, table, question, values)
    if found.questions:
        return found
    target = next(column for column in table.columns if column.name == (found.fields | found.implied)[TARGET])
    task = _task_of_column(name, target, values)
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


def _read_arrays(name: str, profile: ArraysProfile, values: dict[str, Any]) -> Reading:
    arrays = profile.arrays
    inputs = _key(values.get(f"{INFO}.inputs"), USUAL_INPUTS, arrays)
    target = _key(values.get(TARGET), USUAL_LABELS, arrays)
    if inputs is None or target is None:
        inputs, target = _by_rank(arrays)
    if inputs is None or target is None:
        keys = ", ".join(map(repr, arrays))
        return Reading(
            questions=[
                (f"{name} holds the arrays {keys}: which are the inputs and which the labels? Name them x and y.")
            ]
        )
    x, y = arrays[inputs], arrays[target]
    if len(x.shape) < 2 or not y.shape or x.shape[0] != y.shape[0]:
        return Reading(
            questions=[
                f"{name} has {inputs} of shape {list(x.shape)} and {target} of shape {list(y.shape)}, "
                "which do not pair up: which arrays belong together?"
            ]
        )
    keys = {f"{INFO}.inputs": inputs, TARGET: target, f"{INFO}.num_samples": x.shape[0]}
    unused = [key for key in arrays if key not in (inputs, target)]
    notes = (
        [f"The arrays {inputs!r} and {target!r} of {name} are used, and {', '.join(map(repr, unused))} not."]
        if unused
        else []
    )
    return Reading(implied=keys, assumptions=notes) | _shape_of(name, x) | _task_of_array(name, target, y, values)


def _key(given: str | None, usual: tuple[str, ...], arrays: dict[str, ArrayProfile]) -> str | None:
    return given if given in arrays else next((key for key in usual if key in arrays), None)


def _by_rank(arrays: dict[str, ArrayProfile]) -> tuple[str | None, str | None]:
    """Two arrays of which one has a value per sample explain themselves."""
    if len(arrays) != 2:
        return None, None
    inputs, target = sorted(arrays, key=lambda key: len(arrays[key].shape), reverse=True)
    return (inputs, target) if len(arrays[inputs].shape) > len(arrays[target].shape) else (None, None)


def _shape_of(name: str, x: ArrayProfile) -> Reading:
    sides = list(x.shape[1:])
    if len(sides) == 1:
        return Reading(implied={f"{INFO}.input_shape": sides, f"{INFO}.modality": "tabular"})
    image = {f"{INFO}.modality": "image"}
    if len(sides) == 2:
        return Reading(implied={f"{INFO}.input_shape": [1, *sides], f"{INFO}.channels_last": False, **image})
    last, first = sides[-1] in (1, 3, 4), sides[0] in (1, 3, 4)
    if len(sides) > 3 or not (last or first):
        return Reading(
            questions=[
                f"The inputs of {name} have the shape {list(x.shape)}, which is neither (N, features) "
                "nor images with 1, 3 or 4 channels: what are they?"
            ]
        )
    shape = [sides[2], *sides[:2]] if last else sides
    return Reading(implied={f"{INFO}.input_shape": shape, f"{INFO}.channels_last": last, **image})


def _task_of_array(name: str, key: str, y: ArrayProfile, values: dict[str, Any]) -> Reading:
    asked = values.get(TYPE)
    if len(y.shape) > 1 and y.shape[1:] != (1,):
        return Reading(
            questions=[
                f"{key} of {name} has the shape {list(y.shape)}; one label per sample is needed: save "
                "argmax(axis=1) of one-hot labels?"
            ]
        )
    if asked == "classification" and y.distinct is None:
        return Reading(
            questions=[f"{key} of {name} holds {y.dtype} numbers, which are no classes: should it be a regression?"]
        )
    classes = y.distinct is not None and (y.distinct <= MAX_ARRAY_CLASSES or "U" in y.dtype or "S" in y.dtype)
    kind = asked if asked in ("classification", "regression") else ("classification" if classes else "regression")
    return Reading(implied={TYPE: kind, f"{INFO}.output_shape": y.distinct if kind == "classification" else 1})


MAX_ARRAY_CLASSES = 200
"""An array of whole numbers with more distinct values is a quantity."""
