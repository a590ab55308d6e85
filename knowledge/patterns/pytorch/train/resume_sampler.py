# /// pattern
# id = "pt.train.resume-sampler"
# topic = "train.checkpoint"
# questions = [
#   "resume training in the middle of an epoch pytorch",
#   "save the state of the dataloader or sampler",
#   "continue from step 1000 without seeing the same samples again",
#   "stateful sampler checkpoint torch",
#   "skip batches when resuming is slow",
#   "order of the data after resuming from a checkpoint",
#   "resum training mid epoch dataloader state",
# ]
# apis = ["torch.utils.data.Sampler", "torch.randperm", "torch.Generator.manual_seed"]
# replaces = ["torchdata.stateful_dataloader.StatefulDataLoader", "itertools.islice(loader, step, None)",
#   "for i, batch in enumerate(loader): if i < start: continue"]
# why = """If the order of an epoch follows from a seed and the epoch's number, the state of the data is two numbers:
# the epoch, and how many samples were used. A batch sampler that starts there reads nothing that it would throw away.
# Without it a resumed epoch begins anew, and part of the data is seen twice and part of it not at all."""
# pitfalls = """Count samples where the optimizer has stepped, not where the loader has read: its workers are ahead.
# Random augmentation follows the global generators, whose states belong into the checkpoint as well."""
# when_not = "Checkpoints at the ends of epochs only: a generator seeded by the epoch is enough."
# checks = ["runs", "no_deprecation_warning"]
# wrong_outcome = "fails AssertionError: samples were seen twice"
# ///
"""A batch sampler whose place in the data can be saved: training resumes with the very next batch."""

from collections.abc import Iterator

import torch
from torch.utils.data import DataLoader, Sampler, TensorDataset


class ResumableBatches(Sampler[list[int]]):
    """Batches of shuffled row numbers without an end; the order of an epoch follows from seed and epoch."""

    def __init__(self, count: int, batch_size: int, *, seed: int) -> None:
        self.count, self.batch_size, self.seed = count, batch_size, seed
        self.batches_used = 0  # since the start of the training

    def __iter__(self) -> Iterator[list[int]]:
        per_epoch = self.count // self.batch_size  # the rest of an epoch is dropped
        position = self.batches_used
        while True:
            epoch, batch = divmod(position, per_epoch)
            order = torch.randperm(self.count, generator=torch.Generator().manual_seed(self.seed + epoch))
            for start in range(batch * self.batch_size, per_epoch * self.batch_size, self.batch_size):
                yield order[start : start + self.batch_size].tolist()
                position += 1

    def state_dict(self) -> dict[str, int]:
        return {"batches_used": self.batches_used, "seed": self.seed, "batch_size": self.batch_size}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on behind the last batch that was used. Raises ValueError where the batches would be other ones."""
        if (state["seed"], state["batch_size"]) != (self.seed, self.batch_size):
            raise ValueError(f"the state is of seed {state['seed']} and batch size {state['batch_size']}")
        self.batches_used = state["batches_used"]


def train(dataset: TensorDataset, sampler: ResumableBatches, *, steps: int) -> list[list[int]]:
    """The batches of so many steps; a stand-in for training that tells the sampler of each step."""
    seen = []
    for _, (rows,) in zip(range(steps), DataLoader(dataset, batch_sampler=sampler), strict=False):
        seen.append(rows.tolist())
        sampler.batches_used += 1  # behind optimizer.step()
    return seen


if __name__ == "__main__":
    dataset = TensorDataset(torch.arange(20))
    whole = train(dataset, ResumableBatches(20, 4, seed=0), steps=13)  # two epochs of 5 batches, and 3 more

    interrupted = ResumableBatches(20, 4, seed=0)
    before = train(dataset, interrupted, steps=7)
    state = interrupted.state_dict()  # goes into the checkpoint, beside model and optimizer
    resumed = ResumableBatches(20, 4, seed=0)
    resumed.load_state_dict(state)
    after = train(dataset, resumed, steps=6)
    assert before + after == whole

    epochs = [{row for batch in part for row in batch} for part in (whole[:5], whole[5:10])]
    assert epochs == [set(range(20))] * 2 and whole[:5] != whole[5:10]  # each row once, in another order
    print(f"resumed at step {state['batches_used']} with rows {after[0]}")
