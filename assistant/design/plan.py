"""The numbers of a project: each is the user's own, or chosen here with its reason."""

from typing import Any

from pydantic import BaseModel

from assistant.design.chooser import Chooser
from assistant.design.composable import modality
from assistant.design.roles import architecture, composed_task, has_vetted_model, problem
from assistant.design.shapes import choose_family, choose_shape, explain_family
from assistant.design.training import SMALL, choose_training
from assistant.request.datasets import BUNDLED
from assistant.schema import DesignChoice, PythonMLDLRequest

DEFAULT_SAMPLES = 2000
DENSE_SAMPLES = 500
DEFAULT_SPLIT = (0.7, 0.15, 0.15)
CONFIG_NAMES = {
    "num_epochs": ["epochs"],
    "gradient_clipping": ["max_norm"],
    "train_val_test_split": ["fractions"],
    "input_shape": ["channels", "image_size", "num_features", "sequence_length"],
    "output_shape": ["num_classes", "num_outputs"],
    "augmentation": ["max_shift", "flip"],
    "tensorboard_log_dir": ["log_dir"],
}
"""Fields of the request that are called otherwise in a project's Config."""


class Design(BaseModel):
    """What will be built: the configuration's values and why they are what they are."""

    architecture: str
    modality: str
    problem: str
    config: dict[str, Any]
    """Field of the generated Config -> value."""
    choices: list[DesignChoice]


def design_project(request: PythonMLDLRequest, *, revised: dict[str, str] | None = None) -> Design:
    """Every number of the project, with its reason.

    `revised` gives the reason of each number that a repair changed, by its dotted name in the request.
    """
    reasons = {name: reason for field, reason in (revised or {}).items() for name in config_names(field)}
    stated = {name for field in request.stated for name in config_names(field)} if request.stated else None
    chooser = Chooser(reasons, stated=stated, has_code=_has_code(request))
    kind = modality(request)
    chooser.choices.append(_explain_architecture(request))
    info = request.ml_task.dataset_info
    bundled = BUNDLED.get(info.dataset_name or "")
    samples = info.num_samples or (bundled.num_samples if bundled else None) or _default_samples(request)
    _choose_data(chooser, request, kind, samples)
    _choose_model(chooser, request, kind, samples)
    choose_training(chooser, request, samples)
    return Design(
        architecture=architecture(request),
        modality=kind,
        problem=problem(request),
        config=chooser.config,
        choices=chooser.choices,
    )


def config_names(field: str) -> list[str]:
    """What a field of the request, by its dotted name, is called in a project's Config."""
    leaf = field.rpartition(".")[2]
    return CONFIG_NAMES.get(leaf, [leaf])


def _has_code(request: PythonMLDLRequest) -> bool:
    """True where attached code, with its own data, is to be changed."""
    return bool(request.context.existing_codebase) and request.ml_task.dataset_info.source is None


def _default_samples(request: PythonMLDLRequest) -> int:
    """Fewer where each sample has an answer for every pixel or position, which teaches more and costs more."""
    return DEFAULT_SAMPLES if composed_task(request) else DENSE_SAMPLES


def _explain_architecture(request: PythonMLDLRequest) -> DesignChoice:
    if _has_code(request) and request.model.architecture is None:
        return DesignChoice(name="architecture", value="the attached code's own", reason="no other was asked for")
    return explain_family(request)


def _choose_data(chooser: Chooser, request: PythonMLDLRequest, kind: str, samples: int) -> None:
    info = request.ml_task.dataset_info
    if _has_code(request):
        samples = info.num_samples or 0
    elif (info.source or "synthetic") == "synthetic":
        chooser.pick("num_samples", info.num_samples, samples, "enough to learn from, and to hold some out for testing")
        choose_shape(chooser, request)
    elif kind == "text":
        chooser.pick("vocab_size", info.vocab_size, 10_000, "rarer words become the unknown token")
        length = info.input_shape[0] if info.input_shape else None
        chooser.pick("sequence_length", length, 64, "longer texts are cut, shorter ones padded")
    of = f"of {samples} samples, " if samples else ""
    chooser.pick("fractions", info.train_val_test_split, DEFAULT_SPLIT, f"{of}as train, validation, test")
    training = request.training_config
    chooser.pick("seed", training.seed, 0, "any fixed number makes the run repeatable")


def _choose_model(chooser: Chooser, request: PythonMLDLRequest, kind: str, samples: int) -> None:
    if not has_vetted_model(request):
        choose_family(chooser, request)
        return
    model = request.model
    small_regression = problem(request) == "regression" and samples < SMALL
    width = 32 if small_regression else {"image": 32, "tabular": 64, "text": 64}[kind]
    chooser.pick(
        "hidden_dim",
        model.hidden_dim,
        width,
        f"kept small for {samples} samples; wider models need more data"
        if samples < 10_000
        else "a modest width; try twice as much once it works",
    )
    depth = 1 if architecture(request) == "lstm" or small_regression else 2
    chooser.pick("num_layers", model.num_layers, depth, "the shallowest that usually reaches the plateau on small data")
    rate = {"image": 0.25, "tabular": 0.2 if small_regression else 0.1, "text": 0.2}[kind]
    chooser.pick(
        "dropout", model.dropout, rate, "regularises; more is wanted the fewer samples per parameter there are"
    )
    if kind != "text":
        chooser.pick("activation", model.activation, "relu", "the cheapest activation that does not saturate")
