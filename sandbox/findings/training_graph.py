"""Findings about the graph of the loss: what it does not reach, what is made anew, and how it is kept and computed."""

import itertools
from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.findings.losses_added import Terms
from sandbox.report import Finding

MOSTLY = 0.9
"""Share of the units of a layer that must be dead."""


class Made(BaseModel):
    class_name: str = ""
    where: Place = None
    count: int = 0


class Unreached(BaseModel):
    name: str
    tensors: int


class Graph(BaseModel):
    """What losses led to, at a few backward passes."""

    sizes: list[tuple[int, int]] = []
    """(backward passes made, operations in the graph)."""
    held: int = 0
    held_reached: int = 0
    """How many of the tensors that optimisers hold a loss depended on."""
    renewed: dict[str, int] = {}
    """Shape of parameters that belong to no model and no optimiser -> how many different ones were met."""
    made_in_forward: Made = Made()
    unconnected: dict[str, int] = {}
    """Calls in training mode whose output led nowhere: without gradient, or detached."""
    unconnected_at: Place = None
    leaf_losses: int = 0
    same_loss: int = 0
    half: dict[str, int] = {}
    under_autocast: int = 0
    most_alive: int = 0
    retained: int = 0
    """Backward passes that were told to keep their graph."""
    apart: list[Unreached] = []
    """Further models that are called, and that no gradient ever came to though an optimiser holds them."""
    drawn: list[str] = []
    """Distributions with parameters of the model that random numbers were drawn from, within the graph."""


class Cut(BaseModel):
    what: str
    where: Place = None
    count: int


class Without(BaseModel):
    name: str
    where: Place = None


class Plain(BaseModel):
    owner: str
    name: str
    where: Place = None
    replaced: bool
    follows_graph: bool


class Dead(BaseModel):
    where: Place = None
    units: int
    dead: int


class Use(BaseModel):
    """What one forward pass of the trained model did with its parameters."""

    used: list[str] = []
    without: list[Without] = []
    cuts: list[Cut] = []
    plain: list[Plain] = []
    dead: list[Dead] = []


