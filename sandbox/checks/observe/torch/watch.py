"""Watch a PyTorch program train: model calls, loss calls, backward passes, optimiser steps, data passes.

Runs inside the jail. Nothing of the program is changed; functions of torch are wrapped.
"""

from collections.abc import Iterator
from typing import Any

import torch

from observe.glance import tell_now_and_then
from observe.passes import Passes
from observe.record import Record, harmless, user_frame
from observe.section import Section
from observe.torch.calls import Calls, Model
from observe.torch.choices import chosen, watch_choices
from observe.torch.construct import call_what_is_defined as call_what_is_defined
from observe.torch.copies import Copies
from observe.torch.data import watch_loaders
from observe.torch.decisions import Decisions
from observe.torch.devices import Devices
from observe.torch.exports import Exports
from observe.torch.functional import Functional
from observe.torch.functions import Functions
from observe.torch.kept_graphs import KeptGraphs
from observe.torch.layers import unregistered
from observe.torch.loss_graph import Graph
from observe.torch.losses import Losses
from observe.torch.optimizers import Optimizers
from observe.torch.probe import probe
from observe.torch.protocol import Protocol
from observe.torch.samples import Data
from observe.torch.scale import Scale
from observe.torch.schedules import Schedules
from observe.torch.seeds import Repeatable
from observe.torch.structure import Structure
from observe.torch.task import Task
from observe.torch.terms import Terms
from observe.torch.thresholds import Thresholds
from observe.torch.told import Told
from observe.torch.train import Training
from observe.torch.updates import Updates
from observe.torch.workers import Samplers

SECTIONS: tuple[type[Section], ...] = (
    Decisions,
    Repeatable,
    Data,
    Scale,
    KeptGraphs,
    Losses,
    Functional,
    Task,
    Graph,
    Protocol,
    Optimizers,
    Schedules,
    Updates,
    Copies,
    Structure,
    Functions,
    Thresholds,
    Terms,
    Told,
    Exports,
    Samplers,
    Devices,
)
"""In the order in which they are made."""


class Watch:
    """Everything that was installed, and the frames it has to tell at the end."""

    version = torch.__version__

    def __init__(self, record: Record) -> None:
        self.record = record
        self.passes = Passes(record)
        self.sections: list[Section] = []
        self.calls = Calls(record, self.passes)
        self.training = Training(record, self.calls, self.passes)

    def detach(self) -> None:
        """Stop watching, so that the probes below are not seen as training."""
        self.record.detach()
        self.training.detach()

    def counted(self, root: Model | None = None) -> dict[str, Any]:
        """What the ledgers hold so far; `root` is the model that was trained, which is found where it is not given."""
        root = root or self.training.root()
        return {**self.record.facts(), **self.training.facts(root), **self.calls.facts(root)}

    def frames(self) -> Iterator[dict[str, Any]]:
        """What is known at the end; the probes of the trained model come as they are made."""
        root = self.training.root()
        harmless(self.record)(self._look_for_hidden_layers)(root)
        facts = self.counted(root)
        facts["choices"] = harmless(self.record)(chosen)(self.record.choices, root)
        for one in self.sections:
            if isinstance(one, Functional):
                harmless(self.record)(one.complete)(facts, root)
        facts["sections"] = {one.name: harmless(self.record)(one.facts)(root) for one in self.sections}
        yield {"kind": "facts", **facts}
        yield from harmless(self.record, [])(self.passes.frames)()
        if root is not None:
            yield from probe(root)

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
    watch_choices(record)
    _watch_saves(record)
    watch.sections = [section(watch) for section in SECTIONS]
    tell_now_and_then(record, watch.counted)
    return watch


def _watch_saves(record: Record) -> None:
    save = torch.save

    @harmless(record)
    def keep(value: Any, target: Any) -> None:
        parts = value if isinstance(value, dict) else {}
        record.checkpoints.append(
            {
                "path": str(target)[:200],
                "keys": [str(key) for key in value][:40] if isinstance(value, dict) else None,
                "type": type(value).__name__,
                "step": record.steps,
                "where": user_frame(),
                "weights": any(_is_state(one) for one in parts.values()),
                "optimizer": any(isinstance(one, dict) and "param_groups" in one for one in parts.values()),
            }
        )

    def watched(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        result = save(obj, f, *args, **kwargs)
        keep(obj, f)
        return result

    torch.save = watched


def _is_state(value: Any) -> bool:
    """Whether this is what `state_dict` of a module gives."""
    return isinstance(value, dict) and bool(value) and all(isinstance(one, torch.Tensor) for one in value.values())
