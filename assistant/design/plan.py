"""The numbers of a project: each is the user's own, or chosen here with its reason."""

import math
from typing import Any

from pydantic import BaseModel

from assistant.design.composable import modality
from assistant.design.roles import architecture, problem
from assistant.request.datasets import BUNDLED
from assistant.schema import DesignChoice, PythonMLDLRequest

DEFAULT_SAMPLES = 2000
SMALL = 1000
"""Samples below which a regression is made small and strongly regularised."""
DEFAULT_SPLIT = (0.7, 0.15, 0.15)
CONFIG_NAMES = {"num_epochs": "epochs", "gradient_clipping": "max_norm"}
"""Fields of the request that are called otherwise in a project's Config."""


class Design(BaseModel):
    """What will be built: the configuration's values and why they are what they are."""

    architecture: str
    modality: str
    problem: str
    config: dict[str, Any]
    """Field of the generated Config -> value."""
    choices: list[DesignChoice]


class _Chooser:
    """Collects values; the user's own win and are marked so."""

    def __init__(self, revised: dict[str, str]) -> None:
        self.revised = revised
        self.config: dict[str, Any] = {}
        self.choices: list[DesignChoice] = []

    def pick(self, name: str, asked: Any, default: Any, reason: str) -> Any:
        value = default if asked is None else asked
        why = self.revised.get(name) or (reason if asked is None else "as asked")
        self.config[name] = value
        self.choices.append(DesignChoice(name=name, value=str(value), reason=why))
        return value


def design_project(request: PythonMLDLRequest, *, revised: dict[str, str] | None = None) -> Design:
    """Every number of the project, with its reason.

    `revised` gives the reason of each number that a repair changed, by its dotted name in the request.
    """
    leaves = {field.rpartition(".")[2]: reason for field, reason in (revised or {}).items()}
    chooser = _Chooser({CONFIG_NAMES.get(leaf, leaf): reason for leaf, reason in leaves.items()})
    kind = modality(request)
    chooser.choices.append(_explain_architecture(request))
    info = request.ml_task.dataset_info
    bundled = BUNDLED.get(info.dataset_name or "")
    samples = info.num_samples or (bundled.num_samples if bundled else None) or DEFAULT_SAMPLES
    _choose_data(chooser, request, kind, samples)
    _choose_model(chooser, request, kind, samples)
    _choose_training(chooser, request, samples)
    return Design(
        architecture=architecture(request),
        modality=kind,
        problem=problem(request),
        config=chooser.config,
        choices=chooser.choices,
    )


def _explain_architecture(request: PythonMLDLRequest) -> DesignChoice:
    name, kind = architecture(request), modality(request)
    reasons = {
        "cnn": "convolutions share weights over positions, which suits images with few samples",
        "resnet": "skip connections keep gradients alive in deeper stacks (He et al. 2015, arXiv:1512.03385)",
        "mlp": "features have no spatial order to exploit",
        "lstm": "reads tokens in order with few parameters; a Transformer needs more data to beat it",
        "transformer": "attention relates all pairs of tokens (Vaswani et al. 2017, arXiv:1706.03762)",
    }
    reason = reasons[name] if request.model.architecture is None else f"as asked; {reasons[name]}"
    return DesignChoice(name="architecture", value=f"{name} for {kind} {problem(request)}", reason=reason)


def _choose_data(chooser: _Chooser, request: PythonMLDLRequest, kind: str, samples: int) -> None:
    info = request.ml_task.dataset_info
    if (info.source or "synthetic") == "synthetic":
        chooser.pick(
            "num_samples", info.num_samples, DEFAULT_SAMPLES, "enough to learn from, and to hold some out for testing"
        )
        _choose_synthetic_shape(chooser, request, kind)
    elif kind == "text":
        chooser.pick("vocab_size", info.vocab_size, 10_000, "rarer words become the unknown token")
        length = info.input_shape[0] if info.input_shape else None
        chooser.pick("sequence_length", length, 64, "longer texts are cut, shorter ones padded")
    chooser.pick(
        "fractions", info.train_val_test_split, DEFAULT_SPLIT, f"of {samples} samples, as train, validation, test"
    )
    training = request.training_config
    chooser.pick("seed", training.seed, 0, "any fixed number makes the run repeatable")


def _choose_synthetic_shape(chooser: _Chooser, request: PythonMLDLRequest, kind: str) -> None:
    info = request.ml_task.dataset_info
    shape = info.input_shape
    assumed = "not said, so assumed"
    if kind == "image":
        channels, *size = shape or [3, 32, 32]
        chooser.pick("channels", channels if shape else None, channels, assumed)
        chooser.pick("image_size", tuple(size) if shape else None, tuple(size), assumed)
    elif kind == "tabular":
        chooser.pick("num_features", math.prod(shape) if shape else None, 20, assumed)
    else:
        chooser.pick("vocab_size", info.vocab_size, 1000, assumed)
        chooser.pick("sequence_length", shape[0] if shape else None, 32, assumed)
    if problem(request) == "classification":
        classes = info.output_shape if isinstance(info.output_shape, int) else None
        chooser.pick("num_classes", classes, 2 if kind == "text" else 3, assumed)


