"""One call of a loss of Keras or TensorFlow: its name and kind, its options, and the figures of its arrays."""

from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

from observe.losses import describe
from observe.losses_labels import label_weights
from observe.losses_tokens import describe_tokens, rows_of
from observe.record import class_place, is_users, relative

VALUES = ("meansquared", "meanabsolute", "mse", "mae", "huber", "logcosh")


@dataclass
class Call:
    """A loss that was called; `loss` is the object, where it is one."""

    name: str
    target: Any = None
    output: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    loss: Any = None
    weights: Any = None
    """Of the samples."""
    axis: int = -1
    own: bool = False
    """Whether the program itself has written the loss, under whatever name."""
    dtypes: tuple[str, str] = ("", "")
    shapes: tuple[list[int], list[int]] | None = None

    @property
    def kind(self) -> str:
        return "custom" if self.own else kind_of(self.name)

    @classmethod
    def of_object(cls, loss: Any, y_true: Any, y_pred: Any, weights: Any = None) -> "Call":
        function = getattr(loss, "fn", None)
        named = function.__name__ if type(loss).__name__ == "LossFunctionWrapper" and function else type(loss).__name__
        given, own = getattr(loss, "_fn_kwargs", {}), place_of(loss) is not None
        known = "crossentropy" in plain(named) and not own
        options = {
            "reduction": loss.reduction or "none",
            "masked": weights is not None or getattr(y_pred, "_keras_mask", None) is not None,
            "ignored": given.get("ignore_class"),
            "from_logits": bool(given.get("from_logits", False)) if known else None,
        }
        return cls(named, y_true, y_pred, options, loss, weights, _axis(given), own)

    @classmethod
    def of_function(cls, name: str, given: dict[str, Any], names: tuple[str, str]) -> "Call":
        known = "entropy" in name
        told = bool(given.get("from_logits", names[1] == "logits")) if known else None
        options = {"reduction": "none", "from_logits": told}
        if isinstance(given.get("pos_weight"), (int, float)):
            options["pos_weight"] = [float(given["pos_weight"])]
        return cls(name, given.get(names[0]), given.get(names[1]), options, axis=_axis(given))

    @classmethod
    def of_compiled(cls, loss: Any) -> "Call | None":
        """A cross-entropy as it was handed to compile; None for what is none."""
        if isinstance(loss, keras.losses.Loss):
            call = cls.of_object(loss, None, None)
        elif isinstance(loss, str) or (callable(loss) and str(getattr(loss, "__module__", "")).startswith("keras.")):
            call = cls(loss if isinstance(loss, str) else loss.__name__, options={"from_logits": False})
        else:
            return None
        return call if "crossentropy" in plain(call.name) else None

    def described(self) -> "Call":
        """What is left of a traced call once its tensors are gone."""
        return replace(self, target=None, output=None, weights=None, dtypes=(_dtype(self.output), _dtype(self.target)))


def kind_of(name: str) -> str:
    name = plain(name)
    if "binary" in name or "sigmoid" in name or name.startswith("weightedcrossentropy"):
        return "binary" if "entropy" in name else "custom"
    if "crossentropy" in name:
        return "classes"
    if name.startswith(VALUES) or name == "difference":
        return "values"
    return "divergence" if name.startswith("kl") else "custom"


def place_of(loss: Any) -> tuple[str, int] | None:
    """Where a loss of the program's own is defined."""
    code = getattr(getattr(loss, "fn", None), "__code__", None)
    if code is not None and is_users(code.co_filename):
        return relative(code.co_filename), code.co_firstlineno
    return class_place(type(loss)) if loss is not None else None


def figures_of(
    kind: str,
    output: np.ndarray,
    target: np.ndarray | None,
    ids: np.ndarray | None,
    answer: np.ndarray | None,
    weights: np.ndarray | None,
    call: Call,
) -> dict[str, Any]:
    output_dtype, target_dtype = call.dtypes if call.dtypes[0] else (_dtype(call.output), _dtype(call.target))
    axis = call.axis if output.ndim else -1
    asked = target if target is not None else np.zeros(0)
    found = describe(kind, output, asked if target is not None else output, axis=axis)
    if target is None:
        found = {name: value for name, value in found.items() if "target" not in name and name != "counts"}
    if kind == "classes" and ids is not None and len(ids) == len(asked) and asked.ndim <= 3:
        found |= describe_tokens(asked, ids)
    if kind == "classes" and answer is not None:
        found |= rows_of(answer, output, axis)
    if weights is not None and target is not None:
        found |= label_weights(target, weights)
    return {"input_dtype": output_dtype, "target_dtype": target_dtype, **found}


def _axis(given: dict[str, Any]) -> int:
    return given["axis"] if isinstance(given.get("axis"), int) else -1


def plain(name: str) -> str:
    return name.lower().replace("_", "")


def _dtype(value: Any) -> str:
    return "" if value is None or not hasattr(value, "dtype") else keras.backend.standardize_dtype(value.dtype)
