"""From what was read to what will be done: contradictions become questions, gaps become assumptions."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from assistant.design.composable import decline_sentence, missing_parts, unmeasured_demand, unused_fields
from assistant.errors import RequestError
from assistant.request.attached import read_data_file
from assistant.request.attachments import Attachment
from assistant.request.data import INFO, OWN_DATA, TYPE, bundled_facts, cannot_fetch
from assistant.request.datasets import BUNDLED, DOWNLOADED
from assistant.request.fields import field_values, make_request
from assistant.request.question import read_question
from assistant.request.reading import Reading, tidy
from assistant.schema import Framework, PythonMLDLRequest

MAX_DESCRIPTION = 20_000
WHICH_DATA = (
    "What should the model learn from: one of scikit-learn's sets (digits, iris, wine, breast cancer, diabetes), "
    "an attached CSV or .npz file, or synthetic data of a stated shape?"
)


class Understanding(BaseModel):
    """What a question was understood to be."""

    kind: Literal["build", "explain", "decline", "question"]
    request: PythonMLDLRequest | None = None
    """As far as it was understood; for a decline it is what a model could still draft, where the field is right."""
    message: str = ""
    """The sentence for a decline, or the question back."""
    assumptions: list[str] = []
    """What was assumed and how to change it, one sentence each."""


def settle(
    question: str, values: dict[str, Any], reading: Reading, stated: Sequence[str], attachments: Sequence[Attachment]
) -> Understanding:
    """The request with the data file's facts and the defaults, or what stands in its way."""
    file = read_data_file(question, values, attachments) if _uses_file(values, stated) else Reading()
    values = {**values, **file.implied, **file.fields}
    values, assumptions = _defaults(values, [*reading.assumptions, *file.assumptions])
    request = _validated(values, stated=[*dict.fromkeys([*stated, *file.fields])])
    missing = list(dict.fromkeys([*reading.unsupported, *missing_parts(request)]))
    if missing:
        return Understanding(kind="decline", request=request, message=decline_sentence(missing))
    if sentence := unmeasured_demand(request):
        return Understanding(kind="decline", request=request, message=sentence)
    questions = [*reading.questions, *file.questions, *_open_questions(values, attachments)]
    if questions:
        return Understanding(kind="question", request=request, message=questions[0])
    if unused := unused_fields(request):
        assumptions = [
            *assumptions,
            f"{', '.join(unused)} {'changes' if len(unused) == 1 else 'change'} nothing in this project.",
        ]
    if ignored := [item.name for item in attachments if item.kind not in ("csv", "npz")]:
        assumptions = [*assumptions, f"{', '.join(ignored)} was attached and is not used: only CSV and .npz files are."]
    return Understanding(kind="build", request=request, assumptions=assumptions)


def settle_request(
    request: PythonMLDLRequest, *, framework: Framework | None = None, attachments: Sequence[Attachment] = ()
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
    result = settle(description, values, Reading(), request.stated, attachments)
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


def _defaults(values: dict[str, Any], assumptions: list[str]) -> tuple[dict[str, Any], list[str]]:
    """The values with the gaps filled that a person has to hear of."""
    values = {name: value for name, value in values.items() if value is not None or name not in (TYPE, "task_type")}
    notes = list(assumptions)
    if not values.get("framework"):
        values["framework"] = "pytorch"
        notes.insert(0, "The framework is PyTorch; say 'in Keras' for Keras/TensorFlow.")
    if values.get("experiment_config.tensorboard_enabled") is None:
        values["experiment_config.tensorboard_enabled"] = True
        notes.append("TensorBoard logs are written; say 'no TensorBoard' to leave them out.")
        notes.append(
            "Checkpoints of the best and the last epoch are written; name a 'checkpoint folder' for another place."
        )
    if (
        values.get("training_config.early_stopping.patience")
        and values.get("training_config.early_stopping.enabled") is not False
    ):
        values["training_config.early_stopping.enabled"] = True
    if values.get(TYPE) in (None, "nlp"):
        values[TYPE] = "classification"
    if not values.get(f"{INFO}.source") and not _open_data(values):
        values[f"{INFO}.source"] = "synthetic"
        notes.append(
            "No data was named, so synthetic data stands in for it; attach a CSV or .npz file to use your own."
        )
    return values, notes


def _open_data(values: dict[str, Any]) -> bool:
    """True where data was named that is not at hand, or nothing says what the samples are."""
    if values.get(f"{INFO}.dataset_name") or values.get(f"{INFO}.dataset_path"):
        return True
    said = (f"{INFO}.modality", f"{INFO}.input_shape", "model_config.architecture")
    return not any(values.get(name) for name in said) and values.get(TYPE) != "regression"


def _open_questions(values: dict[str, Any], attachments: Sequence[Attachment]) -> list[str]:
    return [*_missing_data(values, attachments), *_contradictions(values)]


def _missing_data(values: dict[str, Any], attachments: Sequence[Attachment]) -> list[str]:
    name, path, source = (values.get(f"{INFO}.{key}") for key in ("dataset_name", "dataset_path", "source"))
    if source == "synthetic" or (source == "sklearn" and name in BUNDLED):
        return []
    if path and any(path == f"data/{item.name}" for item in attachments):
        return []
    if known := next((item for item in DOWNLOADED if name and item.title.lower() == name.lower()), None):
        return [cannot_fetch(known)]
    if path or name:
        what = "Your own data" if name == OWN_DATA else f"The data {path.removeprefix('data/') if path else name!r}"
        return [f"{what} is not attached: attach it as a CSV or .npz file with --file, or say 'synthetic'?"]
    return [WHICH_DATA]


def _contradictions(values: dict[str, Any]) -> list[str]:
    """A split that is none, and what was said of a bundled set that is not so."""
    split = values.get(f"{INFO}.train_val_test_split")
    if split and abs(sum(split) - 1) > 0.011:
        return [f"The split {list(split)} adds up to {sum(split):g} and not to 1: what should it be?"]
    name = values.get(f"{INFO}.dataset_name")
    if values.get(f"{INFO}.source") != "sklearn" or name not in BUNDLED:
        return []
    known, found = BUNDLED[name], []
    if values.get(TYPE) != known.type:
        has = "a number for each patient" if known.type == "regression" else f"{known.output_shape} classes"
        found.append(
            f"The {known.title} data has {has} as its target, so it suits {known.type}: should it be "
            f"{known.type}, or another dataset?"
        )
    shape = values.get(f"{INFO}.input_shape")
    if shape and shape != known.input_shape:
        found.append(
            f"The {known.title} data has samples of shape {known.input_shape} and the question says "
            f"{shape}: use it as it is, "
            "attach other data, or say 'synthetic'?"
        )
    if values.get(f"{INFO}.output_shape") not in (None, known.output_shape):
        found.append(
            f"The {known.title} data has {known.output_shape} classes and the question says "
            f"{values[f'{INFO}.output_shape']}: which is meant?"
        )
    return found
