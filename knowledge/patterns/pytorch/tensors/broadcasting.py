# /// pattern
# id = "pt.tensors.broadcasting"
# topic = "tensors.shapes"
# twin = "tf.tensors.broadcasting"
# questions = [
#   "subtracting the row means gives a wrong result",
#   "how does broadcasting work in pytorch",
#   "subtract the mean of each row torch",
#   "keepdim=True when is it needed",
#   "the size of tensor a must match the size of tensor b at non-singleton dimension",
#   "pairwise differences of two sets of points without a loop",
#   "normalise rows of a matrix",
#   "brodcasting unsqueeze pytroch",
# ]
# errors = ["The size of tensor a (4) must match the size of tensor b (3) at non-singleton dimension 1"]
# apis = ["torch.mean", "torch.std", "torch.broadcast_shapes"]
# replaces = ["torch.Tensor.repeat to match shapes"]
# why = """Shapes are matched from the right, and a dimension of 1 is stretched without a copy. keepdim=True leaves that
# 1 where the reduced dimension was, so the statistics of a row meet the row."""
# pitfalls = """For a square matrix a forgotten keepdim raises nothing: row i is then subtracted as if it were column i.
# Try functions on shapes whose dimensions all differ."""
# when_not = "Pairwise distances of many points: torch.cdist needs no (N, M, D) tensor."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: the rows are not centred"
# ///
"""Broadcasting: statistics of rows, and all pairs of two sets."""

import torch


def standardise_rows(x: torch.Tensor) -> torch.Tensor:
    """(N, D) to (N, D), each row with mean 0 and standard deviation 1."""
    mean = x.mean(dim=1, keepdim=True)  # (N, 1)
    std = x.std(dim=1, keepdim=True)  # (N, 1)
    return (x - mean) / std


def squared_distances(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(N, D) and (M, D) to (N, M)."""
    difference = a[:, None, :] - b[None, :, :]  # (N, 1, D) - (1, M, D) -> (N, M, D)
    return difference.square().sum(dim=2)


if __name__ == "__main__":
    torch.manual_seed(0)
    a, b = torch.randn(4, 3), torch.randn(5, 3)

    for row, original in zip(standardise_rows(a), a, strict=True):
        torch.testing.assert_close(row, (original - original.mean()) / original.std())

    distances = squared_distances(a, b)
    by_loop = torch.tensor([[((p - q) ** 2).sum() for q in b] for p in a])
    torch.testing.assert_close(distances, by_loop)
    assert torch.broadcast_shapes((4, 1, 3), (1, 5, 3)) == (4, 5, 3)
    print(distances.shape)
