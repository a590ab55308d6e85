"""What a program without modules feeds to its first layer, read from the graph of its loss.

Runs inside the jail.
"""

from typing import Any

import torch

MOST_NODES = 400
SAVED = {
    "AddmmBackward0": (1, "_saved_mat1", "_saved_mat2"),
    "MmBackward0": (0, "_saved_self", "_saved_mat2"),
    "ConvolutionBackward0": (0, "_saved_input", "_saved_weight"),
}
"""Operation -> the place of its data among its inputs, and what it keeps of data and of weight."""


def first_inputs(loss: torch.Tensor) -> tuple[torch.Tensor | None, set[int]]:
    """The data that needs no gradient and meets a weight that does; and where such weights lie in memory."""
    found: torch.Tensor | None = None
    weights: set[int] = set()
    waiting, seen = [loss.grad_fn], set()
    while waiting and len(seen) < MOST_NODES:
        node: Any = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        followed = [one for one, _ in node.next_functions]
        place, data, weight = SAVED.get(node.name(), (None, "", ""))
        if place is not None and len(followed) > place and followed[place] is None:
            inputs = getattr(node, data)
            if inputs is not None:
                found = inputs
                kept = getattr(node, weight)
                weights |= {kept.data_ptr()} if kept is not None else set()
                weights |= _leaves(followed)
        waiting += followed
    return found, weights


def _leaves(nodes: list[Any]) -> set[int]:
    """Where the parameters lie that these nodes, or what they look through, accumulate gradients for."""
    found = set()
    for node in nodes:
        for _ in range(3):
            if node is None:
                break
            if hasattr(node, "variable"):
                found.add(node.variable.data_ptr())
                break
            node = node.next_functions[0][0] if node.next_functions else None
    return found
