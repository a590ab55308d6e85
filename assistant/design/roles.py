"""Which parts a project needs: the roles that vetted patterns will fill."""

from pydantic import BaseModel

from assistant.design.composable import (
    COMPOSED_ARCHITECTURES,
    COMPOSED_AUGMENTATIONS,
    COMPOSED_TASKS,
    modality,
)
from assistant.schema import PythonMLDLRequest

DEFAULT_ARCHITECTURE = {"image": "cnn", "tabular": "mlp", "text": "lstm"}
WRITING = {"generation": "gpt", "nlp": "transformer"}
"""Problems whose answer is a text, and what is plainest for them."""
SEQUENTIAL = ("lstm", "transformer", "gpt", "bert")
"""Architectures that read their input step by step."""
EVALUATED = ("classification", "regression")
"""Problems whose evaluation a vetted pattern can hold."""


class Need(BaseModel):
    """One part of a project, and the words by which its pattern is searched."""

    role: str
    provides: str
    query: str


def needed_roles(request: PythonMLDLRequest) -> list[Need]:
    """The parts of the project that vetted patterns can fill, in the order in which a reader meets them."""
    return [
        *_data_roles(request),
        *_model_roles(request),
        *_optim_roles(request),
        *_training_roles(request),
    ]


def architecture(request: PythonMLDLRequest) -> str:
    """The architecture asked for, or the plainest one for the kind of data."""
    named = request.model.architecture
    if named and named != "custom":
        return named
    if modality(request) == "text" and problem(request) in WRITING:
        return WRITING[problem(request)]
    return "unet" if problem(request) == "segmentation" else DEFAULT_ARCHITECTURE[modality(request)]


def problem(request: PythonMLDLRequest) -> str:
    """classification, regression, segmentation, detection, generation, or nlp: texts in, and no classes out."""
    return request.ml_task.type


def composed_task(request: PythonMLDLRequest) -> bool:
    """True where patterns hold data for this kind of problem; they hold tables, and no series."""
    kind = modality(request)
    series = kind == "tabular" and architecture(request) in SEQUENTIAL
    return kind in COMPOSED_TASKS.get(problem(request), ()) and not series


def has_vetted_model(request: PythonMLDLRequest) -> bool:
    """True where a pattern holds the model, too: its sizes have proved themselves."""
    return composed_task(request) and architecture(request) in COMPOSED_ARCHITECTURES[modality(request)]


def data_choice(request: PythonMLDLRequest) -> str:
    """The data pattern: where the data comes from, and what it is."""
    source = request.ml_task.dataset_info.source or "synthetic"
    kind = modality(request)
    return f"{source}-{ {'image': 'images', 'text': 'text', 'tabular': problem(request)}[kind] }"


def _model_roles(request: PythonMLDLRequest) -> list[Need]:
    name, kind = architecture(request), modality(request)
    if not has_vetted_model(request):
        return []
    return [Need(role="model", provides=name, query=f"{name} model for {kind} classification or regression")]


def _data_roles(request: PythonMLDLRequest) -> list[Need]:
    needs = [Need(role="loaders", provides="batches", query="shuffled mini-batches with a seed")]
    if composed_task(request):
        choice = data_choice(request)
        query = f"load {choice.replace('-', ' ')} and split into train, validation and test"
        needs.insert(0, Need(role="data", provides=choice, query=query))
    if COMPOSED_AUGMENTATIONS & set(request.data_config.augmentation):
        needs.append(
            Need(role="augmentation", provides="image-shift-flip", query="augment images with random shifts and flips")
        )
    return needs


def _optim_roles(request: PythonMLDLRequest) -> list[Need]:
    training = request.training_config
    name = training.optimizer or "adamw"
    needs = [Need(role="optimizer", provides=name, query=f"{name} optimizer with weight decay")]
    if training.lr_scheduler:
        needs.append(
            Need(
                role="schedule", provides=training.lr_scheduler, query=f"{training.lr_scheduler} learning rate schedule"
            )
        )
    return needs


def _training_roles(request: PythonMLDLRequest) -> list[Need]:
    training = request.training_config
    needs = [Need(role="seed", provides="seed", query="seed everything for reproducible training"), _loop(request)]
    if training.mixed_precision and request.framework == "tensorflow":
        needs.append(Need(role="precision", provides="mixed", query="mixed precision policy"))
    if problem(request) in EVALUATED:
        query = f"evaluate a {problem(request)} model on held-out data"
        needs.append(Need(role="evaluation", provides=problem(request), query=query))
    if training.early_stopping.enabled:
        needs.append(Need(role="early-stopping", provides="early-stopping", query="early stopping on validation loss"))
    if request.experiment_config.tensorboard_enabled is not False:
        needs.append(Need(role="logging", provides="tensorboard", query="log scalars to TensorBoard"))
    return [
        *needs,
        Need(role="checkpoint", provides="checkpoint", query="save and resume a checkpoint with all states"),
    ]


def _loop(request: PythonMLDLRequest) -> Need:
    if request.framework == "tensorflow":
        return Need(role="loop", provides="fit", query="train with fit and callbacks")
    training = request.training_config
    parts = [
        name for name, wanted in (("amp", training.mixed_precision), ("clip", training.gradient_clipping)) if wanted
    ]
    words = {"amp": "mixed precision", "clip": "gradient clipping"}
    query = "training loop for one epoch" + "".join(f" with {words[part]}" for part in parts)
    return Need(role="loop", provides="-".join(parts) or "plain", query=query)
