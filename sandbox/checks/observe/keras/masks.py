"""The attention masks that one forward pass of a trained Keras model uses.

Runs inside the jail.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from observe.keras.calls import to_numpy
from observe.keras.private import op_callbacks
from observe.masks import FORBIDDING, describe_mask
from observe.record import user_frame

MOST = 50


def masks(subject: Any) -> dict[str, Any]:
    """One entry for each `attention_mask` of a MultiHeadAttention layer, and for what hides tokens from scores."""
    seen: list[dict[str, Any]] = []
    lead = to_numpy(subject.lead)
    ids = lead if lead.ndim == 2 and lead.dtype.kind in "iu" else None
    owner = keras.layers.MultiHeadAttention
    original = owner.call

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        mask = kwargs.get("attention_mask")
        if mask is not None:
            excluded = ~to_numpy(mask).astype(np.bool_)
            told = {"function": "keras.layers.MultiHeadAttention", "layer": layer.name, "where": user_frame()}
            seen.append({**told, **describe_mask(_of_tokens(excluded, ids), ids=ids)})
        return original(layer, *args, **kwargs)

    def listen(type: Any, inputs: Any, attributes: Any, outputs: Any, op_name: Any = None, graph: Any = None) -> None:
        if graph is not None or ids is None:
            return  # a function is being traced: there are no values yet
        kind = type.decode() if isinstance(type, bytes) else str(type)
        for excluded in _hidden(kind, inputs, ids) if len(seen) < MOST else ():
            seen.append({"function": "scores", "where": user_frame(), **describe_mask(excluded, ids=ids)})

    owner.call = call
    op_callbacks.add_op_callback(listen)
    try:
        subject()
    finally:
        owner.call = original
        op_callbacks.remove_op_callback(listen)
    return {"seen": seen[:MOST]}


def _of_tokens(excluded: np.ndarray, ids: np.ndarray | None) -> np.ndarray:
    """The mask with one entry for each token, where it says the same of each of them to all others."""
    if ids is None or excluded.ndim < 2:
        return excluded
    rows = excluded[..., :1, :] if excluded.shape[-2:] == (ids.shape[1], ids.shape[1]) else excluded
    same = rows.size == ids.size and bool((rows == excluded).all())
    return rows.reshape(ids.shape) if same else excluded


def _hidden(kind: str, inputs: Any, ids: np.ndarray) -> Iterator[np.ndarray]:
    """Masks of the shape of the tokens: true where a large negative number is put, or added to a score."""
    if kind == "SelectV2":
        condition, *values = inputs
        for excludes, constant in zip((True, False), values, strict=True):
            single = constant.shape.num_elements() == 1 and constant.dtype.is_floating
            if single and condition.shape.num_elements() == ids.size and to_numpy(constant).min() < FORBIDDING:
                yield (to_numpy(condition) == excludes).reshape(ids.shape)
    elif kind == "AddV2":
        for other in inputs:
            if other.dtype.is_floating and other.shape.num_elements() == ids.size and other.shape[0] == len(ids):
                values = to_numpy(other)
                excluded = values < FORBIDDING
                if excluded.any() and not values[~excluded].any():
                    yield excluded.reshape(ids.shape)
