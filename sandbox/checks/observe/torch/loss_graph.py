"""What the graph of a loss leads to: which parameters, through how many operations, and what was made on the way.

Runs inside the jail. The graph is read, never run; a few backward passes of a run are looked at.
"""

import weakref
from typing import Any

import torch
from torch import nn

from observe.passes import timed
from observe.record import user_frame
from observe.torch.losses_graph import operation
from observe.torch.train import WATCHED_LOSSES

MOST_NODES = 20_000
MOST_KEPT = 40
DRAWN = ("NormalBackward", "BernoulliBackward", "PoissonBackward")
"""Random numbers of a distribution: what it was given gets a gradient of zero."""


class Graph:
    """Follows losses from their backward pass to the leaves that they depend on."""

    name = "graph"

    def __init__(self, watch: Any) -> None:
        self.record, self.calls, self.training = watch.record, watch.calls, watch.training
        self.sizes: list[list[int]] = []
        self.reached: set[int] = set()
        self.renewed: dict[tuple[int, ...], list[nn.Parameter]] = {}
        """Parameters of nobody that losses depend on, by their shape, kept so that no id is given twice."""
        self.made: dict[tuple[str, Any], int] = {}
        self.unconnected = {"without_gradient": 0, "detached": 0}
        self.unconnected_at: Any = None
        self.leaf_losses = 0
        self.same_loss = 0
        self.half: dict[str, int] = {}
        self.under_autocast = self.retained = 0
        self.drawn: set[str] = set()
        self.most_alive = 0
        """The most graphs of earlier losses that were in memory at once."""
        self._previous: weakref.ref[Any] | None = None
        self.record.on("called", self._called)
        self.record.on("differentiated", self._differentiated)
        self._watch_construction()
        self._watch_backward()

    def _watch_backward(self) -> None:
        """Count the passes that are told to keep the graph, and not to make one of the gradients."""
        original = torch.autograd.backward

        def backward(
            tensors: Any, grad_tensors: Any = None, retain_graph: Any = None, *args: Any, **kwargs: Any
        ) -> None:
            create = args[0] if args else kwargs.get("create_graph")
            self.retained += bool(retain_graph) and not create and not self.record.depth
            original(tensors, grad_tensors, retain_graph, *args, **kwargs)

        torch.autograd.backward = backward

    def _watch_construction(self) -> None:
        """Count the modules that are made while another one is called."""
        original, made, record = nn.Module.__init__, self.made, self.record

        def construct(module: nn.Module, *args: Any, **kwargs: Any) -> None:
            original(module, *args, **kwargs)
            if 0 < record.depth < 1000 and not torch.compiler.is_compiling():
                key = type(module).__name__, user_frame()
                made[key] = made.get(key, 0) + 1

        nn.Module.__init__ = construct

    def _called(self, model: Any, args: Any, kwargs: Any, output: Any) -> None:
        """A call in training mode whose output leads nowhere, although the model has something to train."""
        if not isinstance(output, torch.Tensor) or output.requires_grad or not output.is_floating_point():
            return
        if model.module.training and any(one.requires_grad for one in model.module.parameters()):
            self.unconnected["detached" if torch.is_grad_enabled() else "without_gradient"] += 1
            self.unconnected_at = self.unconnected_at or user_frame()

    def _differentiated(self, loss: torch.Tensor) -> None:
        self.same_loss += self._previous is not None and self._previous() is loss
        self._previous = weakref.ref(loss)
        self.leaf_losses += loss.grad_fn is None
        if loss.dtype in (torch.float16, torch.bfloat16):
            name = str(loss.dtype).removeprefix("torch.")
            self.half[name] = self.half.get(name, 0) + 1
        self.under_autocast += any(torch.is_autocast_enabled(one) for one in ("cpu", "cuda"))
        graphs = self.training.watched_losses
        if len(graphs) < WATCHED_LOSSES:
            self.most_alive = max(self.most_alive, sum(one() is not None for one in graphs))
        done = self.record.backwards
        if done <= 5 or (done & (done - 1) == 0 and self.record.affords()):
            timed(self.record, self._walk, loss, done)

    def _walk(self, loss: torch.Tensor, done: int) -> None:
        stack, seen, found = [loss.grad_fn], set(), []
        while stack and len(seen) < MOST_NODES:
            node = stack.pop()
            if node is None or node in seen:
                continue
            seen.add(node)
            if hasattr(node, "variable"):
                found.append(node.variable)
            elif node.name().startswith(DRAWN) and any(following for following, _ in node.next_functions):
                self.drawn.add(operation(node))
            stack += [following for following, _ in node.next_functions]
        self.sizes.append([done, len(seen)])
        self.reached.update(map(id, found))
        self._keep_strangers(found)

    def _keep_strangers(self, leaves: list[torch.Tensor]) -> None:
        known = {id(one) for held in self.training.held.values() for one in held.tensors()}
        for model in self.calls.models.values():
            known.update(map(id, model.module.parameters()))
        for one in leaves:
            if isinstance(one, nn.Parameter) and id(one) not in known:
                kept = self.renewed.setdefault(tuple(one.shape), [])
                if len(kept) < MOST_KEPT and not any(one is before for before in kept):
                    kept.append(one)

    def _apart(self, root: Any, held: set[int]) -> list[dict[str, Any]]:
        """Further models that are called and held by an optimiser, and that no gradient ever came to."""
        found = []
        for model in self.calls.models.values():
            own = [one for one in model.module.parameters() if one.requires_grad and id(one) in held]
            reached = any(id(one) in self.reached or (one.grad is not None and bool(one.grad.any())) for one in own)
            if model is not root and model.calls >= 3 and own and not reached:
                found.append({"name": type(model.module).__name__, "tensors": len(own)})
        return found[:5]

    def facts(self, root: Any) -> dict[str, Any]:
        (name, where), count = max(self.made.items(), key=lambda one: one[1], default=(("", None), 0))
        held = set().union(*(entry.ids for entry in self.training.held.values() if entry.steps))
        return {
            "sizes": self.sizes[:40],
            "held": len(held),
            "held_reached": len(held & self.reached),
            "renewed": {str(list(shape)): len(kept) for shape, kept in self.renewed.items() if len(kept) > 2},
            "made_in_forward": {"class_name": name, "where": where, "count": count},
            "unconnected": self.unconnected,
            "unconnected_at": self.unconnected_at,
            "leaf_losses": self.leaf_losses,
            "same_loss": self.same_loss,
            "half": self.half,
            "under_autocast": self.under_autocast,
            "most_alive": self.most_alive,
            "retained": self.retained,
            "drawn": sorted(self.drawn),
            "apart": self._apart(root, held),
        }
