# /// pattern
# id = "pt.tensors.split-heads"
# topic = "tensors.shapes"
# twin = "tf.tensors.split-heads"
# questions = [
#   "difference between view reshape transpose and permute",
#   "split embedding into attention heads pytorch",
#   "view size is not compatible with input tensor's size and stride",
#   "when do I need contiguous()",
#   "NHWC to NCHW in torch",
#   "reshape scrambles my data",
#   "permut vs view pytroch",
# ]
# errors = ["""view size is not compatible with input tensor's size and stride (at least one dimension spans across \
# two contiguous subspaces). Use .reshape(...) instead.""",
#   "shape '[2, 3, 4]' is invalid for input of size 20"]
# apis = ["torch.Tensor.view", "torch.Tensor.reshape", "torch.Tensor.transpose", "torch.Tensor.permute",
#   "torch.Tensor.unflatten", "torch.Tensor.contiguous"]
# why = """view and reshape read the numbers on in the same order and only cut them anew; transpose and permute swap
# dimensions. To swap, split first, then transpose: a reshape straight to the wanted shape fits and mixes tokens."""
# pitfalls = """After a transpose the memory is no longer in order: view then raises, reshape copies. Test on arange
# numbers with sizes that all differ."""
# when_not = "Attention alone is wanted: nn.MultiheadAttention, or F.scaled_dot_product_attention on split heads."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: a head sees other tokens"
# ///
"""Attention heads: split a dimension, move it, and put it back."""

import torch


def split_heads(x: torch.Tensor, *, heads: int) -> torch.Tensor:
    """(B, T, heads * D) to (B, heads, T, D)."""
    return x.unflatten(2, (heads, -1)).transpose(1, 2)


def join_heads(x: torch.Tensor) -> torch.Tensor:
    """(B, heads, T, D) to (B, T, heads * D)."""
    return x.transpose(1, 2).flatten(2)


if __name__ == "__main__":
    x = torch.arange(2 * 5 * 12).view(2, 5, 12)  # (B, T, heads * D)
    split = split_heads(x, heads=3)
    assert split.shape == (2, 3, 5, 4)
    for head in range(3):
        assert split[:, head].equal(x[:, :, 4 * head : 4 * head + 4])  # of every token its own part
    assert join_heads(split).equal(x)

    assert split.data_ptr() == x.data_ptr() and not split.is_contiguous()  # no number was moved
    try:
        split.view(2, 3, 20)
    except RuntimeError as error:
        assert "view size is not compatible" in str(error)
    else:
        raise AssertionError("a view of transposed memory was made")
    assert split.reshape(2, 3, 20).equal(split.contiguous().view(2, 3, 20))

    images = torch.rand(2, 8, 6, 3)  # NHWC
    assert images.permute(0, 3, 1, 2)[1, 2, 7, 5] == images[1, 7, 5, 2]  # NCHW
    print(split.shape)
