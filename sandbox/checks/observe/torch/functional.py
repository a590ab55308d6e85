"""Training without an optimiser or without a module: torch.func, autograd.grad, and tensors that are updated by hand.

Runs inside the jail. A step by hand is one after which the parameters differ from what they were, never a call alone.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.utils import _pytree as pytree

from observe.passes import timed
from observe.record import TrainingEnded, harmless, is_users
from observe.torch.chains import linear_chain
from observe.torch.train import fingerprint

MOST_NODES = 5000
MOST_LEAVES = 500
MOST_STATES = 20_000


class Ledger:
    """Parameters in the order in which they were given: what they were first, what they are now."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.first: list[torch.Tensor] = []
        self.tensors: list[torch.Tensor] = []
        self.steps = 0
        self.stale = 0
        """Steps whose gradients were still there at the next backward pass."""
        self.states: dict[int, int] = {}
        """Hash of the first tensor's values at each look -> steps made by then."""
        self.gradient: set[int] = set()
        """Places of those that got a gradient that is not zero."""
        self._looked = 0
        self._before: list[torch.Tensor] = []

    def see(self, names: list[str], tensors: list[torch.Tensor], *, backwards: int) -> int:
        """Take the parameters of one gradient; the steps that were made since those of the look before."""
        now = [fingerprint(one) for one in tensors]
        if [one.shape for one in now] != [one.shape for one in self._before]:
            self.names, self.first, self._before = names, now, now
        moved = not all(map(torch.equal, now, self._before))
        steps = (backwards - self._looked) * moved
        self.steps += steps
        self._before, self.tensors, self._looked = now, tensors, backwards
        if now and len(self.states) < MOST_STATES:
            self.states.setdefault(_hash(now[0]), self.steps)
        return steps

    def kept(self, values: Any) -> int | None:
        """Steps made when these tensors were what the parameters were; None where they never were, or are now."""
        tensors = list(values.values()) if isinstance(values, dict) else list(values)
        if not tensors or not all(isinstance(one, torch.Tensor) for one in tensors):
            return None
        if Counter(one.shape for one in tensors) != Counter(one.shape for one in self.tensors):
            return None
        now = fingerprint(self.tensors[0])
        alike = [fingerprint(one) for one in tensors if one.shape == self.tensors[0].shape]
        if any(torch.equal(now, then) for then in alike):
            return None
        return next((self.states[_hash(then)] for then in alike if _hash(then) in self.states), None)

    def rows(self, held: set[int]) -> list[dict[str, Any]]:
        """As the ledger of a module's parameters; `held` are the ids of what optimisers hold, if there are any."""
        now = [fingerprint(one) for one in self.tensors]
        return [
            {
                "name": name,
                "values": one.numel(),
                "shape": list(one.shape),
                "trainable": True,
                "held": id(one) in held if held else not (self.steps and torch.equal(now[index], self.first[index])),
                "gradient": index in self.gradient,
                "changed": not torch.equal(now[index], self.first[index]),
            }
            for index, (name, one) in enumerate(zip(self.names, self.tensors, strict=True))
        ]


