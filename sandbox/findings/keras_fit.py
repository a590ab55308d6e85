"""Findings about Keras' own loop: what fit was given, what its callbacks watch, and what its metrics count."""

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

FALLING = re.compile(r"loss|error|\bm[as]e\b|rmse|perplexity|entropy|divergence|nll")
RISING = re.compile(r"acc|auc|precision|recall|f1|iou|dice|r2|psnr|ssim")
PLAIN = ("loss", "accuracy", "acc")
"""What these names mean leaves no doubt about the direction."""


class Fit(BaseModel):
    """One call of fit; the axes are those of a dataset's elements and of the model's first input."""

    where: Place = None
    run_eagerly: bool = False
    epochs: int = 1
    steps_per_epoch: int | None = None
    steps: int = 0
    changed: list[str] = []
    x_axes: int | None = None
    y_axes: int | None = None
    model_axes: int | None = None
    endless: bool = False


class Prediction(BaseModel):
    where: Place = None
    calls: int
    rows: int
    """Samples of the largest call."""


class Debugged(BaseModel):
    """Where all functions were told to run eagerly, and the steps since then."""

    where: Place = None
    steps: int = 0


class Fitting(BaseModel):
    debugged: Debugged | None = None
    endless: list[Place] = []
    """Loops over datasets without an end that had not come to their end when this was told."""
    fits: list[Fit] = []
    predictions: list[Prediction] = []


class Watching(BaseModel):
    """A callback that compares figures; `best` and `last` are of what it monitors, in the run that it watched."""

    kind: Literal["EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau"]
    where: Place = None
    monitor: str
    direction: Literal["min", "max"] | None = None
    logged: list[str] = []
    restores: bool = False
    best_only: bool = False
    best: float | None = None
    last: float | None = None


class Callbacks(BaseModel):
    seen: list[Watching] = []


class Metric(BaseModel):
    """The sums that a metric held after the model's metrics were reset, and where passes over data ended."""

    name: str
    kind: str
    where: Place = None
    after_reset: list[float] = []
    after_pass: list[float] = []


class Accuracy(BaseModel):
    """One batch: what the metric said (told), and the share of right answers."""

    name: str
    kind: str
    where: Place = None
    told: float
    right: float
    samples: int
    task: str
    bounded: bool


class Metrics(BaseModel):
    made: list[Metric] = []
    accuracies: list[Accuracy] = []