def _choose_model(chooser: _Chooser, request: PythonMLDLRequest, kind: str, samples: int) -> None:
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


def _choose_training(chooser: _Chooser, request: PythonMLDLRequest, samples: int) -> None:
    training = request.training_config
    batch = chooser.pick(
        "batch_size",
        training.batch_size,
        _batch_size(samples),
        "gives about 20 steps in each epoch where the data allows",
    )
    rate, reason = _learning_rate(request, min(batch, max(1, int(samples * 0.7))))
    chooser.pick("learning_rate", training.learning_rate, rate, reason)
    decay, why = _weight_decay(request, samples)
    chooser.pick("weight_decay", training.weight_decay, decay, why)
    chooser.pick(
        "epochs",
        training.num_epochs,
        _epochs(request, samples),
        "an upper bound: the best epoch on validation data is kept",
    )
    early = training.early_stopping
    if early.enabled:
        chooser.pick("patience", early.patience, 5, "epochs without a better validation loss before stopping")
        chooser.pick("min_delta", early.min_delta, 0.0, "any improvement counts")
    if training.gradient_clipping:
        chooser.pick("max_norm", training.gradient_clipping, None, "")
    _choose_options(chooser, request)


def _choose_options(chooser: _Chooser, request: PythonMLDLRequest) -> None:
    experiment = request.experiment_config
    if request.data_config.augmentation:
        shift, why = _max_shift(request)
        chooser.pick("max_shift", None, shift, why)
        chooser.pick(
            "flip",
            "flip" in request.data_config.augmentation or None,
            False,
            "mirror images can change the meaning, as with digits",
        )
    if experiment.tensorboard_enabled is not False:
        chooser.pick("log_dir", experiment.tensorboard_log_dir, "logs", "where TensorBoard looks")
    chooser.pick("checkpoint_dir", experiment.checkpoint_dir, "checkpoints", "the best and the last state of training")


def _max_shift(request: PythonMLDLRequest) -> tuple[int, str]:
    if "shift" not in request.data_config.augmentation:
        return 0, "shifts were not asked for"
    side = min((request.ml_task.dataset_info.input_shape or [1, 32, 32])[1:])
    return max(1, side // 10), "about a tenth of the image's side"


def _batch_size(samples: int) -> int:
    """The power of two in [16, 128] that gives about 20 steps an epoch on 70% of the samples."""
    return 2 ** max(4, min(7, round(math.log2(max(1, samples * 0.7 / 20)))))


def _learning_rate(request: PythonMLDLRequest, batch: int) -> tuple[float, str]:
    """The rate for this optimiser at this batch size, and the rule it follows."""
    optimizer = request.training_config.optimizer or "adamw"
    if optimizer == "sgd":
        reason = "0.1 per 256 samples, scaled linearly with the batch (Goyal et al. 2017, arXiv:1706.02677)"
        return _rounded(0.1 * batch / 256), reason
    deep = architecture(request) in ("transformer", "resnet")
    base = 1e-3 if deep or problem(request) == "regression" else 3e-3
    rate = base * math.sqrt(batch / 64)
    if optimizer == "lion":
        reason = "a third of Adam's (Chen et al. 2023, arXiv:2302.06675, advise a third to a tenth)"
        return _rounded(rate / 3), reason
    reason = f"{base:g} at batch 64, scaled with the square root of the batch (Malladi et al. 2022, arXiv:2205.10287)"
    return _rounded(rate), reason


def _rounded(rate: float) -> float:
    return float(f"{rate:.2g}")


def _weight_decay(request: PythonMLDLRequest, samples: int) -> tuple[float, str]:
    if problem(request) == "regression" and samples < SMALL:
        return 0.1, f"strong, because a network fits the noise of {samples} targets soon"
    customary = {"sgd": 5e-4, "lion": 3e-2}.get(request.training_config.optimizer or "adamw", 1e-2)
    return customary, "the customary strength for this optimiser"


def _epochs(request: PythonMLDLRequest, samples: int) -> int:
    """Enough for some 240 steps, or 800 of a regression's smaller ones, within [8, 40]."""
    wanted = 800 if problem(request) == "regression" else 240
    steps = max(1, math.ceil(samples * 0.7 / _batch_size(samples)))
    return max(8, min(40, math.ceil(wanted / steps)))
