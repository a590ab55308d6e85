"""Which layers, losses, callbacks, schedules and precision a Keras program chose. Runs inside the jail."""

import math
from typing import Any

import keras
import tensorflow as tf

from observe.choices import Choices, watch_seed

MOST_LAYERS = 400
KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("convolution", ("BaseConv", "BaseConvTranspose", "BaseDepthwiseConv", "BaseSeparableConv")),
    ("recurrent", ("RNN",)),
    ("attention", ("MultiHeadAttention", "GroupedQueryAttention", "Attention")),
    ("linear", ("Dense", "EinsumDense")),
    ("embedding", ("Embedding",)),
    ("normalisation", ("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization")),
    ("dropout", ("Dropout", "BaseSpatialDropout", "GaussianDropout", "AlphaDropout")),
    ("activation", ("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU")),
)
"""Kind -> classes, by name among all that a layer's class extends."""
SIZES = ("filters", "units", "output_dim")
FIGURES = ("patience", "min_delta", "factor")
CLIPPING = ("clipnorm", "global_clipnorm", "clipvalue")
FIT = ("batch_size", "epochs", "verbose", "callbacks")
"""Names of what may follow x and y in a call of fit."""


def watch_choices(choices: Choices) -> None:
    watch_seed(choices, tf.random, "set_seed")


def fitted(
    choices: Choices, kwargs: dict[str, Any], history: Any, sizes: list[int], *, whole: bool, array: bool
) -> None:
    """One call of fit: its callbacks, its epochs, and the batches it drew.

    `sizes` are those of a dataset's batches, or of the one array that was given.
    """
    given = kwargs.get("callbacks")
    callbacks = given if isinstance(given, (list, tuple)) else [given] if given is not None else []
    choices.callbacks += [_callback(one) for one in callbacks if isinstance(one, keras.callbacks.Callback)]
    epochs = len(getattr(history, "epoch", []))
    choices.epochs = (choices.epochs or 0) + epochs
    if not whole or not sizes:
        return
    batches = _batches(sizes[0], kwargs.get("batch_size") or 32) if array else sizes
    if kwargs.get("steps_per_epoch") is None:
        choices.epoch_samples = max(sum(batches), choices.epoch_samples or 0)
        for rows in batches:
            choices.drawn[rows] += epochs


def _batches(samples: int, size: int) -> list[int]:
    """How Keras cuts an array."""
    return [size] * (samples // size) + ([samples % size] if samples % size else [])


def _callback(callback: Any) -> dict[str, Any]:
    figures = {name: getattr(callback, name, None) for name in FIGURES}
    kept = {name: abs(float(value)) for name, value in figures.items() if isinstance(value, (int, float))}
    return {"name": type(callback).__name__, "figures": kept}


def describe_optimizer(optimizer: Any) -> dict[str, Any]:
    """Class, hyper-parameters and schedule, seen through loss scaling."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    schedule = inner._learning_rate if isinstance(inner._learning_rate, Schedule) else None
    options = {name: [float(value)] for name, value in vars(inner).items() if _is_option(name, value)}
    options["weight_decay"] = [float(getattr(inner, "weight_decay", None) or 0.0)]
    if schedule is not None:
        starts = [value for name, value in vars(schedule).items() if name in STARTS and isinstance(value, (int, float))]
        options["learning_rate"] = [float(value) for value in starts]
    bases = [one for one in type(inner).__mro__ if issubclass(one, keras.optimizers.Optimizer)]
    names = [one.__name__ for one in bases if one.__name__ not in BASES]
    return {"family": names, "options": options, "schedule": schedule and _schedule_name(schedule)}


def _schedule_name(schedule: Any) -> str:
    return type(schedule).__name__ + ("(staircase)" if getattr(schedule, "staircase", False) else "")


Schedule = keras.optimizers.schedules.LearningRateSchedule
BASES = ("Optimizer", "BaseOptimizer", "TFOptimizer", "KerasAutoTrackable", "TrackableBase")
STARTS = ("initial_learning_rate", "warmup_target")


def _is_option(name: str, value: Any) -> bool:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return plain and not name.startswith("_") and name not in ("iterations", "loss_scale_factor", "ema_momentum")


def chosen(choices: Choices, root: Any, optimizers: list[Any], losses: list[tuple[Any, Any, Any]]) -> dict[str, Any]:
    """Everything for the facts: what was collected, and the layers of the model that was trained."""
    layers = _layers(root.module) if root else []
    choices.mixed_precision = "used" if any("float16" in _precision(one) for one in layers) else choices.mixed_precision
    for described in map(describe_optimizer, optimizers):
        choices.schedules += [described["schedule"]] if described["schedule"] else []
        choices.clipping += [described["options"][name][0] for name in CLIPPING if name in described["options"]]
    choices.schedules += [one["name"] for one in choices.callbacks if one["name"] in RATE_CALLBACKS]
    for model, loss, where in losses:
        for one in tf.nest.flatten(loss):
            if model is None or root is None or model is root.module:
                _name_loss(choices, one, where)
    return {
        **choices.facts(),
        "layers": [_layer(one) for one in layers],
        "regularized": any(_has_penalty(one) for one in layers),
    }


RATE_CALLBACKS = ("ReduceLROnPlateau", "LearningRateScheduler")
WRAPPERS = ("CompileLoss", "NoneType")


def _name_loss(choices: Choices, loss: Any, where: Any) -> None:
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    if name not in WRAPPERS:
        choices.loss(name, where)


def _layers(model: Any) -> list[Any]:
    """The model's layers without those that are the inside of another one."""
    found = list(model._flatten_layers(include_self=False))[:MOST_LAYERS]
    inside: set[int] = set()
    for layer in found:
        if _kind(layer) == "attention":
            inside |= {id(one) for one in layer._flatten_layers(include_self=False)}
        elif type(layer).__name__ == "Bidirectional":
            inside |= {id(layer.backward_layer)}
    return [one for one in found if id(one) not in inside]


def _kind(layer: Any) -> str:
    names = {one.__name__ for one in type(layer).__mro__}
    if "Bidirectional" in names:
        return "other"
    return next((kind for kind, classes in KINDS if names & set(classes)), "other")


def _layer(layer: Any) -> dict[str, Any]:
    size = next((getattr(layer, name) for name in SIZES if isinstance(getattr(layer, name, None), int)), None)
    rate = next((getattr(layer, name) for name in ("rate", "dropout", "_dropout") if hasattr(layer, name)), None)
    activation = getattr(layer, "activation", None)
    kind = _kind(layer)
    return {
        "name": type(layer).__name__,
        "kind": kind,
        "size": size,
        "rate": float(rate) if isinstance(rate, (int, float)) else None,
        "activation": getattr(activation, "__name__", None) or (type(layer).__name__ if kind == "activation" else None),
    }


def _precision(layer: Any) -> str:
    return str(getattr(getattr(layer, "dtype_policy", None), "compute_dtype", ""))


def _has_penalty(layer: Any) -> bool:
    return any(
        getattr(layer, f"{name}_regularizer", None) is not None for name in ("kernel", "recurrent", "embeddings")
    )
