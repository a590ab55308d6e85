"""The batch's letter is missing on the right: einsum sums over the batch."""

import torch

left, right = torch.randn(8, 2, 3), torch.randn(8, 3, 4)
product = torch.einsum("bij,bjk->ik", left, right)  # wrong: "bij,bjk->bik"
assert product.shape == (8, 2, 4), f"the batch was summed away: {tuple(product.shape)}"
