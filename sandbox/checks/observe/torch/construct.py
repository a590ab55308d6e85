"""Call a model that a file only defines, so that it can be looked at: once forward and once backward.

Runs inside the jail. What is called is, in this order: an instance that the file made, a class with the inputs that the
file's own `get_inputs` and `get_init_inputs` give, the class that holds the others, with guessed sizes.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import torch
from torch import nn

from observe.signature import Undecided, construct, image_shape

ROWS = 4
MOST = 8


def call_what_is_defined(main: ModuleType, shape: list[int] | None) -> dict[str, Any]:
    """What was called and with what, or the reason why nothing could be."""
    try:
        module, told = _module(main, shape)
        output = _call(module, list(_inputs(main, module, shape, told["arguments"])))
    except Exception as error:
        return {"reason": f"{type(error).__name__}: {error}"[:300] if not isinstance(error, Undecided) else str(error)}
    leaves = [one for one in _tensors(output) if one.requires_grad]
    if leaves:
        sum((one * torch.randn_like(one)).sum() for one in leaves).backward()
    _move_from_zero(module)
    return {"class_name": type(module).__name__, **told}


def _move_from_zero(module: nn.Module) -> None:
    """What begins at zero passes nothing on until the first step, and says nothing of how the model is built."""
    with torch.no_grad():
        for one in module.parameters():
            if one.is_floating_point() and not one.any():
                one.normal_(0.0, 0.02)


def _module(main: ModuleType, shape: list[int] | None) -> tuple[nn.Module, dict[str, Any]]:
    own = [
        value for value in vars(main).values() if isinstance(value, nn.Module) and any(True for _ in value.parameters())
    ]
    if own:
        return max(own, key=lambda one: sum(1 for _ in one.modules())), {"arguments": "the file's own instance"}
    classes = [
        value
        for value in vars(main).values()
        if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == main.__name__
    ]
    if not classes:
        raise Undecided("the file defines no module")
    given = getattr(main, "get_init_inputs", None)
    if given is not None:
        return classes[-1](*given()), {"arguments": "get_init_inputs()"}
    return _outermost(classes, shape)


def _outermost(classes: list[type[nn.Module]], shape: list[int] | None) -> tuple[nn.Module, dict[str, Any]]:
    """The instance with the most modules below it, among those that can be made."""
    made, reasons = [], []
    for cls in [one for one in classes if one.__name__ not in _used_by_others(one, classes)][-MOST:]:
        try:
            module, guesses = construct(cls, shape=shape)
            made.append((module, {"arguments": guesses}))
        except Exception as error:
            reasons.append(f"{cls.__name__}: {error}")
    if not made:
        raise Undecided(f"no class could be made with guessed arguments ({reasons[-1]}); make one in the file")
    return max(made, key=lambda one: _size(one[0]))


def _used_by_others(cls: type, classes: list[type[nn.Module]]) -> set[str]:
    """The names that the other classes' constructors and forward passes mention."""
    methods = [vars(one).get(name) for one in classes if one is not cls for name in ("__init__", "forward")]
    return {name for method in methods if hasattr(method, "__code__") for name in method.__code__.co_names}


def _size(module: nn.Module) -> int:
    return sum(1 for _ in module.modules())


def _inputs(
    main: ModuleType, module: nn.Module, shape: list[int] | None, arguments: dict[str, Any] | str
) -> Iterator[list[Any]]:
    if shape is not None:
        yield [torch.randn(ROWS, *shape)]
        yield [torch.randint(0, 10, (ROWS, *shape))]
        return
    if hasattr(main, "get_inputs"):
        given = list(main.get_inputs())
        yield from _fewer_rows(given)
        yield given
        return
    image = image_shape(type(module), arguments) if isinstance(arguments, dict) else None
    if image is not None:
        yield [torch.randn(ROWS, *image)]
    yield from _guessed(module)


def _fewer_rows(inputs: list[Any]) -> Iterator[list[Any]]:
    """A file's own inputs may be as large as a GPU takes."""
    rows = next((one.shape[0] for one in inputs if isinstance(one, torch.Tensor) and one.ndim), 0)
    if rows > ROWS:
        yield [
            one[:ROWS] if isinstance(one, torch.Tensor) and one.ndim and one.shape[0] == rows else one for one in inputs
        ]


def _guessed(module: nn.Module) -> Iterator[list[Any]]:
    """Inputs that the first layer with a size takes."""
    for layer in module.modules():
        if isinstance(layer, nn.Embedding):
            yield [torch.randint(0, layer.num_embeddings, (ROWS, 16))]
        elif isinstance(layer, nn.Linear):
            yield [torch.randn(ROWS, layer.in_features)]
            yield [torch.randn(ROWS, 16, layer.in_features)]
        elif isinstance(layer, nn.RNNBase):
            yield [torch.randn(ROWS, 16, layer.input_size)]
        elif isinstance(layer, nn.modules.conv._ConvNd):
            axes = len(layer.kernel_size)
            yield from (
                [torch.randn(ROWS, layer.in_channels, *[side] * axes)] for side in (32, 64, 28, 224)[: 5 - axes]
            )
        else:
            continue
        return
    yield [torch.randn(ROWS, 16)]


def _call(module: nn.Module, candidates: list[list[Any]]) -> Any:
    raised: Exception | None = None
    for inputs in candidates:
        try:
            return module(*inputs)
        except Exception as error:
            raised = raised or error
    shapes = [",".join(map(str, one[0].shape[1:])) for one in candidates if isinstance(one[0], torch.Tensor)]
    tried = " or ".join(dict.fromkeys(shapes))
    raise Undecided(f"{type(module).__name__} takes no inputs of shape {tried} ({raised}); give another with --shape")


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        yield from (one for part in value.values() for one in _tensors(part))
    elif isinstance(value, (list, tuple)):
        yield from (one for part in value for one in _tensors(part))
