"""A trained Keras model and a captured batch, as the probes ask it.

Runs inside the jail.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.answers import Answers
from observe.keras.calls import Model, first_tensor, to_numpy
from observe.nodes import are_nodes, held_by_program


class Subject:
    """A model and a captured batch; a call answers in evaluation mode."""

    def __init__(self, model: Model) -> None:
        self.module, self.batch = model.module, tf.nest.map_structure(tf.convert_to_tensor, model.batch)
        self.lead = first_tensor(self.batch)
        self.rows = int(self.lead.shape[0])
        self.single_input = len(tf.nest.flatten(self.batch)) == 1

    def __call__(self, change: Callable[[Any], Any] | None = None) -> np.ndarray:
        batch = tf.nest.map_structure(change, self.batch) if change is not None else self.batch
        self._forget()
        return to_numpy(first_tensor(self.module(batch, training=False)))

    def arrays(self) -> list[np.ndarray]:
        """The tensors of the batch."""
        return [to_numpy(one) for one in tf.nest.flatten(self.batch)]

    def ask(self, inputs: list[np.ndarray]) -> np.ndarray:
        """The answer with these arrays in the places of the tensors."""
        tensors = [tf.cast(one, like.dtype) for one, like in zip(inputs, tf.nest.flatten(self.batch), strict=True)]
        batch = tf.nest.pack_sequence_as(self.batch, tensors)
        self._forget()
        shorter = any(len(one.shape) > 1 and one.shape[1] != like.shape[1] for one, like in self._pairs(tensors))
        with _of_any_length() if shorter else nullcontext():
            return to_numpy(first_tensor(self.module(batch, training=False)))

    def _pairs(self, tensors: list[Any]) -> Iterator[tuple[Any, Any]]:
        return zip(tensors, tf.nest.flatten(self.batch), strict=True)

    def _forget(self) -> None:
        """A recurrent layer that is declared to be stateful begins each question anew."""
        for layer in self.module._flatten_layers():
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
                layer.reset_state()

    @property
    def fixed_rows(self) -> bool:
        """Whether the model declares the size of its batches."""
        inputs = getattr(self.module, "inputs", None) or []
        return any(one.shape[0] is not None for one in inputs)

    @cached_property
    def answers(self) -> Answers:
        tensors = tf.nest.flatten(self.batch)
        return Answers(self.ask, self.arrays(), next(i for i, one in enumerate(tensors) if one is self.lead))

    def is_no_batch(self, sizes: dict[str, Any]) -> bool:
        """Whether the rows are the nodes of one graph; `sizes` is what smaller parts of them came to."""
        beside = [to_numpy(one) for one in tf.nest.flatten(self.batch) if one is not self.lead]
        return are_nodes(self.rows, beside, held_by_program(_dense), sizes)

    @property
    def weight_layers(self) -> int:
        return sum(len(one.shape) >= 2 for one in self.module.trainable_weights)

    @property
    def padding_ids(self) -> list[int]:
        """What the embeddings were told to be padding."""
        return [0] * any(getattr(layer, "mask_zero", False) for layer in self.module._flatten_layers())


def _dense(value: Any) -> np.ndarray | None:
    if isinstance(value, (tf.Tensor, tf.Variable)) and value.shape.rank == 2 and value.dtype.is_numeric:
        return to_numpy(value)
    return value if isinstance(value, np.ndarray) else None


@contextmanager
def _of_any_length() -> Iterator[None]:
    """Sequences of another length than the model declares are taken, wherever its layers can do with them."""
    original = keras.layers.Layer._assert_input_compatibility
    keras.layers.Layer._assert_input_compatibility = lambda layer, given: None
    try:
        yield
    finally:
        keras.layers.Layer._assert_input_compatibility = original


@contextmanager
def state_kept(module: Any) -> Iterator[None]:
    """What a call in training mode changes, such as the statistics of a BatchNormalization, is put back at the end."""
    before = [to_numpy(one.value).copy() for one in module.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in zip(module.non_trainable_variables, before, strict=True):
            variable.assign(value)
