"""Backward passes, optimiser steps and what they did to the parameters of a PyTorch program."""

import weakref
from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.optim.optimizer import Optimizer, register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from observe.passes import Passes, timed
from observe.record import Record, TrainingEnded, harmless
from observe.torch.calls import Calls, Model
from observe.torch.held import Held

SAMPLED_VALUES = 4096
WATCHED_LOSSES = 64
LOOKED_AT = 3
"""The step of an optimiser at which gradients are looked for that it does not hold."""


class Training:
    """The ledger of backward passes, steps, gradients and parameters."""

    def __init__(self, record: Record, calls: Calls, passes: Passes) -> None:
        self.record, self.calls, self.passes = record, calls, passes
        self.held: dict[int, Held] = {}
        self.before: dict[int, tuple[nn.Parameter, torch.Tensor]] = {}
        self.got_gradient: set[int] = set()
        self.norms: list[list[float]] = []
        self.nonfinite_gradients = 0
        self.watched_losses: list[weakref.ref[Any]] = []
        self.schedulers: dict[str, int] = {}

    def install(self) -> None:
        record = self.record
        self._watch_backward()
        self._watch_zero()
        pre, post = harmless(record)(self._before_step), harmless(record)(self._after_step)
        self._hooks = (
            register_optimizer_step_pre_hook(lambda optimizer, args, kwargs: pre(optimizer, args, kwargs)),
            register_optimizer_step_post_hook(lambda optimizer, args, kwargs: self._ended(post(optimizer))),
        )
        construct = Optimizer.__init__
        enrol = harmless(record)(self._enrol)

        def watched(optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
            construct(optimizer, *args, **kwargs)
            enrol(optimizer)

        Optimizer.__init__ = watched
        self._watch_schedulers()

    def _watch_backward(self) -> None:
        original, record = torch.autograd.backward, self.record
        before = harmless(record)(self._before_backward)

        def backward(tensors: Any, *args: Any, **kwargs: Any) -> None:
            if record.depth or torch.compiler.is_compiling():
                return original(tensors, *args, **kwargs)
            before(tensors)
            with record.during("backward"):
                original(tensors, *args, **kwargs)
            return None

        torch.autograd.backward = backward

    def _watch_zero(self) -> None:
        zeroing = harmless(self.record)(self._zeroing)
        for cls in (Optimizer, nn.Module):
            original = cls.zero_grad

            def zero_grad(owner: Any, *args: Any, _original: Any = original, **kwargs: Any) -> None:
                zeroing()
                _original(owner, *args, **kwargs)
                self._mark_clean()

            cls.zero_grad = zero_grad

    def _watch_schedulers(self) -> None:
        for cls in vars(lr_scheduler).values():
            if isinstance(cls, type) and issubclass(cls, lr_scheduler.LRScheduler) and "step" in vars(cls):
                self._count_steps(cls)

    def _count_steps(self, cls: type) -> None:
        step = cls.step

        def counted(scheduler: Any, *args: Any, **kwargs: Any) -> Any:
            name = type(scheduler).__name__
            self.schedulers[name] = self.schedulers.get(name, 0) + 1
            return step(scheduler, *args, **kwargs)

        cls.step = wraps(step)(counted)

    def _enrol(self, optimizer: Optimizer) -> Held:
        self.held.pop(id(optimizer), None)  # of one that is gone: the order is that of making
        held = self.held[id(optimizer)] = Held(optimizer)
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                held.ids.add(id(parameter))
                self.remember(parameter)
        return held

    def remember(self, parameter: nn.Parameter) -> None:
        if id(parameter) not in self.before and not isinstance(parameter, nn.UninitializedParameter):
            self.before[id(parameter)] = (parameter, fingerprint(parameter))

    def _zeroing(self) -> None:
        """Gradients are about to be set to zero; after a backward pass and before the step, that loses them."""
        for held in self.held.values():
            if held.steps < 20 and held.backwards_at_step != self.record.backwards and not held.is_clean():
                held.zeroed += 1

    def _mark_clean(self) -> None:
        for held in self.held.values():
            if not held.clean and held.is_clean():
                held.clean = True

    def _before_backward(self, tensors: Any) -> None:
        loss = tensors[0] if isinstance(tensors, (tuple, list)) else tensors
        self.record.backwards += 1
        self.record.loss(loss.detach() if loss.numel() == 1 else loss.detach().float().mean())
        self.calls.about_to_differentiate()
        self.record.tell("differentiated", loss)
        self._mark_clean()
        if self.calls.last_trained is not None and self.calls.last_trained[0].trained_calls == 1:
            for parameter in self.calls.last_trained[0].module.parameters():
                self.remember(parameter)
        if len(self.watched_losses) < WATCHED_LOSSES and loss.grad_fn is not None:
            sentinel = _Sentinel()
            loss.grad_fn.register_hook(sentinel)
            self.watched_losses.append(weakref.ref(sentinel))

    def _before_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> tuple[Any, Any] | None:
        """What the step is to be given instead, where that is a closure: there is no gradient before it ran."""
        held = self.held.get(id(optimizer)) or self._enrol(optimizer)
        held.steps += 1
        held.used([one["lr"] for one in optimizer.param_groups if type(one.get("lr")) is float])
        if held.steps in (1, 2, 3, 5, 10) or held.steps % 50 == 0:
            held.learning_rates += [float(group["lr"]) for group in optimizer.param_groups if "lr" in group]
        if not any(callable(one) for one in (*args[1:], *kwargs.values())):
            self._about_to_step(optimizer, held)
            return None
        ready = once(harmless(self.record)(lambda: self._about_to_step(optimizer, held)))
        watched = [followed(one, ready) if callable(one) else one for one in args[1:]]
        return (optimizer, *watched), {k: followed(one, ready) if callable(one) else one for k, one in kwargs.items()}

    def _about_to_step(self, optimizer: Optimizer, held: Held) -> None:
        self.record.tell("stepping", optimizer)
        if held.backwards_at_step == self.record.backwards or self.record.backwards == 0:
            held.without_backward += 1
        elif held.steps > 1 and not held.clean:
            held.stale += 1
        held.backwards_at_step = self.record.backwards
        held.clean = False
        if held.steps <= 10 or held.steps & (held.steps - 1) == 0 or (held.steps % 10 == 0 and self.record.affords()):
            timed(self.record, self._gradients, optimizer, held)

    def _gradients(self, optimizer: Optimizer, held: Held) -> None:
        owners = [one for group in optimizer.param_groups for one in group["params"] if one.grad is not None]
        dense = [one for one in owners if not one.grad.is_sparse]
        norms = torch.stack(torch._foreach_norm([one.grad for one in dense])).tolist() if dense else []
        self.got_gradient.update(id(one) for one, norm in zip(dense, norms, strict=True) if norm != 0)
        self.got_gradient.update(id(one) for one in owners if one.grad.is_sparse)
        if held.steps == LOOKED_AT:
            self.got_gradient.update(key for key, (one, _) in self.before.items() if _has_gradient(one))
        total = sum(norm * norm for norm in norms) ** 0.5
        held.zero_gradients += total == 0
        self.nonfinite_gradients += total != total or total == float("inf")
        if len(self.norms) < 500:
            self.norms.append([self.record.steps + 1, total])

    def _after_step(self, optimizer: Optimizer) -> bool:
        self.record.step()
        self.record.tell("stepped", optimizer)
        outside = not any(one.steps != self.record.steps for one in self.passes.active)
        return outside and self.record.beyond_bound()

    def detach(self) -> None:
        """Steps from now on are those of probes: they do not count, and no bound ends them."""
        for hook in self._hooks:
            hook.remove()

    def _ended(self, beyond: bool | None) -> None:
        if beyond:
            raise TrainingEnded

    def root(self) -> Model | None:
        """The model that was trained: the one that most backward passes came from."""
        models = list(self.calls.models.values())
        held = set().union(*(one.ids for one in self.held.values())) if self.held else set()
        return max(
            models,
            key=lambda model: (
                model.trained_calls,
                sum(id(parameter) in held for parameter in model.module.parameters()),
                model.calls,
            ),
            default=None,
        )

    def facts(self, root: Model | None) -> dict[str, Any]:
        changed = {key for key, (one, before) in self.before.items() if not torch.equal(fingerprint(one), before)}
        holding: set[int] = set().union(*(one.ids for one in self.held.values())) if self.held else set()
        if not self.record.steps and changed and self.record.backwards:
            self.record.steps = self.record.backwards
        return {
            "steps": self.record.steps,
            "optimizers": [one.describe() for one in self.held.values()][:10],
            "parameters": self._ledger(root, holding, changed) if root else [],
            "changed": len(changed),
            "apart": len({one for one in holding & changed if self._had_gradient(one)} - self._of_models()),
            "watched": len(self.before),
            "gradient_norms": self.norms,
            "nonfinite_gradients": self.nonfinite_gradients,
            "schedulers": self.schedulers,
            "live_graphs": sum(one() is not None for one in self.watched_losses),
            "watched_graphs": len(self.watched_losses),
        }

    def _had_gradient(self, key: int) -> bool:
        return key in self.got_gradient or _has_gradient(self.before[key][0])

    def _of_models(self) -> set[int]:
        return {id(one) for model in self.calls.models.values() for one in model.module.parameters()}

    def _ledger(self, root: Model, holding: set[int], changed: set[int]) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "values": one.numel(),
                "shape": list(one.shape),
                "trainable": one.requires_grad,
                "held": id(one) in holding,
                "gradient": id(one) in self.got_gradient or _has_gradient(one),
                "changed": id(one) in changed,
            }
            for name, one in list(root.module.named_parameters())[:1000]
        ]


class _Sentinel:
    """Lives as long as the graph node that it is hooked to."""

    def __call__(self, *_: Any) -> None:
        return None


def _has_gradient(parameter: nn.Parameter) -> bool:
    grad = parameter.grad
    return grad is not None and (grad.is_sparse or bool(grad.any()))


def fingerprint(parameter: nn.Parameter) -> torch.Tensor:
    """Some of the values, and the sum of all of them."""
    values = parameter.detach().reshape(-1)
    sampled = values[:: max(1, values.numel() // SAMPLED_VALUES)].double()
    return torch.nan_to_num(torch.cat([sampled, values.sum(dtype=torch.float64).reshape(1)])).cpu()


def once(act: Callable[[], None]) -> Callable[[], None]:
    """LBFGS calls its closure several times a step; the first call counts."""
    left = [act]
    return lambda: left.pop()() if left else None


def followed(closure: Callable[[], Any], then: Callable[[], None]) -> Callable[[], Any]:
    @wraps(closure)
    def called() -> Any:
        loss = closure()
        then()
        return loss

    return called
