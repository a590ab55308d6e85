"""What one forward pass of a PyTorch model does to the axes of its activations.

Runs inside the jail.
"""

from collections import Counter
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from observe.layout import LARGEST_MASK, Layout
from observe.masks import FORBIDDING
from observe.record import called_by_user
from observe.torch.calls import to_numpy
from observe.torch.operations import DROPOUTS

RESHAPES = ("view", "reshape", "view_as", "reshape_as", "_unsafe_view", "unflatten")
SOFTMAXES = ("softmax", "log_softmax", "_softmax")
PRODUCTS = ("matmul", "__matmul__", "bmm", "einsum", "baddbmm")
ON_FEATURES = ("linear", "layer_norm", "rms_norm")
ATTENTION = ("scaled_dot_product_attention", "multi_head_attention_forward")
SUMMARIES = ("mean", "sum", "amax", "max")
TIMES = ("mul", "mul_", "__mul__", "__imul__", "__rmul__")
PLUS = ("add", "add_", "__add__", "__iadd__", "__radd__")
COMPARES = ("eq", "ne", "__eq__", "__ne__", "gt", "__gt__")
TURNS = ("transpose", "permute", "swapaxes", "t", "movedim", "flip", "roll", "__getitem__")
"""What moves values to other places, so that a result of the same shape is another thing."""
DRAWS = ("randn", "randn_like", "normal", "normal_", "rand", "rand_like", "bernoulli", "multinomial", "randint")
RESCALES = ("linear", "softmax", "_softmax", "layer_norm", "embedding", "conv2d", "conv1d")
"""What forgets how its input was scaled."""
NORMALISES = ("normalize", "rms_norm", "layer_norm", "norm")
SCALES = (*TIMES, "div", "div_", "__truediv__", "__itruediv__", "true_divide")
RECURRENT = (nn.LSTM, nn.GRU, nn.RNN)


