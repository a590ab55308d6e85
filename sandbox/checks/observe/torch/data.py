"""Passes over PyTorch data loaders, and their early end once the training bound is reached."""

from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader

from observe.passes import Passes
from observe.record import Record


class WatchedIterator:
    """Hands on the batches of a loader's iterator, and tells the passes about them."""

    def __init__(self, batches: Iterator[Any], record: Record, passes: Passes, loader: DataLoader) -> None:
        self._batches, self._record, self._passes = batches, record, passes
        self._pass = passes.begin(id(loader), loader)

    def __iter__(self) -> "WatchedIterator":
        return self

    def __next__(self) -> Any:
        if self._pass.steps != self._record.steps and self._record.beyond_bound():
            self._passes.end(self._pass, complete=False)
            raise StopIteration
        try:
            batch = next(self._batches)
        except StopIteration:
            self._passes.end(self._pass, complete=True)
            raise
        self._passes.advance(self._pass, leaves(batch))
        return batch

    def __len__(self) -> int:
        return len(self._batches)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batches, name)

    def __del__(self) -> None:
        if "_pass" in self.__dict__:
            self._passes.end(self._pass, complete=False)


def watch_loaders(record: Record, passes: Passes) -> None:
    original = DataLoader.__iter__

    def watched(loader: DataLoader) -> Iterator[Any]:
        if record.depth:
            return original(loader)
        return WatchedIterator(original(loader), record, passes, loader)

    DataLoader.__iter__ = watched


def leaves(batch: Any) -> list[Any]:
    """The tensors of a batch, inputs first; of a mapping, what is named like a label comes last."""
    if isinstance(batch, dict):
        order = sorted(batch, key=lambda name: str(name).lower() in ("y", "label", "labels", "target", "targets"))
        return [leaf for name in order for leaf in leaves(batch[name])]
    if isinstance(batch, (tuple, list)):
        return [leaf for part in batch for leaf in leaves(part)]
    return [batch]
