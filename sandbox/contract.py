"""What a drafter declares about the program that it wrote, so that what is meant is not taken for a fault.

A user's script has none. A declaration never makes a check pass: it only says which of two readings of an observation
is meant, and what it says is held against what is observed.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Axis = Literal["batch", "time", "channel", "height", "width", "depth", "feature", "class", "node"]
Update = Literal["each", "accumulated", "alternating", "closure", "manual"]


class Contract(BaseModel):
    """The declaration of one draft; None, or empty, means that nothing is declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_axes: tuple[Axis, ...] | None = None
    """Role of each axis of the model's first input."""
    output_axes: tuple[Axis, ...] | None = None
    """Role of each axis of its first output."""
    causal: bool | None = None
    """Whether a position of the output may depend on earlier positions of the input only."""
    stochastic_evaluation: bool = False
    """Whether the model samples in evaluation mode on purpose, as a VAE or Monte Carlo dropout does."""
    mixes_batch: bool = False
    """Whether samples of a batch are meant to influence each other, as in a graph or a contrast within the batch."""
    frozen: tuple[str, ...] = ()
    """Prefixes of the names of parameters that are not trained on purpose."""
    update: Update | None = None
    """How gradients become steps: at each batch, after several, of two models in turn, by a closure, by hand."""
