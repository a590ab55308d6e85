"""How the trained model hangs together: shared layers, copies in the place of tied weights, frozen parts.

Runs inside the jail. The model is looked at when it is first called and once the program has ended.
"""

import sys
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from observe.record import class_place, harmless
from observe.torch.train import fingerprint

LOADERS = ("transformers", "timm", "diffusers", "peft")
"""Libraries that fill weights in ways of their own."""
TARGETS = ("target", "ema", "momentum", "teacher", "shadow", "average", "averaged")
MOST_TENSORS = 400


class Structure:
    """What is there before training, and what has become of it."""

    name = "structure"

    def __init__(self, watch: Any) -> None:
        self.record, self.calls, self.training = watch.record, watch.calls, watch.training
        self.begun: dict[int, dict[str, torch.Tensor]] = {}
        """By module: name -> fingerprint of each parameter at the first call."""
        self.met: set[int] = set()
        """Parameters of models that were called: what is loaded into them later is what they had been before."""
        self.loaded: set[int] = set()
        """Parameters that were given values by `load_state_dict` or in place outside of training."""
        self.record.on("called", self._called)
        self._watch_load()

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        if id(model) not in self.begun:
            named = list(model.module.named_parameters())[:MOST_TENSORS]
            ready = [(name, one) for name, one in named if not isinstance(one, nn.UninitializedParameter)]
            self.begun[id(model)] = {name: fingerprint(one) for name, one in ready}
            self.met.update(id(one) for _, one in ready)

    def _watch_load(self) -> None:
        original = nn.Module._load_from_state_dict

        @harmless(self.record)
        def keep(module: nn.Module) -> None:
            self.loaded.update(id(one) for one in module.parameters(recurse=False) if id(one) not in self.met)

        def load(module: nn.Module, *args: Any, **kwargs: Any) -> None:
            original(module, *args, **kwargs)
            keep(module)

        nn.Module._load_from_state_dict = load

    def facts(self, root: Any) -> dict[str, Any]:
        if root is None:
            return {}
        begun = self.begun.get(id(root), {})
        module, last = root.module, self._later(root)
        both = [(module, begun)] + ([(last.module, self.begun.get(id(last), {}))] if last is not None else [])
        ours = not any(one in sys.modules for one in LOADERS)
        return {
            "place": class_place(type(module)),
            "repeated": list(_repeated(module))[:10],
            "references": list(_references(module))[:10],
            "copied": list(_copied(module, begun))[:5],
            "frozen": [one for of in both for one in self._frozen(*of)][:50] if ours else [],
            "unheld": [name for one in self._others(root, last) for name in self._unheld(one)][:20],
            "switched": [name for name, one in module.named_modules() if "requires_grad" in vars(one)][:10],
        }

    def _later(self, root: Any) -> Any:
        """The model of a later stage, which was trained last and less than the one that counts as trained."""
        last = self.calls.last_trained[0] if self.calls.last_trained is not None else None
        return last if last is not None and last is not root and last.trained_calls >= 3 else None

    def _others(self, root: Any, last: Any) -> list[Any]:
        """The model of a later stage, and those that work together with the one that counts as trained."""
        beside = [one for one in self.calls.models.values() if one is not root and one.calls >= 3]
        beside = [one for one in beside if one.trained_calls < one.calls]
        free = [one for one in beside if not any(id(tensor) in self.loaded for tensor in one.module.parameters())]
        return list({id(one): one for one in [*([last] if last is not None else []), *free]}.values())

    def _unheld(self, model: Any) -> list[str]:
        """Parameters that got gradients, belong to no optimiser and are what they were."""
        module, begun = model.module, self.begun.get(id(model), {})
        held = set().union(*(one.ids for one in self.training.held.values()))
        given = [
            (name, one) for name, one in module.named_parameters() if one.grad is not None and bool(one.grad.any())
        ]
        free = [(name, one) for name, one in given if one.requires_grad and id(one) not in held and name in begun]
        return [name for name, one in free if torch.equal(fingerprint(one), begun[name])][:20]

    def _frozen(self, module: nn.Module, begun: dict[str, torch.Tensor]) -> Iterator[dict[str, Any]]:
        """Weights that are not trained and still are as random as they were made; not those of an embedding."""
        trained = self._trained()
        for path, owner in module.named_modules():
            if isinstance(owner, nn.Embedding) or any(one.requires_grad for one in owner.parameters()):
                continue
            for name, one in owner.named_parameters(recurse=False):
                full = f"{path}.{name}" if path else name
                random = one.ndim >= 2 and full in begun and bool(one.detach().float().std() > 0)
                now = fingerprint(one)
                known = id(one) in self.loaded or now.numpy().tobytes() in trained
                if random and not known and torch.equal(now, begun[full]):
                    yield {"name": full, "values": one.numel(), "adapted": _has_trained_sibling(module, path)}

    def _trained(self) -> set[bytes]:
        """What parameters have become that were trained at any time, so that a copy of one is known again."""
        now = ((fingerprint(one), before) for one, before in self.training.before.values())
        return {values.numpy().tobytes() for values, before in now if not torch.equal(values, before)}


def _has_trained_sibling(module: nn.Module, path: str) -> bool:
    """Whether what holds this layer also holds something that is trained, as an adapter does."""
    parent = module.get_submodule(path.rpartition(".")[0])
    return parent is not module and any(one.requires_grad for one in parent.parameters())


def _repeated(module: nn.Module) -> Iterator[dict[str, Any]]:
    """Layers with weights that a list or a sequence holds several times, and nothing else beside."""
    for path, owner in module.named_modules():
        if isinstance(owner, (nn.ModuleList, nn.Sequential)):
            children = [one for one in owner._modules.values() if one is not None]
            with_weights = [id(one) for one in children if any(True for _ in one.parameters())]
            if len(with_weights) > 1 and len(set(with_weights)) == 1:
                yield {"name": path or type(owner).__name__, "times": len(with_weights)}


def _references(module: nn.Module) -> Iterator[dict[str, Any]]:
    """One layer under two names of which one speaks of a copy, such as `target`."""
    for path, owner in module.named_modules():
        names: dict[int, str] = {}
        for name, child in owner._modules.items():
            if child is None or not any(True for _ in child.parameters()):
                continue
            other = names.setdefault(id(child), name)
            if other != name and any(word in (*other.lower().split("_"), *name.lower().split("_")) for word in TARGETS):
                yield {"owner": path or type(owner).__name__, "names": [other, name]}


def _copied(module: nn.Module, begun: dict[str, torch.Tensor]) -> Iterator[dict[str, Any]]:
    """An embedding and a linear layer that began with the same random values and are apart now."""
    kinds: dict[type, list[tuple[str, nn.Parameter]]] = {nn.Embedding: [], nn.Linear: []}
    for path, owner in module.named_modules():
        for kind, found in kinds.items():
            if isinstance(owner, kind) and owner.weight.requires_grad:
                found.append((f"{path}.weight" if path else "weight", owner.weight))
    for name, one in kinds[nn.Embedding]:
        for other_name, other in kinds[nn.Linear]:
            both = name in begun and other_name in begun and one is not other and one.shape == other.shape
            if both and torch.equal(begun[name], begun[other_name]) and begun[name].std() > 0:
                same = torch.equal(one, other)
                yield {"names": [name, other_name], "apart": not same}
