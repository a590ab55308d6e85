# /// pattern
# id = "pt.debugging.nan-loss"
# topic = "debugging.numerics"
# twin = "tf.debugging.nan-loss"
# questions = [
#   "why is my loss nan",
#   "loss becomes nan after a few steps of training",
#   "loss is nan in pytorch",
#   "find where nan comes from",
#   "torch.autograd.set_detect_anomaly",
#   "which layer produces nan or inf",
#   "log of zero gives nan gradient with torch.where",
#   "los nan pytroch debug",
# ]
# errors = ["Function 'LogBackward0' returned nan values in its 0th output",
#   "Function 'MulBackward0' returned nan values in its 0th output",
#   "Function 'SqrtBackward0' returned nan values in its 0th output"]
# apis = ["torch.autograd.detect_anomaly", "torch.nn.Module.register_forward_hook", "torch.isfinite"]
# why = """Forward hooks name the first layer whose output is not finite; anomaly mode names the operation whose
# gradient is not. Both are for the hunt: they slow training down and come out again."""
# pitfalls = """torch.where does not protect backward: the branch not taken still gives 0 * inf = NaN. Clamp before the
# log."""
# when_not = "Left on in normal training."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the gradient is NaN"
# ///
"""Find the first layer that gives NaN or infinity, and the first operation whose gradient does."""

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle


def raise_at_first_non_finite(model: nn.Module) -> list[RemovableHandle]:
    """Make the model raise FloatingPointError, naming the layer, when an output is not finite.

    Call .remove() on each of the handles when the hunt is over.
    """

    def check(name: str, module: nn.Module, output: torch.Tensor) -> None:
        if not torch.isfinite(output).all():
            raise FloatingPointError(f"layer {name!r} ({type(module).__name__}) gave a NaN or an infinity")

    return [
        module.register_forward_hook(lambda module, _, output, name=name: check(name, module, output))
        for name, module in model.named_modules()
        if not list(module.children())
    ]


def safe_log(x: torch.Tensor) -> torch.Tensor:
    """Logarithm with finite values and gradients at and below 0."""
    return x.clamp(min=torch.finfo(x.dtype).tiny).log()


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
    with torch.no_grad():
        model[2].weight[0, 0] = torch.inf
    handles = raise_at_first_non_finite(model)
    try:
        model(torch.randn(16, 4))
    except FloatingPointError as error:
        assert "'2' (Linear)" in str(error)
        print(error)
    else:
        raise AssertionError("the layer was not found")
    for handle in handles:
        handle.remove()
    assert not model(torch.randn(16, 4)).isfinite().all()

    x = torch.tensor([0.0, 1.0], requires_grad=True)
    try:
        with torch.autograd.detect_anomaly():
            torch.where(x > 0, x.log(), 0.0).sum().backward()  # all values are finite, a gradient is not
    except RuntimeError as error:
        assert "'LogBackward0' returned nan values" in str(error)
        print(error)
    else:
        raise AssertionError("the operation was not found")
    x.grad = None
    safe_log(x).sum().backward()
    assert x.grad.isfinite().all()
