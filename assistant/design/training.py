"""How long, how fast and with which options a project trains: the rules behind those numbers."""

import math

from assistant.design.chooser import Chooser
from assistant.design.composable import COMPOSED_AUGMENTATIONS, modality
from assistant.design.roles import architecture, problem
from assistant.design.shapes import image_shape
from assistant.schema import PythonMLDLRequest

SMALL = 1000
"""Samples below which a regression is made small and strongly regularised."""


def choose_training(chooser: Chooser, request: PythonMLDLRequest, samples: int) -> None:
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


def _choose_options(chooser: Chooser, request: PythonMLDLRequest) -> None:
    experiment = request.experiment_config
    if modality(request) == "image" and COMPOSED_AUGMENTATIONS & set(request.data_config.augmentation):
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
    side = min(image_shape(request)[1:])
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
    deep = architecture(request) in ("transformer", "resnet", "unet", "vit", "bert", "gpt")
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
