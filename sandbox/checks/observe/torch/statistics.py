"""Batch normalisation that follows the batches although its layer is frozen. Runs inside the jail."""

from torch import nn

Norm = nn.modules.batchnorm._BatchNorm


class FrozenStatistics:
    """Compares how many batches each layer had seen after the first call of a model with how many it has seen."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[nn.Module, dict[str, int]]] = {}

    def look(self, module: nn.Module) -> None:
        if id(module) not in self.seen and len(self.seen) < 20:
            self.seen[id(module)] = module, _counts(module)

    def moved(self) -> list[str]:
        """Names of layers whose weights are frozen and whose statistics moved, beside others that are trained."""
        return [
            name
            for module, before in self.seen.values()
            if any(one.requires_grad for one in module.parameters())
            for name, count in _counts(module).items()
            if count > before.get(name, count) + 1
        ][:50]


def _counts(module: nn.Module) -> dict[str, int]:
    return {
        name: int(layer.num_batches_tracked)
        for name, layer in module.named_modules()
        if isinstance(layer, Norm) and layer.affine and layer.num_batches_tracked is not None
        if not layer.weight.requires_grad
    }
