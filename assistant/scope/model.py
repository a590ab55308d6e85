"""Architecture and sizes of the model that was trained, held against those that were asked for."""

from assistant.schema import ModelConfig
from assistant.scope.case import Case, Outcome, Rule
from sandbox.seen import Seen

ATTENTION = {
    "scaled_dot_product_attention",
    "multi_head_attention_forward",
    "_native_multi_head_attention",
    "_transformer_encoder_layer_fwd",
}
PRODUCTS = {"matmul", "__matmul__", "bmm", "baddbmm", "einsum", "BatchMatMulV2", "Einsum"}
SOFTMAX = {"softmax", "Softmax"}
JOINS = {"cat", "concat", "concatenate", "ConcatV2"}
TRANSFORMERS = ("transformer", "vit", "bert", "gpt")
HIDDEN_ACTIVATIONS = {
    "relu", "gelu", "silu", "tanh", "leakyrelu", "elu", "selu", "celu", "mish", "hardswish", "prelu", "softplus",
    "relu6",
}  # fmt: skip
SAME = {"swish": "silu", "Relu": "relu", "Tanh": "tanh", "Erf": "gelu", "relu_": "relu", "silu_": "silu"}
RATE_TOLERANCE = 1e-3


def count(seen: Seen, kind: str) -> int:
    """Layers of one kind, with those stacked inside of another."""
    return sum(one.stacked for one in seen.layers if one.kind == kind)


def has_convolution(seen: Seen) -> bool:
    return bool(count(seen, "convolution")) or any(name.lower().startswith("conv") for name in _called(seen))


def has_recurrence(seen: Seen) -> bool:
    return bool(count(seen, "recurrent")) or any(one.name.endswith("Cell") for one in seen.layers)


def has_attention(seen: Seen) -> bool:
    called = _called(seen)
    return bool(count(seen, "attention") or called & ATTENTION or (called & SOFTMAX and called & PRODUCTS))


def has_skips(seen: Seen) -> bool:
    joined = {one.name for one in seen.layers} & {"Add", "Concatenate"}
    return bool(seen.operations.get("residual") or joined or _called(seen) & JOINS)


def _called(seen: Seen) -> set[str]:
    return {name for name, calls in seen.operations.items() if calls}


def architecture(asked: str, case: Case) -> Outcome | None:
    """The family, by what kinds of layers the model has; where its calls could not be watched, absence says nothing."""
    seen = case.seen
    if not seen.layers or not seen.operations or asked == "custom":
        return None
    told = describe_model(seen)
    if asked == "mlp":
        others = has_convolution(seen) or has_recurrence(seen) or has_attention(seen)
        return Outcome(not others, told)
    if asked in ("cnn", "resnet", "unet"):
        return Outcome(has_convolution(seen) and (asked == "cnn" or has_skips(seen)), told)
    if asked == "lstm":
        return _recurrent(case, told)
    return Outcome(has_attention(seen), told)


def _recurrent(case: Case, told: str) -> Outcome | None:
    """An LSTM may be written by hand from its gates; a GRU is one only where the user said no more than "RNN"."""
    seen = case.seen
    if not has_recurrence(seen):
        return None if {"sigmoid", "tanh"} <= _called(seen) else Outcome(False, told)
    named = {one.name for one in seen.layers if one.kind == "recurrent"}
    strict = "lstm" in case.request.ml_task.problem_description.lower()
    return Outcome(not (strict and named and named <= {"GRU", "RNN", "SimpleRNN"}), told)


def describe_model(seen: Seen) -> str:
    """The kinds of layers, counted, in words."""
    kinds = ("convolution", "recurrent", "attention", "linear", "embedding")
    parts = [f"{total} {kind}" for kind in kinds if (total := count(seen, kind))]
    skips = [] if has_skips(seen) else ["no skip connection"]
    return ", ".join([f"layers: {' + '.join(parts) or 'none known'}", *skips])


def num_layers(asked: int, case: Case) -> Outcome | None:
    """Too few layers contradict, and more may belong to a head; of recurrent ones each part may have as many."""
    seen, family = case.seen, case.request.model.architecture
    if not seen.layers:
        return None
    if family == "lstm":
        layers = count(seen, "recurrent")
        return Outcome(layers % asked == 0, f"{layers} recurrent layers") if layers else None
    if family in TRANSFORMERS:
        layers = max(count(seen, "attention"), _calls(seen, *ATTENTION), _calls(seen, *SOFTMAX))
        return Outcome(layers >= asked, f"{layers} attention layers") if layers else None
    weights = ("convolution", "linear", "recurrent", "attention")
    called = _calls(seen, *(name for name in seen.operations if name.lower().startswith(("conv", "linear", "matmul"))))
    layers = max(sum(count(seen, kind) for kind in weights), called)
    return Outcome(layers >= asked, f"{layers} layers with weights")


def _calls(seen: Seen, *names: str) -> int:
    return sum(seen.operations.get(name, 0) for name in names)


def hidden_dim(asked: int, case: Case) -> Outcome | None:
    """The size of some layer, or of an axis of some parameter."""
    layers = {one.size for one in case.seen.layers if one.size}
    if not layers and not case.seen.sizes:
        return None
    told = ", ".join(map(str, sorted(layers)[-8:])) or "other"
    return Outcome(asked in layers | {*case.seen.sizes}, f"layers of {told} units")


def dropout(asked: float, case: Case) -> Outcome | None:
    seen = case.seen
    rates = sorted({*(one.rate for one in seen.layers if one.rate is not None), *seen.dropped} - {0.0})
    if not seen.layers or not (rates or seen.operations):
        return None
    told = f"rates {', '.join(f'{rate:g}' for rate in rates)}" if rates else "no dropout"
    kept = any(abs(rate - asked) < RATE_TOLERANCE for rate in rates) if asked else not rates
    return Outcome(kept, told)


def activation(asked: str, case: Case) -> Outcome | None:
    """Among the activations that hidden layers use; those inside of recurrent layers are fixed and do not count."""
    seen = case.seen
    named = [one.activation for one in seen.layers if one.activation and one.kind != "recurrent"]
    named += [one.name for one in seen.layers if one.kind == "activation"]
    used = {_plain(name) for name in [*named, *_called(seen)]} & HIDDEN_ACTIVATIONS
    if asked == "silu" and "Sigmoid" in _called(seen):
        return None
    return Outcome(asked in used, ", ".join(sorted(used))) if used else None


def _plain(name: str) -> str:
    return SAME.get(name, name).replace("_", "").lower()


RULES: dict[str, Rule] = {
    "model_config.architecture": architecture,
    "model_config.num_layers": num_layers,
    "model_config.hidden_dim": hidden_dim,
    "model_config.dropout": dropout,
    "model_config.activation": activation,
}


def is_sized(stated: list[str], model: ModelConfig) -> bool:
    """Whether the user said how large the model is to be."""
    fields = ("num_layers", "hidden_dim", "backbone")
    return any(f"model_config.{name}" in stated and getattr(model, name) is not None for name in fields)
