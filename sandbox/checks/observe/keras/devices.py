"""Where the variables of a Keras model live, which is where they were made. Runs inside the jail."""

from collections import Counter
from typing import Any


class Devices:
    """Reads them off the model once the program has ended."""

    name = "devices"

    def __init__(self, watch: Any) -> None:
        """There is nothing to listen to."""

    def facts(self, root: Any) -> dict[str, Any]:
        weights = root.module.trainable_weights if root is not None else []
        return {"parameters": dict(Counter(str(one.value.device) for one in weights))}
