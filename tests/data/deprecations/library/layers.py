import warnings

from typing_extensions import deprecated


@deprecated("`library.Dense` is deprecated. Please use `library.Linear(units)` instead.")
class Dense:
    pass


class Linear:
    def __init__(self, units, *, size=None, **kwargs):
        if size is not None:
            warnings.warn("`size` is deprecated; use `units` instead.", FutureWarning)
        if "slope" in kwargs:
            warnings.warn("The argument `slope` is deprecated, use `gradient` instead.")
        self.units = units

    def forward_all(self):
        warnings.warn("forward_all is deprecated in favor of `Linear.forward`.", DeprecationWarning)

    def apply(self):
        warnings.warn("apply is deprecated, use `forward` instead.", DeprecationWarning)


class Loss:
    def apply(self):
        return self


def solve(a, b):
    """Docstrings do not count: `library.solve` is deprecated, use `nothing`."""
    raise RuntimeError("This function was deprecated and is now removed. Use the `library.linalg.solve` function.")


def _hidden():
    warnings.warn("This is deprecated; use `library.Linear`.")


def sometimes(x):
    if x > 3:
        warnings.warn("Values above 3 are deprecated; use `library.Linear`.")


def without_replacement():
    warnings.warn("without_replacement is deprecated and will be removed.")


def converted(model):
    warnings.warn("converted is deprecated; use `torchao.quantize` from torchao.")
