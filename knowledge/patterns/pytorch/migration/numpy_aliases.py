# /// pattern
# id = "pt.migration.numpy-aliases"
# topic = "migration.numpy"
# questions = [
#   "module 'numpy' has no attribute 'float'",
#   "np.int removed what to use",
#   "np.bool attribute error",
#   "old dataset code fails with numpy 2",
#   "AttributeError np.object numpy",
#   "nump has no atribute int",
# ]
# errors = [
#   "AttributeError: module 'numpy' has no attribute 'float'.",
#   "AttributeError: module 'numpy' has no attribute 'int'.",
#   "AttributeError: module 'numpy' has no attribute 'object'.",
# ]
# apis = ["numpy.float64", "numpy.int64", "torch.from_numpy"]
# replaces = ["np.float", "np.int", "np.object", "np.float_", "np.complex"]
# why = """np.float and np.int were Python's own float and int, 64 bits wide; 1.24 took them away. Write the width:
# float32 is what models want, and from_numpy keeps whatever it is given. np.bool came back in 2.0, as NumPy's own
# type."""
# pitfalls = """float64 data meets float32 weights: "mat1 and mat2 must have the same dtype". Convert once, in the
# dataset."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises AttributeError: module 'numpy' has no attribute 'float'"
# ///
"""Arrays with their width said, on the way from NumPy to PyTorch."""

import numpy as np
import torch


def to_tensors(features: list[list[float]], labels: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows and class indices as float32 (N, D) and int64 (N,), which layers and losses expect."""
    x = np.asarray(features, dtype=np.float32)  # np.float
    y = np.asarray(labels, dtype=np.int64)  # np.int
    return torch.from_numpy(x), torch.from_numpy(y)


if __name__ == "__main__":
    x, y = to_tensors([[1.0, 2.0], [3.0, 4.0]], [0, 1])
    assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
    loss = torch.nn.functional.cross_entropy(torch.nn.Linear(2, 2)(x), y)
    assert loss.isfinite()

    assert np.asarray([1.0], dtype=float).dtype == np.float64  # what np.float meant
    assert np.asarray([True], dtype=np.bool).dtype == bool
    gone = [name for name in ("float", "int", "complex", "float_") if not hasattr(np, name)]
    assert gone == ["float", "int", "complex", "float_"]
    print(f"no longer in NumPy {np.__version__}: {gone}")
