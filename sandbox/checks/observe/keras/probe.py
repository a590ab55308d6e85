"""Probes of a trained Keras model with the batch that it was trained on, after the program has ended."""

import contextlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from observe.affine import affine
from observe.chance import differs
from observe.coverage import coverage
from observe.inputs import describe_inputs
from observe.keras.calls import Model, describe, first_tensor, to_numpy
from observe.keras.layout import layout
from observe.keras.masks import masks
from observe.keras.operations import operations
from observe.keras.probe_images import images
from observe.keras.probe_layers import layers
from observe.keras.probe_parts import parts
from observe.keras.probe_unused import unused
from observe.keras.subject import Subject
from observe.keras.trial import learns
from observe.order import order
from observe.padding import padding
from observe.pictures import pictures
from observe.positions import positions
from observe.probe import NotApplicable, Probe, percentiles, run_probes


def probe(model: Model) -> Iterator[dict[str, Any]]:
    """One frame for each probe of `PROBES`, of the size first."""
    yield {"kind": "probe", "name": "size", **describe(model.module)}
    if model.batch is not None:
        yield from run_probes(Subject(model), PROBES)


def forward(subject: Subject) -> dict[str, Any]:
    output = subject()
    return {
        "finite": bool(np.isfinite(output).all()) if output.dtype.kind == "f" else True,
        "input_shape": list(subject.lead.shape),
        "output_shape": list(output.shape),
        "rows": subject.rows,
    }


def inputs(subject: Subject) -> dict[str, Any]:
    return describe_inputs(to_numpy(subject.lead))


def determinism(subject: Subject) -> dict[str, Any]:
    return differs(subject, _difference)


def batch_sizes(subject: Subject) -> dict[str, Any]:
    """The same samples in smaller batches: does it run, and does each row stay what it was?"""
    if subject.fixed_rows:
        raise NotApplicable("The model declares the size of its batches.")
    whole = subject()
    found: dict[str, Any] = {"differences": {}, "errors": {}}
    for rows in sorted({1, max(1, subject.rows // 2 + 1)} - {subject.rows}):
        try:
            part = subject(lambda value, rows=rows: value[:rows])
        except Exception as error:
            found["errors"][str(rows)] = f"{type(error).__name__}: {error}"[:300]
            continue
        found["differences"][str(rows)] = _difference(part, whole[:rows])
    return found | {"rows": subject.rows, "single_input": subject.single_input, "no_batch": subject.is_no_batch(found)}


def independence(subject: Subject) -> dict[str, Any]:
    """Put one and the same sample in the place of all others but one: its row must not move."""
    if subject.rows < 2:
        raise NotApplicable("The captured batch has one sample.")
    whole, kept = subject(), subject.rows // 2
    if whole.shape[:1] != (subject.rows,):
        raise NotApplicable("The output's first axis is not the batch.")
    order = np.full(subject.rows, kept - 1)
    order[kept] = kept
    moved = subject(lambda value: tf.gather(value, order))
    lead = to_numpy(subject.lead)
    return {
        "difference": _difference(moved[kept], whole[kept]),
        "constant": bool((whole == whole[:1]).all()) and whole.dtype.kind == "f",
        "inputs_differ": not bool((lead == lead[:1]).all()),
        "single_input": subject.single_input,
    }


def timing(subject: Subject) -> dict[str, Any]:
    answer = tf.function(lambda batch: subject.module(batch, training=False), autograph=False)
    answer(subject.batch)
    return {**percentiles(lambda: to_numpy(first_tensor(answer(subject.batch)))), "rows": subject.rows}


def flops(subject: Subject) -> dict[str, Any]:
    profiler = tf.compat.v1.profiler
    one = tf.nest.map_structure(lambda value: value[:1], subject.batch)
    graph = (
        tf.function(lambda batch: subject.module(batch, training=False), autograph=False)
        .get_concrete_function(one)
        .graph
    )
    options = profiler.ProfileOptionBuilder(profiler.ProfileOptionBuilder.float_operation()).with_empty_output()
    with contextlib.redirect_stdout(io.StringIO()):
        found = profiler.profile(graph, cmd="op", options=options.build())
    return {"flops": int(found.total_float_ops) or None}


def summary(subject: Subject) -> dict[str, Any]:
    lines: list[str] = []
    subject.module.summary(print_fn=lambda line, **_: lines.append(line), line_length=100)
    return {"text": "\n".join(lines)[:20_000]}


def round_trip(subject: Subject) -> dict[str, Any]:
    """Save, load into a new model, and compare; where the class cannot be rebuilt, the weights alone."""
    before = subject()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        try:
            subject.module.save(path)
            loaded = keras.models.load_model(path, compile=False)
            answer = to_numpy(first_tensor(loaded(subject.batch, training=False)))
            return {"difference": _difference(answer, before)}
        except Exception as error:
            told = f"{type(error).__name__}: {error}"[:300]
        return {"difference": _weights_round_trip(subject, Path(folder), before), "rebuilding": told}


def _weights_round_trip(subject: Subject, folder: Path, before: np.ndarray) -> float:
    path = folder / "model.weights.h5"
    subject.module.save_weights(path)
    for one in subject.module.weights:
        if "float" in str(one.dtype):
            one.assign(one + 0.7)
    subject.module.load_weights(path)
    return _difference(subject(), before)


def _difference(first: np.ndarray, second: np.ndarray) -> float:
    """Largest absolute difference, relative to the largest value."""
    if first.shape != second.shape:
        return float("inf")
    first, second = first.astype(np.float64), second.astype(np.float64)
    scale = max(1e-12, float(np.abs(second).max())) if second.size else 1.0
    return float(np.abs(first - second).max()) / scale if first.size else 0.0


PROBES: dict[str, Probe] = {
    "forward": forward,
    "inputs": inputs,
    "masks": masks,
    "determinism": determinism,
    "batch-sizes": batch_sizes,
    "independence": independence,
    "round-trip": round_trip,
    "layout": layout,
    "positions": positions,
    "coverage": coverage,
    "order": order,
    "pictures": pictures,
    "padding": padding,
    "affine": affine,
    "layers": layers,
    "unused": unused,
    "images": images,
    "parts": parts,
    "timing": timing,
    "flops": flops,
    "summary": summary,
    "trial": learns,
    "operations": operations,
}
