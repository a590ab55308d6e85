# /// pattern
# id = "pt.tensors.scatter-add"
# topic = "tensors.indexing"
# twin = "tf.tensors.scatter-add"
# questions = [
#   "sum node features per graph",
#   "sum values by group pytorch",
#   "segment sum and segment mean torch",
#   "scatter_add_ or index_add_",
#   "groupby mean with tensors",
#   "repeated indices are only added once",
#   "aggregate messages of neighbours to nodes",
#   "scater add duplicate index torch",
# ]
# errors = ["scatter(): Expected self.dtype to be equal to src.dtype",
#   "index_add_(): self (Float) and source (Double) must have the same scalar type"]
# apis = ["torch.Tensor.index_add", "torch.Tensor.scatter_reduce", "torch.bincount"]
# replaces = ["torch_scatter.scatter_mean", "torch.Tensor.scatter_add_"]
# why = """x[index] += values reads, adds and writes each place once: of several values for one group the last one wins.
# index_add adds them all, and passes gradients to every value."""
# pitfalls = """On a GPU the order of the additions, and with it the last digit, changes from run to run;
# use_deterministic_algorithms(True) fixes it."""
# when_not = "Groups that lie side by side with equal sizes: reshape and sum."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: values were lost"
# ///
"""Sums, means and maxima of the rows that belong to each group."""

import torch


def group_sum(values: torch.Tensor, group: torch.Tensor, *, num_groups: int) -> torch.Tensor:
    """values (N, D) and group numbers (N,) to (num_groups, D); empty groups are 0."""
    return values.new_zeros(num_groups, values.shape[1]).index_add(0, group, values)


def group_mean(values: torch.Tensor, group: torch.Tensor, *, num_groups: int) -> torch.Tensor:
    """values (N, D) and group numbers (N,) to (num_groups, D); empty groups are 0."""
    counts = torch.bincount(group, minlength=num_groups).clamp(min=1)  # (num_groups,)
    return group_sum(values, group, num_groups=num_groups) / counts[:, None]


def group_max(values: torch.Tensor, group: torch.Tensor, *, num_groups: int) -> torch.Tensor:
    """values (N, D) and group numbers (N,) to (num_groups, D); empty groups are -inf."""
    start = values.new_full((num_groups, values.shape[1]), -torch.inf)
    return start.scatter_reduce(0, group[:, None].expand_as(values), values, reduce="amax")


if __name__ == "__main__":
    torch.manual_seed(0)
    values = torch.randn(6, 2, requires_grad=True)
    group = torch.tensor([0, 0, 2, 2, 2, 3])  # nothing belongs to group 1

    mean, highest = group_mean(values, group, num_groups=4), group_max(values, group, num_groups=4)
    for number in (0, 2, 3):
        torch.testing.assert_close(mean[number], values[group == number].mean(dim=0))
        torch.testing.assert_close(highest[number], values[group == number].amax(dim=0))
    assert mean[1].eq(0).all() and highest[1].isneginf().all()

    mean.sum().backward()
    torch.testing.assert_close(values.grad[:, 0], torch.tensor([1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 3, 1.0]))
    print(mean)
