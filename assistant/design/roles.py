"""Which parts a project needs: the roles that vetted patterns will fill."""

from pydantic import BaseModel

from assistant.design.composable import modality
from assistant.schema import PythonMLDLRequest

DEFAULT_ARCHITECTURE = {"image": "cnn", "tabular": "mlp", "text": "lstm"}


class Need(BaseModel):
    """One part of a project, and the words by which its pattern is searched."""

    role: str
    provides: str
    query: str


def needed_roles(request: PythonMLDLRequest) -> list[Need]:
    """The parts of the project, in the order in which a reader meets them."""
    return [
        *_data_roles(request),
        Need(
            role="model",
            provides=architecture(request),
            query=f"{architecture(request)} model for {modality(request)} classification or regression",
        ),
        *_optim_roles(request),
        *_training_roles(request),
    ]


def architecture(request: PythonMLDLRequest) -> str:
    """The architecture asked for, or the plainest one for the kind of data."""
    named = request.model.architecture
    return named if named and named != "custom" else DEFAULT_ARCHITECTURE[modality(request)]


def problem(request: PythonMLDLRequest) -> str:
    """classification or regression."""
    return "regression" if request.ml_task.type == "regression" else "classification"


def data_choice(request: PythonMLDLRequest) -> str:
    """The data pattern: where the data comes from, and what it is."""
    source = request.ml_task.dataset_info.source or "synthetic"
    kind = modality(request)
    return f"{source}-{ {'image': 'images', 'text': 'text', 'tabular': problem(request)}[kind] }"


def _data_roles(request: PythonMLDLRequest) -> list[Need]:
    choice = data_choice(request)
    needs = [
        Need(
            role="data",
            provides=choice,
            query=f"load {choice.replace('-', ' ')} and split into train, validation and test",
        ),
        Need(role="loaders", provides="batches", query="shuffled mini-batches with a seed"),
    ]
    if request.data_config.augmentation:
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
    needs.append(
        Need(
            role="evaluation", provides=problem(request), query=f"evaluate a {problem(request)} model on held-out data"
        )
    )
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
