"""From evidence to what was seen of a program's choices: the section `seen` of a report."""

from collections.abc import Iterable

from sandbox.evidence import Evidence, Facts
from sandbox.seen import Seen, SeenLayer, SeenLoss, SeenOptimizer, read_operations


def look(evidence: Evidence, *, logs: Iterable[str] = ()) -> Seen:
    """The choices that the run showed; `logs` are the event files that it left."""
    facts = evidence.facts
    if facts is None or facts.choices is None:
        return Seen()
    operations, dropped = read_operations(evidence.probes.get("operations", {}))
    choices = facts.choices
    return Seen(
        **choices.model_dump(exclude={"layers", "schedules", "losses"}),
        observed=True,
        layers=_merged(choices.layers),
        schedules=list(dict.fromkeys([*_stepped(facts), *choices.schedules])),
        losses=_losses(facts),
        optimizers=_optimizers(facts),
        sizes=_sizes([one.shape for one in facts.parameters]),
        operations=operations,
        dropped=dropped,
        targets=_outputs(facts),
        rows=_whole(evidence.probes.get("forward", {}).get("rows")),
        single_input=evidence.probes.get("batch-sizes", {}).get("single_input") is True,
        largest_norm=max((norm for _, norm in facts.gradient_norms), default=None),
        backwards=facts.backwards,
        checkpoints=[str(one.get("path", "")) for one in facts.checkpoints],
        logs=list(logs),
    )


def _stepped(facts: Facts) -> list[str]:
    """Schedules that training stepped: PyTorch's make a first step of their own, but for the one that waits."""
    return [name for name, steps in facts.schedulers.items() if steps > 1 or "Plateau" in name]


def _merged(layers: list[SeenLayer]) -> list[SeenLayer]:
    """Layers that are alike, once, with how many they are."""
    found: dict[str, SeenLayer] = {}
    for layer in layers:
        key = layer.model_copy(update={"stacked": 1}).model_dump_json()
        before = found[key].stacked if key in found else 0
        found[key] = layer.model_copy(update={"stacked": before + layer.stacked})
    return list(found.values())


def _sizes(shapes: list[list[int]]) -> list[int]:
    first = next((n for n, shape in enumerate(shapes) if len(shape) > 1), 0)
    return sorted({size for n, shape in enumerate(shapes) if n != first for size in shape})[:200]


def _losses(facts: Facts) -> list[SeenLoss]:
    """Under each name and place once; an observer may have told of one in two ways."""
    return list({(one.name, one.file, one.line): one for one in facts.choices.losses}.values())


def _optimizers(facts: Facts) -> list[SeenOptimizer]:
    return [
        SeenOptimizer(
            family=one.family or [one.name], steps=one.steps, learning_rates=one.learning_rates, options=one.options
        )
        for one in facts.optimizers
        if one.steps
    ]


def _outputs(facts: Facts) -> list[int]:
    """Sizes, beside the first axis, of what the losses were given."""
    shapes = [figures.get(name) for call in facts.loss_calls for figures in call.sampled for name in SHAPES]
    return sorted({int(size) for shape in shapes if isinstance(shape, list) for size in shape[1:]})


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


SHAPES = ("input_shape", "output_shape")
