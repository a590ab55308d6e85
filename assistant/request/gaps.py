"""Gaps that a question leaves in the request, filled where a person need not be asked, and said."""

from collections.abc import Sequence
from typing import Any

from assistant.request.attached_code import attached_code, framework_of
from assistant.request.attachments import Attachment
from assistant.request.data import INFO, TYPE
from assistant.request.framework import TITLES
from assistant.request.open_questions import names_no_samples
from assistant.request.unsupported import nearest_task

NO_DATA = "No data was named, so synthetic data stands in for it; attach a CSV or .npz file to use your own."
CODE_DATA = "No data was named, so it is what the attached code loads; name or attach data to use other."
BEYOND_PATTERNS = ("detection", "segmentation", "generation")


def fill_gaps(
    values: dict[str, Any],
    notes: list[str],
    *,
    unsupported: list[str],
    attachments: Sequence[Attachment],
    composes: bool,
) -> tuple[dict[str, Any], list[str]]:
    """The values with the gaps filled, and a note for each that a person has to hear of."""
    values = {name: value for name, value in values.items() if value is not None or name not in (TYPE, "task_type")}
    code = [] if composes else attached_code(attachments)
    if code:
        values["context.existing_codebase"] = True
    values[TYPE] = _task(values.get(TYPE), [] if composes else unsupported)
    framework, framework_notes = _framework(values, code)
    logging, logging_notes = _logging(values, composes=composes)
    data, data_notes = _data(values, code, unsupported, composes=composes)
    return values | framework | logging | _stopping(values) | data, [
        *framework_notes,
        *notes,
        *logging_notes,
        *data_notes,
    ]


def _framework(values: dict[str, Any], code: list[Attachment]) -> tuple[dict[str, Any], list[str]]:
    if values.get("framework"):
        return {}, []
    if used := framework_of(code):
        return {"framework": used}, [f"The framework is {TITLES[used]}, which the attached code uses."]
    return {"framework": "pytorch"}, ["The framework is PyTorch; say 'in Keras' for Keras/TensorFlow."]


def _logging(values: dict[str, Any], *, composes: bool) -> tuple[dict[str, Any], list[str]]:
    """Wanted unless it is declined. That it will be there can be said of a composed project only."""
    if values.get("experiment_config.tensorboard_enabled") is not None:
        return {}, []
    notes = [
        "TensorBoard logs are written; say 'no TensorBoard' to leave them out.",
        "Checkpoints of the best and the last epoch are written; name a 'checkpoint folder' for another place.",
    ]
    return {"experiment_config.tensorboard_enabled": True}, notes if composes else []


def _stopping(values: dict[str, Any]) -> dict[str, Any]:
    name = "training_config.early_stopping"
    asked = values.get(f"{name}.patience") and values.get(f"{name}.enabled") is not False
    return {f"{name}.enabled": True} if asked else {}


def _task(named: str | None, unsupported: list[str]) -> str:
    """A text task that says no more is a classification; with parts beyond the request's format it stays open."""
    if named and (named != "nlp" or unsupported):
        return named
    return nearest_task(unsupported) or "classification"


def _data(
    values: dict[str, Any], code: list[Attachment], unsupported: list[str], *, composes: bool
) -> tuple[dict[str, Any], list[str]]:
    if values.get(f"{INFO}.source"):
        return {}, []
    if names_no_data(values) and code:
        return {}, [CODE_DATA]
    beyond = not composes and names_no_data(values) and (unsupported or values[TYPE] in BEYOND_PATTERNS)
    if beyond or not names_no_samples(values):
        return {f"{INFO}.source": "synthetic"}, [NO_DATA]
    return {}, []


def names_no_data(values: dict[str, Any]) -> bool:
    """True where neither a set nor a file was named."""
    return not (values.get(f"{INFO}.dataset_name") or values.get(f"{INFO}.dataset_path"))
