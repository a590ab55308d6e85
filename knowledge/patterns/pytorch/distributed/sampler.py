# /// pattern
# id = "pt.distributed.sampler"
# topic = "distributed.data"
# questions = [
#   "DistributedSampler set_epoch why",
#   "same order every epoch with DistributedSampler",
#   "split a dataset between ranks ddp",
#   "DistributedSampler duplicates samples at the end",
#   "validation accuracy wrong with DistributedSampler",
#   "DistributedSampler without init_process_group",
#   "test distributed sampler on one machine",
#   "distrbuted sampler shuffle ddp",
# ]
# errors = ["ValueError: Default process group has not been initialized, please make sure to call init_process_group."]
# apis = ["torch.utils.data.DistributedSampler", "torch.utils.data.DataLoader"]
# replaces = ["torch.utils.data.distributed.DistributedSampler(shuffle) without set_epoch"]
# why = """Each rank reads every n-th index of one permutation, and the permutation comes from seed + epoch: without
# set_epoch it is the same in every epoch. To give every rank as many samples it repeats a few at the end (or with
# drop_last leaves some out), so a metric over the ranks counts these twice."""
# pitfalls = """Pass shuffle to the sampler, not to the loader. For exact validation give rank r the samples r, r+n, ...
# without filling up, and add up counts, not averages."""
# when_not = "An IterableDataset: shard by rank * num_workers + worker in its __iter__."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: rank 0 read the same order in both epochs"
# ///
"""DistributedSampler: each rank its part, a new order in each epoch, and validation that counts nothing twice."""

import torch
from torch.utils.data import DataLoader, Dataset, DistributedSampler, Subset, TensorDataset


def train_loader(dataset: Dataset, *, rank: int, ranks: int, batch_size: int) -> DataLoader:
    """The loader of one rank; call loader.sampler.set_epoch(epoch) before each epoch."""
    sampler = DistributedSampler(dataset, num_replicas=ranks, rank=rank, shuffle=True, seed=0)
    return DataLoader(dataset, batch_size=batch_size, sampler=sampler)


def exact_part(dataset: Dataset, *, rank: int, ranks: int) -> Subset:
    """Samples rank, rank + ranks, ...: over all ranks each sample once, so parts may differ by one in size."""
    return Subset(dataset, range(rank, len(dataset), ranks))


if __name__ == "__main__":
    ranks, dataset = 4, TensorDataset(torch.arange(10))
    loaders = [train_loader(dataset, rank=rank, ranks=ranks, batch_size=2) for rank in range(ranks)]
    epochs = []
    for epoch in range(2):
        for loader in loaders:
            loader.sampler.set_epoch(epoch)
        parts = [torch.cat([batch for (batch,) in loader]).tolist() for loader in loaders]
        assert [len(part) for part in parts] == [3, 3, 3, 3]  # 12 for 10 samples: two come twice
        assert set(sum(parts, [])) == set(range(10))  # noqa: RUF017
        epochs.append(parts)
    assert epochs[0] != epochs[1]

    labels = torch.tensor([1, 1] + [0] * 8)  # a model that is wrong on the first two samples alone
    wrong_twice = [index for rank in range(ranks) for index in DistributedSampler(dataset, ranks, rank, shuffle=False)]
    filled_up = labels[wrong_twice].double().mean().item()
    exact = [exact_part(dataset, rank=rank, ranks=ranks) for rank in range(ranks)]
    errors = sum(labels[index].item() for part in exact for (index,) in part)
    seen = sum(len(part) for part in exact)
    assert (errors, seen) == (2, 10) and abs(filled_up - 4 / 12) < 1e-9
    print(f"error rate {errors / seen:.2f}; with the repeated samples {filled_up:.2f}")
