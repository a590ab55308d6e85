"""Findings about weights as things that are shared, copied, frozen, kept and loaded, in PyTorch."""

from collections.abc import Iterator
from statistics import median

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.findings.training_graph import Use
from sandbox.report import Finding


class Live(BaseModel):
    used: str
    kept_at: Place = None
    where: Place = None
    steps: int


class Load(BaseModel):
    own: int
    matched: int
    missing: list[str] = []
    unknown: list[str] = []
    where: Place = None


class Itself(BaseModel):
    function: str
    where: Place = None
    count: int


class Unused(BaseModel):
    """States that were taken in training, none of which was loaded or saved."""

    times: int
    last: int
    where: Place = None


class Copies(BaseModel):
    live: list[Live] = []
    """Kept weights that had gone on training by the time they were used."""
    loads: list[Load] = []
    themselves: list[Itself] = []
    """Weights that were updated in place from themselves."""
    unused: Unused | None = None


class Repeated(BaseModel):
    name: str
    times: int


class Reference(BaseModel):
    owner: str
    names: list[str]


class Copied(BaseModel):
    names: list[str]
    apart: bool


class Frozen(BaseModel):
    name: str
    values: int
    adapted: bool


class Structure(BaseModel):
    place: Place = None
    repeated: list[Repeated] = []
    references: list[Reference] = []
    copied: list[Copied] = []
    frozen: list[Frozen] = []
    switched: list[str] = []
    unheld: list[str] = []
    """Parameters of another model that got gradients, belong to no optimiser and stayed what they were."""


class Trial(BaseModel):
    identity: bool
    backward: float
    slopes: list[float]


class Tried(BaseModel):
    name: str
    where: Place = None
    trials: list[Trial] = []


class Functions(BaseModel):
    tried: list[Tried] = []


