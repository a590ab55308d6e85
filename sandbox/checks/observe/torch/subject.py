"""A trained PyTorch model and a captured batch, as the probes ask it.

Runs inside the jail.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from observe.answers import Answers
from observe.nodes import are_nodes, held_by_program, is_one_sample, is_one_sequence
from observe.probe import NotApplicable
from observe.torch.calls import Model, first_tensor, to_numpy

ORDERED = (nn.RNNBase, nn.MultiheadAttention)
MOST_VALUES = 4_000_000
"""Of a table that is looked at for which samples it joins."""


class Subject:
    """A model in evaluation mode and the captured arguments of one of its calls."""

    def __init__(self, model: Model) -> None:
        self.module = model.module
        self.args, self.kwargs = tree_map(_usable, model.batch)
        lead = first_tensor((self.args, self.kwargs))
        self.lead = lead
        self.rows = lead.shape[0] if lead is not None else 0
        tensors = [one for one in (*self.args, *self.kwargs.values()) if isinstance(one, torch.Tensor)]
        self.single_input = len(tensors) == 1 and len(self.args) + len(self.kwargs) == 1

    def __call__(self, change: Callable[[torch.Tensor], torch.Tensor] | None = None) -> torch.Tensor:
        args, kwargs = self.arguments(change)
        with torch.no_grad():
            tensor = first_tensor(self.module(*args, **kwargs))
        if tensor is None:
            raise TypeError("the model returned no tensor with an axis")
        return tensor.detach()

    def arguments(
        self, change: Callable[[torch.Tensor], torch.Tensor] | None = None
    ) -> tuple[list[Any], dict[str, Any]]:
        """Those of the captured call, with `change` made to each tensor that has the batch as its first axis.

        A state of a recurrent layer (layers, batch, features), given beside the inputs, has it as its second one.
        """

        def changed(value: Any) -> Any:
            if change is None or not isinstance(value, torch.Tensor) or value.ndim == 0:
                return value
            if value.shape[0] == self.rows:
                return change(value)
            state = value.ndim == 3 and value.shape[1] == self.rows and value is not self.lead
            return change(value.movedim(1, 0)).movedim(0, 1).contiguous() if state else value

        return tree_map(changed, self.args), tree_map(changed, self.kwargs)

    def arrays(self) -> list[np.ndarray]:
        """The tensors among the arguments."""
        return [to_numpy(one) for one in tree_flatten((self.args, self.kwargs))[0] if isinstance(one, torch.Tensor)]

    def ask(self, inputs: list[np.ndarray]) -> np.ndarray:
        """The answer with these arrays in the places of the tensors."""
        leaves, shape = tree_flatten((self.args, self.kwargs))
        given = iter(inputs)
        args, kwargs = tree_unflatten([_like(one, given) for one in leaves], shape)
        with torch.no_grad():
            tensor = first_tensor(self.module(*args, **kwargs))
        if tensor is None:
            raise TypeError("the model returned no tensor with an axis")
        return to_numpy(tensor)

    @cached_property
    def answers(self) -> Answers:
        leaves = tree_flatten((self.args, self.kwargs))[0]
        tensors = [one for one in leaves if isinstance(one, torch.Tensor)]
        if self.lead is None:
            raise NotApplicable("The model takes no tensor with an axis.")
        return Answers(self.ask, self.arrays(), next(i for i, one in enumerate(tensors) if one is self.lead))

    def is_no_batch(self, sizes: dict[str, Any]) -> bool:
        """Whether the rows are one sample's features or a graph's nodes; `sizes` is what smaller parts came to."""
        given = [one for one in tree_flatten((self.args, self.kwargs))[0] if one is not self.lead]
        held = [value for module in self.module.modules() for value in (*vars(module).values(), *module.buffers(False))]
        beside = [array for one in given if (array := _dense(one)) is not None]
        known = (array for one in held if (array := _dense(one)) is not None)
        return self.lead is not None and (
            is_one_sample(to_numpy(self.lead), sizes)
            or is_one_sequence(
                to_numpy(self.lead), in_order=any(isinstance(one, ORDERED) for one in self.module.modules())
            )
            or are_nodes(self.rows, beside, chain(known, held_by_program(_dense)), sizes)
        )

    @property
    def weight_layers(self) -> int:
        return sum(one.ndim >= 2 for one in self.module.parameters())

    @property
    def padding_ids(self) -> list[int]:
        """What the embeddings were told to be padding."""
        layers = [one for one in self.module.modules() if isinstance(one, nn.Embedding)]
        return [one.padding_idx for one in layers if one.padding_idx is not None]


def _like(leaf: Any, given: Iterator[np.ndarray]) -> Any:
    if not isinstance(leaf, torch.Tensor):
        return leaf
    return torch.from_numpy(np.array(next(given))).to(device=leaf.device, dtype=leaf.dtype)


def _dense(value: Any) -> np.ndarray | None:
    """A tensor or an array of at most two axes, as an array; a sparse one filled up where that takes little room."""
    if isinstance(value, np.ndarray):
        return value
    if not isinstance(value, torch.Tensor) or value.ndim > 2 or value.numel() > MOST_VALUES:
        return None
    return to_numpy(value if value.layout is torch.strided else value.to_dense())


def _usable(value: Any) -> Any:
    """A tensor of an evaluation in inference mode may not take part in a gradient; its copy may."""
    return value.clone() if isinstance(value, torch.Tensor) and value.is_inference() else value
