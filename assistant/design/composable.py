"""What the embedded drafter cannot compose, said plainly."""

import math

from assistant.schema import PythonMLDLRequest

COMPOSED_ARCHITECTURES = {"image": ("cnn", "resnet"), "tabular": ("mlp",), "text": ("lstm", "transformer")}
COMPOSED_LOSSES = {"classification": "cross_entropy", "nlp": "cross_entropy", "regression": "mse"}
COMPOSED_AUGMENTATIONS = {"shift", "flip"}
COMPOSES = (
    "It composes image classification (CNN, ResNet), tabular classification and regression (MLP) "
    "and text classification (LSTM, Transformer), in PyTorch and in Keras"
)
NOT_USED = (
    "data_config.preprocessing",
    "data_config.data_loader",
    "experiment_config.save_frequency",
    "experiment_config.wandb_project",
    "context.baseline_model",
    "context.compute_resources",
    "model_config.pretrained_source",
)
"""Dotted names, or their beginnings, that change nothing in a composed project."""
NEEDED = "the rest needs a model to draft it: see GRADPROOF_MODEL"
COMPOSED_TASKS = {
    "classification": ("image", "tabular", "text"),
    "regression": ("tabular",),
}
SEEN = ("detection", "segmentation")
"""Tasks whose samples are images where nothing else was said."""


def missing_parts(request: PythonMLDLRequest) -> list[str]:
    """What the request asks for that no vetted pattern covers, in words; empty if all of it can be composed."""
    checks = (_missing_task, _missing_model, _missing_training, _missing_data)
    return [part for check in checks for part in check(request)]


def decline_sentence(missing: list[str]) -> str:
    """The answer to a request that cannot be composed."""
    return f"The embedded drafter has no vetted patterns for {', '.join(missing)}. {COMPOSES}; {NEEDED}."


def modality(request: PythonMLDLRequest) -> str:
    """image, tabular or text: as said, or by the model and the rank of the input shape; a series is tabular."""
    info = request.ml_task.dataset_info
    if info.modality:
        return info.modality
    named = request.model.architecture
    if request.ml_task.type == "regression" and named in COMPOSED_ARCHITECTURES["text"]:
        return "tabular"
    if request.ml_task.type == "nlp" or named in (*COMPOSED_ARCHITECTURES["text"], "bert", "gpt"):
        return "text"
    shape = info.input_shape or []
    if len(shape) == 3 or named in (*COMPOSED_ARCHITECTURES["image"], "unet", "vit"):
        return "image"
    return "image" if request.ml_task.type in (*SEEN, "generation") and not shape else "tabular"


def unplanned_parts(request: PythonMLDLRequest) -> list[str]:
    """What the request asks for that the design has no numbers for, in words, for a drafter that can do it anyway."""
    project = [f"a {request.task_type} project"] if request.task_type in ("deployment", "notebook") else []
    return [*project, *_missing_backbone(request), *_missing_training(request), *_missing_augmentation(request)]


def _missing_task(request: PythonMLDLRequest) -> list[str]:
    missing = []
    if request.ml_task.type not in COMPOSED_TASKS:
        missing.append(request.ml_task.type)
    if request.task_type in ("deployment", "notebook"):
        missing.append(f"a {request.task_type} project")
    if request.ml_task.type == "regression" and modality(request) != "tabular":
        missing.append(f"{modality(request)} regression")
    return missing


def _missing_model(request: PythonMLDLRequest) -> list[str]:
    missing = []
    model, kind = request.model, modality(request)
    if model.architecture not in (None, "custom", *COMPOSED_ARCHITECTURES[kind]):
        missing.append(f"the architecture {model.architecture!r} for {kind} data")
    if model.pretrained:
        missing.append("pretrained weights")
    return [*missing, *_missing_backbone(request)]


def _missing_backbone(request: PythonMLDLRequest) -> list[str]:
    return [f"the backbone {request.model.backbone!r}"] if request.model.backbone else []


def _missing_training(request: PythonMLDLRequest) -> list[str]:
    missing = []
    if request.training_config.distributed or (request.context.compute_resources.gpus or 0) > 1:
        missing.append("distributed training on several GPUs")
    if (loss := request.training_config.loss) not in (None, COMPOSED_LOSSES.get(request.ml_task.type)):
        missing.append(f"the loss {loss!r}")
    if request.experiment_config.wandb_enabled:
        missing.append("Weights & Biases")
    if request.context.existing_codebase or request.context.codebase_path:
        missing.append("changing an existing code base")
    return missing


def unmeasured_demand(request: PythonMLDLRequest) -> str | None:
    """The sentence that declines a target which nothing here measures in its unit; None where there is none."""
    wanted = request.ml_task.performance_requirements
    if wanted.target_value is None or wanted.target_metric in (None, "accuracy", "f1"):
        return None
    if wanted.target_metric == "mse":
        return (
            "The error of a regression is measured in standard deviations of its target, so a limit in another unit "
            "cannot be checked; ask without it, and read the error that train.py prints."
        )
    return f"Nothing here measures {wanted.target_metric}, so the target cannot be checked; ask without it."


def unused_fields(request: PythonMLDLRequest) -> list[str]:
    """Fields that the user named and the embedded drafter has no use for."""
    named = []
    for field in request.stated:
        if field.startswith(NOT_USED) or (field == "task_type" and request.task_type in ("model", "evaluation")):
            named.append(field)
    return named


def _missing_data(request: PythonMLDLRequest) -> list[str]:
    data, info = request.data_config, request.ml_task.dataset_info
    missing = _missing_augmentation(request)
    if data.augmentation and modality(request) != "image":
        missing.append(f"augmentation of {modality(request)} data")
    if data.data_loader == "huggingface":
        missing.append("Hugging Face datasets")
    if data.normalization:
        missing.append("a given mean and standard deviation; inputs are standardised with the training split's own")
    if info.output_shape and not isinstance(info.output_shape, int) and len(info.output_shape) > 1:
        missing.append(f"outputs of shape {info.output_shape}")
    elif request.ml_task.type == "regression" and info.source != "sklearn" and (several := outputs(request)):
        missing.append(f"a regression with {several} outputs")
    return missing


def outputs(request: PythonMLDLRequest) -> int | None:
    """How many numbers a regression predicts for each sample, where more than one was asked for."""
    said = request.ml_task.dataset_info.output_shape or 1
    number = math.prod(said) if isinstance(said, list) else said
    return number if number > 1 else None


def _missing_augmentation(request: PythonMLDLRequest) -> list[str]:
    named = request.data_config.augmentation
    return [f"the augmentation {name!r}" for name in named if name not in COMPOSED_AUGMENTATIONS]
