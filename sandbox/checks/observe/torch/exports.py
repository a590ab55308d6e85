"""In which mode, and for which sizes of a batch, a PyTorch program exports its model.

Runs inside the jail.
"""

from functools import wraps
from typing import Any

import torch
from torch import nn

from observe.record import harmless, user_frame
from observe.torch.calls import MODE_LAYERS

EXPORTERS = ((torch.export, "export"), (torch.jit, "trace"), (torch.jit, "script"), (torch.onnx, "export"))


class Exports:
    """Looks at what `torch.export`, `torch.onnx` and TorchScript are given."""

    name = "exports"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record
        self.seen: list[dict[str, Any]] = []
        self.inside = False
        """Whether an exporter is at work, which may call another one."""
        for owner, name in EXPORTERS:
            setattr(owner, name, self._watched(f"{owner.__name__}.{name}", getattr(owner, name)))

    def _watched(self, name: str, original: Any) -> Any:
        look = harmless(self.record)(self._look)

        @wraps(original)
        def export(module: Any, *args: Any, **kwargs: Any) -> Any:
            outermost, self.inside = not self.inside and not self.record.depth, True
            try:
                if outermost:
                    look(name, module, args, kwargs)
                return original(module, *args, **kwargs)
            finally:
                self.inside = not outermost and self.inside

        return export

    def _look(self, name: str, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not isinstance(module, nn.Module) or len(self.seen) >= 10:
            return
        layers = {type(one).__name__ for one in module.modules() if isinstance(one, MODE_LAYERS) and one.training}
        given = kwargs.get("args", args[0] if args else ())
        first = given[0] if isinstance(given, (tuple, list)) and given else given
        sizes = list(first.shape) if isinstance(first, torch.Tensor) else []
        self.seen.append(
            {
                "function": name,
                "where": user_frame(),
                "training": sorted(layers),
                "rows": sizes[0] if sizes else 0,
                "fixed": _is_fixed(name, kwargs),
            }
        )

    def facts(self, root: Any) -> dict[str, Any]:
        return {"seen": self.seen}


def _is_fixed(name: str, kwargs: dict[str, Any]) -> bool:
    """Whether every axis is held to the size of the example; TorchScript holds to none."""
    return "jit" not in name and not any(kwargs.get(one) for one in ("dynamic_shapes", "dynamic_axes"))
