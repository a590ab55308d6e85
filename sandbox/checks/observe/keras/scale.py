"""What reaches the first layer with weights of a trained Keras model. Runs inside the jail, after the program."""

from typing import Any

import keras

from observe.keras.calls import first_tensor, to_numpy
from observe.scale import NORMALISING, scale


class Scale:
    """Asks the model once more for the captured batch, and looks at what its first layer is given."""

    name = "scale"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record

    def facts(self, root: Any) -> dict[str, Any]:
        if root is None or root.batch is None:
            return {}
        with self.record.aside():
            return first_layer(root.module, root.batch)


def first_layer(model: Any, batch: Any) -> dict[str, Any]:
    """Figures of the first layer that one eager pass in evaluation mode comes to."""
    found: list[tuple[str, Any]] = []
    original = keras.Layer.__call__

    def reached(layer: Any, *args: Any, **kwargs: Any) -> Any:
        name = type(layer).__name__
        simple = not any(True for _ in layer._flatten_layers(include_self=False))
        if not found and simple and (layer.weights or any(one in name for one in NORMALISING)):
            tensor = first_tensor((args, kwargs))
            found.append((name, None if tensor is None else to_numpy(tensor)))
        return original(layer, *args, **kwargs)

    keras.Layer.__call__ = reached
    try:
        model(batch, training=False)
    finally:
        keras.Layer.__call__ = original
    layer, inputs = found[0] if found else ("", None)
    return scale(layer, inputs) if inputs is not None else {}
