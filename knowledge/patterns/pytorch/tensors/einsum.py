# /// pattern
# id = "pt.tensors.einsum"
# topic = "tensors.shapes"
# twin = "tf.tensors.einsum"
# questions = [
#   "torch.einsum explained with examples",
#   "batched matrix product over named dimensions",
#   "attention scores with einsum pytorch",
#   "einsum subscript has size which does not broadcast with previously seen size",
#   "bilinear form for each sample in a batch",
#   "einsm notation torhc",
# ]
# errors = ["einsum(): subscript j has size 5 for operand 1 which does not broadcast with previously seen size 4",
#   "Expected size for first two dimensions of batch2 tensor to be"]
# apis = ["torch.einsum"]
# why = """Each letter names a dimension; what stands on both sides of the arrow is kept, what stands only on the left
# is multiplied and summed over. The subscripts say what transposes and unsqueezes hide, and sizes are checked by
# name."""
# pitfalls = """A letter forgotten on the right, such as the batch's, is summed over without a word. An ellipsis stands
# for any leading dimensions. torch.matmul and torch.bmm do the same for batches of matrices."""
# when_not = "A plain product of the last two dimensions: a @ b."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the batch was summed away"
# ///
"""Products of tensors with einsum, dimension by dimension."""

import torch


def attention_scores(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    """(B, T, H, D) and (B, S, H, D) to the scaled products (B, H, T, S)."""
    return torch.einsum("bthd,bshd->bhts", query, key) / query.shape[-1] ** 0.5


def bilinear(x: torch.Tensor, weight: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """x (..., I), weight (K, I, J) and y (..., J) to (..., K): x' W_k y for each k."""
    return torch.einsum("...i,kij,...j->...k", x, weight, y)


if __name__ == "__main__":
    torch.manual_seed(0)
    query, key = torch.randn(2, 5, 3, 4), torch.randn(2, 6, 3, 4)
    by_matmul = query.transpose(1, 2) @ key.transpose(1, 2).transpose(2, 3) / 2  # (B, H, T, D) @ (B, H, D, S)
    torch.testing.assert_close(attention_scores(query, key), by_matmul)

    x, weight, y = torch.randn(7, 3), torch.randn(2, 3, 4), torch.randn(7, 4)
    by_loop = torch.stack([torch.stack([a @ w @ b for w in weight]) for a, b in zip(x, y, strict=True)])
    torch.testing.assert_close(bilinear(x, weight, y), by_loop)

    square = torch.randn(3, 3)
    torch.testing.assert_close(torch.einsum("ii->", square), square.trace())
    torch.testing.assert_close(torch.einsum("ij->j", square), square.sum(dim=0))
    try:
        attention_scores(query, key[..., :3])
    except RuntimeError as error:
        assert "subscript d has size 3 for operand 1" in str(error)
        print(error)
    else:
        raise AssertionError("sizes that differ were not noticed")
