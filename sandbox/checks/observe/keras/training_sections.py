"""What is watched of how a Keras program trains, section by section. Runs inside the jail."""

from observe.keras.accumulation import Accumulation
from observe.keras.callbacks import Callbacks
from observe.keras.clipped import Clipped
from observe.keras.evaluated import Evaluated
from observe.keras.exports import Exports
from observe.keras.fitting import Fitting
from observe.keras.functions import Functions
from observe.keras.gradients import Gradients
from observe.keras.kept import Kept
from observe.keras.metrics import Metrics
from observe.keras.optimizers import Optimizers
from observe.keras.resuming import Resuming
from observe.keras.summaries import Summaries
from observe.keras.twins import Twins
from observe.keras.weights import Weights
from observe.section import Section

TRAINING_SECTIONS: tuple[type[Section], ...] = (
    Fitting, Callbacks, Metrics, Gradients, Optimizers, Weights, Functions, Accumulation, Twins, Kept, Resuming,
    Exports, Summaries, Evaluated, Clipped,
)  # fmt: skip
"""In the order in which they are made."""
