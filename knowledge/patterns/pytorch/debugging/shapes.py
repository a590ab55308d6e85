# /// pattern
# id = "pt.debugging.shapes"
# topic = "debugging.shapes"
# twin = "tf.debugging.shapes"
# questions = [
#   "print the output shape of every layer pytorch",
#   "mat1 and mat2 shapes cannot be multiplied",
#   "model summary like keras without torchinfo",
#   "in_features of the first linear layer after conv",
#   "find the layer with the wrong shape",
#   "check shapes without running the numbers, meta device",
#   "shpae mismatch between layers torch",
# ]
# errors = ["RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1152 and 800x10)",
#   "a and b must have same reduction dim, but got [2, 1152] X [800, 10].",
#   "to have 3 channels, but got 28 channels instead"]
# apis = ["torch.nn.Module.register_forward_hook", "torch.nn.LazyLinear"]
# replaces = ["torchsummary.summary", "torchinfo.summary"]
# why = """A hook on each layer writes down what came out before the error, so the last line names the layer before the
# mistake. On the meta device nothing is computed: the shapes of a large model come at once and need no memory."""
# pitfalls = """LazyLinear takes in_features from its first input: run one batch before the optimizer is made. Images
# are channels first: (N, 28, 28, 3) has to be permuted."""
# when_not = "A model that runs and is only to be summed up: parameters and operations, pt.testing.count-flops."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1152 and 800x10)"
# ///
"""The shape after every layer, also of a model that fails on the way."""

import copy

import torch
from torch import nn


def shapes(model: nn.Module, *input_shape: int) -> list[str]:
    """One line "name type -> shape" for each layer; an error that ends it has the lines so far as its note.

    A copy of the model is run on the meta device: no numbers, no memory, and the model stays as it is.
    """
    model, lines = copy.deepcopy(model).to("meta"), []

    def note(name: str, module: nn.Module, output: torch.Tensor) -> None:
        lines.append(f"{name} {type(module).__name__} -> {tuple(output.shape)}")

    for name, module in model.named_modules():
        if not list(module.children()):
            module.register_forward_hook(lambda module, _, output, name=name: note(name, module, output))
    try:
        model(torch.empty(input_shape, device="meta"))
    except RuntimeError as error:
        error.add_note("\n".join(lines))
        raise
    return lines


if __name__ == "__main__":
    convolutions = nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
    broken = nn.Sequential(convolutions, nn.Linear(800, 10))
    try:
        shapes(broken, 2, 3, 28, 28)
        raise AssertionError("1152 numbers do not fit 800")
    except RuntimeError as error:
        reached, said = error.__notes__[0].splitlines(), str(error)
    assert reached[-1] == "0.3 Flatten -> (2, 1152)" and "same reduction dim, but got [2, 1152] X [800, 10]" in said
    assert (28 - 5 + 1) // 2 == 12 and 8 * 12 * 12 == 1152  # after the convolution, and after pooling

    mended = nn.Sequential(convolutions, nn.Linear(8 * 12 * 12, 10))
    assert shapes(mended, 2, 3, 28, 28)[-1] == "1 Linear -> (2, 10)"
    assert mended(torch.zeros(2, 3, 28, 28)).shape == (2, 10)  # the model itself is still on the CPU

    lazy = nn.Sequential(convolutions, nn.LazyLinear(10))
    lazy(torch.zeros(1, 3, 28, 28))
    assert lazy[1].in_features == 1152

    large = nn.Sequential(*(nn.Linear(8192, 8192, device="meta") for _ in range(100)))  # 27 GB of weights, not made
    lines = shapes(large, 1, 8192)
    assert len(lines) == 100
    print("\n".join(lines))
