# /// pattern
# id = "pt.migration.transpose"
# topic = "migration.tensors"
# questions = [
#   "use of x.T on tensors of dimension other than 2 is deprecated",
#   "transpose a batch of matrices pytorch",
#   "x.T or x.mT",
#   "swap the last two dimensions torch",
#   "transpose 3d tensor reverses all dimensions",
#   "transpos batch matrix torhc",
# ]
# errors = [
#   "UserWarning: The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated",
# ]
# apis = ["torch.Tensor.mT", "torch.Tensor.mH", "torch.Tensor.permute"]
# replaces = ["x.T", "x.transpose(-2, -1)", "x.t()"]
# why = """.T turns all dimensions round, so that of a batch (B, N, M) becomes (M, N, B), which is hardly ever meant.
# .mT transposes each matrix, .mH also conjugates, permute says any order."""
# pitfalls = "The result is a view with other strides: view() on it raises, reshape() copies."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "warns UserWarning: The use of `x.T` on tensors of dimension other than 2"
# ///
"""Transpose the matrices of a batch."""

import torch


def gram(vectors: torch.Tensor) -> torch.Tensor:
    """(..., N, D) to the products of all pairs of rows (..., N, N)."""
    return vectors @ vectors.mT


if __name__ == "__main__":
    batch = torch.arange(12.0).reshape(2, 3, 2)  # (B, N, D)
    assert batch.mT.shape == (2, 2, 3)
    assert all(torch.equal(batch.mT[i], batch[i].T) for i in range(2))  # .T is for one matrix
    by_hand = torch.tensor([[[sum(a * b for a, b in zip(r, s, strict=True)) for s in m] for r in m] for m in batch])
    torch.testing.assert_close(gram(batch), by_hand)

    assert batch.permute(2, 1, 0).shape == (2, 3, 2)  # what .T did with three dimensions
    assert torch.equal(batch.permute(2, 1, 0)[1, 2, 0], batch[0, 2, 1])
    complex_matrix = torch.tensor([[1 + 2j, 3j]])
    assert complex_matrix.mH.tolist() == [[1 - 2j], [-3j]]
    print(f"gram {tuple(gram(batch).shape)}")
