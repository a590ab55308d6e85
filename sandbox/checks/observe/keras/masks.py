"""The attention masks that one forward pass of a trained Keras model uses.

Runs inside the jail.
"""

from typing import Any

import keras
import numpy as np

from observe.keras.calls import to_numpy
from observe.masks import describe_mask
from observe.record import user_frame


def masks(subject: Any) -> dict[str, Any]:
    """One entry for each `attention_mask` that a MultiHeadAttention layer was given, in the order of use."""
    seen: list[dict[str, Any]] = []
    owner = keras.layers.MultiHeadAttention
    original = owner.call

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        mask = kwargs.get("attention_mask")
        if mask is not None:
            excluded = ~to_numpy(mask).astype(np.bool_)
            told = {"function": "keras.layers.MultiHeadAttention", "layer": layer.name, "where": user_frame()}
            seen.append({**told, **describe_mask(excluded)})
        return original(layer, *args, **kwargs)

    owner.call = call
    try:
        subject()
    finally:
        owner.call = original
    return {"seen": seen[:50]}
