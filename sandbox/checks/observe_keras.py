"""Watch a Keras 3 program on TensorFlow train: fit and evaluate, custom loops with a tape, losses, data passes.

Runs inside the jail. Nothing of the program is changed; functions of Keras and TensorFlow are wrapped.
"""

from typing import Any

import keras
import tensorflow as tf
from observe_keras_calls import Calls
from observe_keras_choices import chosen, watch_choices
from observe_keras_fit import Fit
from observe_keras_losses import Losses
from observe_keras_probe import probe
from observe_keras_train import Training
from observe_passes import Passes
from observe_record import Record, harmless


class Watch:
    """Everything that was installed, and the frames it has to tell at the end."""

    version = tf.__version__

    def __init__(self, record: Record) -> None:
        self.record = record
        self.passes = Passes(record)
        self.calls = Calls(record, self.passes)
        self.training = Training(record, self.calls, self.passes)
        self.losses = Losses(record, self.calls, self.passes)
        self.fit = Fit(record, self.calls, self.passes, self.losses)

    def detach(self) -> None:
        """Stop watching, so that the probes below are not seen as training."""
        self.record.depth = 1 << 30
        self.training.inside = True
        tf.get_logger().setLevel("ERROR")

    def frames(self) -> list[dict[str, Any]]:
        root = self.calls.root()
        harmless(self.record)(self.losses.judge)(root)
        facts = {**self.record.facts(), **self.training.facts(root), **self.calls.facts(root)}
        optimizers = [one.optimizer for one in self.training.held.values() if one.steps]
        facts["choices"] = harmless(self.record)(chosen)(self.record.choices, root, optimizers, self.losses.compiled)
        frames = [{"kind": "facts", **facts}]
        frames += harmless(self.record, [])(self.passes.frames)()
        if root is not None:
            frames += probe(root)
        return frames


def install(record: Record) -> Watch:
    watch = Watch(record)
    watch.calls.install()
    watch.training.install()
    watch.losses.install()
    watch.fit.install()
    watch_choices(record.choices)
    _watch_saves(record)
    return watch


def _watch_saves(record: Record) -> None:
    for name in ("save", "save_weights"):
        original = getattr(keras.Model, name)

        def watched(model: Any, filepath: Any, *args: Any, _original: Any = original, **kwargs: Any) -> Any:
            result = _original(model, filepath, *args, **kwargs)
            record.checkpoints.append({"path": str(filepath)[:200], "keys": None, "type": type(model).__name__})
            return result

        setattr(keras.Model, name, watched)