class Functional:
    """Follows gradients that no optimiser asks for."""

    name = "functional"

    def __init__(self, watch: Any) -> None:
        self.record, self.calls, self.training = watch.record, watch.calls, watch.training
        self.ledger = Ledger()
        self.heard: set[int] = set()
        self.chain: list[int] | None = None
        self.transformed = False
        """Whether torch.func took gradients, so that a module's own parameters are not those that are trained."""
        self.record.on("differentiated", self._differentiated)
        self._watch_autograd()
        self._watch_transforms()

    def _differentiated(self, loss: torch.Tensor) -> None:
        """A backward pass while no optimiser has stepped: look at the leaves of its graph."""
        if any(held.steps for held in self.training.held.values()) and self.calls.models:
            return
        if self.record.backwards > 64 and not self.record.affords():
            return
        timed(self.record, self._look_at_leaves, loss)

    def _look_at_leaves(self, loss: torch.Tensor) -> None:
        if self.record.backwards <= 2 and not self.calls.models:
            self.chain = linear_chain(loss)
        found = list(leaves_of(loss))
        if found:
            same = list(map(id, found)) == list(map(id, self.ledger.tensors))
            moved = self._see(self.ledger.names if same else _names(found), found)
            self.ledger.stale += bool(moved) and all(one.grad is not None and bool(one.grad.any()) for one in found)
            for index, one in enumerate(found):
                self._listen(index, one)

    def _listen(self, index: int, leaf: torch.Tensor) -> None:
        """Its gradient comes after this; a leaf that is made anew for each step is listened to anew."""
        if id(leaf) not in self.heard:
            self.heard.add(id(leaf))
            leaf.register_post_accumulate_grad_hook(lambda one: self._got(index, one.grad))

    def _got(self, index: int, gradient: torch.Tensor | None) -> None:
        if index not in self.ledger.gradient and gradient is not None and bool(gradient.detach().any()):
            self.ledger.gradient.add(index)

    def _see(self, names: list[str], tensors: list[torch.Tensor], grads: Sequence[torch.Tensor | None] = ()) -> int:
        """The steps that were made by hand since the look before."""
        steps = self.ledger.see(names, tensors, backwards=self.record.backwards)
        for index, one in enumerate(grads):
            self._got(index, one)
        if steps and not self.training.held:
            self.record.step(steps)
        return steps

    def _watch_autograd(self) -> None:
        original, taken = torch.autograd.grad, harmless(self.record)(self._gradient)

        @wraps(original)
        def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            found = original(outputs, inputs, *args, **kwargs)
            if not self.record.depth and not torch.compiler.is_compiling():
                taken(outputs, inputs, found)
                self._end()
            return found

        torch.autograd.grad = grad

    def _gradient(self, outputs: Any, inputs: Any, found: Any) -> None:
        """Gradients of one number by parameters are those of training; by inputs of a model they are a figure."""
        loss = outputs[0] if isinstance(outputs, (tuple, list)) else outputs
        tensors = [inputs] if isinstance(inputs, torch.Tensor) else list(inputs)
        if loss.numel() != 1 or (not all(isinstance(one, nn.Parameter) for one in tensors) and self.calls.models):
            return
        self._took(loss.detach())
        names = {id(one): name for model in self.calls.models.values() for name, one in model.module.named_parameters()}
        self.calls.about_to_differentiate()
        for one in tensors:
            self.training.remember(one)
        self.training.got_gradient.update(id(one) for one, grad in zip(tensors, found, strict=True) if grad is not None)
        self._see([names.get(id(one), f"tensor {n}") for n, one in enumerate(tensors)], tensors, list(found))

    def _watch_transforms(self) -> None:
        both = torch.func.grad_and_value

        @wraps(both)
        def grad_and_value(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
            return self._followed(both(func, argnums, has_aux), argnums, has_aux)

        @wraps(torch.func.grad)
        def grad(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
            followed = self._followed(both(func, argnums, has_aux), argnums, has_aux)

            @wraps(func)
            def gradients(*args: Any, **kwargs: Any) -> Any:
                found, value = followed(*args, **kwargs)
                return (found, value[1]) if has_aux else found

            return gradients

        torch.func.grad_and_value, torch.func.grad = grad_and_value, grad

    def _followed(self, transformed: Callable[..., Any], argnums: Any, has_aux: bool) -> Callable[..., Any]:
        taken = harmless(self.record)(self._transformed)

        @wraps(transformed)
        def call(*args: Any, **kwargs: Any) -> Any:
            self._end()
            with self.record.during("backward"):
                found, value = transformed(*args, **kwargs)
            if not torch.compiler.is_compiling() and torch._C._functorch.peek_interpreter_stack() is None:
                taken(args[argnums] if isinstance(argnums, int) else args[argnums[0]], found, value, has_aux)
            return found, value

        return call

    def _transformed(self, parameters: Any, found: Any, value: Any, has_aux: bool) -> None:
        self.transformed = True
        paths, _ = pytree.tree_flatten_with_path(parameters)
        tensors = [(pytree.keystr(path).strip("[]'"), one) for path, one in paths if isinstance(one, torch.Tensor)]
        grads = [one for one in pytree.tree_leaves(found) if isinstance(one, torch.Tensor)]
        self._took((value[0] if has_aux else value).detach())
        self._see([name for name, _ in tensors], [one for _, one in tensors], grads[: len(tensors)])

    def _took(self, loss: torch.Tensor) -> None:
        self.record.backwards += 1
        self.record.loss(loss.clone())

    def _end(self) -> None:
        if self.ledger.steps and not self.record.depth and self.record.beyond_bound():
            raise TrainingEnded

    def facts(self, root: Any) -> dict[str, Any]:
        return {
            "steps": self.ledger.steps,
            "stale": self.ledger.stale,
            "unused": self._unused(),
            "chain": self.chain,
        }

    def _unused(self) -> list[dict[str, Any]]:
        """Copies of earlier values of the parameters that the program still holds under a name."""
        held = vars(sys.modules["__main__"]).items() if self.ledger.steps else ()
        named = [(name, value) for name, value in held if isinstance(value, (list, tuple, dict))]
        kept = [(name, self.ledger.kept(value)) for name, value in named]
        return [{"name": name, "steps": steps} for name, steps in kept if steps]

    def complete(self, facts: dict[str, Any], root: Any) -> None:
        """Put the ledger in the place of a module's where there is no module, or where it holds other values."""
        self._see(self.ledger.names, self.ledger.tensors)
        rows = self.ledger.rows(set().union(*(one.ids for one in self.training.held.values())))
        trains_itself = root is None or (self.transformed and not any(one["changed"] for one in facts["parameters"]))
        if not rows or not trains_itself:
            return
        facts["parameters"] = rows
        facts["changed"] = sum(one["changed"] for one in rows)
        facts["watched"] = len(rows)
        if not self.training.held:
            facts["steps"] = self.record.steps = self.ledger.steps
        if root is not None:
            self._put_back(root.module)

    def _put_back(self, module: nn.Module) -> None:
        """Give the module the values that were trained outside of it, so that the probes see those."""
        trained = dict(zip(self.ledger.names, self.ledger.tensors, strict=True))
        with torch.no_grad():
            for name, one in module.named_parameters():
                if name in trained and trained[name].shape == one.shape:
                    one.copy_(trained[name])


def _hash(values: torch.Tensor) -> int:
    return hash(values.numpy().tobytes())


def leaves_of(loss: torch.Tensor) -> Iterator[torch.Tensor]:
    """The tensors that a backward pass from here gives gradients to, nearest first."""
    queue, seen, found = [loss.grad_fn], set(), 0
    while queue and len(seen) < MOST_NODES and found < MOST_LEAVES:
        node = queue.pop(0)
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found += 1
            yield node.variable
        queue += [following for following, _ in node.next_functions]


def _names(tensors: list[torch.Tensor]) -> list[str]:
    """The names that the program's frames have for tensors; those in lists and dictionaries with their place."""
    wanted = {id(one): f"tensor {number}" for number, one in enumerate(tensors)}
    frame = sys._getframe(1)
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            for name, value in {**frame.f_globals, **frame.f_locals}.items():
                for label, one in _inside(name, value):
                    if id(one) in wanted:
                        wanted[id(one)] = label
            break
        frame = frame.f_back
    return list(wanted.values())


def _inside(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    yield name, value
    if isinstance(value, dict):
        yield from ((f"{name}.{key}", one) for key, one in list(value.items())[:200])
    elif isinstance(value, (list, tuple)):
        yield from ((f"{name}[{index}]", one) for index, one in enumerate(value[:200]))
