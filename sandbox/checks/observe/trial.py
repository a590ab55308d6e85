"""A short training of a copy of the trained model on data that it can learn: its own answers, in another order.

Each sample of a small batch is to get the answer that the model gave to the one before it. Such targets lie in the
range of any head, whatever the outputs mean, and a model whose gradients reach its parameters comes nearer to them.
Runs inside the jail, for both frameworks.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from observe.probe import NotApplicable

ROWS = 8
STEPS = 40
SECONDS = 0.6
"""For the steps with one learning rate, of the clock or of the processor, whichever is less."""
RATES = (1e-2, 1e-3)
LEARNED = 0.5
"""Share of its first loss below which a trial has learned, and no other rate is tried."""


def trial(answers: np.ndarray, begin: Callable[[np.ndarray, float], Callable[[], float]]) -> dict[str, Any]:
    """`answers` are those to the batch; `begin(targets, rate)` gives what makes a step and tells its loss."""
    targets = np.roll(answers, 1, axis=0)
    if len(answers) < 2 or answers.dtype.kind != "f" or not np.isfinite(answers).all():
        raise NotApplicable("There are no two samples with answers to exchange.")
    spread = float(np.square(answers - targets).mean())
    if spread < 1e-10 * max(1e-12, float(np.square(answers).mean())):
        raise NotApplicable("The model gives the same answer to all samples.")
    tried = []
    for rate in RATES:
        losses = list(_losses(begin(targets, rate)))
        tried.append({"rate": rate, "steps": len(losses), "first": losses[0], "least": min(losses)})
        if min(losses) < LEARNED * losses[0]:
            break
    return {"tried": tried}


def _losses(step: Callable[[], float]) -> Iterator[float]:
    """The first step, which may have to be compiled, does not count."""
    yield step()
    began = time.monotonic(), time.process_time()
    for _ in range(1, STEPS):
        yield step()
        if min(time.monotonic() - began[0], time.process_time() - began[1]) > SECONDS:
            return
