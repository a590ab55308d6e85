# /// pattern
# id = "pt.tensors.dtype"
# topic = "tensors.dtype"
# twin = "tf.tensors.dtype"
# questions = [
#   "mat1 and mat2 must have the same dtype but got Double and Float",
#   "expected scalar type Float but found Double",
#   "numpy array to float32 tensor",
#   "which dtype for labels and features pytorch",
#   "mean of an integer tensor",
#   "type promotion float16 float32 torch",
#   "dtyp error double float pytroch",
# ]
# errors = ["mat1 and mat2 must have the same dtype, but got Double and Float",
#   "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long",
#   "expected scalar type Float but found Double", "Found dtype Double but expected Float",
#   "result type Float can't be cast to the desired output type Long"]
# apis = ["torch.as_tensor", "torch.result_type"]
# replaces = ["torch.FloatTensor", "torch.set_default_tensor_type", "tensor.double()"]
# why = """numpy computes in float64, PyTorch's layers in float32, and a product of matrices converts nothing. Convert
# once, where the data enters: features to float32, class numbers to int64."""
# pitfalls = """Elementwise operations do convert, and may widen unseen: float32 plus a float64 tensor is float64, but
# plus a Python number stays float32. uint8 wraps round at 256. torch.from_numpy keeps numpy's type, float64 included;
# torch.get_default_dtype tells torch's own."""
# when_not = "Making the model double instead works, and is slower and twice as large."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: mat1 and mat2 must have the same dtype, but got Double and Float"
# ///
"""From numpy to tensors of the types that layers and losses want."""

import numpy as np
import torch
from torch import nn


def to_tensors(features: np.ndarray, labels: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Features (N, D) of any number type and class numbers (N,) to float32 and int64."""
    return torch.as_tensor(features, dtype=torch.float32), torch.as_tensor(labels, dtype=torch.int64)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    features, labels = to_tensors(rng.normal(size=(8, 4)), rng.integers(0, 3, size=8).astype("int32"))
    loss = nn.functional.cross_entropy(nn.Linear(4, 3)(features), labels)
    assert loss.dtype == torch.float32

    single, double = torch.ones(2), torch.ones(2, dtype=torch.float64)
    assert (single + double).dtype == torch.float64  # a tensor widens
    assert (single + 1.5).dtype == torch.float32  # a number does not
    assert torch.result_type(single.half(), single) == torch.float32
    assert (torch.tensor([200], dtype=torch.uint8) + 100).item() == (200 + 100) % 256

    hits = torch.tensor([True, False, True, True])
    assert hits.float().mean() == 0.75  # accuracy: bools and integers have no mean

    counts = torch.tensor([16_777_216.0])  # 2**24: float32 has no odd numbers beyond
    assert counts + 1 == counts
    print(loss.item())
