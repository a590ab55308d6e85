"""What reaches the first layer with weights of a trained PyTorch model. Runs inside the jail, after the program."""

from typing import Any

import torch
from torch import nn

from observe.scale import scale
from observe.torch.calls import first_tensor, to_numpy
from observe.torch.modes import set_mode


class Scale:
    """Asks the model once more for the captured batch, and looks at what its first layer is given."""

    name = "scale"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record

    def facts(self, root: Any) -> dict[str, Any]:
        if root is None or root.batch is None:
            return {}
        args, kwargs = root.batch
        with self.record.aside(), torch.no_grad():
            return first_layer(root.module, args, kwargs)


def first_layer(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Figures of the first layer that a forward pass in evaluation mode comes to; the model is left as it was."""
    found: list[tuple[str, Any]] = []

    def reached(layer: nn.Module, given: tuple[Any, ...]) -> None:
        if not found:
            tensor = first_tensor(given)
            found.append((type(layer).__name__, None if tensor is None else to_numpy(tensor)))

    weighted = [
        one
        for one in module.modules()
        if next(one.children(), None) is None and (next(one.parameters(False), None) is not None or _is_norm(one))
    ]
    modes = {one: one.training for one in module.modules()}
    handles = [one.register_forward_pre_hook(reached) for one in weighted]
    try:
        set_mode(module, training=False)
        module(*args, **kwargs)
    finally:
        for handle in handles:
            handle.remove()
        for one, mode in modes.items():
            one.training = mode
    layer, inputs = found[0] if found else ("", None)
    return scale(layer, inputs) if inputs is not None else {}


def _is_norm(layer: nn.Module) -> bool:
    return "Norm" in type(layer).__name__
