"""Findings about the order of samples, and about augmentation that is the same each time or where it should not be."""

from collections.abc import Iterator

from sandbox.evidence import Evidence, Facts
from sandbox.findings.data_figures import DataFigures, Pipeline, Samplers
from sandbox.findings.finding import Maker
from sandbox.report import Finding

FEWEST_BATCHES = 4
FEWEST_ROWS = 32


def _is_recurrent(facts: Facts) -> bool:
    return facts.choices is not None and any(layer.kind == "recurrent" for layer in facts.choices.layers)


def order(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Whether training samples are mixed anew for each epoch."""
    yield from _samplers(facts.section("samplers", Samplers) or Samplers(), make)
    figures = facts.section("data", DataFigures)
    if figures is None or figures.train is None:
        return
    yield from _pipelines(figures, make)
    yield from _redrawn(figures, make)
    yield from _workers(figures, make)
    seen = figures.order
    labels = figures.train.labels
    series = figures.windows and labels is not None and not (labels.whole and labels.distinct <= 64)
    if labels is None and (figures.windows or figures.train.kind != "f" or _is_recurrent(facts)):
        return
    if series or seen.batches < FEWEST_BATCHES or seen.rows < FEWEST_ROWS:
        return
    at = figures.train.where
    repeated = seen.in_place > 0.95 or (seen.again < 0.5 and _labels_repeat(figures))
    if repeated:
        sorted_ = _is_sorted(figures)
        by_label = " and sorted by label" if sorted_ else ""
        message = f"The {seen.rows:,} training samples come in the same order in each epoch{by_label}."
        fix = "Shuffle the training data for each epoch: shuffle=True, or a new permutation."
        yield make("training-data-not-shuffled", "warning", message, fix, at=at, **seen.model_dump(exclude_none=True))
    elif seen.same_batches > 0.95 and not any(one.shuffles_batches for one in figures.pipelines):
        message = "Each epoch has the same batches in another order, so the same samples always meet."
        fix = "Shuffle samples before they are put into batches."
        yield make("shuffle-after-batch", "warning", message, fix, at=at, batches=seen.batches)


def _labels_repeat(figures: DataFigures) -> bool:
    """Augmented samples are never the same: their labels tell the order, if these vary."""
    chance = figures.order.label_chance
    return chance is not None and chance < 0.9 and figures.order.labels_in_place > 0.999


def _is_sorted(figures: DataFigures) -> bool:
    chance = figures.order.label_chance
    return chance is not None and chance < 0.7 and figures.order.label_runs > 0.9


def _pipelines(figures: DataFigures, make: Maker) -> Iterator[Finding]:
    for one in figures.pipelines:
        if one.random_before_cache:
            message = f"Random augmentation comes before cache, which keeps its first result ({_chain(one)})."
            fix = "Call cache() before the random map."
            yield make("augmentation-cached", "warning", message, fix, at=one.where, steps=one.steps)
        if one.shuffled_apart:
            message = "Samples and labels are two datasets, each was shuffled by itself, and then they were zipped."
            fix = "Zip them first, and shuffle the pairs."
            yield make("labels-unrelated", "warning", message, fix, at=one.where)
        if one.shuffles_batches:
            message = f"Whole batches are shuffled rather than samples ({_chain(one)})."
            fix = "Call shuffle() before batch()."
            yield make("shuffle-after-batch", "warning", message, fix, at=one.where, steps=one.steps)
        elif one.shuffle_buffer is not None and one.rows and _is_small(one.shuffle_buffer, one.rows):
            message = f"The shuffle buffer holds {one.shuffle_buffer:,} of {one.rows:,} training samples."
            fix = "Make the shuffle buffer as large as the training set."
            yield make(
                "shuffle-too-small", "warning", message, fix, at=one.where, buffer=one.shuffle_buffer, rows=one.rows
            )
    for place in figures.frozen_draws[:1]:
        message = (
            "A function of the data pipeline draws from Python's or numpy's generator: it is traced once, and the "
            "number drawn then is used for every sample."
        )
        fix = "Draw with tf.random, a keras.random.SeedGenerator, or a Keras augmentation layer."
        yield make("augmentation-frozen", "warning", message, fix, at=place)


def _is_small(buffer: int, rows: int) -> bool:
    """A buffer of thousands mixes well enough, whatever the size of the set."""
    return buffer < min(0.1 * rows, 1000)


def _chain(pipeline: Pipeline) -> str:
    return " -> ".join(reversed(pipeline.steps))


def _redrawn(figures: DataFigures, make: Maker) -> Iterator[Finding]:
    random = [one for one in figures.redrawn if one.drawn and one.differ > 0.2 * one.drawn]
    if random:
        worst = max(random, key=lambda one: one.differ / one.drawn)
        message = f"{worst.differ} of {worst.drawn} held-out samples came out different when they were drawn again."
        fix = "Use the random augmentation for training only, and a dataset without it for evaluation."
        yield make(
            "augmented-evaluation", "warning", message, fix, at=worst.where, drawn=worst.drawn, differ=worst.differ
        )


def _workers(figures: DataFigures, make: Maker) -> Iterator[Finding]:
    for one in figures.workers:
        if one.across or one.again:
            what = "Two workers of the loader draw" if one.across else "Each epoch the workers of the loader draw"
            message = f"{what} the same random numbers for their samples: each is a copy of one generator."
            fix = "Draw with torch, whose seed differs by worker and epoch, or seed from torch.initial_seed() in "
            fix += "worker_init_fn, a generator of the dataset's own included."
            yield make("workers-draw-alike", "warning", message, fix, at=one.where, workers=one.workers)
            return


def _samplers(samplers: Samplers, make: Maker) -> Iterator[Finding]:
    for one in samplers.seen:
        if one.shuffle and one.passes >= 2 and len(set(one.epochs)) == 1:
            message = f"The DistributedSampler was told no epoch in {one.passes} passes: each has the same order."
            fix = "Call sampler.set_epoch(epoch) at the beginning of each epoch."
            yield make("sampler-epoch-not-set", "warning", message, fix, at=one.where, passes=one.passes)
            return
