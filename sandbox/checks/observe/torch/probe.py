"""Probes of a trained PyTorch model with the batch that it was trained on, after the program has ended."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from observe.affine import affine
from observe.chance import differs
from observe.coverage import coverage
from observe.inputs import describe_inputs
from observe.order import order
from observe.padding import padding
from observe.pictures import pictures
from observe.positions import positions
from observe.probe import NotApplicable, Probe, percentiles, run_probes
from observe.torch.calls import Model, describe, first_tensor, to_numpy
from observe.torch.layout import layout
from observe.torch.masks import masks
from observe.torch.modes import set_mode
from observe.torch.operations import operations
from observe.torch.state import state
from observe.torch.subject import Subject
from observe.torch.trial import learns
from observe.torch.use import use


def probe(model: Model) -> Iterator[dict[str, Any]]:
    """One frame for each probe of `PROBES`, of the size first."""
    set_mode(model.module, training=False)
    yield {"kind": "probe", "name": "size", **describe(model.module)}
    if model.batch is not None:
        yield from run_probes(Subject(model), PROBES)


def forward(subject: Subject) -> dict[str, Any]:
    output = subject()
    return {
        "finite": bool(torch.isfinite(output).all()) if output.is_floating_point() else True,
        "input_shape": list(subject.lead.shape) if subject.lead is not None else None,
        "output_shape": list(output.shape),
        "rows": subject.rows,
    }


def inputs(subject: Subject) -> dict[str, Any]:
    return describe_inputs(to_numpy(subject.lead)) if subject.lead is not None else {}


def determinism(subject: Subject) -> dict[str, Any]:
    return differs(subject, _difference)


def batch_sizes(subject: Subject) -> dict[str, Any]:
    """The same samples in smaller batches: does it run, and does each row stay what it was?"""
    whole = subject()
    found: dict[str, Any] = {"differences": {}, "errors": {}}
    for rows in sorted({1, max(1, subject.rows // 2 + 1)} - {subject.rows}):
        try:
            part = subject(lambda value, rows=rows: value[:rows])
        except Exception as error:
            found["errors"][str(rows)] = f"{type(error).__name__}: {error}"[:300]
            continue
        same = part.shape[:1] == (rows,) and whole.shape[:1] == (subject.rows,)
        found["differences"][str(rows)] = _difference(part, whole[:rows]) if same else None
    return found | {"rows": subject.rows, "single_input": subject.single_input, "no_batch": subject.is_no_batch(found)}


def independence(subject: Subject) -> dict[str, Any]:
    """Put one and the same sample in the place of all others but one: its row must not move."""
    if subject.rows < 2:
        raise NotApplicable("The captured batch has one sample.")
    whole = subject()
    if whole.shape[:1] != (subject.rows,):
        raise NotApplicable("The output's first axis is not the batch.")
    kept = subject.rows // 2

    def replace(value: torch.Tensor) -> torch.Tensor:
        others = value[kept - 1 : kept].expand_as(value).clone()
        others[kept] = value[kept]
        return others

    moved = subject(replace)
    return {
        "difference": _difference(moved[kept], whole[kept]),
        "constant": bool((whole == whole[:1]).all()) and whole.is_floating_point(),
        "inputs_differ": not bool((subject.lead == subject.lead[:1]).all()),
        "single_input": subject.single_input,
    }


def round_trip(subject: Subject) -> dict[str, Any]:
    """Save the state, spoil every parameter and buffer, load the state: the outputs must be what they were."""
    before = subject()
    stream = io.BytesIO()
    torch.save(subject.module.state_dict(), stream)
    stream.seek(0)
    with torch.no_grad():
        for one in (*subject.module.parameters(), *_saved_buffers(subject.module)):
            if one.is_floating_point():
                one.add_(torch.rand_like(one) + 0.5)
    subject.module.load_state_dict(torch.load(stream, weights_only=True))
    return {"difference": _difference(subject(), before)}


def _saved_buffers(module: nn.Module) -> list[torch.Tensor]:
    saved = module.state_dict(keep_vars=True)
    return [one for name, one in module.named_buffers() if name in saved]


def timing(subject: Subject) -> dict[str, Any]:
    def call() -> None:
        subject()
        if subject.lead is not None and subject.lead.is_cuda:
            torch.cuda.synchronize()

    call()
    return {**percentiles(call), "rows": subject.rows}


def flops(subject: Subject) -> dict[str, Any]:
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with counter:
        subject(lambda value: value[:1])
    return {"flops": int(counter.get_total_flops()) or None}


def summary(subject: Subject) -> dict[str, Any]:
    """Leaf modules in the order in which they were called, with output shapes and parameters."""
    lines: list[str] = []
    handles = []
    for name, layer in subject.module.named_modules():
        if name and not any(True for _ in layer.children()):
            handles.append(layer.register_forward_hook(_line(name, lines)))
    try:
        subject()
    finally:
        for handle in handles:
            handle.remove()
    total = sum(one.numel() for one in subject.module.parameters())
    head = f"{type(subject.module).__name__}: {total:,} parameters"
    return {"text": "\n".join([head, *lines[:200]])[:20_000]}


def _line(name: str, lines: list[str]) -> Callable[..., None]:
    def add(layer: nn.Module, _: Any, output: Any) -> None:
        tensor = first_tensor(output)
        shape = tuple(tensor.shape) if tensor is not None else "?"
        count = sum(one.numel() for one in layer.parameters(recurse=False))
        lines.append(f"{name:<32} {type(layer).__name__:<24} {shape!s:<24} {count:>12,}")

    return add


def _difference(first: torch.Tensor, second: torch.Tensor) -> float:
    """Largest absolute difference, relative to the largest value."""
    if first.shape != second.shape:
        return float("inf")
    scale = max(1e-12, float(second.double().abs().max())) if second.numel() else 1.0
    return float((first.double() - second.double()).abs().max()) / scale if first.numel() else 0.0


PROBES: dict[str, Probe] = {
    "forward": forward,
    "inputs": inputs,
    "masks": masks,
    "determinism": determinism,
    "batch-sizes": batch_sizes,
    "independence": independence,
    "round-trip": round_trip,
    "state": state,
    "layout": layout,
    "positions": positions,
    "coverage": coverage,
    "order": order,
    "pictures": pictures,
    "padding": padding,
    "affine": affine,
    "timing": timing,
    "flops": flops,
    "summary": summary,
    "use": use,
    "trial": learns,
    "operations": operations,
}
