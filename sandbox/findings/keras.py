"""The rules for what only Keras and TensorFlow programs can do wrong."""

from collections.abc import Callable, Iterator

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.keras_accumulation import accumulation
from sandbox.findings.keras_fit import callbacks, fitting, metrics, saving, warned
from sandbox.findings.keras_parts import parts
from sandbox.findings.keras_state import exports, resuming, summaries, twins
from sandbox.findings.keras_training import functions, gradients, optimizers
from sandbox.findings.keras_weights import layers, weights
from sandbox.report import Finding

KERAS_RULES: tuple[Callable[[Evidence, Facts, Maker], Iterator[Finding]], ...] = (
    fitting,
    warned,
    callbacks,
    metrics,
    saving,
    gradients,
    optimizers,
    functions,
    weights,
    layers,
    parts,
    accumulation,
    twins,
    resuming,
    exports,
    summaries,
)
