# /// pattern
# id = "pt.tensors.masked-softmax"
# topic = "tensors.masking"
# twin = "tf.tensors.masked-softmax"
# questions = [
#   "softmax that ignores padding pytorch",
#   "masked_fill with -inf before softmax",
#   "attention weights are nan when a whole row is masked",
#   "mask out positions in attention torch",
#   "multiply by the mask after softmax or fill before",
#   "masked softmx nan",
# ]
# errors = ["masked_fill_ only supports boolean masks, but got mask with dtype float",
#   "value cannot be converted to type at::Half without overflow"]
# apis = ["torch.Tensor.masked_fill", "torch.softmax", "torch.finfo"]
# replaces = ["masked_fill(mask == 0, -1e9)"]
# why = """Filled with -inf before the softmax, a position gets the weight 0 and the others still sum to 1. A row with
# nothing left is 0/0 = NaN: fill with the smallest finite number, then set what is masked to 0, and it is a row of
# zeros with finite gradients."""
# pitfalls = """Zeroing after the softmax alone leaves rows that sum to less than 1. -1e9 does not fit into float16,
# whose lowest number is -65504: take torch.finfo."""
# when_not = "Plain attention: F.scaled_dot_product_attention takes the mask and is faster."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a row without valid positions is NaN"
# ///
"""Softmax over the valid positions only, safe for rows that have none."""

import torch


def masked_softmax(scores: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """scores (..., T) and a boolean mask that broadcasts to it, True where valid; rows without any become zeros."""
    lowest = torch.finfo(scores.dtype).min
    weights = scores.masked_fill(~valid, lowest).softmax(dim=-1)
    return weights.masked_fill(~valid, 0.0)


if __name__ == "__main__":
    torch.manual_seed(0)
    scores = torch.randn(3, 4, requires_grad=True)
    lengths = torch.tensor([4, 2, 0])
    valid = torch.arange(4) < lengths[:, None]  # (3, 4)

    weights = masked_softmax(scores, valid)
    for row, length in enumerate(lengths.tolist()):
        torch.testing.assert_close(weights[row, :length], scores[row, :length].softmax(dim=0))
        assert weights[row, length:].eq(0).all()

    weights.square().sum().backward()
    assert scores.grad.isfinite().all() and scores.grad[~valid].eq(0).all()

    assert torch.finfo(torch.float16).min == -65504
    half = masked_softmax(scores.detach().half(), valid)
    assert half.isfinite().all() and abs(half[1].sum() - 1) < 1e-3
    print(weights.detach())