def graph(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Parameters that the loss does not depend on although they are used, and what is made in the forward pass."""
    found = facts.section("graph", Graph)
    if found is None:
        return
    yield from _dead(evidence, facts, make)
    yield from _made(found, make)
    yield from _drawn(facts, found, make)
    yield from _kept(facts, found, make)
    if not _grows(found.sizes):
        yield from _retained(facts, found, make)
    yield from _precision(facts, found, make)
    if facts.steps and not any(one.held and one.gradient for one in facts.parameters):
        return  # what is cut off altogether is told by `disconnected`
    yield from _cut_off(evidence, facts, make)
    yield from _apart(facts, found, make)
    yield from _never_reached(facts, found, make)


def disconnected(evidence: Evidence, facts: Facts) -> tuple[str, str, Place] | None:
    """(fault, what was seen, line) where no parameter changes because the loss leads to none."""
    found = facts.section("graph", Graph)
    if found is None:
        return None
    without, detached = found.unconnected.get("without_gradient", 0), found.unconnected.get("detached", 0)
    if without > detached:
        return "forward-without-gradient", f"{without} forward passes were made without gradients", found.unconnected_at
    if detached:
        told = f"the output of {detached} forward passes was cut off from the parameters"
        return "parameters-never-change", told, found.unconnected_at
    terms = facts.section("terms", Terms)
    if found.leaf_losses and terms is not None and terms.decided_loss:
        return "loss-of-decisions", "it was computed on decisions, such as a threshold or argmax", None
    if found.leaf_losses:
        return "loss-rebuilt", f"{found.leaf_losses} losses were new tensors that no operation had made", None
    return None


def _cut_off(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    use = evidence.probe("use", Use)
    left = [one.name for one in facts.parameters if one.trainable and not one.gradient and not one.changed]
    if use is None or not left or facts.steps < 3:
        return
    off = {one.name: one.where for one in use.without if one.name in left and one.name not in use.used}
    if off:
        names = ", ".join(list(off)[:3])
        message = f"{len(off)} trainable parameter tensors are used without gradients: {names}."
        fix = "Leave out torch.no_grad() there, or set requires_grad to False for what is frozen on purpose."
        at = next(iter(off.values()))
        yield make("forward-without-gradient", "warning", message, fix, at=at, names=list(off)[:20])
    detached = [name for name in left if name in use.used]
    if detached and use.cuts:
        cut = max(use.cuts, key=lambda one: one.count)
        names = ", ".join(detached[:3])
        message = f"{len(detached)} parameter tensors are used and get no gradient: {names}. {cut.what} cuts them off."
        fix = "Leave it out, so that the loss stays connected to these parameters."
        yield make("parameters-cut-off", "warning", message, fix, at=cut.where, names=detached[:20])


def _dead(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    use = evidence.probe("use", Use)
    dead = [one for one in use.dead if one.dead >= MOSTLY * one.units] if use else []
    if dead and facts.steps >= 3:
        one = dead[0]
        message = f"{one.dead} of {one.units} units behind a ReLU answer zero to every sample, and cannot learn."
        fix = "Lower the learning rate, and begin with biases of zero and weights from nn.init.kaiming_uniform_."
        yield make("dead-units", "warning", message, fix, at=one.where, dead=one.dead, units=one.units)


def _apart(facts: Facts, found: Graph, make: Maker) -> Iterator[Finding]:
    """A further model that is held by an optimiser and learns nothing."""
    for one in found.apart[:1] if facts.steps >= 3 else []:
        message = f"{one.name} is called and an optimiser holds its {one.tensors} tensors; no gradient reaches them."
        fix = "Leave out detach(), .data, numpy and torch.no_grad() between this model and the loss."
        yield make("parameters-cut-off", "warning", message, fix, at=facts.backward_line, tensors=one.tensors)


def _never_reached(facts: Facts, found: Graph, make: Maker) -> Iterator[Finding]:
    """Of a program without a module: tensors that an optimiser holds and no loss depends on."""
    missing = found.held - found.held_reached
    if not facts.models and len(found.sizes) >= 3 and found.held_reached > 0 and missing:
        message = f"No loss depends on {missing} of the {found.held} tensors that the optimiser holds."
        fix = "Use the tensors themselves in the forward pass, not their .data or a detached copy."
        yield make("parameters-cut-off", "warning", message, fix, at=facts.backward_line, held=found.held)


def _drawn(facts: Facts, found: Graph, make: Maker) -> Iterator[Finding]:
    if found.drawn:
        name = found.drawn[0].lower()
        message = f"The loss depends on numbers drawn by torch.{name}, which pass a gradient of zero to what made them."
        fix = "Draw with the parameters outside: mean + std * torch.randn_like(std), or rsample() of a distribution."
        yield make("parameters-cut-off", "warning", message, fix, at=facts.backward_line, drawn=found.drawn)


def _made(found: Graph, make: Maker) -> Iterator[Finding]:
    if found.renewed:
        shapes, made = ", ".join(list(found.renewed)[:3]), found.made_in_forward
        told = f"{made.class_name} is made in each of {made.count} calls" if made.count > 2 else "They are made anew"
        message = f"The loss depends on parameters of shape {shapes} of no model. {told}, and never trained."
        fix = "Make layers and parameters in __init__, and only use them in forward."
        yield make("layer-made-in-forward", "critical", message, fix, at=made.where, made=made.count)


def _kept(facts: Facts, found: Graph, make: Maker) -> Iterator[Finding]:
    if _grows(found.sizes):
        (_, few), (last, many) = found.sizes[1], found.sizes[-1]
        message = f"The graph of the loss grew from {few:,} operations to {many:,} by backward pass {last}."
        fix = "Detach what is carried from one step to the next, such as a hidden state: state = state.detach()."
        yield make("graph-grows", "critical", message, fix, at=facts.backward_line, sizes=found.sizes)
    elif found.most_alive >= 8 and not (facts.watched_graphs >= 24 and facts.live_graphs >= 0.9 * facts.watched_graphs):
        message = f"The graphs of {found.most_alive} losses were in memory at once, long after their backward passes."
        fix = "Add up loss.item() or loss.detach(), not the loss itself."
        yield make("growing-graph", "warning", message, fix, at=facts.backward_line, live=found.most_alive)


def _retained(facts: Facts, found: Graph, make: Maker) -> Iterator[Finding]:
    if found.retained >= 3 and found.retained > 0.9 * facts.backwards:
        message = f"{found.retained} of {facts.backwards} backward passes kept their graph, and nothing used it again."
        fix = "Leave out retain_graph=True; only a backward pass before another one through the same graph needs it."
        yield make("graph-retained", "warning", message, fix, at=facts.backward_line, retained=found.retained)


def _grows(sizes: list[tuple[int, int]]) -> bool:
    """Whether each graph is larger than the one before, in step with the number of backward passes."""
    counts = [size for _, size in sizes]
    rising = all(b > a for a, b in itertools.pairwise(counts))
    return len(sizes) >= 5 and rising and counts[-1] > 2.2 * counts[1] and counts[4] > 1.5 * counts[1]


def _precision(facts: Facts, found: Graph, make: Maker) -> Iterator[Finding]:
    if found.under_autocast >= 2 and found.under_autocast > 0.5 * facts.backwards:
        message = f"{found.under_autocast} backward passes were made inside of autocast."
        fix = "End the autocast block after the loss; call backward outside of it."
        yield make("backward-under-autocast", "warning", message, fix, at=facts.backward_line)
    half = found.half.get("float16", 0)
    if half >= 2:
        message = f"{half} losses were float16, where sums overflow at 65504 and small gradients become zero."
        fix = "Compute the loss in float32: logits.float() before the loss function."
        yield make("loss-in-half-precision", "warning", message, fix, at=facts.backward_line, half=half)
