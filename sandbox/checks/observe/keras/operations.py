"""Which TensorFlow operations one forward pass of a Keras model is made of: what no list of layers tells."""

from collections import Counter
from typing import Any

import tensorflow as tf

ADDS = ("Add", "AddV2")


def operations(subject: Any) -> dict[str, Any]:
    """Counts of the operations; an addition of two activations of one shape counts as "residual"."""
    call = tf.function(lambda batch: subject.module(batch, training=False), autograph=False)
    graph = call.get_concrete_function(subject.batch).graph
    counts: Counter[str] = Counter()
    for operation in graph.get_operations():
        counts[operation.type] += 1
        counts["residual"] += operation.type in ADDS and _are_activations(operation.inputs)
    return {"counts": dict(counts.most_common(200)), "rates": []}


def _are_activations(inputs: Any) -> bool:
    shapes = [one.shape for one in inputs]
    known = all(shape.rank is not None and shape.rank >= 2 for shape in shapes)
    return known and len(shapes) == 2 and shapes[0] == shapes[1]
