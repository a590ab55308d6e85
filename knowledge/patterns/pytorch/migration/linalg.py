# /// pattern
# id = "pt.migration.linalg"
# topic = "migration.linear-algebra"
# questions = [
#   "torch.symeig was removed, what now",
#   "torch.solve deprecated and is now removed",
#   "eigenvalues of a symmetric matrix pytorch",
#   "RuntimeError: This function was deprecated since version 1.9 and is now removed",
#   "argument order of torch.linalg.solve",
#   "torch lstsq matrix_rank replacment",
# ]
# errors = [
#   "RuntimeError: This function was deprecated since version 1.9 and is now removed.",
# ]
# apis = ["torch.linalg.eigh", "torch.linalg.solve", "torch.linalg.lstsq", "torch.linalg.matrix_rank"]
# replaces = [
#   "torch.symeig",
#   "torch.eig",
#   "torch.solve",
#   "torch.gesv",
#   "torch.lstsq",
#   "torch.gels",
#   "torch.matrix_rank",
# ]
# why = """The old functions are still there, only to raise. Their successors follow NumPy: solve takes the matrix
# first and the right side second, the reverse of torch.solve, and eigh reads the lower triangle where symeig read the
# upper one."""
# pitfalls = """solve(B, A) with square matrices raises nothing and answers another question. torch.svd still runs, but
# gives V where torch.linalg.svd gives its transpose."""
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "raises RuntimeError: This function was deprecated since version 1.9 and is now removed"
# ///
"""Linear algebra after torch.symeig, torch.eig, torch.solve and torch.lstsq: torch.linalg."""

import torch


def solve_spd(matrix: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Solution (N, K) of matrix @ x = right for a symmetric positive definite (N, N), from its eigenvectors."""
    values, vectors = torch.linalg.eigh(matrix)  # ascending (N,), columns of (N, N)
    return vectors @ ((vectors.mT @ right) / values[:, None])


if __name__ == "__main__":
    matrix = torch.tensor([[2.0, 1.0], [1.0, 2.0]])  # eigenvalues 1 and 3, by hand
    right = torch.tensor([[3.0], [0.0]])
    exact = torch.tensor([[2.0], [-1.0]])
    torch.testing.assert_close(torch.linalg.eigvalsh(matrix), torch.tensor([1.0, 3.0]))
    torch.testing.assert_close(torch.linalg.solve(matrix, right), exact)  # torch.solve(right, matrix)[0]
    torch.testing.assert_close(solve_spd(matrix, right), exact)

    rotation = torch.tensor([[0.0, -1.0], [1.0, 0.0]])  # not symmetric: eigenvalues -i and i
    values = torch.linalg.eigvals(rotation)
    torch.testing.assert_close(values.real, torch.zeros(2))
    torch.testing.assert_close(values.imag.sort().values, torch.tensor([-1.0, 1.0]))

    times = torch.arange(4.0)
    design = torch.stack([times, torch.ones(4)], dim=1)  # (4, 2)
    line = torch.linalg.lstsq(design, (3 * times + 1)[:, None]).solution  # (2, 1); torch.lstsq(right, design)
    torch.testing.assert_close(line.flatten(), torch.tensor([3.0, 1.0]))
    assert torch.linalg.matrix_rank(torch.ones(3, 3)) == 1
    print(f"solution {torch.linalg.solve(matrix, right).flatten().tolist()}")
