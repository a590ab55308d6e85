"""Findings about how much each class counts in a loss, held against how frequent the classes are."""

import math

from sandbox.evidence import Evidence, Facts
from sandbox.findings.finding import Maker
from sandbox.findings.losses_figures import Site
from sandbox.report import Finding

UNEVEN = 1.5
"""Ratio of the most frequent class to the rarest from which weights have something to balance."""
SPREAD = 1.3
FAR_RARER = 4.0
"""Times that the most frequent class is as frequent as one whose weight should be larger."""
TOLERANCE = 0.15


def class_weights(site: Site, evidence: Evidence, facts: Facts, make: Maker) -> Finding | None:
    """Weights that are there to balance classes, and make the imbalance larger."""
    weights, counts = _weighted(site)
    if len(weights) < 2 or len(weights) != len(counts) or sum(counts) < 30 * len(counts) or min(counts) == 0:
        return None
    spread = max(weights) / max(1e-12, min(weights))
    if max(counts) < UNEVEN * min(counts) or spread < SPREAD:
        return None
    figures = {"weights": weights[:20], "counts": counts[:20]}
    fix = "Weight each class by the inverse of its frequency, in the order of the labels."
    if _correlation([math.log(one) for one in counts], [math.log(max(one, 1e-12)) for one in weights]) >= 0.8:
        message = "The class weights grow with the number of samples, so that frequent classes count even more."
    elif _is_in_another_order(weights, counts):
        message = "The class weights are those that balance these classes, in another order than that of the labels."
    elif _favour_the_frequent(weights, counts):
        message = "The most frequent class counts most, and a class that is far rarer counts least."
    else:
        return None
    return make("class-weights-inverted", "warning", message, fix, at=site.where, **figures)


def _weighted(site: Site) -> tuple[list[float], list[int]]:
    """Weight and samples of each class: as the loss was given them, or as those of its samples tell."""
    if site.kind == "binary" and site.last.pos_weight is not None and len(site.last.pos_weight) == 1:
        return [1.0, site.last.pos_weight[0]], site.counts
    if site.last.weight:
        return site.last.weight, site.counts
    told: dict[int, tuple[float, int]] = {}
    for label, weight, samples in (entry for one in site.samples for entry in one.label_weights):
        told[label] = weight, told.get(label, (weight, 0))[1] + samples
    return [told[label][0] for label in sorted(told)], [told[label][1] for label in sorted(told)]


def _is_in_another_order(weights: list[float], counts: list[int]) -> bool:
    """Whether sorted they are the inverse of the frequencies, and as they stand they are not."""
    sorted_ones = [a * b for a, b in zip(sorted(weights), sorted(counts, reverse=True), strict=True)]
    as_they_stand = [a * b for a, b in zip(weights, counts, strict=True)]
    return _spread(sorted_ones) < 1 + 2 * TOLERANCE and _spread(as_they_stand) > 2


def _favour_the_frequent(weights: list[float], counts: list[int]) -> bool:
    """Whether no class counts more than the most frequent one, and one that is far rarer counts least."""
    frequent, least = counts.index(max(counts)), min(weights)
    rare = [count for weight, count in zip(weights, counts, strict=True) if weight <= least * (1 + TOLERANCE)]
    return weights[frequent] == max(weights) >= 2 * least and FAR_RARER * min(rare) <= counts[frequent]


def _spread(values: list[float]) -> float:
    return max(values) / max(1e-12, min(values))


def _correlation(first: list[float], second: list[float]) -> float:
    mean_a, mean_b = sum(first) / len(first), sum(second) / len(second)
    a, b = [one - mean_a for one in first], [one - mean_b for one in second]
    scale = math.sqrt(sum(one * one for one in a) * sum(one * one for one in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / scale if scale else 0.0


WEIGHT_RULES = (class_weights,)
