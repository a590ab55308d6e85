"""Which losses a Keras program uses, and whether the model answers what they were told to expect."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.keras.calls import Calls, Model, first_tensor, to_numpy
from observe.passes import Passes, pair
from observe.record import Record, harmless, user_frame


class Losses:
    """The losses that were compiled or called."""

    def __init__(self, record: Record, calls: Calls, passes: Passes) -> None:
        self.record, self.calls, self.passes = record, calls, passes
        self.compiled: list[tuple[Any, Any, Any]] = []

    def install(self) -> None:
        self._watch_compile()
        self._watch_calls()
        self._watch_metrics()
        for name in ("__sub__", "__rsub__"):
            setattr(tf.Tensor, name, self._watched_difference(getattr(tf.Tensor, name)))

    def _watched_difference(self, original: Any) -> Any:
        note = harmless(self.record)(self._difference)

        def difference(first: Any, second: Any) -> Any:
            if not self.record.depth and self.calls.answer is not None:
                note(first, second)
            return original(first, second)

        return difference

    def _difference(self, first: Any, second: Any) -> None:
        """The model's answer (N, 1) and something of shape (N,) make an N x N matrix."""
        answer = self.calls.answer()
        if answer is None or not (first is answer or second is answer) or not hasattr(second, "shape"):
            return
        other = second if first is answer else first
        shapes = [list(answer.shape), list(other.shape)]
        if len(shapes[0]) == 2 and shapes[0][1] == 1 and len(shapes[1]) == 1 and shapes[0][0] == shapes[1][0] != 1:
            self.record.note("outer-difference", shapes=shapes)

    def _watch_compile(self) -> None:
        # Where it is defined: Keras takes another `compile` on keras.Model for a custom one, and does not reload it.
        owner = next(one for one in keras.Model.__mro__ if "compile" in vars(one))
        original = owner.compile

        def compile(model: Any, *args: Any, **kwargs: Any) -> None:
            original(model, *args, **kwargs)
            self.compiled.append((model, getattr(model, "loss", None), user_frame()))

        owner.compile = compile

    def _watch_calls(self) -> None:
        original, seen = keras.losses.Loss.__call__, harmless(self.record)(self._called)

        def call(loss: Any, y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
            seen(loss, y_true, y_pred)
            return original(loss, y_true, y_pred, *args, **kwargs)

        keras.losses.Loss.__call__ = call

    def _watch_metrics(self) -> None:
        cls = keras.metrics.MeanMetricWrapper
        original, seen = cls.update_state, harmless(self.record)(self._answered)

        def update_state(metric: Any, y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
            seen(y_true, y_pred)
            return original(metric, y_true, y_pred, *args, **kwargs)

        cls.update_state = update_state

    def _called(self, loss: Any, y_true: Any, y_pred: Any) -> None:
        where = user_frame()
        self._answered(y_true, y_pred)
        if any(loss is one for _, one, _ in self.compiled) or len(self.compiled) > 50:
            return
        self.compiled.append((None, loss, where))

    def _answered(self, y_true: Any, y_pred: Any) -> None:
        """A model call without a dataset learns its targets from the loss or metric computed on its output."""
        direct = self.passes.direct
        if direct is None or direct.task is not None or not tf.executing_eagerly() or self.record.depth:
            return
        output = to_numpy(y_pred)
        paired = pair(output, [to_numpy(y_true)])
        if direct.calls == 1 and paired is not None and len(output) == direct.samples:
            direct.task, direct.predicted, direct.target = paired[0], [paired[1]], [paired[2]]

    def judge(self, root: Model | None) -> None:
        """Compare what the losses expect with what the trained model answers on its captured batch."""
        if root is None or root.batch is None:
            return
        output = to_numpy(first_tensor(root.module(root.batch, training=False)))
        for model, loss, where in self.compiled:
            expected = describe_loss(loss)
            if expected is None or (model is not None and model is not root.module):
                continue
            figures = {
                **expected,
                "answers": answers(output, expected["binary"], last_activation(root.module)),
                "min": float(output.min()),
                "max": float(output.max()),
                "output_shape": list(output.shape),
            }
            name = f"keras:{expected['name']}"
            self.record.loss_calls[name, where] = {"function": name, "where": where, "calls": 1, "sampled": [figures]}


def describe_loss(loss: Any) -> dict[str, Any] | None:
    """Name, kind and from_logits of a cross-entropy; None for other losses."""
    if isinstance(loss, str):
        name, told = loss, False
    elif isinstance(loss, keras.losses.Loss):
        name, told = type(loss).__name__, bool(getattr(loss, "_fn_kwargs", {}).get("from_logits", False))
    elif callable(loss) and str(getattr(loss, "__module__", "")).startswith("keras."):
        name, told = loss.__name__, False
    else:
        return None
    plain = name.lower().replace("_", "")
    if "crossentropy" not in plain:
        return None
    return {"name": name, "from_logits": told, "binary": "binary" in plain}


def answers(output: np.ndarray, binary: bool, activation: str | None) -> str:
    """Tell probabilities from logits by their values, and by the last activation where values cannot tell."""
    inside = output.min() >= 0 and output.max() <= 1 + 1e-6
    if not inside:
        return "logits"
    if binary:
        return {"sigmoid": "probabilities", "linear": "logits"}.get(activation or "", "unknown")
    sums = output.astype(np.float64).sum(-1)
    return "probabilities" if output.shape[-1] > 1 and np.abs(sums - 1).max() < 1e-2 else "unknown"


def last_activation(model: keras.Model) -> str | None:
    layers = [layer for layer in model._flatten_layers(include_self=False) if hasattr(layer, "activation")]
    return getattr(layers[-1].activation, "__name__", None) if layers else None
