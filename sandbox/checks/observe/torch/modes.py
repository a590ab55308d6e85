"""Put a module into training or evaluation mode, also one that has given the name `train` another meaning."""

import inspect

from torch import nn


def set_mode(module: nn.Module, *, training: bool) -> None:
    """Through the module's own `train` where that is what it does: it may keep a part of itself frozen."""
    if all(_sets_a_mode(type(one)) for one in module.modules()):
        module.train(training)
        return
    for one in module.modules():
        one.training = training


def _sets_a_mode(cls: type[nn.Module]) -> bool:
    if cls.train is nn.Module.train:
        return True
    own = list(inspect.signature(cls.train).parameters.values())[1:]
    return bool(own) and own[0].default is True
