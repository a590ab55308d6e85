"""Whether the workers of a loader draw the same random numbers, and samplers of several processes the same order.

Runs inside the jail. The dataset of a loader is asked once the program has ended, by workers as the program makes them.
"""

from typing import Any

import torch
from torch.utils.data import DataLoader, DistributedSampler

from observe.record import harmless, user_frame
from observe.torch.data import leaves
from observe.torch.redraw import redraw

SECONDS = 6.0
EPOCHS = 2


def worker_draws(loader: Any) -> dict[str, Any] | None:
    """How two workers, in two epochs, draw two samples that are random; None where it cannot be told.

    "across" means that both workers draw the same, "again" that both epochs do.
    """
    if not isinstance(loader, DataLoader) or not loader.num_workers or not hasattr(loader.dataset, "__getitem__"):
        return None
    found = redraw(loader.dataset)
    if found is None or not found["differ"]:
        return None
    workers = min(2, loader.num_workers)
    asked = DataLoader(
        loader.dataset,
        batch_size=1,
        sampler=[index for index in (0, len(loader.dataset) // 2) for _ in range(workers)],
        num_workers=workers,
        collate_fn=_first_float,
        worker_init_fn=loader.worker_init_fn,
        persistent_workers=loader.persistent_workers,
        generator=torch.Generator().manual_seed(0),
        timeout=SECONDS,
    )
    epochs = [list(asked) for _ in range(EPOCHS)]
    across = workers > 1 and all(epoch[0] == epoch[1] and epoch[2] == epoch[3] for epoch in epochs)
    return {"workers": loader.num_workers, "across": across, "again": epochs[0] == epochs[1]}


def _first_float(samples: list[Any]) -> bytes:
    parts = [torch.as_tensor(one) for one in leaves(samples[0]) if not isinstance(one, str)]
    return next((one.numpy().tobytes() for one in parts if one.is_floating_point()), b"")


class Samplers:
    """Counts the passes of each `DistributedSampler`, and the epochs that it was told."""

    name = "samplers"

    def __init__(self, watch: Any) -> None:
        self.record = watch.record
        self.seen: dict[int, dict[str, Any]] = {}
        original, look = DistributedSampler.__iter__, harmless(self.record)(self._look)

        def watched(sampler: Any) -> Any:
            if not self.record.depth:
                look(sampler)
            return original(sampler)

        DistributedSampler.__iter__ = watched

    def _look(self, sampler: Any) -> None:
        begun = {"where": user_frame(), "shuffle": bool(sampler.shuffle), "passes": 0, "epochs": []}
        entry = self.seen.setdefault(id(sampler), begun)
        entry["passes"] += 1
        if len(entry["epochs"]) < 20:
            entry["epochs"].append(int(sampler.epoch))

    def facts(self, root: Any) -> dict[str, Any]:
        return {"seen": list(self.seen.values())[:10]}
