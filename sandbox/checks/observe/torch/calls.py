"""Outermost calls of PyTorch modules: shapes, modes, the captured batch, and what evaluation passes answered."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils._pytree import tree_map

from observe.passes import Passes, row_hashes, timed
from observe.record import Record, class_place, harmless, user_frame

Loss = nn.modules.loss._Loss
MODE_LAYERS = (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd, nn.AlphaDropout)


class Model:
    """One module that was called from outside of any other module."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module
        self.trained_calls = 0
        self.calls = 0
        self.batch: tuple[tuple[Any, ...], dict[str, Any]] | None = None
        self.batch_rows = 0
        self.mode_layers = sorted({type(layer).__name__ for layer in module.modules() if _depends_on_mode(layer)})


class Calls:
    """The ledger of model calls."""

    def __init__(self, record: Record, passes: Passes) -> None:
        self.record, self.passes = record, passes
        self.models: dict[int, Model] = {}
        self.last_trained: tuple[Model, bool] | None = None
        self.rows = 0
        """Samples of the call in `last_trained`."""
        self.modes = {"trained_in_train": 0, "trained_in_eval": 0}

    def install(self) -> None:
        original, record = nn.Module.__call__, self.record
        seen, model = harmless(record)(self._seen), harmless(record)(self.model)
        judged = harmless(record)(self._judged)
        compiling = torch.compiler.is_compiling

        def watched(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            if compiling() or record.depth:
                return original(module, *args, **kwargs)
            if isinstance(module, Loss):
                output = original(module, *args, **kwargs)
                judged(module, output)
                return output
            model(module)
            record.depth += 1
            try:
                with record.during("forward"):
                    output = original(module, *args, **kwargs)
            finally:
                record.depth -= 1
            seen(module, args, kwargs, output)
            return output

        nn.Module.__call__ = watched

    def model(self, module: nn.Module) -> Model | None:
        known = self.models.get(id(module))
        if known is None and any(True for _ in module.parameters()):
            known = self.models[id(module)] = Model(module)
            self.record.send("model", **describe(module))
        return known

    def _seen(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        model = self.model(module)
        if model is None:
            self._judged(module, output)
            return
        model.calls += 1
        self.record.tell("called", model, args, kwargs, output)
        tensor = first_tensor(output)
        if tensor is None:
            return
        inputs = first_tensor((args, kwargs))
        self._capture(model, args, kwargs, inputs)
        if tensor.requires_grad:
            self.last_trained = (model, module.training)
            self.rows = inputs.shape[0] if inputs is not None else 0
            if inputs is not None and self.passes.wants_training_hashes():
                timed(self.record, self._hash_when_trained, inputs, tensor)
        # What was exported keeps the mode that it was exported in, whatever it says.
        training = module.training and not isinstance(module, torch.fx.GraphModule)
        self._evaluating(model, training, inputs, tensor)

    def _judged(self, module: nn.Module, output: Any) -> None:
        """A module without parameters that makes one differentiable number is a loss of the program's own."""
        if isinstance(output, torch.Tensor) and not output.ndim and output.requires_grad:
            self.record.choices.loss(type(module).__name__, user_frame())

    def _capture(self, model: Model, args: tuple[Any, ...], kwargs: dict[str, Any], inputs: Any) -> None:
        rows = inputs.shape[0] if inputs is not None and inputs.ndim else 0
        if model.batch is None or (rows > model.batch_rows and rows <= 256):
            model.batch, model.batch_rows = tree_map(_plain, (args, kwargs)), rows

    def _hash_when_trained(self, inputs: torch.Tensor, output: torch.Tensor) -> None:
        hashes = row_hashes(to_numpy(inputs))
        output.register_hook(lambda _: None if self.record.depth else self.passes.trained_on(hashes))

    def _evaluating(self, model: Model, training: bool, inputs: Any, output: torch.Tensor) -> None:
        self._end_evaluation(training and output.requires_grad)
        current = self.passes.current()
        if current.steps != self.record.steps or current.backwards != self.record.backwards:
            return
        current.calls += 1
        current.where = current.where or user_frame()
        current.in_train_mode += training
        current.with_gradient += output.requires_grad
        if output.requires_grad and (training or (current.calls > 8 and not self.record.affords())):
            return
        timed(self.record, self._reduce, current, inputs, output)

    def _end_evaluation(self, trains: bool) -> None:
        """Without a loader, a call that may be trained ends the evaluation before it, whose right answers are known."""
        direct = self.passes.direct
        known = direct is not None and direct.task is not None and not (direct.with_gradient or direct.in_train_mode)
        if trains and known and not self.passes.active:
            self.passes.close_direct()

    def _reduce(self, current: Any, inputs: Any, output: torch.Tensor) -> None:
        targets = [to_numpy(one) for one in current.batch[1:] if isinstance(one, torch.Tensor)]
        hashed = None if inputs is None or not (self.record.affords() or current.calls < 50) else to_numpy(inputs)
        self.passes.call(current, hashed, to_numpy(output), targets)

    def about_to_differentiate(self) -> None:
        """The most recent call whose output needs a gradient is taken as the one that is being trained."""
        if self.last_trained is not None:
            model, training = self.last_trained
            model.trained_calls += 1
            self.record.choices.called[self.rows] += bool(self.rows)
            self.modes["trained_in_train" if training else "trained_in_eval"] += 1

    def facts(self, root: Model | None) -> dict[str, Any]:
        return {
            "modes": self.modes,
            "forward_calls": sum(model.calls for model in self.models.values()),
            "mode_layers": root.mode_layers if root else [],
            "models": [describe(model.module) for model in self.models.values()][:10],
        }


def describe(module: nn.Module) -> dict[str, Any]:
    parameters = list(module.parameters())
    place = class_place(type(module)) or user_frame()
    size = sum(one.numel() * one.element_size() for one in [*parameters, *module.buffers()])
    return {
        "class_name": type(module).__name__,
        "file": place[0] if place else None,
        "line": place[1] if place else None,
        "parameters": sum(one.numel() for one in parameters),
        "trainable": sum(one.numel() for one in parameters if one.requires_grad),
        "bytes": size,
    }


def first_tensor(value: Any) -> torch.Tensor | None:
    """The first floating or integer tensor with an axis in a nested output or argument."""
    if isinstance(value, torch.Tensor):
        return value if value.ndim else None
    if isinstance(value, dict):
        preferred = value.get("logits")
        return preferred if isinstance(preferred, torch.Tensor) else first_tensor(tuple(value.values()))
    if isinstance(value, (tuple, list)):
        found = (first_tensor(one) for one in value)
        return next((one for one in found if one is not None), None)
    return None


def _plain(value: Any) -> Any:
    """The tensor that torch.func wrapped, the first one of those that vmap put together: outside none can be used."""
    functorch = torch._C._functorch
    while isinstance(value, torch.Tensor) and functorch.is_functorch_wrapped_tensor(value):
        inner = functorch.get_unwrapped(value)
        value = inner.select(functorch.maybe_get_bdim(value), 0) if functorch.is_batchedtensor(value) else inner
    return value


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    tensor = tensor.detach()
    if tensor.is_sparse or tensor.is_quantized:
        raise TypeError("not a dense tensor")
    if tensor.is_floating_point() and tensor.dtype not in (torch.float16, torch.float32, torch.float64):
        tensor = tensor.float()
    return tensor.cpu().numpy()


def _depends_on_mode(layer: nn.Module) -> bool:
    return isinstance(layer, MODE_LAYERS) and getattr(layer, "p", 1.0) > 0
