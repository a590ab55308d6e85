"""The rules for what only Keras and TensorFlow programs can do wrong."""

from collections.abc import Callable, Iterator

from sandbox.evidence import Evidence, Facts
from sandbox.findings.attention_parts import projections
from sandbox.findings.finding import Maker
from sandbox.findings.keras_accumulation import accumulation
from sandbox.findings.keras_ascent import ascent, turned_from_right
from sandbox.findings.keras_class_weights import class_keys
from sandbox.findings.keras_clipped import clipped
from sandbox.findings.keras_decisions import judged, taught, thresholds
from sandbox.findings.keras_fit import callbacks, fitting, metrics, saving, warned
from sandbox.findings.keras_images import images
from sandbox.findings.keras_parts import parts
from sandbox.findings.keras_state import evaluated, exports, resuming, summaries, twins
from sandbox.findings.keras_training import functions, gradients, optimizers
from sandbox.findings.keras_weights import layers, weights
from sandbox.findings.reductions import reductions
from sandbox.report import Finding

KERAS_RULES: tuple[Callable[[Evidence, Facts, Maker], Iterator[Finding]], ...] = (
    fitting,
    warned,
    callbacks,
    metrics,
    judged,
    thresholds,
    taught,
    ascent,
    turned_from_right,
    class_keys,
    projections,
    reductions,
    images,
    saving,
    gradients,
    optimizers,
    functions,
    weights,
    layers,
    parts,
    accumulation,
    twins,
    evaluated,
    clipped,
    resuming,
    exports,
    summaries,
)
