# /// pattern
# id = "pt.tensors.pick-per-row"
# topic = "tensors.indexing"
# twin = "tf.tensors.pick-per-row"
# questions = [
#   "pick one element per row by index pytorch",
#   "torch.gather explained",
#   "select the logit of the true class",
#   "q values of the chosen actions",
#   "Index tensor must have the same number of dimensions as input tensor",
#   "last valid time step of each sequence",
#   "gather dim index torhc",
# ]
# errors = ["Index tensor must have the same number of dimensions as input tensor",
#   "gather(): Expected dtype int64 for index", "index 3 is out of bounds for dimension 1 with size 3"]
# apis = ["torch.take_along_dim", "torch.arange"]
# why = """x[:, labels] takes whole columns, (N, N); one element of each row needs one index for each row.
# take_along_dim takes an index of as many dimensions as x, broadcasts the rest, and gradients flow back to what was
# taken."""
# pitfalls = "Without the last squeeze the result is (N, 1), which broadcasts against (N,) to (N, N)."
# when_not = "The same columns of all rows: x[:, columns] or index_select."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: (4, 4) numbers for 4 rows"
# ///
"""One element of each row, and one time step of each sequence."""

import torch


def pick_per_row(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """x (N, K) and index (N,) to (N,): x[i, index[i]]."""
    return torch.take_along_dim(x, index[:, None], dim=1).squeeze(1)


def last_valid_step(states: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """states (B, T, D) and lengths (B,) from 1 to T, to the (B, D) states at the last step of each sequence."""
    return states[torch.arange(len(states), device=states.device), lengths - 1]


if __name__ == "__main__":
    torch.manual_seed(0)
    logits = torch.randn(4, 3, requires_grad=True)
    labels = torch.tensor([2, 0, 1, 2])
    picked = pick_per_row(logits, labels)  # (4,)
    assert picked.tolist() == [logits[row, label].item() for row, label in enumerate(labels)]

    picked.sum().backward()
    assert logits.grad.equal(torch.nn.functional.one_hot(labels, num_classes=3).float())

    states, lengths = torch.randn(2, 5, 6), torch.tensor([5, 2])
    assert last_valid_step(states, lengths).equal(torch.stack([states[0, 4], states[1, 1]]))
    print(picked.shape)
