# /// pattern
# id = "pt.data.weighted-sampler"
# topic = "data.imbalance"
# twin = "tf.data.balanced-sampling"
# questions = [
#   "WeightedRandomSampler for imbalanced classes",
#   "oversample the minority class in pytorch",
#   "balanced batches with a DataLoader",
#   "weights of WeightedRandomSampler per class or per sample",
#   "sampler option is mutually exclusive with shuffle",
#   "training sees only two samples with weighted sampler",
#   "wieghted random sampler imbalance",
# ]
# errors = ["ValueError: sampler option is mutually exclusive with shuffle"]
# apis = ["torch.utils.data.WeightedRandomSampler", "torch.bincount", "torch.utils.data.DataLoader"]
# replaces = ["imblearn RandomOverSampler", "torchsampler.ImbalancedDatasetSampler"]
# why = """The sampler draws indices by the weight of each sample: one weight a sample, one over the number of its
# class. Given one weight a class it raises nothing, and draws the first two samples of the set for ever."""
# pitfalls = """Only the training data: validation and test keep the true shares. The drawn prior is no longer the true
# one, so probabilities come out too high for the rare class; rare samples are repeated, so augment them."""
# when_not = "The loss can carry the weights (CrossEntropyLoss(weight=...)), which sees each sample once an epoch."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: only 2 of 1000 samples were drawn"
# ///
"""Batches in which rare classes are as common as the others: WeightedRandomSampler."""

import torch
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler


def balanced_sampler(labels: torch.Tensor, *, generator: torch.Generator | None = None) -> WeightedRandomSampler:
    """Draws len(labels) indices an epoch, with replacement, each class equally often; labels (N,) int64."""
    counts = torch.bincount(labels)  # (K,)
    weights = 1.0 / counts[labels].double()  # (N,): one for each sample
    return WeightedRandomSampler(weights, num_samples=len(labels), replacement=True, generator=generator)


if __name__ == "__main__":
    labels = torch.tensor([0] * 900 + [1] * 80 + [2] * 20)
    dataset = TensorDataset(torch.arange(1000), labels)
    plain = torch.bincount(labels) / 1000
    sampler = balanced_sampler(labels, generator=torch.Generator().manual_seed(0))
    loader = DataLoader(dataset, batch_size=100, sampler=sampler)  # no shuffle: the draw is random already

    epochs = [[batch for batch in loader] for _ in range(3)]
    seen = torch.cat([batch[1] for epoch in epochs for batch in epoch])
    shares = torch.bincount(seen) / len(seen)
    assert len(seen) == 3000 and (shares - 1 / 3).abs().max() < 0.05  # 0.05 is six standard deviations
    assert all(len(batch[1].unique()) == 3 for epoch in epochs for batch in epoch)

    first, second = (torch.cat([batch[0] for batch in epoch]) for epoch in epochs[:2])
    assert not first.equal(second)  # drawn anew in each epoch
    rare = first[first >= 980]
    assert len(rare) > 200 and len(rare.unique()) <= 20  # the same 20 samples, many times each
    print(f"shares {plain.tolist()} -> {[round(share, 2) for share in shares.tolist()]}")
