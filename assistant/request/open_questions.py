"""What must be known of the data before anything can be built: data that is not at hand, and contradictions."""

from collections.abc import Sequence
from typing import Any

from assistant.request.attachments import DATA_FOLDER, Attachment, data_file
from assistant.request.data import INFO, OWN_DATA, TYPE, cannot_fetch
from assistant.request.datasets import BUNDLED, DOWNLOADED

WHICH_DATA = (
    "What should the model learn from: one of scikit-learn's sets (digits, iris, wine, breast cancer, diabetes), "
    "an attached CSV or .npz file, or synthetic data of a stated shape?"
)
PREDICTED = ("classification", "regression")
"""Tasks that learn the set's own target; an autoencoder, for one, may learn from any set's inputs."""
PRETRAINED = (
    "Pretrained weights would have to be downloaded, which is not done here: say 'from scratch' to train the model "
    "from random weights?"
)


def names_no_samples(values: dict[str, Any]) -> bool:
    """True where data was named that is not at hand, or nothing says what the samples are."""
    if values.get(f"{INFO}.dataset_name") or values.get(f"{INFO}.dataset_path"):
        return True
    said = (f"{INFO}.modality", f"{INFO}.input_shape", "model_config.architecture")
    return not any(values.get(name) for name in said) and values.get(TYPE) != "regression"


def open_questions(values: dict[str, Any], attachments: Sequence[Attachment], *, has_code: bool = False) -> list[str]:
    """What must be known of the data, most pressing first. Code that is attached has data of its own."""
    missing = _missing_data(values, attachments)
    return [*(missing if missing != [WHICH_DATA] or not has_code else []), *_contradictions(values)]


def _missing_data(values: dict[str, Any], attachments: Sequence[Attachment]) -> list[str]:
    name, path, source = (values.get(f"{INFO}.{key}") for key in ("dataset_name", "dataset_path", "source"))
    if source == "synthetic" or (source == "sklearn" and name in BUNDLED):
        return []
    if data_file(attachments, path):
        return []
    if known := next((item for item in DOWNLOADED if name and item.title.lower() == name.lower()), None):
        return [cannot_fetch(known)]
    if path or name:
        named = f"The data {path.removeprefix(f'{DATA_FOLDER}/') if path else name!r}"
        what = "Your own data" if name == OWN_DATA else named
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
    if values.get(TYPE) not in PREDICTED:
        return []
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
