"""Batch normalisation that follows the batches although its layer is frozen. Runs inside the jail."""

from torch import nn

Norm = nn.modules.batchnorm._BatchNorm
FIRST_LOOKS, LOOKS_APART = 8, 16


class FrozenStatistics:
    """Follows, for as long as a layer is frozen, how many batches its running statistics have taken in."""

    def __init__(self) -> None:
        self.calls: dict[int, tuple[nn.Module, int]] = {}
        self.since: dict[int, dict[str, int]] = {}
        """By module: name of a layer that is frozen -> the batches that it had seen when it was found so."""
        self.names: dict[str, None] = {}

    def look(self, module: nn.Module) -> None:
        if id(module) not in self.calls and len(self.calls) >= 20:
            return
        calls = self.calls.get(id(module), (module, 0))[1] + 1
        self.calls[id(module)] = module, calls
        if calls <= FIRST_LOOKS or calls % LOOKS_APART == 0:
            self._compare(module)

    def _compare(self, module: nn.Module) -> None:
        """A layer beside others that are trained; the count of the call in which it was met first is its own."""
        before, now = self.since.get(id(module), {}), _counts(module)
        self.since[id(module)] = {name: before.get(name, count) for name, count in now.items()}
        moved = [name for name, count in now.items() if count > before.get(name, count) + 1]
        if moved and any(one.requires_grad for one in module.parameters()):
            self.names.update(dict.fromkeys(moved))

    def moved(self) -> list[str]:
        """Names of layers whose weights were frozen while their statistics moved."""
        for module, _ in self.calls.values():
            self._compare(module)
        return list(self.names)[:50]


def _counts(module: nn.Module) -> dict[str, int]:
    return {
        name: int(layer.num_batches_tracked)
        for name, layer in module.named_modules()
        if isinstance(layer, Norm) and layer.affine and layer.num_batches_tracked is not None
        if not layer.weight.requires_grad
    }
