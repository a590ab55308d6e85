"""What made a tensor that a loss was given, read off its autograd graph without running it."""

from typing import Any, Literal

import torch

VIEWS = (
    "View", "Reshape", "Squeeze", "Unsqueeze", "Select", "Slice", "Transpose", "Permute", "T", "Alias", "Clone",
    "ToCopy", "Index",
)  # fmt: skip
MOVING = ("Transpose", "Permute", "T", "Index")
LINEAR = ("Addmm", "Mm")


def maker(tensor: torch.Tensor) -> str | None:
    """The operation that made a tensor, seen through views and casts of it."""
    node = _behind_views(tensor.grad_fn)[0]
    return None if node is None else operation(node)


def last_axis_of_linear(tensor: torch.Tensor) -> bool:
    """Whether the last axis still is the features of a linear layer, so that no other axis can hold them."""
    node, names = _behind_views(tensor.grad_fn)
    if node is None or operation(node) not in LINEAR or any(name.startswith(MOVING) for name in names):
        return False
    sizes = getattr(node, "_saved_mat2_sym_sizes", ())
    return tensor.ndim > 2 and len(sizes) == 2 and sizes[1] == tensor.shape[-1]


def carried_by(output: torch.Tensor, target: torch.Tensor) -> Literal["output", "target", "both", "neither", "off"]:
    """Which of the two leads to parameters."""
    if not torch.is_grad_enabled():
        return "off"
    if output.requires_grad:
        return "both" if target.requires_grad else "output"
    return "target" if target.requires_grad else "neither"


def _behind_views(node: Any) -> tuple[Any, list[str]]:
    names: list[str] = []
    for _ in range(8):
        if node is None or not operation(node).removeprefix("Unsafe").startswith(VIEWS):
            break
        names.append(operation(node))
        node = node.next_functions[0][0] if node.next_functions else None
    return node, names


def operation(node: Any) -> str:
    """What a node of the graph differentiates, such as Softmax or Mul; "" where there is no graph."""
    return node.name().rstrip("0123456789").removesuffix("Backward") if node is not None else ""