def fitting(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """How fit and predict were called."""
    found = facts.section("fitting", Fitting)
    for one in found.fits if found else []:
        if one.changed:
            message = f"{len(one.changed)} variables were frozen or unfrozen since compile ({one.changed[0]}), and fit"
            message += " goes on with the training step that was made before."
            fix = "Call model.compile again after setting trainable."
            yield make(
                "trainable-changed-after-compile", "critical", message, fix, at=one.where, names=one.changed[:20]
            )
        if one.endless and one.steps_per_epoch is None:
            message = "fit was given a dataset without an end and no steps_per_epoch: its first epoch never ends."
            yield make(
                "dataset-without-end", "critical", message, "Pass steps_per_epoch, or leave out repeat().", at=one.where
            )
    if found is not None:
        yield from _endless(found, evidence, make)
        yield from _eager(found, make)
    for one in found.predictions if found else []:
        if one.calls >= 20 and one.rows <= 64:
            message = f"model.predict was called {one.calls} times from this line, with {one.rows} samples at most."
            fix = "Call predict once for all samples, or model(x, training=False) for a few."
            yield make("predict-in-loop", "warning", message, fix, at=one.where, calls=one.calls, rows=one.rows)


def _endless(found: Fitting, evidence: Evidence, make: Maker) -> Iterator[Finding]:
    """A loop of the program's own: likely, and no more, for what cut the run short may have come behind it."""
    for place in found.endless if not evidence.ended and evidence.raised is None else []:
        message = "The loop goes through a dataset without an end, and the run was cut short without its having ended."
        fix = "Leave out repeat(), or go through dataset.take(steps)."
        yield make("dataset-without-end", "warning", message, fix, at=place)


def _eager(found: Fitting, make: Maker) -> Iterator[Finding]:
    eager: list[Fit | Debugged] = [one for one in found.fits if one.run_eagerly]
    eager += [found.debugged] if found.debugged else []
    for one in [one for one in eager if one.steps >= 20][:1]:
        message = f"{one.steps} training steps were run eagerly, operation by operation."
        fix = "Leave out run_eagerly=True and run_functions_eagerly; they are for debugging."
        yield make("run-eagerly-left-on", "warning", message, fix, at=one.where, steps=one.steps)


def warned(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What Keras warned of, with the line of the program where it is known."""
    found = facts.section("fitting", Fitting)
    counted = [one for one in found.fits if one.steps_per_epoch is not None] if found else []
    for text in dict.fromkeys(str(one.get("message", "")) for one in facts.warnings):
        if "ran out of data" in text and (counted or len(found.fits if found else []) == 1):
            one = (counted or found.fits)[-1]
            of = f" of {one.steps_per_epoch} steps" if counted else ""
            message = f"fit was asked for {one.epochs} epochs{of}, and the data ended after {one.steps} steps."
            fix = "Leave out steps_per_epoch, or repeat the dataset; a generator is used up after one epoch."
            yield make("data-exhausted", "warning", message, fix, at=one.where, steps=one.steps)
        elif "`decay` is no longer supported" in text:
            fix = "Pass a schedule as the learning rate, such as ExponentialDecay."
            yield make("removed-api", "warning", text, fix, no="K2")
        elif "Do not pass an `input_" in text:
            fix = "Put keras.Input(shape) first, or let the model learn the shape from its first batch."
            yield make("input-shape-argument", "info", text, fix)


def callbacks(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Callbacks that look the wrong way, and early stops that keep the last weights."""
    found = facts.section("callbacks", Callbacks)
    seen = found.seen if found else []
    for one in seen:
        meant = _meant(one.monitor)
        if one.logged and one.monitor not in one.logged and (one.kind != "ModelCheckpoint" or one.best_only):
            message = f"{one.kind} watches {one.monitor}, and what is logged is {', '.join(one.logged[:8])}."
            fix = "Monitor one of these names, and pass validation data for those that begin with val_."
            number = "F6" if one.kind == "ModelCheckpoint" else "K18"
            yield make("monitor-not-available", "critical", message, fix, at=one.where, no=number, logged=one.logged)
            continue
        if meant and one.direction and one.direction != meant and (one.kind != "ModelCheckpoint" or one.best_only):
            name = one.monitor.removeprefix("val_")
            message = f"{one.kind} takes the {_word(one.direction)} {one.monitor} for the best."
            fix = f'Pass mode="{meant}", or leave mode out.'
            severity = "critical" if name in PLAIN else "warning"
            yield make("callback-in-wrong-direction", severity, message, fix, at=one.where, monitor=one.monitor)
    kept = any(one.kind == "ModelCheckpoint" and one.best_only for one in seen)
    stops = [one for one in seen if one.kind == "EarlyStopping"]
    if stops and not kept and not any(one.restores for one in stops):
        one = stops[-1]
        worse = abs(one.last - one.best) if one.last is not None and one.best is not None else 0.0
        if one.best is not None and worse > 0.02 * abs(one.best):
            message = (
                f"Training ended with {one.monitor} at {one.last:.4g}, and its best was {one.best:.4g}: the weights"
            )
            message += " of that epoch are lost."
            fix = "Pass restore_best_weights=True, or keep the best epoch with ModelCheckpoint(save_best_only=True)."
            yield make("best-weights-not-restored", "warning", message, fix, at=one.where, best=one.best, last=one.last)


def _meant(monitor: str) -> Literal["min", "max"] | None:
    falling, rising = FALLING.search(monitor), RISING.search(monitor)
    return None if bool(falling) == bool(rising) else "min" if falling else "max"


def _word(direction: str) -> str:
    return "lowest" if direction == "min" else "highest"


def metrics(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Metrics that run on over all epochs, and accuracies that are none."""
    found = facts.section("metrics", Metrics)
    for one in found.made if found else []:
        if _runs_on(one):
            message = f"{one.kind} {one.name!r} is never reset: each epoch's figure is that of all epochs so far."
            fix = "Call reset_state at the start of each epoch, or return the metric from the model's metrics property."
            yield make("metric-not-reset", "warning", message, fix, at=one.where, name=one.name)
    for one in found.accuracies if found else []:
        if one.samples >= 16 and abs(one.told - one.right) > 0.02:
            message = f"{one.name} ({one.kind}) is {one.told:.3f} where {one.right:.3f} of the answers are right."
            fix, number = "Take the accuracy that fits the labels: sparse_categorical, categorical or binary.", None
            if "binary" in one.kind and one.task == "scores" and not one.bounded:
                fix, number = "The model answers logits: use BinaryAccuracy(threshold=0.0).", "F3"
            yield make(
                "accuracy-of-wrong-kind", "warning", message, fix,
                at=one.where, no=number, told=one.told, right=one.right, samples=one.samples,
            )  # fmt: skip


def _runs_on(one: Metric) -> bool:
    """Whether its sums grow by about a whole pass each time, and are never empty after a reset of the model's."""
    full = [total for total in one.after_reset if total > 0]
    if len(full) >= 2 and len(full) == len(one.after_reset) - 1 and full == sorted(full) and full[0] < full[-1]:
        return True
    first = one.after_pass[0] if one.after_pass else 0.0
    growth = [b - a for a, b in zip(one.after_pass, one.after_pass[1:], strict=False)]
    return len(growth) >= 2 and all(one >= 0.5 * first for one in growth)


def saving(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Whole models that were saved, and cannot be made again from what was saved."""
    told = str(evidence.probes.get("round-trip", {}).get("rebuilding", ""))
    trained = evidence.model.class_name if evidence.model else ""
    paths = [str(one.get("path", "")) for one in facts.checkpoints if one.get("type") == trained]
    whole = [path for path in paths if path.endswith((".keras", ".h5")) and not path.endswith(".weights.h5")]
    if not whole or not told:
        return
    if "Lambda" in told:
        fix = "Write a small layer class in the place of the Lambda layer, and register it."
        message = f"{whole[0]} holds a Lambda layer with a Python lambda, which load_model refuses."
        yield make("lambda-not-loadable", "warning", message, fix, path=whole[0])
    elif re.search(r"get_config|could not be deserialized", told):
        fix = "Write get_config for what __init__ takes, and put @keras.saving.register_keras_serializable() on it."
        message = f"{whole[0]} cannot be loaded again: {told[:200]}"
        yield make("custom-object-not-registered", "warning", message, fix, path=whole[0])
