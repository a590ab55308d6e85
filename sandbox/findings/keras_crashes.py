"""What Keras and TensorFlow raise, named by the fault behind it."""

import re
from typing import NamedTuple

from sandbox.evidence import Evidence, Place
from sandbox.findings.data_figures import DataFigures
from sandbox.findings.finding import Maker, one_line
from sandbox.findings.keras_fit import Fit, Fitting
from sandbox.report import Finding

REMOVED = (
    "fit_generator|evaluate_generator|predict_generator|predict_classes|predict_proba|get_session|set_session"
    "|np_utils|ImageDataGenerator|iteritems|_set_hyper|save_format"
)
LIBRARY = r"(keras|tensorflow)"


class Crash(NamedTuple):
    """What such an exception says, the fault that it means, and its remedy."""

    pattern: str
    id: str
    fix: str
    number: str | None = None


CRASHES: tuple[Crash, ...] = (
    Crash(
        r"ModelCheckpoint.*filepath provided must end|filepath provided must end in",
        "unsupported-model-file", "End the name in .keras, or in .weights.h5 with save_weights_only=True.", "K1",
    ),
    Crash(
        r"Invalid filepath extension for saving|filename must end in `\.weights\.h5`|argument 'save_format'",
        "unsupported-model-file", "Save to a name that ends in .keras, or call model.export for a SavedModel.", "K3",
    ),
    Crash(
        r"File format not supported",
        "unsupported-model-file", "Load a .keras file, or keras.layers.TFSMLayer for what model.export wrote.", "K4",
    ),
    Crash(
        r"Argument\(s\) not recognized",
        "removed-api", "Use the arguments that this version has: learning_rate, and a schedule for decay.", "K2",
    ),
    Crash(
        r"A KerasTensor (cannot be used as input to a TensorFlow function|is symbolic)",
        "tensorflow-on-symbolic-tensor", "Use keras.ops in its place, or put the operation into a layer of its own.",
    ),
    Crash(
        r"has no attribute '(get_scaled_loss|get_unscaled_gradients)'",
        "loss-not-scaled", "Call optimizer.scale_loss(loss) inside the tape; apply_gradients unscales by itself.",
    ),
    Crash(
        rf"has no attribute '({REMOVED})'|module '{LIBRARY}[\w.]*' has no attribute"
        rf"|cannot import name .* from '{LIBRARY}\b|No module named '{LIBRARY}\."
        rf"|is not supported in Keras 3|Unrecognized keyword arguments passed to"
        rf"|(Trainer|Model|Sequential|Functional)\.\w+\(\) got an unexpected keyword argument",
        "removed-api", "Use what the installed version offers in its place; Keras 3 has dropped it.", "K6",
    ),
    Crash(
        r"cannot add new elements of state|Exception encountered when calling(.|\n)*singleton tf\.Variables",
        "state-created-in-call", "Create layers and weights in __init__ or build, and only use them in call.",
    ),
    Crash(
        r"Unknown variable: <|cannot recognize variable",
        "optimizer-built-for-other-variables",
        "Make an optimiser for each model, or build it with all variables: optimizer.build(variables).",
    ),
    Crash(
        r"singleton tf\.Variables|tried to create variables on non-first call",
        "variable-created-in-function", "Create variables and optimisers outside of the function, once.",
    ),
    Crash(
        r"object has no attribute 'numpy'|[Cc]annot convert a symbolic tf\.Tensor|You cannot convert it to a NumPy",
        "numpy-in-graph", "Stay within tf and keras.ops functions in what is traced; numpy cannot follow there.",
    ),
    Crash(
        r"export a function which references an 'untracked' resource",
        "export-differs", "Export a call with training=False, of a model that is an attribute of what is exported.",
    ),
    Crash(
        r"`Lambda` layer whose `function` is a Python lambda|deserializ(e|ation of) .*[Ll]ambda",
        "lambda-not-loadable", "Write a small layer class in the place of the Lambda layer, and register it.",
    ),
    Crash(
        r"Could not locate (class|function)|must override `get_config\(\)`|could not be deserialized properly"
        r"|Unknown (layer|loss function|metric function|object)",
        "custom-object-not-registered",
        "Put @keras.saving.register_keras_serializable() on it, and write get_config for what __init__ takes.",
    ),
)  # fmt: skip
BATCHING = re.compile(
    r"[Ii]nvalid input shape|is incompatible with the layer|must have rank|incompatible shape|must have the same rank"
    r"|expected min_ndim|[Ii]ncompatible shapes|must be the same rank|[Ss]hape must be|must be at least rank|axis"
    r"|[Nn]egative dimension size|[Dd]imensions must be equal|[Mm]atrix size-incompatible|out of bounds"
    r"|must have the same"
)
UNBATCHED = "The dataset is not batched: its elements are single samples."
TWICE = "The dataset is batched twice: its elements have one axis too many.", "Call batch once."


def keras_crash(evidence: Evidence, make: Maker, at: Place) -> Finding | None:
    """The finding that names what ended the program; None where this is nothing of Keras' own."""
    raised = evidence.raised
    if raised is None:
        return None
    told = f"{raised.type}: {one_line(raised.message)}"
    figures = {"exception": raised.type, "stage": raised.stage, "step": raised.steps}
    batched = _batching(evidence) if BATCHING.search(raised.message) else None
    if batched is not None:
        message, fix = batched
        return make("dataset-batched-wrongly", "critical", f"{message} ({told})", fix, at=at, **figures)
    for one in CRASHES:
        if re.search(one.pattern, f"{raised.type}: {raised.message}"):
            return make(one.id, "critical", told, one.fix, at=at, no=one.number, **figures)
    return None


def _batching(evidence: Evidence) -> tuple[str, str] | None:
    """What is wrong with the axes of the dataset that fit was given last, or that a loop goes through."""
    fitting = evidence.counted.section("fitting", Fitting)
    last: Fit | None = fitting.fits[-1] if fitting and fitting.fits else None
    if last is None or last.x_axes is None:
        return _looping(evidence)
    if last.model_axes is not None and last.x_axes == last.model_axes + 1:
        return TWICE
    alone = last.model_axes is not None and last.x_axes == last.model_axes - 1
    if alone or (last.y_axes == 0 and last.x_axes >= 1):
        return UNBATCHED, "Call dataset.batch(size) before fit."
    return None


def _looping(evidence: Evidence) -> tuple[str, str] | None:
    figures = evidence.counted.section("data", DataFigures)
    batched = figures.batched if figures is not None and not evidence.steps else None
    if batched == 0:
        return UNBATCHED, "Call dataset.batch(size) once."
    if batched is not None and batched > 1:
        return TWICE
    return None
