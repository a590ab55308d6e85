"""Watch a Keras 3 program on TensorFlow train: fit and evaluate, custom loops with a tape, losses, data passes.

Runs inside the jail. Nothing of the program is changed; functions of Keras and TensorFlow are wrapped.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from observe.glance import tell_now_and_then
from observe.keras.ascent import Ascent
from observe.keras.calls import Calls, Model
from observe.keras.choices import chosen, watch_choices
from observe.keras.class_weights import ClassWeights
from observe.keras.construct import call_what_is_defined as call_what_is_defined
from observe.keras.decisions import Decisions
from observe.keras.devices import Devices
from observe.keras.fit import Fit
from observe.keras.judged import Judged
from observe.keras.losses import Losses
from observe.keras.probe import probe
from observe.keras.samples import Data
from observe.keras.scale import Scale
from observe.keras.seeds import Repeatable
from observe.keras.task import Task
from observe.keras.told import Told
from observe.keras.train import Training
from observe.keras.training_sections import TRAINING_SECTIONS
from observe.passes import Passes
from observe.record import Record, harmless
from observe.section import Section

SECTIONS: tuple[type[Section], ...] = (
    Repeatable,
    Data,
    Scale,
    Task,
    Decisions,
    Judged,
    Ascent,
    ClassWeights,
    Told,
    Devices,
    *TRAINING_SECTIONS,
)
"""In the order in which they are made."""


class Watch:
    """Everything that was installed, and the frames it has to tell at the end."""

    version = tf.__version__

    def __init__(self, record: Record) -> None:
        self.record = record
        self.passes = Passes(record)
        self.sections: list[Section] = []
        self.calls = Calls(record, self.passes)
        self.training = Training(record, self.calls, self.passes)
        self.losses = Losses(record, self.calls, self.passes)
        self.fit = Fit(record, self.calls, self.passes, self.losses)

    def detach(self) -> None:
        """Stop watching, so that the probes below are not seen as training."""
        self.record.detach()
        self.training.traced.inside = True
        tf.get_logger().setLevel("ERROR")

    def counted(self, root: Model | None = None) -> dict[str, Any]:
        """What the ledgers hold so far; `root` is the model that was trained, which is found where it is not given."""
        root = root or self.calls.root()
        early = [one for one in self.sections if getattr(one, "at_any_time", False)]
        return self._ledgers(root) | {"sections": self._told(early, root)}

    def _ledgers(self, root: Model | None) -> dict[str, Any]:
        return {**self.record.facts(), **self.training.facts(root), **self.calls.facts(root)}

    def _told(self, sections: Sequence[Section], root: Model | None) -> dict[str, Any]:
        return {one.name: harmless(self.record)(one.facts)(root) for one in sections}

    def frames(self) -> Iterator[dict[str, Any]]:
        """What is known at the end; the probes of the trained model come as they are made."""
        root = self.calls.root()
        harmless(self.record)(self.losses.judge)(root)
        facts = self._ledgers(root)
        optimizers = [one.optimizer for one in self.training.held.values() if one.steps]
        facts["choices"] = harmless(self.record)(chosen)(self.record.choices, root, optimizers, self.losses.compiled)
        facts["sections"] = self._told(self.sections, root)
        yield {"kind": "facts", **facts}
        yield from harmless(self.record, [])(self.passes.frames)()
        if root is not None:
            yield from probe(root)


def install(record: Record) -> Watch:
    watch = Watch(record)
    watch.calls.install()
    watch.training.install()
    watch.losses.install()
    watch.fit.install()
    watch_choices(record.choices)
    _watch_saves(record)
    watch.sections = [section(watch) for section in SECTIONS]
    tell_now_and_then(record, watch.counted)
    return watch


def _watch_saves(record: Record) -> None:
    for name in ("save", "save_weights"):
        original = getattr(keras.Model, name)

        def watched(model: Any, filepath: Any, *args: Any, _original: Any = original, **kwargs: Any) -> Any:
            result = _original(model, filepath, *args, **kwargs)
            record.checkpoints.append(
                {"path": str(filepath)[:200], "keys": None, "type": type(model).__name__, "step": record.steps}
            )
            return result

        setattr(keras.Model, name, watched)
