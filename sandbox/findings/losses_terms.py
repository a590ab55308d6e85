"""Findings about a loss of two terms, reconstruction and divergence, as variational auto-encoders have."""

import math
from collections.abc import Sequence

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.losses_figures import Figures, Site, with_loss
from sandbox.report import Finding

LEAST_CALLS = 6
EXACT = 1e-3
"""Largest relative error with which two terms must explain the loss before their weights are believed."""
RUNAWAY = 10.0
"""Times the first loss from which on one term drowns the other."""
COLLAPSED = 0.5
"""Nats a sample below which the code says nothing of the sample."""


def divergence_term(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    told = [(one, loss) for one, loss in with_loss(evidence, site) if one.divergences and one.value is not None]
    pairs = [(one, loss) for one, loss in told if all(map(math.isfinite, (loss, one.value or 0.0, *one.divergences)))]
    tame = [(one, loss) for one, loss in pairs if abs(loss) <= RUNAWAY * abs(pairs[0][1])]
    pairs = tame if len(tame) >= LEAST_CALLS else pairs
    if len(pairs) < LEAST_CALLS:
        return None
    for number in range(min(len(one.divergences) for one, _ in pairs)):
        weights = _weights(pairs, number)
        if weights is not None:
            return _judge(site, weights, pairs[-1][0], pairs[-1][0].divergences[number], make)
    return None


def _weights(pairs: Sequence[tuple[Figures, float]], number: int) -> tuple[float, float] | None:
    """Weights of reconstruction and divergence; None where the two do not explain what was differentiated."""
    import numpy as np  # the command line is quick without it

    terms = np.array([[one.value, one.divergences[number]] for one, _ in pairs], dtype=float)
    rows = np.array([max(1, *one.input_shape[:1]) for one, _ in pairs], dtype=float)
    losses = np.array([loss for _, loss in pairs])
    for scales in ((1.0, 1.0), (1.0 / rows, 1.0), (1.0, rows)):  # each term may be a sum over the samples, or a mean
        scaled = terms * np.stack(np.broadcast_arrays(*scales, rows)[:2], axis=1)
        weights = np.linalg.lstsq(scaled, losses, rcond=None)[0]
        error = np.abs(scaled @ weights - losses) / np.maximum(1e-12, np.abs(losses))
        matters = abs(weights[1]) * np.ptp(scaled[:, 1]) > 10 * EXACT * np.abs(losses).max()
        if error.max() < EXACT and matters:
            return float(weights[0]), float(weights[1])
    return None


def _judge(site: Site, weights: tuple[float, float], last: Figures, divergence: float, make: Maker) -> Finding | None:
    reconstruction, weight = weights
    figures = {"weights": [round(one, 6) for one in weights], "divergence": round(divergence, 4)}
    if reconstruction * weight < 0:
        message = f"The divergence has the weight {weight:.3g}, so that training drives the code away from the prior."
        fix = "Add the divergence: 0.5 * sum(exp(log_var) + mean**2 - 1 - log_var) is never negative."
        return make("divergence-sign", "critical", message, fix, at=site.where, **figures)
    averaged = last.reduction in ("mean", "none", "sum_over_batch_size")  # of values for each pixel the mean is known
    values = math.prod(last.input_shape[1:]) if averaged else 1
    if values < 20 or weight * values < 10 * reconstruction or divergence > COLLAPSED:
        return None
    message = (
        f"The reconstruction is averaged over {values} values a sample and the divergence is not, which outweighs it: "
        f"it has come down to {divergence:.2g} nats, so that the code says nothing of the sample."
    )
    fix = "Sum the reconstruction over the values of a sample, and average both terms over the samples."
    return make("divergence-outweighs", "warning", message, fix, at=site.where, **figures)


TERM_RULES = (divergence_term,)
