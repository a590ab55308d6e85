"""Products with weights that follow each other with nothing between them, read from the graph of a loss.

Runs inside the jail, for programs without modules; those of a model are seen in its forward pass.
"""

from typing import Any

from observe.torch.losses_graph import operation

PRODUCTS = {"MmBackward0": (0, 1), "AddmmBackward0": (1, 2), "BmmBackward0": (0, 1), "MvBackward0": (1, 0)}
"""Operation -> the places of its data and of its weight among its inputs."""
STRAIGHT = (
    "Add", "Sub", "View", "Reshape", "UnsafeView", "ReshapeAlias", "Expand", "Squeeze", "Unsqueeze", "T", "Transpose",
    "Permute", "Clone", "ToCopy", "Alias",
)  # fmt: skip
MOST_NODES = 400


def linear_chain(loss: Any) -> list[int] | None:
    """Inputs, middle and outputs of the two products nearest to the loss that do the work of one; None without."""
    waiting, seen = [loss.grad_fn], set()
    while waiting and len(seen) < MOST_NODES:
        node = waiting.pop(0)
        if node is None or node in seen:
            continue
        seen.add(node)
        outer = _weight(node)
        inner = _behind(node) if outer is not None else None
        if outer is not None and inner is not None and inner[1] == outer[0]:
            sizes = [inner[0], outer[0], outer[1]]
            if sizes[1] >= min(sizes[0], sizes[2]):  # a narrow middle is a weight of low rank, which is meant
                return sizes
        waiting += [following for following, _ in node.next_functions]
    return None


def _weight(node: Any) -> tuple[int, int] | None:
    """(inputs, outputs) of a product with a parameter."""
    places = PRODUCTS.get(node.name())
    if places is None or len(node.next_functions) <= places[1]:
        return None
    leaf = _leaf(node.next_functions[places[1]][0])
    if leaf is None or leaf.ndim != 2:
        return None
    turned = not hasattr(node.next_functions[places[1]][0], "variable")
    return tuple(leaf.shape[::-1]) if turned else tuple(leaf.shape)


def _leaf(node: Any) -> Any:
    for _ in range(3):
        if node is None or hasattr(node, "variable"):
            break
        node = node.next_functions[0][0] if node.name().startswith(("T", "Transpose", "Permute")) else None
    return getattr(node, "variable", None)


def _behind(node: Any) -> tuple[int, int] | None:
    """The sizes of the product that the data of this one comes from in a straight way."""
    waiting = [node.next_functions[PRODUCTS[node.name()][0]][0]]
    for _ in range(20):
        if not waiting:
            return None
        one = waiting.pop()
        if one is None or hasattr(one, "variable"):
            continue
        sizes = _weight(one)
        if sizes is not None:
            return sizes
        if operation(one) in STRAIGHT:
            waiting += [following for following, _ in one.next_functions]
    return None