def kept_weights(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Copies that are none, and loads that take nothing."""
    copies = facts.section("copies", Copies)
    if copies is None:
        return
    fix = "Copy the values when they are the best: {name: value.clone() for name, value in state_dict.items()}."
    if copies.live:
        one = copies.live[0]
        message = f"The weights that are {one.used} here are the model's own of this moment, and not those kept before."
        severity = "critical" if one.used == "loaded" else "warning"
        yield make("kept-weights-not-copied", severity, message, fix, at=one.kept_at or one.where, steps=one.steps)
    yield from _unused(copies, facts, make)
    loads = [one.where for one in [*copies.live, *copies.loads]]
    for itself in copies.themselves:
        if itself.where in loads:
            continue
        message = f"{itself.function} updates weights from themselves, {itself.count} times: the copy is none."
        id = "kept-weights-not-copied" if itself.function == "copy_" else "target-is-a-reference"
        told = fix if itself.function == "copy_" else "Make the other network with copy.deepcopy."
        yield make(id, "critical", message, told, at=itself.where, count=itself.count)
        break
    for load in copies.loads:
        if load.own and load.matched < 0.1 * load.own and (load.unknown or not load.matched):
            told = f"wanted {', '.join(load.missing[:1])}, given {', '.join(load.unknown[:1]) or 'nothing'}"
            message = f"load_state_dict took {load.matched} of the model's {load.own} tensors ({told})."
            fix = 'Rename the keys, such as those that begin with "module.", and load with strict=True.'
            yield make(
                "weights-not-loaded", "critical", message, fix, at=load.where, matched=load.matched, own=load.own
            )
            break


def _unused(copies: Copies, facts: Facts, make: Maker) -> Iterator[Finding]:
    """The best weights, as a rule: training went on behind them, and the last ones are what is left."""
    seen = copies.unused
    if seen is None or facts.bounded is not None or seen.times > 0.25 * facts.steps:
        return
    if seen.last >= facts.steps and seen.times < 2:  # the weights at the end, for whatever is done with them
        return
    message = f"Weights were kept {seen.times} times, the last time after {seen.last} of {facts.steps} steps, and "
    message += "none of them was loaded or saved: the model is left as the last step made it."
    keras = "keras-weights" in facts.sections
    call = "model.set_weights(best)" if keras else "model.load_state_dict(best)"
    fix = f"Load what was kept once training is over: {call}."
    id = "best-weights-not-restored" if keras else "kept-weights-not-restored"
    yield make(id, "warning", message, fix, at=seen.where, times=seen.times, last=seen.last)


def structure(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """How the layers of the model hang together."""
    found = facts.section("structure", Structure)
    if found is None:
        return
    for one in found.references[:1]:
        message = f"{' and '.join(one.names)} are one and the same network, so that neither is behind the other."
        yield make(
            "target-is-a-reference", "critical", message, "Make the other one with copy.deepcopy.", at=found.place
        )
    for one in found.copied[:1]:
        message = f"{' and '.join(one.names)} began as copies of each other and are not tied: they are apart now."
        fix = "Assign the parameter itself: head.weight = embedding.weight, without .data or clone."
        if one.apart:
            yield make("tied-weights-copied", "warning", message, fix, at=found.place, names=one.names)
    for one in found.repeated[:1]:
        message = f"{one.name} holds one and the same layer {one.times} times."
        fix = "Make each one anew: [make_layer() for _ in range(n)]."
        yield make("one-layer-repeated", "warning", message, fix, at=found.place, times=one.times)
    if found.switched:
        message = f"requires_grad was set on a module ({found.switched[0] or 'the model'}), which does nothing."
        fix = "Call module.requires_grad_(False), or set it on each parameter."
        yield make("switch-without-effect", "warning", message, fix, at=found.place, names=found.switched)
    if found.unheld:
        message = f"{len(found.unheld)} tensors of a further model get gradients, and no optimiser holds them: "
        message += f"{', '.join(found.unheld[:3])}."
        fix = "Give the optimiser the parameters of each model that is trained, or freeze what is to stay as it is."
        yield make("parameters-not-optimized", "warning", message, fix, at=facts.backward_line, names=found.unheld)
    yield from _frozen(evidence, facts, found, make)
    looked_through = facts.apart and not any(one.changed for one in facts.parameters)
    if not looked_through:  # nobody saves such a model
        yield from _plain(evidence, make)


def _frozen(evidence: Evidence, facts: Facts, found: Structure, make: Maker) -> Iterator[Finding]:
    declared = evidence.declared.frozen
    frozen = [one for one in found.frozen if not one.adapted and not one.name.startswith(declared or ("\0",))]
    values, total = sum(one.values for one in frozen), sum(one.values for one in facts.parameters)
    if facts.steps and values > 0.05 * total and any(one.changed for one in facts.parameters):
        names = ", ".join(one.name for one in frozen[:3])
        message = f"{len(frozen)} weights are frozen at the random values that they were made with: {names}."
        fix = "Train them, or load what they are meant to keep before they are frozen."
        yield make("frozen-at-random", "warning", message, fix, at=found.place, values=values, names=names)


def _plain(evidence: Evidence, make: Maker) -> Iterator[Finding]:
    use = evidence.probe("use", Use)
    plain = [one for one in use.plain if not one.follows_graph] if use else []
    if plain:
        one, names = plain[0], ", ".join(f"{one.owner}.{one.name}" for one in plain[:3])
        kept = "changes as the model is used" if one.replaced else "is used in forward"
        message = f"{names} is a plain tensor that {kept}: it is not in the checkpoint and is not moved with the model."
        fix = f'Register it: self.register_buffer("{one.name}", …).'
        yield make("state-not-registered", "warning", message, fix, at=one.where, names=names)


def own_functions(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Backward passes of the program's own that disagree with small steps of the forward pass."""
    found = facts.section("functions", Functions)
    for one in found.tried if found else []:
        wrong = [trial for trial in one.trials if _disagrees(trial)]
        if len(one.trials) >= 2 and len(wrong) == len(one.trials):
            trial = wrong[0]
            message = f"{one.name}.backward gives a slope of {trial.backward:.4g} where small steps of forward "
            message += f"show {median(trial.slopes):.4g}."
            fix = "Return the derivative of forward, times the gradient that backward is given; try gradcheck on it."
            yield make("wrong-backward", "critical", message, fix, at=one.where, slopes=trial.slopes)


def _disagrees(trial: Trial) -> bool:
    """Smooth, so that steps of three sizes agree, and far from what the backward pass says."""
    slope, scale = median(trial.slopes), max(abs(one) for one in trial.slopes)
    smooth = scale > 1e-6 and max(trial.slopes) - min(trial.slopes) < 0.01 * scale
    return smooth and not trial.identity and abs(trial.backward - slope) > 0.05 * scale
