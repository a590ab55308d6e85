# /// pattern
# id = "pt.migration.assert-close"
# topic = "migration.testing"
# questions = [
#   "torch.testing.assert_allclose deprecated",
#   "compare two tensors in a test pytorch",
#   "assert_close rtol and atol must both be specified",
#   "assert_close dtype mismatch",
#   "unit test tensors equal within tolerance",
#   "asert_allclose torch replacement",
# ]
# errors = [
#   "FutureWarning: `torch.testing.assert_allclose()` is deprecated since 1.12",
#   "AssertionError: The values for attribute 'dtype' do not match: torch.float32 != torch.float64.",
# ]
# apis = ["torch.testing.assert_close"]
# replaces = ["torch.testing.assert_allclose"]
# why = """assert_close also compares dtype, device and shape, and chooses its tolerance by the dtype. assert_allclose
# let a float64 pass for a float32, and broadcast a wrong shape."""
# pitfalls = "rtol and atol are given together or not at all. NaN equals NaN only with equal_nan=True."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns FutureWarning: `torch.testing.assert_allclose()` is deprecated since 1.12"
# ///
"""Compare tensors in tests: values, shape, dtype and device at once."""

import torch
from torch.testing import assert_close


def differs(actual: torch.Tensor, expected: torch.Tensor, **options: object) -> str:
    """The first line of what assert_close objects to, or an empty string."""
    try:
        assert_close(actual, expected, **options)
    except AssertionError as error:
        return str(error).splitlines()[0]
    return ""


if __name__ == "__main__":
    ones = torch.ones(3)
    assert not differs(ones, ones + 1e-7)
    assert "not close" in differs(ones, ones + 1e-3)
    assert "dtype" in differs(ones, ones.double())
    assert not differs(ones, ones.double(), check_dtype=False)
    assert "shape" in differs(ones, torch.ones(1))  # no broadcasting
    assert not differs(ones, ones + 1e-3, rtol=0, atol=1e-2)
    nan = torch.tensor([float("nan")])
    assert differs(nan, nan) and not differs(nan, nan, equal_nan=True)
    assert not differs(ones.bfloat16(), (ones + 0.01).bfloat16())  # wider tolerance for 16 bits
    print(differs(ones, ones.double()))
