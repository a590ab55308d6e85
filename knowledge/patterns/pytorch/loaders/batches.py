# /// pattern
# id = "pt.loaders.batches"
# topic = "data.loading"
# role = "loaders"
# provides = "batches"
# entry = "make_loaders"
# twin = "tf.loaders.batches"
# questions = [
#   "make DataLoaders for train validation and test in pytorch",
#   "reproducible shuffling in a DataLoader",
#   "DataLoader seed generator",
#   "should i shuffle the validation set",
#   "batch size and drop_last pytorch",
#   "my model only predicts one class, data is sorted by label",
#   "dataloder shuffle true or false",
# ]
# errors = ["TypeError: 'DataLoader' object is not subscriptable"]
# apis = ["torch.utils.data.DataLoader", "torch.Generator"]
# why = """Training batches are drawn anew every epoch, from a generator of their own: the order depends on the seed
# alone, not on how much randomness the model has used. Evaluation sees every sample once, in a fixed order."""
# pitfalls = "drop_last in evaluation leaves samples out of the score."
# when_not = "Slow __getitem__ (files, decoding): add num_workers and persistent_workers=True."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: batches of a single class"
# ///
"""DataLoaders for the three splits: training data shuffled from a seed, the others in order."""

import torch
from torch.utils.data import DataLoader


def make_loaders(splits: tuple, *, batch_size: int, seed: int) -> tuple[DataLoader, DataLoader, DataLoader]:
    """Loaders of splits[0] (train), splits[1] (val) and splits[2] (test)."""
    generator = torch.Generator().manual_seed(seed)
    train = DataLoader(splits[0], batch_size=batch_size, shuffle=True, generator=generator)
    val = DataLoader(splits[1], batch_size=batch_size)
    test = DataLoader(splits[2], batch_size=batch_size)
    return train, val, test


if __name__ == "__main__":
    from torch.utils.data import TensorDataset

    numbers = TensorDataset(torch.arange(10))
    train, val, _ = make_loaders((numbers, numbers, numbers), batch_size=4, seed=0)
    first = torch.cat([batch for (batch,) in train]).tolist()
    second = torch.cat([batch for (batch,) in train]).tolist()
    assert first != second and sorted(first) == sorted(second) == list(range(10))  # all of them, in another order
    assert [len(batch) for (batch,) in val] == [4, 4, 2]
    assert torch.cat([batch for (batch,) in val]).tolist() == list(range(10))

    torch.rand(1000)  # other use of randomness does not change the order
    again, _, _ = make_loaders((numbers, numbers, numbers), batch_size=4, seed=0)
    assert torch.cat([batch for (batch,) in again]).tolist() == first
    print(first, second)
