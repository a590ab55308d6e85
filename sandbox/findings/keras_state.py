"""Findings about the state of a Keras program: networks that should be two, weights that should be one, and what is
written of it to go on from or to serve.
"""

from collections.abc import Iterator

from pydantic import BaseModel

from sandbox.evidence import Evidence, Facts, Place
from sandbox.findings.finding import Maker
from sandbox.report import Finding

CLOSE = 1e-3


class Evaluated(BaseModel):
    """Models that were asked after the training in the place of the one that was trained, and that never were."""

    where: Place = None
    models: int = 0


class Reference(BaseModel):
    """Two names of the same weights, which the program itself assigns or asks for a target."""

    names: list[str]
    where: Place = None


class Itself(BaseModel):
    """A line that gives a model the weights that it has."""

    where: Place = None
    count: int


class Copied(BaseModel):
    """Two weights that began alike."""

    names: list[str]
    apart: bool


class Twins(BaseModel):
    references: list[Reference] = []
    itself: list[Itself] = []
    copied: list[Copied] = []


class Kept(BaseModel):
    """One tf.train.Checkpoint that was saved; `restored`: it was asked for what an earlier run had left."""

    where: Place = None
    counter: bool = False
    restored: bool = False
    saves: int = 0
    model: bool = False
    optimizer: bool = False


class Checkpoints(BaseModel):
    seen: list[Kept] = []


class Export(BaseModel):
    """A SavedModel: sizes of a batch that it takes and refuses, and how far it is from the trained model."""

    path: str
    where: Place = None
    refused: list[int] = []
    answered: list[int] = []
    difference: float = 0.0
    from_training: float = 1.0
    """How far its answers are from those of the trained model in training mode."""
    again: float = 0.0
    itself: bool = False
    """Whether it is the trained model as it is, with nothing around it."""
    last: bool = False
    """Whether no step came after it."""


class Exports(BaseModel):
    seen: list[Export] = []


class Summaries(BaseModel):
    """Scalars that were to be logged, and those of them that no writer took."""

    calls: int = 0
    lost: int = 0
    where: Place = None


def evaluated(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A model like the trained one that nobody trained or gave weights to."""
    found = facts.section("keras-evaluated", Evaluated)
    if found is None or not found.models or evidence.raised is not None:
        return
    message = "What is asked after the training is another model than the trained one, and has its random first values."
    fix = "Evaluate the model that was trained, or load its weights into the other one."
    yield make("optimizer-bound-to-other-parameters", "warning", message, fix, at=found.where, models=found.models)


def twins(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """A target that is the network itself, and ties that are copies."""
    found = facts.section("keras-twins", Twins)
    if found is None or not facts.steps:
        return
    fix = "Make the other one with keras.models.clone_model, and give it the weights with set_weights."
    again = [one for one in found.itself if one.count >= 2]
    if found.references:
        one = found.references[0]
        message = f"{' and '.join(one.names)} have the very same weights, so that neither is behind the other."
        yield make("target-is-a-reference", "warning", message, fix, at=one.where, names=one.names)
    elif again:
        message = f"A model is given its own weights of that moment, {again[0].count} times: the copy is none."
        yield make("target-is-a-reference", "warning", message, fix, at=again[0].where, count=again[0].count)
    apart = [one for one in found.copied if one.apart]
    if apart:
        message = f"{' and '.join(apart[0].names)} began as copies of each other and are not tied: they are apart now."
        fix = "Use the one variable in both places, such as keras.ops.matmul(x, keras.ops.transpose(table))."
        yield make("tied-weights-copied", "warning", message, fix, names=apart[0].names)


def resuming(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Checkpoints that training is to go on from, without what the optimiser has gathered."""
    found = facts.section("keras-checkpoints", Checkpoints)
    for one in found.seen if found else []:
        if one.model and not one.optimizer and facts.optimizers and (one.counter or one.restored):
            message = "The checkpoint that training goes on from holds the model, and not the optimiser."
            fix = "Pass it too: tf.train.Checkpoint(model=model, optimizer=optimizer, epoch=epoch)."
            yield make("checkpoint-cannot-resume", "warning", message, fix, at=one.where, saves=one.saves)
            return


def exports(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Exported models that answer something else than the trained one, or take one size of batch alone."""
    found = facts.section("keras-exports", Exports)
    for one in found.seen if found else []:
        other = one.last and one.difference > CLOSE and (one.itself or one.from_training < CLOSE)
        if one.again > CLOSE or other:
            how = "differently each time" if one.again > CLOSE else "something else than the model in evaluation mode"
            message = f"What was exported to {one.path!r} answers {how}, by {max(one.again, one.difference):.2g} of it."
            fix = "Export the call with training=False, after the last training step."
            yield make("export-differs", "warning", message, fix, at=one.where, difference=one.difference)
        elif one.refused and one.answered:
            message = f"What was exported to {one.path!r} takes batches of {one.answered[0]} and refuses "
            message += f"{', '.join(map(str, one.refused))}."
            fix = "Leave the batch open in the signature: tf.TensorSpec([None, …]), or a shape that begins with None."
            yield make("export-of-fixed-size", "warning", message, fix, at=one.where, refused=one.refused)


def summaries(evidence: Evidence, facts: Facts, make: Maker) -> Iterator[Finding]:
    """Scalars that were given to TensorBoard, and are in no file."""
    found = facts.section("summaries", Summaries)
    if found is not None and found.lost and found.lost == found.calls and facts.steps:
        message = f"{found.lost} calls of tf.summary.scalar wrote nothing: no writer was the default one."
        fix = "Log inside of `with writer.as_default():`."
        yield make("logged-nowhere", "warning", message, fix, at=found.where, calls=found.calls)
