"""Wrong: the eigenvalues of a symmetric matrix by a function that only raises since PyTorch 1.13."""

import torch

matrix = torch.tensor([[2.0, 1.0], [1.0, 2.0]])
values, vectors = torch.symeig(matrix, eigenvectors=True)
