"""Findings about the values of samples and labels: their scale, what they give away, and what they do not tell."""

from collections.abc import Iterator, Sequence
from statistics import median

from sandbox.evaluation import held_out, recompute
from sandbox.evidence import Evidence, Facts
from sandbox.findings.data_figures import DataFigures, Labels, SampleSet, Scale
from sandbox.findings.data_series import scaled_series
from sandbox.findings.finding import Maker
from sandbox.report import Finding, Severity
from sandbox.verdict import ends

FEWEST = 32
LARGEST = 10.0
LARGEST_WHOLE = 4.0
"""For whole numbers, as pixels and counts are: what was scaled is hardly whole."""
LARGEST_COLUMN = 30.0
SMALLEST = 0.02
SIGMAS = 4.0
OF_VALUES = ("binarycross", "meansquared", "meanabsolute", "mse", "l1", "huber")
"""Parts of the names of losses that take targets between 0 and 1 as they are."""


def values(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """What the samples and labels that were trained on, and those held out, are like."""
    figures = facts.section("data", DataFigures)
    if figures is None:
        return
    yield from _empty(figures, make)
    yield from _frozen_statistics(figures, facts, make)
    yield from _adapted(figures, make)
    train = figures.train
    if train is None or train.rows < FEWEST:
        return
    other_classes = list(_histograms(figures, train.labels, make)) if train.labels else []
    yield from other_classes or _scales(figures, train, facts, make)
    if not _is_scaled_by_its_makers(facts):
        scaled = [*_fitted(figures, train, make), *_apart_by_themselves(figures, make)]
        yield from scaled or scaled_series(figures.series, make, train.where, FIT_FIX)
        yield from _kept_means(figures, train, make)
    yield from _leak(figures, train, make)
    yield from _series(figures, train, make)
    if train.labels is not None:
        yield from _labels(train, train.labels, facts, make)
    yield from _information(evidence, figures, train, make)


def _empty(figures: DataFigures, make: Maker) -> Iterator[Finding]:
    for one in figures.empty[:1]:
        message = "A pass over the data ran without a single batch."
        fix = "Check the length of the data against the batch size and drop_last."
        yield make("no-batches", "warning", message, fix, at=one.where)


def _frozen_statistics(figures: DataFigures, facts: Facts, make: Maker) -> Iterator[Finding]:
    if names := figures.frozen_statistics:
        message = (
            f"{len(names)} batch normalisation layers are frozen, and training still moves their running statistics: "
            f"{', '.join(names[:3])}."
        )
        fix = "Put the frozen layers into evaluation mode after model.train()."
        yield make("frozen-statistics-move", "warning", message, fix, at=facts.backward_line, names=names[:20])


def _adapted(figures: DataFigures, make: Maker) -> Iterator[Finding]:
    for one in figures.adapted:
        if one.evaluated > 0.02 * one.rows and one.evaluated >= 8:
            severity: Severity = "info" if one.kept_away else "warning"
            message = f"{one.layer} took its statistics from {one.rows:,} samples, {one.evaluated:,} of them held out."
            yield make("fitted-before-split", severity, message, FIT_FIX, at=one.where, rows=one.rows)


def _is_scaled_by_its_makers(facts: Facts) -> bool:
    """scikit-learn gives its diabetes data standardised over all samples, which no program can undo."""
    return facts.choices is not None and any(name.startswith("diabetes") for name in facts.choices.datasets)


FIT_FIX = "Split first, fit on the training part alone, and apply the same statistics to the other parts."


def _fitted(figures: DataFigures, train: SampleSet, make: Maker) -> Iterator[Finding]:
    seen = figures.fitted
    if seen is None:
        return
    standard = seen.standard_together > seen.standard_alone == 0
    ranged = seen.continuous > 0 and seen.ranged_together == seen.continuous > seen.ranged_alone
    if standard or ranged:
        what = "a mean of 0 and a deviation of 1" if standard else "a range of exactly 0 to 1"
        message = (
            f"Features have {what} over all {seen.rows_together:,} samples, held-out ones included, and not over the "
            f"{seen.rows:,} that were trained on."
        )
        # fit(validation_split=…) takes its part off what is prepared already, while the test set was kept away
        severity = "info" if seen.left_out else "warning"
        yield make("fitted-before-split", severity, message, FIT_FIX, at=train.where, **seen.model_dump())


def _apart_by_themselves(figures: DataFigures, make: Maker) -> Iterator[Finding]:
    """A held-out part that was scaled by its own statistics, rather than by those of the training data."""
    for one in figures.apart:
        enough = one.role == "evaluated" and one.rows >= FEWEST
        standard = one.overall or one.standard >= 0.8 * one.varied > 0
        if enough and (standard or one.ranged >= 0.8 * one.continuous > 0):
            what = "a mean of 0 and a deviation of 1" if standard else "a range of exactly 0 to 1"
            message = f"The {one.rows:,} held-out samples have {what} by themselves: they were scaled on their own."
            fix = "Scale them by the statistics of the training data: transform instead of fit_transform."
            yield make("scaled-by-itself", "warning", message, fix, at=one.where, **one.model_dump(exclude={"where"}))
            return


def _kept_means(figures: DataFigures, train: SampleSet, make: Maker) -> Iterator[Finding]:
    """What a model scales its inputs by, where it was taken from samples that are held out."""
    seen = figures.kept_means
    if seen is None:
        return
    alone = seen.of == "held-out"
    told = "the held-out samples" if alone else "all samples, held-out ones included"
    message = f"The model keeps the mean of {told} in {seen.name!r}, and not that of the {train.rows:,} trained on."
    id = "scaled-by-itself" if alone else "fitted-before-split"
    yield make(id, "warning", message, FIT_FIX, at=train.where, **seen.model_dump())


def _scales(figures: DataFigures, train: SampleSet, facts: Facts, make: Maker) -> Iterator[Finding]:
    if train.low == train.high and train.shape and train.rows >= FEWEST:
        message = f"All values of the {train.rows:,} training samples are {train.low:g}."
        fix = "Check how the inputs are read, cast and divided: whole numbers divided by // lose all below one."
        yield make("inputs-not-normalised", "warning", message, fix, at=train.where, value=train.low)
        return
    if train.kind != "f":
        return
    other = next((one for one in figures.held_out if one.rows >= FEWEST and _other_scale(train, one)), None)
    if other is not None:
        message = (
            f"Training inputs have mean {train.mean:.3g} and deviation {train.std:.3g}, evaluated ones mean "
            f"{other.mean:.3g} and deviation {other.std:.3g}."
        )
        fix = "Prepare both in the same way, with the statistics of the training data."
        yield make(
            "inputs-differ-in-scale", "warning", message, fix,
            at=other.where, train_std=train.std, std=other.std, train_mean=train.mean, mean=other.mean,
        )  # fmt: skip
        return
    yield from _unscaled(facts.section("scale", Scale) or Scale(), train, facts, make)


def _unscaled(seen: Scale, train: SampleSet, facts: Facts, make: Maker) -> Iterator[Finding]:
    if not seen.layer and not facts.models:
        seen = Scale(layer="the first layer", mean=train.mean, std=train.std, low=train.low, high=train.high)
        squares = [m * m + s * s for m, s in zip(train.column_means, train.column_stds, strict=False)]
        seen.largest_column = max(squares, default=0.0) ** 0.5 if len(train.shape) == 1 else None
    if not seen.layer:
        return
    overall = (seen.mean**2 + seen.std**2) ** 0.5
    pixels = seen.whole and seen.low >= 0 and overall > LARGEST_WHOLE
    if overall > LARGEST or pixels or (seen.largest_column or 0.0) > LARGEST_COLUMN:
        why = ", which nothing has scaled"
    elif 0 < overall < SMALLEST and train.rows >= FEWEST:
        why = ": they seem to be scaled twice"
    elif 0 < seen.std < SMALLEST * abs(seen.mean) and train.rows >= FEWEST:
        why = ", which hardly differ: they seem to be scaled twice"
    else:
        return
    message = f"{seen.layer} is given values from {seen.low:.4g} to {seen.high:.4g}{why}."
    fix = "Scale the inputs by the statistics of the training data, so that they are about one in size."
    yield make("inputs-not-normalised", "warning", message, fix, at=train.where, **seen.model_dump(exclude_none=True))


def _other_scale(train: SampleSet, other: SampleSet) -> bool:
    """Images differ less by chance than series and tables do, whose later part may be another one.

    What a model was merely asked about may be meant to lie further out.
    """
    wide = 4.0 if other.asked else 1.0
    if len(train.shape) >= 3:
        return _apart(train.mean, train.std, other.mean, other.std, ratio=1.8 * wide, shift=0.8 * wide)
    columns = zip(train.column_means, train.column_stds, other.column_means, other.column_stds, strict=False)
    varying = [one for one in columns if one[1] > 0]
    moved = [_apart(*one, ratio=2.5 * wide, shift=2.0 * wide) for one in varying]
    return bool(moved) and sum(moved) > 0.6 * len(moved)


def _apart(mean: float, std: float, other_mean: float, other_std: float, *, ratio: float, shift: float) -> bool:
    if std <= 0 or other_std <= 0:
        return False
    return max(std / other_std, other_std / std) > ratio or abs(mean - other_mean) > shift * max(std, other_std)


def _leak(figures: DataFigures, train: SampleSet, make: Maker) -> Iterator[Finding]:
    seen = figures.leak
    if seen is not None and seen.best > 0.99 and seen.next < 0.75:
        message = (
            f"Column {seen.column} of the inputs alone tells the label ({seen.best:.3f} of 1); the next best column "
            f"reaches {seen.next:.2f}."
        )
        fix = "Leave out features that are computed from the label, or that are known only after it."
        yield make("target-leakage", "warning", message, fix, at=train.where, **seen.model_dump())


def _series(figures: DataFigures, train: SampleSet, make: Maker) -> Iterator[Finding]:
    """Windows of a series that hold what they are to tell, or that lie among those that were trained on."""
    seen = figures.neighbours
    if figures.copied is not None:
        message = f"The label is value {figures.copied} of the sample itself, in each of {train.rows:,} samples."
        fix = "Let the window end before what it is to tell."
        yield make("target-leakage", "warning", message, fix, at=train.where, column=figures.copied)
    if seen is not None and seen.held_out >= 16 and seen.beside > 0.4 * seen.held_out:
        message = f"{seen.beside} of {seen.held_out} held-out windows are one step from a window that was trained on: "
        message += "they hold the same values, and what was to be told."
        fix = "Split the series by time first, and cut each part into windows afterwards."
        yield make("target-leakage", "warning", message, fix, at=train.where, **seen.model_dump())


def _labels(train: SampleSet, labels: Labels, facts: Facts, make: Maker) -> Iterator[Finding]:
    if labels.distinct == 1 and train.rows >= 2 * FEWEST:
        message = f"All {train.rows:,} training labels seen are {labels.low:g}."
        fix = "Check how labels are read, cast and divided."
        yield make("labels-degenerate", "warning", message, fix, at=train.where, label=labels.low)
    elif not labels.whole and labels.even and 3 <= labels.distinct <= 64 and labels.low >= 0 and labels.high <= 1:
        if (labels.low, labels.high) == (0, 1) and _compares_values(facts):
            return  # grades that were scaled to reach from 0 to 1
        step = labels.step
        message = f"The labels are {labels.distinct} fractions, {step:.4g} apart: classes that were divided, it seems."
        fix = "Keep class labels as whole numbers, and scale the inputs alone."
        yield make("labels-degenerate", "warning", message, fix, at=train.where, step=step, distinct=labels.distinct)


def _compares_values(facts: Facts) -> bool:
    """Whether all losses seen are those of values, or of one probability, and none is one of several classes."""
    names = [one.function.lower().replace("_", "") for one in facts.loss_calls]
    return bool(names) and all(any(part in name for part in OF_VALUES) for name in names)


def _histograms(figures: DataFigures, labels: Labels, make: Maker) -> Iterator[Finding]:
    """Classes of the held-out part that were hardly trained on, or the other way round."""
    if not labels.whole or labels.distinct > 64:
        return
    for other in figures.held_out:
        if other.labels is None or not other.labels.whole or other.rows < max(FEWEST, 4 * labels.distinct):
            continue
        apart = _distance(labels.counts, other.labels.counts)
        if apart > (0.3 if _in_order(labels) else 0.5) and max(labels.distinct, other.labels.distinct) > 1:
            message = (
                f"Training and evaluated labels have little in common: {apart:.0%} of their distributions differ, "
                f"with {labels.distinct} classes trained on and {other.labels.distinct} evaluated."
            )
            fix = "Shuffle before splitting (validation_split takes the last rows), or split by class."
            yield make("split-of-sorted-data", "warning", message, fix, at=other.where, apart=apart)
            return


def _in_order(labels: Labels) -> bool:
    """Whether most samples have the label of the one before them, and chance would have it otherwise."""
    total = sum(count for _, count in labels.counts) or 1
    chance = sum((count / total) ** 2 for _, count in labels.counts)
    return chance < 0.7 and labels.runs > chance + 0.6 * (1 - chance)


def _distance(one: Sequence[tuple[float, int]], two: Sequence[tuple[float, int]]) -> float:
    """Half of the sum of what the shares of each label differ by."""
    first, second = dict(one), dict(two)
    total = (sum(first.values()) or 1, sum(second.values()) or 1)
    return sum(abs(first.get(k, 0) / total[0] - second.get(k, 0) / total[1]) for k in first.keys() | second) / 2


def _several_losses(evidence: Evidence) -> bool:
    """Whether losses are differentiated in several places, as those of two models that play against each other are."""
    return len({site for _, _, site in evidence.losses}) > 1


def _information(evidence: Evidence, figures: DataFigures, train: SampleSet, make: Maker) -> Iterator[Finding]:
    """Samples and labels that do not belong together: like samples have unlike labels, and nothing was learned.

    Of several inputs only the first one is known, which alone may say nothing of the label.
    """
    if evidence.probes.get("batch-sizes", {}).get("single_input") is False:
        return
    if figures.order.relabelled > 0.3 and train.labels is not None and train.labels.whole:
        share = figures.order.relabelled
        message = f"{share:.0%} of the training samples that came again in the second epoch had another label."
        fix = "Shuffle samples and labels together, as pairs, and not each apart."
        yield make("labels-unrelated", "warning", message, fix, at=train.where, relabelled=share)
        return
    seen = figures.information
    if seen is None or seen.rows < 200 or seen.sigmas > SIGMAS or seen.noise or evidence.steps < 20:
        return
    if _several_losses(evidence):
        return
    if not _has_learned(evidence):
        message = (
            f"Like samples have no likelier the same label than any others ({seen.sigmas:.1f} standard errors above "
            "chance), and the model learned nothing that holds on other samples."
        )
        fix = "Shuffle or sort samples and labels with the same permutation."
        yield make("labels-unrelated", "warning", message, fix, at=train.where, sigmas=seen.sigmas, rows=seen.rows)


def _has_learned(evidence: Evidence) -> bool:
    """Judged on held-out samples; without any, by the fall of the loss."""
    chosen = held_out(evidence)
    if chosen is not None and chosen.task is not None:
        metrics = recompute(chosen)
        if not metrics:
            return True
        if "r2" in metrics:
            return metrics["r2"] > 0.05
        wide = (metrics["baseline_accuracy"] * (1 - metrics["baseline_accuracy"]) / len(chosen.target)) ** 0.5
        return metrics["accuracy"] > metrics["baseline_accuracy"] + 3 * wide
    values = [loss for _, loss, _ in evidence.losses]
    if len(values) < 20:
        return True
    first, last = ends(values)
    return last < 0.85 * first or last < 0.85 * median(values)