class _Listening(TorchFunctionMode):
    """Tells the layout what the program's own code computes; what torch does on its way is left out."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        if (args and isinstance(args[0], torch.Tensor)) or name == "einsum":
            self._hear(name, args, kwargs, result, own=called_by_user())
        if name in DROPOUTS and kwargs.get("training", args[2] if len(args) > 2 else False) and _rate(args, kwargs) > 0:
            self.layout.tell("dropout-in-eval")
        elif name in DRAWS:
            self.layout.tell("draws")
        if name not in RESCALES and self.layout.is_scaled(*(one for one in args if isinstance(one, torch.Tensor))):
            self.layout.scaled(*(result if isinstance(result, (tuple, list)) else (result,)))
        return result

    def _hear(self, name: str, args: Any, kwargs: Any, result: Any, *, own: bool) -> None:
        layout, value = self.layout, args[0]
        if name in RESHAPES and own and not isinstance(value, nn.Parameter):
            layout.reshaped(value, result)
        elif name in SOFTMAXES:
            dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
            layout.softmax(value, result, dim if isinstance(dim, int) else _implicit(value.ndim))
        elif name in PRODUCTS:
            factors = [one for one in args if isinstance(one, torch.Tensor) and not isinstance(one, nn.Parameter)]
            layout.product(factors, result)
        elif name in ATTENTION:
            mask = kwargs.get("attn_mask", args[3] if name == ATTENTION[0] and len(args) > 3 else None)
            if name == ATTENTION[0]:
                layout.tell("attention", shape=list(result.shape), contracted=value.shape[-1], scaled=True)
                if kwargs.get("dropout_p", 0.0) > 0:
                    layout.tell("dropout-in-eval")
            if isinstance(mask, torch.Tensor) and mask.is_floating_point() and mask.unique().numel() > 2:
                layout.tell("relative", shape=list(mask.shape))
            elif isinstance(mask, torch.Tensor):
                self._masked(None, mask, "plus" if mask.is_floating_point() else "hidden")
        elif name in ON_FEATURES:
            if name == "linear" and layout.marks(value).get("averaged"):
                layout.tell("features-averaged", shape=layout.marks(value)["averaged"])
            layout.mark(result, features=True)
            if name in NORMALISES and value.ndim >= 4:
                layout.scaled(result)
        elif name == "where" and own and len(args) == 3:
            self._where(*args, result)
        elif name in SUMMARIES and isinstance(result, torch.Tensor):
            self._summary(args, kwargs, result)
        elif name in COMPARES and own and not value.is_floating_point():
            layout.tell("compares-ids", shape=list(value.shape))
        elif isinstance(result, torch.Tensor) and name not in TURNS:
            self._elementwise(name, args, kwargs, result, own=own)

    def _summary(self, args: Any, kwargs: Any, result: torch.Tensor) -> None:
        value = args[0]
        dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
        kept = kwargs.get("keepdim", args[2] if len(args) > 2 else False)
        last = dim in (-1, value.ndim - 1, (-1,), [-1], (value.ndim - 1,))
        if last and not kept and value.ndim >= 3 and self.layout.marks(value).get("features"):
            self.layout.mark(result, averaged=list(value.shape))

    def _elementwise(self, name: str, args: Any, kwargs: Any, result: torch.Tensor, *, own: bool) -> None:
        layout = self.layout
        tensors = [one for one in args if isinstance(one, torch.Tensor)]
        layout.inherit(result, *tensors)
        others = [one for one in args if not isinstance(one, torch.Tensor) or one.ndim == 0]
        if name in SCALES and others and len(tensors) >= 1 and _is_smaller(name, others[0]):
            layout.scaled(result)
        how = "times" if name in TIMES else "plus"
        pairs = (tensors, tensors[::-1]) if name in (*TIMES, *PLUS) and len(tensors) == 2 else ()
        for one, other in pairs:
            self._placed(one, other, how)
        if not own or len(args) < 2:
            return
        if pairs:
            for one, other in pairs:
                self._masked(one, other, how)
        elif name in ("masked_fill", "masked_fill_") and len(args) > 2 and float(args[2]) > -50:
            self._masked(args[0], args[1], "zeroed")
        elif name in ("masked_fill", "masked_fill_") and len(args) > 2:
            self._masked(args[0], args[1], "hidden")

    def _where(self, condition: torch.Tensor, first: Any, second: Any, result: torch.Tensor) -> None:
        for excluded, constant, scores in ((condition, first, second), (~condition, second, first)):
            if isinstance(scores, torch.Tensor) and scores.ndim >= 2 and _forbids(constant):
                self.layout.inherit(result, scores)
                self.layout.selected(to_numpy(excluded))

    def _placed(self, value: torch.Tensor, other: torch.Tensor, how: str) -> None:
        """Biases of scores and rotations, in the program's own code or in a library's."""
        if how == "plus" and other.ndim:
            self.layout.added_to_scores(value, other)
        elif other.ndim and not isinstance(other, nn.Parameter) and other.dtype.is_floating_point | other.is_complex():
            self.layout.turned(value, other)

    def _masked(self, value: torch.Tensor | None, mask: torch.Tensor, how: str) -> None:
        square = mask.ndim >= 2 and mask.shape[-1] == mask.shape[-2] and 4 <= mask.numel() <= LARGEST_MASK
        fits = value is None or value.shape[-2:] == mask.shape[-2:]
        if square and fits and not isinstance(mask, nn.Parameter):
            self.layout.masked(value, to_numpy(mask), how)


def _is_smaller(name: str, factor: Any) -> bool:
    """Whether this multiplication or division makes things smaller; what a model has learned may do either."""
    if isinstance(factor, nn.Parameter) or not isinstance(factor, (int, float, torch.Tensor)):
        return True
    return abs(float(factor)) < 1 if name in TIMES else abs(float(factor)) > 1


def _rate(args: Any, kwargs: Any) -> float:
    return float(kwargs.get("p", args[1] if len(args) > 1 else 0.5))


def _forbids(value: Any) -> bool:
    single = not isinstance(value, torch.Tensor) or value.numel() == 1
    return single and float(value) < FORBIDDING


def layout(subject: Any) -> dict[str, Any]:
    """The events of one forward pass, and the sequence layers that take the batch for time."""
    kept = Layout(subject.rows)
    swapped: list[dict[str, Any]] = []
    owners = Counter(id(one) for layer in subject.module.modules() for one in layer.parameters(recurse=False))
    handles = [
        layer.register_forward_pre_hook(_sequence_axis(name, subject.rows, swapped))
        for name, layer in subject.module.named_modules()
        if isinstance(layer, (*RECURRENT, nn.MultiheadAttention))
    ]
    handles += [
        layer.register_forward_hook(_linear(name, kept))
        for name, layer in subject.module.named_modules()
        if type(layer) is nn.Linear and owners[id(layer.weight)] == 1
    ]
    try:
        with torch.compiler.set_stance("force_eager"), _Listening(kept):
            subject()
    finally:
        for handle in handles:
            handle.remove()
    attentions = sum(isinstance(layer, nn.MultiheadAttention) for layer in subject.module.modules())
    kinds = _kinds(subject.module)
    return {"events": kept.events, "time_first": swapped, "layers": kinds, "attentions": attentions}


def _linear(name: str, layout: Layout) -> Any:
    def look(layer: nn.Linear, args: Any, output: Any) -> None:
        layout.linear(args[0], output, name.rpartition(".")[0], (layer.in_features, layer.out_features))

    return look


def _kinds(module: nn.Module) -> list[str]:
    kinds = {"recurrent": RECURRENT, "attention": nn.MultiheadAttention, "convolution": nn.modules.conv._ConvNd}
    return [name for name, kind in kinds.items() if any(isinstance(one, kind) for one in module.modules())]


def _sequence_axis(name: str, rows: int, found: list[dict[str, Any]]) -> Any:
    def look(layer: Any, args: Any) -> None:
        value = args[0] if args else None
        if not isinstance(value, torch.Tensor) or value.ndim != 3 or layer.batch_first:
            return
        if value.shape[0] == rows and value.shape[1] != rows:
            found.append({"layer": name, "type": type(layer).__name__, "shape": list(value.shape)})

    return look


def _implicit(ndim: int) -> int:
    return 0 if ndim in (0, 1, 3) else 1
