# /// pattern
# id = "pt.migration.invert-mask"
# topic = "migration.tensors"
# questions = [
#   "Subtraction, the - operator, with a bool tensor is not supported",
#   "1 - mask pytorch error",
#   "invert a boolean mask torch",
#   "masked_fill_ only supports boolean masks",
#   "indexing with dtype torch.uint8 is now deprecated",
#   "byte mask to bool torhc",
# ]
# errors = [
#   "RuntimeError: Subtraction, the `-` operator, with a bool tensor is not supported.",
#   "RuntimeError: masked_fill_ only supports boolean masks, but got mask with dtype unsigned char",
#   "UserWarning: indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.",
# ]
# apis = ["torch.Tensor.masked_fill", "torch.bool"]
# replaces = ["1 - mask", "torch.ByteTensor masks", "mask.byte()"]
# why = """Comparisons give torch.bool since 1.2, not uint8. A bool is inverted with ~, joined with & and |, and
# counted with sum(); arithmetic asks for a number first."""
# pitfalls = """~ on uint8 flips all bits: 1 becomes 254, still true as a mask. Mind the brackets: (x > 0) & (x < 1).
# torch.logical_not inverts numbers too, as truth."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: Subtraction, the `-` operator, with a bool tensor is not supported"
# ///
"""Boolean masks: invert, join, count, and turn old byte masks into them."""

import torch


def mean_where(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of (N,) values where the boolean mask (N,) is true."""
    return values[mask].mean()


if __name__ == "__main__":
    values = torch.tensor([1.0, -2.0, 3.0, 10.0])
    positive = values > 0  # torch.bool
    assert (~positive).tolist() == [False, True, False, False]  # 1 - positive
    assert (positive & (values < 5)).tolist() == [True, False, True, False]  # positive * (values < 5)
    assert positive.sum().item() == 3 and mean_where(values, ~positive).item() == -2.0
    weights = 1 - positive.float()  # where a number is wanted
    assert weights.tolist() == [0.0, 1.0, 0.0, 0.0]

    old = torch.tensor([1, 0, 1, 0], dtype=torch.uint8)  # a mask from an old file
    assert values.masked_fill(old.bool(), 0).tolist() == [0.0, -2.0, 0.0, 10.0]
    assert (~old).tolist() == [254, 255, 254, 255]  # not an inverted mask
    assert (~old.bool()).tolist() == [False, True, False, True]
    print(f"mean of the positive values {mean_where(values, positive):.2f}")
