"""Which TensorFlow operations one forward pass of a Keras model is made of: what no list of layers tells."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import tensorflow as tf

ADDS = ("Add", "AddV2")
PRODUCTS = ("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "Einsum")
ASIDE = ("Shape", "Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual")
"""What masks and sizes are made of: it tells nothing of the values."""
MOST_OPERATIONS = 4000


def operations(subject: Any) -> dict[str, Any]:
    """Counts of the operations; an addition of two activations of one shape counts as "residual".

    `around`: for each product of attention weights and values whether a path leads around it, and how many of the
    additions have one side that leads to the other.
    """
    call = tf.function(lambda batch: subject.module(batch, training=False), autograph=False)
    graph = call.get_concrete_function(subject.batch).graph
    counts: Counter[str] = Counter()
    added = []
    for operation in graph.get_operations():
        counts[operation.type] += 1
        if operation.type in ADDS and _are_activations(operation.inputs):
            counts["residual"] += 1
            added.append(operation)
    around = _around(graph, added) if len(graph.get_operations()) < MOST_OPERATIONS else {}
    return {"counts": dict(counts.most_common(200)), "rates": [], "around": around}


def _are_activations(inputs: Any) -> bool:
    shapes = [one.shape for one in inputs]
    known = all(shape.rank is not None and shape.rank >= 2 for shape in shapes)
    return known and len(shapes) == 2 and shapes[0] == shapes[1]


def _around(graph: Any, added: list[Any]) -> dict[str, Any]:
    """Which products of self-attention nothing leads around, on the way from the inputs to the outputs."""
    fed = {one.op for one in graph.inputs if one.dtype != tf.resource}
    ends = [one.op for one in graph.outputs]
    products = list(_attentions(graph))[:24]
    bare = [not _reaches(ends, fed, without=one) for one in products]
    skips = sum(any(_reaches([a.op], {b.op}, without=None) for a, b in (one.inputs, one.inputs[::-1])) for one in added)
    return {"attentions": len(bare), "bare": sum(bare), "skips": skips}


def _attentions(graph: Any) -> Iterator[Any]:
    """Products of square weights that a softmax has made with what they weight."""
    for operation in graph.get_operations():
        if operation.type == "Softmax" and len(operation.outputs[0].shape) >= 3:
            shape = operation.outputs[0].shape
            weighted = _product(operation) if shape[-1] == shape[-2] else None
            if weighted is not None:
                yield weighted


def _product(operation: Any) -> Any:
    for _ in range(8):
        users = [user for output in operation.outputs for user in output.consumers() if user.type != "Shape"]
        operation = users[0] if users else None
        if operation is None or operation.type in PRODUCTS:
            return operation
    return None


def _reaches(ends: list[Any], wanted: set[Any], *, without: Any) -> bool:
    waiting, seen = list(ends), set()
    while waiting:
        operation = waiting.pop()
        if operation in wanted:
            return True
        if operation is without or operation in seen or operation.type in ASIDE:
            continue
        seen.add(operation)
        waiting += [one.op for one in operation.inputs]
    return False
