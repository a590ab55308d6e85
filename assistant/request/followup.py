"""A question that changes the one before: whether it is one, and the earlier request with the change laid over it."""

import re
from typing import Any

from assistant.design.composable import COMPOSED_ARCHITECTURES
from assistant.request.data import INFO, TYPE
from assistant.request.fields import field_values
from assistant.request.model import ARCHITECTURE
from assistant.request.reading import Reading
from assistant.schema import PythonMLDLRequest

REFERS_BACK = re.compile(
    r"\b(?:same|now|instead|also|again|previous|above|too|as before|as well|keep|change|switch|"
    r"another|other|but|deeper|wider|"
    r"longer|bigger|smaller|shallower|(?:make|train|do|run|try|use|rerun|redo|want|need|write|"
    r"give) (?:it|this|that|them)|"
    r"(?:it|this|that) (?:with|in|on|for|to|using|without)|what about|how about|what if)\b"
)
BUILDS = re.compile(
    r"\b(?:build|train|create|make|write|implement|generate|fit|develop|design|code|classify|predict|"
    r"recogni[sz]e|model for|give me|need|want|would like)\b"
)
SUBJECTS = (f"{INFO}.dataset_name", f"{INFO}.dataset_path", f"{INFO}.input_shape", ARCHITECTURE, TYPE)
OF_THE_DATA = (
    "dataset_name",
    "dataset_path",
    "input_shape",
    "output_shape",
    "num_samples",
    "source",
    "modality",
    "target",
    "inputs",
    "channels_last",
    "vocab_size",
)
OF_THE_FILE = ("dataset_name", "dataset_path", "num_samples", "target", "inputs", "channels_last")
DEFAULT_DEPTH = 2
SIZES: tuple[tuple[str, str, str], ...] = (
    ("model_config.num_layers", "more", r"\bdeeper\b|\bmore layers\b"),
    ("model_config.num_layers", "less", r"\bshallower\b|\b(?:fewer|less) layers\b"),
    ("model_config.hidden_dim", "more", r"\bwider\b|\bbigger\b|\blarger model\b|\bmore (?:units|filters|neurons)\b"),
    ("model_config.hidden_dim", "less", r"\bnarrower\b|\bsmaller\b|\bfewer (?:units|filters|neurons)\b"),
    ("training_config.num_epochs", "more", r"\blonger\b|\bmore epochs\b"),
    ("training_config.num_epochs", "less", r"\bshorter\b|\bfewer epochs\b"),
    (
        "training_config.learning_rate",
        "more",
        r"\b(?:higher|larger|increase the|raise the|bigger) (?:learning[ -]rate|lr)\b",
    ),
    (
        "training_config.learning_rate",
        "less",
        r"\b(?:lower|smaller|reduce the|decrease the|lower the) (?:learning[ -]rate|lr)\b",
    ),
    ("training_config.batch_size", "more", r"\b(?:bigger|larger|increase the) batch(?:es)?\b"),
    ("training_config.batch_size", "less", r"\b(?:smaller|reduce the|decrease the) batch(?:es)?\b"),
)
DEFAULTS = {"model_config.num_layers": DEFAULT_DEPTH, "model_config.hidden_dim": 64}
UNKNOWN = {
    "training_config.num_epochs": "The number of epochs was chosen for you: how many now, for example '40 epochs'?",
    "training_config.learning_rate": "The learning rate was chosen for you: what now, for example 'lr 0.001'?",
    "training_config.batch_size": "The batch size was chosen for you: what now, for example 'batch size 32'?",
}


def is_follow_up(text: str, reading: Reading) -> bool:
    """False for a question that names its own subject and what to do with it, and does not refer back."""
    named = [name for name in SUBJECTS if name in reading.fields]
    own_subject = named and (BUILDS.search(text) or len(named) > 1)
    return bool(REFERS_BACK.search(text)) or not own_subject


def lay_over(previous: PythonMLDLRequest, reading: Reading) -> tuple[dict[str, Any], list[str], list[str]]:
    """Values, stated names and notes: the earlier request with what is newly said; what no longer fits is left out."""
    values, stated = field_values(previous), list(previous.stated)
    gone = _outdated(values, reading, stated)
    values = {name: value for name, value in values.items() if name not in gone}
    notes = []
    modality = (reading.implied | reading.fields).get(f"{INFO}.modality")
    old = values.get(ARCHITECTURE)
    kept = old if gone and modality and ARCHITECTURE not in reading.fields else None
    if kept and kept not in COMPOSED_ARCHITECTURES[modality]:
        notes.append(f"The architecture {old!r} does not fit {modality} data and is chosen anew; name one to set it.")
        gone = {*gone, ARCHITECTURE, "data_config.augmentation"}
        values = {name: value for name, value in values.items() if name not in gone}
    values |= {name: value for name, value in reading.implied.items() if gone or values.get(name) is None}
    values |= reading.fields
    still = [name for name in stated if name not in gone]
    return values, [*dict.fromkeys([*still, *reading.fields])], notes


def _outdated(values: dict[str, Any], reading: Reading, stated: list[str]) -> set[str]:
    """The fields that described the earlier data, where the new question names other data."""
    said = reading.implied | reading.fields
    changed = {name for name in ("dataset_name", "source", "dataset_path") if f"{INFO}.{name}" in said}
    if not changed or all(said[f"{INFO}.{name}"] == values.get(f"{INFO}.{name}") for name in changed):
        return set()
    if said.get(f"{INFO}.source") == "synthetic":
        return {f"{INFO}.{name}" for name in OF_THE_FILE} - ({f"{INFO}.num_samples"} & set(stated))
    goal = {"ml_task.performance_requirements.target_metric", "ml_task.performance_requirements.target_value"}
    return {TYPE, *(f"{INFO}.{name}" for name in OF_THE_DATA)} | (goal if said.get(TYPE) != values.get(TYPE) else set())


def read_changes(text: str, previous: PythonMLDLRequest, said: Reading) -> Reading:
    """ "deeper", "wider", "longer", "a smaller learning rate": relative to the earlier request."""
    values = field_values(previous)
    reading = Reading()
    specific = [(field, way) for field, way, words in SIZES[6:] if re.search(words, text)]
    general = [(field, way) for field, way, words in SIZES[:6] if re.search(words, text)]
    for field, way in specific or general:
        if field not in said.fields:
            reading |= _changed(field, way, values.get(field) or DEFAULTS.get(field))
    return reading


def _changed(field: str, way: str, value: float | None) -> Reading:
    if value is None:
        return Reading(questions=[UNKNOWN[field]])
    if field.endswith("num_layers"):
        new: float = max(1, value + (1 if way == "more" else -1))
    else:
        new = value * (2 if way == "more" else 0.5)
        new = new if field.endswith("learning_rate") else max(1, round(new))
    return Reading(
        {field: new},
        assumptions=[f"{field.rpartition('.')[2]} goes from {value:g} to {new:g}; name a number for another."],
    )
