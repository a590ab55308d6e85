"""Watch a PyTorch program train: model calls, loss calls, backward passes, optimiser steps, data passes.

Runs inside the jail. Nothing of the program is changed; functions of torch are wrapped.
"""

from typing import Any

import torch
from observe_passes import Passes
from observe_record import Record, harmless
from observe_torch_calls import Calls, Model
from observe_torch_choices import chosen, watch_choices
from observe_torch_data import watch_loaders
from observe_torch_layers import unregistered
from observe_torch_losses import watch_losses
from observe_torch_probe import probe
from observe_torch_train import Training


class Watch:
    """Everything that was installed, and the frames it has to tell at the end."""

    version = torch.__version__

    def __init__(self, record: Record) -> None:
        self.record = record
        self.passes = Passes(record)
        self.calls = Calls(record, self.passes)
        self.training = Training(record, self.calls, self.passes)

    def detach(self) -> None:
        """Stop watching, so that the probes below are not seen as training."""
        self.record.depth = 1 << 30

    def frames(self) -> list[dict[str, Any]]:
        root = self.training.root()
        harmless(self.record)(self._look_for_hidden_layers)(root)
        facts = {**self.record.facts(), **self.training.facts(root), **self.calls.facts(root)}
        facts["choices"] = harmless(self.record)(chosen)(self.record.choices, root)
        frames = [{"kind": "facts", **facts}]
        frames += harmless(self.record, [])(self.passes.frames)()
        if root is not None:
            frames += probe(root)
        return frames

    def _look_for_hidden_layers(self, root: Model | None) -> None:
        held = set().union(*(one.ids for one in self.training.held.values()))
        found = unregistered(root.module, held) if root is not None else None
        if found is not None:
            self.record.notes["layers-not-registered"] = found


def install(record: Record) -> Watch:
    watch = Watch(record)
    watch.calls.install()
    watch.training.install()
    watch_loaders(record, watch.passes)
    watch_losses(record, watch.passes)
    watch_choices(record)
    _watch_saves(record)
    return watch


def _watch_saves(record: Record) -> None:
    save = torch.save

    @harmless(record)
    def keep(value: Any, target: Any) -> None:
        keys = [str(key) for key in value][:40] if isinstance(value, dict) else None
        record.checkpoints.append({"path": str(target)[:200], "keys": keys, "type": type(value).__name__})

    def watched(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        result = save(obj, f, *args, **kwargs)
        keep(obj, f)
        return result

    torch.save = watched
