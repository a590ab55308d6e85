"""What the first convolution of a Keras model over pictures is given, and where it looks for the channels.

Runs inside the jail.
"""

from typing import Any

import keras

from observe.keras.calls import first_tensor
from observe.probe import NotApplicable
from observe.record import user_frame

CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)


def images(subject: Any) -> dict[str, Any]:
    """Shape and data format, and whether the model's own input comes so."""
    found: list[dict[str, Any]] = []
    original = keras.layers.Layer.__call__

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if not found and isinstance(layer, CONVOLUTIONS):
            shape = [int(one) for one in first_tensor((args, kwargs)).shape]
            found.append({"layer": layer.name, "shape": shape, "format": layer.data_format, "where": user_frame()})
        return original(layer, *args, **kwargs)

    keras.layers.Layer.__call__ = call
    try:
        subject()
    finally:
        keras.layers.Layer.__call__ = original
    if not found:
        raise NotApplicable("The model has no convolution over pictures.")
    return found[0] | {"given": [int(one) for one in subject.lead.shape]}
